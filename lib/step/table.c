/* SPDX-License-Identifier: MIT */
/*
 * The table of step kinds.
 *
 * The shell commands are those that a reader can type one after the other, as root, and get the
 * same: they have the new root at /mnt and the throw-away layers at /media, which every system has
 * and which change only in the new mount namespace. "sh" at the end of a command is the shell in
 * which the rest is typed.
 */
#include "step/words.h"

/* mount(8) takes an attribute for a whole tree ("ro=recursive") since util-linux 2.39 only. */
#define EACH_BELOW(path, attributes)                                                               \
    "for m in $(findmnt -Rrno TARGET " path "); do mount -o remount,bind," attributes " $m; done"

static const struct step_words table[STEP_KIND_COUNT] = {
    [STEP_NONE] = {.name = "none", .call = "", .what = "nothing", .why = ""},

    /* ---- state: host ---- */
    [STEP_CLAIM] =
        {
            .name = "claim",
            .call = "flock(2)",
            .what = "claim the name {id}",
            .why = "No two containers of one user have the same name at once.",
            .shell = "mkdir -p -m 700 {directory}; flock --nonblock {directory}/.{id}.lock sh",
            .undo = "rm {directory}/.{id}.lock",
            .argument = {{"directory", WORD_TEXT, 0}, {"id", WORD_ID, 1}, {"fd", WORD_SLOT, 0}},
        },

    /* ---- cgroup: host ---- */
    [STEP_CGROUP_ENABLE] =
        {
            .name = "cgroup-enable",
            .call = "write(2)",
            .what = "hand the controller {controller} down to the groups in {parent}",
            .why = "On cgroup v2 a group has only the controllers that the one above hands it.",
            .shell = "echo {controller} > {parent}/cgroup.subtree_control",
            .argument = {{"parent", WORD_TEXT, 0}, {"controller", WORD_TEXT, 1}},
        },
    [STEP_CGROUP_MAKE] =
        {
            .name = "cgroup-make",
            .call = "mkdir(2)",
            .what = "make the control group {parent}/{name}",
            .why = "Limits are set on a group, and hold for all processes in it together.",
            .shell = "mkdir {parent}/{name}",
            .undo = "rmdir {parent}/{name}",
            .argument = {{"parent", WORD_TEXT, 0}, {"name", WORD_TEXT, 1}, {"fd", WORD_SLOT, 0}},
        },
    [STEP_CGROUP_SET] =
        {
            .name = "cgroup-set",
            .call = "write(2)",
            .what = "set {file} to {value}",
            .why = "The kernel holds the group to it from the first process on.",
            .shell = "echo {value} > {group}/{file}",
            .argument = {{"file", WORD_TEXT, 0}, {"value", WORD_TEXT, 1}, {"group", WORD_GROUP, 0}},
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

    /* ---- the child ---- */
    [STEP_CLONE] =
        {
            .name = "clone",
            .call = "clone3(2)",
            .what = "make the first process{namespaces?, in new namespaces: {namespaces}|}"
                    "{group?, in its control group|}",
            .why = "What a process sees is decided by the namespaces that it is in.",
            .shell = "{group?echo 0 > {group}/cgroup.procs; exec |}"
                     "{namespaces?unshare --fork {namespaces} |}sh",
            .undo = "kill it, and wait for it",
            .argument = {{"namespaces", WORD_NAMESPACES, 0}, {"group", WORD_GROUP, 0}},
        },
    [STEP_TIME_OFFSETS] =
        {
            .name = "time-offsets",
            .call = "write(2)",
            .what = "set the clocks' offsets: {offsets}",
            .why = "The monotonic and boot-time clocks of a time namespace may differ from the "
                   "host's, if this is said before a process runs in it.",
            .shell = "unshare --fork --time {offsets} sh",
            .argument = {{"offsets", WORD_CLOCKS, 0}},
        },
    [STEP_ID_MAPS] =
        {
            .name = "id-maps",
            .call = "write(2)",
            .what = "map user {uids} and group {gids}",
            .why = "In a new user namespace no id means anything until it is mapped. A process may "
                   "map its own: first id inside, first outside, how many.",
            .shell = "{deny_setgroups?echo deny > /proc/PID/setgroups; |}"
                     "echo '{uids}' > /proc/PID/uid_map; echo '{gids}' > /proc/PID/gid_map",
            .argument = {{"uids", WORD_LINES, 0},
                         {"gids", WORD_LINES, 1},
                         {"deny_setgroups", WORD_YES, 0}},
        },
    [STEP_KEEP_CAPS] =
        {
            .name = "keep-capabilities",
            .call = "capset(2)",
            .what = "keep capabilities over the next exec",
            .why = "An exec by a user that is not mapped yet, or not to 0, would drop them.",
            .shell = "exec setpriv --inh-caps +all --ambient-caps +all sh",
        },

    /* ---- namespace: container, but for the caller's side of a meeting ---- */
    [STEP_MEET] =
        {
            .name = "meet",
            .call = "read(2)",
            .what = "wait for the caller",
            .why = "The next steps need a process outside.",
        },
    [STEP_ID_MAPS_OF] =
        {
            .name = "id-maps-of",
            .call = "write(2)",
            .what = "map users {uids} and groups {gids}",
            .why = "More than one's own id can only be mapped by a process outside that has the "
                   "privilege: first id inside, first outside, how many.",
            .shell = "{deny_setgroups?echo deny > /proc/PID/setgroups; |}"
                     "newuidmap PID {uids}; newgidmap PID {gids}",
            .argument = {{"uids", WORD_LINES, 0},
                         {"gids", WORD_LINES, 1},
                         {"deny_setgroups", WORD_YES, 0}},
        },
    [STEP_BECOME_ROOT] =
        {
            .name = "become-root",
            .call = "setresuid(2)",
            .what = "become id 0 of the user namespace",
            .why = "What is made from here on shall belong to an id that is mapped.",
            .shell = "exec setpriv --reuid 0 --regid 0 "
                     "{keep_groups?--keep-groups|--clear-groups} sh",
            .argument = {{"keep_groups", WORD_YES, 0}},
        },
    [STEP_OOM_SCORE] =
        {
            .name = "oom-score",
            .call = "write(2)",
            .what = "set the out-of-memory score's adjustment to {adjustment}",
            .why = "When memory runs out, the kernel ends the process with the highest score. It "
                   "comes before the process is hidden, for then its files are root's.",
            .shell = "echo {adjustment} > /proc/$$/oom_score_adj",
            .argument = {{"adjustment", WORD_TEXT, 0}},
        },
    [STEP_HIDE] =
        {
            .name = "hide",
            .call = "prctl(2)",
            .what = "be not dumpable",
            .why = "Such a process cannot be traced, nor can its fds be reached, from inside.",
        },
    [STEP_CGROUP_JOIN] =
        {
            .name = "cgroup-join",
            .call = "write(2)",
            .what = "join the control group {group}",
            .why = "From here on, what is used counts. A thread that moves itself does not have to "
                   "wait for the kernel.",
            .shell = "echo 0 > {group}/tasks",
            .argument = {{"group", WORD_GROUP, 0}},
        },
    [STEP_UNSHARE] =
        {
            .name = "unshare",
            .call = "unshare(2)",
            .what = "enter new namespaces: {namespaces}",
            .why = "A cgroup namespace begins at the group that its maker is in.",
            .shell = "exec unshare {namespaces} sh",
            .argument = {{"namespaces", WORD_NAMESPACES, 0}},
        },
    [STEP_JOIN_NAMESPACE] =
        {
            .name = "join-namespace",
            .call = "setns(2)",
            .what = "join a namespace: {namespaces}",
            .why = "It was there before, and is shared.",
            .shell = "exec nsenter {namespaces}=FILE sh",
            .argument = {{"namespaces", WORD_NAMESPACES, 0}, {"fd", WORD_SLOT, 0}},
        },
    [STEP_HOSTNAME] =
        {
            .name = "hostname",
            .call = "sethostname(2)",
            .what = "set the host name {name}",
            .why = "The UTS namespace is new: the host keeps its own name.",
            .shell = "hostname {name}",
            .argument = {{"name", WORD_TEXT, 0}},
        },
    [STEP_DOMAINNAME] =
        {
            .name = "domainname",
            .call = "setdomainname(2)",
            .what = "set the NIS domain name {name}",
            .why = "The UTS namespace is new: the host keeps its own.",
            .shell = "domainname {name}",
            .argument = {{"name", WORD_TEXT, 0}},
        },
    [STEP_LOOPBACK] =
        {
            .name = "loopback",
            .call = "ioctl(2)",
            .what = "bring up the loopback interface",
            .why = "In a new network namespace it is there, and down: programs expect 127.0.0.1 to "
                   "reach themselves.",
            .shell = "ip link set lo up",
        },
    [STEP_NETWORK] =
        {
            .name = "network",
            .call = "clone3(2)",
            .what = "connect the network by {program}",
            .why = "A new network namespace leads nowhere: a program outside hands packets on. It "
                   "ends with the container.",
            .shell = "{command} &",
            .undo = "it has ended with the container",
            .argument = {{"command", WORD_COMMAND, 0},
                         {"program", WORD_TEXT, 1},
                         {"package", WORD_TEXT, 2},
                         {"requests", WORD_LIST, 3},
                         {"ready_on_output", WORD_YES, 0}},
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
    [STEP_ROOT_BIND] =
        {
            .name = "root-bind",
            .call = "open_tree(2)",
            .what = "take {source} as the root",
            .why = "pivot_root(2) wants a mount; a bind mount makes one of any directory.",
            .shell = "mount --rbind {source} /mnt",
            .argument = {{"source", WORD_TEXT, 0}},
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
            .what = "mount {type} on {target}",
            .why = "The container has one of its own, and sees nothing of the host's.",
            .shell = "mount -t {type}{attributes? -o {attributes}|}{options? -o {options}|}"
                     "{make? --mkdir|} {source?{source}|{type}} {root}{target}",
            .argument = {{"source", WORD_TEXT, 0},
                         {"target", WORD_TEXT, 1},
                         {"type", WORD_TEXT, 2},
                         {"options", WORD_TEXT, 3},
                         {"attributes", WORD_ATTRIBUTES, 0},
                         {"make", WORD_YES, 1}},
        },
    [STEP_BIND] =
        {
            .name = "bind",
            .call = "open_tree(2)",
            .what = "bind {source} on {target}{attributes?, {attributes}|}",
            .why = "A part of the host's tree that the container shall see.",
            .shell =
                "mount {recursive?--rbind|--bind}{make? --mkdir|} {source} {root}{target}"
                "{attributes?; " EACH_BELOW(
                    "{root}{target}", "{attributes}") "|}"
                                                      "{cleared?; " EACH_BELOW("{root}{target}",
                                                                               "{cleared}") "|}",
            .argument = {{"source", WORD_TEXT, 0},
                         {"target", WORD_TEXT, 1},
                         {"attributes", WORD_ATTRIBUTES, 0},
                         {"make", WORD_YES, 1},
                         {"recursive", WORD_YES, 2},
                         {"cleared", WORD_CLEARED, 3}},
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
            .argument = {{"bind", WORD_YES, 0}},
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
    [STEP_MASK] =
        {
            .name = "mask",
            .call = "move_mount(2)",
            .what = "hide {paths}",
            .why = "These tell of the host, or reach it. Those that this kernel lacks are passed "
                   "over.",
            .shell =
                "for p in {paths}; do if test -d \"{root}$p\"; "
                "then mount -t tmpfs -o ro,nosuid,nodev,noexec,mode=000,size=0 tmpfs \"{root}$p\"; "
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
    [STEP_CHROOT] =
        {
            .name = "chroot",
            .call = "chroot(2)",
            .what = "change the root directory",
            .why = "The old way: a process that is root inside can leave it again.",
            .shell = "cd /mnt; exec chroot . sh",
        },

    /* ---- process: container ---- */
    [STEP_RLIMIT] =
        {
            .name = "rlimit",
            .call = "prlimit(2)",
            .what = "limit {resource} to {soft}, at most {hard}",
            .why = "A limit of each process: it may raise the first number up to the second.",
            .shell = "prlimit --pid $$ --{resource}={soft}:{hard}",
            .argument = {{"resource", WORD_RESOURCE, 0},
                         {"soft", WORD_LIMIT, 1},
                         {"hard", WORD_LIMIT, 2}},
        },
    [STEP_CHDIR] =
        {
            .name = "chdir",
            .call = "chdir(2)",
            .what = "go to {directory}",
            .why = "And see that it is below the root: an fd of the host's would show here.",
            .shell = "cd {directory}",
            .argument = {{"directory", WORD_TEXT, 0}},
        },
    [STEP_BOUNDING] =
        {
            .name = "bounding-set",
            .call = "prctl(2)",
            .what = "keep no other capabilities than: {capabilities}",
            .why = "The bounding set is the most that any program inside can get.",
            .shell = "exec setpriv --bounding-set {capabilities} sh",
            .argument = {{"capabilities", WORD_CAPS, 0}},
        },
    [STEP_IDS] =
        {
            .name = "ids",
            .call = "setresuid(2)",
            .what = "be user {uid}, group {gid}{groups?, groups {groups}|}",
            .why = "{keep_groups?With one id mapped, supplementary groups cannot be changed.|"
                   "Supplementary groups come first: afterwards they could not be changed.}",
            .shell = "exec setpriv --reuid {uid} --regid {gid} "
                     "{keep_groups?--keep-groups|{groups?--groups {groups}|--clear-groups}} sh",
            .argument = {{"uid", WORD_NUMBER, 0},
                         {"gid", WORD_NUMBER, 1},
                         {"groups", WORD_IDS, 0},
                         {"keep_capabilities", WORD_YES, 2},
                         {"keep_groups", WORD_YES, 3}},
        },
    [STEP_CAPABILITIES] =
        {
            .name = "capabilities",
            .call = "capset(2)",
            .what = "have these capabilities: {permitted}",
            .why = "Those that a program started by another user than root inherits are none, "
                   "unless asked for.",
            .shell = "exec setpriv --inh-caps {inheritable} --ambient-caps {ambient} sh",
            .argument = {{"permitted", WORD_CAPS, 0},
                         {"inheritable", WORD_CAPS, 1},
                         {"ambient", WORD_CAPS, 2}},
        },
    [STEP_NO_NEW_PRIVS] =
        {
            .name = "no-new-privs",
            .call = "prctl(2)",
            .what = "gain no privileges by exec",
            .why = "Setuid programs run as whoever calls them.",
            .shell = "exec setpriv --no-new-privs sh",
        },
    [STEP_SECCOMP] =
        {
            .name = "seccomp",
            .call = "seccomp(2)",
            .what = "load a system call filter of {instructions} instructions",
            .why = "What a container's programs do not call, an attacker shall not call either.",
            .argument = {{"instructions", WORD_NUMBER, 0}, {"filter", WORD_FILTER, 0}},
        },
    [STEP_DIE_WITH_PARENT] =
        {
            .name = "die-with-parent",
            .call = "prctl(2)",
            .what = "end when the caller ends",
            .why = "Nobody would wait for it any more.",
            .shell = "exec setpriv --pdeathsig KILL sh",
        },
    [STEP_SUPERVISE] =
        {
            .name = "supervise",
            .call = "clone3(2)",
            .what = "stay as {pid_1?pid 1|the parent}; the command is its child"
                    "{follow?, and ends with another process|}",
            .why = "{pid_1?Pid 1 has to reap, and ignores signals that it has no handler for: most "
                   "programs are not written for that.|"
                   "It hands signals on, and its end is the command's.}",
            .argument = {{"pid_1", WORD_YES, 0}, {"follow", WORD_SLOT, 0}},
        },
    [STEP_EXEC] =
        {
            .name = "exec",
            .call = "execve(2)",
            .what = "execute {command}",
            .why = "All that was set up stays: namespaces, root, limits and filter go over an "
                   "exec.",
            .shell = "umask {umask}; exec env -i {environment} {command}",
            .argument = {{"command", WORD_COMMAND, 0},
                         {"environment", WORD_COMMAND, 1},
                         {"umask", WORD_OCTAL, 0}},
        },
};

const struct step_words *step_words(enum step_kind kind)
{
    return &table[kind < STEP_KIND_COUNT ? kind : STEP_NONE];
}
