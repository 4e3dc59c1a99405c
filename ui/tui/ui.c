/* SPDX-License-Identifier: PostgreSQL */
/*
 * The state of the screens: following the run, keeping page and log current, and
 * sending each key to whoever it is for.
 */
#include "ui_private.h"

#include <stdio.h>
#include <string.h>

#define MESSAGE_US (6 * US_PER_SECOND)

const struct screen_row screens[SCREEN__COUNT] = {
    [SCREEN_OVERVIEW] = {"overview", "OVERVIEW", build_overview},
    [SCREEN_REVIEW] = {"review", "PLAN REVIEW", build_review},
    [SCREEN_BACKUP] = {"backup", "BACKUP", build_backup},
    [SCREEN_POLL] = {"poll", "GO / NO-GO POLL", build_poll},
    [SCREEN_MIGRATE] = {"migrate", "MIGRATE", build_migrate},
    [SCREEN_VERIFY] = {"verify", "VERIFICATION", build_verify},
    [SCREEN_COUNTS] = {"counts", "BEFORE / AFTER", build_counts},
    [SCREEN_MONITOR] = {"monitor", "MONITORING", build_monitor},
    [SCREEN_ROLLBACK] = {"rollback", "ROLLBACK DECISION", build_rollback},
    [SCREEN_REPORT] = {"report", "REPORT", build_report},
    [SCREEN_DOUBT] = {"doubt", "IN DOUBT", build_doubt},
};

/* ----------------------------------------------------------------- life */

static void keep_entry(void *ctx, const struct front_entry *entry)
{
    struct ui *ui = ctx;
    if (entry->text.len == 0) {
        return;
    }
    struct log_entry *kept = &ui->entries[ui->entry_count++ % LOG_MAX];
    size_t length = strlen(entry->source);
    free(kept->text);
    kept->at_us = entry->at_us;
    kept->text = mem_alloc(length + 1 + entry->text.len + 1);
    memcpy(kept->text, entry->text.ptr, entry->text.len);
    kept->text[entry->text.len] = '\0';
    memcpy(kept->text + entry->text.len + 1, entry->source, length + 1);
    kept->source = kept->text + entry->text.len + 1;
}

struct ui_sources ui_sources_of(const struct tui_shell *shell)
{
    return (struct ui_sources){.ctx = shell->ctx,
                               .report_text = shell->report_text,
                               .evidence = shell->evidence,
                               .report_files = shell->report_files,
                               .file_text = shell->file_text,
                               .check_rows = shell->check_rows,
                               .members = shell->members,
                               .earlier = shell->earlier,
                               .troubles = shell->troubles,
                               .trouble_count = shell->trouble_count,
                               .make_trouble = shell->make_trouble,
                               .leave_text = shell->leave_text};
}

void ui_init(struct ui *ui, int columns, int rows)
{
    *ui = (struct ui){.columns = columns, .rows = rows, .follows = true};
    ui->glyphs = &glyphs_full;
    ui->theme = &theme_default;
    ui->shown_state = STATE__COUNT;
    ui->left_in = STATE__COUNT;
    ui->log = front_log_new(keep_entry, ui);
}

void ui_release(struct ui *ui)
{
    for (size_t i = 0; i < LOG_MAX; i++) {
        free(ui->entries[i].text);
    }
    front_log_free(ui->log);
    page_release(&ui->page);
    page_release(&ui->overlay);
    arena_release(&ui->asked);
    arena_release(&ui->answer.arena);
    strbuf_release(&ui->wish_text);
}

void ui_resize(struct ui *ui, int columns, int rows)
{
    ui->columns = columns;
    ui->rows = rows;
    ui->wishes |= WISH_REPAINT;
}

void ui_say(struct ui *ui, enum style style, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    (void)vsnprintf(ui->message, sizeof(ui->message), format, values);
    va_end(values);
    ui->message_style = style;
    ui->message_until_us = ui->now_us + MESSAGE_US;
}

/* Is anything typed into, so that letters are text? */
static bool ui_is_typing(const struct ui *ui)
{
    return ui->mode == MODE_SEARCH || ui->mode == MODE_FILTER || ui->mode == MODE_COMMAND ||
           ui->mode == MODE_FORM;
}

/* --------------------------------------------------------------- following */

