# SPDX-License-Identifier: MIT
# A place of its own for an engine: namespaces, file systems that go with them, a control group.

need() {
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null || { echo "skipped: $program is not installed"; exit 77; }
    done
}

# cgroup_mounts: a line "POINT CONTROLLERS PATH" for each hierarchy, PATH being the caller's group.
# CONTROLLERS is "unified" for v2.
cgroup_mounts() {
    local controllers path point type options
    while IFS=: read -r _ controllers path; do
        while read -r point type options; do
            case $type:,$options, in
            cgroup2:*) [ -n "$controllers" ] || echo "$point unified $path" ;;
            cgroup:*",$controllers,"*) [ -z "$controllers" ] || echo "$point $controllers $path" ;;
            esac
        done < <(sed -nE 's/^[0-9]+ [0-9]+ [^ ]+ [^ ]+ ([^ ]+) .* - (cgroup2?) [^ ]+ ([^ ]+)$/\1 \2 \3/p' \
            /proc/self/mountinfo)
    done </proc/self/cgroup
}

make_group() {
    local point=$1 controllers=$2 path=${3%/} group file
    # v2 hands controllers down from the root, and not from a group that has processes.
    if [ "$controllers" = unified ]; then
        path=
        for file in cpuset cpu io memory pids; do
            echo "+$file" >"$point/cgroup.subtree_control" 2>/dev/null
        done
    fi
    group=$point$path/$name
    mkdir "$group" || return
    groups+=("$group")
    [ "$controllers" != unified ] || { leaf=$group/checks && mkdir "$leaf"; } || return
    for file in cpuset.cpus cpuset.mems; do
        [ ! -f "$group/$file" ] || [ "$controllers" = unified ] || cat "$point$path/$file" >"$group/$file"
    done
}

remove_groups() {
    local top
    for top in "${groups[@]}"; do
        # A group can go when its last process has been reaped, which takes the kernel a moment.
        for _ in $(seq 100); do
            find "$top" -depth -type d -exec rmdir {} \; 2>/dev/null
            [ -d "$top" ] || continue 2
            sleep 0.1
        done
        echo "left behind: $top" >&2
    done
}

# private_run PROGRAM ARG...: run it in there, and take everything away behind it.
private_run() {
    local line group name=engines-$$ leaf=
    groups=()
    state=$(mktemp -d) || exit 1
    trap 'remove_groups; rmdir "$state"' EXIT
    while read -r line; do
        # shellcheck disable=SC2086 # three words
        make_group $line || exit 1
    done < <(cgroup_mounts)
    # What an engine sees of the machine's groups begins at this one, whose processes are in a leaf
    # below it on v2. All of it dies with this process, and with the first of the new ones.
    (
        for group in "${groups[@]}"; do
            echo 0 >"$group/cgroup.procs" || exit 1
        done
        ENGINES_INSIDE=1 ENGINES_STATE=$state exec setpriv --pdeathsig KILL unshare --cgroup sh -c '
            [ -z "$0" ] || echo 0 >"$0/cgroup.procs" || exit 1
            exec unshare --mount --pid --net --ipc --uts --fork --kill-child --mount-proc \
                --propagation private "$@"' "$leaf" "$@"
    ) &
    child=$!
    trap 'kill -KILL $child; wait $child; exit 130' INT TERM HUP
    wait $child
}

# The hierarchies again, as they are seen from the group of its own.
private_cgroup() {
    local point=$1 controllers=$2
    umount -l "$point" || return
    if [ "$controllers" != unified ]; then
        mount -t cgroup -o "$controllers" cgroup "$point"
        return
    fi
    # crun 1.8 cannot make anything of a second, empty hierarchy.
    [ "${runtime##*/}" != crun ] || [ "$point" = /sys/fs/cgroup ] || return 0
    mount -t cgroup2 cgroup2 "$point" || return
    [ "$point" != /sys/fs/cgroup ] || grep -qw memory "$point/cgroup.controllers" ||
        limits_absent='no controllers are handed down here'
}

# What is written there is written to a file system that goes with the namespace.
private_tree() {
    local dir=$1 upper=$state/tree$1
    mkdir -p "$upper/upper" "$upper/work" &&
        mount -t overlay -o "lowerdir=$dir,upperdir=$upper/upper,workdir=$upper/work" overlay "$dir"
}

# A device that everybody may open, as it is on most machines.
private_device() {
    [ -c "$1" ] || return 0
    mknod -m 666 "$state/${1##*/}" c "0x$(stat -c %t "$1")" "0x$(stat -c %T "$1")" &&
        mount --bind "$state/${1##*/}" "$1"
}

private_inside() {
    local line dir
    state=$ENGINES_STATE
    cgroup_mounts >/dev/null || exit 1
    mount -t tmpfs -o mode=755 tmpfs "$state" || exit 1
    while read -r line; do
        # shellcheck disable=SC2086
        private_cgroup $line || exit 1
    done < <(cgroup_mounts)
    for dir in /etc /var /opt /root; do
        private_tree "$dir" || { echo "skipped: no overlay over $dir"; exit 77; }
    done
    for dir in /run /dev/shm /var/lib; do
        [ "$dir" = /var/lib ] || mount -t tmpfs -o mode=755 tmpfs "$dir" || exit 1
    done
    chmod 1777 /dev/shm
    private_device /dev/fuse && private_device /dev/net/tun || exit 1
    ip link set lo up
    mkdir -m 1777 "$state/tmp"
    export TMPDIR=$state/tmp HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    unset XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS
    cd /
}
