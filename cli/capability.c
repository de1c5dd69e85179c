/* SPDX-License-Identifier: MIT */
#include "cli/values.h"
#include "cli/report.h"

#include <scratch/process.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

static int take_name(const char *name, struct capability_set *set, struct scratch_error *err)
{
    if (strcasecmp(name, "all") == 0) {
        set->all = true;
        return 0;
    }
    int number = scratch_capability_from_name(name, err);
    if (number < 0)
        return number;
    set->named |= SCRATCH_CAP(number);
    return 0;
}

int value_capabilities(const char *text, struct capability_set *set, struct scratch_error *err)
{
    static const char hint[] = "such as NET_ADMIN, or CHOWN,KILL, or ALL: see capabilities(7)";
    char name[64];
    for (;;) {
        size_t length = strcspn(text, ",");
        if (length == 0 || length >= sizeof name)
            return usage_error(err, text, hint, "not the name of a capability");
        snprintf(name, sizeof name, "%.*s", (int)length, text);
        int rc = take_name(name, set, err);
        if (rc < 0 || !text[length])
            return rc;
        text += length + 1;
    }
}

/* Those that this process could have, one by one; SCRATCH_CAP_ALL cannot have some taken out. */
static uint64_t every_capability(void)
{
    uint64_t set = 0;
    int held;
    for (int number = 0; number < 64; number++) {
        if ((held = prctl(PR_CAPBSET_READ, number, 0, 0, 0)) < 0)
            break; /* the kernel has no more */
        set |= held ? SCRATCH_CAP(number) : 0;
    }
    return set;
}

int capabilities_resolve(const struct capability_changes *changes, uint64_t *capabilities,
                         struct scratch_error *err)
{
    const struct capability_set *add = &changes->add, *drop = &changes->drop;
    uint64_t both = add->named & drop->named, base = SCRATCH_CAP_DEFAULT;
    char name[32] = "ALL";
    if (both || (add->all && drop->all)) {
        if (both)
            scratch_capability_name(__builtin_ctzll(both), name, sizeof name);
        return usage_error(err, name, "leave out one of the two", "both added and dropped");
    }
    if (drop->all)
        base = 0;
    if (add->all)
        base = drop->named ? every_capability() : SCRATCH_CAP_ALL;
    *capabilities = (base & ~drop->named) | add->named;
    return 0;
}
