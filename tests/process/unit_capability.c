/* SPDX-License-Identifier: MIT */
#include "support/test.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>

static void names_are_taken_as_people_write_them(void **state)
{
    struct scratch_error err;
    (void)state;
    assert_int_equal(scratch_capability_from_name("CAP_NET_ADMIN", &err), CAP_NET_ADMIN);
    assert_int_equal(scratch_capability_from_name("net_admin", &err), CAP_NET_ADMIN);
    assert_int_equal(scratch_capability_from_name("Cap_Chown", &err), CAP_CHOWN);
    assert_int_equal(scratch_capability_from_name("BPF", NULL), CAP_BPF);
}

static void a_wrong_name_is_in_the_error(void **state)
{
    static const char *const wrong[] = {"", "CAP_", "net-admin", "cap_cap_kill",
                                        "a_name_that_is_far_too_long_to_be_a_capability"};
    struct scratch_error err;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(scratch_capability_from_name(wrong[i], &err), -EINVAL);
        assert_string_equal(err.subject, wrong[i]);
        assert_true(strstr(err.hint, "CAP_NET_ADMIN"));
    }
    assert_int_equal(scratch_capability_from_name(NULL, &err), -EINVAL);
}

static void every_capability_has_a_name_that_leads_back(void **state)
{
    char name[32];
    (void)state;
    for (int number = 0; number <= CAP_LAST_CAP; number++) {
        scratch_capability_name(number, name, sizeof name);
        assert_memory_equal(name, "CAP_", 4);
        assert_int_equal(scratch_capability_from_name(name, NULL), number);
    }
    scratch_capability_name(CAP_SYS_ADMIN, name, sizeof name);
    assert_string_equal(name, "CAP_SYS_ADMIN");
}

static void a_number_without_a_name_is_written_as_one(void **state)
{
    char name[32], small[4];
    (void)state;
    assert_int_equal(scratch_capability_name(62, name, sizeof name), 6);
    assert_string_equal(name, "CAP_62");
    assert_int_equal(scratch_capability_name(CAP_KILL, small, sizeof small), 8);
    assert_string_equal(small, "CAP");
}

static void the_default_set_is_what_its_comment_says(void **state)
{
    static const int numbers[] = {CAP_CHOWN,   CAP_DAC_OVERRIDE, CAP_FOWNER,          CAP_FSETID,
                                  CAP_KILL,    CAP_SETGID,       CAP_SETUID,          CAP_SETPCAP,
                                  CAP_SETFCAP, CAP_SYS_CHROOT,   CAP_NET_BIND_SERVICE};
    uint64_t set = 0;
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        set |= SCRATCH_CAP(numbers[i]);
    assert_true(set == SCRATCH_CAP_DEFAULT);
}

TEST_MAIN(names_are_taken_as_people_write_them, a_wrong_name_is_in_the_error,
          every_capability_has_a_name_that_leads_back, a_number_without_a_name_is_written_as_one,
          the_default_set_is_what_its_comment_says)
