/* SPDX-License-Identifier: MIT */
#include "base/libcap.h"
#include "base/lazy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/capability.h>

LAZY_NOTE("libcap", "names of capabilities", LIBCAP_SONAME);

static __typeof__(cap_from_name) *lazy_cap_from_name;
static __typeof__(cap_to_name) *lazy_cap_to_name;
static __typeof__(cap_free) *lazy_cap_free;

static const struct lazy_symbol symbols[] = {
    LAZY(cap_from_name),
    LAZY(cap_to_name),
    LAZY(cap_free),
};
static struct lazy_library libcap = {LIBCAP_SONAME, false, symbols,
                                     sizeof symbols / sizeof *symbols};

bool libcap_name(int number, char name[CAPABILITY_NAME])
{
    snprintf(name, CAPABILITY_NAME, CAPABILITY_PREFIX "%d", number);
    if (lazy_load(&libcap) < 0)
        return number >= 0 && number <= CAP_LAST_CAP;
    char *text = lazy_cap_to_name(number);
    /* A number that it has no name for comes back as that number. */
    bool known = text && strncmp(text, CAPABILITY_PREFIX, strlen(CAPABILITY_PREFIX)) == 0;
    if (known)
        snprintf(name, CAPABILITY_NAME, "%s", text);
    lazy_cap_free(text);
    return known;
}

int libcap_number(const char *name)
{
    char full[CAPABILITY_NAME];
    cap_value_t number;
    int rc = lazy_load(&libcap);
    if (rc < 0)
        return rc;
    bool prefix = strncasecmp(name, CAPABILITY_PREFIX, strlen(CAPABILITY_PREFIX)) == 0;
    int n = snprintf(full, sizeof full, "%s%s", prefix ? "" : CAPABILITY_PREFIX, name);
    if (n < 0 || (size_t)n >= sizeof full || lazy_cap_from_name(full, &number) != 0)
        return -EINVAL;
    return number;
}
