/* SPDX-License-Identifier: MIT */
/* Rows 1 and 3 of SECURITY.md: what a container can reach of the program that starts it. */
#include "escape.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- 1: overwriting it (CVE-2019-5736) ------------------------------------------------------ */

static void share(struct escape *e, const char *directory)
{
    e->mounts[0] = (struct scratch_mount){directory, "/tmp", NULL, "bind"};
    e->spec.mount_count = 1;
    e->process.capabilities = SCRATCH_CAP_ALL;
    e->process.seccomp = SCRATCH_SECCOMP_NONE;
}

static void wait_for(const char *path)
{
    for (int tries = 0; access(path, F_OK) < 0; tries++) {
        assert_true(tries < 6000);
        usleep(10000);
    }
}

/* Two containers work together: the status of the one that writes. */
static int overwrite(const char *file)
{
    struct escape accomplice, thief;
    const char *shared = test_directory();
    char socket[512];
    assert_int_equal(chmod(shared, 0777), 0);
    snprintf(socket, sizeof socket, "%s/socket", shared);
    escape_begin(&accomplice, escape_root(), "image-receive", "/tmp/socket", NULL);
    share(&accomplice, shared);
    scratch_container *waiting = escape_start(&accomplice);
    wait_for(socket);
    escape_begin(&thief, escape_root(), "image-send", "/tmp/socket", NULL);
    share(&thief, shared);
    escape_use_file(file);
    int sent = escape_run(&thief);
    escape_strengthen();
    if (sent != ATTACK_OUT)
        scratch_container_signal(waiting, 9, NULL);
    int status = escape_end(waiting);
    return sent == ATTACK_OUT ? status : sent;
}

static void what_starts_a_container_cannot_be_overwritten_from_inside(void **state)
{
    struct escape next;
    (void)state;
    int status = overwrite(NULL);
    if (escape_has_memfd())
        assert_int_equal(status, ATTACK_HELD);
    /* Where there are none it is a file of that one start's own: nobody else executes it. */
    escape_begin(&next, escape_root(), "directory", "/", NULL);
    assert_int_equal(escape_run(&next), ATTACK_HELD);
}

static void a_program_of_the_hosts_could_be(void **state)
{
    char file[512], begin[4] = "";
    (void)state;
    snprintf(file, sizeof file, "%s/scratch-init", test_directory());
    assert_int_equal(overwrite(file), ATTACK_OUT);
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, begin, 2), 2);
    close(fd);
    assert_string_equal(begin, "#!");
}

/* ---- 3: tracing it (CVE-2016-9962) ---------------------------------------------------------- */

/* An attacker that sees all processes, and has no capability that lets it trace. */
static void begin_attacker(struct escape *e)
{
    escape_begin(e, escape_root(), "trace", "secret", NULL);
    e->namespaces.create &= ~(uint64_t)(SCRATCH_NS_PID | SCRATCH_NS_USER);
}

/* The container beside it, which holds a directory of the host's while it is set up. */
static void start_victim(const char *secret_directory)
{
    struct escape e;
    const char *lowers[] = {escape_root()};
    char upper[512], work[512];
    snprintf(upper, sizeof upper, "%s/upper", secret_directory);
    snprintf(work, sizeof work, "%s/work", secret_directory);
    mkdir(upper, 0755);
    mkdir(work, 0755);
    escape_begin(&e, NULL, "chroot", "/", NULL);
    e.rootfs.kind = SCRATCH_ROOTFS_OVERLAY;
    e.rootfs.lowers = lowers;
    e.rootfs.lower_count = 1;
    e.rootfs.upper = upper;
    e.rootfs.work = work;
    for (int i = 0; i < 3; i++)
        escape_run(&e);
    escape_strengthen();
}

static void need_root(void)
{
    if (!test_privileged())
        TEST_SKIP("a user namespace of its own keeps an ordinary user's container apart");
}

