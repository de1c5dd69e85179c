/* SPDX-License-Identifier: MIT */
/*
 * Reading a terminal's master as a person reads a screen.
 */
#ifndef TEST_TERMINAL_SCREEN_H
#define TEST_TERMINAL_SCREEN_H

#include "support/test.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SCREEN_WAIT_MS 60000

/* Read until a text has come, and no further; fails after a while. */
static inline void screen_expect(int master, const char *text)
{
    char shown[8192] = "";
    size_t size = 0;
    while (!strstr(shown, text)) {
        struct pollfd fd = {.fd = master, .events = POLLIN};
        if (poll(&fd, 1, SCREEN_WAIT_MS) != 1 || size == sizeof shown - 1 ||
            read(master, shown + size, 1) != 1) {
            print_error("'%s' does not come; there is: %s\n", text, shown);
            fail();
        }
        shown[++size] = '\0';
    }
}

/* Type. */
static inline void screen_type(int master, const char *keys)
{
    assert_int_equal(write(master, keys, strlen(keys)), strlen(keys));
}

/* Read to the end, and count the bytes; last is given the last ones, and ends with NUL. */
#define SCREEN_LAST 64
static inline size_t screen_drain(int master, char last[SCREEN_LAST])
{
    size_t size = 0, kept = 0;
    while (read(master, last + kept, 1) == 1) {
        size++;
        if (++kept == SCREEN_LAST - 1)
            memmove(last, last + 1, --kept);
    }
    last[kept] = '\0';
    return size;
}

#endif
