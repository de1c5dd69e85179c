/* SPDX-License-Identifier: MIT */
#include "plan/helper.h"
#include "base/error.h"
#include "base/unnamed.h"
#include "network/compile.h"
#include "network/slirp.h"
#include "state/directory.h"
#include "step/words.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* How long a program may take until it is ready: it takes a tenth of a second. */
#define READY_MS 30000

/* What one start of a program needs. */
struct helper {
    struct scratch_container *container; /* that it is for */
    char **command;
    char *path;     /* its only variable: where it is found */
    char *socket;   /* the path that requests go to, one of the command's words; or NULL */
    int ready[2];   /* a pipe: it writes when it is ready */
    int input, log; /* its standard input, and what it says */
};

/* ---- its command line ------------------------------------------------------------------------ */

/* The words that only a start can fill in: see network/compile.h. */
static char *fill_in(struct helper *h, const char *word)
{
    static const char *const with_pid[] = {NETWORK_PID, NETWORK_NET_NS, NETWORK_USER_NS};
    size_t length = strlen(word), end = strlen(NETWORK_SOCKET);
    char *text = NULL;
    for (size_t i = 0; i < sizeof with_pid / sizeof *with_pid; i++) {
        const char *pid = strcmp(word, with_pid[i]) == 0 ? strstr(word, NETWORK_PID) : NULL;
        if (pid)
            return asprintf(&text, "%.*s%d%s", (int)(pid - word), word, h->container->walk.child,
                            pid + strlen(NETWORK_PID)) < 0
                       ? NULL
                       : text;
    }
    if (length <= end || strcmp(word + length - end, NETWORK_SOCKET) != 0)
        return strdup(word);
    if (asprintf(&text, "%.*s/.%s.slirp", (int)(length - end), word,
                 scratch_container_id(h->container)) < 0)
        return NULL;
    h->socket = text;
    return text;
}

static int make_path(struct helper *h)
{
    const char *outer = getenv("PATH");
    if (asprintf(&h->path, "PATH=%s", outer ? outer : "/usr/local/bin:/usr/bin:/bin") >= 0)
        return 0;
    h->path = NULL;
    return -ENOMEM;
}

static int make_command(struct helper *h, const struct step *step)
{
    const struct step_walk *w = &h->container->walk;
    const struct block_list *words = step_list(w, step->text[0]);
    h->command = calloc(words->count + 1, sizeof *h->command);
    for (uint32_t i = 0; h->command && i < words->count; i++) {
        h->command[i] = fill_in(h, block_at(w->plan, words->text[i]));
        if (!h->command[i])
            return -ENOMEM;
    }
    return h->command ? 0 : -ENOMEM;
}

/* ---- starting it ----------------------------------------------------------------------------- */

/* The socket is made in the state directory, which may not be there yet. */
static int make_state(const struct helper *h)
{
    char path[STATE_PATH];
    int fd = h->socket ? state_path(path, "", NULL) : 0;
    if (h->socket && fd == 0)
        fd = state_open(path);
    if (h->socket && fd >= 0) {
        unlink(h->socket); /* one left by a caller that was killed */
        close(fd);
    }
    return fd < 0 ? fd : 0;
}

static int open_fds(struct helper *h, bool network_as_input)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/net", h->container->walk.child);
    h->input = open(network_as_input ? path : "/dev/null", O_RDONLY | O_CLOEXEC);
    h->log = memfd_create("helper", MFD_CLOEXEC);
    if (h->log < 0) /* sandboxes may refuse it */
        h->log = unnamed_file(false);
    if (h->input < 0 || h->log < 0 || pipe2(h->ready, O_CLOEXEC) < 0)
        return -errno;
    return 0;
}

/*
 * A plan of its own: no new namespace, no new root, the caller's privilege, and a scratch-init that
 * ends it when the container ends. It gets no other file of the caller's.
 */
static int start_program(const struct helper *h, bool ready_on_output, scratch_container **helper,
                         struct scratch_error *err)
{
    const char *const env[] = {h->path, NULL};
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_rootfs_options rootfs = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    scratch_plan *plan;
    namespaces.create = 0;
    rootfs.kind = SCRATCH_ROOTFS_UNCHANGED;
    process.argv = (const char *const *)h->command;
    process.env = env;
    process.uid = geteuid();
    process.gid = getegid();
    process.capabilities = SCRATCH_CAP_ALL;
    process.new_privileges = true;
    process.seccomp = SCRATCH_SECCOMP_NONE;
    process.follow_pidfd = h->container->pidfd;
    spec.namespaces = &namespaces;
    spec.rootfs = &rootfs;
    spec.process = &process;
    options.stdin_fd = h->input;
    options.stdout_fd = ready_on_output ? h->ready[1] : h->log;
    options.stderr_fd = h->log;
    options.fds = &h->ready[1]; /* NETWORK_READY_FD */
    options.fd_count = ready_on_output ? 0 : 1;
    int rc = scratch_plan_compile(&spec, &plan, err);
    if (rc < 0)
        return rc;
    rc = scratch_plan_start(plan, &options, helper, err);
    scratch_plan_free(plan);
    return rc;
}

