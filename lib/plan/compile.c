/* SPDX-License-Identifier: MIT */
#include "plan/compile.h"
#include "cgroup/compile.h"
#include "hook/compile.h"
#include "mount/compile.h"
#include "mount/options.h"
#include "namespace/compile.h"
#include "network/compile.h"
#include "plan/prepare.h"
#include "plan/words.h"
#include "process/compile.h"
#include "rootfs/compile.h"
#include "state/directory.h"
#include "state/keep.h"
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
    struct scratch_keep_options keep;
    struct scratch_hook_options hooks;
    struct hook_files hook_files;
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
    *p = (struct parts){
        SCRATCH_NAMESPACE_OPTIONS_INIT, SCRATCH_ROOTFS_OPTIONS_INIT,   SCRATCH_CGROUP_OPTIONS_INIT,
        SCRATCH_PROCESS_OPTIONS_INIT,   SCRATCH_TERMINAL_OPTIONS_INIT, SCRATCH_NETWORK_OPTIONS_INIT,
        SCRATCH_KEEP_OPTIONS_INIT,      SCRATCH_HOOK_OPTIONS_INIT,     {-1, -1}};
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
    if (rc == 0)
        rc = take(b, &p->keep, sizeof p->keep, spec->keep, "keep options");
    if (rc == 0)
        rc = take(b, &p->hooks, sizeof p->hooks, spec->hooks, "hook options");
    return rc;
}

