/* SPDX-License-Identifier: PostgreSQL */
/*
 * The ledger of the plan: which scripts are applied, is one of them, and the row that
 * is written in the migration's own transaction and proves that it committed.
 */
#include "app_work.h"
#include "perform_look.h"

static struct str head_hash(const struct performer *performer, struct arena *arena)
{
    return str_dup(arena, str_from(journal_head_hash(performer->journal)));
}

/* Text of each statement, for the style that keeps them. */
static void add_statements(struct catalog_ledger_entry *entry, const struct run_script *script,
                           struct arena *arena)
{
    if (!script->sql) {
        return;
    }
    struct str *texts = arena_array(arena, script->sql->count + 1, sizeof(*texts));
    for (size_t i = script->first; i < script->last; i++) {
        texts[entry->statement_count++] = sql_statement_text(script->sql, i);
    }
    entry->statements = texts;
}

struct str ledger_name_of(struct str path)
{
    size_t from = 0;
    size_t at;
    while ((at = str_find_byte(path, '/', from)) < path.len) {
        from = at + 1;
    }
    struct str name = str_slice(path, from, path.len);
    return str_ends(name, ".sql") ? str_slice(name, 0, name.len - 4) : name;
}

struct catalog_ledger_entry ledger_entry_of(struct performer *performer,
                                            const struct run_script *script,
                                            struct arena *arena)
{
    const struct plan_step *step = step_of(performer, script);
    struct catalog_ledger_entry entry = {
        .version = script->id,
        .name = ledger_name_of(step && step->file.len > 0 ? step->file : script->file),
        .description = step ? step->name : script->id,
        .duration_ms = script->sql_us > 0 ? script->sql_us / US_PER_MS : -1,
        .run_id = str_from(performer->run_id),
        .journal_head = head_hash(performer, arena),
    };
    if (script->sql) {
        struct sha256_hex hex = sha256_of(script->sql->text);
        entry.checksum = str_dup(arena, sha256_str(&hex));
    }
    add_statements(&entry, script, arena);
    return entry;
}

/* ---------------------------------------------------------------- questions */

void ledger_ask_columns(struct job *job)
{
    struct catalog_ledger *ledger = &job->performer->ledger;
    const char *params[] = {str_text(&job->arena, ledger->schema),
                            str_text(&job->arena, ledger->table)};
    job_ask(job, catalog_ledger_columns_query(), params, COUNT_OF(params));
}

bool ledger_take_columns(struct performer *performer, const struct db_reply *reply,
                         struct err *err)
{
    if (reply->outcome != DB_OK) {
        return db_reply_err(reply, err);
    }
    performer->ledger.column_count = 0;
    return catalog_ledger_columns_read(&performer->ledger, &reply->rows, &performer->arena,
                                       err);
}

/* Sends a catalog statement that was built with cells as parameters. */
static void ask_built(struct job *job, struct strbuf *sql, const struct catalog_params *params)
{
    const char *text = str_text(&job->arena, strbuf_str(sql));
    strbuf_release(sql);
    job_ask_cells(job, text, params->values, params->count);
}

void ledger_ask_row(struct job *job, const struct catalog_ledger_entry *entry)
{
    struct strbuf sql = {0};
    struct catalog_params params = {0};
    catalog_ledger_one(&job->performer->ledger, entry, &sql, &params);
    ask_built(job, &sql, &params);
}

bool ledger_has_row(struct performer *performer, struct job *job, const struct db_reply *reply,
                    const struct catalog_ledger_entry *entry,
                    const struct catalog_ledger_entry **found, struct err *err)
{
    struct catalog_ledger_list list;
    *found = NULL;
    if (reply->outcome != DB_OK) {
        return db_reply_err(reply, err);
    }
    if (!catalog_ledger_read(&performer->ledger, &reply->rows, &job->arena, &list, err)) {
        return false;
    }
    *found = catalog_ledger_find(&performer->ledger, &list, entry);
    return true;
}

/* -------------------------------------------------------------------- looks */

