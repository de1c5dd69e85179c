/* SPDX-License-Identifier: MIT */
/*
 * --mount: key=value pairs, as docker and podman have them, into fstab(5)'s words.
 */
#include "cli/report.h"
#include "cli/values.h"

#include <stdio.h>
#include <string.h>

/* Kinds of mounts, a bit each. */
enum mount_kind {
    BIND = 1,
    TMPFS = 2,
    OTHER = 4, /* what shows the kernel's own data */
    ANY = BIND | TMPFS | OTHER,
};

static const struct kind {
    const char *name;
    enum mount_kind kind;
    const char *options; /* that it begins with */
} kinds[] = {
    {"bind", BIND, "rbind"},
    {"tmpfs", TMPFS, "nosuid,nodev"},
    {"proc", OTHER, "nosuid,nodev,noexec"},
    {"sysfs", OTHER, "nosuid,nodev,noexec,ro"},
    {"mqueue", OTHER, "nosuid,nodev,noexec"},
    {"devpts", OTHER, "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620"},
};

struct reading {
    struct pool *pool;
    const char *text; /* the whole */
    const struct kind *kind;
    struct scratch_mount *mount;
};

struct key;
typedef int take_key(struct reading *r, const struct key *key, const char *value,
                     struct scratch_error *err);

struct key {
    const char *name;
    unsigned kinds;
    take_key *take;
    const char *yes, *no; /* words for a flag; no: NULL when nothing says the contrary */
};

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static void add_word(struct reading *r, const char *word)
{
    r->mount->options = pool_print(r->pool, "%s,%s", r->mount->options, word);
}

/* ---- keys ----------------------------------------------------------------------------------- */

static int need(const struct reading *r, const struct key *key, const char *value,
                struct scratch_error *err)
{
    if (value && *value)
        return 0;
    return usage_error(err, r->text, NULL, "the key '%s' needs a value", key->name);
}

static int take_type(struct reading *r, const struct key *key, const char *value,
                     struct scratch_error *err)
{
    (void)r; /* it was looked for before all others */
    (void)key;
    (void)value;
    (void)err;
    return 0;
}

static int take_source(struct reading *r, const struct key *key, const char *value,
                       struct scratch_error *err)
{
    int rc = need(r, key, value, err);
    return rc < 0 ? rc : value_source(r->pool, r->text, value, &r->mount->source, err);
}

static int take_target(struct reading *r, const struct key *key, const char *value,
                       struct scratch_error *err)
{
    int rc = need(r, key, value, err);
    if (rc == 0 && *value != '/')
        rc = usage_error(err, r->text, "write it from the root on: /data",
                         "the place inside, '%s', is not an absolute path", value);
    r->mount->target = value;
    return rc;
}

static int take_flag(struct reading *r, const struct key *key, const char *value,
                     struct scratch_error *err)
{
    bool flag;
    int rc = value_flag(value, &flag, err);
    if (rc < 0)
        return usage_error(err, r->text, NULL, "the key '%s' is true or false, not '%s'", key->name,
                           value);
    if (flag || key->no)
        add_word(r, flag ? key->yes : key->no);
    return 0;
}

static int take_propagation(struct reading *r, const struct key *key, const char *value,
                            struct scratch_error *err)
{
    static const char words[] = " private rprivate slave rslave shared rshared ";
    int rc = need(r, key, value, err);
    if (rc < 0)
        return rc;
    if (!strstr(words, pool_print(r->pool, " %s ", value)))
        return usage_error(err, r->text, "private, slave, shared; or with an r before it",
                           "'%s' is no propagation", value);
    add_word(r, value);
    return 0;
}

static int take_relabel(struct reading *r, const struct key *key, const char *value,
                        struct scratch_error *err)
{
    int rc = need(r, key, value, err);
    if (rc < 0)
        return rc;
    bool shared = strcmp(value, "shared") == 0;
    if (!shared && strcmp(value, "private") != 0)
        return usage_error(err, r->text, "relabel=shared or relabel=private",
                           "'%s' is no way to label", value);
    add_word(r, shared ? "z" : "Z");
    return 0;
}

static int take_size(struct reading *r, const struct key *key, const char *value,
                     struct scratch_error *err)
{
    uint64_t bytes;
    int rc = need(r, key, value, err);
    if (rc == 0 && (rc = value_bytes(value, &bytes, err)) < 0)
        snprintf(err->subject, sizeof err->subject, "%s", r->text);
    if (rc == 0)
        add_word(r, pool_print(r->pool, "size=%llu", (unsigned long long)bytes));
    return rc;
}

static int take_mode(struct reading *r, const struct key *key, const char *value,
                     struct scratch_error *err)
{
    int rc = need(r, key, value, err);
    if (rc == 0 && (value[strspn(value, "01234567")] || strlen(value) > 5))
        rc = usage_error(err, r->text, "give it in octal: 1777", "'%s' is no mode", value);
    if (rc == 0)
        add_word(r, pool_print(r->pool, "mode=%s", value));
    return rc;
}

