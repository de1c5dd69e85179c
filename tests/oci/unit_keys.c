/* SPDX-License-Identifier: MIT */
/*
 * The table of keys against the specification's own list: config.md, config-linux.md and the schema
 * of version 1.2, and what version 1.3 adds to them.
 */
#include "cgroup/layout.h"
#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const specified[] = {
    "ociVersion",
    "annotations",
    "annotations.*",
    "hostname",
    "domainname",
    "root",
    "root.path",
    "root.readonly",
    "mounts",
    "mounts[].destination",
    "mounts[].source",
    "mounts[].type",
    "mounts[].options",
    "mounts[].uidMappings",
    "mounts[].uidMappings[].containerID",
    "mounts[].uidMappings[].hostID",
    "mounts[].uidMappings[].size",
    "mounts[].gidMappings",
    "mounts[].gidMappings[].containerID",
    "mounts[].gidMappings[].hostID",
    "mounts[].gidMappings[].size",
    "process",
    "process.terminal",
    "process.consoleSize",
    "process.consoleSize.height",
    "process.consoleSize.width",
    "process.user",
    "process.user.uid",
    "process.user.gid",
    "process.user.umask",
    "process.user.additionalGids",
    "process.user.username",
    "process.args",
    "process.commandLine",
    "process.env",
    "process.cwd",
    "process.capabilities",
    "process.capabilities.bounding",
    "process.capabilities.effective",
    "process.capabilities.inheritable",
    "process.capabilities.permitted",
    "process.capabilities.ambient",
    "process.rlimits",
    "process.rlimits[].type",
    "process.rlimits[].soft",
    "process.rlimits[].hard",
    "process.noNewPrivileges",
    "process.apparmorProfile",
    "process.oomScoreAdj",
    "process.selinuxLabel",
    "process.scheduler",
    "process.scheduler.policy",
    "process.scheduler.nice",
    "process.scheduler.priority",
    "process.scheduler.flags",
    "process.scheduler.runtime",
    "process.scheduler.deadline",
    "process.scheduler.period",
    "process.ioPriority",
    "process.ioPriority.class",
    "process.ioPriority.priority",
    "process.execCPUAffinity",
    "process.execCPUAffinity.initial",
    "process.execCPUAffinity.final",
    "hooks",
    "linux",
    "linux.namespaces",
    "linux.namespaces[].type",
    "linux.namespaces[].path",
    "linux.uidMappings",
    "linux.uidMappings[].containerID",
    "linux.uidMappings[].hostID",
    "linux.uidMappings[].size",
    "linux.gidMappings",
    "linux.gidMappings[].containerID",
    "linux.gidMappings[].hostID",
    "linux.gidMappings[].size",
    "linux.timeOffsets",
    "linux.timeOffsets.*",
    "linux.timeOffsets.*.secs",
    "linux.timeOffsets.*.nanosecs",
    "linux.devices",
    "linux.devices[].type",
    "linux.devices[].path",
    "linux.devices[].major",
    "linux.devices[].minor",
    "linux.devices[].fileMode",
    "linux.devices[].uid",
    "linux.devices[].gid",
    "linux.netDevices",
    "linux.netDevices.*",
    "linux.netDevices.*.name",
    "linux.cgroupsPath",
    "linux.rootfsPropagation",
    "linux.maskedPaths",
    "linux.readonlyPaths",
    "linux.mountLabel",
    "linux.sysctl",
    "linux.sysctl.*",
    "linux.seccomp",
    "linux.seccomp.defaultAction",
    "linux.seccomp.defaultErrnoRet",
    "linux.seccomp.architectures",
    "linux.seccomp.flags",
    "linux.seccomp.listenerPath",
    "linux.seccomp.listenerMetadata",
    "linux.seccomp.syscalls",
    "linux.seccomp.syscalls[].names",
    "linux.seccomp.syscalls[].action",
    "linux.seccomp.syscalls[].errnoRet",
    "linux.seccomp.syscalls[].args",
    "linux.seccomp.syscalls[].args[].index",
    "linux.seccomp.syscalls[].args[].value",
    "linux.seccomp.syscalls[].args[].valueTwo",
    "linux.seccomp.syscalls[].args[].op",
    "linux.personality",
    "linux.personality.domain",
    "linux.personality.flags",
    "linux.memoryPolicy",
    "linux.memoryPolicy.mode",
    "linux.memoryPolicy.nodes",
    "linux.memoryPolicy.flags",
    "linux.intelRdt",
    "linux.resources",
    "linux.resources.unified",
    "linux.resources.unified.*",
    "linux.resources.devices",
    "linux.resources.devices[].allow",
    "linux.resources.devices[].type",
    "linux.resources.devices[].major",
    "linux.resources.devices[].minor",
    "linux.resources.devices[].access",
    "linux.resources.memory",
    "linux.resources.memory.limit",
    "linux.resources.memory.reservation",
    "linux.resources.memory.swap",
    "linux.resources.memory.kernel",
    "linux.resources.memory.kernelTCP",
    "linux.resources.memory.swappiness",
    "linux.resources.memory.disableOOMKiller",
    "linux.resources.memory.useHierarchy",
    "linux.resources.memory.checkBeforeUpdate",
    "linux.resources.cpu",
    "linux.resources.cpu.shares",
    "linux.resources.cpu.quota",
    "linux.resources.cpu.burst",
    "linux.resources.cpu.period",
    "linux.resources.cpu.realtimeRuntime",
    "linux.resources.cpu.realtimePeriod",
    "linux.resources.cpu.cpus",
    "linux.resources.cpu.mems",
    "linux.resources.cpu.idle",
    "linux.resources.pids",
    "linux.resources.pids.limit",
    "linux.resources.blockIO",
    "linux.resources.blockIO.weight",
    "linux.resources.blockIO.leafWeight",
    "linux.resources.blockIO.weightDevice",
    "linux.resources.blockIO.weightDevice[].major",
    "linux.resources.blockIO.weightDevice[].minor",
    "linux.resources.blockIO.weightDevice[].weight",
    "linux.resources.blockIO.weightDevice[].leafWeight",
    "linux.resources.blockIO.throttleReadBpsDevice",
    "linux.resources.blockIO.throttleReadBpsDevice[].major",
    "linux.resources.blockIO.throttleReadBpsDevice[].minor",
    "linux.resources.blockIO.throttleReadBpsDevice[].rate",
    "linux.resources.blockIO.throttleWriteBpsDevice",
    "linux.resources.blockIO.throttleWriteBpsDevice[].major",
    "linux.resources.blockIO.throttleWriteBpsDevice[].minor",
    "linux.resources.blockIO.throttleWriteBpsDevice[].rate",
    "linux.resources.blockIO.throttleReadIOPSDevice",
    "linux.resources.blockIO.throttleReadIOPSDevice[].major",
    "linux.resources.blockIO.throttleReadIOPSDevice[].minor",
    "linux.resources.blockIO.throttleReadIOPSDevice[].rate",
    "linux.resources.blockIO.throttleWriteIOPSDevice",
    "linux.resources.blockIO.throttleWriteIOPSDevice[].major",
    "linux.resources.blockIO.throttleWriteIOPSDevice[].minor",
    "linux.resources.blockIO.throttleWriteIOPSDevice[].rate",
    "linux.resources.hugepageLimits",
    "linux.resources.hugepageLimits[].pageSize",
    "linux.resources.hugepageLimits[].limit",
    "linux.resources.network",
    "linux.resources.network.classID",
    "linux.resources.network.priorities",
    "linux.resources.network.priorities[].name",
    "linux.resources.network.priorities[].priority",
    "linux.resources.rdma",
    "linux.resources.rdma.*",
    "linux.resources.rdma.*.hcaHandles",
    "linux.resources.rdma.*.hcaObjects",
    "solaris",
    "windows",
    "vm",
    "zos",
    "freebsd",
    "hooks.prestart",
    "hooks.prestart[].path",
    "hooks.prestart[].args",
    "hooks.prestart[].env",
    "hooks.prestart[].timeout",
    "hooks.createRuntime",
    "hooks.createRuntime[].path",
    "hooks.createRuntime[].args",
    "hooks.createRuntime[].env",
    "hooks.createRuntime[].timeout",
    "hooks.createContainer",
    "hooks.createContainer[].path",
    "hooks.createContainer[].args",
    "hooks.createContainer[].env",
    "hooks.createContainer[].timeout",
    "hooks.startContainer",
    "hooks.startContainer[].path",
    "hooks.startContainer[].args",
    "hooks.startContainer[].env",
    "hooks.startContainer[].timeout",
    "hooks.poststart",
    "hooks.poststart[].path",
    "hooks.poststart[].args",
    "hooks.poststart[].env",
    "hooks.poststart[].timeout",
    "hooks.poststop",
    "hooks.poststop[].path",
    "hooks.poststop[].args",
    "hooks.poststop[].env",
    "hooks.poststop[].timeout",
};
#define SPECIFIED (sizeof specified / sizeof *specified)

