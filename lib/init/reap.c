/* SPDX-License-Identifier: MIT */
#include "init/reap.h"
#include "base/clone.h"
#include "base/sys.h"
#include "base/text.h"
#include "step/step.h"

#define SIGNAL_HANGUP   1
#define SIGNAL_KILL     9
#define SIGNAL_CHILD    17
#define SIGNAL_CONTINUE 18
#define SIGNAL_KEY_STOP 20    /* SIGTSTP */
#define CODE_KERNEL     0x80  /* SI_KERNEL of sigaction(2): not by kill(2) */
#define LOG_REST        64    /* times 4 KiB: more than a terminal holds */
#define STACK           40960 /* ample for what is left of a walk, even without openat2(2) */
#define WAIT_NO_HANG    1
#define WAIT_STOPPED    2

int reap_spawn(void (*function)(void *), void *argument)
{
    char stack[STACK] __attribute__((aligned(16)));
    struct clone_args arguments = {
        .flags = CLONE_VM | CLONE_VFORK,
        .exit_signal = SIGNAL_CHILD,
        .stack = (uint64_t)(uintptr_t)stack,
        .stack_size = sizeof stack,
    };
    sys_signal_default(SIGNAL_CHILD); /* ignored, the kernel would reap, and tell nobody */
    return clone_call(&arguments, function, argument);
}

static bool exited(int status)
{
    return (status & 0x7f) == 0;
}

static bool stopped(int status)
{
    return (status & 0xff) == 0x7f;
}

/* Without waiting: a caller that does not listen shall not hold up pid 1. */
static void tell_stopped(int socket, int signal)
{
    const struct step_message message = {.type = MESSAGE_STOPPED, .item = (uint32_t)signal};
    sys6(SYS_sendto, socket, (long)&message, sizeof message,
         0x4040 /* MSG_NOSIGNAL | MSG_DONTWAIT */, 0, 0);
}

/* Some of what has been written to the terminal; false when there is nothing (more). */
static bool log_some(const struct reap *r)
{
    char text[4096];
    ssize_t n = sys_read(r->terminal, text, sizeof text);
    if (n > 0)
        sys_write(r->log, text, (size_t)n);
    return n > 0;
}

/* All of it, but not what those may write for ever who are not waited for. */
static void log_rest(const struct reap *r)
{
    for (int i = 0; i < LOG_REST && log_some(r); i++)
        continue;
}

static _Noreturn void end(const struct reap *r, int status)
{
    char text[TEXT_NUMBER + 1];
    if (r->terminal >= 0)
        log_rest(r);
    if (r->exit_file >= 0) {
        size_t at = text_append_number(text, sizeof text, 0, (uint64_t)status);
        at = text_append(text, sizeof text, at, "\n");
        sys_write(r->exit_file, text, at);
    }
    sys_exit(status);
}

static void reap(const struct reap *r)
{
    int status, pid;
    while ((pid = sys_wait4(-1, &status, WAIT_NO_HANG | WAIT_STOPPED)) > 0) {
        if (pid != r->child)
            continue;
        if (!stopped(status))
            end(r, exited(status) ? status >> 8 & 0xff : 128 + (status & 0x7f));
        if (r->socket >= 0)
            tell_stopped(r->socket, status >> 8 & 0xff);
    }
    if (pid < 0) /* no children: never so while the command runs, but then there is no end */
        end(r, 1);
}

/*
 * A key such as Ctrl-C reaches the whole foreground process group: the command has that signal
 * already. A hangup, and what wakes those that are to hear of it, reach the session's leader alone.
 */
static bool command_has_it(const struct sys_signal *info)
{
    return info->code == CODE_KERNEL && info->signal != SIGNAL_HANGUP &&
           info->signal != SIGNAL_CONTINUE;
}

static void hand_on(int child, int signal, bool is_job)
{
    bool of_jobs = signal == SIGNAL_KEY_STOP || signal == SIGNAL_CONTINUE;
    if (!is_job || !of_jobs || sys_kill(-child, signal) < 0) /* it may have left its group */
        sys_kill(child, signal);
}

/*
 * Wait for a signal, and log meanwhile what is written to the terminal; false when the process of a
 * pidfd has ended before there was one.
 */
static bool wait_for_signal(struct reap *r, int signals)
{
    struct {
        int fd;
        short events, revents;
    } fds[3] = {{signals, 1 /* POLLIN */, 0}, {r->follow, 1, 0}, {r->terminal, 1, 0}};
    for (;;) {
        int ready = (int)sys5(SYS_ppoll, (long)fds, 3, 0, 0, 0);
        if (ready <= 0 || fds[0].revents)
            return true;
        if (fds[1].revents)
            return false;
        if (!log_some(r))
            fds[2].fd = -1; /* it was a hangup: never so while this process has the terminal */
    }
}

_Noreturn void reap_until(struct reap r)
{
    static const uint64_t all = ~UINT64_C(0);
    struct sys_signal info;
    bool polls = r.follow >= 0 || r.terminal >= 0;
    int signals = polls ? (int)sys4(SYS_signalfd4, -1, (long)&all, sizeof all, 0) : -1;
    for (;;) {
        if (polls && !wait_for_signal(&r, signals)) {
            sys_kill(r.child, SIGNAL_KILL);
            r.follow = -1;
        }
        int signal = sys_sigtimedwait(&all, &info, NULL);
        if (signal == SIGNAL_CHILD)
            reap(&r);
        else if (signal > 0 && !command_has_it(&info))
            hand_on(r.child, signal, r.socket >= 0 || r.terminal >= 0);
    }
}
