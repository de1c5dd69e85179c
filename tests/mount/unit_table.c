/* SPDX-License-Identifier: MIT */
#include "support/test.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void lines_of_fstab_are_read(void **state)
{
    static const char text[] = "# a comment\n"
                               "\n"
                               "tmpfs /tmp tmpfs size=64m,nosuid 0 0\n"
                               "  /srv/with\\040space\t/data\tnone\trbind,ro\n"
                               "proc /proc proc";
    struct scratch_error err;
    scratch_mount_set *set;
    size_t count;
    (void)state;
    TEST_OK(scratch_mount_set_parse(text, &set, &err), &err);
    const struct scratch_mount *m = scratch_mount_set_get(set, &count);
    assert_int_equal(count, 3);
    assert_string_equal(m[0].source, "tmpfs");
    assert_string_equal(m[0].target, "/tmp");
    assert_string_equal(m[0].type, "tmpfs");
    assert_string_equal(m[0].options, "size=64m,nosuid");
    assert_string_equal(m[1].source, "/srv/with space");
    assert_string_equal(m[1].target, "/data");
    assert_string_equal(m[1].type, "none");
    assert_string_equal(m[1].options, "rbind,ro");
    assert_null(m[2].options);
    scratch_mount_set_free(set);
}

static void no_lines_are_no_mounts(void **state)
{
    static const char *const texts[] = {"", "\n", "# nothing\n"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct scratch_error err;
        scratch_mount_set *set;
        size_t count;
        TEST_OK(scratch_mount_set_parse(texts[i], &set, &err), &err);
        scratch_mount_set_get(set, &count);
        assert_int_equal(count, 0);
        scratch_mount_set_free(set);
    }
    scratch_mount_set_free(NULL);
}

static void a_bad_line_is_shown(void **state)
{
    static const char *const texts[] = {"tmpfs /tmp tmpfs\nonly-this\nproc /proc proc\n",
                                        "tmpfs /tmp tmpfs\nonly-this"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct scratch_error err;
        scratch_mount_set *set;
        char line[SCRATCH_ERROR_LINE];
        assert_int_equal(scratch_mount_set_parse(texts[i], &set, &err), -EINVAL);
        assert_null(set);
        scratch_error_format(&err, line, sizeof line);
        assert_string_equal(line, "line 2 of the mounts: 'only-this': EINVAL: not a line of "
                                  "fstab(5) (write: SOURCE TARGET TYPE [OPTIONS])");
    }
}

static const struct scratch_mount_entry *find(const struct scratch_mount_entry *entry, size_t count,
                                              const char *target)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(entry[i].target, target) == 0)
            return &entry[i];
    return NULL;
}

static void check_own_table(int pid)
{
    struct scratch_error err;
    scratch_mount_table *table;
    size_t count;
    TEST_OK(scratch_mount_table_read(pid, &table, &err), &err);
    const struct scratch_mount_entry *entry = scratch_mount_table_get(table, &count);
    const struct scratch_mount_entry *proc = find(entry, count, "/proc");
    assert_non_null(find(entry, count, "/"));
    assert_non_null(proc);
    assert_string_equal(proc->type, "proc");
    assert_string_equal(proc->root, "/");
    assert_true(proc->id > 0 && proc->parent > 0);
    assert_non_null(strstr(proc->options, "rw"));
    assert_non_null(proc->fs_options);
    assert_int_equal(count, test_residue().mounts);
    scratch_mount_table_free(table);
}

static void the_kernel_s_table_is_read(void **state)
{
    (void)state;
    check_own_table(0);
    check_own_table(getpid());
    scratch_mount_table_free(NULL);
}

static void no_process_has_no_table(void **state)
{
    struct scratch_error err;
    scratch_mount_table *table;
    (void)state;
    assert_int_equal(scratch_mount_table_read(0x3fffffff, &table, &err), -ENOENT);
    assert_string_equal(err.hint, "there is no such process");
}

TEST_MAIN(lines_of_fstab_are_read, no_lines_are_no_mounts, a_bad_line_is_shown,
          the_kernel_s_table_is_read, no_process_has_no_table)