static bool is_specified(const char *key)
{
    for (size_t i = 0; i < SPECIFIED; i++)
        if (strcmp(specified[i], key) == 0)
            return true;
    return false;
}

static bool is_in_table(const char *name)
{
    struct scratch_oci_key key;
    for (size_t i = 0; scratch_oci_key(i, &key) == 0; i++)
        if (strcmp(key.key, name) == 0)
            return true;
    return false;
}

static void every_key_has_a_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < SPECIFIED; i++)
        if (!is_in_table(specified[i]))
            fail_msg("%s is in the specification, and in no row", specified[i]);
}

static void every_row_is_specified_once(void **state)
{
    struct scratch_oci_key key, other;
    (void)state;
    for (size_t i = 0; scratch_oci_key(i, &key) == 0; i++) {
        if (!is_specified(key.key))
            fail_msg("%s is in no specification", key.key);
        for (size_t j = 0; j < i && scratch_oci_key(j, &other) == 0; j++)
            assert_string_not_equal(key.key, other.key);
    }
}

static void what_is_not_supported_says_why(void **state)
{
    struct scratch_oci_key key;
    (void)state;
    for (size_t i = 0; scratch_oci_key(i, &key) == 0; i++)
        assert_true(*key.why || key.support == SCRATCH_OCI_SUPPORTED);
}

