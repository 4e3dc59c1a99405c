/* SPDX-License-Identifier: PostgreSQL */
/*
 * What a demo can break on purpose. One row per plan and trouble: its word on the command
 * line, one line for people, when it is made, and the SQL that makes it. The rest of
 * the program meets these as it would meet the real thing.
 */
#ifndef GONOGO_DEMO_TROUBLE_H
#define GONOGO_DEMO_TROUBLE_H

#include "base.h"

enum demo_when {
    DEMO_SEEDED,  /* before the walk: the database is changed, then left alone */
    DEMO_HELD,    /* a session is opened before the walk and kept, idle in its transaction */
    DEMO_WATCHED, /* as HELD; the server is crashed and restarted once somebody waits for it */
};

/*
 * plan     the sample plan whose database it is made in; its rows stand together
 * name     what follows --trouble
 * comment  one line for people
 * exit     how the headless demo ends
 * keep     the demo outlives the program
 * when     see above
 * prepare  statements of the database's owner, before the walk, each by itself; NULL last
 * what     statements of demo_report in one transaction that stays open: of DEMO_HELD and
 *          DEMO_WATCHED; NULL last
 */
struct demo_trouble {
    const char *plan;
    const char *name;
    const char *comment;
    int exit;
    bool keep;
    enum demo_when when;
    const char *const *prepare;
    const char *const *what;
};
extern const struct demo_trouble demo_troubles[];
extern const size_t demo_trouble_count;
/* NULL when the plan has none of that name. */
const struct demo_trouble *demo_trouble_find(const char *plan, const char *name);

#endif
