/* SPDX-License-Identifier: MIT */
/*
 * Containers that stay: created, started, found again, ended, deleted.
 */
#include "container/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

/* ---- from start to end ---------------------------------------------------------------------- */

static void it_is_found_again_and_deleted(void **state)
{
    static const char *const annotations[] = {"colour=blue \"é\"", "org.example/x=", NULL};
    struct kept k;
    struct scratch_error err;
    (void)state;
    kept_shell(&k, "sleep 60");
    k.keep.annotations = annotations;
    k.keep.bundle = "/srv/bundle";
    k.keep.data = "{\"hooks\":[\n\t\\]}";
    scratch_container *first = kept_start(&k, "web");
    scratch_container *again = kept_open("web");
    struct scratch_container_state s = kept_state(again);
    assert_int_equal(s.status, SCRATCH_STATUS_RUNNING);
    assert_string_equal(s.id, "web");
    assert_string_equal(s.root, kept_root());
    assert_int_equal(s.pid, scratch_container_pid(first));
    assert_int_equal(s.owner, geteuid());
    assert_string_equal(s.bundle, "/srv/bundle");
    assert_string_equal(s.annotations[0], annotations[0]);
    assert_string_equal(s.annotations[1], annotations[1]);
    assert_null(s.annotations[2]);
    assert_string_equal(s.data, k.keep.data);
    assert_string_equal(s.command[2], "sleep 60");
    assert_true(s.created > INT64_C(1500000000) * 1000000000);
    assert_int_equal(s.exit_status, -1);
    assert_int_equal(scratch_container_delete(again, false, &err), -EBUSY);
    assert_string_equal(err.cause, "it is running");
    TEST_OK(scratch_container_signal(again, SIGKILL, &err), &err);
    assert_int_equal(scratch_container_wait(first, &err), 137);
    s = kept_state(again);
    assert_int_equal(s.status, SCRATCH_STATUS_STOPPED);
    assert_int_equal(s.pid, 0);
    assert_int_equal(s.exit_status, 137);
    assert_true(s.ended >= s.created);
    scratch_container_free(first);
    TEST_OK(scratch_container_delete(again, false, &err), &err);
    assert_int_equal(scratch_container_delete(again, false, &err), -ENOENT);
    scratch_container_free(again);
    assert_int_equal(scratch_container_open(kept_root(), "web", &again, &err), -ENOENT);
    assert_non_null(strstr(err.cause, "does not exist"));
}

static void its_exit_status_is_recorded_inside(void **state)
{
    struct kept k;
    struct scratch_error err;
    (void)state;
    kept_shell(&k, "exit 7");
    scratch_container *container = kept_start(&k, "seven");
    scratch_container *again = kept_open("seven");
    assert_int_equal(scratch_container_wait(again, &err), 7);
    assert_int_equal(kept_state(again).exit_status, 7);
    assert_int_equal(minimal_end(container), 7);
    kept_end(again);
}

static void a_record_can_go_with_its_container(void **state)
{
    struct kept k;
    (void)state;
    kept_shell(&k, "true");
    k.keep.remove = true;
    scratch_container *container = kept_start(&k, "short");
    assert_true(kept_is_there("short"));
    assert_int_equal(minimal_end(container), 0);
    assert_false(kept_is_there("short"));
}

static void a_start_that_fails_leaves_no_record(void **state)
{
    static const char *const argv[] = {"/nosuch", NULL};
    struct kept k;
    struct scratch_error err;
    scratch_container *container;
    (void)state;
    kept_shell(&k, "");
    k.m.process.argv = argv;
    assert_int_equal(kept_try(&k, "never", &container, &err), -ENOENT);
    assert_false(kept_is_there("never"));
}

