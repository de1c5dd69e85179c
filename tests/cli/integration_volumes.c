/* SPDX-License-Identifier: MIT */
/*
 * What a person mounts, hides and gives at the prompt, as seen from inside.
 */
#include "cli/ctl.h"
#include "support/rootfs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void says(struct ctl ctl, const char *out)
{
    if (ctl.status != 0)
        fail_msg("%d: %s", ctl.status, ctl.err);
    assert_string_equal(ctl.out, out);
}

/* It is refused with that sentence as the first line. */
static void refuses(struct ctl ctl, const char *sentence)
{
    char line[2048];
    snprintf(line, sizeof line, "%.*s", (int)strcspn(ctl.err, "\n"), ctl.err);
    assert_int_equal(ctl.status, 125);
    assert_string_equal(line, sentence);
}

/* A form in which '%' stands for a path. */
static const char *print(const char *form, const char *path)
{
    static char text[4][4200];
    static unsigned next;
    char *result = text[next++ % 4];
    size_t before = strcspn(form, "%");
    snprintf(result, sizeof text[0], "%.*s%s%s", (int)before, form, path, form + before + 1);
    return result;
}

static const char *volume(void)
{
    const char *directory = test_directory();
    test_make_file(directory, "file", "outside\n");
    return directory;
}

#define SEE "cat /data/file; touch /data/new 2>/dev/null && echo written"

static void a_volume_is_read_only_where_that_is_said(void **state)
{
    static const char *const forms[] = {"%:/data:ro", "%:/data:rro", "%:/data:ro,rslave",
                                        "%:/data:Z,ro"};
    (void)state;
    ctl_need_containers();
    const char *v = volume();
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        says(CTL("run", "-v", print(forms[i], v), "--", "sh", "-c", SEE "; true"), "outside\n");
    says(CTL("run", "-v", print("%:/data:rw,z", v), "--", "sh", "-c", SEE), "outside\nwritten\n");
}

/* What the container's own root lies over is not shown with it. */
static void the_hosts_tree_is_the_hosts(void **state)
{
    (void)state;
    ctl_need_containers();
    if (!test_has_call(SYS_open_tree))
        TEST_SKIP("open_tree(2) is refused here");
    const char *v = volume();
    for (int i = 0; i < 2; i++) {
        const char *root = i ? "--volatile" : "--read-only";
        says(CTL("run", root, "-v", "/:/root", test_rootfs(), "--", "cat", print("/root%/file", v)),
             "outside\n");
        says(CTL("run", root, "-v", "/:/root:ro", "-v", "/../:/tmp", test_rootfs(), "--", "sh",
                 "-c",
                 print("cat /tmp%/file; touch /root/new 2>/dev/null && echo written; true", v)),
             "outside\n");
    }
}

static void a_mount_says_the_same_in_other_words(void **state)
{
    (void)state;
    ctl_need_containers();
    const char *v = volume();
    says(CTL("run", "--mount", print("type=bind,src=%,dst=/data,readonly", v), "--", "sh", "-c",
             SEE "; true"),
         "outside\n");
    says(CTL("run", "--mount", print("type=bind,src=%,dst=/data,bind-propagation=rslave", v), "--",
             "sh", "-c", SEE),
         "outside\nwritten\n");
    says(CTL("run", "--mount", "type=tmpfs,dst=/data,tmpfs-size=1m,tmpfs-mode=0710", "--", "sh",
             "-c", "stat -c %a /data; grep -o ' /data .*size=1024k' /proc/self/mountinfo | wc -l"),
         "710\n1\n");
    says(CTL("run", "--mount", "type=proc,dst=/data", "--", "cat", "/data/1/comm"),
         "scratch-init\n");
    says(CTL("run", "--mount", "type=devpts,dst=/data", "--", "ls", "/data"), "ptmx\n");
    says(CTL("run", "--mount", "type=mqueue,dst=/data", "--", "ls", "/data"), "");
    says(CTL("run", "--mount", "type=sysfs,dst=/data", "--", "ls", "-d", "/data/kernel"),
         "/data/kernel\n");
}

