/* SPDX-License-Identifier: MIT */
#include "plan/words.h"
#include "step/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct plan_words {
    char *text; /* all strings, each with its NUL */
    struct scratch_step step[];
};

struct step_walk plan_view(const struct scratch_plan *plan)
{
    return (struct step_walk){.plan = plan->block,
                              .fd = (int *)plan->fd, /* a view fills no slot */
                              .root = -1,
                              .layers = -1,
                              .lot = -1,
                              .socket = -1};
}

/* The five texts of a step, in the order in which take_texts() reads them back. */
static void write_texts(FILE *out, const struct step_walk *w, const struct step *step)
{
    const struct step_words *words = step_words(step->kind);
    step_write(out, words->what, w, step);
    fputc('\0', out);
    step_write(out, words->call, w, step);
    fputc('\0', out);
    step_write(out, words->why, w, step);
    fputc('\0', out);
    step_write_shell(out, words->shell, w, step);
    fputc('\0', out);
    step_write_shell(out, words->undo, w, step);
    fputc('\0', out);
}

static const char *take_texts(struct scratch_step *s, const char *text)
{
    const char **const members[] = {&s->what, &s->call, &s->why, &s->shell, &s->undo};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        *members[i] = text;
        text += strlen(text) + 1;
    }
    return text;
}

static char *make_text(const struct step_walk *w)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    for (uint32_t i = 0; i < w->plan->step_count; i++)
        write_texts(out, w, step_at(w->plan, i));
    bool failed = ferror(out);
    if (fclose(out) == 0 && !failed)
        return text;
    free(text);
    return NULL;
}

static void free_words(struct plan_words *words)
{
    if (words)
        free(words->text);
    free(words);
}

static struct plan_words *make_words(const struct scratch_plan *plan)
{
    const struct step_walk w = plan_view(plan);
    uint32_t count = w.plan->step_count;
    struct plan_words *words = malloc(sizeof *words + count * sizeof *words->step);
    char *text = make_text(&w);
    if (!words || !text) {
        free(words);
        free(text);
        return NULL;
    }
    words->text = text;
    const char *next = text;
    for (uint32_t i = 0; i < count; i++) {
        const struct step *step = step_at(w.plan, i);
        words->step[i] = (struct scratch_step){
            .number = i + 1,
            .side = (enum scratch_side)step->side,
            .name = step_words(step->kind)->name,
            .best_effort = step->flags & STEP_BEST_EFFORT,
        };
        next = take_texts(&words->step[i], next);
    }
    return words;
}

/* Two threads may make them at once: the first to be done is kept. */
const struct scratch_step *plan_words(const struct scratch_plan *given)
{
    struct scratch_plan *plan = (struct scratch_plan *)given; /* its words are not what it says */
    struct plan_words *words = atomic_load(&plan->words), *made;
    if (words)
        return words->step;
    made = make_words(plan);
    if (!made)
        return NULL;
    if (atomic_compare_exchange_strong(&plan->words, &words, made))
        return made->step;
    free_words(made);
    return words->step;
}

void plan_free_words(struct scratch_plan *plan)
{
    free_words(atomic_load(&plan->words));
}

size_t scratch_plan_count(const scratch_plan *plan)
{
    return plan->block->step_count;
}

int scratch_plan_step(const scratch_plan *plan, size_t index, struct scratch_step *step)
{
    if (index >= plan->block->step_count)
        return -ERANGE;
    const struct scratch_step *steps = plan_words(plan);
    if (!steps)
        return -ENOMEM;
    *step = steps[index];
    return 0;
}
