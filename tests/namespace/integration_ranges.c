/* SPDX-License-Identifier: MIT */
/*
 * Containers with ids of their own: an ordinary user's ranges, and a free range for each of root's.
 */
#include "support/ranges.h"
#include "support/rootfs.h"
#include "support/test.h"
#include "namespace/pool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

static struct scratch_error err;

struct parts {
    const char *argv[4];
    struct scratch_spec spec;
    struct scratch_namespace_options namespaces;
    struct scratch_rootfs_options rootfs;
    struct scratch_process_options process;
};

static void begin(struct parts *p, const char *root, const char *script)
{
    *p = (struct parts){
        {"/bin/sh", "-c", script, NULL}, SCRATCH_SPEC_INIT,
        SCRATCH_NAMESPACE_OPTIONS_INIT,  SCRATCH_ROOTFS_OPTIONS_INIT,
        SCRATCH_PROCESS_OPTIONS_INIT,
    };
    p->namespaces.create |= SCRATCH_NS_USER;
    p->rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    p->rootfs.path = root;
    p->process.argv = p->argv;
    p->spec.namespaces = &p->namespaces;
    p->spec.rootfs = &p->rootfs;
    p->spec.process = &p->process;
}

static void begin_auto(struct parts *p, const char *root, const char *script)
{
    if (!test_privileged())
        TEST_SKIP("ranges of their own are root's to give");
    begin(p, root, script);
    p->namespaces.id_maps = SCRATCH_ID_MAPS_AUTO;
}

static scratch_container *start(const struct parts *p)
{
    scratch_plan *plan;
    scratch_container *container;
    TEST_OK(scratch_plan_compile(&p->spec, &plan, &err), &err);
    TEST_OK(scratch_plan_start(plan, NULL, &container, &err), &err);
    scratch_plan_free(plan);
    return container;
}

static int end(scratch_container *container)
{
    int status;
    scratch_container_signal(container, SIGKILL, NULL);
    status = scratch_container_wait(container, NULL);
    scratch_container_free(container);
    return status;
}

/* The first id outside of a container's map. */
static unsigned first_id(const scratch_container *container)
{
    char path[64];
    unsigned inside = 1, outside = 0, count = 0;
    snprintf(path, sizeof path, "/proc/%d/uid_map", scratch_container_pid(container));
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    assert_int_equal(fscanf(in, "%u %u %u", &inside, &outside, &count), 3);
    fclose(in);
    assert_int_equal(inside, 0);
    assert_int_equal(count, SCRATCH_ID_RANGE);
    return outside;
}

static unsigned locks(void)
{
    unsigned count = 0;
    DIR *dir = opendir(POOL_DIRECTORY);
    struct dirent *entry;
    while (dir && (entry = readdir(dir)))
        count += entry->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return count;
}

static bool is_locked(unsigned first)
{
    char path[64];
    snprintf(path, sizeof path, POOL_DIRECTORY "/%u", first);
    return access(path, F_OK) == 0;
}

static struct stat look_at(const char *root, const char *name)
{
    char path[4096];
    struct stat st = {0};
    snprintf(path, sizeof path, "%s/%s", root, name);
    assert_int_equal(lstat(path, &st), 0);
    return st;
}

static void assert_output(const struct parts *p, const char *expected)
{
    int status;
    char *text = test_output(&p->spec, NULL, &status, &err);
    TEST_OK(status, &err);
    assert_string_equal(text, expected);
    free(text);
}

/* ---- a range for each ------------------------------------------------------------------------ */

static void two_containers_have_nothing_in_common(void **state)
{
    struct parts p;
    (void)state;
    begin_auto(&p, test_rootfs_new(), "sleep 100");
    scratch_container *one = start(&p), *two = start(&p);
    unsigned a = first_id(one), b = first_id(two);
    assert_true(a != b && a % SCRATCH_ID_RANGE == 0 && b % SCRATCH_ID_RANGE == 0);
    assert_true(a > 100000 && b > 100000);
    assert_true(is_locked(a) && is_locked(b));
    end(one);
    end(two);
    assert_false(is_locked(a) || is_locked(b));
}

