/* SPDX-License-Identifier: MIT */
/*
 * Names of the kernel's numbers, as data.
 */
#ifndef STEP_NAMES_H
#define STEP_NAMES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct name_flag {
    const char *name; /* NULL ends a table */
    uint64_t value;
};

extern const struct name_flag names_namespaces[];      /* CLONE_NEW*, as in /proc/PID/ns */
extern const struct name_flag names_unshare_options[]; /* the same, as unshare(1) has them */
extern const struct name_flag names_attributes[];      /* MOUNT_ATTR_* */
extern const struct name_flag names_cleared[];         /* MOUNT_ATTR_* that is taken away */

/* Write the names of the bits that are set; "none" when there are none. */
void names_write_flags(FILE *out, const struct name_flag *names, uint64_t flags,
                       const char *between);
void names_write_propagation(FILE *out, uint64_t flags);

/* "cap_chown"; "cap_41" for one that has no name. name has room for CAPABILITY_NAME. */
void names_capability(int number, char *name);

/* True when there is no capability that is not in the set. */
bool names_every_capability(uint64_t set);

/* "chown, kill"; "none". */
void names_write_caps(FILE *out, uint64_t set, const char *between);

/* "nofile", as prlimit(1) and ulimit options have it. */
const char *names_rlimit(int resource);

/* The number of "RLIMIT_NOFILE"; -1: there is none of that name. */
int names_rlimit_number(const char *name);

/* What an ELF header calls a machine, as uname(2) says it: "aarch64"; "another machine". */
const char *names_machine(unsigned machine);

/* The signal that a status above 128 stands for: " (signal: bad system call)"; "" for others. */
void names_status_signal(unsigned status, char *text, size_t size);

#endif
