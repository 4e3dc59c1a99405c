/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the files of the dialogs share.
 */
#ifndef GONOGO_TUI_DIALOG_PRIVATE_H
#define GONOGO_TUI_DIALOG_PRIVATE_H

#include "ui_private.h"

/* An empty box over the page; what was typed and not read yet is thrown away. `title` is
 * static text. */
void dialog_open(struct ui *ui, const struct run *run, enum ui_mode mode, const char *title);
void dialog_close(struct ui *ui);
void dialog_close_saying(struct ui *ui, const char *format, ...) PRINTF_LIKE(2, 3);
/* The list of what is asked, that one chosen. */
void dialog_list(struct ui *ui, const struct run *run, int index);
void dialog_choose(struct ui *ui, int index);
/* The session that the event means, as it is now; NULL: it holds us up no more. */
const struct event_item *dialog_blocker(const struct run *run, const struct event *event);

#endif
