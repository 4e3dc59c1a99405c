/* SPDX-License-Identifier: PostgreSQL */
/*
 * WORKLOAD at work: one session, one look at a time. perform_workload.c asks,
 * perform_workload_tell.c judges what was answered and tells the engine.
 */
#ifndef GONOGO_APP_PERFORM_WORKLOAD_H
#define GONOGO_APP_PERFORM_WORKLOAD_H

#include "perform.h"
#include "task_child.h"

enum place {
    PLACE_TARGET, /* asked in the target's database … */
    PLACE_BESIDE, /* … or in postgres */
    PLACE_NOWHERE,
};

struct workload {
    struct performer *performer;
    uint32_t source;
    int64_t begin_at_us; /* LOOP_NEVER: nothing waits to begin */
    bool busy;
    int64_t began_us;   /* when its first question went out, by the monotonic clock */
    enum moment moment; /* of the look at work */
    int waiting;        /* the moment that is asked next, -1: none */
    struct task_session *session;
    struct task_session *target; /* its session while the one beside it is tried */
    enum place place;
    bool placed;
    struct arena place_arena;
    struct str schema;
    bool has_info;

    struct arena arenas[2]; /* of `last` and `now`, in turns */
    int turn;
    struct monitor_workload last, now;
    struct arena base_arena;
    struct monitor_workload base;
    struct monitor_interval interval;

    struct arena arena; /* of one look */
    struct task_statement *list;
    size_t list_count;
    bool texts; /* the second list of a look: texts of statements */
    struct event_item *items;
    size_t item_count;
    struct rows names; /* texts of the statements of the interval */
};

/* The look is over; the one that waited may begin. */
void workload_look_over(struct workload *workload);
void workload_close(struct workload *workload);

/* Tells what is known of a look that could not count: what runs right now needs no extension.
 */
void workload_tell_unknown(struct workload *workload, const char *why);
/* What was counted before the migration goes into the run directory. */
void workload_tell_before(struct workload *workload);
/* What the statements of workload->interval cost, with their texts from workload->names. */
void workload_tell_interval(struct workload *workload);
/* What runs for longer than the plan finds good. */
void workload_keep_running(struct workload *workload, const struct rows *rows);
/* From when a statement is slow: as the plan's own probe has it. */
int64_t workload_slow_us(const struct workload *workload);
/* A run that was taken up again has the baseline's file only. */
void workload_find_base(struct workload *workload);

#endif
