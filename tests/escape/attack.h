/* SPDX-License-Identifier: MIT */
/*
 * Attacks: each is run inside a container, and says by its exit status how it went. What it gets
 * hold of it writes to standard output.
 */
#ifndef ESCAPE_ATTACK_H
#define ESCAPE_ATTACK_H

enum attack_status {
    ATTACK_OUT = 0,       /* it got out */
    ATTACK_HELD = 1,      /* the container held */
    ATTACK_NOT_TRIED = 2, /* what it needs is not there */
};

/* Called with what follows the attack's name, ending with NULL. */
typedef int attack_function(char **argv);

attack_function attack_chroot, attack_capability, attack_cgroup, attack_directory, attack_groups,
    attack_image_receive, attack_image_send, attack_joiner, attack_plant, attack_release_agent,
    attack_swap, attack_terminal, attack_trace, attack_window;

/* Say what failed, with errno; returns ATTACK_HELD. */
int attack_held(const char *what);
/* The same for what an attack only prepares; returns ATTACK_NOT_TRIED. */
int attack_not_tried(const char *what);

/* Copy a file to standard output; 0 or -1. */
int attack_print(int dirfd, const char *path);

#endif
