/* SPDX-License-Identifier: MIT */
#include "cli/options.h"
#include "cli/environment.h"
#include "cli/run.h"
#include "cli/suggest.h"
#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct target {
    const char *name;
    bool quick, init;
};

static const struct option table[] = {
    {.help = "Heading"},
    {"name", 'n', "NAME", "a text", option_text, offsetof(struct target, name)},
    {"quick", 'q', NULL, "a flag", option_flag, offsetof(struct target, quick)},
    {"init", 0, "[=no]", "a flag with a value", option_flag, offsetof(struct target, init)},
    {0},
};

static struct target target;
static struct operands operands;
static struct scratch_error err;
static char *operand[16];

static int parse_in(enum option_order order, const char *const *argv)
{
    target = (struct target){NULL, false, false};
    operands = (struct operands){.operand = operand};
    memset(&err, 0, sizeof err);
    return options_parse(table, order, (char **)argv, &target, &operands, &err);
}

#define PARSE(...) parse_in(OPTIONS_ANYWHERE, (const char *const[]){__VA_ARGS__, NULL})
#define FIRST(...) parse_in(OPTIONS_FIRST, (const char *const[]){__VA_ARGS__, NULL})

static void a_value_is_joined_or_next(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--name=a"), 0);
    assert_string_equal(target.name, "a");
    assert_int_equal(PARSE("--name", "b"), 0);
    assert_string_equal(target.name, "b");
    assert_int_equal(PARSE("-nc"), 0);
    assert_string_equal(target.name, "c");
    assert_int_equal(PARSE("-n", "-d"), 0);
    assert_string_equal(target.name, "-d");
    assert_int_equal(PARSE("--name="), 0);
    assert_string_equal(target.name, "");
    assert_int_equal(PARSE("--name=a=b"), 0);
    assert_string_equal(target.name, "a=b");
}

static void letters_stand_together(void **state)
{
    (void)state;
    assert_int_equal(PARSE("-qnx"), 0);
    assert_true(target.quick);
    assert_string_equal(target.name, "x");
    assert_int_equal(PARSE("-qx"), -EINVAL);
    assert_string_equal(err.what, "option -x");
}

static void a_value_that_may_be_left_out_is_joined(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--init", "no"), 0);
    assert_true(target.init);
    assert_string_equal(operands.operand[0], "no");
    assert_int_equal(PARSE("--init", "--init=no"), 0);
    assert_false(target.init);
}

static void options_end_at_the_first_dashes(void **state)
{
    (void)state;
    assert_int_equal(PARSE("root", "-q", "--", "--name", "--", "x"), 0);
    assert_true(target.quick);
    assert_null(target.name);
    assert_int_equal(operands.count, 1);
    assert_string_equal(operands.operand[0], "root");
    assert_string_equal(operands.command[0], "--name");
    assert_string_equal(operands.command[1], "--");
    assert_string_equal(operands.command[2], "x");
    assert_null(operands.command[3]);
    assert_int_equal(PARSE("-"), 0);
    assert_string_equal(operands.operand[0], "-");
    assert_null(operands.command);
}

static void a_command_takes_the_rest(void **state)
{
    (void)state;
    assert_int_equal(FIRST("-q", "run", "-q", "--bad"), 0);
    assert_string_equal(operands.command[0], "run");
    assert_string_equal(operands.command[1], "-q");
}

static void a_missing_value_is_said(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--name"), -EINVAL);
    assert_string_equal(err.what, "option --name");
    assert_non_null(strstr(err.cause, "NAME"));
    assert_int_equal(PARSE("-n"), -EINVAL);
    assert_int_equal(PARSE("-n", "--", "x"), -EINVAL);
    assert_int_equal(PARSE("--quick=yes"), -EINVAL);
    assert_non_null(strstr(err.cause, "no value"));
    assert_int_equal(PARSE("--init=perhaps"), -EINVAL);
    assert_string_equal(err.what, "option --init");
}

static void an_unknown_option_has_a_neighbour(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--nmae"), -EINVAL);
    assert_string_equal(err.what, "option --nmae");
    assert_non_null(strstr(err.hint, "--name"));
    assert_int_equal(PARSE("--qui=3"), -EINVAL);
    assert_string_equal(err.what, "option --qui");
    assert_non_null(strstr(err.hint, "--quick"));
    assert_int_equal(PARSE("--zebra"), -EINVAL);
    assert_string_equal(err.hint, "");
    assert_int_equal(PARSE("--n"), -EINVAL);
    assert_string_equal(err.hint, "");
}

static void all_commands_have_help(void **state)
{
    (void)state;
    assert_int_equal(PARSE("-q", "--help", "--bad"), OPTION_HELP);
    assert_int_equal(PARSE("-qh"), OPTION_HELP);
    assert_int_equal(PARSE("--error-format=xml"), -EINVAL);
    assert_non_null(strstr(err.hint, "text or json"));
}

/* ---- the tables ----------------------------------------------------------------------------- */

static void check_lines(const struct option *row)
{
    for (const char *line = row->help; *line;) {
        size_t length = strcspn(line, "\n");
        if (length > 50)
            fail_msg("--%s: '%.*s' is too long", row->name, (int)length, line);
        line += length + (line[length] != '\0');
    }
}

