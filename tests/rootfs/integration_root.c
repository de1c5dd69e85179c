/* SPDX-License-Identifier: MIT */
/*
 * Each kind of root, seen from inside the container.
 */
#include "support/apart.h"
#include "support/rootfs.h"
#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static char *run(const struct scratch_rootfs_options *rootfs, const char *script, int *status,
                 struct scratch_error *err)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    process.argv = argv;
    spec.rootfs = rootfs;
    spec.process = &process;
    return test_output(&spec, NULL, status, err);
}

static void expect(const struct scratch_rootfs_options *rootfs, const char *script,
                   const char *expected)
{
    struct scratch_error err;
    int status;
    char *output = run(rootfs, script, &status, &err);
    TEST_OK(status, &err);
    assert_string_equal(output, expected);
    free(output);
}

static struct scratch_rootfs_options directory_root(const char *path)
{
    struct scratch_rootfs_options o = SCRATCH_ROOTFS_OPTIONS_INIT;
    o.kind = SCRATCH_ROOTFS_DIRECTORY;
    o.path = path;
    return o;
}

static struct scratch_rootfs_options overlay_root(const char *const *lowers, size_t count,
                                                  const char *upper, const char *work)
{
    struct scratch_rootfs_options o = SCRATCH_ROOTFS_OPTIONS_INIT;
    o.kind = SCRATCH_ROOTFS_OVERLAY;
    o.lowers = lowers;
    o.lower_count = count;
    o.upper = upper;
    o.work = work;
    return o;
}

static bool exists(const char *parent, const char *name)
{
    char path[4096];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", parent, name);
    return lstat(path, &st) == 0;
}

/* ---- nothing of the host -------------------------------------------------------------------- */

/* Where a container's mounts may be; a '*' stands for anything that follows. */
static const char *const places[] = {
    "/", "/proc", "/proc/*", "/sys", "/sys/*", "/dev", "/dev/*",
};

static bool is_place(const char *target, const char *const *place, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *star = strchr(place[i], '*');
        if (star ? strncmp(target, place[i], (size_t)(star - place[i])) == 0
                 : strcmp(target, place[i]) == 0)
            return true;
    }
    return false;
}

/* "ID PARENT DEVICE ROOT TARGET …": one root, which comes first, and nothing but what is known. */
static void check_mounts(char *mountinfo, bool composed)
{
    unsigned roots = 0;
    bool first = true;
    for (char *line = strtok(mountinfo, "\n"); line; line = strtok(NULL, "\n"), first = false) {
        char target[4096];
        assert_int_equal(sscanf(line, "%*s %*s %*s %*s %4095s", target), 1);
        bool is_root = strcmp(target, "/") == 0;
        roots += is_root;
        if (first != is_root)
            print_error("%s\n", line);
        assert_true(first == is_root);
        if (!composed && !is_place(target, places, sizeof places / sizeof *places))
            print_error("%s\n", line);
        assert_true(composed || is_place(target, places, sizeof places / sizeof *places));
        assert_null(strstr(target, "deleted"));
    }
    assert_int_equal(roots, 1);
}

static void check_kind(const struct scratch_rootfs_options *rootfs)
{
    struct scratch_error err;
    int status;
    char *output = run(rootfs, "cat /proc/self/mountinfo", &status, &err);
    TEST_OK(status, &err);
    /* The host's own tree has its disks, or for an ordinary user its directories, as parts. */
    check_mounts(output, rootfs->kind == SCRATCH_ROOTFS_HOST);
    free(output);
}

static void no_root_shows_a_mount_of_the_host(void **state)
{
    const char *root = test_rootfs();
    const char *const lowers[] = {root};
    const char *layers = test_directory();
    struct scratch_rootfs_options host = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_rootfs_options plain = directory_root(root), thrown = directory_root(root);
    struct scratch_rootfs_options overlay = overlay_root(lowers, 1, NULL, NULL);
    struct scratch_rootfs_options upper =
        overlay_root(lowers, 1, test_make_directory(layers, "u"), test_make_directory(layers, "w"));
    struct scratch_rootfs_options *const kinds[] = {&host, &plain, &thrown, &overlay, &upper};
    (void)state;
    thrown.throw_away = true;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        check_kind(kinds[i]);
        kinds[i]->read_only = true;
        check_kind(kinds[i]);
    }
}

/* ---- the host's own tree -------------------------------------------------------------------- */

