/* SPDX-License-Identifier: MIT */
/*
 * A container with a terminal: keys go in, what it shows comes out, and it stops and goes on as a
 * job of the shell that scratchctl was started from.
 */
#include "cli/notify.h"
#include "cli/relay.h"
#include "cli/run.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/* More than a terminal holds (about 16 KiB): who writes more after the command's end has no end. */
#define LAST_WORDS 65536

#define BACKGROUND_MS 200  /* fg of a job that runs in the background sends no signal */
#define SHOWN_MS      1000 /* for what was written before a stop to be shown, */
#define SHOWN_TURNS   256  /* and as often: others may still be writing */

struct attendance {
    scratch_container *container;
    struct terminal *own;
    struct relay in, out;
    int signals, stops, notify;
    bool sent_away;    /* it wanted the terminal while in the background */
    bool ended;        /* the container has: what it has written is left */
    size_t last_words; /* of that, as much as has been read */
};

enum { END, SIGNALS, STOPS, KEYS, MASTER, SCREEN, NOTIFY, FDS };

static void hand_on(const struct attendance *a, int signal)
{
    scratch_container_signal(a->container, signal, NULL); /* or it has just ended */
}

/* ---- stop and go on ------------------------------------------------------------------------- */

static void go_on(struct attendance *a)
{
    terminal_take_again(a->own);
    if (a->own->screen >= 0)
        scratch_terminal_copy_size(a->own->screen, a->out.from, NULL);
    hand_on(a, SIGCONT);
}

/* What it has written before it stopped, such as the end of its full screen, comes before that. */
static void show_all(struct attendance *a)
{
    struct pollfd screen = {.fd = a->out.to, .events = POLLOUT};
    for (int turn = 0; turn < SHOWN_TURNS; turn++) {
        if (!relay_waiting(&a->out) && relay_read(&a->out) <= 0)
            return;
        if (poll(&screen, 1, SHOWN_MS) != 1)
            return;
        relay_write(&a->out);
    }
}

/* Its terminal's modes are those of a full-screen program, and others have the real one. */
static bool is_unwelcome(const struct attendance *a)
{
    struct termios modes;
    return terminal_waits(a->own) && tcgetattr(a->out.from, &modes) == 0 &&
           !(modes.c_lflag & ICANON);
}

/* Where no shell could continue it, a job does not stop. */
static bool was_continued(void)
{
    static const struct timespec now = {0, 0};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCONT);
    return sigtimedwait(&set, NULL, &now) == SIGCONT;
}

/* As long as it would not be welcome, the command is not continued either. */
static void stop_with_it(struct attendance *a)
{
    if (scratch_container_stopped(a->container) == 0) {
        a->stops = -1; /* it ends */
        return;
    }
    show_all(a);
    terminal_give_back(a->own);
    int signal = a->sent_away ? SIGTTOU : SIGTSTP;
    a->sent_away = true; /* until the signal that continues it has been read */
    do {
        terminal_stop_job(signal);
        terminal_take_again(a->own);
        signal = SIGTTOU;
    } while (is_unwelcome(a) && was_continued());
    go_on(a);
}

/*
 * Who changes the modes of a terminal in the background of it is stopped: SIGTTOU in termios(3).
 * The command's terminal is its own, and would let it. It is asked to stop as by the key, for then
 * it draws its screen anew in the end; once, for where no shell could continue it, it will not
 * stop.
 */
static void send_away(struct attendance *a)
{
    if (a->sent_away || a->ended || !is_unwelcome(a))
        return;
    a->sent_away = true;
    hand_on(a, SIGTSTP);
}

/* ---- what there is to do -------------------------------------------------------------------- */

/* Nobody waits for a container that has ended to be shown to the last. */
static void take_signal(struct attendance *a)
{
    struct signalfd_siginfo info;
    if (read(a->signals, &info, sizeof info) != sizeof info)
        return;
    int signal = (int)info.ssi_signo;
    if (signal == SIGCONT) {
        a->sent_away = false;
        go_on(a);
    } else if (signal == SIGWINCH && a->own->screen >= 0) {
        scratch_terminal_copy_size(a->own->screen, a->out.from, NULL);
    } else if (a->ended && signal != SIGTSTP) {
        relay_give_up(&a->out);
    } else {
        hand_on(a, signal);
    }
}

