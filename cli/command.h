/* SPDX-License-Identifier: MIT */
/*
 * The commands of scratchctl: each a file, and a row here.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/options.h"

struct command {
    const char *name;
    const char *synopsis; /* what follows "scratchctl NAME" */
    const char *summary;  /* a line */
    const char *notes;    /* the end of its help text, or "" */
    const struct option *options;
    int (*run)(const struct command *self, char **argv); /* returns the exit status */
};

extern const struct command command_run;
extern const struct command command_start, command_state, command_list, command_kill,
    command_delete;
extern const struct command command_features;
extern const struct command command_stats;
extern const struct command command_events;
extern const struct command command_ps, command_logs, command_stop, command_rm, command_wait,
    command_inspect, command_pause, command_resume, command_update;
extern const struct command command_help;
extern const struct command command_spec, command_create, command_exec, command_checkpoint,
    command_restore;

/* Ends with NULL. */
extern const struct command *const commands[];

/* The command of that name; NULL: there is none, and err says so. */
const struct command *command_find(const char *name, struct scratch_error *err);

/* Print the help of a command, or of scratchctl itself (NULL); returns the exit status. */
int help_print(const struct command *command);

/* The options that stand before a command. */
extern const struct option main_options[];

#endif
