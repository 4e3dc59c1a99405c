/* SPDX-License-Identifier: PostgreSQL */
/*
 * What an answers file says to each kind of question: one table, one function a kind.
 */
#include "front_headless_private.h"

static struct str by_file(struct headless *front, struct str name)
{
    return name.len > 0 ? str_format(&front->scratch, "%.*s by file", STR_ARG(name))
                        : front->who;
}

static enum reply reply(struct question *question, enum event_kind kind, struct str who)
{
    question->event = (struct event){
        .kind = kind, .script = -1, .id = question->ask->id, .who = who, .flag = true};
    return REPLY_EVENT;
}

static const struct answer_reason *find_reason(const struct answer_reasons *list, struct str id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (str_is(list->items[i].id, id)) {
            return &list->items[i];
        }
    }
    return NULL;
}

static enum reply reason_reply(struct question *question, const struct answer_reasons *list,
                               enum event_kind kind)
{
    const struct answer_reason *reason = find_reason(list, question->ask->id);
    if (!reason || reason->reason.len == 0) {
        return REPLY_MISSING;
    }
    (void)reply(question, kind, by_file(question->front, reason->by));
    question->event.text = reason->reason;
    return REPLY_EVENT;
}

static enum reply answer_note(struct question *question)
{
    const struct answer_items *list = &question->answers->checklist;
    for (size_t i = 0; i < list->count; i++) {
        const struct answer_item *item = &list->items[i];
        if (!str_is(item->id, question->ask->id)) {
            continue;
        }
        if (item->answer == ANSWER_NO) {
            headless_say(question->front, question->run, "%.*s is answered with no",
                         STR_ARG(item->id));
            return REPLY_LEAVE;
        }
        (void)reply(question, EVENT_NOTE, by_file(question->front, item->by));
        question->event.text = item->note.len > 0 ? item->note : STR("yes");
        return REPLY_EVENT;
    }
    return reason_reply(question, &question->answers->override, EVENT_OVERRIDE);
}

static enum reply answer_override(struct question *question)
{
    return reason_reply(question, &question->answers->override, EVENT_OVERRIDE);
}

static bool backup_is_required(const struct run *run, struct str id)
{
    for (size_t i = 0; i < run->backup_count; i++) {
        if (str_is(run->backups[i].backup->id, id)) {
            return run->backups[i].backup->required;
        }
    }
    return true;
}

static enum reply answer_attest(struct question *question)
{
    const struct answer_backups *list = &question->answers->backup;
    for (size_t i = 0; i < list->count; i++) {
        if (str_is(list->items[i].id, question->ask->id)) {
            (void)reply(question, EVENT_ATTEST, question->front->who);
            question->event.name = list->items[i].name;
            int64_t taken_us = list->items[i].taken_us;
            question->event.value = taken_us == PLAN_UNSAID ? question->run->now_us : taken_us;
            return REPLY_EVENT;
        }
    }
    if (find_reason(&question->answers->override, question->ask->id)) {
        return answer_override(question);
    }
    return backup_is_required(question->run, question->ask->id) ? REPLY_MISSING : REPLY_PASS;
}

static enum reply answer_vote(struct question *question)
{
    static const char *const words[] = {[ANSWER_VOTE_UNSAID] = "",
                                        [ANSWER_VOTE_GO] = "GO",
                                        [ANSWER_VOTE_NO_GO] = "NO-GO",
                                        [ANSWER_VOTE_HOLD] = "HOLD"};
    const struct answer_votes *list = &question->answers->votes;
    for (size_t i = 0; i < list->count; i++) {
        const struct answer_vote *vote = &list->items[i];
        if (str_is(vote->role, question->ask->id) && vote->vote != ANSWER_VOTE_UNSAID) {
            (void)reply(question, EVENT_VOTE, by_file(question->front, vote->name));
            question->event.tag = str_from(words[vote->vote]);
            question->event.text = vote->reason;
            return REPLY_EVENT;
        }
    }
    return REPLY_MISSING;
}

