# SPDX-License-Identifier: MIT
# Root file systems made of what the machine has: there is no registry.

# copy_program ROOT PROGRAM...: with the libraries it is linked to.
copy_program() {
    local root=$1 program file
    shift
    for program in "$@"; do
        program=$(command -v "$program") || return
        for file in "$program" $(ldd "$program" 2>/dev/null | grep -oE '/[^ )]+'); do
            mkdir -p "$root$(dirname "$file")"
            cp -L -n "$file" "$root$file" || return
        done
    done
}

# busybox_root ROOT: a small system, users root and app (1000).
busybox_root() {
    local root=$1 busybox
    busybox=$(command -v busybox) || return
    mkdir -p "$root"/{bin,dev,etc,home/app,proc,root,run,sys,tmp,usr/bin,usr/sbin,var/log} || return
    chmod 1777 "$root/tmp"
    cp "$busybox" "$root/bin/busybox" || return
    "$busybox" --list | while read -r name; do
        [ "$name" = busybox ] || ln -s busybox "$root/bin/$name"
    done
    printf '%s\n' root:x:0:0::/root:/bin/sh app:x:1000:1000::/home/app:/bin/sh nobody:x:65534:65534::/:/bin/sh \
        www-data:x:33:33::/:/bin/sh \
        >"$root/etc/passwd"
    printf '%s\n' root:x:0: app:x:1000: more:x:2000:app nogroup:x:65534: www-data:x:33: >"$root/etc/group"
    chown 1000:1000 "$root/home/app"
    echo 'not a program' >"$root/bin/noexec"
    chmod 644 "$root/bin/noexec"
}

# servers_root ROOT: the same with redis and nginx, when the machine has them.
servers_root() {
    local root=$1
    busybox_root "$root" || return
    copy_program "$root" redis-server redis-cli redis-benchmark nginx || return
    mkdir -p "$root"/{var/log/nginx,var/lib/nginx,srv}
    echo 'served by nginx' >"$root/srv/index.html"
    cat >"$root/etc/nginx.conf" <<'CONF'
daemon off; error_log stderr; pid /tmp/nginx.pid; worker_processes 2;
events { worker_connections 512; }
http { access_log off;
    client_body_temp_path /tmp/b; proxy_temp_path /tmp/p; fastcgi_temp_path /tmp/f;
    uwsgi_temp_path /tmp/u; scgi_temp_path /tmp/s;
    server { listen 8080; root /srv; } }
CONF
}

# image_tar FILE MAKER: the root file system that MAKER makes, as a tar archive.
image_tar() {
    local root=$state/root.$2
    [ -d "$root" ] || "$2" "$root" || return
    tar -C "$root" --numeric-owner -cf "$1" .
}

# docker_archive FILE NAME COMMAND LAYER...: layers (tar archives) as an image that every engine loads.
docker_archive() {
    local file=$1 name=$2 command=$3 dir=$state/archive layer ids=() names=() arch=amd64
    [ "$(uname -m)" != aarch64 ] || arch=arm64
    shift 3
    rm -rf "$dir" && mkdir -p "$dir" || return
    for layer in "$@"; do
        ids+=("sha256:$(sha256sum "$layer" | cut -d ' ' -f 1)")
        names+=("${layer##*/}")
        cp "$layer" "$dir/" || return
    done
    jq -n --arg arch "$arch" --arg command "$command" --args '{architecture: $arch, os: "linux", config: {Cmd: [$command], Env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]},
        rootfs: {type: "layers", diff_ids: $ARGS.positional}}' "${ids[@]}" >"$dir/config.json" &&
        jq -n --arg name "$name" --args '[{Config: "config.json", RepoTags: [$name], Layers: $ARGS.positional}]' \
            "${names[@]}" >"$dir/manifest.json" &&
        tar -C "$dir" -cf "$file" . && rm -rf "$dir"
}

# second_layer FILE: a layer over the first, which adds a file and takes one away.
second_layer() {
    local dir=$state/second
    mkdir -p "$dir/etc" "$dir/bin" && echo 'second layer' >"$dir/etc/layer" && : >"$dir/bin/.wh.ipcalc" &&
        tar -C "$dir" --owner 0 --group 0 --numeric-owner -cf "$1" etc bin
}