static void the_host_s_tree_is_seen_and_not_changed(void **state)
{
    struct scratch_rootfs_options host = SCRATCH_ROOTFS_OPTIONS_INIT;
    char script[512];
    (void)state;
    snprintf(script, sizeof script,
             "ls -d /usr/bin /etc /proc/self/mem; touch /usr/libscratch-test-%d && echo written;"
             "stat -c %%a /tmp; touch /tmp/libscratch-test-%d && echo written too",
             (int)getpid(), (int)getpid());
    expect(&host, script, "/etc\n/proc/self/mem\n/usr/bin\nwritten\n1777\nwritten too\n");
    snprintf(script, sizeof script, "libscratch-test-%d", (int)getpid());
    assert_false(exists("/usr", script));
    assert_false(exists("/tmp", script));
}

static void the_host_s_tree_can_be_read_only(void **state)
{
    struct scratch_rootfs_options host = SCRATCH_ROOTFS_OPTIONS_INIT;
    (void)state;
    host.read_only = true;
    expect(&host, "mkdir /x 2>/dev/null || echo read-only; touch /dev/shm/x && echo written",
           "read-only\nwritten\n");
}

/* ---- a directory ---------------------------------------------------------------------------- */

static void a_directory_is_written_through(void **state)
{
    const char *root = test_rootfs_new();
    struct scratch_rootfs_options o = directory_root(root);
    (void)state;
    expect(&o, "echo inside >/etc/written; ls /", "bin\ndev\netc\nproc\nroot\nsys\ntmp\n");
    assert_true(exists(root, "etc/written"));
    assert_true(exists(root, "proc"));
}

static void a_read_only_directory_gets_its_mount_points(void **state)
{
    const char *root = test_rootfs_new();
    struct scratch_rootfs_options o = directory_root(root);
    (void)state;
    o.read_only = true;
    expect(&o, "touch /etc/x 2>&1; touch /dev/shm/x && echo written",
           "touch: /etc/x: Read-only file system\nwritten\n");
    assert_true(exists(root, "proc"));
    assert_false(exists(root, "etc/x"));
}

static void what_is_thrown_away_is_gone(void **state)
{
    const char *root = test_rootfs_new();
    struct scratch_rootfs_options o = directory_root(root);
    (void)state;
    o.throw_away = true;
    o.tmpfs_size = 1 << 20;
    expect(&o,
           "touch /etc/x && rm /bin/id && ls /etc; dd if=/dev/zero of=/big bs=1M count=2 "
           "2>/dev/null || echo full",
           "x\nfull\n");
    expect(&o, "ls /etc", "");
    assert_true(exists(root, "bin/id"));
    assert_false(exists(root, "proc"));
}

static void a_throw_away_layer_has_the_root_s_mode_and_owner(void **state)
{
    const char *root = test_rootfs_new();
    struct scratch_rootfs_options o = directory_root(root);
    (void)state;
    assert_int_equal(chmod(root, 0711), 0);
    o.throw_away = true;
    expect(&o, "stat -c %a /", "711\n");
}

