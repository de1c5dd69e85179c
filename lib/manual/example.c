/* SPDX-License-Identifier: MIT */
#include <scratch/scratch.h>

#include <stdio.h>

static int fail(const struct scratch_error *err)
{
    char line[SCRATCH_ERROR_LINE];
    scratch_error_format(err, line, sizeof line);
    fprintf(stderr, "%s\n", line);
    return 1;
}

int main(void)
{
    const char *const argv[] = {"ps", "-ef", NULL};
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    struct scratch_error err;
    scratch_plan *plan;
    scratch_container *container;

    namespaces.hostname = "demo";
    process.argv = argv;
    spec.namespaces = &namespaces;
    spec.process = &process;
    if (scratch_plan_compile(&spec, &plan, &err) < 0)
        return fail(&err);
    int rc = scratch_plan_start(plan, NULL, &container, &err);
    scratch_plan_free(plan);
    if (rc < 0)
        return fail(&err);
    int status = scratch_container_wait(container, &err);
    scratch_container_free(container);
    if (status < 0)
        return fail(&err);
    printf("%s ended with %d\n", argv[0], status);
    return status;
}
