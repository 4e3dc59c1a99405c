/* SPDX-License-Identifier: PostgreSQL */
/*
 * app_lint_world: what the analysis of SQL (lint.h) wants to know from a live server, asked in
 * one read-only transaction.
 *
 *   struct app_lint_names names = {0};
 *   app_lint_names_add(&names, text);              of every file that is judged
 *   app_lint_context(where, &names, &world, &err); connects; parses nothing
 *   ... in the guarded child:
 *   app_lint_traffic(&world, watch);               reads the texts of live statements
 *   lint_new(&arena, &world.context)
 */
#ifndef GONOGO_APP_LINT_WORLD_H
#define GONOGO_APP_LINT_WORLD_H

#include "app.h"
#include "catalog_lint.h"
#include "db.h"
#include "lint.h"
#include "sql.h"

/*
 * Names that may be relations: every word and everything between double quotes of a text,
 * whatever stands around it, so that the grammar is not needed, and more rather than less.
 * `= {0}` is none, and then everything is asked for.
 */
struct app_lint_names {
    struct arena arena;
    struct str *items; /* sorted, each once */
    size_t count;
    size_t capacity;
    bool too_many; /* to be told one by one */
    bool escaped;  /* one is written as U&"", and may be any */
    bool wide; /* a schema, a type or a role's things go: of others, too, what may be lost */
};
void app_lint_names_add(struct app_lint_names *names, struct str text);
/* Names are not enough, or there are none (NULL, too): everything is asked for. */
bool app_lint_names_mean_all(const struct app_lint_names *names);
void app_lint_names_release(struct app_lint_names *names);

/* Where to look: a target of a plan; or the word of `--target` without a plan (a service, or
 * a connection string without password); or neither: the flags and the environment. */
struct app_lint_where {
    const struct plan_target *target;
    const char *word;
    const struct app_connection *connection; /* NULL: no flags */
    const struct db_params *params;          /* complete: neither flags nor target say more */
    struct str home;             /* schema that names of dependents do without; empty: public */
    bool probes;                 /* app_lint_live_at(): present rows are asked, too */
    const struct app_plan *plan; /* NULL: files without one */
    int writes_seconds; /* app_lint_recent(): between its two looks; 0: there is none */
};

/* The world as the server shows it. `= {0}` is nothing. */
struct app_lint_world {
    struct arena arena; /* owns all of it */
    struct lint_context context;
    struct catalog_lint_traffic *statements; /* of live traffic, not read yet */
    size_t statement_count;
    size_t unread; /* live statements whose text nobody could read */
    struct str database;
    struct str version; /* of the server, for people */
    struct str unknown; /* what the server did not tell, sentences; empty: it told all */
};
/*
 * Connects, asks, closes: one REPEATABLE READ, READ ONLY transaction with short timeouts.
 * Fills all of the context but its traffic, free_bytes, exposed_schemas and today_us, which
 * stay -1, none and 0. False with ERR_CONNECT (also when a pin of the target does not
 * fit), ERR_CHECK (the server refused a question) or ERR_USAGE.
 */
bool app_lint_context(const struct app_lint_where *where, struct app_lint_names *names,
                      struct app_lint_world *world, struct err *err) MUST_CHECK;
/* The parameters of `where`, with the server asked who it is, held against the target's pins.
 */
bool app_lint_params(const struct app_lint_where *where, struct app_lint_world *world,
                     struct db_params *params, struct err *err) MUST_CHECK;
/*
 * Asks the probes of a result that was judged with this world, and fills context.probed: who
 * judges again knows the answers. Each is read-only and ends after 10 s. False as
 * app_lint_context(); a probe that the server refuses is only "not known".
 */
bool app_lint_probe(const struct app_lint_where *where, const struct lint_result *lint,
                    struct app_lint_world *world, struct err *err) MUST_CHECK;
/*
 * Looks twice, `where->writes_seconds` apart, whether what the result drops or empties is
 * written, and fills recent_writes of the context's relations: who judges again knows it.
 * Blocks so long. False as app_lint_context().
 */
bool app_lint_recent(const struct app_lint_where *where, const struct lint_result *lint,
                     struct app_lint_world *world, struct err *err) MUST_CHECK;
/*
 * Reads the statements of live traffic: which relations of the context each uses, which of
 * their columns it names, whether it writes. Fills context.traffic. `watch` guards the
 * grammar (app_guard.h); NULL: nothing is read.
 */
void app_lint_traffic(struct app_lint_world *world, struct sql_watch *watch);
/* The same, after a child has tried it: texts that a child dies of are not read at all. */
void app_lint_traffic_guarded(struct app_lint_world *world);
void app_lint_world_release(struct app_lint_world *world);
void app_lint_world_free(struct app_lint_world *world); /* of the heap; NULL is none */

/* Every word of the files that are judged. */
void app_lint_names_of_plan(const struct app_plan *plan, struct app_lint_names *names);

/* In seconds, as text in the arena: how long a transaction is open that nobody may expect to
 * end soon; as the plan says, an hour without one (NULL). */
const char *app_lint_open_for(const struct app_plan *plan, struct arena *arena);

/*
 * Judges a loaded plan again with what the target shows, with `probes` its rows, with
 * `writes_seconds` who still writes, too: fills `world` and `lint` of the plan.
 * False: as app_lint_context() has it, and `lint` stays what it was.
 */
bool app_lint_live(struct app_plan *plan, const struct plan_target *target,
                   const struct app_connection *connection, bool probes, int writes_seconds,
                   struct err *err) MUST_CHECK;
/* The same, connected as `where` says. */
bool app_lint_live_at(struct app_plan *plan, struct app_lint_where where,
                      struct err *err) MUST_CHECK;

#endif
