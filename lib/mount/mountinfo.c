/* SPDX-License-Identifier: MIT */
#include "mount/mountinfo.h"
#include "base/sys.h"
#include "base/text.h"

static int next_char(struct mountinfo *m)
{
    if (m->at == m->end) {
        ssize_t n = sys_read(m->fd, m->text, sizeof m->text);
        if (n <= 0)
            return -1;
        m->at = 0;
        m->end = (size_t)n;
    }
    return (unsigned char)m->text[m->at++];
}

static uint64_t next_number(struct mountinfo *m)
{
    uint64_t number = 0;
    int c;
    while ((c = next_char(m)) >= '0' && c <= '9')
        number = number * 10 + (uint64_t)(c - '0');
    return number;
}

static void skip_to(struct mountinfo *m, char end)
{
    int c;
    do
        c = next_char(m);
    while (c >= 0 && c != end);
}

/* Spaces and the like are "\040" there. Too long a word is cut. */
static void next_word(struct mountinfo *m, char *word, size_t size)
{
    size_t at = 0;
    int c;
    while ((c = next_char(m)) > ' ') {
        if (c == '\\')
            for (int digits = c = 0; digits < 3; digits++)
                c = c * 8 + (next_char(m) - '0');
        if (at + 1 < size)
            word[at++] = (char)c;
    }
    word[at] = '\0';
}

bool mountinfo_next(struct mountinfo *m, struct mountinfo_line *line)
{
    line->id = next_number(m);
    line->parent = next_number(m);
    skip_to(m, ' ');
    skip_to(m, ' ');
    next_word(m, line->target, sizeof line->target);
    do
        next_word(m, line->type, sizeof line->type);
    while (*line->type && !text_equal(line->type, "-"));
    next_word(m, line->type, sizeof line->type);
    skip_to(m, '\n');
    return line->id != 0;
}

int mountinfo_open(struct mountinfo *m)
{
    m->at = m->end = 0;
    m->fd = sys_openat(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY, 0);
    return m->fd < 0 ? m->fd : 0;
}

void mountinfo_close(struct mountinfo *m)
{
    if (m->fd >= 0)
        sys_close(m->fd);
}
