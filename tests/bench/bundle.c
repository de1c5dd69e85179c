/* SPDX-License-Identifier: MIT */
/*
 * The variants in the words of the OCI runtime specification, for those that speak it.
 */
#include "bench.h"
#include "process/seccomp_table.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define CAPABILITIES                                                                               \
    "[\"CAP_CHOWN\", \"CAP_DAC_OVERRIDE\", \"CAP_FOWNER\", \"CAP_FSETID\", \"CAP_KILL\", "         \
    "\"CAP_NET_BIND_SERVICE\", \"CAP_SETFCAP\", \"CAP_SETGID\", \"CAP_SETPCAP\", "                 \
    "\"CAP_SETUID\", \"CAP_SYS_CHROOT\"]"

#define PROC                                                                                       \
    "{\"destination\": \"/proc\", \"type\": \"proc\", \"source\": \"proc\", "                      \
    "\"options\": [\"nosuid\", \"noexec\", \"nodev\"]}"

#define FULL_PROCESS                                                                               \
    ",\n  \"noNewPrivileges\": true,\n"                                                            \
    "  \"capabilities\": {\"bounding\": " CAPABILITIES ",\n   \"permitted\": " CAPABILITIES        \
    ",\n   \"effective\": " CAPABILITIES "}"
#define FULL_MOUNTS                                                                                \
    PROC ",\n"                                                                                     \
         "  {\"destination\": \"/dev\", \"type\": \"tmpfs\", \"source\": \"tmpfs\",\n"             \
         "   \"options\": [\"nosuid\", \"mode=755\", \"size=64k\"]},\n"                            \
         "  {\"destination\": \"/dev/pts\", \"type\": \"devpts\", \"source\": \"devpts\",\n"       \
         "   \"options\": [\"nosuid\", \"noexec\", \"newinstance\", \"ptmxmode=0666\",\n"          \
         "    \"mode=0620\", \"gid=5\"]},\n"                                                       \
         "  {\"destination\": \"/dev/shm\", \"type\": \"tmpfs\", \"source\": \"shm\",\n"           \
         "   \"options\": [\"nosuid\", \"noexec\", \"nodev\", \"mode=1777\",\n"                    \
         "    \"size=64m\"]},\n"                                                                   \
         "  {\"destination\": \"/dev/mqueue\", \"type\": \"mqueue\",\n"                            \
         "   \"source\": \"mqueue\", \"options\": [\"nosuid\", \"noexec\", \"nodev\"]},\n"         \
         "  {\"destination\": \"/sys\", \"type\": \"sysfs\", \"source\": \"sysfs\",\n"             \
         "   \"options\": [\"nosuid\", \"noexec\", \"nodev\", \"ro\"]}"
#define MIN_NAMESPACES "{\"type\": \"pid\"}, {\"type\": \"mount\"}, {\"type\": \"uts\"}"
#define FULL_NAMESPACES                                                                            \
    MIN_NAMESPACES ",\n   {\"type\": \"ipc\"}, {\"type\": \"network\"}, {\"type\": \"cgroup\"}"
#define MASKED                                                                                     \
    ",\n  \"maskedPaths\": [\"/proc/acpi\", \"/proc/asound\", \"/proc/kcore\", \"/proc/keys\",\n"  \
    "   \"/proc/latency_stats\", \"/proc/timer_list\", \"/proc/timer_stats\", "                    \
    "\"/proc/sched_debug\",\n"                                                                     \
    "   \"/proc/scsi\", \"/sys/firmware\"],\n"                                                     \
    "  \"readonlyPaths\": [\"/proc/bus\", \"/proc/fs\", \"/proc/irq\", \"/proc/sys\",\n"           \
    "   \"/proc/sysrq-trigger\"]"

static const char head[] = "{\n"
                           " \"ociVersion\": \"1.0.0\",\n"
                           " \"process\": {\n"
                           "  \"terminal\": false,\n"
                           "  \"user\": {\"uid\": 0, \"gid\": 0},\n"
                           "  \"args\": [\"/nothing\"%s],\n"
                           "  \"env\": [\"PATH=/\"],\n"
                           "  \"cwd\": \"/\"%s\n"
                           " },\n"
                           " \"root\": {\"path\": \"../%s\"},\n"
                           " \"mounts\": [\n  %s\n ],\n"
                           " \"linux\": {\n"
                           "  \"resources\": {\"pids\": {\"limit\": 100}},\n"
                           "  \"namespaces\": [\n   %s\n  ]";

/* Engines ask for those whose programs the machine can run. */
#ifdef __x86_64__
#define ARCHITECTURES "\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\""
#else
#define ARCHITECTURES "\"SCMP_ARCH_AARCH64\", \"SCMP_ARCH_ARM\""
#endif

/* The names that are allowed whatever their arguments are, with the default capabilities. */
static void write_seccomp(FILE *out)
{
    const char *comma = "";
    fputs(",\n  \"seccomp\": {\"defaultAction\": \"SCMP_ACT_ERRNO\",\n"
          "   \"architectures\": [" ARCHITECTURES "], \"syscalls\": [{\n"
          "   \"action\": \"SCMP_ACT_ALLOW\", \"names\": [",
          out);
    for (const struct seccomp_group *group = seccomp_groups; group->calls; group++)
        for (const char *at = group->capabilities ? "" : group->calls; *at; comma = ", ") {
            size_t n = strcspn(at, " ");
            fprintf(out, "%s\"%.*s\"", comma, (int)strcspn(at, " ="), at);
            at += n + strspn(at + n, " ");
        }
    fputs("]}]}", out);
}

static void write_config(FILE *out, const struct bundle *b)
{
    enum variant variant = b->variant;
    bool full = variant != VARIANT_MIN;
    fprintf(out, head, b->stays ? ", \"stay\"" : "", full ? FULL_PROCESS : "",
            variant == VARIANT_OVERLAY ? "merged" : "root", full ? FULL_MOUNTS : PROC,
            full ? FULL_NAMESPACES : MIN_NAMESPACES);
    if (b->group)
        fprintf(out, ",\n  \"cgroupsPath\": \"/%s/oci-%u\"", b->group, b->starter);
    if (variant == VARIANT_DEFAULT)
        fputs(MASKED, out);
    if (variant == VARIANT_DEFAULT || variant == VARIANT_SECCOMP)
        write_seccomp(out);
    fputs("\n }\n}\n", out);
}

static int written(FILE *out, const char *path)
{
    if (out && fclose(out) == 0)
        return 0;
    fprintf(stderr, "bench: write %s: %s\n", path, strerror(errno));
    return -1;
}

void bundle_name(char name[BUNDLE_NAME], enum variant variant, unsigned starter)
{
    snprintf(name, BUNDLE_NAME, "%s-%u", variant_names[variant], starter);
}

int bundle_write(const char *directory, const struct bundle *bundle)
{
    char path[64];
    snprintf(path, sizeof path, "%s/config.json", directory);
    FILE *out = mkdir(directory, 0755) == 0 ? fopen(path, "we") : NULL;
    if (out)
        write_config(out, bundle);
    return written(out, path);
}

int filter_write(const char *path)
{
    static const struct sock_filter filter[] = {
#include "seccomp_default.inc"
    };
    FILE *out = fopen(path, "we");
    if (out)
        fwrite(filter, sizeof filter, 1, out);
    return written(out, path);
}
