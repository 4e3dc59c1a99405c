/* SPDX-License-Identifier: PostgreSQL */
/*
 * SNAPSHOT: counts, members, rows per table and the plan's own counting queries, all in
 * one REPEATABLE READ transaction that reads only and refuses to count what row security
 * would hide. What is found goes into the run directory under its hash; the event
 * carries counts and what differs, judged by what the plan declares.
 */
#include "perform_ask.h"
#include "perform_before.h"
#include "perform_look.h"

#define SNAPSHOT_TIMEOUT_US (30 * US_PER_MINUTE)

enum snapshot_stage {
    SNAPSHOT_BEGIN,
    SNAPSHOT_SETTINGS,
    SNAPSHOT_COUNTS,
    SNAPSHOT_MEMBERS,
    SNAPSHOT_TABLES,
    SNAPSHOT_ROWS,
    SNAPSHOT_PATH,      /* the plan's search_path, for its own queries */
    SNAPSHOT_SAVEPOINT, /* so that one bad query does not spoil the rest */
    SNAPSHOT_QUERY,
    SNAPSHOT_UNDO,
    SNAPSHOT_ROLLBACK,
    SNAPSHOT_GIVE_UP, /* ROLLBACK, and then it is told why */
    SNAPSHOT_CHECKS,  /* "before" of the checks that compare with it */
};

struct snapshot_work {
    struct catalog_counts counts;
    struct catalog_row_counts tables;
    size_t next_table;
    size_t next_count; /* of plan->state.count */
    int64_t *queries;  /* one per state.count; -1 = no number came */
    size_t next_check;
    struct ask_check ask;
    struct str trouble; /* the first query that gave no number */
    struct str why;     /* it failed */
};

/* ----------------------------------------------------------------- telling */

static void tell_end(struct job *job)
{
    const struct snapshot_work *work = job->data;
    performer_emit(job->performer, &(struct event){.kind = EVENT_SNAPSHOT,
                                                   .moment = job->effect.moment,
                                                   .outcome = OUTCOME_FAILED,
                                                   .script = -1,
                                                   .text = work->why});
    job_end(job);
}

/* What waits behind this job must not find a transaction that is open or aborted. */
static void tell_failed(struct job *job, struct str why)
{
    struct snapshot_work *work = job->data;
    work->why = str_dup(&job->arena, why);
    if (db_transaction(job->session->db) == DB_TRANSACTION_NONE) {
        tell_end(job);
        return;
    }
    job->stage = SNAPSHOT_GIVE_UP;
    job_say(job, "rollback");
}

static void tell_rows(struct job *job, struct str blob)
{
    struct snapshot_work *work = job->data;
    struct event_item *items = arena_array(&job->arena, work->tables.count + 1, sizeof(*items));
    for (size_t i = 0; i < work->tables.count; i++) {
        const struct catalog_table_rows *table = &work->tables.tables[i];
        items[i].name =
            str_format(&job->arena, "%.*s.%.*s", STR_ARG(table->schema), STR_ARG(table->table));
        items[i].value = table->rows;
        items[i].flag = table->exact;
    }
    performer_emit(job->performer, &(struct event){.kind = EVENT_ROWS,
                                                   .moment = job->effect.moment,
                                                   .outcome = OUTCOME_OK,
                                                   .script = -1,
                                                   .hash = blob,
                                                   .items = items,
                                                   .item_count = work->tables.count});
}

static size_t list_counts(struct job *job, struct event_item *items)
{
    struct snapshot_work *work = job->data;
    const struct plan_counts *counts = &job->performer->plan->plan->state.count;
    size_t count = 0;
    for (int kind = 0; kind < COUNT__COUNT; kind++) {
        struct str word = str_from(catalog_count_infos[kind].word);
        items[count++] = (struct event_item){
            .kind = word, .name = word, .value = work->counts.value[kind], .flag = true};
    }
    for (size_t i = 0; i < counts->count; i++) {
        if (counts->items[i].what == PLAN_WHAT_QUERY) {
            items[count++] = (struct event_item){.kind = STR("query"),
                                                 .name = counts->items[i].id,
                                                 .value = work->queries[i],
                                                 .flag = work->queries[i] >= 0};
        }
    }
    return count;
}

/* ----------------------------------------------------------------- changes */

static enum change_kind kind_of(enum catalog_change_what what)
{
    switch (what) {
    case CATALOG_NEW:
        return CHANGE_NEW;
    case CATALOG_GONE:
        return CHANGE_GONE;
    case CATALOG_CHANGED:
    case CATALOG_REORDERED:
        return CHANGE_CHANGED;
    }
    return CHANGE_CHANGED;
}

