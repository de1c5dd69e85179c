/* SPDX-License-Identifier: MIT */
/*
 * A step: one thing the kernel is asked to do. A plan is a flat array of them.
 *
 * This file is shared by the library and scratch-init. The words for each kind are in words.c, the
 * functions in run.c, and what the functions do in the rooms' steps.c.
 */
#ifndef STEP_STEP_H
#define STEP_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/block.h"

/* In the order in which a plan has them; the comment says what num, text and fd hold. */
enum step_kind {
    STEP_NONE = 0,

    /* state: host */
    STEP_STATE,      /* text: directory of records, id, where that directory is to be known or none;
                        num: 1 = goes with the container, 1 = its groups stay with it, 1 = with a
                        directory for a socket; fd[0]: slot that gets the record's */
    STEP_STATE_FILE, /* text: name; num[0]: 1 = the command's output; fd: slots of the record's
                        directory, of the file */
    STEP_STATE_SOCKET, /* fd: slots of the record's directory, of the socket */

    /* cgroup: host */
    STEP_CGROUP_ENABLE, /* (v2) text: directory, "+controller" */
    STEP_CGROUP_ABOVE,  /* text: parent directory, name; num[0]: 1 = it is a cpuset of v1 */
    STEP_CGROUP_MAKE,   /* text: parent directory, SLOT_ID or a name; fd: slots that get it, and its
                           tasks (v1); num: 1 = it may be there, length of the mount's path */
    STEP_CGROUP_SET, /* text: file, value, and those to write where there is no such file, or none;
                        fd[0]: slot of the directory */
    STEP_CGROUP_DEVICES, /* (v2) text: rules, program (struct bpf_insn array); num[0]: its length;
                            fd[0]: slot of the directory */

    /* hook: host */
    STEP_HOOK_FILE, /* text: version, bundle, annotations (list), status; fd[0]: slot that gets the
                       file for the state */

    /* rootfs: host */
    STEP_LOCK_UPPER, /* text: upper; fd[0]: slot that gets the lock */

    /* namespace: host */
    STEP_ID_RANGE,     /* text: lines "FIRST COUNT"; num[0]: how many; fd[0]: slot of the lock */
    STEP_ID_NAMESPACE, /* text: uid map, gid map, none: the range's; fd[0]: slot that gets it */
    STEP_ID_MOUNT,     /* text: source, a second one or none; num: MOUNT_ATTR_* set, recursive,
                          clear, MS_* of propagation (with MS_REC: what is mounted below has the map
                          as well), set and clear of the mount itself; fd: slots of the mount, the
                          namespace */
    STEP_OPEN_SOURCE,  /* the same, without a map */
    STEP_ID_SOURCE,    /* text: source; num: 1 = with what is mounted below; fd[0]: slot of the
                          namespace with the map, in whose place STEP_TREE has put the mount */
    STEP_MADE_NODE,    /* num: as STEP_NODE, with ids of the caller's; fd[0]: slot of its mount */

    /* mount: host, but for owners that only the user namespace may set */
    STEP_OWN,     /* text: source; num: uid, gid */
    STEP_RELABEL, /* text: source, SELinux label */

    STEP_TAKE_NETWORK, /* fd: slot that gets a network namespace, slot of the pool */

    /* the child */
    STEP_CLONE,        /* num: CLONE_NEW*; fd[0]: slot of the group to begin in (v2), or -1 */
    STEP_TIME_OFFSETS, /* text: the text for /proc/self/timens_offsets */
    STEP_ID_MAPS,      /* text: uid map, gid map; num[0]: 1 = deny setgroups first */
    STEP_KEEP_CAPS,    /* raise inheritable and ambient, for the exec by an unmapped id */

