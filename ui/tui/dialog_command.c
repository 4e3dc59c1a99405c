/* SPDX-License-Identifier: PostgreSQL */
/*
 * What a command asks before it acts: hold, roll back, vote, override, leave, and signalling
 * a session that holds us up, which is named as it was when the box opened.
 */
#include "dialog_private.h"

#include <string.h>

bool can_be_signalled(const struct run *run)
{
    return run->blocker_count > 0 &&
           (run->state == STATE_RUNNING || run->state == STATE_FAILED);
}

const struct event_item *dialog_blocker(const struct run *run, const struct event *event)
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
    const struct event_item *item = dialog_blocker(run, event);
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
        block = block ? block : undo_block_find(run, id);
        ask.text = block
                       ? block_question(block, arena)
                       : str_format(arena, "Go on without the proof of \"%.*s\"?", STR_ARG(id));
        ask.detail = block ? block->text : STR("The report names who decided it, and why.");
    } else if (strcmp(word, "backup") == 0) {
        ask.text = str_format(arena, "Take the backup \"%.*s\" now, anew?", STR_ARG(id));
        ask.detail = STR("The server dumps everything once more. The file that is there stays, "
                         "and does not count any more; the new one is proved.");
    } else if (strcmp(word, "prove") == 0) {
        ask.text = str_format(arena, "Prove the backup \"%.*s\" once more?", STR_ARG(id));
        ask.detail = STR("The dump that is there is read, restored into a scratch server on "
                         "this host and compared. Until then it does not count as proven.");
    } else if (strcmp(word, "abandon") == 0) {
        ask.text = STR("End this run for good, here?");
        ask.detail = STR("Nothing more runs and nothing is undone: the database stays as it is "
                         "now. Nobody can resume the run; the report says who ended it, and "
                         "why.");
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
        {"backup", "TAKE A BACKUP"},
        {"prove", "PROVE A BACKUP"},
        {"hold", "HOLD"},
        {"rollback", "ROLLBACK DECISION"},
        {"vote", "VOTE"},
        {"override", "OVERRIDE"},
        {"quit", "LEAVE"},
        {"abandon", "ABANDON"},
    };
    for (size_t i = 0; i < COUNT_OF(titles); i++) {
        if (strcmp(titles[i].word, word) == 0) {
            return titles[i].title;
        }
    }
    return event && event->flag ? "TERMINATE A SESSION" : "CANCEL A BLOCKER";
}

void dialog_abandon(struct ui *ui, const struct run *run)
{
    const char *trouble = engine_abandon_trouble(run);
    if (trouble) {
        dialog_close_saying(ui, "not abandoned: %s", trouble);
    } else {
        dialog_command(ui, run, "abandon", (struct str){0}, NULL);
    }
}

void dialog_command(struct ui *ui, const struct run *run, const char *word, struct str id,
                    const struct event *event)
{
    struct arena arena = {0};
    struct ask ask = ask_of_command(run, word, id, event, &arena);
    dialog_open(ui, run, MODE_FORM, title_of_command(word, event));
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
