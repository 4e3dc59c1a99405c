/* SPDX-License-Identifier: PostgreSQL */
/*
 * Figures as inline SVG: the course of a probe with its gaps, the bars of before, now
 * and expected, the planned and the actual stretch of a slot. Coordinates are written
 * in tenths, so that the same run gives the same bytes everywhere.
 */
#include <math.h>

#include "document.h"

enum {
    SPARK_WIDTH = 240,
    SPARK_HEIGHT = 36,
    BARS_WIDTH = 120,
    BARS_HEIGHT = 18,
    SPAN_WIDTH = 200,
    SPAN_HEIGHT = 16,
};

static void put_tenths(struct strbuf *out, double value)
{
    long long tenths = llround(value * 10);
    strbuf_format(out, "%lld.%lld", tenths / 10, tenths % 10);
}

static void open_svg(struct strbuf *out, int width, int height, const char *title)
{
    strbuf_format(out,
                  "<svg role=\"img\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">"
                  "<title>%s</title>",
                  width, height, width, height, title);
}

static void put_rect(struct strbuf *out, const char *name, double x, double y, double width,
                     double height)
{
    strbuf_format(out, "<rect class=\"%s\" x=\"", name);
    put_tenths(out, x);
    strbuf_text(out, "\" y=\"");
    put_tenths(out, y);
    strbuf_text(out, "\" width=\"");
    put_tenths(out, width);
    strbuf_text(out, "\" height=\"");
    put_tenths(out, height);
    strbuf_text(out, "\"/>");
}

static void put_line(struct strbuf *out, const char *name, double x1, double y1, double x2,
                     double y2)
{
    strbuf_format(out, "<line class=\"%s\" x1=\"", name);
    put_tenths(out, x1);
    strbuf_text(out, "\" y1=\"");
    put_tenths(out, y1);
    strbuf_text(out, "\" x2=\"");
    put_tenths(out, x2);
    strbuf_text(out, "\" y2=\"");
    put_tenths(out, y2);
    strbuf_text(out, "\"/>");
}

/* ------------------------------------------------------------------- curves */

struct scale {
    double step; /* between two samples */
    double most; /* value at the top */
};

static double height_of(const struct scale *scale, double value)
{
    double part = scale->most > 0 && value > 0 ? value / scale->most : 0;
    return (SPARK_HEIGHT - 2) - part * (SPARK_HEIGHT - 4);
}

/* One unbroken stretch [from, until): a line, or a dot when it is a single sample. */
static void put_stretch(struct strbuf *out, const struct figure *figure,
                        const struct scale *scale, size_t from, size_t until)
{
    if (until - from == 1) {
        double x = scale->step * ((double)from + 0.5);
        put_rect(out, "dot", x - 1 < 0 ? 0 : x - 1, height_of(scale, figure->values[from]) - 1,
                 2, 2);
        return;
    }
    strbuf_text(out, "<polyline class=\"curve\" points=\"");
    for (size_t i = from; i < until; i++) {
        strbuf_text(out, i > from ? " " : "");
        put_tenths(out, scale->step * ((double)i + 0.5));
        strbuf_byte(out, ',');
        put_tenths(out, height_of(scale, figure->values[i]));
    }
    strbuf_text(out, "\"/>");
}

static void put_spark(struct strbuf *out, const struct figure *figure)
{
    struct scale scale = {
        .step = figure->count > 0 ? (double)SPARK_WIDTH / (double)figure->count : 0,
        .most = isnan(figure->limit) ? 0 : figure->limit};
    size_t gaps = 0;
    for (size_t i = 0; i < figure->count; i++) {
        bool gap = isnan(figure->values[i]);
        gaps += gap ? 1 : 0;
        scale.most = !gap && figure->values[i] > scale.most ? figure->values[i] : scale.most;
    }
    open_svg(out, SPARK_WIDTH, SPARK_HEIGHT, gaps > 0 ? "course, with gaps" : "course");
    size_t from = 0;
    for (size_t i = 0; i <= figure->count; i++) {
        bool gap = i == figure->count || isnan(figure->values[i]);
        if (gap && i > from) {
            put_stretch(out, figure, &scale, from, i);
        }
        if (gap && i < figure->count) {
            put_rect(out, "gap", scale.step * (double)i, 0, scale.step, SPARK_HEIGHT);
        }
        from = gap ? i + 1 : from;
    }
    if (!isnan(figure->limit)) {
        double y = height_of(&scale, figure->limit);
        put_line(out, "limit", 0, y, SPARK_WIDTH, y);
    }
    strbuf_text(out, "</svg>");
}

/* ----------------------------------------------------------- bars and spans */

static void put_bars(struct strbuf *out, const struct figure *figure)
{
    double most = 0;
    double values[] = {figure->before, figure->now, figure->expected};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        most = !isnan(values[i]) && values[i] > most ? values[i] : most;
    }
    double unit = most > 0 ? (BARS_WIDTH - 4) / most : 0;
    open_svg(out, BARS_WIDTH, BARS_HEIGHT, "before above, now below, expected as a mark");
    if (!isnan(figure->before)) {
        put_rect(out, "before", 0, 1, figure->before * unit, 6);
    }
    if (!isnan(figure->now)) {
        put_rect(out, "now", 0, 9, figure->now * unit, 6);
    }
    if (!isnan(figure->expected)) {
        double x = figure->expected * unit + 1;
        put_line(out, "expected", x, 8, x, 17);
    }
    strbuf_text(out, "</svg>");
}

static void put_span(struct strbuf *out, const struct figure *figure)
{
    open_svg(out, SPAN_WIDTH, SPAN_HEIGHT, "planned above, actual below");
    if (!isnan(figure->planned_from) && !isnan(figure->planned_to)) {
        put_rect(out, "planned", figure->planned_from * SPAN_WIDTH, 1,
                 (figure->planned_to - figure->planned_from) * SPAN_WIDTH, 6);
    }
    if (!isnan(figure->from)) {
        double to = isnan(figure->to) || figure->to < figure->from ? figure->from : figure->to;
        double width = (to - figure->from) * SPAN_WIDTH;
        put_rect(out, "now", figure->from * SPAN_WIDTH, 9, width < 2 ? 2 : width, 6);
    }
    strbuf_text(out, "</svg>");
}

void html_figure(struct strbuf *out, const struct figure *figure)
{
    switch (figure->kind) {
    case FIGURE_SPARK:
        put_spark(out, figure);
        return;
    case FIGURE_BARS:
        put_bars(out, figure);
        return;
    case FIGURE_SPAN:
        put_span(out, figure);
        return;
    }
}
