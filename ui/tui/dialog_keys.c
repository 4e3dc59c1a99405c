/* SPDX-License-Identifier: PostgreSQL */
/*
 * What is typed and clicked in a dialog. The harmless thing is always the default: Enter on
 * an empty line does nothing, Esc leaves everything as it is, and a key without a meaning
 * says which ones have one.
 */
#include "dialog_private.h"

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
    QUIT_ABANDON,
    QUIT__COUNT,
};

/* What the field begins with: nothing, or a name that was typed here before, to be seen and
 * to be replaced. */
static void begin_field(struct ui *ui, const struct run *run)
{
    const char *name = names_offer(ui, run);
    input_choose(&ui->input, name ? name : "");
}

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
        } else {
            press_unknown(press);
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
        dialog_choose(ui, to < 0 ? 0 : to > last ? last : to);
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
    } else if (str_eq(word, "abandon") || (word.len == 0 && ui->choice == QUIT_ABANDON)) {
        dialog_abandon(ui, press->run);
    } else if (word.len > 0 && !str_eq(word, "stay")) {
        refuse(ui, STR("type leave, stay or abandon, or choose with the arrows"));
    } else if (word.len == 0 && ui->choice == QUIT_LEAVE) {
        dialog_command(ui, press->run, "quit", (struct str){0}, NULL);
    } else {
        dialog_close_saying(ui, "still here; the run goes on");
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
        int to = ui->choice + (intent == INTENT_DOWN ? 1 : -1);
        choose_leaving(ui, to < 0 ? 0 : to < QUIT__COUNT ? to : QUIT__COUNT - 1);
    } else if (intent == INTENT_OPEN) {
        take_leaving(press);
    } else if (input_key(&ui->input, press->key)) {
        ui->dialog.error[0] = '\0';
    } else {
        press_unknown(press);
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
        dialog_choose(ui, at);
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
        dialog_list(ui, press->run, ui->choice);
        ui_say(ui, STYLE_NORMAL, "nothing was done");
    } else if (intent == INTENT_BACK) {
        dialog_close_saying(ui, "nothing was done");
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