enum mood ui_mood(const struct run *run)
{
    static const enum mood moods[STATE__COUNT] = {
        [STATE_FAILED] = MOOD_BAD,    [STATE_WRONG_COUNTS] = MOOD_BAD,
        [STATE_IN_DOUBT] = MOOD_BAD,  [STATE_LOST] = MOOD_BAD,
        [STATE_CHOOSE] = MOOD_BAD,    [STATE_HOLD] = MOOD_HOLD,
        [STATE_WAY_NAME] = MOOD_HOLD, [STATE_WAY_MANUAL] = MOOD_HOLD,
        [STATE_MANUAL] = MOOD_HOLD,   [STATE_NAME] = MOOD_HOLD,
    };
    return moods[run->state];
}

enum screen screen_of(const struct run *run)
{
    static const enum screen by_phase[PHASE__COUNT] = {
        [PHASE_PREP] = SCREEN_OVERVIEW, [PHASE_BACKUP] = SCREEN_BACKUP,
        [PHASE_POLL] = SCREEN_POLL,     [PHASE_MIGRATE] = SCREEN_MIGRATE,
        [PHASE_VERIFY] = SCREEN_VERIFY, [PHASE_MONITOR] = SCREEN_MONITOR,
        [PHASE_CLOSE] = SCREEN_REPORT,
    };
    /* States with a screen of their own, one more than its number; 0: the phase's. */
    static const int by_state[STATE__COUNT] = {
        [STATE_IN_DOUBT] = SCREEN_DOUBT + 1,      [STATE_LOST] = SCREEN_DOUBT + 1,
        [STATE_SETTLE] = SCREEN_DOUBT + 1,        [STATE_CHOOSE] = SCREEN_ROLLBACK + 1,
        [STATE_WAY_NAME] = SCREEN_ROLLBACK + 1,   [STATE_WAY_MANUAL] = SCREEN_ROLLBACK + 1,
        [STATE_RESTORE] = SCREEN_ROLLBACK + 1,    [STATE_SWITCH] = SCREEN_ROLLBACK + 1,
        [STATE_WRONG_COUNTS] = SCREEN_COUNTS + 1, [STATE_END] = SCREEN_REPORT + 1,
    };
    int own = by_state[run->state];
    return own > 0 ? (enum screen)(own - 1) : by_phase[run->phase];
}

/* What was asked a moment ago may not be asked now; new questions ring once. */
static void take_questions(struct ui *ui, const struct run *run)
{
    size_t before = ui->ask_count;
    arena_clear(&ui->asked);
    ui->ask_count = engine_asks(run, &ui->asked, ui->asks, COUNT_OF(ui->asks));
    if (before == 0 && ui->ask_count > 0 && front_ask_is_dangerous(ui->asks[0].kind)) {
        ui->wishes |= WISH_BELL;
    }
    dialog_check(ui, run);
}

static void follow(struct ui *ui, const struct run *run)
{
    bool moved = ui->shown_state != run->state;
    if (moved && ui->shown_state != STATE__COUNT && ui_mood(run) != MOOD_CALM) {
        ui->wishes |= WISH_BELL;
    }
    ui->shown_state = run->state;
    ui->over = run->state == STATE_END;
    if (moved && ui->follows && !ui_in_dialog(ui) && ui->screen != screen_of(run)) {
        ui_go(ui, screen_of(run));
    }
}

static bool page_fits(const struct ui *ui)
{
    return ui->page.count > 0 && ui->page.columns == ui->columns && ui->page.rows == ui->rows;
}

void ui_present(struct ui *ui, const struct run *run, int64_t now_us)
{
    ui->now_us = now_us;
    front_log_compare(ui->log, run);
    take_questions(ui, run);
    follow(ui, run);
    bool frozen = ui->paused || ui_in_dialog(ui);
    if (!frozen || !page_fits(ui)) {
        page_begin(&ui->page, ui->glyphs, ui->columns, ui->rows);
        ui->page.whole = ui->zoomed ? ui->focus[ui->screen] : PANE__COUNT;
        screens[ui->screen].build(&ui->page, run, ui);
        ui->page_us = run->now_us;
        ui_settle(ui);
    }
    dialog_again(ui, run);
    overlay_check(ui, run);
}

/* -------------------------------------------------------------------- keys */

void press_emit(const struct press *press, enum event_kind kind, struct str text)
{
    struct event event = {
        .kind = kind, .script = -1, .text = text, .who = press->run->operator_name};
    press->events->emit(press->events->ctx, &event);
}

