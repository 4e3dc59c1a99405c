/* SPDX-License-Identifier: PostgreSQL */
/*
 * What is known of indexes, views, sequences, of what lives on tables, and of statements that
 * drop, rename and describe whatever has a name.
 */
#include "facts_text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void indexes_and_upkeep(void **state)
{
    (void)state;
    static const struct studied rows[] = {
        {"CREATE INDEX i ON s.t (a, lower(b), c)",
         "CREATE_INDEX index s.t part=i undo_sql=DROP INDEX s.i index(btree columns=a,?,c)\n"},
        {"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t USING hash (a) WHERE a > 0",
         "CREATE_INDEX_CONCURRENTLY index t part=i guarded concurrently rerun=yes "
         "undo=knowledge index(hash columns=a unique concurrently where(a))\n"},
        {"CREATE INDEX ON ONLY t (a)", "CREATE_INDEX index t only work=unknown rerun=twice "
                                       "undo=knowledge index(btree columns=a)\n"},
        {"REINDEX INDEX s.i", "REINDEX_INDEX index s.i other=s.i\n"},
        {"REINDEX TABLE CONCURRENTLY t", "REINDEX_CONCURRENTLY table t concurrently\n"},
        {"REINDEX (CONCURRENTLY) INDEX i",
         "REINDEX_CONCURRENTLY index i other=i concurrently\n"},
        {"REINDEX SCHEMA s", "REINDEX_MANY schema s\n"},
        {"CLUSTER t USING i", "CLUSTER table t part=i\n"},
        {"CLUSTER", "CLUSTER table\n"},
        {"VACUUM t, u", "VACUUM table t\n"
                        "VACUUM table u\n"},
        {"VACUUM (FULL, ANALYZE) t", "VACUUM_FULL table t\n"},
        {"VACUUM FULL", "VACUUM_FULL database\n"},
        {"ANALYZE t (a)", "ANALYZE table t\n"},
        {"CREATE STATISTICS s.x ON a, b FROM s.t",
         "CREATE_STATISTICS statistics s.t part=x undo_sql=DROP STATISTICS s.x\n"},
        {"ALTER STATISTICS s.x SET STATISTICS 100", "ALTER_STATISTICS statistics s.x\n"},
    };
    assert_int_equal(facts_wrong(rows, COUNT_OF(rows)), 0);
}

static void what_lives_on_tables(void **state)
{
    (void)state;
    static const struct studied rows[] = {
        {"CREATE TRIGGER g BEFORE INSERT ON s.t FOR EACH ROW EXECUTE FUNCTION f()",
         "CREATE_TRIGGER trigger s.t part=g undo_sql=DROP TRIGGER g ON s.t\n"},
        {"CREATE OR REPLACE TRIGGER g AFTER UPDATE ON t EXECUTE FUNCTION f()",
         "CREATE_TRIGGER trigger t part=g guarded rerun=yes undo=knowledge\n"},
        {"CREATE CONSTRAINT TRIGGER g AFTER INSERT ON t FROM s.u FOR EACH ROW EXECUTE FUNCTION "
         "f()",
         "CREATE_TRIGGER trigger t part=g other=s.u undo_sql=DROP TRIGGER g ON t\n"},
        {"CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING",
         "CREATE_RULE rule t part=r undo_sql=DROP RULE r ON t\n"},
        {"CREATE POLICY p ON s.t AS RESTRICTIVE FOR UPDATE TO anon, r USING (owner = "
         "auth.uid()) WITH CHECK (true)",
         "CREATE_POLICY policy s.t part=p undo_sql=DROP POLICY p ON s.t policy(w roles=anon,r "
         "using(owner auth.uid()) check(true constant))\n"},
        {"CREATE POLICY p ON t", "CREATE_POLICY policy t part=p undo_sql=DROP POLICY p ON t "
                                 "policy(* permissive roles=public)\n"},
        {"ALTER POLICY p ON t TO PUBLIC USING ((SELECT auth.uid()) = owner)",
         "ALTER_POLICY policy t part=p policy(- roles=public using(owner auth.uid()once "
         "subselect))\n"},
    };
    assert_int_equal(facts_wrong(rows, COUNT_OF(rows)), 0);
}

