/* SPDX-License-Identifier: MIT */
/*
 * The smallest container that there is: new pid and mount namespaces, the caller's own root, no
 * filter. Tests of a start itself use it: nothing else can fail, and it takes a millisecond.
 */
#ifndef TEST_PLAN_MINIMAL_H
#define TEST_PLAN_MINIMAL_H

#include "support/test.h"

struct minimal {
    struct scratch_spec spec;
    struct scratch_namespace_options namespaces;
    struct scratch_rootfs_options rootfs;
    struct scratch_process_options process;
    const char *shell[4];
};

/* argv ends with NULL, and is borrowed. */
static inline void minimal_begin(struct minimal *m, const char *const *argv)
{
    *m = (struct minimal){
        SCRATCH_SPEC_INIT,
        SCRATCH_NAMESPACE_OPTIONS_INIT,
        SCRATCH_ROOTFS_OPTIONS_INIT,
        SCRATCH_PROCESS_OPTIONS_INIT,
        {0},
    };
    m->namespaces.create = SCRATCH_NS_PID | SCRATCH_NS_MNT;
    m->rootfs.kind = SCRATCH_ROOTFS_UNCHANGED;
    m->process.argv = argv;
    m->process.seccomp = SCRATCH_SECCOMP_NONE;
    m->spec.namespaces = &m->namespaces;
    m->spec.rootfs = &m->rootfs;
    m->spec.process = &m->process;
}

/* The same with sh -c SCRIPT. */
static inline void minimal_shell(struct minimal *m, const char *script)
{
    minimal_begin(m, NULL);
    m->shell[0] = "/bin/sh";
    m->shell[1] = "-c";
    m->shell[2] = script;
    m->process.argv = m->shell;
}

static inline scratch_plan *minimal_compile(const struct minimal *m)
{
    struct scratch_error err;
    scratch_plan *plan;
    TEST_OK(scratch_plan_compile(&m->spec, &plan, &err), &err);
    return plan;
}

/* Start a script, and do not wait for it. */
static inline scratch_container *minimal_start(const char *script, bool init)
{
    struct minimal m;
    struct scratch_error err;
    scratch_container *container;
    minimal_shell(&m, script);
    m.process.init = init;
    scratch_plan *plan = minimal_compile(&m);
    TEST_OK(scratch_plan_start(plan, NULL, &container, &err), &err);
    scratch_plan_free(plan);
    return container;
}

/* Wait for a container and free it; what scratch_container_wait() returned. */
static inline int minimal_end(scratch_container *container)
{
    int status = scratch_container_wait(container, NULL);
    scratch_container_free(container);
    return status;
}

#endif
