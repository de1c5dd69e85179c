/* SPDX-License-Identifier: MIT */
#include "process/seccomp_profile.h"
#include "base/unnamed.h"
#include "process/seccomp_shape.h"
#include "process/seccomp_table.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define CALL_NAME     32
#define PROLOGUE_ROOM 64 /* instructions */

#define REFUSE(errnum) (SECCOMP_RET_ERRNO | (errnum))

/* What is at work on one filter. */
struct profile {
    const struct seccomp_library *library;
    scmp_filter_ctx context;
    uint32_t arch;
    uint64_t capabilities;
};

static bool is_native(const struct profile *p)
{
    return p->arch == p->library->arch_native();
}

/* ---- rules ---------------------------------------------------------------------------------- */

/*
 * The number that libseccomp wants for a rule: the call's number on this machine, which it
 * translates by name. -1 when the architecture does not have the call, or when libseccomp is too
 * old for it: then it is refused as if the kernel were older.
 */
static int rule_number(const struct profile *p, const char *name, int newer)
{
    if (p->library->resolve_name_arch(p->arch, name) >= 0)
        return p->library->resolve_name(name);
    return is_native(p) ? newer : -1;
}

static int add_rule(const struct profile *p, uint32_t action, const char *name, int newer,
                    const struct scmp_arg_cmp *compare)
{
    int number = rule_number(p, name, newer);
    if (number == -1)
        return 0;
    return p->library->rule_add_array(p->context, action, number, compare ? 1 : 0, compare);
}

/* One word of a group: "name" or "name=number". Returns the word's end. */
static const char *take_word(const char *word, char name[CALL_NAME], int *newer)
{
    size_t length = strcspn(word, " =");
    *newer = -1;
    if (length < CALL_NAME)
        memcpy(name, word, length);
    name[length < CALL_NAME ? length : 0] = '\0';
    word += length;
    if (*word == '=')
        *newer = (int)strtol(word + 1, (char **)&word, 10);
    return word + strspn(word, " ");
}

static int add_group(const struct profile *p, const struct seccomp_group *group)
{
    char name[CALL_NAME];
    int newer, rc = 0;
    if (group->capabilities && !(group->capabilities & p->capabilities))
        return 0;
    for (const char *word = group->calls; *word && rc == 0;) {
        word = take_word(word, name, &newer);
        rc = add_rule(p, SCMP_ACT_ALLOW, name, newer, NULL);
    }
    return rc;
}

static int add_rules(const struct profile *p)
{
    int rc = 0;
    for (const struct seccomp_group *g = seccomp_groups; g->calls && rc == 0; g++)
        rc = add_group(p, g);
    for (const struct seccomp_condition *c = seccomp_conditions; c->call && rc == 0; c++) {
        const struct scmp_arg_cmp compare = {c->argument, SCMP_CMP_MASKED_EQ, c->mask, c->value};
        if (!(c->unless & p->capabilities))
            rc = add_rule(p, SCMP_ACT_ALLOW, c->call, -1, &compare);
    }
    for (const struct seccomp_absence *a = seccomp_absences; a->call && rc == 0; a++)
        if (!(a->unless & p->capabilities))
            rc = add_rule(p, SCMP_ACT_ERRNO(ENOSYS), a->call, -1, NULL);
    return rc;
}

static int choose_arch(const struct profile *p)
{
    if (is_native(p))
        return 0;
    int rc = p->library->arch_add(p->context, p->arch);
    return rc < 0 ? rc : p->library->arch_remove(p->context, p->library->arch_native());
}

