/* SPDX-License-Identifier: MIT */
/*
 * The mistakes that people make, and what the machine refuses: each is told in one line, which
 * names the step, the path or the value, the cause, and what to do.
 */
#include "cli/ctl.h"
#include "support/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define HELP "\nTry 'scratchctl run --help'."

/* The whole of standard error, with '*' for what depends on the machine; printf's arguments. */
#define SAYS(ctl, status, ...) says((ctl), (status), __VA_ARGS__)
__attribute__((format(printf, 3, 4))) static void says(struct ctl ctl, int status,
                                                       const char *format, ...)
{
    char line[2048] = "scratchctl: ";
    size_t at = strlen(line);
    va_list arguments;
    va_start(arguments, format);
    at += (size_t)vsnprintf(line + at, sizeof line - at - 1, format, arguments);
    va_end(arguments);
    snprintf(line + at, sizeof line - at, "\n");
    if (ctl.status != status || fnmatch(line, ctl.err, FNM_NOESCAPE) != 0)
        fail_msg("%d, not %d:\n%s\nrather than\n%s", ctl.status, status, ctl.err, line);
    assert_string_equal(ctl.out, "");
}

__attribute__((format(printf, 1, 2))) static const char *print(const char *format, ...)
{
    static char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return text;
}

/* ---- root file systems ---------------------------------------------------------------------- */

static void a_missing_root(void **state)
{
    (void)state;
    SAYS(CTL("run", "/nonexistent", "--", "true"), 125,
         "root file system '/nonexistent': ENOENT: No such file or directory (give a directory "
         "that exists; an image is unpacked into one first)");
}

/* As with docker, where an image has a command of its own. */
static void a_root_without_a_command(void **state)
{
    (void)state;
    struct ctl ctl = CTL("run", "nosuch-bundle");
    assert_int_equal(ctl.status, 1);
    assert_non_null(strstr(ctl.err, "/config.json': ENOENT: "));
    assert_non_null(strstr(ctl.err, "write: scratchctl run [ROOTFS] -- COMMAND"));
}

static void a_file_for_a_root(void **state)
{
    const char *file = test_make_file(test_directory(), "root.tar", "");
    (void)state;
    SAYS(CTL("run", file, "--", "true"), 125,
         "root file system '%s': ENOTDIR: Not a directory (unpack an archive into a directory "
         "first)",
         file);
}

static void a_root_that_one_may_not_enter(void **state)
{
    const char *directory = test_directory();
    const char *root = test_make_directory(directory, "root");
    (void)state;
    if (test_privileged())
        TEST_SKIP("root may enter all");
    assert_int_equal(chmod(root, 0), 0);
    SAYS(CTL("run", root, "--", "true"), 125,
         "root file system '%s': EACCES: Permission denied (let others enter it (chmod o+rx), or "
         "be its owner or root)",
         root);
    assert_int_equal(chmod(root, 0755), 0);
    test_make_directory(directory, "root/below");
    assert_int_equal(chmod(root, 0), 0);
    SAYS(CTL("run", print("%s/below", root), "--", "true"), 125,
         "root file system '%s/below': EACCES: Permission denied (see that you may enter what it "
         "is in (`namei -l`))",
         root);
    assert_int_equal(chmod(root, 0755), 0);
}

static void a_root_without_proc_that_cannot_be_written(void **state)
{
    (void)state;
    ctl_need_containers();
    SAYS(CTL("run", "/sys/kernel", "--", "true"), 125,
         "step * of * (container): mount proc on /proc: E*: '/proc' is not there, and *");
}

static void an_upper_layer_on_a_file_system_that_can_be_none(void **state)
{
    (void)state;
    ctl_need_containers();
    SAYS(CTL("run", "--upper", "/proc", "--work", "/proc/sys", test_rootfs(), "--", "true"), 125,
         "*'/proc': EINVAL: it is on proc, which cannot be an upper layer (use a directory on "
         "ext4, XFS, Btrfs or tmpfs)");
}

