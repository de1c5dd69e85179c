#include "process/seccomp.h"
int seccomp_default_filter(uint64_t capabilities, const struct sock_filter **filter, size_t *count,
                           struct sock_filter **built, struct scratch_error *err)
{
    static const struct sock_filter allow[] = {BPF_STMT(BPF_RET | BPF_K, 0x7fff0000)};
    (void)capabilities;
    (void)err;
    (void)built;
    *filter = allow;
    *count = 1;
    return 0;
}
