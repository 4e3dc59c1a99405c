/* SPDX-License-Identifier: PostgreSQL */
/*
 * The heart of the shell: events in, engine, effects out. The order is the promise:
 * an event is in the journal before the model knows it, an announcement is on the
 * disk before what it announces is begun, and when either cannot be written the rest
 * of the list is dropped and the engine is told.
 */
#include "perform.h"

#include <signal.h>

#include "perform_child.h"

/* Two presents while a statement runs are at least so far apart: a frame costs more than a
 * round trip. */
#define PRESENT_EVERY_US (33 * US_PER_MS)
/* A tick that changes nothing must not turn the loop into a spin. */
#define TICK_EVERY_US (2 * US_PER_MS)

int64_t performer_now_us(const struct performer *performer)
{
    return app_clock_at(&performer->clock, loop_now_us());
}

/* ------------------------------------------------------------------- queue */

static void copy_texts(struct arena *arena, struct event *event)
{
    struct str *texts[] = {&event->id,   &event->name,     &event->who,
                           &event->tag,  &event->text,     &event->detail,
                           &event->hint, &event->sqlstate, &event->hash};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        if (texts[i]->len > 0) {
            *texts[i] = str_dup(arena, *texts[i]);
        }
    }
}

static void copy_lists(struct arena *arena, struct event *event)
{
    if (event->item_count > 0) {
        struct event_item *items = arena_array(arena, event->item_count, sizeof(*items));
        for (size_t i = 0; i < event->item_count; i++) {
            items[i] = event->items[i];
            items[i].kind = str_dup(arena, items[i].kind);
            items[i].name = str_dup(arena, items[i].name);
            items[i].text = str_dup(arena, items[i].text);
        }
        event->items = items;
    }
    if (event->change_count > 0) {
        struct event_change *changes =
            arena_array(arena, event->change_count, sizeof(*changes));
        for (size_t i = 0; i < event->change_count; i++) {
            changes[i] = event->changes[i];
            changes[i].what = str_dup(arena, changes[i].what);
            changes[i].name = str_dup(arena, changes[i].name);
            changes[i].old_definition = str_dup(arena, changes[i].old_definition);
            changes[i].new_definition = str_dup(arena, changes[i].new_definition);
        }
        event->changes = changes;
    }
}

void performer_emit(struct performer *performer, const struct event *event)
{
    struct batch *batch = &performer->batches[performer->filling];
    struct event *copy = ARRAY_PUSH(batch->items, batch->count, batch->capacity);
    *copy = *event;
    copy_texts(&batch->arena, copy);
    copy_lists(&batch->arena, copy);
}

/* ----------------------------------------------------------------- effects */

/*
 * The engine hears of a broken record at once; that event itself is in no journal.
 * `unannounced`: what could not be announced, and so was not done; RECORD__COUNT = nothing.
 */
static void step_record_failed(struct performer *performer, const struct err *why,
                               enum record unannounced);

static bool perform_journal(struct performer *performer, const struct effect *effect)
{
    struct err err = {0};
    struct arena arena = {0};
    const char *extra = NULL;
    if (effect->record == RECORD_COMMIT_SENT) {
        const struct run_script *script = script_of(performer, effect->script);
        struct json *object = json_make_object();
        json_put_text(object, "ledger_key", script ? script->id : (struct str){0});
        json_put_text(object, "checkpointer_start", performer->checkpointer_start);
        json_put_text(object, "system_identifier", performer->identity.system_identifier);
        json_put_i64(object, "timeline", performer->identity.timeline);
        struct strbuf text = {0};
        json_write(&text, object, JSON_ONE_LINE);
        extra = str_text(&arena, strbuf_str(&text));
        strbuf_release(&text);
        json_free(object);
    }
    bool ok =
        journal_announce(performer->journal, effect, performer_now_us(performer), extra, &err);
    arena_release(&arena);
    if (!ok) {
        step_record_failed(performer, &err, effect->record);
    }
    return ok;
}

