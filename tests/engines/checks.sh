# SPDX-License-Identifier: MIT
# What the checks are made of. Each is a line: ok, not ok, or skip with the reason.

checks_passed=0 checks_failed=0 checks_skipped=0
output= status=0

# Checks that an engine cannot pass, whatever the runtime: absent[NAME]=REASON.
declare -A absent=()

# wanted NAME: is this check to run?
wanted() {
    [[ $1 =~ ${ONLY-} ]] || return
    [ "${absent[$1]-}" ] || return 0
    skip "$1" "${absent[$1]}"
    return 1
}

ok() {
    checks_passed=$((checks_passed + 1))
    echo "ok - $engine: $1"
}

not_ok() {
    checks_failed=$((checks_failed + 1))
    echo "not ok - $engine: $1"
    printf '%s\n' "${2-}" | tail -n 20 | sed 's/^/#   /'
}

skip() {
    checks_skipped=$((checks_skipped + 1))
    echo "skip - $engine: $1 # $2"
}

# run_it COMMAND...: its output and status, whatever it hangs on. (A file, since some that it leaves
# behind hold on to a pipe.)
run_it() {
    timeout -k 10 "${LIMIT:-120}" "$@" >"$state/output" 2>&1 </dev/null
    status=$?
    output=$(tr -d '\0' <"$state/output")
}

# usable OURS OTHER: commands (words of a shell) that run a container with this runtime, and with
# another. Where both fail it is the engine, or the machine, that is not fit for these checks.
usable() {
    local said
    eval "$1" >/dev/null 2>&1 </dev/null && return
    said=$(eval "$2" 2>&1 </dev/null) && return
    echo "skipped: $engine runs nothing here, with another runtime neither: ${said##*$'\n'}"
    exit 77
}

# expect NAME STATUS PATTERN COMMAND...: it ends with the status and prints what matches the pattern.
# STATUS: a number, or ! for any but 0.
expect() {
    local name=$1 want=$2 pattern=$3
    shift 3
    wanted "$name" || return 0
    run_it "$@"
    if [ "$want" != '!' ] && [ "$status" != "$want" ] || [ "$want$status" = '!0' ]; then
        not_ok "$name" "status $status, not $want: $* : $output"
    elif ! grep -qE -- "$pattern" <<<"$output"; then
        not_ok "$name" "no '$pattern' in: $output ($*)"
    else
        ok "$name"
    fi
}

# Not printed: expect_not NAME STATUS PATTERN COMMAND...
expect_not() {
    local name=$1 want=$2 pattern=$3
    shift 3
    wanted "$name" || return 0
    run_it "$@"
    if [ "$status" = "$want" ] && ! grep -qE -- "$pattern" <<<"$output"; then
        ok "$name"
    else
        not_ok "$name" "status $status, '$pattern' in: $output ($*)"
    fi
}

# eventually COMMAND...: within a minute it ends well.
eventually() {
    for _ in $(seq 200); do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.3
    done
    return 1
}

prints() {
    local pattern=$1
    shift
    "$@" 2>&1 </dev/null | grep -qE -- "$pattern"
}

# expect_soon NAME PATTERN COMMAND...: sooner or later it prints that.
expect_soon() {
    local name=$1 pattern=$2
    shift 2
    wanted "$name" || return 0
    if eventually prints "$pattern" "$@"; then
        ok "$name"
    else
        not_ok "$name" "no '$pattern' in: $("$@" 2>&1) ($*)"
    fi
}

checks_end() {
    echo "$engine with $runtime: $checks_passed ok, $checks_failed not ok, $checks_skipped skipped, $SECONDS s"
    [ "$checks_failed" = 0 ]
}