    /* namespace: container, but for the caller's side of a meeting */
    STEP_MEET,           /* wait until the caller has walked the host steps that follow */
    STEP_STATE_WRITE,    /* (host) text: id, members of the record that are known; num: 1 = as in
                            STEP_STATE, 1 = and the filter; fd[0]: slot of its directory */
    STEP_ID_MAPS_OF,     /* (host) text: uid map, gid map, none: the range's; written to the
                            child's /proc files */
    STEP_ID_MAPS_BY,     /* (host) text: command lines (lists) of newuidmap and newgidmap */
    STEP_BECOME_ROOT,    /* be id 0 of the new user namespace, and drop what STEP_KEEP_CAPS kept */
    STEP_OOM_SCORE,      /* text: the number for oom_score_adj */
    STEP_HIDE,           /* not dumpable from here on */
    STEP_CGROUP_JOIN,    /* fd[0]: slot of an open tasks (v1) or cgroup.procs (v2) */
    STEP_CGROUP_SCOPE,   /* (host) text: slice, the unit's name without its type, socket of systemd,
                            properties; fd[0]: slot that gets the group's directory */
    STEP_UNSHARE,        /* num: CLONE_NEW* */
    STEP_JOIN_NAMESPACE, /* fd[0]: slot; num: CLONE_NEW* */
    STEP_JOIN_CONTAINER, /* fd: slot of a pidfd; of the root, where it is another in the caller's
                            mount namespace, or -1; num: CLONE_NEW*, of which all are joined */
    STEP_SPAWN,          /* what follows is done by a new process, a child of the caller's */
    STEP_HOSTNAME,       /* text: name */
    STEP_DOMAINNAME,     /* text: name */
    STEP_LOOPBACK,       /* no arguments */
    STEP_NETWORK,        /* (host) text: command (list), its name, its package, requests (list);
                                  num: 1 = it is ready when it writes to standard output, 1 = the
                                  network namespace is its standard input */

    STEP_NET_DEVICE, /* (host) text: name, name inside */

    /* rootfs and mount: container */
    STEP_PROPAGATION, /* text: target; num: MS_* of mount(2) */
    STEP_TREE,        /* text: directory, its path below the new root, or none; num[0]: 1 = the
                         topmost mount alone; fd[0]: slot that gets a mount of it, for a bind */
    STEP_ROOT_BIND,   /* text: directory; num[0]: 1 = who enters the mount namespace finds it by its
                         path; fd[0]: slot of a mount of it that is ready, or -1 */
    STEP_ROOT_READY,  /* text: directory; fd[0]: slot of a mount namespace whose root it is */
    STEP_LAYERS,      /* a tmpfs for throw-away upper layers; num: bytes, or 0 */
    STEP_ROOT_OVERLAY, /* text: lowers (list), upper, work, target; num: enum overlay_flag; fd:
                          first slot of mounts of the lowers that are ready, or -1; slot of the
                          one that upper and work are in */
    STEP_ROOT_COMPOSE, /* an empty root, which the parts make */
    STEP_OVERLAY_PART, /* text: lower, target; num: enum overlay_flag; fd[0]: as STEP_ROOT_BIND */
    STEP_MOUNT,        /* text: source, target, type, data; num: MOUNT_ATTR_*, enum root_make, enum
                          mount_copy_flag, 1 = nobody else mounts this superblock, 1 = a
                          STEP_REMOUNT makes it read-only, 1 = it goes on no link, 1 = the target
                          may be a link to the root */
    STEP_BIND,         /* text: source, target, the source's path below the new root, or none; num:
                          attributes, root_make, enum bind_flag, clear, attributes and clear of the
                          topmost mount alone, and 1 + slot of the namespace with its id map, |
                          BIND_MAPS_ALL when what is mounted below has the map as well; fd: as
                          STEP_ROOT_BIND; slot that STEP_TREE or STEP_OPEN_SOURCE may have filled,
                          or -1 */
    STEP_REMOUNT,      /* text: target; num: MOUNT_ATTR_* set, clear */
    STEP_FILE,         /* text: path, contents */
    STEP_LINK,         /* text: link's text, path; num[0]: 1 = its directory may be made */
    STEP_DEVICES, /* num[0]: 1 = bind the host's nodes, 0 = make them; num[1]: 1 = what is there
                     stays, and nothing is made where there is no /dev */
    STEP_DEVICE,  /* text: source, target; num: as STEP_DEVICES, enum root_make */
    STEP_NODE, /* text: path; num: mode with its type, major << 32 | minor, uid, gid, 1 = bind the
                  host's node of this path; fd[0]: slot of one that is bound in its place */
    STEP_HOST_DEVICES, /* text: paths (list); num[0]: 1 = bind them, 0 = make them */
    STEP_DIRECTORY,    /* text: path */
    STEP_SYSCTL,       /* text: path below /proc/sys, value */
    STEP_HOOK_TELL,    /* (host) fd[0]: slot of the file that the state is written to */
    STEP_HOOK_HOST,    /* (host) text: path, args (list), env (list), its point; num: seconds that
                          it may take, or 0, which of that point's; fd[0]: slot of its standard
                          input */
    STEP_HOOK,         /* likewise, in the container */
    STEP_TERMINAL,     /* num: uid, 1 = bind it on /dev/console, rows, columns, 1 = no
                          carriage returns; fd, where scratch-init keeps its master: the slot that gets
                          it, and that of a log; or -1 */
    STEP_SESSION,      /* a new session, whose terminal is fd 0; num[0]: 1 = it has none */
    STEP_MASK,         /* text: paths (list) */
    STEP_READ_ONLY_PATHS, /* text: paths (list) */
    STEP_ROOT_READ_ONLY,  /* no arguments */
    STEP_PIVOT_ROOT,      /* num[0]: 1 = the old root's mounts may be tied to others */
    STEP_LEAVE_MOUNTS,    /* fd[0]: slot of the mount namespace to be in, with the new root */
    STEP_CHROOT, /* num[0]: 1 = the mount namespace is the container's alone: the old /proc goes */