static void the_table_of_run_is_in_order(void **state)
{
    (void)state;
    for (const struct option *row = run_options; !option_is_end(row); row++) {
        if (option_is_heading(row))
            continue;
        assert_non_null(row->take);
        assert_true(row->member < sizeof(struct run));
        check_lines(row);
        for (const struct option *other = row + 1; !option_is_end(other); other++) {
            if (option_is_heading(other))
                continue;
            assert_string_not_equal(row->name, other->name);
            assert_false(row->letter && row->letter == other->letter);
        }
    }
    /* Where a letter is for one of its own, as docker's -h is, it is not shown for the other. */
    for (const struct option *common = options_common; !option_is_end(common); common++) {
        bool taken = common->letter == 'h';
        assert_int_equal(option_letter(run_options, common), taken ? 0 : common->letter);
        assert_int_equal(option_letter(NULL, common), common->letter);
    }
}

/* ---- the environment ------------------------------------------------------------------------ */

static bool has(const struct environment *e, const char *variable)
{
    for (size_t i = 0; i < e->count; i++)
        if (strcmp(e->variables[i].text, variable) == 0)
            return true;
    return false;
}

static const char *write_file(const char *text)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/file", test_directory());
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
    return path;
}

static void variables_replace_the_default_ones(void **state)
{
    struct pool pool = {NULL};
    struct environment e = {NULL, 0, 0};
    (void)state;
    assert_int_equal(setenv("OUTER", "outside", 1), 0);
    assert_int_equal(unsetenv("NOWHERE"), 0);
    assert_int_equal(environment_add(&e, &pool, "A=b=c", &err), 0);
    assert_int_equal(environment_add(&e, &pool, "HOME=/tmp", &err), 0);
    assert_int_equal(environment_add(&e, &pool, "A=", &err), 0);
    assert_int_equal(environment_add(&e, &pool, "OUTER", &err), 0);
    assert_int_equal(environment_add(&e, &pool, "NOWHERE", &err), 0);
    assert_true(has(&e, "HOME=/tmp"));
    assert_false(has(&e, "HOME=/root"));
    assert_true(has(&e, "A="));
    assert_false(has(&e, "A=b=c"));
    assert_true(has(&e, "OUTER=outside"));
    assert_null(environment_list(&e, &pool)[e.count]);
    assert_int_equal(environment_add(&e, &pool, "", &err), -EINVAL);
    assert_int_equal(environment_add(&e, &pool, "=x", &err), -EINVAL);
    pool_free(&pool);
}

static void a_file_gives_way_to_options(void **state)
{
    struct pool pool = {NULL};
    struct environment e = {NULL, 0, 0};
    (void)state;
    assert_int_equal(setenv("OUTER", "outside", 1), 0);
    assert_int_equal(environment_add(&e, &pool, "A=option", &err), 0);
    assert_int_equal(environment_add_file(&e, &pool,
                                          write_file("# a comment\n\n  A=file\nB=\"b b\" \nB2=x\n"
                                                     "HOME=/file\nOUTER\nNOWHERE\nE=\nL=last"),
                                          &err),
                     0);
    assert_true(has(&e, "A=option"));
    assert_false(has(&e, "A=file"));
    assert_true(has(&e, "B=\"b b\" "));
    assert_true(has(&e, "B2=x"));
    assert_true(has(&e, "HOME=/file"));
    assert_true(has(&e, "OUTER=outside"));
    assert_true(has(&e, "E="));
    assert_true(has(&e, "L=last"));
    assert_int_equal(environment_add(&e, &pool, "L=option", &err), 0);
    assert_true(has(&e, "L=option"));
    assert_false(has(&e, "L=last"));
    pool_free(&pool);
}

static void a_bad_line_of_a_file_is_named(void **state)
{
    static const struct {
        const char *text, *line, *cause;
    } rows[] = {
        {"A=b\n\n=x\n", ":3", "the name is empty"},
        {"A =b\n", ":1", "a blank in the name"},
        {"A=b\nTWO WORDS\n", ":2", "a blank in the name"},
    };
    struct pool pool = {NULL};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct environment e = {NULL, 0, 0};
        const char *path = write_file(rows[i].text);
        assert_int_equal(environment_add_file(&e, &pool, path, &err), -EINVAL);
        assert_int_equal(strncmp(err.subject, path, strlen(path)), 0);
        assert_string_equal(err.subject + strlen(path), rows[i].line);
        assert_non_null(strstr(err.cause, rows[i].cause));
    }
    struct environment e = {NULL, 0, 0};
    assert_int_equal(environment_add_file(&e, &pool, "/nowhere/at/all", &err), -EINVAL);
    assert_string_equal(err.subject, "/nowhere/at/all");
    pool_free(&pool);
}

TEST_MAIN(a_value_is_joined_or_next, letters_stand_together, a_value_that_may_be_left_out_is_joined,
          options_end_at_the_first_dashes, a_command_takes_the_rest, a_missing_value_is_said,
          an_unknown_option_has_a_neighbour, all_commands_have_help, the_table_of_run_is_in_order,
          variables_replace_the_default_ones, a_file_gives_way_to_options,
          a_bad_line_of_a_file_is_named)
