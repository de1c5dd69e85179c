/* SPDX-License-Identifier: MIT */
/*
 * The few string functions that scratch-init needs; it has no C library.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for a 64-bit number in decimal, with sign and NUL. */
#define TEXT_NUMBER 24

static inline size_t text_length(const char *s)
{
    size_t n = 0;
    while (s[n])
        n++;
    return n;
}

static inline bool text_equal(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static inline const char *text_find(const char *s, char c)
{
    for (; *s; s++)
        if (*s == c)
            return s;
    return NULL;
}

static inline bool text_begins(const char *s, const char *start)
{
    while (*start)
        if (*s++ != *start++)
            return false;
    return true;
}

/* Append to a buffer; returns the new length, or size when it does not fit (text is then cut). */
static inline size_t text_append(char *buffer, size_t size, size_t at, const char *s)
{
    while (*s && at + 1 < size)
        buffer[at++] = *s++;
    if (at < size)
        buffer[at] = '\0';
    return *s ? size : at;
}

static inline size_t text_append_number(char *buffer, size_t size, size_t at, uint64_t value)
{
    char digits[TEXT_NUMBER];
    size_t i = sizeof digits - 1;
    digits[i] = '\0';
    do
        digits[--i] = (char)('0' + value % 10);
    while (value /= 10);
    return text_append(buffer, size, at, digits + i);
}

/* Append the bits of a file's mode. */
static inline size_t text_append_octal(char *buffer, size_t size, size_t at, unsigned mode)
{
    char digits[6];
    size_t i = sizeof digits;
    digits[--i] = '\0';
    for (mode &= 07777; i == sizeof digits - 1 || mode > 0; mode /= 8)
        digits[--i] = (char)('0' + mode % 8);
    return text_append(buffer, size, at, digits + i);
}

/*
 * The length of the first of some comma-separated mount options. Commas within double quotes are
 * part of it: context="system_u:object_r:t:s0:c1,c2".
 */
static inline size_t text_option_length(const char *s)
{
    bool quoted = false;
    size_t n = 0;
    for (; s[n] && (quoted || s[n] != ','); n++)
        if (s[n] == '"')
            quoted = !quoted;
    return n;
}

/* The length of the directory, with its '/', that two paths begin with; 0: the working one. */
static inline size_t text_common_directory(const char *a, const char *b)
{
    size_t length = 0;
    for (size_t i = 0; a[i] && a[i] == b[i]; i++)
        if (a[i] == '/')
            length = i + 1;
    return length;
}

/* "/proc/self/fd/N" */
static inline void text_fd_path(char *buffer, size_t size, int fd)
{
    size_t at = text_append(buffer, size, 0, "/proc/self/fd/");
    text_append_number(buffer, size, at, (uint64_t)fd);
}

#endif
