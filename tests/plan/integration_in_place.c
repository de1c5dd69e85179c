/* SPDX-License-Identifier: MIT */
/*
 * A start that walks the container's steps in the caller's memory: what it starts, and what it says
 * when it fails, is what scratch-init would have; and of the caller only one thing is changed.
 */
#include "plan/minimal.h"
#include "plan/plan.h"
#include "support/child.h"
#include "support/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- what is started so --------------------------------------------------------------------- */

static const struct scratch_terminal_options terminal = SCRATCH_TERMINAL_OPTIONS_INIT;

static void be_plain(struct minimal *m)
{
    m->process.init = false;
}

static void have_everything(struct minimal *m)
{
    static struct scratch_cgroup_options limits = SCRATCH_CGROUP_OPTIONS_INIT;
    m->namespaces = (struct scratch_namespace_options)SCRATCH_NAMESPACE_OPTIONS_INIT;
    m->namespaces.hostname = "inside";
    m->rootfs = (struct scratch_rootfs_options)SCRATCH_ROOTFS_OPTIONS_INIT;
    m->process.init = false;
    m->process.seccomp = SCRATCH_SECCOMP_DEFAULT;
    m->process.die_with_parent = true;
    m->process.oom_score_adj = 321;
    limits.pids_max = 100;
    m->spec.cgroup = &limits;
}

static void be_somebody(struct minimal *m)
{
    have_everything(m);
    m->process.uid = m->process.gid = 4711;
    m->process.capabilities = 0;
}

/* Made once, and not by a child, which would leave it. */
static const char *profile(void)
{
    static const char allow[] = "{\"defaultAction\": \"SCMP_ACT_ALLOW\"}", *path;
    if (!path)
        path = test_make_file(test_directory(), "profile", allow);
    return path;
}

static void have_a_filter_of_its_own(struct minimal *m)
{
    have_everything(m);
    m->process.seccomp = SCRATCH_SECCOMP_PROFILE;
    m->process.seccomp_profile = profile();
}

static void have_an_init(struct minimal *m)
{
    m->process.init = true;
}

static void have_a_user_namespace(struct minimal *m)
{
    be_plain(m);
    m->namespaces.create |= SCRATCH_NS_USER;
}

static void have_a_time_namespace(struct minimal *m)
{
    be_plain(m);
    m->namespaces.create |= SCRATCH_NS_TIME;
}

static void have_no_pid_namespace(struct minimal *m)
{
    be_plain(m);
    m->namespaces.create = SCRATCH_NS_MNT;
}

static void have_a_terminal(struct minimal *m)
{
    be_plain(m);
    m->spec.terminal = &terminal;
}

static void have_a_name(struct minimal *m)
{
    be_plain(m);
    m->process.user = "root";
}

static const struct kind {
    const char *name;
    void (*prepare)(struct minimal *m);
    bool in_place;
} kinds[] = {
    {"plain", be_plain, true},
    {"everything", have_everything, true},
    {"another user", be_somebody, true},
    {"a filter of its own", have_a_filter_of_its_own, true},
    {"an init", have_an_init, false},
    {"a user namespace", have_a_user_namespace, false},
    {"a time namespace", have_a_time_namespace, false},
    {"no pid namespace", have_no_pid_namespace, false},
    {"a terminal", have_a_terminal, false},
    {"a user's name", have_a_name, false},
};

static const struct kind *tried;

/* The dumpable flag tells: scratch-init hides itself, and what walks in place hides the caller. */
static void start_what_is_tried(void)
{
    struct minimal m;
    struct scratch_error err;
    scratch_plan *plan;
    scratch_container *container;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    minimal_shell(&m, "exit 0");
    tried->prepare(&m);
    options.in_place = true;
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    EXPECT_OK(scratch_plan_compile(&m.spec, &plan, &err));
    EXPECT_OK(scratch_plan_start(plan, &options, &container, &err));
    EXPECT(minimal_end(container) == 0);
    EXPECT(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == !tried->in_place);
    scratch_plan_free(plan);
}

static void what_needs_nobody_else_is_started_in_place(void **state)
{
    (void)state;
    test_need_in_place();
    profile();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        tried = &kinds[i];
        if (child_status(start_what_is_tried) != 0)
            fail_msg("%s", tried->name);
    }
}

/* Its file could be written by a command that executes it. */
static void start_where_it_is_not_sealed(void)
{
    static const struct kind plain = {"plain, and not sealed", be_plain, false};
    tried = &plain;
    start_what_is_tried();
}

static void execute_without_a_seal(void)
{
    setenv("TEST_UNSEALED", "1", 1);
    execl(program_invocation_name, program_invocation_name, (char *)NULL);
    _exit(127);
}

static void a_program_that_can_be_written_starts_nothing_in_place(void **state)
{
    (void)state;
    if (getenv("TEST_UNSEALED")) {
        TEST_IN_CHILD(start_where_it_is_not_sealed);
    } else {
        test_need_in_place();
        TEST_IN_CHILD(execute_without_a_seal);
    }
}

