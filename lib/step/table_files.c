/* SPDX-License-Identifier: MIT */
/* The kinds of steps that are about files: records, root file systems, what is mounted in them. */
#include "step/words.h"

/* mount(8) takes an attribute for a whole tree ("ro=recursive") since util-linux 2.39 only. */
#define EACH_BELOW(path, attributes)                                                               \
    "for m in $(findmnt -Rrno TARGET " path "); do mount -o remount,bind," attributes " $m; done"

const struct step_words step_words_files[STEP_KIND_COUNT] = {
    /* ---- state: host ---- */
    [STEP_STATE] =
        {
            .name = "state",
            .call = "mkdir(2)",
            .what = "make the record of {id} in {root}",
            .why = "Others find the container by it, and no two have one name at once.",
            .shell =
                "mkdir -p -m 700 {root}; mkdir -m 700 {root}/{id}; flock --nonblock {root}/{id} "
                "sh",
            .undo = "rm -r {root}/{id}",
            .argument = {{"root", WORD_TEXT, 0},
                         {"id", WORD_ID, 1},
                         {"known_in", WORD_TEXT, 2},
                         {"remove", WORD_YES, 0},
                         {"groups", WORD_YES, 1},
                         {"notify", WORD_YES, 2},
                         {"fd", WORD_SLOT, 0}},
        },
    [STEP_STATE_FILE] =
        {
            .name = "state-file",
            .call = "openat(2)",
            .what = "make {name} in the record{output?, for what the command writes|}",
            .why = "It is open before the container has a root of its own, and reaches it as an "
                   "fd.",
            .argument = {{"name", WORD_TEXT, 0},
                         {"root", WORD_TEXT, 1},
                         {"output", WORD_YES, 0},
                         {"fd", WORD_SLOT, 1}},
        },
    [STEP_STATE_SOCKET] =
        {
            .name = "state-socket",
            .call = "bind(2)",
            .what = "make a socket in the record",
            .why = "Who starts the container connects to it, from any process.",
            .argument = {{"fd", WORD_SLOT, 1}},
        },
    /* ---- rootfs: host ---- */
    [STEP_LOCK_UPPER] =
        {
            .name = "lock-upper",
            .call = "flock(2)",
            .what = "lock the upper directory {upper}",
            .why = "The kernel lets two overlays share one upper directory, and corrupts it.",
            .shell = "flock --nonblock {upper} sh",
            .undo = "the lock goes with the container's handle",
            .argument = {{"upper", WORD_TEXT, 0}, {"fd", WORD_SLOT, 0}},
        },

    /* ---- mount: host, but for owners that only the user namespace may set ---- */
    [STEP_OWN] =
        {
            .name = "own",
            .call = "fchownat(2)",
            .what = "give {source} to {uid}:{gid}",
            .why = "It is the container's to write. Links are not followed, nor other mounts "
                   "entered; the owner stays.",
            .shell = "chown -hR {uid}:{gid} {source}",
            .argument = {{"source", WORD_TEXT, 0},
                         {"uid", WORD_NUMBER, 0},
                         {"gid", WORD_NUMBER, 1}},
        },
    [STEP_RELABEL] =
        {
            .name = "relabel",
            .call = "setxattr(2)",
            .what = "label {source} as {label}",
            .why = "SELinux lets containers reach what has this label. It stays.",
            .shell = "chcon -hR {label} {source}",
            .argument = {{"source", WORD_TEXT, 0}, {"label", WORD_TEXT, 1}},
        },

    /* ---- rootfs and mount: container ---- */
    [STEP_PROPAGATION] =
        {
            .name = "propagation",
            .call = "mount(2)",
            .what = "make {target} {propagation}",
            .why = "It decides whether mounts made here show elsewhere, and the other way round; "
                   "\"private\" is neither.",
            .shell = "mount --make-{propagation} {root}{target}",
            .argument = {{"target", WORD_TEXT, 0}, {"propagation", WORD_PROPAGATION, 0}},
        },
    [STEP_TREE] =
        {
            .name = "tree",
            .call = "open_tree(2)",
            .what = "take hold of {source} as it is now",
            .why = "{inside?Its id map is for the caller to set.|"
                   "The new root will lie over it, and is not to be bound with it.}",
            .argument = {{"source", WORD_TEXT, 0},
                         {"inside", WORD_TEXT, 1},
                         {"alone", WORD_YES, 0}},
        },
    [STEP_ROOT_BIND] =
        {
            .name = "root-bind",
            .call = "open_tree(2)",
            .what = "take {source} as the root",
            .why = "pivot_root(2) wants a mount; a bind mount makes one of any directory.",
            .shell = "mount --rbind {source} /mnt",
            .argument = {{"source", WORD_TEXT, 0}, {"in_place", WORD_YES, 0}},
        },
    [STEP_ROOT_READY] =
        {
            .name = "root-ready",
            .call = "setns(2)",
            .what = "take {source} as the root, in a copy of the mount namespace that has it",
            .why = "It was made once for all starts: what else is mounted on the host is neither "
                   "copied nor let go of.",
            .shell = "exec nsenter --mount=FILE unshare --mount sh",
            .argument = {{"source", WORD_TEXT, 0}, {"fd", WORD_SLOT, 0}},
        },
    [STEP_LAYERS] =
        {
            .name = "layers",
            .call = "fsmount(2)",
            .what = "make a tmpfs for what is written and thrown away{size?, of {size} bytes|}",
            .why = "It goes with the container, and so does what was written.",
            .shell = "mount -t tmpfs -o mode=755,nosuid,nodev{size?,size={size}|} tmpfs /media",
            .argument = {{"size", WORD_NUMBER, 0}},
        },
    [STEP_ROOT_OVERLAY] =
        {
            .name = "root-overlay",
            .call = "mount(2)",
            .what = "mount overlay on {target}",
            .why = "Reads come from the lower layers; writes go to the upper one, and the lower "
                   "ones stay as they are.",
            .shell = "{throw_away?mkdir /media/upper /media/work; |}"
                     "mount -t overlay -o lowerdir={lower}"
                     "{throw_away?,upperdir=/media/upper,workdir=/media/work|"
                     "{upper?,upperdir={upper},workdir={work}|}}{userxattr?,userxattr|} "
                     "overlay /mnt",
            .argument = {{"lower", WORD_LOWERS, 0},
                         {"upper", WORD_LAYER, 1},
                         {"work", WORD_LAYER, 2},
                         {"target", WORD_TEXT, 3},
                         {"throw_away", WORD_BIT_0, 0},
                         {"userxattr", WORD_BIT_1, 0}},
        },
    [STEP_ROOT_COMPOSE] =
        {
            .name = "root-compose",
            .call = "open_tree(2)",
            .what = "begin an empty root",
            .why = "An ordinary user cannot lay an overlay over a tree that has mounts in it: the "
                   "root is composed of its directories.",
            .shell = "mkdir /media/root; mount --bind /media/root /mnt",
        },
    [STEP_OVERLAY_PART] =
        {
            .name = "overlay-part",
            .call = "mount(2)",
            .what = "mount overlay of {lower} on {target}",
            .why = "This directory can be written; what is written is thrown away.",
            .shell = "mkdir -p /media/u{step} /media/w{step} {root}{target}; "
                     "mount -t overlay -o lowerdir={lower},upperdir=/media/u{step},"
                     "workdir=/media/w{step}{userxattr?,userxattr|} overlay {root}{target}",
            .argument = {{"lower", WORD_LAYER, 0},
                         {"target", WORD_TEXT, 1},
                         {"throw_away", WORD_BIT_0, 0},
                         {"userxattr", WORD_BIT_1, 0}},
        },
    [STEP_MOUNT] =
        {
            .name = "mount",
            .call = "fsmount(2)",
            .what = "mount {type} on {target}{copy?, with a copy of what is there|}",
            .why = "The container has one of its own, and sees nothing of the host's.",
            .shell = "{copy?mkdir -p /media/c{step}; cp -a {root}{target}/. /media/c{step}; |}"
                     "mount -t {type}{attributes? -o {attributes}|}{options? -o {options}|}"
                     "{make? --mkdir|} {source?{source}|{type}} {root}{target}"
                     "{copy?; cp -a /media/c{step}/. {root}{target}; rm -r /media/c{step}|}",
            .argument = {{"source", WORD_TEXT, 0},
                         {"target", WORD_TEXT, 1},
                         {"type", WORD_TEXT, 2},
                         {"options", WORD_TEXT, 3},
                         {"attributes", WORD_ATTRIBUTES, 0},
                         {"make", WORD_YES, 1},
                         {"copy", WORD_BIT_0, 2},
                         {"alone", WORD_YES, 3},
                         {"filled", WORD_YES, 4},
                         {"unlinked", WORD_YES, 5},
                         {"given", WORD_YES, 6}},
        },
    [STEP_BIND] =
        {
            .name = "bind",
            .call = "open_tree(2)",
            .what = "bind {source} on {target}{attributes?, {attributes}|}{top?, {top}|}"
                    "{anew?, and no other attributes|}",
            .why = "A part of the host's tree that the container shall see.",
            .shell =
                "mount {recursive?--rbind|--bind}{make? --mkdir|} {source} {root}{target}"
                "{attributes?; " EACH_BELOW(
                    "{root}{target}",
                    "{attributes}") "|}"
                                    "{cleared?; " EACH_BELOW(
                                        "{root}{target}",
                                        "{cleared}") "|}"
                                                     "{top?; mount -o remount,bind,{top} "
                                                     "{root}{target}|}"
                                                     "{top_cleared?; mount -o "
                                                     "remount,bind,{top_cleared} {root}{target}|}",
            .argument = {{"source", WORD_TEXT, 0},
                         {"target", WORD_TEXT, 1},
                         {"inside", WORD_TEXT, 2},
                         {"attributes", WORD_ATTRIBUTES, 0},
                         {"make", WORD_YES, 1},
                         {"recursive", WORD_BIT_0, 2},
                         {"anew", WORD_BIT_1, 2},
                         {"cleared", WORD_CLEARED, 3},
                         {"top", WORD_ATTRIBUTES, 4},
                         {"top_cleared", WORD_CLEARED, 5}},
        },
    [STEP_REMOUNT] =
        {
            .name = "remount",
            .call = "mount_setattr(2)",
            .what = "make {target} {attributes}{cleared?, {cleared}|}",
            .why = "What had to be put there is there.",
            .shell = "mount -o remount,bind,{attributes}{cleared?,{cleared}|} {root}{target}",
            .argument = {{"target", WORD_TEXT, 0},
                         {"attributes", WORD_ATTRIBUTES, 0},
                         {"cleared", WORD_CLEARED, 1}},
        },
    [STEP_FILE] =
        {
            .name = "file",
            .call = "move_mount(2)",
            .what = "show a file of the container's own at {path}",
            .why = "The root's own is covered by it, and stays as it is.",
            .shell = "f=$(mktemp); printf %s {contents} > $f; touch {root}{path}; "
                     "mount --bind $f {root}{path}",
            .argument = {{"path", WORD_TEXT, 0}, {"contents", WORD_TEXT, 1}},
        },
    [STEP_LINK] =
        {
            .name = "link",
            .call = "symlink(2)",
            .what = "make the link {path} to {text}",
            .why = "Programs look for it there.",
            .shell = "ln -s {text} {root}{path}",
            .argument = {{"text", WORD_TEXT, 0}, {"path", WORD_TEXT, 1}},
        },
    [STEP_DEVICES] =
        {
            .name = "devices",
            .call = "{bind?move_mount(2)|mknod(2)}",
            .what = "{bind?bind|make} /dev/null, zero, full, random, urandom and tty",
            .why = "Programs need these, and the links and directories beside them; none of them "
                   "reaches hardware.",
            .shell =
                "(cd {root}/dev; "
                "{bind?for n in null zero full random urandom tty; do touch $n; "
                "mount --bind /dev/$n $n; done|"
                "mknod -m 666 null c 1 3; mknod -m 666 zero c 1 5; mknod -m 666 full c 1 7; "
                "mknod -m 666 random c 1 8; mknod -m 666 urandom c 1 9; mknod -m 666 tty c 5 0}; "
                "ln -s /proc/self/fd fd; ln -s /proc/self/fd/0 stdin; "
                "ln -s /proc/self/fd/1 stdout; ln -s /proc/self/fd/2 stderr; "
                "ln -s pts/ptmx ptmx; mkdir pts shm mqueue)",
            .argument = {{"bind", WORD_YES, 0}, {"keep", WORD_YES, 1}},
        },
    [STEP_HOST_DEVICES] =
        {
            .name = "host-devices",
            .call = "{bind?move_mount(2)|mknod(2)}",
            .what = "{bind?bind|make} the host's devices: {paths}",
            .why = "They reach its hardware: who has them has the machine.",
            .shell = "for p in {paths}; do mkdir -p \"{root}$(dirname \"$p\")\"; "
                     "{bind?touch \"{root}$p\"; mount --bind \"$p\" \"{root}$p\"|"
                     "cp -a \"$p\" \"{root}$p\"}; done",
            .argument = {{"paths", WORD_LIST, 0}, {"bind", WORD_YES, 0}},
        },
    [STEP_DEVICE] =
        {
            .name = "device",
            .call = "{bind?move_mount(2)|mknod(2)}",
            .what = "{bind?bind|make} the device {target}, which is {source} outside",
            .why = "What is connected there is for the container to use.",
            .shell = "{bind?touch {root}{target}; mount --bind|cp -a} {source} {root}{target}",
            .argument = {{"source", WORD_TEXT, 0},
                         {"target", WORD_TEXT, 1},
                         {"bind", WORD_YES, 0},
                         {"make", WORD_YES, 1}},
        },
    [STEP_NODE] =
        {
            .name = "node",
            .call = "{bind?move_mount(2)|mknod(2)}",
            .what = "{bind?bind|make} the device {path}",
            .why = "What is connected there is for the container to use.",
            .shell = "mkdir -p \"{root}$(dirname {path})\"; {bind?touch {root}{path}; mount --bind|"
                     "cp -a} {path} {root}{path}",
            .argument = {{"path", WORD_TEXT, 0},
                         {"mode", WORD_OCTAL, 0},
                         {"number", WORD_NUMBER, 1},
                         {"uid", WORD_NUMBER, 2},
                         {"gid", WORD_NUMBER, 3},
                         {"bind", WORD_YES, 4}},
        },
    [STEP_DIRECTORY] =
        {
            .name = "directory",
            .call = "mkdir(2)",
            .what = "see that there is a directory {path}",
            .why = "The command is to begin there.",
            .shell = "mkdir -p {root}{path}",
            .argument = {{"path", WORD_TEXT, 0}},
        },
    [STEP_SYSCTL] =
        {
            .name = "sysctl",
            .call = "write(2)",
            .what = "set {name} to {value}",
            .why = "This setting belongs to a namespace of the container's own. It is written "
                   "before /proc/sys becomes read-only, to what is procfs and nothing else.",
            .shell = "echo {value} > {root}/proc/sys/{name}",
            .argument = {{"name", WORD_TEXT, 0}, {"value", WORD_TEXT, 1}},
        },
    [STEP_TERMINAL] =
        {
            .name = "terminal",
            .call = "ioctl(2)",
            .what = "open a terminal{console?, which is /dev/console too|}{rows?, with {rows} rows "
                    "of {columns} columns|}{user?, for user {user}|}"
                    "{plain?, without carriage returns|}"
                    "{held?; scratch-init holds its other end, and what it shows is logged|}",
            .why = "The container's own, allocated inside: the caller gets the other end, and its "
                   "own terminal is not to be reached from here.",
            .argument = {{"user", WORD_NUMBER, 0},
                         {"console", WORD_YES, 1},
                         {"rows", WORD_NUMBER, 2},
                         {"columns", WORD_NUMBER, 3},
                         {"plain", WORD_YES, 4},
                         {"held", WORD_SLOT, 0}},
        },
    [STEP_SESSION] =
        {
            .name = "session",
            .call = "setsid(2)",
            .what = "begin a session{alone?| at the terminal}",
            .why = "Keys such as Ctrl-C reach the processes of the session whose terminal it is.",
            .shell = "exec setsid {alone?|--ctty }sh",
            .argument = {{"alone", WORD_YES, 0}},
        },
    [STEP_MASK] =
        {
            .name = "mask",
            .call = "move_mount(2)",
            .what = "hide {paths}",
            .why = "These tell of the host, or reach it. Those that this kernel lacks are passed "
                   "over.",
            .shell =
                "for p in {paths}; do if test -d \"{root}$p\"; "
                "then mount -t tmpfs -o ro,nosuid,nodev,noexec,mode=555,size=0 tmpfs \"{root}$p\"; "
                "elif test -e \"{root}$p\"; "
                "then mount --bind {root}/dev/null \"{root}$p\"; fi; done",
            .argument = {{"paths", WORD_LIST, 0}},
        },
    [STEP_READ_ONLY_PATHS] =
        {
            .name = "read-only-paths",
            .call = "mount_setattr(2)",
            .what = "make read-only {paths}",
            .why = "Writing to these changes the host. Those that this kernel lacks are passed "
                   "over.",
            .shell = "for p in {paths}; do if test -e \"{root}$p\"; "
                     "then mount --rbind \"{root}$p\" \"{root}$p\"; " EACH_BELOW("\"{root}$p\"",
                                                                                 "ro") "; fi; done",
            .argument = {{"paths", WORD_LIST, 0}},
        },
    [STEP_ROOT_READ_ONLY] =
        {
            .name = "root-read-only",
            .call = "mount_setattr(2)",
            .what = "make the root read-only",
            .why = "Nothing in it shall change; what is mounted below it is not concerned.",
            .shell = "mount -o remount,bind,ro /mnt",
        },
    [STEP_PIVOT_ROOT] =
        {
            .name = "pivot-root",
            .call = "pivot_root(2)",
            .what = "enter the root, and let go of the old one",
            .why = "After chroot(2) the old root could be reached again; after this it is not in "
                   "the namespace any more.",
            .shell = "cd /mnt; pivot_root . .; umount -l .; cd /",
        },
    [STEP_LEAVE_MOUNTS] =
        {
            .name = "leave-mounts",
            .call = "setns(2)",
            .what = "go back to the caller's mount namespace, with a copy of the root",
            .why = "The container shall have none of its own. The copy is mounted nowhere: it goes "
                   "with the last process in it, and no path leads from it to the host's root.",
            .shell = ": no command copies mounts without a place for them; nsenter goes back",
            .argument = {{"fd", WORD_SLOT, 0}},
        },
    [STEP_CHROOT] =
        {
            .name = "chroot",
            .call = "chroot(2)",
            .what = "change the root directory",
            .why = "The old way: a process that is root inside can leave it again.",
            .shell = "cd /mnt; exec chroot . sh",
            .argument = {{"alone", WORD_YES, 0}},
        },
};
