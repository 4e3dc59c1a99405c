/* SPDX-License-Identifier: PostgreSQL */
/*
 * The window and its slots: does the weekday fit the date, do the slots stand
 * inside the window in the order of the steps, is there room for the way back.
 */
#include "plan_judge.h"

#include "plan_values.h"

static void date_of(const struct plan_window *window, int days, char *out, size_t size)
{
    struct calendar day = {.year = window->year, .month = window->month, .day = window->day};
    struct calendar other = calendar_from_us(calendar_to_us(&day) + days * US_PER_DAY);
    (void)snprintf(out, size, "%04d-%02d-%02d", other.year, other.month, other.day);
}

static void judge_weekday(struct judge *judge, int said)
{
    struct plan_window *window = &judge->plan->window;
    if (said < 0 || said == window->weekday) {
        return;
    }
    char right[32];
    date_of(window, said - window->weekday, right, sizeof(right));
    JUDGE_ERROR(judge, plan_mark_of(window->mark, "weekday"), "Y410",
                "%.*s is a %s, not a %s; the %s of that week is %s", STR_ARG(window->date),
                weekday_names[window->weekday], weekday_names[said], weekday_names[said],
                right);
}

/* "Week 1 Wednesday" over a window on a Monday. */
static void judge_title(struct judge *judge)
{
    const struct plan_window *window = &judge->plan->window;
    struct str name = judge->plan->name;
    for (int day = 0; day < 7; day++) {
        struct str word = str_from(weekday_names[day]);
        bool found = false;
        for (size_t at = 0; at + word.len <= name.len && !found; at++) {
            found = str_is(str_slice(name, at, word.len), word);
        }
        if (found && day != window->weekday) {
            JUDGE_WARNING(judge, plan_mark_of(judge->plan->mark, "name"), "Y413",
                          "the name says %s, the window is on a %s", weekday_names[day],
                          weekday_names[window->weekday]);
        }
    }
}

static bool zone_is_plausible(struct str zone)
{
    int64_t offset = 0;
    if (plan_zone_offset(zone, &offset)) {
        return true;
    }
    /* Area/City; abbreviations as CET mean different things in winter and summer */
    return zone.len > 0 && str_find_byte(zone, '/', 0) < zone.len &&
           str_find_byte(zone, ' ', 0) == zone.len;
}

void plan_judge_window(struct judge *judge)
{
    struct plan_window *window = &judge->plan->window;
    /* the weekday's word was read as 1..7 */
    int said = window->weekday - 1;
    struct complaint ignored = {{0}, {0}};
    window->weekday = -1;
    if (plan_value_date(window->date, &window->year, &window->month, &window->day, &ignored)) {
        window->weekday = date_weekday(window->year, window->month, window->day);
        judge_weekday(judge, said);
        judge_title(judge);
    } else {
        window->year = 0;
    }
    if (window->mark.line == 0) {
        return;
    }
    if (!zone_is_plausible(window->timezone)) {
        JUDGE_ERROR(
            judge, plan_mark_of(window->mark, "timezone"), "Y412",
            "\"%.*s\" is not a time zone; write UTC, an offset as \"+02:00\", or a name "
            "as Europe/Berlin",
            SHOWN(window->timezone));
    }
    if (window->opens_us == PLAN_UNSAID || window->closes_us == PLAN_UNSAID) {
        return;
    }
    if (window->closes_us == window->opens_us) {
        JUDGE_ERROR(judge, plan_mark_of(window->mark, "closes"), "Y411",
                    "the window closes when it opens");
    } else if (window->closes_us < window->opens_us) {
        window->closes_us += US_PER_DAY;
    }
}

struct slot_walk {
    int64_t last_end_us;
    int last_line;
    bool any;
};

static void judge_slot(struct judge *judge, struct slot_walk *walk, struct plan_slot *slot,
                       struct plan_mark mapping)
{
    const struct plan_window *window = &judge->plan->window;
    struct plan_mark mark = plan_mark_of(mapping, "slot");
    if (slot->start_us == PLAN_UNSAID) {
        return;
    }
    if (window->mark.line == 0) {
        if (!plan_judge_says(judge->plan->mark, "window")) {
            JUDGE_ERROR(judge, mark, "Y422", "a slot without a window; add `window:`");
        }
        return;
    }
    if (window->opens_us == PLAN_UNSAID || window->closes_us == PLAN_UNSAID) {
        return;
    }
    if (slot->start_us < window->opens_us && window->closes_us > US_PER_DAY) {
        slot->start_us += US_PER_DAY; /* after midnight */
    }
    int64_t end_us = slot->start_us + slot->length_us;
    if (slot->start_us < window->opens_us || end_us > window->closes_us) {
        JUDGE_ERROR(judge, mark, "Y420",
                    "the slot is not inside the window, which is open from %02d:%02d to "
                    "%02d:%02d; move the slot or the window",
                    (int)(window->opens_us / US_PER_HOUR),
                    (int)(window->opens_us / US_PER_MINUTE % 60),
                    (int)(window->closes_us / US_PER_HOUR % 24),
                    (int)(window->closes_us / US_PER_MINUTE % 60));
    } else if (walk->any && slot->start_us < walk->last_end_us) {
        JUDGE_ERROR(judge, mark, "Y421",
                    "the slot begins before the one of line %d has ended; the steps run one "
                    "after the other",
                    walk->last_line);
    }
    walk->any = true;
    walk->last_line = mark.line;
    walk->last_end_us = end_us;
}

void plan_judge_slots(struct judge *judge)
{
    struct plan *plan = judge->plan;
    struct slot_walk walk = {0};
    for (size_t i = 0; i < plan->steps.count; i++) {
        judge_slot(judge, &walk, &plan->steps.items[i].slot, plan->steps.items[i].mark);
    }
    judge_slot(judge, &walk, &plan->verification.slot, plan->verification.mark);
    judge_slot(judge, &walk, &plan->monitoring.slot, plan->monitoring.mark);
    if (!walk.any || plan->window.closes_us == PLAN_UNSAID ||
        walk.last_end_us > plan->window.closes_us) {
        return;
    }
    int64_t slack_us = plan->window.closes_us - walk.last_end_us;
    int64_t wanted_us = plan->limits.recovery_us == PLAN_UNSAID ? 1 : plan->limits.recovery_us;
    if (slack_us < wanted_us) {
        struct strbuf slack = {0};
        if (slack_us == 0) {
            strbuf_text(&slack, "no time is");
        } else {
            duration_to_text(&slack, slack_us);
            strbuf_text(&slack, " are");
        }
        if (plan->limits.recovery_us == PLAN_UNSAID) {
            JUDGE_WARNING(
                judge, plan_mark_of(plan->window.mark, "closes"), "Y430",
                "the slots fill the window to its end; a delay or the way back has no "
                "slot");
        } else {
            struct strbuf wanted = {0};
            duration_to_text(&wanted, wanted_us);
            JUDGE_WARNING(judge, plan_mark_of(plan->window.mark, "closes"), "Y430",
                          "%s left after the last slot, and limits.recovery is %s; the way "
                          "back has no slot",
                          slack.ptr, wanted.ptr);
            strbuf_release(&wanted);
        }
        strbuf_release(&slack);
    }
}
