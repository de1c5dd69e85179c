/* SPDX-License-Identifier: MIT */
/*
 * Each option of scratchctl run, as seen from inside.
 */
#include "cli/ctl.h"
#include "support/rootfs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void says(struct ctl ctl, const char *out)
{
    if (ctl.status != 0)
        fail_msg("%d: %s", ctl.status, ctl.err);
    assert_string_equal(ctl.out, out);
}

/* A line of /proc/self/status, from inside. */
static const char *status_line(struct ctl ctl, const char *name)
{
    static char line[128];
    const char *found = strstr(ctl.out, name);
    if (!found)
        fail_msg("no %s: %d: %s", name, ctl.status, ctl.err);
    found += strlen(name);
    found += strspn(found, ":\t ");
    snprintf(line, sizeof line, "%.*s", (int)strcspn(found, "\n"), found);
    return line;
}

/* True when there is a file of that name below a directory. */
static bool there(const char *directory, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return access(path, F_OK) == 0;
}

/* ---- defaults ------------------------------------------------------------------------------- */

static void the_command_runs_with_the_defaults(void **state)
{
    (void)state;
    ctl_need_containers();
    says(CTL("run", "--", "sh", "-c", "echo $(hostname) $(pwd) $$ $HOME $(id -u):$(id -g)"),
         "scratch / 2 /root 0:0\n");
}

static void standard_input_is_passed_through(void **state)
{
    static const char *const cat[] = {"run", "--", "cat", NULL};
    (void)state;
    ctl_need_containers();
    says(ctl_run("one\ntwo", cat), "one\ntwo");
}

static void standard_error_is_the_commands(void **state)
{
    (void)state;
    ctl_need_containers();
    struct ctl ctl = CTL("run", "--", "sh", "-c", "echo oops >&2");
    says(ctl, "");
    assert_string_equal(ctl.err, "oops\n");
}

static void the_host_is_not_changed(void **state)
{
    (void)state;
    ctl_need_containers();
    says(CTL("run", "--", "sh", "-c", "echo x >/libscratch-cli-test && cat /libscratch-cli-test"),
         "x\n");
    assert_int_equal(access("/libscratch-cli-test", F_OK), -1);
}

/* ---- root file system and mounts ------------------------------------------------------------ */

static void a_directory_is_written_through(void **state)
{
    (void)state;
    ctl_need_containers();
    const char *root = test_rootfs_new();
    says(CTL("run", root, "--", "sh", "-c", "echo in >/made; cat /made"), "in\n");
    assert_true(there(root, "made"));
}

static void a_directory_is_kept_as_it_is(void **state)
{
    (void)state;
    ctl_need_containers();
    const char *root = test_rootfs_new();
    struct ctl ctl = CTL("run", root, "--read-only", "--", "touch", "/made");
    assert_int_equal(ctl.status, 1);
    assert_non_null(strstr(ctl.err, "Read-only"));
    says(CTL("run", "--volatile", root, "--", "sh", "-c", "echo y >/made; cat /made"), "y\n");
    assert_false(there(root, "made"));
}

static void layers_lie_in_the_order_given(void **state)
{
    (void)state;
    ctl_need_containers();
    const char *root = test_rootfs_new(), *top = test_directory(), *middle = test_directory();
    test_make_file(root, "a", "root");
    test_make_file(root, "b", "root");
    test_make_file(root, "c", "root");
    test_make_file(top, "a", "top");
    test_make_file(middle, "a", "middle");
    test_make_file(middle, "b", "middle");
    says(CTL("run", "--overlay", top, "--overlay", middle, root, "--", "sh", "-c",
             "echo $(cat /a) $(cat /b) $(cat /c); echo z >/d"),
         "top middle root\n");
    assert_false(there(root, "d"));
    assert_false(there(top, "d"));
}

static void an_upper_keeps_the_writes(void **state)
{
    (void)state;
    ctl_need_containers();
    const char *root = test_rootfs_new(), *layer = test_directory();
    const char *upper = test_make_directory(layer, "upper");
    const char *work = test_make_directory(layer, "work");
    says(CTL("run", "--upper", upper, "--work", work, root, "--", "sh", "-c", "echo u >/made"), "");
    assert_true(there(upper, "made"));
    assert_false(there(root, "made"));
}

