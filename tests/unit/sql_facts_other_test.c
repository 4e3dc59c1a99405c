/* SPDX-License-Identifier: PostgreSQL */
/*
 * What is known of roles and rights, of settings and the session, and of all kinds of objects
 * that have no file of their own; the form of the lines is told in tests/support/facts_text.h.
 */
#include "facts_text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void rights_are_described(void **state)
{
    (void)state;
    static const struct studied rows[] = {
        {"GRANT SELECT, INSERT ON app.t, u TO anna, PUBLIC WITH GRANT OPTION",
         "GRANT table app.t undo_sql=REVOKE select, insert ON TABLE app.t FROM anna, public "
         "grant(grant privileges=select,insert roles=anna,public grant_option)\n"
         "GRANT table u undo_sql=REVOKE select, insert ON TABLE u FROM anna, public "
         "grant(grant privileges=select,insert roles=anna,public grant_option)\n"},
        {"GRANT ALL ON SCHEMA app TO \"Bob B\"",
         "GRANT schema app undo_sql=REVOKE all ON SCHEMA app FROM \"Bob B\" grant(grant "
         "roles=Bob B)\n"},
        {"GRANT SELECT (a, b) ON t TO r",
         "GRANT table t part=a, b undo=knowledge grant(grant privileges=select roles=r)\n"},
        {"GRANT ALL ON ALL TABLES IN SCHEMA app TO r",
         "GRANT schema app part=table undo=knowledge grant(grant roles=r whole_schema)\n"},
        {"GRANT EXECUTE ON FUNCTION app.f(int) TO CURRENT_USER",
         "GRANT function app.f undo=knowledge grant(grant privileges=execute "
         "roles=current_user)\n"},
        {"REVOKE UPDATE ON t FROM r CASCADE",
         "REVOKE table t cascade grant(revoke privileges=update roles=r)\n"},
        {"GRANT admin, writer TO anna WITH ADMIN OPTION",
         "GRANT_ROLE role admin undo_sql=REVOKE admin FROM anna grant(grant roles=anna "
         "grant_option)\n"
         "GRANT_ROLE role writer undo_sql=REVOKE writer FROM anna grant(grant roles=anna "
         "grant_option)\n"},
        {"REVOKE admin FROM anna", "REVOKE_ROLE role admin grant(revoke roles=anna)\n"},
        {"ALTER DEFAULT PRIVILEGES FOR ROLE o IN SCHEMA a, b GRANT SELECT ON TABLES TO r",
         "ALTER_DEFAULT_PRIVILEGES default privileges a part=table grant(grant "
         "privileges=select roles=r)\n"
         "ALTER_DEFAULT_PRIVILEGES default privileges b part=table grant(grant "
         "privileges=select roles=r)\n"},
        {"ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC",
         "ALTER_DEFAULT_PRIVILEGES default privileges part=function loss=access grant(revoke "
         "roles=public)\n"},
        {"CREATE ROLE app LOGIN PASSWORD 'hunter2' BYPASSRLS NOSUPERUSER",
         "CREATE_ROLE role app undo_sql=DROP ROLE app role(password plain bypassrls=yes "
         "superuser=no)\n"},
        {"CREATE USER app PASSWORD 'SCRAM-SHA-256$4096:x'",
         "CREATE_ROLE role app undo_sql=DROP ROLE app role(password)\n"},
        {"CREATE ROLE app PASSWORD 'md5aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'",
         "CREATE_ROLE role app undo_sql=DROP ROLE app role(password)\n"},
        {"ALTER ROLE app PASSWORD NULL", "ALTER_ROLE role app role()\n"},
        {"ALTER ROLE app SUPERUSER", "ALTER_ROLE role app role(superuser=yes)\n"},
        {"ALTER ROLE app IN DATABASE d SET search_path = a, b",
         "ALTER_ROLE role app part=d setting(search_path value=a, b)\n"},
        {"ALTER ROLE ALL RESET ALL", "ALTER_ROLE role setting(all reset)\n"},
        {"DROP ROLE IF EXISTS a, b", "DROP_ROLE role a guarded rerun=yes\n"
                                     "DROP_ROLE role b guarded rerun=yes\n"},
        {"DROP OWNED BY a CASCADE", "DROP_OWNED role a cascade\n"},
        {"REASSIGN OWNED BY a, b TO c", "REASSIGN_OWNED role a renamed=c\n"
                                        "REASSIGN_OWNED role b renamed=c\n"},
    };
    assert_int_equal(facts_wrong(rows, COUNT_OF(rows)), 0);
}