static struct mount_list mounts_of(const struct scratch_spec *spec, const struct parts *p)
{
    struct mount_list list = {
        .mount = spec->mounts,
        .count = spec->mount_count,
        .make = rootfs_has_upper(&p->rootfs) || spec->oci_mounts,
        .root = p->rootfs.kind == SCRATCH_ROOTFS_DIRECTORY ? p->rootfs.path : NULL,
        .oci = spec->oci_mounts,
        .tied = p->rootfs.propagation && *p->rootfs.propagation,
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

/*
 * How the copy of the host's mounts is tied to the host's. What is mounted from here on stays
 * inside, but where the root is to be shared: then binds of it may ask to spread. "/" itself is cut
 * off in any case, for the new root will lie over it.
 */
static int compile_propagation(struct builder *b, const struct scratch_rootfs_options *o)
{
    const char *word = o->propagation ? o->propagation : "";
    uint64_t flags = mount_propagation_flags(word, strlen(word));
    if (*word && !flags)
        return error_set(b->err, EINVAL, "propagation of the root", word,
                         "private, slave, shared or unbindable, or with an r before it");
    if (!((b->namespaces | b->joined) & ~b->ready & SCRATCH_NS_MNT))
        return 0;
    if (flags & MOUNT_SHARED || b->joined & SCRATCH_NS_MNT)
        mount_put_propagation(b, "/", MOUNT_PRIVATE, 0);
    else if (flags & MOUNT_SLAVE)
        mount_put_propagation(b, "/", MOUNT_SLAVE | MOUNT_REC, 0);
    else
        namespace_compile_private(b, STEP_CONTAINER);
    return 0;
}

/* False where the host would see the new root, if it were attached at its path. */
static bool is_apart(const struct builder *b, const struct scratch_rootfs_options *o)
{
    const char *word = o->propagation ? o->propagation : "";
    return !(mount_propagation_flags(word, strlen(word)) & MOUNT_SHARED) &&
           !(b->joined & SCRATCH_NS_MNT);
}

/* The file systems: from the host's tree to the one that is entered. */
static int compile_files(struct builder *b, const struct scratch_spec *spec, const struct parts *p)
{
    bool unchanged = p->rootfs.kind == SCRATCH_ROOTFS_UNCHANGED;
    b->relative = spec->hooks; /* they begin in the caller's working directory */
    b->root_in_place = hook_has_create(&p->hooks) && is_apart(b, &p->rootfs);
    int rc = compile_propagation(b, &p->rootfs);
    const struct mount_list mounts = mounts_of(spec, p);
    if (rc == 0 && !unchanged)
        rc = mount_compile_trees(b, &mounts);
    if (rc == 0)
        rc = rootfs_compile_root(b, &p->rootfs);
    if (rc < 0)
        return rc;
    /* What is mounted in it does not show outside. */
    if (p->rootfs.propagation || b->joined & SCRATCH_NS_MNT)
        mount_put_propagation(b, "/", MOUNT_PRIVATE | MOUNT_REC, 0);
    if (!unchanged && p->rootfs.standard_mounts)
        mount_compile_standard(b, p->rootfs.shm_size, p->rootfs.host_devices);
    if (spec->network) /* before the caller's mounts, which may lie over it */
        rc = network_compile_files(b, &p->network, p->rootfs.kind);
    bool late = spec->oci_mounts; /* /dev is one of the mounts */
    if (rc == 0 && !unchanged && !late)
        rc = mount_compile_devices(b, &p->rootfs, mounts.make);
    if (rc == 0)
        rc = mount_compile(b, &mounts);
    if (p->rootfs.default_devices)
        mount_compile_default_devices(b);
    if (rc == 0 && !unchanged && late)
        rc = mount_compile_devices(b, &p->rootfs, mounts.make);
    if (!unchanged && p->process.make_cwd && p->process.cwd)
        mount_compile_directory(b, p->process.cwd);
    hook_compile_create(b, &p->hooks, &p->hook_files);
    if (rc == 0)
        rc = namespace_compile_sysctl(b, &p->namespaces);
    if (rc < 0)
        return rc;
    if (rc == 0 && spec->terminal) /* /dev/pts is there */
        rc = terminal_compile(b, &p->terminal, p->process.uid,
                              !unchanged &&
                                  (p->rootfs.standard_mounts || p->rootfs.default_devices));
    mount_compile_filled(b);
    if (!unchanged && p->rootfs.mask_paths)
        rc = mount_compile_masks(b, &p->rootfs);
    return rc < 0 ? rc : rootfs_compile_enter(b, &p->rootfs);
}

/* Who creates a container ends before it; and pid 1 alone can hold a terminal that nobody has. */
static int check_keep(struct builder *b, const struct scratch_spec *spec, const struct parts *p)
{
    if (!spec->keep)
        return 0;
    if (p->keep.wait && p->process.die_with_parent)
        return error_because(b->err, EINVAL, "keep options", "wait",
                             "one that waits to be started outlives its creator",
                             "leave die_with_parent out");
    if (p->keep.log && spec->terminal && !process_is_supervised(b, &p->process))
        return error_because(b->err, EINVAL, "terminal", NULL,
                             "nobody would hold its other end, for scratch-init does not stay",
                             "set init, or leave the terminal out");
    return 0;
}

static struct keep_about about_of(const struct scratch_spec *spec, const struct parts *p)
{
    bool host = p->rootfs.kind == SCRATCH_ROOTFS_HOST || p->rootfs.kind == SCRATCH_ROOTFS_UNCHANGED;
    return (struct keep_about){
        .rootfs = host || !p->rootfs.path ? "" : p->rootfs.path,
        .process = &p->process,
        .terminal = spec->terminal,
    };
}

/* The order of a container's life. */
static int compile_steps(struct builder *b, const struct scratch_spec *spec)
{
    struct parts p;
    struct cgroup_join join;
    int rc = take_parts(b, spec, &p);
    b->keep_groups = p.process.keep_groups;
    if (rc == 0)
        rc = namespace_compile_begin(b, &p.namespaces);
    const struct mount_list mounts = mounts_of(spec, &p);
    const struct keep_about about = about_of(spec, &p);
    if (rc == 0)
        rc = check_keep(b, spec, &p);
    if (rc == 0 && spec->keep)
        rc = state_compile_keep(b, &p.keep);
    if (rc == 0)
        rc = namespace_compile_host(b);
    if (rc == 0)
        rc = rootfs_compile_host(b, &p.rootfs);
    if (rc == 0)
        rc = mount_compile_sources(b, &mounts);
    if (rc == 0)
        rc = mount_compile_made_nodes(b, &p.rootfs);
    if (rc == 0)
        rc = cgroup_compile_make(b, &p.cgroup, &join);
    if (rc == 0)
        rc = prepare_compile(b, spec, &p.rootfs);
    if (rc == 0)
        rc = hook_compile_begin(b, &p.hooks, &p.hook_files);
    if (rc == 0)
        rc = namespace_compile_clone(b, &p.namespaces, join.clone_into);
    if (rc == 0)
        rc = process_compile_begin(b, &p.process);
    if (rc == 0)
        rc = cgroup_compile_join(b, &join);
    if (rc == 0)
        rc = namespace_compile_inside(b, &p.namespaces);
    if (rc == 0 && builder_enters_pids(b))
        rc = process_compile_apart(b, &p.process);
    if (rc == 0)
        rc = compile_network(b, &p.network);
    if (rc == 0)
        rc = process_compile_labels(b, &p.process);
    if (rc == 0)
        rc = compile_files(b, spec, &p);
    if (rc == 0 && spec->keep && p.keep.wait && p.process.argv && p.process.argv[0])
        process_compile_look_up(b, &p.process);
    if (rc == 0 && spec->keep)
        state_compile_created(b, &p.keep, &about);
    if (rc == 0)
        rc = process_compile_confine(b, &p.process, hook_has_start(&p.hooks));
    if (rc < 0)
        return rc;
    hook_compile_start(b, &p.hooks, &p.hook_files);
    process_compile_exec(b, &p.process);
    return 0;
}

int plan_finish(struct builder *b, int rc, scratch_plan **result)
{
    if (rc == 0)
        rc = builder_finish(b);
    struct scratch_plan *plan = rc == 0 ? calloc(1, sizeof *plan) : NULL;
    if (!plan) {
        builder_free(b);
        return rc < 0 ? rc : error_set(b->err, ENOMEM, "compile the plan", NULL, NULL);
    }
    plan->references = 1;
    plan->block = (struct plan_block *)b->block.data;
    plan->warnings = b->warnings;
    plan->warning_count = b->warning_count;
    memcpy(plan->fd, b->fd, sizeof plan->fd);
    *result = plan;
    return 0;
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
    return plan_finish(&b, rc, result);
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
