/* SPDX-License-Identifier: MIT */
/*
 * System call profiles in JSON: what they say, what is wrong with them, and the cache.
 */
#include "support/test.h"
#include "process/bpf.h"
#include "process/seccomp_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif

#define ALLOWED    SECCOMP_RET_ALLOW
#define ERROR(num) (SECCOMP_RET_ERRNO | (num))
#define PODMANS    "/usr/share/containers/seccomp.json"

static struct scratch_error err;

/* Compile a profile from text; 0 or -errno. */
static int compile(const char *json, uint64_t capabilities, struct seccomp_program *program)
{
    struct json_in document;
    int rc = json_read(json, strlen(json), "profile.json", &document, &err);
    if (rc == 0)
        rc = seccomp_from_json(&document, capabilities, program, &err);
    json_read_end(&document);
    return rc;
}

static struct seccomp_program compiled(const char *json, uint64_t capabilities)
{
    struct seccomp_program program;
    TEST_OK(compile(json, capabilities, &program), &err);
    return program;
}

static uint32_t verdict_on(const struct seccomp_program *p, uint32_t arch, long number,
                           uint64_t argument0, uint64_t argument1)
{
    const struct seccomp_data data = {
        .nr = (int)number, .arch = arch, .args = {argument0, argument1}};
    return bpf_run(p->filter, p->count, &data);
}

static uint32_t verdict(const char *json, uint64_t capabilities, long number)
{
    struct seccomp_program p = compiled(json, capabilities);
    uint32_t result = verdict_on(&p, ARCH, number, 0, 0);
    free(p.filter);
    return result;
}

#define PROFILE(rest)    "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 38" rest "}"
#define CALLS(rules)     PROFILE(", \"syscalls\": [" rules "]")
#define RULE(name, more) "{\"names\": [\"" name "\"], \"action\": \"SCMP_ACT_ALLOW\"" more "}"

/* ---- what they say --------------------------------------------------------------------------- */

static void calls_without_a_rule_get_the_default(void **state)
{
    (void)state;
    assert_int_equal(verdict(CALLS(RULE("read", "")), 0, SYS_read), ALLOWED);
    assert_int_equal(verdict(CALLS(RULE("read", "")), 0, SYS_write), ERROR(ENOSYS));
    assert_int_equal(verdict("{\"defaultAction\": \"SCMP_ACT_ERRNO\"}", 0, SYS_write),
                     ERROR(EPERM));
    assert_int_equal(verdict("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrno\": "
                             "\"EACCES\", \"defaultErrnoRet\": 1}",
                             0, SYS_write),
                     ERROR(EACCES));
}

