/* SPDX-License-Identifier: PostgreSQL */
/*
 * Does the server archive its WAL? With a base backup that is a way back to any moment. The
 * archiver's own books are asked while people prepare: when the newest segment went away, and
 * whether the newest try failed. Ages are the server's, for its clock need not be ours.
 */
#include "engine_private.h"

enum {
    ASK_EVERY_US = 30000000,
    STALE_TURNS = 10,
};

static bool is_wanted(const struct run *run)
{
    return run->phase <= PHASE_POLL && probes_are_on(run) && run->backup_count > 0 &&
           run->connected[SESSION_WATCH] && !run->archiver.out;
}

int64_t next_archiver_us(const struct run *run)
{
    return is_wanted(run) ? run->archiver.due_us : INT64_MAX;
}

void ask_archiver(struct run *run, struct effects *effects)
{
    if (is_wanted(run) && run->now_us >= run->archiver.due_us) {
        run->archiver.out = true;
        send_query(effects, QUERY_ARCHIVER)->session = SESSION_WATCH;
    }
}

static void keep(struct run *run, const struct event_item *item)
{
    struct run_archiver *archiver = &run->archiver;
    if (str_eq(item->kind, "mode")) {
        archiver->mode = run_keep(run, item->text);
        archiver->commanded = item->flag;
    } else if (str_eq(item->kind, "archived")) {
        archiver->segment = run_keep(run, item->name);
        archiver->archived_us = item->value;
    } else if (str_eq(item->kind, "failed")) {
        archiver->failed_segment = run_keep(run, item->name);
        archiver->failed_us = item->value;
    } else if (str_eq(item->kind, "failures")) {
        archiver->failures = item->value;
    }
}

void on_archiver(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_archiver *archiver = &run->archiver;
    archiver->out = false;
    archiver->due_us = event->at_us + ASK_EVERY_US;
    archiver->outcome = event->outcome;
    archiver->text = run_keep(run, event->text);
    if (event->outcome == OUTCOME_OK) {
        archiver->at_us = event->at_us;
        archiver->archived_us = archiver->failed_us = -1;
        for (size_t i = 0; i < event->item_count; i++) {
            keep(run, &event->items[i]);
        }
    }
}

/* ------------------------------------------------------------------ in words */

/* Asked until the poll is over: what was true an hour ago is no answer. */
static bool is_stale(const struct run *run)
{
    return run->archiver.outcome == OUTCOME_OK &&
           run->now_us - run->archiver.at_us > STALE_TURNS * ASK_EVERY_US;
}

enum archiving run_archiving(const struct run *run)
{
    const struct run_archiver *archiver = &run->archiver;
    if (archiver->outcome != OUTCOME_OK || is_stale(run)) {
        return ARCHIVING_UNKNOWN;
    }
    if (str_eq(archiver->mode, "off")) {
        return ARCHIVING_OFF;
    }
    bool failed = archiver->failed_us >= 0 &&
                  (archiver->archived_us < 0 || archiver->failed_us < archiver->archived_us);
    if (failed || !archiver->commanded) {
        return ARCHIVING_FAILS;
    }
    return archiver->archived_us >= 0 ? ARCHIVING_WORKS : ARCHIVING_NEVER;
}

/* "00:00:31", "2 d": so long before now. */
static void add_age(struct strbuf *out, const struct run *run, int64_t age_us)
{
    enum {
        HOURS_OF_TWO_DAYS = 48
    };
    int64_t seconds = (age_us + run->now_us - run->archiver.at_us) / US_PER_SECOND;
    int64_t hours = seconds / 3600;
    if (hours >= HOURS_OF_TWO_DAYS) {
        strbuf_format(out, "%lld d", (long long)(hours / 24));
    } else {
        strbuf_format(out, "%02lld:%02lld:%02lld", (long long)hours,
                      (long long)(seconds / 60 % 60), (long long)(seconds % 60));
    }
}

static void add_failure(struct strbuf *out, const struct run *run)
{
    const struct run_archiver *archiver = &run->archiver;
    if (!archiver->commanded) {
        strbuf_format(out,
                      "archive_mode is %.*s, and nothing says where to: no archive_command",
                      STR_ARG(archiver->mode));
        return;
    }
    strbuf_text(out, "fails: ");
    strbuf_add(out, archiver->failed_segment);
    strbuf_text(out, " ");
    add_age(out, run, archiver->failed_us);
    strbuf_text(out, " ago, failures ");
    number_to_text(out, archiver->failures);
    if (archiver->archived_us >= 0) {
        strbuf_text(out, "; last segment ");
        add_age(out, run, archiver->archived_us);
        strbuf_text(out, " ago");
    } else {
        strbuf_text(out, "; no segment ever");
    }
}

void archiving_text(struct strbuf *out, const struct run *run)
{
    switch (run_archiving(run)) {
    case ARCHIVING_UNKNOWN:
        if (is_stale(run)) {
            strbuf_text(out, "?? not asked since ");
            time_to_clock(out, run->archiver.at_us);
            return;
        }
        strbuf_text(out, "?? not known yet");
        if (run->archiver.text.len > 0) {
            strbuf_clear(out);
            strbuf_text(out, "?? not visible: ");
            strbuf_add(out, run->archiver.text);
        }
        return;
    case ARCHIVING_OFF:
        strbuf_text(out, "archive_mode is off: no way back by WAL");
        return;
    case ARCHIVING_NEVER:
        strbuf_text(out, "on, and no segment was archived yet");
        return;
    case ARCHIVING_FAILS:
        add_failure(out, run);
        return;
    case ARCHIVING_WORKS:
        strbuf_text(out, "last segment ");
        add_age(out, run, run->archiver.archived_us);
        strbuf_text(out, " ago, archiver failures ");
        number_to_text(out, run->archiver.failures);
        return;
    }
}
