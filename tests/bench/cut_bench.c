/* SPDX-License-Identifier: PostgreSQL */
/*
 * P21: how fast statements are found, with no grammar, in a mixture of what migrations hold:
 * tables, indexes, comments, functions, rows as INSERT and as COPY data. Whole and by chunks of
 * 64 KiB, as a file is read. The floor is libpg_query's scanner, which finds the words only.
 */
#include <pg_query.h>

#include "base.h"
#include "bench.h"
#include "sql.h"

enum {
    TEXT_BYTES = 16 << 20,
    CHUNK_BYTES = 64 << 10,
    ROUNDS = 7,
    GOAL_MB_A_SECOND = 80,
};

static void write_tables(struct strbuf *out, int i)
{
    strbuf_format(out,
                  "-- Orders of region %d; see the handbook for how they are split.\n"
                  "CREATE TABLE IF NOT EXISTS public.orders_%d (\n"
                  "    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
                  "    customer_id bigint NOT NULL REFERENCES public.customers (id),\n"
                  "    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'paid')),\n"
                  "    total numeric(12,2) NOT NULL DEFAULT 0, -- with tax\n"
                  "    created_at timestamptz NOT NULL DEFAULT now()\n);\n\n"
                  "/* found by customer, newest first */\n"
                  "CREATE INDEX CONCURRENTLY orders_%d_customer ON public.orders_%d "
                  "(customer_id, created_at DESC) WHERE state <> 'paid';\n"
                  "COMMENT ON TABLE public.orders_%d IS 'Orders; it''s one of many.';\n",
                  i, i, i, i, i);
}

static void write_function(struct strbuf *out, int i)
{
    strbuf_format(out,
                  "CREATE OR REPLACE FUNCTION public.touch_%d() RETURNS trigger LANGUAGE "
                  "plpgsql AS $body$\nBEGIN\n    IF NEW.total <> OLD.total THEN\n"
                  "        NEW.changed_at := now(); -- ours\n    END IF;\n"
                  "    RETURN NEW;\nEND;\n$body$;\n",
                  i);
}

static void write_rows(struct strbuf *out, int i)
{
    for (int row = 0; row < 40; row++) {
        strbuf_format(out,
                      "INSERT INTO public.orders_%d (customer_id, state, total) VALUES (%d, "
                      "'new', %d.%02d), (%d, E'paid\\n', 12.50);\n",
                      i, row * 7, row * 3, row, row);
    }
    strbuf_format(out, "\nCOPY public.orders_%d (id, state, note) FROM stdin;\n", i);
    for (int row = 0; row < 60; row++) {
        strbuf_format(out, "%d\tpaid\tdelivered; %d days late\t\\N\n", row, row % 9);
    }
    strbuf_text(out, "\\.\n\n");
}

static void write_text(struct strbuf *out)
{
    for (int i = 0; out->len < TEXT_BYTES; i++) {
        write_tables(out, i);
        write_function(out, i);
        write_rows(out, i);
    }
}

static double whole_ms(struct str text)
{
    struct arena arena = {0};
    struct sql_script script;
    struct sql_trouble trouble;
    double start_ms = bench_now_ms();
    bool good = sql_cut(text, NULL, &arena, &script, &trouble);
    double ms = bench_now_ms() - start_ms;
    arena_release(&arena);
    if (!good) {
        bench_die("the text cannot be cut: %s", trouble.err.message);
    }
    return ms;
}

static bool count_piece(void *context, const struct sql_piece *piece)
{
    size_t *bytes = context;
    *bytes += piece->text.len;
    return true;
}

static double chunks_ms(struct str text)
{
    size_t bytes = 0;
    struct sql_trouble trouble;
    struct sql_cutter *cutter = sql_cutter_new(NULL, count_piece, &bytes);
    double start_ms = bench_now_ms();
    bool good = true;
    for (size_t at = 0; good && at < text.len; at += CHUNK_BYTES) {
        good = sql_cutter_feed(cutter, str_slice(text, at, CHUNK_BYTES), &trouble);
    }
    good = good && sql_cutter_end(cutter, &trouble);
    double ms = bench_now_ms() - start_ms;
    sql_cutter_free(cutter);
    if (!good || bytes == 0) {
        bench_die("the text cannot be cut by chunks: %s", trouble.err.message);
    }
    return ms;
}

/* The scanner takes COPY data for words, as well as it can. */
static double scanner_ms(const char *text)
{
    double start_ms = bench_now_ms();
    PgQueryScanResult result = pg_query_scan(text);
    double ms = bench_now_ms() - start_ms;
    pg_query_free_scan_result(result);
    return ms;
}

int main(void)
{
    struct strbuf text = {0};
    struct bench_series whole = {0};
    struct bench_series chunks = {0};
    struct bench_series floor = {0};
    char what[96];
    write_text(&text);
    long rounds = bench_number("BENCH_ROUNDS", ROUNDS);
    for (long i = 0; i < rounds; i++) {
        bench_add(&whole, whole_ms(strbuf_str(&text)));
        bench_add(&chunks, chunks_ms(strbuf_str(&text)));
        bench_add(&floor, scanner_ms(text.ptr));
    }
    double limit_ms = (double)text.len / 1e3 / GOAL_MB_A_SECOND;
    struct bench_row row = {.id = "P21",
                            .ours = bench_median(&whole),
                            .floor = bench_median(&floor),
                            .floor_name = "libpg_query's scanner",
                            .goal = BENCH_AT_MOST,
                            .limit = limit_ms};
    (void)snprintf(what, sizeof(what), "the cut of %.1f MB (%.0f MB/s)", (double)text.len / 1e6,
                   (double)text.len / 1e3 / row.ours);
    row.what = what;
    bench_print(&row);
    row.ours = bench_median(&chunks);
    (void)snprintf(what, sizeof(what), "the same by chunks of 64 KiB (%.0f MB/s)",
                   (double)text.len / 1e3 / row.ours);
    bench_print(&row);
    strbuf_release(&text);
    return 0;
}
