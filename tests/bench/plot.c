/* SPDX-License-Identifier: MIT */
/*
 * The medians as bars, one panel a series. Programs alone: calls are another scale.
 */
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WIDTH    760
#define BAR_FROM 110
#define BAR_MOST 480
#define ROW      22
#define PANEL    46 /* its title */

static FILE *out;
static int height;

/* As long at the end, when the height is known, as at the beginning. */
static void write_head(void)
{
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%6d\" "
            "font-family=\"sans-serif\" font-size=\"13\" fill=\"#777\">\n",
            WIDTH, height);
}

int plot_begin(const char *path)
{
    out = fopen(path, "we");
    if (out) {
        write_head();
        return 0;
    }
    fprintf(stderr, "bench: write %s: %s\n", path, strerror(errno));
    return -1;
}

static bool is_shown(const struct entry *entry)
{
    return entry->contestant->program && entry_runs(entry) &&
           strcmp(entry->contestant->name, "empty") != 0;
}

static double ours(const struct bench *b)
{
    for (size_t i = 0; i < CONTESTANTS; i++)
        if (strcmp(b->entry[i].contestant->name, "scratchctl") == 0 && is_shown(&b->entry[i]))
            return median(&b->entry[i]);
    return 0;
}

static void bar(const struct entry *entry, double most, double own)
{
    double value = median(entry);
    bool is_own = strcmp(entry->contestant->program, "scratchctl") == 0;
    fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", BAR_FROM - 8, height + 15,
            entry->contestant->name);
    fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>", BAR_FROM,
            height + 3, value / most * BAR_MOST, ROW - 6, is_own ? "#2a7de1" : "#b5b5b5");
    fprintf(out, "<text x=\"%.1f\" y=\"%d\">%.2f ms", BAR_FROM + value / most * BAR_MOST + 8,
            height + 15, value);
    if (own > 0)
        fprintf(out, " (%.1f \303\227)", value / own);
    fprintf(out, "</text>\n");
    height += ROW;
}

void plot_series(const struct bench *b, enum pace pace)
{
    static const char *const paces[PACE_COUNT] = {"back to back", "after a rest of 100 ms"};
    double most = 0;
    for (size_t i = 0; i < CONTESTANTS; i++)
        if (is_shown(&b->entry[i]) && median(&b->entry[i]) > most)
            most = median(&b->entry[i]);
    fprintf(out, "<text x=\"8\" y=\"%d\" font-weight=\"bold\">%s, %s</text>\n", height + 28,
            variant_names[b->variant], paces[pace]);
    height += PANEL;
    for (size_t i = 0; i < CONTESTANTS; i++)
        if (is_shown(&b->entry[i]))
            bar(&b->entry[i], most, ours(b));
}

int plot_end(void)
{
    height += ROW;
    fputs("</svg>\n", out);
    rewind(out);
    write_head();
    return fclose(out) == 0 ? 0 : -1;
}
