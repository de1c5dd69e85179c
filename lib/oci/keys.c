/* SPDX-License-Identifier: MIT */
/*
 * Every key of config.json, and what becomes of it. The manual's table and the tests' list are held
 * against this one.
 */
#include "oci/keys.h"
#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define KEY_MAX 256

#define YES(key)                                                                                   \
    {                                                                                              \
        key, SCRATCH_OCI_SUPPORTED, ""                                                             \
    }
#define PARTLY(key, why)                                                                           \
    {                                                                                              \
        key, SCRATCH_OCI_SUPPORTED, why                                                            \
    }
#define IGNORED(key, why)                                                                          \
    {                                                                                              \
        key, SCRATCH_OCI_IGNORED, why                                                              \
    }
#define REFUSED(key, why)                                                                          \
    {                                                                                              \
        key, SCRATCH_OCI_REFUSED, why                                                              \
    }

#define OTHER_PLATFORM "it is about another operating system"

/* What is below a key follows it. */
static const struct scratch_oci_key keys[] = {
    YES("ociVersion"),
    YES("annotations"),
    YES("annotations.*"),
    YES("hostname"),
    YES("domainname"),

    YES("root"),
    YES("root.path"),
    YES("root.readonly"),

    YES("mounts"),
    YES("mounts[].destination"),
    YES("mounts[].source"),
    YES("mounts[].type"),
    YES("mounts[].options"),
    YES("mounts[].uidMappings"),
    YES("mounts[].uidMappings[].containerID"),
    YES("mounts[].uidMappings[].hostID"),
    YES("mounts[].uidMappings[].size"),
    YES("mounts[].gidMappings"),
    YES("mounts[].gidMappings[].containerID"),
    YES("mounts[].gidMappings[].hostID"),
    YES("mounts[].gidMappings[].size"),

    YES("process"),
    YES("process.terminal"),
    YES("process.consoleSize"),
    YES("process.consoleSize.height"),
    YES("process.consoleSize.width"),
    YES("process.user"),
    YES("process.user.uid"),
    YES("process.user.gid"),
    YES("process.user.umask"),
    YES("process.user.additionalGids"),
    IGNORED("process.user.username", OTHER_PLATFORM),
    YES("process.args"),
    IGNORED("process.commandLine", OTHER_PLATFORM),
    YES("process.env"),
    YES("process.cwd"),
    YES("process.capabilities"),
    YES("process.capabilities.bounding"),
    YES("process.capabilities.effective"),
    YES("process.capabilities.inheritable"),
    YES("process.capabilities.permitted"),
    YES("process.capabilities.ambient"),
    YES("process.rlimits"),
    YES("process.rlimits[].type"),
    YES("process.rlimits[].soft"),
    YES("process.rlimits[].hard"),
    YES("process.noNewPrivileges"),
    YES("process.apparmorProfile"),
    YES("process.oomScoreAdj"),
    YES("process.selinuxLabel"),
    YES("process.scheduler"),
    YES("process.scheduler.policy"),
    YES("process.scheduler.nice"),
    YES("process.scheduler.priority"),
    YES("process.scheduler.flags"),
    YES("process.scheduler.runtime"),
    YES("process.scheduler.deadline"),
    YES("process.scheduler.period"),
    YES("process.ioPriority"),
    YES("process.ioPriority.class"),
    YES("process.ioPriority.priority"),
    YES("process.execCPUAffinity"),
    YES("process.execCPUAffinity.initial"),
    YES("process.execCPUAffinity.final"),

    YES("hooks"),
    YES("hooks.prestart"),
    YES("hooks.prestart[].path"),
    YES("hooks.prestart[].args"),
    YES("hooks.prestart[].env"),
    YES("hooks.prestart[].timeout"),
    YES("hooks.createRuntime"),
    YES("hooks.createRuntime[].path"),
    YES("hooks.createRuntime[].args"),
    YES("hooks.createRuntime[].env"),
    YES("hooks.createRuntime[].timeout"),
    YES("hooks.createContainer"),
    YES("hooks.createContainer[].path"),
    YES("hooks.createContainer[].args"),
    YES("hooks.createContainer[].env"),
    YES("hooks.createContainer[].timeout"),
    YES("hooks.startContainer"),
    YES("hooks.startContainer[].path"),
    YES("hooks.startContainer[].args"),
    YES("hooks.startContainer[].env"),
    YES("hooks.startContainer[].timeout"),
    YES("hooks.poststart"),
    YES("hooks.poststart[].path"),
    YES("hooks.poststart[].args"),
    YES("hooks.poststart[].env"),
    YES("hooks.poststart[].timeout"),
    YES("hooks.poststop"),
    YES("hooks.poststop[].path"),
    YES("hooks.poststop[].args"),
    YES("hooks.poststop[].env"),
    YES("hooks.poststop[].timeout"),

    YES("linux"),
    PARTLY(
        "linux.namespaces",
        "Without mount, and without user, the container has its root and its mounts in no mount "
        "namespace of its own: it can mount nothing more, mountinfo(5) is empty for it, and what "
        "has CAP_SYS_ADMIN and CAP_SYS_CHROOT can go to the host's root. With user, or with a "
        "shared rootfsPropagation, mount has to be there."),
    YES("linux.namespaces[].type"),
    YES("linux.namespaces[].path"),
    YES("linux.uidMappings"),
    YES("linux.uidMappings[].containerID"),
    YES("linux.uidMappings[].hostID"),
    YES("linux.uidMappings[].size"),
    YES("linux.gidMappings"),
    YES("linux.gidMappings[].containerID"),
    YES("linux.gidMappings[].hostID"),
    YES("linux.gidMappings[].size"),
    YES("linux.timeOffsets"),
    YES("linux.timeOffsets.*"),
    YES("linux.timeOffsets.*.secs"),
    YES("linux.timeOffsets.*.nanosecs"),
    YES("linux.devices"),
    YES("linux.devices[].type"),
    YES("linux.devices[].path"),
    YES("linux.devices[].major"),
    YES("linux.devices[].minor"),
    YES("linux.devices[].fileMode"),
    YES("linux.devices[].uid"),
    YES("linux.devices[].gid"),
    YES("linux.netDevices"),
    YES("linux.netDevices.*"),
    YES("linux.netDevices.*.name"),
    YES("linux.cgroupsPath"),
    YES("linux.resources"),
    YES("linux.resources.memory"),
    YES("linux.resources.memory.limit"),
    YES("linux.resources.memory.reservation"),
    YES("linux.resources.memory.swap"),
    YES("linux.resources.memory.swappiness"),
    YES("linux.resources.memory.disableOOMKiller"),
    IGNORED("linux.resources.memory.kernel", "kernels since 5.4 have no such limit"),
    PARTLY("linux.resources.memory.kernelTCP",
           "With cgroup version 2 it is passed over, with a warning."),
    IGNORED("linux.resources.memory.useHierarchy", "it is always so"),
    YES("linux.resources.memory.checkBeforeUpdate"),
    YES("linux.resources.cpu"),
    YES("linux.resources.cpu.shares"),
    YES("linux.resources.cpu.quota"),
    YES("linux.resources.cpu.period"),
    YES("linux.resources.cpu.burst"),
    YES("linux.resources.cpu.idle"),
    YES("linux.resources.cpu.realtimeRuntime"),
    YES("linux.resources.cpu.realtimePeriod"),
    YES("linux.resources.cpu.cpus"),
    YES("linux.resources.cpu.mems"),
    YES("linux.resources.pids"),
    YES("linux.resources.pids.limit"),
    YES("linux.resources.devices"),
    YES("linux.resources.devices[].allow"),
    YES("linux.resources.devices[].type"),
    YES("linux.resources.devices[].major"),
    YES("linux.resources.devices[].minor"),
    YES("linux.resources.devices[].access"),
    YES("linux.resources.blockIO"),
    YES("linux.resources.blockIO.weight"),
    IGNORED("linux.resources.blockIO.leafWeight", "no kernel since 5.0 has it"),
    YES("linux.resources.blockIO.weightDevice"),
    YES("linux.resources.blockIO.weightDevice[].major"),
    YES("linux.resources.blockIO.weightDevice[].minor"),
    YES("linux.resources.blockIO.weightDevice[].weight"),
    IGNORED("linux.resources.blockIO.weightDevice[].leafWeight", "no kernel since 5.0 has it"),
    YES("linux.resources.blockIO.throttleReadBpsDevice"),
    YES("linux.resources.blockIO.throttleReadBpsDevice[].major"),
    YES("linux.resources.blockIO.throttleReadBpsDevice[].minor"),
    YES("linux.resources.blockIO.throttleReadBpsDevice[].rate"),
    YES("linux.resources.blockIO.throttleWriteBpsDevice"),
    YES("linux.resources.blockIO.throttleWriteBpsDevice[].major"),
    YES("linux.resources.blockIO.throttleWriteBpsDevice[].minor"),
    YES("linux.resources.blockIO.throttleWriteBpsDevice[].rate"),
    YES("linux.resources.blockIO.throttleReadIOPSDevice"),
    YES("linux.resources.blockIO.throttleReadIOPSDevice[].major"),
    YES("linux.resources.blockIO.throttleReadIOPSDevice[].minor"),
    YES("linux.resources.blockIO.throttleReadIOPSDevice[].rate"),
    YES("linux.resources.blockIO.throttleWriteIOPSDevice"),
    YES("linux.resources.blockIO.throttleWriteIOPSDevice[].major"),
    YES("linux.resources.blockIO.throttleWriteIOPSDevice[].minor"),
    YES("linux.resources.blockIO.throttleWriteIOPSDevice[].rate"),
    YES("linux.resources.hugepageLimits"),
    YES("linux.resources.hugepageLimits[].pageSize"),
    YES("linux.resources.hugepageLimits[].limit"),
    YES("linux.resources.network"),
    YES("linux.resources.network.classID"),
    YES("linux.resources.network.priorities"),
    YES("linux.resources.network.priorities[].name"),
    YES("linux.resources.network.priorities[].priority"),
    YES("linux.resources.rdma"),
    YES("linux.resources.rdma.*"),
    YES("linux.resources.rdma.*.hcaHandles"),
    YES("linux.resources.rdma.*.hcaObjects"),
    PARTLY("linux.resources.unified",
           "With cgroup version 1 a configuration that has it is not run."),
    YES("linux.resources.unified.*"),
    YES("linux.rootfsPropagation"),
    YES("linux.maskedPaths"),
    YES("linux.readonlyPaths"),
    YES("linux.mountLabel"),
    YES("linux.sysctl"),
    YES("linux.sysctl.*"),
    YES("linux.seccomp"),
    YES("linux.seccomp.defaultAction"),
    YES("linux.seccomp.defaultErrnoRet"),
    YES("linux.seccomp.architectures"),
    YES("linux.seccomp.flags"),
    YES("linux.seccomp.syscalls"),
    YES("linux.seccomp.syscalls[].names"),
    YES("linux.seccomp.syscalls[].action"),
    YES("linux.seccomp.syscalls[].errnoRet"),
    YES("linux.seccomp.syscalls[].args"),
    YES("linux.seccomp.syscalls[].args[].index"),
    YES("linux.seccomp.syscalls[].args[].value"),
    YES("linux.seccomp.syscalls[].args[].valueTwo"),
    YES("linux.seccomp.syscalls[].args[].op"),
    YES("linux.seccomp.listenerPath"),
    YES("linux.seccomp.listenerMetadata"),
    YES("linux.personality"),
    YES("linux.personality.domain"),
    YES("linux.personality.flags"),
    YES("linux.memoryPolicy"),
    YES("linux.memoryPolicy.mode"),
    YES("linux.memoryPolicy.nodes"),
    YES("linux.memoryPolicy.flags"),
    REFUSED("linux.intelRdt", "cache and memory bandwidth classes are not supported"),

    IGNORED("solaris", OTHER_PLATFORM),
    IGNORED("windows", OTHER_PLATFORM),
    IGNORED("vm", OTHER_PLATFORM),
    IGNORED("zos", OTHER_PLATFORM),
    IGNORED("freebsd", OTHER_PLATFORM),
};