static void an_upper_layer_that_is_in_use(void **state)
{
    const char *directory = test_directory();
    const char *upper = test_make_directory(directory, "upper");
    const char *work = test_make_directory(directory, "work");
    (void)state;
    ctl_need_containers();
    int other = open(upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(flock(other, LOCK_EX), 0);
    SAYS(CTL("run", "--upper", upper, "--work", work, test_rootfs(), "--", "true"), 125,
         "step 1 of * (host): lock the upper directory %s: EBUSY: upperdir '%s' is in use by "
         "another container (give each its own upper and work)",
         upper, upper);
    close(other);
}

static void a_full_throw_away_layer(void **state)
{
    (void)state;
    ctl_need_containers();
    struct ctl ctl =
        CTL("run", "--tmpfs", "/tmp:size=4k", test_rootfs(), "--", "sh", "-c", "yes >/tmp/file");
    assert_int_equal(ctl.status, 1);
    assert_non_null(strstr(ctl.err, "No space left on device"));
}

/* ---- commands ------------------------------------------------------------------------------- */

/* A root with a file in /bin; the name of the file is the command. */
static const char *root_with(const char *name, const void *data, size_t size, mode_t mode)
{
    const char *root = test_rootfs_new();
    char path[512];
    snprintf(path, sizeof path, "%s/bin/%s", root, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    assert_true(fd >= 0 && write(fd, data, size) == (ssize_t)size && fchmod(fd, mode) == 0);
    close(fd);
    return root;
}

static void a_missing_command(void **state)
{
    (void)state;
    ctl_need_containers();
    SAYS(CTL("run", test_rootfs(), "--", "nosuch"), 127,
         "step * of * (container): execute nosuch: ENOENT: 'nosuch' is not found in the container "
         "(see that it is in the root file system, and in a directory of the command's PATH)");
}

static void a_missing_interpreter(void **state)
{
    static const char script[] = "#!/usr/bin/nosuch\n";
    const char *root = root_with("script", script, sizeof script - 1, 0755);
    (void)state;
    ctl_need_containers();
    SAYS(CTL("run", root, "--", "script"), 127,
         "step * of * (container): execute script: ENOENT: exec script: no such file or directory: "
         "it is there, the interpreter that it names is not (see its first line, or `readelf -l` "
         "for the dynamic loader)");
}

static void a_program_for_another_machine(void **state)
{
    static const unsigned char header[64] = {
        0x7f, 'E', 'L', 'F', 2, 1, 1, [16] = 2, [18] = 22, [20] = 1}; /* S/390, little-endian */
    const char *root = root_with("foreign", header, sizeof header, 0755);
    (void)state;
    ctl_need_containers();
    SAYS(CTL("run", root, "--", "foreign"), 126,
         "step * of * (container): execute foreign: ENOEXEC: 'foreign' is a program for s390x, and "
         "this machine is * (take a root file system for this machine, or install "
         "qemu-user-static on the host)");
}

static void a_file_that_is_no_program(void **state)
{
    const char *root = root_with("text", "hello\n", 6, 0755);
    (void)state;
    ctl_need_containers();
    SAYS(CTL("run", root, "--", "text"), 126,
         "step * of * (container): execute text: ENOEXEC: 'text' is not a program for this machine "
         "(a script needs a first line such as #!/bin/sh)");
}

static void a_file_that_is_not_executable(void **state)
{
    const char *root = root_with("text", "#!/bin/sh\n", 10, 0644);
    (void)state;
    ctl_need_containers();
    SAYS(CTL("run", root, "--", "text"), 126,
         "step * of * (container): execute text: EACCES: 'text' may not be executed (see that it "
         "is a file, its mode (chmod +x), and that its mount is not noexec)");
}

/* ---- options -------------------------------------------------------------------------------- */

static void an_unknown_option(void **state)
{
    (void)state;
    SAYS(CTL("run", "--memry", "64m", "--", "true"), 125,
         "option --memry: there is no such option (did you mean --memory?)" HELP);
}

static void a_wrong_unit(void **state)
{
    (void)state;
    SAYS(CTL("run", "-m", "10Q", "--", "true"), 125,
         "option --memory '10Q': 'Q' is not a unit (the units are b, k, m, g and t, powers of "
         "1024: 64m)" HELP);
}

static void a_missing_volume_source(void **state)
{
    (void)state;
    ctl_need_containers();
    SAYS(CTL("run", "-v", "/nonexistent:/mnt", test_rootfs(), "--", "true"), 125,
         "source of a bind '/nonexistent': ENOENT: No such file or directory (make it first, or "
         "add the option nofail)");
}

/* Links inside are the container's own: what they lead to is looked for in its root. */
static void a_link_that_leads_out_of_the_root(void **state)
{
    const char *root = test_rootfs_new();
    (void)state;
    ctl_need_containers();
    assert_int_equal(symlink("../../../../../nowhere/outside", print("%s/out", root)), 0);
    SAYS(CTL("run", "-v", "/etc:/out", root, "--", "true"), 125,
         "step * of * (container): bind /etc on /out: ENOENT: '/out' is not there in the root "
         "(make it there first, ask for it with X-mount.mkdir, or give the root an upper layer: "
         "--volatile)");
    SAYS(CTL("run", "-w", "/out", root, "--", "true"), 125,
         "step * of * (container): go to /out: ENOENT: '/out' does not exist in the container "
         "(make it in the root, or begin in another directory)");
}

static void a_directory_that_the_user_may_not_enter(void **state)
{
    const char *root = test_rootfs_new();
    (void)state;
    ctl_need_containers();
    if (!test_privileged())
        TEST_SKIP("the only user there is owns the root");
    assert_int_equal(mkdir(print("%s/own", root), 0700), 0);
    test_make_file(root, "file", "");
    SAYS(CTL("run", "-u", "7", "-w", "/own", root, "--", "true"), 125,
         "step * of * (container): go to /own: EACCES: the command's user may not enter '/own', or "
         "what is above it (see the modes of the directories, in the root and of the root itself)");
    SAYS(CTL("run", "-w", "/file", root, "--", "true"), 125,
         "step * of * (container): go to /file: ENOTDIR: '/file' is not a directory (begin in "
         "another one)");
}

/* ---- who ------------------------------------------------------------------------------------ */

static void a_user_that_the_root_does_not_know(void **state)
{
    (void)state;
    ctl_need_containers();
    SAYS(CTL("run", "-u", "nosuch", test_rootfs(), "--", "true"), 125,
         "step * of * (container): look up the user nosuch in the root: ENOENT: *");
}

/* Not 126, which is the command's. */
static void ids_that_are_another_users(void **state)
{
    (void)state;
    ctl_need_containers();
    if (test_privileged() || access("/usr/bin/newuidmap", X_OK) < 0)
        TEST_SKIP("root may map all ids, others by newuidmap");
    SAYS(CTL("run", "--uidmap", "0:1:9", "--gidmap", "0:1:9", test_rootfs(), "--", "true"), 125,
         "*newuidmap*");
}

static void a_user_that_is_not_mapped(void **state)
{
    (void)state;
    ctl_need_containers();
    struct ctl ctl = test_privileged()
                         ? CTL("run", "--uidmap", "0:0:1", "-u", "5", test_rootfs(), "--", "true")
                         : CTL("run", "-u", "5", test_rootfs(), "--", "true");
    SAYS(ctl, 125,
         "user of the command '5': EINVAL: it is not mapped in the user namespace, which has 0 "
         "(use *)");
}

static void a_name_that_is_taken(void **state)
{
    int out;
    char name[64];
    (void)state;
    ctl_need_containers();
    snprintf(name, sizeof name, "test.errors_%d", (int)getpid());
    if (!test_privileged())
        assert_int_equal(setenv("XDG_RUNTIME_DIR", test_directory(), 1), 0);
    pid_t pid = CTL_START(&out, "run", "--name", name, "--", "sh", "-c", "echo ready; sleep 600");
    ctl_expect(out, "ready");
    SAYS(CTL("run", "--name", name, "--", "true"), 125,
         "step 1 of * (host): make the record of %s in */libscratch: EEXIST: there is a container "
         "of "
         "that name (delete it first, or choose another name)",
         name);
    assert_int_equal(kill(pid, SIGTERM), 0);
    ctl_wait(pid);
    close(out);
}

/* ---- limits --------------------------------------------------------------------------------- */

static void no_fds(void **state)
{
    (void)state;
    ctl_need_containers();
    const char *const arguments[] = {"run", test_rootfs(), "--", "true", NULL};
    for (rlim_t limit = 5; limit < 9; limit++) {
        struct ctl ctl = ctl_run_limited(RLIMIT_NOFILE, limit, arguments);
        if (ctl.status != 0)
            SAYS(ctl, 125, "*: EMFILE*");
    }
}

static void no_pids(void **state)
{
    (void)state;
    ctl_need_containers();
    if (!test_privileged())
        TEST_SKIP("control groups are root's");
    SAYS(CTL("run", "--pids-limit", "1", test_rootfs(), "--", "true"), 125,
         "step * of * (container): stay as pid 1; the command is its child: EAGAIN: there may be "
         "no process more (scratch-init is one itself: allow at least 2, or start the command "
         "without it)");
}

static void no_memory(void **state)
{
    (void)state;
    ctl_need_containers();
    if (!test_privileged())
        TEST_SKIP("control groups are root's");
    /* On v2 it begins in its group, and is not even executed. */
    SAYS(CTL("run", "-m", "4k", test_rootfs(), "--", "true"), 125,
         access("/sys/fs/cgroup/cgroup.controllers", F_OK) < 0
             ? "step * of * (host): make the first process*: ECANCELED: scratch-init was killed "
               "before the command ran: out of memory, by the container's limit (raise it)"
             : "step * of * (host): make the first process*: ENOMEM: there is no memory to execute "
               "scratch-init with (raise the container's memory limit)");
}

/* ---- streams -------------------------------------------------------------------------------- */

static void a_closed_standard_input_is_none(void **state)
{
    char command[1024], line[64] = "";
    (void)state;
    ctl_need_containers();
    snprintf(command, sizeof command,
             "%s run %s -- sh -c 'cat; stat -Lc %%t:%%T /proc/self/fd/0' <&-",
             ctl_program("scratchctl"), test_rootfs());
    FILE *out = popen(command, "re");
    assert_non_null(out);
    assert_non_null(fgets(line, sizeof line, out));
    assert_int_equal(pclose(out), 0);
    assert_string_equal(line, "1:3\n"); /* the null device */
}

TEST_MAIN(a_missing_root, a_root_without_a_command, a_file_for_a_root,
          a_user_that_the_root_does_not_know, ids_that_are_another_users,
          a_root_that_one_may_not_enter, a_link_that_leads_out_of_the_root,
          a_directory_that_the_user_may_not_enter, a_user_that_is_not_mapped, a_name_that_is_taken,
          a_root_without_proc_that_cannot_be_written,
          an_upper_layer_on_a_file_system_that_can_be_none, an_upper_layer_that_is_in_use,
          a_full_throw_away_layer, a_missing_command, a_missing_interpreter,
          a_program_for_another_machine, a_file_that_is_no_program, a_file_that_is_not_executable,
          an_unknown_option, a_wrong_unit, a_missing_volume_source, no_fds, no_pids, no_memory,
          a_closed_standard_input_is_none)
