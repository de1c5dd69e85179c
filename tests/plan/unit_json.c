/* SPDX-License-Identifier: MIT */
#include "support/test.h"

#include <json-c/json.h>
#include <linux/filter.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/printable.h"

static const struct sock_filter allow_all[] = {BPF_STMT(BPF_RET | BPF_K, 0x7fff0000)};

/* The same for whoever runs it. */
static void prepare(struct scratch_spec *spec, struct scratch_process_options *process,
                    struct scratch_namespace_options *namespaces,
                    struct scratch_rootfs_options *rootfs)
{
    *spec = (struct scratch_spec)SCRATCH_SPEC_INIT;
    *process = (struct scratch_process_options)SCRATCH_PROCESS_OPTIONS_INIT;
    *namespaces = (struct scratch_namespace_options)SCRATCH_NAMESPACE_OPTIONS_INIT;
    *rootfs = (struct scratch_rootfs_options)SCRATCH_ROOTFS_OPTIONS_INIT;
    spec->process = process;
    spec->namespaces = namespaces;
    spec->rootfs = rootfs;
    namespaces->create |= SCRATCH_NS_USER;
    rootfs->kind = SCRATCH_ROOTFS_DIRECTORY;
    rootfs->path = test_directory();
    process->seccomp = SCRATCH_SECCOMP_FILTER;
    process->filter = allow_all;
    process->filter_count = 1;
}

static struct json_object *compile_and_parse(const struct scratch_spec *spec, scratch_plan **plan)
{
    struct scratch_error err;
    enum json_tokener_error error;
    TEST_OK(scratch_plan_compile(spec, plan, &err), &err);
    char *text = scratch_plan_json(*plan);
    assert_non_null(text);
    struct json_object *object = json_tokener_parse_verbose(text, &error);
    assert_int_equal(error, json_tokener_success);
    free(text);
    return object;
}

static const char *string(struct json_object *object, const char *name)
{
    struct json_object *value = json_object_object_get(object, name);
    return value ? json_object_get_string(value) : NULL;
}

/* The arguments of the first step of a name. */
static struct json_object *arguments_of(struct json_object *plan, const char *name)
{
    struct json_object *steps = json_object_object_get(plan, "steps");
    for (size_t i = 0; i < json_object_array_length(steps); i++) {
        struct json_object *step = json_object_array_get_idx(steps, i);
        if (strcmp(string(step, "name"), name) == 0)
            return json_object_object_get(step, "arguments");
    }
    fail_msg("no step %s", name);
    return NULL;
}

