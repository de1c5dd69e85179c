/* SPDX-License-Identifier: MIT */
/*
 * What this runtime can do, in the specification's format: features.md and features-linux.md.
 */
#include "base/json.h"
#include "mount/options.h"
#include "oci/bundle.h"
#include "process/seccomp.h"
#include "process/seccomp_profile.h"

#include <linux/capability.h>
#include <scratch/version.h>
#include <stdio.h>

static void put_hooks(struct json *j)
{
    json_open_array(j, "hooks");
    for (int point = 0; point < SCRATCH_HOOK_POINTS; point++)
        json_text(j, NULL, scratch_hook_name((enum scratch_hook_point)point));
    json_close(j);
}

static void put_mount_options(struct json *j)
{
    const char *word;
    json_open_array(j, "mountOptions");
    for (size_t i = 0; (word = mount_options_word(i)); i++)
        json_text(j, NULL, word);
    json_close(j);
}

static void put_words(struct json *j, const char *name, enum seccomp_words which)
{
    const char *word;
    json_open_array(j, name);
    for (size_t i = 0; (word = seccomp_word(which, i)); i++)
        json_text(j, NULL, word);
    json_close(j);
}

static void put_supported_flags(struct json *j)
{
    const char *word;
    json_open_array(j, "supportedFlags");
    for (size_t i = 0; (word = seccomp_word(SECCOMP_FLAGS, i)); i++)
        if (seccomp_flag_works(i))
            json_text(j, NULL, word);
    json_close(j);
}

static void put_seccomp(struct json *j)
{
    json_open_object(j, "seccomp");
    json_flag(j, "enabled", true);
    put_words(j, "actions", SECCOMP_ACTIONS);
    put_words(j, "operators", SECCOMP_OPERATORS);
    put_words(j, "archs", SECCOMP_ARCHITECTURES);
    put_words(j, "knownFlags", SECCOMP_FLAGS);
    put_supported_flags(j);
    json_close(j);
}

/* All that are known, also those that this kernel does not have. */
static void put_capabilities(struct json *j)
{
    char name[64];
    json_open_array(j, "capabilities");
    for (int number = 0; number <= CAP_LAST_CAP; number++) {
        scratch_capability_name(number, name, sizeof name);
        json_text(j, NULL, name);
    }
    json_close(j);
}

static void put_enabled(struct json *j, const char *name, bool enabled)
{
    json_open_object(j, name);
    json_flag(j, "enabled", enabled);
    json_close(j);
}

static void put_cgroup(struct json *j)
{
    json_open_object(j, "cgroup");
    json_flag(j, "v1", true);
    json_flag(j, "v2", true);
    json_flag(j, "systemd", true);
    json_flag(j, "systemdUser", true);
    json_flag(j, "rdma", true);
    json_close(j);
}

static void put_linux(struct json *j)
{
    static const char *const namespaces[] = {"cgroup", "ipc",  "mount", "network",
                                             "pid",    "time", "user",  "uts"};
    json_open_object(j, "linux");
    json_open_array(j, "namespaces");
    for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++)
        json_text(j, NULL, namespaces[i]);
    json_close(j);
    put_capabilities(j);
    put_cgroup(j);
    put_seccomp(j);
    put_enabled(j, "apparmor", true);
    put_enabled(j, "selinux", true);
    put_enabled(j, "intelRdt", false);
    json_open_object(j, "mountExtensions");
    put_enabled(j, "idmap", true);
    json_close(j);
    put_enabled(j, "netDevices", true);
    json_close(j);
}

/* Of a bundle's: what changes more than what hooks are told. */
static void put_unsafe_annotations(struct json *j)
{
    json_open_array(j, "potentiallyUnsafeConfigAnnotations");
    json_text(j, NULL, OCI_KEEP_GROUPS);
    json_text(j, NULL, SCRATCH_OCI_PIDFD_RECEIVER);
    json_close(j);
}

static void put_annotations(struct json *j)
{
    const struct seccomp_library *seccomp = seccomp_library(NULL);
    char version[40];
    json_open_object(j, "annotations");
    json_text(j, "org.libscratch.version", scratch_version());
    json_text(j, "run.oci.checkpoint.enabled", "false");
    if (seccomp) {
        const struct scmp_version *v = seccomp->version();
        snprintf(version, sizeof version, "%u.%u.%u", v->major, v->minor, v->micro);
        json_text(j, "io.github.seccomp.libseccomp.version", version);
    }
    json_close(j);
}

char *scratch_oci_features(void)
{
    struct json j;
    json_begin(&j, true);
    json_text(&j, "ociVersionMin", "1.0.0");
    json_text(&j, "ociVersionMax", SCRATCH_OCI_VERSION);
    put_hooks(&j);
    put_mount_options(&j);
    put_linux(&j);
    put_annotations(&j);
    put_unsafe_annotations(&j);
    return json_end(&j);
}