/* Until it has written something, or ended. */
static int wait_until_ready(struct helper *h)
{
    struct pollfd fds[] = {
        {.fd = h->ready[0], .events = POLLIN},
        {.fd = scratch_container_pidfd(h->container->helper), .events = POLLIN},
    };
    int ready;
    close(h->ready[1]);
    h->ready[1] = -1;
    do
        ready = poll(fds, 2, READY_MS);
    while (ready < 0 && errno == EINTR);
    if (ready == 0)
        return -ETIMEDOUT;
    return fds[0].revents & POLLIN ? 0 : -ECANCELED;
}

/* ---- what it says ---------------------------------------------------------------------------- */

/*
 * Where there is no system log, pasta says so of every line that it would have logged; slirp4netns
 * warns of its own options.
 */
static bool is_noise(const char *line)
{
    return (strncmp(line, "Failed to send ", 15) == 0 && strstr(line, " to syslog")) ||
           strncmp(line, "WARNING: ", 9) == 0;
}

/* The last line that it has written. */
static void take_last_line(const struct helper *h, char *said, size_t size)
{
    char text[4096];
    off_t end = lseek(h->log, 0, SEEK_END);
    off_t begin = end > (off_t)sizeof text - 1 ? end - (off_t)sizeof text + 1 : 0;
    ssize_t n = pread(h->log, text, sizeof text - 1, begin);
    char *rest = text, *line;
    text[n > 0 ? n : 0] = '\0';
    said[0] = '\0';
    while ((line = strsep(&rest, "\n")))
        if (*line && !is_noise(line))
            error_print(said, size, "%s", line);
}

static int ask(const struct helper *h, const struct step *step, char *said, size_t size)
{
    const struct step_walk *w = &h->container->walk;
    const struct block_list *requests = step_list(w, step->text[3]);
    int rc = 0;
    for (uint32_t i = 0; requests && i < requests->count && rc == 0; i++) {
        rc = slirp_request(h->socket, block_at(w->plan, requests->text[i]), said, size);
        h->container->walk.item = i;
    }
    return rc;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void free_helper(struct helper *h)
{
    const int fds[] = {h->ready[0], h->ready[1], h->input, h->log};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    if (h->socket)
        unlink(h->socket);
    for (size_t i = 0; h->command && h->command[i]; i++)
        free(h->command[i]);
    free(h->command);
    free(h->path);
}

static int run(struct helper *h, const struct step *step, char *said, size_t size)
{
    struct step_walk *w = &h->container->walk;
    struct scratch_error err;
    int rc = make_command(h, step);
    if (rc == 0)
        rc = make_path(h);
    if (rc == 0)
        rc = step_detail(w, DETAIL_STATE, make_state(h));
    if (rc == 0)
        rc = open_fds(h, step->num[1]);
    if (rc < 0)
        return rc;
    rc = start_program(h, step->num[0], &h->container->helper, &err);
    if (rc < 0) {
        error_print(said, size, "%s", err.cause);
        return step_detail(w, DETAIL_COMMAND, rc);
    }
    rc = wait_until_ready(h);
    if (rc < 0)
        take_last_line(h, said, size);
    else
        rc = ask(h, step, said, size);
    return step_detail(w, DETAIL_HELPER, rc);
}

int helper_start(struct scratch_container *c, struct scratch_error *err)
{
    struct helper h = {.container = c, .ready = {-1, -1}, .input = -1, .log = -1};
    char said[sizeof err->cause] = "";
    int rc = step_fault(&c->walk);
    if (rc == 0)
        rc = run(&h, step_at(c->walk.plan, c->walk.index), said, sizeof said);
    free_helper(&h);
    if (rc == 0)
        return 0;
    step_error(err, &c->walk, -rc);
    if (err && *said && c->walk.detail == DETAIL_HELPER)
        error_write(err->cause, "it says: %s", said);
    return rc;
}

void helper_end(struct scratch_container *c)
{
    if (!c->helper)
        return;
    scratch_container_wait(c->helper, NULL);
    scratch_container_free(c->helper);
    c->helper = NULL;
}
