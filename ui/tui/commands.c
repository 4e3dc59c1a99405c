/* SPDX-License-Identifier: PostgreSQL */
/*
 * The commands behind `:`. Each verb that moves the run opens its form and is confirmed
 * there; none acts by its word alone, but for a note, a HOLD and leaving a decision.
 */
#include "commands.h"

#include <string.h>

static bool usage(const struct call *call, const char *text)
{
    ui_say(call->ui, STYLE_WARN, "%s", text);
    return false;
}

static bool do_note(const struct call *call)
{
    if (call->rest.len == 0) {
        return usage(call, "note TEXT");
    }
    press_emit(call->press, EVENT_SCRIBE, call->rest);
    ui_say(call->ui, STYLE_NORMAL, "noted");
    return true;
}

static bool do_hold(const struct call *call)
{
    if (call->rest.len == 0) {
        dialog_command(call->ui, call->run, "hold", (struct str){0}, NULL);
        return true;
    }
    press_emit(call->press, EVENT_HOLD, call->rest);
    ui_say(call->ui, STYLE_HOLD, "hold at the next safe point");
    return true;
}

static bool do_goto(const struct call *call)
{
    for (size_t i = 0; i < SCREEN__COUNT; i++) {
        if (str_eq(call->rest, screens[i].name)) {
            call->ui->follows = (enum screen)i == screen_of(call->run);
            ui_go(call->ui, (enum screen)i);
            return true;
        }
    }
    struct subject subject = subject_by_id(call->run, call->rest);
    if (subject.kind == SUBJECT_NONE) {
        return usage(
            call, "goto SCREEN, CHECK, ITEM, PROBE, STEP, STEP:N or FILE:LINE; Tab shows them");
    }
    if (!ui_go_to(call->ui, call->run, subject) &&
        !overlay_subject(call->ui, call->run, subject)) {
        return usage(call, "no screen shows that now");
    }
    return true;
}

static bool do_sql(const struct call *call)
{
    struct subject subject = subject_by_id(call->run, call->rest);
    int64_t number = 0;
    if (subject.kind == SUBJECT_NONE && str_to_i64(call->rest, &number)) {
        int script = call->run->script >= 0 ? call->run->script : 0;
        subject = (struct subject){SUBJECT_STATEMENT, script, number - 1};
    }
    if (subject.kind != SUBJECT_STATEMENT || !overlay_subject(call->ui, call->run, subject)) {
        return usage(call, "sql N, of the step at work, or sql STEP:N");
    }
    return true;
}

static bool do_answer(const struct call *call)
{
    int64_t number = 0;
    if (call->rest.len == 0) {
        dialog_questions(call->ui, call->run);
        return true;
    }
    if (!str_to_i64(call->rest, &number) || number < 1 ||
        (size_t)number > call->ui->ask_count) {
        return usage(call, "answer N, a question of the list behind a");
    }
    dialog_ask(call->ui, call->run, &call->ui->asks[number - 1]);
    return true;
}

/* Opens the question of one kind about an id. */
static bool open_asked(const struct call *call, enum ask_kind kind, const char *text)
{
    for (size_t i = 0; i < call->ui->ask_count; i++) {
        const struct ask *ask = &call->ui->asks[i];
        if (ask->kind == kind && str_is(ask->id, call->rest)) {
            dialog_ask(call->ui, call->run, ask);
            return true;
        }
    }
    return usage(call, text);
}

static bool do_acknowledge(const struct call *call)
{
    return open_asked(call, ASK_ACKNOWLEDGE, "acknowledge PROBE, one that broke its limit");
}

static bool do_attest(const struct call *call)
{
    return open_asked(call, ASK_ATTEST, "attest ID, of an external backup that is asked for");
}

static bool do_backup(const struct call *call)
{
    return backup_command(call, false);
}

static bool do_prove(const struct call *call)
{
    return backup_command(call, true);
}

static bool do_accept(const struct call *call)
{
    return open_asked(call, ASK_ACCEPT, "accept ID, of a failed check or finding");
}

static bool do_vote(const struct call *call)
{
    if (!plan_find_role(call->run->plan, call->rest)) {
        return usage(call, "vote ROLE, a role of the plan");
    }
    dialog_command(call->ui, call->run, "vote", call->rest, NULL);
    return true;
}

static bool do_override(const struct call *call)
{
    if (call->rest.len == 0) {
        return usage(call, "override ID, of an item, or window, or monitor (ends the watch "
                           "early)");
    }
    dialog_command(call->ui, call->run, "override", call->rest, NULL);
    return true;
}

