/* SPDX-License-Identifier: MIT */
/*
 * The default system call profile, as data: what is allowed, to whom.
 */
#ifndef PROCESS_SECCOMP_TABLE_H
#define PROCESS_SECCOMP_TABLE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The highest system call that this profile has an opinion on (the same number on every machine
 * since 5.1). Those above get ENOSYS, so that C libraries fall back as on an older kernel; those
 * below that are not in the table get EPERM.
 */
#define SECCOMP_NEWEST 469 /* file_setattr, 6.17 */

/*
 * Calls that any one of a set of capabilities allows; with an empty set they are always allowed.
 * "name=number" gives the number of a call that older releases of libseccomp do not know.
 */
struct seccomp_group {
    uint64_t capabilities;
    const char *calls;
};
extern const struct seccomp_group seccomp_groups[]; /* ends with calls NULL */

/* A call that is allowed when one argument, masked, has one value. */
struct seccomp_condition {
    uint64_t unless; /* with one of these capabilities it is allowed whatever its arguments are */
    const char *call;
    unsigned argument;
    uint64_t mask;
    uint64_t value;
};
extern const struct seccomp_condition seccomp_conditions[]; /* ends with call NULL */

/*
 * An argument that is refused, though its call is allowed. The low 32 bits are compared: the kernel
 * looks at no others (CVE-2019-10063).
 */
struct seccomp_refusal {
    const char *call;
    unsigned argument;
    uint32_t value;
};
extern const struct seccomp_refusal seccomp_refusals[]; /* ends with call NULL */

/* A call that gets ENOSYS without one of these capabilities: its caller has another way. */
struct seccomp_absence {
    uint64_t unless;
    const char *call;
};
extern const struct seccomp_absence seccomp_absences[]; /* ends with call NULL */

#endif
