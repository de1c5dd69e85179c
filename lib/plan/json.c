/* SPDX-License-Identifier: MIT */
#include "base/capability.h"
#include "base/error_name.h"
#include "base/json.h"
#include "plan/words.h"
#include "step/names.h"
#include "step/words.h"

#include <errno.h>
#include <linux/filter.h>
#include <scratch/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- one argument --------------------------------------------------------------------------- */

struct argument {
    struct json *json;
    const char *name;
    const struct step_walk *w;
    const struct step *step;
    unsigned i;
};

static void put_text(const struct argument *a)
{
    json_text(a->json, a->name, step_text_shown(a->w, a->step->text[a->i]));
}

static void put_id(const struct argument *a)
{
    json_text(a->json, a->name, step_id_shown(a->w, a->step->text[a->i]));
}

static void put_list(const struct argument *a)
{
    const struct block_list *list = step_list(a->w, a->step->text[a->i]);
    json_open_array(a->json, a->name);
    for (uint32_t n = 0; list && n < list->count; n++)
        json_text(a->json, NULL, block_at(a->w->plan, list->text[n]));
    json_close(a->json);
}

static void put_ids(const struct argument *a)
{
    const struct block_list *list = step_list(a->w, a->step->text[a->i]);
    json_open_array(a->json, a->name);
    for (uint32_t n = 0; list && n < list->count; n++)
        json_number(a->json, NULL, list->text[n]);
    json_close(a->json);
}

static void put_lines(const struct argument *a)
{
    const char *text = step_text(a->w, a->step->text[a->i]);
    char *copy = strdup(text ? text : ""), *rest = copy, *line;
    if (!copy)
        a->json->failed = -ENOMEM;
    json_open_array(a->json, a->name);
    while (copy && (line = strtok_r(rest, "\n", &rest)))
        json_text(a->json, NULL, line);
    json_close(a->json);
    free(copy);
}

/* As hexadecimal bytes, in this machine's order: what `xxd -r -p` gives back to a disassembler. */
static void put_filter(const struct argument *a)
{
    const unsigned char *bytes = block_at(a->w->plan, a->step->text[a->i]);
    size_t size = a->step->num[0] * sizeof(struct sock_filter);
    char *text = calloc(2, size + 1);
    if (!text)
        a->json->failed = -ENOMEM;
    for (size_t n = 0; text && n < size; n++)
        snprintf(text + 2 * n, 3, "%02x", bytes[n]);
    json_text(a->json, a->name, text);
    free(text);
}

static void put_number(const struct argument *a)
{
    json_number(a->json, a->name, a->step->num[a->i]);
}

static void put_limit(const struct argument *a)
{
    if (a->step->num[a->i] == UINT64_MAX)
        json_text(a->json, a->name, "unlimited");
    else
        put_number(a);
}

static void put_yes(const struct argument *a)
{
    json_flag(a->json, a->name, a->step->num[a->i] != 0);
}

static void put_bit_0(const struct argument *a)
{
    json_flag(a->json, a->name, a->step->num[a->i] & 1);
}

static void put_bit_1(const struct argument *a)
{
    json_flag(a->json, a->name, a->step->num[a->i] & 2);
}

static void put_flags(const struct argument *a, const struct name_flag *names)
{
    json_open_array(a->json, a->name);
    for (; names->name; names++)
        if ((a->step->num[a->i] & names->value) == names->value)
            json_text(a->json, NULL, names->name);
    json_close(a->json);
}

static void put_namespaces(const struct argument *a)
{
    put_flags(a, names_namespaces);
}

static void put_attributes(const struct argument *a)
{
    put_flags(a, names_attributes);
}

static void put_cleared(const struct argument *a)
{
    put_flags(a, names_cleared);
}

/* "CAP_CHOWN", as config.json of the OCI runtime specification has it. */
static void put_caps(const struct argument *a)
{
    char name[CAPABILITY_NAME];
    json_open_array(a->json, a->name);
    for (int number = 0; number < 64; number++) {
        if (!(a->step->num[a->i] & UINT64_C(1) << number))
            continue;
        names_capability(number, name);
        for (char *c = name; *c; c++)
            if (*c >= 'a' && *c <= 'z') /* toupper(3) depends on the locale */
                *c = (char)(*c - 'a' + 'A');
        json_text(a->json, NULL, name);
    }
    json_close(a->json);
}

