/* SPDX-License-Identifier: MIT */
#include "cli/report.h"
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool as_json;
static const char *log_path;
static bool log_as_json;
static enum status own = STATUS_OWN;

void report_failures_as(enum status status)
{
    own = status;
}

void report_as_json(bool json)
{
    as_json = json;
}

void report_log(const char *path, bool json)
{
    log_path = path;
    log_as_json = json;
}

/* An object a line, with the members that containerd and podman look for. */
static void log_json(FILE *out, const char *level, const char *line)
{
    struct output output = {out, false};
    char when[32] = "";
    time_t now = time(NULL);
    struct tm tm;
    if (gmtime_r(&now, &tm))
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
    output_open(&output, NULL, '{');
    output_text(&output, "level", level);
    output_text(&output, "msg", line);
    output_text(&output, "time", when);
    output_close(&output, '}');
    fputc('\n', out);
}

static int open_log(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

bool report_log_opens(const char *path)
{
    int fd = open_log(path);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* One that cannot be written any more is no reason to fail: it is said on standard error too. */
static void log_line(const char *level, const char *line)
{
    int fd = log_path ? open_log(log_path) : -1;
    FILE *out = fd < 0 ? NULL : fdopen(fd, "a");
    if (!out) {
        if (fd >= 0)
            close(fd);
        return;
    }
    if (log_as_json)
        log_json(out, level, line);
    else
        fprintf(out, "%s: %s\n", level, line);
    fclose(out);
}

int usage_error(struct scratch_error *err, const char *subject, const char *hint, const char *cause,
                ...)
{
    va_list arguments;
    memset(err, 0, sizeof *err);
    err->errnum = EINVAL;
    snprintf(err->subject, sizeof err->subject, "%s", subject ? subject : "");
    snprintf(err->hint, sizeof err->hint, "%s", hint ? hint : "");
    va_start(arguments, cause);
    vsnprintf(err->cause, sizeof err->cause, cause, arguments);
    va_end(arguments);
    return -EINVAL;
}

void report_text(const char *text, size_t size)
{
    while (size > 0) {
        ssize_t n = write(STDERR_FILENO, text, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* there is no other place to say so */
        text += n;
        size -= (size_t)n;
    }
}

/* A buffer on the stack, as full as snprintf(3) says, or less. */
static void report_printed(const char *text, size_t size, int length)
{
    if (length > 0)
        report_text(text, (size_t)length < size ? (size_t)length : size - 1);
}

static bool report_json(const struct scratch_error *err)
{
    char text[8 * SCRATCH_ERROR_LINE]; /* every byte of an error may need six in JSON */
    int length = scratch_error_json(err, text, sizeof text - 1);
    if (length < 0 || (size_t)length >= sizeof text - 1)
        return false; /* no memory */
    text[length] = '\n';
    report_text(text, (size_t)length + 1);
    return true;
}

/* The command is done for its failure: 127 and 126 as a shell has them. */
static enum status status_of(const struct scratch_error *err)
{
    bool executing = strcmp(err->call, "execve(2)") == 0 && err->errnum != ECANCELED;
    if (!executing)
        return own;
    return err->errnum == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUN;
}

enum status report_error(const struct scratch_error *err)
{
    char line[SCRATCH_ERROR_LINE], text[SCRATCH_ERROR_LINE + 32];
    scratch_error_format(err, line, sizeof line);
    log_line("error", line);
    if (as_json && report_json(err))
        return status_of(err);
    report_printed(text, sizeof text, snprintf(text, sizeof text, "scratchctl: %s\n", line));
    return status_of(err);
}

void report_warning(const struct scratch_error *warning)
{
    char line[SCRATCH_ERROR_LINE], text[SCRATCH_ERROR_LINE + 32];
    scratch_error_format(warning, line, sizeof line);
    log_line("warning", line);
    if (as_json && report_json(warning))
        return;
    report_printed(text, sizeof text,
                   snprintf(text, sizeof text, "scratchctl: warning: %s\n", line));
}

/* Without the errno in the sentence: the kernel has not been asked for anything yet. */
enum status report_usage(const struct scratch_error *err, const char *command)
{
    struct scratch_error typed = *err;
    char line[SCRATCH_ERROR_LINE], text[SCRATCH_ERROR_LINE + 128];
    typed.errnum = 0;
    scratch_error_format(&typed, line, sizeof line);
    log_line("error", line);
    if (as_json && report_json(err))
        return own;
    report_printed(text, sizeof text,
                   snprintf(text, sizeof text, "scratchctl: %s\nTry 'scratchctl %s%s--help'.\n",
                            line, command, *command ? " " : ""));
    return own;
}

int report_written(void)
{
    struct scratch_error err = {.what = "write to standard output"};
    bool failed = ferror(stdout);
    if (fflush(stdout) == 0 && !failed)
        return 0;
    err.errnum = errno ? errno : EIO;
    return report_error(&err);
}
