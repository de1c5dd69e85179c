/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <stddef.h>

#define ARGUMENTS(...) ((const char *const[]){__VA_ARGS__, NULL})
/* "{group}" and the like are filled in; the working directory is the place. */
#define FLOOR      ARGUMENTS("{floor}", "{version}", "{group}", "root", "/nothing")
#define BUNDLE     ARGUMENTS("--root", "{state}", "run", "--bundle", "{bundle}", "libscratch-bench")
#define EXEC       ARGUMENTS("--root", "{state}", "exec", "{id}", "/nothing")
#define OURS       "--init=no", "--pids-limit", "100", "--security-opt", "unmask=ALL"
#define UNCONFINED "--security-opt", "seccomp=unconfined"
#define BWRAP_FULL                                                                                 \
    "--unshare-pid", "--unshare-uts", "--unshare-ipc", "--unshare-net", "--unshare-cgroup",        \
        "--as-pid-1", "--bind", "{root}", "/", "--proc", "/proc", "--dev", "/dev", "--mqueue",     \
        "/dev/mqueue", "--ro-bind", "/sys", "/sys", "--cap-drop", "ALL", "--cap-add", "CAP_CHOWN", \
        "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"
#define UNSHARE_FULL                                                                               \
    ARGUMENTS("--fork", "--pid", "--mount", "--uts", "--ipc", "--net", "--cgroup",                 \
              "--root={root}", "--mount-proc=/proc", "/nothing")
#define NSPAWN                                                                                     \
    ARGUMENTS("--quiet", "--register=no", "--keep-unit", "--as-pid2", "--private-network",         \
              "--directory={root}", "/nothing")
#define EVERYWHERE(list)                                                                           \
    {                                                                                              \
        list, list, list, list, list                                                               \
    }
#define RUNTIME                                                                                    \
    {                                                                                              \
        BUNDLE, BUNDLE, BUNDLE, BUNDLE, BUNDLE, EXEC                                               \
    }

const struct contestant contestants[CONTESTANTS] = {
    {
        .name = "floor",
        .program = "bench-floor",
        .overlays = true,
        .arguments = {FLOOR, FLOOR, FLOOR, FLOOR},
    },
    {
        .name = "empty",
        .program = "bench-empty",
        .note = "no container: a C program that does nothing",
        .overlays = true,
        .arguments = EVERYWHERE(ARGUMENTS(NULL)),
    },
    {
        .name = "scratchctl",
        .program = "scratchctl",
        .note = "in min it has /dev and /sys besides",
        .overlays = true,
        .arguments = {ARGUMENTS("run", OURS, UNCONFINED, "--net", "host", "--ipc", "host",
                                "--cgroupns", "host", "./root", "--", "/nothing"),
                      ARGUMENTS("run", OURS, UNCONFINED, "--net", "none", "./root", "--",
                                "/nothing"),
                      ARGUMENTS("run", OURS, "--net", "none", "./root", "--", "/nothing"),
                      ARGUMENTS("run", OURS, UNCONFINED, "--net", "none", "--upper", "upper",
                                "--work", "work", "{layers}", "./root", "--", "/nothing"),
                      ARGUMENTS("run", "./root", "--", "/nothing"), EXEC},
    },
    {
        .name = "bundle",
        .program = "scratchctl",
        .note = "scratchctl, as engines call it",
        .arguments = EVERYWHERE(BUNDLE),
    },
    {
        .name = "bwrap",
        .program = "bwrap",
        .note = "no limit on pids",
        .arguments = {ARGUMENTS("--unshare-pid", "--unshare-uts", "--as-pid-1", "--bind", "root",
                                "/", "--proc", "/proc", "/nothing"),
                      ARGUMENTS(BWRAP_FULL, "/nothing"),
                      ARGUMENTS(BWRAP_FULL, "--seccomp", FILTER_FD_TEXT, "/nothing"),
                      ARGUMENTS(BWRAP_FULL, "/nothing")},
    },
    {
        .name = "crun",
        .program = "crun",
        .arguments = RUNTIME,
    },
    {
        .name = "runc",
        .program = "runc",
        .arguments = RUNTIME,
    },
    {
        .name = "unshare",
        .program = "unshare",
        .note = "namespaces, a root and /proc alone",
        .arguments = {ARGUMENTS("--fork", "--pid", "--mount", "--uts", "--root=root",
                                "--mount-proc=/proc", "/nothing"),
                      UNSHARE_FULL, NULL, UNSHARE_FULL},
    },
    {
        .name = "nspawn",
        .program = "systemd-nspawn",
        .note = "registered nowhere; its own idea of /dev, and its own filter",
        .arguments = {NULL, NULL, NSPAWN, NULL, NSPAWN},
    },
    {
        .name = "floor-call",
        .note = "a call, no program is started",
        .overlays = true,
        .call = CALL_FLOOR,
    },
    {
        .name = "libscratch",
        .note = "a call, with one plan for all",
        .overlays = true,
        .call = CALL_PLAN,
    },
    {
        .name = "prepared",
        .note = "and a root that is mounted once",
        .overlays = true,
        .call = CALL_PREPARED,
    },
    {
        .name = "pooled",
        .note = "and network namespaces that are ready",
        .overlays = true,
        .call = CALL_POOLED,
    },
    {
        .name = "in-place",
        .note = "as libscratch, without scratch-init",
        .overlays = true,
        .call = CALL_PLAN,
        .in_place = true,
    },
    {
        .name = "all-of-it",
        .note = "as pooled, without scratch-init",
        .overlays = true,
        .call = CALL_POOLED,
        .in_place = true,
    },
};
