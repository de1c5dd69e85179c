/* SPDX-License-Identifier: MIT */
/*
 * What tests of bundles at the command line share.
 */
#ifndef TEST_CLI_BUNDLE_H
#define TEST_CLI_BUNDLE_H

#include "cli/ctl.h"
#include "container/kept.h"
#include "support/rootfs.h"

#include <sys/wait.h>

#define OCI(...)     CTL("--root", kept_root(), __VA_ARGS__)
#define DETACHED     "--bundle", bundle_directory(), "--detach"
#define CREATE(name) OCI("create", "--bundle", bundle_directory(), (name))

/* One of this run alone: its control group is the machine's. Good for three calls more. */
static inline const char *id(const char *name)
{
    static char ids[4][64];
    static unsigned next;
    char *text = ids[next++ % 4];
    snprintf(text, sizeof ids[0], "test-%s-%d", name, (int)getpid());
    return text;
}

static inline const char *bundle_directory(void)
{
    static char path[300];
    if (!*path) {
        snprintf(path, sizeof path, "%s/bundle", test_directory());
        assert_int_equal(mkdir(path, 0700), 0);
    }
    return path;
}

static inline FILE *begin_config(void)
{
    char path[400];
    ctl_need_containers();
    snprintf(path, sizeof path, "%s/config.json", bundle_directory());
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    return out;
}

/* Its configuration: namespaces, a shell's command, members of "linux" and of the document. */
static inline void write_config_in(const char *namespaces, const char *command, const char *section,
                                   const char *more)
{
    FILE *out = begin_config();
    fprintf(out,
            "{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"%s\",\"readonly\":true},"
            "\"process\":{\"args\":[\"sh\",\"-c\",\"%s\"],\"cwd\":\"/\",\"noNewPrivileges\":true,"
            "\"env\":[\"PATH=/bin\",\"WHO=nobody\",\"HOME=\",\"WHO=bundle\"]},"
            "\"mounts\":[{\"destination\":\"/proc\",\"type\":\"proc\"}],"
            "\"linux\":{\"namespaces\":[%s%s]%s}%s}",
            test_rootfs(), command, namespaces, geteuid() == 0 ? "" : ",{\"type\":\"user\"}",
            section, more);
    assert_int_equal(fclose(out), 0);
}

/* Without the process, which need not be there before it is started. */
static inline void write_config_alone(void)
{
    FILE *out = begin_config();
    fprintf(out,
            "{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"%s\",\"readonly\":true},"
            "\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"mount\"}%s]}}",
            test_rootfs(), geteuid() == 0 ? "" : ",{\"type\":\"user\"}");
    assert_int_equal(fclose(out), 0);
}

static inline void write_config(const char *command, const char *section, const char *more)
{
    write_config_in("{\"type\":\"pid\"},{\"type\":\"mount\"}", command, section, more);
}

/* Whatever the status is, but that of a success. */
static inline void fails(struct ctl ctl, const char *words)
{
    assert_int_not_equal(ctl.status, 0);
    if (!strstr(ctl.err, words))
        fail_msg("'%s' does not say '%s'", ctl.err, words);
}

/*
 * And nothing of it is left, of which these tests are the reaper. What a test that has failed left
 * running is not waited for without end.
 */
static inline void delete (const char *id)
{
    assert_int_equal(OCI("delete", "--force", id).status, 0);
    for (int i = 0; i < 1000 && waitpid(-1, NULL, WNOHANG) >= 0; i++)
        usleep(10000);
    assert_false(kept_is_there(id));
}

#endif
