/* SPDX-License-Identifier: MIT */
#include "support/test.h"
#include "step/builder.h"
#include "step/words.h"

#include <errno.h>
#include <string.h>

static const char *const argv[] = {"nosuch", "--x", NULL};
static const char *const lowers[] = {"/srv/a", "/srv/b c"};

struct failure {
    enum step_kind kind;
    const char *text[STEP_TEXTS]; /* NULL: none; "LOWERS", "ARGV": those lists */
    enum step_detail detail;
    uint32_t item;
    int errnum;
    const char *sentence; /* behind "step 1 of 1 (container): " */
};

static uint32_t put(struct builder *b, const char *text)
{
    if (text && strcmp(text, "LOWERS") == 0)
        return builder_list(b, lowers, 2);
    if (text && strcmp(text, "ARGV") == 0)
        return builder_list(b, argv, 2);
    return builder_text(b, text);
}

static const struct start_block a_start;

static void describe(const struct failure *f, const struct start_block *start,
                     struct scratch_error *err)
{
    struct builder b;
    uint32_t text[STEP_TEXTS];
    builder_begin(&b, NULL);
    for (int i = 0; i < STEP_TEXTS; i++)
        text[i] = put(&b, f->text[i]);
    memcpy(builder_add(&b, f->kind, STEP_CONTAINER)->text, text, sizeof text);
    assert_int_equal(builder_finish(&b), 0);
    const struct step_walk w = {.plan = (struct plan_block *)b.block.data,
                                .start = start,
                                .fd = b.fd,
                                .detail = (uint16_t)f->detail,
                                .item = f->item};
    assert_int_equal(step_error(err, &w, f->errnum), -f->errnum);
    builder_free(&b);
}

static const struct failure failures[] = {
    {STEP_ROOT_OVERLAY,
     {"LOWERS", NULL, NULL, "/"},
     DETAIL_LOWER,
     1,
     ENOENT,
     "mount overlay on /: ENOENT: lowerdir '/srv/b c' does not exist"},
    {STEP_OVERLAY_PART,
     {"/usr", "/usr"},
     DETAIL_LOWER,
     0,
     EACCES,
     "mount overlay of /usr on /usr: EACCES: lowerdir '/usr' cannot be opened"},
    {STEP_ROOT_OVERLAY,
     {"LOWERS", "/srv/u", "/srv/w", "/"},
     DETAIL_WORK,
     0,
     ENOENT,
     "mount overlay on /: ENOENT: workdir '/srv/w' cannot be opened (make an empty directory "
     "on the upper directory's file system)"},
    {STEP_LOCK_UPPER,
     {"/srv/u"},
     DETAIL_UPPER_BUSY,
     0,
     EBUSY,
     "lock the upper directory /srv/u: EBUSY: upperdir '/srv/u' is in use by another container "
     "(give each its own upper and work)"},
    {STEP_EXEC,
     {"ARGV"},
     DETAIL_COMMAND,
     0,
     ENOENT,
     "execute nosuch --x: ENOENT: 'nosuch' is not found in the container (see that it is in "
     "the root file system, and in a directory of the command's PATH)"},
    {STEP_EXEC,
     {"ARGV"},
     DETAIL_INTERPRETER,
     0,
     ENOENT,
     "execute nosuch --x: ENOENT: exec nosuch: no such file or directory: it is there, the "
     "interpreter that it names is not (see "
     "its first line, or `readelf -l` for the dynamic loader)"},
    {STEP_EXEC,
     {"ARGV"},
     DETAIL_NOT_A_PROGRAM,
     0,
     ENOEXEC,
     "execute nosuch --x: ENOEXEC: 'nosuch' is not a program for this machine (a script needs "
     "a first line such as #!/bin/sh)"},
    {STEP_MOUNT,
     {"proc", "/proc", "proc"},
     DETAIL_REVEALING,
     0,
     EPERM,
     "mount proc on /proc: EPERM: parts of the /proc outside are hidden, and no user namespace "
     "may uncover them (in a container, start the outer one with nothing masked; or share its "
     "pid namespace, and the outer /proc is bound)"},
    {STEP_MOUNT,
     {"data", "/data", "ext7"},
     DETAIL_TYPE,
     0,
     ENODEV,
     "mount ext7 on /data: ENODEV: this kernel does not know the file system type 'ext7' (see "
     "/proc/filesystems, or load its module)"},
    {STEP_MOUNT,
     {"tmpfs", "/tmp", "tmpfs", "mode=755,size=lots,uid=0"},
     DETAIL_OPTION,
     1,
     EINVAL,
     "mount tmpfs on /tmp: EINVAL: the file system refuses the option 'size=lots' (see "
     "the section of this file system in mount(8))"},
    {STEP_BIND,
     {"/srv/web", "/data"},
     DETAIL_SOURCE,
     0,
     ENOENT,
     "bind /srv/web on /data: ENOENT: '/srv/web' does not exist (see its path)"},
    {STEP_BIND,
     {"/srv/web", "/data"},
     DETAIL_TARGET,
     0,
     EROFS,
     "bind /srv/web on /data: EROFS: '/data' is not there, and cannot be made: that directory is "
     "read-only (make it there first, give the root an upper layer, or choose a target that can be "
     "made)"},
    {STEP_MASK,
     {"LOWERS", NULL, NULL, "/"},
     DETAIL_PATH,
     0,
     EBUSY,
     "hide /srv/a, /srv/b c: EBUSY: it failed at '/srv/a'"},
    {STEP_MASK,
     {"LOWERS", NULL, NULL, "/"},
     DETAIL_SOURCE,
     0,
     ENODEV,
     "hide /srv/a, /srv/b c: ENODEV: /dev/null in the container is not the null device (leave "
     "out the mount that lies over /dev, or do not mask paths)"},
    {STEP_CHDIR,
     {"/srv"},
     DETAIL_NONE,
     0,
     ENOENT,
     "go to /srv: ENOENT: '/srv' does not exist in the container (make it in the root, or "
     "begin in another directory)"},
    {STEP_CHDIR,
     {"/srv"},
     DETAIL_OUTSIDE,
     0,
     EACCES,
     "go to /srv: EACCES: '/srv' is not below the root"},
    {STEP_CGROUP_SET,
     {"pids.max", "-3"},
     DETAIL_NONE,
     0,
     EINVAL,
     "set pids.max to -3: EINVAL: the kernel refuses the value '-3' (see pids.max in the "
     "kernel's documentation of control groups; a cpu quota may not be above the parent's)"},
    {STEP_HIDE, {NULL}, DETAIL_FAULT, 0, EIO, "be not dumpable: EIO: made to fail by fail_step"},
    {STEP_EXEC,
     {"ARGV"},
     DETAIL_KILLED,
     9,
     ECANCELED,
     "execute nosuch --x: ECANCELED: scratch-init was ended by signal 9 before the command ran "
     "(see the kernel's log (dmesg): a memory limit that is too small (`ulimit -v`, the "
     "container's), or a policy that forbids it)"},
    {STEP_EXEC,
     {"ARGV"},
     DETAIL_KILLED,
     0,
     ECANCELED,
     "execute nosuch --x: ECANCELED: scratch-init ended before the command ran (see the kernel's "
     "log (dmesg): a memory limit that is too small (`ulimit -v`, the container's), or a policy "
     "that forbids it)"},
    {STEP_HOSTNAME,
     {"a\nb"},
     DETAIL_NONE,
     0,
     EPERM,
     "set the host name a\\nb: EPERM: Operation not permitted"},
};

