/* SPDX-License-Identifier: PostgreSQL */
/*
 * Dialogs: the list of what is asked, the form that answers one question or asks before
 * a command acts, and leaving. The harmless thing is always the default: Enter on an
 * empty line does nothing, Esc leaves everything as it is, and a question that is no
 * longer asked closes its dialog instead of answering another one.
 */
#include "ui_private.h"

#include <stdio.h>
#include <string.h>

/* Keys typed before a person can have read the box are not an answer to it. */
#define DEAF_US (400 * US_PER_MS)

enum {
    PAGE_LINES = 4
};

enum {
    QUIT_STAY,
    QUIT_LEAVE,
    QUIT__COUNT,
};

bool ui_in_dialog(const struct ui *ui)
{
    return ui->mode == MODE_QUESTIONS || ui->mode == MODE_FORM || ui->mode == MODE_QUIT;
}

static void open_dialog(struct ui *ui, const struct run *run, enum ui_mode mode,
                        const char *title)
{
    ui->dialog = (struct dialog){.title = title, .asked_in = run->state};
    ui->mode = mode;
    ui->under = MODE_BROWSE;
    ui->opened_us = ui->now_us;
    ui->wishes |= WISH_DROP;
    ui->choice = 0;
    input_set(&ui->input, "");
}

static void dialog_close(struct ui *ui)
{
    if (ui_in_dialog(ui)) {
        ui->mode = MODE_BROWSE;
    }
}

PRINTF_LIKE(2, 3)
static void close_saying(struct ui *ui, const char *format, ...)
{
    char text[ERR_TEXT_MAX];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    dialog_close(ui);
    ui_say(ui, STYLE_NORMAL, "%s", text);
}

/* What the field begins with: nothing, or a name that was typed here before, to be seen and
 * to be replaced. */
static void begin_field(struct ui *ui, const struct run *run)
{
    const char *name = names_offer(ui, run);
    input_choose(&ui->input, name ? name : "");
}

/* ------------------------------------------------------------------- opening */

static bool is_same(const struct ask *a, const struct ask *b)
{
    return a->kind == b->kind && str_is(a->id, b->id) && str_is(a->role, b->role);
}

/* Where the question of the open dialog stands in the list now; -1: it is gone. */
static int find_asked(const struct ui *ui)
{
    for (size_t i = 0; i < ui->ask_count; i++) {
        if (is_same(&ui->asks[i], &ui->answer.ask)) {
            return (int)i;
        }
    }
    return -1;
}

static void choose(struct ui *ui, int index)
{
    ui->choice = index;
    front_answer_begin(&ui->answer, &ui->asks[index]);
}

static void open_list(struct ui *ui, const struct run *run, int index)
{
    int last = (int)ui->ask_count - 1;
    open_dialog(ui, run, MODE_QUESTIONS, "ASKED NOW");
    choose(ui, index > last ? last : index);
}

void dialog_questions(struct ui *ui, const struct run *run)
{
    if (ui->ask_count == 0) {
        ui_say(ui, STYLE_NORMAL, "nothing is asked now");
    } else if (ui->ask_count == 1) {
        dialog_ask(ui, run, &ui->asks[0]);
    } else {
        open_list(ui, run, 0);
    }
}

/* Going on alone is left: what was answered is to be seen before that, not a list over it. */
static bool has_questions(const struct ui *ui)
{
    for (size_t i = 0; i < ui->ask_count; i++) {
        if (ui->asks[i].kind != ASK_GO_ON) {
            return true;
        }
    }
    return false;
}

void dialog_again(struct ui *ui, const struct run *run)
{
    struct again *again = &ui->again;
    if (!again->wanted || run->events == again->events) {
        return;
    }
    again->wanted = false;
    if (ui->mode == MODE_BROWSE && has_questions(ui) && run->state == again->state) {
        open_list(ui, run, again->choice);
    }
}

