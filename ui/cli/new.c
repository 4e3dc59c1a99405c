/* SPDX-License-Identifier: PostgreSQL */
/*
 * new: a plan for files that exist, on standard output, to be finished by a person.
 * It holds the hashes, the order, the transaction that each file allows, an undo file
 * when one lies beside it, and stubs for what only people know. `check` accepts it
 * as it is and says what is still missing.
 */
#include "cli_private.h"
#include "sql.h"

#include <ctype.h>
#include <unistd.h>

enum {
    FILE_MAX = 64 * 1024 * 1024
};

struct new_step {
    const char *file;
    struct str id;
    struct sha256_hex hash;
    const char *transaction;
    const char *remark; /* why not one transaction; NULL */
    const char *undo;   /* NULL: none was found */
    size_t drops;
};

static struct str base_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    struct str base = str_from(slash ? slash + 1 : file);
    return str_ends(base, ".sql") ? str_slice(base, 0, base.len - 4) : base;
}

/* 011_fix.sql is 011, V2__add.sql is 2, anything else is called as its file. */
static struct str version_of(struct arena *arena, const char *file)
{
    struct str base = base_of(file);
    size_t from = base.len > 1 && base.ptr[0] == 'V' && isdigit((unsigned char)base.ptr[1]);
    size_t end = from;
    while (end < base.len && isdigit((unsigned char)base.ptr[end])) {
        end++;
    }
    if (end > from) {
        return str_slice(base, from, end - from);
    }
    struct strbuf name = {0};
    for (size_t i = 0; i < base.len; i++) {
        bool fine = isalnum((unsigned char)base.ptr[i]) || strchr("._-", base.ptr[i]);
        strbuf_byte(&name, fine ? base.ptr[i] : '_');
    }
    struct str kept = str_dup(arena, strbuf_str(&name));
    strbuf_release(&name);
    return kept;
}

/* FILE_down.sql, FILE.down.sql, or VERSION_down.sql in the same folder. */
static const char *undo_of(struct arena *arena, const struct new_step *step)
{
    struct str file = str_from(step->file);
    struct str stem = str_ends(file, ".sql") ? str_slice(file, 0, file.len - 4) : file;
    const char *slash = strrchr(step->file, '/');
    struct str folder = str_slice(file, 0, slash ? (size_t)(slash + 1 - step->file) : 0);
    const struct str guesses[] = {
        str_format(arena, "%.*s_down.sql", STR_ARG(stem)),
        str_format(arena, "%.*s.down.sql", STR_ARG(stem)),
        str_format(arena, "%.*s%.*s_down.sql", STR_ARG(folder), STR_ARG(step->id)),
    };
    for (size_t i = 0; i < COUNT_OF(guesses); i++) {
        const char *guess = str_text(arena, guesses[i]);
        if (strcmp(guess, step->file) != 0 && access(guess, R_OK) == 0) {
            return guess;
        }
    }
    return NULL;
}

static void choose_transaction(struct new_step *step, const struct sql_script *script)
{
    struct sql_transaction outer = sql_outer_transaction(script);
    step->transaction = "one";
    for (size_t i = 0; i < script->count; i++) {
        if (script->statements[i].transactional == SQL_NO) {
            step->transaction = "each";
            step->remark = "holds a statement that cannot run in a transaction";
        }
        step->drops +=
            script->statements[i].tag && strcmp(script->statements[i].tag, "DROP TABLE") == 0
                ? 1
                : 0;
    }
    if (outer.outer == SQL_OUTER_STRAY || outer.outer == SQL_OUTER_OPEN ||
        outer.outer == SQL_OUTER_HIDDEN) {
        step->transaction = "file";
        step->remark = "has transaction control of its own";
    }
}

static bool read_step(struct arena *arena, const char *file, struct new_step *step,
                      struct err *err)
{
    if (file[0] == '/' || strstr(file, "..")) {
        err_set(err, ERR_USAGE, "\"%s\" is not beneath the folder of the plan", file);
        err_hint(err, "Go into the folder that the plan will stand in, and name its files "
                      "from there. Nothing was written.");
        return false;
    }
    struct strbuf bytes = {0};
    struct sql_script script = {0};
    struct sql_trouble trouble;
    *step = (struct new_step){.file = file};
    bool ok = cli_read_file(file, FILE_MAX, &bytes, err);
    if (ok && !sql_cut(strbuf_str(&bytes), NULL, arena, &script, &trouble)) {
        ok = sql_trouble_to_err(&trouble, file, err);
    }
    if (ok) {
        sql_describe(&script, arena);
        step->hash = sha256_of(strbuf_str(&bytes));
        step->id = version_of(arena, file);
        step->undo = undo_of(arena, step);
        choose_transaction(step, &script);
    }
    strbuf_release(&bytes);
    return ok;
}

