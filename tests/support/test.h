/* SPDX-License-Identifier: MIT */
/*
 * What every test program uses. A program ends with
 *
 *     TEST_MAIN(a_test, another_test)
 *
 * and fails when its tests leave anything behind: a mount, a control group, a process, an fd.
 */
#ifndef TEST_SUPPORT_TEST_H
#define TEST_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <scratch/scratch.h>

/* Skip the running test, and say why. When all tests of a program were skipped it exits with 77. */
#define TEST_SKIP(...)                                                                             \
    do {                                                                                           \
        test_note_skip(__VA_ARGS__);                                                               \
        skip();                                                                                    \
    } while (0)
void test_note_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* True when the tests run with CAP_SYS_ADMIN. */
bool test_privileged(void);

/* True when the kernel has a system call, and no sandbox takes it away (SYS_* of one). */
bool test_has_call(long number);

/* Skip the running test where idmapped mounts cannot be: mount_setattr(2) is refused. */
void test_need_idmaps(void);

/* True when the tests run under a system call filter: what they start does so too. */
bool test_filtered(void);

/* Fail with the sentence of an error unless rc is 0 or more. */
#define TEST_OK(rc, err) test_ok((rc), (err), __FILE__, __LINE__)
void test_ok(int rc, const struct scratch_error *err, const char *file, int line);

/*
 * Run a command in a container, and give what it wrote to standard output (NUL-terminated; the
 * caller frees it). *status is its exit status, or the negative number of scratch_plan_start().
 */
char *test_output(const struct scratch_spec *spec, const struct scratch_start_options *options,
                  int *status, struct scratch_error *err);

/* A new directory below $TMPDIR (mode 0755), removed with all that is in it at the program's end.
 */
const char *test_directory(void);

/* The number of fds that are open, mounts that are seen, groups and children that there are. */
struct test_residue {
    unsigned fds, mounts, groups, children;
};
struct test_residue test_residue(void);

/* The same after a while, where that is more than before: others use the machine, too. */
struct test_residue test_settled(struct test_residue before);

#define TEST_MAIN(...)                                                                             \
    int main(void)                                                                                 \
    {                                                                                              \
        const CMUnitTestFunction functions[] = {__VA_ARGS__};                                      \
        static const char *const names = #__VA_ARGS__;                                             \
        return test_run(functions, names, sizeof functions / sizeof *functions);                   \
    }
int test_run(const CMUnitTestFunction *functions, const char *names, size_t count);

/* The same of a program that starts containers in place, as far as it may; not so if
 * $TEST_UNSEALED. */
#define TEST_MAIN_SEALED(...)                                                                      \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        const CMUnitTestFunction functions[] = {__VA_ARGS__};                                      \
        static const char *const names = #__VA_ARGS__;                                             \
        (void)argc;                                                                                \
        test_seal(argv);                                                                           \
        return test_run(functions, names, sizeof functions / sizeof *functions);                   \
    }
void test_seal(char **argv);

/* Skip the running test where nothing is started in place. */
void test_need_in_place(void);

#endif