static void a_name_is_had_by_one(void **state)
{
    struct kept k;
    struct scratch_error err;
    scratch_container *second;
    (void)state;
    kept_shell(&k, "sleep 60");
    scratch_container *first = kept_start(&k, "one");
    assert_int_equal(kept_try(&k, "one", &second, &err), -EEXIST);
    assert_string_equal(err.cause, "there is a container of that name");
    scratch_container_signal(first, SIGKILL, NULL);
    minimal_end(first);
    assert_int_equal(kept_try(&k, "one", &second, &err), -EEXIST); /* until it is deleted */
    kept_end(kept_open("one"));
    second = kept_start(&k, "one");
    kept_end(second);
}

static void a_log_has_what_it_writes(void **state)
{
    struct kept k;
    struct scratch_error err;
    char text[64] = "";
    (void)state;
    kept_shell(&k, "cat; echo out; echo err >&2");
    k.keep.log = true;
    scratch_container *container = kept_start(&k, "chatty");
    assert_int_equal(scratch_container_wait(container, &err), 0);
    int fd = scratch_container_log(container, &err);
    TEST_OK(fd, &err);
    assert_int_equal(read(fd, text, sizeof text - 1), 8);
    assert_string_equal(text, "out\nerr\n");
    close(fd);
    kept_end(container);
}

/* ---- create and start ----------------------------------------------------------------------- */

static void a_created_one_waits_to_be_started(void **state)
{
    struct kept k;
    struct scratch_error err;
    char path[300];
    (void)state;
    snprintf(path, sizeof path, "%s/ran", test_directory());
    char script[340];
    snprintf(script, sizeof script, "echo x > %s; exit 3", path);
    kept_shell(&k, script);
    k.keep.wait = true;
    scratch_container *creator = kept_start(&k, "later");
    assert_int_equal(kept_state(creator).status, SCRATCH_STATUS_CREATED);
    scratch_container *starter = kept_open("later");
    assert_int_equal(kept_state(starter).status, SCRATCH_STATUS_CREATED);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(scratch_container_delete(starter, false, &err), -EBUSY);
    TEST_OK(scratch_container_start(starter, &err), &err);
    assert_int_equal(scratch_container_wait(starter, &err), 3);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(scratch_container_start(starter, &err), -ESRCH);
    unlink(path);
    minimal_end(creator);
    kept_end(starter);
}

static void one_that_runs_cannot_be_started(void **state)
{
    struct kept k;
    struct scratch_error err;
    (void)state;
    kept_shell(&k, "sleep 60");
    k.keep.wait = true;
    scratch_container *container = kept_start(&k, "twice");
    TEST_OK(scratch_container_start(container, &err), &err);
    assert_int_equal(kept_state(container).status, SCRATCH_STATUS_RUNNING);
    assert_int_equal(scratch_container_start(container, &err), -EINVAL);
    assert_string_equal(err.cause, "it does not wait to be started: it is running");
    kept_end(container);
}

static void why_a_command_cannot_run_is_told_to_who_starts_it(void **state)
{
    char path[300];
    const char *const argv[] = {path, NULL};
    struct kept k;
    struct scratch_error err;
    (void)state;
    snprintf(path, sizeof path, "%s/nothing", test_directory());
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs("no program", out);
    fclose(out);
    assert_int_equal(chmod(path, 0755), 0);
    for (int init = 0; init < 2; init++) {
        kept_shell(&k, "");
        k.m.process.argv = argv;
        k.m.process.init = init;
        k.keep.wait = true;
        scratch_container *creator = kept_start(&k, "absent");
        scratch_container *starter = kept_open("absent");
        assert_int_equal(scratch_container_start(starter, &err), -ENOEXEC);
        assert_non_null(strstr(err.cause, "is not a program for this machine"));
        assert_int_equal(err.side, SCRATCH_SIDE_CONTAINER);
        assert_int_equal(err.step, err.step_count);
        minimal_end(creator);
        assert_int_equal(kept_state(starter).status, SCRATCH_STATUS_STOPPED);
        kept_end(starter);
    }
}

