/* SPDX-License-Identifier: PostgreSQL */
/*
 * What must hold between the values of a plan. Private to the room. The judges
 * run on a plan whose single values may be wrong too (those are told already), so
 * each of them looks at what was said and stays silent about the rest.
 */
#ifndef GONOGO_PLAN_JUDGE_H
#define GONOGO_PLAN_JUDGE_H

#include "plan_walk.h"

/* Names that were seen, with the line of the first; finding is not linear. */
struct name_set {
    struct name_slot {
        struct str name;
        int line;
    } * slots;
    size_t count;
    size_t capacity; /* a power of two */
};
/* 0 when the name is new, and is then added; else the line where it stood first. */
int plan_name_add(struct name_set *set, struct str name, int line);
int plan_name_line(const struct name_set *set, struct str name);
void plan_name_release(struct name_set *set);

struct judge {
    struct plan *plan;
    struct plan_diagnostics *diagnostics;
    const struct walk *walk;
    struct name_set checks;
    struct name_set counts;
    struct name_set steps;
    struct name_set roles;
    struct name_set targets;
    struct name_set backups;
    struct name_set probes;
    struct name_set options;
    struct name_set items;
};

/* Does the mapping say the key (with whatever value)? */
bool plan_judge_says(struct plan_mark mapping, const char *key);
/* How many of the keys it says; *first is the first of them. */
size_t plan_judge_says_of(struct plan_mark mapping, const char *const *keys, size_t count,
                          const char **first);
#define JUDGE_ERROR(judge, mark, code, ...)                                                    \
    plan_diagnose((judge)->diagnostics, (mark), PLAN_ERROR, (code), __VA_ARGS__)
#define JUDGE_WARNING(judge, mark, code, ...)                                                  \
    plan_diagnose((judge)->diagnostics, (mark), PLAN_WARNING, (code), __VA_ARGS__)
/* Tells an id that stands a second time. */
void plan_judge_id(struct judge *judge, struct name_set *set, struct plan_mark mapping,
                   struct str id, const char *kind);
/* Tells a reference to something that is not there; an empty name is silent. */
void plan_judge_reference(struct judge *judge, const struct name_set *set,
                          struct plan_mark mapping, const char *key, struct str name,
                          const char *kind);
/* Keys that are said but do not belong to the kind. */
void plan_judge_stray(struct judge *judge, struct plan_mark mapping, const char *const *keys,
                      size_t count, const char *kind);
/* A shell in an argv is told: gonogo starts programs without one. */
void plan_judge_argv(struct judge *judge, struct plan_mark mapping, const char *key,
                     const struct plan_texts *argv);

void plan_judge_window(struct judge *judge);
void plan_judge_slots(struct judge *judge);
void plan_judge_targets(struct judge *judge);
void plan_judge_fills(struct judge *judge);
void plan_judge_state(struct judge *judge);
void plan_judge_steps(struct judge *judge);
void plan_judge_checks(struct judge *judge, struct plan_checks *checks);
void plan_judge_roles(struct judge *judge);
void plan_judge_checklist(struct judge *judge);
void plan_judge_backups(struct judge *judge);
void plan_judge_rollback(struct judge *judge);
void plan_judge_monitoring(struct judge *judge);
void plan_judge_criteria(struct judge *judge);
/* What nobody should leave out of a plan for production: warnings. */
void plan_judge_production(struct judge *judge);
void plan_judge_rest(struct judge *judge);

#endif
