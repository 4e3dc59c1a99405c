/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the files that move and draw the screens share among themselves.
 */
#ifndef GONOGO_TUI_UI_PRIVATE_H
#define GONOGO_TUI_UI_PRIVATE_H

#include "layout.h"
#include "ui.h"

/* What draws the eye: nothing, a person is needed, something went wrong. */
enum mood {
    MOOD_CALM,
    MOOD_HOLD,
    MOOD_BAD,
};
enum mood ui_mood(const struct run *run);

/* One key press on its way. */
struct press {
    struct ui *ui;
    const struct run *run;
    uint32_t key;
    const struct front_events *events;
};
/* Search, filter and copying: the same in a pane of the page and in an overlay. False: it is
 * none of these. */
bool ui_look_at_pane(const struct press *press, enum intent intent);
/* An event that needs nothing but a word; who = the operator. */
void press_emit(const struct press *press, enum event_kind kind, struct str text);
/* pace.c: how often the probes ask. The pace next to the present one, faster (-1) or slower
 * (1); the present one when there is none, or no probe asks now. */
int64_t ui_next_pace_us(const struct run *run, int direction);
/* Asks for it, or says why not. */
bool press_pace(const struct press *press, int64_t pace_us);
/* A key that means nothing now: says so once, and which ones do. Never rings. */
void press_unknown(const struct press *press);
/* ^C: says the way out, or arms, or cancels. */
/* Is a statement of ours at work, and can a cancel reach it? */
bool ui_statement_runs(const struct run *run);
void press_interrupt(const struct press *press);

/* view.c: one pane with its lines; also for overlays */
void view_pane(struct area area, const struct ui *ui, const struct placed *placed,
               const struct pane_state *state, bool focused);

/* move.c: the focused pane */
void ui_move(struct ui *ui, enum intent intent);
void ui_turn(struct ui *ui, int direction); /* Tab: the next pane, or the next leaf */
void ui_settle(struct ui *ui);              /* after the page was built again */
void ui_go(struct ui *ui, enum screen screen);
/* Keys go to that pane of that screen. */
void ui_focus(struct ui *ui, enum screen screen, enum pane_id pane);
/* Of these lists the one that had the focus last; the first before any of them had it. Panes
 * that tell about what a list chose do not lose it by taking the focus themselves. */
enum pane_id ui_list_of(const struct ui *ui, const enum pane_id *lists, size_t count);
/* Goes to where a thing is shown, the cursor on it; false: no screen shows it. */
bool ui_go_to(struct ui *ui, const struct run *run, struct subject subject);
/* The state of the pane that keys move now: the overlay's, or the focused pane's. */
struct pane_state *ui_state_of_focus(struct ui *ui);
/* The pane itself as it is placed; false when none is in sight. */
bool ui_focused(const struct ui *ui, struct placed *placed);

/* click.c: what lies under the pointer, which is never taken by that */
void ui_click(const struct press *press);

/* input.c: one line of typed text */
void input_set(struct input *input, const char *text);
/* The same, or what is there already (NULL), all of it chosen. */
void input_choose(struct input *input, const char *text);
/* True when the key was taken as text or as a movement within it. */
bool input_key(struct input *input, uint32_t key);
/* Draws it in `columns`, the cursor of the grid in it; `hidden` never: nothing secret is typed.
 */
void input_draw(struct area area, int row, int column, int columns, const struct input *input);

/* dialog.c: questions, forms, leaving */
void dialog_questions(struct ui *ui, const struct run *run);
void dialog_ask(struct ui *ui, const struct run *run, const struct ask *ask);
/* Asks for reason, name and word before the run is ended for good; says why not, otherwise. */
void dialog_abandon(struct ui *ui, const struct run *run);
/* A command's form by its word; `event` may carry pid, start and whether to end the session. */
void dialog_command(struct ui *ui, const struct run *run, const char *word, struct str id,
                    const struct event *event);
/* The session that the cursor of the lock tree stands on, else the first that holds us up;
 * never one of ours. NULL: nobody does. (ui.c) */
const struct event_item *ui_blocker(const struct ui *ui, const struct run *run);
/* Why a signal would not free what it holds, for people, after its pid if it has one; NULL: it
 * would. */
const char *ui_blocker_trouble(const struct event_item *blocker, bool end);
/* Does, or did, somebody hold up a statement of ours, so that the engine would signal them? */
bool can_be_signalled(const struct run *run);
void dialog_quit(struct ui *ui, const struct run *run);
void dialog_key(const struct press *press);
/* A click on a way to answer chooses it, as the arrows do. */
void dialog_click(const struct press *press);
/* What was asked is no longer asked: says so and closes. */
void dialog_check(struct ui *ui, const struct run *run);
/* An answer that was chosen from the list has arrived: the list opens again. */
void dialog_again(struct ui *ui, const struct run *run);
bool ui_in_dialog(const struct ui *ui);