void press_unknown(const struct press *press)
{
    struct ui *ui = press->ui;
    struct strbuf text = {0};
    bool moves = press->key == KEY_WHEEL_DOWN || press->key == KEY_WHEEL_UP;
    if (press->key != 0 && !moves) {
        key_refusal(&text, ui, press->run, press->key, ui->columns - 6);
        ui_say(ui, STYLE_NORMAL, "%s", text.ptr);
    }
    strbuf_release(&text);
}

static bool changes_screen(enum intent intent)
{
    return intent == INTENT_PHASE || intent == INTENT_OVERVIEW || intent == INTENT_REVIEW ||
           intent == INTENT_COUNTS || intent == INTENT_ROLLBACK || intent == INTENT_FOLLOW;
}

static void change_screen(const struct press *press, enum intent intent)
{
    static const enum screen by_digit[PHASE__COUNT] = {
        SCREEN_OVERVIEW, SCREEN_BACKUP,  SCREEN_POLL,  SCREEN_MIGRATE,
        SCREEN_VERIFY,   SCREEN_MONITOR, SCREEN_REPORT};
    struct ui *ui = press->ui;
    enum screen to = intent == INTENT_PHASE      ? by_digit[press->key - '1']
                     : intent == INTENT_OVERVIEW ? SCREEN_OVERVIEW
                     : intent == INTENT_REVIEW   ? SCREEN_REVIEW
                     : intent == INTENT_COUNTS   ? SCREEN_COUNTS
                     : intent == INTENT_ROLLBACK ? SCREEN_ROLLBACK
                                                 : screen_of(press->run);
    ui->follows = to == screen_of(press->run);
    if (intent == INTENT_FOLLOW) {
        ui->zoomed = false;
        ui->leaf[to] = 0;
    }
    ui_go(ui, to);
}

/* A session that is lost takes no cancel: nothing is promised that cannot be sent. */
bool ui_statement_runs(const struct run *run)
{
    return engine_in_transaction(run) && run->state != STATE_LOST;
}

/* ^C: outside of a statement it prints the way out; in one it arms, and then cancels that. */
void press_interrupt(const struct press *press)
{
    struct ui *ui = press->ui;
    const struct run *run = press->run;
    bool busy =
        ui_statement_runs(run) || run->state == STATE_BACKUP || run->state == STATE_RESTORE;
    if (!busy) {
        ui_say(ui, STYLE_NORMAL, "nothing of ours runs: q leaves, Esc goes back, ? helps");
    } else if (ui->now_us < ui->armed_until_us) {
        ui->armed_until_us = 0;
        ui_say(ui, STYLE_HOLD, "the cancel was sent; then the run holds");
        press_emit(press, EVENT_CANCEL, (struct str){0});
    } else {
        ui->armed_until_us = ui->now_us + 3 * US_PER_SECOND;
        ui_say(ui, STYLE_HOLD, "^C once more within 3 s cancels %s",
               run->state == STATE_BACKUP || run->state == STATE_RESTORE
                   ? "this task; what it wrote is removed"
                   : "it; its file is rolled back, the run holds");
    }
}

static void suspend(const struct press *press)
{
    if (engine_in_transaction(press->run)) {
        ui_say(press->ui, STYLE_WARN,
               "not now: a transaction of ours is open, and its locks would stay while we "
               "sleep. H holds at the next safe point");
        return;
    }
    press->ui->wishes |= WISH_SUSPEND;
}

static void toggle_pause(struct ui *ui)
{
    ui->paused = !ui->paused;
    ui->paused_us = ui->now_us;
}

/* Esc: one level up, never out. */
static void go_back(const struct press *press)
{
    struct ui *ui = press->ui;
    struct pane_state *state = ui_state_of_focus(ui);
    if (state->filter[0] != '\0') {
        state->filter[0] = '\0';
    } else if (ui->search[0] != '\0') {
        ui->search[0] = '\0';
    } else if (ui->zoomed) {
        ui->zoomed = false;
    } else if (ui->leaf[ui->screen] > 0) {
        ui->leaf[ui->screen] = 0;
    } else if (ui->paused) {
        ui->paused = false;
    } else if (ui->screen != screen_of(press->run)) {
        change_screen(press, INTENT_FOLLOW);
    }
}

