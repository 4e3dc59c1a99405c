/* SPDX-License-Identifier: PostgreSQL */
/*
 * The plan's hooks: who is told of what, when, and what became of it. A hook changes the
 * world, so each is announced like any other; it runs beside the work and stops nothing.
 * Only two things wait: the report, until the last hook has ended, since a hook dies with
 * the program; and PREP, when it was time to tell the team that the window opens and
 * nobody has.
 */
#include "engine_private.h"

/* A notice that `gonogo notify` sent counts from so long before it was due. */
static const int64_t early_us = 24 * 60 * US_PER_MINUTE;

/* ------------------------------------------------------------------- sending */

static void send_one(struct run *run, struct effects *effects, size_t hook,
                     enum plan_occasion occasion, struct str why)
{
    struct run_notice *notice =
        ARRAY_PUSH(run->notices, run->notice_count, run->notice_capacity);
    *notice = (struct run_notice){.hook = &run->plan->notify.items[hook],
                                  .occasion = occasion,
                                  .at_us = run->now_us,
                                  .why = run_keep(run, why)};
    struct effect *record = run_announce(run, effects, RECORD_TASK);
    record->task = TASK_NOTIFY;
    record->occasion = occasion;
    record->index = (int)run->notice_count - 1;
    record->script = -1;
    uint64_t by = record->announced;
    struct effect *effect = effect_push(effects, EFFECT_SPAWN);
    effect->task = TASK_NOTIFY;
    effect->occasion = occasion;
    effect->index = (int)run->notice_count - 1;
    effect->announced_by = by;
}

void run_notify(struct run *run, struct effects *effects, enum plan_occasion occasion,
                struct str why)
{
    for (size_t i = 0; i < run->plan->notify.count; i++) {
        if (plan_is_told(&run->plan->notify.items[i], occasion)) {
            send_one(run, effects, i, occasion, why);
        }
    }
}

size_t run_hooks_out(const struct run *run)
{
    size_t out = 0;
    for (size_t i = 0; i < run->notice_count; i++) {
        out += run->notices[i].outcome == OUTCOME_NONE ? 1 : 0;
    }
    return out;
}

/* A hook ends with the program, so the report, after which the program ends, waits for it. */
void run_write_report(struct run *run, struct effects *effects)
{
    run->report_waits = run_hooks_out(run) > 0;
    if (!run->report_waits) {
        effect_push(effects, EFFECT_REPORT);
    }
}

bool is_hook(const struct run *run, const struct event *event)
{
    return event->task == TASK_NOTIFY && event->index >= 0 &&
           (size_t)event->index < run->notice_count &&
           run->notices[event->index].outcome == OUTCOME_NONE;
}

void on_hook_ended(struct run *run, const struct event *event, struct effects *effects)
{
    struct run_notice *notice = &run->notices[event->index];
    notice->outcome = event->outcome;
    notice->us = event->us;
    notice->text = run_keep(run, event->text);
    notice->output = run_keep(run, event->detail);
    if (run->report_waits) {
        run_write_report(run, effects);
    }
}

/* The program that was killed took its hooks with it; whether they had told is not known. */
void run_forget_hooks(struct run *run)
{
    for (size_t i = 0; i < run->notice_count; i++) {
        if (run->notices[i].outcome == OUTCOME_NONE) {
            run->notices[i].outcome = OUTCOME_UNKNOWN;
            run->notices[i].text = STR("the run broke off before the program had ended");
        }
    }
    run->report_waits = false;
}

/* ------------------------------------------------- the window is about to open */

static bool was_sent(const struct run *run, const struct plan_notification *hook,
                     enum plan_occasion occasion, bool well)
{
    for (size_t i = 0; i < run->notice_count; i++) {
        const struct run_notice *notice = &run->notices[i];
        if (notice->hook == hook && notice->occasion == occasion &&
            (!well || notice->outcome == OUTCOME_OK)) {
            return true;
        }
    }
    return false;
}

static int64_t lead_of(const struct plan_notification *hook)
{
    return hook->lead_us == PLAN_UNSAID ? 0 : hook->lead_us;
}

/* Did `gonogo notify` tell the team of this window, and not of a try days ago? */
static bool was_told_before(const struct run *run, const struct plan_notification *hook)
{
    int64_t heard_us = run->notified_us ? run->notified_us[hook - run->plan->notify.items] : 0;
    return heard_us != 0 && heard_us >= run->opens_us - lead_of(hook) - early_us;
}

/* When a notice of the clock is due; INT64_MAX = not, or no more. */
static int64_t due_us(const struct run *run, const struct plan_notification *hook,
                      enum plan_occasion occasion)
{
    bool early = occasion == PLAN_WHEN_BEFORE_OPEN;
    if (!plan_is_told(hook, occasion) || was_sent(run, hook, occasion, false) ||
        (early && was_told_before(run, hook)) ||
        run->now_us >= (early ? run->opens_us : run->closes_us)) {
        return INT64_MAX;
    }
    return early ? run->opens_us - lead_of(hook) : run->opens_us;
}

static const enum plan_occasion by_clock[] = {PLAN_WHEN_BEFORE_OPEN, PLAN_WHEN_OPEN};

