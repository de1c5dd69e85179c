/* SPDX-License-Identifier: MIT */
#include "plan/image.h"
#include "base/file.h"
#include "base/memfd.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/unnamed.h"
#include "init/init.h"

#include <signal.h>
#include <sys/uio.h>
#include <time.h>

/*
 * All of it. One call, but for what it has left over. A page is behind it, for mount(2) copies as
 * much from where its options begin; where less is there, it takes two faults and goes on byte by
 * byte.
 */
static int fill(int fd, const struct plan_block *plan, const struct start_block *start)
{
    static const uint64_t between;
    size_t begin = INIT_PLAN_OFFSET + init_start_offset(plan->size), end = begin + start->size;
    const struct iovec part[] = {
        {(void *)init_image, INIT_PLAN_OFFSET},
        {(void *)plan, plan->size},
        {(void *)&between, begin - INIT_PLAN_OFFSET - plan->size},
        {(void *)start, start->size},
        {(void *)init_image, 4096}, /* whatever it is */
    };
    ssize_t n = sys5(SYS_pwritev, fd, (long)part, 5, 0, 0);
    if (n >= (ssize_t)end)
        return 0;
    if (n < 0)
        return (int)n;
    int rc = file_put_all(fd, init_image, INIT_PLAN_OFFSET, 0);
    if (rc == 0)
        rc = file_put_all(fd, plan, plan->size, INIT_PLAN_OFFSET);
    return rc < 0 ? rc : file_put_all(fd, start, start->size, (off_t)begin);
}

/* ---- in a memfd ----------------------------------------------------------------------------- */

/*
 * A memfd is a file, and RLIMIT_FSIZE holds for it: beyond it write(2) gives EFBIG and SIGXFSZ,
 * which would end the caller. It comes to the writing thread, which has all signals blocked, and is
 * taken back here. One that was waiting before, which no kernel sends with this code, stays.
 */
static int fill_quietly(int fd, const struct plan_block *plan, const struct start_block *start)
{
    static const uint64_t too_big = UINT64_C(1) << (SIGXFSZ - 1);
    static const struct timespec now;
    struct sys_signal taken;
    int rc = fill(fd, plan, start);
    if (rc == -EFBIG && sys_sigtimedwait(&too_big, &taken, &now) > 0 && taken.code != SI_USER)
        sys_signal_again(&taken);
    return rc;
}

int image_make(const struct plan_block *plan, const struct start_block *start)
{
    int fd = memfd_executable("scratch-init");
    if (fd < 0)
        return fd;
    int rc = fill_quietly(fd, plan, start);
    if (rc == 0)
        rc = sys_fcntl(fd, F_ADD_SEALS, MEMFD_SEALS);
    if (rc < 0) {
        sys_close(fd);
        return rc;
    }
    return fd;
}

/* ---- in a file ------------------------------------------------------------------------------ */

/* What is open for writing cannot be executed: the file is opened again, and closed. */
static int for_reading(int fd)
{
    char path[16 + TEXT_NUMBER];
    text_fd_path(path, sizeof path, fd);
    int rc = sys_openat(AT_FDCWD, path, O_RDONLY, 0);
    sys_close(fd);
    return rc;
}

int image_make_file(const struct plan_block *plan, const struct start_block *start)
{
    int fd = unnamed_file(true);
    int rc = fd < 0 ? fd : fill(fd, plan, start);
    if (rc == 0)
        return for_reading(fd);
    if (fd >= 0)
        sys_close(fd);
    return rc;
}