    /* process: container */
    STEP_WAIT_START,    /* fd: slots of the socket, of the record's directory */
    STEP_USER,          /* text: user, "NAME:GROUP"; names of more groups (list), or none */
    STEP_LOOK_UP,       /* text: as STEP_EXEC, which is yet to come */
    STEP_KEYRING,       /* text: its name */
    STEP_SCHEDULER,     /* num: policy | flags << 32, nice, priority, runtime, deadline, period */
    STEP_IO_PRIORITY,   /* num: class << 13 | priority */
    STEP_PERSONALITY,   /* num: domain and flags */
    STEP_MEMORY_POLICY, /* num: mode with its flags, the nodes' bits */
    STEP_CPU_AFFINITY,  /* text: a list of CPUs, as "0-3,7" */
    STEP_RLIMIT,        /* num: resource, soft, hard */
    STEP_CHDIR,         /* text: directory; num: of enum chdir_time */
    STEP_BOUNDING,      /* num: capabilities to keep in the bounding set */
    STEP_IDS,           /* num: uid, gid, keep capabilities, keep groups, skip what is so already;
                           text: groups (numbers), or the user that STEP_USER has found */
    STEP_CAPABILITIES,  /* num: permitted, inheritable, ambient; num[3]: 1 = of what is permitted, a
                           user other than 0 has the ambient ones alone; num[4]: what of it is not
                           effective */
    STEP_NO_NEW_PRIVS,  /* no arguments */
    STEP_SECCOMP,       /* text: the filter (struct sock_filter array); num: its length,
                           SECCOMP_FILTER_FLAG_*, enum seccomp_time */
    STEP_LANDLOCK,      /* text: paths (list), rights (numbers), ports; num: rights on files and
                           on ports that are denied elsewhere, how many ports */
    STEP_LABEL,         /* text: file, an older one, the words before the label, label */
    STEP_DIE_WITH_PARENT, /* no arguments */
    STEP_SUPERVISE,       /* the steps that follow run in a child; num: 1 = this is pid 1, 1 = tell
                             the caller when it stops; fd: slots of a process that the child ends
                             with, and of a file for its exit status, or -1 */
    STEP_FOREGROUND,      /* a process group of its own, in the foreground of fd 0 */
    STEP_EXEC,            /* text: argv (list), env (list); num: umask; num[1]: 1 = HOME is what
                             STEP_USER has found, unless env has one */

    STEP_KIND_COUNT
};

/* Where a step runs: the values of enum scratch_side. */
enum step_side {
    STEP_HOST = 1,
    STEP_CHILD = 2,
    STEP_CONTAINER = 3,
};

#define BIND_MAPS_ALL (1 << 16)

enum bind_flag {
    BIND_TREE = 1,
    BIND_ANEW = 2,     /* what the topmost mount has besides is taken away, unless it is locked */
    BIND_OCI = 4,      /* a bundle's: struct mount_change has what that means */
    BIND_UNLOCKED = 8, /* the kernel has locked nothing of what a user namespace must not change */
};