static void write_head(struct strbuf *out)
{
    strbuf_text(
        out,
        "# yaml-language-server: $schema=../schema/plan-v1.schema.json\n"
        "version: 1\n"
        "name: New plan\n"
        "\n"
        "# window: { date: \"2024-01-31\", weekday: wed, timezone: UTC, opens: \"08:00\", "
        "closes: \"12:00\" }\n"
        "search_path: [public]\n"
        "ledger: { table: schema_migrations, style: plain, create: true }\n"
        "\n"
        "targets:                       # connection keys are libpq's; what is not said comes "
        "from PG* and flags\n"
        "  - id: staging\n"
        "    environment: staging\n"
        "  # - id: production\n"
        "  #   environment: production\n"
        "  #   guarded: true\n"
        "  #   service: app_prod\n"
        "  #   sslmode: verify-full\n"
        "  #   expect_database: app\n"
        "  #   system_identifier: \"7318264410982341234\"\n"
        "\n"
        "# roles:\n"
        "#   - { id: dba, title: Database Admin, people: [anna], votes: true }\n"
        "\n"
        "safety: { lock_timeout: 2s, statement_timeout: 60s, idle_in_transaction: 10s, "
        "stop_after: every_file }\n"
        "\n"
        "# state:                       # what the plan starts from and leads to\n"
        "#   count:\n"
        "#     - { what: tables, before: 52, after: 43 }\n"
        "\n"
        "# backup:\n"
        "#   - { id: dump, kind: pg_dump, level: compared, restore_test: scratch, required: "
        "true }\n"
        "\n"
        "steps:\n");
}

static void write_step(struct strbuf *out, const struct new_step *step)
{
    strbuf_text(out, "  - migration: ");
    json_quote(out, step->id);
    strbuf_text(out, "\n    file: ");
    json_quote(out, str_from(step->file));
    strbuf_format(out, "\n    sha256: \"%s\"\n    transaction: %s", step->hash.text,
                  step->transaction);
    if (step->remark) {
        strbuf_format(out, "            # %s", step->remark);
    }
    if (step->undo) {
        strbuf_text(out, "\n    undo: ");
        json_quote(out, str_from(step->undo));
    } else {
        strbuf_text(out, "\n    # undo: FILE.sql            # or none, when there is no way "
                         "back but a restore");
    }
    if (step->drops > 0) {
        strbuf_format(out, "\n    expect: { drops: %zu }", step->drops);
    }
    strbuf_text(out, "\n    # expect: { time: 200ms, errors: 0, warnings: 0 }\n"
                     "    # checks:\n"
                     "    #   - { id: V");
    strbuf_add(out, step->id);
    strbuf_text(out, "-1, name: what must be true now, sql: select count(*) from t, equals: 0 "
                     "}\n");
}

static void write_tail(struct strbuf *out)
{
    strbuf_text(out, "\n"
                     "# verification:\n"
                     "#   sets:\n"
                     "#     - name: Core tables intact\n"
                     "#       checks:\n"
                     "#         - { id: Q01, name: no kept table lost rows, builtin: "
                     "rows_per_kept_table, at_least: before }\n"
                     "\n"
                     "# rollback:\n"
                     "#   - { id: dump, title: Restore the dump, kind: restore, from: dump, "
                     "restores: everything }\n");
}

int cli_run_new(struct cli *cli)
{
    struct err err = {0};
    struct strbuf out = {0};
    size_t count = cli->operand_count;
    struct new_step *steps = arena_array(&cli->arena, count, sizeof(*steps));
    write_head(&out);
    for (size_t i = 0; i < count; i++) {
        if (!read_step(&cli->arena, cli->operands[i], &steps[i], &err)) {
            strbuf_release(&out);
            return cli_fail(&err);
        }
        write_step(&out, &steps[i]);
    }
    write_tail(&out);
    cli_out(&out);
    strbuf_release(&out);
    (void)snprintf(cli->next, sizeof(cli->next),
                   "save it as plan.yaml, then gonogo check "
                   "plan.yaml");
    return 0;
}
