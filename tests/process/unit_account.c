/* SPDX-License-Identifier: MIT */
/*
 * passwd(5) and group(5), as scratch-init reads them.
 */
#include "support/test.h"
#include "process/account.h"

#include <errno.h>
#include <string.h>

static struct account_word word(const char *text)
{
    return (struct account_word){text, strlen(text)};
}

static bool is(struct account_word w, const char *text)
{
    return w.length == strlen(text) && memcmp(w.text, text, w.length) == 0;
}

/* ---- numbers and users ----------------------------------------------------------------------- */

static void only_digits_are_a_number(void **state)
{
    uint32_t id = 7;
    (void)state;
    assert_true(account_number(word("0"), &id) && id == 0);
    assert_true(account_number(word("0042"), &id) && id == 42);
    assert_true(account_number(word("4294967294"), &id) && id == 4294967294);
    id = 7;
    static const char *const bad[] = {"", "-1", "+1", " 1", "1 ", "0x1", "1.0", "root", "1a"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(account_number(word(bad[i]), &id) || account_is_number(word(bad[i])));
    static const char *const large[] = {"4294967295", "4294967296", "18446744073709551616",
                                        "99999999999999999999999999999999"};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++)
        assert_true(!account_number(word(large[i]), &id) && account_is_number(word(large[i])));
}

static void a_user_may_have_a_group(void **state)
{
    struct account_word user, group;
    (void)state;
    assert_true(account_split("web", &user, &group));
    assert_true(is(user, "web") && !group.text);
    assert_true(account_split("web:adm", &user, &group));
    assert_true(is(user, "web") && is(group, "adm"));
    assert_false(account_split("", &user, &group));
    assert_false(account_split("web:", &user, &group));
    assert_false(account_split(":adm", &user, &group));
    assert_false(account_split(":", &user, &group));
    assert_false(account_split("web:adm:x", &user, &group));
}

/* ---- passwd ---------------------------------------------------------------------------------- */

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
                             "\n"
                             "# web:x:1:1::/:\n"
                             "+::::::\n"
                             "web:x:33:34:w,w:/srv/web:/bin/sh\n"
                             "short:x:50\n"
                             "long:x:51:51:::sh:more\n"
                             "letters:x:5x:52:::\n"
                             "minus:x:-1:53:::\n"
                             "nobody:x:65534:65534:nobody:/nonexistent:"; /* no end of line */

static int find(const char *user, struct account_user *found)
{
    return account_find_user(passwd, sizeof passwd - 1, word(user), found);
}

static void users_are_found_by_name_and_by_number(void **state)
{
    struct account_user found;
    (void)state;
    assert_int_equal(find("web", &found), 1);
    assert_true(found.uid == 33 && found.gid == 34 && is(found.home, "/srv/web"));
    assert_int_equal(find("33", &found), 1);
    assert_true(is(found.name, "web"));
    assert_int_equal(find("nobody", &found), 1);
    assert_true(found.uid == 65534 && is(found.home, "/nonexistent"));
    assert_int_equal(find("0", &found), 1);
    assert_true(is(found.name, "root"));
}

static void what_is_not_there_is_not_found(void **state)
{
    struct account_user found;
    (void)state;
    assert_int_equal(find("we", &found), 0);
    assert_int_equal(find("webb", &found), 0);
    assert_int_equal(find("99", &found), 0);
    assert_int_equal(find("1", &found), 0); /* in a comment */
    assert_int_equal(account_find_user(NULL, 0, word("root"), &found), 0);
}

static void a_bad_line_is_an_error_for_its_user_alone(void **state)
{
    static const char *const bad[] = {"short", "50", "long", "51", "letters", "minus", "+"};
    struct account_user found;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (find(bad[i], &found) != -EINVAL)
            fail_msg("%s is taken", bad[i]);
}

/* ---- group ----------------------------------------------------------------------------------- */

static const char groups[] = "root:x:0:\n"
                             "adm:x:4:syslog,web\n"
                             "video:x:44:web\n"
                             "again:x:44:web\n"
                             "other:x:45:webb,we,xweb\n"
                             "web:x:34:\n"
                             "few:x:46";

static void groups_are_found_by_name_and_by_number(void **state)
{
    uint32_t gid = 7;
    (void)state;
    assert_int_equal(account_find_group(groups, sizeof groups - 1, word("video"), &gid), 1);
    assert_int_equal(gid, 44);
    assert_int_equal(account_find_group(groups, sizeof groups - 1, word("vide"), &gid), 0);
    assert_int_equal(account_find_group(groups, sizeof groups - 1, word("few"), &gid), -EINVAL);
}

static void a_user_has_the_groups_that_it_is_a_member_of(void **state)
{
    uint32_t group[4], count = 0;
    (void)state;
    assert_int_equal(account_groups_of(groups, sizeof groups - 1, word("web"), group, &count, 4),
                     0);
    assert_true(count == 2 && group[0] == 4 && group[1] == 44);
    count = 0;
    assert_int_equal(account_groups_of(groups, sizeof groups - 1, word("web"), group, &count, 1),
                     -E2BIG);
    count = 0;
    assert_int_equal(account_groups_of("g:x:y:web\n", 10, word("web"), group, &count, 4), -EINVAL);
}

/* Whatever is cut off, nothing behind it is read: under a sanitizer this would be seen. */
static void a_text_may_end_anywhere(void **state)
{
    struct account_user found;
    uint32_t group[4], count;
    (void)state;
    for (size_t size = 0; size < sizeof passwd; size++) {
        char *copy = malloc(size ? size : 1);
        assert_non_null(copy);
        memcpy(copy, passwd, size);
        account_find_user(copy, size, word("nobody"), &found);
        count = 0;
        account_groups_of(copy, size, word("w"), group, &count, 4);
        account_find_group(copy, size, word("nobody"), group);
        free(copy);
    }
}

TEST_MAIN(only_digits_are_a_number, a_user_may_have_a_group, users_are_found_by_name_and_by_number,
          what_is_not_there_is_not_found, a_bad_line_is_an_error_for_its_user_alone,
          groups_are_found_by_name_and_by_number, a_user_has_the_groups_that_it_is_a_member_of,
          a_text_may_end_anywhere)
