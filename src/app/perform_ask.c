/* SPDX-License-Identifier: PostgreSQL */
/*
 * Asking for one check. A check's SQL comes from people and runs with the rights of the
 * session, so: the extended protocol (one statement, whatever the text says), a
 * read-only transaction, limits, the role that the plan names, a cap on rows and bytes,
 * and ROLLBACK at the end. Whoever leaves the transaction by himself gets an error.
 *
 * In one go with others the same four requests travel without waiting. BEGIN, settings and
 * query are one group: where one fails the rest is not run, so no query ever runs outside of
 * its read-only transaction. ROLLBACK is a group of its own and runs whatever happened.
 */
#include "perform_ask.h"

#include "perform_look.h"

enum {
    CHECK_ROWS_MAX = 20000,
};
#define CHECK_BYTES_MAX ((size_t)8 << 20)

enum ask_stage {
    ASK_BEGIN, /* the first four: the order of what is sent in one go, too */
    ASK_SETTINGS,
    ASK_QUERY,
    ASK_ROLLBACK,
    ASK_RESET, /* inside: what the file left on is taken back first */
};

bool ask_begin(struct ask_check *ask, struct job *job, const struct plan_check *check,
               bool inside, struct err *err)
{
    const struct app_plan *plan = job->performer->plan;
    struct str file = check_file(plan->plan, check);
    struct str bytes = file.ptr ? app_plan_bytes(plan, file) : (struct str){0};
    *ask = (struct ask_check){.check = check, .inside = inside};
    ask->begun = check_begin(&ask->work, plan->plan, check, bytes, &job->arena, err);
    ask->work.left_out = ledger_own(job->performer, &ask->own);
    return ask->begun;
}

void ask_release(struct ask_check *ask)
{
    if (ask->begun) {
        check_release(&ask->work);
        ask->begun = false;
    }
}

static const char begin_sql[] = "begin transaction read only";
static const char rollback_sql[] = "rollback";

/* Settings for the transaction only; the role comes last, since it may not set the others. */
static struct db_request settings_request(const struct ask_check *ask, struct job *job)
{
    struct performer *performer = job->performer;
    const struct plan_as *as = &ask->check->as;
    struct str role = as->role.len > 0 ? as->role : performer->target->checks_as;
    int64_t limit_us = performer->plan->plan->safety.statement_timeout_us;
    const char **params = arena_array(&job->arena, 10 + 2 * as->set.count, sizeof(*params));
    size_t count = 0;
    params[count++] = "search_path";
    params[count++] = ask->query->pinned ? "pg_catalog, pg_temp"
                                         : str_text(&job->arena, performer->search_path);
    params[count++] = "statement_timeout";
    params[count++] = str_format(&job->arena, "%lld", (long long)(limit_us / US_PER_MS)).ptr;
    params[count++] = "row_security";
    params[count++] = ask->query->all_rows ? "off" : "on";
    for (size_t i = 0; i < as->set.count; i++) {
        params[count++] = str_text(&job->arena, as->set.items[i].name);
        params[count++] = str_text(&job->arena, as->set.items[i].value);
    }
    if (role.len > 0) {
        params[count++] = "role";
        params[count++] = str_text(&job->arena, role);
    }
    struct strbuf sql = {0};
    strbuf_text(&sql, "select ");
    for (size_t i = 0; i < count; i += 2) {
        strbuf_format(&sql, "%spg_catalog.set_config($%zu, $%zu, true)", i > 0 ? ", " : "",
                      i + 1, i + 2);
    }
    struct str text = str_dup(&job->arena, strbuf_str(&sql));
    strbuf_release(&sql);
    return (struct db_request){.sql = text, .params = params, .param_count = count};
}

static struct db_request query_request(const struct ask_check *ask, struct job *job)
{
    const struct check_query *query = ask->query;
    const char **params = arena_array(&job->arena, query->param_count + 1, sizeof(*params));
    for (size_t i = 0; i < query->param_count; i++) {
        params[i] = str_text(&job->arena, query->params[i]);
    }
    int64_t limit_us = job->performer->plan->plan->safety.statement_timeout_us;
    return (struct db_request){
        .sql = query->sql,
        .params = params,
        .param_count = query->param_count,
        .single_row = true,
        .max_rows = CHECK_ROWS_MAX,
        .max_bytes = CHECK_BYTES_MAX,
        .deadline_us = DB_NEVER,
        .limit_us = limit_us > 0 ? limit_us + LOOK_TIMEOUT_US : 0,
    };
}

static void ask_settings(struct ask_check *ask, struct job *job)
{
    struct db_request request = settings_request(ask, job);
    ask->stage = ASK_SETTINGS;
    job_send(job, &request);
}

