/* SPDX-License-Identifier: MIT */
#include "process/seccomp_shape.h"

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LOAD       (BPF_LD | BPF_W | BPF_ABS)
#define MASK       (BPF_ALU | BPF_AND | BPF_K)
#define RETURN     (BPF_RET | BPF_K)
#define JUMP       (BPF_JMP | BPF_JA)
#define IF(how)    (BPF_JMP | (how) | BPF_K)
#define FAR        255 /* how far a comparison can jump */
#define ARCHES_MAX 8

/* What the accumulator holds: what is known of a call before it is made, or an argument. */
enum held { NOTHING, ARCH, NUMBER, ARGUMENT };

/* Numbers from one on, to the next range's, of which the filter decides alike. */
struct range {
    uint32_t from;
    uint32_t at; /* the instruction it comes to: that returns, or that first looks at an argument */
};

struct shape {
    const struct sock_filter *in;
    size_t in_count;
    struct sock_filter *out; /* with room for in_count */
    size_t count;
    bool failed; /* not to be understood, or not shorter */
    uint32_t arches[ARCHES_MAX];
    size_t arch_count;
    uint32_t *bounds; /* the numbers where a range may begin, with room for two an instruction */
    size_t bound_count;
    struct range *ranges;  /* of the architecture that is written now */
    uint32_t arch, number; /* what is written now is for these alone */
    uint32_t *place;       /* where an instruction of in that looks at an argument is in out */
};

/* ---- what the filter compares with ----------------------------------------------------------- */

static enum held held_by_load(const struct sock_filter *i)
{
    return i->k == offsetof(struct seccomp_data, arch) ? ARCH
           : i->k == offsetof(struct seccomp_data, nr) ? NUMBER
                                                       : ARGUMENT;
}

static bool is_known(const struct shape *s, uint32_t arch)
{
    for (size_t n = 0; n < s->arch_count; n++)
        if (s->arches[n] == arch)
            return true;
    return false;
}

static void note_arch(struct shape *s, const struct sock_filter *i)
{
    s->failed |= i->code != IF(BPF_JEQ) || s->arch_count == ARCHES_MAX;
    if (!s->failed && !is_known(s, i->k))
        s->arches[s->arch_count++] = i->k;
}

static void note_number(struct shape *s, const struct sock_filter *i)
{
    if (i->code != IF(BPF_JGT))
        s->bounds[s->bound_count++] = i->k;
    if (i->code != IF(BPF_JGE) && i->k < UINT32_MAX)
        s->bounds[s->bound_count++] = i->k + 1;
    s->failed |= i->code == IF(BPF_JSET);
}

static bool is_comparison(const struct sock_filter *i)
{
    return i->code == IF(BPF_JEQ) || i->code == IF(BPF_JGT) || i->code == IF(BPF_JGE) ||
           i->code == IF(BPF_JSET);
}

/* Mark what can come next. All jumps lead forward, and end inside: the kernel wants it so. */
static void note(struct shape *s, uint8_t *reached, size_t at, enum held held)
{
    const struct sock_filter *i = &s->in[at];
    uint8_t bit = (uint8_t)(1 << held);
    if (i->code == LOAD) {
        reached[at + 1] |= (uint8_t)(1 << held_by_load(i));
    } else if (i->code == JUMP) {
        reached[at + 1 + i->k] |= bit;
    } else if (i->code == MASK && held == ARGUMENT) {
        reached[at + 1] |= bit;
    } else if (is_comparison(i) && held != NOTHING) {
        reached[at + 1 + i->jt] |= bit;
        reached[at + 1 + i->jf] |= bit;
        if (held == ARCH)
            note_arch(s, i);
        if (held == NUMBER)
            note_number(s, i);
    } else if (i->code != RETURN) {
        s->failed = true;
    }
}