static struct event_change change_of(struct job *job, const struct catalog_change *change,
                                     bool planned, struct str home)
{
    struct event_change out = {
        .what = str_from(catalog_count_infos[change->kind].word),
        .name = catalog_member_label(&job->arena, catalog_change_member(change), home),
        .kind = kind_of(change->what),
        .planned = planned,
    };
    if (change->what == CATALOG_CHANGED) {
        out.old_definition = change->before->definition;
        out.new_definition = change->after->definition;
    } else if (change->what == CATALOG_REORDERED) {
        out.old_definition =
            str_format(&job->arena, "at place %lld", (long long)change->before->position);
        out.new_definition =
            str_format(&job->arena, "at place %lld", (long long)change->after->position);
    }
    return out;
}

/* Declared and not done: no difference shows it, so it is said as one. */
static struct event_change missing_of(const struct check_finding *finding)
{
    return (struct event_change){
        .what = str_from(catalog_count_infos[finding->what].word),
        .name = finding->name,
        .kind = CHANGE_CHANGED,
        .planned = false,
        .old_definition = STR("declared by the plan"),
        .new_definition = STR("did not happen"),
    };
}

static size_t list_changes(struct job *job, const struct catalog_snapshot *from,
                           const struct catalog_snapshot *to, struct event_change **out)
{
    const struct plan *plan = job->performer->plan->plan;
    enum moment moment = job->effect.moment;
    bool judged = moment == MOMENT_NOW || moment == MOMENT_LAST;
    struct str home =
        plan->state.schemas.count > 0 ? plan->state.schemas.items[0] : STR("public");
    struct catalog_diff diff = {0};
    struct check_changes changes = {0};
    catalog_diff(&diff, from, to);
    if (judged) {
        check_changes(&changes, plan, &diff, true, &job->arena);
    }
    size_t count = 0;
    struct event_change *list =
        arena_array(&job->arena, diff.count + changes.count + 1, sizeof(*list));
    for (size_t i = 0; i < diff.count; i++) {
        bool planned = judged && i < changes.planned_count && changes.planned[i];
        list[count++] = change_of(job, &diff.changes[i], planned, home);
    }
    for (size_t i = 0; i < changes.count; i++) {
        if (changes.findings[i].kind == FINDING_MISSING) {
            list[count++] = missing_of(&changes.findings[i]);
        }
    }
    check_changes_release(&changes);
    catalog_diff_release(&diff);
    *out = list;
    return count;
}

static const struct catalog_snapshot *reference(struct performer *performer, enum moment moment)
{
    enum moment other = moment == MOMENT_BEFORE ? MOMENT_REVIEW : MOMENT_BEFORE;
    bool none = moment == MOMENT_REVIEW || moment == MOMENT_BACKUP;
    return !none && performer->has_snapshot[other] ? &performer->snapshots[other] : NULL;
}

/* ------------------------------------------------------------------ the end */

static bool store(struct job *job, struct str bytes, struct sha256_hex *name)
{
    struct err err = {0};
    if (!journal_store_blob(job->performer->journal, bytes, name, &err)) {
        tell_failed(
            job, str_format(&job->arena, "the snapshot could not be stored: %s", err.message));
        return false;
    }
    return true;
}

static void finish(struct job *job)
{
    struct performer *performer = job->performer;
    struct snapshot_work *work = job->data;
    enum moment moment = job->effect.moment;
    struct catalog_snapshot *snapshot = &performer->snapshots[moment];
    struct sha256_hex name;
    struct sha256_hex before_name = {{0}};
    struct strbuf text = {0};
    catalog_snapshot_write(snapshot, &text);
    bool ok = store(job, strbuf_str(&text), &name);
    if (ok && moment == MOMENT_BEFORE) {
        before_keep_rows(performer, &work->tables);
        strbuf_clear(&text);
        before_write(performer, &text);
        ok = store(job, strbuf_str(&text), &before_name);
    }
    strbuf_release(&text);
    if (!ok) {
        return;
    }
    tell_rows(job, str_from(before_name.text));
    struct event_item *items = arena_array(
        &job->arena, COUNT__COUNT + performer->plan->plan->state.count.count, sizeof(*items));
    struct event event = {.kind = EVENT_SNAPSHOT,
                          .moment = moment,
                          .outcome = OUTCOME_OK,
                          .script = -1,
                          .hash = sha256_str(&name),
                          .text = work->trouble,
                          .items = items};
    event.item_count = list_counts(job, items);
    struct event_change *changes = NULL;
    const struct catalog_snapshot *from = reference(performer, moment);
    if (from) {
        event.change_count = list_changes(job, from, snapshot, &changes);
        event.changes = changes;
    }
    performer_emit(performer, &event);
    job_end(job);
}

