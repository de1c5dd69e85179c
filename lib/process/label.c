/* SPDX-License-Identifier: MIT */
/*
 * Labels of the security modules. They are written in the host's own /proc, before any mount of the
 * container's, and take effect at the next exec but one's own: that of the command. A /proc from
 * the container's root could be anything (CVE-2019-16884, CVE-2023-28642).
 */
#include "process/compile.h"
#include "base/error.h"
#include "process/label.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#define SELINUX_MAGIC_ 0xf97cff8c
#define UNCONFINED     "unconfined"

static bool apparmor_is_on(void)
{
    char answer = 'N';
    int fd = open("/sys/module/apparmor/parameters/enabled", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    if (read(fd, &answer, 1) != 1)
        answer = 'N';
    close(fd);
    return answer == 'Y';
}

static bool selinux_is_on(void)
{
    struct statfs fs;
    return statfs("/sys/fs/selinux", &fs) == 0 && (unsigned)fs.f_type == SELINUX_MAGIC_;
}

static void put_label(struct builder *b, const char *file, const char *older, const char *command,
                      const char *label)
{
    uint32_t file_at = builder_text(b, file), older_at = builder_text(b, older);
    uint32_t command_at = builder_text(b, command), label_at = builder_text(b, label);
    struct step *step = builder_add(b, STEP_LABEL, STEP_CONTAINER);
    step->text[0] = file_at;
    step->text[1] = older_at;
    step->text[2] = command_at;
    step->text[3] = label_at;
}

static int check_label(struct builder *b, const char *what, const char *label)
{
    if (*label && !strchr(label, '\n') && strlen(label) < LABEL_MAX)
        return 0;
    return error_set(b->err, EINVAL, what, label, "give its name, in one line");
}

/* Where there is no AppArmor, everything is unconfined. */
static int compile_apparmor(struct builder *b, const char *profile)
{
    bool on = apparmor_is_on();
    int rc = check_label(b, "AppArmor profile", profile);
    if (rc < 0 || (!on && strcmp(profile, UNCONFINED) == 0))
        return rc;
    if (!on)
        return error_because(b->err, EOPNOTSUPP, "AppArmor profile", profile,
                             "this kernel has no AppArmor, or it is off",
                             "leave it out, or boot with apparmor=1 security=apparmor");
    /* The first since Linux 5.8; the second is of whichever module came first. */
    put_label(b, "/proc/thread-self/attr/apparmor/exec", "/proc/thread-self/attr/exec", "exec ",
              profile);
    return 0;
}

static int compile_selinux(struct builder *b, const char *label)
{
    int rc = check_label(b, "SELinux label", label);
    if (rc < 0)
        return rc;
    if (!selinux_is_on())
        return error_because(b->err, EOPNOTSUPP, "SELinux label", label,
                             "this kernel has no SELinux, or it is off",
                             "leave it out, or boot with selinux=1 security=selinux");
    put_label(b, "/proc/thread-self/attr/exec", NULL, "", label);
    return 0;
}

int process_compile_labels(struct builder *b, const struct scratch_process_options *o)
{
    int rc = o->apparmor_profile ? compile_apparmor(b, o->apparmor_profile) : 0;
    return rc == 0 && o->selinux_label ? compile_selinux(b, o->selinux_label) : rc;
}
