/* SPDX-License-Identifier: MIT */
/*
 * What the options of namespaces become, and what is refused before anything is made.
 */
#include "support/test.h"
#include "base/privilege.h"
#include "namespace/compile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct scratch_error err;

static struct scratch_namespace_options options(uint64_t create)
{
    struct scratch_namespace_options o = SCRATCH_NAMESPACE_OPTIONS_INIT;
    o.create = create;
    return o;
}

/* What a plan has for them, up to the clone and what follows it directly. */
static int compile(struct builder *b, const struct scratch_namespace_options *o)
{
    builder_begin(b, &err);
    int rc = namespace_compile_begin(b, o);
    return rc < 0 ? rc : namespace_compile_clone(b, o, -1);
}

static int result(const struct scratch_namespace_options *o)
{
    struct builder b;
    int rc = compile(&b, o);
    builder_free(&b);
    return rc;
}

static const struct step *find(const struct builder *b, enum step_kind kind)
{
    for (uint32_t i = 0; i < b->step_count; i++)
        if (b->steps[i].kind == kind)
            return &b->steps[i];
    return NULL;
}

static const char *text_of(const struct builder *b, uint32_t text)
{
    return block_at(b->block.data, text);
}

/* ---- id maps --------------------------------------------------------------------------------- */

static void ones_own_id_is_mapped_by_the_child(void **state)
{
    struct scratch_namespace_options o = options(SCRATCH_NS_USER);
    char expected[32];
    struct builder b;
    (void)state;
    TEST_OK(compile(&b, &o), &err);
    assert_true(b.user_namespace && !b.ranges);
    const struct step *step = find(&b, STEP_ID_MAPS);
    assert_non_null(step);
    snprintf(expected, sizeof expected, "0 %u 1", geteuid());
    assert_string_equal(text_of(&b, step->text[0]), expected);
    assert_true(step->num[0]); /* setgroups is denied */
    assert_null(find(&b, STEP_MEET));
    assert_null(find(&b, STEP_KEEP_CAPS));
    builder_free(&b);
}

static void another_number_inside_needs_capabilities_kept_over_exec(void **state)
{
    const struct scratch_id_map own = {1000, geteuid(), 1};
    struct scratch_namespace_options o = options(SCRATCH_NS_USER);
    struct builder b;
    (void)state;
    o.uid_map = &own;
    o.uid_map_count = 1;
    TEST_OK(compile(&b, &o), &err);
    assert_true(b.user_namespace && !b.ranges);
    assert_non_null(find(&b, STEP_KEEP_CAPS));
    builder_free(&b);
}

/* A map that takes privilege to write: the caller writes it, or is told why it cannot. */
static void written_by_the_caller(const struct scratch_id_map *map, size_t count,
                                  const char *expected)
{
    struct scratch_namespace_options o = options(SCRATCH_NS_USER);
    struct builder b;
    o.uid_map = o.gid_map = map;
    o.uid_map_count = o.gid_map_count = count;
    int rc = compile(&b, &o);
    if (!privilege_has(CAP_SETUID)) { /* by newuidmap, or not at all */
        assert_true(rc == 0 ? find(&b, STEP_ID_MAPS_BY) != NULL
                            : strstr(err.what, "other ids") != NULL);
    } else {
        TEST_OK(rc, &err);
        assert_true(b.ranges);
        const struct step *step = find(&b, STEP_ID_MAPS_OF);
        assert_non_null(step);
        assert_int_equal(step->side, STEP_HOST);
        assert_string_equal(text_of(&b, step->text[0]), expected);
        assert_int_equal(step[-1].kind, STEP_MEET);
        assert_int_equal(step[1].kind, STEP_BECOME_ROOT);
    }
    builder_free(&b);
}

static void other_ids_are_mapped_by_the_caller(void **state)
{
    static const struct scratch_id_map ranges[] = {{0, 100000, 1000}, {5000, 200000, 1}};
    const struct scratch_id_map another = {0, geteuid() + 1, 1};
    char expected[32];
    (void)state;
    written_by_the_caller(ranges, 2, "0 100000 1000\n5000 200000 1");
    snprintf(expected, sizeof expected, "0 %u 1", geteuid() + 1);
    written_by_the_caller(&another, 1, expected);
}

