/* SPDX-License-Identifier: MIT */
#include "support/test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *explain(const char *const *argv, const char *cwd)
{
    static const char *const env[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/a b", NULL};
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_rootfs_options rootfs = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_error err;
    scratch_plan *plan;
    namespaces.create = 0; /* others would need a user namespace, or not */
    rootfs.kind = SCRATCH_ROOTFS_UNCHANGED;
    process.argv = argv;
    process.env = env;
    process.cwd = cwd;
    process.capabilities = 0;
    process.seccomp = SCRATCH_SECCOMP_NONE;
    spec.namespaces = &namespaces;
    spec.rootfs = &rootfs;
    spec.process = &process;
    TEST_OK(scratch_plan_compile(&spec, &plan, &err), &err);
    char *text = scratch_plan_explain(plan);
    scratch_plan_free(plan);
    assert_non_null(text);
    return text;
}

static void a_small_plan_is_explained(void **state)
{
    static const char *const argv[] = {"sh", "-c", "echo $HOME", NULL};
    static const char want[] =
        "8 steps: 1 on the host, 7 in the container\n"
        "\n"
        "  1  host       make the first process\n"
        "                clone3(2). What a process sees is decided by the namespaces that it is\n"
        "                in.\n"
        "                $ sh\n"
        "                undo: kill it, and wait for it\n"
        "  2  container  be not dumpable\n"
        "                prctl(2). Such a process cannot be traced, nor can its fds be reached,\n"
        "                from inside.\n"
        "  3  container  keep no other capabilities than: none\n"
        "                prctl(2). The bounding set is the most that any program inside can get.\n"
        "                $ exec setpriv --bounding-set -all sh\n"
        "  4  container  be user 0, group 0\n"
        "                setresuid(2). Supplementary groups come first: afterwards they could not\n"
        "                be changed.\n"
        "                $ exec setpriv --reuid 0 --regid 0 --clear-groups sh\n"
        "  5  container  have these capabilities: none\n"
        "                capset(2). Those that a program started by another user than root\n"
        "                inherits are none, unless asked for.\n"
        "                $ exec setpriv --inh-caps -all --ambient-caps -all sh\n"
        "  6  container  go to /a b\n"
        "                chdir(2). And see that it is below the root: an fd of the host's would\n"
        "                show here.\n"
        "                $ cd '/a b'\n"
        "  7  container  gain no privileges by exec\n"
        "                prctl(2). Setuid programs run as whoever calls them.\n"
        "                $ exec setpriv --no-new-privs sh\n"
        "  8  container  execute sh -c 'echo $HOME'\n"
        "                execve(2). All that was set up stays: namespaces, root, limits and\n"
        "                filter go over an exec.\n"
        "                $ umask 0022; exec env -i PATH=/usr/local/bin:/usr/bin:/bin \\\n"
        "                  'HOME=/a b' sh -c 'echo $HOME'\n";
    (void)state;
    char *text = explain(argv, "/a b");
    assert_string_equal(text, want);
    free(text);
}

/* The part of an explanation that is the last step's command, without what begins its lines. */
static char *pasted(const char *text)
{
    const char *command = NULL;
    for (const char *at = text; (at = strstr(at, "\n                $ ")); at++)
        command = at + strlen("\n                $ ");
    assert_non_null(command);
    return strdup(command);
}

static void a_broken_command_can_be_pasted(void **state)
{
    static const char *const argv[] = {"printf",
                                       "%s|",
                                       "one long word after the other",
                                       "with 'quotes' and \"more\"",
                                       "control\ncharacters\tand $(things) `that` shells \\ expand",
                                       "",
                                       "the end",
                                       NULL};
    char *text = explain(argv, "/");
    char *command = pasted(text), result[4096] = "", *want = NULL;
    size_t size;
    (void)state;
    if (access("/bin/bash", X_OK) != 0)
        TEST_SKIP("needs bash");
    assert_non_null(strstr(command, "\\\n"));
    FILE *out = open_memstream(&want, &size);
    for (size_t i = 2; argv[i]; i++)
        fprintf(out, "%s|", argv[i]);
    fclose(out);
    setenv("COMMAND", command, 1);
    FILE *in = popen("exec /bin/bash -c 'eval \"$COMMAND\"'", "re");
    assert_non_null(in);
    size_t n = fread(result, 1, sizeof result - 1, in);
    assert_int_equal(pclose(in), 0);
    assert_int_equal(n, size);
    assert_string_equal(result, want);
    free(want);
    free(command);
    free(text);
}

static void a_long_argument_is_cut(void **state)
{
    static char longest[100000];
    static const char *const argv[] = {"sh", "-c", longest, NULL};
    (void)state;
    memset(longest, 'x', sizeof longest - 1);
    char *text = explain(argv, "/");
    assert_true(strlen(text) < 8192);
    assert_non_null(strstr(text, "xxx\xe2\x80\xa6\n"));
    free(text);
}

TEST_MAIN(a_small_plan_is_explained, a_broken_command_can_be_pasted, a_long_argument_is_cut)
