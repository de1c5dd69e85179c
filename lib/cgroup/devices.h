/* SPDX-License-Identifier: MIT */
/*
 * Rules about device nodes: v1 reads them from files, v2 asks an eBPF program.
 */
#ifndef CGROUP_DEVICES_H
#define CGROUP_DEVICES_H

#include <linux/bpf.h>
#include <scratch/cgroup.h>
#include "base/error.h"

/* 0, or -EINVAL: a rule that no version could have. */
int devices_check(const struct scratch_cgroup_options *options, struct scratch_error *err);

/* 0, or -ENOTSUP: v1 would not do what the rules say, and not tell. */
int devices_check_v1(const struct scratch_cgroup_options *options, struct scratch_error *err);

/* "c 1:3 rwm" */
#define DEVICES_RULE 48
void devices_write_rule(char text[DEVICES_RULE], const struct scratch_cgroup_rule *rule);

/* The program, which the caller frees; its length, or -ENOMEM. */
int devices_program(const struct scratch_cgroup_options *options, struct bpf_insn **program);

#endif