static void every_action_has_its_verdict(void **state)
{
    static const struct {
        const char *action;
        uint32_t verdict;
    } actions[] = {
        {"SCMP_ACT_ALLOW", ALLOWED},
        {"SCMP_ACT_ERRNO", ERROR(EPERM)},
        {"SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD},
        {"SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD},
        {"SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS},
        {"SCMP_ACT_LOG", SECCOMP_RET_LOG},
        {"SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF},
        {"SCMP_ACT_TRACE", SECCOMP_RET_TRACE | EPERM},
        {"SCMP_ACT_TRAP", SECCOMP_RET_TRAP},
    };
    (void)state;
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        char json[256];
        snprintf(json, sizeof json, CALLS("{\"name\": \"read\", \"action\": \"%s\"}"),
                 actions[i].action);
        struct seccomp_program p = compiled(json, 0);
        assert_int_equal(verdict_on(&p, ARCH, SYS_read, 0, 0), actions[i].verdict);
        assert_int_equal(p.flags, actions[i].verdict == SECCOMP_RET_USER_NOTIF
                                      ? SECCOMP_FILTER_FLAG_NEW_LISTENER
                                      : 0);
        free(p.filter);
    }
}

static void every_operator_compares(void **state)
{
    static const struct {
        const char *compare;
        uint64_t holds, fails;
    } operators[] = {
        {"\"op\": \"SCMP_CMP_EQ\", \"value\": 5", 5, 6},
        {"\"op\": \"SCMP_CMP_NE\", \"value\": 5", 6, 5},
        {"\"op\": \"SCMP_CMP_LT\", \"value\": 5", 4, 5},
        {"\"op\": \"SCMP_CMP_LE\", \"value\": 5", 5, 6},
        {"\"op\": \"SCMP_CMP_GT\", \"value\": 5", 6, 5},
        {"\"op\": \"SCMP_CMP_GE\", \"value\": 5", 5, 4},
        {"\"op\": \"SCMP_CMP_MASKED_EQ\", \"value\": 240, \"valueTwo\": 16", 0x1f, 0x2f},
        {"\"op\": \"SCMP_CMP_EQ\", \"value\": 18446744073709551615", UINT64_MAX, UINT32_MAX},
    };
    (void)state;
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        char json[256];
        snprintf(json, sizeof json, CALLS(RULE("read", ", \"args\": [{\"index\": 1, %s}]")),
                 operators[i].compare);
        struct seccomp_program p = compiled(json, 0);
        assert_int_equal(verdict_on(&p, ARCH, SYS_read, 0, operators[i].holds), ALLOWED);
        assert_int_equal(verdict_on(&p, ARCH, SYS_read, 0, operators[i].fails), ERROR(ENOSYS));
        free(p.filter);
    }
}

static void comparisons_of_one_argument_are_alternatives(void **state)
{
    struct seccomp_program p = compiled(
        CALLS(RULE("read", ", \"args\": [{\"index\": 1, \"value\": 5, \"op\": \"SCMP_CMP_EQ\"}, "
                           "{\"index\": 1, \"value\": 7, \"op\": \"SCMP_CMP_EQ\"}]")),
        0);
    (void)state;
    assert_int_equal(verdict_on(&p, ARCH, SYS_read, 0, 5), ALLOWED);
    assert_int_equal(verdict_on(&p, ARCH, SYS_read, 0, 7), ALLOWED);
    assert_int_equal(verdict_on(&p, ARCH, SYS_read, 0, 6), ERROR(ENOSYS));
    free(p.filter);
}

static void includes_need_all_and_excludes_any(void **state)
{
    const uint64_t kill = SCRATCH_CAP(CAP_KILL), chown = SCRATCH_CAP(CAP_CHOWN);
    static const char included[] =
        CALLS(RULE("read", ", \"includes\": {\"caps\": [\"CAP_KILL\", \"CAP_CHOWN\"]}"));
    static const char excluded[] =
        CALLS(RULE("read", ", \"excludes\": {\"caps\": [\"CAP_KILL\", \"CAP_CHOWN\"]}"));
    (void)state;
    assert_int_equal(verdict(included, 0, SYS_read), ERROR(ENOSYS));
    assert_int_equal(verdict(included, kill, SYS_read), ERROR(ENOSYS));
    assert_int_equal(verdict(included, kill | chown, SYS_read), ALLOWED);
    assert_int_equal(verdict(excluded, 0, SYS_read), ALLOWED);
    assert_int_equal(verdict(excluded, chown, SYS_read), ERROR(ENOSYS));
}

static void rules_are_for_machines_and_kernels(void **state)
{
    static const struct {
        const char *condition;
        bool holds;
    } rules[] = {
        {"\"includes\": {\"arches\": [\"amd64\", \"arm64\"]}", true},
        {"\"includes\": {\"arches\": [\"s390x\"]}", false},
        {"\"includes\": {\"arches\": []}", true},
        {"\"excludes\": {\"arches\": [\"s390x\"]}", true},
        {"\"excludes\": {\"arches\": [\"amd64\", \"arm64\"]}", false},
        {"\"includes\": {\"minKernel\": \"4.8\"}", true},
        {"\"includes\": {\"minKernel\": \"99.0\"}", false},
        {"\"excludes\": {\"minKernel\": \"99.0\"}", true},
        {"\"excludes\": {\"minKernel\": \"4.8\"}", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        char json[256];
        snprintf(json, sizeof json, CALLS(RULE("read", ", %s")), rules[i].condition);
        if (verdict(json, 0, SYS_read) != (rules[i].holds ? ALLOWED : ERROR(ENOSYS)))
            fail_msg("%s", rules[i].condition);
    }
}

static void other_architectures_run_where_they_are_listed(void **state)
{
    static const char *const with[] = {
        CALLS(RULE("exit", "")) /* none */,
        PROFILE(", \"architectures\": [\"SCMP_ARCH_X86\", \"SCMP_ARCH_ARM\"], \"syscalls\": [" RULE(
            "exit", "") "]"),
        PROFILE(
            ", \"archMap\": [{\"architecture\": \"SCMP_ARCH_X86_64\", \"subArchitectures\": "
            "[\"SCMP_ARCH_X86\"]}, {\"architecture\": \"SCMP_ARCH_AARCH64\", "
            "\"subArchitectures\": [\"SCMP_ARCH_ARM\"]}], \"syscalls\": [" RULE("exit", "") "]"),
    };
    const uint32_t other = ARCH == AUDIT_ARCH_X86_64 ? AUDIT_ARCH_I386 : AUDIT_ARCH_ARM;
    (void)state;
    for (size_t i = 0; i < sizeof with / sizeof *with; i++) {
        struct seccomp_program p = compiled(with[i], 0);
        assert_int_equal(verdict_on(&p, ARCH, SYS_exit, 0, 0), ALLOWED);
        assert_int_equal(verdict_on(&p, other, 1 /* exit on both */, 0, 0),
                         i ? ALLOWED : SECCOMP_RET_KILL_PROCESS);
        assert_int_equal(verdict_on(&p, other, 5 /* open */, 0, 0),
                         i ? ERROR(ENOSYS) : SECCOMP_RET_KILL_PROCESS);
        assert_int_equal(verdict_on(&p, AUDIT_ARCH_PPC64, 1, 0, 0), SECCOMP_RET_KILL_PROCESS);
        free(p.filter);
    }
}

static void calls_of_a_newer_kernel_are_passed_over(void **state)
{
    (void)state;
    assert_int_equal(verdict(CALLS(RULE("no_such_call", "") ", " RULE("read", "")), 0, SYS_read),
                     ALLOWED);
}

static void podmans_profile_compiles_for_any_capabilities(void **state)
{
    struct seccomp_program p;
    (void)state;
    if (access(PODMANS, R_OK) < 0)
        TEST_SKIP(PODMANS " is not there");
    seccomp_cache_base = test_directory();
    for (int cap = -1; cap <= CAP_LAST_CAP; cap++) {
        TEST_OK(seccomp_from_file(PODMANS, cap < 0 ? SCRATCH_CAP_ALL : SCRATCH_CAP(cap), &p, &err),
                &err);
        assert_int_equal(verdict_on(&p, ARCH, SYS_mkdirat, 0, 0), ALLOWED);
        assert_int_equal(verdict_on(&p, ARCH, SYS_swapon, 0, 0), ERROR(EPERM));
        assert_int_equal(verdict_on(&p, ARCH, SYS_acct, 0, 0),
                         cap < 0 || cap == CAP_SYS_PACCT ? ALLOWED : ERROR(EPERM));
        free(p.filter);
    }
}

/* ---- what is wrong --------------------------------------------------------------------------- */

static void what_is_wrong_is_named(void **state)
{
    static const struct {
        const char *json, *subject, *cause;
    } wrong[] = {
        {"{", "", "line 1: it ends too early"},
        {"{\n\"a\" 1}", "", "line 2"},
        {"{} x", "", "line 1"},
        {"[]", "[]", "not an object"},
        {"{}", "{}", "names no action"},
        {"{\"defaultAction\": 5}", "defaultAction = 5", "not a string"},
        {"{\"defaultAction\": \"ALLOW\"}", "defaultAction = \"ALLOW\"", "no action of this name"},
        {"{\"defaultAction\": \"SCMP_ACT_NOTIFY\"}", "defaultAction = ", "nobody can answer"},
        {"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"defaultErrnoRet\": 1}", "defaultErrnoRet = 1",
         "takes no errno"},
        {"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 5000}",
         "defaultErrnoRet = 5000", "between 0 and 4095"},
        {PROFILE(", \"sysCalls\": []"), "sysCalls = []", "no member"},
        {PROFILE(", \"flags\": [\"X\"]"), "flags[0] = \"X\"", "no flag"},
        {PROFILE(", \"architectures\": [\"SCMP_ARCH_Z80\"]"),
         "architectures[0] = ", "no architecture"},
        {CALLS(RULE("read", ", \"if\": 1")), "syscalls[0].if = 1", "no member"},
        {CALLS("{\"action\": \"SCMP_ACT_ALLOW\"}"), "syscalls[0] = ", "no system call"},
        {CALLS("{\"names\": [\"read\"]}"), "syscalls[0] = ", "no action"},
        {CALLS(RULE("read", "") ", " RULE("read", ", \"args\": [{\"index\": 6, \"op\": "
                                                  "\"SCMP_CMP_EQ\"}]")),
         "syscalls[1].args[0].index = 6", "between 0 and 5"},
        {CALLS(RULE("read", ", \"args\": [{\"index\": 0, \"op\": \"SCMP_CMP_XX\"}]")),
         "syscalls[0].args[0].op = \"SCMP_CMP_XX\"", "no operator"},
        {CALLS(RULE("read", ", \"args\": [{\"index\": 0, \"value\": -1, \"op\": "
                            "\"SCMP_CMP_EQ\"}]")),
         "syscalls[0].args[0].value = -1", "between 0 and"},
        {CALLS(RULE("read", ", \"args\": [{\"index\": 0, \"value\": 1.5, \"op\": "
                            "\"SCMP_CMP_EQ\"}]")),
         "syscalls[0].args[0].value = 1.5", "whole number"},
        {CALLS(RULE("read", ", \"includes\": {\"caps\": [\"CAP_X\"]}")),
         "syscalls[0].includes.caps[0] = \"CAP_X\"", "no capability"},
        {CALLS(RULE("read", ", \"excludes\": {\"minKernel\": \"new\"}")),
         "syscalls[0].excludes.minKernel = \"new\"", "not a version"},
        {CALLS(RULE("read", ", \"errnoRet\": 1")), "syscalls[0].errnoRet = 1", "takes no errno"},
        {CALLS(RULE("rea\\u0000d", "")), "profile.json", "line 1: there is a NUL character"},
    };
    struct seccomp_program program;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int rc = compile(wrong[i].json, 0, &program);
        if (rc != -EINVAL || !strstr(err.subject, wrong[i].subject) ||
            !strstr(err.cause, wrong[i].cause))
            fail_msg("%s: %d, '%s': %s", wrong[i].json, rc, err.subject, err.cause);
    }
    assert_string_equal(err.what, "read JSON"); /* which the last is not */
}

static void a_file_is_named_when_it_cannot_be_read(void **state)
{
    struct seccomp_program program;
    (void)state;
    assert_int_equal(seccomp_from_file("/nonexistent/p", 0, &program, &err), -ENOENT);
    assert_string_equal(err.subject, "/nonexistent/p");
    assert_int_equal(seccomp_from_file("/", 0, &program, &err), -EISDIR);
    assert_int_equal(seccomp_from_file("/dev/null", 0, &program, &err), -EINVAL);
    assert_string_equal(err.cause, "it is not a file");
}

/* ---- the cache ------------------------------------------------------------------------------- */

static const char *cache; /* a directory of these tests */

static const char *write_file(const char *name, const char *text)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", cache, name);
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
    return path;
}

/* The cache of these tests, with one file; its path. As root it would be the machine's. */
static bool fill_cache(const char *json, char path[600])
{
    struct seccomp_program program;
    char directory[300];
    snprintf(directory, sizeof directory, "%s/libscratch", cache);
    setenv("XDG_CACHE_HOME", cache, 1);
    TEST_OK(seccomp_from_file(write_file("p.json", json), 0, &program, &err), &err);
    free(program.filter);
    DIR *dir = opendir(directory);
    assert_non_null(dir);
    unsigned found = 0;
    for (struct dirent *e; (e = readdir(dir));)
        if (e->d_name[0] != '.' && ++found)
            snprintf(path, 600, "%s/%s", directory, e->d_name);
    closedir(dir);
    return found == 1;
}

static ino_t inode_of(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 ? st.st_ino : 0;
}

/* Change a byte of what is kept; the filter must be right all the same, and be kept anew. */
static void a_cache_that_is_not_right_is_not_used(void **state)
{
    static const char json[] = CALLS(RULE("read", ""));
    char path[600];
    struct stat st;
    (void)state;
    cache = test_directory();
    seccomp_cache_base = NULL;
    if (geteuid() == 0) { /* whose cache is the machine's */
        assert_int_equal(chown(cache, 65533, 65533), 0);
        assert_int_equal(seteuid(65533), 0);
    }
    assert_true(fill_cache(json, path));
    ino_t kept = inode_of(path);
    assert_true(fill_cache(json, path));
    assert_int_equal(inode_of(path), kept); /* it was read */
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    for (off_t at = 0; at <= st.st_size; at++) {
        char byte;
        int fd = open(path, O_RDWR | O_CLOEXEC);
        assert_true(fd >= 0);
        kept = inode_of(path);
        byte = pread(fd, &byte, 1, at) == 1 ? (char)(byte ^ 0x10) : 0; /* or one more */
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        assert_true(fill_cache(json, path));
        close(fd);
        if (at >= 24 + 8 || at < 18) /* the padding behind the magic says nothing */
            assert_true(inode_of(path) != kept);
    }
    assert_int_equal(seteuid(getuid()), 0);
}

static size_t kept_filters(void)
{
    char path[300];
    size_t count = 0;
    snprintf(path, sizeof path, "%s/libscratch", seccomp_cache_base);
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir));)
        count += e->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return count;
}

