/* SPDX-License-Identifier: PostgreSQL */
/*
 * SWITCH: the restored database takes the name of the live one, by rename. Asked from
 * another database of the same server, on a session of its own: first what stands in the
 * way, then the live one's rights and settings are given to the restored one and
 * compared, then everybody goes (ourselves included), then both renames in one
 * transaction. Until that COMMIT everything can be taken back, and is.
 */
#include "perform.h"

enum {
    END_TRIES = 50, /* rounds of looking whether the sessions are gone */
};
#define SWITCH_TIMEOUT_US (30 * US_PER_SECOND)
#define END_PAUSE_US      (100 * US_PER_MS)

enum switch_stage {
    SWITCH_OBSTACLES,
    SWITCH_SETTINGS,
    SWITCH_COPY,
    SWITCH_LIVE,     /* settings of the live one, once more */
    SWITCH_RESTORED, /* and of the restored one: are they equal? */
    SWITCH_CLOSE,
    SWITCH_SESSIONS,
    SWITCH_END,
    SWITCH_BEGIN,
    SWITCH_RENAME,
    SWITCH_ADOPT,
    SWITCH_COMMIT,
    SWITCH_UNDO,   /* ROLLBACK after a refusal */
    SWITCH_REOPEN, /* the live one takes sessions again */
};

struct switcher {
    struct performer *performer;
    struct effect effect;
    struct db_session *db;
    uint32_t source;
    struct arena arena;
    enum switch_stage stage;
    struct pgtools_switch names;
    struct pgtools_switch_sql sql;
    const char **copies;
    struct rows live;
    struct rows sessions;
    size_t next_session;
    int tries;
    int64_t wake_us; /* LOOP_NEVER: no pause */
    struct str trouble;
    bool closed; /* the live one takes no sessions now, ours are gone */
    bool over;
};

static void on_reply(void *ctx, const struct db_reply *reply);

/* ------------------------------------------------------------------- the end */

static void tell(struct switcher *switcher, enum outcome outcome, struct str text)
{
    struct performer *performer = switcher->performer;
    performer_emit(performer, &(struct event){.kind = EVENT_DONE,
                                              .query = QUERY_SWITCH,
                                              .outcome = outcome,
                                              .script = -1,
                                              .index = switcher->effect.index,
                                              .text = text});
    /* The engine takes its sessions for connected; after a switch it closes them itself. */
    if (switcher->closed && outcome != OUTCOME_OK) {
        performer_emit(performer, &(struct event){.kind = EVENT_LOST,
                                                  .session = SESSION_CHECK,
                                                  .script = -1,
                                                  .text = STR("closed for the switch")});
        performer_emit(performer, &(struct event){.kind = EVENT_LOST,
                                                  .session = SESSION_WATCH,
                                                  .script = -1,
                                                  .text = STR("closed for the switch")});
    }
    switcher->over = true;
    switcher->wake_us = 0;
}

static void switcher_free(struct switcher *switcher)
{
    loop_remove(switcher->performer->loop, switcher->source);
    switcher->performer->switcher = NULL;
    db_free(switcher->db);
    arena_release(&switcher->arena);
    free(switcher);
}

void switcher_release(struct performer *performer)
{
    if (performer->switcher) {
        switcher_free(performer->switcher);
    }
}

/* ------------------------------------------------------------------- asking */

static void ask(struct switcher *switcher, enum switch_stage stage, const char *sql,
                const char *const *params, size_t count)
{
    struct err err = {0};
    int64_t now_us = loop_now_us();
    struct db_request request = {.sql = str_from(sql),
                                 .params = params,
                                 .param_count = count,
                                 .simple = count == 0,
                                 .arena = &switcher->arena,
                                 .deadline_us = now_us + SWITCH_TIMEOUT_US,
                                 .done = on_reply,
                                 .ctx = switcher};
    switcher->stage = stage;
    if (!db_send(switcher->db, &request, now_us, &err)) {
        tell(switcher, stage == SWITCH_COMMIT ? OUTCOME_UNKNOWN : OUTCOME_FAILED,
             str_dup(&switcher->arena, str_from(err.message)));
    }
}

static void ask_settings(struct switcher *switcher, enum switch_stage stage,
                         struct str database)
{
    const char *params[] = {str_text(&switcher->arena, database)};
    ask(switcher, stage, pgtools_settings_query(), params, COUNT_OF(params));
}

static void ask_sessions(struct switcher *switcher)
{
    const char *params[] = {str_text(&switcher->arena, switcher->names.database)};
    ask(switcher, SWITCH_SESSIONS, pgtools_sessions_query(), params, COUNT_OF(params));
}