/* Where the ledger keeps digests, a row is this file's only with this file's. */
static struct str row_word(const struct catalog_ledger *ledger,
                           const struct catalog_ledger_entry *entry,
                           const struct catalog_ledger_entry *found)
{
    bool same = !catalog_ledger_has_checksums(ledger) ||
                (entry->checksum.len > 0 && str_is(entry->checksum, found->checksum));
    return same ? STR("applied") : STR("other bytes");
}

static void tell_applied(struct job *job, const struct db_reply *reply)
{
    struct performer *performer = job->performer;
    const struct run *run = performer->run;
    struct catalog_ledger_list list;
    struct err err = {0};
    if (!catalog_ledger_read(&performer->ledger, &reply->rows, &job->arena, &list, &err)) {
        look_tell(job, OUTCOME_FAILED, (struct str){0}, str_from(err.message));
        return;
    }
    struct event_item *items = arena_array(&job->arena, run->script_count + 1, sizeof(*items));
    size_t count = 0;
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        if (script->kind != SCRIPT_MIGRATION) {
            continue;
        }
        struct catalog_ledger_entry entry = ledger_entry_of(performer, script, &job->arena);
        const struct catalog_ledger_entry *found =
            catalog_ledger_find(&performer->ledger, &list, &entry);
        if (found) {
            items[count++] =
                (struct event_item){.kind = row_word(&performer->ledger, &entry, found),
                                    .name = script->id,
                                    .value = found->applied_at_us,
                                    .flag = found->dirty};
        }
    }
    performer_emit(performer, &(struct event){.kind = EVENT_LOOKED,
                                              .look = LOOK_LEDGER,
                                              .outcome = OUTCOME_OK,
                                              .script = -1,
                                              .items = items,
                                              .item_count = count,
                                              .value = (int64_t)list.count});
    job_end(job);
}

void look_ledger(struct job *job, const struct db_reply *reply)
{
    struct performer *performer = job->performer;
    if (!performer->has_ledger) {
        look_tell(job, OUTCOME_OK, (struct str){0}, STR("the plan names no ledger"));
        return;
    }
    if (!reply) {
        ledger_ask_columns(job);
        return;
    }
    struct err err = {0};
    if (job->stage++ > 0) {
        if (!look_refused(job, reply, OUTCOME_FAILED)) {
            tell_applied(job, reply);
        }
        return;
    }
    if (!ledger_take_columns(performer, reply, &err)) {
        look_tell(job, OUTCOME_FAILED, (struct str){0}, str_from(err.message));
    } else if (performer->ledger.exists) {
        struct strbuf sql = {0};
        catalog_ledger_all(&performer->ledger, &sql);
        const char *text = str_text(&job->arena, strbuf_str(&sql));
        strbuf_release(&sql);
        job_ask(job, text, NULL, 0);
    } else if (performer->plan->plan->ledger.create) {
        look_tell(job, OUTCOME_OK, (struct str){0},
                  STR("the ledger table is not there yet: the first migration makes it"));
    } else {
        look_tell(job, OUTCOME_FAILED, (struct str){0},
                  str_format(&job->arena,
                             "the ledger table %.*s.%.*s is not there, and the plan does not "
                             "say \"create: true\"",
                             STR_ARG(performer->ledger.schema),
                             STR_ARG(performer->ledger.table)));
    }
}

