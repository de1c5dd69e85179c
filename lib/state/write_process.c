/* SPDX-License-Identifier: MIT */
#include "state/write_process.h"
#include "base/json.h"
#include "state/text.h"

#include <inttypes.h>

static void write_user(FILE *out, const struct scratch_process_options *o)
{
    fprintf(out, "\"uid\":%u,\"gid\":%u,\"groups\":[", o->uid, o->gid);
    for (size_t i = 0; i < o->group_count; i++)
        fprintf(out, "%s%u", i ? "," : "", o->groups[i]);
    fputs("],", out);
    text_member(out, "user", o->user);
    if (!o->group_name_count)
        return;
    fputs("\"group_names\":[", out);
    for (size_t i = 0; i < o->group_name_count; i++) {
        fputs(i ? "," : "", out);
        json_write_string(out, o->group_names[i]);
    }
    fputs("],", out);
}

static void write_rlimits(FILE *out, const struct scratch_process_options *o)
{
    fputs("\"rlimits\":[", out);
    for (size_t i = 0; i < o->rlimit_count; i++)
        fprintf(out, "%s{\"resource\":%d,\"soft\":%" PRIu64 ",\"hard\":%" PRIu64 "}", i ? "," : "",
                o->rlimits[i].resource, o->rlimits[i].soft, o->rlimits[i].hard);
    fputs("],", out);
}

static void write_landlock(FILE *out, const struct scratch_process_options *o)
{
    fputs("\"landlock\":[", out);
    for (size_t i = 0; i < o->landlock_count; i++) {
        fprintf(out, "%s{\"access\":%u,\"path\":", i ? "," : "", o->landlock[i].access);
        json_write_string(out, o->landlock[i].path);
        fputs("}", out);
    }
    fputs("],\"landlock_ports\":[", out);
    for (size_t i = 0; i < o->landlock_port_count; i++)
        fprintf(out, "%s{\"access\":%u,\"port\":%u}", i ? "," : "", o->landlock_ports[i].access,
                o->landlock_ports[i].port);
    fprintf(out, "],\"landlock_best_effort\":%s,", o->landlock_best_effort ? "true" : "false");
}

static const char *filter_word(enum scratch_seccomp seccomp)
{
    return seccomp == SCRATCH_SECCOMP_DEFAULT ? "default"
           : seccomp == SCRATCH_SECCOMP_NONE  ? "none"
                                              : "file";
}

void write_process(FILE *out, const struct scratch_process_options *o)
{
    fputs("\"process\":{", out);
    text_member(out, "cwd", o->cwd ? o->cwd : "/");
    text_array(out, "env", o->env);
    write_user(out, o);
    write_rlimits(out, o);
    write_landlock(out, o);
    text_member(out, "apparmor", o->apparmor_profile);
    text_member(out, "selinux", o->selinux_label);
    text_member(out, "seccomp", filter_word(o->seccomp));
    fprintf(out,
            "\"capabilities\":%" PRIu64 ",\"ambient\":%" PRIu64
            ",\"new_privileges\":%s,\"umask\":%u},",
            o->capabilities, o->ambient, o->new_privileges ? "true" : "false", o->umask);
}