static void views_and_sequences(void **state)
{
    (void)state;
    static const struct studied rows[] = {
        {"CREATE VIEW s.v AS SELECT * FROM t JOIN s.u USING (a)",
         "CREATE_VIEW view s.v undo_sql=DROP VIEW s.v view(reads=t,s.u)\n"},
        {"CREATE OR REPLACE VIEW v WITH (security_invoker, security_barrier = off) AS SELECT 1",
         "REPLACE_VIEW view v guarded view(invoker=yes barrier=no)\n"},
        {"CREATE TEMP VIEW v AS SELECT 1",
         "CREATE_VIEW view v temporary undo=not needed view()\n"},
        {"CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT * FROM t WITH NO DATA",
         "CREATE_MATERIALIZED_VIEW materialized view m guarded work=catalog rerun=yes "
         "undo=knowledge view(reads=t)\n"},
        {"REFRESH MATERIALIZED VIEW m", "REFRESH_MATERIALIZED_VIEW materialized view m\n"},
        {"REFRESH MATERIALIZED VIEW CONCURRENTLY s.m",
         "REFRESH_MATERIALIZED_VIEW_CONCURRENTLY materialized view s.m concurrently\n"},
        {"REFRESH MATERIALIZED VIEW m WITH NO DATA",
         "REFRESH_MATERIALIZED_VIEW materialized view m work=catalog loss=code\n"},
        {"CREATE SEQUENCE s.q OWNED BY s.t.a",
         "CREATE_SEQUENCE sequence s.q other=s.t undo_sql=DROP SEQUENCE s.q\n"},
        {"CREATE TEMP SEQUENCE IF NOT EXISTS q",
         "CREATE_SEQUENCE sequence q guarded temporary rerun=yes undo=not needed\n"},
        {"ALTER SEQUENCE IF EXISTS q RESTART WITH 5 OWNED BY NONE",
         "ALTER_SEQUENCE sequence q guarded\n"},
        {"ALTER SEQUENCE q OWNED BY t.a", "ALTER_SEQUENCE sequence q other=t\n"},
    };
    assert_int_equal(facts_wrong(rows, COUNT_OF(rows)), 0);
}

