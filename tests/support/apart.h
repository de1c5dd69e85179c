/* SPDX-License-Identifier: MIT */
/*
 * Tests of what changes the calling process: in a child of their own.
 */
#ifndef TEST_SUPPORT_APART_H
#define TEST_SUPPORT_APART_H

#include <stdbool.h>

/*
 * Run a function in a child that is alone in a new mount namespace (as an ordinary user, in a user
 * namespace too, as its root). In it, use TEST_EXPECT() rather than cmocka's assertions. The
 * running test fails when the child has counted a failure, or did not get to the end, and is
 * skipped when the machine gives no namespace.
 */
void test_apart(void (*function)(void));

/* Count and print a failure unless the condition holds. */
#define TEST_EXPECT(condition) test_expect((condition), #condition, __FILE__, __LINE__)
bool test_expect(bool condition, const char *text, const char *file, int line);

#endif
