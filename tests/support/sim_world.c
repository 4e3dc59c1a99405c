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
#include "sim_private.h"

enum {
    ROUNDS_MAX = 3000,
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

/* ------------------------------------------------------------------- the process */

/* A power cut keeps what was synced and perhaps some of the rest; a kill keeps all of it. */
static void lose_tail(struct sim_world *world)
{
    size_t loose = world->record_count - world->synced_count;
    if (loose == 0 || sim_one_in(world, 2)) {
        sim_sync_disk(world);
        return;
    }
    world->record_count = world->synced_count + sim_draw(world) % (loose + 1);
    sim_sync_disk(world);
}

/* Was COMMIT-SENT of the open script written since its INTENT? */
static bool commit_was_sent(const struct sim_world *world)
{
    bool sent = false;
    for (size_t i = 0; i < world->record_count; i++) {
        const struct sim_record *record = &world->records[i];
        if (record->length == 0 && record->script == world->run.script) {
            sent =
                record->kind == RECORD_COMMIT_SENT || (sent && record->kind != RECORD_INTENT);
        }
    }
    return sent;
}

static void fold(struct sim_world *world)
{
    struct effects effects = {0};
    run_release(&world->run);
    run_init(&world->run, &world->fixture->setup, &world->arena);
    for (size_t i = 0; i < world->record_count; i++) {
        const struct sim_record *record = &world->records[i];
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
static void start(struct sim_world *world)
{
    world->dead = world->quit = world->record_broken = false;
    world->knows_lock = false;
    if (world->record_count == 0) {
        run_release(&world->run);
        run_init(&world->run, &world->fixture->setup, &world->arena);
        sim_step(world, (struct event){.kind = EVENT_START, .script = -1, .who = STR("anna")});
        return;
    }
    fold(world);
    if (!engine_abandon_trouble(&world->run) && sim_one_in(world, 8)) {
        sim_note_text(world, "abandoned by its record alone");
        sim_step(world, (struct event){.kind = EVENT_ABANDON,
                                       .script = -1,
                                       .who = STR("ben"),
                                       .text = STR("dice")});
        return;
    }
    sim_note_text(world, "resumed");
    sim_step(world, (struct event){.kind = EVENT_RESUMED,
                                   .script = -1,
                                   .who = STR("anna"),
                                   .flag = commit_was_sent(world)});
}

static void kill_process(struct sim_world *world)
{
    for (int session = 0; session < SESSION__COUNT; session++) {
        sim_detach(world, (enum session)session);
        sim_forget_answers(world, (enum session)session);
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
static bool move_request(struct sim_world *world)
{
    size_t candidates[SIM_REQUESTS_MAX];
    size_t count = 0;
    bool seen[SESSION__COUNT] = {false};
    for (size_t i = 0; i < world->request_count; i++) {
        const struct sim_request *request = &world->requests[i];
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
    size_t place = candidates[sim_draw(world) % count];
    struct sim_request *request = &world->requests[place];
    if (request->effect.kind == EFFECT_CONNECT) {
        struct effect effect = request->effect;
        memmove(request, request + 1, (world->request_count - place - 1) * sizeof(*request));
        world->request_count--;
        sim_connect_now(world, &effect);
    } else if (request->effect.kind == EFFECT_QUERY && !request->executed) {
        bool keeps = world->mutant == MUTANT_KEEPS_TRANSACTION &&
                     request->effect.query == QUERY_ROLLBACK;
        if (!keeps) {
            sim_execute(world, request);
        }
        request->executed = true;
    } else {
        sim_deliver(world, place);
    }
    return true;
}

static void move_time(struct sim_world *world)
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
    sim_step(world, (struct event){.kind = engine_due(&world->run, world->clock_us + 1000),
                                   .script = -1});
}

static void trouble(struct sim_world *world)
{
    switch (sim_draw(world) % 6) {
    case 0:
        sim_lose_session(world, SESSION_WORK, "reset by peer");
        return;
    case 1:
        sim_lose_session(world, SESSION_WATCH, "reset by peer");
        return;
    case 2:
        sim_lose_session(world, SESSION_CHECK, "reset by peer");
        return;
    case 3:
        sim_crash_server(world);
        return;
    case 4:
        sim_step(world, sim_unexpected_word(world));
        return;
    default:
        sim_die(world, "the process is killed");
        return;
    }
}

static void play_process(struct sim_world *world, int *rounds)
{
    while (!world->dead && !world->quit && (*rounds)++ < ROUNDS_MAX) {
        sim_move_orphans(world, false);
        if (sim_fault(world)) {
            trouble(world);
        } else if (!move_request(world) && !sim_ask_people(world)) {
            move_time(world);
        }
    }
}

static void plan_for_checker(struct sim_world *world, bool ledger)
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
    struct sim_world *world = mem_zero(1, sizeof(*world));
    int rounds = 0;
    *result = (struct sim_result){.exit_code = -1};
    world->fixture = fixture;
    world->mutant = mutant;
    world->random = seed;
    world->result = result;
    world->log = log;
    world->clock_us = INT64_C(1706688000000000);
    world->faults = (int)(sim_draw(world) % (FAULTS_MAX + 1));
    world->fault_rate = 4 + (unsigned)(sim_draw(world) % 80);
    world->orphan_rate = 2 + (unsigned)(sim_draw(world) % 30);
    world->wants_back = sim_one_in(world, 3);
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
