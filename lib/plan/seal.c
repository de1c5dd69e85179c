/* SPDX-License-Identifier: MIT */
#include "plan/seal.h"
#include "base/error.h"
#include "base/memfd.h"

#include <fcntl.h>
#include <scratch/plan.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static const char own[] = "/proc/self/exe", what[] = "execute this program from a sealed copy";

static bool look(void)
{
    int fd = open(own, O_RDONLY | O_CLOEXEC);
    int seals = fd < 0 ? -1 : fcntl(fd, F_GET_SEALS);
    if (fd >= 0)
        close(fd);
    return seals >= 0 && seals & F_SEAL_WRITE;
}

/* Until its next exec a process executes the same file. */
bool seal_is_there(void)
{
    static atomic_int seen;
    if (seen == 0)
        seen = look() ? 1 : -1;
    return seen > 0;
}

static int copy_from(int from, int to)
{
    struct stat st;
    off_t at = 0;
    if (fstat(from, &st) < 0)
        return -errno;
    while (at < st.st_size) {
        ssize_t n = sendfile(to, from, &at, (size_t)(st.st_size - at));
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
    }
    return 0;
}

static int copy(int fd)
{
    int from = open(own, O_RDONLY | O_CLOEXEC);
    int rc = from < 0 ? -errno : copy_from(from, fd);
    if (from >= 0)
        close(from);
    return rc;
}

int scratch_seal_self(char *const argv[], struct scratch_error *err)
{
    const char *slash = argv[0] ? strrchr(argv[0], '/') : NULL;
    if (seal_is_there()) {
        if (argv[0])
            prctl(PR_SET_NAME, slash ? slash + 1 : argv[0], 0, 0, 0); /* it is that of an fd */
        return 0;
    }
    int fd = memfd_executable("sealed");
    if (fd < 0)
        return error_call(err, -fd, "memfd_create(2)", what, NULL, NULL);
    int rc = copy(fd);
    if (rc == 0 && fcntl(fd, F_ADD_SEALS, MEMFD_SEALS) < 0)
        rc = -errno;
    if (rc < 0) {
        error_call(err, -rc, "sendfile(2)", what, own, NULL);
    } else {
        rc = sys_execveat(fd, "", argv, environ, AT_EMPTY_PATH);
        error_call(err, -rc, "execveat(2)", what, NULL, "see vm.memfd_noexec");
    }
    close(fd);
    return rc;
}