void look_ledger_row(struct job *job, const struct db_reply *reply)
{
    struct performer *performer = job->performer;
    const struct run_script *script = script_of(performer, job->effect.script);
    struct err err = {0};
    if (!performer->has_ledger || !script) {
        look_tell(job, OUTCOME_UNKNOWN, (struct str){0}, STR("the plan names no ledger"));
        return;
    }
    if (!reply) {
        ledger_ask_columns(job);
        return;
    }
    struct catalog_ledger_entry entry = ledger_entry_of(performer, script, &job->arena);
    if (job->stage++ == 0) {
        if (!ledger_take_columns(performer, reply, &err)) {
            look_tell(job, OUTCOME_UNKNOWN, (struct str){0}, str_from(err.message));
        } else if (!performer->ledger.exists) {
            look_tell(job, OUTCOME_FAILED, script->id, STR("there is no ledger table"));
        } else {
            ledger_ask_row(job, &entry);
        }
        return;
    }
    const struct catalog_ledger_entry *found = NULL;
    if (!ledger_has_row(performer, job, reply, &entry, &found, &err)) {
        look_tell(job, OUTCOME_UNKNOWN, (struct str){0}, str_from(err.message));
    } else {
        look_tell(job, found ? OUTCOME_OK : OUTCOME_FAILED, script->id,
                  found ? STR("its ledger row is there") : STR("it has no ledger row"));
    }
}

/* ---------------------------------------------------------------- our own */

const struct catalog_counts *ledger_own(const struct performer *performer,
                                        struct catalog_counts *counts)
{
    const struct catalog_ledger *ledger = &performer->ledger;
    bool made = ledger->made || performer->run->ledger_made.len > 0;
    if (!performer->has_ledger || !made ||
        !app_ledger_is_apart(performer->plan->plan, ledger)) {
        return NULL;
    }
    catalog_ledger_counts(ledger, counts);
    return counts;
}

/* -------------------------------------------------------------------- write */

enum ledger_stage {
    LEDGER_SETTINGS, /* what the file left on is taken back first */
    LEDGER_COLUMNS,
    LEDGER_SCHEMA,
    LEDGER_CREATED,
    LEDGER_COMMENTED,
    LEDGER_ROW,
    LEDGER_WRITTEN,
};

struct ledger_work {
    struct catalog_ledger_entry entry;
    int settings;
    int64_t us;
    bool made; /* the table was not there, and is ours */
};

static void tell_done(struct job *job, enum outcome outcome, const struct db_reply *reply,
                      struct str text)
{
    struct ledger_work *work = job->data;
    const struct catalog_ledger *ledger = &job->performer->ledger;
    struct str name = work->made ? str_format(&job->arena, "%.*s.%.*s", STR_ARG(ledger->schema),
                                              STR_ARG(ledger->table))
                                 : (struct str){0};
    performer_emit(job->performer,
                   &(struct event){.kind = EVENT_DONE,
                                   .name = name,
                                   .query = QUERY_LEDGER_WRITE,
                                   .outcome = outcome,
                                   .script = job->effect.script,
                                   .us = work->us,
                                   .sqlstate = reply ? reply->sqlstate : (struct str){0},
                                   .text = text});
    job_end(job);
}

/* The version below, for the style with a single row. */
static struct str previous_version(const struct performer *performer,
                                   const struct run_script *script)
{
    const struct plan_steps *steps = &performer->plan->plan->steps;
    struct str previous = {0};
    for (int i = 0; i < script->step; i++) {
        if (steps->items[i].kind == PLAN_STEP_MIGRATION) {
            previous = steps->items[i].id;
        }
    }
    return previous;
}

static void write_row(struct job *job, bool present)
{
    struct performer *performer = job->performer;
    struct ledger_work *work = job->data;
    const struct run_script *script = script_of(performer, job->effect.script);
    struct strbuf sql = {0};
    struct catalog_params params = {0};
    bool any = true;
    if (script->kind == SCRIPT_DOWN) {
        any = present;
        catalog_ledger_remove(&performer->ledger, &work->entry,
                              previous_version(performer, script), &sql, &params);
    } else if (present) {
        any = catalog_ledger_fill(&performer->ledger, &work->entry, &sql, &params);
    } else {
        catalog_ledger_insert(&performer->ledger, &work->entry, &job->arena, &sql, &params);
    }
    if (!any) {
        strbuf_release(&sql);
        tell_done(job, OUTCOME_OK, NULL, (struct str){0});
        return;
    }
    job->stage = LEDGER_WRITTEN;
    ask_built(job, &sql, &params);
}