static void sources_that_are_not_there_are_named(void **state)
{
    (void)state;
    ctl_need_containers();
    refuses(
        CTL("run", "-v", "/nonexistent/v:/data", "--", "true"),
        "scratchctl: source of a bind '/nonexistent/v': ENOENT: No such file or directory (make "
        "it first, or add the option nofail)");
    refuses(CTL("run", "-v", "web:/data", "--", "true"),
            "scratchctl: option --volume 'web:/data': 'web' is the name of a volume, and none are "
            "kept (give a path of the host: /srv/data, or ./data)");
    refuses(CTL("run", "-v", "/data", "--", "true"),
            "scratchctl: option --volume '/data': a ':' is missing, and volumes without a source "
            "are not kept (write SRC:DST; for an empty directory: --tmpfs DST)");
    refuses(CTL("run", "--mount", "type=tmpfs,dst=/data,colour=red", "--", "true"),
            "scratchctl: option --mount 'type=tmpfs,dst=/data,colour=red': 'colour' is no key of a "
            "mount of the type tmpfs (type, target, destination, dst, ro, readonly, rw, nosuid, "
            "suid, nodev, dev, noexec, exec, nosymfollow, tmpfs-size, tmpfs-mode, tmpcopyup, "
            "notmpcopyup; a path with a comma goes with -v)");
}

static void a_missing_target_is_told_of(void **state)
{
    (void)state;
    ctl_need_containers();
    const char *root = test_rootfs_new(), *v = volume();
    struct ctl ctl = CTL("run", "-v", print("%:/srv/data", v), root, "--", "true");
    assert_int_equal(ctl.status, 125);
    assert_non_null(strstr(ctl.err, "'/srv/data' is not there in the root (make it there first, "
                                    "ask for it with X-mount.mkdir, or give the root an upper "
                                    "layer: --volatile)"));
    says(CTL("run", "-v", print("%:/srv/data", v), "--volatile", root, "--", "cat",
             "/srv/data/file"),
         "outside\n");
    assert_int_equal(access(print("%/srv", root), F_OK), -1);
    says(CTL("run", "-v", print("%:/srv/data:X-mount.mkdir", v), root, "--", "cat",
             "/srv/data/file"),
         "outside\n");
}

static void a_source_is_given_to_the_user_inside(void **state)
{
    struct stat st;
    (void)state;
    ctl_need_containers();
    if (!test_privileged())
        TEST_SKIP("files are not this user's to give away");
    const char *v = volume();
    says(CTL("run", "-v", print("%:/data:U", v), "-u", "1234:1235", "--", "stat", "-c", "%u:%g",
             "/data/file"),
         "1234:1235\n");
    assert_int_equal(stat(print("%/file", v), &st), 0);
    assert_int_equal(st.st_uid, 1234);
    refuses(CTL("run", "-v", "/etc:/data:U", "--", "true"),
            "scratchctl: owner of a bind '/etc': EPERM: the host itself needs this directory as it "
            "is (bind a directory that is for containers, or leave out U, z, Z)");
}

static void a_label_needs_selinux(void **state)
{
    (void)state;
    if (access("/sys/fs/selinux/enforce", F_OK) == 0)
        TEST_SKIP("SELinux is on here");
    refuses(CTL("run", "--tmpfs", "/data:context=\"a:b:c:s0:c1,c2\"", "--", "true"),
            "scratchctl: mount options 'context=\"a:b:c:s0:c1,c2\"': EINVAL: SELinux, which labels "
            "are for, is not on in this kernel (leave out context, fscontext, defcontext and "
            "rootcontext)");
}

static void a_directory_of_devices_is_given(void **state)
{
    char path[512];
    (void)state;
    ctl_need_containers();
    const char *directory = test_directory();
    refuses(CTL("run", "--device", directory, "--", "true"),
            print("scratchctl: directory of devices '%': ENODEV: there is no device node in it "
                  "(files and directories are bound with a mount)",
                  directory));
    if (!test_privileged())
        TEST_SKIP("nodes are root's to make");
    test_make_directory(directory, "below");
    snprintf(path, sizeof path, "%s/below/zero", directory);
    if (mknod(path, S_IFCHR | 0666, makedev(1, 5)) < 0)
        TEST_SKIP("no nodes can be made here: %s", strerror(errno));
    says(CTL("run", "--device", print("%:/dev/given", directory), "--", "stat", "-c", "%t:%T %F",
             "/dev/given/below/zero"),
         "1:5 character special file\n");
}