/* -------------------------------------------------------------------- steps */

static void ask_config(struct job *job, const char *search_path)
{
    const char *params[] = {search_path};
    job_ask(job,
            "select pg_catalog.set_config('search_path', $1, true), "
            "pg_catalog.set_config('row_security', 'off', true), "
            "pg_catalog.set_config('statement_timeout', '0', true)",
            params, COUNT_OF(params));
}

static void ask_schemas(struct job *job, const char *sql)
{
    const char *params[] = {str_text(&job->arena, job->performer->schemas)};
    job_ask(job, sql, params, COUNT_OF(params));
}

static void ask_rows(struct job *job)
{
    struct snapshot_work *work = job->data;
    struct strbuf sql = {0};
    if (catalog_rows_statement(&sql, &work->tables,
                               job->performer->plan->plan->rows_exact_below,
                               &work->next_table)) {
        const char *text = str_text(&job->arena, strbuf_str(&sql));
        job->stage = SNAPSHOT_ROWS;
        job_ask(job, text, NULL, 0);
    } else {
        job->stage = SNAPSHOT_PATH;
        ask_config(job, str_text(&job->arena, job->performer->search_path));
    }
    strbuf_release(&sql);
}

static const struct plan_count *next_query(struct job *job)
{
    struct snapshot_work *work = job->data;
    const struct plan_counts *counts = &job->performer->plan->plan->state.count;
    while (work->next_count < counts->count) {
        const struct plan_count *count = &counts->items[work->next_count];
        if (count->what == PLAN_WHAT_QUERY) {
            return count;
        }
        work->next_count++;
    }
    return NULL;
}

static void ask_savepoint(struct job *job)
{
    if (next_query(job)) {
        job->stage = SNAPSHOT_SAVEPOINT;
        job_say(job, "savepoint gonogo");
    } else {
        job->stage = SNAPSHOT_ROLLBACK;
        job_say(job, "rollback");
    }
}

static void ask_query(struct job *job)
{
    const struct plan_count *count = next_query(job);
    struct str sql =
        count->file.ptr ? app_plan_bytes(job->performer->plan, count->file) : count->sql;
    job->stage = SNAPSHOT_QUERY;
    struct db_request request = {.sql = sql, .single_row = true, .max_rows = 2};
    job_send(job, &request);
}

static void take_query(struct job *job, const struct db_reply *reply)
{
    struct snapshot_work *work = job->data;
    const struct plan_count *count = next_query(job);
    int64_t value = -1;
    bool one = reply->outcome == DB_OK && reply->rows.row_count == 1 &&
               reply->rows.column_count == 1 &&
               str_to_i64(rows_text(&reply->rows, 0, 0), &value);
    if (!one) {
        value = -1;
        work->trouble =
            str_format(&job->arena, "the count \"%.*s\" gave no number%s%.*s",
                       STR_ARG(count->id), reply->outcome == DB_OK ? "" : ": ",
                       STR_ARG(reply->outcome == DB_OK ? STR("") : job_reply_text(job, reply)));
    }
    work->queries[work->next_count++] = value;
    if (reply->transaction == DB_TRANSACTION_FAILED) {
        job->stage = SNAPSHOT_UNDO;
        job_say(job, "rollback to savepoint gonogo");
    } else if (reply->transaction == DB_TRANSACTION_OPEN) {
        ask_savepoint(job);
    } else {
        tell_failed(job, str_format(&job->arena, "the count \"%.*s\" ended its transaction",
                                    STR_ARG(count->id)));
    }
}

/* The checks that compare with "before" are measured one after the other. */
static void next_check(struct job *job, const struct db_reply *reply)
{
    struct performer *performer = job->performer;
    struct snapshot_work *work = job->data;
    while (work->next_check < performer->before.count) {
        const struct plan_check *check = performer->before.check_of[work->next_check];
        struct err err = {0};
        bool asked = reply != NULL || ask_begin(&work->ask, job, check, false, &err);
        if (asked && !ask_step(&work->ask, job, reply)) {
            return;
        }
        if (asked) {
            struct check_result result;
            check_measure(&work->ask.work, &result);
            before_keep(performer, work->next_check, &result);
        }
        ask_release(&work->ask);
        work->next_check++;
        reply = NULL;
    }
    finish(job);
}

static void after_rollback(struct job *job)
{
    if (job->effect.moment == MOMENT_BEFORE) {
        before_list(job->performer);
        job->stage = SNAPSHOT_CHECKS;
        next_check(job, NULL);
    } else {
        finish(job);
    }
}

