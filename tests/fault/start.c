/* SPDX-License-Identifier: MIT */
/*
 * start COMMAND...: run a command in a container with everything that a default one has, and limits
 * where the caller may set them. The status is the command's, or 125 with the error's sentence.
 *
 * start --forever: start containers, one of which stays for each that ends, until killed.
 * start --sweep: remove the groups that killed starters have left.
 *
 * $FAULT_ID: the container's id. $FAULT_IN_PLACE: without an init, and in place.
 */
#include <scratch/scratch.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int say(const char *what, const struct scratch_error *err)
{
    char line[SCRATCH_ERROR_LINE];
    scratch_error_format(err, line, sizeof line);
    fprintf(stderr, "%s: %s\n", what, line);
    return 125;
}

static scratch_plan *compile(const char *const *argv)
{
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_cgroup_options cgroup = SCRATCH_CGROUP_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    struct scratch_error err;
    scratch_plan *plan;
    namespaces.hostname = "inside";
    process.argv = argv;
    process.die_with_parent = true;
    process.init = !getenv("FAULT_IN_PLACE");
    cgroup.memory_max = 256 << 20;
    cgroup.pids_max = 100;
    spec.namespaces = &namespaces;
    spec.process = &process;
    if (geteuid() == 0)
        spec.cgroup = &cgroup;
    if (scratch_plan_compile(&spec, &plan, &err) == 0)
        return plan;
    say("compile", &err);
    return NULL;
}

static int start_and_wait(const scratch_plan *plan)
{
    struct scratch_error err;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    scratch_container *container;
    options.id = getenv("FAULT_ID");
    options.in_place = getenv("FAULT_IN_PLACE");
    int rc = scratch_plan_start(plan, &options, &container, &err);
    if (rc < 0)
        return say("start", &err);
    rc = scratch_container_wait(container, &err);
    scratch_container_free(container);
    return rc < 0 ? say("wait", &err) : rc;
}

static int start_forever(void)
{
    static const char *const stays[] = {"sleep", "60", NULL}, *const ends[] = {"true", NULL};
    scratch_plan *staying = compile(stays), *ending = compile(ends);
    const char *prefix = getenv("FAULT_ID");
    for (int i = 0; staying && ending; i++) {
        struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
        struct scratch_error err;
        scratch_container *container;
        char id[100];
        snprintf(id, sizeof id, "%s-%d-%d", prefix ? prefix : "start", (int)getpid(), i);
        options.id = id;
        options.in_place = getenv("FAULT_IN_PLACE");
        if (scratch_plan_start(staying, &options, &container, &err) < 0)
            return say("start", &err);
        snprintf(id, sizeof id, "%s-%d-%d-ends", prefix ? prefix : "start", (int)getpid(), i);
        if (scratch_plan_start(ending, &options, &container, &err) < 0)
            return say("start", &err);
        if (scratch_container_wait(container, &err) < 0)
            return say("wait", &err);
        scratch_container_free(container);
    }
    return 1;
}

int main(int argc, char **argv)
{
    struct scratch_error err;
    if (getenv("FAULT_IN_PLACE") && scratch_seal_self(argv, &err) < 0)
        return say("seal", &err);
    if (argc == 2 && strcmp(argv[1], "--forever") == 0)
        return start_forever();
    if (argc == 2 && strcmp(argv[1], "--sweep") == 0)
        return scratch_sweep(NULL) < 0;
    scratch_plan *plan = argc > 1 ? compile((const char *const *)argv + 1) : NULL;
    int status = plan ? start_and_wait(plan) : 125;
    scratch_plan_free(plan);
    return status;
}
