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

/* The same for a child that is a copy of the caller: own ids where no maps are given. */
int namespace_compile_begin_call(struct builder *b,
                                 const struct scratch_namespace_options *options);

/* Host steps: a range of ids for each start. */
int namespace_compile_host(struct builder *b);

/* The clone, with CLONE_INTO_CGROUP when group is a slot (v2) and not -1; id maps. */
int namespace_compile_clone(struct builder *b, const struct scratch_namespace_options *options,
                            int group);

/* In a user namespace without maps: the caller's own user and group become id 0. */
void namespace_compile_own_ids(struct builder *b, enum step_side side);

/* A new mount namespace keeps its mounts to itself. */
void namespace_compile_private(struct builder *b, enum step_side side);

/*
 * All of it for a child that is a copy of the caller (scratch_namespace_call): the clone is the
 * first step, and time namespaces with offsets are made by the child.
 */
int namespace_compile_call(struct builder *b, const struct scratch_namespace_options *options);

/* What the container does once it is in its group: cgroup namespace, joins, names. */
int namespace_compile_inside(struct builder *b, const struct scratch_namespace_options *options);

/* When /proc is there: what of /proc/sys belongs to the new namespaces. */
int namespace_compile_sysctl(struct builder *b, const struct scratch_namespace_options *options);

/*
 * The maps of a user namespace that is joined by its path: those of the process whose the path is;
 * else what the spec says of it; else all ids are taken for mapped, and the kernel says what is
 * not.
 */
int namespace_find_maps(struct builder *b, const struct scratch_namespace_options *options,
                        const char *path);

/*
 * To join a container: begin with those namespaces of a process that are not the caller's own. What
 * follows is done by a process in all of them, which is the caller's child.
 */
int namespace_compile_join_begin(struct builder *b, pid_t pid, uint64_t *types);
int namespace_compile_join(struct builder *b, pid_t pid, int pidfd, uint64_t types);

#endif