#define STEP_BEST_EFFORT 1 /* in flags: a failure is passed over */

#define STEP_TEXTS 4
#define STEP_NUMS  7
#define STEP_FDS   2

/* A directory may be the privileged process's to enter alone, or the command's user's alone. */
enum chdir_time {
    CHDIR_ONCE,
    CHDIR_EARLY, /* before the user is changed to: -EACCES is no failure */
    CHDIR_AGAIN, /* behind that: where the working directory is it already, nothing is to be done */
};

/* A filter that is not libscratch's own may forbid what scratch-init calls: it comes last. */
enum seccomp_time {
    SECCOMP_AT_ONCE,
    SECCOMP_BEFORE_EXEC,  /* by the step that executes, when nothing else is left to do */
    SECCOMP_BEFORE_HOOKS, /* the container's own are as confined as its command */
};

struct step {
    uint16_t kind;
    uint8_t side;
    uint8_t flags;
    int16_t fd[STEP_FDS];      /* numbers of fd slots, or -1 */
    uint32_t text[STEP_TEXTS]; /* offsets in the plan's block, or SLOT_* */
    uint64_t num[STEP_NUMS];
};

/*
 * What differs between two starts of one plan. A text argument with SLOT_BIT set names a slot:
 * its value is the start's, or where that is none, the plan's.
 */
enum step_slot {
    SLOT_ID,
    SLOT_HOSTNAME,
    SLOT_UPPER,
    SLOT_WORK,
    SLOT_COUNT,
};
/* What SLOT_ID begins with: by it a sweep knows the groups of containers. */
#define SLOT_ID_PREFIX  "libscratch-"
#define SLOT_BIT        0x80000000u
#define SLOT_TEXT(slot) (SLOT_BIT | (uint32_t)(slot))
#define SLOT_OF(text)   ((enum step_slot)((text) & ~SLOT_BIT))

/* The most fds that a plan may carry into its container, and the number of the first one there. */
#define STEP_FDS_MAX  64
#define STEP_FD_FIRST 5

/* The header of a plan's block. */
struct plan_block {
    uint32_t size;
    uint32_t step_count;
    uint32_t steps;            /* offset of the array */
    uint32_t fd_count;         /* fd slots in use */
    uint32_t relative;         /* 1: there are paths that count from the working directory */
    uint32_t slot[SLOT_COUNT]; /* offsets of the values that the plan itself has, or 0 */
    uint64_t host_only;        /* a bit for each fd slot that is not carried into the container */
};

/* The header of what one start adds to it. Its offsets count from its own beginning. */
struct start_block {
    uint32_t size;
    uint32_t slot[SLOT_COUNT];
    uint32_t env; /* list, or 0 */
    uint32_t fail_step;
    int32_t fail_errno;
    uint64_t fds;       /* a bit for each fd slot that is carried into the container: not empty */
    uint64_t signals;   /* signals that the caller ignores: reset before exec */
    uint32_t handed;    /* files for the command's 3, 4, …: they are behind the plan's fd slots */
    uint16_t window[4]; /* the terminal's size as struct winsize has it, */
    uint16_t has_window; /* when this is 1 */
};

/*
 * Why a step failed, where errno does not say it. A number, so that scratch-init carries no words;
 * they are in words.c.
 */