static bool signal_session(const struct call *call, bool terminate)
{
    int64_t pid = 0;
    bool typed = str_to_i64(call->rest, &pid);
    if (!can_be_signalled(call->run)) {
        return usage(call, "nobody holds up a statement of ours: nobody is to be signalled");
    }
    for (size_t i = 0; typed && i < call->run->blocker_count; i++) {
        const struct event_item *item = &call->run->blockers[i];
        if (item->value == pid && blocker_can_be_signalled(item, terminate)) {
            struct event event = {
                .pid = pid, .backend_start_us = item->at_us, .flag = terminate};
            dialog_command(call->ui, call->run, "terminate", (struct str){0}, &event);
            return true;
        }
    }
    return usage(call, terminate ? "terminate PID, of a session that holds us up"
                                 : "cancel PID, of a session that holds us up and runs a "
                                   "statement; cancel alone is our own statement");
}

static bool do_terminate(const struct call *call)
{
    return signal_session(call, true);
}

static bool do_cancel(const struct call *call)
{
    if (call->rest.len > 0) {
        return signal_session(call, false);
    }
    press_interrupt(call->press);
    return true;
}

static bool do_rollback(const struct call *call)
{
    if (!call->run->changed || call->run->option_count == 0) {
        ui_say(call->ui, STYLE_WARN, "there is nothing to roll back: %s",
               call->run->changed ? "the plan names no way back" : "nothing was committed yet");
        return true;
    }
    dialog_command(call->ui, call->run, "rollback", (struct str){0}, NULL);
    return true;
}

static bool do_back(const struct call *call)
{
    if (call->run->state != STATE_CHOOSE && call->run->state != STATE_WAY_NAME) {
        return usage(call, "no rollback decision is open");
    }
    press_emit(call->press, EVENT_BACK, (struct str){0});
    return true;
}

static bool do_quit(const struct call *call)
{
    dialog_quit(call->ui, call->run);
    return true;
}

static bool do_abandon(const struct call *call)
{
    dialog_abandon(call->ui, call->run);
    return true;
}

static void go(const struct call *call, enum screen screen)
{
    call->ui->follows = screen == screen_of(call->run);
    ui_go(call->ui, screen);
}

static bool do_status(const struct call *call)
{
    copy_status(call->ui, call->run);
    return true;
}

static bool do_counts(const struct call *call)
{
    go(call, SCREEN_COUNTS);
    return true;
}

static bool do_checks(const struct call *call)
{
    go(call, SCREEN_VERIFY);
    return true;
}

static bool do_locks(const struct call *call)
{
    go(call, SCREEN_MIGRATE);
    ui_focus(call->ui, SCREEN_MIGRATE, PANE_C);
    return true;
}

/* "5s", "5", "0.5s", "500ms", or "plan". */
static bool read_pace(const struct run *run, struct str text, int64_t *pace_us)
{
    double number = 0;
    int64_t unit_us = US_PER_SECOND;
    if (str_eq(text, "plan")) {
        *pace_us = run->plan->monitoring.every_us;
        return true;
    }
    if (str_ends(text, "ms")) {
        unit_us = US_PER_MS;
        text.len -= 2;
    } else if (str_ends(text, "s")) {
        text.len--;
    }
    bool good = str_to_double(str_trim(text), &number) && number > 0 && number < 1e6;
    *pace_us = good ? (int64_t)(number * (double)unit_us) : 0;
    return good;
}

static bool do_every(const struct call *call)
{
    int64_t pace_us = 0;
    if (!read_pace(call->run, call->rest, &pace_us)) {
        return usage(call, "every TIME, as 5s or 500ms, or every plan");
    }
    return press_pace(call->press, pace_us);
}

static bool do_log(const struct call *call)
{
    struct ui *ui = call->ui;
    ui_focus(ui, ui->screen, PANE_LOG);
    ui->zoomed = true;
    return true;
}

static bool do_write(const struct call *call)
{
    copy_pane(call->ui);
    return true;
}

static bool do_theme(const struct call *call)
{
    const char *word = str_text(&call->ui->answer.arena, call->rest);
    const struct theme *theme = theme_find(word);
    if (!theme) {
        return usage(call, "theme default, contrast, light or mono");
    }
    call->ui->theme = theme;
    call->ui->wishes |= WISH_REPAINT;
    return true;
}

static bool do_glyphs(const struct call *call)
{
    static const struct glyphs *const all[] = {&glyphs_full, &glyphs_linux, &glyphs_ascii};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        if (str_eq(call->rest, all[i]->word)) {
            call->ui->glyphs = all[i];
            call->ui->page.count = 0; /* drawn anew, frozen or not */
            call->ui->wishes |= WISH_REPAINT;
            return true;
        }
    }
    return usage(call, "glyphs full, linux or ascii");
}

