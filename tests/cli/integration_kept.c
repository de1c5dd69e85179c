/* SPDX-License-Identifier: MIT */
/*
 * The commands about a container that stays, as a container engine calls them.
 */
#include "cli/ctl.h"
#include "container/kept.h"

#define OCI(...) CTL("--root", kept_root(), __VA_ARGS__)

static scratch_container *created(const char *id, const char *script)
{
    struct kept k;
    kept_shell(&k, script);
    k.keep.wait = true;
    k.keep.bundle = "/srv/bundle";
    return kept_start(&k, id);
}

static void a_life_from_created_to_deleted(void **state)
{
    (void)state;
    scratch_container *container = created("life", "sleep 60");
    assert_non_null(strstr(OCI("state", "life").out, "\"id\":\"life\",\"pid\":"));
    assert_non_null(strstr(OCI("state", "life").out, "\"status\":\"created\""));
    assert_int_equal(OCI("start", "life").status, 0);
    struct ctl ctl = OCI("state", "life");
    assert_non_null(strstr(ctl.out, "\"status\":\"running\""));
    assert_non_null(strstr(ctl.out, "\"bundle\":\"/srv/bundle\""));
    ctl_refused(OCI("start", "life"), "it does not wait to be started: it is running");
    ctl_refused(OCI("delete", "life"), "it is running");
    assert_int_equal(OCI("kill", "life", "KILL").status, 0);
    assert_int_equal(scratch_container_wait(container, NULL), 128 + SIGKILL);
    assert_non_null(strstr(OCI("state", "life").out, "\"pid\":0,\"status\":\"stopped\""));
    assert_int_equal(OCI("delete", "life").status, 0);
    assert_false(kept_is_there("life"));
    scratch_container_free(container);
}

/* Engines look for these words, and do not take them for failures of theirs. */
static void what_is_too_late_is_said_in_words_that_engines_know(void **state)
{
    (void)state;
    scratch_container *container = created("late", "exit 0");
    assert_int_equal(OCI("start", "late").status, 0);
    assert_int_equal(scratch_container_wait(container, NULL), 0);
    ctl_refused(OCI("kill", "late", "9"), "process already finished");
    ctl_refused(OCI("kill", "late"), "container not running");
    assert_int_equal(OCI("kill", "--all", "late", "9").status, 0);
    assert_int_equal(OCI("delete", "--force", "late").status, 0);
    ctl_refused(OCI("delete", "late"), "does not exist");
    ctl_refused(OCI("kill", "late"), "does not exist");
    ctl_refused(OCI("state", "late"), "does not exist");
    assert_int_equal(OCI("delete", "--force", "late").status, 0);
    scratch_container_free(container);
}

static void signals_have_names_and_numbers(void **state)
{
    static const char *const signals[] = {"10", "USR1", "SIGUSR1", "sigusr1", NULL};
    (void)state;
    scratch_container *container = created(
        "signals", "trap 'n=${n}x; [ $n != xxxx ] || exit 7' USR1; while :; do sleep 0.1; done");
    assert_int_equal(OCI("start", "signals").status, 0);
    sleep(1); /* the trap is set by then, or the default action is seen below */
    for (const char *const *signal = signals; *signal; signal++) {
        assert_int_equal(OCI("kill", "signals", *signal).status, 0);
        usleep(500000);
    }
    assert_int_equal(scratch_container_wait(container, NULL), 7);
    ctl_refused(OCI("kill", "signals", "NOSUCH"), "there is no such signal");
    ctl_refused(OCI("kill", "signals", "65"), "there is no such signal");
    kept_end(container);
}

static void they_are_listed(void **state)
{
    (void)state;
    scratch_container *one = created("list-1", "sleep 60"), *two = created("list-2", "sleep 60");
    ctl_outputs(OCI("list", "-q"), "list-1\nlist-2\n");
    assert_non_null(strstr(OCI("list").out, "created"));
    struct ctl ctl = OCI("list", "--format", "json");
    assert_int_equal(strncmp(ctl.out, "[{", 2), 0);
    assert_non_null(strstr(ctl.out, "},{"));
    assert_int_equal(OCI("delete", "--force", "--regex", "^list-[0-9]$").status, 0);
    ctl_outputs(OCI("list", "-q"), "");
    scratch_container_wait(one, NULL); /* they are this process's children */
    scratch_container_wait(two, NULL);
    scratch_container_free(one);
    scratch_container_free(two);
}

static void errors_go_to_the_log_of_an_engine(void **state)
{
    char path[320], text[1024] = "";
    (void)state;
    snprintf(path, sizeof path, "%s/log.json", test_directory());
    ctl_refused(
        OCI("--log", path, "--log-format", "json", "--debug", "--systemd-cgroup", "start", "x"),
        "does not exist");
    FILE *log = fopen(path, "r");
    assert_non_null(log);
    assert_non_null(fgets(text, sizeof text, log));
    fclose(log);
    assert_non_null(strstr(text, "{\"level\":\"error\",\"msg\":\"container 'x': "));
    assert_non_null(strstr(text, "\"time\":\"20"));
    unlink(path);
}

TEST_MAIN(a_life_from_created_to_deleted, what_is_too_late_is_said_in_words_that_engines_know,
          signals_have_names_and_numbers, they_are_listed, errors_go_to_the_log_of_an_engine)