#define THREADS 8

static void *start_in_thread(void *plan)
{
    scratch_container *container = NULL;
    struct scratch_error own;
    return scratch_plan_start(plan, NULL, &container, &own) == 0 ? container : NULL;
}

static void threads_that_start_one_plan_get_a_range_each(void **state)
{
    pthread_t thread[THREADS];
    void *container[THREADS];
    unsigned first[THREADS];
    scratch_plan *plan;
    struct parts p;
    (void)state;
    begin_auto(&p, test_rootfs_new(), "sleep 100");
    TEST_OK(scratch_plan_compile(&p.spec, &plan, &err), &err);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, start_in_thread, plan), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], &container[i]);
    scratch_plan_free(plan);
    for (int i = 0; i < THREADS; i++) {
        assert_non_null(container[i]);
        first[i] = first_id(container[i]);
        for (int j = 0; j < i; j++)
            assert_true(first[i] != first[j]);
    }
    for (int i = 0; i < THREADS; i++)
        end(container[i]);
    for (int i = 0; i < THREADS; i++)
        assert_false(is_locked(first[i]));
}

/* A child of this process starts one, tells its first id, and is killed. */
static unsigned start_and_be_killed(struct parts *p)
{
    int ends[2];
    unsigned first = 0;
    assert_int_equal(pipe(ends), 0);
    p->process.die_with_parent = true;
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        first = first_id(start(p));
        _exit(write(ends[1], &first, sizeof first) == sizeof first ? (pause(), 0) : 1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &first, sizeof first), sizeof first);
    close(ends[0]);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    return first;
}

static void a_killed_caller_leaves_no_range_taken(void **state)
{
    struct parts p;
    (void)state;
    begin_auto(&p, test_rootfs_new(), "sleep 100");
    unsigned first = start_and_be_killed(&p);
    for (int i = 0; i < 3000 && is_locked(first); i++) {
        usleep(10000); /* until its container has ended, too */
        scratch_sweep(NULL);
    }
    assert_false(is_locked(first));
}

/* Its first process holds the lock as well. */
static void a_range_is_taken_as_long_as_its_container_lives(void **state)
{
    struct parts p;
    (void)state;
    begin_auto(&p, test_rootfs_new(), "sleep 100");
    scratch_container *container = start(&p);
    unsigned first = first_id(container);
    pid_t pid = scratch_container_pid(container);
    scratch_container_free(container); /* not waited for: it goes on */
    scratch_sweep(NULL);
    assert_true(is_locked(first));
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    scratch_sweep(NULL);
    assert_false(is_locked(first));
}

static void a_failed_start_gives_its_range_back(void **state)
{
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    scratch_container *container;
    scratch_plan *plan;
    struct parts p;
    (void)state;
    begin_auto(&p, test_rootfs_new(), "true");
    TEST_OK(scratch_plan_compile(&p.spec, &plan, &err), &err);
    unsigned before = locks();
    for (options.fail_step = 1; options.fail_step <= scratch_plan_count(plan); options.fail_step++)
        assert_int_equal(scratch_plan_start(plan, &options, &container, &err), -EIO);
    scratch_plan_free(plan);
    assert_true(locks() <= before);
}

/* Run as root in a mount namespace of its own, where containers have one range. */
static void take_the_only_one(void)
{
    struct parts p;
    scratch_plan *plan;
    scratch_container *one, *two;
    ranges_bind("containers:655360:65536\n");
    begin(&p, test_rootfs(), "sleep 100");
    p.namespaces.id_maps = SCRATCH_ID_MAPS_AUTO;
    p.rootfs.throw_away = true;
    if (!TEST_EXPECT(scratch_plan_compile(&p.spec, &plan, &err) == 0))
        return;
    TEST_EXPECT(scratch_plan_start(plan, NULL, &one, &err) == 0);
    TEST_EXPECT(scratch_plan_start(plan, NULL, &two, &err) == -EAGAIN);
    TEST_EXPECT(strstr(err.cause, "taken"));
    TEST_EXPECT(end(one) == 137);
    TEST_EXPECT(scratch_plan_start(plan, NULL, &two, &err) == 0);
    end(two);
    scratch_plan_free(plan);
}

