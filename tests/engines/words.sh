# SPDX-License-Identifier: MIT
# The words that docker and podman share. engine_cli is how the engine is called; images busybox and
# servers are there.

image=localhost/busybox servers=localhost/servers
fetch=(busybox wget -qO-)

# check NAME STATUS PATTERN WORD...: expect, of the engine.
check() {
    expect "$1" "$2" "$3" "${engine_cli[@]}" "${@:4}"
}

# once NAME STATUS PATTERN OPTION... -- COMMAND...: of a container that is run and removed.
once() {
    local name=$1 want=$2 pattern=$3 options=()
    shift 3
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    check "$name" "$want" "$pattern" run --rm "${options[@]}" "$image" "$@"
}

quiet() {
    timeout -k 10 120 "${engine_cli[@]}" "$@" >/dev/null 2>&1 </dev/null
}

# Where v1 and v2 keep the same limit: limit_file V1 V2, from inside.
limit_file() {
    if [ -f /sys/fs/cgroup/cgroup.controllers ]; then echo "/sys/fs/cgroup/$2"; else echo "/sys/fs/cgroup/$1"; fi
}

words_run() {
    once 'run: output' 0 '^hello$' -- echo hello
    once 'run: exit status' 3 '' -- sh -c 'exit 3'
    once 'run: no such command is 127' 127 nosuch -- nosuch
    once 'run: no such path is 127' 127 /no/such -- /no/such
    once 'run: what cannot be executed is 126' 126 noexec -- /bin/noexec
    once 'run: a directory is 126' 126 'denied|directory' -- /etc
    once 'run: a wrong option is 125' 125 '' --nosuch -- true
    once 'run: a user that is not there' '!' 'user|nosuch' -u nosuch -- true
    once 'run: environment' 0 '^b c$' -e 'A=b c' -- sh -c 'echo $A'
    once 'run: hostname' 0 '^web1$' -h web1 -- hostname
    once 'run: working directory' 0 '^/usr/bin$' -w /usr/bin -- pwd
    once 'run: user by number' 0 'uid=4321.*gid=0' -u 4321 -- id
    once 'run: user and group by number' 0 'uid=4321(\(4321\))? gid=1234' -u 4321:1234 -- id
    once 'run: user by name, with groups' 0 'uid=1000\(app\) gid=1000\(app\) groups=.*2000\(more\)' -u app -- id
    once 'run: more groups' 0 'groups=.*777' --group-add 777 -- id
    once 'run: it is pid 1' 0 '^1$' -- sh -c 'echo $$'
    once 'run: --init' 0 '^[^1]' --init -- sh -c 'echo $$'
    once 'run: much output' 0 '^100000$' -- sh -c 'seq 100000'
    expect 'run: standard input' 0 '^typed in$' sh -c 'echo typed in | "$@"' - \
        "${engine_cli[@]}" run --rm -i "$image" cat
    once 'run: standard error' 0 '^wrong$' -- sh -c 'echo wrong >&2'
    once 'run: only 0, 1 and 2 are open' 0 '^0 1 2 3 $' -- sh -c 'ls /proc/self/fd | tr "\n" " "'
    once 'run: loopback is up' 0 'LOOPBACK,UP' --net none -- ip link show lo
}

words_terminal() {
    expect 'terminal: run -t' 0 '/dev/(pts/0|console)' "$here/terminal" '' "${engine_cli[@]}" run --rm -t "$image" tty
    expect 'terminal: run -it, typed at' 0 'is 42' "$here/terminal" 'echo is $((6 * 7))\nexit\n' \
        "${engine_cli[@]}" run --rm -it "$image" sh
    expect 'terminal: exec -it' 0 '/dev/pts/' "$here/terminal" '' "${engine_cli[@]}" exec -it stays tty
    once 'terminal: /dev/console is there' 0 '/dev/console' -t -- ls /dev/console
}

