/* SPDX-License-Identifier: PostgreSQL */
/*
 * The rows that were written since the backup, which a restore would lose: the same pane on
 * every screen that tells of them. Those that this run's own files wrote are named, as "at
 * least so many"; a table whose rows nobody could count says so.
 */
#include "screen_parts.h"

#include <stdlib.h>

#include "monitor.h"

enum {
    OWN_COLUMNS = 13, /* "  by this run", numbers below it */
    ROWS_COLUMNS = 10,
    TABLE = 3,
};

void part_own_rows(struct strbuf *out, int64_t own)
{
    if (own > 0) {
        number_to_text(out, own);
        strbuf_text(out, "+ by this run");
    }
}

static void put_rows(struct line *line, int numbers, enum style style, int64_t rows, bool more,
                     int64_t own)
{
    struct strbuf text = {0};
    strbuf_text(&text, more && rows >= 0 ? ">= " : "");
    if (rows >= 0) {
        number_to_text(&text, rows);
    } else {
        strbuf_text(&text, "??");
    }
    line_end(line, numbers, rows < 0 ? STYLE_UNKNOWN : style, "%s", text.ptr);
    if (own > 0) {
        strbuf_clear(&text);
        number_to_text(&text, own);
        line_end(line, numbers + OWN_COLUMNS, STYLE_DIM, "%s+", text.ptr);
    }
    strbuf_release(&text);
}

/* Where every table is of the schema that names without one mean, the schema says nothing. */
static struct str short_name(const struct run *run, struct str name)
{
    const struct plan_texts *path = &run->plan->search_path;
    struct str schema = path->count > 0 ? path->items[0] : STR("");
    bool near = schema.len > 0 && name.len > schema.len + 1 && name.ptr[schema.len] == '.' &&
                str_is(str_slice(name, 0, schema.len), schema);
    return near ? str_slice(name, schema.len + 1, name.len) : name;
}

/* When they were written, since the dump; and how long that is. */
static void put_course(struct line *line, const struct run *run, int column, int until)
{
    enum {
        SPAN_COLUMNS = 10,
        LEAST = 8,
    };
    int columns = until - column - SPAN_COLUMNS;
    int64_t from_us = run_newest_dump_us(run);
    if (run->written_count == 0 || columns < LEAST || from_us == 0) {
        return;
    }
    struct monitor_series *series = mem_zero(1, sizeof *series);
    for (size_t i = 0; i < run->written_count; i++) {
        const struct run_stretch *stretch = &run->written[i];
        monitor_series_add(series,
                           (struct monitor_sample){
                               .at_us = stretch->at_us,
                               .value = (double)(stretch->rows > 0 ? stretch->rows : 0),
                               .outcome = stretch->rows < 0 ? MONITOR_UNKNOWN : MONITOR_OK});
    }
    const struct run_stretch *last = &run->written[run->written_count - 1];
    struct monitor_spark spark = {.columns = columns,
                                  .from_us = from_us,
                                  .until_us = last->at_us + 1,
                                  .every_us =
                                      (last->at_us - from_us) / (int64_t)run->written_count,
                                  .ascii = line->page->glyphs->ascii};
    struct strbuf text = {0};
    monitor_sparkline(&text, series, &spark);
    line_at(line, column, STYLE_DIM, "%s", text.len > 0 ? text.ptr : "");
    strbuf_clear(&text);
    recent_span_text(&text, run->now_us - from_us);
    line_at(line, column + columns + 2, STYLE_DIM, "%s", text.ptr);
    strbuf_release(&text);
    free(series);
}

void part_writes(struct page *page, const struct run *run, enum pane_id id,
                 enum pane_place place)
{
    struct pane *pane = page_pane(page, id, place, "ROWS SINCE THE BACKUP");
    bool more = false;
    int64_t rows = run_rows_written(run, &more);
    int64_t own = run_own_rows(run);
    int end = pane->width - 1;
    int numbers = own > 0 ? end - OWN_COLUMNS : end;
    if (own > 0) {
        struct line *head = pane_head(pane);
        line_end(head, numbers, STYLE_DIM, "rows");
        line_end(head, end, STYLE_DIM, "by this run");
    }
    struct line *all = pane_row(pane, SUBJECT_TABLE, -1, 0);
    pane->least = 2;
    line_at(all, 1, STYLE_NORMAL, "all tables");
    if (rows < 0) {
        line_end(all, end, STYLE_UNKNOWN, "?? not known yet");
        return;
    }
    pane_note(pane, "%s", rows > 0 ? "a restore loses it" : "");
    put_course(all, run, 14, numbers - ROWS_COLUMNS);
    put_rows(all, numbers, rows > 0 ? STYLE_WARN : STYLE_NORMAL, rows, more, own);
    for (size_t i = 0; i < run->write_count; i++) {
        const struct event_item *table = &run->writes[i];
        if (table->value != 0) {
            struct line *line = pane_row(pane, SUBJECT_TABLE, (int64_t)i, 0);
            line_fit(line, TABLE, numbers - ROWS_COLUMNS - TABLE, STYLE_NORMAL,
                     short_name(run, table->name));
            put_rows(line, numbers, STYLE_NORMAL, table->value, false,
                     run_own_writes(run, table));
        }
    }
}