static void the_last_range_can_be_taken_once(void **state)
{
    (void)state;
    if (!test_privileged() || access("/etc/subuid", F_OK) < 0)
        TEST_SKIP("it takes root, and an /etc/subuid to be covered");
    test_rootfs();
    test_apart(take_the_only_one);
}

/* ---- owners on disk -------------------------------------------------------------------------- */

static const char write_files[] = "touch /tmp/a && chown 42:43 /tmp/a && touch /tmp/b && "
                                  "stat -c %u:%g /bin/busybox /tmp/a /tmp/b";

static void files_on_disk_keep_their_owners(void **state)
{
    const char *root = test_rootfs_new();
    struct parts p;
    (void)state;
    begin_auto(&p, root, write_files);
    assert_output(&p, "0:0\n42:43\n0:0\n");
    assert_int_equal(look_at(root, "tmp/a").st_uid, 42);
    assert_int_equal(look_at(root, "tmp/a").st_gid, 43);
    assert_int_equal(look_at(root, "tmp/b").st_uid, 0);
}

static void layers_keep_their_owners(void **state)
{
    const char *base = test_directory(), *lowers[] = {test_make_directory(base, "lower"), NULL};
    struct parts p;
    (void)state;
    lowers[1] = test_rootfs();
    begin_auto(&p, NULL, write_files);
    p.rootfs.kind = SCRATCH_ROOTFS_OVERLAY;
    p.rootfs.lowers = lowers;
    p.rootfs.lower_count = 2;
    p.rootfs.upper = test_make_directory(base, "upper");
    p.rootfs.work = test_make_directory(base, "work");
    assert_output(&p, "0:0\n42:43\n0:0\n");
    assert_int_equal(look_at(base, "upper/tmp/a").st_uid, 42);
    assert_int_equal(look_at(base, "upper/tmp/b").st_uid, 0);
}

static void throw_away_layers_show_the_owners(void **state)
{
    const char *root = test_rootfs_new();
    struct parts p;
    (void)state;
    begin_auto(&p, root, write_files);
    p.rootfs.throw_away = true;
    assert_output(&p, "0:0\n42:43\n0:0\n");
    assert_int_equal(access(test_make_directory(root, "still"), F_OK), 0);
}

/* A root such as a virtual machine's may be an overlay itself. */
static bool host_is_overlay(void)
{
    struct statfs fs;
    return statfs("/", &fs) == 0 && fs.f_type == OVERLAYFS_SUPER_MAGIC;
}

static void the_hosts_tree_shows_the_owners(void **state)
{
    struct parts p;
    (void)state;
    if (host_is_overlay())
        TEST_SKIP("the root of this machine is an overlay, which takes no id map");
    begin_auto(&p, NULL, "stat -c %u /etc/passwd; touch /usr/new && stat -c %u /usr/new");
    p.rootfs.kind = SCRATCH_ROOTFS_HOST;
    assert_output(&p, "0\n0\n");
}

static void volumes_keep_their_owners_unless_told_otherwise(void **state)
{
    const char *base = test_directory();
    struct scratch_mount mounts[] = {
        {test_make_directory(base, "one"), "/root", NULL, "rbind"},
        {test_make_directory(base, "two"), "/tmp", NULL, "rbind,ro,noidmap"},
    };
    struct parts p;
    (void)state;
    begin_auto(&p, test_rootfs_new(),
               "touch /root/a; stat -c %u /root/a /tmp; cat /proc/mounts | "
               "grep -c ' /root [^ ]* rw.*idmapped'");
    p.spec.mounts = mounts;
    p.spec.mount_count = 2;
    assert_output(&p, "0\n65534\n1\n");
    assert_int_equal(look_at(base, "one/a").st_uid, 0);
}

