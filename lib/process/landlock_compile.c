/* SPDX-License-Identifier: MIT */
#include "base/sys.h"
#include "process/compile.h"
#include "process/landlock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WRITE_RIGHTS                                                                               \
    (LANDLOCK_FS_WRITE_FILE | LANDLOCK_FS_CHANGE | LANDLOCK_FS_REFER | LANDLOCK_FS_TRUNCATE)
#define ALL_RIGHTS                                                                                 \
    (LANDLOCK_FS_EXECUTE | LANDLOCK_FS_READ_FILE | LANDLOCK_FS_READ_DIR | WRITE_RIGHTS)

/* Which version each right came with. What an older kernel cannot deny, it allows. */
static const struct right {
    uint64_t right;
    long since;
    const char *what;
    const char *kernel;
} newer_rights[] = {
    {LANDLOCK_FS_TRUNCATE, 3, "keep files from being truncated", "Linux 6.2"},
    {LANDLOCK_FS_REFER, 2, NULL, NULL}, /* an older kernel denies it always */
};

static uint64_t kernel_rights(unsigned access)
{
    return (access & SCRATCH_LANDLOCK_READ ? LANDLOCK_FS_READ_FILE | LANDLOCK_FS_READ_DIR : 0) |
           (access & SCRATCH_LANDLOCK_WRITE ? WRITE_RIGHTS : 0) |
           (access & SCRATCH_LANDLOCK_EXECUTE ? LANDLOCK_FS_EXECUTE : 0);
}

/* The version of Landlock here; 0: there is none. */
static long version(void)
{
    long abi = sys3(SYS_landlock_create_ruleset, 0, 0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */);
    return abi < 0 ? 0 : abi;
}

static int too_old(struct builder *b, const char *what, const char *kernel)
{
    int rc = error_because(b->err, EOPNOTSUPP, "restrict with Landlock", what,
                           "this kernel's Landlock cannot do that", NULL);
    if (b->err)
        error_write(b->err->hint, "use %s or newer, or ask for the best that this one has", kernel);
    return rc;
}

/* ---- checks --------------------------------------------------------------------------------- */

static int check_rules(struct builder *b, const struct scratch_process_options *o)
{
    const unsigned of_files =
        SCRATCH_LANDLOCK_READ | SCRATCH_LANDLOCK_WRITE | SCRATCH_LANDLOCK_EXECUTE;
    const unsigned of_ports = SCRATCH_LANDLOCK_BIND | SCRATCH_LANDLOCK_CONNECT;
    char port[16];
    for (size_t i = 0; i < o->landlock_count; i++) {
        const struct scratch_landlock_rule *rule = &o->landlock[i];
        if (!rule->path || rule->path[0] != '/')
            return error_set(b->err, EINVAL, "Landlock rule", rule->path, "give an absolute path");
        if (!rule->access || rule->access & ~of_files)
            return error_set(b->err, EINVAL, "Landlock rule", rule->path,
                             "give read, write or execute as its access");
    }
    for (size_t i = 0; i < o->landlock_port_count; i++) {
        snprintf(port, sizeof port, "%u", o->landlock_ports[i].port);
        if (!o->landlock_ports[i].access || o->landlock_ports[i].access & ~of_ports)
            return error_set(b->err, EINVAL, "Landlock rule for a port", port,
                             "give bind or connect as its access");
    }
    return 0;
}

/* The rights on files that are denied but where a rule grants them. */
static int handled_files(struct builder *b, const struct scratch_process_options *o, long abi,
                         uint64_t *handled)
{
    *handled = o->landlock_count ? ALL_RIGHTS : 0;
    for (size_t i = 0; i < sizeof newer_rights / sizeof *newer_rights; i++) {
        const struct right *right = &newer_rights[i];
        if (abi >= right->since || !*handled)
            continue;
        if (right->what && !o->landlock_best_effort)
            return too_old(b, right->what, right->kernel);
        *handled &= ~right->right;
    }
    return 0;
}

static int handled_ports(struct builder *b, const struct scratch_process_options *o, long abi,
                         uint64_t *handled)
{
    *handled = o->landlock_port_count ? LANDLOCK_TCP_BIND | LANDLOCK_TCP_CONNECT : 0;
    if (!*handled || abi >= 4)
        return 0;
    *handled = 0;
    return o->landlock_best_effort ? 0 : too_old(b, "restrict TCP ports", "Linux 6.7");
}

/* ---- the step ------------------------------------------------------------------------------- */

static uint32_t put_paths(struct builder *b, const struct scratch_process_options *o)
{
    uint32_t at = block_put(&b->block, NULL,
                            sizeof(struct block_list) + o->landlock_count * sizeof(uint32_t));
    for (size_t i = 0; i < o->landlock_count && !b->block.failed; i++) {
        uint32_t text = builder_text(b, o->landlock[i].path);
        if (!b->block.failed)
            ((struct block_list *)(b->block.data + at))->text[i] = text;
    }
    if (!b->block.failed)
        ((struct block_list *)(b->block.data + at))->count = (uint32_t)o->landlock_count;
    return at;
}

static uint32_t put_access(struct builder *b, const struct scratch_process_options *o,
                           uint64_t handled)
{
    uint32_t first = 0;
    for (size_t i = 0; i < o->landlock_count; i++) {
        uint64_t access = kernel_rights(o->landlock[i].access) & handled;
        uint32_t at = block_put(&b->block, &access, sizeof access);
        first = i == 0 ? at : first;
    }
    return first;
}

static uint32_t put_ports(struct builder *b, const struct scratch_process_options *o)
{
    uint32_t first = 0;
    for (size_t i = 0; i < o->landlock_port_count; i++) {
        const struct landlock_port port = {o->landlock_ports[i].access, o->landlock_ports[i].port};
        uint32_t at = block_put(&b->block, &port, sizeof port);
        first = i == 0 ? at : first;
    }
    return first;
}

int process_compile_landlock(struct builder *b, const struct scratch_process_options *o)
{
    uint64_t files = 0, ports = 0;
    if (!o->landlock_count && !o->landlock_port_count)
        return 0;
    long abi = version();
    int rc = check_rules(b, o);
    if (rc == 0 && !abi && !o->landlock_best_effort)
        return error_because(b->err, EOPNOTSUPP, "restrict with Landlock", NULL,
                             "this kernel has none, or it is off",
                             "use Linux 5.13 or newer with landlock in the boot parameter lsm=");
    if (rc == 0)
        rc = handled_files(b, o, abi, &files);
    if (rc == 0)
        rc = handled_ports(b, o, abi, &ports);
    if (rc < 0 || !abi || (!files && !ports))
        return rc;
    uint32_t paths = files ? put_paths(b, o) : 0;
    uint32_t access = files ? put_access(b, o, files) : 0;
    uint32_t numbers = ports ? put_ports(b, o) : 0;
    struct step *step = builder_add(b, STEP_LANDLOCK, STEP_CONTAINER);
    step->text[0] = paths;
    step->text[1] = access;
    step->text[2] = numbers;
    step->num[0] = files;
    step->num[1] = ports;
    step->num[2] = ports ? o->landlock_port_count : 0;
    return 0;
}
