/* SPDX-License-Identifier: MIT */
/*
 * Raw system calls that return -errno, as the kernel gives it.
 *
 * What runs in scratch-init, and between clone and exec, may use nothing else: libc's wrappers
 * write errno (shared with the caller there), take locks and may allocate. The C library's headers
 * are used for types and constants only.
 */
#ifndef BASE_SYS_H
#define BASE_SYS_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/close_range.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>

#if defined(__clang_analyzer__)

/* The analyzer does not see that assembly writes through its operands. */
long sys6(long nr, long a, long b, long c, long d, long e, long f);

#elif defined(__x86_64__)

static inline long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long ret;
    __asm__ volatile("syscall"
                     : "=a"(ret)
                     : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return ret;
}

#elif defined(__aarch64__)

static inline long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
    register long x8 __asm__("x8") = nr;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc 0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory");
    return x0;
}

#else
#error "libscratch knows the system call conventions of x86-64 and arm64"
#endif

static inline long sys5(long nr, long a, long b, long c, long d, long e)
{
    return sys6(nr, a, b, c, d, e, 0);
}
static inline long sys4(long nr, long a, long b, long c, long d)
{
    return sys6(nr, a, b, c, d, 0, 0);
}
static inline long sys3(long nr, long a, long b, long c)
{
    return sys6(nr, a, b, c, 0, 0, 0);
}
static inline long sys2(long nr, long a, long b)
{
    return sys6(nr, a, b, 0, 0, 0, 0);
}
static inline long sys1(long nr, long a)
{
    return sys6(nr, a, 0, 0, 0, 0, 0);
}

/* ---- files ---------------------------------------------------------------------------------- */

static inline int sys_openat(int dirfd, const char *path, int flags, unsigned mode)
{
    return (int)sys4(SYS_openat, dirfd, (long)path, flags | O_CLOEXEC, mode);
}
static inline int sys_openat2(int dirfd, const char *path, const struct open_how *how)
{
    return (int)sys4(SYS_openat2, dirfd, (long)path, (long)how, sizeof *how);
}
static inline int sys_close(int fd)
{
    return (int)sys1(SYS_close, fd);
}
static inline int sys_close_range(unsigned first, unsigned last, unsigned flags)
{
    return (int)sys3(SYS_close_range, first, last, flags);
}
static inline int sys_dup3(int from, int to, int flags)
{
    return (int)sys3(SYS_dup3, from, to, flags);
}
static inline int sys_fcntl(int fd, int command, long argument)
{
    return (int)sys3(SYS_fcntl, fd, command, argument);
}
static inline ssize_t sys_read(int fd, void *data, size_t size)
{
    return sys3(SYS_read, fd, (long)data, (long)size);
}
static inline ssize_t sys_write(int fd, const void *data, size_t size)
{
    return sys3(SYS_write, fd, (long)data, (long)size);
}
static inline int sys_ftruncate(int fd, uint64_t size)
{
    return (int)sys2(SYS_ftruncate, fd, (long)size);
}
static inline int sys_mkdirat(int dirfd, const char *path, unsigned mode)
{
    return (int)sys3(SYS_mkdirat, dirfd, (long)path, mode);
}
static inline int sys_mknodat(int dirfd, const char *path, unsigned mode, unsigned device)
{
    return (int)sys4(SYS_mknodat, dirfd, (long)path, mode, device);
}
static inline int sys_symlinkat(const char *text, int dirfd, const char *path)
{
    return (int)sys3(SYS_symlinkat, (long)text, dirfd, (long)path);
}
static inline int sys_unlinkat(int dirfd, const char *path, int flags)
{
    return (int)sys3(SYS_unlinkat, dirfd, (long)path, flags);
}
static inline ssize_t sys_readlinkat(int dirfd, const char *path, char *text, size_t size)
{
    return sys4(SYS_readlinkat, dirfd, (long)path, (long)text, (long)size);
}
static inline int sys_statx(int dirfd, const char *path, int flags, unsigned mask, struct statx *st)
{
    return (int)sys5(SYS_statx, dirfd, (long)path, flags, mask, (long)st);
}
static inline int sys_faccessat(int dirfd, const char *path, int mode)
{
    return (int)sys3(SYS_faccessat, dirfd, (long)path, mode);
}
static inline int sys_fchdir(int fd)
{
    return (int)sys1(SYS_fchdir, fd);
}
static inline int sys_chdir(const char *path)
{
    return (int)sys1(SYS_chdir, (long)path);
}
static inline int sys_chroot(const char *path)
{
    return (int)sys1(SYS_chroot, (long)path);
}
static inline ssize_t sys_getcwd(char *path, size_t size)
{
    return sys2(SYS_getcwd, (long)path, (long)size);
}
static inline int sys_umask(unsigned mask)
{
    return (int)sys1(SYS_umask, mask);
}
static inline int sys_fchmodat(int dirfd, const char *path, unsigned mode)
{
    return (int)sys3(SYS_fchmodat, dirfd, (long)path, mode);
}