int64_t next_notice_us(const struct run *run)
{
    int64_t next = INT64_MAX;
    if (run->opens_us == 0 || !probes_are_on(run)) {
        return next;
    }
    for (size_t i = 0; i < run->plan->notify.count; i++) {
        for (size_t k = 0; k < COUNT_OF(by_clock); k++) {
            int64_t due = due_us(run, &run->plan->notify.items[i], by_clock[k]);
            next = due < next ? due : next;
        }
    }
    return next;
}

bool notice_is_due(const struct run *run, const struct event *event)
{
    (void)event;
    return next_notice_us(run) <= run->now_us;
}

static struct str clock_text(struct run *run, const char *words, int64_t us)
{
    struct strbuf text = {0};
    strbuf_text(&text, words);
    time_to_text(&text, us);
    struct str kept = run_keep(run, strbuf_str(&text));
    strbuf_release(&text);
    return kept;
}

static struct str why_now(struct run *run, enum plan_occasion occasion)
{
    bool early = occasion == PLAN_WHEN_BEFORE_OPEN;
    return early ? clock_text(run, "the window opens at ", run->opens_us)
                 : clock_text(run, "the window is open until ", run->closes_us);
}

void on_notice_due(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    for (size_t i = 0; i < run->plan->notify.count; i++) {
        for (size_t k = 0; k < COUNT_OF(by_clock); k++) {
            if (due_us(run, &run->plan->notify.items[i], by_clock[k]) <= run->now_us) {
                send_one(run, effects, i, by_clock[k], why_now(run, by_clock[k]));
            }
        }
    }
}

/* ------------------------------------------------------------- what PREP wants */

/* The first hook whose time to tell has come in this window, and that has not told. */
static const struct plan_notification *untold(const struct run *run)
{
    if (run->opens_us == 0 || run->untold_accepted || run->now_us >= run->closes_us) {
        return NULL;
    }
    for (size_t i = 0; i < run->plan->notify.count; i++) {
        const struct plan_notification *hook = &run->plan->notify.items[i];
        if (plan_is_told(hook, PLAN_WHEN_BEFORE_OPEN) &&
            run->now_us >= run->opens_us - lead_of(hook) && !was_told_before(run, hook) &&
            !was_sent(run, hook, PLAN_WHEN_BEFORE_OPEN, true)) {
            return hook;
        }
    }
    return NULL;
}

bool team_was_told(const struct run *run)
{
    return untold(run) == NULL;
}

bool untold_is_asked(const struct run *run, struct str *why)
{
    const struct plan_notification *hook = untold(run);
    if (!hook || due_us(run, hook, PLAN_WHEN_BEFORE_OPEN) != INT64_MAX) {
        return false; /* it is about to be sent */
    }
    *why = STR("before_open was not sent, and the window is open");
    for (size_t i = run->notice_count; i > 0; i--) {
        const struct run_notice *notice = &run->notices[i - 1];
        if (notice->hook == hook && notice->occasion == PLAN_WHEN_BEFORE_OPEN) {
            *why = notice->text;
            return notice->outcome != OUTCOME_NONE;
        }
    }
    return true;
}

bool rerun_is_before_open(const struct run *run, const struct event *event)
{
    struct str why;
    return str_eq(event->id, "before_open") && untold_is_asked(run, &why);
}

/* Its program runs still: told once is enough. */
static bool is_being_told(const struct run *run, const struct plan_notification *hook)
{
    for (size_t i = 0; i < run->notice_count; i++) {
        const struct run_notice *notice = &run->notices[i];
        if (notice->hook == hook && notice->occasion == PLAN_WHEN_BEFORE_OPEN &&
            notice->outcome == OUTCOME_NONE) {
            return true;
        }
    }
    return false;
}

void on_tell_again(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    for (size_t i = 0; i < run->plan->notify.count; i++) {
        const struct plan_notification *hook = &run->plan->notify.items[i];
        bool later =
            due_us(run, hook, PLAN_WHEN_BEFORE_OPEN) != INT64_MAX; /* it comes by itself */
        if (plan_is_told(hook, PLAN_WHEN_BEFORE_OPEN) && !later &&
            !was_told_before(run, hook) && !is_being_told(run, hook) &&
            !was_sent(run, hook, PLAN_WHEN_BEFORE_OPEN, true)) {
            send_one(run, effects, i, PLAN_WHEN_BEFORE_OPEN,
                     why_now(run, PLAN_WHEN_BEFORE_OPEN));
        }
    }
}

/* What `gonogo notify` did before this run, as app found it. */
void keep_told(struct run *run, const struct event *event)
{
    size_t count = run->plan->notify.count;
    if (event->value == 0 || event->value == run->told_us) {
        return;
    }
    run->notified_us = arena_array(run->arena, count, sizeof(*run->notified_us));
    for (size_t i = 0; i < event->item_count; i++) {
        int64_t hook = event->items[i].value;
        if (hook >= 0 && (size_t)hook < count) {
            run->notified_us[hook] = event->items[i].at_us;
        }
    }
    run->told_us = event->value;
    run_remark(run, "told", event->name, STR("before_open"),
               clock_text(run, "sent by gonogo notify at ", event->value), false);
}
