/* SPDX-License-Identifier: MIT */
/*
 * The namespaces' part of a plan, in the order in which it is called.
 */
#ifndef NAMESPACE_COMPILE_H
#define NAMESPACE_COMPILE_H

#include <scratch/namespace.h>
#include "step/builder.h"

/* Decide which namespaces there will be, and check the options. No steps yet. */
int namespace_compile_begin(struct builder *b, const struct scratch_namespace_options *options);

/* The clone, with CLONE_INTO_CGROUP when group is a slot (v2) and not -1; id maps; hiding. */
int namespace_compile_clone(struct builder *b, const struct scratch_namespace_options *options,
                            int group);

/* What the container does once it is in its group: cgroup namespace, joins, names. */
int namespace_compile_inside(struct builder *b, const struct scratch_namespace_options *options);

#endif
