/* SPDX-License-Identifier: MIT */
/*
 * Why the kernel refused a namespace. It says EPERM, ENOSPC or EINVAL; which of their causes it is
 * can be found out.
 */
#ifndef NAMESPACE_REFUSAL_H
#define NAMESPACE_REFUSAL_H

#include <scratch/error.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Fill in cause and hint of an error that making new namespaces, or working in a new user
 * namespace, ended with. It stays as it is when nothing is found.
 */
void namespace_refusal(struct scratch_error *err, uint64_t types);

/* The same for joining namespaces. */
void namespace_join_refusal(struct scratch_error *err, uint64_t types);

/*
 * The part of it that is about user namespaces: what keeps the caller from having one that works.
 * False: nothing was found.
 */
bool namespace_user_refusal(struct scratch_error *err);

/* How many threads the process has. */
unsigned namespace_threads(void);

#endif
