/* SPDX-License-Identifier: MIT */
/*
 * The CPUs that a process may run on.
 */
#include "process/affinity.h"
#include "support/bundle.h"
#include "support/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void lists_are_read(void **state)
{
    affinity_mask mask;
    (void)state;
    assert_true(affinity_read("0-2,64,8191", mask));
    assert_int_equal(mask[0], 7);
    assert_int_equal(mask[1], 1);
    assert_int_equal(mask[AFFINITY_CPUS / 64 - 1], UINT64_C(1) << 63);
    static const char *const wrong[] = {"",    ",",    "1,",   "1,,2", "-1",
                                        "3-1", "1-",   "0 1",  "8192", "99999999999999999999",
                                        "a",   "0-1x", "1-2-3"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(affinity_read(wrong[i], mask));
}

static int run(const char *before, const char *cpus, char **out, struct scratch_error *err)
{
    const struct bundle_parts p = {.command = "grep Cpus_allowed_list /proc/self/status | cut -f2"};
    struct scratch_schedule schedule = SCRATCH_SCHEDULE_INIT;
    scratch_oci_bundle *bundle;
    int status;
    TEST_OK(bundle_load(&p, &bundle, err), err);
    struct scratch_spec spec = *scratch_oci_spec(bundle);
    struct scratch_process_options process = *spec.process;
    schedule.cpus_before = before;
    schedule.cpus = cpus;
    process.schedule = &schedule;
    spec.process = &process;
    *out = test_output(&spec, NULL, &status, err);
    scratch_oci_free(bundle);
    return status;
}

static void a_command_keeps_to_its_cpus(void **state)
{
    static const char *const rows[][2] = {{NULL, "0"}, {"0", NULL}, {"1,0", "0"}};
    struct scratch_error err = {0};
    char *out;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        TEST_OK(run(rows[i][0], rows[i][1], &out, &err), &err);
        assert_string_equal(out, "0\n");
        free(out);
    }
}

static void a_list_that_is_none_is_an_error(void **state)
{
    struct scratch_error err = {0};
    char *out;
    (void)state;
    assert_int_equal(run(NULL, "0-", &out, &err), -EINVAL);
    assert_string_equal(err.subject, "0-");
    free(out);
}

/* A bundle's is about what is run in the container later. */
static void a_bundles_is_for_another_process(void **state)
{
    const struct bundle_parts p = {
        .command = "true", .process = ",\"execCPUAffinity\":{\"initial\":\"0-1\",\"final\":\"0\"}"};
    struct scratch_oci_options options = SCRATCH_OCI_OPTIONS_INIT;
    struct scratch_error err = {0};
    scratch_oci_bundle *bundle, *process;
    (void)state;
    TEST_OK(bundle_load(&p, &bundle, &err), &err);
    assert_null(scratch_oci_spec(bundle)->process->schedule->cpus);
    assert_string_not_equal(scratch_oci_spec(bundle)->process->schedule->cpus_before, "0-1");
    options.text = scratch_oci_text(bundle);
    options.process_only = true;
    TEST_OK(scratch_oci_load(&options, &process, &err), &err);
    const struct scratch_schedule *schedule = scratch_oci_spec(process)->process->schedule;
    assert_string_equal(schedule->cpus_before, "0-1");
    assert_string_equal(schedule->cpus, "0");
    scratch_oci_free(process);
    scratch_oci_free(bundle);
}

TEST_MAIN(lists_are_read, a_command_keeps_to_its_cpus, a_list_that_is_none_is_an_error,
          a_bundles_is_for_another_process)
