/* SPDX-License-Identifier: MIT */
#include "support/test.h"
#include "base/privilege.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define SKIPPED  77  /* CTest's SKIP_RETURN_CODE */
#define PATIENCE 100 /* tenths of a second, on a busy machine */

static size_t skipped;

void test_note_skip(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("skipped: ");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    skipped++;
}

bool test_privileged(void)
{
    return privilege_has(CAP_SYS_ADMIN);
}

/* One that is there refuses these arguments, whichever it is. */
bool test_has_call(long number)
{
    return syscall(number, -1L, -1L, -1L, -1L, -1L, -1L) >= 0 || errno != ENOSYS;
}

void test_need_idmaps(void)
{
    if (syscall(SYS_mount_setattr, -1, "", 0, NULL, 0) < 0 && errno == ENOSYS)
        TEST_SKIP("idmapped mounts need mount_setattr(2), which is refused here");
    struct statfs fs;
    struct utsname name;
    int major = 0, minor = 0;
    if (statfs(test_directory(), &fs) == 0 && fs.f_type == TMPFS_MAGIC && uname(&name) == 0 &&
        sscanf(name.release, "%d.%d", &major, &minor) == 2 && major * 100 + minor < 603)
        TEST_SKIP("tmpfs, which the tests are in, takes no id map before Linux 6.3");
}

bool test_filtered(void)
{
    return prctl(PR_GET_SECCOMP) == 2; /* SECCOMP_MODE_FILTER */
}

void test_ok(int rc, const struct scratch_error *err, const char *file, int line)
{
    char text[SCRATCH_ERROR_LINE];
    if (rc >= 0)
        return;
    scratch_error_format(err, text, sizeof text);
    print_error("%s\n", text);
    _fail(file, line);
}

/* ---- containers ----------------------------------------------------------------------------- */

