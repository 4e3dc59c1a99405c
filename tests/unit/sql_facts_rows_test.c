/* SPDX-License-Identifier: PostgreSQL */
/*
 * What is known of statements that read and change rows, and of the expressions in them;
 * each action of a statement is one line (tests/support/facts_text.h tells its form).
 */
#include "facts_text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void rows_are_changed(void **state)
{
    (void)state;
    static const struct studied rows[] = {
        {"INSERT INTO app.t (a, b) VALUES (1, 2)",
         "INSERT relation app.t change(columns=a,b)\n"},
        {"INSERT INTO t SELECT * FROM u WHERE NOT EXISTS (SELECT 1 FROM t WHERE t.id = u.id)",
         "INSERT relation t rerun=unknown change(reads=u,t)\n"},
        {"INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING",
         "INSERT relation t rerun=yes change(columns=a on_conflict)\n"},
        {"INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = excluded.a",
         "INSERT relation t rerun=unknown loss=rows undo=backup change(columns=a "
         "on_conflict)\n"},
        {"UPDATE t SET a = 1, a = 2 WHERE id = 4",
         "UPDATE relation t rerun=yes change(where(id) columns=a,a)\n"},
        {"UPDATE t SET a[1] = 1, a[2] = 2", "UPDATE relation t rerun=yes change(columns=a)\n"},
        {"UPDATE t SET n = n + 1", "UPDATE relation t rerun=twice change(columns=n)\n"},
        {"UPDATE t SET n = n + 1 WHERE n < 5",
         "UPDATE relation t change(where(n) columns=n)\n"},
        {"UPDATE t SET a = lower(b), c = true",
         "UPDATE relation t rerun=yes change(columns=a,c)\n"},
        {"UPDATE t SET at = now()", "UPDATE relation t change(columns=at)\n"},
        {"UPDATE t SET (a, b) = (SELECT x, y FROM u) WHERE true",
         "UPDATE relation t change(where(true constant) columns=a,b reads=u)\n"},
        {"UPDATE t SET a = s.a FROM s WHERE s.id = t.id AND s.x IN (SELECT x FROM z)",
         "UPDATE relation t change(where(id x subselect reads=z) columns=a reads=z,s)\n"},
        {"DELETE FROM ONLY t", "DELETE relation t only loss=data\n"},
        {"DELETE FROM t WHERE 1 = 1",
         "DELETE relation t loss=data change(where(true constant))\n"},
        {"DELETE FROM t USING u WHERE t.id = u.id",
         "DELETE relation t change(where(id) reads=u)\n"},
        {"MERGE INTO t USING s ON t.a = s.a WHEN MATCHED AND s.b THEN UPDATE SET c = 1 WHEN "
         "NOT MATCHED THEN INSERT (a, c) VALUES (1, 2)",
         "MERGE relation t change(where(a) columns=c,a reads=s)\n"},
        {"MERGE INTO t USING s ON t.a = s.a WHEN NOT MATCHED THEN INSERT (a) VALUES (1)",
         "MERGE relation t loss=nothing undo=knowledge change(where(a) columns=a reads=s)\n"},
        {"COPY t (a, b) FROM '/tmp/x' WHERE a > 1",
         "COPY_FROM relation t change(where(a) columns=a,b)\n"},
        {"COPY t TO '/tmp/x'", "COPY_TO relation t\n"},
        {"COPY (DELETE FROM t RETURNING *) TO '/tmp/x'", "COPY_TO lock=none\n"
                                                         "DELETE relation t loss=data\n"},
        {"WITH d AS (DELETE FROM a WHERE id < 10 RETURNING *), w AS (SELECT 1) INSERT INTO b "
         "SELECT * FROM d, w, c",
         "INSERT relation b change(reads=c)\n"
         "DELETE relation a change(where(id))\n"},
        {"WITH x AS (SELECT id FROM q ORDER BY id LIMIT 10 FOR UPDATE SKIP LOCKED) DELETE FROM "
         "q WHERE id IN (SELECT id FROM x)",
         "DELETE relation q change(where(id subselect) reads=q)\n"
         "SELECT_FOR_UPDATE other=q\n"},
        {"SELECT 1", "SELECT\n"},
        {"SELECT * FROM a JOIN s.b ON true WHERE a.x = 3 FOR UPDATE OF b",
         "SELECT_FOR_UPDATE other=s.b change(where(x) reads=a,s.b)\n"},
        {"SELECT count(*) FROM t", "SELECT other=t change(reads=t count())\n"},
        {"SELECT setval('s', 1)", "SELECT undo=knowledge change(setval(s))\n"},
        {"SELECT nextval('s')", "SELECT rerun=twice undo=never change(nextval(s))\n"},
        {"SELECT app.migrate()",
         "SELECT work=unknown rerun=unknown loss=unknown undo=unknown change(app.migrate())\n"},
        {"VALUES (1)", "SELECT\n"},
        {"TABLE t", "SELECT other=t change(reads=t)\n"},
    };
    assert_int_equal(facts_wrong(rows, COUNT_OF(rows)), 0);
}

static void expressions_are_read(void **state)
{
    (void)state;
    static const struct studied rows[] = {
        {"DELETE FROM t WHERE NOT false",
         "DELETE relation t loss=data change(where(true constant))\n"},
        {"DELETE FROM t WHERE a = 1 OR true",
         "DELETE relation t loss=data change(where(true a))\n"},
        {"DELETE FROM t WHERE true AND a", "DELETE relation t change(where(a))\n"},
        {"DELETE FROM t WHERE 't'::boolean",
         "DELETE relation t loss=data change(where(true constant))\n"},
        {"DELETE FROM t WHERE 1 < 2 AND 1.5 >= 1",
         "DELETE relation t loss=data change(where(true constant))\n"},
        {"DELETE FROM t WHERE 'a' = 'a'",
         "DELETE relation t loss=data change(where(true constant))\n"},
        {"DELETE FROM t WHERE 'a' < 'b'", "DELETE relation t change(where(constant))\n"},
        {"DELETE FROM t WHERE owner = auth.uid()",
         "DELETE relation t change(where(owner auth.uid()))\n"},
        {"DELETE FROM t WHERE owner = (SELECT auth.uid())",
         "DELETE relation t change(where(owner auth.uid()once subselect))\n"},
        {"DELETE FROM t WHERE owner = (SELECT auth.uid() WHERE t.x)",
         "DELETE relation t change(where(owner x auth.uid() subselect))\n"},
        {"DELETE FROM t WHERE EXISTS (SELECT 1 FROM app.members m WHERE m.id = auth.uid() AND "
         "m.w = t.w)",
         "DELETE relation t change(where(id w auth.uid() subselect reads=app.members) "
         "reads=app.members)\n"},
        {"DELETE FROM t WHERE w = current_setting('app.w')::uuid",
         "DELETE relation t change(where(w current_setting(app.w)))\n"},
        {"DELETE FROM t WHERE (auth.jwt() -> 'user_metadata' ->> 'role') = 'admin'",
         "DELETE relation t change(where(auth.jwt() claims))\n"},
        {"DELETE FROM t WHERE extract(year FROM current_timestamp) = 2020",
         "DELETE relation t change(where(constant))\n"},
        {"DELETE FROM t WHERE t.* IS NULL", "DELETE relation t change(where())\n"},
        {"DELETE FROM t WHERE CURRENT OF c", "DELETE relation t change(where())\n"},
    };
    assert_int_equal(facts_wrong(rows, COUNT_OF(rows)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_changed),
        cmocka_unit_test(expressions_are_read),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sql_facts_rows", tests, NULL, NULL);
}
