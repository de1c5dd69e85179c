/* SPDX-License-Identifier: MIT */
#include "plan/plan.h"
#include "cgroup/compile.h"
#include "mount/compile.h"
#include "namespace/compile.h"
#include "network/compile.h"
#include "plan/prepare.h"
#include "plan/words.h"
#include "process/compile.h"
#include "rootfs/compile.h"
#include "state/claim.h"
#include "state/directory.h"
#include "terminal/compile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The parts of a spec, with defaults where the caller gave none. */
struct parts {
    struct scratch_namespace_options namespaces;
    struct scratch_rootfs_options rootfs;
    struct scratch_cgroup_options cgroup;
    struct scratch_process_options process;
    struct scratch_terminal_options terminal;
    struct scratch_network_options network;
};

/*
 * Copy a caller's options over the defaults: a caller that was built with older headers gives a
 * shorter struct, and the defaults stay for what it does not have. A longer one is from newer
 * headers, and asks for what this library does not know.
 */
static int take(struct builder *b, void *part, size_t size, const void *given, const char *what)
{
    size_t given_size;
    if (!given)
        return 0;
    memcpy(&given_size, given, sizeof given_size);
    if (given_size < sizeof given_size || given_size > size)
        return error_because(b->err, EINVAL, what, NULL,
                             "its size is not one that this library knows",
                             "begin with SCRATCH_…_INIT, and link the library of these headers");
    memcpy(part, given, given_size);
    return 0;
}

static int take_parts(struct builder *b, const struct scratch_spec *spec, struct parts *p)
{
    *p = (struct parts){SCRATCH_NAMESPACE_OPTIONS_INIT, SCRATCH_ROOTFS_OPTIONS_INIT,
                        SCRATCH_CGROUP_OPTIONS_INIT,    SCRATCH_PROCESS_OPTIONS_INIT,
                        SCRATCH_TERMINAL_OPTIONS_INIT,  SCRATCH_NETWORK_OPTIONS_INIT};
    int rc = take(b, &p->namespaces, sizeof p->namespaces, spec->namespaces, "namespace options");
    if (rc == 0)
        rc = take(b, &p->rootfs, sizeof p->rootfs, spec->rootfs, "rootfs options");
    if (rc == 0)
        rc = take(b, &p->cgroup, sizeof p->cgroup, spec->cgroup, "cgroup options");
    if (rc == 0)
        rc = take(b, &p->process, sizeof p->process, spec->process, "process options");
    if (rc == 0)
        rc = take(b, &p->terminal, sizeof p->terminal, spec->terminal, "terminal options");
    if (rc == 0)
        rc = take(b, &p->network, sizeof p->network, spec->network, "network options");
    return rc;
}

static struct mount_list mounts_of(const struct scratch_spec *spec, const struct parts *p)
{
    struct mount_list list = {
        .mount = spec->mounts,
        .count = spec->mount_count,
        .make = rootfs_has_upper(&p->rootfs),
    };
    list.named = !process_known_ids(&p->process, &list.uid, &list.gid);
    return list;
}

/* What the network's program is spoken to through is in the state directory. */
static int compile_network(struct builder *b, const struct scratch_network_options *o)
{
    char state[STATE_PATH] = "";
    int rc = network_needs_state(o) ? state_path(state, "make slirp4netns's socket", b->err) : 0;
    return rc < 0 ? rc : network_compile(b, o, state);
}