static void the_session_is_described(void **state)
{
    (void)state;
    static const struct studied rows[] = {
        {"SET LOCAL lock_timeout = '2s'", "SET setting(lock_timeout value=2s local)\n"},
        {"SET search_path TO app, \"Public\"", "SET setting(search_path value=app, Public)\n"},
        {"SET statement_timeout = 5000", "SET setting(statement_timeout value=5000)\n"},
        {"SET TIME ZONE INTERVAL '1 hour' HOUR TO MINUTE",
         "SET setting(timezone value=1 hour)\n"},
        {"SET ROLE app", "SET setting(role value=app)\n"},
        {"SET x.y TO DEFAULT", "SET setting(x.y reset)\n"},
        {"RESET ALL", "RESET setting(all reset)\n"},
        {"RESET work_mem", "RESET setting(work_mem reset)\n"},
        {"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "TRANSACTION\n"},
        {"SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
         "SET setting(session characteristics)\n"},
        {"ALTER SYSTEM SET work_mem = '1MB'", "ALTER_SYSTEM setting(work_mem value=1MB)\n"},
        {"ALTER DATABASE d SET work_mem = '1MB'",
         "ALTER_DATABASE database d setting(work_mem value=1MB)\n"},
        {"ALTER DATABASE d CONNECTION LIMIT 3", "ALTER_DATABASE database d\n"},
        {"EXPLAIN DELETE FROM t", "SESSION\n"},
        {"EXPLAIN (ANALYZE) DELETE FROM t", "SESSION\n"
                                            "DELETE relation t loss=data\n"},
        {"EXPLAIN (ANALYZE off) DELETE FROM t", "SESSION\n"},
        {"PREPARE p AS DELETE FROM t", "SESSION\n"},
        {"EXECUTE p", "SESSION work=unknown rerun=unknown loss=unknown undo=unknown\n"},
        {"DECLARE c CURSOR FOR SELECT * FROM t", "SELECT other=t change(reads=t)\n"},
        {"FETCH c", "SESSION\n"},
        {"NOTIFY x", "SESSION rerun=twice undo=never\n"},
        {"LISTEN x", "SESSION\n"},
        {"DISCARD ALL", "SESSION setting(all reset)\n"},
        {"DISCARD TEMP", "SESSION\n"},
        {"ROLLBACK TO b", "TRANSACTION part=b\n"},
        {"SHOW work_mem", "SESSION\n"},
        {"CHECKPOINT", "CHECKPOINT\n"},
        {"SET CONSTRAINTS ALL DEFERRED", "SET_CONSTRAINTS\n"},
    };
    assert_int_equal(facts_wrong(rows, COUNT_OF(rows)), 0);
}

static void all_other_kinds_are_described(void **state)
{
    (void)state;
    static const struct studied rows[] = {
        {"CREATE SCHEMA IF NOT EXISTS app",
         "CREATE_SCHEMA schema app guarded rerun=yes undo=knowledge\n"},
        {"CREATE SCHEMA AUTHORIZATION anna",
         "CREATE_SCHEMA schema anna undo_sql=DROP SCHEMA anna\n"},
        {"CREATE SCHEMA app CREATE TABLE t (a int) CREATE VIEW v AS SELECT 1 GRANT SELECT ON t "
         "TO r",
         "CREATE_SCHEMA schema app undo_sql=DROP SCHEMA app CASCADE\n"
         "CREATE_TABLE table app.t undo=not needed\n"
         "ADD_COLUMN table app.t part=a inside lock=none undo=not needed column(a int4)\n"
         "CREATE_VIEW view app.v undo=not needed view()\n"
         "GRANT table app.t undo=not needed grant(grant privileges=select roles=r)\n"},
        {"CREATE DATABASE d", "CREATE_DATABASE database d undo_sql=DROP DATABASE d\n"},
        {"DROP DATABASE IF EXISTS d", "DROP_DATABASE database d guarded rerun=yes\n"},
        {"CREATE TABLESPACE s LOCATION '/x'",
         "CREATE_OTHER tablespace s undo_sql=DROP TABLESPACE s\n"},
        {"DROP TABLESPACE s", "DROP_OTHER tablespace s\n"},
        {"ALTER TABLESPACE s SET (seq_page_cost = 1)", "ALTER_OTHER tablespace s\n"},
        {"CREATE EXTENSION IF NOT EXISTS pgcrypto CASCADE",
         "CREATE_EXTENSION extension pgcrypto guarded cascade rerun=yes undo=knowledge\n"},
        {"CREATE EXTENSION pgcrypto",
         "CREATE_EXTENSION extension pgcrypto undo_sql=DROP EXTENSION pgcrypto\n"},
        {"ALTER EXTENSION e UPDATE TO '2'", "ALTER_EXTENSION extension e\n"},
        {"ALTER EXTENSION e ADD TABLE t", "ALTER_EXTENSION extension e rerun=fails\n"},
        {"CREATE FOREIGN DATA WRAPPER w",
         "CREATE_OTHER foreign data wrapper w undo_sql=DROP FOREIGN DATA WRAPPER w\n"},
        {"CREATE SERVER IF NOT EXISTS s FOREIGN DATA WRAPPER w",
         "CREATE_OTHER server s guarded rerun=yes undo=knowledge\n"},
        {"CREATE USER MAPPING FOR anna SERVER s OPTIONS (user 'a', password 'b')",
         "CREATE_OTHER user mapping s part=anna undo=knowledge role(password plain)\n"},
        {"ALTER USER MAPPING FOR anna SERVER s OPTIONS (SET password 'c')",
         "ALTER_OTHER user mapping s part=anna role(password plain)\n"},
        {"DROP USER MAPPING FOR anna SERVER s", "DROP_OTHER user mapping s part=anna\n"},
        {"IMPORT FOREIGN SCHEMA r FROM SERVER s INTO app",
         "IMPORT_FOREIGN_SCHEMA schema app other=s\n"},
        {"CREATE PUBLICATION p FOR TABLE t, app.u",
         "CREATE_PUBLICATION publication t part=p undo_sql=DROP PUBLICATION p\n"
         "CREATE_PUBLICATION publication app.u part=p inside undo_sql=DROP PUBLICATION p\n"},
        {"CREATE PUBLICATION p FOR ALL TABLES",
         "CREATE_PUBLICATION publication part=p lock=none undo_sql=DROP PUBLICATION p\n"},
        {"CREATE PUBLICATION p FOR TABLES IN SCHEMA app",
         "CREATE_PUBLICATION publication part=p lock=none undo_sql=DROP PUBLICATION p\n"},
        {"ALTER PUBLICATION p ADD TABLE t",
         "ALTER_PUBLICATION publication t part=p rerun=fails\n"},
        {"ALTER PUBLICATION p SET TABLE t",
         "ALTER_PUBLICATION publication t part=p rerun=yes\n"},
        {"ALTER PUBLICATION p SET (publish = 'insert')",
         "ALTER_PUBLICATION publication part=p lock=none rerun=yes\n"},
        {"CREATE SUBSCRIPTION s CONNECTION 'host=x password=y' PUBLICATION p",
         "CREATE_SUBSCRIPTION subscription s undo_sql=DROP SUBSCRIPTION s role(password "
         "plain)\n"},
        {"ALTER SUBSCRIPTION s DISABLE", "ALTER_SUBSCRIPTION subscription s\n"},
        {"DROP SUBSCRIPTION IF EXISTS s",
         "DROP_SUBSCRIPTION subscription s guarded rerun=yes\n"},
        {"CREATE AGGREGATE app.agg (int) (sfunc = f, stype = int)",
         "CREATE_OTHER aggregate app.agg undo=knowledge\n"},
        {"CREATE OPERATOR app.+ (leftarg = int, rightarg = int, function = f)",
         "CREATE_OTHER operator app.\"+\" undo=knowledge\n"},
        {"CREATE COLLATION IF NOT EXISTS c FROM \"C\"",
         "CREATE_OTHER collation c guarded rerun=yes undo=knowledge\n"},
        {"CREATE CAST (app.a AS text) WITH INOUT AS ASSIGNMENT",
         "CREATE_OTHER cast app.a undo=knowledge\n"},
        {"CREATE TEXT SEARCH CONFIGURATION app.t (copy = simple)",
         "CREATE_OTHER text search configuration app.t undo=knowledge\n"},
        {"ALTER TEXT SEARCH CONFIGURATION app.t ADD MAPPING FOR word WITH simple",
         "ALTER_OTHER text search configuration app.t\n"},
        {"ALTER TEXT SEARCH DICTIONARY d (x = 1)", "ALTER_OTHER text search dictionary d\n"},
        {"CREATE LANGUAGE plpython3u",
         "CREATE_EXTENSION extension plpython3u undo_sql=DROP EXTENSION plpython3u\n"},
        {"CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()",
         "CREATE_OTHER event trigger e undo_sql=DROP EVENT TRIGGER e\n"},
        {"ALTER EVENT TRIGGER e DISABLE", "ALTER_OTHER event trigger e rerun=yes\n"},
        {"CREATE ACCESS METHOD m TYPE INDEX HANDLER h",
         "CREATE_OTHER access method m undo_sql=DROP ACCESS METHOD m\n"},
        {"CREATE CONVERSION c FOR 'UTF8' TO 'LATIN1' FROM f",
         "CREATE_OTHER conversion c undo=knowledge\n"},
        {"CREATE OPERATOR CLASS o FOR TYPE int4 USING btree AS OPERATOR 1 <",
         "CREATE_OTHER operator class o undo=knowledge\n"},
        {"CREATE OPERATOR FAMILY o USING btree",
         "CREATE_OTHER operator family o undo=knowledge\n"},
        {"ALTER OPERATOR FAMILY o USING btree ADD OPERATOR 1 < (int4, int2)",
         "ALTER_OTHER operator family o\n"},
        {"ALTER OPERATOR + (int, int) SET (RESTRICT = NONE)", "ALTER_OTHER operator \"+\"\n"},
        {"ALTER COLLATION c REFRESH VERSION", "ALTER_OTHER collation c\n"},
        {"CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION f(internal))",
         "CREATE_OTHER transform int4 undo=knowledge\n"},
        {"ALTER FUNCTION f(int) DEPENDS ON EXTENSION e", "ALTER_OTHER function f rerun=yes\n"},
        {"ALTER TRIGGER g ON app.t DEPENDS ON EXTENSION e",
         "ALTER_OTHER trigger app.t part=g rerun=yes\n"},
        {"ALTER INDEX i DEPENDS ON EXTENSION e", "ALTER_OTHER index i rerun=yes\n"},
        {"LOAD 'x'", "SESSION\n"},
    };
    assert_int_equal(facts_wrong(rows, COUNT_OF(rows)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rights_are_described),
        cmocka_unit_test(the_session_is_described),
        cmocka_unit_test(all_other_kinds_are_described),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sql_facts_other", tests, NULL, NULL);
}