static void perform_query(struct performer *performer, const struct effect *effect)
{
    static void (*const table[QUERY__COUNT])(struct performer *, const struct effect *) = {
        [QUERY_LOOK] = perform_look,           [QUERY_SNAPSHOT] = perform_snapshot,
        [QUERY_CHECK] = perform_check,         [QUERY_BEGIN] = perform_begin,
        [QUERY_STATEMENT] = perform_statement, [QUERY_LEDGER_WRITE] = perform_ledger,
        [QUERY_EVIDENCE] = perform_evidence,   [QUERY_COMMIT] = perform_commit,
        [QUERY_ROLLBACK] = perform_rollback,   [QUERY_PROBE] = perform_probe,
        [QUERY_BLOCKERS] = perform_blockers,   [QUERY_CANCEL] = perform_signal,
        [QUERY_TERMINATE] = perform_signal,    [QUERY_SWITCH] = perform_switch,
        [QUERY_WRITES] = perform_writes,       [QUERY_COUNTS] = perform_counts,
        [QUERY_CONTEXT] = perform_context,     [QUERY_RECENT] = perform_recent,
        [QUERY_WORKLOAD] = perform_workload,   [QUERY_ARCHIVER] = perform_archiver,
    };
    table[effect->query](performer, effect);
}

/* False when the rest of the list must not be done. */
static bool perform_one(struct performer *performer, const struct effect *effect)
{
    switch (effect->kind) {
    case EFFECT_CONNECT:
        perform_connect(performer, effect);
        return true;
    case EFFECT_DISCONNECT:
        perform_disconnect(performer, effect->session);
        return true;
    case EFFECT_QUERY:
        perform_query(performer, effect);
        return true;
    case EFFECT_SPAWN:
        perform_spawn(performer, effect);
        return true;
    case EFFECT_KILL:
        perform_kill(performer, effect);
        return true;
    case EFFECT_JOURNAL:
        return perform_journal(performer, effect);
    case EFFECT_REPORT:
        perform_report(performer, effect);
        return true;
    case EFFECT_QUIT:
        performer->quit = true;
        performer->exit_code = effect->exit_code;
        return false;
    case EFFECT__COUNT:
        return true;
    }
    return true;
}

void performer_perform(struct performer *performer, const struct effects *effects)
{
    bool more = true;
    for (size_t i = 0; more && i < effects->count; i++) {
        more = perform_one(performer, &effects->items[i]);
    }
    sessions_begin(performer);
}

/* -------------------------------------------------------------------- step */

static void follow_state(struct performer *performer)
{
    double scale = engine_awaits_time(performer->run) ? performer->time_scale : 1.0;
    if (scale < performer->clock.scale || scale > performer->clock.scale) {
        app_clock_set_scale(&performer->clock, scale, loop_now_us());
    }
    performer->dirty = true;
}

static void step(struct performer *performer, const struct event *event)
{
    struct effects effects = {0};
    struct err err = {0};
    if (!engine_step(performer->run, event, &effects, &err)) {
        /* An event that makes no sense is our own fault: stop, the server rolls back. */
        performer->err = err;
        performer->quit = true;
        performer->exit_code = app_exit_code_of(&err);
    } else {
        follow_state(performer);
        performer_perform(performer, &effects);
    }
    effects_release(&effects);
}

static void step_record_failed(struct performer *performer, const struct err *why,
                               enum record unannounced)
{
    performer->err = *why;
    if (performer->record_failed) {
        return;
    }
    performer->record_failed = true;
    struct event event = {.kind = EVENT_RECORD_FAILED,
                          .at_us = performer_now_us(performer),
                          .script = -1,
                          .flag = unannounced == RECORD_COMMIT_SENT,
                          .text = str_from(why->message)};
    step(performer, &event);
}

/*
 * The server's answer to COMMIT is known, and cannot be recorded: the model has to know
 * it all the same, or we would call unknown what we were told. Nothing follows from it.
 */
static void know_only(struct performer *performer, const struct event *event)
{
    struct effects effects = {0};
    struct err err = {0};
    if (event->kind == EVENT_COMMITTED && !performer->record_failed &&
        !engine_step(performer->run, event, &effects, &err)) {
        performer->err = err;
    }
    effects_release(&effects);
}

static void handle(struct performer *performer, struct event *event)
{
    event->at_us = performer_now_us(performer);
    struct err err = {0};
    /* A front whose clock goes asks for the time; that is in no journal. */
    if (event->kind != EVENT_TICK &&
        !journal_append_event(performer->journal, event, &event->seq, &err)) {
        know_only(performer, event);
        step_record_failed(performer, &err, RECORD__COUNT);
        if (performer->quit) {
            return;
        }
    }
    step(performer, event);
}