/* `help WORD` shows what the help says with that word in it. */
static bool do_help(const struct call *call)
{
    struct ui *ui = call->ui;
    char *filter = ui->overlay_state.filter;
    overlay_help(ui, call->run);
    if (call->rest.len < sizeof(ui->overlay_state.filter)) {
        memcpy(filter, call->rest.ptr, call->rest.len);
        filter[call->rest.len] = '\0';
    }
    return true;
}

/* A demo's menu. */
static bool do_break(const struct call *call)
{
    struct ui *ui = call->ui;
    const struct ui_sources *sources = &ui->sources;
    struct err err = {0};
    if (sources->trouble_count == 0) {
        return usage(call, "this is no demo: nothing is broken on purpose here");
    }
    for (size_t i = 0; i < sources->trouble_count; i++) {
        if (str_eq(call->rest, sources->troubles[i].name)) {
            bool made = sources->make_trouble(sources->ctx, sources->troubles[i].name, &err);
            ui_say(ui, STYLE_WARN, "%s",
                   made ? "it is being broken; watch what happens" : err.message);
            return made;
        }
    }
    overlay_troubles(ui);
    return true;
}

/* Columns: see struct command. */
/* clang-format off */
const struct command commands[] = {
    {"answer", "[N]", "answer what is asked; N of the list", do_answer, offer_numbers},
    {"questions", "", "what is asked now", do_answer, NULL},
    {"note", "TEXT", "a note for the record", do_note, NULL},
    {"hold", "[REASON]", "stop at the next safe point", do_hold, NULL},
    {"goto", "PLACE", "a screen, check, item, probe or STEP; STEP:N is its statement N, FILE:LINE what stands in that line", do_goto, offer_places},
    {"sql", "STEP:N", "the whole text of a statement; sql N: of the step at work", do_sql, offer_statements},
    {"counts", "", "before, now, expected", do_counts, NULL},
    {"checks", "", "the verification sets", do_checks, NULL},
    {"locks", "", "who holds us up", do_locks, NULL},
    {"every", "TIME", "how often the probes ask: 5s, 500ms; plan: as the plan says", do_every, offer_paces},
    {"log", "", "the log alone; + brings the rest back", do_log, NULL},
    {"status", "", "copy a status for the chat, as S", do_status, NULL},
    {"write", "", "write this pane to a file of the run, as w", do_write, NULL},
    {"vote", "ROLE", "vote, or change a vote", do_vote, offer_roles},
    {"attest", "ID", "a person's word for an external backup", do_attest, offer_attested},
    {"backup", "ID", "take a backup now, anew; asks", do_backup, offer_backups},
    {"prove", "ID", "prove a dump that is there once more; asks", do_prove, offer_backups},
    {"override", "ID", "go on without an item's proof, with a reason; also window, monitor", do_override, offer_items},
    {"accept", "ID", "accept a failed check or finding, with a reason", do_accept, offer_accepted},
    {"acknowledge", "PROBE", "a probe that broke its limit was seen", do_acknowledge, offer_probes},
    {"cancel", "[PID]", "cancel our own statement (twice within 3 s), as ^C; PID: a session that holds us up, asks", do_cancel, offer_blockers},
    {"terminate", "PID", "end a session that holds us up; asks", do_terminate, offer_blockers},
    {"rollback", "", "open the rollback decision; asks", do_rollback, NULL},
    {"back", "", "leave the rollback decision, nothing done", do_back, NULL},
    {"theme", "NAME", "default, contrast, light, mono", do_theme, offer_themes},
    {"glyphs", "NAME", "full, linux, ascii", do_glyphs, offer_glyphs},
    {"break", "[NAME]", "in a demo: break something on purpose; alone, it lists what", do_break, offer_troubles},
    {"quit", "", "leave; an open run is asked about", do_quit, NULL},
    {"abandon", "", "end the run for good, with a reason; asks", do_abandon, NULL},
    {"help", "[WORD]", "all keys and commands, or those with the word", do_help, offer_words},
};
/* clang-format on */
const size_t command_count = COUNT_OF(commands);

void command_help(struct pane *pane)
{
    enum {
        HELP_COLUMN = 22
    };
    for (size_t i = 0; i < command_count; i++) {
        struct line *line = pane_line(pane);
        line_at(line, 2, STYLE_KEY, "%s", commands[i].word);
        line_add(line, STYLE_NORMAL, " %s", commands[i].rest);
        pane_beside(pane, line, HELP_COLUMN, STYLE_NORMAL, str_from(commands[i].help));
    }
}

void tui_each_command(tui_item item, void *ctx)
{
    for (size_t i = 0; i < command_count; i++) {
        struct strbuf name = {0};
        strbuf_format(&name, ":%s", commands[i].word);
        item(ctx, name.ptr, commands[i].rest, commands[i].help);
        strbuf_release(&name);
    }
}