/* Nothing was renamed: takes back what was done so far and says why. */
static void give_up(struct switcher *switcher, struct str why)
{
    if (switcher->trouble.len == 0) {
        switcher->trouble = str_dup(&switcher->arena, why);
    }
    if (db_transaction(switcher->db) != DB_TRANSACTION_NONE) {
        ask(switcher, SWITCH_UNDO, "rollback", NULL, 0);
    } else if (switcher->closed) {
        ask(switcher, SWITCH_REOPEN, switcher->sql.reopen, NULL, 0);
    } else {
        tell(switcher, OUTCOME_FAILED, switcher->trouble);
    }
}

/* -------------------------------------------------------------------- steps */

static void after_obstacles(struct switcher *switcher, const struct rows *rows)
{
    for (size_t i = 0; i < rows->row_count; i++) {
        if (!pgtools_obstacle_is_session(rows_text(rows, i, 0))) {
            give_up(switcher,
                    str_format(&switcher->arena, "in the way: %.*s %.*s %.*s",
                               STR_ARG(rows_text(rows, i, 0)), STR_ARG(rows_text(rows, i, 1)),
                               STR_ARG(rows_text(rows, i, 2))));
            return;
        }
    }
    ask_settings(switcher, SWITCH_SETTINGS, switcher->names.database);
}

static void copy_next(struct switcher *switcher)
{
    if (*switcher->copies) {
        ask(switcher, SWITCH_COPY, *switcher->copies++, NULL, 0);
    } else {
        ask_settings(switcher, SWITCH_LIVE, switcher->names.database);
    }
}

static void after_compared(struct switcher *switcher, const struct rows *rows)
{
    struct err err = {0};
    if (!pgtools_settings_equal(&switcher->live, rows, &err)) {
        give_up(switcher, str_from(err.message));
        return;
    }
    struct performer *performer = switcher->performer;
    for (int i = 0; i < SESSION__COUNT; i++) {
        perform_disconnect(performer, (enum session)i);
    }
    switcher->closed = true;
    ask(switcher, SWITCH_CLOSE, switcher->sql.close, NULL, 0);
}

static void end_next(struct switcher *switcher)
{
    struct rows *sessions = &switcher->sessions;
    if (switcher->next_session < sessions->row_count) {
        size_t row = switcher->next_session++;
        const char *params[] = {str_text(&switcher->arena, rows_text(sessions, row, 0)),
                                str_text(&switcher->arena, rows_text(sessions, row, 1))};
        ask(switcher, SWITCH_END, lock_terminate_query(), params, COUNT_OF(params));
        return;
    }
    switcher->wake_us = loop_now_us() + END_PAUSE_US;
}

static void after_sessions(struct switcher *switcher, const struct rows *rows)
{
    if (rows->row_count == 0) {
        ask(switcher, SWITCH_BEGIN, "begin", NULL, 0);
    } else if (switcher->tries++ >= END_TRIES) {
        give_up(switcher, STR("sessions on the live database could not be ended"));
    } else {
        switcher->sessions = *rows;
        switcher->next_session = 0;
        end_next(switcher);
    }
}

static void after_commit(struct switcher *switcher, const struct db_reply *reply)
{
    if (str_eq(reply->tag, "COMMIT")) {
        tell(switcher, OUTCOME_OK, switcher->names.old_name);
    } else {
        give_up(switcher, STR("COMMIT of the rename was answered with ROLLBACK"));
    }
}

static void take(struct switcher *switcher, const struct db_reply *reply)
{
    switch (switcher->stage) {
    case SWITCH_OBSTACLES:
        after_obstacles(switcher, &reply->rows);
        return;
    case SWITCH_SETTINGS:
        switcher->copies =
            pgtools_copy_settings(&switcher->arena, &reply->rows, switcher->names.restored);
        copy_next(switcher);
        return;
    case SWITCH_COPY:
        copy_next(switcher);
        return;
    case SWITCH_LIVE:
        switcher->live = reply->rows;
        ask_settings(switcher, SWITCH_RESTORED, switcher->names.restored);
        return;
    case SWITCH_RESTORED:
        after_compared(switcher, &reply->rows);
        return;
    case SWITCH_CLOSE:
        ask_sessions(switcher);
        return;
    case SWITCH_SESSIONS:
        after_sessions(switcher, &reply->rows);
        return;
    case SWITCH_END:
        end_next(switcher);
        return;
    case SWITCH_BEGIN:
        ask(switcher, SWITCH_RENAME, switcher->sql.rename, NULL, 0);
        return;
    case SWITCH_RENAME:
        ask(switcher, SWITCH_ADOPT, switcher->sql.adopt, NULL, 0);
        return;
    case SWITCH_ADOPT:
        ask(switcher, SWITCH_COMMIT, "COMMIT", NULL, 0);
        return;
    case SWITCH_COMMIT:
        after_commit(switcher, reply);
        return;
    case SWITCH_UNDO:
        give_up(switcher, (struct str){0});
        return;
    case SWITCH_REOPEN:
        tell(switcher, OUTCOME_FAILED, switcher->trouble);
        return;
    }
}