/* The end of input from a terminal is its end: it has been hung up. */
static void take_keys(struct attendance *a, short events)
{
    if (events & POLLHUP)
        a->in.ended = true;
    else
        relay_read(&a->in);
    if (!a->in.ended)
        return;
    a->own->keys = -1;
    hand_on(a, SIGHUP);
    hand_on(a, SIGCONT);
}

static struct pollfd entry(int fd, int events)
{
    return (struct pollfd){.fd = events ? fd : -1, .events = (short)events};
}

static void arrange(const struct attendance *a, struct pollfd fds[FDS])
{
    fds[END] = entry(scratch_container_pidfd(a->container), a->ended ? 0 : POLLIN);
    fds[SIGNALS] = entry(a->signals, POLLIN);
    fds[STOPS] = entry(a->stops, a->ended ? 0 : POLLIN);
    /* In the background as well, to hear of a hangup: POLLHUP is always reported. */
    fds[KEYS] = entry(a->in.from, a->in.ended || a->ended ? 0 : POLLIN);
    fds[KEYS].events = a->own->taken ? relay_reads(&a->in) : 0;
    fds[MASTER] = entry(a->out.from, relay_reads(&a->out) | relay_writes(&a->in));
    fds[NOTIFY] = entry(a->notify, a->ended ? 0 : POLLIN);
    fds[SCREEN] = entry(a->out.to, relay_writes(&a->out));
}

static void serve(struct attendance *a, const struct pollfd fds[FDS])
{
    if (fds[SIGNALS].revents)
        take_signal(a);
    if (fds[MASTER].revents) {
        relay_write(&a->in);
        relay_read(&a->out);
    }
    if (fds[SCREEN].revents)
        relay_write(&a->out);
    if (fds[KEYS].revents)
        take_keys(a, fds[KEYS].revents);
    if (fds[STOPS].revents)
        stop_with_it(a);
    if (fds[NOTIFY].revents)
        notify_hand_on(a->notify, getpid());
    a->ended = a->ended || fds[END].revents;
}

/* True when it has ended, and all that it has written has been shown. */
static bool is_over(struct attendance *a)
{
    if (a->ended && !a->out.ended) {
        ssize_t n = relay_read(&a->out);
        a->last_words += n > 0 ? (size_t)n : 0;
        a->out.ended = (n <= 0 && !relay_waiting(&a->out)) || a->last_words > LAST_WORDS;
    }
    return a->ended && a->out.ended && !relay_waiting(&a->out);
}

/* How long to wait for something to happen; -1: as long as it takes. */
static int patience(const struct terminal *own, const struct deadline *deadline)
{
    int left = deadline_left(deadline);
    return terminal_waits(own) && (left < 0 || left > BACKGROUND_MS) ? BACKGROUND_MS : left;
}

void attend(scratch_container *container, struct terminal *own, int signals, int notify,
            struct deadline *deadline)
{
    int master = scratch_container_terminal(container);
    int keys = own->keys < 0 ? -1 : relay_open(own->keys, O_RDONLY);
    int screen = relay_open(STDOUT_FILENO, O_WRONLY);
    struct attendance a = {
        .container = container,
        .own = own,
        .in = {.from = keys < 0 ? own->keys : keys, .to = master, .ended = own->keys < 0},
        .out = {.from = master, .to = screen < 0 ? STDOUT_FILENO : screen},
        .signals = signals,
        .stops = scratch_container_stop_fd(container),
        .notify = notify,
    };
    struct pollfd fds[FDS];
    fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK); /* nobody shares it: the container has closed it */
    while (!is_over(&a)) {
        terminal_take(own);
        send_away(&a);
        arrange(&a, fds);
        if (poll(fds, FDS, patience(own, deadline)) > 0)
            serve(&a, fds);
        if (!a.ended)
            deadline_check(deadline, container);
    }
    terminal_give_back(own);
    if (keys >= 0)
        close(keys);
    if (screen >= 0)
        close(screen);
}