static int compare_bounds(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static bool is_inside(const struct shape *s, size_t at)
{
    const struct sock_filter *i = &s->in[at];
    size_t left = s->in_count - 1 - at;
    if (i->code == RETURN)
        return true;
    return i->code == JUMP ? i->k < left : i->jt < left && i->jf < left;
}

static void survey(struct shape *s)
{
    uint8_t *reached = calloc(s->in_count, 1);
    s->failed = !reached;
    if (reached)
        reached[0] = 1 << NOTHING;
    s->bounds[s->bound_count++] = 0;
    for (size_t at = 0; at < s->in_count && !s->failed; at++) {
        s->failed = !is_inside(s, at);
        for (enum held held = NOTHING; held <= ARGUMENT && !s->failed; held++)
            if (reached[at] & 1 << held)
                note(s, reached, at, held);
    }
    free(reached);
    qsort(s->bounds, s->bound_count, sizeof *s->bounds, compare_bounds);
}

/* ---- what it comes to ------------------------------------------------------------------------ */

static bool holds(const struct sock_filter *i, uint32_t value)
{
    return i->code == IF(BPF_JEQ)   ? value == i->k
           : i->code == IF(BPF_JGT) ? value > i->k
                                    : value >= i->k;
}

/* Onward from an instruction, to the first that returns or has to do with an argument. */
static uint32_t follow(const struct shape *s, uint32_t at, enum held held)
{
    for (;;) {
        const struct sock_filter *i = &s->in[at];
        if (i->code == RETURN || (i->code == LOAD && held_by_load(i) == ARGUMENT))
            return at;
        if (i->code == LOAD) {
            held = held_by_load(i);
            at++;
        } else if (i->code == JUMP) {
            at += 1 + i->k;
        } else if (held == ARGUMENT) {
            return at;
        } else {
            at += 1u + (holds(i, held == ARCH ? s->arch : s->number) ? i->jt : i->jf);
        }
    }
}

/* Where arguments decide, they may do so otherwise of each number. */
static bool same(const struct shape *s, uint32_t at, uint32_t other)
{
    const struct sock_filter *i = &s->in[at], *j = &s->in[other];
    return i->code == RETURN && j->code == RETURN && i->k == j->k;
}

/* How many there are for an architecture. */
static size_t find_ranges(struct shape *s)
{
    size_t count = 0;
    for (size_t n = 0; n < s->bound_count; n++) {
        if (n > 0 && s->bounds[n] == s->bounds[n - 1])
            continue;
        s->number = s->bounds[n];
        uint32_t at = follow(s, 0, NOTHING);
        if (count == 0 || !same(s, at, s->ranges[count - 1].at))
            s->ranges[count++] = (struct range){s->number, at};
    }
    return count;
}

/* ---- writing it ------------------------------------------------------------------------------ */

static size_t put(struct shape *s, uint16_t code, uint8_t yes, uint8_t no, uint32_t k)
{
    if (s->count >= s->in_count) {
        s->failed = true;
        return 0;
    }
    s->out[s->count] = (struct sock_filter){code, yes, no, k};
    return s->count++;
}

/* Mark what is left of the filter for this number, from where its arguments decide. */
static void mark_rest(struct shape *s, uint32_t first)
{
    memset(s->place, 0, s->in_count * sizeof *s->place);
    s->place[first] = 1;
    for (uint32_t at = first; at < s->in_count; at++) {
        const struct sock_filter *i = &s->in[at];
        if (!s->place[at] || i->code == RETURN)
            continue;
        s->place[follow(s, at + 1 + (is_comparison(i) ? i->jt : 0), ARGUMENT)] = 1;
        s->place[follow(s, at + 1 + (is_comparison(i) ? i->jf : 0), ARGUMENT)] = 1;
    }
}

/* What does not jump itself goes on to the next that is left; or else a jump is behind it. */
static bool wants_jump(const struct shape *s, uint32_t at)
{
    if (s->in[at].code == RETURN || is_comparison(&s->in[at]))
        return false;
    uint32_t next = at + 1, target = follow(s, at + 1, ARGUMENT);
    while (next < target && !s->place[next])
        next++;
    return next < target;
}

static size_t place_rest(struct shape *s, uint32_t first)
{
    size_t end = s->count;
    for (uint32_t at = first; at < s->in_count; at++) {
        if (!s->place[at])
            continue;
        s->place[at] = (uint32_t)end;
        end += wants_jump(s, at) ? 2 : 1;
    }
    return end;
}

static uint32_t distance(struct shape *s, uint32_t from, uint32_t skip)
{
    return s->place[follow(s, from + 1 + skip, ARGUMENT)] - (uint32_t)s->count - 1;
}

static void put_rest(struct shape *s, uint32_t first)
{
    mark_rest(s, first);
    size_t end = place_rest(s, first);
    for (uint32_t at = first; at < s->in_count && s->count < end && !s->failed; at++) {
        const struct sock_filter *i = &s->in[at];
        if (s->place[at] != s->count)
            continue;
        if (is_comparison(i)) {
            uint32_t yes = distance(s, at, i->jt), no = distance(s, at, i->jf);
            s->failed |= yes > FAR || no > FAR;
            put(s, i->code, (uint8_t)yes, (uint8_t)no, i->k);
        } else {
            put(s, i->code, 0, 0, i->k);
            if (wants_jump(s, at))
                put(s, JUMP, 0, 0, distance(s, at, 0));
        }
    }
}

static void put_range(struct shape *s, const struct range *range)
{
    s->number = range->from;
    if (s->in[range->at].code == RETURN)
        put(s, RETURN, 0, 0, s->in[range->at].k);
    else
        put_rest(s, range->at);
}

/* Those below the middle come first: where they are many, the jump over them is one of its own. */
static void put_search(struct shape *s, const struct range *ranges, size_t count)
{
    if (count == 1) {
        put_range(s, ranges);
        return;
    }
    size_t middle = count / 2;
    size_t at = put(s, IF(BPF_JGE), 0, 0, ranges[middle].from);
    put_search(s, ranges, middle);
    size_t over = s->count - at - 1;
    if (over > FAR && put(s, JUMP, 0, 0, 0) && !s->failed) {
        memmove(&s->out[at + 2], &s->out[at + 1], over * sizeof *s->out);
        s->out[at + 1] = (struct sock_filter){JUMP, 0, 0, (uint32_t)over};
        s->out[at].jf = 1;
    } else if (!s->failed) {
        s->out[at].jt = (uint8_t)over;
    }
    put_search(s, ranges + middle, count - middle);
}

static void put_arch(struct shape *s)
{
    size_t count = find_ranges(s);
    if (count > 1)
        put(s, LOAD, 0, 0, offsetof(struct seccomp_data, nr));
    put_search(s, s->ranges, count);
}

static void put_all(struct shape *s)
{
    if (s->arch_count > 0)
        put(s, LOAD, 0, 0, offsetof(struct seccomp_data, arch));
    for (size_t n = 0; n < s->arch_count && !s->failed; n++) {
        put(s, IF(BPF_JEQ), 1, 0, s->arches[n]);
        size_t at = put(s, JUMP, 0, 0, 0);
        s->arch = s->arches[n];
        put_arch(s);
        if (!s->failed)
            s->out[at].k = (uint32_t)(s->count - at - 1);
    }
    for (s->arch = 0; is_known(s, s->arch);)
        s->arch++; /* for one that it does not compare with */
    put_arch(s);
}

void seccomp_shape(struct sock_filter *filter, size_t *count)
{
    size_t room = 2 * *count + 1;
    struct shape s = {
        .in = filter,
        .in_count = *count,
        .out = calloc(room, sizeof *s.out),
        .bounds = calloc(room, sizeof *s.bounds),
        .ranges = calloc(room, sizeof *s.ranges),
        .place = calloc(room, sizeof *s.place),
    };
    s.failed = *count == 0 || !s.out || !s.bounds || !s.ranges || !s.place;
    if (!s.failed)
        survey(&s);
    if (!s.failed)
        put_all(&s);
    if (!s.failed && s.count < s.in_count) {
        memcpy(filter, s.out, s.count * sizeof *filter);
        *count = s.count;
    }
    free(s.out);
    free(s.bounds);
    free(s.ranges);
    free(s.place);
}
