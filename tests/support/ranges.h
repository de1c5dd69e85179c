/* SPDX-License-Identifier: MIT */
/*
 * Tests of an ordinary user who has ranges of ids.
 */
#ifndef TEST_SUPPORT_RANGES_H
#define TEST_SUPPORT_RANGES_H

#include "support/apart.h"

/* The user of these tests, who is given a line of passwd(5). */
#define RANGES_USER "scratchtest"
#define RANGES_UID  65533

/*
 * As test_apart(), as an ordinary user, where /etc/subuid and /etc/subgid have this text: the files
 * are bound over the machine's in a mount namespace of the test's own. Skipped without root.
 */
void test_with_ranges(const char *lines, void (*function)(void));

/* The same as root: what a function of test_apart()'s calls. */
void ranges_bind(const char *lines);

#endif
