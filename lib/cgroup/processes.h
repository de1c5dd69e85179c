/* SPDX-License-Identifier: MIT */
/*
 * The processes of a group's directory.
 */
#ifndef CGROUP_PROCESSES_H
#define CGROUP_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct processes {
    pid_t *pid; /* free(3) it */
    size_t count;
};

/* Append those of a group, and of all below it where deep. 0 or -errno. */
int processes_read(struct processes *all, int groupfd, bool deep);

/* In rising order, each once. */
void processes_sort(struct processes *all);

/*
 * SIGKILL those of a group and below it. A process that has ended meanwhile, and whose number has
 * been given to another, is not mixed up with that: it is held first, and then looked for again.
 */
int processes_kill(int groupfd);

#endif
