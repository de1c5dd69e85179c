/* SPDX-License-Identifier: MIT */
/*
 * The process's own mountinfo(5), read without a C library.
 */
#ifndef MOUNT_MOUNTINFO_H
#define MOUNT_MOUNTINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest path; a longer one is cut, and leads nowhere. */
#define MOUNTINFO_PATH 4096
#define MOUNTINFO_TYPE 32

struct mountinfo {
    int fd;
    size_t at, end;
    char text[MOUNTINFO_PATH];
};

/* A line, "ID PARENT DEVICE ROOT TARGET OPTIONS [TAG...] - TYPE SOURCE OPTIONS". */
struct mountinfo_line {
    uint64_t id, parent;
    char target[MOUNTINFO_PATH];
    char type[MOUNTINFO_TYPE];
};

/* 0 or -errno; to be closed in either case. */
int mountinfo_open(struct mountinfo *m);
bool mountinfo_next(struct mountinfo *m, struct mountinfo_line *line);
void mountinfo_close(struct mountinfo *m);

#endif
