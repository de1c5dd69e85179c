/* SPDX-License-Identifier: MIT */
/*
 * What a hook reads as its standard input.
 */
#include "support/child.h"
#include "support/rootfs.h"

#include <fcntl.h>
#include <string.h>

static void run_a_hook(const char *path)
{
    char script[400];
    snprintf(script, sizeof script, "cat > %s", path);
    const char *const args[] = {"sh", "-c", script, NULL};
    const char *const env[] = {"PATH=/usr/bin:/bin", NULL};
    const struct scratch_hook hook = {"/bin/sh", args, env, 0};
    struct scratch_hook_options options = SCRATCH_HOOK_OPTIONS_INIT;
    struct scratch_error err;
    options.at[SCRATCH_HOOK_POSTSTOP].hook = &hook;
    options.at[SCRATCH_HOOK_POSTSTOP].count = 1;
    close(0); /* the file that the state is in gets this number */
    EXPECT_OK(scratch_hooks_run(&options, SCRATCH_HOOK_POSTSTOP, "x", "stopped", 0, &err));
}

static void it_is_the_state_for_a_caller_without_one(void **state)
{
    const char *path = test_make_file(test_directory(), "state.json", "");
    char text[200] = "";
    int status;
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        run_a_hook(path);
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    assert_non_null(fgets(text, sizeof text, in));
    fclose(in);
    assert_non_null(strstr(text, "\"status\":\"stopped\""));
}

TEST_MAIN(it_is_the_state_for_a_caller_without_one)
