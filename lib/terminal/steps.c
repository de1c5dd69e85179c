/* SPDX-License-Identifier: MIT */
#include "base/open.h"
#include "base/rights.h"
#include "mount/attach.h"
#include "step/step.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <asm/termios.h>
#include <linux/magic.h>
#include <linux/major.h>
#include <sys/vfs.h>

/* ---- opening -------------------------------------------------------------------------------- */

static bool is_on_devpts(int fd)
{
    struct statfs fs;
    return sys2(SYS_fstatfs, fd, (long)&fs) == 0 && fs.f_type == DEVPTS_SUPER_MAGIC;
}

/*
 * In a new root, through its /dev/pts, once that is known for devpts, in which nobody can make
 * names: opening a node of the root's own might do anything. In the process's own root, where ptmx
 * in /dev/pts may have mode 0, else as posix_openpt(3) does.
 */
static int open_master(struct step_walk *w)
{
    int pts = w->root < 0 ? sys_openat(AT_FDCWD, "/dev/pts", O_PATH | O_DIRECTORY, 0)
                          : root_open(w->root, "/dev/pts", O_PATH | O_DIRECTORY, 0);
    int rc = pts;
    if (pts >= 0) {
        rc = is_on_devpts(pts) ? sys_openat(pts, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW, 0)
                               : -ENOTTY;
        sys_close(pts);
    }
    return rc < 0 && w->root < 0 ? sys_openat(AT_FDCWD, "/dev/ptmx", O_RDWR | O_NOCTTY, 0) : rc;
}

/* A terminal, and not what something else was made to look like one (CVE-2025-52565). */
static bool is_terminal(int fd)
{
    struct statx st;
    return is_on_devpts(fd) && sys_statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &st) == 0 &&
           st.stx_rdev_major >= UNIX98_PTY_SLAVE_MAJOR &&
           st.stx_rdev_major < UNIX98_PTY_SLAVE_MAJOR + UNIX98_PTY_MAJOR_COUNT;
}

/* From the master (4.13), never by a path that could lead to another. */
static int open_peer(int master)
{
    static const int unlocked;
    int rc = (int)sys3(SYS_ioctl, master, TIOCSPTLCK, (long)&unlocked);
    if (rc == 0)
        rc = (int)sys3(SYS_ioctl, master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (rc >= 0 && !is_terminal(rc)) {
        sys_close(rc);
        return -ENOTTY;
    }
    return rc;
}

/* ---- setting up ----------------------------------------------------------------------------- */

static int set_size(const struct step_walk *w, const struct step *step, int peer)
{
    struct winsize size = {
        .ws_row = (unsigned short)step->num[2],
        .ws_col = (unsigned short)step->num[3],
    };
    if (w->start && w->start->has_window) {
        size.ws_row = w->start->window[0];
        size.ws_col = w->start->window[1];
        size.ws_xpixel = w->start->window[2];
        size.ws_ypixel = w->start->window[3];
    }
    return (int)sys3(SYS_ioctl, peer, TIOCSWINSZ, (long)&size);
}

/* Text is UTF-8: the erase key takes back characters, not bytes. */
static int set_modes(const struct step *step, int peer)
{
    struct termios modes;
    int rc = (int)sys3(SYS_ioctl, peer, TCGETS, (long)&modes);
    if (rc < 0)
        return rc;
    modes.c_iflag |= IUTF8;
    if (step->num[4])
        modes.c_oflag &= ~(tcflag_t)ONLCR;
    return (int)sys3(SYS_ioctl, peer, TCSETS, (long)&modes);
}

/*
 * /dev/console is a file that the terminal is bound on. Whatever is there is not followed: a link
 * could lead to any file that the root has.
 */
static int bind_console(struct step_walk *w, int peer)
{
    int dev = root_open(w->root, "/dev", O_PATH | O_DIRECTORY, 0);
    int rc = dev < 0 ? dev : sys_mknodat(dev, "console", 0100600, 0);
    int target = rc < 0 && rc != -EEXIST ? rc : sys_openat(dev, "console", O_PATH | O_NOFOLLOW, 0);
    if (dev >= 0)
        sys_close(dev);
    if (target < 0)
        return step_detail(w, DETAIL_TARGET, target);
    int mount = mount_copy(w, peer, "", false);
    rc = mount < 0 ? mount : mount_attach(w, mount, target);
    if (mount >= 0)
        sys_close(mount);
    sys_close(target);
    return rc;
}

static int set_up(struct step_walk *w, const struct step *step, int peer)
{
    int rc = set_size(w, step, peer);
    if (rc == 0)
        rc = set_modes(step, peer);
    /* The group is the one that devpts was mounted with. A terminal works for others than its owner
     * too, once it is open: so without CAP_CHOWN it stays as it is. */
    if (rc == 0 && step->num[0])
        sys5(SYS_fchownat, peer, (long)"", (long)step->num[0], -1, AT_EMPTY_PATH);
    if (rc == 0 && step->num[1])
        rc = bind_console(w, peer);
    return rc;
}

static int hand_over(const struct step_walk *w, int master)
{
    const struct step_message message = {.type = MESSAGE_TERMINAL, .step = w->index};
    return rights_send(w->socket, &message, sizeof message, master);
}

/* For scratch-init, which stays. */
static int keep_master(struct step_walk *w, const struct step *step, int master)
{
    w->fd[step->fd[0]] = sys_fcntl(master, F_DUPFD_CLOEXEC, 3);
    return w->fd[step->fd[0]] < 0 ? w->fd[step->fd[0]] : 0;
}

static int take_as_streams(int peer)
{
    int rc = 0;
    for (int fd = 0; fd < 3 && rc >= 0; fd++)
        rc = sys_dup3(peer, fd, 0);
    return rc < 0 ? rc : 0;
}

int terminal_open_step(struct step_walk *w, const struct step *step)
{
    int master = open_master(w);
    int peer = master < 0 ? master : open_peer(master);
    int rc = step_detail(w, DETAIL_SOURCE, peer);
    if (peer >= 0) {
        rc = set_up(w, step, peer);
        if (rc == 0)
            rc = step->fd[0] < 0 ? hand_over(w, master) : keep_master(w, step, master);
        if (rc == 0)
            rc = take_as_streams(peer);
        sys_close(peer);
    }
    if (master >= 0)
        sys_close(master);
    return rc;
}

/* ---- job control ---------------------------------------------------------------------------- */

int terminal_session_step(struct step_walk *w, const struct step *step)
{
    (void)w;
    int rc = (int)sys1(SYS_setsid, 0);
    if (rc >= 0)
        rc = step->num[0] ? 0 : (int)sys3(SYS_ioctl, 0, TIOCSCTTY, 0);
    return rc;
}

/*
 * What stops the command is meant for its whole process group, and the kernel stops none that is an
 * orphan: a group whose parent, as here scratch-init, is in the same session but not in it, is
 * none. All signals are blocked here, SIGTTOU among them.
 */
int terminal_foreground_step(struct step_walk *w, const struct step *step)
{
    (void)w;
    (void)step;
    int pid = sys_getpid();
    int rc = (int)sys2(SYS_setpgid, 0, 0);
    return rc < 0 ? rc : (int)sys3(SYS_ioctl, 0, TIOCSPGRP, (long)&pid);
}
