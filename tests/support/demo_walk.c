/* SPDX-License-Identifier: PostgreSQL */
/*
 * The stations of the demo window; see demo_walk.h.
 */
#include "demo_walk.h"

static void override_item(struct operator* me, const char *question)
{
    operator_ask(me, question);
    FILL(me, "which? a word, or the arrows", "override", "reason",
         "a throw-away server has no rehearsal", "who says so (name)", "carla");
    SEE_GONE(me, "who says so (name)");
}

static void note_item(struct operator* me, const char *question, const char *who)
{
    operator_ask(me, question);
    FILL(me, "what is true now", "it is written down", "who says so (name)", who);
    SEE_GONE(me, "who says so (name)");
}

static void vote(struct operator* me, const char *question, const char *who)
{
    operator_ask(me, question);
    FILL(me, "GO, NO-GO or HOLD", "GO", "who says so (name)", who);
    SEE_GONE(me, "who says so (name)");
}

void demo_walk_prep(struct operator* me)
{
    SEE(me, "8 answers wanted");
    override_item(me, "Staging passed all 12");
    override_item(me, "Both migrations safe");
    override_item(me, "No data loss");
    override_item(me, "Execution time");
    note_item(me, "Backup procedure", "anna");
    note_item(me, "Rollback procedure", "anna");
    note_item(me, "Verification queries", "anna");
    note_item(me, "Team sign-off", "anna");
    SEE(me, " NEXT  The checklist of PREP is closed");
    operator_go_on(me, "The checklist of PREP is closed");
}

void demo_walk_poll(struct operator* me)
{
    operator_see(me, "The required backups are proven", LATER);
    operator_go_on(me, "The required backups are proven");
    override_item(me, "Staging rehearsal passed");
    override_item(me, "Rollback rehearsed");
    note_item(me, "Application ready", "ben");
    vote(me, "Database Admin: GO", "anna");
    vote(me, "Backend Lead: GO", "ben");
    vote(me, "DevOps: GO", "dev");
    SEE(me, " NEXT  All say GO");
    operator_go_on(me, "All say GO");
}

static void sign(struct operator* me, const char *question, const char *who)
{
    operator_ask(me, question);
    FILL(me, "type sign to sign off", "sign", "who says so (name)", who);
    SEE_GONE(me, "who says so (name)");
}

void demo_walk_close(struct operator* me)
{
    operator_see(me, "User workflows unaffected", LATER);
    operator_ask(me, "User workflows unaffected");
    FILL(me, "yes or no", "yes", "what is true now", "nobody noticed", "who says so (name)",
         "ben");
    SEE_GONE(me, "who says so (name)");
    operator_ask(me, "No production impact");
    FILL(me, "yes or no", "yes", "what is true now", "graphs are flat", "who says so (name)",
         "dev");
    SEE_GONE(me, "who says so (name)");
    sign(me, "Database Admin: sign off", "anna");
    sign(me, "Backend Lead: sign off", "ben");
    sign(me, "DevOps: sign off", "dev");
    SEE(me, " NEXT  Write the report");
    operator_go_on(me, "Write the report and close");
    SEE(me, "COMPLETED");
    screen_resize(me->screen, 80, 24); /* the numbers on one line */
    SEE(me, "tables 52→43");
    SEE(me, "foreign keys 38→42");
    SEE(me, "RLS policies 16→18");
}