/* ---- the command ---------------------------------------------------------------------------- */

/* All that a process can see of itself, but numbers that are never twice the same. */
static const char look_around[] =
    "exec 2>&1; PATH=/usr/bin:/bin; cat <&3; echo \"$#: $*\"; env | sort; id; umask; pwd; ulimit "
    "-a;"
    "grep -E '^(Name|Umask|Uid|Gid|Groups|Sig[PBIC]|Cap|NoNew|Seccomp)' /proc/self/status;"
    "for n in /proc/$$/fd/*; do echo ${n##*/}; done; cat /proc/$$/oom_score_adj /proc/$$/comm;"
    "awk '{ $1 = $2 = $3 = \"\"; gsub(/dir=[0-9]+/, \"dir=FD\"); print }' /proc/self/mountinfo; "
    "cat /proc/self/cgroup; hostname;"
    "for n in pid mnt uts ipc net user cgroup; do readlink /proc/self/ns/$n | cut -d: -f1; done";

static char *output_of(const struct kind *kind, bool in_place, int handed)
{
    struct minimal m;
    struct scratch_error err;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    static const char *const env[] = {"ONE=1", "PATH=/usr/bin:/bin", "LAST=one", NULL};
    const char *argv[100] = {"/bin/sh", "-c", look_around, "sh"}; /* more than are usual */
    int status;
    for (size_t i = 4; i < 99; i++)
        argv[i] = "word";
    minimal_begin(&m, argv);
    kind->prepare(&m);
    options.in_place = in_place;
    options.id = "in-place";
    options.env = env;
    options.fds = &handed;
    options.fd_count = 1;
    char *output = test_output(&m.spec, &options, &status, &err);
    TEST_OK(status, &err);
    assert_int_equal(status, 0);
    return output;
}

static void the_command_is_what_it_would_have_been(void **state)
{
    char path[512];
    (void)state;
    test_need_in_place();
    snprintf(path, sizeof path, "%s/handed", test_directory());
    int handed = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    assert_int_equal(write(handed, "handed over\n", 12), 12);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!kinds[i].in_place)
            continue;
        lseek(handed, 0, SEEK_SET);
        char *expected = output_of(&kinds[i], false, handed);
        lseek(handed, 0, SEEK_SET);
        char *got = output_of(&kinds[i], true, handed);
        assert_non_null(strstr(got, "handed over"));
        assert_string_equal(got, expected);
        free(expected);
        free(got);
    }
    close(handed);
}

static int lines_of(const char *path)
{
    char line[4096];
    int count = 0;
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    while (fgets(line, sizeof line, in))
        count++;
    fclose(in);
    return count;
}

static void many_words_take_no_memory_of_the_callers(void **state)
{
    const char *argv[3000] = {"/bin/true"};
    struct minimal m;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    int before = 0;
    (void)state;
    test_need_in_place();
    for (size_t i = 1; i < 2999; i++)
        argv[i] = "word";
    minimal_begin(&m, argv);
    m.process.init = false;
    options.in_place = true;
    scratch_plan *plan = minimal_compile(&m);
    for (int i = 0; i < 30; i++) {
        scratch_container *container;
        struct scratch_error err;
        TEST_OK(scratch_plan_start(plan, &options, &container, &err), &err);
        assert_int_equal(minimal_end(container), 0);
        if (i == 9)
            before = lines_of("/proc/self/smaps");
    }
    assert_int_equal(lines_of("/proc/self/smaps"), before);
    scratch_plan_free(plan);
}

/* ---- what fails ----------------------------------------------------------------------------- */

static void say(const struct minimal *m, unsigned step, bool in_place,
                char sentence[SCRATCH_ERROR_LINE])
{
    struct scratch_error err;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    scratch_container *container;
    scratch_plan *plan = minimal_compile(m);
    options.in_place = in_place;
    options.id = "in-place";
    options.fail_step = step;
    options.fail_errno = EXDEV;
    assert_true(scratch_plan_start(plan, &options, &container, &err) < 0);
    assert_null(container);
    scratch_error_format(&err, sentence, SCRATCH_ERROR_LINE);
    scratch_plan_free(plan);
}

static void assert_same_sentence(const struct minimal *m, unsigned step)
{
    char expected[SCRATCH_ERROR_LINE], got[SCRATCH_ERROR_LINE];
    say(m, step, false, expected);
    say(m, step, true, got);
    assert_string_equal(got, expected);
}

static void each_step_fails_with_the_same_words(void **state)
{
    struct minimal m;
    (void)state;
    test_need_in_place();
    minimal_shell(&m, "exit 0");
    have_a_filter_of_its_own(&m);
    scratch_plan *plan = minimal_compile(&m);
    for (unsigned step = 1; step <= scratch_plan_count(plan); step++)
        assert_same_sentence(&m, step);
    scratch_plan_free(plan);
}

