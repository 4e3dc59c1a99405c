/* SPDX-License-Identifier: PostgreSQL */
/*
 * POLL: the go/no-go questions, then the roles in their order, then the typed name.
 * One NO-GO stops, one HOLD waits, whoever of the listed people says it. A vote that
 * is given again replaces the earlier one, and both stay in the record.
 */
#include "engine_private.h"

void enter_poll(struct run *run, struct effects *effects)
{
    run_go(run, effects, STATE_POLL);
    run->retry_us = run->opens_us > run->now_us ? run->opens_us : 0; /* then all is looked at */
    pass_gate(run, PLAN_GATE_POLL, false);
    run->running_checks = 0;
    ask_items(run, effects, PLAN_GATE_POLL);
    if (run->context.out) { /* who was asked while the server was away may be silent */
        run->context.out = false;
        ask_context(run, effects);
    }
    ask_in_the_way(run, effects, false);
}

const struct run_vote *vote_of(const struct run *run, struct str role)
{
    for (size_t i = run->vote_count; i > 0; i--) {
        if (!run->votes[i - 1].replaced && str_is(run->votes[i - 1].role, role)) {
            return &run->votes[i - 1];
        }
    }
    return NULL;
}

bool vote_is_known(const struct run *run, const struct event *event)
{
    bool word =
        str_eq(event->tag, "GO") || str_eq(event->tag, "NO-GO") || str_eq(event->tag, "HOLD");
    return word && event->who.len > 0 && plan_find_role(run->plan, event->id);
}

static void keep_vote(struct run *run, const struct event *event)
{
    for (size_t i = 0; i < run->vote_count; i++) {
        if (str_is(run->votes[i].role, event->id)) {
            run->votes[i].replaced = true;
        }
    }
    struct run_vote *vote = ARRAY_PUSH(run->votes, run->vote_count, run->vote_capacity);
    *vote = (struct run_vote){.at_us = event->at_us, .claim = event->flag};
    vote->role = run_keep(run, event->id);
    vote->who = run_keep(run, event->who);
    vote->vote = run_keep(run, event->tag);
    vote->why = run_keep(run, event->text);
}

void on_vote(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    keep_vote(run, event);
}

bool vote_is_no_go(const struct run *run, const struct event *event)
{
    return vote_is_known(run, event) && str_eq(event->tag, "NO-GO");
}

void on_no_go(struct run *run, const struct event *event, struct effects *effects)
{
    keep_vote(run, event);
    run_hold_as(
        run, effects, STATE_POLL, event->who,
        run_keep_format(run, "NO-GO by %.*s: %.*s", STR_ARG(event->who),
                        STR_ARG(event->text.len > 0 ? event->text : STR("no reason given"))),
        PLAN_WHEN_NO_GO);
}

bool votes_are_go(const struct run *run)
{
    const struct plan_roles *roles = &run->plan->roles;
    for (size_t i = 0; i < roles->count; i++) {
        const struct run_vote *vote = vote_of(run, roles->items[i].id);
        if (vote ? !str_eq(vote->vote, "GO") : roles->items[i].votes) {
            return false;
        }
    }
    return true;
}

bool poll_is_settled(const struct run *run)
{
    struct run_tally blocks = block_tally(run);
    return gate_is_closed(run, PLAN_GATE_POLL) && blocks.done == blocks.all &&
           votes_are_go(run) && backups_are_proven(run, NULL);
}

static bool is_inside(const struct run *run)
{
    return run->opens_us == 0 || (run->now_us >= run->opens_us && run->now_us < run->closes_us);
}

/* Whoever is a minute early waits, on every target: nobody has to decide anything for that. */
bool window_is_awaited(const struct run *run)
{
    return !run->window_overridden && run->opens_us > run->now_us &&
           run->opens_us - run->now_us <= US_PER_MINUTE;
}

/* Where it matters the window is a decision of people; elsewhere it is only told. */
bool window_is_asked(const struct run *run)
{
    bool matters = run->target->guarded || str_eq(run->target->environment, "production");
    return matters && !is_inside(run) && !run->window_overridden && !window_is_awaited(run);
}

static void put_minute(struct strbuf *out, int64_t time_us)
{
    struct calendar at = calendar_from_us(time_us);
    strbuf_format(out, "%04d-%02d-%02d %02d:%02d", at.year, at.month, at.day, at.hour,
                  at.minute);
}

struct str window_text(const struct run *run, struct arena *arena)
{
    if (is_inside(run)) {
        return (struct str){0};
    }
    struct strbuf text = {0};
    strbuf_text(&text, "it is ");
    put_minute(&text, run->now_us);
    strbuf_text(&text, " UTC, the window is ");
    put_minute(&text, run->opens_us);
    strbuf_text(&text, " to ");
    put_minute(&text, run->closes_us);
    strbuf_text(&text, " UTC");
    struct str kept = str_dup(arena, strbuf_str(&text));
    strbuf_release(&text);
    return kept;
}

bool engine_awaits_time(const struct run *run)
{
    return run->state == STATE_MONITOR ||
           (run->state == STATE_POLL && window_is_awaited(run) && poll_is_settled(run));
}

/* What the target shows may block: it is waited for, be it that it cannot be known. */
bool poll_is_go(const struct run *run, const struct event *event)
{
    (void)event;
    return poll_is_settled(run) && !run->context.out && !window_is_awaited(run) &&
           !window_is_asked(run);
}

bool name_is_right(const struct run *run, const struct event *event)
{
    return run->database.len > 0 && str_is(event->text, run->database);
}

void on_name(struct run *run, const struct event *event, struct effects *effects)
{
    struct str outside = window_text(run, run->arena);
    if (outside.len > 0) {
        run_remark(run, "window", event->who, (struct str){0},
                   run_keep_format(run, "begun outside the window: %.*s", STR_ARG(outside)),
                   event->flag);
    }
    run_notify(run, effects, PLAN_WHEN_GO, STR("all say GO and the database's name is typed"));
    run_enter(run, effects, STATE_BEFORE);
}

void on_name_wrong(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    run_remark(run, "note", event->who, STR("name"),
               run_keep_format(
                   run, "\"%.*s\" was typed, the database is \"%.*s\": nothing was started",
                   STR_ARG(event->text), STR_ARG(run->database)),
               false);
}