enum step_detail {
    DETAIL_NONE = 0,
    DETAIL_SOURCE, /* what is to be mounted cannot be opened */
    DETAIL_TARGET, /* where it is to be mounted cannot be opened or made */
    DETAIL_TYPE,   /* the file system type is not known to the kernel */
    DETAIL_OPTION, /* the file system refused an option; item: which word of the options */
    DETAIL_LOWER,  /* item: a lower layer */
    DETAIL_UPPER,
    DETAIL_UPPER_BUSY,
    DETAIL_WORK,
    DETAIL_TMPFS,         /* the throw-away layer */
    DETAIL_ATTACH,        /* the mount was made, but not attached */
    DETAIL_ATTRIBUTES,    /* read-only, nosuid, … could not be set */
    DETAIL_PATH,          /* item: which of a list of paths */
    DETAIL_OUTSIDE,       /* the working directory is not below the root */
    DETAIL_COMMAND,       /* not found in PATH, or no such file */
    DETAIL_INTERPRETER,   /* the file is there; what its first line or ELF header names is not */
    DETAIL_NOT_A_PROGRAM, /* neither ELF for this machine nor a script */
    DETAIL_MACHINE,       /* ELF for another machine; item: which (e_machine) */
    DETAIL_KILLED, /* (found by the caller) scratch-init ended before the command; item: signal */
    DETAIL_OOM,    /* (likewise) by its group's memory limit */
    DETAIL_FAULT,  /* made to fail by scratch_start_options.fail_step */
    DETAIL_PARENT_GONE,
    DETAIL_IMAGE,          /* scratch-init itself could not be executed */
    DETAIL_STREAM,         /* nothing could take the place of a closed stream */
    DETAIL_TYPE_FORBIDDEN, /* the type may not be mounted in a user namespace */
    DETAIL_CREATE,         /* the superblock could not be made */
    DETAIL_REVEALING,      /* a new proc or sysfs would show what the host's has covered */
    DETAIL_SUBMOUNTS,      /* a bind may not leave out what is mounted below */
    DETAIL_TREE,           /* a mount below could not be remounted, before Linux 5.12 */
    DETAIL_FILES,          /* too many layers for the limit of open files */
    DETAIL_STATE,          /* the state directory cannot be had */
    DETAIL_HELPER,         /* the program that is the network ended, or refused */
    DETAIL_NOT_PROC,       /* what is at /proc is another file system */
    DETAIL_NO_RANGE,       /* all ranges of ids are taken */
    DETAIL_ID_STATE,       /* the directory of the ranges' locks */
    DETAIL_ID_MAP,         /* the map of a namespace for idmapped mounts could not be written */
    DETAIL_IDMAP,          /* the file system takes no id map */
    DETAIL_PROGRAM,        /* a program could not be run; item: its index among the texts */
    DETAIL_SAID,           /* a program failed; w->said is why; item: as before */
    DETAIL_USER,           /* no such user */
    DETAIL_GROUP,          /* no such group; item: 0 = the user's, or which of the others, from 1 */
    DETAIL_USER_LINE,      /* the user's line is not one of passwd(5) */
    DETAIL_GROUP_LINE,     /* a group's line is not one of group(5) */
    DETAIL_GROUPS,         /* the user is in more groups than there is room for */
    DETAIL_USER_FILE,      /* item: 0 = /etc/passwd, 1 = /etc/group: there, but not to be read */
    DETAIL_UNMAPPED,       /* item: an id that is not in the map of its kind */
    DETAIL_COPY,           /* what lies below a new mount could not be copied into it */
    DETAIL_OVER_FILE,      /* a directory is to cover a file */
    DETAIL_OVER_DIRECTORY, /* a file is to cover a directory */
    DETAIL_OVER_LINK,      /* the kernel's own view is to be where a link is */
    DETAIL_NOT_A_DEVICE,   /* the source is no device node any more */
    DETAIL_HOOK,           /* item: the status that it ended with */
    DETAIL_HOOK_TIME,      /* it took too long */
    DETAIL_FROZEN,         /* the control group, or one above it, is frozen */
    DETAIL_FOREIGN,        /* processes run in the control group that is to be a container's */
    DETAIL_HELD,           /* another starter holds it */
    DETAIL_SAID_BY_SYSTEMD, /* w->said is why */
    DETAIL_COUNT
};

/*
 * What comes through the socket between scratch-init and the caller.
 *
 * The child begins with MESSAGE_SOCKET on the socket that it was given; all else comes over the one
 * in it. Any step may end the walk with MESSAGE_FAILED. MESSAGE_EXEC comes last; the exec closes
 * the container's end, and the end of file tells the caller that it has worked.
 *
 * With a terminal, MESSAGE_TERMINAL comes on the way. Where scratch-init then stays as pid 1, it
 * keeps its end (the command's is closed by the exec), so that it can say when the command stops:
 * MESSAGE_STARTED stands for the end of file, and MESSAGE_STOPPED comes any number of times.
 *
 * A filter that asks the caller about calls may ask about scratch-init's own, the exec among them:
 * from MESSAGE_LISTENER to the exec the caller lets them go on. MESSAGE_UNTIL_EXEC has come before.
 */
