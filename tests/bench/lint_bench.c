/* SPDX-License-Identifier: PostgreSQL */
/*
 * P11: a megabyte of migrations is cut, parsed and judged. The floor describes the same
 * bytes (tag and objects of each statement) without gathering facts; what the parser itself
 * needs is in both. The statements are those of everyday migrations, no two tables alike.
 * The whole program stands beside squawk with its shortest reporter, when that is installed.
 */
#include "base.h"
#include "bench.h"
#include "bench_plan.h"
#include "lint.h"
#include "sql_facts.h"

/* One chapter of the text; %1$d makes its names its own. */
static const char chapter[] =
    "CREATE TABLE app.orders_%1$d (\n"
    "    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
    "    customer_id uuid NOT NULL REFERENCES app.customers (id) ON DELETE CASCADE,\n"
    "    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'paid', 'sent')),\n"
    "    amount numeric(12, 2) NOT NULL CHECK (amount >= 0),\n"
    "    details jsonb NOT NULL DEFAULT '{}'::jsonb,\n"
    "    made_at timestamptz NOT NULL DEFAULT now(),\n"
    "    CONSTRAINT orders_%1$d_once UNIQUE (customer_id, made_at)\n"
    ");\n"
    "CREATE INDEX CONCURRENTLY orders_%1$d_made_at ON app.orders_%1$d (made_at);\n"
    "ALTER TABLE app.orders_%1$d ENABLE ROW LEVEL SECURITY;\n"
    "CREATE POLICY own ON app.orders_%1$d FOR SELECT TO authenticated\n"
    "    USING (customer_id = (SELECT auth.uid()));\n"
    "ALTER TABLE app.invoices ADD COLUMN order_%1$d bigint;\n"
    "ALTER TABLE app.invoices ADD CONSTRAINT order_%1$d_fkey FOREIGN KEY (order_%1$d)\n"
    "    REFERENCES app.orders_%1$d (id) NOT VALID;\n"
    "COMMENT ON COLUMN app.orders_%1$d.details IS 'what the shop said';\n"
    "GRANT SELECT, INSERT ON app.orders_%1$d TO app_writer;\n"
    "UPDATE app.invoices SET order_%1$d = 1 WHERE id BETWEEN 1 AND 1000;\n"
    "INSERT INTO app.settings (name, value) VALUES ('orders_%1$d', 'on')\n"
    "    ON CONFLICT (name) DO NOTHING;\n"
    "CREATE OR REPLACE FUNCTION app.touch_%1$d() RETURNS trigger LANGUAGE plpgsql AS $$\n"
    "BEGIN\n"
    "    NEW.made_at := now();\n"
    "    UPDATE app.counters SET n = n + 1 WHERE name = 'orders_%1$d';\n"
    "    RETURN NEW;\n"
    "END $$;\n"
    "CREATE TRIGGER touch BEFORE UPDATE ON app.orders_%1$d\n"
    "    FOR EACH ROW EXECUTE FUNCTION app.touch_%1$d();\n"
    "CREATE VIEW app.open_orders_%1$d AS\n"
    "    SELECT o.id, c.name FROM app.orders_%1$d o JOIN app.customers c ON c.id = "
    "o.customer_id\n"
    "    WHERE o.state = 'new';\n"
    "DROP INDEX IF EXISTS app.old_orders_%1$d;\n\n";

static void write_text(struct strbuf *out, size_t bytes)
{
    for (int i = 1; out->len < bytes; i++) {
        strbuf_format(out, chapter, i);
    }
}

enum way {
    WAY_DESCRIBE,
    WAY_STUDY,
    WAY_JUDGE,
    WAY__COUNT
};

static void ignore(void *context, const struct sql_statement *statement, size_t index,
                   const struct sql_facts *facts)
{
    (void)statement;
    (void)index;
    *(size_t *)context += facts->action_count;
}

static size_t judge(struct sql_script *script, struct str text, enum lint_transaction sent,
                    struct arena *arena)
{
    struct lint_context world = {0};
    struct lint_file file = {.name = STR("orders.sql"),
                             .text = text,
                             .transaction = sent,
                             .lock_timeout_us = -1,
                             .statement_timeout_us = -1};
    struct lint *lint = lint_new(arena, &world);
    lint_begin_file(lint, &file);
    sql_study(script, 15, arena, lint_statement, lint);
    lint_end_file(lint);
    size_t count = lint_finish(lint)->finding_count;
    lint_free(lint);
    return count;
}

