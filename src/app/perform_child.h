/* SPDX-License-Identifier: PostgreSQL */
/*
 * Small children whose output and end are wanted: curl for an endpoint, a program of the
 * plan. Each is a source of the loop until it ends; all are killed with the performer.
 */
#ifndef GONOGO_PERFORM_CHILD_H
#define GONOGO_PERFORM_CHILD_H

#include "perform.h"

struct child {
    struct child *next;
    struct performer *performer;
    struct effect effect;
    struct proc *proc;
    uint32_t source;
    struct strbuf output; /* standard output, capped */
    struct proc_end end;
    struct arena arena;
    void (*ended)(struct child *child);
    bool over;
};

struct child_spec {
    const struct plan_texts *run; /* argv of the plan; ${name} is filled */
    const char *const *argv;      /* or this one, argv[0] being a full path */
    int64_t timeout_us;
    void (*ended)(struct child *child); /* once; the child is freed afterwards */
};
bool child_start(struct performer *performer, const struct effect *effect,
                 const struct child_spec *spec, struct err *err) MUST_CHECK;
/* Frees those that have ended; between two rounds. */
void children_reap(struct performer *performer);
void children_release(struct performer *performer);

#endif
