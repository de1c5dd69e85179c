/* SPDX-License-Identifier: MIT */
/*
 * The table of step kinds; those that are about files, and records, are in table_files.c.
 *
 * The shell commands are those that a reader can type one after the other, as root, and get the
 * same: they have the new root at /mnt and the throw-away layers at /media, which every system has
 * and which change only in the new mount namespace. "sh" at the end of a command is the shell in
 * which the rest is typed.
 */
#include "step/words.h"

static const struct step_words table[STEP_KIND_COUNT] = {
    [STEP_NONE] = {.name = "none", .call = "", .what = "nothing", .why = ""},

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
    [STEP_CGROUP_ABOVE] =
        {
            .name = "cgroup-above",
            .call = "mkdir(2)",
            .what = "make the control group {parent}/{name}, unless it is there",
            .why = "The container's own group is to be below it.",
            .shell = "mkdir -p {parent}/{name}{cpuset?; for f in cpuset.cpus cpuset.mems; do cat "
                     "{parent}/$f > {parent}/{name}/$f; done|}",
            .undo = "rmdir {parent}/{name}, when nothing else is in it",
            .argument = {{"parent", WORD_TEXT, 0}, {"name", WORD_TEXT, 1}, {"cpuset", WORD_YES, 0}},
        },
    [STEP_CGROUP_MAKE] =
        {
            .name = "cgroup-make",
            .call = "mkdir(2)",
            .what = "make the control group {parent}/{name}{taken?, or take it when it is idle|}",
            .why = "Limits are set on a group, and hold for all processes in it together.",
            .shell = "mkdir {taken?-p |}{parent}/{name}",
            .undo = "rmdir {parent}/{name}",
            .argument = {{"parent", WORD_TEXT, 0},
                         {"name", WORD_TEXT, 1},
                         {"fd", WORD_SLOT, 0},
                         {"taken", WORD_YES, 0}},
        },
    [STEP_CGROUP_SET] =
        {
            .name = "cgroup-set",
            .call = "write(2)",
            .what = "set {file} to {value}",
            .why = "The kernel holds the group to it from the first process on.",
            .shell = "echo {value} > {group}/{file}",
            .argument = {{"file", WORD_TEXT, 0},
                         {"value", WORD_TEXT, 1},
                         {"group", WORD_GROUP, 0},
                         {"other_file", WORD_TEXT, 2},
                         {"other_value", WORD_TEXT, 3}},
        },
    [STEP_CGROUP_DEVICES] =
        {
            .name = "cgroup-devices",
            .call = "bpf(2)",
            .what = "attach a program that answers for devices: {rules}",
            .why = "The kernel asks it at each open(2) and mknod(2) of a device node. cgroup v2 "
                   "has no files for that.",
            .argument = {{"rules", WORD_TEXT, 0}, {"group", WORD_GROUP, 0}},
        },

    /* ---- namespace: host ---- */
    [STEP_ID_RANGE] =
        {
            .name = "id-range",
            .call = "flock(2)",
            .what = "take {count} ids that no other container has, of {pool}",
            .why = "Users of one container are nobody to another, and to the host: first id and "
                   "how many there are.",
            .undo = "the lock goes with the container",
            .argument = {{"pool", WORD_LINES, 0}, {"count", WORD_NUMBER, 0}, {"fd", WORD_SLOT, 0}},
        },
    [STEP_ID_NAMESPACE] =
        {
            .name = "id-namespace",
            .call = "clone3(2)",
            .what = "make a user namespace with the container's map, for mounts",
            .why = "An idmapped mount takes its map from a namespace, which nobody has to be in.",
            .argument = {{"uids", WORD_LINES, 0}, {"gids", WORD_LINES, 1}, {"fd", WORD_SLOT, 0}},
        },
    [STEP_ID_MOUNT] =
        {
            .name = "id-mount",
            .call = "mount_setattr(2)",
            .what = "make an idmapped mount of {second?the directory of |}{source}"
                    "{attributes?, {attributes}|}",
            .why = "Its files have the owners inside that they have on disk.",
            .argument = {{"source", WORD_TEXT, 0},
                         {"second", WORD_TEXT, 1},
                         {"attributes", WORD_ATTRIBUTES, 0},
                         {"recursive", WORD_YES, 1},
                         {"cleared", WORD_CLEARED, 2},
                         {"fd", WORD_SLOT, 0}},
        },

    [STEP_OPEN_SOURCE] =
        {
            .name = "open-source",
            .call = "open_tree(2)",
            .what = "open {source}, to be bound",
            .why = "Root of a user namespace may not reach all that the caller may give it.",
            .argument = {{"source", WORD_TEXT, 0},
                         {"recursive", WORD_YES, 1},
                         {"fd", WORD_SLOT, 0}},
        },
    [STEP_ID_SOURCE] =
        {
            .name = "id-source",
            .call = "mount_setattr(2)",
            .what = "give {source}, of which the container has made a mount, its id map",
            .why = "Root of a user namespace may not do it, and before it was not there.",
            .argument = {{"source", WORD_TEXT, 0},
                         {"recursive", WORD_YES, 0},
                         {"fd", WORD_SLOT, 0}},
        },
    [STEP_MADE_NODE] =
        {
            .name = "made-node",
            .call = "mknod(2)",
            .what = "make a device node for the container, to be mounted",
            .why = "In a user namespace of its own nobody can make one, but one can be mounted.",
            .argument = {{"mode", WORD_OCTAL, 0},
                         {"number", WORD_NUMBER, 1},
                         {"uid", WORD_NUMBER, 2},
                         {"gid", WORD_NUMBER, 3},
                         {"fd", WORD_SLOT, 0}},
        },
    [STEP_TAKE_NETWORK] =
        {
            .name = "take-network",
            .call = "recvmsg(2)",
            .what = "take a network namespace that is ready",
            .why = "To make one is most of what a start costs. Nobody else gets this one, and it "
                   "is not used again.",
            .undo = "it goes with the container",
            .argument = {{"fd", WORD_SLOT, 0}},
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
            .what = "map {range?users and groups 0 to the range that was taken|"
                    "users {uids} and groups {gids}}",
            .why = "More than one's own id can only be mapped by a process outside that has the "
                   "privilege: first id inside, first outside, how many.",
            .shell = "{deny_setgroups?echo deny > /proc/PID/setgroups; |}"
                     "{range?newuidmap PID 0 RANGE {range}; newgidmap PID 0 RANGE {range}|"
                     "newuidmap PID {uids}; newgidmap PID {gids}}",
            .argument = {{"uids", WORD_LINES, 0},
                         {"gids", WORD_LINES, 1},
                         {"deny_setgroups", WORD_YES, 0},
                         {"range", WORD_NUMBER, 1}},
        },
    [STEP_ID_MAPS_BY] =
        {
            .name = "id-maps-by",
            .call = "clone3(2)",
            .what = "let newuidmap and newgidmap map the ids of {map}",
            .why = "They may map what /etc/subuid and /etc/subgid give to the caller: first id "
                   "inside, first outside, how many.",
            .shell = "{newuidmap}; {newgidmap}",
            .argument = {{"newuidmap", WORD_COMMAND, 0}, {"newgidmap", WORD_COMMAND, 1}},
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
    [STEP_CGROUP_SCOPE] =
        {
            .name = "cgroup-scope",
            .call = "connect(2)",
            .what = "have systemd put the container into a scope {unit}.scope of {slice}",
            .why = "Where systemd runs, the tree of control groups is its own, and a scope with "
                   "Delegate=yes is what it hands over.",
            .shell = "systemd-run --scope --slice={slice} --unit={unit} -p Delegate=yes sh",
            .undo = "systemd removes the scope when nothing runs in it any more",
            .argument = {{"slice", WORD_TEXT, 0},
                         {"unit", WORD_TEXT, 1},
                         {"socket", WORD_TEXT, 2},
                         {"properties", WORD_TEXT, 3}},
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
    [STEP_JOIN_CONTAINER] =
        {
            .name = "join-container",
            .call = "setns(2)",
            .what = "join the container's namespaces: {namespaces}",
            .why = "All at once, and nothing is executed before the command: what is in memory or "
                   "open here cannot be reached from inside.",
            .shell = "exec nsenter --target PID {namespaces} sh",
            .argument = {{"namespaces", WORD_NAMESPACES, 0}, {"fd", WORD_SLOT, 0}},
        },
    [STEP_SPAWN] =
        {
            .name = "spawn",
            .call = "clone3(2)",
            .what = "make the process that becomes the command",
            .why = "A pid namespace is entered by the children of the one that joins it; this one "
                   "is the caller's child.",
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
    [STEP_HOOK_FILE] =
        {
            .name = "hook-file",
            .call = "memfd_create(2)",
            .what = "make a file for the state that hooks read ({status})",
            .why = "They read it as their standard input, in the container too.",
            .undo = "it is gone with the container's handle",
            .argument = {{"version", WORD_TEXT, 0},
                         {"bundle", WORD_TEXT, 1},
                         {"annotations", WORD_LIST, 2},
                         {"status", WORD_TEXT, 3},
                         {"fd", WORD_SLOT, 0}},
        },
    [STEP_HOOK_TELL] =
        {
            .name = "hook-tell",
            .call = "pwrite(2)",
            .what = "write the state that hooks read",
            .why = "The first process is there now, and its id known.",
            .argument = {{"fd", WORD_SLOT, 0}},
        },
    [STEP_HOOK_HOST] =
        {
            .name = "hook-host",
            .call = "clone3(2)",
            .what = "run the {point} hook {path}",
            .why = "The bundle asks for it: what it does outside is for the container.",
            .shell = "{args}",
            .argument = {{"path", WORD_TEXT, 0},
                         {"args", WORD_COMMAND, 1},
                         {"env", WORD_LIST, 2},
                         {"point", WORD_TEXT, 3},
                         {"timeout", WORD_NUMBER, 0},
                         {"index", WORD_NUMBER, 1},
                         {"fd", WORD_SLOT, 0}},
        },
    [STEP_HOOK] =
        {
            .name = "hook",
            .call = "clone3(2)",
            .what = "run the {point} hook {path}",
            .why = "The bundle asks for it.",
            .shell = "{args}",
            .argument = {{"path", WORD_TEXT, 0},
                         {"args", WORD_COMMAND, 1},
                         {"env", WORD_LIST, 2},
                         {"point", WORD_TEXT, 3},
                         {"timeout", WORD_NUMBER, 0},
                         {"index", WORD_NUMBER, 1},
                         {"fd", WORD_SLOT, 0}},
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
    [STEP_NET_DEVICE] =
        {
            .name = "net-device",
            .call = "rtnetlink(7)",
            .what = "give it the network device {device}, as {inside}",
            .why = "A device is in one network namespace. Its addresses do not go with it by "
                   "themselves: they are set again.",
            .shell = "ip link set {device} netns PID name {inside}",
            .argument = {{"device", WORD_TEXT, 0}, {"inside", WORD_TEXT, 1}},
        },

    /* ---- process: container ---- */
    [STEP_STATE_WRITE] =
        {
            .name = "state-write",
            .call = "rename(2)",
            .what = "write the record of {id}",
            .why =
                "It says which process it is, and since when; whoever reads it sees all of it or "
                "none.",
            .argument = {{"id", WORD_ID, 0}, {"root", WORD_TEXT, 2}, {"remove", WORD_YES, 0}},
        },
    [STEP_WAIT_START] =
        {
            .name = "wait-start",
            .call = "accept4(2)",
            .what = "wait until the container is started",
            .why = "It has been created: all is ready but the command.",
            .argument = {{"fd", WORD_SLOT, 0}},
        },
    [STEP_USER] =
        {
            .name = "user",
            .call = "openat2(2)",
            .what = "look up the user {user}{groups? and the groups {groups}|} in the root",
            .why = "Names are what /etc/passwd and /etc/group inside say: the host's may say "
                   "otherwise.",
            .argument = {{"user", WORD_TEXT, 0}, {"groups", WORD_LIST, 1}},
        },
    [STEP_LOOK_UP] =
        {
            .name = "look-up",
            .call = "execve(2)",
            .what = "see that {command} is there",
            .why = "Who creates the container shall hear of it, not only who starts it.",
            .argument = {{"command", WORD_COMMAND, 0}, {"env", WORD_LIST, 1}},
        },
    [STEP_KEYRING] =
        {
            .name = "keyring",
            .call = "keyctl(2)",
            .what = "have a session keyring of its own, {name}",
            .why = "Keys of the caller's session are not for the container.",
            .shell = "exec keyctl session {name} sh",
            .argument = {{"name", WORD_TEXT, 0}},
        },
    [STEP_SCHEDULER] =
        {
            .name = "scheduler",
            .call = "sched_setattr(2)",
            .what = "be scheduled by policy {policy}{nice?, nice {nice}|}{priority?, priority "
                    "{priority}|}",
            .why = "The command inherits it.",
            .argument = {{"policy", WORD_NUMBER, 0},
                         {"nice", WORD_NUMBER, 1},
                         {"priority", WORD_NUMBER, 2},
                         {"runtime", WORD_NUMBER, 3},
                         {"deadline", WORD_NUMBER, 4},
                         {"period", WORD_NUMBER, 5}},
        },
    [STEP_IO_PRIORITY] =
        {
            .name = "io-priority",
            .call = "ioprio_set(2)",
            .what = "have the I/O priority {priority}",
            .why = "The command inherits it.",
            .argument = {{"priority", WORD_NUMBER, 0}},
        },
    [STEP_PERSONALITY] =
        {
            .name = "personality",
            .call = "personality(2)",
            .what = "have the personality {personality}",
            .why = "Programs of 32 bits are told of a machine of their own by it.",
            .argument = {{"personality", WORD_NUMBER, 0}},
        },
    [STEP_CPU_AFFINITY] =
        {
            .name = "cpu-affinity",
            .call = "sched_setaffinity(2)",
            .what = "run on the CPUs {cpus}",
            .why = "It keeps off the others, as far as its control group has these.",
            .shell = "taskset -pc {cpus} $$",
            .argument = {{"cpus", WORD_TEXT, 0}},
        },
    [STEP_MEMORY_POLICY] =
        {
            .name = "memory-policy",
            .call = "set_mempolicy(2)",
            .what = "take memory by policy {mode}",
            .why = "The command inherits it.",
            .argument = {{"mode", WORD_NUMBER, 0},
                         {"nodes", WORD_NUMBER, 1},
                         {"nodes_64", WORD_NUMBER, 2},
                         {"nodes_128", WORD_NUMBER, 3},
                         {"nodes_192", WORD_NUMBER, 4}},
        },
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
            .what = "be user {user?{user}, with its groups|"
                    "{uid}, group {gid}{groups?, groups {groups}|}}",
            .why = "{keep_groups?With one id mapped, supplementary groups cannot be changed.|"
                   "Supplementary groups come first: afterwards they could not be changed.}",
            .shell = "{user?exec chroot --userspec={user} / sh|"
                     "exec setpriv --reuid {uid} --regid {gid} "
                     "{keep_groups?--keep-groups|{groups?--groups {groups}|--clear-groups}} sh}",
            .argument = {{"uid", WORD_NUMBER, 0},
                         {"gid", WORD_NUMBER, 1},
                         {"groups", WORD_IDS, 0},
                         {"keep_capabilities", WORD_YES, 2},
                         {"keep_groups", WORD_YES, 3},
                         {"skip_if_so", WORD_YES, 4},
                         {"user", WORD_TEXT, 1}},
        },
    [STEP_CAPABILITIES] =
        {
            .name = "capabilities",
            .call = "capset(2)",
            .what = "have these capabilities: {permitted}{if_root?, if the user is 0|}",
            .why = "Those that a program started by another user than root inherits are none, "
                   "unless asked for.",
            .shell = "exec setpriv --inh-caps {inheritable} --ambient-caps {ambient} sh",
            .argument = {{"permitted", WORD_CAPS, 0},
                         {"inheritable", WORD_CAPS, 1},
                         {"ambient", WORD_CAPS, 2},
                         {"if_root", WORD_YES, 3},
                         {"not_effective", WORD_CAPS, 4}},
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
            .what = "load a system call filter of {instructions} instructions"
                    "{late?, last of all|}",
            .why = "What a container's programs do not call, an attacker shall not call either.",
            .argument = {{"instructions", WORD_NUMBER, 0},
                         {"filter", WORD_FILTER, 0},
                         {"flags", WORD_NUMBER, 1},
                         {"late", WORD_YES, 2}},
        },
    [STEP_LANDLOCK] =
        {
            .name = "landlock",
            .call = "landlock_restrict_self(2)",
            .what = "restrict itself{paths? to files below {paths}|}{paths?{ports?, and|}|}"
                    "{ports? to {ports} TCP ports|}",
            .why = "What no rule grants is refused from here on, to any user, even to root.",
            .argument = {{"paths", WORD_LIST, 0},
                         {"denied_files", WORD_NUMBER, 0},
                         {"denied_tcp", WORD_NUMBER, 1},
                         {"ports", WORD_NUMBER, 2}},
        },
    [STEP_LABEL] =
        {
            .name = "label",
            .call = "write(2)",
            .what = "be labelled {label} from the next exec on",
            .why = "A security module holds the command to the policy of its label. It is said "
                   "before the root changes, in the host's /proc: another could be faked.",
            .shell = "printf %s {command}{label} > {file}",
            .argument = {{"file", WORD_TEXT, 0},
                         {"older_file", WORD_TEXT, 1},
                         {"command", WORD_TEXT, 2},
                         {"label", WORD_TEXT, 3}},
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
                    "{follow?, and ends with another process|}"
                    "{report?, and the caller hears when it stops|}",
            .why = "{pid_1?Pid 1 has to reap, and ignores signals that it has no handler for: most "
                   "programs are not written for that.|"
                   "It hands signals on, and its end is the command's.}",
            .argument = {{"pid_1", WORD_YES, 0}, {"report", WORD_YES, 1}, {"follow", WORD_SLOT, 0}},
        },
    [STEP_FOREGROUND] =
        {
            .name = "foreground",
            .call = "setpgid(2)",
            .what = "be a process group in the terminal's foreground",
            .why = "It is the group that keys reach. Ctrl-Z stops it, for its parent is in the "
                   "session but not in the group.",
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
                         {"umask", WORD_OCTAL, 0},
                         {"home_of_user", WORD_YES, 1}},
        },
};

const struct step_words *step_words(enum step_kind kind)
{
    if (kind >= STEP_KIND_COUNT)
        kind = STEP_NONE;
    return step_words_files[kind].name ? &step_words_files[kind] : &table[kind];
}