/* As those of bundles, which are the same from one container to the next. */
static void what_is_part_of_a_document_is_kept_too(void **state)
{
    static const char json[] = CALLS(RULE("read", ""));
    struct seccomp_program program[2];
    struct json_in document;
    (void)state;
    seccomp_cache_base = test_directory();
    TEST_OK(json_read(json, sizeof json - 1, "p.json", &document, &err), &err);
    for (int i = 0; i < 2; i++) {
        TEST_OK(seccomp_from_object(&document, 0, &program[i], &err), &err);
        assert_int_equal(kept_filters(), 1);
    }
    json_read_end(&document);
    assert_int_equal(program[0].count, program[1].count);
    assert_memory_equal(program[0].filter, program[1].filter,
                        program[0].count * sizeof *program[0].filter);
    free(program[0].filter);
    free(program[1].filter);
}

TEST_MAIN(calls_without_a_rule_get_the_default, every_action_has_its_verdict,
          every_operator_compares, comparisons_of_one_argument_are_alternatives,
          includes_need_all_and_excludes_any, rules_are_for_machines_and_kernels,
          other_architectures_run_where_they_are_listed, calls_of_a_newer_kernel_are_passed_over,
          podmans_profile_compiles_for_any_capabilities, what_is_wrong_is_named,
          a_file_is_named_when_it_cannot_be_read, a_cache_that_is_not_right_is_not_used,
          what_is_part_of_a_document_is_kept_too)
