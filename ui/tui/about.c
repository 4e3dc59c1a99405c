/* SPDX-License-Identifier: PostgreSQL */
/*
 * All that is known about one thing, as lines of a pane: what Enter shows, and what a
 * form shows under its question. Here the things of the plan that people judge; what
 * runs (scripts, statements, sessions, the log) is in about_run.c.
 */
#include "about_private.h"
#include "screen_parts.h"

#include "check.h"

#include <math.h>
#include <string.h>

/* -------------------------------------------------------------------- lines */

void about_fact(struct pane *pane, const char *name, struct str value)
{
    enum {
        VALUE_COLUMN = 16
    };
    if (value.len == 0) {
        return;
    }
    size_t first = pane->count;
    pane_text(pane, VALUE_COLUMN, STYLE_NORMAL, value);
    if (first < pane->count) {
        line_at(&pane->lines[first], 0, STYLE_DIM, "%s", name);
    }
}

void about_format(struct pane *pane, const char *name, const char *format, ...)
{
    char text[2 * ERR_TEXT_MAX];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    about_fact(pane, name, str_from(text));
}

void about_heading(struct pane *pane, const char *text)
{
    (void)pane_line(pane);
    line_at(pane_line(pane), 0, STYLE_BOLD, "%s", text);
}

/* "08:30:02, 3m12s ago" */
void about_time(struct pane *pane, const char *name, const struct run *run, int64_t at_us)
{
    if (at_us == 0) {
        return;
    }
    struct strbuf clock = {0};
    time_to_clock(&clock, at_us);
    about_format(pane, name, "%s UTC, %.*s ago", clock.ptr,
                 STR_ARG(duration_text(&pane->page->arena, run->now_us - at_us)));
    strbuf_release(&clock);
}

static struct str texts(struct arena *arena, const struct plan_texts *list, const char *between)
{
    struct strbuf out = {0};
    for (size_t i = 0; i < list->count; i++) {
        strbuf_format(&out, "%s%.*s", i > 0 ? between : "", STR_ARG(list->items[i]));
    }
    struct str text = str_dup(arena, strbuf_str(&out));
    strbuf_release(&out);
    return text;
}

static void put_role(struct pane *pane, const struct run *run, const char *name, struct str id)
{
    const struct plan_role *role = plan_find_role(run->plan, id);
    if (role) {
        about_format(pane, name, "%.*s: %.*s", STR_ARG(role->title),
                     STR_ARG(texts(&pane->page->arena, &role->people, ", ")));
    }
}

void about_sql(struct pane *pane, int column, struct str sql)
{
    if (front_holds_secret(sql)) {
        line_at(pane_line(pane), column, STYLE_DIM, "(text not shown: it says a password)");
    } else {
        pane_text(pane, column, STYLE_NORMAL, sql);
    }
}

/* ------------------------------------------------------- checklist and backup */

static const char *proof_text(enum plan_proof proof)
{
    switch (proof) {
    case PLAN_PROOF_REHEARSAL:
        return "a rehearsal of the same bytes";
    case PLAN_PROOF_BACKUP:
        return "a proven backup";
    case PLAN_PROOF_POLL:
        return "the votes";
    case PLAN_PROOF_PROBES:
        return "the probes";
    case PLAN_PROOF_SQL:
        return "a query";
    case PLAN_PROOF_RUN:
        return "a program";
    case PLAN_PROOF_NOTE:
    case PLAN_PROOF_UNSAID:
        return "a person's word";
    }
    return "";
}

static bool about_item(struct pane *pane, const struct run *run, const struct ui *ui,
                       struct subject subject)
{
    (void)ui;
    const struct run_item *item = &run->items[subject.a];
    const struct plan_item *plan = item->item;
    struct arena *arena = &pane->page->arena;
    struct str why;
    bool closed = item_is_closed(run, item, &why, arena);
    about_format(pane, "item", "%.*s  %.*s", STR_ARG(plan->id), STR_ARG(plan->ask));
    about_format(pane, "state", "%s%s%.*s",
                 item->overridden ? "overridden"
                 : closed         ? "closed"
                                  : "open",
                 !closed && why.len > 0 ? ": " : "", STR_ARG(closed ? (struct str){0} : why));
    about_fact(pane, "proof", str_from(proof_text(plan->proof)));
    put_role(pane, run, "answered by", plan->role);
    about_fact(pane, "who", item->who);
    about_fact(pane, "evidence", item->text);
    about_fact(pane, "override", item->why);
    about_time(pane, "answered", run, item->at_us);
    if (plan->max_age_us != PLAN_UNSAID) {
        about_fact(pane, "counts for", duration_text(arena, plan->max_age_us));
    }
    about_fact(pane, "program", texts(arena, &plan->run, " "));
    if (plan->sql.len > 0) {
        about_heading(pane, "SQL");
        about_sql(pane, 2, plan->sql);
    }
    if (item->check.outcome != OUTCOME_NONE) {
        about_heading(pane, "MEASURED");
        about_result(pane, run, &item->check);
    }
    return true;
}