void dialog_ask(struct ui *ui, const struct run *run, const struct ask *ask)
{
    bool dangerous = front_ask_is_dangerous(ask->kind);
    open_dialog(ui, run, MODE_FORM,
                ask->kind == ASK_NAME || ask->kind == ASK_CONFIRM ? "POINT OF NO RETURN"
                : dangerous                                       ? "DECISION"
                                                                  : "QUESTION");
    struct dialog *dialog = &ui->dialog;
    front_answer_begin(&ui->answer, ask);
    dialog->grave = dangerous;
    dialog->form_count = front_forms(run, ask, dialog->forms);
    if (dialog->form_count == 1 && !dialog->forms[0]->word) {
        front_answer_choose(&ui->answer, dialog->forms[0]);
    }
}

bool can_be_signalled(const struct run *run)
{
    return run->blocker_count > 0 &&
           (run->state == STATE_RUNNING || run->state == STATE_FAILED);
}

static const struct event_item *find_blocker(const struct run *run, const struct event *event)
{
    for (size_t i = 0; i < run->blocker_count; i++) {
        const struct event_item *item = &run->blockers[i];
        if (item->value == event->pid && item->at_us == event->backend_start_us) {
            return item;
        }
    }
    return NULL;
}

/* Whom the signal will reach and what that does to them. */
static void tell_blocker(struct ask *ask, const struct run *run, const struct event *event,
                         struct arena *arena)
{
    const struct event_item *item = find_blocker(run, event);
    struct strbuf since = {0};
    time_to_text(&since, event->backend_start_us);
    ask->text = str_format(arena, "%s %lld?",
                           event->flag ? "End the session" : "Cancel the statement of",
                           (long long)event->pid);
    ask->detail = str_format(
        arena, "pid %lld  %.*s\n%.*s\nconnected since %.19s by the server's clock\n%s",
        (long long)event->pid, STR_ARG(item ? item->name : (struct str){0}),
        STR_ARG(item ? item->text : (struct str){0}), since.ptr,
        event->flag ? "Its transaction is rolled back and its connection is closed."
                    : "Its statement is cancelled; its session stays.");
    strbuf_release(&since);
}

static struct ask ask_of_command(const struct run *run, const char *word, struct str id,
                                 const struct event *event, struct arena *arena)
{
    struct ask ask = {.kind = ASK__COUNT, .id = id};
    if (strcmp(word, "terminate") == 0) {
        tell_blocker(&ask, run, event, arena);
        ask.id = (struct str){0};
    } else if (strcmp(word, "hold") == 0) {
        ask.text = STR("Hold at the next safe point?");
        ask.detail = STR("What runs now goes on until then; nothing is cancelled.");
    } else if (strcmp(word, "rollback") == 0) {
        ask.text = STR("Open the rollback decision?");
        ask.detail = STR("The run stops and shows the ways back. Nothing is undone by this.");
    } else if (strcmp(word, "vote") == 0) {
        const struct plan_role *role = plan_find_role(run->plan, id);
        const struct run_vote *vote = vote_of(run, id);
        ask.role = id;
        ask.text =
            str_format(arena, "%.*s: GO, NO-GO or HOLD?", STR_ARG(role ? role->title : id));
        ask.detail = vote ? str_format(arena, "%.*s said %.*s; a new vote replaces it",
                                       STR_ARG(vote->who), STR_ARG(vote->vote))
                          : STR("no vote yet");
    } else if (strcmp(word, "override") == 0) {
        const struct run_block *block = block_find(run, id);
        ask.text = block
                       ? block_question(block, arena)
                       : str_format(arena, "Go on without the proof of \"%.*s\"?", STR_ARG(id));
        ask.detail = block ? block->text : STR("The report names who decided it, and why.");
    } else {
        ask.text = STR("Stop at the next safe point and leave?");
        ask.detail = STR("gonogo resume goes on from there. Until then nothing runs.");
    }
    return ask;
}

