/* SPDX-License-Identifier: MIT */
/*
 * Golden plans: what is done for a spec, step by step. The specs are such that their plans do not
 * depend on who compiles them, or where.
 */
#include "support/test.h"
#include "plan/plan.h"
#include "step/words.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct parts {
    struct scratch_spec spec;
    struct scratch_process_options process;
    struct scratch_namespace_options namespaces;
    struct scratch_rootfs_options rootfs;
};

static void prepare(struct parts *p)
{
    static const char *const argv[] = {"ps", "-ef", NULL};
    *p = (struct parts){SCRATCH_SPEC_INIT, SCRATCH_PROCESS_OPTIONS_INIT,
                        SCRATCH_NAMESPACE_OPTIONS_INIT, SCRATCH_ROOTFS_OPTIONS_INIT};
    p->spec.process = &p->process;
    p->spec.namespaces = &p->namespaces;
    p->spec.rootfs = &p->rootfs;
    p->process.argv = argv;
    p->process.seccomp = SCRATCH_SECCOMP_NONE;
    p->rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    p->rootfs.path = test_directory();
}

static scratch_plan *compile(const struct parts *p)
{
    struct scratch_error err;
    scratch_plan *plan;
    TEST_OK(scratch_plan_compile(&p->spec, &plan, &err), &err);
    return plan;
}

/* Write a text with another in the place of each occurrence of a third. */
static void write_replaced(FILE *out, const char *text, const char *from, const char *to)
{
    for (const char *at; (at = strstr(text, from)); text = at + strlen(from))
        fprintf(out, "%.*s%s", (int)(at - text), text, to);
    fputs(text, out);
}

/* A line for each step: its side, its kind, what it does. */
static char *lines_of(const scratch_plan *plan, const char *directory)
{
    static const char *const sides[] = {"", "host", "child", "container"};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    for (size_t i = 0; i < scratch_plan_count(plan); i++) {
        struct scratch_step step;
        assert_int_equal(scratch_plan_step(plan, i, &step), 0);
        assert_int_equal(step.number, i + 1);
        fprintf(out, "%s %s: ", sides[step.side], step.name);
        write_replaced(out, step.what, directory, "DIR");
        fputc('\n', out);
    }
    fclose(out);
    return text;
}

/* JSON shows all that a step carries: what it has no word for would be hidden. */
static void assert_nothing_hidden(const scratch_plan *plan)
{
    for (uint32_t i = 0; i < plan->block->step_count; i++) {
        const struct step *step = step_at(plan->block, i);
        const struct step_words *words = step_words(step->kind);
        bool shown[4][STEP_TEXTS] = {{false}};
        for (int a = 0; a < WORD_ARGUMENTS && words->argument[a].name; a++)
            shown[word_place(words->argument[a].type)][words->argument[a].index] = true;
        for (int n = 0; n < STEP_TEXTS; n++)
            if (step->text[n] && !shown[PLACE_TEXT][n])
                fail_msg("%s: text %d has no word", words->name, n);
        for (int n = 0; n < STEP_NUMS; n++)
            if (step->num[n] && !shown[PLACE_NUM][n])
                fail_msg("%s: number %d has no word", words->name, n);
        for (int n = 0; n < STEP_FDS; n++)
            if (step->fd[n] >= 0 && !shown[PLACE_FD][n])
                fail_msg("%s: fd %d has no word", words->name, n);
    }
}

static void assert_plan(const struct parts *p, const char *want)
{
    scratch_plan *plan = compile(p);
    char *lines = lines_of(plan, p->rootfs.path);
    assert_nothing_hidden(plan);
    assert_string_equal(lines, want);
    free(lines);
    scratch_plan_free(plan);
}

static void the_smallest_container(void **state)
{
    struct parts p;
    (void)state;
    if (!test_privileged())
        TEST_SKIP("without CAP_SYS_ADMIN there is a user namespace besides");
    prepare(&p);
    p.namespaces.create = SCRATCH_NS_PID | SCRATCH_NS_MNT | SCRATCH_NS_UTS;
    p.rootfs.standard_mounts = false;
    p.process.capabilities = 0;
    p.process.init = false;
    assert_plan(&p, "host clone: make the first process, in new namespaces: pid, mnt, uts\n"
                    "container hide: be not dumpable\n"
                    "container propagation: make / rprivate\n"
                    "container root-bind: take DIR as the root\n"
                    "container pivot-root: enter the root, and let go of the old one\n"
                    "container bounding-set: keep no other capabilities than: none\n"
                    "container ids: be user 0, group 0\n"
                    "container capabilities: have these capabilities: none\n"
                    "container chdir: go to /\n"
                    "container no-new-privs: gain no privileges by exec\n"
                    "container exec: execute ps -ef\n");
}

