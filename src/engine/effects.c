/* SPDX-License-Identifier: PostgreSQL */
/*
 * Effects: the list that leaves one step, how its members are made, and which of
 * them change the world. Everything that changes the world carries the number of
 * the announcement that covers it; the tests check the journal law by that number
 * on every list that is ever produced.
 */
#include "engine_private.h"

void effects_release(struct effects *effects)
{
    free(effects->items);
    *effects = (struct effects){0};
}

void effects_clear(struct effects *effects)
{
    effects->count = 0;
}

struct effect *effect_push(struct effects *effects, enum effect_kind kind)
{
    struct effect *effect = ARRAY_PUSH(effects->items, effects->count, effects->capacity);
    *effect = (struct effect){.kind = kind, .script = -1};
    return effect;
}

struct effect *run_announce(struct run *run, struct effects *effects, enum record record)
{
    struct effect *effect = effect_push(effects, EFFECT_JOURNAL);
    effect->record = record;
    effect->sync = true;
    effect->announced = ++run->announced;
    effect->script = run->script;
    return effect;
}

void connect_session(struct effects *effects, enum session session, int64_t delay_us)
{
    struct effect *effect = effect_push(effects, EFFECT_CONNECT);
    effect->session = session;
    effect->delay_us = delay_us;
}

struct effect *send_query(struct effects *effects, enum query query)
{
    struct effect *effect = effect_push(effects, EFFECT_QUERY);
    effect->query = query;
    return effect;
}

void send_look(struct run *run, struct effects *effects, enum look look)
{
    struct effect *effect = send_query(effects, QUERY_LOOK);
    effect->look = look;
    effect->session = look == LOOK_READY ? SESSION_WORK : SESSION_WATCH;
    effect->script = run->script;
    if (run->script >= 0) {
        const struct run_script *script = &run->scripts[run->script];
        effect->pid = script->pid;
        effect->backend_start_us = script->backend_start_us;
        effect->xid = script->xid;
    }
    run->look = look;
}

struct effect *send_change(struct effects *effects, enum query query, int script, uint64_t by)
{
    struct effect *effect = send_query(effects, query);
    effect->session = SESSION_WORK;
    effect->script = script;
    effect->announced_by = by;
    return effect;
}

void send_snapshot(struct run *run, struct effects *effects, enum moment moment)
{
    struct effect *effect = send_query(effects, QUERY_SNAPSHOT);
    effect->session = SESSION_CHECK;
    effect->moment = moment;
    run->running_checks++;
}

void send_check(struct run *run, struct effects *effects, struct run_check *check,
                enum check_place place, int where, int index, bool inside)
{
    struct effect *effect = send_query(effects, QUERY_CHECK);
    effect->session = inside ? SESSION_WORK : SESSION_CHECK;
    effect->place = place;
    effect->check = index;
    effect->inside = inside;
    if (place == PLACE_SET) {
        effect->index = where;
    } else {
        effect->script = where;
    }
    check->running = true;
    run->running_checks++;
}

void spawn_task(struct run *run, struct effects *effects, enum task task, int index)
{
    struct effect *record = run_announce(run, effects, RECORD_TASK);
    record->task = task;
    record->index = index;
    record->script = -1;
    uint64_t by = record->announced;
    struct effect *effect = effect_push(effects, EFFECT_SPAWN);
    effect->task = task;
    effect->index = index;
    effect->announced_by = by;
}

bool effect_changes_world(const struct effect *effect)
{
    switch (effect->kind) {
    case EFFECT_SPAWN:
        return true;
    case EFFECT_QUERY:
        break;
    case EFFECT_CONNECT:
    case EFFECT_DISCONNECT:
    case EFFECT_KILL:
    case EFFECT_JOURNAL:
    case EFFECT_REPORT:
    case EFFECT_QUIT:
    case EFFECT__COUNT:
        return false;
    }
    static const bool changes[QUERY__COUNT] = {
        [QUERY_BEGIN] = true,  [QUERY_STATEMENT] = true, [QUERY_LEDGER_WRITE] = true,
        [QUERY_COMMIT] = true, [QUERY_CANCEL] = true,    [QUERY_TERMINATE] = true,
        [QUERY_SWITCH] = true,
    };
    return changes[effect->query];
}

/* What a query or record is about, in words. */
static void write_subject(struct strbuf *out, const struct effect *effect)
{
    if (effect->kind == EFFECT_JOURNAL) {
        strbuf_format(out, " %s", record_words[effect->record]);
        if (effect->record == RECORD_PHASE) {
            strbuf_format(out, " %s", phase_words[effect->phase]);
        }
        if (effect->record == RECORD_END) {
            strbuf_format(out, " exit=%d", effect->exit_code);
        }
        return;
    }
    if (effect->kind != EFFECT_QUERY) {
        return;
    }
    strbuf_format(out, " %s", query_words[effect->query]);
    switch (effect->query) {
    case QUERY_LOOK:
        strbuf_format(out, " %s", look_words[effect->look]);
        return;
    case QUERY_SNAPSHOT:
    case QUERY_WORKLOAD:
        strbuf_format(out, " %s", moment_words[effect->moment]);
        return;
    case QUERY_CHECK:
        strbuf_format(out, " %s index=%d check=%d%s", place_words[effect->place], effect->index,
                      effect->check, effect->inside ? " inside" : "");
        return;
    case QUERY_STATEMENT:
    case QUERY_PROBE:
    case QUERY_SWITCH:
        strbuf_format(out, " index=%d", effect->index);
        return;
    case QUERY_TERMINATE:
        strbuf_format(out, " pid=%lld%s", (long long)effect->pid, effect->flag ? " end" : "");
        return;
    case QUERY_BEGIN:
    case QUERY_LEDGER_WRITE:
    case QUERY_EVIDENCE:
    case QUERY_COMMIT:
    case QUERY_ROLLBACK:
    case QUERY_BLOCKERS:
    case QUERY_CANCEL:
    case QUERY_COUNTS:
    case QUERY_WRITES:
    case QUERY_ARCHIVER:
    case QUERY_RECENT:
    case QUERY_CONTEXT:
    case QUERY__COUNT:
        return;
    }
}

void effect_write(struct strbuf *out, const struct effect *effect)
{
    strbuf_text(out, effect_words[effect->kind]);
    write_subject(out, effect);
    switch (effect->kind) {
    case EFFECT_CONNECT:
    case EFFECT_DISCONNECT:
        strbuf_format(out, " %s%s", session_words[effect->session],
                      effect->delay_us > 0 ? " later" : "");
        break;
    case EFFECT_SPAWN:
    case EFFECT_KILL:
        strbuf_format(out, " %s index=%d", task_words[effect->task], effect->index);
        if (effect->occasion != PLAN_WHEN_UNSAID) {
            strbuf_format(out, " %s", plan_occasion_word(effect->occasion));
        }
        break;
    case EFFECT_QUIT:
        strbuf_format(out, " exit=%d", effect->exit_code);
        break;
    case EFFECT_QUERY:
    case EFFECT_JOURNAL:
    case EFFECT_REPORT:
    case EFFECT__COUNT:
        break;
    }
    if (effect->script >= 0) {
        strbuf_format(out, " script=%d", effect->script);
    }
    if (effect->announced > 0) {
        strbuf_format(out, " #%llu", (unsigned long long)effect->announced);
    }
    if (effect->announced_by > 0) {
        strbuf_format(out, " by #%llu", (unsigned long long)effect->announced_by);
    }
}
