/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the tests of the lint room share: a lint that is fed by hand, one action for a
 * statement or several, each statement a line of its own.
 */
#ifndef GONOGO_TESTS_LINT_ROOM_H
#define GONOGO_TESTS_LINT_ROOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lint.h"
#include "testing.h"

struct room {
    struct arena arena;
    struct lint_context context;
    struct lint_file file;
    struct lint *lint;
    const struct lint_result *result;
    size_t count; /* statements of the file so far */
};

static inline void room_open(struct room *room)
{
    *room = (struct room){
        .context = {.lock_timeout_us = -1, .statement_timeout_us = -1, .free_bytes = -1},
        .file = {.name = STR("001.sql"),
                 .lock_timeout_us = 2 * US_PER_SECOND,
                 .statement_timeout_us = US_PER_MINUTE},
    };
}

/* After the context and the file are as the test wants them. */
static inline void room_begin(struct room *room)
{
    if (!room->lint) {
        room->lint = lint_new(&room->arena, &room->context);
    }
    room->count = 0;
    lint_begin_file(room->lint, &room->file);
}

static inline void room_close(struct room *room)
{
    lint_free(room->lint);
    arena_release(&room->arena);
}

/* With the lock, the work and the rest of its form's row. */
static inline struct sql_action act(enum sql_form form, const char *object, const char *part)
{
    const struct sql_form_row *row = sql_form_row(form);
    return (struct sql_action){
        .form = form,
        .kind = "table",
        .object = {STR(""), str_from(object)},
        .part = str_from(part),
        .lock = row->lock,
        .other_lock = row->other,
        .work = row->work,
        .rerun = row->rerun,
        .loss = row->loss,
        .undo = row->undo,
    };
}

static inline void room_say(struct room *room, const char *tag,
                            const struct sql_action *actions, size_t count)
{
    int line = (int)room->count + 1;
    struct sql_statement statement = {
        .line = line,
        .column = 1,
        .head = {.line = line, .column = 1},
        .judgement = SQL_PARSED,
        .tag = tag,
    };
    struct sql_facts facts = {.actions = actions, .action_count = count};
    lint_statement(room->lint, &statement, room->count++, &facts);
}

static inline void room_do(struct room *room, const char *tag, struct sql_action action)
{
    room_say(room, tag, &action, 1);
}

/* A whole file of SQL, between room_begin() and room_end(); its text lives in the arena. */
static inline void room_study(struct room *room, const char *sql)
{
    struct sql_script script;
    struct sql_trouble trouble;
    room->file.text = str_dup(&room->arena, str_from(sql));
    room_begin(room);
    assert_true(sql_cut(room->file.text, NULL, &room->arena, &script, &trouble));
    sql_study(&script, 15, &room->arena, lint_statement, room->lint);
}

static inline const struct lint_file_result *room_end(struct room *room)
{
    lint_end_file(room->lint);
    room->result = lint_finish(room->lint);
    return &room->result->files[room->result->file_count - 1];
}

#define assert_words(text, wanted) assert_string_equal(str_text(&room.arena, (text)), (wanted))

/* The same with IF [NOT] EXISTS. */
static inline struct sql_action guarded(enum sql_form form, const char *object,
                                        const char *part)
{
    struct sql_action action = act(form, object, part);
    action.guarded = true;
    action.rerun = SQL_RERUN_YES;
    return action;
}

#endif
