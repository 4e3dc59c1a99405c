/* SPDX-License-Identifier: PostgreSQL */
/*
 * Dialogs: the list of what is asked, the form that answers one question, and leaving: how
 * they open and close. A question that is no longer asked closes its dialog instead of
 * answering another one. What is typed into them is in dialog_keys.c, what a command asks
 * before it acts in dialog_command.c.
 */
#include "dialog_private.h"

#include <stdio.h>
#include <string.h>

bool ui_in_dialog(const struct ui *ui)
{
    return ui->mode == MODE_QUESTIONS || ui->mode == MODE_FORM || ui->mode == MODE_QUIT;
}

void dialog_open(struct ui *ui, const struct run *run, enum ui_mode mode, const char *title)
{
    ui->dialog = (struct dialog){.title = title, .asked_in = run->state};
    ui->mode = mode;
    ui->under = MODE_BROWSE;
    ui->opened_us = ui->now_us;
    ui->wishes |= WISH_DROP;
    ui->choice = 0;
    input_set(&ui->input, "");
}

void dialog_close(struct ui *ui)
{
    if (ui_in_dialog(ui)) {
        ui->mode = MODE_BROWSE;
    }
}

void dialog_close_saying(struct ui *ui, const char *format, ...)
{
    char text[ERR_TEXT_MAX];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    dialog_close(ui);
    ui_say(ui, STYLE_NORMAL, "%s", text);
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

void dialog_choose(struct ui *ui, int index)
{
    ui->choice = index;
    front_answer_begin(&ui->answer, &ui->asks[index]);
}

void dialog_list(struct ui *ui, const struct run *run, int index)
{
    int last = (int)ui->ask_count - 1;
    dialog_open(ui, run, MODE_QUESTIONS, "ASKED NOW");
    dialog_choose(ui, index > last ? last : index);
}

void dialog_questions(struct ui *ui, const struct run *run)
{
    if (ui->ask_count == 0) {
        ui_say(ui, STYLE_NORMAL, "nothing is asked now");
    } else if (ui->ask_count == 1) {
        dialog_ask(ui, run, &ui->asks[0]);
    } else {
        dialog_list(ui, run, 0);
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
        dialog_list(ui, run, again->choice);
    }
}

void dialog_ask(struct ui *ui, const struct run *run, const struct ask *ask)
{
    bool dangerous = front_ask_is_dangerous(ask->kind);
    dialog_open(ui, run, MODE_FORM,
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

void dialog_quit(struct ui *ui, const struct run *run)
{
    if (ui->over || run->state == STATE_END) {
        ui->wishes |= WISH_CLOSE;
    } else {
        dialog_open(ui, run, MODE_QUIT, "LEAVE");
    }
}

/* ------------------------------------------------------------- while it is open */

/* The list went on moving under the box: the choice stays on its question. */
static void check_list(struct ui *ui)
{
    int found = find_asked(ui);
    if (ui->ask_count == 0) {
        dialog_close_saying(ui, "nothing is asked any more; nothing was done");
    } else if (found >= 0) {
        ui->choice = found;
    } else {
        dialog_choose(ui, 0);
        ui->opened_us = ui->now_us; /* another question is under the fingers now */
    }
}

void dialog_check(struct ui *ui, const struct run *run)
{
    const struct front_answer *answer = &ui->answer;
    if (ui->mode == MODE_QUESTIONS) {
        check_list(ui);
    } else if (ui_in_dialog(ui) && run->state == STATE_END) {
        dialog_close_saying(ui, "the run is over; nothing was done");
    } else if (ui->mode != MODE_FORM) {
        return;
    } else if (answer->ask.kind != ASK__COUNT) {
        if (find_asked(ui) < 0 || run->state != ui->dialog.asked_in) {
            dialog_close_saying(ui, "that is no longer asked; nothing was done");
        }
    } else if (answer->form->event == EVENT_RERUN && run->state != STATE_BACKUP) {
        dialog_close_saying(ui, "the run has gone on from BACKUP; nothing was done");
    } else if (answer->form->event == EVENT_ABANDON && engine_abandon_trouble(run)) {
        dialog_close_saying(ui, "not abandoned: %s", engine_abandon_trouble(run));
    } else if (answer->form->event == EVENT_TERMINATE &&
               (!can_be_signalled(run) || !dialog_blocker(run, &answer->event))) {
        dialog_close_saying(ui, "%lld no longer holds us up; nothing was done",
                            (long long)answer->event.pid);
    }
}