/* Milliseconds; `found` gets what was found, which must be something. */
static double measure(struct str text, enum way way, enum lint_transaction sent, size_t *found)
{
    struct arena arena = {0};
    struct sql_script script;
    struct sql_trouble trouble;
    *found = 0;
    double start_ms = bench_now_ms();
    if (!sql_cut(text, NULL, &arena, &script, &trouble)) {
        bench_die("the text cannot be cut: %s", trouble.err.message);
    }
    if (way == WAY_DESCRIBE) {
        sql_describe(&script, &arena);
        *found = script.count;
    } else if (way == WAY_STUDY) {
        sql_study(&script, 15, &arena, ignore, found);
    } else {
        *found = judge(&script, text, sent, &arena);
    }
    double ms = bench_now_ms() - start_ms;
    arena_release(&arena);
    if (*found == 0) {
        bench_die("nothing was found");
    }
    return ms;
}

/* ----------------------------------------------------------------- programs */

enum {
    CANNOT_START = 98,
};

/* Ours ends with 0 or 10, squawk with 0 or 1: without findings, or with some. */
static struct bench_child lint_file(const char *const *argv, int with_findings)
{
    struct bench_child child = bench_run(argv, NULL);
    if (child.status != 0 && child.status != with_findings && child.status != CANNOT_START) {
        bench_die("%s ended with %d", argv[0], child.status);
    }
    return child;
}

static void compare_programs(struct str text, long rounds)
{
    char path[BENCH_PATH];
    bench_path(path, "%s/orders.sql", bench_must_folder());
    const char *const ours[] = {"build/gonogo", "explain", path, NULL};
    const char *const peer[] = {"squawk", "--reporter=gcc", path, NULL};
    struct bench_series ms = {0}, mib = {0}, peer_ms = {0}, peer_mib = {0};
    bench_write(path, text);
    for (long i = 0; i < rounds; i++) {
        struct bench_child child = lint_file(ours, 10);
        if (child.status == CANNOT_START) {
            bench_die("build/gonogo cannot be started");
        }
        bench_add(&ms, child.ms);
        bench_add(&mib, child.peak_mib);
        child = lint_file(peer, 1);
        if (child.status != CANNOT_START) {
            bench_add(&peer_ms, child.ms);
            bench_add(&peer_mib, child.peak_mib);
        }
    }
    bool with_peer = peer_ms.count > 0;
    char what[96];
    (void)snprintf(what, sizeof what, "explain of %zu kB, start to exit", text.len / 1000);
    struct bench_row row = {.id = "P11",
                            .what = what,
                            .ours = bench_median(&ms),
                            .peer = with_peer ? bench_median(&peer_ms) : 0,
                            .peer_name = with_peer ? "squawk" : "squawk is not installed",
                            .goal = with_peer ? BENCH_OF_PEER : BENCH_REPORTED,
                            .limit = 1};
    bench_print(&row);
    row.what = "peak memory of it";
    row.unit = BENCH_MIB;
    row.ours = bench_median(&mib);
    row.peer = with_peer ? bench_median(&peer_mib) : 0;
    row.goal = BENCH_AT_MOST;
    row.limit = 130;
    bench_print(&row);
}

static void compare(size_t bytes, long rounds, double limit_ms)
{
    struct strbuf text = {0};
    struct bench_series series[WAY__COUNT] = {0};
    size_t found[WAY__COUNT];
    write_text(&text, bytes);
    for (long i = 0; i < rounds; i++) {
        for (enum way way = 0; way < WAY__COUNT; way++) {
            bench_add(&series[way],
                      measure(strbuf_str(&text), way, LINT_TRANSACTION_EACH, &found[way]));
        }
    }
    char facts[96], rules[96];
    (void)snprintf(facts, sizeof facts, "facts of %zu kB of migrations, %zu actions",
                   text.len / 1000, found[WAY_STUDY]);
    (void)snprintf(rules, sizeof rules, "the same with every rule, %zu findings",
                   found[WAY_JUDGE]);
    struct bench_row row = {.id = "P11",
                            .what = facts,
                            .ours = bench_median(&series[WAY_STUDY]),
                            .floor = bench_median(&series[WAY_DESCRIBE]),
                            .floor_name = "described",
                            .goal = BENCH_REPORTED};
    bench_print(&row);
    row.what = rules;
    row.ours = bench_median(&series[WAY_JUDGE]);
    row.goal = BENCH_AT_MOST;
    row.limit = limit_ms;
    bench_print(&row);
    compare_programs(strbuf_str(&text), rounds);
    strbuf_release(&text);
}

/* ------------------------------------------------------------------- growth */