const struct event_item *ui_blocker(const struct ui *ui, const struct run *run)
{
    struct subject subject = ui_cursor(ui, ui->focus[ui->screen]);
    const struct event_item *found = NULL;
    for (size_t i = 0; i < run->blocker_count && can_be_signalled(run); i++) {
        const struct event_item *item = &run->blockers[i];
        bool meant = subject.kind == SUBJECT_BLOCKER
                         ? item->value == subject.a && item->at_us == subject.b
                         : !found;
        if (meant && !item->flag) {
            found = item;
        }
    }
    return found;
}

const char *ui_blocker_trouble(const struct event_item *blocker, bool end)
{
    if (!blocker) {
        return "nobody holds up a statement of ours: nobody is to be signalled";
    }
    return blocker_can_be_signalled(blocker, end) ? NULL
           : blocker->value > 0
               ? "runs no statement: a cancel would free nothing; K ends its session"
               : "a prepared transaction has no process: ROLLBACK PREPARED, or COMMIT "
                 "PREPARED, "
                 "ends it";
}

static void signal_blocker(const struct press *press, bool terminate)
{
    const struct run *run = press->run;
    const struct event_item *found = ui_blocker(press->ui, run);
    const char *trouble = ui_blocker_trouble(found, terminate);
    if (trouble && found && found->value > 0) {
        ui_say(press->ui, STYLE_NORMAL, "%lld %s", (long long)found->value, trouble);
        return;
    }
    if (trouble) {
        ui_say(press->ui, STYLE_NORMAL, "%s", trouble);
        return;
    }
    struct event event = {
        .pid = found->value, .backend_start_us = found->at_us, .flag = terminate};
    dialog_command(press->ui, run, "terminate", found->name, &event);
}

static void rerun(const struct press *press)
{
    struct subject subject = ui_cursor(press->ui, press->ui->focus[press->ui->screen]);
    struct event event = {.kind = EVENT_RERUN, .script = -1, .who = press->run->operator_name};
    if (subject.kind == SUBJECT_CHECK && subject.a >> 16 == PLACE_SET) {
        event.id = press->run->sets[subject.a & 0xffff][subject.b].check->id;
    }
    press->events->emit(press->events->ctx, &event);
    ui_say(press->ui, STYLE_NORMAL, "asked again");
}

bool ui_look_at_pane(const struct press *press, enum intent intent)
{
    struct ui *ui = press->ui;
    switch ((int)intent) {
    case INTENT_SEARCH:
    case INTENT_FILTER:
        find_begin(ui, intent == INTENT_FILTER);
        return true;
    case INTENT_SEARCH_NEXT:
    case INTENT_SEARCH_PREVIOUS:
        find_next(ui, intent == INTENT_SEARCH_NEXT ? 1 : -1);
        return true;
    case INTENT_COPY:
        copy_line(ui, press->run);
        return true;
    case INTENT_WRITE:
        copy_pane(ui);
        return true;
    default:
        return false;
    }
}

static void look(const struct press *press, enum intent intent)
{
    struct ui *ui = press->ui;
    if (ui_look_at_pane(press, intent)) {
        return;
    }
    switch ((int)intent) {
    case INTENT_OPEN:
        overlay_open(ui, press->run);
        break;
    case INTENT_STATUS:
        copy_status(ui, press->run);
        break;
    case INTENT_SUMMARY:
        copy_summary(ui);
        break;
    case INTENT_FILES:
        overlay_files(ui, press->run);
        break;
    case INTENT_PAUSE:
        toggle_pause(ui);
        break;
    case INTENT_MOUSE:
        ui->mouse = !ui->mouse;
        ui->wishes |= WISH_MOUSE;
        ui_say(ui, STYLE_NORMAL,
               ui->mouse ? "mouse on: wheel and click only move; M gives it back"
                         : "mouse off: the terminal selects text");
        break;
    case INTENT_HELP:
        overlay_help(ui, press->run);
        break;
    case INTENT_MORE_OFTEN:
        (void)press_pace(press, ui_next_pace_us(press->run, -1));
        break;
    case INTENT_LESS_OFTEN:
        (void)press_pace(press, ui_next_pace_us(press->run, 1));
        break;
    case INTENT_LOCKS:
        ui_go(ui, SCREEN_MIGRATE);
        ui_focus(ui, SCREEN_MIGRATE, PANE_C);
        break;
    default:
        break;
    }
}

