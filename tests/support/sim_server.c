/* SPDX-License-Identifier: PostgreSQL */
/*
 * The network and the server. A request is sent, executed and answered in three moves, so
 * that a fault may fall between any two of them; what was sent and not executed may still
 * be executed by a backend whose client is gone.
 */
#include "sim_private.h"

/* ----------------------------------------------------------------- the network */

void sim_detach(struct sim_world *world, enum session session)
{
    struct model_backend *backend = world->sessions[session];
    world->sessions[session] = NULL;
    if (!backend) {
        return;
    }
    backend->attached = false;
    /* Often the server notices at once; else the backend stays for a while as an orphan. */
    if (sim_one_in(world, 2)) {
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
void sim_forget_answers(struct sim_world *world, enum session session)
{
    size_t kept = 0;
    for (size_t i = 0; i < world->request_count; i++) {
        struct sim_request *request = &world->requests[i];
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

void sim_lose_session(struct sim_world *world, enum session session, const char *why)
{
    if (!world->sessions[session]) {
        return;
    }
    sim_detach(world, session);
    sim_forget_answers(world, session);
    if (session == SESSION_WATCH) {
        world->knows_lock = false;
    }
    sim_step(world,
             (struct event){
                 .kind = EVENT_LOST, .session = session, .script = -1, .text = str_from(why)});
}

void sim_crash_server(struct sim_world *world)
{
    sim_note_text(world, "the server crashes and restarts");
    model_crash(&world->server);
    for (int session = 0; session < SESSION__COUNT && !world->dead && !world->quit; session++) {
        sim_lose_session(world, (enum session)session, "server closed the connection");
    }
}

void sim_connect_now(struct sim_world *world, const struct effect *effect)
{
    struct event event = {.kind = EVENT_CONNECTED, .session = effect->session, .script = -1};
    struct model_backend *backend = sim_fault(world) ? NULL : model_connect(&world->server);
    if (world->sessions[effect->session]) {
        sim_detach(world, effect->session);
    }
    world->sessions[effect->session] = backend;
    if (!backend) {
        event.kind = EVENT_CONNECT_FAILED;
        sim_step(world, event);
        return;
    }
    event.pid = backend->pid;
    event.backend_start_us = backend->start_us;
    sim_step(world, event);
}

/* --------------------------------------------------------------- the server's work */

void sim_execute(struct sim_world *world, struct sim_request *request)
{
    struct model_backend *backend = request->backend;
    const struct effect *effect = &request->effect;
    request->executed = true;
    if (!backend || !backend->alive) {
        return;
    }
    switch (effect->query) {
    case QUERY_BEGIN:
        request->failed = sim_fault(world);
        if (!request->failed) {
            model_begin(&world->server, backend);
        }
        return;
    case QUERY_STATEMENT:
        request->failed = sim_fault(world);
        if (!request->failed) {
            int first =
                request->unit < MODEL_UNDO ? (int)world->run.scripts[effect->script].first : 0;
            model_do(&world->server, backend,
                     (struct pending){PENDING_STATEMENT, request->unit, effect->index - first});
        }
        return;
    case QUERY_LEDGER_WRITE:
        request->failed = sim_fault(world);
        if (!request->failed) {
            enum pending_kind kind =
                request->unit >= MODEL_UNDO ? PENDING_LEDGER_CLEAR : PENDING_LEDGER_SET;
            model_do(&world->server, backend, (struct pending){kind, request->unit, 0});
        }
        return;
    case QUERY_COMMIT:
        request->failed = sim_fault(world);
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
        request->failed = sim_fault(world);
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
    case QUERY_ARCHIVER:
    case QUERY_RECENT:
    case QUERY_CONTEXT:
    case QUERY_WORKLOAD:
    case QUERY__COUNT:
        return;
    }
}

/* Backends without a client: what lay in their socket runs, then they end. */
void sim_move_orphans(struct sim_world *world, bool all)
{
    for (size_t i = 0; i < world->server.backend_count; i++) {
        struct model_backend *backend = &world->server.backends[i];
        if (!backend->alive || backend->attached ||
            (!all && !sim_one_in(world, world->orphan_rate))) {
            continue;
        }
        for (size_t k = 0; k < world->request_count; k++) {
            if (world->requests[k].backend == backend && !world->requests[k].executed) {
                sim_execute(world, &world->requests[k]);
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

static bool backend_is_gone(const struct sim_world *world, const struct effect *effect)
{
    for (size_t i = 0; i < world->server.backend_count; i++) {
        const struct model_backend *backend = &world->server.backends[i];
        if (backend->alive && backend->pid == effect->pid) {
            return false;
        }
    }
    return true;
}

static enum outcome xid_outcome(const struct sim_world *world, int64_t xid)
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

static void answer_ledger(struct sim_world *world, struct event *event)
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

static void answer_ready(struct sim_world *world, const struct sim_request *request,
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
    if (!applied && sim_fault(world)) {
        event->outcome = OUTCOME_FAILED;
        event->id = STR("changed");
    }
}

static void answer_look(struct sim_world *world, const struct sim_request *request,
                        struct event *event)
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
        } else if (sim_fault(world)) {
            event->outcome = OUTCOME_UNKNOWN;
        }
        return;
    case LOOK_XID:
        event->outcome = xid_outcome(world, effect->xid);
        return;
    case LOOK_IN_THE_WAY:
        event->outcome = say(!sim_fault(world));
        return;
    case LOOK_IDENTITY:
    case LOOK_POOLER:
    case LOOK_SETTINGS:
    case LOOK__COUNT:
        return;
    }
}

/* What the catalog shows: as before, as planned, or something in between. */
static void answer_snapshot(struct sim_world *world, const struct effect *effect,
                            struct event *event)
{
    static const struct event_item before = {.kind = {"tables", 6}, .value = 3};
    static const struct event_item after = {.kind = {"tables", 6}, .value = 2};
    static const struct event_change change = {
        .what = {"tables", 6}, .name = {"c", 1}, .kind = CHANGE_GONE};
    bool same = model_is_as_before(&world->server);
    event->items = same ? &before : &after;
    bool differs = (effect->moment == MOMENT_BACK && !same) ||
                   (effect->moment == MOMENT_BEFORE && sim_fault(world));
    if (differs && world->mutant != MUTANT_ALWAYS_EQUAL) {
        event->changes = &change;
        event->change_count = 1;
    }
}

/* Turns what the server did into the event that the program gets. */
static void answer(struct sim_world *world, const struct sim_request *request,
                   struct event *event)
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
        event->outcome = sim_fault(world) ? OUTCOME_FAILED : OUTCOME_OK;
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
        event->outcome = sim_fault(world) ? OUTCOME_UNKNOWN : OUTCOME_OK;
        return;
    case QUERY_ROLLBACK:
    case QUERY_BLOCKERS:
    case QUERY_CANCEL:
    case QUERY_TERMINATE:
    case QUERY_COUNTS:
    case QUERY_WRITES:
    case QUERY_ARCHIVER:
    case QUERY_RECENT:
    case QUERY_CONTEXT:
    case QUERY_WORKLOAD:
    case QUERY__COUNT:
        return;
    }
}

/* The reply is lost or late: the shell gives up and says that it does not know. */
static bool reply_is_lost(struct sim_world *world, const struct sim_request *request,
                          struct event *event)
{
    enum query query = request->effect.query;
    bool known = query == QUERY_BEGIN || query == QUERY_STATEMENT ||
                 query == QUERY_LEDGER_WRITE || query == QUERY_EVIDENCE ||
                 query == QUERY_COMMIT || query == QUERY_ROLLBACK || query == QUERY_SWITCH;
    if (!known || !sim_fault(world)) {
        return false;
    }
    event->outcome = OUTCOME_UNKNOWN;
    if (query == QUERY_COMMIT && world->mutant == MUTANT_UNKNOWN_IS_FAILED) {
        event->outcome = OUTCOME_FAILED;
    }
    return true;
}

void sim_deliver(struct sim_world *world, size_t place)
{
    struct sim_request request = world->requests[place];
    struct event event;
    memmove(&world->requests[place], &world->requests[place + 1],
            (world->request_count - place - 1) * sizeof(request));
    world->request_count--;
    if (!obedient_answer(&request.effect, &event)) {
        return;
    }
    if (request.effect.kind == EFFECT_SPAWN) {
        event.outcome = sim_fault(world) ? OUTCOME_FAILED : OUTCOME_OK;
        sim_step(world, event);
        return;
    }
    answer(world, &request, &event);
    if (request.effect.session == SESSION_WORK && reply_is_lost(world, &request, &event)) {
        sim_note_text(world, "that answer is lost");
    }
    sim_step(world, event);
}
