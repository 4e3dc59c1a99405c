/* SPDX-License-Identifier: PostgreSQL */
/*
 * new: a plan for files that exist, on standard output, to be finished by a person.
 * It holds the hashes, the order, the transaction that each file allows, an undo file
 * when one lies beside it, and stubs for what only people know. `check` accepts it
 * as it is and says what is still missing. --from takes a whole folder, by the naming of
 * its tool; --target asks a server, read-only, what is applied there already, and puts
 * its pins and counts into the plan.
 */
#include "cli_private.h"
#include "naming.h"
#include "sql.h"

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
    int down = ok ? sql_down_section(strbuf_str(&bytes)) : 0;
    if (down > 0) {
        err_set(err, ERR_USAGE, "%s:%d: behind \"-- migrate:down\" the file takes itself back",
                file, down);
        err_detail(err, "A file runs as a whole, so it would undo itself.");
        err_hint(err, "Put that part into NAME.down.sql beside it. Nothing was written.");
        ok = false;
    }
    if (ok && !sql_cut(strbuf_str(&bytes), NULL, arena, &script, &trouble)) {
        ok = sql_trouble_to_err(&trouble, file, err);
    }
    if (ok) {
        sql_describe(&script, arena);
        step->hash = sha256_of(strbuf_str(&bytes));
        step->id = naming_version(arena, file);
        step->undo = naming_undo(arena, file);
        choose_transaction(step, &script);
    }
    strbuf_release(&bytes);
    return ok;
}

/* Who it is and what it holds, as the server said it. */
static void write_found(struct strbuf *out, const struct app_found *found)
{
    const struct catalog_identity *identity = &found->identity;
    strbuf_text(out, "targets:\n  - id: target\n    environment: staging          # or "
                     "production, with guarded: true\n    ");
    strbuf_text(out, found->service.len > 0 ? "service: " : "conninfo: ");
    json_quote(out, found->service.len > 0 ? found->service : found->conninfo);
    strbuf_text(out, "\n    expect_database: ");
    json_quote(out, identity->database);
    strbuf_text(out, "\n    expect_role: ");
    json_quote(out, identity->current_user);
    strbuf_format(out, "\n    expect_major: \"%lld\"\n    system_identifier: \"%.*s\"\n\n",
                  (long long)identity->major, STR_ARG(identity->system_identifier));
}

static void write_state(struct strbuf *out, const struct app_found *found)
{
    static const enum count_kind kinds[] = {COUNT_TABLES, COUNT_FOREIGN_KEYS,
                                            COUNT_RLS_POLICIES};
    strbuf_text(out, "state:                         # what the plan starts from and leads to: "
                     "put `after` right\n  schemas: [public]\n  count:\n");
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        long long value = (long long)found->counts.value[kinds[i]];
        strbuf_format(out, "    - { what: %s, before: %lld, after: %lld }\n",
                      catalog_count_infos[kinds[i]].word, value, value);
    }
}

static void write_ledger(struct strbuf *out, const struct app_found *found)
{
    struct strbuf table = {0};
    bool known = found && found->ledger.exists;
    if (known) {
        strbuf_format(&table, "%.*s.%.*s", STR_ARG(found->ledger.schema),
                      STR_ARG(found->ledger.table));
    } else {
        strbuf_text(&table, "schema_migrations");
    }
    strbuf_text(out, "ledger: { table: ");
    json_quote(out, strbuf_str(&table));
    strbuf_format(out, ", style: %s%s }\n\n",
                  known ? catalog_ledger_infos[found->ledger.style].word : "plain",
                  known ? "" : ", create: true");
    strbuf_release(&table);
}

static void write_targets(struct strbuf *out)
{
    strbuf_text(
        out,
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
        "\n");
}

