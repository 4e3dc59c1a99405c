/* SPDX-License-Identifier: PostgreSQL */
/*
 * Sparklines: a series as one line of text. The scale starts at zero, so that a
 * probe that hardly moves looks as if it hardly moves.
 *
 * What was not watched is drawn as such and never joined: a column shows the worst
 * of its stretch of time; one that no sample vouches for is '?'.
 */
#include "monitor.h"

enum {
    LEVELS = 8,
};

static const char *const blocks[LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char ascii_blocks[LEVELS + 1] = "_.,-=+*#";

/* What a column has to show. */
enum column_kind {
    COLUMN_BLANK,
    COLUMN_VALUE,
    COLUMN_BEYOND, /* only with marks */
    COLUMN_FAILED,
    COLUMN_UNKNOWN,
};
struct column {
    enum column_kind kind;
    double value;
};

static struct column column_of_sample(const struct monitor_spark *spark,
                                      struct monitor_sample sample)
{
    switch (sample.outcome) {
    case MONITOR_FAILED:
        return (struct column){.kind = COLUMN_FAILED};
    case MONITOR_UNKNOWN:
        return (struct column){.kind = COLUMN_UNKNOWN};
    case MONITOR_OK:
        break;
    }
    bool beyond = spark->marks && monitor_judge(spark->marks, sample) == MONITOR_BEYOND;
    return (struct column){.kind = beyond ? COLUMN_BEYOND : COLUMN_VALUE,
                           .value = sample.value};
}

/* Of two in one column: a missing answer is worse than a gap, that is worse than any number. */
static struct column worse_of(const struct monitor_spark *spark, struct column a,
                              struct column b)
{
    static const int rank[] = {
        [COLUMN_BLANK] = 0,   [COLUMN_VALUE] = 1,  [COLUMN_BEYOND] = 2,
        [COLUMN_UNKNOWN] = 3, [COLUMN_FAILED] = 4,
    };
    if (rank[a.kind] != rank[b.kind]) {
        return rank[a.kind] > rank[b.kind] ? a : b;
    }
    bool a_lower = a.value < b.value;
    return a_lower == spark->low_is_worst ? a : b;
}

/* Fills the columns; `next` walks through the series once. */
static void fill_columns(struct column *columns, const struct monitor_series *series,
                         const struct monitor_spark *spark)
{
    int64_t span_us = spark->until_us - spark->from_us;
    int64_t reach_us = spark->every_us + spark->every_us / 2;
    size_t next = 0;
    struct monitor_sample before = {0};
    bool has_before = false;
    for (int i = 0; i < spark->columns; i++) {
        int64_t begin_us = spark->from_us + span_us * i / spark->columns;
        int64_t end_us = spark->from_us + span_us * (i + 1) / spark->columns;
        for (; next < series->count && monitor_series_at(series, next).at_us < begin_us;
             next++) {
            before = monitor_series_at(series, next);
            has_before = true;
        }
        /* a stretch beyond the reach of what came before is not vouched for */
        int64_t covered_us = has_before ? before.at_us + reach_us : begin_us;
        for (; next < series->count && monitor_series_at(series, next).at_us < end_us; next++) {
            struct monitor_sample sample = monitor_series_at(series, next);
            if (has_before && sample.at_us > covered_us) {
                columns[i] =
                    worse_of(spark, columns[i], (struct column){.kind = COLUMN_UNKNOWN});
            }
            columns[i] = worse_of(spark, columns[i], column_of_sample(spark, sample));
            before = sample;
            has_before = true;
            covered_us = sample.at_us + reach_us;
        }
        if (!has_before) {
            continue;
        }
        if (end_us > covered_us) {
            columns[i] = worse_of(spark, columns[i], (struct column){.kind = COLUMN_UNKNOWN});
        } else if (columns[i].kind == COLUMN_BLANK) {
            columns[i] = column_of_sample(spark, before);
        }
    }
}

static void draw_value(struct strbuf *out, const struct monitor_spark *spark, double value,
                       double greatest)
{
    if (spark->marks) {
        strbuf_text(out, spark->ascii ? "." : "•");
        return;
    }
    int level = 0;
    if (greatest > 0 && value > 0) {
        level = (int)(value / greatest * (LEVELS - 1) + 0.5);
    }
    if (spark->ascii) {
        strbuf_byte(out, ascii_blocks[level]);
    } else {
        strbuf_text(out, blocks[level]);
    }
}

void monitor_sparkline(struct strbuf *out, const struct monitor_series *series,
                       const struct monitor_spark *spark)
{
    if (spark->columns <= 0 || spark->until_us <= spark->from_us) {
        return;
    }
    struct column *columns = mem_zero((size_t)spark->columns, sizeof(*columns));
    fill_columns(columns, series, spark);
    double greatest = 0;
    for (int i = 0; i < spark->columns; i++) {
        if (columns[i].kind == COLUMN_VALUE && columns[i].value > greatest) {
            greatest = columns[i].value;
        }
    }
    for (int i = 0; i < spark->columns; i++) {
        switch (columns[i].kind) {
        case COLUMN_BLANK:
            strbuf_byte(out, ' ');
            break;
        case COLUMN_VALUE:
            draw_value(out, spark, columns[i].value, greatest);
            break;
        case COLUMN_BEYOND:
        case COLUMN_FAILED:
            strbuf_byte(out, 'x');
            break;
        case COLUMN_UNKNOWN:
            strbuf_byte(out, '?');
            break;
        }
    }
    free(columns);
}
