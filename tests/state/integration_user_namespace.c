/* SPDX-License-Identifier: MIT */
/*
 * Where records are kept, for whom.
 */
#include "state/directory.h"
#include "support/apart.h"
#include "support/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool privileged; /* outside */
static const char *own;

/* An ordinary user is root of a user namespace in here: his own directory is the place. */
static void look_up(void)
{
    char path[STATE_PATH];
    size_t length = strlen(own);
    TEST_EXPECT(setenv("XDG_RUNTIME_DIR", own, 1) == 0);
    TEST_EXPECT(state_path(path, "test", NULL) == 0);
    if (privileged)
        TEST_EXPECT(strcmp(path, "/run/libscratch") == 0);
    else
        TEST_EXPECT(strncmp(path, own, length) == 0 && path[length] == '/');
    TEST_EXPECT(unsetenv("XDG_RUNTIME_DIR") == 0);
    TEST_EXPECT(state_path(path, "test", NULL) == 0); /* it is root, after all */
    TEST_EXPECT(strcmp(path, "/run/libscratch") == 0);
}

static void root_of_a_user_namespace_has_his_own(void **state)
{
    (void)state;
    own = test_directory();
    privileged = test_privileged();
    test_apart(look_up);
}

TEST_MAIN(root_of_a_user_namespace_has_his_own)
