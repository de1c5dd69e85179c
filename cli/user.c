/* SPDX-License-Identifier: MIT */
#include "cli/values.h"
#include "cli/report.h"

#include <stdio.h>
#include <string.h>

/* The last id is -1, which means "unchanged" to setresuid(2): it is nobody's. */
#define ID_MOST (UINT32_MAX - 1)

/*
 * Strict, for what is misread here runs as root: a runtime has taken "1" for 0:0
 * (CVE-2026-30892).
 */
static int read_id(const char *text, uint32_t *id, struct scratch_error *err)
{
    uint64_t number;
    int rc = value_number(text, 0, ID_MOST, &number, err);
    if (rc < 0)
        snprintf(err->hint, sizeof err->hint, "%s",
                 "give UID or UID:GID as numbers, such as 33:33");
    else
        *id = (uint32_t)number;
    return rc;
}

int value_user(const char *text, uid_t *uid, gid_t *gid, struct scratch_error *err)
{
    char user[32];
    const char *colon = strchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : strlen(text);
    uint32_t ids[2] = {ID_MOST, ID_MOST};
    if (length >= sizeof user)
        return usage_error(err, text, "give UID or UID:GID", "not a whole number");
    snprintf(user, sizeof user, "%.*s", (int)length, text);
    int rc = read_id(user, &ids[0], err);
    if (rc == 0)
        rc = read_id(colon ? colon + 1 : user, &ids[1], err);
    if (rc < 0)
        return rc;
    *uid = ids[0];
    *gid = ids[1];
    return 0;
}