static bool take_members(struct job *job, const struct db_reply *reply, struct err *err)
{
    struct performer *performer = job->performer;
    struct snapshot_work *work = job->data;
    enum moment moment = job->effect.moment;
    if (performer->has_snapshot[moment]) {
        catalog_snapshot_release(&performer->snapshots[moment]);
    }
    performer->snapshots[moment] = (struct catalog_snapshot){0};
    performer->has_snapshot[moment] =
        catalog_snapshot_read(&performer->snapshots[moment], performer->identity.database,
                              &work->counts, &reply->rows, err);
    struct catalog_counts own;
    if (performer->has_snapshot[moment] && ledger_own(performer, &own)) {
        catalog_snapshot_leave_out(&performer->snapshots[moment], performer->ledger.schema,
                                   performer->ledger.table);
        work->counts = performer->snapshots[moment].counts;
    }
    return performer->has_snapshot[moment];
}

static void take_reply(struct job *job, const struct db_reply *reply)
{
    struct snapshot_work *work = job->data;
    struct err err = {0};
    bool ok = true;
    switch ((enum snapshot_stage)job->stage) {
    case SNAPSHOT_BEGIN:
        job->stage = SNAPSHOT_SETTINGS;
        ask_config(job, "pg_catalog, pg_temp");
        break;
    case SNAPSHOT_SETTINGS:
        job->stage = SNAPSHOT_COUNTS;
        ask_schemas(job, catalog_counts_query());
        break;
    case SNAPSHOT_COUNTS:
        ok = catalog_counts_read(&reply->rows, &work->counts, &err);
        if (ok) {
            job->stage = SNAPSHOT_MEMBERS;
            ask_schemas(job, catalog_members_query());
        }
        break;
    case SNAPSHOT_MEMBERS:
        ok = take_members(job, reply, &err);
        if (ok) {
            job->stage = SNAPSHOT_TABLES;
            ask_schemas(job, catalog_tables_query());
        }
        break;
    case SNAPSHOT_TABLES:
        ok = catalog_tables_read(&reply->rows, &job->arena, &work->tables, &err);
        if (ok) {
            ask_rows(job);
        }
        break;
    case SNAPSHOT_ROWS:
        ok = catalog_rows_read(&reply->rows, &work->tables, &err);
        if (ok) {
            ask_rows(job);
        }
        break;
    case SNAPSHOT_PATH:
    case SNAPSHOT_UNDO:
        ask_savepoint(job);
        break;
    case SNAPSHOT_SAVEPOINT:
        ask_query(job);
        break;
    case SNAPSHOT_ROLLBACK:
        after_rollback(job);
        break;
    case SNAPSHOT_QUERY:
    case SNAPSHOT_GIVE_UP:
    case SNAPSHOT_CHECKS:
        break;
    }
    if (!ok) {
        tell_failed(job, str_from(err.message));
    }
}

static void release(struct job *job)
{
    if (job->data) {
        ask_release(&((struct snapshot_work *)job->data)->ask);
    }
}

static void snapshot_step(struct job *job, const struct db_reply *reply)
{
    if (!reply) {
        struct snapshot_work *work = arena_alloc(&job->arena, sizeof(*work));
        size_t counts = job->performer->plan->plan->state.count.count;
        work->queries = arena_array(&job->arena, counts + 1, sizeof(*work->queries));
        job->data = work;
        job->timeout_us = SNAPSHOT_TIMEOUT_US;
        job_say(job, "begin transaction isolation level repeatable read, read only");
    } else if (job->stage == SNAPSHOT_GIVE_UP) {
        tell_end(job);
    } else if (job->stage == SNAPSHOT_QUERY) {
        take_query(job, reply);
    } else if (job->stage == SNAPSHOT_CHECKS) {
        next_check(job, reply);
    } else if (reply->outcome != DB_OK) {
        tell_failed(job, job_reply_text(job, reply));
    } else {
        take_reply(job, reply);
    }
}

void perform_snapshot(struct performer *performer, const struct effect *effect)
{
    struct job *job = job_new(performer, SESSION_CHECK, effect, snapshot_step);
    job->release = release;
    job_start(job);
}

bool performer_load_snapshot(struct performer *performer, enum moment moment, struct str hash,
                             struct err *err)
{
    struct strbuf text = {0};
    bool ok = journal_load_blob(journal_directory_fd(performer->journal), hash, &text, err) &&
              catalog_snapshot_parse(&performer->snapshots[moment], strbuf_str(&text), err);
    performer->has_snapshot[moment] = ok;
    strbuf_release(&text);
    return ok;
}
