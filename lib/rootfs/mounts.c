/* SPDX-License-Identifier: MIT */
#include "rootfs/mounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_all(const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *in = fopen(path, "re");
    if (!in)
        return NULL;
    if (getdelim(&text, &size, '\0', in) < 0) {
        free(text);
        text = NULL;
    }
    fclose(in);
    return text;
}

/* The kernel writes space, tab, newline and backslash as \040 and so on. In place. */
static void unescape(char *text)
{
    char *to = text;
    for (; *text; text++) {
        if (text[0] == '\\' && text[1] && text[2] && text[3]) {
            *to++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0'));
            text += 3;
        } else {
            *to++ = *text;
        }
    }
    *to = '\0';
}

/* The nth word of a line, counted from 0, or NULL. */
static char *nth(char *line, unsigned n)
{
    while (line && n-- > 0) {
        line = strchr(line, ' ');
        line = line ? line + 1 : NULL;
    }
    return line;
}

static bool is_device(const char *source)
{
    return strncmp(source, "/dev/", 5) == 0 && strncmp(source, "/dev/loop", 9) != 0;
}

/* "ID PARENT MAJOR:MINOR ROOT TARGET OPTIONS [TAG…] - TYPE SOURCE OPTIONS" */
static void take_line(struct mount_points *points, char *line)
{
    char *target = nth(line, 4), *end = target ? strchr(target, ' ') : NULL;
    char *dash = end ? strstr(end, " - ") : NULL;
    char *source = dash ? nth(dash + 3, 1) : NULL;
    if (!source)
        return;
    *end = '\0';
    unescape(target);
    points->path[points->count] = target;
    points->device[points->count++] = is_device(source);
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; (text = strchr(text, '\n')); text++)
        lines++;
    return lines;
}

int mount_points_read(struct mount_points *points)
{
    *points = (struct mount_points){read_all("/proc/self/mountinfo"), NULL, NULL, 0};
    if (!points->text)
        return errno ? -errno : -EIO;
    size_t room = count_lines(points->text) + 1;
    points->path = calloc(room, sizeof *points->path);
    points->device = calloc(room, sizeof *points->device);
    if (!points->path || !points->device) {
        mount_points_free(points);
        return -ENOMEM;
    }
    char *rest = points->text, *line;
    while ((line = strsep(&rest, "\n")) && *line)
        take_line(points, line);
    return 0;
}

void mount_points_free(struct mount_points *points)
{
    free(points->text);
    free(points->path);
    free(points->device);
}

bool mount_points_below(const struct mount_points *points, const char *path)
{
    size_t n = strlen(path);
    while (n > 0 && path[n - 1] == '/')
        n--;
    for (size_t i = 0; i < points->count; i++)
        if (strncmp(points->path[i], path, n) == 0 && points->path[i][n] == '/' &&
            points->path[i][n + 1] != '\0')
            return true;
    return false;
}

bool mount_points_on(const struct mount_points *points, const char *path)
{
    for (size_t i = 0; i < points->count; i++)
        if (strcmp(points->path[i], path) == 0)
            return true;
    return false;
}