static enum reply answer_name(struct question *question)
{
    if (question->answers->database.len == 0) {
        return REPLY_MISSING;
    }
    (void)reply(question, EVENT_NAME, question->front->who);
    question->event.text = question->answers->database;
    return REPLY_EVENT;
}

static enum reply answer_go_on(struct question *question)
{
    if (question->run->state == STATE_CHECKPOINT) {
        switch (question->answers->checkpoints) {
        case ANSWER_CHECKPOINTS_UNSAID:
            return REPLY_MISSING;
        case ANSWER_CHECKPOINTS_HOLD:
            headless_say(question->front, question->run, "the answers say checkpoints: hold");
            return REPLY_LEAVE;
        case ANSWER_CHECKPOINTS_CONTINUE:
            break;
        }
    }
    return reply(question, EVENT_GO_ON, question->front->who);
}

static enum reply answer_wrong_counts(struct question *question)
{
    if (!question->run->snapshots[MOMENT_REVIEW].taken) {
        headless_say(question->front, question->run,
                     "what could not be looked at cannot be overridden: resume looks again");
        return REPLY_LEAVE;
    }
    return reason_reply(question, &question->answers->override, EVENT_OVERRIDE);
}

/* What the answers say about a failure: stop here, or open the rollback decision. */
static enum reply on_failure(struct question *question)
{
    const struct run *run = question->run;
    if (question->answers->on_failure != ANSWER_FAILURE_ROLLBACK) {
        headless_say(question->front, run, "the answers say on_failure: hold");
        return REPLY_LEAVE;
    }
    if (!run->changed || run->option_count == 0) {
        headless_say(question->front, run, "there is nothing to roll back to: %s",
                     run->changed ? "the plan names no way back" : "nothing was committed");
        return REPLY_LEAVE;
    }
    (void)reply(question, EVENT_ROLLBACK, question->front->who);
    question->event.id = (struct str){0};
    question->event.text = str_format(&question->front->scratch, "on_failure: %.*s",
                                      STR_ARG(question->answers->on_failure_text));
    return REPLY_EVENT;
}

static enum reply answer_accept(struct question *question)
{
    const struct run *run = question->run;
    if (find_reason(&question->answers->accept, question->ask->id)) {
        return reason_reply(question, &question->answers->accept, EVENT_ACCEPT);
    }
    if (run->state == STATE_CLOSE || run->state == STATE_MONITOR) {
        return REPLY_PASS; /* it stands as a finding, and the exit code says so */
    }
    return on_failure(question);
}

static enum reply answer_failed(struct question *question)
{
    return on_failure(question);
}

/* A way back is what somebody named; the program has no favourite. */
static enum reply answer_option(struct question *question)
{
    const struct run *run = question->run;
    struct headless *front = question->front;
    struct str wanted = question->answers->rollback_option;
    for (size_t i = 0; wanted.len > 0 && i < run->option_count; i++) {
        const struct run_option *option = &run->options[i];
        if (!str_is(option->option->id, wanted)) {
            continue;
        }
        if (option->possible) {
            (void)reply(question, EVENT_OPTION, front->who);
            question->event.id = wanted;
            return REPLY_EVENT;
        }
        headless_say(front, run, "the way back %.*s is not possible: %.*s", STR_ARG(wanted),
                     STR_ARG(option->why_not));
        return REPLY_LEAVE;
    }
    struct ask asks[ASKS_MAX];
    size_t count = engine_asks(run, &front->scratch, asks, COUNT_OF(asks));
    headless_say(front, run,
                 "no way back is named. The answers file would need: on_failure: "
                 "\"rollback:ID\", with one of these:");
    for (size_t i = 0; i < count; i++) {
        headless_say(front, run, "%.*s: %.*s, %.*s", STR_ARG(asks[i].id), STR_ARG(asks[i].text),
                     STR_ARG(asks[i].detail));
    }
    return REPLY_LEAVE;
}

static const struct answer_sign_off *find_sign_off(const struct answer_sign_offs *list,
                                                   struct str role)
{
    for (size_t i = 0; i < list->count; i++) {
        if (str_is(list->items[i].role, role)) {
            return &list->items[i];
        }
    }
    return NULL;
}