static void one_that_waits_does_not_die_with_its_creator(void **state)
{
    struct kept k;
    struct scratch_error err;
    scratch_plan *plan;
    (void)state;
    kept_shell(&k, "true");
    k.keep.wait = true;
    k.m.process.die_with_parent = true;
    assert_int_equal(scratch_plan_compile(&k.m.spec, &plan, &err), -EINVAL);
    assert_non_null(strstr(err.hint, "die_with_parent"));
}

/* Its creator is a process of its own here, which ends. */
static void a_created_one_outlives_its_creator(void **state)
{
    struct kept k;
    struct scratch_error err;
    int output[2];
    char text[16] = "";
    (void)state;
    kept_shell(&k, "echo done");
    k.keep.wait = true;
    assert_int_equal(pipe2(output, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
        scratch_container *container;
        scratch_plan *plan = NULL;
        options.id = "orphan";
        options.stdout_fd = output[1];
        _exit(scratch_plan_compile(&k.m.spec, &plan, NULL) < 0 ||
              scratch_plan_start(plan, &options, &container, NULL) < 0);
    }
    close(output[1]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    scratch_container *container = kept_open("orphan");
    assert_int_equal(kept_state(container).status, SCRATCH_STATUS_CREATED);
    TEST_OK(scratch_container_start(container, &err), &err);
    assert_int_equal(read(output[0], text, sizeof text), 5);
    assert_int_equal(read(output[0], text, sizeof text), 0);
    close(output[0]);
    waitpid(scratch_container_pid(container), NULL, 0); /* we are its reaper now */
    assert_int_equal(scratch_container_wait(container, &err), 0);
    kept_end(container);
}

static void look_and_go(const char *id)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char path[400];
    snprintf(path, sizeof path, "%s/%s", kept_root(), id);
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/start.sock", dir);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    close(dir);
}

/* One who looks, and one who ends before it has said go, change nothing. */
static void a_starter_that_ends_is_no_start(void **state)
{
    struct kept k;
    struct scratch_error err;
    (void)state;
    kept_shell(&k, "sleep 60");
    k.keep.wait = true;
    scratch_container *container = kept_start(&k, "patient");
    look_and_go("patient");
    assert_int_equal(kept_state(container).status, SCRATCH_STATUS_CREATED);
    TEST_OK(scratch_container_start(container, &err), &err);
    kept_end(container);
}

/* ---- ending --------------------------------------------------------------------------------- */

static void stop_asks_first(void **state)
{
    struct kept k;
    struct scratch_error err;
    (void)state;
    kept_shell(&k, "trap 'exit 5' TERM; echo ready; while :; do sleep 0.02; done");
    k.keep.log = true;
    scratch_container *container = kept_start(&k, "polite");
    int log = scratch_container_log(container, &err);
    char c;
    while (read(log, &c, 1) != 1)
        usleep(1000);
    close(log);
    TEST_OK(scratch_container_stop(container, 30000, &err), &err);
    assert_int_equal(scratch_container_wait(container, &err), 5);
    TEST_OK(scratch_container_stop(container, 30000, &err), &err); /* it has */
    kept_end(container);
}

static void stop_does_not_ask_twice(void **state)
{
    struct kept k;
    struct scratch_error err;
    (void)state;
    kept_shell(&k, "trap '' TERM; echo ready; while :; do sleep 0.02; done");
    k.keep.log = true;
    scratch_container *container = kept_start(&k, "stubborn");
    int log = scratch_container_log(container, &err);
    char c;
    while (read(log, &c, 1) != 1)
        usleep(1000);
    close(log);
    TEST_OK(scratch_container_stop(container, 50, &err), &err);
    assert_int_equal(scratch_container_wait(container, &err), 137);
    kept_end(container);
}

static void all_processes_can_be_signalled(void **state)
{
    struct kept k;
    struct scratch_error err;
    size_t count = 0;
    (void)state;
    kept_shell(&k, "sleep 60 & sleep 60 & echo ready; wait; wait; echo all");
    k.keep.log = true;
    scratch_container *container = kept_start(&k, "many");
    while (count < 4) { /* scratch-init, the shell, and two */
        TEST_OK(scratch_container_processes(container, NULL, &count, &err), &err);
        usleep(1000);
    }
    assert_int_equal(count, 4);
    TEST_OK(scratch_container_kill_all(container, SIGKILL, &err), &err);
    assert_int_equal(scratch_container_wait(container, &err), 137);
    assert_int_equal(scratch_container_kill_all(container, SIGKILL, &err), -ESRCH);
    kept_end(container);
}

/* ---- lists ---------------------------------------------------------------------------------- */

struct seen {
    char text[512];
    int broken;
};

static int note(const struct scratch_container_state *s, const struct scratch_error *broken,
                void *data)
{
    struct seen *seen = data;
    size_t at = strlen(seen->text);
    if (strcmp(s->root, kept_root()) != 0)
        return 0; /* somebody else's */
    seen->broken += broken != NULL;
    snprintf(seen->text + at, sizeof seen->text - at, "%s:%s ", s->id,
             broken ? "broken" : scratch_status_name(s->status));
    return 0;
}

static void they_are_listed(void **state)
{
    struct kept k;
    struct scratch_error err;
    struct seen seen = {0};
    char path[400];
    (void)state;
    kept_shell(&k, "sleep 60");
    scratch_container *a = kept_start(&k, "a");
    k.keep.wait = true;
    scratch_container *b = kept_start(&k, "b");
    snprintf(path, sizeof path, "%s/torn", kept_root());
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/torn/state.json", kept_root());
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs("{\"version\":1,\"pid\":12,\"sta", out);
    fclose(out);
    TEST_OK(scratch_container_list(kept_root(), note, &seen, &err), &err);
    assert_string_equal(seen.text, "a:running b:created torn:broken ");
    memset(&seen, 0, sizeof seen);
    TEST_OK(scratch_container_list(NULL, note, &seen, &err), &err); /* it is registered */
    assert_string_equal(seen.text, "a:running b:created torn:broken ");
    kept_end(a);
    kept_end(b);
    unlink(path);
    *strrchr(path, '/') = '\0';
    rmdir(path);
    assert_int_equal(scratch_container_list("/nosuch", note, &seen, &err), -ENOENT);
}

/* ---- what cannot be read -------------------------------------------------------------------- */

static void write_record(const char *id, const char *text)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", kept_root(), id);
    assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
    snprintf(path, sizeof path, "%s/%s/state.json", kept_root(), id);
    unlink(path);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static void what_cannot_be_read_is_named(void **state)
{
    static const char *const texts[] = {
        "",
        "[]",
        "{\"version\":1,",
        "{\"version\":1,\"pid\":1}",
        "{\"version\":2,\"pid\":\"x\"}",
        "{\"version\":1,\"pid\":-1,\"start_time\":1,\"remove\":0,\"created\":1}",
        "{\"version\":1,\"pid\":1,\"start_time\":1,\"remove\":0,\"created\":1,\"command\":[1]}"};
    struct scratch_error err;
    scratch_container *container;
    struct kept k;
    char path[400], link[400];
    (void)state;
    kept_shell(&k, "true");
    kept_end(kept_start(&k, "broken")); /* the directory of records is there */
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_record("broken", texts[i]);
        assert_int_equal(scratch_container_open(kept_root(), "broken", &container, &err), -EINVAL);
        if (!strstr(err.subject, "broken/state.json") && !strstr(err.what, "broken/state.json"))
            fail_msg("%s: '%s' '%s' does not name the file", texts[i], err.what, err.subject);
        assert_int_equal(kept_try(&k, "broken", &container, &err), -EEXIST);
    }
    write_record("broken", "{\"version\":1,");
    assert_int_equal(scratch_container_open(kept_root(), "broken", &container, &err), -EINVAL);
    assert_non_null(strstr(err.hint, "remove its directory"));
    write_record("broken", "{\"version\":2}");
    assert_int_equal(scratch_container_open(kept_root(), "broken", &container, &err), -EINVAL);
    assert_string_equal(err.cause, "it is of version 2, and this library knows 1");
    /* Through a link nothing is read. */
    snprintf(path, sizeof path, "%s/broken/state.json", kept_root());
    snprintf(link, sizeof link, "%s/elsewhere", kept_root());
    assert_int_equal(rename(path, link), 0);
    assert_int_equal(symlink(link, path), 0);
    assert_int_equal(scratch_container_open(kept_root(), "broken", &container, &err), -ELOOP);
    unlink(path);
    unlink(link);
    /* Nothing is there: a starter was killed. */
    assert_int_equal(scratch_container_open(kept_root(), "broken", &container, &err), -ENOENT);
    kept_end(kept_start(&k, "broken"));
}

