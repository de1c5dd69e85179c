/* SPDX-License-Identifier: MIT */
/*
 * A container that its starter waits for.
 */
#include "cli/run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

/*
 * What killed starters have left is removed while a command runs: one that ends at once shall not
 * be waited for, since looking takes a tenth of the time that its container did.
 */
#define SWEEP_AFTER_MS 20

/*
 * What others send to end or to tell a program something. With a terminal, which must be put back
 * before the end, and whose container is another job than scratchctl, there are more.
 */
static const int handed_on[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2,
                                SIGPIPE, SIGALRM, SIGTSTP, SIGCONT, SIGWINCH};
#define WITHOUT_TERMINAL 6

/*
 * nohup(1), and a shell for its background jobs, have some ignored: those stay so. One that is
 * blocked comes all the same: without a terminal they are asked about when they do.
 */
static bool is_ignored(int signal)
{
    struct sigaction action;
    return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static sigset_t signals_to_hand_on(bool terminal)
{
    size_t count = terminal ? sizeof handed_on / sizeof *handed_on : WITHOUT_TERMINAL;
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < count; i++)
        if (!terminal || !is_ignored(handed_on[i]))
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
    if (read(signals, &info, sizeof info) == sizeof info && !container_has_it(&info) &&
        !is_ignored((int)info.ssi_signo))
        scratch_container_signal(container, (int)info.ssi_signo, NULL); /* or it has just ended */
}

/* A filter that asks would hold the command up for ever: there is nobody here to answer it. */
static int refuse_to_answer(scratch_container *container, struct scratch_error *err)
{
    scratch_container_signal(container, SIGKILL, NULL);
    scratch_container_wait(container, err);
    *err =
        (struct scratch_error){.errnum = EINVAL,
                               .what = "run under this system call filter",
                               .cause = "a rule of it asks the caller (SCMP_ACT_NOTIFY)",
                               .hint = "give it another action, or write a program that answers: "
                                       "scratch_container_seccomp_fd()"};
    return -EINVAL;
}

static void stay(const scratch_container *container, int signals, struct deadline *deadline)
{
    struct pollfd fds[] = {
        {.fd = scratch_container_pidfd(container), .events = POLLIN},
        {.fd = signals, .events = POLLIN},
    };
    bool swept = false;
    for (;;) {
        int left = deadline_left(deadline);
        bool sweep = !swept && (left < 0 || left > SWEEP_AFTER_MS);
        int ready = poll(fds, 2, sweep ? SWEEP_AFTER_MS : left);
        if (ready < 0 && errno != EINTR)
            break;
        if (ready > 0 && fds[0].revents)
            break;
        if (ready > 0 && fds[1].revents)
            hand_on(container, signals);
        if (ready == 0 && sweep)
            scratch_sweep(NULL);
        swept = swept || ready == 0;
        deadline_check(deadline, container);
    }
}

static int start(const scratch_plan *plan, const struct run *run, const struct terminal *own,
                 scratch_container **container, struct scratch_error *err)
{
    struct scratch_start_options options = run->start;
    struct winsize size;
    if (terminal_size(own, &size))
        options.window = &size;
    return scratch_plan_start(plan, &options, container, err);
}

/*
 * Signals are held back from before the start, and to the end: one that came between the start and
 * the waiting would end scratchctl, and leave the container's group.
 */
int foreground(const scratch_plan *plan, const struct run *run, struct scratch_error *err)
{
    scratch_container *container;
    bool terminal = run->spec.terminal;
    struct terminal own = terminal ? terminal_find(run->interactive) : TERMINAL_NONE;
    sigset_t set = signals_to_hand_on(terminal);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0) {
        *err = (struct scratch_error){
            .errnum = errno, .call = "signalfd(2)", .what = "hand on signals"};
        return -errno;
    }
    int rc = start(plan, run, &own, &container, err);
    if (rc == 0) {
        struct deadline deadline = deadline_in(run->timeout);
        bool asks = scratch_container_seccomp_fd(container) >= 0;
        terminal_take(&own);
        if (terminal && !asks)
            attend(container, &own, signals, &deadline);
        else if (!asks)
            stay(container, signals, &deadline);
        rc = asks ? refuse_to_answer(container, err) : scratch_container_wait(container, err);
        scratch_container_free(container);
    }
    close(signals);
    return rc;
}
