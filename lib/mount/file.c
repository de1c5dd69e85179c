/* SPDX-License-Identifier: MIT */
/*
 * A file with a text in it, mounted over one of the root's: the root's own stays as it is.
 */
#include "base/file.h"
#include "base/open.h"
#include "base/text.h"
#include "mount/attach.h"

#define PATH_SIZE 4096
#define SPARE     65536

/* The directory of a path, with its '/', and behind it what a link there says. */
static int beside(char target[PATH_SIZE], const char *path, const char *text)
{
    size_t at = 0;
    for (size_t i = 0; path[i] && i + 1 < PATH_SIZE; i++) {
        target[i] = path[i];
        at = path[i] == '/' ? i + 1 : at;
    }
    at = text_append(target, PATH_SIZE, *text == '/' ? 0 : at, text);
    return at >= PATH_SIZE ? -ENAMETOOLONG : 0;
}

/*
 * Where the file is to go: its own place, or where the link there leads to, which need not be
 * there: systemd-resolved's /etc/resolv.conf is a link into /run.
 */
static int open_place(int root, const char *path)
{
    char text[PATH_SIZE], target[PATH_SIZE];
    int place = root_make(root, path, ROOT_MAKE_FILE);
    if (place != -ELOOP)
        return place;
    int link = root_open(root, path, O_PATH | O_NOFOLLOW, 0);
    if (link < 0)
        return link;
    ssize_t n = sys_readlinkat(link, "", text, sizeof text - 1);
    sys_close(link);
    text[n < 0 ? 0 : n] = '\0';
    int rc = n < 0 ? (int)n : beside(target, path, text);
    return rc < 0 ? rc : root_make(root, target, ROOT_MAKE_FILE);
}

static int write_file(int tmpfs, const char *contents)
{
    int file = sys_openat(tmpfs, "file", O_CREAT | O_EXCL | O_WRONLY, 0644);
    int rc = file < 0 ? file : file_put_all(file, contents, text_length(contents), 0);
    if (file >= 0)
        sys_close(file);
    return rc;
}

/* Room for what is in it, and for a container to change a few lines. */
static int mount_for(struct step_walk *w, const char *contents)
{
    char data[40 + TEXT_NUMBER];
    size_t at = text_append(data, sizeof data, 0, "mode=755,nr_inodes=4,size=");
    text_append_number(data, sizeof data, at, text_length(contents) + SPARE);
    return mount_detached(w, "tmpfs", "tmpfs", data,
                          MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

static int make_file(struct step_walk *w, const char *contents)
{
    int tmpfs = mount_for(w, contents);
    if (tmpfs < 0)
        return tmpfs;
    int rc = write_file(tmpfs, contents);
    int file = rc < 0 ? rc : mount_copy_out(w, tmpfs, "file");
    sys_close(tmpfs);
    return file;
}

int mount_file_step(struct step_walk *w, const struct step *step)
{
    int root = w->root >= 0 ? w->root : sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
    int place = root < 0 ? root : open_place(root, step_text(w, step->text[0]));
    if (root >= 0 && root != w->root)
        sys_close(root);
    if (place < 0)
        return step_detail(w, DETAIL_TARGET, place);
    int file = make_file(w, step_text(w, step->text[1]));
    int rc = file < 0 ? file : mount_attach(w, file, place);
    if (file >= 0)
        sys_close(file);
    sys_close(place);
    return rc;
}