static void the_directory_must_be_ones_own(void **state)
{
    struct scratch_error err;
    struct kept k;
    scratch_container *container;
    (void)state;
    kept_shell(&k, "true");
    kept_end(kept_start(&k, "own"));
    assert_int_equal(chmod(kept_root(), 0777), 0);
    assert_int_equal(kept_try(&k, "own", &container, &err), -EPERM);
    assert_int_equal(scratch_container_open(kept_root(), "own", &container, &err), -EPERM);
    assert_int_equal(chmod(kept_root(), 0700), 0);
}

/* ---- what killed starters leave ------------------------------------------------------------- */

static void what_a_killed_starter_leaves_is_swept(void **state)
{
    struct kept k;
    char path[400];
    (void)state;
    kept_shell(&k, "sleep 60");
    k.keep.remove = true;
    scratch_container *container = kept_start(&k, "gone");
    scratch_sweep(NULL);
    assert_true(kept_is_there("gone"));
    scratch_container_signal(container, SIGKILL, NULL);
    scratch_container_free(container); /* as if its starter had been killed */
    waitpid(-1, NULL, 0);
    snprintf(path, sizeof path, "%s/half", kept_root());
    assert_int_equal(mkdir(path, 0700), 0);
    scratch_sweep(NULL); /* how many there were, others who sweep may have seen to */
    assert_false(kept_is_there("gone"));
    assert_false(kept_is_there("half"));
}

