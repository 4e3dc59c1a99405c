/* SPDX-License-Identifier: PostgreSQL */
/*
 * P18: a plan of 1,000 steps is read and judged, positions, unknown keys, hashes of its
 * files and all. The floor is libyaml alone making its node tree of the same bytes.
 */
#include <yaml.h>

#include "base.h"
#include "bench.h"
#include "plan.h"

enum {
    STEPS = 1000,
};

static const char file_text[] = "select 1;\n";

static void write_plan(struct strbuf *out)
{
    struct sha256_hex hash = sha256_of(str_from(file_text));
    strbuf_text(out, "version: 1\nname: A thousand steps\nsearch_path: [public]\n"
                     "ledger: { table: schema_migrations, style: plain, create: true }\n"
                     "targets:\n  - { id: scratch, environment: scratch }\nsteps:\n");
    for (int i = 1; i <= STEPS; i++) {
        strbuf_format(out,
                      "  - migration: \"%04d\"\n    file: m/%04d.sql\n"
                      "    sha256: \"%s\"\n    undo: none\n",
                      i, i, hash.text);
    }
}

static double load(struct str bytes)
{
    struct arena arena = {0};
    struct plan_diagnostics diagnostics = {0};
    double start_ms = bench_now_ms();
    const struct plan *plan = plan_read(bytes, STR("plan.yaml"), &arena, &diagnostics);
    bool good = plan != NULL;
    if (good) {
        size_t count;
        (void)plan_files(plan, &count);
        struct plan_file_state *states = arena_array(&arena, count, sizeof(*states));
        for (size_t i = 0; i < count; i++) {
            states[i].bytes = str_from(file_text);
        }
        good = plan_check(plan, states, &diagnostics) && plan->steps.count == STEPS;
    }
    double ms = bench_now_ms() - start_ms;
    if (!good) {
        struct strbuf text = {0};
        for (size_t i = 0; i < diagnostics.count && i < 3; i++) {
            plan_diagnostic_text(&text, &diagnostics, &diagnostics.items[i]);
            strbuf_byte(&text, '\n');
        }
        bench_die("the plan is not good: %.*s", STR_ARG(strbuf_str(&text)));
    }
    plan_diagnostics_release(&diagnostics);
    arena_release(&arena);
    return ms;
}

static double load_floor(struct str bytes)
{
    yaml_parser_t parser;
    yaml_document_t document;
    double start_ms = bench_now_ms();
    bool good = yaml_parser_initialize(&parser) == 1;
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes.ptr, bytes.len);
    good = good && yaml_parser_load(&parser, &document) == 1;
    double ms = bench_now_ms() - start_ms;
    if (!good) {
        bench_die("libyaml cannot read the plan");
    }
    yaml_document_delete(&document);
    yaml_parser_delete(&parser);
    return ms;
}

int main(void)
{
    struct strbuf bytes = {0};
    struct bench_series ours = {0};
    struct bench_series floor = {0};
    char what[96];
    write_plan(&bytes);
    long rounds = bench_number("BENCH_ROUNDS", 21);
    for (long i = 0; i < rounds; i++) {
        bench_add(&ours, load(strbuf_str(&bytes)));
        bench_add(&floor, load_floor(strbuf_str(&bytes)));
    }
    (void)snprintf(what, sizeof(what), "plan of %d steps (%zu kB) read and checked", STEPS,
                   bytes.len / 1000);
    bench_print(&(struct bench_row){.id = "P18",
                                    .what = what,
                                    .ours = bench_median(&ours),
                                    .floor = bench_median(&floor),
                                    .floor_name = "libyaml tree",
                                    .goal = BENCH_AT_MOST,
                                    .limit = 20});
    strbuf_release(&bytes);
    return 0;
}