words_files() {
    local dir=$state/share
    mkdir -p "$dir" "$state/shared" && echo 'from outside' >"$dir/file"
    mount -t tmpfs --make-shared tmpfs "$state/shared"
    once 'files: --read-only' '!' 'Read-only' --read-only -- touch /new
    once 'files: --read-only with a tmpfs' 0 '' --read-only --tmpfs /scratch:size=1m -- touch /scratch/new
    once 'files: tmpfs options' 0 'tmpfs .*noexec.*size=1024k' --tmpfs /scratch:size=1m,noexec -- grep /scratch /proc/mounts
    once 'files: a directory of the host' 0 'from outside' -v "$dir:/share" -- cat /share/file
    once 'files: written through' 0 '' -v "$dir:/share" -- sh -c 'echo x >/share/written'
    expect 'files: and it is there' 0 '^x$' cat "$dir/written"
    once 'files: a directory, read-only' '!' 'Read-only' -v "$dir:/share:ro" -- touch /share/no
    once 'files: a single file' 0 'from outside' -v "$dir/file:/etc/one" -- cat /etc/one
    once 'files: --mount of a tmpfs' 0 'tmpfs.*size=2048k' --mount type=tmpfs,dst=/t,tmpfs-size=2m -- grep /t /proc/mounts
    once 'files: propagation' 0 ' shared:[0-9]' -v "$state/shared:/share:rshared" -- grep ' /share ' /proc/self/mountinfo
    quiet volume create data
    once 'files: a volume' 0 '' -v data:/data -- sh -c 'echo kept >/data/file'
    once 'files: a volume keeps' 0 '^kept$' -v data:/data -- cat /data/file
    check 'files: volume rm' 0 '' volume rm data
    once 'files: --shm-size' 0 'size=5120k' --shm-size 5m -- grep /dev/shm /proc/mounts
    once 'files: a device' 0 '^crw.* 1, *7 ' --device /dev/full:/dev/whole -- ls -l /dev/whole
    once 'files: no other device' '!' 'not permitted|denied' -- sh -c 'mknod /tmp/mem c 1 1 && head -c 1 /tmp/mem'
    once 'files: /proc/kcore is masked' 0 '^0$' -- sh -c 'head -c 10 /proc/kcore | wc -c'
    once 'files: /proc/sys is read-only' '!' 'Read-only' -- sh -c 'echo 1 >/proc/sys/kernel/panic'
    once 'files: /sys is read-only' 0 '^sysfs /sys sysfs ro' -- grep ' /sys ' /proc/mounts
}