/* The file systems: from the host's tree to the one that is entered. */
static int compile_files(struct builder *b, const struct scratch_spec *spec, const struct parts *p)
{
    bool unchanged = p->rootfs.kind == SCRATCH_ROOTFS_UNCHANGED;
    if (b->namespaces & ~b->ready & SCRATCH_NS_MNT) /* what is mounted from here on stays inside */
        namespace_compile_private(b, STEP_CONTAINER);
    int rc = rootfs_compile_root(b, &p->rootfs);
    if (rc < 0)
        return rc;
    if (!unchanged && p->rootfs.standard_mounts)
        mount_compile_standard(b, p->rootfs.shm_size, p->rootfs.host_devices);
    if (!unchanged && spec->network) /* before the caller's mounts, which may lie over it */
        rc = network_compile_files(b, &p->network, p->rootfs.kind == SCRATCH_ROOTFS_HOST);
    const struct mount_list mounts = mounts_of(spec, p);
    if (rc == 0 && !unchanged)
        rc = mount_compile_devices(b, &p->rootfs, mounts.make);
    if (rc == 0)
        rc = mount_compile(b, &mounts);
    if (rc == 0)
        rc = namespace_compile_sysctl(b, &p->namespaces);
    if (rc < 0)
        return rc;
    if (spec->terminal) /* /dev/pts is there */
        terminal_compile(b, &p->terminal, p->process.uid, !unchanged && p->rootfs.standard_mounts);
    if (!unchanged && p->rootfs.mask_paths)
        rc = mount_compile_masks(b, &p->rootfs);
    return rc < 0 ? rc : rootfs_compile_enter(b, &p->rootfs);
}

/* The order of a container's life. */
static int compile_steps(struct builder *b, const struct scratch_spec *spec)
{
    struct parts p;
    struct cgroup_join join;
    int rc = take_parts(b, spec, &p);
    if (rc == 0)
        rc = namespace_compile_begin(b, &p.namespaces);
    const struct mount_list mounts = mounts_of(spec, &p);
    if (rc == 0 && spec->claim_id)
        rc = state_compile_claim(b);
    if (rc == 0)
        rc = namespace_compile_host(b);
    if (rc == 0)
        rc = rootfs_compile_host(b, &p.rootfs);
    if (rc == 0)
        rc = mount_compile_sources(b, &mounts);
    if (rc == 0)
        rc = cgroup_compile_make(b, &p.cgroup, &join);
    if (rc == 0)
        rc = prepare_compile(b, spec, &p.rootfs);
    if (rc == 0)
        rc = namespace_compile_clone(b, &p.namespaces, join.clone_into);
    if (rc == 0)
        rc = process_compile_begin(b, &p.process);
    if (rc == 0)
        rc = cgroup_compile_join(b, &join);
    if (rc == 0)
        rc = namespace_compile_inside(b, &p.namespaces);
    if (rc == 0 && b->joined & SCRATCH_NS_PID)
        rc = process_compile_apart(b, &p.process);
    if (rc == 0)
        rc = compile_network(b, &p.network);
    if (rc == 0)
        rc = process_compile_labels(b, &p.process);
    if (rc == 0)
        rc = compile_files(b, spec, &p);
    if (rc == 0)
        rc = process_compile(b, &p.process);
    return rc;
}

int scratch_plan_compile(const struct scratch_spec *given, scratch_plan **result,
                         struct scratch_error *err)
{
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    struct builder b;
    *result = NULL;
    builder_begin(&b, err);
    int rc = take(&b, &spec, sizeof spec, given, "spec");
    if (rc == 0)
        rc = compile_steps(&b, &spec);
    if (rc == 0)
        rc = builder_finish(&b);
    struct scratch_plan *plan = rc == 0 ? calloc(1, sizeof *plan) : NULL;
    if (!plan) {
        builder_free(&b);
        return rc < 0 ? rc : error_set(err, ENOMEM, "compile the plan", NULL, NULL);
    }
    plan->references = 1;
    plan->block = (struct plan_block *)b.block.data;
    plan->warnings = b.warnings;
    plan->warning_count = b.warning_count;
    memcpy(plan->fd, b.fd, sizeof plan->fd);
    *result = plan;
    return 0;
}

void plan_release(struct scratch_plan *plan)
{
    if (!plan || atomic_fetch_sub(&plan->references, 1) > 1)
        return;
    for (uint32_t i = 0; i < plan->block->fd_count; i++)
        if (plan->fd[i] >= 0)
            close(plan->fd[i]);
    plan_free_words(plan);
    free(plan->warnings);
    free(plan->block);
    free(plan);
}

void scratch_plan_free(scratch_plan *plan)
{
    plan_release(plan);
}

int scratch_plan_warning(const scratch_plan *plan, size_t index, struct scratch_error *warning)
{
    if (index >= plan->warning_count)
        return -ERANGE;
    *warning = plan->warnings[index];
    return 0;
}
