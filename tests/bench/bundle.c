/* SPDX-License-Identifier: MIT */
/*
 * The two variants in the words of the OCI runtime specification, for those that speak it.
 */
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CAPABILITIES                                                                               \
    "[\"CAP_CHOWN\", \"CAP_DAC_OVERRIDE\", \"CAP_FOWNER\", \"CAP_FSETID\", \"CAP_KILL\", "         \
    "\"CAP_NET_BIND_SERVICE\", \"CAP_SETFCAP\", \"CAP_SETGID\", \"CAP_SETPCAP\", "                 \
    "\"CAP_SETUID\", \"CAP_SYS_CHROOT\"]"

#define PROC                                                                                       \
    "{\"destination\": \"/proc\", \"type\": \"proc\", \"source\": \"proc\", "                      \
    "\"options\": [\"nosuid\", \"noexec\", \"nodev\"]}"

static const struct {
    const char *process, *mounts, *namespaces;
} words[VARIANT_COUNT] = {
    [VARIANT_MIN] =
        {
            "",
            PROC,
            "{\"type\": \"pid\"}, {\"type\": \"mount\"}, {\"type\": \"uts\"}",
        },
    [VARIANT_FULL] =
        {
            ",\n  \"noNewPrivileges\": true,\n"
            "  \"capabilities\": {\"bounding\": " CAPABILITIES ",\n"
            "   \"permitted\": " CAPABILITIES ",\n   \"effective\": " CAPABILITIES "}",
            PROC ",\n"
                 "  {\"destination\": \"/dev\", \"type\": \"tmpfs\", \"source\": \"tmpfs\",\n"
                 "   \"options\": [\"nosuid\", \"mode=755\", \"size=64k\"]},\n"
                 "  {\"destination\": \"/dev/pts\", \"type\": \"devpts\", \"source\": \"devpts\",\n"
                 "   \"options\": [\"nosuid\", \"noexec\", \"newinstance\", \"ptmxmode=0666\",\n"
                 "    \"mode=0620\", \"gid=5\"]},\n"
                 "  {\"destination\": \"/dev/shm\", \"type\": \"tmpfs\", \"source\": \"shm\",\n"
                 "   \"options\": [\"nosuid\", \"noexec\", \"nodev\", \"mode=1777\",\n"
                 "    \"size=64m\"]},\n"
                 "  {\"destination\": \"/dev/mqueue\", \"type\": \"mqueue\",\n"
                 "   \"source\": \"mqueue\", \"options\": [\"nosuid\", \"noexec\", \"nodev\"]},\n"
                 "  {\"destination\": \"/sys\", \"type\": \"sysfs\", \"source\": \"sysfs\",\n"
                 "   \"options\": [\"nosuid\", \"noexec\", \"nodev\", \"ro\"]}",
            "{\"type\": \"pid\"}, {\"type\": \"mount\"}, {\"type\": \"uts\"},\n"
            "   {\"type\": \"ipc\"}, {\"type\": \"network\"}, {\"type\": \"cgroup\"}",
        },
};

static const char config[] = "{\n"
                             " \"ociVersion\": \"1.0.0\",\n"
                             " \"process\": {\n"
                             "  \"terminal\": false,\n"
                             "  \"user\": {\"uid\": 0, \"gid\": 0},\n"
                             "  \"args\": [\"/nothing\"],\n"
                             "  \"env\": [\"PATH=/\"],\n"
                             "  \"cwd\": \"/\"%s\n"
                             " },\n"
                             " \"root\": {\"path\": \"../root\"},\n"
                             " \"mounts\": [\n  %s\n ],\n"
                             " \"linux\": {\n"
                             "  \"cgroupsPath\": \"/%s/oci\",\n"
                             "  \"resources\": {\"pids\": {\"limit\": 100}},\n"
                             "  \"namespaces\": [\n   %s\n  ]\n"
                             " }\n"
                             "}\n";

int bundle_write(enum variant variant, const char *group)
{
    char path[64];
    snprintf(path, sizeof path, "%s/config.json", variant_names[variant]);
    FILE *out = fopen(path, "we");
    if (out) {
        fprintf(out, config, words[variant].process, words[variant].mounts, group,
                words[variant].namespaces);
        if (fclose(out) == 0)
            return 0;
    }
    fprintf(stderr, "bench: write %s: %s\n", path, strerror(errno));
    return -1;
}
