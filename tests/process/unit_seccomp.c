/* SPDX-License-Identifier: MIT */
/*
 * What the default system call filter says, asked of the filter itself by a small interpreter of
 * the kernel's BPF.
 */
#include "support/test.h"
#include "process/bpf.h"
#include "process/seccomp.h"
#include "process/seccomp_table.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif

#define ALLOWED    SECCOMP_RET_ALLOW
#define ERROR(num) (SECCOMP_RET_ERRNO | (num))
#define HIGH_BITS  (UINT64_C(0x5a5a) << 32)

struct filter {
    const struct sock_filter *code;
    size_t count;
    struct sock_filter *built;
};

static struct filter filter_for(uint64_t capabilities)
{
    struct scratch_error err;
    struct filter f;
    TEST_OK(seccomp_default_filter(capabilities, &f.code, &f.count, &f.built, &err), &err);
    return f;
}

static uint32_t verdict(const struct filter *f, long number, uint64_t argument0, uint64_t argument1)
{
    const struct seccomp_data data = {
        .nr = (int)number, .arch = ARCH, .args = {argument0, argument1}};
    return bpf_run(f->code, f->count, &data);
}

/* The verdict under the default capabilities. */
static uint32_t by_default(long number, uint64_t argument0, uint64_t argument1)
{
    struct filter f = filter_for(SCRATCH_CAP_DEFAULT);
    return verdict(&f, number, argument0, argument1);
}

static uint32_t with(int capability, long number)
{
    struct filter f = filter_for(SCRATCH_CAP_DEFAULT | SCRATCH_CAP(capability));
    uint32_t result = verdict(&f, number, 0, 0);
    free(f.built);
    return result;
}

/* ---- the default capabilities ---------------------------------------------------------------- */

static void what_programs_call_is_allowed(void **state)
{
    static const long calls[] = {SYS_read,       SYS_openat, SYS_execve, SYS_exit_group,
                                 SYS_mmap,       SYS_futex,  SYS_statx,  SYS_clock_gettime,
                                 SYS_getrandom,  SYS_ptrace, SYS_prctl,  SYS_close_range,
                                 SYS_setresuid,  SYS_chroot, SYS_capset, SYS_epoll_pwait2,
                                 SYS_futex_waitv};
    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (by_default(calls[i], 0, 0) != ALLOWED)
            fail_msg("call %ld is not allowed", calls[i]);
}

static void scratch_init_can_go_on_under_the_filter(void **state)
{
    static const long calls[] = {
        SYS_clone,        SYS_execve,         SYS_wait4, SYS_rt_sigtimedwait, SYS_kill,
        SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_mmap,  SYS_sendto,          SYS_close_range,
        SYS_faccessat,    SYS_umask,          SYS_read,  SYS_exit_group};
    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        assert_int_equal(by_default(calls[i], i == 0 ? CLONE_VM | CLONE_VFORK | 17 : 0, 0),
                         ALLOWED);
}

static void what_reaches_the_host_is_refused(void **state)
{
    static const long calls[] = {SYS_mount,
                                 SYS_umount2,
                                 SYS_pivot_root,
                                 SYS_setns,
                                 SYS_fsopen,
                                 SYS_move_mount,
                                 SYS_mount_setattr,
                                 SYS_bpf,
                                 SYS_reboot,
                                 SYS_swapon,
                                 SYS_keyctl,
                                 SYS_add_key,
                                 SYS_request_key,
                                 SYS_userfaultfd,
                                 SYS_kexec_load,
                                 SYS_init_module,
                                 SYS_finit_module,
                                 SYS_io_uring_setup,
                                 SYS_io_uring_enter,
                                 SYS_settimeofday,
                                 SYS_clock_settime,
                                 SYS_syslog,
                                 SYS_acct,
                                 SYS_vhangup,
                                 SYS_kcmp,
                                 SYS_perf_event_open,
                                 SYS_open_by_handle_at,
                                 SYS_process_vm_readv};
    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (by_default(calls[i], 0, 0) != ERROR(EPERM))
            fail_msg("call %ld gives 0x%x", calls[i], by_default(calls[i], 0, 0));
}

static void clone_makes_processes_but_no_namespaces(void **state)
{
    static const uint64_t types[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                     CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};
    (void)state;
    assert_int_equal(by_default(SYS_clone, 17, 0), ALLOWED);
    assert_int_equal(by_default(SYS_clone, CLONE_VM | CLONE_THREAD | CLONE_SIGHAND, 0), ALLOWED);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        assert_int_equal(by_default(SYS_clone, types[i] | 17, 0), ERROR(EPERM));
}

static void clone3_is_not_there_so_that_clone_is_called(void **state)
{
    (void)state;
    assert_int_equal(by_default(SYS_clone3, 0, 0), ERROR(ENOSYS));
    assert_int_equal(with(CAP_SYS_ADMIN, SYS_clone3), ALLOWED);
}