static void a_volume_is_there(void **state)
{
    (void)state;
    ctl_need_containers();
    const char *root = test_rootfs_new(), *volume = test_directory();
    test_make_directory(root, "data");
    char through[512], kept[512];
    test_make_file(volume, "file", "outside");
    snprintf(through, sizeof through, "%s:/data", volume);
    snprintf(kept, sizeof kept, "%s:/data:ro", volume);
    says(CTL("run", "-v", through, root, "--", "sh", "-c", "cat /data/file; echo 1 >/data/new"),
         "outside");
    assert_true(there(volume, "new"));
    struct ctl ctl = CTL("run", "--volume", kept, root, "--", "touch", "/data/newer");
    assert_int_equal(ctl.status, 1);
    assert_non_null(strstr(ctl.err, "Read-only"));
}

static void a_tmpfs_is_empty(void **state)
{
    (void)state;
    ctl_need_containers();
    const char *root = test_rootfs_new();
    test_make_file(test_make_directory(root, "data"), "file", "below");
    struct ctl ctl = CTL("run", "--tmpfs", "/data:size=64k", root, "--", "sh", "-c",
                         "ls /data; cat /proc/self/mounts");
    assert_int_equal(ctl.status, 0);
    const char *line = strstr(ctl.out, " /data tmpfs ");
    assert_non_null(line);
    assert_null(strstr(ctl.out, "file"));
    assert_non_null(strstr(line, "nosuid,nodev"));
    assert_non_null(strstr(line, "size=64k"));
}

/* ---- the command ---------------------------------------------------------------------------- */

static void variables_are_added(void **state)
{
    (void)state;
    ctl_need_containers();
    assert_int_equal(setenv("LIBSCRATCH_OUTER", "outside", 1), 0);
    says(CTL("run", "-e", "A=b c", "--env", "LIBSCRATCH_OUTER", "-e", "HOME=/tmp", "--", "sh", "-c",
             "echo $A, $LIBSCRATCH_OUTER, $HOME, $PATH"),
         "b c, outside, /tmp, /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");
}

/* The defaults are written in two places: in the library, and where --env adds to them. */
static void a_variable_more_changes_no_other(void **state)
{
    char without[4096];
    (void)state;
    ctl_need_containers();
    const char *root = test_rootfs_new();
    assert_int_equal(setenv("TERM", "dumb", 1), 0);
    struct ctl ctl = CTL("run", root, "--", "env");
    assert_int_equal(ctl.status, 0);
    snprintf(without, sizeof without, "%sA=b\n", ctl.out);
    ctl = CTL("run", "-e", "A=b", root, "--", "env");
    assert_int_equal(ctl.status, 0);
    for (const char *line = without; *line; line += strcspn(line, "\n") + 1) {
        char variable[256];
        snprintf(variable, sizeof variable, "%.*s\n", (int)strcspn(line, "\n"), line);
        assert_non_null(strstr(ctl.out, variable));
    }
    assert_int_equal(strlen(ctl.out), strlen(without));
}

static void it_begins_in_a_directory(void **state)
{
    (void)state;
    ctl_need_containers();
    says(CTL("run", "-w", "/usr", "--", "pwd"), "/usr\n");
}

static void it_is_another_user(void **state)
{
    (void)state;
    ctl_need_containers();
    if (!test_privileged()) {
        struct ctl ctl = CTL("run", "-u", "1", "--", "true");
        assert_int_equal(ctl.status, 125);
        return;
    }
    says(CTL("run", "-u", "1", "--", "sh", "-c", "id -u; id -g; id -G"), "1\n1\n1\n");
    says(CTL("run", "--user=12:34", "--", "sh", "-c", "id -u; id -g; id -G"), "12\n34\n34\n");
}

static void it_is_process_1_without_an_init(void **state)
{
    (void)state;
    ctl_need_containers();
    says(CTL("run", "--init=no", "--", "sh", "-c", "echo $$"), "1\n");
}

/* ---- isolation ------------------------------------------------------------------------------ */

static void it_has_a_host_name(void **state)
{
    (void)state;
    ctl_need_containers();
    says(CTL("run", "--hostname", "web", "--", "hostname"), "web\n");
}

static const char *own_namespace(const char *path)
{
    static char link[64];
    ssize_t n = readlink(path, link, sizeof link - 2);
    assert_true(n > 0);
    memcpy(link + n, "\n", 2);
    return link;
}

static void the_network_is_chosen(void **state)
{
    static const char inside[] = "/proc/self/ns/net";
    (void)state;
    ctl_need_containers();
    const char *own = own_namespace(inside);
    says(CTL("run", "--net", "host", "--", "readlink", inside), own);
    struct ctl ctl = CTL("run", "--net=none", "--", "readlink", inside);
    assert_int_equal(ctl.status, 0);
    assert_string_not_equal(ctl.out, own);
    if (!test_privileged())
        return;
    says(CTL("run", "--net", "/proc/self/ns/net", "--", "readlink", inside), own);
    says(CTL("run", "--net", "ns:/proc/self/ns/net", "--", "readlink", inside), own);
}

