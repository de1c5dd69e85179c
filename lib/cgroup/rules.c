/* SPDX-License-Identifier: MIT */
/*
 * Rules about devices, as steps.
 */
#include "cgroup/compile.h"
#include "cgroup/devices.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int put_rules_v1(struct builder *b, int slot, const struct scratch_cgroup_options *o)
{
    char text[DEVICES_RULE];
    int rc = devices_check_v1(o, b->err);
    if (rc < 0)
        return rc;
    if (o->rules[0].type != 'a')
        cgroup_put_set(b, slot, "devices.deny", "a", NULL);
    for (size_t i = 0; i < o->rule_count; i++) {
        devices_write_rule(text, &o->rules[i]);
        cgroup_put_set(b, slot, o->rules[i].allow ? "devices.allow" : "devices.deny",
                       o->rules[i].type == 'a' ? "a" : text, NULL);
    }
    return 0;
}

/* "deny a *:* rwm; allow c 1:3 rwm" */
static uint32_t rules_text(struct builder *b, const struct scratch_cgroup_options *o)
{
    char rule[DEVICES_RULE];
    size_t room = o->rule_count * (DEVICES_RULE + 8) + 1, at = 0;
    char *text = calloc(1, room);
    for (size_t i = 0; text && i < o->rule_count; i++) {
        devices_write_rule(rule, &o->rules[i]);
        at += (size_t)snprintf(text + at, room - at, "%s%s %s", i ? "; " : "",
                               o->rules[i].allow ? "allow" : "deny", rule);
    }
    uint32_t offset = builder_text(b, text ? text : "");
    free(text);
    return offset;
}

static int put_rules_v2(struct builder *b, int slot, const struct scratch_cgroup_options *o)
{
    struct bpf_insn *program;
    int length = devices_program(o, &program);
    if (length < 0)
        return error_set(b->err, -length, "make the program for device rules", NULL, NULL);
    uint32_t rules = rules_text(b, o);
    uint32_t data = block_put(&b->block, program, (size_t)length * sizeof *program);
    free(program);
    struct step *step = builder_add(b, STEP_CGROUP_DEVICES, STEP_HOST);
    step->text[0] = rules;
    step->text[1] = data;
    step->num[0] = (uint64_t)length;
    step->fd[0] = (int16_t)slot;
    return 0;
}

int cgroup_put_rules(struct builder *b, int version, int slot,
                     const struct scratch_cgroup_options *o)
{
    return version == 1 ? put_rules_v1(b, slot, o) : put_rules_v2(b, slot, o);
}