static const struct key keys[] = {
    {"type", ANY, take_type, NULL, NULL},
    {"source", BIND, take_source, NULL, NULL},
    {"src", BIND, take_source, NULL, NULL},
    {"target", ANY, take_target, NULL, NULL},
    {"destination", ANY, take_target, NULL, NULL},
    {"dst", ANY, take_target, NULL, NULL},
    {"ro", ANY, take_flag, "ro", "rw"},
    {"readonly", ANY, take_flag, "ro", "rw"},
    {"rw", ANY, take_flag, "rw", "ro"},
    {"nosuid", ANY, take_flag, "nosuid", "suid"},
    {"suid", ANY, take_flag, "suid", "nosuid"},
    {"nodev", ANY, take_flag, "nodev", "dev"},
    {"dev", ANY, take_flag, "dev", "nodev"},
    {"noexec", ANY, take_flag, "noexec", "exec"},
    {"exec", ANY, take_flag, "exec", "noexec"},
    {"nosymfollow", ANY, take_flag, "nosymfollow", NULL},
    {"rro", BIND, take_flag, "rro", NULL},
    {"bind-nonrecursive", BIND, take_flag, "bind", "rbind"},
    {"bind-propagation", BIND, take_propagation, NULL, NULL},
    {"relabel", BIND, take_relabel, NULL, NULL},
    {"U", BIND, take_flag, "U", NULL},
    {"chown", BIND, take_flag, "U", NULL},
    {"tmpfs-size", TMPFS, take_size, NULL, NULL},
    {"tmpfs-mode", TMPFS, take_mode, NULL, NULL},
    {"tmpcopyup", TMPFS, take_flag, "tmpcopyup", "notmpcopyup"},
    {"notmpcopyup", TMPFS, take_flag, "notmpcopyup", "tmpcopyup"},
};

/* ---- the pairs ------------------------------------------------------------------------------ */

static int unknown_key(const struct reading *r, const char *name, struct scratch_error *err)
{
    char known[512];
    size_t at = 0;
    for (size_t i = 0; i < LENGTH(keys); i++)
        if (keys[i].kinds & r->kind->kind)
            at += (size_t)snprintf(known + at, sizeof known - at, "%s%s", at ? ", " : "",
                                   keys[i].name);
    return usage_error(err, r->text,
                       pool_print(r->pool, "%s; a path with a comma goes with -v", known),
                       "'%s' is no key of a mount of the type %s", name, r->kind->name);
}

static int take_pair(struct reading *r, char *pair, struct scratch_error *err)
{
    char *value = strchr(pair, '=');
    if (value)
        *value++ = '\0';
    for (size_t i = 0; i < LENGTH(keys); i++)
        if (strcmp(pair, keys[i].name) == 0 && keys[i].kinds & r->kind->kind)
            return keys[i].take(r, &keys[i], value, err);
    return unknown_key(r, pair, err);
}

/* The type may stand anywhere. */
static int find_kind(struct reading *r, struct scratch_error *err)
{
    static const char known[] = "type=bind, tmpfs, proc, sysfs, mqueue or devpts";
    char *rest = pool_print(r->pool, "%s", r->text), *type = NULL;
    for (char *pair; (pair = strsep(&rest, ","));)
        if (strncmp(pair, "type=", 5) == 0)
            type = pair + 5;
    if (!type)
        return usage_error(err, r->text, known, "the type is missing");
    for (size_t i = 0; i < LENGTH(kinds) && !r->kind; i++)
        if (strcmp(type, kinds[i].name) == 0)
            r->kind = &kinds[i];
    return r->kind ? 0 : usage_error(err, r->text, known, "'%s' is no type of a mount here", type);
}

int value_mount(struct pool *pool, const char *text, struct scratch_mount *mount,
                struct scratch_error *err)
{
    struct reading r = {pool, text, NULL, mount};
    int rc = find_kind(&r, err);
    if (rc < 0 || !r.kind)
        return rc;
    bool bind = r.kind->kind == BIND;
    *mount = (struct scratch_mount){.source = bind ? NULL : r.kind->name,
                                    .type = bind ? NULL : r.kind->name,
                                    .options = r.kind->options};
    char *rest = pool_print(pool, "%s", text);
    for (char *pair; rc == 0 && (pair = strsep(&rest, ","));)
        rc = *pair ? take_pair(&r, pair, err) : 0;
    if (rc == 0 && !mount->target)
        rc = usage_error(err, text, "add dst=/data", "the place inside is missing");
    if (rc == 0 && !mount->source)
        rc = usage_error(err, text, "add src=/srv/data", "what is to be bound is missing");
    return rc;
}
