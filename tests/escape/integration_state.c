/* SPDX-License-Identifier: MIT */
/* Row 20 of SECURITY.md: where records are kept, prepared by somebody else. */
#include "escape.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool careless;

/* Makes its record wherever the path leads. */
int __real_state_make_step(struct step_walk *w, const struct step *step);
int __wrap_state_make_step(struct step_walk *w, const struct step *step);
int __wrap_state_make_step(struct step_walk *w, const struct step *step)
{
    char path[512];
    if (!careless)
        return __real_state_make_step(w, step);
    snprintf(path, sizeof path, "%s/escape", step_text(w, step->text[0]));
    if (mkdir(path, 0700) < 0)
        return -errno;
    w->fd[step->fd[0]] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return w->fd[step->fd[0]] < 0 ? -errno : 0;
}

/* A container that shares the directory puts a link there: true when a record came to be behind it.
 */
static bool record_leads_out(int *status)
{
    struct scratch_keep_options keep = SCRATCH_KEEP_OPTIONS_INIT;
    struct escape attacker, victim;
    const char *runtime = test_directory(), *outside = test_directory();
    char path[512];
    if (geteuid() == 0)
        TEST_SKIP("root's is in /run, where nobody else can make a link");
    assert_int_equal(setenv("XDG_RUNTIME_DIR", runtime, 1), 0);
    escape_begin(&attacker, escape_root(), "plant", "/tmp/libscratch", outside, NULL);
    attacker.mounts[0] = (struct scratch_mount){runtime, "/tmp", NULL, "rbind"};
    attacker.spec.mount_count = 1;
    assert_int_equal(escape_run(&attacker), ATTACK_OUT);
    escape_begin(&victim, escape_root(), "directory", "/", NULL);
    victim.spec.keep = &keep;
    victim.start.id = "escape";
    *status = escape_run(&victim);
    snprintf(path, sizeof path, "%s/escape", outside);
    return access(path, F_OK) == 0;
}

static void a_planted_directory_is_refused(void **state)
{
    int status;
    (void)state;
    assert_false(record_leads_out(&status));
    assert_true(status < 0);
}

static void one_that_is_taken_as_it_is_leads_out(void **state)
{
    int status;
    (void)state;
    careless = true;
    bool out = record_leads_out(&status);
    careless = false;
    assert_true(out);
}

TEST_MAIN(a_planted_directory_is_refused, one_that_is_taken_as_it_is_leads_out)
