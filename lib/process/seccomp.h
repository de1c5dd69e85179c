/* SPDX-License-Identifier: MIT */
/*
 * System call filters: the default one, and those of profiles.
 */
#ifndef PROCESS_SECCOMP_H
#define PROCESS_SECCOMP_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>
#include "base/json_read.h"

/* SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, since Linux 5.19; older headers do not have it. */
#define SECCOMP_WAIT_KILLABLE (1u << 5)

struct seccomp_library; /* libseccomp's functions */

/* What is loaded. */
struct seccomp_program {
    struct sock_filter *filter; /* to be freed */
    size_t count;
    uint32_t flags; /* SECCOMP_FILTER_FLAG_*; NEW_LISTENER where a rule asks the caller */
};

/*
 * The default profile for a set of capabilities. Where that set needs no more than the default one,
 * the filter was compiled when the library was built; else libseccomp compiles it now, and *built
 * is set to what the caller has to free(3).
 */
int seccomp_default_filter(uint64_t capabilities, const struct sock_filter **filter, size_t *count,
                           struct sock_filter **built, struct scratch_error *err);

/* The default profile for an architecture (AUDIT_ARCH_*), by libseccomp. *built is to be freed. */
int seccomp_build_filter(uint32_t arch, uint64_t capabilities, struct sock_filter **built,
                         size_t *count, struct scratch_error *err);

/* libseccomp, loaded; NULL: it is not installed. */
const struct seccomp_library *seccomp_library(struct scratch_error *err);

/*
 * The filter of a profile file, in the JSON of containers or of the OCI runtime specification, for
 * a set of capabilities. One that was compiled before comes from the cache.
 */
int seccomp_from_file(const char *path, uint64_t capabilities, struct seccomp_program *program,
                      struct scratch_error *err);

/*
 * The same of an object in a document, such as linux.seccomp of config.json. Its listenerPath and
 * listenerMetadata are left to whoever starts the container.
 */
int seccomp_from_object(const struct json_in *profile, uint64_t capabilities,
                        struct seccomp_program *program, struct scratch_error *err);

/* It is compiled in any case. */
int seccomp_from_json(const struct json_in *profile, uint64_t capabilities,
                      struct seccomp_program *program, struct scratch_error *err);

/* The words of profiles, one after the other; NULL: no more. */
enum seccomp_words {
    SECCOMP_ACTIONS,
    SECCOMP_OPERATORS,
    SECCOMP_ARCHITECTURES,
    SECCOMP_FLAGS,
};
const char *seccomp_word(enum seccomp_words which, size_t index);

/* Whether this kernel has that one of SECCOMP_FLAGS. */
bool seccomp_flag_works(size_t index);

/* True when this kernel knows all of some SECCOMP_FILTER_FLAG_*. */
bool seccomp_flags_known(uint32_t flags);

/*
 * True for what the kernel would load as a filter: nothing but a filter's instructions, jumps that
 * stay inside, a return at the end.
 */
bool seccomp_is_filter(const struct sock_filter *filter, size_t count);

#endif