static void maps_are_checked(void **state)
{
    struct scratch_id_map map[341] = {{0, 1, 1}};
    struct scratch_namespace_options o = options(SCRATCH_NS_USER);
    (void)state;
    if (!privilege_has(CAP_SETUID))
        TEST_SKIP("without CAP_SETUID all of these are refused at once");
    o.uid_map = o.gid_map = map;
    o.uid_map_count = o.gid_map_count = 1;
    TEST_OK(result(&o), &err);
    map[0].count = 0;
    assert_int_equal(result(&o), -EINVAL);
    map[0] = (struct scratch_id_map){0, UINT32_MAX - 1, 2};
    assert_int_equal(result(&o), -EINVAL);
    map[0] = (struct scratch_id_map){1, 100000, 10}; /* nobody to set the container up as */
    assert_int_equal(result(&o), -EINVAL);
    assert_non_null(strstr(err.cause, "id 0"));
    map[0] = (struct scratch_id_map){0, 100000, 10};
    o.uid_map_count = 341;
    assert_int_equal(result(&o), -EINVAL);
    assert_non_null(strstr(err.cause, "340"));
}

static void maps_are_for_user_namespaces(void **state)
{
    const struct scratch_id_map own = {0, geteuid(), 1};
    struct scratch_namespace_options o = options(0);
    (void)state;
    o.uid_map = &own;
    o.uid_map_count = 1;
    assert_int_equal(result(&o), -EINVAL);
    assert_non_null(strstr(err.hint, "SCRATCH_NS_USER"));
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void offsets_are_counted_up_from_the_second_below(void **state)
{
    struct scratch_namespace_options o = options(SCRATCH_NS_TIME);
    struct builder b;
    (void)state;
    o.monotonic_offset = -1;
    o.boottime_offset = 86400 * INT64_C(1000000000) + 5;
    TEST_OK(compile(&b, &o), &err);
    assert_string_equal(text_of(&b, find(&b, STEP_TIME_OFFSETS)->text[0]),
                        "monotonic -1 999999999\nboottime 86400 5");
    builder_free(&b);
    o.monotonic_offset = INT64_MIN;
    TEST_OK(compile(&b, &o), &err);
    assert_string_equal(text_of(&b, find(&b, STEP_TIME_OFFSETS)->text[0]),
                        "monotonic -9223372037 145224192\nboottime 86400 5");
    builder_free(&b);
    o = options(SCRATCH_NS_UTS);
    o.boottime_offset = 1;
    assert_int_equal(result(&o), -EINVAL);
}

static void names_belong_to_a_new_uts_namespace(void **state)
{
    struct scratch_namespace_options o = options(SCRATCH_NS_UTS);
    (void)state;
    o.hostname = "a-name-that-is-just-as-long-as-the-kernel-will-take-it-64-bytes-";
    assert_int_equal(strlen(o.hostname), 64);
    TEST_OK(result(&o), &err);
    o.hostname = "a-name-that-is-just-as-long-as-the-kernel-will-take-it-64-bytes-+";
    assert_int_equal(result(&o), -EINVAL);
    assert_string_equal(err.subject, o.hostname);
    o = options(SCRATCH_NS_IPC);
    o.domainname = "short";
    assert_int_equal(result(&o), -EINVAL);
    assert_non_null(strstr(err.cause, "host's"));
}

static void a_type_is_made_or_joined_but_not_both(void **state)
{
    struct scratch_namespace_join join = {SCRATCH_NS_UTS, -1, "/run/netns/x"};
    struct scratch_namespace_options o = options(SCRATCH_NS_UTS);
    (void)state;
    o.join = &join;
    o.join_count = 1;
    assert_int_equal(result(&o), -EINVAL);
    assert_string_equal(err.subject, "/run/netns/x");
    join.type = SCRATCH_NS_NET;
    TEST_OK(result(&o), &err);
    join.type = SCRATCH_NS_NET | SCRATCH_NS_IPC;
    assert_int_equal(result(&o), -EINVAL);
    join.type = 0;
    assert_int_equal(result(&o), -EINVAL);
}

static void an_unknown_type_is_refused(void **state)
{
    struct scratch_namespace_options o = options(SCRATCH_NS_DEFAULT | 1);
    (void)state;
    assert_int_equal(result(&o), -EINVAL);
}

TEST_MAIN(ones_own_id_is_mapped_by_the_child,
          another_number_inside_needs_capabilities_kept_over_exec,
          other_ids_are_mapped_by_the_caller, maps_are_checked, maps_are_for_user_namespaces,
          offsets_are_counted_up_from_the_second_below, names_belong_to_a_new_uts_namespace,
          a_type_is_made_or_joined_but_not_both, an_unknown_type_is_refused)
