/* SPDX-License-Identifier: PostgreSQL */
/*
 * For run_bench: a folder with a plan, its one migration and the answers of a headless
 * run; and what the journal of a run says about its times. Where the server is, is said
 * by the environment (PGHOST, PGDATABASE), as for psql.
 */
#ifndef GONOGO_BENCH_PLAN_H
#define GONOGO_BENCH_PLAN_H

#include <dirent.h>
#include <sys/stat.h>

#include "base.h"
#include "bench.h"
#include "journal.h"

enum {
    BENCH_PATH = 512,
};

struct bench_plan {
    char plan[BENCH_PATH];
    char sql[BENCH_PATH];
    char answers[BENCH_PATH];
};

/* Fills a buffer of BENCH_PATH bytes. */
static inline void bench_path(char *path, const char *format, ...) PRINTF_LIKE(2, 3);
static inline void bench_path(char *path, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    int length = vsnprintf(path, BENCH_PATH, format, values);
    va_end(values);
    if (length < 0 || length >= BENCH_PATH) {
        bench_die("the path %s is too long", path);
    }
}

static inline void bench_write(const char *path, struct str text)
{
    FILE *file = fopen(path, "w");
    if (file == NULL || fwrite(text.ptr, 1, text.len, file) != text.len || fclose(file) != 0) {
        bench_die("cannot write %s: %s", path, strerror(errno));
    }
}

/* Statements of every day, one to a line: tables, columns, indexes, comments, rows. */
static inline void bench_mixture(struct strbuf *sql, int count)
{
    static const struct {
        const char *before; /* the table's number stands between the two */
        const char *after;
    } forms[] = {
        {"create table b", " (id int primary key, code text);\n"},
        {"alter table b", " add column amount numeric(10,2);\n"},
        {"create index on b", " (code);\n"},
        {"comment on table b", " is 'made by the benchmark';\n"},
        {"insert into b", " values (1, 'one', 1), (2, 'two', 2);\n"},
        {"insert into b", " select g, g, g from generate_series(3, 10) g;\n"},
        {"insert into b", " values (11, 'eleven', 11);\n"},
        {"update b", " set amount = 3 where id = 1;\n"},
        {"update b", " set code = 'zwei' where id = 2;\n"},
        {"delete from b", " where id = 1;\n"},
    };
    for (int i = 0; i < count; i++) {
        size_t form = (size_t)i % COUNT_OF(forms);
        strbuf_format(sql, "%s%d%s", forms[form].before, i / (int)COUNT_OF(forms),
                      forms[form].after);
    }
}

/* `step` and `rest`: more lines of the step, and of the plan, or "". */
static inline void bench_plan_make(struct bench_plan *plan, const char *folder,
                                   const char *name, struct str sql, const char *step,
                                   const char *rest)
{
    struct strbuf text = {0};
    struct sha256_hex hash = sha256_of(sql);
    bench_path(plan->plan, "%s/%s.yaml", folder, name);
    bench_path(plan->sql, "%s/%s.sql", folder, name);
    bench_path(plan->answers, "%s/answers.yaml", folder);
    bench_write(plan->sql, sql);
    strbuf_format(&text,
                  "version: 1\nname: Benchmark %s\nsearch_path: [public]\n"
                  "ledger: { table: schema_migrations, style: plain, create: true }\n"
                  "targets: [{ id: scratch, environment: scratch }]\n"
                  "state: { schemas: [public], unlisted_changes: warn }\n"
                  "steps:\n  - migration: \"001\"\n    file: %s.sql\n    sha256: \"%s\"\n"
                  "    undo: none\n%s%s",
                  name, name, hash.text, step, rest);
    bench_write(plan->plan, strbuf_str(&text));
    strbuf_clear(&text);
    strbuf_format(&text,
                  "version: 1\nas: { name: bench }\ndatabase: %s\ncheckpoints: continue\n"
                  "on_failure: hold\n",
                  getenv("PGDATABASE"));
    bench_write(plan->answers, strbuf_str(&text));
    strbuf_release(&text);
}

/* ----------------------------------------------------------------- journals */

/* Between two kinds of records: the last of one before any of the other, and the other's last.
 */
struct bench_span {
    const char *from; /* a text that the record's data begin with */
    const char *to;
    size_t limit; /* so many of the latter, then no more */
    size_t count; /* out: how many there were */
};

static inline double bench_span_ms(const char *directory, struct bench_span *span)
{
    struct journal_log log;
    struct err err = {0};
    int64_t from_us = 0;
    int64_t to_us = 0;
    if (!journal_read(directory, &log, &err)) {
        bench_die("%s", err.message);
    }
    span->count = 0;
    for (size_t i = 0; i < log.count; i++) {
        int64_t at_us;
        if (!time_from_text(log.records[i].at, &at_us)) {
            bench_die("%s: record %zu has no time", directory, i + 1);
        }
        if (span->count == 0 && str_starts(log.records[i].data, span->from)) {
            from_us = at_us;
        }
        if (span->count < span->limit && str_starts(log.records[i].data, span->to)) {
            to_us = at_us;
            span->count++;
        }
    }
    journal_log_release(&log);
    return (double)(to_us - from_us) / 1e3;
}

/* The only run below a state folder. */
static inline void bench_find_run(const char *state, char *path)
{
    char runs[BENCH_PATH];
    bench_path(runs, "%s/gonogo/runs", state);
    DIR *dir = opendir(runs);
    const struct dirent *entry = NULL;
    while (dir != NULL && (entry = readdir(dir)) != NULL && entry->d_name[0] == '.') {
    }
    if (entry == NULL) {
        bench_die("no run in %s", runs);
    }
    bench_path(path, "%s/%s", runs, entry->d_name);
    (void)closedir(dir);
}

#endif