static int prepare(const struct profile *p)
{
    int rc = choose_arch(p);
    if (rc == 0)
        rc = p->library->attr_set(p->context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
    /* A binary tree: the kernel checks it at load, and runs it, in a third of the time. */
    if (rc == 0)
        rc = p->library->attr_set(p->context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    return rc < 0 ? rc : add_rules(p);
}

/* ---- what libseccomp cannot say ------------------------------------------------------------- */

static struct sock_filter load(size_t offset)
{
    return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset);
}

/* Go on when the comparison holds, else skip some instructions. */
static struct sock_filter skip_unless(uint16_t comparison, uint32_t value, uint8_t skip)
{
    return (struct sock_filter)BPF_JUMP(BPF_JMP | comparison | BPF_K, value, 0, skip);
}

static struct sock_filter result(uint32_t value)
{
    return (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value);
}

/*
 * The filter begins with what libseccomp has no words for: "numbers above", and "unless the low
 * half of an argument equals". Programs of another architecture (32 bits) are ended: with an error
 * for each call they would crash without a word. Returns the number of instructions.
 */
static size_t write_prologue(const struct profile *p, struct sock_filter out[PROLOGUE_ROOM])
{
    uint32_t audit = p->arch; /* libseccomp's tokens are the kernel's AUDIT_ARCH_* */
    size_t n = 0;
    out[n++] = load(offsetof(struct seccomp_data, arch));
    out[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, audit, 1, 0);
    out[n++] = result(SECCOMP_RET_KILL_PROCESS);
    out[n++] = load(offsetof(struct seccomp_data, nr));
    out[n++] = skip_unless(BPF_JGT, SECCOMP_NEWEST, 1); /* x32 calls among them */
    out[n++] = result(REFUSE(ENOSYS));
    for (const struct seccomp_refusal *r = seccomp_refusals; r->call; r++) {
        int number = p->library->resolve_name_arch(p->arch, r->call);
        out[n++] = load(offsetof(struct seccomp_data, nr));
        out[n++] = skip_unless(BPF_JEQ, (uint32_t)number, 3);
        out[n++] = load(offsetof(struct seccomp_data, args[r->argument])); /* little-endian */
        out[n++] = skip_unless(BPF_JEQ, r->value, 1);
        out[n++] = result(REFUSE(EPERM));
    }
    return n;
}

/* ---- the program ---------------------------------------------------------------------------- */

/* libseccomp writes it to an fd, and since 2.6 only into memory. */
static int read_program(int fd, const struct sock_filter *first, size_t first_count,
                        struct sock_filter **filter, size_t *count)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    size_t size = (size_t)st.st_size;
    *filter = malloc(first_count * sizeof **filter + size);
    if (!*filter)
        return -ENOMEM;
    if (first_count)
        memcpy(*filter, first, first_count * sizeof **filter);
    if (pread(fd, *filter + first_count, size, 0) != (ssize_t)size) {
        free(*filter);
        return -EIO;
    }
    *count = first_count + size / sizeof **filter;
    return 0;
}

int seccomp_export(const struct seccomp_library *library, scmp_filter_ctx context,
                   const struct sock_filter *first, size_t first_count, struct sock_filter **filter,
                   size_t *count)
{
    int fd = memfd_create("seccomp-filter", MFD_CLOEXEC);
    if (fd < 0) /* sandboxes may refuse it */
        fd = unnamed_file(false);
    if (fd < 0)
        return fd;
    int rc = library->export_bpf(context, fd);
    if (rc == 0)
        rc = read_program(fd, first, first_count, filter, count);
    if (rc == 0)
        seccomp_shape(*filter, count);
    close(fd);
    return rc;
}

int seccomp_profile_build(const struct seccomp_library *library, uint32_t arch,
                          uint64_t capabilities, struct sock_filter **filter, size_t *count)
{
    struct profile p = {library, library->init(SCMP_ACT_ERRNO(EPERM)), arch, capabilities};
    if (!p.context)
        return -ENOMEM;
    struct sock_filter prologue[PROLOGUE_ROOM];
    int rc = prepare(&p);
    if (rc == 0)
        rc = seccomp_export(library, p.context, prologue, write_prologue(&p, prologue), filter,
                            count);
    library->release(p.context);
    return rc;
}

uint64_t seccomp_profile_capabilities(void)
{
    uint64_t capabilities = 0;
    for (const struct seccomp_group *g = seccomp_groups; g->calls; g++)
        capabilities |= g->capabilities;
    return capabilities;
}