enum step_message_type {
    MESSAGE_FAILED = 1, /* the walk ended */
    MESSAGE_MEET,       /* container to caller: I wait at this step */
    MESSAGE_GO,         /* caller to container: the host steps are done */
    MESSAGE_SOCKET,     /* child to caller, with an fd: what comes now comes over that socket */
    MESSAGE_EXEC,       /* nothing is left to do but the exec; end of file means it worked */
    MESSAGE_TERMINAL,   /* container to caller, with an fd: the terminal's master */
    MESSAGE_STARTED,    /* in place of the end of file, where scratch-init stays and reports */
    MESSAGE_STOPPED,    /* afterwards: the command has stopped; item: by which signal */
    MESSAGE_LISTENER,   /* container to caller, with an fd: of the system call filter */
    MESSAGE_UNTIL_EXEC, /* before it, with an fd: a pipe that the exec closes */
    MESSAGE_CREATED,    /* the last over this socket: I wait for one who lets me go on */
    MESSAGE_PROCESS,    /* with an fd: the process that follows the steps from here on; item: pid */
    MESSAGE_PLAN,       /* to that one, with an fd: what I walk; item: STEP_FORMAT */
};
/* Behind MESSAGE_FAILED there may be what a program has said, without a NUL. */
/* The plan is another program's to read, then: it is of the same make if it counts the same. */
#define STEP_FORMAT                                                                                \
    ((uint32_t)STEP_KIND_COUNT << 20 | (uint32_t)DETAIL_COUNT << 8 | (uint32_t)sizeof(struct step))

struct step_message {
    uint16_t type;
    uint16_t detail;
    uint32_t step; /* index */
    int32_t errnum;
    uint32_t item;
};

/* Who the command is: what STEP_USER has found. Too long a home directory is left out. */
#define STEP_GROUPS_MAX 64
#define STEP_HOME       256
struct step_user {
    uint32_t uid, gid;
    uint32_t group_count;
    uint32_t group[STEP_GROUPS_MAX];
    char home[sizeof "HOME=" + STEP_HOME]; /* "HOME=/root" */
};

/* Room for what a program that was run has said. */
#define STEP_SAID 200

struct step_ids {
    uint32_t uid, gid;
};

struct scratch_container_oom;

/* A walk over a plan, on either side. */
struct step_walk {
    const struct plan_block *plan;
    const struct start_block *start; /* NULL: a primitive called alone */
    int *fd;                         /* by slot; -1: empty */
    int handed;                   /* scratch-init: number of the first file that is handed over */
    int root;                     /* the new root, once there is one; -1 */
    int layers;                   /* the tmpfs of throw-away upper layers, or -1 */
    int lot;                      /* where mounts are parked (mount/classic.h), or -1 */
    bool in_dev;                  /* the working directory is the /dev that was filled, */
    bool in_root;                 /* or the new root, which has been entered */
    bool there;                   /* it is the command's working directory */
    bool ready;                   /* that was so from the beginning: there is no old root */
    int socket;                   /* to the other side, or -1 */
    int child;                    /* host: the container's first process, once there is one */
    uint32_t ids;                 /* host: the first id of the range that was taken, or 0 */
    char *said;                   /* STEP_SAID bytes, or NULL */
    struct step_user *user;       /* scratch-init: room for it, or NULL */
    struct speaker *speaker;      /* scratch-init: who speaks where a filter is loaded, or NULL */
    const struct step_ids *began; /* inside: who it was at first, or NULL */
    uint32_t index;               /* the step that runs */
    uint16_t detail;
    uint32_t item;
    uint32_t late_filter; /* index of the STEP_SECCOMP that is left to STEP_EXEC, or 0 */
    int (*load_filter)(struct step_walk *w, const struct step *step); /* how that does it */
    void *words; /* what it has mapped for more arguments and variables than are usual, or NULL: */
    size_t words_size; /* nothing that outlives an exec, but in memory that is shared */
    /* Host: hears what a group that is removed knew of its container's end (cgroup/sweep.h). */
    void (*died)(uint64_t inode, const struct scratch_container_oom *oom);
};

static inline const struct step *step_at(const struct plan_block *plan, uint32_t index)
{
    return (const struct step *)block_at(plan, plan->steps) + index;
}

