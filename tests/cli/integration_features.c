/* SPDX-License-Identifier: MIT */
#include "cli/ctl.h"

#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

static void features_are_a_table(void **state)
{
    struct utsname kernel;
    (void)state;
    struct ctl ctl = CTL("features", "--text");
    assert_int_equal(ctl.status, 0);
    assert_string_equal(ctl.err, "");
    assert_int_equal(uname(&kernel), 0);
    assert_non_null(strstr(ctl.out, kernel.release));
    assert_non_null(strstr(ctl.out, "Control groups: "));
    assert_non_null(strstr(ctl.out, "  clone3 "));
    assert_int_equal(strstr(ctl.out, "(clone(2) instead)") == NULL, test_has_call(SYS_clone3));
    assert_int_equal(strstr(ctl.out, "(mount(2) instead)") == NULL, test_has_call(SYS_open_tree));
    assert_non_null(strstr(ctl.out, "  user-namespaces "));
}

/* Brackets outside of strings match, and nothing follows: whether it is JSON, a program may say. */
static void features_are_an_object(void **state)
{
    int depth = 0;
    bool quoted = false;
    (void)state;
    struct ctl ctl = CTL("features", "--json");
    assert_int_equal(ctl.status, 0);
    assert_non_null(strstr(ctl.out, "\"version\":\"" SCRATCH_VERSION "\""));
    assert_non_null(strstr(ctl.out, "\"layout\":"));
    assert_non_null(strstr(ctl.out, "\"mnt\":true"));
    for (const char *c = ctl.out; *c; c++) {
        if (*c == '"')
            quoted = !quoted;
        if (!quoted)
            depth += (*c == '{' || *c == '[') - (*c == '}' || *c == ']');
        assert_int_equal(depth == 0, *c == '\n' || strcmp(c, "}\n") == 0);
    }
    assert_int_equal(depth, 0);
}

/* Engines ask for these: features.md and features-linux.md of the specification. */
static void engines_are_told(void **state)
{
    static const char *const words[] = {
        "\"ociVersionMax\": \"1.",          "\"systemdUser\": true",
        "\"CAP_CHECKPOINT_RESTORE\"",       "\"potentiallyUnsafeConfigAnnotations\": [",
        "\"run.oci.keep_original_groups\"", "\"run.oci.pidfd_receiver\"",
        "\"org.libscratch.version\""};
    (void)state;
    struct ctl ctl = CTL("features");
    assert_int_equal(ctl.status, 0);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strstr(ctl.out, words[i]))
            fail_msg("there is no %s", words[i]);
}

static void nothing_else_is_taken(void **state)
{
    (void)state;
    assert_int_equal(CTL("features", "all").status, 1);
    assert_int_equal(CTL("features", "--xml").status, 1);
}

TEST_MAIN(features_are_a_table, features_are_an_object, engines_are_told, nothing_else_is_taken)