#define KEYS_END (keys + sizeof keys / sizeof *keys)

int scratch_oci_key(size_t index, struct scratch_oci_key *key)
{
    if (index >= sizeof keys / sizeof *keys)
        return -ERANGE;
    *key = keys[index];
    return 0;
}

/*
 * The key of a member, looked for from the first key that is below the object: "a.*" where all of
 * a's names are its own affair, or "a.b".
 */
static const struct scratch_oci_key *find(const struct scratch_oci_key *first, const char *above,
                                          const char *name)
{
    const size_t length = strlen(above);
    const struct scratch_oci_key *found = NULL;
    for (const struct scratch_oci_key *key = first; key < KEYS_END; key++) {
        const char *rest = key->key + length;
        if (strncmp(key->key, above, length) != 0)
            break;
        if (length && *rest++ != '.')
            continue;
        if (strcmp(rest, "*") == 0)
            return key;
        if (strcmp(rest, name) == 0)
            found = key;
    }
    return found;
}

/* True for keys below which the table has more: what is in others is read as one. */
static bool is_open(const struct scratch_oci_key *key)
{
    const size_t length = strlen(key->key);
    const char *next = key + 1 < KEYS_END ? key[1].key : "";
    return strncmp(next, key->key, length) == 0 && next[length] && strchr(".[", next[length]);
}