static void objects_are_dropped(void **state)
{
    (void)state;
    static const struct studied rows[] = {
        {"DROP STATISTICS IF EXISTS s.x", "DROP_STATISTICS statistics s.x guarded rerun=yes\n"},
        {"DROP TABLE a, s.b CASCADE", "DROP_TABLE table a cascade\n"
                                      "DROP_TABLE table s.b cascade\n"},
        {"DROP TABLE IF EXISTS pg_temp.a", "DROP_TABLE table pg_temp.a guarded temporary "
                                           "rerun=yes loss=nothing undo=not needed\n"},
        {"DROP INDEX s.i", "DROP_INDEX index s.i other=s.i\n"},
        {"DROP INDEX CONCURRENTLY IF EXISTS i",
         "DROP_INDEX_CONCURRENTLY index i other=i guarded concurrently rerun=yes\n"},
        {"DROP VIEW v", "DROP_VIEW view v\n"},
        {"DROP MATERIALIZED VIEW m", "DROP_MATERIALIZED_VIEW materialized view m\n"},
        {"DROP SEQUENCE s", "DROP_SEQUENCE sequence s\n"},
        {"DROP FOREIGN TABLE f", "DROP_FOREIGN_TABLE foreign table f\n"},
        {"DROP TYPE s.ty", "DROP_TYPE type s.ty\n"},
        {"DROP DOMAIN d", "DROP_DOMAIN domain d\n"},
        {"DROP SCHEMA s CASCADE", "DROP_SCHEMA schema s cascade\n"},
        {"DROP EXTENSION e", "DROP_EXTENSION extension e\n"},
        {"DROP FUNCTION s.f(int), g", "DROP_ROUTINE function s.f\n"
                                      "DROP_ROUTINE function g\n"},
        {"DROP AGGREGATE a(*)", "DROP_ROUTINE aggregate a\n"},
        {"DROP TRIGGER g ON s.t", "DROP_TRIGGER trigger s.t part=g\n"},
        {"DROP RULE r ON t", "DROP_RULE rule t part=r\n"},
        {"DROP POLICY IF EXISTS p ON t", "DROP_POLICY policy t part=p guarded rerun=yes\n"},
        {"DROP PUBLICATION p", "DROP_PUBLICATION publication p\n"},
        {"DROP OPERATOR CLASS s.o USING btree", "DROP_OTHER operator class s.o\n"},
        {"DROP CAST (int AS text)", "DROP_OTHER cast int4\n"},
        {"DROP TEXT SEARCH CONFIGURATION s.c", "DROP_OTHER text search configuration s.c\n"},
        {"TRUNCATE s.a, ONLY b CASCADE", "TRUNCATE table s.a cascade\n"
                                         "TRUNCATE table b cascade only\n"},
        {"LOCK TABLE t IN SHARE MODE NOWAIT", "LOCK_TABLE table t lock=ShareLock\n"},
        {"LOCK t", "LOCK_TABLE table t\n"},
        {"DROP TYPE t CASCADE", "DROP_TYPE type t cascade loss=unknown undo=unknown\n"},
    };
    assert_int_equal(facts_wrong(rows, COUNT_OF(rows)), 0);
}

