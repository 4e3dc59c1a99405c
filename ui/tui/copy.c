/* SPDX-License-Identifier: PostgreSQL */
/*
 * What people take along: the line under the cursor as what it means, a whole pane, and
 * a status for the chat in the shape that incident command uses: conditions, actions,
 * needs. The text becomes a wish; how it leaves the terminal is not known here.
 */
#include "check.h"
#include "ui_private.h"

#include <string.h>

static struct strbuf *begin_wish(struct ui *ui)
{
    strbuf_clear(&ui->wish_text);
    return &ui->wish_text;
}

static void wish(struct ui *ui, enum wish kind, const char *name)
{
    ui->wish_name = str_from(name);
    ui->wishes |= (unsigned)kind;
    ui_say(ui, STYLE_NORMAL, "%s: %s", kind == WISH_COPY ? "copied" : "written", name);
}

/* ------------------------------------------------------------------ one line */

static void add_check(struct strbuf *out, const struct run_check *check)
{
    struct arena arena = {0};
    struct strbuf text = {0};
    const char *verdict = check->outcome == OUTCOME_OK       ? "passed"
                          : check->outcome == OUTCOME_FAILED ? "FAILED"
                          : check->outcome == OUTCOME_NONE   ? "not yet judged"
                                                             : "cannot be judged";
    struct str expected = check_expected(&arena, check->check, NULL);
    strbuf_format(&text, "%.*s %.*s: %s\nactual: %.*s\nexpected: %.*s\n",
                  STR_ARG(check->check->id), STR_ARG(check->check->name), verdict,
                  STR_ARG(check->actual), STR_ARG(expected));
    if (check->why.len > 0) {
        strbuf_format(&text, "why: %.*s\n", STR_ARG(check->why));
    }
    if (check->accepted) {
        strbuf_format(&text, "accepted by %.*s: %.*s\n", STR_ARG(check->accepted_by),
                      STR_ARG(check->accepted_why));
    }
    sanitise(out, strbuf_str(&text), SANITISE_LINES);
    strbuf_release(&text);
    arena_release(&arena);
}

static const char *add_line(struct strbuf *out, const struct run *run, const struct line *line,
                            struct arena *arena)
{
    struct subject subject = line->subject;
    const struct run_check *check = check_of_subject(run, subject);
    if (subject.kind == SUBJECT_STATEMENT && run->scripts[subject.a].sql) {
        front_statement_whole(out, run->scripts[subject.a].sql, (size_t)subject.b);
        return "this SQL";
    }
    if (line->copy.len > 0) {
        strbuf_add(out, line->copy);
        return "text of this line";
    }
    if (check && check->check) {
        add_check(out, check);
        return "this check";
    }
    strbuf_add(out, line_plain(line, arena));
    return "this line";
}

void copy_line(struct ui *ui, const struct run *run)
{
    struct placed placed;
    struct arena arena = {0};
    bool found = false;
    if (ui_focused(ui, &placed)) {
        struct sight sight = sight_of(&placed, ui_state_of_focus(ui), &arena);
        found = sight.cursor >= 0;
        if (found) {
            const struct line *line = &placed.pane->lines[sight.lines[sight.cursor]];
            wish(ui, WISH_COPY, add_line(begin_wish(ui), run, line, &arena));
        }
    }
    if (!found) {
        ui_say(ui, STYLE_NORMAL, "no line to copy here; w writes the whole pane to a file");
    }
    arena_release(&arena);
}

/* --------------------------------------------------------------- a whole pane */

static void add_spans(struct strbuf *out, const struct line *line)
{
    size_t begin = out->len;
    for (size_t i = 0; i < line->count; i++) {
        int width = str_width((struct str){out->ptr + begin, out->len - begin});
        int gap = line->spans[i].column - width;
        strbuf_repeat(out, ' ', gap > 0 ? (size_t)gap : i > 0);
        strbuf_add(out, line->spans[i].text);
    }
    strbuf_byte(out, '\n');
}