static const char *title_of_command(const char *word, const struct event *event)
{
    static const struct {
        const char *word, *title;
    } titles[] = {
        {"hold", "HOLD"},  {"rollback", "ROLLBACK DECISION"},
        {"vote", "VOTE"},  {"override", "OVERRIDE"},
        {"quit", "LEAVE"},
    };
    for (size_t i = 0; i < COUNT_OF(titles); i++) {
        if (strcmp(titles[i].word, word) == 0) {
            return titles[i].title;
        }
    }
    return event && event->flag ? "TERMINATE A SESSION" : "CANCEL A BLOCKER";
}

void dialog_command(struct ui *ui, const struct run *run, const char *word, struct str id,
                    const struct event *event)
{
    struct arena arena = {0};
    struct ask ask = ask_of_command(run, word, id, event, &arena);
    open_dialog(ui, run, MODE_FORM, title_of_command(word, event));
    struct front_answer *answer = &ui->answer;
    front_answer_begin(answer, &ask);
    arena_release(&arena);
    if (event) {
        answer->event.pid = event->pid;
        answer->event.backend_start_us = event->backend_start_us;
        answer->event.flag = event->flag;
    }
    ui->dialog.grave = strcmp(word, "hold") != 0;
    ui->dialog.forms[0] = front_command_form(word);
    ui->dialog.form_count = 1;
    front_answer_choose(answer, ui->dialog.forms[0]);
}

void dialog_quit(struct ui *ui, const struct run *run)
{
    if (ui->over || run->state == STATE_END) {
        ui->wishes |= WISH_CLOSE;
    } else {
        open_dialog(ui, run, MODE_QUIT, "LEAVE");
    }
}

/* ------------------------------------------------------------- while it is open */

/* The list went on moving under the box: the choice stays on its question. */
static void check_list(struct ui *ui)
{
    int found = find_asked(ui);
    if (ui->ask_count == 0) {
        close_saying(ui, "nothing is asked any more; nothing was done");
    } else if (found >= 0) {
        ui->choice = found;
    } else {
        choose(ui, 0);
        ui->opened_us = ui->now_us; /* another question is under the fingers now */
    }
}

void dialog_check(struct ui *ui, const struct run *run)
{
    const struct front_answer *answer = &ui->answer;
    if (ui->mode == MODE_QUESTIONS) {
        check_list(ui);
    } else if (ui_in_dialog(ui) && run->state == STATE_END) {
        close_saying(ui, "the run is over; nothing was done");
    } else if (ui->mode != MODE_FORM) {
        return;
    } else if (answer->ask.kind != ASK__COUNT) {
        if (find_asked(ui) < 0 || run->state != ui->dialog.asked_in) {
            close_saying(ui, "that is no longer asked; nothing was done");
        }
    } else if (answer->form->event == EVENT_TERMINATE &&
               (!can_be_signalled(run) || !find_blocker(run, &answer->event))) {
        close_saying(ui, "%lld no longer holds us up; nothing was done",
                     (long long)answer->event.pid);
    }
}

/* ---------------------------------------------------------------------- keys */

/* Leaving is a HOLD first; the front sends the word again at each safe point. */
static void note_leaving(struct ui *ui, const struct run *run)
{
    ui->leaving = true;
    ui->hold_sent = true;
    ui->left_in = run->state;
    ui_say(ui, STYLE_HOLD, "leaving at the next safe point");
}

static void send(const struct press *press)
{
    struct ui *ui = press->ui;
    struct event *event = &ui->answer.event;
    if (event->who.len == 0) {
        event->who = press->run->operator_name;
    }
    names_remember(ui, &ui->answer);
    ui->again = (struct again){.wanted = ui->dialog.from_list,
                               .events = press->run->events,
                               .state = press->run->state,
                               .choice = ui->choice};
    press->events->emit(press->events->ctx, event);
    dialog_close(ui);
    struct str about = event->id.len > 0 ? event->id : event->text;
    bool signal = event->kind == EVENT_TERMINATE;
    const char *word = !signal       ? event_infos[event->kind].word
                       : event->flag ? "the end of that session"
                                     : "the cancel of its statement";
    bool typed = names_are_asked(ui->answer.form);
    ui_say(ui, STYLE_NORMAL, "%s: %s%s%.*s%s%.*s%s%.*s", signal ? "asked for" : "recorded",
           word, about.len > 0 ? " " : "", STR_ARG(about), event->tag.len > 0 ? " " : "",
           STR_ARG(event->tag), typed ? " by " : "",
           STR_ARG(typed ? event->who : (struct str){0}));
    if (event->kind == EVENT_LEAVE) {
        note_leaving(ui, press->run);
    }
}