static void failures_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        static const char start[] = "step 1 of 1 (container): ";
        struct scratch_error err;
        char line[SCRATCH_ERROR_LINE];
        describe(&failures[i], &a_start, &err);
        scratch_error_format(&err, line, sizeof line);
        assert_memory_equal(line, start, strlen(start));
        assert_string_equal(line + strlen(start), failures[i].sentence);
    }
}

static void an_error_is_also_data(void **state)
{
    static const struct failure failure = {
        STEP_BIND, {"/srv/web", "/data"}, DETAIL_TARGET, 0, EROFS, NULL};
    struct scratch_error err;
    (void)state;
    describe(&failure, &a_start, &err);
    assert_int_equal(err.errnum, EROFS);
    assert_int_equal(err.side, SCRATCH_SIDE_CONTAINER);
    assert_int_equal(err.step, 1);
    assert_int_equal(err.step_count, 1);
    assert_string_equal(err.call, "open_tree(2)");
    assert_string_equal(err.what, "bind /srv/web on /data");
    assert_string_equal(err.subject, "/data");
}

static void a_primitive_is_no_step(void **state)
{
    static const struct failure failure = {
        STEP_BIND, {"/srv/web", "/data"}, DETAIL_SOURCE, 0, EACCES, NULL};
    struct scratch_error err;
    char line[SCRATCH_ERROR_LINE];
    (void)state;
    describe(&failure, NULL, &err);
    scratch_error_format(&err, line, sizeof line);
    assert_string_equal(line, "bind /srv/web on /data: EACCES: '/srv/web' may not be reached by "
                              "this user");
}

/* The longest path that there is (PATH_MAX) leaves room for what is said of it. */
static void a_long_path_does_not_push_the_cause_out(void **state)
{
    static char path[4096];
    const struct failure failure = {STEP_BIND, {path, "/data"}, DETAIL_SOURCE, 0, ENOENT, NULL};
    struct scratch_error err;
    char line[SCRATCH_ERROR_LINE];
    (void)state;
    memset(path, 'x', sizeof path - 1);
    path[0] = '/';
    describe(&failure, &a_start, &err);
    scratch_error_format(&err, line, sizeof line);
    assert_non_null(strstr(err.what, " on /data"));
    assert_non_null(strstr(line, "' does not exist (see its path)"));
}

/* Hints are written for every combination; none may be cut by the member that it is put into. */
static void no_hint_is_cut(void **state)
{
    (void)state;
    for (enum step_kind kind = STEP_NONE + 1; kind < STEP_KIND_COUNT; kind++)
        for (enum step_detail detail = DETAIL_NONE; detail < DETAIL_COUNT; detail++)
            for (int errnum = 1; errnum < 134; errnum++) {
                const struct failure failure = {kind, {NULL}, detail, 0, errnum, NULL};
                struct scratch_error err;
                describe(&failure, &a_start, &err);
                assert_null(strstr(err.cause, "\xe2\x80\xa6"));
                assert_null(strstr(err.hint, "\xe2\x80\xa6"));
            }
}

TEST_MAIN(failures_are_told, an_error_is_also_data, a_primitive_is_no_step,
          a_long_path_does_not_push_the_cause_out, no_hint_is_cut)
