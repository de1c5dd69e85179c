/* SPDX-License-Identifier: MIT */
/*
 * In the spirit of what engines allow by default: everything that ordinary programs call, less what
 * reaches the host (its clock, modules, reboot, swap), what has no namespace (keyrings), and what
 * is mostly known for the kernel's mistakes in it (io_uring, userfaultfd, bpf, new user
 * namespaces).
 *
 * No 32-bit calls: a filter sees numbers and registers, and there socketcall(2) hides its
 * arguments in memory.
 */
#include "process/seccomp_table.h"

#include <linux/capability.h>
#include <linux/sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define CAP(number) (UINT64_C(1) << (number))
#define ALWAYS      UINT64_C(0)
#define ADMIN       CAP(CAP_SYS_ADMIN)

/* CLONE_NEWTIME is not among clone's: its bit is one of the exit signal's there. */
#define CLONE_NEW                                                                                  \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |  \
     CLONE_NEWNET)
#define UNSHARE_NEW (CLONE_NEW | CLONE_NEWTIME)

const struct seccomp_group seccomp_groups[] = {
    /* Files: opening, reading, writing. */
    {ALWAYS, "open openat openat2 creat close close_range read write readv writev pread64 pwrite64 "
             "preadv pwritev preadv2 pwritev2 lseek dup dup2 dup3 fcntl flock pipe pipe2 sendfile "
             "splice tee vmsplice copy_file_range fsync fdatasync sync syncfs sync_file_range "
             "fallocate truncate ftruncate readahead fadvise64 ioctl"},
    {ALWAYS, "io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents"},
    /* Files: names and attributes. */
    {ALWAYS, "stat lstat fstat newfstatat statx statfs fstatfs access faccessat faccessat2 "
             "readlink readlinkat getcwd chdir fchdir getdents getdents64 rename renameat "
             "renameat2 link linkat symlink symlinkat unlink unlinkat mkdir mkdirat rmdir mknod "
             "mknodat chmod fchmod fchmodat fchmodat2=452 chown lchown fchown fchownat umask utime "
             "utimes futimesat utimensat file_getattr=468 file_setattr=469 name_to_handle_at"},
    {ALWAYS, "setxattr lsetxattr fsetxattr setxattrat=463 getxattr lgetxattr fgetxattr "
             "getxattrat=464 listxattr llistxattr flistxattr listxattrat=465 removexattr "
             "lremovexattr fremovexattr removexattrat=466"},
    {ALWAYS, "inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark"},
    /* What /proc/self/mountinfo shows as well. */
    {ALWAYS, "statmount=457 listmount=458"},
    /* Waiting. */
    {ALWAYS, "select pselect6 poll ppoll epoll_create epoll_create1 epoll_ctl epoll_wait "
             "epoll_pwait epoll_pwait2 eventfd eventfd2 signalfd signalfd4"},
    /* Memory. */
    {ALWAYS, "brk mmap munmap mremap mprotect msync mincore madvise mlock mlock2 munlock mlockall "
             "munlockall remap_file_pages pkey_alloc pkey_free pkey_mprotect memfd_create "
             "memfd_secret mseal=462 map_shadow_stack=453 cachestat=451 membarrier"},
    /* Processes. clone(2) is below, with conditions. */
    {ALWAYS, "fork vfork execve execveat exit exit_group wait4 waitid getpid getppid gettid "
             "set_tid_address pidfd_open pidfd_send_signal process_mrelease kill tkill tgkill "
             "setpgid getpgid getpgrp setsid getsid prctl arch_prctl set_thread_area "
             "get_thread_area rseq ptrace seccomp landlock_create_ruleset landlock_add_rule "
             "landlock_restrict_self restart_syscall"},
    /* The kernel puts this one into functions that are probed (6.11, x86-64). */
    {ALWAYS, "uretprobe=335"},
    {ALWAYS, "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait "
             "rt_sigqueueinfo rt_tgsigqueueinfo rt_sigsuspend sigaltstack pause"},
    {ALWAYS, "futex futex_waitv futex_wake=454 futex_wait=455 futex_requeue=456 set_robust_list "
             "get_robust_list"},
    {ALWAYS, "sched_yield sched_setparam sched_getparam sched_setscheduler sched_getscheduler "
             "sched_setattr sched_getattr sched_get_priority_max sched_get_priority_min "
             "sched_rr_get_interval sched_setaffinity sched_getaffinity getpriority setpriority "
             "ioprio_get ioprio_set getcpu"},
    /* Users and limits. What a call may do is up to the capabilities. */
    {ALWAYS, "getuid geteuid getgid getegid getresuid getresgid getgroups setuid setgid setreuid "
             "setregid setresuid setresgid setfsuid setfsgid setgroups capget capset getrlimit "
             "setrlimit prlimit64 getrusage times sysinfo uname"},
    /* Time. The adjtimex calls also read, and ask for CAP_SYS_TIME when they do not. */
    {ALWAYS, "time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep alarm "
             "getitimer setitimer timer_create timer_settime timer_gettime timer_getoverrun "
             "timer_delete timerfd_create timerfd_settime timerfd_gettime adjtimex clock_adjtime"},
    {ALWAYS, "getrandom"},
    /* Sockets, and System V's and POSIX's ways between processes. */
    {ALWAYS, "socket socketpair bind listen accept accept4 connect shutdown getsockname "
             "getpeername getsockopt setsockopt sendto recvfrom sendmsg recvmsg sendmmsg "
             "recvmmsg"},
    {ALWAYS, "shmget shmat shmctl shmdt semget semop semtimedop semctl msgget msgsnd msgrcv msgctl "
             "mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr"},

    /* What a capability was given for. */
    {ADMIN, "mount umount2 pivot_root mount_setattr move_mount open_tree open_tree_attr=467 fsopen "
            "fsconfig fsmount fspick setns clone clone3 unshare sethostname setdomainname quotactl "
            "quotactl_fd fanotify_init lookup_dcookie lsm_get_self_attr=459 lsm_set_self_attr=460 "
            "lsm_list_modules=461 add_key keyctl request_key"},
    {ADMIN | CAP(CAP_BPF), "bpf"},
    {ADMIN | CAP(CAP_PERFMON), "perf_event_open"},
    {ADMIN | CAP(CAP_SYSLOG), "syslog"},
    {CAP(CAP_SYS_PTRACE), "process_vm_readv process_vm_writev kcmp pidfd_getfd userfaultfd"},
    {CAP(CAP_SYS_PTRACE) | CAP(CAP_SYS_NICE), "process_madvise"},
    {CAP(CAP_SYS_NICE), "get_mempolicy set_mempolicy set_mempolicy_home_node mbind migrate_pages "
                        "move_pages"},
    {CAP(CAP_DAC_READ_SEARCH), "open_by_handle_at"},
    {CAP(CAP_SYS_BOOT), "reboot kexec_load kexec_file_load"},
    {CAP(CAP_SYS_CHROOT), "chroot"},
    {CAP(CAP_SYS_MODULE), "init_module finit_module delete_module"},
    {CAP(CAP_SYS_PACCT), "acct"},
    {CAP(CAP_SYS_RAWIO), "iopl ioperm"},
    {CAP(CAP_SYS_TIME), "settimeofday clock_settime"},
    {CAP(CAP_SYS_TTY_CONFIG), "vhangup"},
    {0, NULL},
};