static void drain(struct performer *performer)
{
    while (!performer->quit && performer->batches[performer->filling].count > 0) {
        struct batch *batch = &performer->batches[performer->filling];
        performer->filling = 1 - performer->filling;
        for (size_t i = 0; i < batch->count && !performer->quit; i++) {
            handle(performer, &batch->items[i]);
        }
        batch->count = 0;
        arena_clear(&batch->arena);
    }
}

/* -------------------------------------------------------------------- loop */

static void tick(struct performer *performer)
{
    int64_t monotonic_us = loop_now_us();
    int64_t now_us = app_clock_at(&performer->clock, monotonic_us);
    enum event_kind due = engine_due(performer->run, now_us);
    if (due != EVENT_TICK) {
        performer_emit(performer, &(struct event){.kind = due, .script = -1});
    } else if (now_us >= engine_next_us(performer->run) &&
               monotonic_us - performer->ticked_us >= TICK_EVERY_US) {
        performer->ticked_us = monotonic_us;
        struct event event = {.kind = EVENT_TICK, .at_us = now_us, .script = -1};
        step(performer, &event);
    }
}

/* Signals that mean "leave": again at each new state, until the engine takes it. */
static void ask_to_leave(struct performer *performer)
{
    const struct run *run = performer->run;
    if (!performer->leave_wanted || engine_in_transaction(run) ||
        performer->leave_asked_in == run->state) {
        return;
    }
    performer->leave_asked_in = run->state;
    performer_emit(
        performer,
        &(struct event){.kind = EVENT_LEAVE, .script = -1, .who = run->operator_name});
}

static void present(struct performer *performer)
{
    int64_t now_us = loop_now_us();
    bool busy =
        performer->run->state == STATE_RUNNING && performer->presented_state == STATE_RUNNING;
    if (!performer->has_front || !performer->dirty ||
        (busy && now_us - performer->presented_us < PRESENT_EVERY_US)) {
        return;
    }
    performer->front.present(performer->front.ctx, performer->run);
    performer->presented_us = now_us;
    performer->presented_state = performer->run->state;
    performer->dirty = false;
}

static int64_t wait_us(const struct performer *performer)
{
    if (performer->batches[performer->filling].count > 0) {
        return 0;
    }
    int64_t now_us = loop_now_us();
    int64_t next_us = engine_next_us(performer->run);
    int64_t until = LOOP_NEVER;
    if (next_us != INT64_MAX) {
        until = app_clock_deadline(&performer->clock, next_us);
        if (until < performer->ticked_us + TICK_EVERY_US) {
            until = performer->ticked_us + TICK_EVERY_US;
        }
    }
    if (performer->dirty && performer->presented_us + PRESENT_EVERY_US < until) {
        until = performer->presented_us + PRESENT_EVERY_US;
    }
    if (until == LOOP_NEVER) {
        return LOOP_NEVER;
    }
    return until > now_us ? until - now_us : 0;
}

/* Somebody still reads what the run has come to; nothing of ours stays connected for that. */
static void linger(struct performer *performer)
{
    const struct front *front = &performer->front;
    for (int i = 0; i < SESSION__COUNT; i++) {
        perform_disconnect(performer, (enum session)i);
    }
    struct err err = {0};
    while (front->lingers && front->lingers(front->ctx) && !performer->leave_wanted &&
           loop_run_once(performer->loop, LOOP_NEVER, &err)) {
        front->present(front->ctx, performer->run);
    }
}

void performer_walk(struct performer *performer)
{
    while (!performer->quit) {
        drain(performer);
        if (performer->quit) {
            break;
        }
        tick(performer);
        ask_to_leave(performer);
        present(performer);
        performer_reap_tasks(performer);
        children_reap(performer);
        notices_reap(performer);
        struct err err = {0};
        if (!performer->quit && !loop_run_once(performer->loop, wait_us(performer), &err)) {
            performer->err = err;
            performer->quit = true;
            performer->exit_code = app_exit_code_of(&err);
        }
    }
    if (performer->has_front) {
        performer->front.present(performer->front.ctx, performer->run);
        linger(performer);
    }
}