static void on_reply(void *ctx, const struct db_reply *reply)
{
    struct switcher *switcher = ctx;
    struct strbuf text = {0};
    if (reply->outcome == DB_OK) {
        take(switcher, reply);
        return;
    }
    db_reply_text(reply, &text);
    struct str why = str_dup(&switcher->arena, strbuf_str(&text));
    strbuf_release(&text);
    if (reply->outcome == DB_UNKNOWN) {
        bool sent = switcher->stage == SWITCH_COMMIT;
        tell(switcher, sent ? OUTCOME_UNKNOWN : OUTCOME_FAILED, why);
    } else if (switcher->stage == SWITCH_END) {
        end_next(switcher);
    } else if (switcher->stage == SWITCH_UNDO || switcher->stage == SWITCH_REOPEN) {
        tell(switcher, OUTCOME_UNKNOWN, why);
    } else {
        give_up(switcher, why);
    }
}

/* ------------------------------------------------------------------- session */

static void on_connected(void *ctx)
{
    struct switcher *switcher = ctx;
    const char *params[] = {str_text(&switcher->arena, switcher->names.database),
                            str_text(&switcher->arena, switcher->names.restored),
                            str_text(&switcher->arena, switcher->names.old_name)};
    ask(switcher, SWITCH_OBSTACLES, pgtools_obstacles_query(), params, COUNT_OF(params));
}

static void on_lost(void *ctx, const struct err *why)
{
    struct switcher *switcher = ctx;
    if (!switcher->over) {
        tell(switcher, OUTCOME_FAILED, str_from(why->message));
    }
}

static void wants(void *ctx, struct loop_want *want)
{
    const struct switcher *switcher = ctx;
    if (switcher->wake_us != LOOP_NEVER) {
        want->deadline_us = switcher->wake_us;
    } else {
        db_wants(switcher->db, &want->fd, &want->events, &want->deadline_us);
    }
}

static void ready(void *ctx, short revents, int64_t now_us)
{
    struct switcher *switcher = ctx;
    if (switcher->over) {
        switcher_free(switcher);
    } else if (switcher->wake_us != LOOP_NEVER) {
        if (now_us >= switcher->wake_us) {
            switcher->wake_us = LOOP_NEVER;
            ask_sessions(switcher);
        }
    } else {
        db_ready(switcher->db, revents, now_us);
    }
}

void perform_switch(struct performer *performer, const struct effect *effect)
{
    static const struct db_hooks hooks = {.connected = on_connected, .lost = on_lost};
    struct switcher *switcher = mem_zero(1, sizeof(*switcher));
    struct arena *arena = &switcher->arena;
    workload_disconnect(performer);
    switcher->performer = performer;
    switcher->effect = *effect;
    switcher->wake_us = LOOP_NEVER;
    struct str live = str_dup(arena, performer->run->database);
    switcher->names = (struct pgtools_switch){
        .database = live,
        .restored = task_restored_name(arena, live, str_from(performer->run_id)),
        .old_name = pgtools_old_name(arena, live, loop_wall_us()),
    };
    pgtools_switch_statements(&switcher->sql, arena, &switcher->names);
    performer->switcher = switcher;
    switcher->db = db_new(&hooks, switcher);
    switcher->source =
        loop_add(performer->loop,
                 &(struct loop_source){.wants = wants, .ready = ready, .ctx = switcher});
    struct db_params params = {0};
    for (size_t i = 0; i < performer->resolved.count; i++) {
        db_params_set(&params, arena, performer->resolved.items[i].key,
                      performer->resolved.items[i].value);
    }
    db_params_set(&params, arena, "dbname",
                  str_eq(live, "postgres") ? "template1" : "postgres");
    struct db_target target = {
        .params = &params,
        .application_name = str_format(arena, "gonogo switch %s", performer->run_id).ptr};
    struct err err = {0};
    int64_t now_us = loop_now_us();
    if (!db_connect(switcher->db, &target, now_us, now_us + SWITCH_TIMEOUT_US, &err)) {
        tell(switcher, OUTCOME_FAILED, str_from(err.message));
    }
}