static void a_user_who_keeps_a_capability(void **state)
{
    static const gid_t groups[] = {8, 9};
    struct parts p;
    (void)state;
    if (!test_privileged())
        TEST_SKIP("without CAP_SYS_ADMIN there is a user namespace besides");
    prepare(&p);
    p.namespaces.create = SCRATCH_NS_MNT;
    p.rootfs.standard_mounts = false;
    p.process.uid = p.process.gid = 7;
    p.process.groups = groups;
    p.process.group_count = 2;
    p.process.capabilities = p.process.ambient = SCRATCH_CAP(5);
    assert_plan(&p, "host clone: make the first process, in new namespaces: mnt\n"
                    "container hide: be not dumpable\n"
                    "container propagation: make / rprivate\n"
                    "container root-bind: take DIR as the root\n"
                    "container pivot-root: enter the root, and let go of the old one\n"
                    "container bounding-set: keep no other capabilities than: kill\n"
                    "container ids: be user 7, group 7, groups 8,9\n"
                    "container capabilities: have these capabilities: kill\n"
                    "container chdir: go to /\n"
                    "container no-new-privs: gain no privileges by exec\n"
                    "container exec: execute ps -ef\n");
}

static void a_container_in_a_user_namespace(void **state)
{
    struct parts p;
    char *want = NULL;
    (void)state;
    prepare(&p);
    p.namespaces.create |= SCRATCH_NS_USER;
    p.namespaces.hostname = "demo";
    p.rootfs.throw_away = true;
    assert_true(
        asprintf(&want,
                 "host clone: make the first process, in new namespaces: user, pid, mnt, uts, ipc, "
                 "net, cgroup\n"
                 "child id-maps: map user 0 %u 1 and group 0 %u 1\n"
                 "container hide: be not dumpable\n"
                 "container loopback: bring up the loopback interface\n"
                 "container hostname: set the host name demo\n"
                 "container propagation: make / rprivate\n"
                 "container layers: make a tmpfs for what is written and thrown away\n"
                 "container root-overlay: mount overlay on /\n"
                 "container mount: mount proc on /proc\n"
                 "container mount: mount tmpfs on /dev\n"
                 "container devices: bind /dev/null, zero, full, random, urandom and tty\n"
                 "container mount: mount devpts on /dev/pts\n"
                 "container mount: mount tmpfs on /dev/shm\n"
                 "container mount: mount mqueue on /dev/mqueue\n"
                 "container mount: mount sysfs on /sys\n"
                 "container mask: hide /proc/acpi, /proc/asound, /proc/kcore and 11 more\n"
                 "container read-only-paths: make read-only /proc/bus, /proc/fs, /proc/irq and 2 "
                 "more\n"
                 "container pivot-root: enter the root, and let go of the old one\n"
                 "container bounding-set: keep no other capabilities than: chown, dac_override, "
                 "fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, sys_chroot, "
                 "setfcap\n"
                 "container ids: be user 0, group 0\n"
                 "container capabilities: have these capabilities: chown, dac_override, fowner, "
                 "fsetid, kill, setgid, setuid, setpcap, net_bind_service, sys_chroot, setfcap\n"
                 "container chdir: go to /\n"
                 "container no-new-privs: gain no privileges by exec\n"
                 "container supervise: stay as pid 1; the command is its child\n"
                 "container exec: execute ps -ef\n",
                 (unsigned)geteuid(), (unsigned)getegid()) > 0);
    assert_plan(&p, want);
    free(want);
}

