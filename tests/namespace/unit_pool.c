/* SPDX-License-Identifier: MIT */
/*
 * Ranges of ids: whose they are, what maps are made of them, and which containers may take.
 */
#include "support/test.h"
#include "namespace/maps.h"
#include "namespace/pool.h"
#include "namespace/subid.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct scratch_error err;

/* ---- the files ------------------------------------------------------------------------------ */

static void lines_are_by_name_or_by_number(void **state)
{
    static const char text[] = "alice:100000:65536\n"
                               "1000:300000:10\n"
                               "alicia:1:1\n"
                               "alice:200000:5"; /* and no end of line */
    const struct subid_user alice = {.name = "alice", .number = "1000"};
    struct scratch_id_range range[4];
    (void)state;
    assert_int_equal(subid_ranges(text, &alice, range, 4), 3);
    assert_int_equal(range[0].first, 100000);
    assert_int_equal(range[1].first, 300000);
    assert_int_equal(range[1].count, 10);
    assert_int_equal(range[2].count, 5);
    assert_int_equal(subid_ranges(text, &alice, range, 0), 3); /* no more are filled in */
}

static void bad_lines_are_passed_over(void **state)
{
    static const char text[] = "alice:1\nalice:1:\nalice::1\nalice:1:0\nalice:-1:5\nalice:1:5x\n"
                               "alice:4294967295:2\nalice:4294967296:1\n\nalice\n:\nalice:7: 7\n"
                               "alice:1:1:1\nalice:5:6\nalice:9";
    const struct subid_user alice = {.name = "alice"};
    struct scratch_id_range range[4];
    (void)state;
    assert_int_equal(subid_ranges(text, &alice, range, 4), 1);
    assert_int_equal(range[0].first, 5);
    assert_int_equal(range[0].count, 6);
}

static void nobody_has_no_lines(void **state)
{
    const struct subid_user nobody = {.name = ""};
    struct scratch_id_range range;
    (void)state;
    assert_int_equal(subid_ranges(":1:2\n", &nobody, &range, 1), 0);
}

/* ---- maps ----------------------------------------------------------------------------------- */

static void assert_map(uint32_t inside, const struct scratch_id_range *range, size_t count,
                       const char *expected)
{
    struct scratch_id_map map[8];
    char text[256] = "";
    size_t lines = maps_around(map, inside, 1000, range, count);
    for (size_t i = 0; i < lines; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%u %u %u", i ? "," : "",
                 map[i].inside, map[i].outside, map[i].count);
    assert_string_equal(text, expected);
}

static void the_own_id_is_0_and_ranges_follow(void **state)
{
    static const struct scratch_id_range ranges[] = {{100000, 65536}, {300000, 10}};
    (void)state;
    assert_map(0, ranges, 2, "0 1000 1,1 100000 65536,65537 300000 10");
    assert_map(0, ranges, 0, "0 1000 1");
}

static void the_own_id_keeps_its_number_between_ranges(void **state)
{
    static const struct scratch_id_range ranges[] = {{100000, 65536}, {300000, 10}};
    static const struct scratch_id_range few[] = {{100000, 10}, {300000, 10}};
    static const struct scratch_id_range exact[] = {{100000, 1000}, {300000, 10}};
    (void)state;
    assert_map(1000, ranges, 2, "0 100000 1000,1000 1000 1,1001 101000 64536,65537 300000 10");
    assert_map(1000, few, 2, "0 100000 10,10 300000 10,1000 1000 1");
    assert_map(1000, exact, 2, "0 100000 1000,1000 1000 1,1001 300000 10");
}

static void a_map_ends_at_the_last_id(void **state)
{
    static const struct scratch_id_range all[] = {{0, UINT32_MAX - 1}, {0, UINT32_MAX - 1}};
    (void)state;
    assert_map(0, all, 2, "0 1000 1,1 0 4294967294");
}

/* ---- what containers may take ---------------------------------------------------------------- */

static const char whole_map[] = "         0          0 4294967295\n";

static void assert_pool(const char *subuid, const char *subgid, const char *map,
                        const char *expected)
{
    struct id_pool pool;
    char text[512] = "";
    int rc = id_pool_choose(&pool, &(struct id_files){subuid, subgid, map, map}, &err);
    assert_int_equal(rc, *expected ? 0 : -ENOSPC);
    for (size_t i = 0; i < pool.count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%u+%u", i ? "," : "",
                 pool.range[i].first / SCRATCH_ID_RANGE, pool.range[i].count / SCRATCH_ID_RANGE);
    assert_string_equal(text, expected);
    id_pool_free(&pool);
}

static void without_lines_it_is_what_nobody_has(void **state)
{
    (void)state;
    assert_pool(NULL, NULL, whole_map, "28672+4094");
    assert_pool("", "alice:100000:65536\n", whole_map, "28672+4094");
    assert_pool("bob:1879113728:65537\n", "", whole_map, "28672+1,28675+4091");
    assert_pool("", "bob:1879048192:65536\n", whole_map, "28673+4093");
}

static void lines_of_containers_come_first(void **state)
{
    static const char both[] = "containers:2147483647:262145\nroot:655360:131072\n";
    (void)state;
    assert_pool(both, both, whole_map, "32768+4");
    /* the ranges of users and groups have the same numbers */
    assert_pool("containers:131072:131072\n", "containers:196608:131072\n", whole_map, "3+1");
}

static void too_small_a_line_is_an_error(void **state)
{
    static const char small[] = "containers:100000:65536\n";
    (void)state;
    assert_pool(small, small, whole_map, "");
    assert_string_equal(err.subject, "containers");
    assert_non_null(strstr(err.cause, "multiple of 65536"));
    assert_pool("containers:131072:65536\n", "", whole_map, "");
}

static void a_user_namespace_has_what_it_has(void **state)
{
    (void)state;
    assert_pool(NULL, NULL, "0 100000 65536\n", "");
    assert_non_null(strstr(err.cause, "user namespace"));
    assert_pool(NULL, NULL, "0 5 10\n1879048192 7 131072\n", "28672+2");
}

TEST_MAIN(lines_are_by_name_or_by_number, bad_lines_are_passed_over, nobody_has_no_lines,
          the_own_id_is_0_and_ranges_follow, the_own_id_keeps_its_number_between_ranges,
          a_map_ends_at_the_last_id, without_lines_it_is_what_nobody_has,
          lines_of_containers_come_first, too_small_a_line_is_an_error,
          a_user_namespace_has_what_it_has)