/* ---- what the table does --------------------------------------------------------------------- */

#define PROCESS "\"process\":{\"args\":[\"true\"],\"cwd\":\"/\"%s}"
#define CONFIG  "{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"/\"}," PROCESS "%s}"

static int load(const char *in_process, const char *more, scratch_oci_bundle **bundle,
                struct scratch_error *err)
{
    struct scratch_oci_options options = SCRATCH_OCI_OPTIONS_INIT;
    char text[2048];
    snprintf(text, sizeof text, CONFIG, in_process, more);
    options.text = text;
    return scratch_oci_load(&options, bundle, err);
}

static void a_key_that_nobody_knows_is_passed_over(void **state)
{
    scratch_oci_bundle *bundle;
    struct scratch_error err, warning;
    (void)state;
    TEST_OK(load("", ",\"somethingElse\":{\"a\":1}", &bundle, &err), &err);
    assert_int_equal(scratch_oci_warning(bundle, 0, &warning), 0);
    assert_string_equal(warning.subject, "somethingElse");
    assert_int_equal(scratch_oci_warning(bundle, 1, &warning), -ERANGE);
    scratch_oci_free(bundle);
}

static void a_key_that_is_refused_is_named(void **state)
{
    scratch_oci_bundle *bundle;
    struct scratch_error err;
    (void)state;
    assert_int_equal(load("", ",\"linux\":{\"intelRdt\":{}}", &bundle, &err), -ENOTSUP);
    assert_string_equal(err.subject, "linux.intelRdt");
    assert_null(bundle);
}

static void wrong_values_are_named(void **state)
{
    static const struct {
        const char *in_process, *more, *subject;
    } rows[] = {
        {",\"rlimits\":[{\"type\":\"RLIMIT_NONE\",\"soft\":1,\"hard\":1}]", "",
         "process.rlimits[0]"},
        {",\"user\":{\"uid\":-1}", "", "process.user.uid = -1"},
        {",\"env\":[1]", "", "process.env[0] = 1"},
        {",\"scheduler\":{\"policy\":\"SCHED_X\"}", "", "process.scheduler.policy = \"SCHED_X\""},
        {"", ",\"linux\":{\"namespaces\":[{\"type\":\"pod\"}]}", "linux.namespaces[0]"},
        {"", ",\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"pid\"}]}",
         "linux.namespaces[1]"},
        {"", ",\"linux\":{\"devices\":[{\"type\":\"x\",\"path\":\"/dev/x\"}]}", "linux.devices[0]"},
        {"", ",\"hooks\":{\"poststop\":[{\"path\":\"sh\"}]}", "hooks.poststop[0]"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        scratch_oci_bundle *bundle;
        struct scratch_error err;
        assert_int_equal(load(rows[i].in_process, rows[i].more, &bundle, &err), -EINVAL);
        if (strncmp(err.subject, rows[i].subject, strlen(rows[i].subject)) != 0)
            fail_msg("'%s' is not about %s", err.subject, rows[i].subject);
    }
}

/* The kernel says EINVAL to each of them, and no more. */
static void a_deadline_that_cannot_be_is_explained(void **state)
{
    static const struct {
        const char *members, *cause;
    } rows[] = {
        {"\"deadline\":20000,\"period\":20000", "requires `runtime`"},
        {"\"runtime\":10000,\"period\":20000", "requires `deadline`"},
        {"\"runtime\":0,\"deadline\":20000", "runtime must be greater than 0"},
        {"\"runtime\":1023,\"deadline\":20000", "runtime must be between 1024 and 2^63-1"},
        {"\"runtime\":9223372036854775809,\"deadline\":9223372036854775810",
         "runtime must be between 1024 and 2^63-1"},
        {"\"runtime\":30000,\"deadline\":20000", "runtime must be <= its deadline"},
        {"\"runtime\":10000,\"deadline\":30000,\"period\":20000", "deadline must be <= its period"},
    };
    char process[256];
    scratch_oci_bundle *bundle;
    struct scratch_error err;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(process, sizeof process, ",\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",%s}",
                 rows[i].members);
        assert_int_equal(load(process, "", &bundle, &err), -EINVAL);
        if (!strstr(err.cause, rows[i].cause))
            fail_msg("%s: '%s'", rows[i].members, err.cause);
    }
    TEST_OK(load(",\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":10000,"
                 "\"deadline\":20000}",
                 "", &bundle, &err),
            &err);
    scratch_oci_free(bundle);
}