static void a_missing_root_is_named(void **state)
{
    static const struct {
        const char *path;
        int errnum;
        const char *sentence;
    } rows[] = {
        {"/nonexistent", ENOENT,
         "root file system '/nonexistent': ENOENT: No such file or directory (give a directory "
         "that exists; an image is unpacked into one first)"},
        {"/proc/version", ENOTDIR,
         "root file system '/proc/version': ENOTDIR: Not a directory (unpack an archive into a "
         "directory first)"},
        {NULL, EINVAL, "root file system: EINVAL: Invalid argument (name a directory)"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scratch_rootfs_options o = directory_root(rows[i].path);
        struct scratch_error err;
        char line[SCRATCH_ERROR_LINE];
        int status;
        free(run(&o, "true", &status, &err));
        assert_int_equal(status, -rows[i].errnum);
        scratch_error_format(&err, line, sizeof line);
        assert_string_equal(line, rows[i].sentence);
    }
}

/* ---- overlays ------------------------------------------------------------------------------- */

static void an_upper_layer_takes_the_writes(void **state)
{
    const char *root = test_rootfs(), *layers = test_directory();
    const char *const lowers[] = {root};
    const char *upper = test_make_directory(layers, "upper");
    struct scratch_rootfs_options o =
        overlay_root(lowers, 1, upper, test_make_directory(layers, "work"));
    struct stat st;
    char path[4096];
    (void)state;
    expect(&o, "echo new >/etc/new; rm /bin/tty; echo done", "done\n");
    assert_true(exists(upper, "etc/new"));
    assert_false(exists(root, "etc/new"));
    assert_true(exists(root, "bin/tty"));
    snprintf(path, sizeof path, "%s/bin/tty", upper); /* a whiteout: overlayfs.rst */
    assert_int_equal(lstat(path, &st), 0);
    assert_true(S_ISCHR(st.st_mode) ? st.st_rdev == 0 : S_ISREG(st.st_mode) && st.st_size == 0);
    expect(&o, "cat /etc/new; ls /bin/tty 2>/dev/null || echo still gone", "new\nstill gone\n");
}

static void the_topmost_lower_is_the_first(void **state)
{
    const char *top = test_directory(), *middle = test_directory();
    const char *const lowers[] = {top, middle, test_rootfs()};
    struct scratch_rootfs_options o = overlay_root(lowers, 3, NULL, NULL);
    (void)state;
    test_make_file(top, "both", "top\n");
    test_make_file(middle, "both", "middle\n");
    test_make_file(middle, "one", "only here\n");
    expect(&o, "cat /both /one", "top\nonly here\n");
}

static void containers_on_one_base_do_not_see_each_other(void **state)
{
    const char *const lowers[] = {test_rootfs()};
    const char *layers = test_directory();
    struct scratch_rootfs_options a = overlay_root(lowers, 1, test_make_directory(layers, "u1"),
                                                   test_make_directory(layers, "w1"));
    struct scratch_rootfs_options b = overlay_root(lowers, 1, test_make_directory(layers, "u2"),
                                                   test_make_directory(layers, "w2"));
    struct scratch_rootfs_options c = overlay_root(lowers, 1, NULL, NULL);
    (void)state;
    expect(&a, "touch /etc/a; ls /etc", "a\n");
    expect(&b, "touch /etc/b; ls /etc", "b\n");
    expect(&c, "touch /etc/c; ls /etc", "c\n");
    expect(&a, "ls /etc", "a\n");
}

/* The second start is tried while the first one's container still runs. */
static void one_upper_is_for_one_container(void **state)
{
    const char *const argv[] = {"cat", NULL};
    const char *const lowers[] = {test_rootfs()};
    const char *layers = test_directory();
    struct scratch_rootfs_options rootfs = overlay_root(
        lowers, 1, test_make_directory(layers, "upper"), test_make_directory(layers, "work"));
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_start_options start = SCRATCH_START_OPTIONS_INIT, other = start;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    scratch_container *first, *second;
    struct scratch_error err;
    scratch_plan *plan;
    int ends[2];
    (void)state;
    process.argv = argv;
    spec.rootfs = &rootfs;
    spec.process = &process;
    TEST_OK(scratch_plan_compile(&spec, &plan, &err), &err);
    assert_int_equal(pipe(ends), 0);
    start.stdin_fd = ends[0];
    TEST_OK(scratch_plan_start(plan, &start, &first, &err), &err);

    assert_int_equal(scratch_plan_start(plan, &start, &second, &err), -EBUSY);
    assert_string_equal(err.subject, rootfs.upper);
    assert_non_null(strstr(err.cause, "is in use by another container"));
    assert_int_equal(scratch_overlay_check(&rootfs, &err), -EBUSY);

    other.stdin_fd = ends[0];
    other.upper = test_make_directory(layers, "upper2");
    other.work = test_make_directory(layers, "work2");
    TEST_OK(scratch_plan_start(plan, &other, &second, &err), &err);
    close(ends[0]);
    close(ends[1]);
    TEST_OK(scratch_container_wait(first, &err), &err);
    TEST_OK(scratch_container_wait(second, &err), &err);
    scratch_container_free(first);
    scratch_container_free(second);
    TEST_OK(scratch_overlay_check(&rootfs, &err), &err);
    scratch_plan_free(plan);
}

static void names_of_layers_may_have_any_character(void **state)
{
    const char *parent = test_directory();
    const char *const lowers[] = {
        test_make_directory(parent, "a:b"),       test_make_directory(parent, "a,b"),
        test_make_directory(parent, "a\\b"),      test_make_directory(parent, "a b\n\"c=d"),
        test_make_directory(parent, "userxattr"), test_rootfs()};
    struct scratch_rootfs_options o =
        overlay_root(lowers, 6, test_make_directory(parent, "up:,\\per"),
                     test_make_directory(parent, "wo:,\\rk"));
    (void)state;
    for (int i = 0; i < 5; i++) {
        char name[] = {'f', (char)('0' + i), '\0'};
        test_make_file(lowers[i], name, "");
    }
    expect(&o, "ls / | grep ^f; touch /written", "f0\nf1\nf2\nf3\nf4\n");
    assert_true(exists(o.upper, "written"));
}

static void as_many_layers_as_the_kernel_takes(void **state)
{
    static const char *lowers[SCRATCH_OVERLAY_LOWERS_MAX + 1];
    const char *parent = test_directory();
    struct scratch_error err;
    int status;
    (void)state;
    for (int i = 0; i < SCRATCH_OVERLAY_LOWERS_MAX; i++) {
        char name[64];
        snprintf(name, sizeof name, "a-layer-with-a-name-of-some-length-%d", i);
        lowers[i] = test_make_directory(parent, name);
    }
    test_make_file(lowers[0], "first", "");
    test_make_file(lowers[498], "last-but-one", "");
    lowers[499] = test_rootfs();
    struct scratch_rootfs_options o = overlay_root(lowers, 500, NULL, NULL);
    expect(&o, "ls -d /first /last-but-one", "/first\n/last-but-one\n");
    lowers[500] = lowers[499];
    o.lower_count = 501;
    free(run(&o, "true", &status, &err));
    assert_int_equal(status, -E2BIG);
    assert_string_equal(err.cause, "more than 500 lower directories");
}

static void a_refused_overlay_says_why(void **state)
{
    const char *const lowers[] = {test_rootfs()};
    const char *layers = test_directory(), *upper = test_make_directory(layers, "upper");
    struct scratch_rootfs_options o = overlay_root(lowers, 1, upper, upper);
    struct scratch_error err;
    char line[SCRATCH_ERROR_LINE], sentence[SCRATCH_ERROR_LINE];
    int status;
    (void)state;
    free(run(&o, "true", &status, &err));
    assert_int_equal(status, -EINVAL);
    scratch_error_format(&err, line, sizeof line);
    snprintf(sentence, sizeof sentence,
             "mount overlay on /: '%s': EINVAL: this directory is given twice (layers are separate "
             "directories)",
             upper);
    assert_string_equal(strstr(line, ": ") + 2, sentence);
}

static const char *nested[3];

/* The host's root is itself an overlay over an overlay: in a container, say. */
static void run_on_two_overlays(void)
{
    struct scratch_rootfs_options o = SCRATCH_ROOTFS_OPTIONS_INIT, host = o;
    const char *lower = nested[0];
    struct scratch_error err;
    char proc[4096];
    int status;
    o.lowers = &lower;
    o.lower_count = 1;
    for (int i = 1; i <= 2; lower = nested[i++])
        TEST_EXPECT(scratch_overlay_mount(&o, nested[i], &err) == 0);
    snprintf(proc, sizeof proc, "%s/proc", lower);
    TEST_EXPECT(mkdir(proc, 0755) == 0 && mount("/proc", proc, NULL, MS_BIND | MS_REC, NULL) == 0);
    TEST_EXPECT(scratch_rootfs_pivot_self(lower, &err) == 0);
    free(run(&host, "true", &status, &err));
    TEST_EXPECT(status == -EINVAL);
    TEST_EXPECT(strcmp(err.subject, "/") == 0);
    TEST_EXPECT(strcmp(err.cause, "it is on an overlay over an overlay; a third is too many") == 0);
}

static void a_host_that_is_two_overlays_is_refused_with_the_reason(void **state)
{
    (void)state;
    if (!test_privileged())
        TEST_SKIP("an ordinary user's root is composed of several");
    nested[0] = test_rootfs_new();
    nested[1] = test_directory();
    nested[2] = test_directory();
    test_apart(run_on_two_overlays);
}

TEST_MAIN(no_root_shows_a_mount_of_the_host, the_host_s_tree_is_seen_and_not_changed,
          the_host_s_tree_can_be_read_only, a_directory_is_written_through,
          a_read_only_directory_gets_its_mount_points, what_is_thrown_away_is_gone,
          a_throw_away_layer_has_the_root_s_mode_and_owner, a_missing_root_is_named,
          an_upper_layer_takes_the_writes, the_topmost_lower_is_the_first,
          containers_on_one_base_do_not_see_each_other, one_upper_is_for_one_container,
          names_of_layers_may_have_any_character, as_many_layers_as_the_kernel_takes,
          a_refused_overlay_says_why, a_host_that_is_two_overlays_is_refused_with_the_reason)
