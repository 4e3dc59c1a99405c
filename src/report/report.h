/* SPDX-License-Identifier: PostgreSQL */
/*
 * report: the model of a run -> one document -> several printers.
 *
 * report_build() says what is in the report, in which order and in which words; the
 * printers (Markdown, HTML, JSON, JUnit, TAP, GitHub) only say how it looks. Nothing is
 * invented: what the model does not know is written "not known". A report may be built
 * of a run in any state, also in the middle of it.
 *
 * Everything that comes from the database, the plan or people is made harmless to
 * terminals (base's sanitiser) and then escaped for the format. Passwords in SQL text are
 * masked by report_sql_text().
 *
 * The room is pure: files are written by the caller.
 *
 *     struct report *report = report_build(&run, &context, &arena);
 *     struct report_formats formats;
 *     if (!report_formats_parse(STR("md,html"), &formats, err)) ...
 *     for each i < formats.count:
 *         report_write(report, formats.items[i], &out);
 *         write `out` to report_file(formats.items[i])
 */
#ifndef GONOGO_REPORT_H
#define GONOGO_REPORT_H

#include "base.h"
#include "engine.h"

/* ------------------------------------------------------------------- formats */

enum report_format {
    REPORT_MD,     /* report.md, CommonMark with tables */
    REPORT_HTML,   /* report.html: one file, no script, nothing fetched */
    REPORT_JSON,   /* report.json, "v":1, see plans/schema/report-v1.schema.json */
    REPORT_JUNIT,  /* junit.xml: a set is a suite, a check is a case */
    REPORT_TAP,    /* report.tap */
    REPORT_GITHUB, /* report.github: workflow commands (::error …), for a CI log */
    REPORT_FORMAT__COUNT,
};
/* "md", "html", "json", "junit", "tap", "github". */
extern const char *const report_format_words[REPORT_FORMAT__COUNT];
/* The name of the file: "report.md", "report.html", "report.json", "junit.xml" … */
const char *report_file(enum report_format format);
/*
 * The name under which the Markdown is written a second time because the plan asks for it
 * (report.name): "WEEK_1_WEDNESDAY_REPORT.md". Empty when it would be report.md again, or
 * when the name is no plain file name.
 */
struct str report_named_file(const struct plan *plan, struct arena *arena);

struct report_formats {
    enum report_format items[REPORT_FORMAT__COUNT];
    size_t count;
};
/*
 * A comma list, each word once counted. The empty text gives what is written by default:
 * md, html, json, junit. ERR_USAGE names the words there are.
 */
bool report_formats_parse(struct str list, struct report_formats *formats,
                          struct err *err) MUST_CHECK;

/* ------------------------------------------------------------------ building */

/* A file that the report mentions: the plan's own, what a backup left, an evidence file. */
struct report_source {
    struct str name;   /* as the plan names it; no folder of this machine is needed */
    struct str sha256; /* 64 digits; empty: not known */
};

/* What the model of the run does not know. Everything may be empty or zero: "not known". */
struct report_context {
    struct str version;        /* of the program */
    struct str connection;     /* redacted: host, port, database, role; no secret */
    uint64_t journal_entries;  /* before the report's own records */
    struct str journal_head;   /* hash of the newest of them */
    struct str chain;          /* the verdict on the chain in words: "intact" */
    struct str answers_sha256; /* of the answers file of a headless run */
    struct str approval;       /* digest of what was approved */
    struct str directory;      /* of the run, to find the evidence again; may be empty */
    const struct report_source *sources; /* the plan and its files */
    size_t source_count;
};

struct report; /* report_document.h, private */

/*
 * `run` and `context` are borrowed and must outlive the report, which lives in `arena`.
 * Never fails.
 */
struct report *report_build(const struct run *run, const struct report_context *context,
                            struct arena *arena);
/* Appends the report in that format. */
void report_write(const struct report *report, enum report_format format, struct strbuf *out);
/*
 * The same for what may be long: `take` is called with pieces in their order and forgets none;
 * the last one has come when this returns.
 */
struct report_drain {
    void (*take)(void *ctx, struct str piece);
    void *ctx;
};
void report_write_pieces(const struct report *report, enum report_format format,
                         const struct report_drain *drain);
/*
 * The part about what the files do, as Markdown, without a run: for the runbook. NULL: they
 * were not judged.
 */
void report_review(const struct lint_result *lint, struct arena *arena, struct strbuf *out);
/* "COMPLETED WITH 3 ACCEPTED NOTES": the outcome of a run in one line. */
struct str report_outcome(const struct run *run, struct arena *arena);
/* "completed", "rolled_back", "stopped", "failed", "unknown": the word of report.json. */
const char *report_outcome_word(const struct run *run);
/* What an exit code means, one clause: "stopped at a safe point". */
const char *report_exit_meaning(int exit_code);

/* --------------------------------------------------------------------- rules */

/*
 * SQL text as it may be shown: the literals that carry secrets become '***'. They are:
 * PASSWORD '…' in any statement about a role or user, option `password` (and every other
 * option whose name speaks of a secret) in OPTIONS (…) of a server or user mapping, and the
 * connection string of a subscription. Anything else stays byte for byte. Not sanitised.
 */
void report_sql_text(struct strbuf *out, struct str sql);

#endif