static inline int sys_fchmod(int fd, unsigned mode)
{
    return (int)sys2(SYS_fchmod, fd, mode);
}
static inline int sys_flock(int fd, int operation)
{
    return (int)sys2(SYS_flock, fd, operation);
}

/* ---- mounts --------------------------------------------------------------------------------- */

static inline int sys_mount(const char *source, const char *target, const char *type,
                            unsigned long flags, const char *data)
{
    return (int)sys5(SYS_mount, (long)source, (long)target, (long)type, (long)flags, (long)data);
}
static inline int sys_umount2(const char *target, int flags)
{
    return (int)sys2(SYS_umount2, (long)target, flags);
}
static inline int sys_fsopen(const char *type, unsigned flags)
{
    return (int)sys2(SYS_fsopen, (long)type, flags);
}
static inline int sys_fsconfig(int fd, unsigned command, const char *key, const void *value,
                               int extra)
{
    return (int)sys5(SYS_fsconfig, fd, command, (long)key, (long)value, extra);
}
static inline int sys_fsmount(int fd, unsigned flags, unsigned attributes)
{
    return (int)sys3(SYS_fsmount, fd, flags, attributes);
}
static inline int sys_open_tree(int dirfd, const char *path, unsigned flags)
{
    return (int)sys3(SYS_open_tree, dirfd, (long)path, flags);
}
static inline int sys_move_mount(int from, const char *from_path, int to, const char *to_path,
                                 unsigned flags)
{
    return (int)sys5(SYS_move_mount, from, (long)from_path, to, (long)to_path, flags);
}
static inline int sys_mount_setattr(int dirfd, const char *path, unsigned flags,
                                    const struct mount_attr *attributes)
{
    return (int)sys5(SYS_mount_setattr, dirfd, (long)path, flags, (long)attributes,
                     sizeof *attributes);
}
static inline int sys_pivot_root(const char *new_root, const char *put_old)
{
    return (int)sys2(SYS_pivot_root, (long)new_root, (long)put_old);
}

/* ---- processes ------------------------------------------------------------------------------ */

