/* SPDX-License-Identifier: PostgreSQL */
/*
 * Plans for tests of the engine, read from YAML and cut from SQL like real ones: two
 * migrations in one transaction (the second is checked inside), a step that people do,
 * a migration whose statements commit one by one, and all four ways back. The bare plan
 * has no ledger, no backup, no watch and does not stop between its files. The told plan
 * is the wide one with hooks: one program for everything, one for HOLD alone.
 *
 * Also here: the whole model of a run as text, so that two runs can be compared.
 */
#ifndef GONOGO_TEST_PLAN_FIXTURE_H
#define GONOGO_TEST_PLAN_FIXTURE_H

#include "engine.h"

enum plan_fixture_kind {
    PLAN_FIXTURE_WIDE,
    PLAN_FIXTURE_BARE,
    PLAN_FIXTURE_TOLD,
    PLAN_FIXTURE_WATCHED, /* the wide one with more probes: slow, health, app_log */
    PLAN_FIXTURE_CROWDED, /* … and with more than one column of them holds */
};

struct plan_fixture {
    struct arena arena;
    struct plan *plan;
    struct sql_script *scripts; /* storage of all cut files */
    struct run_setup setup;
};

/* Exits with a message when the plan or a script of the fixture is wrong. */
struct plan_fixture *plan_fixture_make(enum plan_fixture_kind kind);
void plan_fixture_free(struct plan_fixture *fixture);
/* The first file, as if it had inserted 5 rows into public.a and changed 9 of public.b, and
 * were committed. */
void plan_fixture_commit_writes(struct run *run, struct arena *arena);

/*
 * Every field of the model that a fold must bring back, one a line. What only ticks
 * change (which probe is out, when blockers are looked at) is left out: ticks are not
 * in the journal.
 */
void run_write(struct strbuf *out, const struct run *run);

/* The answer that an effect hopes for; false when it has none. */
bool obedient_answer(const struct effect *effect, struct event *event);
/* What a person says who wants to go on. */
struct event obedient_word(const struct ask *ask);

#endif