static void a_read_only_volume_is_idmapped_and_read_only(void **state)
{
    const char *base = test_directory();
    const struct scratch_mount mount = {base, "/tmp", NULL, "rbind,ro"};
    struct parts p;
    (void)state;
    begin_auto(&p, test_rootfs_new(), "touch /tmp/a 2>/dev/null; echo $?; stat -c %u /tmp");
    p.spec.mounts = &mount;
    p.spec.mount_count = 1;
    assert_output(&p, "1\n0\n");
}

static void a_volume_that_need_not_be_there_is_passed_over(void **state)
{
    const struct scratch_mount mount = {"/nonexistent", "/missing", NULL, "rbind,nofail"};
    struct parts p;
    (void)state;
    begin_auto(&p, test_rootfs(), "test -e /missing; echo $?");
    p.rootfs.throw_away = true;
    p.spec.mounts = &mount;
    p.spec.mount_count = 1;
    assert_output(&p, "1\n");
}

/* Nothing that is mounted inside, on a bind of what is shared outside, is seen outside. */
static void mount_inside(void)
{
    const char *base = test_directory();
    const struct scratch_mount bind = {base, "/root", NULL, "rbind"};
    char path[4096];
    struct parts p;
    TEST_EXPECT(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) == 0);
    test_make_directory(base, "below");
    begin(&p, test_rootfs(), "mount -t tmpfs none /root/below && touch /root/below/seen");
    p.namespaces.id_maps = SCRATCH_ID_MAPS_AUTO;
    p.rootfs.throw_away = true;
    p.process.capabilities = SCRATCH_CAP_ALL;
    p.process.seccomp = SCRATCH_SECCOMP_NONE;
    p.process.argv = (const char *const[]){
        "/bin/sh", "-c", "mount -t tmpfs none /root/below && touch /root/below/seen && sleep 100",
        NULL};
    p.spec.mounts = &bind;
    p.spec.mount_count = 1;
    scratch_container *container = start(&p);
    snprintf(path, sizeof path, "/proc/%d/root/root/below/seen", scratch_container_pid(container));
    for (int i = 0; i < 3000 && access(path, F_OK) < 0; i++)
        usleep(10000);
    TEST_EXPECT(access(path, F_OK) == 0);
    snprintf(path, sizeof path, "%s/below/seen", base);
    TEST_EXPECT(access(path, F_OK) < 0);
    end(container);
    TEST_EXPECT(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
}

static void mounts_on_idmapped_binds_stay_inside(void **state)
{
    (void)state;
    if (!test_privileged())
        TEST_SKIP("ranges of their own are root's to give");
    test_rootfs();
    test_apart(mount_inside);
}

static void a_file_system_that_takes_no_map_is_named(void **state)
{
    struct scratch_mount mount = {"/proc/self", "/tmp", NULL, "rbind"};
    struct parts p;
    int status;
    (void)state;
    begin_auto(&p, test_rootfs_new(), "true");
    p.spec.mounts = &mount;
    p.spec.mount_count = 1;
    free(test_output(&p.spec, NULL, &status, &err));
    assert_int_equal(status, -EINVAL);
    assert_non_null(strstr(err.cause, "file system proc takes no id map"));
    assert_non_null(strstr(err.hint, "noidmap"));
    if (host_is_overlay())
        return; /* the root itself is named then */
    mount.source = "/";
    free(test_output(&p.spec, NULL, &status, &err));
    assert_int_equal(status, -EINVAL);
    assert_non_null(strstr(err.cause, "on '/"));
}

static void idmap_goes_with_any_map_of_roots(void **state)
{
    const struct scratch_id_map map = {0, 200000, 100};
    const char *root = test_rootfs_new();
    struct parts p;
    int status;
    (void)state;
    begin(&p, root, write_files);
    p.rootfs.idmap = true;
    p.namespaces.uid_map = p.namespaces.gid_map = &map;
    p.namespaces.uid_map_count = p.namespaces.gid_map_count = 1;
    if (!test_privileged()) {
        free(test_output(&p.spec, NULL, &status, &err));
        assert_int_equal(status, -EPERM);
        return;
    }
    assert_output(&p, "0:0\n42:43\n0:0\n");
    assert_int_equal(look_at(root, "tmp/a").st_uid, 42);
    p.namespaces.create &= ~SCRATCH_NS_USER;
    p.namespaces.uid_map_count = p.namespaces.gid_map_count = 0;
    free(test_output(&p.spec, NULL, &status, &err));
    assert_int_equal(status, -EINVAL);
    assert_non_null(strstr(err.cause, "user namespace"));
}