static void names_are_changed(void **state)
{
    (void)state;
    static const struct studied rows[] = {
        {"ALTER TABLE s.t RENAME TO u",
         "RENAME_TABLE table s.t renamed=u undo_sql=ALTER TABLE s.u RENAME TO t\n"},
        {"ALTER TABLE IF EXISTS t RENAME TO u",
         "RENAME_TABLE table t renamed=u guarded rerun=yes undo=knowledge\n"},
        {"ALTER TABLE t RENAME COLUMN a TO \"B\"",
         "RENAME_COLUMN column t part=a renamed=B undo_sql=ALTER TABLE t RENAME COLUMN \"B\" "
         "TO a\n"},
        {"ALTER VIEW v RENAME COLUMN a TO b", "RENAME_VIEW_COLUMN column v part=a renamed=b "
                                              "undo_sql=ALTER VIEW v RENAME COLUMN b TO a\n"},
        {"ALTER VIEW v RENAME TO w",
         "RENAME_VIEW view v renamed=w undo_sql=ALTER VIEW w RENAME TO v\n"},
        {"ALTER MATERIALIZED VIEW v RENAME TO w",
         "RENAME_VIEW materialized view v renamed=w undo_sql=ALTER MATERIALIZED VIEW w RENAME "
         "TO v\n"},
        {"ALTER TABLE t RENAME CONSTRAINT a TO b",
         "RENAME_CONSTRAINT constraint t part=a renamed=b undo_sql=ALTER TABLE t RENAME "
         "CONSTRAINT b TO a\n"},
        {"ALTER INDEX s.i RENAME TO j",
         "RENAME_INDEX index s.i renamed=j other=s.i undo_sql=ALTER INDEX s.j RENAME TO i\n"},
        {"ALTER SEQUENCE s RENAME TO q",
         "RENAME_SEQUENCE sequence s renamed=q undo_sql=ALTER SEQUENCE q RENAME TO s\n"},
        {"ALTER TYPE ty RENAME ATTRIBUTE a TO b",
         "RENAME_ATTRIBUTE attribute ty part=a renamed=b undo_sql=ALTER TYPE ty RENAME "
         "ATTRIBUTE b TO a\n"},
        {"ALTER TYPE ty RENAME TO tz",
         "RENAME_OTHER type ty renamed=tz undo_sql=ALTER TYPE tz RENAME TO ty\n"},
        {"ALTER DOMAIN d RENAME CONSTRAINT a TO b",
         "RENAME_OTHER domain constraint d part=a renamed=b undo_sql=ALTER DOMAIN d RENAME "
         "CONSTRAINT b TO a\n"},
        {"ALTER TRIGGER a ON s.t RENAME TO b", "RENAME_TRIGGER trigger s.t part=a renamed=b "
                                               "undo_sql=ALTER TRIGGER b ON s.t RENAME TO a\n"},
        {"ALTER RULE a ON t RENAME TO b",
         "RENAME_RULE rule t part=a renamed=b undo_sql=ALTER RULE b ON t RENAME TO a\n"},
        {"ALTER POLICY a ON t RENAME TO b",
         "RENAME_POLICY policy t part=a renamed=b undo_sql=ALTER POLICY b ON t RENAME TO a\n"},
        {"ALTER SCHEMA a RENAME TO b",
         "RENAME_SCHEMA schema a renamed=b undo_sql=ALTER SCHEMA b RENAME TO a\n"},
        {"ALTER ROLE a RENAME TO b",
         "RENAME_OTHER role a renamed=b undo_sql=ALTER ROLE b RENAME TO a\n"},
        {"ALTER FUNCTION f(int) RENAME TO g",
         "RENAME_OTHER function f renamed=g undo=knowledge\n"},
        {"ALTER TABLE s.t SET SCHEMA r", "SET_TABLE_SCHEMA table s.t renamed=r undo=statement "
                                         "undo_sql=ALTER TABLE r.t SET SCHEMA s\n"},
        {"ALTER VIEW v SET SCHEMA r", "SET_VIEW_SCHEMA view v renamed=r\n"},
        {"ALTER SEQUENCE IF EXISTS s.q SET SCHEMA r",
         "SET_SEQUENCE_SCHEMA sequence s.q renamed=r guarded rerun=yes\n"},
        {"ALTER FUNCTION f SET SCHEMA r", "SET_SCHEMA_OTHER function f renamed=r\n"},
        {"ALTER FUNCTION s.f(int) OWNER TO r", "CHANGE_OWNER_OTHER function s.f renamed=r\n"},
        {"ALTER SCHEMA s OWNER TO CURRENT_USER",
         "CHANGE_OWNER_OTHER schema s renamed=current_user\n"},
        {"COMMENT ON TABLE s.t IS 'x'", "COMMENT table s.t\n"},
        {"COMMENT ON COLUMN s.t.c IS NULL", "COMMENT column s.t part=c\n"},
        {"COMMENT ON INDEX i IS 'x'",
         "COMMENT index i other=i lock=none other_lock=ShareUpdateExclusiveLock\n"},
        {"COMMENT ON CONSTRAINT c ON s.t IS 'x'", "COMMENT_ON_PART constraint s.t part=c\n"},
        {"COMMENT ON CONSTRAINT c ON DOMAIN d IS 'x'",
         "COMMENT_OTHER domain constraint d part=c\n"},
        {"COMMENT ON FUNCTION f(int) IS 'x'", "COMMENT_OTHER function f\n"},
        {"SECURITY LABEL ON TABLE t IS 'x'", "SECURITY_LABEL table t\n"},
        {"SECURITY LABEL ON ROLE r IS 'x'", "SECURITY_LABEL role r lock=none\n"},
    };
    assert_int_equal(facts_wrong(rows, COUNT_OF(rows)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indexes_and_upkeep),  cmocka_unit_test(what_lives_on_tables),
        cmocka_unit_test(views_and_sequences), cmocka_unit_test(objects_are_dropped),
        cmocka_unit_test(names_are_changed),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sql_facts_object", tests, NULL, NULL);
}
