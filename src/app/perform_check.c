/* SPDX-License-Identifier: PostgreSQL */
/*
 * CHECK: one check of the plan becomes one EVENT_CHECKED. A checklist item whose proof
 * is a query goes the same way; one whose proof is a program is a child.
 *
 * Checks that wait together are sent together, as far as they can share a pipeline; each has
 * its own transaction and its own verdict all the same, and the events keep their order.
 */
#include "perform_ask.h"

#include "perform_child.h"

/* ------------------------------------------------------------ which check */

/* A checklist item with `proof: sql` as a check. */
static const struct plan_check *check_of_item(struct arena *arena, const struct plan_item *item)
{
    struct plan_check *check = arena_alloc(arena, sizeof(*check));
    check->mark = item->mark;
    check->id = item->id;
    check->name = item->ask;
    check->source = item->file.ptr ? PLAN_SOURCE_FILE : PLAN_SOURCE_SQL;
    check->sql = item->sql;
    check->file = item->file;
    check->comparator = item->comparator;
    check->expected = item->expected;
    check->equals = item->equals;
    check->at_least = item->at_least;
    check->matches = item->matches;
    check->empty = item->empty;
    check->exists = item->exists;
    check->within_us = PLAN_UNSAID;
    return check;
}

static const struct plan_check *check_at(const struct performer *performer,
                                         const struct effect *effect, struct arena *arena)
{
    const struct run *run = performer->run;
    const struct run_script *script = script_of(performer, effect->script);
    size_t at = (size_t)effect->check;
    switch (effect->place) {
    case PLACE_ITEM:
        return at < run->item_count ? check_of_item(arena, run->items[at].item) : NULL;
    case PLACE_BEFORE:
        return script && at < script->before_count ? script->before[at].check : NULL;
    case PLACE_STEP:
        return script && at < script->check_count ? script->checks[at].check : NULL;
    case PLACE_SET: {
        const struct plan_sets *sets = &performer->plan->plan->verification.sets;
        bool is =
            (size_t)effect->index < sets->count && at < sets->items[effect->index].checks.count;
        return is ? &sets->items[effect->index].checks.items[at] : NULL;
    }
    case PLACE__COUNT:
        return NULL;
    }
    return NULL;
}

static const struct check_before *before_of(const struct performer *performer,
                                            const struct plan_check *check)
{
    for (size_t i = 0; i < performer->before.count; i++) {
        if (performer->before.check_of[i] == check) {
            return &performer->before.checks[i];
        }
    }
    return NULL;
}

/* -------------------------------------------------------------------- tell */

static void tell(struct performer *performer, const struct effect *effect, enum outcome outcome,
                 const struct check_result *result, size_t together)
{
    bool any_row = result->row_count > 0 || result->verdict == VERDICT_PASS;
    performer_emit(performer, &(struct event){.kind = EVENT_CHECKED,
                                              .place = effect->place,
                                              .script = effect->script,
                                              .index = effect->index,
                                              .check = effect->check,
                                              .outcome = outcome,
                                              .text = result->actual,
                                              .detail = result->why,
                                              .hint = result->evidence,
                                              .sqlstate = str_from(result->sqlstate),
                                              .hash = any_row ? sha256_str(&result->hash)
                                                              : (struct str){0},
                                              .rows = result->row_count,
                                              .us = result->elapsed_us,
                                              .value = (int64_t)together});
}

static void tell_trouble(struct performer *performer, const struct effect *effect,
                         struct str why)
{
    struct check_result result = {.verdict = VERDICT_ERROR, .why = why};
    tell(performer, effect, OUTCOME_UNKNOWN, &result, 0);
}

static enum outcome outcome_of_verdict(enum verdict verdict)
{
    static const enum outcome table[VERDICT__COUNT] = {[VERDICT_PASS] = OUTCOME_OK,
                                                       [VERDICT_FAIL] = OUTCOME_FAILED,
                                                       [VERDICT_ERROR] = OUTCOME_UNKNOWN,
                                                       [VERDICT_UNKNOWN] = OUTCOME_UNKNOWN};
    return table[verdict];
}

/* --------------------------------------------------------------------- job */

enum {
    SHARE_MAX = 64, /* so many in one go; what else the session has to do waits for them */
};

static void release_ask(struct job *job)
{
    if (job->data) {
        ask_release(job->data);
        job->data = NULL;
    }
}

