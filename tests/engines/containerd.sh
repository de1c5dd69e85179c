# SPDX-License-Identifier: MIT
# containerd, with state of its own.

# containerd_start: with more of its configuration on standard input.
containerd_start() {
    local dir=$state/containerd
    mkdir -p "$dir" || return
    address=$dir/containerd.sock
    {
        printf 'version = 2\nroot = "%s/root"\nstate = "%s/state"\n' "$dir" "$dir"
        cat
        printf '[grpc]\naddress = "%s"\n' "$address"
    } >"$dir/config.toml"
    containerd --config "$dir/config.toml" >"$dir/log" 2>&1 &
    export CONTAINERD_ADDRESS=$address CONTAINERD_NAMESPACE=checks
    eventually ctr version || { echo "containerd does not start: $(tail "$dir/log")"; exit 1; }
}

containerd_images() {
    image=localhost/busybox:latest
    image_tar "$state/busybox.tar" busybox_root && second_layer "$state/second.tar" &&
        docker_archive "$state/image.tar" "$image" sh "$state/busybox.tar" "$state/second.tar" || exit 1
}
