/* SPDX-License-Identifier: PostgreSQL */
/* Whoever answers by dice: obedient for the most part, and never in a hurry to be right. */
#include "sim_private.h"

/* Somebody looks into the database and says what is true; not while it may still change. */
static struct event word_in_doubt(struct sim_world *world)
{
    struct event event = {.kind = EVENT_LEAVE, .script = -1, .who = STR("anna")};
    int unit = sim_unit_of(world, world->run.script);
    bool moving = false;
    for (size_t i = 0; i < world->server.backend_count; i++) {
        const struct model_backend *backend = &world->server.backends[i];
        moving = moving || (backend->alive && !backend->attached);
    }
    bool renamed = world->run.option >= 0 &&
                   world->run.options[world->run.option].option->kind == PLAN_ROLLBACK_RESTORE;
    if (unit < 0 || unit >= MODEL_UNDO || moving || renamed || sim_one_in(world, 4)) {
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
    event.kind = sim_one_in(world, 5)   ? EVENT_ROLLBACK
                 : sim_one_in(world, 3) ? EVENT_RERUN
                                        : EVENT_SETTLE;
    event.tag = there > 0 ? STR("committed") : STR("rolled back");
    event.text = STR("looked");
    return event;
}

struct event sim_unexpected_word(struct sim_world *world)
{
    static const enum event_kind kinds[] = {EVENT_HOLD,   EVENT_ROLLBACK, EVENT_LEAVE,
                                            EVENT_CANCEL, EVENT_GO_ON,    EVENT_RERUN,
                                            EVENT_BACK,   EVENT_RERUN,    EVENT_ABANDON};
    struct event event = {.script = -1, .who = STR("ben"), .text = STR("dice")};
    event.kind = kinds[sim_draw(world) % COUNT_OF(kinds)];
    return event;
}

/* Pressing, but never in a transaction: that is one of the things that are judged. */
bool sim_ask_people(struct sim_world *world)
{
    struct ask asks[ASKS_MAX];
    size_t count = engine_asks(&world->run, &world->arena, asks, ASKS_MAX);
    if (count == 0) {
        return false;
    }
    history_add(&world->result->history, SEEN_ASKED)->flag =
        model_has_open_transaction(&world->server);
    struct event event = obedient_word(&asks[sim_draw(world) % count]);
    if (asks[0].kind == ASK_IN_DOUBT) {
        event = word_in_doubt(world);
    } else if (asks[0].kind == ASK_FAILED || asks[0].kind == ASK_HOLD) {
        event = sim_one_in(world, 3) ? sim_unexpected_word(world) : event;
    } else if (event.kind == EVENT_OPTION) {
        event.id = asks[sim_draw(world) % count].id;
        event = sim_one_in(world, 4) ? sim_unexpected_word(world) : event;
    } else if (world->wants_back && event.kind == EVENT_GO_ON && sim_one_in(world, 4)) {
        event.kind = EVENT_ROLLBACK;
    } else if (sim_one_in(world, 40)) {
        event = sim_unexpected_word(world);
    }
    /* Sometimes people say that it is done, and it is not. */
    if (event.kind == EVENT_NOTE && world->run.state == STATE_WAY_MANUAL &&
        !sim_one_in(world, 3)) {
        model_switch(&world->server);
    }
    event.script = -1;
    sim_step(world, event);
    return true;
}