static void put_propagation(const struct argument *a)
{
    char text[32] = "";
    FILE *out = fmemopen(text, sizeof text, "w");
    if (!out) {
        a->json->failed = -ENOMEM;
        return;
    }
    names_write_propagation(out, a->step->num[a->i]);
    fclose(out);
    json_text(a->json, a->name, text);
}

static void put_resource(const struct argument *a)
{
    json_text(a->json, a->name, names_rlimit((int)a->step->num[a->i]));
}

static void put_slot(const struct argument *a)
{
    int slot = a->step->fd[a->i];
    if (slot < 0)
        json_text(a->json, a->name, NULL);
    else
        json_number(a->json, a->name, (uint64_t)slot);
}

static void put_group(const struct argument *a)
{
    const struct step *make = step_group(a->w, a->step->fd[a->i]);
    char *path = NULL;
    if (make && asprintf(&path, "%s/%s", step_text_shown(a->w, make->text[0]),
                         step_text_shown(a->w, make->text[1])) < 0) {
        a->json->failed = -ENOMEM;
        return;
    }
    json_text(a->json, a->name, path);
    free(path);
}

static void (*const types[WORD_TYPE_COUNT])(const struct argument *) = {
    [WORD_TEXT] = put_text,
    [WORD_ID] = put_id,
    [WORD_LINES] = put_lines,
    [WORD_CLOCKS] = put_lines,
    [WORD_LIST] = put_list,
    [WORD_LAYER] = put_text,
    [WORD_LOWERS] = put_list,
    [WORD_COMMAND] = put_list,
    [WORD_IDS] = put_ids,
    [WORD_FILTER] = put_filter,
    [WORD_NUMBER] = put_number,
    [WORD_LIMIT] = put_limit,
    [WORD_OCTAL] = put_number,
    [WORD_YES] = put_yes,
    [WORD_BIT_0] = put_bit_0,
    [WORD_BIT_1] = put_bit_1,
    [WORD_NAMESPACES] = put_namespaces,
    [WORD_ATTRIBUTES] = put_attributes,
    [WORD_CLEARED] = put_cleared,
    [WORD_PROPAGATION] = put_propagation,
    [WORD_CAPS] = put_caps,
    [WORD_RESOURCE] = put_resource,
    [WORD_SLOT] = put_slot,
    [WORD_GROUP] = put_group,
};

/* ---- the plan ------------------------------------------------------------------------------- */

static void put_arguments(struct json *j, const struct step_walk *w, const struct step *step)
{
    const struct word_argument *argument = step_words(step->kind)->argument;
    json_open_object(j, "arguments");
    for (int i = 0; i < WORD_ARGUMENTS && argument[i].name; i++) {
        const struct argument a = {j, argument[i].name, w, step, argument[i].index};
        if (types[argument[i].type])
            types[argument[i].type](&a);
    }
    json_close(j);
}

static void put_step(struct json *j, const struct step_walk *w, const struct scratch_step *s)
{
    json_open_object(j, NULL);
    json_number(j, "number", s->number);
    json_text(j, "side", error_side(s->side));
    json_text(j, "name", s->name);
    json_text(j, "call", s->call);
    json_text(j, "what", s->what);
    json_text(j, "why", s->why);
    json_text(j, "shell", s->shell);
    json_text(j, "undo", s->undo);
    json_flag(j, "best_effort", s->best_effort);
    put_arguments(j, w, step_at(w->plan, s->number - 1));
    json_close(j);
}

char *scratch_plan_json(const scratch_plan *plan)
{
    struct json j;
    const struct step_walk w = plan_view(plan);
    const struct scratch_step *steps = plan_words(plan);
    if (!steps)
        return NULL;
    json_begin(&j, true);
    json_text(&j, "libscratch", SCRATCH_VERSION);
    json_open_array(&j, "steps");
    for (uint32_t i = 0; i < w.plan->step_count; i++)
        put_step(&j, &w, &steps[i]);
    json_close(&j);
    return json_end(&j);
}
