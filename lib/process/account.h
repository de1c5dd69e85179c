/* SPDX-License-Identifier: MIT */
/*
 * Texts of passwd(5) and group(5), and what is written as a user. For scratch-init: what is read
 * here was written by somebody who may wish it ill, and what is misread runs as root.
 */
#ifndef PROCESS_ACCOUNT_H
#define PROCESS_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The last id is -1, which means "unchanged" to setresuid(2): it is nobody's. */
#define ACCOUNT_ID_MOST (UINT32_MAX - 1)

/* A run of bytes within a text. */
struct account_word {
    const char *text;
    size_t length;
};

/* A whole number, of decimal digits alone, that can be an id. */
bool account_number(struct account_word word, uint32_t *id);

/* True for what is only digits: then it is meant as a number, and never looked up as a name. */
bool account_is_number(struct account_word word);

/* "USER[:GROUP]" in two; without a group its text is NULL. False: one of them is empty. */
bool account_split(const char *text, struct account_word *user, struct account_word *group);

struct account_user {
    struct account_word name;
    uint32_t uid, gid;
    struct account_word home;
};

/* Find a user, by number or name, in a text of passwd(5). 1; 0: not there; -EINVAL: a bad line. */
int account_find_user(const char *text, size_t size, struct account_word user,
                      struct account_user *found);

/* Find a group's number in a text of group(5), as above. */
int account_find_group(const char *text, size_t size, struct account_word group, uint32_t *gid);

/*
 * The groups that have a user among their members: appended to those that there are, without those
 * that are there already. 0; -E2BIG: there are more than room; -EINVAL: a bad line.
 */
int account_groups_of(const char *text, size_t size, struct account_word user, uint32_t *group,
                      uint32_t *count, uint32_t room);

/* Add one, unless it is there already. 0 or -E2BIG. */
int account_add_group(uint32_t *group, uint32_t *count, uint32_t room, uint32_t gid);

#endif