static enum reply answer_confirm(struct question *question)
{
    const struct answer_sign_off *confirm =
        find_sign_off(&question->answers->confirm, question->ask->id);
    if (!confirm) {
        return REPLY_MISSING;
    }
    (void)reply(question, EVENT_CONFIRM, by_file(question->front, confirm->name));
    question->event.text = STR("ROLLBACK");
    return REPLY_EVENT;
}

/* A criterion is attested by name or not at all: a sign-off says nothing about it. */
static enum reply answer_criterion(struct question *question)
{
    const struct answer_items *list = &question->answers->criteria;
    for (size_t i = 0; i < list->count; i++) {
        const struct answer_item *item = &list->items[i];
        if (!str_is(item->id, question->ask->id) && !str_is(item->id, question->ask->text)) {
            continue;
        }
        bool denied = item->answer == ANSWER_NO;
        (void)reply(question, EVENT_NOTE, by_file(question->front, item->by));
        question->event.tag = denied ? STR("no") : STR("yes");
        question->event.text = item->note.len > 0 ? item->note : question->event.tag;
        return REPLY_EVENT;
    }
    return REPLY_MISSING;
}

static enum reply answer_sign_off(struct question *question)
{
    const struct answer_sign_off *sign_off =
        find_sign_off(&question->answers->sign_off, question->ask->id);
    return sign_off ? reply(question, EVENT_SIGN_OFF, by_file(question->front, sign_off->name))
                    : REPLY_MISSING;
}

/* Nobody is there to take notice: an accepted breach is accepted, any other stays a finding. */
static enum reply answer_acknowledge(struct question *question)
{
    return find_reason(&question->answers->accept, question->ask->id)
               ? reason_reply(question, &question->answers->accept, EVENT_ACCEPT)
               : REPLY_PASS;
}

static enum reply answer_manual(struct question *question)
{
    (void)question;
    return REPLY_MISSING;
}

static enum reply answer_nothing(struct question *question)
{
    (void)question;
    return REPLY_LEAVE;
}

const struct headless_answer headless_answers[ASK__COUNT] = {
    [ASK_NOTE] = {answer_note, "checklist: [{ id: ", ", answer: \"yes\", note: ... }]"},
    [ASK_OVERRIDE] = {answer_override, "override: [{ id: ", ", reason: ..., by: NAME }]"},
    [ASK_ATTEST] = {answer_attest, "backup: [{ id: ", ", name: NAME, taken: \"TIME\" }]"},
    [ASK_VOTE] = {answer_vote, "votes: [{ role: ", ", vote: GO, name: NAME }]"},
    [ASK_NAME] = {answer_name, "database: ", ""},
    [ASK_GO_ON] = {answer_go_on, "checkpoints: continue    # at the ", ""},
    [ASK_WRONG_COUNTS] = {answer_wrong_counts,
                          "override: [{ id: ", ", reason: ..., by: NAME }]"},
    [ASK_FAILED] = {answer_failed, "on_failure: rollback    # of ", ""},
    [ASK_ACCEPT] = {answer_accept, "accept: [{ id: ", ", reason: ..., by: NAME }]"},
    [ASK_MANUAL] = {answer_manual, "(no key: ", " is done by people, use --plain)"},
    [ASK_ACKNOWLEDGE] = {answer_acknowledge, "accept: [{ id: ", ", reason: ..., by: NAME }]"},
    [ASK_OPTION] = {answer_option, "on_failure: rollback:", ""},
    [ASK_CONFIRM] = {answer_confirm, "confirm: [{ role: ", ", name: NAME }]"},
    [ASK_CRITERION] = {answer_criterion,
                       "criteria: [{ id: ", ", answer: \"yes\", note: ..., by: NAME }]"},
    [ASK_SIGN_OFF] = {answer_sign_off, "sign_off: [{ role: ", ", name: NAME }]"},
    [ASK_HOLD] = {answer_nothing, "", ""},
    [ASK_IN_DOUBT] = {answer_nothing, "", ""},
};