static inline int sys_unshare(unsigned long types)
{
    return (int)sys1(SYS_unshare, (long)types);
}
static inline int sys_setns(int fd, int types)
{
    return (int)sys2(SYS_setns, fd, types);
}
static inline int sys_sethostname(const char *name, size_t size)
{
    return (int)sys2(SYS_sethostname, (long)name, (long)size);
}
static inline int sys_setdomainname(const char *name, size_t size)
{
    return (int)sys2(SYS_setdomainname, (long)name, (long)size);
}
static inline int sys_prctl(int option, long a, long b, long c, long d)
{
    return (int)sys5(SYS_prctl, option, a, b, c, d);
}
static inline int sys_setgroups(size_t count, const gid_t *groups)
{
    return (int)sys2(SYS_setgroups, (long)count, (long)groups);
}
static inline int sys_setresgid(gid_t real, gid_t effective, gid_t saved)
{
    return (int)sys3(SYS_setresgid, real, effective, saved);
}
static inline int sys_setresuid(uid_t real, uid_t effective, uid_t saved)
{
    return (int)sys3(SYS_setresuid, real, effective, saved);
}
static inline int sys_prlimit(int resource, const void *limit)
{
    return (int)sys4(SYS_prlimit64, 0, resource, (long)limit, 0);
}
static inline int sys_getresuid(uid_t *real, uid_t *effective, uid_t *saved)
{
    return (int)sys3(SYS_getresuid, (long)real, (long)effective, (long)saved);
}
static inline int sys_getresgid(gid_t *real, gid_t *effective, gid_t *saved)
{
    return (int)sys3(SYS_getresgid, (long)real, (long)effective, (long)saved);
}
static inline int sys_getpid(void)
{
    return (int)sys1(SYS_getpid, 0);
}
static inline int sys_kill(int pid, int signal)
{
    return (int)sys2(SYS_kill, pid, signal);
}
static inline int sys_wait4(int pid, int *status, int options)
{
    return (int)sys4(SYS_wait4, pid, (long)status, options, 0);
}
static inline int sys_execve(const char *path, char *const *argv, char *const *env)
{
    return (int)sys3(SYS_execve, (long)path, (long)argv, (long)env);
}
static inline int sys_execveat(int fd, const char *path, char *const *argv, char *const *env,
                               int flags)
{
    return (int)sys5(SYS_execveat, fd, (long)path, (long)argv, (long)env, flags);
}
static inline _Noreturn void sys_exit(int status)
{
    for (;;)
        sys1(SYS_exit_group, status);
}
/* The kernel's signal sets are one word on every machine that is supported. */
static inline int sys_sigprocmask(int how, const uint64_t *set, uint64_t *old)
{
    return (int)sys4(SYS_rt_sigprocmask, how, (long)set, (long)old, sizeof *set);
}
static inline int sys_sigaction(int signal, const void *action, void *old)
{
    return (int)sys4(SYS_rt_sigaction, signal, (long)action, (long)old, sizeof(uint64_t));
}
/* What a signal does without a handler, and without being ignored. */
static inline int sys_signal_default(int signal)
{
    static const struct {
        void *handler;
        unsigned long flags;
        void *restorer;
        uint64_t mask;
    } standard;
    return sys_sigaction(signal, &standard, NULL);
}
struct sys_signal { /* the kernel's siginfo_t, as far as all signals have it */
    int signal, error, code;
    char rest[116];
};
static inline int sys_sigtimedwait(const uint64_t *set, struct sys_signal *info,
                                   const void *timeout)
{
    return (int)sys4(SYS_rt_sigtimedwait, (long)set, (long)info, (long)timeout, sizeof *set);
}
/* To the calling thread, again, with all that is known of it. */
static inline void sys_signal_again(const struct sys_signal *info)
{
    sys4(SYS_rt_tgsigqueueinfo, sys1(SYS_getpid, 0), sys1(SYS_gettid, 0), info->signal, (long)info);
}
static inline void *sys_mmap(void *address, size_t size, int protection, int flags, int fd,
                             off_t offset)
{
    return (void *)sys6(SYS_mmap, (long)address, (long)size, protection, flags, fd, offset);
}
/* Zeroed memory of this process's own. */
static inline void *sys_map_anew(size_t size)
{
    return sys_mmap(NULL, size, 3 /* read, write */, 0x22 /* private, anonymous */, -1, 0);
}
/* True for what these returned when it failed; the value itself is then -errno. */
static inline bool sys_failed(const void *address)
{
    return (unsigned long)address >= -4095UL;
}

#endif
