/* SPDX-License-Identifier: MIT */
#include "base/capability.h"
#include "base/lazy.h"
#include "base/sys.h"
#include "process/seccomp.h"
#include "step/self.h"

#include <ctype.h>
#include <linux/capability.h>
#include <linux/prctl.h>
#include <scratch/process.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- names ---------------------------------------------------------------------------------- */

int scratch_capability_from_name(const char *name, struct scratch_error *err)
{
    int number = capability_number(name ? name : "");
    if (number < 0)
        return error_because(err, EINVAL, "look up a capability", name,
                             "there is none of this name",
                             "see capabilities(7): write net_admin, NET_ADMIN or CAP_NET_ADMIN");
    return number;
}

int scratch_capability_name(int number, char *name, size_t size)
{
    char text[CAPABILITY_NAME];
    capability_name(number, text);
    for (char *c = text; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    return snprintf(name, size, "%s", text);
}

/* ---- the calling thread --------------------------------------------------------------------- */

int scratch_seccomp_self(uint64_t capabilities, struct scratch_error *err)
{
    const struct sock_filter *filter;
    struct sock_filter *built;
    struct builder b;
    size_t count;
    int rc = seccomp_default_filter(capabilities, &filter, &count, &built, err);
    if (rc < 0)
        return rc;
    builder_begin(&b, err);
    uint32_t at = block_put(&b.block, filter, count * sizeof *filter);
    free(built);
    builder_add(&b, STEP_NO_NEW_PRIVS, STEP_HOST);
    struct step *step = builder_add(&b, STEP_SECCOMP, STEP_HOST);
    step->text[0] = at;
    step->num[0] = count;
    return step_run_self(&b, 0, NULL);
}

/* The sets of the calling thread, a bit for each capability. */
struct capability_sets {
    uint64_t permitted, inheritable, ambient;
};

static int read_sets(struct capability_sets *sets)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{0}};
    int rc = (int)sys2(SYS_capget, (long)&header, (long)data);
    if (rc < 0)
        return rc;
    sets->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
    sets->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
    sets->ambient = 0;
    for (int cap = 0; cap < 64; cap++)
        if (sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) > 0)
            sets->ambient |= SCRATCH_CAP(cap);
    return 0;
}

int scratch_capabilities_self(uint64_t capabilities, struct scratch_error *err)
{
    struct capability_sets now;
    struct builder b;
    int rc = read_sets(&now);
    if (rc < 0)
        return error_call(err, -rc, "capget(2)", "read the thread's capabilities", NULL, NULL);
    builder_begin(&b, err);
    builder_add(&b, STEP_BOUNDING, STEP_HOST)->num[0] = capabilities;
    struct step *step = builder_add(&b, STEP_CAPABILITIES, STEP_HOST);
    step->num[0] = capabilities & now.permitted;
    step->num[1] = capabilities & now.inheritable;
    step->num[2] = capabilities & now.ambient;
    rc = step_run_self(&b, 0, NULL);
    if (rc == -EPERM && err)
        error_write(err->hint, "CAP_SETPCAP is needed to take anything out of the bounding set");
    return rc;
}
