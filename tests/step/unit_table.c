/* SPDX-License-Identifier: MIT */
/* The tables of functions are not to be seen from outside: they are included, under other names. */
#define step_run      run_of_this_file
#define step_run_by   run_by_of_this_file
#define step_run_host run_host_of_this_file
#define step_fault    fault_of_this_file
#define functions     host_functions
#include "step/run.c"
#include "step/host.c"
#undef functions
#undef step_run
#undef step_run_by
#undef step_run_host
#undef step_fault

#include "support/test.h"
#include "step/words.h"

#include <string.h>

static bool is_the_walkers_own(enum step_kind kind)
{
    return kind == STEP_CLONE || kind == STEP_MEET || kind == STEP_SUPERVISE ||
           kind == STEP_NETWORK || kind == STEP_WAIT_START || kind == STEP_SPAWN;
}

static void every_kind_has_words_and_a_function(void **state)
{
    (void)state;
    for (enum step_kind kind = STEP_NONE + 1; kind < STEP_KIND_COUNT; kind++) {
        const struct step_words *words = step_words(kind);
        if (!words->name || !*words->name)
            fail_msg("step kind %d has no words", (int)kind);
        int known = (function_of(kind) != NULL) + (host_functions[kind] != NULL);
        if (known != !is_the_walkers_own(kind))
            fail_msg("%s has no function, or one too many", words->name);
        assert_true(words->call && (strstr(words->call, "(2)") || strstr(words->call, "(7)")));
        assert_true(words->what && *words->what);
        assert_true(words->why && *words->why);
        assert_int_equal(words->why[strlen(words->why) - 1], words->why[0] == '{' ? '}' : '.');
    }
}

static void names_are_not_given_twice(void **state)
{
    (void)state;
    for (enum step_kind a = STEP_NONE; a < STEP_KIND_COUNT; a++)
        for (enum step_kind b = a + 1; b < STEP_KIND_COUNT; b++)
            assert_string_not_equal(step_words(a)->name, step_words(b)->name);
}

/* Every {name} or {name?…} stands for something, and braces are closed. */
static void check_template(const struct step_words *words, const char *text)
{
    int depth = 0;
    for (; text && *text; text++) {
        depth += (*text == '{') - (*text == '}');
        assert_true(depth >= 0);
        if (*text != '{')
            continue;
        size_t length = strcspn(text + 1, "?}");
        if (!step_find_argument(words, text + 1, length))
            fail_msg("%s: no argument %.*s", words->name, (int)length, text + 1);
    }
    assert_int_equal(depth, 0);
}

static void every_template_has_its_arguments(void **state)
{
    (void)state;
    for (enum step_kind kind = STEP_NONE + 1; kind < STEP_KIND_COUNT; kind++) {
        const struct step_words *words = step_words(kind);
        check_template(words, words->what);
        check_template(words, words->call);
        check_template(words, words->why);
        check_template(words, words->shell);
        check_template(words, words->undo);
    }
}

static void arguments_lie_within_a_step(void **state)
{
    static const int room[] = {0, STEP_TEXTS, STEP_NUMS, STEP_FDS};
    (void)state;
    for (enum step_kind kind = STEP_NONE + 1; kind < STEP_KIND_COUNT; kind++) {
        const struct word_argument *argument = step_words(kind)->argument;
        for (int i = 0; i < WORD_ARGUMENTS && argument[i].name; i++) {
            assert_int_not_equal(word_place(argument[i].type), PLACE_NOWHERE);
            assert_true(argument[i].index < room[word_place(argument[i].type)]);
        }
    }
}

TEST_MAIN(every_kind_has_words_and_a_function, names_are_not_given_twice,
          every_template_has_its_arguments, arguments_lie_within_a_step)
