/* SPDX-License-Identifier: MIT */
/**
 * @file scratch.h
 * All of libscratch: namespaces, mounts, root file systems, control groups and processes as steps
 * to call alone (namespace.h, mount.h, rootfs.h, cgroup.h, process.h, terminal.h), and containers
 * assembled from them (plan.h), or from a bundle of the OCI runtime specification (oci.h), which
 * may stay (container.h).
 *
 * The headers are C11, and C++17.
 */
#ifndef SCRATCH_SCRATCH_H
#define SCRATCH_SCRATCH_H

#include <scratch/cgroup.h>
#include <scratch/container.h>
#include <scratch/error.h>
#include <scratch/figures.h>
#include <scratch/hook.h>
#include <scratch/mount.h>
#include <scratch/namespace.h>
#include <scratch/network.h>
#include <scratch/oci.h>
#include <scratch/plan.h>
#include <scratch/process.h>
#include <scratch/rootfs.h>
#include <scratch/terminal.h>
#include <scratch/version.h>

#endif
