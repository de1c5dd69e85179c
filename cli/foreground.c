/* SPDX-License-Identifier: MIT */
/*
 * A container that its starter waits for.
 */
#include "cli/foreground.h"
#include "cli/run.h"
#include "cli/groups.h"
#include "cli/notify.h"
#include "cli/report.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
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

static int end_it(scratch_container *container, const struct scratch_error *why,
                  struct scratch_error *err)
{
    scratch_container_signal(container, SIGKILL, NULL);
    scratch_container_wait(container, err);
    *err = *why;
    return -why->errnum;
}

/* A filter that asks would hold the command up for ever: there is nobody here to answer it. */
static int refuse_to_answer(scratch_container *container, struct scratch_error *err)
{
    const struct scratch_error why = {
        .errnum = EINVAL,
        .what = "run under this system call filter",
        .cause = "a rule of it asks the caller (SCMP_ACT_NOTIFY)",
        .hint = "give it another action, or write a program that answers: "
                "scratch_container_seccomp_fd()"};
    return end_it(container, &why, err);
}

static void stay(const scratch_container *container, int signals, int notify,
                 struct deadline *deadline)
{
    struct pollfd fds[] = {
        {.fd = scratch_container_pidfd(container), .events = POLLIN},
        {.fd = signals, .events = POLLIN},
        {.fd = notify, .events = POLLIN},
    };
    bool swept = false;
    for (;;) {
        int left = deadline_left(deadline);
        bool sweep = !swept && (left < 0 || left > SWEEP_AFTER_MS);
        int ready = poll(fds, 3, sweep ? SWEEP_AFTER_MS : left);
        if (ready < 0 && errno != EINTR)
            break;
        if (ready > 0 && fds[0].revents)
            break;
        if (ready > 0 && fds[1].revents)
            hand_on(container, signals);
        if (ready > 0 && fds[2].revents)
            notify_hand_on(notify, getpid());
        if (ready == 0 && sweep)
            scratch_sweep(NULL);
        swept = swept || ready == 0;
        deadline_check(deadline, container);
    }
}

static void say_what_killed_it(const scratch_container *container)
{
    struct scratch_container_oom oom;
    struct scratch_error said = {.what = "killed"};
    if (scratch_container_oom(container, &oom) != 1)
        return;
    groups_oom(said.cause, &oom);
    report_error(&said);
}

static int wait_for(const struct foreground *f, scratch_container *container, struct terminal *own,
                    int signals, struct scratch_error *err)
{
    struct deadline deadline = deadline_in(f->timeout);
    if (!f->answered && scratch_container_seccomp_fd(container) >= 0)
        return refuse_to_answer(container, err);
    terminal_take(own);
    int notify = f->notify ? *f->notify : -1;
    if (f->terminal)
        attend(container, own, signals, notify, &deadline);
    else
        stay(container, signals, notify, &deadline);
    if (notify >= 0)
        close(notify);
    return scratch_container_wait(container, err);
}

/* What need not be there before the command runs is made when it does. */
static int wait_with_signals(const struct foreground *f, scratch_container *container,
                             struct terminal *own, const sigset_t *set, struct scratch_error *err)
{
    int signals = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
    const struct scratch_error why = {
        .errnum = errno, .call = "signalfd(2)", .what = "hand on signals"};
    if (signals < 0)
        return end_it(container, &why, err);
    int rc = wait_for(f, container, own, signals, err);
    close(signals);
    return rc;
}

/*
 * Signals are held back from before the start, and to the end: one that came between the start and
 * the waiting would end scratchctl, and leave the container's group.
 */
int foreground_stay(const struct foreground *f, struct scratch_error *err)
{
    scratch_container *container;
    struct winsize size;
    struct terminal own = f->terminal ? terminal_find(f->interactive) : TERMINAL_NONE;
    sigset_t set = signals_to_hand_on(f->terminal);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int rc = f->start(f->data, terminal_size(&own, &size) ? &size : NULL, &container, err);
    if (rc < 0)
        return rc;
    rc = wait_with_signals(f, container, &own, &set, err);
    say_what_killed_it(container);
    scratch_container_free(container);
    return rc;
}

struct planned {
    const scratch_plan *plan;
    const struct run *run;
};

static int start_planned(void *data, const struct winsize *size, scratch_container **container,
                         struct scratch_error *err)
{
    const struct planned *p = data;
    struct scratch_start_options options = p->run->start;
    options.window = size;
    int rc = scratch_plan_start(p->plan, &options, container, err);
    if (rc != -EEXIST || scratch_sweep(NULL) <= 0)
        return rc;
    *err = (struct scratch_error){0}; /* one who was killed had the name */
    return scratch_plan_start(p->plan, &options, container, err);
}

/*
 * Where its name cannot be printed it runs on, for what it has begun could not be taken back; but
 * then that is said, and its name.
 */
static int print_name(const char *id, struct scratch_error *err)
{
    if (puts(id) >= 0 && fflush(stdout) == 0)
        return 0;
    *err = (struct scratch_error){.errnum = errno ? errno : EIO,
                                  .call = "write(2)",
                                  .what = "print the name of the container",
                                  .hint = "it runs: scratchctl ps lists it, and rm -f ends it"};
    snprintf(err->subject, sizeof err->subject, "%s", id);
    return -err->errnum;
}

int detached(const scratch_plan *plan, const struct run *run, struct scratch_error *err)
{
    struct planned planned = {plan, run};
    scratch_container *container;
    int rc = start_planned(&planned, NULL, &container, err);
    if (rc < 0)
        return rc;
    rc = print_name(scratch_container_id(container), err);
    scratch_container_free(container);
    return rc;
}

int foreground(const scratch_plan *plan, const struct run *run, struct scratch_error *err)
{
    struct planned planned = {plan, run};
    const struct foreground f = {
        .terminal = run->spec.terminal,
        .interactive = run->interactive,
        .timeout = run->timeout,
        .start = start_planned,
        .data = &planned,
    };
    return foreground_stay(&f, err);
}
