/* SPDX-License-Identifier: MIT */
#include "cli/command.h"
#include "cli/report.h"

#include <errno.h>
#include <fcntl.h>
#include <scratch/oci.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct arguments {
    const char *bundle;
    bool rootless;
};

#define FILE_NAME "config.json"

/* What is there may be somebody's work: it is not written over. */
static int write_file(const char *bundle, const char *text, struct scratch_error *err)
{
    int dir = open(bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = dir < 0 ? -1 : openat(dir, FILE_NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    bool written = file && fprintf(file, "%s\n", text) >= 0;
    int errnum = errno;
    if (dir >= 0)
        close(dir);
    if (file && fclose(file) == 0 && written)
        return 0;
    *err = (struct scratch_error){.errnum = errnum, .call = "open(2)", .what = "write the bundle"};
    snprintf(err->subject, sizeof err->subject, "%s", dir < 0 ? bundle : FILE_NAME);
    if (errnum == EEXIST)
        snprintf(err->hint, sizeof err->hint, "File " FILE_NAME " exists. Remove it first");
    return -errnum;
}

static int run_command_spec(const struct command *self, char **argv)
{
    struct arguments arguments = {".", false};
    struct operands operands = {0};
    struct scratch_error err;
    int rc = options_parse(self->options, OPTIONS_FIRST, argv, &arguments, &operands, &err);
    if (rc == OPTION_HELP)
        return help_print(self);
    if (rc == 0 && operands.command && operands.command[0]) {
        rc = usage_error(&err, operands.command[0], NULL, "spec takes options alone");
        snprintf(err.what, sizeof err.what, "argument");
    }
    if (rc < 0)
        return report_usage(&err, self->name);
    char *text = scratch_oci_template(arguments.rootless);
    if (!text) {
        err = (struct scratch_error){.errnum = ENOMEM, .what = "write the bundle"};
        return report_error(&err);
    }
    rc = write_file(arguments.bundle, text, &err);
    free(text);
    return rc < 0 ? (int)report_error(&err) : 0;
}

static const struct option options[] = {
    {"bundle", 'b', "DIR", "where config.json is written (.)", option_text,
     offsetof(struct arguments, bundle)},
    {"rootless", 0, NULL, "for a user without privilege", option_flag,
     offsetof(struct arguments, rootless)},
    {0},
};

const struct command command_spec = {
    .name = "spec",
    .synopsis = "[--bundle DIR] [--rootless]",
    .summary = "Write a config.json that runs: a shell in the root file system \"rootfs\".",
    .notes = "",
    .options = options,
    .run = run_command_spec,
};
