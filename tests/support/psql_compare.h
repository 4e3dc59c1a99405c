/* SPDX-License-Identifier: PostgreSQL */
/*
 * Scripts that the real psql runs against a recording server, so that what it sent can be held
 * against the cut, byte by byte. Told apart are only:
 *
 *  - psql leaves out a line of which nothing is left but its "\n", unless it stands
 *    inside of a literal or a comment; we keep it, so that places in a statement are
 *    places in the file;
 *  - psql sends the white space behind a last statement that has no semicolon.
 *
 * A script that the cut refuses must agree up to the refused place.
 */
#ifndef GONOGO_TESTS_PSQL_COMPARE_H
#define GONOGO_TESTS_PSQL_COMPARE_H

#include "sql.h"

struct script_file {
    char *name; /* for messages */
    char *path; /* the copy that psql reads */
    char *text;
    size_t length;
    bool aborted; /* psql did not come through it: it says nothing */
    bool differs;
    struct sql_trouble trouble; /* why the cut refused it, if it did */
};
struct collection {
    struct script_file *files;
    size_t count;
    size_t capacity;
    char folder[64];
};

void collection_init(struct collection *all);
void collection_release(struct collection *all);
/* Keeps a copy of the text under a name for messages. */
void collection_add(struct collection *all, const char *name, struct str text);
/* Calls `add` for every *.sql beneath a folder, in the order of their names. */
typedef void collection_adder(struct collection *all, const char *path);
void collection_add_folder(struct collection *all, const char *folder, collection_adder *add);

/* Compares every file, sets its marks and prints each first difference. Returns their number.
 */
size_t collection_differences(struct collection *all);
/* The same, and fails unless there is none and psql came through nearly all of them. */
void collection_must_agree(struct collection *all);

#endif