static void a_tmpfs_may_begin_with_a_copy(void **state)
{
    (void)state;
    ctl_need_containers();
    const char *root = test_rootfs_new();
    test_make_file(root, "etc/name", "inside\n");
    says(CTL("run", "--tmpfs", "/etc:tmpcopyup", root, "--", "sh", "-c",
             "cat /etc/name; echo other >/etc/name; cat /etc/name"),
         "inside\nother\n");
    says(CTL("run", "--tmpfs", "/etc", root, "--", "ls", "/etc"), "");
    says(CTL("run", root, "--", "cat", "/etc/name"), "inside\n");
}

static void a_device_is_there(void **state)
{
    (void)state;
    ctl_need_containers();
    says(CTL("run", "--device", "/dev/zero:/dev/naught:rwm", "--", "stat", "-c", "%t %T",
             "/dev/naught"),
         "1 5\n");
    if (geteuid() == 0)
        says(CTL("run", "--device", "/dev/zero:/dev/naught:r", "--", "sh", "-c",
                 "head -c1 /dev/naught | wc -c; echo >/dev/naught || echo >/dev/null && echo no"),
             "1\nno\n");
    refuses(CTL("run", "--device", "/etc/passwd", "--", "true"),
            "scratchctl: device '/etc/passwd': ENODEV: it is no device node (files and directories "
            "are bound with a mount)");
}

static void paths_are_hidden_and_shown(void **state)
{
    (void)state;
    ctl_need_containers();
    const char *root = test_rootfs();
    says(CTL("run", "--security-opt", "mask=/proc/uptime:/etc", root, "--", "sh", "-c",
             "cat /proc/uptime; ls /etc"),
         "");
    says(CTL("run", "--security-opt", "unmask=/proc/sys:/proc/keys", root, "--", "sh", "-c",
             "grep -c -e ' /proc/sys ' -e ' /proc/keys ' /proc/self/mountinfo; true"),
         "0\n");
    says(CTL("run", "--security-opt", "unmask=/proc/*", "--security-opt", "unmask=/sys/*", root,
             "--", "sh", "-c", "grep -c -e ' /proc/' -e ' /sys/' /proc/self/mountinfo; true"),
         "0\n");
    says(CTL("run", "--security-opt", "mask=/proc/uptime", "--security-opt", "unmask=ALL", root,
             "--", "sh", "-c", "grep -c ' /proc/' /proc/self/mountinfo; true"),
         "0\n");
    refuses(CTL("run", "--security-opt", "mask=etc", root, "--", "true"),
            "scratchctl: option --security-opt: 'etc' is not an absolute path (write "
            "mask=/a:/b)");
    refuses(CTL("run", "--security-opt", "unmask=/proc/nothing", root, "--", "true"),
            "scratchctl: option --security-opt: nothing at '/proc/nothing' is "
            "hidden or read-only (--dry-run shows what is; /proc/* is all below /proc)");
}

static void a_read_only_root_has_places_to_write(void **state)
{
    (void)state;
    ctl_need_containers();
    const char *root = test_rootfs_new();
    test_make_directory(root, "run");
    says(CTL("run", "--read-only", "--read-only-tmpfs", root, "--", "sh", "-c",
             "touch /tmp/x /run/x && echo written; touch /etc/x 2>&1;"
             "stat -c %a /tmp /run"),
         "written\ntouch: /etc/x: Read-only file system\n1777\n755\n");
    assert_int_equal(access(print("%/tmp/x", root), F_OK), -1);
    refuses(CTL("run", "--read-only-tmpfs", "--", "true"),
            "scratchctl: option --read-only-tmpfs: the root is not read-only (add --read-only)");
}

TEST_MAIN(a_label_needs_selinux, a_directory_of_devices_is_given, the_hosts_tree_is_the_hosts,
          a_volume_is_read_only_where_that_is_said, a_mount_says_the_same_in_other_words,
          sources_that_are_not_there_are_named, a_missing_target_is_told_of,
          a_source_is_given_to_the_user_inside, a_tmpfs_may_begin_with_a_copy, a_device_is_there,
          paths_are_hidden_and_shown, a_read_only_root_has_places_to_write)
