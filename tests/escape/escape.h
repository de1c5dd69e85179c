/* SPDX-License-Identifier: MIT */
/*
 * Known escapes, each tried twice: as libscratch starts a container, which has to hold, and with
 * the one defence taken out that the attack is about, when it has to get out: else the test would
 * not show anything. The defence is taken out here, by the test: in the spec, in the compiled
 * plan, or by another scratch-init (weak/). The library has no switch for it.
 */
#ifndef ESCAPE_ESCAPE_H
#define ESCAPE_ESCAPE_H

#include "attack.h"
#include "plan/plan.h"
#include "support/rootfs.h"
#include "support/test.h"

#include <string.h>

#define ESCAPE_OUTPUT 2048

/* A container that runs an attack, to be changed by the test before it starts. */
struct escape {
    struct scratch_spec spec;
    struct scratch_namespace_options namespaces;
    struct scratch_rootfs_options rootfs;
    struct scratch_process_options process;
    struct scratch_mount mounts[4];
    struct scratch_start_options start;
    const char *argv[10];
    void (*edit)(struct scratch_plan *plan); /* or NULL */
    char output[ESCAPE_OUTPUT];              /* what the attack has printed */
    struct scratch_error err;
};

/* A root file system with the attacks in it; it is written through. */
const char *escape_root(void);

/* The arguments end with NULL. */
void escape_begin(struct escape *e, const char *root, const char *attack, ...);

/* Run it: the attack's status, or the negative number of a start that failed. */
int escape_run(struct escape *e);

/* Start it, and leave it running; the test is failed when it does not start. */
scratch_container *escape_start(struct escape *e);
int escape_end(scratch_container *container);

/* The first step of a kind in a plan; the test is failed when there is none. */
struct step *escape_step(struct scratch_plan *plan, enum step_kind kind);

/* What the next starts execute: a weaker scratch-init. */
#define ESCAPE_WEAKEN(name) escape_weaken(weak_##name, (size_t)(weak_##name##_end - weak_##name))
void escape_weaken(const unsigned char *image, size_t size);
extern const unsigned char weak_chdir[], weak_chdir_end[], weak_open[], weak_open_end[],
    weak_slow[], weak_slow_end[], weak_traceable[], weak_traceable_end[];
bool escape_has_memfd(void);
/* Or scratch-init in a file of the host's, the same for each start. */
void escape_use_file(const char *path);
/* As it was. */
void escape_strengthen(void);

/* A file outside of the container with a text that nobody else knows. */
const char *escape_secret(const char **directory);
#define ESCAPE_SECRET "what only the host can read\n"

#endif
