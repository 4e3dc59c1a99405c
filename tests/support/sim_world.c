/* SPDX-License-Identifier: PostgreSQL */
/*
 * The simulated world: what the performer, the network, the server, the disk and the
 * people do between two steps of the engine, drawn from a seed.
 *
 * A request is sent, executed and answered in three moves, so that a fault may fall
 * between any two of them; what was sent and not executed may still be executed by a
 * backend whose client is gone. The process may die between any two effects, and before
 * and after a sync. Then the records that the disk kept are folded and the run goes on.
 */
#include <stdlib.h>
#include <string.h>

#include "sim_world.h"

enum {
    REQUESTS_MAX = 256,
    ROUNDS_MAX = 3000,
    RECORDS_MAX = 4096,
    FAULTS_MAX = 12,
    RESUMES_MAX = 6,
};

const char *const sim_mutant_words[MUTANT__COUNT] = {
    [MUTANT_NONE] = "none",
    [MUTANT_NO_SYNC] = "announcements are not synced",
    [MUTANT_COMMIT_FIRST] = "COMMIT goes out before its record",
    [MUTANT_UNKNOWN_IS_FAILED] = "an unknown outcome is treated as a failure",
    [MUTANT_NO_LOOK] = "the ledger is not asked before a retry",
    [MUTANT_NO_WAIT] = "the old backend is not waited for",
    [MUTANT_TRUSTS_XID] = "a transaction id counts after a crash restart",
    [MUTANT_EXIT_ZERO] = "the exit code is always 0",
    [MUTANT_KEEPS_TRANSACTION] = "a failed transaction is left open",
    [MUTANT_SKIPS_A_FILE] = "a file is said to be applied already",
    [MUTANT_ALWAYS_EQUAL] = "every comparison says equal to before",
};

/* A request on its way, or a task. */
struct request {
    struct effect effect;
    bool executed;
    bool failed; /* the server refused it */
    struct model_backend *backend;
    int unit;
};

/* A line of the journal: an event, or an announcement. */
struct journal_line {
    size_t from, length; /* of the event's text in `text`; length 0 = announcement */
    enum record kind;
    uint64_t number;
    int script;
    int unit;
    int index;
};

struct world {
    struct plan_fixture *fixture;
    struct checker_plan checker_plan;
    enum sim_mutant mutant;
    uint64_t random;
    struct sim_result *result;
    bool log;

    struct arena arena;
    struct run run;
    struct effects effects;
    struct model_server server;
    struct model_backend *sessions[SESSION__COUNT];
    struct request requests[REQUESTS_MAX];
    size_t request_count;
    bool
        knows_lock; /* the program was told that the lock is its own, and not that it is lost */

    struct journal_line records[RECORDS_MAX];
    size_t record_count, synced_count;
    struct strbuf text;
    int incarnation_of_xid[MODEL_XIDS]; /* noted with the marks, before COMMIT */

    int64_t clock_us;
    bool dead; /* the process is gone */
    bool quit;
    bool record_broken;
    int faults, resumes;
    unsigned fault_rate;  /* one in so many chances */
    unsigned orphan_rate; /* how long an orphan lives */
    bool wants_back;      /* the people of this history rather turn back */
};

/* ------------------------------------------------------------------ dice */

