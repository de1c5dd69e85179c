/* SPDX-License-Identifier: MIT */
/*
 * What an image is: directories in an order, seen as one by a union file system.
 *
 *     image_layers LAYER... -- COMMAND [ARGUMENT...]                          (as anybody)
 *
 * As in an image's manifest the lowest layer is the first. What the command writes is a layer more,
 * the container's, which here is thrown away at the end.
 */
#include <scratch/scratch.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 128 };

int main(int argc, char *argv[])
{
    struct scratch_rootfs_options rootfs = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    struct scratch_error err;
    const char *lowers[MOST];
    int count = 0;

    while (count + 1 < argc && strcmp(argv[count + 1], "--") != 0)
        count++;
    if (count == 0 || count > MOST || count + 2 >= argc)
        return fprintf(stderr, "usage: %s LAYER... -- COMMAND [ARGUMENT...]\n", argv[0]), 2;
    for (int i = 0; i < count; i++) {
        lowers[i] = argv[count - i]; /* overlayfs counts from the top */
        fprintf(stderr, "layer %d: %s\n", count - i, lowers[i]);
    }
    rootfs.kind = SCRATCH_ROOTFS_OVERLAY;
    rootfs.lowers = lowers;
    rootfs.lower_count = (size_t)count;
    process.argv = (const char *const *)argv + count + 2;
    spec.rootfs = &rootfs;
    spec.process = &process;
    int status = scratch_run(&spec, NULL, &err);
    if (status < 0)
        scratch_error_print(argv[0], &err);
    return status < 0 ? 125 : status;
}
