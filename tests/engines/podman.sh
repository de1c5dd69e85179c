# SPDX-License-Identifier: MIT
# podman, without systemd, and with nothing of the machine's configuration.

# podman_configure DIR: what it reads instead.
podman_configure() {
    local dir=$1 name=${runtime##*/}
    mkdir -p "$dir" /etc/containers || return
    cat >"$dir/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "$name"
runtime_supports_nocgroup = ["$name"]
[engine.runtimes]
$name = ["$runtime"]
CONF
    cat >"$dir/storage.conf" <<CONF
[storage]
driver = "overlay"
graphroot = "$dir/storage"
runroot = "$dir/run"
CONF
    echo '{"default": [{"type": "insecureAcceptAnything"}]}' >/etc/containers/policy.json
    rm -f /etc/containers/*.conf
    export CONTAINERS_CONF=$dir/containers.conf CONTAINERS_STORAGE_CONF=$dir/storage.conf
}

podman_import() {
    [ -f "$1" ] || return 0
    "${engine_cli[@]}" import -q --change CMD=sh "$1" "$2" >/dev/null || exit 1
}

podman_images() {
    image_tar "$state/busybox.tar" busybox_root || exit 1
    image_tar "$state/servers.tar" servers_root || true
    podman_import "$state/busybox.tar" "$image"
    podman_import "$state/servers.tar" "$servers"
}

podman_pods() {
    check 'pods: create' 0 '' pod create --name pod -p 18081:8080
    quiet run -d --pod pod --name first "$image" sh -c 'hostname >/tmp/h; httpd -f -p 8080 -h /tmp'
    expect_soon 'pods: one host name' '^pod$' "${engine_cli[@]}" run --rm --pod pod "$image" wget -qO- http://127.0.0.1:8080/h
    expect_soon 'pods: a published port' '^pod$' "${fetch[@]}" http://127.0.0.1:18081/h
    check 'pods: ps' 0 'Running' pod ps
    check 'pods: stop' 0 '' pod stop -t 1 pod
    check 'pods: start' 0 '' pod start pod
    check 'pods: rm -f' 0 '' pod rm -f pod
}

podman_checks() {
    once 'podman: --umask' 0 '^0077$' --umask 0077 -- sh -c umask
    once 'podman: --userns by range' 0 '^ *0 +100000 +5000' --uidmap 0:100000:5000 --gidmap 0:100000:5000 -- cat /proc/self/uid_map
    expect 'podman: --preserve-fds' 0 '^passed$' sh -c 'echo passed >"$0"; exec "$@" 3<"$0"' "$state/passed" \
        "${engine_cli[@]}" run --rm --preserve-fds 1 "$image" sh -c 'cat <&3'
    check 'podman: --rootfs' 0 '^from a directory$' run --rm --rootfs "$state/root.busybox_root" echo from a directory
    quiet run -d --name sick --health-cmd 'test -f /tmp/well' --health-interval disable "$image" sleep 100
    check 'podman: health check, unwell' '!' '' healthcheck run sick
    quiet exec sick touch /tmp/well
    check 'podman: health check, well' 0 '' healthcheck run sick
    quiet rm -f -t 0 sick
    words_build
    podman_pods
    if [ "${runtime##*/}" = runc ]; then
        skip 'podman: --personality, --cgroups disabled' 'runc 1.1 has neither'
    else
        once 'podman: --personality' 0 '^i[36]86$' --personality LINUX32 -- uname -m
        once 'podman: --cgroups disabled' 0 '' --cgroups disabled -- true
    fi
    once 'podman: --cgroupns host' 0 'libpod' --cgroupns host -- cat /proc/self/cgroup
    once 'podman: --cgroupns private' 0 '/$' --cgroupns private -- cat /proc/self/cgroup
}