static const char *const level_names[] = {
    [PLAN_LEVEL_UNSAID] = "nothing yet",
    [PLAN_LEVEL_DUMPED] = "dumped",
    [PLAN_LEVEL_LISTED] = "listed",
    [PLAN_LEVEL_RESTORED] = "restored",
    [PLAN_LEVEL_COMPARED] = "restored and compared",
};

static void put_backup_measures(struct pane *pane, const struct run *run,
                                const struct run_backup *backup)
{
    struct arena *arena = &pane->page->arena;
    struct strbuf size = {0};
    if (backup->size > 0) {
        size_to_text(&size, backup->size);
        about_fact(pane, "size", strbuf_str(&size));
    }
    strbuf_release(&size);
    about_time(pane, "taken", run, backup->taken_us);
    if (backup->dump_us > 0) {
        about_fact(pane, "dump took", duration_text(arena, backup->dump_us));
    }
    if (backup->restore_us > 0) {
        about_fact(pane, "restore took", duration_text(arena, backup->restore_us));
    }
    about_fact(pane, "sha256", backup->hash);
}

static bool about_backup(struct pane *pane, const struct run *run, const struct ui *ui,
                         struct subject subject)
{
    (void)ui;
    const struct run_backup *backup = &run->backups[subject.a];
    about_fact(pane, "backup", backup->backup->id);
    if (backup->backup->kind == PLAN_BACKUP_EXTERNAL) {
        about_fact(pane, "proven",
                   backup->attested ? STR("by a person's word")
                                    : STR("not yet; a person's word is wanted"));
    } else {
        about_format(pane, "proven", "%s, wanted: %s", level_names[backup->level],
                     level_names[backup->backup->level]);
    }
    about_fact(pane, "question", backup->backup->ask);
    about_fact(pane, "name", backup->name);
    put_backup_measures(pane, run, backup);
    about_fact(pane, backup->failed ? "failed" : "now", backup->text);
    about_fact(pane, "who", backup->who);
    about_fact(pane, "reason", backup->why);
    if (backup->detail.len > 0) {
        about_heading(pane, "DETAIL");
        pane_text(pane, 2, STYLE_NORMAL, backup->detail);
    }
    return true;
}

/* ------------------------------------------------------------ people, numbers */

static void put_votes(struct pane *pane, const struct run *run, struct str role)
{
    for (size_t i = 0; i < run->vote_count; i++) {
        const struct run_vote *vote = &run->votes[i];
        if (str_is(vote->role, role)) {
            about_format(pane, vote->replaced ? "said before" : "vote", "%.*s: %.*s %.*s",
                         STR_ARG(vote->who), STR_ARG(vote->vote), STR_ARG(vote->why));
            about_time(pane, "", run, vote->at_us);
        }
    }
}

static bool about_role(struct pane *pane, const struct run *run, const struct ui *ui,
                       struct subject subject)
{
    (void)ui;
    struct str id = subject.kind == SUBJECT_VOTE ? run->votes[subject.a].role
                                                 : run->plan->roles.items[subject.a].id;
    const struct plan_role *role = plan_find_role(run->plan, id);
    put_role(pane, run, "role", id);
    if (role) {
        about_fact(pane, "votes", role->votes ? STR("yes") : STR("no"));
        about_fact(pane, "before", role->before);
        about_fact(pane, "during", role->during);
        about_fact(pane, "after", role->after);
    }
    put_votes(pane, run, id);
    return true;
}

static void put_number(struct pane *pane, const char *name, int64_t number)
{
    if (number >= 0) {
        about_format(pane, name, "%lld", (long long)number);
    } else {
        about_fact(pane, name, STR("?? not known"));
    }
}