void copy_pane(struct ui *ui)
{
    struct placed placed;
    struct strbuf *out = begin_wish(ui);
    if (!ui_focused(ui, &placed)) {
        ui_say(ui, STYLE_NORMAL, "no pane to write here");
        return;
    }
    if (placed.pane->title.len > 0) {
        strbuf_add(out, placed.pane->title);
        strbuf_text(out, "\n\n");
    }
    for (size_t i = 0; i < placed.pane->count; i++) {
        add_spans(out, &placed.pane->lines[i]);
    }
    wish(ui, WISH_WRITE, "this pane");
}

/* The panes that tell how it ended, without the log and what lies beside them. */
void copy_summary(struct ui *ui)
{
    struct strbuf *out = begin_wish(ui);
    for (size_t i = 0; i < ui->page.count; i++) {
        const struct pane *pane = &ui->page.panes[i];
        if (pane->place != PANE_MAIN || pane->id == PANE_LOG) {
            continue;
        }
        if (pane->title.len > 0) {
            strbuf_add(out, pane->title);
            strbuf_byte(out, '\n');
        }
        for (size_t k = 0; k < pane->count; k++) {
            add_spans(out, &pane->lines[k]);
        }
    }
    wish(ui, WISH_COPY, "summary of the report");
}

/* ------------------------------------------------------------------- a status */

static void add_conditions(struct strbuf *out, const struct run *run)
{
    struct strbuf now = {0};
    time_to_clock(&now, run->now_us);
    strbuf_format(out, "CONDITIONS  %.*s %.*s, %s UTC: phase %s, %s",
                  STR_ARG(run->target->environment), STR_ARG(run->database), now.ptr,
                  phase_words[run->phase], state_words[run->state]);
    strbuf_release(&now);
    if (run->hold_reason.len > 0) {
        strbuf_format(out, " (%.*s)", STR_ARG(run->hold_reason));
    }
    struct arena arena = {0};
    if (run->closes_us != 0) {
        bool late = run->now_us > run->closes_us;
        int64_t left = late ? run->now_us - run->closes_us : run->closes_us - run->now_us;
        strbuf_format(out, "; window %s %.*s", late ? "closed since" : "closes in",
                      STR_ARG(duration_text(&arena, left)));
    }
    arena_release(&arena);
    strbuf_byte(out, '\n');
}

/* What was done so far and what runs now. */
static void add_actions(struct strbuf *out, const struct run *run)
{
    strbuf_text(out, "ACTIONS     ");
    size_t said = 0;
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        if (script->state == SCRIPT_PENDING) {
            continue;
        }
        strbuf_format(out, "%s%.*s %s", said++ > 0 ? ", " : "", STR_ARG(script->id),
                      script_state_words[script->state]);
        if (script->state == SCRIPT_OPEN && script->sql) {
            strbuf_format(out, " (statement %d of %zu)", script->statement + 1,
                          script->last - script->first);
        }
    }
    size_t passed = 0;
    size_t accepted = 0;
    size_t total = 0;
    (void)verification_passed(run, &passed, &accepted, &total);
    if (run->phase >= PHASE_VERIFY && total > 0) {
        strbuf_format(out, "%schecks %zu of %zu passed, %zu accepted", said++ > 0 ? "; " : "",
                      passed, total, accepted);
    }
    strbuf_text(out, said == 0 ? "nothing was changed yet\n" : "\n");
}

static void add_needs(struct strbuf *out, const struct ui *ui, const struct run *run)
{
    strbuf_text(out, "NEEDS       ");
    if (ui->ask_count == 0) {
        engine_next_text(run, out);
        strbuf_byte(out, '\n');
        return;
    }
    for (size_t i = 0; i < ui->ask_count; i++) {
        const struct ask *ask = &ui->asks[i];
        const struct plan_role *role = plan_find_role(run->plan, ask->role);
        strbuf_format(out, "%s%.*s", i > 0 ? "\n            " : "", STR_ARG(ask->text));
        if (role) {
            strbuf_format(out, " (%.*s)", STR_ARG(role->title));
        }
    }
    strbuf_byte(out, '\n');
}

void copy_status(struct ui *ui, const struct run *run)
{
    struct strbuf text = {0};
    add_conditions(&text, run);
    add_actions(&text, run);
    add_needs(&text, ui, run);
    sanitise(begin_wish(ui), strbuf_str(&text), SANITISE_LINES);
    strbuf_release(&text);
    wish(ui, WISH_COPY, "status for the chat");
}
