/* SPDX-License-Identifier: MIT */
#include "base/sys.h"
#include "base/text.h"
#include "process/label.h"
#include "step/step.h"

#include <linux/magic.h>
#include <sys/vfs.h>

static bool is_proc(int fd)
{
    struct statfs fs;
    return sys2(SYS_fstatfs, fd, (long)&fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

int process_label_step(struct step_walk *w, const struct step *step)
{
    char text[LABEL_MAX + 8];
    int fd = sys_openat(AT_FDCWD, step_text(w, step->text[0]), O_WRONLY, 0);
    if (fd == -ENOENT && step->text[1])
        fd = sys_openat(AT_FDCWD, step_text(w, step->text[1]), O_WRONLY, 0);
    if (fd < 0)
        return step_detail(w, DETAIL_SOURCE, fd);
    size_t at = text_append(text, sizeof text, 0, step_text(w, step->text[2]));
    at = text_append(text, sizeof text, at, step_text(w, step->text[3]));
    ssize_t n = is_proc(fd) ? sys_write(fd, text, at) : step_detail(w, DETAIL_NOT_PROC, -EXDEV);
    sys_close(fd);
    return n < 0 ? (int)n : 0;
}