/* names.c: whose answers were typed here */
bool names_are_asked(const struct front_form *form); /* does somebody type their name in it? */
void names_remember(struct ui *ui, const struct front_answer *answer);
/* The name to put into the field of the open form; NULL: it is to be typed. */
const char *names_offer(const struct ui *ui, const struct run *run);

/* view_dialog.c */
/* How far the text of the open form can be scrolled. */
int view_dialog_most(const struct ui *ui, const struct run *run);
/* Which way to answer, or which question of the list, stands at a place of the screen; -1:
 * none.
 */
int view_dialog_at(const struct ui *ui, const struct run *run, int row, int column);
void view_dialog(struct area body, const struct ui *ui, const struct run *run);

/* find.c: search and filter within the focused pane */
void find_begin(struct ui *ui, bool filter);
void find_key(const struct press *press);
void find_next(struct ui *ui, int direction);

/* command.c: the line behind `:` */
void command_begin(struct ui *ui, const char *text);
void command_key(const struct press *press);
/* What Tab offers for a line, in `arena`; returns how many. Each is a whole line. */
size_t command_candidates(const struct run *run, const struct ui *ui, struct str line,
                          struct arena *arena, struct str *found, size_t max);
/* The table of commands, for help and for the manual. */
void command_help(struct pane *pane);

/* view_input.c: the line that is typed in place of the keys; false: none. */
bool view_input(struct area area, const struct ui *ui, const struct run *run);

/* overlay.c: help and whole texts over the body */
void overlay_help(struct ui *ui, const struct run *run);
void overlay_troubles(struct ui *ui);                     /* what a demo can break */
void overlay_files(struct ui *ui, const struct run *run); /* what was written of the report */
/* The whole text of a subject; false: there is none. */
bool overlay_subject(struct ui *ui, const struct run *run, struct subject subject);
/* Opens what the cursor stands on: its question, or its whole text. */
void overlay_open(struct ui *ui, const struct run *run);
void overlay_key(const struct press *press);
/* Is one open, perhaps under a line that is typed? */
bool overlay_is_open(const struct ui *ui);
/* Its only pane, as it is placed in the body. */
struct placed overlay_placed(const struct ui *ui);
/* The window has another size: the text is wrapped anew. */
void overlay_check(struct ui *ui, const struct run *run);
bool view_overlay(struct area body, const struct ui *ui);

/* about.c, about_run.c: all that is known about one thing, as lines; false: nothing is.
 */
bool about_subject(struct pane *pane, const struct run *run, const struct ui *ui,
                   struct subject subject);
/* subjects.c. A question as a line of a list, with the number of a way to answer it, below
 * FORMS_MAX. */
struct subject subject_of_way(const struct ask *ask, size_t way);
/* A thing that is told by its id: SUBJECT_NEWS, SUBJECT_LOAD. */
struct subject subject_of_name(enum subject_kind kind, struct str id);
/* The thing that a question is about; kind NONE: the run itself. */
struct subject subject_of_ask(const struct run *run, const struct ask *ask);
/* The open question about a thing; NULL: none. */
const struct ask *ask_of_subject(const struct ui *ui, const struct run *run,
                                 struct subject subject);
/* A thing by the id that people type; kind NONE: nothing has it. */
struct subject subject_by_id(const struct run *run, struct str id);
/* The check that a subject means; NULL: it means none. */
const struct run_check *check_of_subject(const struct run *run, struct subject subject);

/* copy.c */
void copy_line(struct ui *ui, const struct run *run);
void copy_pane(struct ui *ui);
void copy_summary(struct ui *ui); /* the main panes of the report */
void copy_status(struct ui *ui, const struct run *run);

/* log_pane.c: the log as a pane, newest last */
void log_pane(struct page *page, const struct ui *ui, enum pane_place place);
/* The same below everything, where what has the whole width leaves it some rows. */
void log_pane_below(struct page *page, const struct ui *ui);

/* backup_keys.c: the keys of the BACKUP screen, and whether they mean something now. */
bool backup_can_take(const struct ui *ui, const struct run *run);
bool backup_can_prove(const struct ui *ui, const struct run *run);
bool backup_can_attest(const struct ui *ui, const struct run *run);
void backup_act(const struct press *press, enum intent intent);

#endif