/* What does not fit stays to be read, and gives way to what is typed next. */
static void refuse(struct ui *ui, struct str why)
{
    struct strbuf clean = {0};
    sanitise(&clean, why, SANITISE_LINE);
    (void)snprintf(ui->dialog.error, sizeof(ui->dialog.error), "%s", clean.ptr);
    strbuf_release(&clean);
    input_choose(&ui->input, NULL);
}

static void take_word(const struct press *press, struct str word)
{
    struct ui *ui = press->ui;
    for (size_t i = 0; i < ui->dialog.form_count; i++) {
        const struct front_form *form = ui->dialog.forms[i];
        if (str_eq(word, form->word)) {
            front_answer_choose(&ui->answer, form);
            begin_field(ui, press->run);
            if (front_answer_field(&ui->answer) == FIELD_END) {
                send(press);
            }
            return;
        }
    }
    refuse(ui, STR("type one of the words above, or choose it with the arrows"));
}

static void take_field(const struct press *press, struct str line)
{
    struct ui *ui = press->ui;
    struct front_answer *answer = &ui->answer;
    int field = answer->field;
    struct str why = {0};
    if (!front_answer_take(answer, press->run, line, &why)) {
        refuse(ui, why);
        return;
    }
    ui->dialog.typed[field] = str_dup(&answer->arena, line);
    begin_field(ui, press->run);
    if (front_answer_field(answer) == FIELD_END) {
        send(press);
    }
}

static void take_line(const struct press *press)
{
    struct ui *ui = press->ui;
    struct str line = str_trim((struct str){ui->input.text, ui->input.len});
    ui->dialog.error[0] = '\0';
    if (line.len == 0) {
        refuse(ui, STR("nothing was typed, so nothing was done"));
    } else if (!ui->answer.form) {
        take_word(press, line);
    } else {
        take_field(press, line);
    }
}

static void offer(struct ui *ui, int way)
{
    ui->dialog.error[0] = '\0';
    input_choose(&ui->input, ui->dialog.forms[way]->word);
}

/* The arrows put one of the words into the line; Enter takes it like a typed one. */
static void offer_word(struct ui *ui, int direction)
{
    int count = (int)ui->dialog.form_count;
    int at = -1;
    for (int i = 0; i < count; i++) {
        at = strcmp(ui->input.text, ui->dialog.forms[i]->word) == 0 ? i : at;
    }
    at = at < 0 ? (direction > 0 ? 0 : count - 1) : at + direction;
    offer(ui, at < 0 ? 0 : at >= count ? count - 1 : at);
}

static void scroll(struct ui *ui, const struct run *run, int step)
{
    int most = view_dialog_most(ui, run);
    int top = ui->dialog.top + step;
    ui->dialog.top = top > most ? most : top < 0 ? 0 : top;
}

static void form_key(const struct press *press, enum intent intent)
{
    struct ui *ui = press->ui;
    switch ((int)intent) {
    case INTENT_OPEN:
        take_line(press);
        break;
    case INTENT_PAGE_UP:
    case INTENT_PAGE_DOWN:
        scroll(ui, press->run, intent == INTENT_PAGE_UP ? -PAGE_LINES : PAGE_LINES);
        break;
    case INTENT_UP:
    case INTENT_DOWN:
        if (!ui->answer.form) {
            offer_word(ui, intent == INTENT_UP ? -1 : 1);
        }
        break;
    default:
        if (input_key(&ui->input, press->key)) {
            ui->dialog.error[0] = '\0';
        }
        break;
    }
}

