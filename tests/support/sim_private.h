/* SPDX-License-Identifier: PostgreSQL */
/*
 * The world of one history, as the parts that play in it share it: the disk and the dice
 * (sim_disk.c), the server and the network (sim_server.c), the shell that performs what the
 * engine wants (sim_shell.c), people (sim_people.c), and the process (sim_world.c).
 */
#ifndef GONOGO_TEST_SIM_PRIVATE_H
#define GONOGO_TEST_SIM_PRIVATE_H

#include "sim_world.h"

enum {
    SIM_REQUESTS_MAX = 256,
    SIM_RECORDS_MAX = 4096
};

/* A request on its way, or a task. */
struct sim_request {
    struct effect effect;
    bool executed;
    bool failed; /* the server refused it */
    struct model_backend *backend;
    int unit;
};

/* A line of the journal: an event, or an announcement. */
struct sim_record {
    size_t from, length; /* of the event's text in `text`; length 0 = announcement */
    enum record kind;
    uint64_t number;
    int script;
    int unit;
    int index;
};

struct sim_world {
    struct plan_fixture *fixture;
    struct checker_plan checker_plan;
    enum sim_mutant mutant;
    uint64_t random;
    struct sim_result *result;
    bool log;

    struct arena arena;
    struct run run;
    struct effects effects;
    struct model_server server;
    struct model_backend *sessions[SESSION__COUNT];
    struct sim_request requests[SIM_REQUESTS_MAX];
    size_t request_count;
    bool knows_lock; /* the program was told that it has the lock, and not that it lost it */

    struct sim_record records[SIM_RECORDS_MAX];
    size_t record_count, synced_count;
    struct strbuf text;
    int incarnation_of_xid[MODEL_XIDS]; /* noted with the marks, before COMMIT */

    int64_t clock_us;
    bool dead; /* the process is gone */
    bool quit;
    bool record_broken;
    int faults, resumes;
    unsigned fault_rate;  /* one in so many chances */
    unsigned orphan_rate; /* how long an orphan lives */
    bool wants_back;      /* the people of this history rather turn back */
};

/* Dice. Everything is drawn from the world's seed. */
uint64_t sim_draw(struct sim_world *world);
bool sim_one_in(struct sim_world *world, unsigned sides);
/* A fault may happen here, as long as there are any left. */
bool sim_fault(struct sim_world *world);

/* The log of the history, when one is wanted. */
void sim_note(struct sim_world *world, const char *mark, const struct strbuf *line);
void sim_note_text(struct sim_world *world, const char *text);

/* Which file a script of the run is, for the model and the judge; -1: none. */
int sim_unit_of(const struct sim_world *world, int script);

/* The disk. A record is kept for certain once it is synced. */
void sim_append_event(struct sim_world *world, const struct event *event);
void sim_sync_disk(struct sim_world *world);

/* The network and the server. */
void sim_detach(struct sim_world *world, enum session session);
/* Requests whose client is gone have no further answer; what lies in a socket stays. */
void sim_forget_answers(struct sim_world *world, enum session session);
/* The program is told that the session is gone, and steps. */
void sim_lose_session(struct sim_world *world, enum session session, const char *why);
void sim_crash_server(struct sim_world *world);
/* The server does what a request asks; the answer is still to come. */
void sim_execute(struct sim_world *world, struct sim_request *request);
/* Backends without a client: what lay in their socket runs, then they end. */
void sim_move_orphans(struct sim_world *world, bool all);
/* The answer of a request that was executed reaches the program, or is lost. */
void sim_deliver(struct sim_world *world, size_t place);
/* Answered at once: the new backend, or that there is none. */
void sim_connect_now(struct sim_world *world, const struct effect *effect);

/* The shell. */
void sim_step(struct sim_world *world, struct event event);
/* The process is gone from here on. */
void sim_die(struct sim_world *world, const char *why);

/* People. False when nobody is asked anything. */
bool sim_ask_people(struct sim_world *world);
struct event sim_unexpected_word(struct sim_world *world);

#endif