/* The first step of a kind, or NULL. */
static inline const struct step *step_find(const struct plan_block *plan, enum step_kind kind)
{
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (step_at(plan, i)->kind == kind)
            return step_at(plan, i);
    return NULL;
}

/* The value of a text argument, or NULL. */
static inline const char *step_text(const struct step_walk *w, uint32_t text)
{
    if (text & SLOT_BIT) {
        enum step_slot slot = SLOT_OF(text);
        if (w->start && w->start->slot[slot])
            return block_at(w->start, w->start->slot[slot]);
        text = w->plan->slot[slot];
    }
    return text ? block_at(w->plan, text) : NULL;
}

static inline const struct block_list *step_list(const struct step_walk *w, uint32_t list)
{
    return list ? block_at(w->plan, list) : NULL;
}

/* Note why, and hand the -errno on. */
static inline int step_detail(struct step_walk *w, enum step_detail detail, int rc)
{
    if (rc < 0 && !w->detail)
        w->detail = (uint16_t)detail;
    return rc;
}

/* Run one step: 0 or -errno, with w->detail and w->item. */
int step_run(struct step_walk *w, const struct step *step);

/* The same on the host, whose walkers also know the kinds that scratch-init has no code for. */
int step_run_host(struct step_walk *w, const struct step *step);

/* Whether a step is a filter that is loaded when nothing else is left to do. */
static inline bool step_is_put_off(struct step_walk *w, const struct step *step)
{
    if (step->kind != STEP_SECCOMP || step->num[2] != SECCOMP_BEFORE_EXEC)
        return false;
    w->late_filter = w->index;
    return true;
}

/* -errno when this step is to fail: scratch_start_options.fail_step. */
int step_fault(struct step_walk *w);

/* The function of each kind; kinds that the walkers themselves carry out have none. */
typedef int step_function(struct step_walk *w, const struct step *step);
int step_run_by(struct step_walk *w, const struct step *step, step_function *function);

step_function state_make_step, state_file_step, state_socket_step, state_write_step;
step_function namespace_range_step, namespace_make_step, namespace_id_maps_by_step,
    mount_idmap_step, mount_id_source_step, mount_made_node_step, namespace_take_network_step,
    network_device_step, cgroup_above_step, cgroup_make_step, cgroup_devices_step,
    cgroup_scope_step; /* in host.c; all others are in run.c */
step_function hook_file_step, hook_tell_step, hook_host_step, hook_step;
/* Run a hook on either side, with an fd as its standard input. */
int hook_run_step(struct step_walk *w, const struct step *step, int input);
step_function cgroup_enable_step, cgroup_set_step, cgroup_join_step;
step_function namespace_join_container_step;
step_function namespace_unshare_step, namespace_join_step, namespace_hostname_step,
    namespace_domainname_step, namespace_loopback_step, namespace_sysctl_step,
    namespace_time_offsets_step, namespace_id_maps_step, namespace_id_maps_of_step,
    namespace_keep_caps_step, namespace_become_root_step;
step_function process_user_step;
step_function mount_propagation_step, mount_step, mount_tree_step, mount_bind_step, mount_file_step,
    mount_link_step, mount_directory_step, mount_remount_step, mount_devices_step,
    mount_device_step, mount_node_step, mount_host_devices_step, mount_mask_step,
    mount_read_only_paths_step, mount_own_step, mount_relabel_step;
step_function rootfs_lock_upper_step, rootfs_bind_step, rootfs_ready_step, rootfs_layers_step,
    rootfs_overlay_step, rootfs_compose_step, rootfs_overlay_part_step, rootfs_read_only_step,
    rootfs_pivot_step, rootfs_leave_step, rootfs_chroot_step;
step_function process_oom_score_step, process_hide_step, process_rlimit_step, process_chdir_step,
    process_bounding_step, process_ids_step, process_capabilities_step, process_no_new_privs_step,
    process_landlock_step, process_label_step, process_seccomp_step, process_die_with_parent_step,
    process_exec_step;
step_function process_look_up_step, process_keyring_step, process_scheduler_step,
    process_io_priority_step, process_personality_step, process_memory_policy_step,
    process_affinity_step;
step_function terminal_open_step, terminal_session_step, terminal_foreground_step;

#endif