/* What the attacker got, who is there before the victim. */
static int trace(struct escape *attacker, void (*start)(const char *secret_directory))
{
    const char *directory;
    char ready[8];
    int ends[2];
    escape_secret(&directory);
    begin_attacker(attacker);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    attacker->start.stdout_fd = ends[1];
    scratch_container *container = escape_start(attacker);
    close(ends[1]);
    assert_int_equal(read(ends[0], ready, sizeof ready), 6);
    start(directory);
    int status = escape_end(container);
    ssize_t n = read(ends[0], attacker->output, ESCAPE_OUTPUT - 1);
    attacker->output[n > 0 ? n : 0] = '\0';
    close(ends[0]);
    return status;
}

static void scratch_init_cannot_be_traced_by_a_container_beside_it(void **state)
{
    struct escape e;
    (void)state;
    need_root();
    ESCAPE_WEAKEN(slow);
    assert_int_equal(trace(&e, start_victim), ATTACK_HELD);
}

static void it_could_be_were_it_dumpable(void **state)
{
    struct escape e;
    (void)state;
    need_root();
    ESCAPE_WEAKEN(traceable);
    assert_int_equal(trace(&e, start_victim), ATTACK_OUT);
    assert_string_equal(e.output, ESCAPE_SECRET);
}

/* ---- in place, where it is the starter's own memory and files that would be reached ---------- */

/* The attack is searched for in so many directories that there is time to look into who does it. */
static const char *slow_path(void)
{
    static char text[100000] = "PATH=";
    size_t at = strlen("PATH=");
    while (at + 4 < sizeof text)
        at = (size_t)(stpcpy(text + at, "x:") - text);
    stpcpy(text + at, "/");
    return text;
}

/* Its child has the name that the attack looks for, and all that the starter has open. */
static void start_in_place(const char *secret_directory, void (*edit)(struct scratch_plan *plan))
{
    const char *const env[] = {slow_path(), NULL};
    struct escape e;
    escape_begin(&e, escape_root(), "chroot", "/", NULL);
    e.argv[0] = "attack";
    e.process.env = env;
    e.process.init = false;
    e.start.in_place = true;
    e.edit = edit;
    int first = open(secret_directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int secret = fcntl(first, F_DUPFD_CLOEXEC, 12); /* a number that the child does not need */
    prctl(PR_SET_NAME, "scratch-init", 0, 0, 0);
    for (int i = 0; i < 3; i++)
        escape_run(&e);
    prctl(PR_SET_NAME, "test", 0, 0, 0);
    close(first);
    close(secret);
}

static void start_victim_in_place(const char *secret_directory)
{
    start_in_place(secret_directory, NULL);
}

/* Changing ids hides it as well, since the kernel shows again then what was hidden. */
static void be_traceable(struct scratch_plan *plan)
{
    escape_step(plan, STEP_HIDE)->side = 0; /* nobody's */
    escape_step(plan, STEP_IDS)->side = 0;
}

static void start_traceable_in_place(const char *secret_directory)
{
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    start_in_place(secret_directory, be_traceable);
}

static void what_walks_in_place_cannot_be_traced_either(void **state)
{
    struct escape e;
    (void)state;
    test_need_in_place();
    assert_int_equal(trace(&e, start_victim_in_place), ATTACK_HELD);
}

static void it_could_be_were_its_starter_dumpable(void **state)
{
    struct escape e;
    (void)state;
    test_need_in_place();
    assert_int_equal(trace(&e, start_traceable_in_place), ATTACK_OUT);
    assert_string_equal(e.output, ESCAPE_SECRET);
}

TEST_MAIN_SEALED(what_starts_a_container_cannot_be_overwritten_from_inside,
                 a_program_of_the_hosts_could_be,
                 scratch_init_cannot_be_traced_by_a_container_beside_it,
                 it_could_be_were_it_dumpable, what_walks_in_place_cannot_be_traced_either,
                 it_could_be_were_its_starter_dumpable)
