/* SPDX-License-Identifier: PostgreSQL */
/*
 * cutter: the state of a cut between two lines, shared by the form for whole texts
 * and the form for chunks. Private to the room.
 */
#ifndef GONOGO_SQL_CUTTER_H
#define GONOGO_SQL_CUTTER_H

#include "lexer.h"
#include "sql.h"

struct sql_cutter {
    struct sql_settings settings;
    sql_receiver receiver;
    void *context;
    struct lexer lexer;
    struct strbuf window;   /* bytes not yet done with; unused when the text is whole */
    size_t window_base;     /* offset of its first byte in the file */
    size_t next_line;       /* offset of the line to be read next */
    size_t searched;        /* no line end between next_line and here */
    int line;               /* number of the line to be read next */
    size_t counted_bytes;   /* of the line at hand, characters up to here ... */
    int counted_characters; /* ... are this many */

    bool in_copy_data;
    size_t copy_offset;             /* first data byte not yet handed on */
    struct sql_statement statement; /* the last one handed on */

    bool strings_on;      /* now, as psql would be told by the server */
    bool strings_session; /* what a COMMIT leaves in place */
    bool strings_before;  /* what a ROLLBACK brings back */
    bool in_transaction;
    bool strings_changed;
    struct strbuf restrict_key;
    size_t restrict_lines;
};

void cutter_init(struct sql_cutter *cutter, const struct sql_settings *settings,
                 sql_receiver receiver, void *context);
void cutter_release(struct sql_cutter *cutter);
/* Cuts all whole lines of a window; with `final` all of it, and nothing may stay open. */
bool cutter_run(struct sql_cutter *cutter, struct str window, size_t base, bool final,
                struct sql_trouble *trouble);

/* trouble.c: `word` fills the %.*s of the message, if it has one. Returns false. */
bool trouble_set(struct sql_trouble *trouble, enum sql_trouble_kind kind,
                 struct sql_place place, struct str word);

#endif
