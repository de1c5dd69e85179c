/* SPDX-License-Identifier: MIT */
#include "cli/command.h"
#include "cli/report.h"
#include "cli/suggest.h"

#include <stdio.h>
#include <string.h>

/* For people first, then for container engines. */
const struct command *const commands[] = {
    &command_run,    &command_ps,    &command_logs,     &command_exec,       &command_stop,
    &command_rm,     &command_wait,  &command_inspect,  &command_pause,      &command_resume,
    &command_update, &command_stats, &command_events,   &command_create,     &command_start,
    &command_state,  &command_kill,  &command_delete,   &command_checkpoint, &command_restore,
    &command_list,   &command_spec,  &command_features, &command_help,       NULL,
};

const struct command *command_find(const char *name, struct scratch_error *err)
{
    char hint[64] = "";
    struct suggestion best = suggest_begin(name, strlen(name));
    for (const struct command *const *c = commands; *c; c++) {
        if (strcmp((*c)->name, name) == 0)
            return *c;
        suggest(&best, (*c)->name);
    }
    if (best.name)
        snprintf(hint, sizeof hint, "did you mean %s?", best.name);
    usage_error(err, name, hint, "there is no such command");
    snprintf(err->what, sizeof err->what, "command");
    return NULL;
}
