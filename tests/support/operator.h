/* SPDX-License-Identifier: PostgreSQL */
/*
 * An operator before the real screens: the program runs on a terminal that is seen
 * (screen.h) against a real server, keys are pressed, forms are filled, and every wait is
 * for a text on the screen. A second connection is the witness of what the server did.
 *
 * What is not seen in time fails the test and prints the screen.
 */
#ifndef GONOGO_TEST_OPERATOR_H
#define GONOGO_TEST_OPERATOR_H

#include "screen.h"

enum {
    SOON = 30,  /* seconds: what the program does by itself */
    LATER = 90, /* a first initdb, a dump with its proof, the watch */
};

struct operator
{
    char folder[80]; /* of this operator alone: TMPDIR, state and home of the program */
    struct screen *screen;
    char socket_dir[160]; /* the server, its database, and who asks it here */
    const char *database, *user;
};

/* A folder; nothing runs yet. */
void operator_begin(struct operator* me);
/* Ends what runs, stops a demo's server that was kept, drops the database, removes the folder.
 */
void operator_end(struct operator* me);
/* The same as setup and teardown of a cmocka test whose state is the operator. */
int operator_set_up(void **state);
int operator_tear_down(void **state);

void operator_file(const struct operator* me, const char *name, const char *text);
/* "<folder>/name", good until the next call. */
const char *operator_path(const struct operator* me, const char *name);
/* Starts the program with `arguments` (NULL at the end) and waits for nothing. */
void operator_start(struct operator* me, const char *const *arguments, int columns, int rows);
/* `gonogo demo`, with a trouble or NULL, until its screens are there and its server is known.
 * The report goes to <folder>/report. */
void operator_demo(struct operator* me, const char *trouble, int columns, int rows);
/* The same with another sample plan. */
void operator_demo_plan(struct operator* me, const char *plan, const char *trouble, int columns,
                        int rows);
/*
 * `gonogo run` of a small window on the shared server, until its screens ask: `preparation`
 * has been run in the new database by its owner, the one migration is `migration`.
 */
void operator_run(struct operator* me, const char *preparation, const char *migration,
                  int columns, int rows);

/* The same with a plan of one's own; what it names beside 001.sql stands in the folder already.
 */
void operator_run_plan(struct operator* me, const char *plan_text, const char *preparation,
                       const char *migration, int columns, int rows);

/* Waits for a text on the screen, or until it is on none of its rows. */
void operator_see(struct operator* me, const char *text, int seconds);
void operator_see_gone(struct operator* me, const char *text, int seconds);
bool operator_sees(struct operator* me, const char *text); /* now */
/* How many rows of the screen hold it. */
int operator_rows_with(struct operator* me, const char *text);
#define SEE(me, text)      operator_see((me), (text), SOON)
#define SEE_GONE(me, text) operator_see_gone((me), (text), SOON)

void operator_press(struct operator* me, const char *keys);
/* Presses until the text is seen: a box that has just opened is deaf for a moment. Only for
 * keys that do no harm when they are pressed twice. */
void operator_press_for(struct operator* me, const char *keys, const char *text);
/* Fills the form that is open: pairs of prompt and line, NULL at the end. The last Enter
 * sends it. */
void operator_fill(struct operator* me, const char *const *prompts_and_lines);
#define FILL(me, ...) operator_fill((me), (const char *const[]){__VA_ARGS__, NULL})
/* Opens the question whose text holds `text`, by way of the list behind `a`. */
void operator_ask(struct operator* me, const char *text);
/* Types a line behind `:`. */
void operator_command(struct operator* me, const char *line);
/* Answers a question that asks for the word go. */
void operator_go_on(struct operator* me, const char *question);
/* Waits for the end of the program; the exit code. */
int operator_exit(struct operator* me);

/* The first value of the answer, as a number or as text on the heap. */
long operator_number(const struct operator* me, const char *sql);
char *operator_text(const struct operator* me, const char *sql);
/* Asks until the answer is `expected`; fails after SOON. */
void operator_becomes(struct operator* me, const char *sql, long expected);

/* A session of somebody else, with one statement done or on its way. */
struct pg_conn;
struct pg_conn *operator_session(const struct operator* me, const char *sql);
/* The same without waiting for its answer. */
struct pg_conn *operator_session_waiting(const struct operator* me, const char *sql);
int operator_session_pid(const struct pg_conn *session);
bool operator_session_lives(struct pg_conn *session);
void operator_session_end(struct pg_conn *session);

/* Everything that the program wrote, raw. */
const char *operator_bytes(struct operator* me);

#endif
