/* SPDX-License-Identifier: MIT */
#include <scratch/scratch.h>
#include <stdio.h>

int main(void)
{
    const char *const argv[] = {"sh", "-c", "exit 42", NULL};
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    struct scratch_error err;
    char line[SCRATCH_ERROR_LINE];
    process.argv = argv;
    spec.process = &process;
    int status = scratch_run(&spec, NULL, &err);
    if (status < 0 && scratch_error_format(&err, line, sizeof line) > 0)
        fprintf(stderr, "%s\n", line);
    return status < 0 ? 1 : status;
}
