/* SPDX-License-Identifier: MIT */
/*
 * The files of subuid(5) and subgid(5): which ids a user may map besides its own.
 */
#ifndef NAMESPACE_SUBID_H
#define NAMESPACE_SUBID_H

#include <scratch/namespace.h>
#include <stdbool.h>

#define SUBUID_PATH "/etc/subuid"
#define SUBGID_PATH "/etc/subgid"

/* A user, as such a file may name it. */
struct subid_user {
    char name[256];  /* or "", when it has none */
    char number[16]; /* or "" */
    uint32_t group;  /* its own, when it has a name */
};

/* The caller's real user. */
void subid_caller(struct subid_user *user);

/* A user by name or number, known to the system or not. */
void subid_find_user(const char *text, struct subid_user *user);

/* The text of a file, to free(3); NULL, with errno, when there is none. */
char *subid_load(const char *path);

/*
 * The next line's range, and whether it is that user's; false at the end. Lines that are not as
 * subuid(5) has them are passed over, as by newuidmap(1).
 */
bool subid_next(const char **rest, const struct subid_user *user, struct scratch_id_range *range,
                bool *own);

/* The user's ranges in a text: how many there are, of which at most size are filled in. */
size_t subid_ranges(const char *text, const struct subid_user *user, struct scratch_id_range *range,
                    size_t size);

#endif
