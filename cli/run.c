/* SPDX-License-Identifier: MIT */
#include "cli/run.h"
#include "cli/command.h"
#include "cli/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int no_text(void)
{
    struct scratch_error err = {.errnum = ENOMEM, .what = "describe the plan"};
    return report_error(&err);
}

/* --dry-run: returns the exit status. */
static int show(const scratch_plan *plan, enum run_output output)
{
    char *text = output == RUN_SHOW_JSON ? scratch_plan_json(plan) : scratch_plan_explain(plan);
    if (!text)
        return no_text();
    fputs(text, stdout);
    free(text);
    return report_written();
}

/* --explain: to standard error, for standard output is the command's. */
static int explain(const scratch_plan *plan)
{
    char *text = scratch_plan_explain(plan);
    if (!text)
        return no_text();
    report_text(text, strlen(text));
    free(text);
    return 0;
}

static void warn(const scratch_plan *plan)
{
    struct scratch_error warning;
    for (size_t i = 0; scratch_plan_warning(plan, i, &warning) == 0; i++)
        report_warning(&warning);
}

int run_plan(const scratch_plan *plan, const struct run *run)
{
    struct scratch_error err = {0};
    int rc;
    warn(plan);
    if (run->output != RUN_START)
        rc = show(plan, run->output);
    else if (!run->explain || (rc = explain(plan)) == 0)
        rc = (run->oci.detach ? detached : foreground)(plan, run, &err);
    if (rc >= 0 && err.errnum) /* it ran, and something could not be removed */
        report_error(&err);
    return rc < 0 ? (int)report_error(&err) : rc;
}

static int run_spec(const struct run *run)
{
    struct scratch_error err = {0};
    scratch_plan *plan;
    int rc = scratch_plan_compile(&run->spec, &plan, &err);
    if (rc < 0)
        return report_error(&err);
    rc = run_plan(plan, run);
    scratch_plan_free(plan);
    return rc;
}

/* What a bundle says itself is not said again on the command line. */
static bool is_for_bundles(const struct option *option)
{
    static option_take *const also[] = {take_preserve_fds, take_timeout, take_dry_run};
    for (size_t i = 0; i < sizeof also / sizeof *also; i++)
        if (option->take == also[i])
            return true;
    size_t oci = offsetof(struct run, oci);
    return option->member == offsetof(struct run, explain) ||
           (option->member >= oci && option->member < oci + sizeof(struct oci_create));
}

static int misfit(const struct option *option, struct scratch_error *err)
{
    int rc = usage_error(err, NULL,
                         "a command goes behind '--': scratchctl run [options] ROOTFS -- COMMAND",
                         "without a command it is a bundle that runs, whose config.json says that");
    snprintf(err->what, sizeof err->what, "option --%s", option->name);
    return rc;
}

static int run_command(const struct command *self, char **argv)
{
    struct run run;
    struct operands operands = {.fits = is_for_bundles};
    struct scratch_error err;
    size_t arguments = 0;
    while (argv[arguments])
        arguments++;
    run_begin(&run, arguments);
    operands.operand = pool_take(&run.pool, run.room, sizeof *operands.operand);
    int rc = options_parse(self->options, OPTIONS_ANYWHERE, argv, &run, &operands, &err);
    bool bundle = rc == 0 && !operands.command && operands.count == 1;
    if (bundle && operands.misfit) {
        bundle = false;
        rc = misfit(operands.misfit, &err);
    } else if (rc == 0 && !bundle) {
        rc = run_assemble(&run, &operands, &err);
    }
    if (rc == OPTION_HELP)
        rc = help_print(self);
    else if (bundle)
        rc = run_bundle(&run, operands.operand[0]);
    else
        rc = rc < 0 ? (int)report_usage(&err, self->name) : run_spec(&run);
    run_end(&run);
    return rc;
}

const struct command command_run = {
    .name = "run",
    .synopsis = "[options] [ROOTFS] -- COMMAND [ARG...]",
    .summary = "Run a command in a new container, and wait for it.",
    .notes =
        "ROOTFS is a directory with a root file system; it is written through unless --read-only,\n"
        "--volatile or --upper is given. Without it the root is the host's own tree, and writes\n"
        "are thrown away: that protects the host's files from change, not its secrets from being\n"
        "read by root inside.\n\n"
        "Without -i, -t or -T, the command gets a terminal of its own when scratchctl's standard\n"
        "input and output are one, and the keys go to it: Ctrl-C, Ctrl-Z and the shell's fg and "
        "bg\n"
        "work as for other commands. Otherwise standard input, output and error are passed on as\n"
        "they are; -i is not needed for that.\n\n"
        "The exit status is the command's, 128 + n when signal n ended it, 125 when the container\n"
        "could not be started, 126 when the command cannot be executed, 127 when it is not "
        "found.\n",
    .options = run_options,
    .run = run_command,
};