static char *read_all(int fd)
{
    size_t size = 0, room = 4096;
    char *text = malloc(room);
    assert_non_null(text);
    for (;;) {
        if (room - size < 1024) {
            room *= 2;
            text = realloc(text, room);
            assert_non_null(text);
        }
        ssize_t n = read(fd, text + size, room - size - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        size += (size_t)n;
    }
    text[size] = '\0';
    return text;
}

char *test_output(const struct scratch_spec *spec, const struct scratch_start_options *given,
                  int *status, struct scratch_error *err)
{
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    scratch_plan *plan = NULL;
    scratch_container *container = NULL;
    char *text = NULL;
    int ends[2];
    if (given)
        options = *given;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    options.stdout_fd = ends[1];
    *status = scratch_plan_compile(spec, &plan, err);
    if (*status == 0)
        *status = scratch_plan_start(plan, &options, &container, err);
    close(ends[1]);
    text = read_all(ends[0]);
    close(ends[0]);
    if (container)
        *status = scratch_container_wait(container, err);
    scratch_container_free(container);
    scratch_plan_free(plan);
    return text;
}

/* ---- directories ---------------------------------------------------------------------------- */

/* All are in one, which those that a child makes, of whatever user, go with as well. */
static char *base;

static void make_base(void)
{
    const char *tmp = getenv("TMPDIR");
    if (asprintf(&base, "%s/libscratch-test-XXXXXX", tmp ? tmp : "/tmp") < 0 || !mkdtemp(base) ||
        chmod(base, 01777) < 0) {
        perror("test directory");
        exit(1);
    }
}

const char *test_directory(void)
{
    static char paths[256][PATH_MAX];
    static unsigned count, last;
    int rc;
    assert_true(count < sizeof paths / sizeof *paths);
    char *path = paths[count++];
    do {
        snprintf(path, PATH_MAX, "%s/%u", base, ++last);
        rc = mkdir(path, 0755);
    } while (rc < 0 && errno == EEXIST); /* a child's */
    assert_int_equal(rc, 0);
    assert_int_equal(chmod(path, 0755), 0);
    return path;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void remove_base(void)
{
    nftw(base, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    free(base);
}

/* ---- residue -------------------------------------------------------------------------------- */

static unsigned count_entries(const char *path)
{
    unsigned count = 0;
    DIR *dir = opendir(path);
    struct dirent *entry;
    while (dir && (entry = readdir(dir)))
        count += entry->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return count;
}

static unsigned count_lines(const char *path)
{
    unsigned count = 0;
    FILE *in = fopen(path, "re");
    for (int c; in && (c = fgetc(in)) != EOF;)
        count += c == '\n';
    if (in)
        fclose(in);
    return count;
}

/* A group of a container that nobody holds any more: its lock can be had (lib/cgroup/sweep.c). */
static unsigned count_left_groups(const char *path)
{
    unsigned count = 0;
    DIR *dir = opendir(path);
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        if (strncmp(entry->d_name, "libscratch-", 11) != 0)
            continue;
        int fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        count += fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
        if (fd >= 0)
            close(fd);
    }
    if (dir)
        closedir(dir);
    return count;
}

static unsigned count_groups(void)
{
    unsigned count = count_left_groups("/sys/fs/cgroup");
    DIR *dir = opendir("/sys/fs/cgroup");
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        char path[sizeof "/sys/fs/cgroup/" + sizeof entry->d_name];
        if (entry->d_name[0] == '.' || entry->d_type == DT_LNK)
            continue; /* "cpu" may be a link to "cpu,cpuacct" */
        snprintf(path, sizeof path, "/sys/fs/cgroup/%s", entry->d_name);
        count += count_left_groups(path);
    }
    if (dir)
        closedir(dir);
    return count;
}

/* Each is sent the signal too, where it is not 0. */
static unsigned count_children(int signal)
{
    char path[64];
    unsigned count = 0;
    int pid;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *in = fopen(path, "re");
    for (; in && fscanf(in, "%d", &pid) == 1; count++)
        kill(pid, signal);
    if (in)
        fclose(in);
    return count;
}

struct test_residue test_residue(void)
{
    return (struct test_residue){
        .fds = count_entries("/proc/self/fd"),
        .mounts = count_lines("/proc/self/mountinfo"),
        .groups = count_groups(),
        .children = count_children(0),
    };
}

/*
 * Groups are those of the whole machine, and mounts may be. What others have only just made, or
 * leave to be swept, goes; what this program has left behind stays.
 */
struct test_residue test_settled(struct test_residue before)
{
    struct test_residue after = test_residue();
    for (int i = 0; i < PATIENCE && (after.groups > before.groups || after.mounts > before.mounts);
         i++) {
        usleep(100000);
        after = test_residue();
    }
    return after;
}

/* What other programs left, or have mounted, may go meanwhile: fewer are no failure. */
static int compare_residue(struct test_residue before, struct test_residue after)
{
    if (after.fds == before.fds && after.mounts <= before.mounts && after.groups <= before.groups &&
        after.children == before.children)
        return 0;
    print_error("left behind: %d fds, %d mounts, %d groups, %d children\n",
                (int)(after.fds - before.fds), (int)(after.mounts - before.mounts),
                (int)(after.groups - before.groups), (int)(after.children - before.children));
    count_children(SIGKILL); /* of a test that failed: they would hold on to our output */
    return 1;
}

/* ---- running -------------------------------------------------------------------------------- */

/* Others may mount, and unmount, on the machine meanwhile: that is not to be seen, nor counted. */
static void keep_mounts_apart(void)
{
    if (test_privileged() && unshare(CLONE_NEWNS) == 0)
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL); /* fails in a chroot, and may */
}

static struct scratch_error not_sealed;

void test_seal(char **argv)
{
    if (getenv("TEST_UNSEALED"))
        not_sealed = (struct scratch_error){.errnum = EPERM, .what = "$TEST_UNSEALED is set"};
    else
        scratch_seal_self(argv, &not_sealed);
}

void test_need_in_place(void)
{
    char sentence[SCRATCH_ERROR_LINE];
    scratch_error_format(&not_sealed, sentence, sizeof sentence);
    if (not_sealed.errnum)
        TEST_SKIP("nothing is started in place: %s", sentence);
    if (!test_privileged())
        TEST_SKIP("an ordinary user's container is in a user namespace, and not started in place");
}

int test_run(const CMUnitTestFunction *functions, const char *names, size_t count)
{
    struct CMUnitTest *tests = calloc(count, sizeof *tests);
    char *copy = strdup(names), *rest = copy;
    if (!tests || !copy)
        return 1;
    keep_mounts_apart();
    make_base();
    for (size_t i = 0; i < count; i++)
        tests[i] =
            (struct CMUnitTest){.name = strtok_r(rest, ", \n", &rest), .test_func = functions[i]};
    struct test_residue before = test_residue();
    int failed = _cmocka_run_group_tests("tests", tests, count, NULL, NULL);
    remove_base();
    failed += compare_residue(before, test_settled(before));
    free(tests);
    free(copy);
    if (failed == 0 && skipped == count)
        return SKIPPED;
    return failed ? 1 : 0;
}