static void commands_that_are_none_fail_with_the_same_words(void **state)
{
    const char *base = test_directory();
    const char *const names[] = {
        "/nowhere/at/all",
        "no-such-program",
        "/etc/passwd",
        "/",
        test_make_file(base, "script", "#!/no/such/interpreter\n"),
        test_make_file(base, "data", "neither ELF nor script\n"),
    };
    (void)state;
    test_need_in_place();
    chmod(names[4], 0755);
    chmod(names[5], 0755);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct minimal m;
        const char *const argv[] = {names[i], NULL};
        minimal_begin(&m, argv);
        be_plain(&m);
        assert_same_sentence(&m, 0);
    }
}

/* ---- a child that is stopped before it does anything ---------------------------------------- */

static volatile int handled;

static void handle(int signal)
{
    (void)signal;
    handled++;
}

/* The caller: its status is how often a handler has run in its memory. */
static int start_traced(const char *witness)
{
    struct minimal m;
    scratch_plan *plan;
    scratch_container *container;
    const char *const argv[] = {"/bin/touch", witness, NULL};
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    minimal_begin(&m, argv);
    m.process.init = false;
    options.in_place = true;
    signal(SIGUSR1, handle);
    EXPECT(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
    raise(SIGSTOP);
    EXPECT(scratch_plan_compile(&m.spec, &plan, NULL) == 0);
    EXPECT(scratch_plan_start(plan, &options, &container, NULL) == 0);
    EXPECT(minimal_end(container) == 0);
    return handled;
}

/* Let it go on to the clone of its child; that one's pid. */
static pid_t follow_to_the_child(pid_t caller)
{
    unsigned long child;
    int status;
    assert_int_equal(waitpid(caller, &status, 0), caller);
    assert_int_equal(ptrace(PTRACE_SETOPTIONS, caller, NULL, PTRACE_O_TRACEVFORK), 0);
    do {
        assert_true(WIFSTOPPED(status));
        assert_int_equal(ptrace(PTRACE_CONT, caller, NULL, NULL), 0);
        assert_int_equal(waitpid(caller, &status, 0), caller);
    } while (status >> 8 != (SIGTRAP | PTRACE_EVENT_VFORK << 8));
    assert_int_equal(ptrace(PTRACE_GETEVENTMSG, caller, NULL, &child), 0);
    assert_int_equal(waitpid((pid_t)child, &status, __WALL), child);
    return (pid_t)child;
}

/* To its end, with the signals that it gets. */
static void let_go_on(pid_t child)
{
    long signal = 0;
    int status;
    do {
        assert_int_equal(ptrace(PTRACE_CONT, child, NULL, signal), 0);
        if (waitpid(child, &status, __WALL) != child || !WIFSTOPPED(status))
            return;
        signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
    } while (true);
}

/* Do something to the caller and its child, which is stopped. True when the command has run. */
static bool command_runs(void (*act)(pid_t caller, pid_t child), int *status)
{
    char witness[512];
    snprintf(witness, sizeof witness, "%s/witness", test_directory());
    pid_t caller = fork();
    assert_true(caller >= 0);
    if (caller == 0)
        _exit(start_traced(witness));
    pid_t child = follow_to_the_child(caller);
    act(caller, child);
    let_go_on(child);
    assert_int_equal(waitpid(caller, status, 0), caller);
    return access(witness, F_OK) == 0;
}

static void let_both_go_on(pid_t caller, pid_t child)
{
    (void)child;
    assert_int_equal(ptrace(PTRACE_DETACH, caller, NULL, NULL), 0);
}

static void kill_the_caller(pid_t caller, pid_t child)
{
    (void)child;
    assert_int_equal(kill(caller, SIGKILL), 0);
    while (waitid(P_PID, (id_t)caller, &(siginfo_t){0}, WEXITED | WNOWAIT) < 0)
        assert_int_equal(errno, EINTR);
}

/* Its command would wait for it, as pid 1 does for what it has no handler for. */
static void signal_the_child(pid_t caller, pid_t child)
{
    let_both_go_on(caller, child);
    assert_int_equal(kill(child, SIGUSR1), 0);
}

static void nobody_runs_a_command_for_a_caller_that_has_ended(void **state)
{
    int status;
    (void)state;
    test_need_in_place();
    assert_false(command_runs(kill_the_caller, &status));
    assert_int_equal(status, SIGKILL);
    assert_true(command_runs(let_both_go_on, &status));
    assert_int_equal(status, 0);
}

static void no_handler_of_the_callers_runs_in_the_child(void **state)
{
    int status;
    (void)state;
    test_need_in_place();
    assert_true(command_runs(signal_the_child, &status));
    assert_int_equal(status, 0);
}

TEST_MAIN_SEALED(what_needs_nobody_else_is_started_in_place,
                 a_program_that_can_be_written_starts_nothing_in_place,
                 the_command_is_what_it_would_have_been, many_words_take_no_memory_of_the_callers,
                 each_step_fails_with_the_same_words,
                 commands_that_are_none_fail_with_the_same_words,
                 nobody_runs_a_command_for_a_caller_that_has_ended,
                 no_handler_of_the_callers_runs_in_the_child)