static void everything_that_can_be_asked_of_the_process(void **state)
{
    static const struct scratch_rlimit rlimit = {RLIMIT_NOFILE, 32, 64};
    static const char *const argv[] = {"sh", "-c", "echo 'a b'", NULL};
    struct parts p;
    char *want = NULL;
    (void)state;
    prepare(&p);
    p.namespaces.create |= SCRATCH_NS_USER | SCRATCH_NS_TIME;
    p.namespaces.domainname = "example";
    p.namespaces.boottime_offset = 5000000001;
    p.rootfs.standard_mounts = false;
    p.rootfs.read_only = true;
    p.rootfs.enter = SCRATCH_ROOTFS_CHROOT;
    p.process.argv = argv;
    p.process.cwd = "/srv/a b";
    p.process.rlimits = &rlimit;
    p.process.rlimit_count = 1;
    p.process.capabilities = 0;
    p.process.die_with_parent = true;
    assert_true(
        asprintf(&want,
                 "host clone: make the first process, in new namespaces: user, pid, mnt, uts, ipc, "
                 "net, time, cgroup\n"
                 "child time-offsets: set the clocks' offsets: monotonic 0 0, boottime 5 1\n"
                 "child id-maps: map user 0 %u 1 and group 0 %u 1\n"
                 "container hide: be not dumpable\n"
                 "container loopback: bring up the loopback interface\n"
                 "container domainname: set the NIS domain name example\n"
                 "container propagation: make / rprivate\n"
                 "container root-bind: take DIR as the root\n"
                 "container root-read-only: make the root read-only\n"
                 "container chroot: change the root directory\n"
                 "container bounding-set: keep no other capabilities than: none\n"
                 "container ids: be user 0, group 0\n"
                 "container capabilities: have these capabilities: none\n"
                 "container chdir: go to /srv/a b\n"
                 "container die-with-parent: end when the caller ends\n"
                 "container no-new-privs: gain no privileges by exec\n"
                 "container supervise: stay as pid 1; the command is its child\n"
                 "container rlimit: limit nofile to 32, at most 64\n"
                 "container exec: execute sh -c 'echo '\\''a b'\\'''\n",
                 (unsigned)geteuid(), (unsigned)getegid()) > 0);
    assert_plan(&p, want);
    free(want);
}

static void an_overlay_has_its_shell_command(void **state)
{
    const char *lowers[] = {test_directory(), test_directory()};
    struct parts p;
    struct scratch_step step;
    char *want = NULL;
    (void)state;
    prepare(&p);
    p.namespaces.create |= SCRATCH_NS_USER;
    p.rootfs.kind = SCRATCH_ROOTFS_OVERLAY;
    p.rootfs.lowers = lowers;
    p.rootfs.lower_count = 2;
    p.rootfs.upper = test_directory();
    p.rootfs.work = test_directory();
    p.rootfs.standard_mounts = false;
    scratch_plan *plan = compile(&p);
    assert_nothing_hidden(plan);
    assert_int_equal(scratch_plan_step(plan, 0, &step), 0);
    assert_string_equal(step.name, "lock-upper");
    assert_int_equal(scratch_plan_step(plan, 6, &step), 0);
    assert_string_equal(step.name, "root-overlay");
    assert_true(asprintf(&want,
                         "mount -t overlay -o lowerdir=%s:%s,upperdir=%s,workdir=%s,userxattr "
                         "overlay /mnt",
                         lowers[0], lowers[1], p.rootfs.upper, p.rootfs.work) > 0);
    assert_string_equal(step.shell, want);
    free(want);
    scratch_plan_free(plan);
}

static void there_is_no_step_behind_the_last(void **state)
{
    struct parts p;
    struct scratch_step step;
    (void)state;
    prepare(&p);
    scratch_plan *plan = compile(&p);
    assert_int_equal(scratch_plan_step(plan, scratch_plan_count(plan), &step), -ERANGE);
    assert_int_equal(scratch_plan_step(plan, SIZE_MAX, &step), -ERANGE);
    scratch_plan_free(plan);
}

/* ---- threads -------------------------------------------------------------------------------- */

#define THREADS 8

static pthread_barrier_t barrier;

static void *look(void *plan)
{
    struct scratch_step step;
    pthread_barrier_wait(&barrier);
    return scratch_plan_step(plan, 0, &step) == 0 ? (void *)step.what : NULL;
}

static void threads_are_lent_the_same_strings(void **state)
{
    struct parts p;
    pthread_t threads[THREADS];
    void *what[THREADS];
    (void)state;
    prepare(&p);
    scratch_plan *plan = compile(&p);
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, look, plan), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], &what[i]), 0);
    for (int i = 0; i < THREADS; i++)
        assert_ptr_equal(what[i], what[0]);
    assert_non_null(what[0]);
    pthread_barrier_destroy(&barrier);
    scratch_plan_free(plan);
}

TEST_MAIN(the_smallest_container, a_user_who_keeps_a_capability, a_container_in_a_user_namespace,
          everything_that_can_be_asked_of_the_process, an_overlay_has_its_shell_command,
          there_is_no_step_behind_the_last, threads_are_lent_the_same_strings)
