/* SPDX-License-Identifier: MIT */
/*
 * scratchctl: libscratch at a prompt.
 */
#include "cli/command.h"
#include "cli/globals.h"
#include "cli/report.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>
#include <scratch/version.h>

static int print_version(void)
{
    printf("scratchctl (libscratch) %s\n", scratch_version());
    return report_written();
}

/*
 * A standard stream that the caller has closed shall not be the next file that is opened: what is
 * printed would go there, be it a container's record. It stays one that cannot be written to, and
 * that no container gets.
 */
static void reserve_streams(void)
{
    struct pollfd streams[] = {{.fd = 0}, {.fd = 1}, {.fd = 2}};
    if (poll(streams, 3, 0) > 0)
        for (size_t i = 0; i < 3; i++)
            if (streams[i].revents & POLLNVAL && open("/dev/null", O_RDONLY | O_CLOEXEC) != (int)i)
                _exit(STATUS_OWN); /* there is nothing to say it on */
}

/* The command's name, and what is typed behind it. */
static int run_command(char **argv)
{
    struct scratch_error err;
    const struct command *command = argv && argv[0] ? command_find(argv[0], &err) : NULL;
    if (command && command != &command_run && command != &command_exec)
        report_failures_as(STATUS_FAILED);
    if (command)
        return command->run(command, argv + 1);
    if (!argv || !argv[0]) {
        usage_error(&err, NULL, "such as: scratchctl run -- ps", "there is none");
        snprintf(err.what, sizeof err.what, "command");
    }
    return report_usage(&err, "");
}

int main(int argc, char **argv)
{
    struct operands operands = {0};
    struct scratch_error err;
    char **first = argc > 0 ? argv + 1 : argv; /* before 5.18 there may be none at all */
    reserve_streams();
    int rc = options_parse(main_options, OPTIONS_FIRST, first, &globals, &operands, &err);
    if (rc == OPTION_HELP)
        return help_print(NULL);
    if (rc == OPTION_VERSION)
        return print_version();
    return rc < 0 ? (int)report_usage(&err, "") : run_command(operands.command);
}