/* Makes the job's question, once. False and `err`: there is none. */
static bool prepare(struct job *job, struct err *err)
{
    if (job->data) {
        return true;
    }
    const struct plan_check *check = check_at(job->performer, &job->effect, &job->arena);
    if (!check) {
        return err_set(err, ERR_INTERNAL, "there is no such check");
    }
    struct ask_check *ask = arena_alloc(&job->arena, sizeof(*ask));
    if (!ask_begin(ask, job, check, job->effect.inside, err)) {
        return false;
    }
    job->data = ask;
    return true;
}

static void check_step(struct job *job, const struct db_reply *reply);

/* How many that wait in a row, this one first, can be asked in one go. */
static size_t count_shared(struct job *first)
{
    size_t count = 0;
    struct job *job = first;
    while (job && count < SHARE_MAX && job->step == check_step && prepare(job, NULL) &&
           check_can_share(&((struct ask_check *)job->data)->work)) {
        count++;
        job = job->next;
    }
    return count;
}

/* False: this one must be asked alone. */
static bool share(struct job *first)
{
    size_t count = first->effect.inside ? 0 : count_shared(first);
    if (count < 2) {
        return false;
    }
    struct db_request *requests =
        arena_array(&first->arena, count * ASK_REQUESTS, sizeof(*requests));
    struct job *job = first;
    for (size_t i = 0; i < count; i++, job = job->next) {
        job->started_us = first->started_us;
        ((struct ask_check *)job->data)->shared = count;
        ask_requests(job->data, job, requests + i * ASK_REQUESTS);
    }
    if (job_send_batch(first, requests, count * ASK_REQUESTS)) {
        return true;
    }
    job = first;
    for (size_t i = 0; i < count; i++, job = job->next) {
        ((struct ask_check *)job->data)->shared = 0;
        job->started_us = job == first ? first->started_us : 0;
    }
    return false;
}

/* Tells, and keeps nothing: in a batch the job itself lives until the last one has ended. */
static void judge(struct job *job)
{
    struct ask_check *ask = job->data;
    struct check_result result;
    check_judge(&ask->work, before_of(job->performer, ask->check), &result);
    if (ask->shared > 0) { /* answers that came in one go: the time between them says nothing */
        result.elapsed_us = loop_now_us() - job->started_us;
    }
    tell(job->performer, &job->effect, outcome_of_verdict(result.verdict), &result,
         ask->shared);
    if (ask->work.have_rows) {
        performer_keep_rows(job->performer, &job->effect, &ask->work.rows);
    }
    job_end(job);
    release_ask(job);
    arena_release(&job->arena);
}

static void check_step(struct job *job, const struct db_reply *reply)
{
    struct err err = {0};
    if (!reply && !prepare(job, &err)) {
        tell_trouble(job->performer, &job->effect, str_from(err.message));
        job_end(job);
    } else if (!reply && share(job)) {
        return;
    } else if (ask_step(job->data, job, reply)) {
        judge(job);
    }
}

/* -------------------------------------------------------- proof by a program */

static void item_ended(struct child *child)
{
    const struct plan_item *item = child->performer->run->items[child->effect.check].item;
    struct check_result result = {.verdict = VERDICT_FAIL, .elapsed_us = child->end.elapsed_us};
    struct strbuf end = {0};
    proc_end_text(&child->end, &end);
    struct str why = {0};
    if (!proc_end_ok(&child->end)) {
        result.why = strbuf_str(&end);
    } else if (item->comparator == PLAN_COMPARE_UNSAID) {
        result.verdict = VERDICT_PASS;
    } else {
        result.verdict =
            check_compare(item->comparator, &item->expected,
                          str_trim(strbuf_str(&child->output)), &child->arena, &why);
        result.why = why;
    }
    result.actual = result.verdict == VERDICT_PASS ? STR("yes") : strbuf_str(&end);
    tell(child->performer, &child->effect, outcome_of_verdict(result.verdict), &result, 0);
    strbuf_release(&end);
}

static void check_program(struct performer *performer, const struct effect *effect)
{
    const struct plan_item *item = performer->run->items[effect->check].item;
    struct child_spec spec = {.run = &item->run,
                              .timeout_us = performer->plan->plan->safety.statement_timeout_us,
                              .ended = item_ended};
    struct err err = {0};
    if (!child_start(performer, effect, &spec, &err)) {
        tell_trouble(performer, effect, str_from(err.message));
    }
}

void perform_check(struct performer *performer, const struct effect *effect)
{
    if (effect->place == PLACE_ITEM && (size_t)effect->check < performer->run->item_count &&
        performer->run->items[effect->check].item->proof == PLAN_PROOF_RUN) {
        check_program(performer, effect);
        return;
    }
    enum session which = effect->inside ? SESSION_WORK : SESSION_CHECK;
    struct job *job = job_new(performer, which, effect, check_step);
    job->release = release_ask;
    job_start_later(job);
}
