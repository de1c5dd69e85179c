/* SPDX-License-Identifier: MIT */
/*
 * scratchctl: libscratch at a prompt.
 */
#include "cli/command.h"
#include "cli/report.h"
#include "cli/suggest.h"

#include <stdio.h>
#include <string.h>
#include <scratch/version.h>

static int take_version(const struct option *option, void *target, const char *value,
                        struct scratch_error *err)
{
    (void)option;
    (void)target;
    (void)value;
    (void)err;
    return OPTION_VERSION;
}

const struct option main_options[] = {
    {"version", 0, NULL, "print the version", take_version, 0},
    {0},
};

const struct command *const commands[] = {&command_run, &command_features, &command_help, NULL};

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

static int print_version(void)
{
    printf("scratchctl (libscratch) %s\n", scratch_version());
    return report_written();
}

int main(int argc, char **argv)
{
    struct operands operands = {NULL, 0, NULL};
    struct scratch_error err;
    int rc =
        argc < 1 ? 0 : options_parse(main_options, OPTIONS_FIRST, argv + 1, NULL, &operands, &err);
    if (rc == OPTION_HELP)
        return help_print(NULL);
    if (rc == OPTION_VERSION)
        return print_version();
    if (rc == 0 && !(operands.command && *operands.command)) {
        rc = usage_error(&err, NULL, "such as: scratchctl run -- ps", "there is none");
        snprintf(err.what, sizeof err.what, "command");
    }
    const struct command *command = rc < 0 ? NULL : command_find(operands.command[0], &err);
    return command ? command->run(command, operands.command + 1) : (int)report_usage(&err, "");
}
