/* SPDX-License-Identifier: MIT */
#include "support/bundle.h"
#include "support/rootfs.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOUNTS                                                                                     \
    "{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"                           \
    "{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\","                           \
    "\"options\":[\"nosuid\",\"mode=755\"]},"                                                      \
    "{\"destination\":\"/dev/pts\",\"type\":\"devpts\",\"source\":\"devpts\","                     \
    "\"options\":[\"newinstance\",\"ptmxmode=0666\"]}"

#define NAMESPACES                                                                                 \
    "{\"type\":\"pid\"},{\"type\":\"mount\"},{\"type\":\"uts\"},{\"type\":\"ipc\"},"               \
    "{\"type\":\"network\"}"

static const char *some(const char *text)
{
    return text ? text : "";
}

static char *config_of(const struct bundle_parts *p, const char *root)
{
    char *text = NULL;
    const char *user = test_privileged() ? "" : ",{\"type\":\"user\"}";
    if (asprintf(&text,
                 "{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"%s\"%s},"
                 "\"process\":{\"args\":[\"sh\",\"-c\",\"%s\"],\"cwd\":\"/\","
                 "\"env\":[\"PATH=/bin\"]%s},\"mounts\":[" MOUNTS "%s],"
                 "\"linux\":{\"namespaces\":[%s%s]%s}%s}",
                 root, some(p->root), p->command, some(p->process), some(p->mounts),
                 p->namespaces ? p->namespaces : NAMESPACES, user, some(p->section),
                 some(p->more)) < 0)
        fail();
    return text;
}

/* With what others than its owner cannot make. */
const char *bundle_root(void)
{
    static const char *root;
    if (root)
        return root;
    root = test_rootfs_new();
    test_make_directory(root, "proc");
    test_make_directory(root, "dev");
    return root;
}

int bundle_load(const struct bundle_parts *p, scratch_oci_bundle **bundle,
                struct scratch_error *err)
{
    struct scratch_oci_options options = SCRATCH_OCI_OPTIONS_INIT;
    char *text = config_of(p, bundle_root());
    options.text = text;
    options.bundle = "/tmp";
    options.id = "of-a-bundle";
    options.no_cgroup = true;
    int rc = scratch_oci_load(&options, bundle, err);
    free(text);
    return rc;
}

/* Its command writes this. */
void bundle_expect(const struct bundle_parts *p, const char *expected)
{
    struct scratch_error err = {0};
    scratch_oci_bundle *bundle;
    int status;
    TEST_OK(bundle_load(p, &bundle, &err), &err);
    char *out = test_output(scratch_oci_spec(bundle), NULL, &status, &err);
    TEST_OK(status, &err);
    assert_string_equal(out, expected);
    free(out);
    scratch_oci_free(bundle);
}

/* It does not start, for this reason. */
void bundle_expect_error(const struct bundle_parts *p, int errnum, const char *words)
{
    char line[SCRATCH_ERROR_LINE];
    struct scratch_error err = {0};
    scratch_oci_bundle *bundle = NULL;
    int status = bundle_load(p, &bundle, &err);
    if (status == 0)
        free(test_output(scratch_oci_spec(bundle), NULL, &status, &err));
    scratch_error_format(&err, line, sizeof line);
    assert_int_equal(status, -errnum);
    if (!strstr(line, words))
        fail_msg("'%s' does not say '%s'", line, words);
    scratch_oci_free(bundle);
}
