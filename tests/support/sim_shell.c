/* SPDX-License-Identifier: PostgreSQL */
/*
 * The shell of a history: performs what the engine wants, in the order of the list. The
 * process may die between any two effects, and before and after a sync.
 */
#include "sim_private.h"

static const char *sent_word(const struct effect *effect)
{
    return effect->kind == EFFECT_SPAWN ? "spawn" : query_words[effect->query];
}

static void note_sent(struct sim_world *world, const struct effect *effect)
{
    if (!effect_changes_world(effect)) {
        return;
    }
    struct seen *fact = history_add(&world->result->history, SEEN_SENT);
    fact->word = sent_word(effect);
    fact->unit = effect->kind == EFFECT_SPAWN ? -1 : sim_unit_of(world, effect->script);
    fact->index = effect->index;
    if (fact->unit >= 0 && fact->unit < MODEL_UNDO) {
        fact->index -= (int)world->run.scripts[effect->script].first;
    }
    fact->number = (int64_t)effect->announced_by;
    fact->flag = world->knows_lock;
}

static void send(struct sim_world *world, const struct effect *effect)
{
    bool query = effect->kind == EFFECT_QUERY;
    bool broken = query && !world->sessions[effect->session];
    note_sent(world, effect);
    if (broken || world->request_count == SIM_REQUESTS_MAX) {
        return;
    }
    struct sim_request *request = &world->requests[world->request_count++];
    *request =
        (struct sim_request){.effect = *effect, .unit = sim_unit_of(world, effect->script)};
    request->backend = query ? world->sessions[effect->session] : NULL;
}

static void write_record(struct sim_world *world, const struct effect *effect)
{
    if (world->record_count == SIM_RECORDS_MAX) {
        return;
    }
    struct sim_record *record = &world->records[world->record_count++];
    *record = (struct sim_record){.kind = effect->record,
                                  .number = effect->announced,
                                  .script = effect->script,
                                  .unit = sim_unit_of(world, effect->script),
                                  .index = effect->index};
    if (record->unit >= 0 && record->unit < MODEL_UNDO) {
        record->index -= (int)world->run.scripts[effect->script].first;
    }
}

void sim_die(struct sim_world *world, const char *why)
{
    sim_note_text(world, why);
    world->dead = true;
    world->result->crashes++;
}

/* Claims as the program's report would make them, after the orphans have ended. */
static void end_run(struct sim_world *world, int exit_code)
{
    world->quit = true;
    for (int session = 0; session < SESSION__COUNT; session++) {
        sim_detach(world, (enum session)session);
    }
    sim_move_orphans(world, true);
    world->request_count = 0;
    for (size_t i = 0; i < world->run.script_count; i++) {
        const struct run_script *script = &world->run.scripts[i];
        if (script->kind != SCRIPT_MANUAL) {
            struct seen *fact = history_add(&world->result->history, SEEN_CLAIM);
            fact->unit = sim_unit_of(world, (int)i);
            fact->word = script->partial ? "unknown" : script_state_words[script->state];
        }
    }
    struct seen *fact = history_add(&world->result->history, SEEN_EXIT);
    fact->number = world->mutant == MUTANT_EXIT_ZERO ? 0 : exit_code;
    world->result->exit_code = exit_code;
}

/* False: the record could not be written, the rest of the list is dropped. */
static bool journal(struct sim_world *world, const struct effect *effect)
{
    if (sim_fault(world) && sim_one_in(world, 3)) {
        sim_note_text(world, "the record cannot be written");
        world->record_broken = true;
        return false;
    }
    write_record(world, effect);
    if (sim_fault(world)) {
        sim_die(world, "the process dies before the sync");
        return false;
    }
    if (effect->sync && world->mutant != MUTANT_NO_SYNC) {
        sim_sync_disk(world);
    }
    if (sim_fault(world)) {
        sim_die(world, "the process dies after the sync");
        return false;
    }
    return true;
}

static void perform_one(struct sim_world *world, const struct effect *effect)
{
    struct strbuf line = {0};
    effect_write(&line, effect);
    sim_note(world, "  <", &line);
    strbuf_release(&line);
    switch (effect->kind) {
    case EFFECT_CONNECT:
        /* Answered like a request, so that others may come first. */
        if (world->request_count < SIM_REQUESTS_MAX) {
            world->requests[world->request_count++] = (struct sim_request){.effect = *effect};
        }
        return;
    case EFFECT_DISCONNECT:
        if (world->mutant != MUTANT_KEEPS_TRANSACTION) {
            sim_detach(world, effect->session);
            sim_forget_answers(world, effect->session);
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
static void perform(struct sim_world *world)
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
            sim_note(world, "  <", &line);
            strbuf_release(&line);
            if (!journal(world, &list[i])) {
                break;
            }
        } else {
            perform_one(world, &list[i]);
        }
        if (!world->quit && sim_fault(world)) {
            sim_die(world, "the process dies between two effects");
        }
    }
    if (world->record_broken && !world->dead && !world->quit) {
        world->record_broken = false;
        sim_step(world, (struct event){.kind = EVENT_RECORD_FAILED,
                                       .script = -1,
                                       .text = STR("no space left on device")});
    }
}

void sim_step(struct sim_world *world, struct event event)
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
        sim_note(world, state_words[world->run.state], &line);
        strbuf_release(&line);
    }
    if (event.kind != EVENT_TICK && event.kind != EVENT_RECORD_FAILED) {
        sim_append_event(world, &event);
    }
    if (!engine_step(&world->run, &event, &world->effects, &err)) {
        world->result->wrong = "the engine refused an event";
        world->quit = true;
        return;
    }
    perform(world);
}
