/* SPDX-License-Identifier: MIT */
/*
 * A container that its starter waits for.
 */
#include "cli/run.h"
#include "cli/report.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/* What others send to end or to tell a program something. */
static const int handed_on[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};

/* nohup(1), and a shell for its background jobs, have some ignored: those stay so. */
static bool is_ignored(int signal)
{
    struct sigaction action;
    return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static sigset_t signals_to_hand_on(void)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof handed_on / sizeof *handed_on; i++)
        if (!is_ignored(handed_on[i]))
            sigaddset(&set, handed_on[i]);
    return set;
}

/*
 * Keys such as Ctrl-C reach the whole foreground process group: the container has had that signal
 * already. A hangup reaches the session's leader alone, which scratchctl may be.
 */
static bool container_has_it(const struct signalfd_siginfo *info)
{
    return info->ssi_code == SI_KERNEL && info->ssi_signo != SIGHUP;
}

static void hand_on(const scratch_container *container, int signals)
{
    struct signalfd_siginfo info;
    if (read(signals, &info, sizeof info) == sizeof info && !container_has_it(&info))
        scratch_container_signal(container, (int)info.ssi_signo, NULL); /* or it has just ended */
}

static int64_t milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until it ends by itself. False: the time is up, and it has not. */
static bool serve(const scratch_container *container, int signals, int timeout)
{
    struct pollfd fds[] = {
        {.fd = scratch_container_pidfd(container), .events = POLLIN},
        {.fd = signals, .events = POLLIN},
    };
    int64_t end = milliseconds() + (int64_t)timeout * 1000;
    for (;;) {
        int64_t left = end - milliseconds();
        int ready = poll(fds, 2, timeout == 0 ? -1 : left > 0 ? (int)left : 0);
        if (ready == 0)
            return false;
        if (ready < 0 && errno != EINTR)
            return true;
        if (ready > 0 && fds[0].revents)
            return true;
        if (ready > 0 && fds[1].revents)
            hand_on(container, signals);
    }
}

static int stay(scratch_container *container, int signals, int timeout, struct scratch_error *err)
{
    scratch_sweep(NULL); /* what others have left; the command runs meanwhile */
    if (!serve(container, signals, timeout)) {
        struct scratch_error late = {.errnum = ETIMEDOUT, .what = "run the command"};
        snprintf(late.cause, sizeof late.cause, "it still ran after %d second%s, and was killed",
                 timeout, timeout == 1 ? "" : "s");
        report_error(&late);
        scratch_container_signal(container, SIGKILL, NULL);
    }
    return scratch_container_wait(container, err);
}

/*
 * Signals are held back from before the start, and to the end: one that came between the start and
 * the waiting would end scratchctl, and leave the container's group.
 */
int foreground(const scratch_plan *plan, const struct scratch_start_options *start, int timeout,
               struct scratch_error *err)
{
    scratch_container *container;
    sigset_t set = signals_to_hand_on();
    sigprocmask(SIG_BLOCK, &set, NULL);
    int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0) {
        *err = (struct scratch_error){
            .errnum = errno, .call = "signalfd(2)", .what = "hand on signals"};
        return -errno;
    }
    int rc = scratch_plan_start(plan, start, &container, err);
    if (rc == 0) {
        rc = stay(container, signals, timeout, err);
        scratch_container_free(container);
    }
    close(signals);
    return rc;
}