#define WHOLE UINT64_MAX

const struct seccomp_condition seccomp_conditions[] = {
    {ADMIN, "clone", 0, CLONE_NEW, 0},
    {ADMIN, "unshare", 0, UNSHARE_NEW, 0},
    /* To ask, to be a Linux process of 32 or 64 bits, and to see "2.6" as the release. */
    {0, "personality", 0, WHOLE, 0xffffffff},
    {0, "personality", 0, WHOLE, 0x0 /* PER_LINUX */},
    {0, "personality", 0, WHOLE, 0x8 /* PER_LINUX32 */},
    {0, "personality", 0, WHOLE, 0x20000 /* UNAME26 */},
    {0, "personality", 0, WHOLE, 0x20008},
    {0, NULL, 0, 0, 0},
};

const struct seccomp_refusal seccomp_refusals[] = {
    /* They push input into a terminal, and whoever reads it outside takes it for typed. */
    {"ioctl", 1, TIOCSTI},
    {"ioctl", 1, TIOCLINUX},
    /* It has no namespace: it talks to the hypervisor, or to other machines on it. */
    {"socket", 0, AF_VSOCK},
    {NULL, 0, 0},
};

const struct seccomp_absence seccomp_absences[] = {
    /* Its flags lie in memory, where a filter cannot look. C libraries call clone(2) then. */
    {ADMIN, "clone3"},
    {0, NULL},
};