static bool about_count(struct pane *pane, const struct run *run, const struct ui *ui,
                        struct subject subject)
{
    (void)ui;
    const struct run_count *count = &run->counts[subject.a];
    about_format(pane, "count", "%.*s  %.*s", STR_ARG(count->id), STR_ARG(count->title));
    put_number(pane, "before", count->values[MOMENT_BEFORE]);
    put_number(pane, "now", front_count_now(run, count));
    if (count->expected >= 0) {
        put_number(pane, "expected", count->expected);
    } else {
        about_fact(pane, "expected", STR("not judged"));
    }
    if (count->accepted) {
        about_format(pane, "accepted by", "%.*s: %.*s", STR_ARG(count->who),
                     STR_ARG(count->why));
    }
    if (count->plan && count->plan->sql.len > 0) {
        about_heading(pane, "SQL");
        about_sql(pane, 2, count->plan->sql);
    }
    return true;
}

static bool about_change(struct pane *pane, const struct run *run, const struct ui *ui,
                         struct subject subject)
{
    static const char *const kinds[] = {
        [CHANGE_GONE] = "gone", [CHANGE_NEW] = "new", [CHANGE_CHANGED] = "changed"};
    const struct event_change *change = &run->snapshots[subject.a].changes[subject.b];
    about_fact(pane, "what", change->what);
    about_fact(pane, "name", change->name);
    about_fact(pane, "change", str_from(kinds[change->kind]));
    about_fact(pane, "plan",
               change->planned ? STR("names it") : STR("does not name it: a finding"));
    about_heading(pane, "DEFINITION");
    part_definition(pane, run, ui, (enum moment)subject.a, change);
    return true;
}

/* --------------------------------------------------------------------- watch */

static void put_samples(struct pane *pane, const struct run_probe *probe)
{
    enum {
        SHOWN = 40
    };
    about_heading(pane, "SAMPLES, newest first");
    for (size_t i = 0; i < probe->count && i < SHOWN; i++) {
        size_t at = (probe->next + probe->capacity - 1 - i) % probe->capacity;
        const struct run_sample *sample = &probe->samples[at];
        struct strbuf clock = {0};
        time_to_clock(&clock, sample->at_us);
        struct line *line = pane_line(pane);
        line_at(line, 2, STYLE_DIM, "%s", clock.ptr);
        strbuf_release(&clock);
        if (sample->outcome == OUTCOME_UNKNOWN || isnan(sample->number)) {
            line_at(line, 12, STYLE_UNKNOWN, "?? no answer");
        } else {
            line_end(line, 26, STYLE_NORMAL, "%.6g", sample->number);
        }
        line_end(line, 40, STYLE_DIM, "%.*s",
                 STR_ARG(duration_text(&pane->page->arena, sample->us)));
    }
}

static bool about_probe(struct pane *pane, const struct run *run, const struct ui *ui,
                        struct subject subject)
{
    (void)ui;
    const struct run_probe *probe = &run->probes[subject.a];
    const struct plan_probe *plan = probe->probe;
    struct arena *arena = &pane->page->arena;
    about_format(pane, "probe", "%.*s  %.*s", STR_ARG(plan->id), STR_ARG(plan->name));
    about_fact(pane, "asks for",
               plan->source == PLAN_PROBE_BUILTIN ? str_from(plan_gauge_word(plan->builtin))
                                                  : plan->http);
    about_fact(pane, "program", texts(arena, &plan->run, " "));
    about_fact(pane, "log", plan->log.file);
    struct plan_check limit = {.comparator = plan->comparator, .expected = plan->expected};
    about_fact(pane, "limit",
               plan->comparator == PLAN_COMPARE_UNSAID ? STR("none: drawn, not judged")
                                                       : check_expected(arena, &limit, NULL));
    if (!isnan(probe->baseline)) {
        about_format(pane, "before", "%.6g", probe->baseline);
    }
    about_fact(pane, "now", probe->text);
    about_time(pane, "broke its limit", run, probe->breached_us);
    about_fact(pane, "who", probe->who);
    about_fact(pane, "reason", probe->why);
    if (plan->sql.len > 0) {
        about_heading(pane, "SQL");
        about_sql(pane, 2, plan->sql);
    }
    put_samples(pane, probe);
    return true;
}

/* ------------------------------------------------------------ ways back, the end */

static bool about_option(struct pane *pane, const struct run *run, const struct ui *ui,
                         struct subject subject)
{
    (void)ui;
    const struct run_option *option = &run->options[subject.a];
    const struct plan_rollback_option *plan = option->option;
    about_format(pane, "way back", "%.*s  %.*s", STR_ARG(plan->id), STR_ARG(plan->title));
    if (option->estimate_us > 0) {
        about_format(pane, "takes", "%.*s, %s",
                     STR_ARG(duration_text(&pane->page->arena, option->estimate_us)),
                     option->measured ? "measured" : "by the plan, not measured");
    }
    about_fact(pane, "brings back", plan->restores);
    about_fact(pane, "from backup", plan->from);
    about_fact(pane, "file", plan->file);
    about_fact(pane, "down to", plan->to);
    if (!option->possible) {
        about_fact(pane, "not possible", option->why_not);
    }
    for (size_t i = 0; i < plan->steps.count; i++) {
        about_fact(pane, i == 0 ? "steps" : "", plan->steps.items[i]);
    }
    about_fact(pane, "instead", STR(":back leaves the decision, nothing is done"));
    return true;
}

