/* SPDX-License-Identifier: PostgreSQL */
/*
 * What happened, in lines: the model is held against what was seen of it last time,
 * and every noteworthy difference becomes one entry, as text for people and as data
 * for programs. Headless log, JSON Lines and plain prompts all print these entries.
 */
#ifndef GONOGO_FRONT_LOG_H
#define GONOGO_FRONT_LOG_H

#include "app.h"

struct front_entry {
    int64_t at_us;      /* the run's clock */
    const char *type;   /* "statement", "script", "check" … see front_log_types */
    const char *source; /* who speaks: "engine", "sql", "check", or a person */
    struct str text;    /* sanitised, one line */
    const struct json *data;
};
typedef void (*front_entry_writer)(void *ctx, const struct front_entry *entry);

/* The types of entries and what their data hold; for `gonogo help events`. */
struct front_log_type {
    const char *type;
    const char *comment;
};
extern const struct front_log_type front_log_types[];
extern const size_t front_log_type_count;

struct front_log;
struct front_log *front_log_new(front_entry_writer writer, void *ctx);
void front_log_free(struct front_log *log);
/* Writes an entry for each difference to the last call; the first call tells where we stand. */
void front_log_compare(struct front_log *log, const struct run *run);
/* One more entry that the model does not know; `text` is sanitised here. */
void front_log_say(struct front_log *log, int64_t at_us, const char *type, const char *source,
                   struct str text);

/* "08:30:02.042  sql      011:2   UPDATE …", without a newline; columns 0: never broken. */
void front_entry_text(struct strbuf *out, const struct front_entry *entry, int columns);
/* {"v":1,"seq":…,"ts":…,"run":…,"type":…,"data":{…}} and a newline. */
void front_entry_json(struct strbuf *out, const struct front_entry *entry, struct str run,
                      uint64_t seq);

/* ------------------------------------------------ texts that all fronts share */

/* " PRODUCTION  app @ …": environment, database, and what the server says of itself. */
void front_identity_text(struct strbuf *out, const struct run *run, const char *connection);
/* " ok PREP - ok BACKUP - > POLL - MIGRATE …   T-00:05:50" */
void front_rail_text(struct strbuf *out, const struct run *run);
/* A table of counts: before, now, expected. */
void front_counts_text(struct strbuf *out, const struct run *run, bool all);
/* "DROP TABLE quests" on one line, at most `columns` wide; a password in it is not shown. */
void front_statement_text(struct strbuf *out, const struct sql_script *script, size_t index,
                          int columns);
/* The newest number of a count: last, now or before the change; -1 = not known. */
int64_t front_count_now(const struct run *run, const struct run_count *count);

/* What the last line on stderr says about a run that is over. */
struct front_ending {
    bool known; /* a model was there */
    bool over;  /* it went to its end: there is nothing to resume */
    char last_certain[2 * ERR_TEXT_MAX];
    char unknown[ERR_TEXT_MAX];
    char why[2 * ERR_TEXT_MAX]; /* why it stopped; empty: it did not */
    char run_id[64];
    char report[ERR_TEXT_MAX]; /* folder; empty: none */
};
void front_ending_fill(struct front_ending *ending, const struct run *run, const char *run_id);

#endif
