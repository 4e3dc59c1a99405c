/* SPDX-License-Identifier: PostgreSQL */
/*
 * The BACKUP screen in a real window: the proof with what it found, and its keys: proved again,
 * taken again, the provider's backup named.
 */
#include "base.h"
#include "demo_walk.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void backup_is_seen_proved_and_taken_again(void **state)
{
    struct operator* me = * state;
    operator_demo(me, NULL, 120, 40);
    demo_walk_prep(me);
    operator_see(me, "The required backups are proven", LATER);
    SEE(me, "✓  read once more: size and sha256 are the same");
    SEE(me, "list inside: 52 tables, 38 FKs, 16 policies = \"backup\"");
    SEE(me, "✓  RLS policies                   16        16");
    SEE(me, "── RESTORE LOG");
    SEE(me, "creating ROW SECURITY \"public.workspaces\"");
    SEE(me, "archive_mode is off: no way back by WAL");
    SEE(me, "dump-1.dump");
    operator_press_for(me, "e", "Esc leaves everything as it is");
    FILL(me, "the provider's name of the backup", "snap-0800",
         "when it was taken (2024-01-31T08:00Z)", "2024-01-31T08:00Z", "who says so (name)",
         "anna");
    SEE(me, "snap-0800  said by anna, not proven");
    operator_press_for(me, "v", "Prove the backup \"dump\" once more?");
    FILL(me, "type go to go on", "go");
    SEE(me, "nothing to do: taking and proving the backup");
    operator_see(me, "The required backups are proven", LATER);
    operator_press_for(me, "b", "Take the backup \"dump\" now, anew?");
    FILL(me, "type go to go on", "go");
    operator_see(me, "dump-2.dump", LATER);
    operator_see(me, "The required backups are proven", LATER);
    SEE(me, "✓  RLS policies                   16        16");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(backup_is_seen_proved_and_taken_again, operator_set_up,
                                        operator_tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