static bool about_criterion(struct pane *pane, const struct run *run, const struct ui *ui,
                            struct subject subject)
{
    (void)ui;
    const struct run_criterion *criterion = &run->criteria[subject.a];
    about_format(pane, "criterion", "%.*s: %.*s", STR_ARG(criterion->criterion->group),
                 STR_ARG(criterion->criterion->text));
    about_fact(pane, "verdict",
               criterion->undone     ? STR("undone: nothing that the plan changed is there")
               : criterion->accepted ? STR("not met, and accepted")
                                     : str_from(about_outcome_word(criterion->outcome)));
    about_fact(pane, "actual", criterion->actual);
    put_role(pane, run, "attested by", criterion->criterion->attest);
    about_fact(pane, "who", criterion->who);
    about_time(pane, "said", run, criterion->at_us);
    return true;
}

/* --------------------------------------------------------------------- all */

/* Is the index within what the run has? Subjects outlive a page by a moment. */
static bool is_there(const struct run *run, struct subject subject)
{
    size_t counts[] = {
        [SUBJECT_ITEM] = run->item_count,
        [SUBJECT_BACKUP] = run->backup_count,
        [SUBJECT_ROLE] = run->plan->roles.count,
        [SUBJECT_VOTE] = run->vote_count,
        [SUBJECT_SCRIPT] = run->script_count,
        [SUBJECT_STATEMENT] = run->script_count,
        [SUBJECT_SET] = run->set_count,
        [SUBJECT_COUNT] = run->count_count,
        [SUBJECT_PROBE] = run->probe_count,
        [SUBJECT_OPTION] = run->option_count,
        [SUBJECT_CARD] = run->plan->emergency.count,
        [SUBJECT_SLOT] = run->slot_count,
        [SUBJECT_CRITERION] = run->criterion_count,
        [SUBJECT_CHANGE] = MOMENT__COUNT,
    };
    bool plain = subject.kind < COUNT_OF(counts) && counts[subject.kind] > 0;
    bool listed = subject.kind == SUBJECT_CHECK || subject.kind == SUBJECT_BLOCKER ||
                  subject.kind == SUBJECT_LOG || subject.kind == SUBJECT_ASK ||
                  subject.kind == SUBJECT_MEMBER || subject.kind == SUBJECT_NEWS ||
                  subject.kind == SUBJECT_LOAD;
    if (subject.kind == SUBJECT_CHANGE) {
        plain = plain && subject.a < MOMENT__COUNT && subject.b >= 0 &&
                (size_t)subject.b < run->snapshots[subject.a].change_count;
    }
    return listed || (plain && subject.a >= 0 && (size_t)subject.a < counts[subject.kind]);
}

bool about_subject(struct pane *pane, const struct run *run, const struct ui *ui,
                   struct subject subject)
{
    static about_writer *const writers[] = {
        [SUBJECT_ASK] = about_ask,
        [SUBJECT_ITEM] = about_item,
        [SUBJECT_BACKUP] = about_backup,
        [SUBJECT_ROLE] = about_role,
        [SUBJECT_VOTE] = about_role,
        [SUBJECT_SCRIPT] = about_script,
        [SUBJECT_STATEMENT] = about_statement,
        [SUBJECT_CHECK] = about_check,
        [SUBJECT_SET] = about_set,
        [SUBJECT_COUNT] = about_count,
        [SUBJECT_CHANGE] = about_change,
        [SUBJECT_MEMBER] = about_member,
        [SUBJECT_PROBE] = about_probe,
        [SUBJECT_NEWS] = about_news,
        [SUBJECT_LOAD] = about_load,
        [SUBJECT_BLOCKER] = about_blocker,
        [SUBJECT_OPTION] = about_option,
        [SUBJECT_CARD] = about_card,
        [SUBJECT_CRITERION] = about_criterion,
        [SUBJECT_SLOT] = about_slot,
        [SUBJECT_LOG] = about_log,
    };
    bool known = subject.kind < COUNT_OF(writers) && writers[subject.kind];
    return known && is_there(run, subject) && writers[subject.kind](pane, run, ui, subject);
}