static int refuse(struct scratch_oci_bundle *bundle, const struct json_in *value, const char *path,
                  const char *why)
{
    json_wrong(value, why, "leave it out", bundle->err);
    if (bundle->err) {
        bundle->err->errnum = ENOTSUP;
        error_write(bundle->err->subject, "%s", path);
    }
    return -ENOTSUP;
}

static int check_object(struct scratch_oci_bundle *bundle, const struct json_in *object,
                        const struct scratch_oci_key *first, const char *path);

static int check_below(struct scratch_oci_bundle *bundle, const struct json_in *value,
                       const struct scratch_oci_key *key)
{
    char items[KEY_MAX];
    struct json_in item;
    int rc = 0;
    if (!is_open(key))
        return 0;
    if (json_kind(value) != JSON_ARRAY)
        return check_object(bundle, value, key + 1, key->key);
    snprintf(items, sizeof items, "%s[]", key->key);
    for (size_t i = 0; rc == 0 && i < json_count(value); i++) {
        json_item(value, i, &item);
        rc = check_object(bundle, &item, key + 1, items);
    }
    return rc;
}

static int check_member(struct scratch_oci_bundle *bundle, const struct json_in *member,
                        const struct scratch_oci_key *first, const char *above)
{
    char path[KEY_MAX];
    const struct scratch_oci_key *key = find(first, above, member->name);
    if (json_kind(member) == JSON_NULL) /* as if it were not there */
        return 0;
    if (key && key->support == SCRATCH_OCI_SUPPORTED)
        return check_below(bundle, member, key);
    snprintf(path, sizeof path, "%s%s%s", above, *above ? "." : "", member->name);
    if (!key) {
        error_because(oci_warn(bundle), 0, "read the bundle", path,
                      "the specification has no such key: it changes nothing", NULL);
        return 0;
    }
    if (key->support == SCRATCH_OCI_IGNORED) {
        error_because(oci_warn(bundle), 0, "read the bundle", path, key->why, NULL);
        return 0;
    }
    return refuse(bundle, member, path, key->why);
}

static int check_object(struct scratch_oci_bundle *bundle, const struct json_in *object,
                        const struct scratch_oci_key *first, const char *path)
{
    struct json_in member;
    size_t at = 0;
    int rc = 0;
    while (rc == 0 && json_next(object, &at, &member))
        rc = check_member(bundle, &member, first, path);
    return rc;
}

int oci_check_keys(struct scratch_oci_bundle *bundle)
{
    return check_object(bundle, &bundle->document, keys, "");
}