#define MEMORY(limits) ",\"linux\":{\"resources\":{\"memory\":{" limits "}}}"

/* It is v1's, which can be set as long as there is memory's hierarchy. */
static void buffers_of_sockets_are_limited(void **state)
{
    scratch_oci_bundle *bundle;
    struct scratch_error err, warning;
    struct cgroup_hierarchy memory;
    (void)state;
    TEST_OK(load("", MEMORY("\"kernelTCP\":65536"), &bundle, &err), &err);
    const struct scratch_cgroup_options *c = scratch_oci_spec(bundle)->cgroup;
    if (layout_find("memory", &memory) == 0 && memory.version == 1) {
        assert_int_equal(c->value_count, 1);
        assert_string_equal(c->values[0], "memory.kmem.tcp.limit_in_bytes=65536");
    } else {
        assert_int_equal(c->value_count, 0);
        assert_int_equal(scratch_oci_warning(bundle, 0, &warning), 0);
        assert_string_equal(warning.subject, "linux.resources.memory.kernelTCP");
    }
    scratch_oci_free(bundle);
}

/* As crun has it; v1 has no limit of swap alone. */
static void no_swap_is_a_limit(void **state)
{
    scratch_oci_bundle *bundle;
    struct scratch_error err;
    (void)state;
    TEST_OK(load("", MEMORY("\"limit\":65536,\"swap\":0"), &bundle, &err), &err);
    uint64_t swap = scratch_oci_spec(bundle)->cgroup->memory_swap;
    assert_true(swap == (layout_kind() == SCRATCH_CGROUP_V2 ? 0 : SCRATCH_LIMIT_NONE));
    scratch_oci_free(bundle);
}

/* What a bundle with this access to /dev/urandom allows: -EINVAL, or 0 where rules may not be set.
 */
static int access_of(const char *text)
{
    char more[256];
    scratch_oci_bundle *bundle;
    struct scratch_error err;
    snprintf(more, sizeof more,
             ",\"linux\":{\"resources\":{\"devices\":[{\"allow\":true,\"type\":\"c\","
             "\"major\":1,\"minor\":9,\"access\":\"%s\"}]}}",
             text);
    int rc = load("", more, &bundle, &err);
    if (rc < 0)
        return rc;
    const struct scratch_cgroup_rule *rules = scratch_oci_spec(bundle)->cgroup->rules;
    if (rules)
        assert_int_equal(rules[1].minor, 9);
    rc = rules ? (int)rules[1].access : 0;
    scratch_oci_free(bundle);
    return rc;
}

/* runc takes an "a" for all of them, and so bundles have it. */
static void access_to_a_device_is_read(void **state)
{
    (void)state;
    if (access_of("r") == 0)
        TEST_SKIP("device rules may not be set here");
    assert_int_equal(access_of("r"), SCRATCH_DEVICE_READ);
    assert_int_equal(access_of("mw"), SCRATCH_DEVICE_MKNOD | SCRATCH_DEVICE_WRITE);
    assert_int_equal(access_of("a"), SCRATCH_DEVICE_ALL);
    assert_int_equal(access_of("x"), -EINVAL);
}

static void the_template_is_read(void **state)
{
    struct scratch_oci_options options = SCRATCH_OCI_OPTIONS_INIT;
    struct scratch_error err, warning;
    (void)state;
    for (int rootless = 0; rootless < 2; rootless++) {
        scratch_oci_bundle *bundle;
        char *text = scratch_oci_template(rootless);
        assert_non_null(text);
        options.text = text;
        TEST_OK(scratch_oci_load(&options, &bundle, &err), &err);
        assert_int_equal(scratch_oci_warning(bundle, 0, &warning), -ERANGE);
        assert_non_null(scratch_oci_spec(bundle)->terminal);
        scratch_oci_free(bundle);
        free(text);
    }
}

TEST_MAIN(every_key_has_a_row, every_row_is_specified_once, what_is_not_supported_says_why,
          a_key_that_nobody_knows_is_passed_over, a_key_that_is_refused_is_named,
          wrong_values_are_named, a_deadline_that_cannot_be_is_explained,
          buffers_of_sockets_are_limited, no_swap_is_a_limit, access_to_a_device_is_read,
          the_template_is_read)
