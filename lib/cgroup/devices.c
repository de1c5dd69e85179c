/* SPDX-License-Identifier: MIT */
#include "cgroup/devices.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES_MAX 1024
#define MAJOR_MAX 0xfff
#define MINOR_MAX 0xfffff

void devices_write_rule(char text[DEVICES_RULE], const struct scratch_cgroup_rule *rule)
{
    char major[16] = "*", minor[16] = "*";
    bool all = rule->type == 'a';
    if (rule->major != SCRATCH_DEVICE_ANY && !all)
        snprintf(major, sizeof major, "%d", (int)rule->major);
    if (rule->minor != SCRATCH_DEVICE_ANY && !all)
        snprintf(minor, sizeof minor, "%d", (int)rule->minor);
    snprintf(text, DEVICES_RULE, "%c %s:%s %s%s%s", rule->type, major, minor,
             all || rule->access & SCRATCH_DEVICE_READ ? "r" : "",
             all || rule->access & SCRATCH_DEVICE_WRITE ? "w" : "",
             all || rule->access & SCRATCH_DEVICE_MKNOD ? "m" : "");
}

static bool is_number(int64_t number, int64_t most)
{
    return number == SCRATCH_DEVICE_ANY || (number >= 0 && number <= most);
}

static bool is_rule(const struct scratch_cgroup_rule *r)
{
    bool all = r->access == SCRATCH_DEVICE_ALL && r->major == SCRATCH_DEVICE_ANY &&
               r->minor == SCRATCH_DEVICE_ANY;
    return (r->type == 'c' || r->type == 'b' || (r->type == 'a' && all)) &&
           is_number(r->major, MAJOR_MAX) && is_number(r->minor, MINOR_MAX) && r->access &&
           !(r->access & ~(unsigned)SCRATCH_DEVICE_ALL);
}

int devices_check(const struct scratch_cgroup_options *o, struct scratch_error *err)
{
    char text[DEVICES_RULE];
    if (o->rule_count > RULES_MAX)
        return error_set(err, E2BIG, "device rule", NULL, "give 1024 rules at most");
    for (size_t i = 0; i < o->rule_count; i++) {
        if (is_rule(&o->rules[i]))
            continue;
        devices_write_rule(text, &o->rules[i]);
        return error_set(
            err, EINVAL, "device rule", text,
            "write a type (c or b), numbers or *, and some of rwm: c 1:3 rw; a *:* rwm "
            "is all of them");
    }
    return 0;
}

/* ---- v1 -------------------------------------------------------------------------------------- */

static bool meet(int64_t a, int64_t b)
{
    return a == b || a == SCRATCH_DEVICE_ANY || b == SCRATCH_DEVICE_ANY;
}

static bool are_same(const struct scratch_cgroup_rule *a, const struct scratch_cgroup_rule *b)
{
    return a->major == b->major && a->minor == b->minor;
}

/* A rule that goes against the answer for all devices, which an earlier rule has set. */
static bool is_exception(const struct scratch_cgroup_rule *rules, size_t index)
{
    for (size_t i = index; i-- > 0;)
        if (rules[i].type == 'a')
            return rules[i].allow != rules[index].allow;
    return false;
}

/*
 * v1 keeps one answer for all devices and a list of exceptions, and a rule that goes the other way
 * takes away only an exception for just the same numbers: any other it passes over without a word.
 */
static bool is_lost_on_v1(const struct scratch_cgroup_rule *rules, size_t index)
{
    const struct scratch_cgroup_rule *rule = &rules[index];
    if (rule->type == 'a' || is_exception(rules, index))
        return false;
    for (size_t i = index; i-- > 0 && rules[i].type != 'a';)
        if (rules[i].allow != rule->allow && rules[i].type == rule->type &&
            rules[i].access & rule->access && meet(rules[i].major, rule->major) &&
            meet(rules[i].minor, rule->minor) && !are_same(&rules[i], rule))
            return true;
    return false;
}

int devices_check_v1(const struct scratch_cgroup_options *o, struct scratch_error *err)
{
    char text[DEVICES_RULE];
    for (size_t i = 0; i < o->rule_count; i++) {
        if (!is_lost_on_v1(o->rules, i))
            continue;
        devices_write_rule(text, &o->rules[i]);
        return error_because(err, ENOTSUP, "device rule", text,
                             "cgroup v1 cannot take a part out of an earlier rule",
                             "give rules that do not overlap");
    }
    return 0;
}

/* ---- v2 -------------------------------------------------------------------------------------- */

/* The registers: what is asked about, and which accesses no rule has decided on yet. */
enum {
    RESULT = BPF_REG_0,
    CONTEXT = BPF_REG_1,
    TYPE = BPF_REG_2,
    ACCESS = BPF_REG_3,
    MAJOR = BPF_REG_4,
    MINOR = BPF_REG_5,
};