static void a_name_that_was_left_can_be_taken(void **state)
{
    struct kept k;
    (void)state;
    kept_shell(&k, "sleep 60");
    k.keep.remove = true;
    scratch_container *container = kept_start(&k, "left");
    scratch_container_signal(container, SIGKILL, NULL);
    scratch_container_free(container);
    waitpid(-1, NULL, 0);
    container = kept_start(&k, "left");
    scratch_container_signal(container, SIGKILL, NULL);
    assert_int_equal(minimal_end(container), 137);
    assert_false(kept_is_there("left"));
}

TEST_MAIN(it_is_found_again_and_deleted, its_exit_status_is_recorded_inside,
          a_record_can_go_with_its_container, a_start_that_fails_leaves_no_record,
          a_name_is_had_by_one, a_log_has_what_it_writes, a_created_one_waits_to_be_started,
          one_that_runs_cannot_be_started, why_a_command_cannot_run_is_told_to_who_starts_it,
          one_that_waits_does_not_die_with_its_creator, a_created_one_outlives_its_creator,
          a_starter_that_ends_is_no_start, stop_asks_first, stop_does_not_ask_twice,
          all_processes_can_be_signalled, they_are_listed, what_cannot_be_read_is_named,
          the_directory_must_be_ones_own, what_a_killed_starter_leaves_is_swept,
          a_name_that_was_left_can_be_taken)
