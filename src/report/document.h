/* SPDX-License-Identifier: PostgreSQL */
/*
 * The report as a list of blocks, between those who know what is to be said and those
 * who know how a format looks. All text in it is sanitised and not yet escaped.
 */
#ifndef GONOGO_REPORT_DOCUMENT_H
#define GONOGO_REPORT_DOCUMENT_H

#include "report.h"

/* How a statement is meant. A printer shows a sign and a colour; the words never need them. */
enum tone {
    TONE_PLAIN,
    TONE_GOOD,
    TONE_WARN, /* accepted, late, by file: somebody must have looked at it */
    TONE_BAD,
    TONE_UNKNOWN,
    TONE__COUNT,
};

enum figure_kind {
    FIGURE_SPARK, /* values from left to right, NAN = nobody measured: a gap stays a gap */
    FIGURE_BARS,  /* before, now, expected; NAN = not known */
    FIGURE_SPAN,  /* planned and actual stretch of time, as shares 0..1 of the whole */
};
struct figure {
    enum figure_kind kind;
    double *values;
    size_t count;
    double limit; /* of a SPARK; NAN = none */
    double before, now, expected;
    double planned_from, planned_to, from, to; /* SPAN; NAN = none */
};

struct table_cell {
    struct str text; /* also what a format without drawings shows for the figure */
    enum tone tone;
    const struct figure *figure;
};

enum block_kind {
    BLOCK_HEADING,   /* text, level 1..3 */
    BLOCK_PARAGRAPH, /* text, tone */
    BLOCK_CALLOUT,   /* text, tone: must not be overlooked */
    BLOCK_LIST,      /* rows of one cell */
    BLOCK_FACTS,     /* rows of two cells: what, value */
    BLOCK_TABLE,     /* rows under a head of columns */
};

enum {
    COLUMNS_MAX = 8
};

struct block {
    enum block_kind kind;
    int level;
    enum tone tone;
    struct str text;
    const char *columns[COLUMNS_MAX]; /* a leading '>' sets a column of numbers */
    size_t column_count;
    struct table_cell *cells; /* row by row */
    size_t row_count;
    size_t row_capacity;
};

struct report {
    struct arena *arena;
    const struct run *run;
    const struct report_context *context;
    const struct report_drain *drain; /* takes pieces of what is written; NULL: nobody */
    struct block *blocks;
    size_t count;
    size_t capacity;
};

/* Sanitised text on one line. */
struct str doc_text(struct report *report, const char *format, ...) PRINTF_LIKE(2, 3);

void doc_heading(struct report *report, int level, const char *text);
void doc_paragraph(struct report *report, enum tone tone, const char *format, ...)
    PRINTF_LIKE(3, 4);
void doc_callout(struct report *report, enum tone tone, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* One line of a list, of facts; the block is begun when the one before is of another kind. */
void doc_item(struct report *report, enum tone tone, const char *format, ...) PRINTF_LIKE(3, 4);
void doc_fact(struct report *report, const char *what, enum tone tone, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* Columns as one text, "#|id|>ms". Rows are filled cell by cell, from the left. */
void doc_table(struct report *report, const char *columns);
void doc_row(struct report *report);
void doc_cell(struct report *report, enum tone tone, const char *format, ...) PRINTF_LIKE(3, 4);
void doc_figure(struct report *report, struct str text, const struct figure *figure);

/* Words for numbers and times; "not known" when there is none. */
struct str text_count(struct report *report, int64_t number); /* -1 = not known */
struct str text_duration(struct report *report, int64_t us);  /* 0 or less = not known */
struct str text_clock(struct report *report, int64_t at_us);  /* 08:30:02Z */
struct str text_time(struct report *report, int64_t at_us);   /* 2024-01-31 08:30:02Z */
struct str text_number(struct report *report, double number); /* NAN = not known */
struct str text_or(struct str text, const char *otherwise);
/* " (by file)" for what an answers file says, when `who` does not end with it already. */
const char *text_by(bool claim, struct str who);
struct str text_sha(struct report *report, struct str hash);
extern const char *const backup_level_words[];

/* --------------------------------------------------------- what is derived twice */

bool part_is_included(const struct run *run, enum plan_part part);
/* The newest snapshot that the numbers "now" come from; MOMENT__COUNT: there is none. */
enum moment report_now(const struct run *run);
int64_t count_now(const struct run *run, const struct run_count *count);
int64_t count_before(const struct run_count *count);
/* Samples of a probe from the oldest to the newest. */
const struct run_sample *probe_sample(const struct run_probe *probe, size_t index);
struct probe_facts {
    double now, least, most, baseline; /* NAN = not known */
    size_t measured, gaps;             /* samples */
};
struct probe_facts probe_facts(const struct run_probe *probe, int64_t from_us);
/* 0 = the probe has no number to hold it against. */
bool probe_limit(const struct plan_probe *probe, double *limit);
struct str statement_sql(struct report *report, const struct run_script *script, size_t index,
                         size_t most);
/* Number of checks of a set. */
size_t set_count_of(const struct run *run, size_t set);
/* "equals 42", "at most 500", "empty": what a check expects. */
struct str text_expected(struct report *report, enum plan_comparator comparator,
                         const struct plan_value *expected);
/* The answers file's words: "by file" claims are warnings, never good. */
enum tone outcome_tone(enum outcome outcome);
extern const char *const change_words[];

/* ---------------------------------------------------------------- the parts */

void part_front(struct report *report);
void part_review(struct report *report, const struct lint_result *lint); /* needs no run */
void part_state_counts(struct report *report);
void part_members(struct report *report);
void part_schedule(struct report *report);
void part_execution(struct report *report);
void part_people(struct report *report);
void part_backups(struct report *report);
void part_votes(struct report *report);
void part_verification(struct report *report);
void part_criteria(struct report *report);
void part_monitoring(struct report *report);
void part_rollback(struct report *report);
void part_notices(struct report *report);
void part_remarks(struct report *report);
void part_evidence(struct report *report);

/* ------------------------------------------------------- results one by one */

enum case_state {
    CASE_PASSED,
    CASE_FAILED,
    CASE_ACCEPTED, /* failed, and accepted by a person */
    CASE_SKIPPED,  /* was not judged */
    CASE_ERROR,    /* could not be judged */
};
struct report_case {
    struct str suite;
    struct str name;
    enum case_state state;
    struct str message; /* why it is not passed */
    int64_t us;
};
struct report_cases {
    struct report_case *items;
    size_t count;
    size_t capacity;
};
/* Migrations, their checks, the verification set by set, the criteria. */
struct report_cases report_cases(const struct report *report);

/* ----------------------------------------------------------------- printers */

void print_blocks(const struct report *report, struct strbuf *out); /* as Markdown */
/* "review" of report.json. */
struct json *review_json(const struct report *report);
void print_markdown(const struct report *report, struct strbuf *out);
void print_html(const struct report *report, struct strbuf *out);
void print_json(const struct report *report, struct strbuf *out);
void print_junit(const struct report *report, struct strbuf *out);
void print_tap(const struct report *report, struct strbuf *out);
void print_github(const struct report *report, struct strbuf *out);

/* For printers of what may be long: gives away what is written so far, when it is enough. */
void report_drain(const struct report *report, struct strbuf *out);

/* A figure as inline SVG. */
void html_figure(struct strbuf *out, const struct figure *figure);
/* A stretch of samples as block characters, '?' for gaps. */
void text_spark(struct strbuf *out, const struct figure *figure, size_t columns);

#endif