static void auto_is_for_root(void **state)
{
    scratch_plan *plan;
    struct parts p;
    (void)state;
    if (test_privileged())
        TEST_SKIP("this is root");
    begin(&p, test_rootfs(), "true");
    p.namespaces.id_maps = SCRATCH_ID_MAPS_AUTO;
    assert_int_equal(scratch_plan_compile(&p.spec, &plan, &err), -EPERM);
    assert_non_null(strstr(err.cause, "root"));
}

/* ---- an ordinary user's ranges --------------------------------------------------------------- */

/* In test_with_ranges(): what a container prints, or "" and err. */
static void expect_output(const struct parts *p, const char *expected)
{
    int status;
    char *text = test_output(&p->spec, NULL, &status, &err);
    if (!TEST_EXPECT(status == 0 && strcmp(text, expected) == 0)) {
        char line[SCRATCH_ERROR_LINE];
        scratch_error_format(&err, line, sizeof line);
        fprintf(stderr, "%d: %s\n%s", status, line, text);
    }
    free(text);
}

static void begin_own(struct parts *p, const char *script)
{
    begin(p, test_rootfs(), script);
    p->rootfs.throw_away = true;
}

static void use_ranges(void)
{
    struct parts p;
    begin_own(&p, "touch /a && chown 42:42 /a && stat -c %u:%g /a; "
                  "sed 's/  */ /g' /proc/self/uid_map /proc/self/gid_map");
    expect_output(&p, "42:42\n 0 65533 1\n 1 300000 65536\n 0 65533 1\n 1 300000 65536\n");
    p.namespaces.id_maps = SCRATCH_ID_MAPS_RANGES;
    expect_output(&p, "42:42\n 0 65533 1\n 1 300000 65536\n 0 65533 1\n 1 300000 65536\n");
    p.namespaces.id_maps = SCRATCH_ID_MAPS_OWN;
    p.argv[2] = "cat /proc/self/uid_map | sed 's/  */ /g'";
    expect_output(&p, " 0 65533 1\n");
    p.namespaces.id_maps = SCRATCH_ID_MAPS_KEEP;
    p.process.uid = p.process.gid = RANGES_UID;
    p.argv[2] = "id -u; id -g; sed 's/  */ /g' /proc/self/uid_map";
    expect_output(&p, "65533\n65533\n 0 300000 65533\n 65533 65533 1\n 65534 365533 3\n");
}

static void an_ordinary_user_has_its_ranges(void **state)
{
    (void)state;
    if (access("/usr/bin/newuidmap", X_OK) < 0)
        TEST_SKIP("newuidmap (uidmap) is not installed");
    test_rootfs();
    test_with_ranges(RANGES_USER ":300000:65536\n", use_ranges);
    test_with_ranges("65533:300000:65536\n", use_ranges);
}

static void ask_too_much(void)
{
    const struct scratch_id_map map = {0, 400000, 10};
    struct parts p;
    int status;
    begin_own(&p, "true");
    p.namespaces.uid_map = p.namespaces.gid_map = &map;
    p.namespaces.uid_map_count = p.namespaces.gid_map_count = 1;
    free(test_output(&p.spec, NULL, &status, &err));
    TEST_EXPECT(status == -EPERM);
    TEST_EXPECT(strstr(err.cause, "newuidmap") && strstr(err.cause, "400000"));
}

static void what_newuidmap_says_is_handed_on(void **state)
{
    (void)state;
    if (access("/usr/bin/newuidmap", X_OK) < 0)
        TEST_SKIP("newuidmap (uidmap) is not installed");
    test_rootfs();
    test_with_ranges(RANGES_USER ":300000:65536\n", ask_too_much);
}