#define BEGIN_LENGTH 7
#define RULE_LENGTH  5
#define END_LENGTH   4

struct program {
    struct bpf_insn *insn;
    int length;
};

static void put(struct program *p, int code, int to, int from, int offset, int number)
{
    p->insn[p->length++] = (struct bpf_insn){
        .code = (__u8)code,
        .dst_reg = (__u8)(to & 15),
        .src_reg = (__u8)(from & 15),
        .off = (__s16)offset,
        .imm = number,
    };
}

static void put_load(struct program *p, int to, size_t offset)
{
    put(p, BPF_LDX | BPF_MEM | BPF_W, to, CONTEXT, (int)offset, 0);
}

static void put_begin(struct program *p)
{
    put_load(p, TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
    put(p, BPF_ALU64 | BPF_MOV | BPF_X, ACCESS, TYPE, 0, 0);
    put(p, BPF_ALU64 | BPF_AND | BPF_K, TYPE, 0, 0, 0xffff);
    put(p, BPF_ALU64 | BPF_RSH | BPF_K, ACCESS, 0, 0, 16);
    put_load(p, MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
    put_load(p, MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
}

static int access_bits(const struct scratch_cgroup_rule *r)
{
    return (r->access & SCRATCH_DEVICE_READ ? BPF_DEVCG_ACC_READ : 0) |
           (r->access & SCRATCH_DEVICE_WRITE ? BPF_DEVCG_ACC_WRITE : 0) |
           (r->access & SCRATCH_DEVICE_MKNOD ? BPF_DEVCG_ACC_MKNOD : 0);
}

/* The two ends, from where an instruction stands: a jump counts from behind it. */
static int to_allow(const struct program *p, int end)
{
    return end + 2 - p->length - 1;
}

static int to_deny(const struct program *p, int end)
{
    return end - p->length - 1;
}

/* Where it is not about this device, jump over the rest of it. */
static void put_rule(struct program *p, const struct scratch_cgroup_rule *r, int end)
{
    int type = r->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;
    int tests =
        (r->type != 'a') + (r->major != SCRATCH_DEVICE_ANY) + (r->minor != SCRATCH_DEVICE_ANY);
    int rest = r->allow ? 2 : 1;
    if (r->type != 'a')
        put(p, BPF_JMP | BPF_JNE | BPF_K, TYPE, 0, --tests + rest, type);
    if (r->major != SCRATCH_DEVICE_ANY)
        put(p, BPF_JMP | BPF_JNE | BPF_K, MAJOR, 0, --tests + rest, (int)r->major);
    if (r->minor != SCRATCH_DEVICE_ANY)
        put(p, BPF_JMP | BPF_JNE | BPF_K, MINOR, 0, --tests + rest, (int)r->minor);
    if (r->allow) {
        put(p, BPF_ALU64 | BPF_AND | BPF_K, ACCESS, 0, 0, ~access_bits(r));
        put(p, BPF_JMP | BPF_JEQ | BPF_K, ACCESS, 0, to_allow(p, end), 0);
    } else {
        put(p, BPF_JMP | BPF_JSET | BPF_K, ACCESS, 0, to_deny(p, end), access_bits(r));
    }
}

static int rule_length(const struct scratch_cgroup_rule *r)
{
    return (r->type != 'a') + (r->major != SCRATCH_DEVICE_ANY) + (r->minor != SCRATCH_DEVICE_ANY) +
           (r->allow ? 2 : 1);
}

/*
 * The rules from the last to the first: one that forbids any of what is undecided refuses, one that
 * allows decides its part; when nothing is undecided any more, it is allowed.
 */
int devices_program(const struct scratch_cgroup_options *o, struct bpf_insn **program)
{
    size_t room = BEGIN_LENGTH + o->rule_count * RULE_LENGTH + END_LENGTH;
    struct program p = {.insn = calloc(room, sizeof *p.insn)};
    *program = p.insn;
    if (!p.insn)
        return -ENOMEM;
    int end = BEGIN_LENGTH;
    for (size_t i = 0; i < o->rule_count; i++)
        end += rule_length(&o->rules[i]);
    put_begin(&p);
    put(&p, BPF_JMP | BPF_JEQ | BPF_K, ACCESS, 0, to_allow(&p, end), 0);
    for (size_t i = o->rule_count; i-- > 0;)
        put_rule(&p, &o->rules[i], end);
    for (int allowed = 0; allowed < 2; allowed++) {
        put(&p, BPF_ALU64 | BPF_MOV | BPF_K, RESULT, 0, 0, allowed);
        put(&p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
    }
    return p.length;
}
