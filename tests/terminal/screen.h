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

/* Read to the end, and count the bytes; last has room for 64 of them, the last ones. */
static inline size_t screen_drain(int master, char *last)
{
    char data[4096];
    size_t size = 0;
    last[0] = '\0';
    for (ssize_t n; (n = read(master, data, sizeof data)) > 0; size += (size_t)n)
        snprintf(last, 64, "%.*s", n < 63 ? (int)n : 63, data + (n < 63 ? 0 : n - 63));
    return size;
}

#endif