words_security() {
    local profile=$state/profile.json
    cat >"$profile" <<'JSON'
{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
 "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}
JSON
    once 'security: few capabilities by default' 0 'CapEff:.*00000000[0-9a-f]{8}$' -- grep CapEff /proc/self/status
    once 'security: --cap-drop' 0 'CapEff:.*0000000000000000' --cap-drop ALL -- grep CapEff /proc/self/status
    once 'security: --cap-drop is felt' '!' 'not permitted' --cap-drop CHOWN -- chown 1 /tmp
    once 'security: --cap-add' 0 'CapBnd:.*0000000000001000' --cap-drop ALL --cap-add NET_ADMIN -- grep CapBnd /proc/self/status
    once 'security: a user has no capabilities' 0 'CapEff:.*0000000000000000' -u 1000 -- grep CapEff /proc/self/status
    if [ -z "${privileged_absent-}" ]; then
        once 'security: --privileged' 0 'CapEff:.*000001ff[0-9a-f]{8}' --privileged -- grep CapEff /proc/self/status
    else
        skip 'security: --privileged' "$privileged_absent"
    fi
    once 'security: a filter by default' 0 'Seccomp:.*2' -- grep Seccomp: /proc/self/status
    once 'security: no filter' 0 'Seccomp:.*0' --security-opt seccomp=unconfined -- grep Seccomp: /proc/self/status
    once 'security: a filter of its own' '!' 'No space left' --security-opt "seccomp=$profile" -- mkdir /tmp/d
    once 'security: no-new-privileges' 0 'NoNewPrivs:.*1' --security-opt no-new-privileges -- grep NoNewPrivs /proc/self/status
    once 'security: no mount inside' '!' 'denied|permitted' -- mount -t tmpfs none /tmp
}

words_limits() {
    # shellcheck disable=SC2155
    local memory=$(limit_file memory/memory.limit_in_bytes memory.max) pids=$(limit_file pids/pids.max pids.max)
    local cpu
    cpu=$(limit_file cpu/cpu.cfs_quota_us cpu.max)
    once 'limits: --ulimit' 0 '^123$' --ulimit nofile=123:123 --ulimit nproc=4000:4000 -- sh -c 'ulimit -n'
    once 'limits: --sysctl' 0 '^77$' --sysctl net.ipv4.ip_default_ttl=77 -- cat /proc/sys/net/ipv4/ip_default_ttl
    if [ "${limits_absent-}" ]; then
        skip 'limits: of the group' "$limits_absent"
        return
    fi
    once 'limits: memory, from inside' 0 '^67108864$' -m 64m -- cat "$memory"
    once 'limits: processes, from inside' 0 '^50$' --pids-limit 50 -- cat "$pids"
    once 'limits: processes are held' '!' "can.t fork|Resource" --pids-limit 5 -- sh -c 'for i in 1 2 3 4 5 6 7 8; do sleep 3 & done; wait'
    once 'limits: cpu time, from inside' 0 '^50000' --cpus 0.5 -- cat "$cpu"
    once 'limits: cpus' 0 'Cpus_allowed_list:.0$' --cpuset-cpus 0 -- grep Cpus_allowed_list /proc/self/status
    once 'limits: too much memory is 137' 137 '' -m 32m --memory-swap 32m -- sh -c 'dd if=/dev/zero of=/dev/null bs=100M count=1'
    once 'limits: --oom-score-adj' 0 '^500$' --oom-score-adj 500 -- cat /proc/self/oom_score_adj
}

words_namespaces() {
    once 'namespaces: --pid host' 0 '^[0-9]{1,}$' --pid host -- sh -c '[ $$ != 1 ] && echo $$'
    once 'namespaces: --uts host' 0 "^$(hostname)\$" --uts host -- hostname
    once 'namespaces: --ipc host' 0 "$(readlink /proc/self/ns/ipc | tr '[]' '..')" --ipc host -- readlink /proc/self/ns/ipc
    once 'namespaces: --net host' 0 "$(readlink /proc/self/ns/net | tr '[]' '..')" --net host -- readlink /proc/self/ns/net
    once 'namespaces: the pids of another' 0 'sleep 987' --pid container:stays -- ps
    once 'namespaces: the network of another' 0 "$("${engine_cli[@]}" exec stays readlink /proc/self/ns/net | tr '[]' '..')" --net container:stays -- readlink /proc/self/ns/net
}

words_exec() {
    check 'exec: output' 0 '^hello$' exec stays echo hello
    check 'exec: exit status' 4 '' exec stays sh -c 'exit 4'
    check "exec: no such command is ${exec_missing=127}" "$exec_missing" nosuch exec stays nosuch
    check 'exec: what cannot be executed is 126' 126 noexec exec stays /bin/noexec
    check 'exec: user and groups' 0 'uid=1000\(app\).*2000\(more\)' exec -u app stays id
    check 'exec: working directory' 0 '^/usr/bin$' exec -w /usr/bin stays pwd
    check 'exec: environment' 0 '^b$' exec -e A=b stays sh -c 'echo $A'
    check 'exec: the same processes' 0 'sleep 987' exec stays ps
    check 'exec: detached' 0 '' exec -d stays touch /tmp/detached
    expect_soon 'exec: detached has run' '/tmp/detached' "${engine_cli[@]}" exec stays ls /tmp/detached
    expect 'exec: standard input' 0 '^typed in$' sh -c 'echo typed in | "$@"' - "${engine_cli[@]}" exec -i stays cat
    [ "${privileged_absent-}" ] || check 'exec: --privileged' 0 'CapEff:.*000001ff[0-9a-f]{8}' exec --privileged stays grep CapEff /proc/self/status
    check 'exec: is in the group' 0 "$("${engine_cli[@]}" inspect -f '{{.Id}}' stays)?" exec stays cat /proc/self/cgroup
}

words_life() {
    check 'life: ps' 0 stays ps
    check 'life: top' 0 'sleep 987' top stays
    check 'life: inspect' 0 '^running [1-9]' inspect -f '{{.State.Status}} {{.State.Pid}}' stays
    check 'life: cp into it' 0 '' cp "$here/run" stays:/tmp/run
    check 'life: cp out of it' 0 'SPDX' cp stays:/tmp/run -
    check 'life: rm of one that runs' '!' 'running|force' rm stays
    check 'life: rename' 0 '' rename stays other
    check 'life: and back' 0 '' rename other stays
    check 'life: diff' 0 '/tmp/run' diff stays
    quiet run -d --name talks "$image" sh -c 'echo out; echo err >&2; exit 5'
    check 'life: wait' 0 '^5$' wait talks
    check 'life: logs of both streams' 0 out logs talks
    check 'life: logs, the other' 0 err logs talks
    check 'life: start -a again' 5 out start -a talks
    check 'life: kill of one that has ended' '!' 'not running|running containers|exited|stopped' kill talks
    check 'life: exec in one that has ended' '!' 'not running|running|exited|stopped' exec talks true
    check 'life: rm' 0 talks rm talks
    check 'life: rm again' '!' 'talks' rm talks
    quiet create --name made "$image" sh -c 'echo started'
    check 'life: create is created' 0 '^[Cc]reated$' inspect -f '{{.State.Status}}' made
    check 'life: start -a' 0 '^started$' start -a made
    quiet rm made
    quiet create --name never "$image" true
    check 'life: rm of one never started' 0 never rm never
}

words_signals() {
    quiet run -d --name traps "$image" sh -c 'trap "echo got USR1" USR1; trap "echo got TERM; exit 7" TERM; while :; do sleep 0.1; done'
    eventually prints '^true' "${engine_cli[@]}" inspect -f '{{.State.Running}}' traps
    sleep 1
    check 'signals: kill -s USR1' 0 '' kill -s USR1 traps
    expect_soon 'signals: it has got it' 'got USR1' "${engine_cli[@]}" logs traps
    check 'signals: stop' 0 '' stop -t 20 traps
    check 'signals: it ended by itself' 0 '^7$' inspect -f '{{.State.ExitCode}}' traps
    check 'signals: start again' 0 '' start traps
    check 'signals: restart' 0 '' restart -t 1 traps
    check 'signals: kill' 0 '' kill traps
    check 'signals: kill is 137' 0 '^137$' wait traps
    quiet rm traps
    quiet run -d --name deaf "$image" sh -c 'trap "" TERM; sleep 100'
    check 'signals: stop of one that will not' 0 '' stop -t 1 deaf
    check 'signals: that is 137 too' 0 '^137$' inspect -f '{{.State.ExitCode}}' deaf
    quiet rm -f deaf
    quiet run -d --name again --restart on-failure:2 "$image" sh -c 'echo tried; exit 1'
    expect_soon 'signals: --restart' '^2$' "${engine_cli[@]}" inspect -f '{{.RestartCount}}' again
    quiet rm -f again
}

words_groups() {
    if [ "${limits_absent-}" ]; then
        skip 'groups: pause, stats, update' "$limits_absent"
        return
    fi
    check 'groups: stats' 0 'stays|%' stats --no-stream stays
    check 'groups: pause' 0 '' pause stays
    check 'groups: it is paused' 0 '^paused$' inspect -f '{{.State.Status}}' stays
    check 'groups: exec in a paused one' '!' 'paused|running' exec stays true
    check 'groups: unpause' 0 '' unpause stays
    check 'groups: it runs again' 0 '^yes$' exec stays echo yes
    check 'groups: update' 0 '' update -m 96m --memory-swap 96m stays
    check 'groups: update is felt' 0 '^100663296$' exec stays cat "$(limit_file memory/memory.limit_in_bytes memory.max)"
    quiet run -d --name frozen "$image" sleep 100
    quiet pause frozen
    check 'groups: rm -f of a paused one' 0 '' rm -f frozen
}

words_many() {
    local i pids=()
    for i in 1 2 3 4 5 6 7 8; do
        quiet run -d --name "many$i" "$image" sleep 100 &
        pids+=($!)
    done
    wait "${pids[@]}"
    expect 'many: eight at once' 0 '^8$' sh -c '"$@" ps -q --filter name=many | wc -l' - "${engine_cli[@]}"
    check 'many: removed at once' 0 'many8' rm -f many1 many2 many3 many4 many5 many6 many7 many8
}

words_servers() {
    if ! quiet image inspect "$servers"; then
        skip 'servers: redis and nginx' 'not installed on this machine'
        return
    fi
    quiet run -d --name redis "$servers" redis-server --protected-mode no --save ''
    quiet run -d --name nginx -p 18080:8080 "$servers" nginx -c /etc/nginx.conf
    expect_soon 'servers: redis answers' PONG "${engine_cli[@]}" exec redis redis-cli ping
    check 'servers: redis under load' 0 'requests per second' exec redis redis-benchmark -q -n 20000 -c 20 -t set
    expect_soon 'servers: a published port' 'served by nginx' "${fetch[@]}" http://127.0.0.1:18080/
    check 'servers: nginx under load' 0 '^200$' exec nginx sh -c \
        'for i in 1 2 3 4; do (for j in $(seq 50); do wget -qO- http://127.0.0.1:8080/; done) & done | grep -c served; wait'
    check 'servers: both are stopped' 0 '' stop -t 10 redis nginx
    quiet rm -f redis nginx
}

words_build() {
    local dir=$state/build
    mkdir -p "$dir" && echo 'copied in' >"$dir/file"
    cat >"$dir/Dockerfile" <<END
FROM $image
COPY file /file
RUN cat /file >/copied && id -u >/who
USER app
WORKDIR /home/app
RUN id -u >who && test -d /proc/self
CMD ["sh", "-c", "cat /copied /who who"]
END
    check 'build: with RUN' 0 '' build -t localhost/built "$dir"
    [ "${engine_cli[0]}" = buildah ] || check 'build: what was built' 0 '1000' run --rm localhost/built
    printf 'FROM %s\nRUN false\n' "$image" >"$dir/Dockerfile"
    check 'build: a RUN that fails' '!' 'exit status 1|returned|non-zero' build "$dir"
}

words_checks() {
    quiet run -d --name stays "$image" sleep 987
    words_run
    words_terminal
    words_exec
    words_life
    words_groups
    if [ "${SAMPLE-}" != 1 ]; then
        words_files
        words_security
        words_limits
        words_namespaces
        words_signals
        words_many
        words_servers
    fi
    quiet rm -f stays
}
