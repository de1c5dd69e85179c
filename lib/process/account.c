/* SPDX-License-Identifier: MIT */
#include "process/account.h"
#include "base/text.h"

#include <errno.h>

#define FIELDS_MAX 7

/* passwd(5), group(5) */
#define PASSWD_FIELDS 7
#define PASSWD_UID    2
#define PASSWD_GID    3
#define PASSWD_HOME   5
#define GROUP_FIELDS  4
#define GROUP_GID     2
#define GROUP_MEMBERS 3

/* ---- words ---------------------------------------------------------------------------------- */

static bool same(struct account_word a, struct account_word b)
{
    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++)
        if (a.text[i] != b.text[i])
            return false;
    return true;
}

bool account_is_number(struct account_word word)
{
    for (size_t i = 0; i < word.length; i++)
        if (word.text[i] < '0' || word.text[i] > '9')
            return false;
    return word.length > 0;
}

bool account_number(struct account_word word, uint32_t *id)
{
    uint64_t value = 0;
    if (!account_is_number(word))
        return false;
    for (size_t i = 0; i < word.length && value <= ACCOUNT_ID_MOST; i++)
        value = value * 10 + (uint64_t)(word.text[i] - '0');
    *id = (uint32_t)value;
    return value <= ACCOUNT_ID_MOST;
}

bool account_split(const char *text, struct account_word *user, struct account_word *group)
{
    const char *colon = text_find(text, ':');
    size_t length = text_length(text);
    *user = (struct account_word){text, colon ? (size_t)(colon - text) : length};
    *group = (struct account_word){NULL, 0};
    if (colon)
        *group = (struct account_word){colon + 1, length - user->length - 1};
    return user->length && (!colon || (group->length && !text_find(group->text, ':')));
}

/* ---- lines ---------------------------------------------------------------------------------- */

/* What is left of a text. */
struct rest {
    const char *text, *end;
};

/* Cut off what comes before a character, and the character; the end is as good as one. */
static struct account_word cut(struct rest *rest, char c)
{
    struct account_word word = {rest->text, 0};
    while (rest->text < rest->end && *rest->text != c)
        rest->text++;
    word.length = (size_t)(rest->text - word.text);
    if (rest->text < rest->end)
        rest->text++;
    return word;
}

/* The fields of a line; returns how many it has, which may be more than are filled in. */
static unsigned split(struct account_word line, struct account_word field[FIELDS_MAX])
{
    struct rest rest = {line.text, line.text + line.length};
    unsigned count = 0;
    bool more = true;
    while (more) {
        struct account_word word = cut(&rest, ':');
        more = word.text + word.length < line.text + line.length;
        if (count < FIELDS_MAX)
            field[count] = word;
        count++;
    }
    return count;
}

/* True when a line's field is what is looked for: a name, or where that is a number, the id. */
static bool fits(const struct account_word *field, unsigned count, unsigned id_field,
                 struct account_word wanted)
{
    uint32_t number, id;
    if (field[0].length && field[0].text[0] == '#') /* a comment, to C libraries */
        return false;
    if (!account_number(wanted, &number))
        return same(field[0], wanted);
    return id_field < count && account_number(field[id_field], &id) && id == number;
}

int account_find_user(const char *text, size_t size, struct account_word user,
                      struct account_user *found)
{
    struct account_word field[FIELDS_MAX];
    struct rest rest = {text, text + size};
    while (rest.text < rest.end) {
        unsigned count = split(cut(&rest, '\n'), field);
        if (!fits(field, count, PASSWD_UID, user))
            continue;
        if (count != PASSWD_FIELDS || !account_number(field[PASSWD_UID], &found->uid) ||
            !account_number(field[PASSWD_GID], &found->gid))
            return -EINVAL;
        found->name = field[0];
        found->home = field[PASSWD_HOME];
        return 1;
    }
    return 0;
}

int account_find_group(const char *text, size_t size, struct account_word group, uint32_t *gid)
{
    struct account_word field[FIELDS_MAX];
    struct rest rest = {text, text + size};
    while (rest.text < rest.end) {
        unsigned count = split(cut(&rest, '\n'), field);
        if (!fits(field, count, GROUP_GID, group))
            continue;
        return count == GROUP_FIELDS && account_number(field[GROUP_GID], gid) ? 1 : -EINVAL;
    }
    return 0;
}

/* ---- groups of a user ----------------------------------------------------------------------- */

static bool is_member(struct account_word members, struct account_word user)
{
    struct rest rest = {members.text, members.text + members.length};
    while (rest.text < rest.end)
        if (same(cut(&rest, ','), user))
            return true;
    return false;
}

int account_add_group(uint32_t *group, uint32_t *count, uint32_t room, uint32_t gid)
{
    for (uint32_t i = 0; i < *count; i++)
        if (group[i] == gid)
            return 0;
    if (*count == room)
        return -E2BIG;
    group[(*count)++] = gid;
    return 0;
}

int account_groups_of(const char *text, size_t size, struct account_word user, uint32_t *group,
                      uint32_t *count, uint32_t room)
{
    struct account_word field[FIELDS_MAX];
    struct rest rest = {text, text + size};
    uint32_t gid;
    int rc = 0;
    while (rest.text < rest.end && rc == 0) {
        unsigned fields = split(cut(&rest, '\n'), field);
        if (fields <= GROUP_MEMBERS || !is_member(field[GROUP_MEMBERS], user))
            continue;
        if (fields != GROUP_FIELDS || !account_number(field[GROUP_GID], &gid))
            rc = -EINVAL;
        else
            rc = account_add_group(group, count, room, gid);
    }
    return rc;
}
