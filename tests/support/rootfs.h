/* SPDX-License-Identifier: MIT */
/*
 * A tiny root file system: a static busybox and links to it.
 */
#ifndef TEST_SUPPORT_ROOTFS_H
#define TEST_SUPPORT_ROOTFS_H

/*
 * A directory with bin/busybox, links for the commands that tests use, and etc, tmp, root. It is
 * made once a program, and shared: tests that write into a root make one with test_rootfs_new().
 * The running test is skipped where there is no static busybox.
 */
const char *test_rootfs(void);
const char *test_rootfs_new(void);

/* Make a directory, or a file with that text, at a path below another; both give the whole path. */
const char *test_make_directory(const char *parent, const char *name);
const char *test_make_file(const char *parent, const char *name, const char *text);

#endif
