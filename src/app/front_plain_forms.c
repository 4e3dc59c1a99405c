/* SPDX-License-Identifier: PostgreSQL */
/*
 * Dialogs: what is asked line by line before an event is sent. Enter alone never
 * approves anything: it leaves the dialog, and nothing was done.
 */
#include "front_plain_private.h"

void plain_dialog_cancel(struct plain *plain, const char *why)
{
    if (plain->dialog.open) {
        plain->dialog.open = false;
        plain_say(plain, "%s", why);
    }
}

static void send(struct plain *plain, const struct run *run, const struct front_events *events)
{
    struct event *event = &plain->dialog.answer.event;
    if (event->who.len == 0) {
        event->who = run->operator_name;
    }
    plain->dialog.open = false;
    plain->sent = true;
    events->emit(events->ctx, event);
    if (event->kind == EVENT_LEAVE) {
        plain->leaving = true;
        plain->hold_sent = true; /* leaving is a HOLD by itself */
        plain->left_in = run->state;
    }
}

static void begin(struct plain *plain, int number, const struct ask *ask)
{
    plain->dialog.open = true;
    plain->dialog.number = number;
    front_answer_begin(&plain->dialog.answer, ask);
}

void plain_dialog_begin(struct plain *plain, const struct run *run, int number,
                        const struct ask *ask)
{
    const struct front_form *forms[FORMS_MAX];
    size_t count = front_forms(run, ask, forms);
    begin(plain, number, ask);
    plain_say(plain, "%d  %.*s", number, STR_ARG(ask->text));
    if (count == 1 && !forms[0]->word) {
        front_answer_choose(&plain->dialog.answer, forms[0]);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        plain_say(plain, "    %-12s %s", forms[i]->word, forms[i]->help);
    }
}

void plain_dialog_command(struct plain *plain, const char *word, struct str id,
                          const struct event *event)
{
    struct ask ask = {.kind = ASK__COUNT, .id = id};
    if (strcmp(word, "vote") == 0) {
        ask.role = id;
    }
    begin(plain, 0, &ask);
    struct front_answer *answer = &plain->dialog.answer;
    if (event) {
        answer->event.pid = event->pid;
        answer->event.backend_start_us = event->backend_start_us;
        answer->event.flag = event->flag;
    }
    front_answer_choose(answer, front_command_form(word));
}

static void choose_by_word(struct plain *plain, const struct run *run, struct str line,
                           const struct front_events *events)
{
    struct front_answer *answer = &plain->dialog.answer;
    const struct front_form *forms[FORMS_MAX];
    size_t count = front_forms(run, &answer->ask, forms);
    for (size_t i = 0; i < count; i++) {
        if (str_eq(line, forms[i]->word)) {
            front_answer_choose(answer, forms[i]);
            if (front_answer_field(answer) == FIELD_END) {
                send(plain, run, events);
            }
            return;
        }
    }
    plain_say(plain, "type one of the words above; Enter alone leaves the question open");
}

void plain_dialog_line(struct plain *plain, const struct run *run, struct str line,
                       const struct front_events *events)
{
    struct front_answer *answer = &plain->dialog.answer;
    if (line.len == 0) {
        plain_dialog_cancel(plain, "nothing was done");
        return;
    }
    if (!answer->form) {
        choose_by_word(plain, run, line, events);
        return;
    }
    struct str why;
    if (!front_answer_take(answer, run, line, &why)) {
        plain_say(plain, "%.*s; Enter alone leaves it", STR_ARG(why));
    } else if (front_answer_field(answer) == FIELD_END) {
        send(plain, run, events);
    }
}

void plain_dialog_prompt(struct plain *plain, struct strbuf *out)
{
    const struct front_answer *answer = &plain->dialog.answer;
    if (!answer->form) {
        strbuf_text(out, "which? ");
    } else {
        strbuf_format(out, "%s: ", form_field_prompts[front_answer_field(answer)]);
    }
}