static void write_head(struct strbuf *out, const struct app_found *found)
{
    strbuf_text(
        out, "# yaml-language-server: $schema=plan-v1.schema.json\n"
             "# The schema for editors: `gonogo dev schema >plan-v1.schema.json` beside this "
             "file.\n"
             "version: 1\n"
             "name: New plan\n"
             "\n"
             "# window: { date: \"2024-01-31\", weekday: wed, timezone: UTC, opens: \"08:00\", "
             "closes: \"12:00\" }\n"
             "search_path: [public]\n");
    write_ledger(out, found);
    if (found) {
        write_found(out, found);
    } else {
        write_targets(out);
    }
    strbuf_text(out,
                "# roles:\n"
                "#   - { id: dba, title: Database Admin, people: [anna], votes: true }\n"
                "\n"
                "safety: { lock_timeout: 2s, statement_timeout: 60s, idle_in_transaction: 10s, "
                "stop_after: every_file }\n"
                "\n");
    if (found) {
        write_state(out, found);
    } else {
        strbuf_text(out, "# state:                       # what the plan starts from and leads "
                         "to\n"
                         "#   count:\n"
                         "#     - { what: tables, before: 52, after: 43 }\n");
    }
    strbuf_text(
        out,
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

/* What the server has already is told and left out. */
static bool is_applied(const struct app_found *found, const struct new_step *step,
                       struct strbuf *applied)
{
    if (!found || !app_found_has(found, step->id, step->file)) {
        return false;
    }
    strbuf_format(applied, "%s%.*s", applied->len > 0 ? ", " : "", STR_ARG(step->id));
    return true;
}

static bool write_steps(struct cli *cli, const char *const *files, size_t count,
                        const struct app_found *found, struct strbuf *out, struct err *err)
{
    struct strbuf applied = {0};
    struct strbuf steps = {0};
    bool ok = true;
    size_t written = 0;
    for (size_t i = 0; ok && i < count; i++) {
        struct new_step step;
        ok = read_step(&cli->arena, files[i], &step, err);
        if (ok && !is_applied(found, &step, &applied)) {
            write_step(&steps, &step);
            written++;
        }
    }
    if (ok && written == 0) {
        err_set(err, ERR_USAGE, "nothing is left to plan: the ledger %.*s.%.*s has %s",
                STR_ARG(found->ledger.schema), STR_ARG(found->ledger.table), applied.ptr);
        err_hint(err, "Nothing was written. `gonogo status PLAN` compares a plan with its "
                      "ledger.");
        ok = false;
    }
    if (applied.len > 0) {
        strbuf_format(out, "  # applied already, by the ledger: %s\n", applied.ptr);
    }
    strbuf_add(out, strbuf_str(&steps));
    strbuf_release(&steps);
    strbuf_release(&applied);
    return ok;
}

static bool write_plan(struct cli *cli, const char *const *files, size_t count,
                       struct strbuf *out, struct err *err)
{
    struct app_found found = {0};
    struct app_connection connection = {0};
    const char *target = cli->values[OPTION_TARGET];
    bool ok = cli_connection(cli, &connection, err) &&
              (!target || app_find(target, &connection, &found, err));
    if (ok) {
        write_head(out, target ? &found : NULL);
        ok = write_steps(cli, files, count, target ? &found : NULL, out, err);
        write_tail(out);
    }
    app_found_release(&found);
    return ok;
}

static bool choose_files(struct cli *cli, const char ***files, size_t *count, struct err *err)
{
    const char *folder = cli->values[OPTION_FROM];
    if (!folder == (cli->operand_count == 0)) {
        err_set(err, ERR_USAGE,
                folder ? "--from takes a whole folder, and files are named too"
                       : "`new` takes files, or a folder with --from");
        err_hint(err, "Usage: gonogo new FILE.sql..., or gonogo new --from DIR. Nothing was "
                      "done.");
        return false;
    }
    if (folder) {
        return naming_folder(&cli->arena, folder, files, count, err);
    }
    *files = cli->operands;
    *count = cli->operand_count;
    return true;
}

int cli_run_new(struct cli *cli)
{
    struct err err = {0};
    struct strbuf out = {0};
    const char **files = NULL;
    size_t count = 0;
    int code = 0;
    if (choose_files(cli, &files, &count, &err) && write_plan(cli, files, count, &out, &err)) {
        cli_out(&out);
        (void)snprintf(cli->next, sizeof(cli->next),
                       "save it as plan.yaml, then gonogo check plan.yaml");
    } else {
        code = cli_fail(&err);
    }
    strbuf_release(&out);
    return code;
}
