/* SPDX-License-Identifier: MIT */
#include "cli/values.h"
#include "cli/report.h"

#include <string.h>

/* True when a word is one of those between the commas. */
static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (;;) {
        size_t n = strcspn(words, ",");
        if (n == length && strncmp(words, word, n) == 0)
            return true;
        if (!words[n])
            return false;
        words += n + 1;
    }
}

static int check_target(const char *text, const char *target, struct scratch_error *err)
{
    if (target[0] == '/')
        return 0;
    return usage_error(err, text, "write it from the root on: /data",
                       "the place inside, '%s', is not an absolute path", target);
}

/* Submounts come with a directory, as mount(8) does it with "rbind", unless "bind" is asked for. */
int value_volume(struct pool *pool, const char *text, struct scratch_mount *mount,
                 struct scratch_error *err)
{
    static const char form[] = "write SRC:DST or SRC:DST:ro";
    char *source = pool_print(pool, "%s", text);
    char *target = strchr(source, ':');
    if (!target || target == source)
        return usage_error(err, text, form, "%s", target ? "SRC is empty" : "a ':' is missing");
    *target++ = '\0';
    char *options = strchr(target, ':');
    if (options)
        *options++ = '\0';
    if (options && strchr(options, ':'))
        return usage_error(err, text, form, "there are more than two ':'");
    bool given = options && *options;
    bool bind = given && (has_word(options, "bind") || has_word(options, "rbind"));
    *mount = (struct scratch_mount){.source = source, .target = target, .options = "rbind"};
    if (given)
        mount->options = bind ? options : pool_print(pool, "rbind,%s", options);
    return check_target(text, target, err);
}

/* Nothing that is written there shall gain privileges by it, unless "suid" or "dev" say so. */
int value_tmpfs(struct pool *pool, const char *text, struct scratch_mount *mount,
                struct scratch_error *err)
{
    char *target = pool_print(pool, "%s", text);
    char *options = strchr(target, ':');
    if (options)
        *options++ = '\0';
    *mount = (struct scratch_mount){
        .source = "tmpfs", .target = target, .type = "tmpfs", .options = "nosuid,nodev"};
    if (options && *options)
        mount->options = pool_print(pool, "nosuid,nodev,%s", options);
    return check_target(text, target, err);
}