static void create_next(struct job *job)
{
    struct performer *performer = job->performer;
    struct strbuf sql = {0};
    if (job->stage == LEDGER_COLUMNS &&
        catalog_ledger_create_schema(&performer->ledger, &sql)) {
        job->stage = LEDGER_SCHEMA;
    } else {
        catalog_ledger_create(&performer->ledger, &sql);
        job->stage = LEDGER_CREATED;
    }
    const char *text = str_text(&job->arena, strbuf_str(&sql));
    strbuf_release(&sql);
    job_ask(job, text, NULL, 0);
}

static void ask_own_row(struct job *job)
{
    struct ledger_work *work = job->data;
    job->stage = LEDGER_ROW;
    ledger_ask_row(job, &work->entry);
}

/* What is gonogo's own says so, for the runs after this one. */
static void after_create(struct job *job)
{
    struct performer *performer = job->performer;
    struct ledger_work *work = job->data;
    struct strbuf sql = {0};
    catalog_ledger_created(&performer->ledger);
    work->made = true;
    if (!app_ledger_is_apart(performer->plan->plan, &performer->ledger)) {
        ask_own_row(job);
        return;
    }
    catalog_ledger_comment(&performer->ledger, &sql);
    const char *text = str_text(&job->arena, strbuf_str(&sql));
    strbuf_release(&sql);
    job->stage = LEDGER_COMMENTED;
    job_ask(job, text, NULL, 0);
}

/* A good reply, or the beginning without one: what the stage wanted is taken, the next one
 * asked for. */
static void ledger_take(struct job *job, const struct db_reply *reply)
{
    struct performer *performer = job->performer;
    struct ledger_work *work = job->data;
    const struct catalog_ledger_entry *found = NULL;
    struct err err = {0};
    switch ((enum ledger_stage)job->stage) {
    case LEDGER_SETTINGS:
        if (settings_reset(job, &work->settings, reply) == SETTINGS_CLEAN) {
            job->stage = LEDGER_COLUMNS;
            ledger_ask_columns(job);
        }
        return;
    case LEDGER_COLUMNS:
        if (!ledger_take_columns(performer, reply, &err)) {
            tell_done(job, OUTCOME_FAILED, NULL, str_from(err.message));
        } else if (performer->ledger.exists) {
            job->stage = LEDGER_ROW;
            ledger_ask_row(job, &work->entry);
        } else if (performer->plan->plan->ledger.create) {
            create_next(job);
        } else {
            tell_done(job, OUTCOME_FAILED, NULL, STR("the ledger table is not there"));
        }
        return;
    case LEDGER_SCHEMA:
        create_next(job);
        return;
    case LEDGER_CREATED:
        after_create(job);
        return;
    case LEDGER_COMMENTED:
        ask_own_row(job);
        return;
    case LEDGER_ROW:
        if (!ledger_has_row(performer, job, reply, &work->entry, &found, &err)) {
            tell_done(job, OUTCOME_FAILED, NULL, str_from(err.message));
        } else {
            write_row(job, found != NULL);
        }
        return;
    case LEDGER_WRITTEN:
        tell_done(job, OUTCOME_OK, NULL, (struct str){0});
        return;
    }
}

static void ledger_step(struct job *job, const struct db_reply *reply)
{
    struct performer *performer = job->performer;
    if (!reply) {
        struct ledger_work *work = job->data = arena_alloc(&job->arena, sizeof(*work));
        work->entry =
            ledger_entry_of(performer, script_of(performer, job->effect.script), &job->arena);
        ledger_take(job, NULL);
        return;
    }
    ((struct ledger_work *)job->data)->us += reply->elapsed_us;
    if (reply->outcome == DB_OK) {
        ledger_take(job, reply);
    } else {
        tell_done(job, OUTCOME_FAILED, reply, job_reply_text(job, reply));
    }
}

void perform_ledger(struct performer *performer, const struct effect *effect)
{
    job_start(job_new(performer, SESSION_WORK, effect, ledger_step));
}
