/* SPDX-License-Identifier: MIT */
/*
 * Why steps fail, and what to do: where more is known than errno says. The first line that fits a
 * failure is taken, so those that say most come first.
 */
#include "step/words.h"

#include <errno.h>
#include <string.h>

static const struct step_hint hints[] = {
    /* ---- found out by the step itself ---- */
    {STEP_NONE, DETAIL_FAULT, 0, NULL, "made to fail by fail_step", NULL},
    {STEP_NONE, DETAIL_PARENT_GONE, 0, NULL, "the caller had ended already", NULL},
    {STEP_NONE, DETAIL_KILLED, 0, NULL, NULL,
     "see the kernel's log (dmesg): out of memory, or a policy that forbids it"},
    {STEP_NONE, DETAIL_IMAGE, EFBIG, NULL, "the caller may not make a file of this size",
     "raise its limit: `ulimit -f`"},
    {STEP_NONE, DETAIL_IMAGE, EMFILE, NULL, "the caller has too many open files",
     "raise its limit: `ulimit -n`"},
    {STEP_NONE, DETAIL_IMAGE, 0, NULL, "scratch-init could not be executed",
     "see vm.memfd_noexec, and whether a security module forbids it"},

    {STEP_CLAIM, DETAIL_NONE, EEXIST, NULL, "a container of that name is running",
     "end it first, or choose another name"},
    {STEP_CLAIM, DETAIL_STATE, EPERM, NULL, "{directory} is another user's, or open to others",
     "it must be yours, with mode 0700"},
    {STEP_CLAIM, DETAIL_STATE, ENOTDIR, NULL, "{directory} is not a directory", NULL},
    {STEP_CLAIM, DETAIL_STATE, 0, NULL, "{directory} cannot be made or opened", NULL},
    {STEP_EXEC, DETAIL_COMMAND, ENOENT, NULL, "'{subject}' is not found in the container",
     "see that it is in the root file system, and in a directory of the command's PATH"},
    {STEP_EXEC, DETAIL_COMMAND, EACCES, NULL, "'{subject}' may not be executed",
     "see that it is a file, its mode (chmod +x), and that its mount is not noexec"},
    {STEP_EXEC, DETAIL_COMMAND, E2BIG, NULL, "the arguments and the environment are too long",
     "see ARG_MAX in execve(2)"},
    {STEP_EXEC, DETAIL_COMMAND, 0, NULL, "'{subject}' cannot be executed", NULL},
    {STEP_EXEC, DETAIL_INTERPRETER, 0, NULL,
     "'{subject}' is there; the interpreter that it names is not",
     "see its first line, or `readelf -l` for the dynamic loader"},
    {STEP_EXEC, DETAIL_NOT_A_PROGRAM, 0, NULL, "'{subject}' is not a program for this machine",
     "a script needs a first line such as #!/bin/sh"},

    {STEP_CGROUP_MAKE, DETAIL_TARGET, ENOENT, NULL, "the group above, '{subject}', does not exist",
     "see that its hierarchy is mounted, and make the group above first"},
    {STEP_MASK, DETAIL_SOURCE, ENODEV, NULL, "/dev/null in the container is not the null device",
     "leave out the mount that lies over /dev, or do not mask paths"},
    {STEP_SYSCTL, DETAIL_NOT_PROC, 0, NULL, "what is at /proc in the root is not procfs",
     "leave the standard mounts, or mount proc there"},
    {STEP_SYSCTL, DETAIL_NONE, ENOENT, NULL, "this kernel has no such setting in these namespaces",
     "compare `sysctl -a` on the host"},
    {STEP_SYSCTL, DETAIL_NONE, EACCES, NULL,
     "only root of the first user namespace may set it here",
     "run as root, or on a newer kernel: those of ipc are for every owner since Linux 5.19"},
    {STEP_SYSCTL, DETAIL_NONE, EINVAL, NULL, "the kernel refuses the value '{value}'", NULL},
    {STEP_NONE, DETAIL_SOURCE, ENOENT, NULL, "'{subject}' does not exist", "see its path"},
    {STEP_NONE, DETAIL_SOURCE, EACCES, NULL, "'{subject}' may not be reached by this user", NULL},
    {STEP_NONE, DETAIL_SOURCE, EINVAL, NULL,
     "'{subject}' cannot be bound: a mount there is unbindable, or locked by a user namespace",
     "bind it with its submounts (rbind)"},
    {STEP_NONE, DETAIL_SOURCE, 0, NULL, "'{subject}' cannot be opened", NULL},
    {STEP_NONE, DETAIL_TARGET, ENOENT, NULL, "'{subject}' is not there in the root",
     "make it there first, or ask for it with X-mount.mkdir"},
    {STEP_NONE, DETAIL_TARGET, EROFS, NULL, "'{subject}' is not there, and the root is read-only",
     "make it there first, or give the root an upper layer"},
    {STEP_NONE, DETAIL_TARGET, ENOTDIR, NULL, "something in '{subject}' is not a directory", NULL},
    {STEP_NONE, DETAIL_TARGET, ELOOP, NULL,
     "'{subject}' leads over too many links, or over a magic link of /proc", NULL},
    {STEP_NONE, DETAIL_TARGET, 0, NULL, "'{subject}' can neither be opened nor made", NULL},
    {STEP_NONE, DETAIL_TYPE, 0, NULL, "this kernel does not know the file system type '{subject}'",
     "see /proc/filesystems, or load its module"},
    {STEP_NONE, DETAIL_TYPE_FORBIDDEN, 0, NULL,
     "file systems of the type '{subject}' are not for user namespaces",
     "mount it as root outside, and bind it"},
    {STEP_NONE, DETAIL_OPTION, 0, NULL, "the file system refuses the option '{subject}'",
     "see the section of this file system in mount(8)"},
    {STEP_NONE, DETAIL_CREATE, EBUSY, NULL, "what is to be mounted is in use", NULL},
    {STEP_NONE, DETAIL_CREATE, 0, NULL,
     "the file system could not be set up: the wrong type, a damaged one, or options that do not "
     "go together",
     "see the last lines of dmesg(1)"},
    {STEP_MOUNT, DETAIL_REVEALING, 0, "proc",
     "parts of the /proc outside are hidden, and no user namespace may uncover them",
     "in a container, start the outer one with nothing masked; or share its pid namespace, and "
     "the outer /proc is bound"},
    {STEP_NONE, DETAIL_REVEALING, 0, NULL,
     "a user namespace may not have a new one: parts of the one outside are covered by mounts",
     "do not run inside another container, or uncover /proc and /sys there"},
    {STEP_NONE, DETAIL_SUBMOUNTS, 0, NULL,
     "'{source}' is unbindable, or has mounts below it, which a user namespace cannot leave out",
     "use rbind"},
    {STEP_NONE, DETAIL_TREE, 0, NULL,
     "before Linux 5.12, attributes cannot be set on a tree with mounts below it",
     "use bind, or a newer kernel"},
    {STEP_NONE, DETAIL_FILES, 0, NULL, "each layer takes an open file, and the limit is reached",
     "raise it: `ulimit -n 1024`"},
    {STEP_NONE, DETAIL_ATTACH, EINVAL, NULL, "it was made, but cannot be attached there",
     "a shared mount cannot be moved, and files and directories do not cover each other"},
    {STEP_NONE, DETAIL_ATTACH, ENOTDIR, NULL,
     "a file and a directory cannot be mounted on each other", NULL},
    {STEP_NONE, DETAIL_ATTACH, 0, NULL, "it was made, but could not be attached", NULL},
    {STEP_NONE, DETAIL_ATTRIBUTES, ENOSYS, NULL, "its attributes need mount_setattr(2)",
     "use Linux 5.12 or newer"},
    {STEP_NONE, DETAIL_ATTRIBUTES, EPERM, NULL,
     "an attribute of a mount is locked: it comes from another user namespace", NULL},
    {STEP_NONE, DETAIL_ATTRIBUTES, 0, NULL, "its attributes could not be set", NULL},
    {STEP_NONE, DETAIL_PATH, 0, NULL, "it failed at '{subject}'", NULL},
    {STEP_NONE, DETAIL_OUTSIDE, 0, NULL, "'{subject}' is not below the root", NULL},

    {STEP_NONE, DETAIL_LOWER, ENOENT, NULL, "lowerdir '{subject}' does not exist", NULL},
    {STEP_NONE, DETAIL_LOWER, ENOTDIR, NULL, "lowerdir '{subject}' is not a directory",
     "unpack an archive into a directory first"},
    {STEP_NONE, DETAIL_LOWER, 0, NULL, "lowerdir '{subject}' cannot be opened", NULL},
    {STEP_NONE, DETAIL_UPPER, ENOENT, NULL, "upperdir '{subject}' does not exist", "make it first"},
    {STEP_NONE, DETAIL_UPPER, 0, NULL, "upperdir '{subject}' cannot be opened", NULL},
    {STEP_NONE, DETAIL_UPPER_BUSY, 0, NULL, "upperdir '{subject}' is in use by another container",
     "give each its own upper and work"},
    {STEP_NONE, DETAIL_WORK, 0, NULL, "workdir '{subject}' cannot be opened",
     "make an empty directory on the upper directory's file system"},
    {STEP_NONE, DETAIL_TMPFS, 0, NULL, "the throw-away layer could not be made", NULL},

    /* ---- control groups: cgroups(7) ---- */
    {STEP_CGROUP_MAKE, DETAIL_NONE, EEXIST, NULL, "the group exists: its id is taken",
     "choose another id, or remove the group when nothing runs in it"},
    {STEP_CGROUP_MAKE, DETAIL_NONE, EACCES, NULL, "the hierarchy is not this user's to write",
     "run as root, or in a group of your own: systemd-run --user --scope -p Delegate=yes"},
    {STEP_CGROUP_MAKE, DETAIL_NONE, EPERM, NULL, "the hierarchy is not this user's to write",
     "run as root, or in a group of your own: systemd-run --user --scope -p Delegate=yes"},
    {STEP_CGROUP_MAKE, DETAIL_NONE, EROFS, NULL, "the hierarchy is mounted read-only",
     "this is a container already: let its engine set the limits"},
    {STEP_CGROUP_MAKE, DETAIL_NONE, EAGAIN, NULL, "a limit on the number of groups is reached",
     "see cgroup.max.descendants and cgroup.max.depth of the groups above"},
    {STEP_CGROUP_SET, DETAIL_NONE, ENOENT, NULL, "the group has no file '{file}'",
     "the controller is not in this kernel, or not enabled in the group above"},
    {STEP_CGROUP_SET, DETAIL_NONE, EINVAL, NULL, "the kernel refuses the value '{value}'",
     "see {file} in the kernel's documentation of control groups; a cpu quota may not be above the "
     "parent's"},
    {STEP_CGROUP_SET, DETAIL_NONE, ERANGE, NULL, "the value '{value}' is out of range", NULL},
    {STEP_CGROUP_SET, DETAIL_NONE, EBUSY, NULL, "what is in the group stands against it", NULL},
    {STEP_CGROUP_ENABLE, DETAIL_NONE, EBUSY, NULL,
     "a group with processes cannot hand controllers to groups below it",
     "move its processes into a group below it first"},
    {STEP_CGROUP_ENABLE, DETAIL_NONE, ENOENT, NULL, "the group above does not have the controller",
     "hand it down from the hierarchy's root: write to each cgroup.subtree_control on the way"},
    {STEP_CGROUP_ENABLE, DETAIL_NONE, EACCES, NULL, "the group is not this user's to change",
     "run as root, or in a group that was delegated with this controller"},
    {STEP_CGROUP_SET, DETAIL_NONE, EACCES, NULL, "the parent's own set does not have '{value}'",
     "see {file} of the group above"},
    {STEP_CGROUP_JOIN, DETAIL_NONE, ENOSPC, NULL, "the group has no processors or memory nodes",
     "set cpuset.cpus and cpuset.mems"},
    {STEP_CGROUP_JOIN, DETAIL_NONE, EACCES, NULL, "the group is not this user's to join", NULL},

    /* ---- namespaces ---- */
    {STEP_CLONE, DETAIL_NONE, EPERM, NULL, "the caller may not make these namespaces",
     "run as root; or let users make user namespaces: kernel.unprivileged_userns_clone, "
     "kernel.apparmor_restrict_unprivileged_userns; not possible inside a chroot"},
    {STEP_CLONE, DETAIL_NONE, ENOSPC, NULL,
     "a limit on namespaces is reached, or they are nested too deep",
     "see the limits in /proc/sys/user: 0 in max_user_namespaces means that they are refused"},
    {STEP_CLONE, DETAIL_NONE, EAGAIN, NULL, "there are too many processes",
     "see `ulimit -u` of this user, and pids.max of the groups in /proc/self/cgroup"},
    {STEP_CLONE, DETAIL_NONE, EINVAL, NULL, "this kernel lacks one of the namespaces",
     "compare /proc/self/ns"},
    {STEP_CLONE, DETAIL_NONE, EBUSY, NULL, "the group gives controllers to groups below it",
     "on cgroup v2 processes live in the leaves: choose another parent"},
    {STEP_CLONE, DETAIL_NONE, EACCES, NULL, "the caller may not put a process into the group",
     "it must own cgroup.procs of the group that both groups are below"},
    {STEP_TIME_OFFSETS, DETAIL_NONE, ERANGE, NULL, "a clock would be before 0 or after 146 years",
     NULL},
    {STEP_ID_MAPS, DETAIL_NONE, EPERM, NULL, "the map is not of the caller's own id alone",
     "map one user and one group, yours, or run as root"},
    {STEP_ID_MAPS, DETAIL_NONE, EACCES, NULL, "the caller is not dumpable, so root owns its files",
     "see PR_SET_DUMPABLE in prctl(2)"},
    {STEP_ID_MAPS_OF, DETAIL_NONE, EPERM, NULL, "the caller may not map these ids",
     "it needs CAP_SETUID and CAP_SETGID, and the ids outside must be mapped for itself"},
    {STEP_ID_MAPS_OF, DETAIL_NONE, EINVAL, NULL, "ranges of the map overlap, or there are too many",
     NULL},
    {STEP_BECOME_ROOT, DETAIL_NONE, EINVAL, NULL, "id 0 is not mapped in the user namespace",
     "map 0 for users and for groups"},
    {STEP_JOIN_NAMESPACE, DETAIL_NONE, EPERM, NULL,
     "the namespace belongs to a user namespace in which the container has no privilege", NULL},
    {STEP_JOIN_NAMESPACE, DETAIL_NONE, EINVAL, NULL, "the file is not a namespace of that type",
     NULL},
    {STEP_UNSHARE, DETAIL_NONE, ENOSPC, NULL, "a limit on namespaces is reached",
     "see the limits in /proc/sys/user"},
    {STEP_MEET, DETAIL_NONE, ECANCELED, NULL, "the caller's part failed", NULL},

    /* ---- root and mounts ---- */
    {STEP_PROPAGATION, DETAIL_NONE, EINVAL, NULL, "{target} is not a mount point",
     "inside a chroot the root is none: run outside of it, or enter it with pivot_root"},
    {STEP_ROOT_OVERLAY, DETAIL_NONE, ENODEV, NULL, "this kernel has no overlay file system",
     "modprobe overlay"},
    {STEP_ROOT_OVERLAY, DETAIL_NONE, EPERM, NULL, "overlay may not be mounted in a user namespace",
     "use Linux 5.11 or newer, or a root without upper layer"},
    {STEP_ROOT_OVERLAY, DETAIL_NONE, EINVAL, NULL, "overlay refuses the layers",
     "upper and work must be on one file system that can hold them, and no layer inside another; "
     "dmesg says which"},
    {STEP_ROOT_OVERLAY, DETAIL_NONE, ELOOP, NULL, "one layer is inside another", NULL},
    {STEP_OVERLAY_PART, DETAIL_NONE, EINVAL, NULL, "overlay refuses {lower}",
     "a file system is mounted in it, or is not fit for a layer: dmesg says which"},
    {STEP_MOUNT, DETAIL_NONE, EPERM, "sysfs", "the network namespace is not the container's own",
     "make a new one as well, or bind /sys"},
    {STEP_MOUNT, DETAIL_NONE, EPERM, NULL, "{type} may not be mounted here",
     "it needs CAP_SYS_ADMIN over the namespaces that it shows"},
    {STEP_DEVICES, DETAIL_NONE, EPERM, NULL, "device nodes may not be made here",
     "it needs CAP_MKNOD, and a device controller that allows it"},
    {STEP_PIVOT_ROOT, DETAIL_NONE, EINVAL, NULL,
     "the old root cannot be let go of: it is an initramfs, or its mount is shared",
     "boot into a file system (switch_root), or enter with chroot"},

    /* ---- the process ---- */
    {STEP_OOM_SCORE, DETAIL_NONE, EACCES, NULL,
     "it is below what the caller has, or was once given by root",
     "only CAP_SYS_RESOURCE on the host may lower it"},
    {STEP_RLIMIT, DETAIL_NONE, EPERM, NULL, "the hard limit is above the caller's own",
     "only CAP_SYS_RESOURCE on the host may raise it"},
    {STEP_RLIMIT, DETAIL_NONE, EINVAL, NULL, "the soft limit is above the hard one", NULL},
    {STEP_CHDIR, DETAIL_NONE, ENOENT, NULL, "'{subject}' does not exist in the container",
     "make it in the root, or begin in another directory"},
    {STEP_BOUNDING, DETAIL_NONE, EPERM, NULL, "dropping capabilities needs CAP_SETPCAP", NULL},
    {STEP_IDS, DETAIL_NONE, EINVAL, NULL, "the user or a group is not mapped in the user namespace",
     "add it to the id maps"},
    {STEP_IDS, DETAIL_NONE, EPERM, NULL, "becoming another user needs CAP_SETUID and CAP_SETGID",
     NULL},
    {STEP_CAPABILITIES, DETAIL_NONE, EPERM, NULL, "one of the capabilities is not there to be kept",
     "the caller must have it, or the container a user namespace"},
    {STEP_SECCOMP, DETAIL_NONE, EINVAL, NULL,
     "the filter is not valid, or longer than 4096 instructions, or the kernel has no seccomp",
     "each path through it must end with a return; see CONFIG_SECCOMP_FILTER"},
    {STEP_SECCOMP, DETAIL_NONE, EACCES, NULL,
     "without no_new_privs only CAP_SYS_ADMIN may load a filter", "do not allow new privileges"},
};

static bool has_type(const struct step_walk *w, const struct step *step, const char *type)
{
    const char *own = step->kind == STEP_MOUNT ? step_text(w, step->text[2]) : NULL;
    return own && strcmp(own, type) == 0;
}

static bool fits(const struct step_hint *h, const struct step_walk *w, const struct step *step,
                 int errnum)
{
    return (h->kind == step->kind || h->kind == STEP_NONE) && h->detail == w->detail &&
           (h->errnum == errnum || h->errnum == 0) && (!h->type || has_type(w, step, h->type));
}

const struct step_hint *step_hint(const struct step_walk *w, const struct step *step, int errnum)
{
    static const struct step_hint none;
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        if (fits(&hints[i], w, step, errnum))
            return &hints[i];
    return &none;
}
