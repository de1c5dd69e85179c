/* SPDX-License-Identifier: MIT */
/*
 * Opening things below a root that is not trusted: the one place where paths inside a container's
 * root become fds before the root is entered. Symbolic links are followed as a process inside
 * would follow them; nothing leads out: not "..", not a link, not a magic link of /proc.
 */
#ifndef BASE_OPEN_H
#define BASE_OPEN_H

/* Open below a root. Returns an fd or -errno: -ENOENT, -ELOOP (magic link, too many links), … */
int root_open(int rootfd, const char *path, int flags, unsigned mode);

/* What root_make() makes when the last component is missing. */
enum root_make {
    ROOT_MAKE_NOTHING,
    ROOT_MAKE_DIRECTORY,
    ROOT_MAKE_FILE,
    ROOT_NO_LINK =
        4, /* beside one of them: what is there is opened itself, also where it is a link */
};

/*
 * Open a path as O_PATH, making what is missing: parents as directories (mode 0755), and behind a
 * link that leads nowhere yet, what it leads to below the root.
 */
int root_make(int rootfd, const char *path, enum root_make make);

#endif