static void act(const struct press *press, enum intent intent)
{
    struct ui *ui = press->ui;
    switch ((int)intent) {
    case INTENT_ANSWER:
        dialog_questions(ui, press->run);
        break;
    case INTENT_RERUN:
        rerun(press);
        break;
    case INTENT_HOLD:
        dialog_command(ui, press->run, "hold", (struct str){0}, NULL);
        break;
    case INTENT_NOTE:
        command_begin(ui, "note ");
        break;
    case INTENT_CANCEL_BLOCKER:
    case INTENT_TERMINATE_BLOCKER:
        signal_blocker(press, intent == INTENT_TERMINATE_BLOCKER);
        break;
    case INTENT_BACKUP_TAKE:
    case INTENT_BACKUP_PROVE:
    case INTENT_BACKUP_ATTEST:
        backup_act(press, intent);
        break;
    case INTENT_COMMAND:
        command_begin(ui, "");
        break;
    case INTENT_BACK:
        go_back(press);
        break;
    case INTENT_QUIT:
        dialog_quit(ui, press->run);
        break;
    case INTENT_INTERRUPT:
        press_interrupt(press);
        break;
    case INTENT_SUSPEND:
        suspend(press);
        break;
    case INTENT_REPAINT:
        ui->wishes |= WISH_REPAINT;
        break;
    default:
        look(press, intent);
    }
}

static void browse(const struct press *press)
{
    struct ui *ui = press->ui;
    const struct key_row *row = key_find(ui, press->run, press->key);
    if (!row) {
        press_unknown(press);
        return;
    }
    enum intent intent = row->intent;
    if (intent <= INTENT_RIGHT) {
        ui_move(ui, intent);
    } else if (intent == INTENT_NEXT_PANE || intent == INTENT_PREVIOUS_PANE) {
        ui_turn(ui, intent == INTENT_NEXT_PANE ? 1 : -1);
    } else if (intent == INTENT_ZOOM) {
        ui->zoomed = !ui->zoomed;
    } else if (changes_screen(intent)) {
        change_screen(press, intent);
    } else {
        act(press, intent);
    }
}

/* The end of a paste can get lost on the way; then a person types on, at a person's pace. */
static void say_endless(struct ui *ui)
{
    if (ui->now_us > ui->pasted_us + US_PER_SECOND) {
        ui_say(ui, STYLE_WARN, "taken as pasted text, which has not ended; Esc ends it");
    }
}

/* A pasted page must start nothing and end nothing. */
static bool is_paste(struct ui *ui, uint32_t key)
{
    if (key == KEY_PASTE_BEGIN) {
        ui->pasting = true;
        if (!ui_is_typing(ui) || ui->mode == MODE_FORM) {
            ui_say(ui, STYLE_WARN, "pasted text is ignored here: answers are typed");
        }
    } else if (key == KEY_PASTE_END) {
        ui->pasting = false;
        return true;
    } else if (ui->pasting) {
        say_endless(ui);
    }
    ui->pasted_us = ui->now_us;
    bool may = ui->mode == MODE_SEARCH || ui->mode == MODE_FILTER || ui->mode == MODE_COMMAND;
    return ui->pasting && (key == KEY_PASTE_BEGIN || !may || key == KEY_RETURN || key < ' ');
}

void ui_key(struct ui *ui, const struct run *run, uint32_t key, int64_t now_us,
            const struct front_events *events)
{
    struct press press = {ui, run, key, events};
    ui->now_us = now_us;
    if (is_paste(ui, key)) {
        return;
    }
    /* Whatever is open, the terminal itself obeys. */
    const struct key_row *row = key_find(ui, run, key);
    if (row && row->intent == INTENT_CLICK) {
        ui_click(&press);
        return;
    }
    if (row && (row->intent == INTENT_REPAINT || row->intent == INTENT_SUSPEND)) {
        act(&press, row->intent);
        return;
    }
    switch (ui->mode) {
    case MODE_BROWSE:
        browse(&press);
        break;
    case MODE_QUESTIONS:
    case MODE_FORM:
    case MODE_QUIT:
        dialog_key(&press);
        break;
    case MODE_SEARCH:
    case MODE_FILTER:
        find_key(&press);
        break;
    case MODE_COMMAND:
        command_key(&press);
        break;
    case MODE_HELP:
    case MODE_TEXT:
        overlay_key(&press);
        break;
    }
    ui_present(ui, run, now_us);
}
