#include <scratch/scratch.h>
#include <stdio.h>
int main(int argc, char **argv)
{
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_namespace_options ns = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_rootfs_options rootfs = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_error err;
    char line[SCRATCH_ERROR_LINE];
    (void)argc;
    ns.hostname = "demo";
    if (argv[1][0] == '/') {
        rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
        rootfs.path = *++argv;
    }
    process.argv = (const char *const *)argv + 1;
    spec.process = &process;
    spec.namespaces = &ns;
    spec.rootfs = &rootfs;
    int rc = scratch_run(&spec, NULL, &err);
    if (rc < 0) {
        scratch_error_format(&err, line, sizeof line);
        fprintf(stderr, "scratchctl: %s\n", line);
        return 125;
    }
    return rc;
}