static const char *compact(struct json_object *object, const char *name)
{
    struct json_object *value = json_object_object_get(object, name);
    return json_object_to_json_string_ext(value,
                                          JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

static void assert_step(struct json_object *object, const struct scratch_step *step)
{
    static const char *const sides[] = {"", "host", "child", "container"};
    assert_int_equal(json_object_get_int(json_object_object_get(object, "number")), step->number);
    assert_string_equal(string(object, "side"), sides[step->side]);
    assert_string_equal(string(object, "name"), step->name);
    assert_string_equal(string(object, "call"), step->call);
    assert_string_equal(string(object, "what"), step->what);
    assert_string_equal(string(object, "why"), step->why);
    assert_string_equal(string(object, "shell"), step->shell);
    assert_string_equal(string(object, "undo"), step->undo);
    assert_int_equal(json_object_get_boolean(json_object_object_get(object, "best_effort")),
                     step->best_effort);
    assert_non_null(json_object_object_get(object, "arguments"));
}

static void json_says_what_the_steps_say(void **state)
{
    static const char *const argv[] = {"ps", "-ef", NULL};
    struct scratch_spec spec;
    struct scratch_process_options process;
    struct scratch_namespace_options namespaces;
    struct scratch_rootfs_options rootfs;
    scratch_plan *plan;
    (void)state;
    prepare(&spec, &process, &namespaces, &rootfs);
    process.argv = argv;
    struct json_object *object = compile_and_parse(&spec, &plan);
    struct json_object *steps = json_object_object_get(object, "steps");
    assert_string_equal(string(object, "libscratch"), scratch_version());
    assert_int_equal(json_object_array_length(steps), scratch_plan_count(plan));
    for (size_t i = 0; i < scratch_plan_count(plan); i++) {
        struct scratch_step step;
        assert_int_equal(scratch_plan_step(plan, i, &step), 0);
        assert_step(json_object_array_get_idx(steps, i), &step);
    }
    json_object_put(object);
    scratch_plan_free(plan);
}

static void arguments_keep_their_types(void **state)
{
    static const char *const argv[] = {"sh", "-c", "echo 'a b'", NULL};
    static const char *const env[] = {"PATH=/bin", NULL};
    static const struct scratch_rlimit rlimit = {RLIMIT_NOFILE, 32, 64};
    struct scratch_spec spec;
    struct scratch_process_options process;
    struct scratch_namespace_options namespaces;
    struct scratch_rootfs_options rootfs;
    scratch_plan *plan;
    char map[64];
    (void)state;
    prepare(&spec, &process, &namespaces, &rootfs);
    process.argv = argv;
    process.env = env;
    process.rlimits = &rlimit;
    process.rlimit_count = 1;
    process.capabilities = SCRATCH_CAP(0) | SCRATCH_CAP(5);
    struct json_object *object = compile_and_parse(&spec, &plan);

    struct json_object *clone = arguments_of(object, "clone");
    assert_string_equal(compact(clone, "namespaces"),
                        "[\"user\",\"pid\",\"mnt\",\"uts\",\"ipc\",\"net\",\"cgroup\"]");
    struct json_object *maps = arguments_of(object, "id-maps");
    snprintf(map, sizeof map, "[\"0 %u 1\"]", (unsigned)geteuid());
    assert_string_equal(compact(maps, "uids"), map);
    assert_string_equal(compact(maps, "deny_setgroups"), "true");
    struct json_object *mount = arguments_of(object, "mount");
    assert_string_equal(compact(mount, "attributes"), "[\"nosuid\",\"nodev\",\"noexec\"]");
    assert_string_equal(compact(mount, "options"), "null");
    struct json_object *limit = arguments_of(object, "rlimit");
    assert_string_equal(compact(limit, "resource"), "\"nofile\"");
    assert_string_equal(compact(limit, "soft"), "32");
    assert_string_equal(compact(limit, "hard"), "64");
    struct json_object *bounding = arguments_of(object, "bounding-set");
    assert_string_equal(compact(bounding, "capabilities"), "[\"CAP_CHOWN\",\"CAP_KILL\"]");
    struct json_object *exec = arguments_of(object, "exec");
    assert_string_equal(compact(exec, "command"), "[\"sh\",\"-c\",\"echo 'a b'\"]");
    assert_string_equal(compact(exec, "environment"), "[\"PATH=/bin\"]");
    assert_string_equal(compact(exec, "umask"), "18");
    struct json_object *seccomp = arguments_of(object, "seccomp");
    assert_string_equal(compact(seccomp, "instructions"), "1");
    assert_int_equal(strlen(string(seccomp, "filter")), 2 * sizeof allow_all);

    json_object_put(object);
    scratch_plan_free(plan);
}

/* Paths of 4 KiB, control characters, broken UTF-8: text, explained, and JSON hold. */
static void hostile_arguments_make_valid_json(void **state)
{
    static char longest[10240];
    static const char *const argv[] = {"a\nb\x1b[2J", "\xff\xc0\xaf", "\"\\'$(x)", "",
                                       longest,       "\xed\xa0\x80", NULL};
    struct scratch_spec spec;
    struct scratch_process_options process;
    struct scratch_namespace_options namespaces;
    struct scratch_rootfs_options rootfs;
    scratch_plan *plan;
    (void)state;
    memset(longest, 'x', sizeof longest - 1);
    prepare(&spec, &process, &namespaces, &rootfs);
    process.argv = argv;
    struct json_object *object = compile_and_parse(&spec, &plan);
    struct json_object *command = json_object_object_get(arguments_of(object, "exec"), "command");
    assert_int_equal(json_object_array_length(command), 6);
    assert_string_equal(json_object_get_string(json_object_array_get_idx(command, 0)), argv[0]);
    assert_string_equal(json_object_get_string(json_object_array_get_idx(command, 1)),
                        "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    assert_string_equal(json_object_get_string(json_object_array_get_idx(command, 4)), longest);
    char *text = scratch_plan_explain(plan);
    assert_non_null(text);
    for (const char *c = text; *c; c += *c == '\n' ? 1 : printable_length(c))
        assert_true(*c == '\n' || printable_length(c) > 0);
    free(text);
    json_object_put(object);
    scratch_plan_free(plan);
}

TEST_MAIN(json_says_what_the_steps_say, arguments_keep_their_types,
          hostile_arguments_make_valid_json)