/* ----------------------------------------------------- people and signals */

static void emit_from_front(void *ctx, const struct event *event)
{
    performer_emit(ctx, event);
}

static void front_wants(void *ctx, struct loop_want *want)
{
    struct performer *performer = ctx;
    performer->front.wants(performer->front.ctx, &want->fd, &want->events, &want->deadline_us);
}

static void front_ready(void *ctx, short revents, int64_t now_us)
{
    struct performer *performer = ctx;
    (void)now_us;
    struct front_events events = {.ctx = performer, .emit = emit_from_front};
    performer->dirty = true;
    performer->front.ready(performer->front.ctx, performer->run, revents, &events);
}

static void signals_wants(void *ctx, struct loop_want *want)
{
    (void)ctx;
    want->fd = loop_signals_fd();
    want->events = 1; /* POLLIN */
}

/* Nobody is there any more: stop at the next safe point and leave; the run can be resumed. */
static void leave(struct performer *performer, const char *why)
{
    const struct run *run = performer->run;
    if (performer->leave_wanted) {
        return;
    }
    performer->leave_wanted = true;
    performer->leave_asked_in = STATE__COUNT;
    bool rollback = performer->plan->plan->safety.on_disconnect == PLAN_DISCONNECT_ROLLBACK;
    struct event event = {
        .kind = EVENT_HOLD, .script = -1, .text = str_from(why), .who = run->operator_name};
    performer_emit(performer, &event);
    if (rollback && engine_in_transaction(run)) {
        event.kind = EVENT_CANCEL;
        performer_emit(performer, &event);
    }
}

static void on_signal(struct performer *performer, int number)
{
    bool told = performer->has_front && performer->front.signal;
    struct front_events events = {.ctx = performer, .emit = emit_from_front};
    if (told && number != SIGCHLD) {
        performer->front.signal(performer->front.ctx, performer->run, number, &events);
    }
    if (number == SIGTERM) {
        leave(performer, "the process was told to end (SIGTERM)");
    } else if (number == SIGHUP) {
        leave(performer, "the terminal is gone (SIGHUP)");
    } else if (number == SIGINT && performer->headless) {
        leave(performer, "interrupted (SIGINT)");
    }
    performer->dirty = true;
}

static void signals_ready(void *ctx, short revents, int64_t now_us)
{
    (void)revents;
    (void)now_us;
    int number;
    while (loop_signal_next(&number)) {
        on_signal(ctx, number);
    }
}

/* ------------------------------------------------------------ birth, death */

void performer_init(struct performer *performer)
{
    performer->signal_source = loop_add(
        performer->loop, &(struct loop_source){
                             .wants = signals_wants, .ready = signals_ready, .ctx = performer});
    if (performer->has_front) {
        performer->front_source = loop_add(
            performer->loop, &(struct loop_source){
                                 .wants = front_wants, .ready = front_ready, .ctx = performer});
    }
    performer->presented_state = STATE__COUNT;
    performer->leave_asked_in = STATE__COUNT;
    performer->dirty = true;
    sessions_init(performer);
}

void performer_release(struct performer *performer)
{
    for (size_t i = 0; i < performer->task_count; i++) {
        task_free(performer->tasks[i].task);
    }
    free(performer->tasks);
    children_release(performer);
    notices_release(performer);
    probes_release(performer);
    context_release(performer);
    workload_release(performer);
    performer_release_rows(performer);
    switcher_release(performer);
    sessions_release(performer);
    loop_remove(performer->loop, performer->front_source);
    loop_remove(performer->loop, performer->signal_source);
    for (int moment = 0; moment < MOMENT__COUNT; moment++) {
        if (performer->has_snapshot[moment]) {
            catalog_snapshot_release(&performer->snapshots[moment]);
        }
    }
    for (size_t i = 0; i < COUNT_OF(performer->batches); i++) {
        free(performer->batches[i].items);
        arena_release(&performer->batches[i].arena);
    }
    arena_release(&performer->blockers_arena);
    arena_release(&performer->verdicts);
    arena_release(&performer->writes_arena);
    arena_release(&performer->recent_arena);
    arena_release(&performer->arena);
}