static void open_chosen(const struct press *press, int index)
{
    struct ui *ui = press->ui;
    dialog_ask(ui, press->run, &ui->asks[index]);
    ui->dialog.from_list = true;
    ui->choice = index;
}

static void list_key(const struct press *press, enum intent intent)
{
    struct ui *ui = press->ui;
    int last = (int)ui->ask_count - 1;
    if (intent == INTENT_DOWN || intent == INTENT_UP) {
        int to = ui->choice + (intent == INTENT_DOWN ? 1 : -1);
        choose(ui, to < 0 ? 0 : to > last ? last : to);
    } else if (intent == INTENT_OPEN) {
        open_chosen(press, ui->choice);
    } else if (press->key >= '1' && press->key <= '9' && (int)press->key - '1' <= last) {
        open_chosen(press, (int)press->key - '1');
    } else if (intent == INTENT_NONE) {
        press_unknown(press);
    }
}

/* The word itself, typed in the first box, needs no second one. */
static void leave_by_word(const struct press *press)
{
    dialog_command(press->ui, press->run, "quit", (struct str){0}, NULL);
    take_field(press, STR("leave"));
}

static void take_leaving(const struct press *press)
{
    struct ui *ui = press->ui;
    struct str word = str_trim((struct str){ui->input.text, ui->input.len});
    if (str_eq(word, "leave")) {
        leave_by_word(press);
    } else if (word.len > 0 && !str_eq(word, "stay")) {
        refuse(ui, STR("type leave or stay, or choose with the arrows"));
    } else if (word.len == 0 && ui->choice == QUIT_LEAVE) {
        dialog_command(ui, press->run, "quit", (struct str){0}, NULL);
    } else {
        close_saying(ui, "still here; the run goes on");
    }
}

/* A choice takes the place of what was typed. */
static void choose_leaving(struct ui *ui, int choice)
{
    ui->choice = choice;
    ui->dialog.error[0] = '\0';
    input_set(&ui->input, "");
}

static void quit_key(const struct press *press, enum intent intent)
{
    struct ui *ui = press->ui;
    if (intent == INTENT_DOWN || intent == INTENT_UP) {
        choose_leaving(ui, intent == INTENT_DOWN ? QUIT_LEAVE : QUIT_STAY);
    } else if (intent == INTENT_OPEN) {
        take_leaving(press);
    } else if (input_key(&ui->input, press->key)) {
        ui->dialog.error[0] = '\0';
    }
}

void dialog_click(const struct press *press)
{
    struct ui *ui = press->ui;
    int at =
        view_dialog_at(ui, press->run, key_click_row(press->key), key_click_column(press->key));
    if (at < 0 || ui->now_us - ui->opened_us < DEAF_US) {
        return;
    }
    if (ui->mode == MODE_QUESTIONS) {
        choose(ui, at);
    } else if (ui->mode == MODE_QUIT) {
        choose_leaving(ui, at);
    } else if (!ui->answer.form) {
        offer(ui, at);
    }
}

void dialog_key(const struct press *press)
{
    struct ui *ui = press->ui;
    const struct key_row *row = key_find(ui, press->run, press->key);
    enum intent intent = row ? row->intent : INTENT_NONE;
    if (intent == INTENT_BACK && ui->mode == MODE_FORM && ui->dialog.from_list) {
        open_list(ui, press->run, ui->choice);
        ui_say(ui, STYLE_NORMAL, "nothing was done");
    } else if (intent == INTENT_BACK) {
        close_saying(ui, "nothing was done");
    } else if (ui->now_us - ui->opened_us < DEAF_US) {
        return;
    } else if (ui->mode == MODE_FORM) {
        form_key(press, intent);
    } else if (ui->mode == MODE_QUESTIONS) {
        list_key(press, intent);
    } else {
        quit_key(press, intent);
    }
}
