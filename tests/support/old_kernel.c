/* SPDX-License-Identifier: MIT */
/*
 * old_kernel COMMAND [ARG...]: run a command to which the kernel's newer calls are not there, as on
 * a kernel before them, or in a sandbox whose filter is older than they are.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FAILED 126

static const int refused[] = {
    SYS_openat2, SYS_clone3,     SYS_fsopen,    SYS_fsconfig,      SYS_fsmount,
    SYS_fspick,  SYS_move_mount, SYS_open_tree, SYS_mount_setattr, SYS_memfd_create,
};
#define REFUSED (sizeof refused / sizeof *refused)

static int load_filter(void)
{
    struct sock_filter code[REFUSED + 3];
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    code[0] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (unsigned i = 0; i < REFUSED; i++)
        code[i + 1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)refused[i],
                                                   (unsigned char)(REFUSED - i), 0);
    code[REFUSED + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[REFUSED + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* no_new_privs would be seen by the tests: it is set only where the filter needs it. */
int main(int argc, char **argv)
{
    int rc = load_filter();
    if (argc < 2) {
        fprintf(stderr, "usage: old_kernel COMMAND [ARG...]\n");
        return FAILED;
    }
    if (rc < 0 && errno == EACCES && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        rc = load_filter();
    if (rc < 0) {
        perror("old_kernel: prctl(PR_SET_SECCOMP)");
        return FAILED;
    }
    execvp(argv[1], argv + 1);
    perror(argv[1]);
    return FAILED;
}