static void unshare_is_for_files_and_not_for_namespaces(void **state)
{
    (void)state;
    assert_int_equal(by_default(SYS_unshare, CLONE_FILES | CLONE_FS, 0), ALLOWED);
    assert_int_equal(by_default(SYS_unshare, CLONE_NEWUSER, 0), ERROR(EPERM));
    assert_int_equal(by_default(SYS_unshare, CLONE_NEWTIME, 0), ERROR(EPERM));
}

static void terminals_take_no_input_from_inside(void **state)
{
    (void)state;
    assert_int_equal(by_default(SYS_ioctl, 0, TCGETS), ALLOWED);
    assert_int_equal(by_default(SYS_ioctl, 0, TIOCSTI), ERROR(EPERM));
    assert_int_equal(by_default(SYS_ioctl, 0, TIOCLINUX), ERROR(EPERM));
    /* The kernel looks at the low half of the request alone. */
    assert_int_equal(by_default(SYS_ioctl, 0, HIGH_BITS | TIOCSTI), ERROR(EPERM));
    assert_int_equal(by_default(SYS_ioctl, 0, HIGH_BITS | TIOCLINUX), ERROR(EPERM));
}

static void sockets_do_not_reach_the_hypervisor(void **state)
{
    (void)state;
    assert_int_equal(by_default(SYS_socket, AF_UNIX, SOCK_STREAM), ALLOWED);
    assert_int_equal(by_default(SYS_socket, AF_INET6, SOCK_STREAM), ALLOWED);
    assert_int_equal(by_default(SYS_socket, AF_VSOCK, SOCK_STREAM), ERROR(EPERM));
    assert_int_equal(by_default(SYS_socket, HIGH_BITS | AF_VSOCK, SOCK_STREAM), ERROR(EPERM));
}

static void personalities_are_the_harmless_ones(void **state)
{
    (void)state;
    assert_int_equal(by_default(SYS_personality, 0xffffffff, 0), ALLOWED);
    assert_int_equal(by_default(SYS_personality, 0, 0), ALLOWED);
    assert_int_equal(by_default(SYS_personality, 0x8, 0), ALLOWED);
    assert_int_equal(by_default(SYS_personality, 0x0040000 /* no randomisation */, 0),
                     ERROR(EPERM));
    assert_int_equal(by_default(SYS_personality, 0x0100000 /* page 0 mapped */, 0), ERROR(EPERM));
}

static void unknown_calls_are_those_of_a_newer_kernel(void **state)
{
    (void)state;
    assert_int_equal(by_default(SECCOMP_NEWEST, 0, 0), ALLOWED); /* file_setattr */
    assert_int_equal(by_default(SECCOMP_NEWEST + 1, 0, 0), ERROR(ENOSYS));
    assert_int_equal(by_default(100000, 0, 0), ERROR(ENOSYS));
    assert_int_equal(by_default(-1, 0, 0), ERROR(ENOSYS));
}

static void calls_newer_than_libseccomp_are_known(void **state)
{
    static const int allowed[] = {451 /* cachestat */, 452 /* fchmodat2 */, 462 /* mseal */,
                                  463 /* setxattrat */};
    (void)state;
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        assert_int_equal(by_default(allowed[i], 0, 0), ALLOWED);
    assert_int_equal(by_default(467 /* open_tree_attr */, 0, 0), ERROR(EPERM));
    assert_int_equal(with(CAP_SYS_ADMIN, 467), ALLOWED);
}

static void other_architectures_have_no_way_around(void **state)
{
    struct filter f = filter_for(SCRATCH_CAP_DEFAULT);
    const struct seccomp_data foreign = {.nr = 3, .arch = AUDIT_ARCH_I386};
    (void)state;
    assert_int_equal(bpf_run(f.code, f.count, &foreign), SECCOMP_RET_KILL_PROCESS);
#if defined(__x86_64__)
    /* x32 has calls of its own at 512, and the 64-bit ones again. */
    for (long number = 0; number < 600; number++)
        assert_int_equal(by_default(0x40000000 | number, 0, 0), ERROR(ENOSYS));
#endif
}

/* ---- other capabilities ---------------------------------------------------------------------- */

static void each_capability_opens_what_it_is_for(void **state)
{
    static const struct {
        int capability;
        long call;
    } opened[] = {
        {CAP_SYS_ADMIN, SYS_mount},
        {CAP_SYS_ADMIN, SYS_setns},
        {CAP_SYS_ADMIN, SYS_bpf},
        {CAP_SYS_ADMIN, SYS_fsopen},
        {CAP_SYS_PTRACE, SYS_kcmp},
        {CAP_SYS_PTRACE, SYS_process_vm_writev},
        {CAP_SYS_BOOT, SYS_reboot},
        {CAP_SYS_MODULE, SYS_init_module},
        {CAP_SYS_TIME, SYS_clock_settime},
        {CAP_SYSLOG, SYS_syslog},
        {CAP_BPF, SYS_bpf},
        {CAP_PERFMON, SYS_perf_event_open},
        {CAP_SYS_NICE, SYS_mbind},
        {CAP_DAC_READ_SEARCH, SYS_open_by_handle_at},
        {CAP_SYS_PACCT, SYS_acct},
        {CAP_SYS_TTY_CONFIG, SYS_vhangup},
    };
    (void)state;
    for (size_t i = 0; i < sizeof opened / sizeof *opened; i++) {
        assert_int_equal(by_default(opened[i].call, 0, 0), ERROR(EPERM));
        assert_int_equal(with(opened[i].capability, opened[i].call), ALLOWED);
    }
}