static void a_user_namespace_is_asked_for(void **state)
{
    static const char inside[] = "/proc/self/ns/user";
    (void)state;
    ctl_need_containers();
    const char *own = own_namespace(inside);
    struct ctl ctl = CTL("run", "--userns=private", "--", "readlink", inside);
    assert_int_equal(ctl.status, 0);
    assert_string_not_equal(ctl.out, own);
    if (test_privileged())
        says(CTL("run", "--userns=host", "--", "readlink", inside), own);
}

static void capabilities_are_what_was_asked_for(void **state)
{
    (void)state;
    ctl_need_containers();
    struct ctl ctl = CTL("run", "--", "cat", "/proc/self/status");
    assert_string_equal(status_line(ctl, "CapEff"), "00000000800405fb");
    ctl = CTL("run", "--cap-drop", "all", "--", "cat", "/proc/self/status");
    assert_string_equal(status_line(ctl, "CapEff"), "0000000000000000");
    ctl = CTL("run", "--cap-drop=ALL", "--cap-add=chown", "--cap-add", "CAP_KILL,Fowner", "--",
              "cat", "/proc/self/status");
    assert_string_equal(status_line(ctl, "CapEff"), "0000000000000029");
    assert_string_equal(status_line(ctl, "CapBnd"), "0000000000000029");
}

static void security_options_are_taken(void **state)
{
    (void)state;
    ctl_need_containers();
    struct ctl ctl =
        CTL("run", "--security-opt", "seccomp=unconfined", "--", "cat", "/proc/self/status");
    assert_string_equal(status_line(ctl, "NoNewPrivs"), "1");
    if (test_privileged()) {
        ctl = CTL("run", "--security-opt", "seccomp=unconfined", "--security-opt",
                  "no-new-privileges=false", "--", "cat", "/proc/self/status");
        assert_string_equal(status_line(ctl, "NoNewPrivs"), "0");
    }
    ctl = CTL("run", "--", "cat", "/proc/self/status");
    assert_string_equal(status_line(ctl, "Seccomp"), "2");
    ctl =
        CTL("run", "--security-opt=unmask=ALL", "--", "sh", "-c", "grep /proc/ /proc/self/mounts");
    assert_int_equal(ctl.status, 1); /* nothing is mounted below /proc */
}

/* ---- looking -------------------------------------------------------------------------------- */

static void a_dry_run_runs_nothing(void **state)
{
    (void)state;
    const char *dir = test_directory();
    char file[512];
    snprintf(file, sizeof file, "%s/made", dir);
    struct ctl ctl = CTL("run", "--dry-run", "/", "--", "touch", file);
    assert_int_equal(ctl.status, 0);
    assert_non_null(strstr(ctl.out, "touch"));
    assert_false(there(dir, "made"));
    ctl = CTL("run", "--dry-run=json", "/", "-e", "A=b", "--", "touch", file);
    assert_int_equal(ctl.status, 0);
    assert_int_equal(ctl.out[0], '{');
    assert_non_null(strstr(ctl.out, "\"steps\""));
    assert_non_null(strstr(ctl.out, "A=b"));
    assert_false(there(dir, "made"));
}

static void a_plan_is_explained_and_run(void **state)
{
    (void)state;
    ctl_need_containers();
    struct ctl ctl = CTL("run", "--explain", "--", "echo", "hi");
    says(ctl, "hi\n");
    assert_non_null(strstr(ctl.err, "execve(2)"));
    assert_non_null(strstr(ctl.err, "pivot_root(2)"));
}

TEST_MAIN(the_command_runs_with_the_defaults, standard_input_is_passed_through,
          standard_error_is_the_commands, the_host_is_not_changed, a_directory_is_written_through,
          a_directory_is_kept_as_it_is, layers_lie_in_the_order_given, an_upper_keeps_the_writes,
          a_volume_is_there, a_tmpfs_is_empty, variables_are_added,
          a_variable_more_changes_no_other, it_begins_in_a_directory, it_is_another_user,
          it_is_process_1_without_an_init, it_has_a_host_name, the_network_is_chosen,
          a_user_namespace_is_asked_for, capabilities_are_what_was_asked_for,
          security_options_are_taken, a_dry_run_runs_nothing, a_plan_is_explained_and_run)
