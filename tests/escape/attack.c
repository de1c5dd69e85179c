/* SPDX-License-Identifier: MIT */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    attack_function *run;
} attacks[] = {
    {"capability", attack_capability},
    {"cgroup", attack_cgroup},
    {"chroot", attack_chroot},
    {"directory", attack_directory},
    {"groups", attack_groups},
    {"image-receive", attack_image_receive},
    {"image-send", attack_image_send},
    {"plant", attack_plant},
    {"release-agent", attack_release_agent},
    {"swap", attack_swap},
    {"terminal", attack_terminal},
    {"joiner", attack_joiner},
    {"trace", attack_trace},
    {"window", attack_window},
};

int attack_held(const char *what)
{
    fprintf(stderr, "held: %s: %s\n", what, strerror(errno));
    return ATTACK_HELD;
}

int attack_not_tried(const char *what)
{
    fprintf(stderr, "not tried: %s: %s\n", what, strerror(errno));
    return ATTACK_NOT_TRIED;
}

int attack_print(int dirfd, const char *path)
{
    char text[512];
    int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t n = read(fd, text, sizeof text);
    close(fd);
    return n > 0 && write(STDOUT_FILENO, text, (size_t)n) == n ? 0 : -1;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof attacks / sizeof *attacks; i++)
        if (strcmp(attacks[i].name, argv[1]) == 0)
            return attacks[i].run(argv + 2);
    fprintf(stderr, "no such attack\n");
    return ATTACK_NOT_TRIED;
}