static uint64_t draw(struct world *world)
{
    /* splitmix64, by Sebastiano Vigna, public domain */
    uint64_t z = (world->random += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static bool one_in(struct world *world, unsigned sides)
{
    return draw(world) % sides == 0;
}

/* A fault may happen here, as long as there are any left. */
static bool fault(struct world *world)
{
    if (world->faults == 0 || !one_in(world, world->fault_rate)) {
        return false;
    }
    world->faults--;
    return true;
}

static void note(struct world *world, const char *mark, const struct strbuf *line)
{
    if (world->log) {
        strbuf_format(&world->result->log, "%s %.*s\n", mark, STR_ARG(strbuf_str(line)));
    }
}

static void note_text(struct world *world, const char *text)
{
    if (world->log) {
        strbuf_format(&world->result->log, "** %s\n", text);
    }
}

/* Which file a script of the run is, for the model and the judge. */
static int unit_of(const struct world *world, int script)
{
    if (script < 0 || (size_t)script >= world->run.script_count) {
        return -1;
    }
    const struct run_script *entry = &world->run.scripts[script];
    switch (entry->kind) {
    case SCRIPT_MIGRATION:
    case SCRIPT_MANUAL:
        return entry->step;
    case SCRIPT_DOWN:
        return MODEL_UNDO + entry->step;
    case SCRIPT_SQL:
    case SCRIPT__COUNT:
        break;
    }
    return MODEL_BACK;
}

/* ------------------------------------------------------------------ the disk */

static void append_event(struct world *world, const struct event *event)
{
    if (world->record_count == RECORDS_MAX) {
        return;
    }
    struct journal_line *record = &world->records[world->record_count++];
    *record = (struct journal_line){.from = world->text.len};
    event_write(&world->text, event);
    record->length = world->text.len - record->from;
}

/* What an announcement is about stands in the fact once it is safely on disk. */
static void sync_disk(struct world *world)
{
    for (size_t i = world->synced_count; i < world->record_count; i++) {
        const struct journal_line *record = &world->records[i];
        if (record->length == 0) {
            struct seen *fact = history_add(&world->result->history, SEEN_SYNCED);
            fact->number = (int64_t)record->number;
            fact->word = record_words[record->kind];
            fact->unit = record->unit;
            fact->index = record->index;
        }
    }
    world->synced_count = world->record_count;
}

/* A power cut keeps what was synced and perhaps some of the rest; a kill keeps all of it. */
static void lose_tail(struct world *world)
{
    size_t loose = world->record_count - world->synced_count;
    if (loose == 0 || one_in(world, 2)) {
        sync_disk(world);
        return;
    }
    world->record_count = world->synced_count + draw(world) % (loose + 1);
    sync_disk(world);
}

/* ----------------------------------------------------------------- the network */

static void detach(struct world *world, enum session session)
{
    struct model_backend *backend = world->sessions[session];
    world->sessions[session] = NULL;
    if (!backend) {
        return;
    }
    backend->attached = false;
    /* Often the server notices at once; else the backend stays for a while as an orphan. */
    if (one_in(world, 2)) {
        return;
    }
    for (size_t i = 0; i < world->request_count; i++) {
        if (world->requests[i].backend == backend) {
            world->requests[i].executed = true;
        }
    }
    model_end(&world->server, backend);
}

/* Requests whose client is gone have no further answer; what lies in a socket stays. */
static void forget_answers(struct world *world, enum session session)
{
    size_t kept = 0;
    for (size_t i = 0; i < world->request_count; i++) {
        struct request *request = &world->requests[i];
        bool ours = request->effect.kind == EFFECT_QUERY && request->effect.session == session;
        bool orphan = ours && !request->executed && request->backend && request->backend->alive;
        if (ours) {
            request->effect.kind = EFFECT__COUNT;
        }
        if (!ours || orphan) {
            world->requests[kept++] = *request;
        }
    }
    world->request_count = kept;
}

static void step(struct world *world, struct event event);

static void lose_session(struct world *world, enum session session, const char *why)
{
    if (!world->sessions[session]) {
        return;
    }
    detach(world, session);
    forget_answers(world, session);
    if (session == SESSION_WATCH) {
        world->knows_lock = false;
    }
    step(world,
         (struct event){
             .kind = EVENT_LOST, .session = session, .script = -1, .text = str_from(why)});
}

static void crash_server(struct world *world)
{
    note_text(world, "the server crashes and restarts");
    model_crash(&world->server);
    for (int session = 0; session < SESSION__COUNT && !world->dead && !world->quit; session++) {
        lose_session(world, (enum session)session, "server closed the connection");
    }
}

/* --------------------------------------------------------------- the server's work */

static void execute(struct world *world, struct request *request)
{
    struct model_backend *backend = request->backend;
    const struct effect *effect = &request->effect;
    request->executed = true;
    if (!backend || !backend->alive) {
        return;
    }
    switch (effect->query) {
    case QUERY_BEGIN:
        request->failed = fault(world);
        if (!request->failed) {
            model_begin(&world->server, backend);
        }
        return;
    case QUERY_STATEMENT:
        request->failed = fault(world);
        if (!request->failed) {
            int first =
                request->unit < MODEL_UNDO ? (int)world->run.scripts[effect->script].first : 0;
            model_do(&world->server, backend,
                     (struct pending){PENDING_STATEMENT, request->unit, effect->index - first});
        }
        return;
    case QUERY_LEDGER_WRITE:
        request->failed = fault(world);
        if (!request->failed) {
            enum pending_kind kind =
                request->unit >= MODEL_UNDO ? PENDING_LEDGER_CLEAR : PENDING_LEDGER_SET;
            model_do(&world->server, backend, (struct pending){kind, request->unit, 0});
        }
        return;
    case QUERY_COMMIT:
        request->failed = fault(world);
        if (request->failed) {
            model_rollback(&world->server, backend);
        } else {
            model_commit(&world->server, backend);
        }
        return;
    case QUERY_ROLLBACK:
        model_rollback(&world->server, backend);
        return;
    case QUERY_SWITCH:
        request->failed = fault(world);
        if (!request->failed) {
            model_switch(&world->server);
        }
        return;
    case QUERY_LOOK:
    case QUERY_SNAPSHOT:
    case QUERY_CHECK:
    case QUERY_EVIDENCE:
    case QUERY_PROBE:
    case QUERY_BLOCKERS:
    case QUERY_CANCEL:
    case QUERY_TERMINATE:
    case QUERY_COUNTS:
    case QUERY_WRITES:
    case QUERY__COUNT:
        return;
    }
}

/* Backends without a client: what lay in their socket runs, then they end. */
static void move_orphans(struct world *world, bool all)
{
    for (size_t i = 0; i < world->server.backend_count; i++) {
        struct model_backend *backend = &world->server.backends[i];
        if (!backend->alive || backend->attached ||
            (!all && !one_in(world, world->orphan_rate))) {
            continue;
        }
        for (size_t k = 0; k < world->request_count; k++) {
            if (world->requests[k].backend == backend && !world->requests[k].executed) {
                execute(world, &world->requests[k]);
            }
        }
        model_end(&world->server, backend);
    }
}

/* ------------------------------------------------------------------- the answers */

static enum outcome say(bool yes)
{
    return yes ? OUTCOME_OK : OUTCOME_FAILED;
}

static bool backend_is_gone(const struct world *world, const struct effect *effect)
{
    for (size_t i = 0; i < world->server.backend_count; i++) {
        const struct model_backend *backend = &world->server.backends[i];
        if (backend->alive && backend->pid == effect->pid) {
            return false;
        }
    }
    return true;
}

static enum outcome xid_outcome(const struct world *world, int64_t xid)
{
    enum xid_state state = world->server.xids[xid % MODEL_XIDS];
    bool same = world->incarnation_of_xid[xid % MODEL_XIDS] == world->server.incarnation;
    if (!same && world->mutant != MUTANT_TRUSTS_XID) {
        return OUTCOME_UNKNOWN;
    }
    return state == XID_COMMITTED ? OUTCOME_OK
           : state == XID_ABORTED ? OUTCOME_FAILED
                                  : OUTCOME_UNKNOWN;
}

static void answer_ledger(struct world *world, struct event *event)
{
    struct event_item *items = arena_array(&world->arena, MODEL_STEPS, sizeof(*items));
    for (size_t i = 0; i < world->fixture->plan->steps.count; i++) {
        if (world->server.ledger[i]) {
            items[event->item_count].name = world->fixture->plan->steps.items[i].id;
            items[event->item_count++].value = 1;
        }
    }
    event->items = items;
}

static void answer_ready(struct world *world, const struct request *request,
                         struct event *event)
{
    int unit = request->unit;
    bool applied =
        world->checker_plan.ledger && unit < MODEL_UNDO && world->server.ledger[unit];
    applied = applied && world->mutant != MUTANT_NO_LOOK;
    if (world->mutant == MUTANT_SKIPS_A_FILE && unit == 1) {
        applied = true;
    }
    event->outcome = say(!applied);
    event->id = applied ? STR("applied") : (struct str){0};
    if (!applied && fault(world)) {
        event->outcome = OUTCOME_FAILED;
        event->id = STR("changed");
    }
}

static void answer_look(struct world *world, const struct request *request, struct event *event)
{
    const struct effect *effect = &request->effect;
    switch (effect->look) {
    case LOOK_LOCK:
        event->outcome = say(model_lock(&world->server, request->backend));
        world->knows_lock = event->outcome == OUTCOME_OK;
        return;
    case LOOK_LEDGER:
        answer_ledger(world, event);
        return;
    case LOOK_READY:
        answer_ready(world, request, event);
        return;
    case LOOK_OLD_BACKEND:
        event->outcome = say(backend_is_gone(world, effect) || world->mutant == MUTANT_NO_WAIT);
        return;
    case LOOK_LEDGER_ROW:
        event->outcome = say(world->server.ledger[request->unit % MODEL_STEPS]);
        if (world->mutant == MUTANT_NO_LOOK) {
            event->outcome = OUTCOME_FAILED;
        } else if (fault(world)) {
            event->outcome = OUTCOME_UNKNOWN;
        }
        return;
    case LOOK_XID:
        event->outcome = xid_outcome(world, effect->xid);
        return;
    case LOOK_IDENTITY:
    case LOOK_POOLER:
    case LOOK_SETTINGS:
    case LOOK__COUNT:
        return;
    }
}

/* What the catalog shows: as before, as planned, or something in between. */
static void answer_snapshot(struct world *world, const struct effect *effect,
                            struct event *event)
{
    static const struct event_item before = {.kind = {"tables", 6}, .value = 3};
    static const struct event_item after = {.kind = {"tables", 6}, .value = 2};
    static const struct event_change change = {
        .what = {"tables", 6}, .name = {"c", 1}, .kind = CHANGE_GONE};
    bool same = model_is_as_before(&world->server);
    event->items = same ? &before : &after;
    bool differs = (effect->moment == MOMENT_BACK && !same) ||
                   (effect->moment == MOMENT_BEFORE && fault(world));
    if (differs && world->mutant != MUTANT_ALWAYS_EQUAL) {
        event->changes = &change;
        event->change_count = 1;
    }
}

/* Turns what the server did into the event that the program gets. */
static void answer(struct world *world, const struct request *request, struct event *event)
{
    const struct effect *effect = &request->effect;
    switch (effect->query) {
    case QUERY_LOOK:
        answer_look(world, request, event);
        return;
    case QUERY_SNAPSHOT:
        answer_snapshot(world, effect, event);
        return;
    case QUERY_CHECK:
        event->outcome = fault(world) ? OUTCOME_FAILED : OUTCOME_OK;
        return;
    case QUERY_EVIDENCE:
        event->pid = request->backend->pid;
        event->backend_start_us = request->backend->start_us;
        event->xid = request->backend->xid;
        world->incarnation_of_xid[event->xid % MODEL_XIDS] = world->server.incarnation;
        return;
    case QUERY_BEGIN:
    case QUERY_STATEMENT:
    case QUERY_LEDGER_WRITE:
    case QUERY_COMMIT:
    case QUERY_SWITCH:
        event->outcome = say(!request->failed);
        return;
    case QUERY_PROBE:
        event->outcome = fault(world) ? OUTCOME_UNKNOWN : OUTCOME_OK;
        return;
    case QUERY_ROLLBACK:
    case QUERY_BLOCKERS:
    case QUERY_CANCEL:
    case QUERY_TERMINATE:
    case QUERY_COUNTS:
    case QUERY_WRITES:
    case QUERY__COUNT:
        return;
    }
}

/* The reply is lost or late: the shell gives up and says that it does not know. */
static bool reply_is_lost(struct world *world, const struct request *request,
                          struct event *event)
{
    enum query query = request->effect.query;
    bool known = query == QUERY_BEGIN || query == QUERY_STATEMENT ||
                 query == QUERY_LEDGER_WRITE || query == QUERY_EVIDENCE ||
                 query == QUERY_COMMIT || query == QUERY_ROLLBACK || query == QUERY_SWITCH;
    if (!known || !fault(world)) {
        return false;
    }
    event->outcome = OUTCOME_UNKNOWN;
    if (query == QUERY_COMMIT && world->mutant == MUTANT_UNKNOWN_IS_FAILED) {
        event->outcome = OUTCOME_FAILED;
    }
    return true;
}

static void deliver(struct world *world, size_t place)
{
    struct request request = world->requests[place];
    struct event event;
    memmove(&world->requests[place], &world->requests[place + 1],
            (world->request_count - place - 1) * sizeof(request));
    world->request_count--;
    if (!obedient_answer(&request.effect, &event)) {
        return;
    }
    if (request.effect.kind == EFFECT_SPAWN) {
        event.outcome = fault(world) ? OUTCOME_FAILED : OUTCOME_OK;
        step(world, event);
        return;
    }
    answer(world, &request, &event);
    if (request.effect.session == SESSION_WORK && reply_is_lost(world, &request, &event)) {
        note_text(world, "that answer is lost");
    }
    step(world, event);
}

/* -------------------------------------------------------------- performing effects */

static void connect_now(struct world *world, const struct effect *effect)
{
    struct event event = {.kind = EVENT_CONNECTED, .session = effect->session, .script = -1};
    struct model_backend *backend = fault(world) ? NULL : model_connect(&world->server);
    if (world->sessions[effect->session]) {
        detach(world, effect->session);
    }
    world->sessions[effect->session] = backend;
    if (!backend) {
        event.kind = EVENT_CONNECT_FAILED;
        step(world, event);
        return;
    }
    event.pid = backend->pid;
    event.backend_start_us = backend->start_us;
    step(world, event);
}

static const char *sent_word(const struct effect *effect)
{
    return effect->kind == EFFECT_SPAWN ? "spawn" : query_words[effect->query];
}

static void note_sent(struct world *world, const struct effect *effect)
{
    if (!effect_changes_world(effect)) {
        return;
    }
    struct seen *fact = history_add(&world->result->history, SEEN_SENT);
    fact->word = sent_word(effect);
    fact->unit = effect->kind == EFFECT_SPAWN ? -1 : unit_of(world, effect->script);
    fact->index = effect->index;
    if (fact->unit >= 0 && fact->unit < MODEL_UNDO) {
        fact->index -= (int)world->run.scripts[effect->script].first;
    }
    fact->number = (int64_t)effect->announced_by;
    fact->flag = world->knows_lock;
}

static void send(struct world *world, const struct effect *effect)
{
    bool query = effect->kind == EFFECT_QUERY;
    bool broken = query && !world->sessions[effect->session];
    note_sent(world, effect);
    if (broken || world->request_count == REQUESTS_MAX) {
        return;
    }
    struct request *request = &world->requests[world->request_count++];
    *request = (struct request){.effect = *effect, .unit = unit_of(world, effect->script)};
    request->backend = query ? world->sessions[effect->session] : NULL;
}

static void write_record(struct world *world, const struct effect *effect)
{
    if (world->record_count == RECORDS_MAX) {
        return;
    }
    struct journal_line *record = &world->records[world->record_count++];
    *record = (struct journal_line){.kind = effect->record,
                                    .number = effect->announced,
                                    .script = effect->script,
                                    .unit = unit_of(world, effect->script),
                                    .index = effect->index};
    if (record->unit >= 0 && record->unit < MODEL_UNDO) {
        record->index -= (int)world->run.scripts[effect->script].first;
    }
}

static void die(struct world *world, const char *why)
{
    note_text(world, why);
    world->dead = true;
    world->result->crashes++;
}

/* Claims as the program's report would make them, after the orphans have ended. */
static void end_run(struct world *world, int exit_code)
{
    world->quit = true;
    for (int session = 0; session < SESSION__COUNT; session++) {
        detach(world, (enum session)session);
    }
    move_orphans(world, true);
    world->request_count = 0;
    for (size_t i = 0; i < world->run.script_count; i++) {
        const struct run_script *script = &world->run.scripts[i];
        if (script->kind != SCRIPT_MANUAL) {
            struct seen *fact = history_add(&world->result->history, SEEN_CLAIM);
            fact->unit = unit_of(world, (int)i);
            fact->word = script->partial ? "unknown" : script_state_words[script->state];
        }
    }
    struct seen *fact = history_add(&world->result->history, SEEN_EXIT);
    fact->number = world->mutant == MUTANT_EXIT_ZERO ? 0 : exit_code;
    world->result->exit_code = exit_code;
}

/* False: the record could not be written, the rest of the list is dropped. */
static bool journal(struct world *world, const struct effect *effect)
{
    if (fault(world) && one_in(world, 3)) {
        note_text(world, "the record cannot be written");
        world->record_broken = true;
        return false;
    }
    write_record(world, effect);
    if (fault(world)) {
        die(world, "the process dies before the sync");
        return false;
    }
    if (effect->sync && world->mutant != MUTANT_NO_SYNC) {
        sync_disk(world);
    }
    if (fault(world)) {
        die(world, "the process dies after the sync");
        return false;
    }
    return true;
}

static void perform_one(struct world *world, const struct effect *effect)
{
    struct strbuf line = {0};
    effect_write(&line, effect);
    note(world, "  <", &line);
    strbuf_release(&line);
    switch (effect->kind) {
    case EFFECT_CONNECT:
        /* Answered like a request, so that others may come first. */
        if (world->request_count < REQUESTS_MAX) {
            world->requests[world->request_count++] = (struct request){.effect = *effect};
        }
        return;
    case EFFECT_DISCONNECT:
        if (world->mutant != MUTANT_KEEPS_TRANSACTION) {
            detach(world, effect->session);
            forget_answers(world, effect->session);
        }
        return;
    case EFFECT_QUERY:
    case EFFECT_SPAWN:
    case EFFECT_REPORT:
        send(world, effect);
        return;
    case EFFECT_KILL:
        for (size_t i = 0; i < world->request_count; i++) {
            world->requests[i].failed = true;
        }
        return;
    case EFFECT_QUIT:
        end_run(world, effect->exit_code);
        return;
    case EFFECT_JOURNAL:
    case EFFECT__COUNT:
        return;
    }
}

/* The list of one step; it is copied, since a lost session steps again. */
static void perform(struct world *world)
{
    struct effect list[64];
    size_t count =
        world->effects.count < COUNT_OF(list) ? world->effects.count : COUNT_OF(list);
    if (count > 0) {
        memcpy(list, world->effects.items, count * sizeof(list[0]));
    }
    effects_clear(&world->effects);
    for (size_t i = 0; i + 1 < count && world->mutant == MUTANT_COMMIT_FIRST; i++) {
        if (list[i].kind == EFFECT_JOURNAL && list[i].record == RECORD_COMMIT_SENT) {
            struct effect record = list[i];
            list[i] = list[i + 1];
            list[i + 1] = record;
            break;
        }
    }
    for (size_t i = 0; i < count && !world->dead && !world->quit; i++) {
        if (list[i].kind == EFFECT_JOURNAL) {
            struct strbuf line = {0};
            effect_write(&line, &list[i]);
            note(world, "  <", &line);
            strbuf_release(&line);
            if (!journal(world, &list[i])) {
                break;
            }
        } else {
            perform_one(world, &list[i]);
        }
        if (!world->quit && fault(world)) {
            die(world, "the process dies between two effects");
        }
    }
    if (world->record_broken && !world->dead && !world->quit) {
        world->record_broken = false;
        step(world, (struct event){.kind = EVENT_RECORD_FAILED,
                                   .script = -1,
                                   .text = STR("no space left on device")});
    }
}

static void step(struct world *world, struct event event)
{
    struct err err = {0};
    if (world->dead || world->quit) {
        return;
    }
    world->clock_us += 1000;
    event.at_us = world->clock_us;
    world->result->events++;
    if (world->log) {
        struct strbuf line = {0};
        event_write(&line, &event);
        note(world, state_words[world->run.state], &line);
        strbuf_release(&line);
    }
    if (event.kind != EVENT_TICK && event.kind != EVENT_RECORD_FAILED) {
        append_event(world, &event);
    }
    if (!engine_step(&world->run, &event, &world->effects, &err)) {
        world->result->wrong = "the engine refused an event";
        world->quit = true;
        return;
    }
    perform(world);
}

/* --------------------------------------------------------------------- people */

/* Somebody looks into the database and says what is true; not while it may still change. */
static struct event word_in_doubt(struct world *world)
{
    struct event event = {.kind = EVENT_LEAVE, .script = -1, .who = STR("anna")};
    int unit = unit_of(world, world->run.script);
    bool moving = false;
    for (size_t i = 0; i < world->server.backend_count; i++) {
        const struct model_backend *backend = &world->server.backends[i];
        moving = moving || (backend->alive && !backend->attached);
    }
    bool renamed = world->run.option >= 0 &&
                   world->run.options[world->run.option].option->kind == PLAN_ROLLBACK_RESTORE;
    if (unit < 0 || unit >= MODEL_UNDO || moving || renamed || one_in(world, 4)) {
        return event;
    }
    size_t there = 0;
    for (int i = 0; i < MODEL_STATEMENTS; i++) {
        there += world->server.durable[unit][i] ? 1 : 0;
    }
    const struct run_script *script = &world->run.scripts[world->run.script];
    if (there > 0 && there < script->last - script->first) {
        return event;
    }
    event.kind = one_in(world, 5)   ? EVENT_ROLLBACK
                 : one_in(world, 3) ? EVENT_RERUN
                                    : EVENT_SETTLE;
    event.tag = there > 0 ? STR("committed") : STR("rolled back");
    event.text = STR("looked");
    return event;
}

static struct event unexpected_word(struct world *world)
{
    static const enum event_kind kinds[] = {EVENT_HOLD,   EVENT_ROLLBACK, EVENT_LEAVE,
                                            EVENT_CANCEL, EVENT_GO_ON,    EVENT_RERUN,
                                            EVENT_BACK,   EVENT_RERUN};
    struct event event = {.script = -1, .who = STR("ben"), .text = STR("dice")};
    event.kind = kinds[draw(world) % COUNT_OF(kinds)];
    return event;
}

/* Pressing, but never in a transaction: that is one of the things that are judged. */
static bool ask_people(struct world *world)
{
    struct ask asks[ASKS_MAX];
    size_t count = engine_asks(&world->run, &world->arena, asks, ASKS_MAX);
    if (count == 0) {
        return false;
    }
    history_add(&world->result->history, SEEN_ASKED)->flag =
        model_has_open_transaction(&world->server);
    struct event event = obedient_word(&asks[draw(world) % count]);
    if (asks[0].kind == ASK_IN_DOUBT) {
        event = word_in_doubt(world);
    } else if (asks[0].kind == ASK_FAILED || asks[0].kind == ASK_HOLD) {
        event = one_in(world, 3) ? unexpected_word(world) : event;
    } else if (event.kind == EVENT_OPTION) {
        event.id = asks[draw(world) % count].id;
        event = one_in(world, 4) ? unexpected_word(world) : event;
    } else if (world->wants_back && event.kind == EVENT_GO_ON && one_in(world, 4)) {
        event.kind = EVENT_ROLLBACK;
    } else if (one_in(world, 40)) {
        event = unexpected_word(world);
    }
    /* Sometimes people say that it is done, and it is not. */
    if (event.kind == EVENT_NOTE && world->run.state == STATE_WAY_MANUAL && !one_in(world, 3)) {
        model_switch(&world->server);
    }
    event.script = -1;
    step(world, event);
    return true;
}

/* ------------------------------------------------------------------- the process */

/* Was COMMIT-SENT of the open script written since its INTENT? */
static bool commit_was_sent(const struct world *world)
{
    bool sent = false;
    for (size_t i = 0; i < world->record_count; i++) {
        const struct journal_line *record = &world->records[i];
        if (record->length == 0 && record->script == world->run.script) {
            sent =
                record->kind == RECORD_COMMIT_SENT || (sent && record->kind != RECORD_INTENT);
        }
    }
    return sent;
}

static void fold(struct world *world)
{
    struct effects effects = {0};
    run_release(&world->run);
    run_init(&world->run, &world->fixture->setup, &world->arena);
    for (size_t i = 0; i < world->record_count; i++) {
        const struct journal_line *record = &world->records[i];
        struct err err = {0};
        struct event event;
        if (record->length == 0) {
            continue;
        }
        struct json *json =
            json_read(str_slice(strbuf_str(&world->text), record->from, record->length), &err);
        if (!json || !event_read(json, &world->arena, &event, &err) ||
            !engine_step(&world->run, &event, &effects, &err)) {
            world->result->wrong = "the journal cannot be folded";
        }
        effects_clear(&effects);
        json_free(json);
    }
    effects_release(&effects);
}

/* The process begins, or begins again with what the disk kept. */
static void start(struct world *world)
{
    world->dead = world->quit = world->record_broken = false;
    world->knows_lock = false;
    if (world->record_count == 0) {
        run_release(&world->run);
        run_init(&world->run, &world->fixture->setup, &world->arena);
        step(world, (struct event){.kind = EVENT_START, .script = -1, .who = STR("anna")});
        return;
    }
    fold(world);
    note_text(world, "resumed");
    step(world, (struct event){.kind = EVENT_RESUMED,
                               .script = -1,
                               .who = STR("anna"),
                               .flag = commit_was_sent(world)});
}

static void kill_process(struct world *world)
{
    for (int session = 0; session < SESSION__COUNT; session++) {
        detach(world, (enum session)session);
        forget_answers(world, (enum session)session);
    }
    size_t kept = 0;
    for (size_t i = 0; i < world->request_count; i++) {
        if (world->requests[i].backend) {
            world->requests[kept++] = world->requests[i];
        }
    }
    world->request_count = kept;
    lose_tail(world);
}

/* --------------------------------------------------------------------- one round */

/* The oldest request of a session that is drawn; tasks and connects are on their own. */
static bool move_request(struct world *world)
{
    size_t candidates[REQUESTS_MAX];
    size_t count = 0;
    bool seen[SESSION__COUNT] = {false};
    for (size_t i = 0; i < world->request_count; i++) {
        const struct request *request = &world->requests[i];
        bool query = request->effect.kind == EFFECT_QUERY;
        if (request->effect.kind == EFFECT__COUNT || (query && seen[request->effect.session])) {
            continue;
        }
        if (query) {
            seen[request->effect.session] = true;
        }
        candidates[count++] = i;
    }
    if (count == 0) {
        return false;
    }
    size_t place = candidates[draw(world) % count];
    struct request *request = &world->requests[place];
    if (request->effect.kind == EFFECT_CONNECT) {
        struct effect effect = request->effect;
        memmove(request, request + 1, (world->request_count - place - 1) * sizeof(*request));
        world->request_count--;
        connect_now(world, &effect);
    } else if (request->effect.kind == EFFECT_QUERY && !request->executed) {
        bool keeps = world->mutant == MUTANT_KEEPS_TRANSACTION &&
                     request->effect.query == QUERY_ROLLBACK;
        if (!keeps) {
            execute(world, request);
        }
        request->executed = true;
    } else {
        deliver(world, place);
    }
    return true;
}

static void move_time(struct world *world)
{
    int64_t next = engine_next_us(&world->run);
    if (world->run.state == STATE_MONITOR) {
        next = world->run.monitor_ends_us;
    }
    if (world->run.retry_us != 0) {
        next = world->run.retry_us;
    }
    if (next != INT64_MAX && next > world->clock_us) {
        world->clock_us = next;
    }
    step(world,
         (struct event){.kind = engine_due(&world->run, world->clock_us + 1000), .script = -1});
}

static void trouble(struct world *world)
{
    switch (draw(world) % 6) {
    case 0:
        lose_session(world, SESSION_WORK, "reset by peer");
        return;
    case 1:
        lose_session(world, SESSION_WATCH, "reset by peer");
        return;
    case 2:
        lose_session(world, SESSION_CHECK, "reset by peer");
        return;
    case 3:
        crash_server(world);
        return;
    case 4:
        step(world, unexpected_word(world));
        return;
    default:
        die(world, "the process is killed");
        return;
    }
}

static void play_process(struct world *world, int *rounds)
{
    while (!world->dead && !world->quit && (*rounds)++ < ROUNDS_MAX) {
        move_orphans(world, false);
        if (fault(world)) {
            trouble(world);
        } else if (!move_request(world) && !ask_people(world)) {
            move_time(world);
        }
    }
}

static void plan_for_checker(struct world *world, bool ledger)
{
    const struct plan_steps *steps = &world->fixture->plan->steps;
    world->checker_plan.ledger = ledger;
    for (size_t i = 0; i < steps->count; i++) {
        const struct run_script *script = &world->run.scripts[i];
        if (steps->items[i].kind == PLAN_STEP_MIGRATION) {
            world->checker_plan.statements[i] = script->last - script->first;
            world->checker_plan.each[i] = script->transaction == PLAN_TRANSACTION_EACH;
        }
    }
}

void sim_play(struct plan_fixture *fixture, bool ledger, uint64_t seed, enum sim_mutant mutant,
              bool log, struct sim_result *result)
{
    struct world *world = mem_zero(1, sizeof(*world));
    int rounds = 0;
    *result = (struct sim_result){.exit_code = -1};
    world->fixture = fixture;
    world->mutant = mutant;
    world->random = seed;
    world->result = result;
    world->log = log;
    world->clock_us = INT64_C(1706688000000000);
    world->faults = (int)(draw(world) % (FAULTS_MAX + 1));
    world->fault_rate = 4 + (unsigned)(draw(world) % 80);
    world->orphan_rate = 2 + (unsigned)(draw(world) % 30);
    world->wants_back = one_in(world, 3);
    model_init(&world->server, &result->history);
    run_init(&world->run, &fixture->setup, &world->arena);
    plan_for_checker(world, ledger);
    for (;;) {
        start(world);
        play_process(world, &rounds);
        if (rounds >= ROUNDS_MAX) {
            result->wrong = "the run does not come to an end";
            break;
        }
        if (world->dead) {
            kill_process(world);
        }
        bool finished = world->quit && (result->exit_code == 0 || result->exit_code == 8);
        if (result->wrong || finished || world->resumes++ >= RESUMES_MAX) {
            break;
        }
    }
    size_t at = 0;
    if (!result->wrong) {
        result->wrong = checker_judge(&world->checker_plan, &result->history, &at);
    }
    if (log && result->wrong) {
        strbuf_format(&result->log, "fact %zu: %s\n", at, result->wrong);
        history_write(&result->log, &result->history);
    }
    run_release(&world->run);
    effects_release(&world->effects);
    strbuf_release(&world->text);
    arena_release(&world->arena);
    free(world);
}

void sim_result_release(struct sim_result *result)
{
    strbuf_release(&result->log);
    history_release(&result->history);
}
