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

/* Commands of docker and podman that are not here: what does it instead. */
static const struct {
    const char *names, *hint;
} elsewhere[] = {
    {" pull images load import build ",
     "a root file system is a directory: unpack an image into one, as by podman export and tar"},
    {" top ", "the processes of one: scratchctl ps ID"},
    {" unpause ", "scratchctl resume ID"},
    {" attach ", "see what it writes: scratchctl logs -f ID; go in: scratchctl exec -it ID sh"},
    {" restart ", "end it and run it again: scratchctl rm -f ID; scratchctl run -d --name ID ..."},
    {" cp ", "through a pipe: scratchctl exec ID cat FILE > FILE; or mount a directory: run -v"},
    {" container ls ", "scratchctl ps"},
    {" info ", "what this machine offers: scratchctl features"},
    {" version ", "scratchctl --version"},
};

static const char *find_elsewhere(const char *name)
{
    char word[32];
    int length = snprintf(word, sizeof word, " %s ", name);
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        if (length < (int)sizeof word && strstr(elsewhere[i].names, word))
            return elsewhere[i].hint;
    return NULL;
}

const struct command *command_find(const char *name, struct scratch_error *err)
{
    char near[64] = "";
    struct suggestion best = suggest_begin(name, strlen(name));
    for (const struct command *const *c = commands; *c; c++) {
        if (strcmp((*c)->name, name) == 0)
            return *c;
        suggest(&best, (*c)->name);
    }
    if (best.name)
        snprintf(near, sizeof near, "did you mean %s?", best.name);
    const char *hint = find_elsewhere(name);
    usage_error(err, name, hint ? hint : near, "there is no such command");
    snprintf(err->what, sizeof err->what, "command");
    return NULL;
}