static void an_administrator_may_make_namespaces(void **state)
{
    struct filter f = filter_for(SCRATCH_CAP_DEFAULT | SCRATCH_CAP(CAP_SYS_ADMIN));
    (void)state;
    assert_int_equal(verdict(&f, SYS_clone, CLONE_NEWUSER | 17, 0), ALLOWED);
    assert_int_equal(verdict(&f, SYS_unshare, CLONE_NEWNS, 0), ALLOWED);
    assert_int_equal(verdict(&f, SYS_ioctl, 0, HIGH_BITS | TIOCSTI), ERROR(EPERM));
    free(f.built);
}

static void the_default_filter_is_not_built_again(void **state)
{
    struct filter f = filter_for(SCRATCH_CAP_DEFAULT);
    (void)state;
    assert_null(f.built);
    f = filter_for(SCRATCH_CAP(CAP_KILL) | SCRATCH_CAP(CAP_NET_ADMIN));
    assert_null(f.built);
    f = filter_for(SCRATCH_CAP_ALL);
    assert_non_null(f.built);
    free(f.built);
}

static void the_filter_of_another_machine_says_the_same(void **state)
{
    /* arm64's own numbers: openat, mount, clone, ioctl, clone3. */
    static const struct {
        int number;
        uint64_t argument0, argument1;
        uint32_t verdict;
    } arm64[] = {
        {56, 0, 0, ALLOWED},
        {40, 0, 0, ERROR(EPERM)},
        {220, 17, 0, ALLOWED},
        {220, CLONE_NEWUSER | 17, 0, ERROR(EPERM)},
        {29, 0, HIGH_BITS | TIOCSTI, ERROR(EPERM)},
        {29, 0, TCGETS, ALLOWED},
        {435, 0, 0, ERROR(ENOSYS)},
        {SECCOMP_NEWEST + 1, 0, 0, ERROR(ENOSYS)},
    };
    struct sock_filter *code;
    struct scratch_error err;
    size_t count;
    (void)state;
    TEST_OK(seccomp_build_filter(AUDIT_ARCH_AARCH64, SCRATCH_CAP_DEFAULT, &code, &count, &err),
            &err);
    for (size_t i = 0; i < sizeof arm64 / sizeof *arm64; i++) {
        const struct seccomp_data data = {.nr = arm64[i].number,
                                          .arch = AUDIT_ARCH_AARCH64,
                                          .args = {arm64[i].argument0, arm64[i].argument1}};
        assert_int_equal(bpf_run(code, count, &data), arm64[i].verdict);
    }
    free(code);
}

/* ---- the table ------------------------------------------------------------------------------- */

/* A name that is misspelt would be refused without a word. */
static void every_name_in_the_table_is_a_system_call(void **state)
{
    void *library = dlopen("libseccomp.so.2", RTLD_NOW);
    (void)state;
    if (!library)
        TEST_SKIP("libseccomp is not installed");
    int (*resolve)(uint32_t, const char *);
    *(void **)&resolve = dlsym(library, "seccomp_syscall_resolve_name_arch");
    assert_non_null(resolve);
    for (const struct seccomp_group *g = seccomp_groups; g->calls; g++) {
        char *copy = strdup(g->calls), *rest = copy;
        for (char *word; (word = strtok_r(rest, " ", &rest));)
            if (!strchr(word, '=') && resolve(AUDIT_ARCH_X86_64, word) < 0 &&
                resolve(AUDIT_ARCH_AARCH64, word) < 0)
                fail_msg("%s is no system call", word);
        free(copy);
    }
    dlclose(library);
}

TEST_MAIN(what_programs_call_is_allowed, scratch_init_can_go_on_under_the_filter,
          what_reaches_the_host_is_refused, clone_makes_processes_but_no_namespaces,
          clone3_is_not_there_so_that_clone_is_called, unshare_is_for_files_and_not_for_namespaces,
          terminals_take_no_input_from_inside, sockets_do_not_reach_the_hypervisor,
          personalities_are_the_harmless_ones, unknown_calls_are_those_of_a_newer_kernel,
          calls_newer_than_libseccomp_are_known, other_architectures_have_no_way_around,
          each_capability_opens_what_it_is_for, an_administrator_may_make_namespaces,
          the_default_filter_is_not_built_again, the_filter_of_another_machine_says_the_same,
          every_name_in_the_table_is_a_system_call)