static int compile_ranges(void)
{
    scratch_plan *plan = NULL;
    struct parts p;
    begin_own(&p, "true");
    p.namespaces.id_maps = SCRATCH_ID_MAPS_RANGES;
    int rc = scratch_plan_compile(&p.spec, &plan, &err);
    scratch_plan_free(plan);
    return rc;
}

static void do_without(void)
{
    struct parts p;
    begin_own(&p, "sed 's/  */ /g' /proc/self/uid_map");
    expect_output(&p, " 0 65533 1\n");
    p.namespaces.id_maps = SCRATCH_ID_MAPS_KEEP;
    p.process.uid = p.process.gid = RANGES_UID;
    expect_output(&p, " 65533 65533 1\n");
    TEST_EXPECT(compile_ranges() == -ENOENT);
    TEST_EXPECT(strcmp(err.subject, RANGES_USER) == 0 && strstr(err.cause, "/etc/subuid"));
}

static void without_ranges_there_is_one_id(void **state)
{
    (void)state;
    test_rootfs();
    test_with_ranges("", do_without);
    test_with_ranges("somebody:300000:65536\n", do_without);
}

static void want_newuidmap(void)
{
    struct parts p;
    setenv("PATH", "/nonexistent", 1);
    TEST_EXPECT(compile_ranges() == -ENOENT);
    TEST_EXPECT(strcmp(err.subject, "newuidmap") == 0 && strstr(err.hint, "uidmap"));
    begin_own(&p, "sed 's/  */ /g' /proc/self/uid_map");
    expect_output(&p, " 0 65533 1\n");
}

/* A program of that name that has no privilege. */
static void want_setuid(void)
{
    const char *base = test_directory();
    test_make_file(base, "newuidmap", "#!/bin/sh\nexit 3\n");
    char path[4096];
    snprintf(path, sizeof path, "%s/newuidmap", base);
    TEST_EXPECT(chmod(path, 0755) == 0);
    setenv("PATH", base, 1);
    TEST_EXPECT(compile_ranges() == -EPERM);
    TEST_EXPECT(strstr(err.cause, "setuid"));
}

static void what_newuidmap_lacks_is_named(void **state)
{
    (void)state;
    test_rootfs();
    test_with_ranges(RANGES_USER ":300000:65536\n", want_newuidmap);
    test_with_ranges(RANGES_USER ":300000:65536\n", want_setuid);
}

static void read_ranges(void)
{
    struct scratch_id_range range[2] = {{0, 0}, {0, 0}};
    TEST_EXPECT(scratch_subuid_read(NULL, range, 2, &err) == 1);
    TEST_EXPECT(range[0].first == 300000 && range[0].count == 65536);
    TEST_EXPECT(scratch_subgid_read("other", range, 1, &err) == 2);
    TEST_EXPECT(range[0].first == 1 && range[0].count == 2);
    TEST_EXPECT(scratch_subgid_read("65533", range, 0, &err) == 1);
    TEST_EXPECT(scratch_subgid_read("nobody-at-all", range, 2, &err) == 0);
}

static void ranges_can_be_read(void **state)
{
    (void)state;
    test_with_ranges(RANGES_USER ":300000:65536\nother:1:2\nother:3:4\n", read_ranges);
}

TEST_MAIN(two_containers_have_nothing_in_common, threads_that_start_one_plan_get_a_range_each,
          a_killed_caller_leaves_no_range_taken, a_range_is_taken_as_long_as_its_container_lives,
          a_failed_start_gives_its_range_back, the_last_range_can_be_taken_once,
          files_on_disk_keep_their_owners, layers_keep_their_owners,
          throw_away_layers_show_the_owners, the_hosts_tree_shows_the_owners,
          volumes_keep_their_owners_unless_told_otherwise,
          a_read_only_volume_is_idmapped_and_read_only,
          a_volume_that_need_not_be_there_is_passed_over, mounts_on_idmapped_binds_stay_inside,
          a_file_system_that_takes_no_map_is_named, idmap_goes_with_any_map_of_roots,
          auto_is_for_root, an_ordinary_user_has_its_ranges, what_newuidmap_says_is_handed_on,
          without_ranges_there_is_one_id, what_newuidmap_lacks_is_named, ranges_can_be_read)
