/* SPDX-License-Identifier: PostgreSQL */
/*
 * All that is known about what runs: scripts and their statements, sessions that hold us
 * up, slots of the schedule, lines of the log, questions.
 */
#include "about_private.h"
#include "screen_parts.h"

#include <inttypes.h>

bool about_ask(struct pane *pane, const struct run *run, const struct ui *ui,
               struct subject subject)
{
    const struct ask *ask = ask_of_subject(ui, run, subject);
    if (!ask) {
        return false;
    }
    struct subject about = subject_of_ask(run, ask);
    pane_text(pane, 0, STYLE_BOLD, ask->text);
    pane_text(pane, 0, STYLE_NORMAL, ask->detail);
    if (about.kind != SUBJECT_NONE) {
        (void)about_subject(pane, run, ui, about);
    }
    return true;
}

static void put_times(struct pane *pane, const struct run *run, const struct run_script *script)
{
    about_time(pane, "began", run, script->started_us);
    about_time(pane, "ended", run, script->ended_us);
    if (script->sql_us > 0) {
        about_fact(pane, "SQL time", duration_text(&pane->page->arena, script->sql_us));
    }
    if (script->attempts > 0) {
        about_format(pane, "attempts", "%d", script->attempts);
    }
    if (script->xid > 0) {
        about_format(pane, "transaction", "xid %" PRId64 ", pid %" PRId64, script->xid,
                     script->pid);
    }
}

bool about_script(struct pane *pane, const struct run *run, const struct ui *ui,
                  struct subject subject)
{
    (void)ui;
    const struct run_script *script = &run->scripts[subject.a];
    about_format(pane, "step", "%.*s  %.*s", STR_ARG(script->id), STR_ARG(script->file));
    about_fact(pane, "state", str_from(script_state_words[script->state]));
    put_times(pane, run, script);
    about_fact(pane, "failed", script->failure);
    about_fact(pane, "SQLSTATE", script->failure_state);
    about_fact(pane, "known by", script->settled_by);
    about_fact(pane, "note", script->note);
    if (script->sql) {
        about_heading(pane, "STATEMENTS");
        for (size_t i = script->first; i < script->last; i++) {
            struct strbuf text = {0};
            front_statement_text(&text, script->sql, i, 0);
            struct line *line = pane_line(pane);
            line_end(line, 6, STYLE_DIM, "%zu", i + 1);
            line_fit(line, 8, pane->width - 9, STYLE_NORMAL, strbuf_str(&text));
            strbuf_release(&text);
        }
    }
    return true;
}

static void put_answer(struct pane *pane, const struct run *run,
                       const struct run_statement *statement)
{
    if (statement->sent) {
        about_fact(pane, "state", STR("running, or its answer is still out"));
    }
    about_fact(pane, "answer", statement->tag);
    if (statement->outcome == OUTCOME_FAILED) {
        about_fact(pane, "failed", statement->text);
        about_fact(pane, "detail", statement->detail);
        about_fact(pane, "hint", statement->hint);
        about_fact(pane, "SQLSTATE", statement->sqlstate);
    }
    about_time(pane, "sent", run, statement->started_us);
    if (statement->us > 0) {
        about_fact(pane, "took", duration_text(&pane->page->arena, statement->us));
    }
}

bool about_statement(struct pane *pane, const struct run *run, const struct ui *ui,
                     struct subject subject)
{
    (void)ui;
    const struct run_script *script = &run->scripts[subject.a];
    if (!script->sql || subject.b < 0 || (size_t)subject.b >= script->sql->count) {
        return false;
    }
    size_t index = (size_t)subject.b;
    struct strbuf text = {0};
    front_statement_whole(&text, script->sql, index);
    about_format(pane, "statement", "%.*s:%zu  %.*s:%d", STR_ARG(script->id), index + 1,
                 STR_ARG(script->file), script->sql->statements[index].head.line);
    put_answer(pane, run, &script->statements[index]);
    about_heading(pane, "SQL");
    pane_text(pane, 2, STYLE_NORMAL, strbuf_str(&text));
    strbuf_release(&text);
    part_statement_findings(pane, run, script, (size_t)subject.b);
    return true;
}

bool about_blocker(struct pane *pane, const struct run *run, const struct ui *ui,
                   struct subject subject)
{
    (void)ui;
    for (size_t i = 0; i < run->blocker_count; i++) {
        const struct event_item *item = &run->blockers[i];
        if (item->value == subject.a && item->at_us == subject.b) {
            about_format(pane, "pid", "%" PRId64 "%s", item->value,
                         item->flag ? "  (this is us)" : "");
            about_fact(pane, "who", item->name);
            about_fact(pane, "what", item->text);
            struct strbuf since = {0};
            time_to_text(&since, item->at_us);
            about_format(pane, "connected", "since %.19s by the server's clock", since.ptr);
            strbuf_release(&since);
            about_fact(
                pane, "ways",
                blocker_can_be_signalled(item, false)
                    ? STR("C cancels its statement, K ends its session; both ask first")
                : blocker_can_be_signalled(item, true)
                    ? STR("it runs no statement: only K helps, it ends the session; asks")
                    : (struct str){0});
            return true;
        }
    }
    return false;
}

bool about_slot(struct pane *pane, const struct run *run, const struct ui *ui,
                struct subject subject)
{
    (void)ui;
    const struct run_slot *slot = &run->slots[subject.a];
    struct arena *arena = &pane->page->arena;
    about_fact(pane, "slot", slot->title);
    about_fact(pane, "phase", str_from(phase_words[slot->phase]));
    if (slot->planned_start_us != 0) {
        struct strbuf clock = {0};
        time_to_clock(&clock, slot->planned_start_us);
        about_format(pane, "planned", "%s UTC, for %.*s", clock.ptr,
                     STR_ARG(duration_text(arena, slot->planned_us)));
        strbuf_release(&clock);
    }
    about_time(pane, "began", run, slot->started_us);
    about_time(pane, "ended", run, slot->ended_us);
    return true;
}

bool about_log(struct pane *pane, const struct run *run, const struct ui *ui,
               struct subject subject)
{
    (void)run;
    uint64_t number = (uint64_t)subject.a;
    if (number >= ui->entry_count || ui->entry_count - number > LOG_MAX) {
        return false;
    }
    const struct log_entry *entry = &ui->entries[number % LOG_MAX];
    struct strbuf at = {0};
    time_to_text(&at, entry->at_us);
    about_fact(pane, "at", strbuf_str(&at));
    about_fact(pane, "source", str_from(entry->source));
    (void)pane_line(pane);
    pane_text(pane, 0, STYLE_NORMAL, str_from(entry->text));
    strbuf_release(&at);
    return true;
}

/* What is to be done in an emergency, one step under the other, and whom to call. */
bool about_card(struct pane *pane, const struct run *run, const struct ui *ui,
                struct subject subject)
{
    (void)ui;
    const struct plan_card *card = &run->plan->emergency.items[subject.a];
    about_fact(pane, "emergency", card->title);
    for (size_t i = 0; i < card->steps.count; i++) {
        char number[24];
        (void)snprintf(number, sizeof(number), "%zu", i + 1);
        about_fact(pane, number, card->steps.items[i]);
    }
    for (size_t i = 0; i < card->call.count; i++) {
        about_fact(pane, i == 0 ? "call" : "", card->call.items[i]);
    }
    return true;
}
