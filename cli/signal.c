/* SPDX-License-Identifier: MIT */
#include "cli/signal.h"
#include "cli/report.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdbool.h>
#include <strings.h>

#define NAMED(name)                                                                                \
    {                                                                                              \
#name, SIG##name                                                                           \
    }

static const struct {
    const char *name;
    int number;
} signals[] = {
    NAMED(HUP),  NAMED(INT),    NAMED(QUIT), NAMED(ILL),  NAMED(TRAP), NAMED(ABRT),  NAMED(IOT),
    NAMED(BUS),  NAMED(FPE),    NAMED(KILL), NAMED(USR1), NAMED(SEGV), NAMED(USR2),  NAMED(PIPE),
    NAMED(ALRM), NAMED(TERM),   NAMED(CHLD), NAMED(CONT), NAMED(STOP), NAMED(TSTP),  NAMED(TTIN),
    NAMED(TTOU), NAMED(URG),    NAMED(XCPU), NAMED(XFSZ), NAMED(PROF), NAMED(WINCH), NAMED(VTALRM),
    NAMED(IO),   NAMED(STKFLT), NAMED(PWR),  NAMED(SYS),  NAMED(POLL),
};

/* What the kernel counts; the C library keeps the first of the real-time signals to itself. */
#define SIGNAL_LAST 64

static int whole_number(const char *text)
{
    char *end;
    long n = *text >= '0' && *text <= '9' ? strtol(text, &end, 10) : -1;
    return n >= 0 && n <= SIGNAL_LAST && !*end ? (int)n : -1;
}

/* "RTMIN", "RTMIN+3", "RTMAX-2" */
static int real_time(const char *name)
{
    bool from_last = strncasecmp(name, "RTMAX", 5) == 0;
    if (!from_last && strncasecmp(name, "RTMIN", 5) != 0)
        return -1;
    if (!name[5])
        return from_last ? SIGRTMAX : SIGRTMIN;
    int more = name[5] == (from_last ? '-' : '+') ? whole_number(name + 6) : -1;
    if (more < 0 || more > SIGRTMAX - SIGRTMIN)
        return -1;
    return from_last ? SIGRTMAX - more : SIGRTMIN + more;
}

static int named(const char *text)
{
    const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (strcasecmp(signals[i].name, name) == 0)
            return signals[i].number;
    return real_time(name);
}

int signal_parse(const char *text, int *number, struct scratch_error *err)
{
    int n = whole_number(text);
    *number = n >= 0 ? n : named(text);
    if (*number >= 0)
        return 0;
    usage_error(err, text, "such as TERM, SIGTERM or 15", "there is no such signal");
    snprintf(err->what, sizeof err->what, "signal");
    return -err->errnum;
}