static void ask_query(struct ask_check *ask, struct job *job)
{
    struct db_request request = query_request(ask, job);
    ask->stage = ASK_QUERY;
    job_send(job, &request);
}

/* Inside, too, a check asks with its own path, role and limits, not with the file's. */
static void ask_reset(struct ask_check *ask, struct job *job, const struct db_reply *reply)
{
    if (settings_reset(job, &ask->reset, reply) == SETTINGS_CLEAN) {
        job->session->clean = false; /* from here on it holds the check's */
        ask_settings(ask, job);
    }
}

void ask_requests(struct ask_check *ask, struct job *job, struct db_request *requests)
{
    ask->query = check_query(&ask->work);
    ask->stage = ASK_BEGIN;
    requests[ASK_BEGIN] = (struct db_request){.sql = str_from(begin_sql)};
    requests[ASK_SETTINGS] = settings_request(ask, job);
    requests[ASK_QUERY] = query_request(ask, job);
    requests[ASK_ROLLBACK] = (struct db_request){.sql = str_from(rollback_sql)};
    for (int i = 0; i < ASK_REQUESTS; i++) {
        requests[i].sync = i >= ASK_QUERY;
        requests[i].limit_us = i == ASK_QUERY ? requests[i].limit_us : LOOK_TIMEOUT_US;
        job_fill(job, &requests[i]);
    }
}

/* The next query of the check, or the end. */
static bool ask_next(struct ask_check *ask, struct job *job)
{
    ask->query = check_query(&ask->work);
    if (!ask->query) {
        ask->over = true;
        return true;
    }
    if (ask->inside) {
        ask->stage = ASK_RESET;
        ask_reset(ask, job, NULL);
    } else {
        ask->stage = ASK_BEGIN;
        job_say(job, begin_sql);
    }
    return ask->over;
}

static void take_refusal(struct ask_check *ask, struct job *job, const struct db_reply *reply)
{
    if (job->waited) {
        check_held_up(&ask->work, reply->message, reply->elapsed_us);
    } else {
        check_refused(&ask->work, str_text(&job->arena, reply->sqlstate), reply->message,
                      reply->elapsed_us);
    }
}

static void take_answer(struct ask_check *ask, struct job *job, const struct db_reply *reply)
{
    /* What may go with others cannot end its transaction, and ACTIVE is all that is known. */
    bool open = ask->shared > 0 || reply->transaction == DB_TRANSACTION_OPEN ||
                reply->transaction == DB_TRANSACTION_FAILED;
    if (reply->outcome != DB_OK) {
        take_refusal(ask, job, reply);
    } else if (!open) {
        check_refused(&ask->work, "25000", STR("the query ended its transaction"),
                      reply->elapsed_us);
    } else {
        check_take(&ask->work, &reply->rows, reply->elapsed_us);
    }
}

/* What came before the query failed: that is an answer, too. */
static bool is_refused(struct ask_check *ask, struct job *job, const struct db_reply *reply)
{
    if (reply->outcome == DB_OK) {
        return false;
    }
    take_refusal(ask, job, reply);
    if (ask->inside) {
        ask->over = true; /* the transaction has failed; the engine rolls it back */
    } else {
        ask->stage = ASK_ROLLBACK;
        job_say(job, rollback_sql);
    }
    return true;
}

/* The replies come in the order of the requests; of a group the first failure counts. */
static bool take_shared(struct ask_check *ask, struct job *job, const struct db_reply *reply)
{
    int stage = ask->stage++;
    if (stage == ASK_QUERY && !reply->skipped) {
        take_answer(ask, job, reply);
    } else if (stage < ASK_QUERY && reply->outcome != DB_OK && !reply->skipped) {
        take_refusal(ask, job, reply);
    }
    return stage == ASK_ROLLBACK;
}

bool ask_step(struct ask_check *ask, struct job *job, const struct db_reply *reply)
{
    if (!reply) {
        return ask_next(ask, job);
    }
    if (ask->shared > 0) {
        return take_shared(ask, job, reply);
    }
    switch ((enum ask_stage)ask->stage) {
    case ASK_RESET:
        if (!is_refused(ask, job, reply)) {
            ask_reset(ask, job, reply);
        }
        return ask->over;
    case ASK_BEGIN:
        if (!is_refused(ask, job, reply)) {
            ask_settings(ask, job);
        }
        return ask->over;
    case ASK_SETTINGS:
        if (!is_refused(ask, job, reply)) {
            ask_query(ask, job);
        }
        return ask->over;
    case ASK_QUERY:
        take_answer(ask, job, reply);
        if (ask->inside) {
            return ask_next(ask, job);
        }
        ask->stage = ASK_ROLLBACK;
        job_say(job, rollback_sql);
        return ask->over;
    case ASK_ROLLBACK:
        return ask_next(ask, job);
    }
    return true;
}
