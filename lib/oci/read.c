/* SPDX-License-Identifier: MIT */
/*
 * Memory, and members of a document.
 */
#include "oci/bundle.h"
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WARNINGS_MAX 32

struct oci_piece {
    struct oci_piece *next;
    _Alignas(16) char data[];
};

void *oci_take(struct scratch_oci_bundle *bundle, size_t count, size_t size)
{
    struct oci_piece *piece = NULL;
    if (count < SIZE_MAX / 2 / size)
        piece = calloc(1, sizeof *piece + count * size);
    if (!piece) {
        error_set(bundle->err, ENOMEM, "read the bundle", bundle->path, NULL);
        return NULL;
    }
    piece->next = bundle->pieces;
    bundle->pieces = piece;
    return piece->data;
}

char *oci_print(struct scratch_oci_bundle *bundle, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int n = vsnprintf(NULL, 0, format, arguments);
    char *text = n < 0 ? NULL : oci_take(bundle, (size_t)n + 1, 1);
    if (text)
        vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    va_end(arguments);
    return text;
}

const char *oci_path(struct scratch_oci_bundle *bundle, const char *base, const char *path)
{
    return *path == '/' ? path : oci_print(bundle, "%s/%s", base, path);
}

struct scratch_error *oci_warn(struct scratch_oci_bundle *bundle)
{
    size_t size = (bundle->warning_count + 1) * sizeof *bundle->warnings;
    struct scratch_error *warnings =
        bundle->warning_count < WARNINGS_MAX ? realloc(bundle->warnings, size) : NULL;
    if (!warnings)
        return NULL;
    bundle->warnings = warnings;
    return memset(&bundle->warnings[bundle->warning_count++], 0, sizeof *warnings);
}

void scratch_oci_free(scratch_oci_bundle *bundle)
{
    if (!bundle)
        return;
    while (bundle->pieces) {
        struct oci_piece *next = bundle->pieces->next;
        free(bundle->pieces);
        bundle->pieces = next;
    }
    json_read_end(&bundle->document);
    json_read_end(&bundle->process_document);
    free((void *)bundle->process.filter);
    free(bundle->warnings);
    free(bundle->text);
    free(bundle->process_text);
    free(bundle);
}

/* ---- members -------------------------------------------------------------------------------- */

int oci_text(struct scratch_oci_bundle *bundle, const struct json_in *object, const char *name,
             const char **text)
{
    struct json_in value;
    return json_member(object, name, &value) ? json_get_text(&value, text, bundle->err) : 0;
}

int oci_flag(struct scratch_oci_bundle *bundle, const struct json_in *object, const char *name,
             bool *flag)
{
    struct json_in value;
    return json_member(object, name, &value) ? json_get_flag(&value, flag, bundle->err) : 0;
}

int oci_number(struct scratch_oci_bundle *bundle, const struct json_in *object, const char *name,
               uint64_t most, uint64_t *number)
{
    struct json_in value;
    return json_member(object, name, &value) ? json_get_number(&value, most, number, bundle->err)
                                             : 0;
}

int oci_signed(struct scratch_oci_bundle *bundle, const struct json_in *object, const char *name,
               int64_t least, int64_t most, int64_t *number)
{
    struct json_in value;
    return json_member(object, name, &value)
               ? json_get_signed(&value, least, most, number, bundle->err)
               : 0;
}

int oci_array(struct scratch_oci_bundle *bundle, const struct json_in *object, const char *name,
              struct json_in *array, size_t *count)
{
    *count = 0;
    if (!json_member(object, name, array))
        return 0;
    int rc = json_expect(array, JSON_ARRAY, bundle->err);
    *count = rc == 0 ? json_count(array) : 0;
    return rc;
}

int oci_texts(struct scratch_oci_bundle *bundle, const struct json_in *object, const char *name,
              const char ***texts, size_t *count)
{
    struct json_in array, item;
    size_t n;
    int rc = oci_array(bundle, object, name, &array, &n);
    if (rc < 0 || !json_member(object, name, &array))
        return rc;
    const char **result = oci_take(bundle, n + 1, sizeof *result);
    for (size_t i = 0; result && i < n && rc == 0; i++) {
        json_item(&array, i, &item);
        rc = json_get_text(&item, &result[i], bundle->err);
    }
    if (!result)
        return -ENOMEM;
    *texts = result;
    if (count)
        *count = n;
    return rc;
}

int oci_missing(struct scratch_oci_bundle *bundle, const struct json_in *object, const char *name)
{
    char cause[80];
    snprintf(cause, sizeof cause, "it has no %s", name);
    return json_wrong(object, cause, "see the OCI runtime specification, config.md", bundle->err);
}

int oci_id_map(struct scratch_oci_bundle *bundle, const struct json_in *object, const char *name,
               const struct scratch_id_map **map, size_t *map_count)
{
    struct json_in array, item;
    size_t count;
    int rc = oci_array(bundle, object, name, &array, &count);
    if (rc < 0 || count == 0)
        return rc;
    struct scratch_id_map *lines = oci_take(bundle, count, sizeof *lines);
    if (!lines)
        return -ENOMEM;
    for (size_t i = 0; i < count && rc == 0; i++) {
        uint64_t inside = 0, outside = 0, size = 0;
        json_item(&array, i, &item);
        rc = json_expect(&item, JSON_OBJECT, bundle->err);
        if (rc == 0)
            rc = oci_number(bundle, &item, "containerID", UINT32_MAX, &inside);
        if (rc == 0)
            rc = oci_number(bundle, &item, "hostID", UINT32_MAX, &outside);
        if (rc == 0)
            rc = oci_number(bundle, &item, "size", UINT32_MAX, &size);
        lines[i] = (struct scratch_id_map){(uint32_t)inside, (uint32_t)outside, (uint32_t)size};
    }
    *map = lines;
    *map_count = count;
    return rc;
}