/* What a plan may hold many of; four times as many take four times as long. */
static const struct {
    const char *what;
    const char *each; /* %1$d: its number */
    const char *before;
    const char *between;
    const char *after;
} shapes[] = {
    {"tables made", "CREATE TABLE app.t%1$d (id bigint PRIMARY KEY, a int);\n", "", "", ""},
    {"policies of one table",
     "CREATE POLICY p%1$d ON app.t FOR SELECT TO r%1$d USING (a = %1$d);\n", "", "", ""},
    {"policies of one table, each found",
     "CREATE POLICY p%1$d ON app.t FOR SELECT TO r USING (a = %1$d);\n", "", "", ""},
    {"policies dropped and made again",
     "DROP POLICY p ON app.t;\n"
     "CREATE POLICY p ON app.t FOR SELECT TO r USING (a = %1$d);\n",
     "", "", ""},
    {"settings, and as many drops", "SET app.v%1$d = '1';\nDROP TABLE app.t%1$d;\n", "", "",
     ""},
    {"locks in one transaction", "ALTER TABLE app.t%1$d ADD COLUMN b int;\n", "", "", ""},
    {"weak locks, each row touched", "UPDATE app.t%1$d SET b = 1;\n", "", "", ""},
    {"indexes made and dropped",
     "CREATE INDEX i%1$d ON app.t%1$d (a);\nDROP INDEX app.i%1$d;\n", "", "", ""},
    {"columns of one table", "ALTER TABLE app.t ADD COLUMN c%1$d int NOT NULL;\n", "", "", ""},
    {"waivers, and what they waive",
     "-- gonogo: waive D1 by anna: wanted\nDROP TABLE app.t%1$d;\n", "", "", ""},
    {"objects of one statement", "app.t%1$d", "DROP TABLE ", ", ", ";\n"},
    {"foreign keys of one statement", "c%1$d bigint REFERENCES app.r%1$d (id)",
     "CREATE TABLE app.t (\n", ",\n", ");\n"},
    {"changes of one statement", "DROP COLUMN c%1$d", "ALTER TABLE app.t\n", ",\n", ";\n"},
    {"tables of one query", "app.t%1$d a%1$d", "CREATE VIEW app.v AS SELECT 1 FROM\n", ",\n",
     ";\nDROP VIEW app.v;\n"},
    {"names of one WITH", "w%1$d AS (SELECT 1 FROM app.t%1$d)", "WITH ", ",\n",
     " SELECT 1;\nDROP VIEW app.v;\n"},
    {"statements of one body", "    UPDATE app.t%1$d SET a = 1;\n", "DO $$ BEGIN\n", "",
     "END $$;\n"},
};

static void write_shape(struct strbuf *out, size_t shape, int count)
{
    strbuf_text(out, shapes[shape].before);
    for (int i = 0; i < count; i++) {
        strbuf_text(out, i > 0 ? shapes[shape].between : "");
        strbuf_format(out, shapes[shape].each, i);
    }
    strbuf_text(out, shapes[shape].after);
}

static void compare_growth(long rounds)
{
    enum {
        FEW = 5000,
        TIMES = 4,
    };
    for (size_t shape = 0; shape < COUNT_OF(shapes); shape++) {
        struct bench_series few = {0};
        struct bench_series many = {0};
        struct strbuf few_text = {0};
        struct strbuf many_text = {0};
        size_t found;
        write_shape(&few_text, shape, FEW);
        write_shape(&many_text, shape, TIMES * FEW);
        for (long i = 0; i < rounds; i++) {
            bench_add(&few,
                      measure(strbuf_str(&few_text), WAY_JUDGE, LINT_TRANSACTION_ONE, &found));
            bench_add(&many,
                      measure(strbuf_str(&many_text), WAY_JUDGE, LINT_TRANSACTION_ONE, &found));
        }
        char what[96];
        (void)snprintf(what, sizeof what, "rules over %d %s", TIMES * FEW, shapes[shape].what);
        struct bench_row row = {.id = "P11",
                                .what = what,
                                .ours = bench_median(&many),
                                .floor = TIMES * bench_median(&few),
                                .floor_name = "four times a quarter",
                                .goal = BENCH_OF_FLOOR,
                                .limit = 1.5};
        bench_print(&row);
        strbuf_release(&few_text);
        strbuf_release(&many_text);
    }
}

int main(void)
{
    compare(1000 * 1000, bench_number("BENCH_ROUNDS", 11), 170);
    if (bench_number("BENCH_LARGE", 0) > 0) {
        compare(20 * 1000 * 1000, 3, 3600);
    }
    compare_growth(bench_number("BENCH_ROUNDS", 5));
    return 0;
}
