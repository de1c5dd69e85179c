/* SPDX-License-Identifier: MIT */
#include "cli/values.h"
#include "cli/report.h"

#include <inttypes.h>
#include <scratch/cgroup.h>
#include <string.h>

#define DIGITS          "0123456789"
#define FRACTION_DIGITS 6 /* so that a fraction of the largest unit fits in 64 bits */

/* PID_MAX_LIMIT of 64-bit kernels; a limit above it is refused. */
#define PIDS_MAX 4194304

static bool add_digits(uint64_t *number, const char *digits, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (__builtin_mul_overflow(*number, 10, number) ||
            __builtin_add_overflow(*number, (uint64_t)(digits[i] - '0'), number))
            return false;
    return true;
}

int value_number(const char *text, uint64_t least, uint64_t most, uint64_t *number,
                 struct scratch_error *err)
{
    size_t digits = strspn(text, DIGITS);
    *number = 0;
    if (digits == 0 || text[digits])
        return usage_error(err, text, NULL, "not a whole number");
    if (!add_digits(number, text, digits) || *number < least || *number > most)
        return usage_error(err, text, NULL, "not from %" PRIu64 " to %" PRIu64, least, most);
    return 0;
}

int value_integer(const char *text, int least, int most, int *number, struct scratch_error *err)
{
    bool negative = text[0] == '-';
    uint64_t absolute;
    int rc = value_number(text + negative, 0, INT32_MAX, &absolute, err);
    *number = rc < 0 ? 0 : negative ? -(int)absolute : (int)absolute;
    if (rc < 0 || *number < least || *number > most)
        return usage_error(err, text, NULL, "not a whole number from %d to %d", least, most);
    return 0;
}

int value_umask(const char *text, mode_t *umask, struct scratch_error *err)
{
    size_t digits = strspn(text, "01234567");
    if (digits == 0 || digits > 4 || text[digits] || (digits == 4 && text[0] != '0'))
        return usage_error(err, text, "write permission bits, such as 022", "not a umask");
    *umask = 0;
    for (; *text; text++)
        *umask = *umask * 8 + (mode_t)(*text - '0');
    return 0;
}

/* ---- with a fraction ------------------------------------------------------------------------ */

/* A decimal number, in its text. */
struct decimal {
    const char *whole, *fraction, *end;
    size_t whole_digits, fraction_digits;
};

static bool read_decimal(const char *text, struct decimal *d)
{
    *d = (struct decimal){.whole = text, .whole_digits = strspn(text, DIGITS)};
    d->end = text + d->whole_digits;
    if (*d->end == '.') {
        d->fraction = d->end + 1;
        d->fraction_digits = strspn(d->fraction, DIGITS);
        d->end = d->fraction + d->fraction_digits;
    }
    return d->whole_digits > 0 && (!d->fraction || d->fraction_digits > 0) &&
           d->fraction_digits <= FRACTION_DIGITS;
}

/* So many units, rounded down. */
static bool scale(const struct decimal *d, uint64_t unit, uint64_t *value)
{
    uint64_t part = 0, divisor = 1;
    *value = 0;
    add_digits(&part, d->fraction, d->fraction_digits);
    for (size_t i = 0; i < d->fraction_digits; i++)
        divisor *= 10;
    return add_digits(value, d->whole, d->whole_digits) &&
           !__builtin_mul_overflow(*value, unit, value) &&
           !__builtin_add_overflow(*value, part * unit / divisor, value);
}

/* "k", "kb", "kib", in either case: the unit, or 0. */
static uint64_t unit_of(const char *text)
{
    static const char letters[] = "bkmgt";
    if (!*text)
        return 1;
    const char *letter = strchr(letters, text[0] | 0x20), *rest = text + 1;
    bool with_b = strcasecmp(rest, "b") == 0 || strcasecmp(rest, "ib") == 0;
    if (!letter || (*rest && (letter == letters || !with_b)))
        return 0;
    return UINT64_C(1) << (10 * (letter - letters));
}

int value_bytes(const char *text, uint64_t *bytes, struct scratch_error *err)
{
    static const char example[] = "give bytes, or a number with a unit: 64m";
    struct decimal d;
    if (!read_decimal(text, &d))
        return usage_error(err, text, example, "not a number of bytes");
    uint64_t unit = unit_of(d.end);
    if (!unit)
        return usage_error(err, text, "the units are b, k, m, g and t, powers of 1024: 64m",
                           "'%s' is not a unit", d.end);
    if (!scale(&d, unit, bytes) || *bytes > INT64_MAX)
        return usage_error(err, text, example, "too large");
    if (*bytes == 0)
        return usage_error(err, text, "leave the option out for no limit",
                           "nothing runs in no memory");
    return 0;
}

int value_cpus(const char *text, uint64_t *quota, struct scratch_error *err)
{
    static const char example[] = "give a number of processors, such as 1.5";
    struct decimal d;
    if (!read_decimal(text, &d) || *d.end)
        return usage_error(err, text, example, "not a decimal number");
    if (!scale(&d, VALUE_CPU_PERIOD, quota) || *quota > INT64_MAX)
        return usage_error(err, text, example, "too large");
    if (*quota < 1000) /* the kernel's least quota */
        return usage_error(err, text, example, "less than 0.01");
    return 0;
}

int value_pids(const char *text, uint64_t *limit, struct scratch_error *err)
{
    if (strcmp(text, "-1") == 0) {
        *limit = SCRATCH_LIMIT_NONE;
        return 0;
    }
    int rc = value_number(text, 1, PIDS_MAX, limit, err);
    if (rc < 0)
        memcpy(err->hint, "-1 means no limit", sizeof "-1 means no limit");
    return rc;
}

int value_flag(const char *text, bool *flag, struct scratch_error *err)
{
    *flag = !text || strcmp(text, "yes") == 0 || strcmp(text, "true") == 0;
    if (*flag || strcmp(text, "no") == 0 || strcmp(text, "false") == 0)
        return 0;
    return usage_error(err, text, "yes or no", "neither yes nor no");
}
