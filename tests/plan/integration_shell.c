/* SPDX-License-Identifier: MIT */
/*
 * The shell commands that a plan is explained with are typed into a shell, one after the other:
 * what comes out is the same container.
 */
#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is looked at from inside: name, privileges, devices, each mount's place and options. */
static const char look[] =
    "hostname; grep -E ':pids:|^0:' /proc/self/cgroup; umask; pwd; id; env | sort;"
    "grep -E '^(Cap|NoNewPrivs)' /proc/self/status;"
    "cd /dev; stat -c '%n %t %T %a' null zero full random urandom tty;"
    "for p in /proc/acpi /sys/firmware; do test -d $p && stat -c '%n %a' $p; done;"
    "readlink /dev/fd /dev/ptmx; ulimit -n;"
    "while read id parent dev root target options rest;"
    "do echo $target $options; done < /proc/self/mountinfo";

static const char *const argv[] = {"sh", "-c", look, NULL};
static const char *const env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "WORDS=a 'b' c", NULL};
static const struct scratch_rlimit rlimit = {RLIMIT_NOFILE, 64, 128};

static void require_tools(void)
{
    static const char *const tools[] = {"bash",    "unshare", "setpriv",    "findmnt",
                                        "prlimit", "mount",   "pivot_root", "hostname"};
    if (!test_privileged())
        TEST_SKIP("what an ordinary user types needs a second terminal, for the id maps");
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        char command[64];
        snprintf(command, sizeof command, "command -v %s >/dev/null", tools[i]);
        if (system(command) != 0)
            TEST_SKIP("needs %s", tools[i]);
    }
}

/* bash, because it reads a pipe line by line, and leaves the rest to the shell that it starts. */
static void type_command(FILE *shell, const char *command)
{
    size_t n = strlen(command);
    if (n > 3 && strcmp(command + n - 3, " sh") == 0)
        fprintf(shell, "%.*s bash\n", (int)(n - 3), command);
    else
        fprintf(shell, "%s\n", command);
}

static void undo(const scratch_plan *plan)
{
    struct scratch_step step;
    for (size_t i = scratch_plan_count(plan); i-- > 0;)
        if (scratch_plan_step(plan, i, &step) == 0 && strncmp(step.undo, "rmdir ", 6) == 0)
            assert_int_equal(system(step.undo), 0);
}

/* Type the commands of a plan, up to a step, and then another; or all of them. */
static char *typed(const struct scratch_spec *spec, const char *last, const char *then)
{
    char *command = NULL, *text = NULL, *file = NULL;
    size_t size = 0;
    struct scratch_error err;
    scratch_plan *plan;
    TEST_OK(scratch_plan_compile(spec, &plan, &err), &err);
    assert_true(asprintf(&file, "%s/output", test_directory()) > 0);
    assert_true(asprintf(&command, "bash > %s", file) > 0);
    FILE *shell = popen(command, "we");
    assert_non_null(shell);
    for (size_t i = 0; i < scratch_plan_count(plan); i++) {
        struct scratch_step step;
        assert_int_equal(scratch_plan_step(plan, i, &step), 0);
        type_command(shell, step.shell);
        if (last && strcmp(step.name, last) == 0)
            break;
    }
    fprintf(shell, "%s\n", then);
    assert_int_equal(pclose(shell), 0);
    undo(plan);
    FILE *in = fopen(file, "re");
    assert_non_null(in);
    assert_true(getdelim(&text, &size, '\0', in) > 0);
    fclose(in);
    free(file);
    free(command);
    scratch_plan_free(plan);
    return text;
}

static void the_host_under_a_throw_away_layer(void **state)
{
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_cgroup_options cgroup = SCRATCH_CGROUP_OPTIONS_INIT;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    struct scratch_error err;
    enum scratch_cgroup_layout layout = SCRATCH_CGROUP_NONE;
    int status;
    (void)state;
    require_tools();
    process.argv = argv;
    process.env = env;
    process.rlimits = &rlimit;
    process.rlimit_count = 1;
    process.cwd = "/usr";
    process.umask = 027;
    namespaces.hostname = "typed";
    namespaces.create &= ~SCRATCH_NS_CGROUP; /* so that the group's name is seen */
    cgroup.pids_max = 50;
    options.id = "ID"; /* as a plan writes it that nobody has started */
    scratch_cgroup_discover(&layout, NULL, NULL, NULL);
    if (layout != SCRATCH_CGROUP_NONE)
        spec.cgroup = &cgroup;
    spec.process = &process;
    spec.namespaces = &namespaces;
    char *container = test_output(&spec, &options, &status, &err);
    TEST_OK(status, &err);
    char *shell = typed(&spec, NULL, "");
    assert_non_null(strstr(container, "typed\n"));
    if (spec.cgroup)
        assert_non_null(strstr(container, "/libscratch-ID\n"));
    assert_string_equal(shell, container);
    free(shell);
    free(container);
}

/* With the characters that overlay's options and shells have a use for. */
static void layers_with_awkward_names(void **state)
{
    static const char *const names[] = {"a,b", "c:d\\", "e f'\\$g", "upper:1,2", "work \"3\""};
    char path[5][256], file[300];
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_rootfs_options rootfs = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    (void)state;
    require_tools();
    const char *directory = test_directory();
    for (int i = 0; i < 5; i++) {
        snprintf(path[i], sizeof path[i], "%s/%s", directory, names[i]);
        assert_int_equal(mkdir(path[i], 0755), 0);
        snprintf(file, sizeof file, "%s/%d", path[i], i);
        assert_int_equal(i < 4 ? mkdir(file, 0755) : 0, 0);
    }
    const char *const lowers[] = {path[0], path[1], path[2]};
    rootfs.kind = SCRATCH_ROOTFS_OVERLAY;
    rootfs.lowers = lowers;
    rootfs.lower_count = 3;
    rootfs.upper = path[3];
    rootfs.work = path[4];
    process.argv = argv;
    spec.rootfs = &rootfs;
    spec.process = &process;
    char *shell = typed(&spec, "root-overlay", "ls /mnt; exit");
    assert_string_equal(shell, "0\n1\n2\n3\n");
    free(shell);
}

TEST_MAIN(the_host_under_a_throw_away_layer, layers_with_awkward_names)
