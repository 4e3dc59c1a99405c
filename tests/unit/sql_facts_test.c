/* SPDX-License-Identifier: PostgreSQL */
/*
 * What is known of CREATE TABLE, ALTER TABLE and of what is altered like a table.
 */
#include "facts_text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void tables_are_made(void **state)
{
    (void)state;
    static const struct studied rows[] = {
        {"CREATE TABLE app.notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body "
         "text NOT NULL DEFAULT '', owner uuid REFERENCES auth.users (id) ON DELETE CASCADE, "
         "size int CHECK (size > 0), tag text UNIQUE)",
         "CREATE_TABLE table app.notes undo_sql=DROP TABLE app.notes\n"
         "ADD_COLUMN table app.notes part=id inside lock=none undo=not needed column(id int8 "
         "not_null primary_key identity)\n"
         "ADD_PRIMARY_KEY table app.notes inside lock=none work=catalog undo=not needed "
         "constraint(primary_key columns=id on_column)\n"
         "ADD_COLUMN table app.notes part=body inside lock=none undo=not needed column(body "
         "text "
         "not_null default(constant))\n"
         "ADD_COLUMN table app.notes part=owner inside lock=none undo=not needed column(owner "
         "uuid)\n"
         "ADD_FOREIGN_KEY table app.notes other=auth.users inside lock=none work=catalog "
         "undo=not "
         "needed constraint(foreign_key columns=owner references=auth.users keys=id on_column "
         "on_delete=c)\n"
         "ADD_COLUMN table app.notes part=size inside lock=none undo=not needed column(size "
         "int4)\n"
         "ADD_CHECK table app.notes inside lock=none work=catalog undo=not needed "
         "constraint(check "
         "columns=size on_column check(size))\n"
         "ADD_COLUMN table app.notes part=tag inside lock=none undo=not needed column(tag text "
         "unique)\n"
         "ADD_UNIQUE table app.notes inside lock=none work=catalog undo=not needed "
         "constraint(unique columns=tag on_column)\n"},
        {"CREATE TABLE IF NOT EXISTS t (a int, b int, CONSTRAINT ab UNIQUE (a, b), PRIMARY KEY "
         "(a), FOREIGN KEY (b) REFERENCES u, EXCLUDE USING gist (a WITH =))",
         "CREATE_TABLE table t guarded rerun=yes undo=knowledge\n"
         "ADD_COLUMN table t part=a inside guarded lock=none rerun=yes undo=not needed "
         "column(a "
         "int4)\n"
         "ADD_COLUMN table t part=b inside guarded lock=none rerun=yes undo=not needed "
         "column(b "
         "int4)\n"
         "ADD_UNIQUE table t part=ab inside guarded lock=none work=catalog rerun=yes undo=not "
         "needed constraint(unique name=ab columns=a,b)\n"
         "ADD_PRIMARY_KEY table t inside guarded lock=none work=catalog rerun=yes undo=not "
         "needed "
         "constraint(primary_key columns=a)\n"
         "ADD_FOREIGN_KEY table t other=u inside guarded lock=none work=catalog rerun=yes "
         "undo=not "
         "needed constraint(foreign_key columns=b references=u on_delete=a)\n"
         "ADD_EXCLUSION table t inside guarded lock=none work=catalog rerun=yes undo=not "
         "needed "
         "constraint(exclusion columns=a)\n"},
        {"CREATE TABLE t (id serial, low text GENERATED ALWAYS AS (lower(body)) STORED)",
         "CREATE_TABLE table t undo_sql=DROP TABLE t\n"
         "ADD_COLUMN table t part=id inside lock=none undo=not needed column(id int4 serial "
         "not_null)\n"
         "ADD_COLUMN table t part=low inside lock=none undo=not needed column(low text stored "
         "default(body lower()))\n"},
        {"CREATE TEMP TABLE t (a int)", "CREATE_TABLE table t temporary undo=not needed\n"
                                        "ADD_COLUMN table t part=a inside temporary lock=none "
                                        "undo=not needed column(a int4)\n"},
        {"CREATE UNLOGGED TABLE t (LIKE s.u INCLUDING ALL)",
         "CREATE_TABLE table t undo_sql=DROP TABLE t\n"
         "CREATE_LIKE table t other=s.u inside undo=not needed\n"},
        {"CREATE TABLE t PARTITION OF s.p FOR VALUES IN (1)",
         "CREATE_PARTITION table t other=s.p undo_sql=DROP TABLE t\n"},
        {"CREATE TABLE t (a int) INHERITS (p, s.q)",
         "CREATE_INHERITED table t other=p undo_sql=DROP TABLE t\n"
         "INHERIT table t other=s.q inside lock=none undo=not needed\n"
         "ADD_COLUMN table t part=a inside lock=none undo=not needed column(a int4)\n"},
        {"CREATE FOREIGN TABLE f (a int) SERVER s",
         "CREATE_FOREIGN_TABLE foreign table f undo_sql=DROP FOREIGN TABLE f\n"
         "ADD_COLUMN foreign table f part=a inside lock=none undo=not needed column(a int4)\n"},
        {"CREATE FOREIGN TABLE f PARTITION OF p DEFAULT SERVER s",
         "CREATE_FOREIGN_TABLE foreign table f other=p other_lock=AccessExclusiveLock "
         "undo_sql=DROP FOREIGN TABLE f\n"},
        {"CREATE TABLE t AS SELECT * FROM s.u JOIN v USING (id)",
         "CREATE_TABLE_AS table t undo_sql=DROP TABLE t view(reads=s.u,v)\n"},
        {"CREATE TABLE t AS SELECT * FROM u WITH NO DATA",
         "CREATE_TABLE_AS table t work=catalog undo_sql=DROP TABLE t view(reads=u)\n"},
        {"SELECT * INTO t FROM u",
         "CREATE_TABLE_AS table t undo_sql=DROP TABLE t view(reads=u)\n"},
        {"SELECT * INTO TEMP t FROM u UNION SELECT * FROM v",
         "CREATE_TABLE_AS table t temporary undo=not needed view(reads=u,v)\n"},
        {"WITH w AS (SELECT 1) SELECT * INTO t FROM w",
         "CREATE_TABLE_AS table t undo_sql=DROP TABLE t view()\n"},
    };
    assert_int_equal(facts_wrong(rows, COUNT_OF(rows)), 0);
}

static void tables_are_altered(void **state)
{
    (void)state;
    static const struct studied rows[] = {
        {"ALTER TABLE t ADD COLUMN a int",
         "ADD_COLUMN table t part=a undo_sql=ALTER TABLE t DROP COLUMN a column(a int4)\n"},
        {"ALTER TABLE t ADD COLUMN IF NOT EXISTS a text NOT NULL DEFAULT 'x'",
         "ADD_COLUMN table t part=a guarded rerun=yes undo=knowledge column(a text not_null "
         "default(constant))\n"},
        {"ALTER TABLE t ADD a timestamptz DEFAULT now()",
         "ADD_COLUMN table t part=a undo_sql=ALTER TABLE t DROP COLUMN a column(a timestamptz "
         "default(now()))\n"},
        {"ALTER TABLE t ADD a uuid DEFAULT gen_random_uuid()",
         "ADD_COLUMN table t part=a work=rewrite undo_sql=ALTER TABLE t DROP COLUMN a column(a "
         "uuid default(gen_random_uuid()))\n"},
        {"ALTER TABLE t ADD a int DEFAULT s.f()",
         "ADD_COLUMN table t part=a work=unknown undo_sql=ALTER TABLE t DROP COLUMN a column(a "
         "int4 default(s.f()))\n"},
        {"ALTER TABLE t ADD a int NOT NULL",
         "ADD_COLUMN table t part=a work=scan undo_sql=ALTER TABLE t DROP COLUMN a column(a "
         "int4 not_null)\n"},
        {"ALTER TABLE t ADD a bigserial",
         "ADD_COLUMN table t part=a work=rewrite undo_sql=ALTER TABLE t DROP COLUMN a column(a "
         "int8 serial not_null)\n"},
        {"ALTER TABLE t ADD a int GENERATED BY DEFAULT AS IDENTITY",
         "ADD_COLUMN table t part=a work=rewrite undo_sql=ALTER TABLE t DROP COLUMN a column(a "
         "int4 not_null identity)\n"},
        {"ALTER TABLE t ADD a int GENERATED ALWAYS AS (b + 1) STORED",
         "ADD_COLUMN table t part=a work=rewrite undo_sql=ALTER TABLE t DROP COLUMN a column(a "
         "int4 stored default(b))\n"},
        {"ALTER TABLE t ADD a app.mood",
         "ADD_COLUMN table t part=a work=unknown undo_sql=ALTER TABLE t DROP COLUMN a column(a "
         "app.mood)\n"},
        {"ALTER TABLE t ADD a int REFERENCES u",
         "ADD_COLUMN table t part=a undo_sql=ALTER TABLE t DROP COLUMN a column(a int4)\n"
         "ADD_FOREIGN_KEY table t other=u inside work=catalog undo=not needed "
         "constraint(foreign_key columns=a references=u on_column on_delete=a)\n"},
        {"ALTER TABLE t ADD a int DEFAULT 1 REFERENCES u",
         "ADD_COLUMN table t part=a undo_sql=ALTER TABLE t DROP COLUMN a column(a int4 "
         "default(constant))\n"
         "ADD_FOREIGN_KEY table t other=u inside undo=not needed constraint(foreign_key "
         "columns=a references=u on_column on_delete=a)\n"},
        {"ALTER TABLE t ADD a int UNIQUE CHECK (a > 0)",
         "ADD_COLUMN table t part=a undo_sql=ALTER TABLE t DROP COLUMN a column(a int4 "
         "unique)\n"
         "ADD_UNIQUE table t inside undo=not needed constraint(unique columns=a on_column)\n"
         "ADD_CHECK table t inside undo=not needed constraint(check columns=a on_column "
         "check(a))\n"},
        {"ALTER TABLE ONLY s.t DROP COLUMN IF EXISTS a CASCADE, DROP b",
         "DROP_COLUMN table s.t part=a guarded cascade only rerun=yes\n"
         "DROP_COLUMN table s.t part=b only\n"},
        {"ALTER TABLE t ALTER a TYPE bigint, ALTER b TYPE varchar(20) USING left(b, 20)",
         "ALTER_COLUMN_TYPE table t part=a column(a int8)\n"
         "ALTER_COLUMN_TYPE table t part=b column(b \"varchar\"(20) using(b \"left\"()))\n"},
        {"ALTER TABLE t ALTER a SET DEFAULT 0, ALTER a DROP DEFAULT",
         "SET_DEFAULT table t part=a column(a default(constant))\n"
         "DROP_DEFAULT table t part=a column(a)\n"},
        {"ALTER TABLE t ALTER \"A b\" SET NOT NULL, ALTER a DROP NOT NULL",
         "SET_NOT_NULL table t part=A b undo_sql=ALTER TABLE t ALTER COLUMN \"A b\" DROP NOT "
         "NULL\n"
         "DROP_NOT_NULL table t part=a undo_sql=ALTER TABLE t ALTER COLUMN a SET NOT NULL\n"},
        {"ALTER TABLE t ALTER a DROP EXPRESSION IF EXISTS",
         "DROP_EXPRESSION table t part=a guarded rerun=yes\n"},
        {"ALTER TABLE t ALTER a ADD GENERATED ALWAYS AS IDENTITY, ALTER a SET GENERATED BY "
         "DEFAULT RESTART 5, ALTER a DROP IDENTITY IF EXISTS",
         "ADD_IDENTITY table t part=a undo_sql=ALTER TABLE t ALTER COLUMN a DROP IDENTITY "
         "column(a identity)\n"
         "SET_IDENTITY table t part=a\n"
         "DROP_IDENTITY table t part=a guarded rerun=yes\n"},
        {"ALTER TABLE t ALTER a SET STATISTICS 100, ALTER a SET (n_distinct = 5), ALTER a "
         "RESET (n_distinct)",
         "SET_STATISTICS table t part=a\n"
         "SET_COLUMN_OPTIONS table t part=a\n"
         "SET_COLUMN_OPTIONS table t part=a\n"},
        {"ALTER TABLE t ALTER a SET STORAGE external, ALTER a SET COMPRESSION lz4",
         "SET_STORAGE table t part=a\n"
         "SET_COMPRESSION table t part=a\n"},
        {"ALTER FOREIGN TABLE f ALTER a OPTIONS (ADD x 'y'), OPTIONS (SET z '1'), ADD COLUMN c "
         "int DEFAULT random()",
         "SET_FOREIGN_COLUMN_OPTIONS foreign table f part=a\n"
         "SET_FOREIGN_OPTIONS foreign table f\n"
         "ADD_COLUMN foreign table f part=c undo_sql=ALTER FOREIGN TABLE f DROP COLUMN c "
         "column(c int4 default(random()))\n"},
        {"ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0), ADD CHECK (b > 0) NOT VALID",
         "ADD_CHECK table t part=c undo_sql=ALTER TABLE t DROP CONSTRAINT c constraint(check "
         "name=c columns=a check(a))\n"
         "ADD_CHECK_NOT_VALID table t rerun=twice undo=knowledge constraint(check columns=b "
         "not_valid "
         "check(b))\n"},
        {"ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a, b) REFERENCES s.u (x, y) ON DELETE "
         "SET NULL NOT VALID",
         "ADD_FOREIGN_KEY_NOT_VALID table t part=f other=s.u undo_sql=ALTER TABLE t DROP "
         "CONSTRAINT f constraint(foreign_key name=f columns=a,b references=s.u keys=x,y "
         "not_valid on_delete=n)\n"},
        {"ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u",
         "ADD_FOREIGN_KEY table t part=f other=u undo_sql=ALTER TABLE t DROP CONSTRAINT f "
         "constraint(foreign_key name=f columns=a references=u on_delete=a)\n"},
        {"ALTER TABLE t ADD CONSTRAINT q UNIQUE (a), ADD PRIMARY KEY (b), ADD CONSTRAINT k "
         "PRIMARY KEY USING INDEX i",
         "ADD_UNIQUE table t part=q undo_sql=ALTER TABLE t DROP CONSTRAINT q constraint(unique "
         "name=q columns=a)\n"
         "ADD_PRIMARY_KEY table t undo=knowledge constraint(primary_key columns=b)\n"
         "ADD_CONSTRAINT_USING_INDEX table t part=k undo_sql=ALTER TABLE t DROP CONSTRAINT k "
         "constraint(primary_key name=k using_index=i)\n"},
        {"ALTER TABLE t ADD CONSTRAINT x EXCLUDE USING gist (a WITH &&, b WITH =)",
         "ADD_EXCLUSION table t part=x undo_sql=ALTER TABLE t DROP CONSTRAINT x "
         "constraint(exclusion name=x columns=a,b)\n"},
        {"ALTER TABLE t VALIDATE CONSTRAINT c, ALTER CONSTRAINT f DEFERRABLE, DROP CONSTRAINT "
         "IF EXISTS d CASCADE",
         "VALIDATE_CONSTRAINT table t part=c\n"
         "ALTER_CONSTRAINT table t part=f\n"
         "DROP_CONSTRAINT table t part=d guarded cascade rerun=yes\n"},
        {"ALTER TABLE t OWNER TO app_owner, SET LOGGED, SET UNLOGGED, SET ACCESS METHOD heap, "
         "SET TABLESPACE fast",
         "CHANGE_OWNER table t renamed=app_owner\n"
         "SET_LOGGED table t undo_sql=ALTER TABLE t SET UNLOGGED\n"
         "SET_UNLOGGED table t undo_sql=ALTER TABLE t SET LOGGED\n"
         "SET_ACCESS_METHOD table t renamed=heap\n"
         "SET_TABLESPACE table t renamed=fast\n"},
        {"ALTER TABLE t SET (fillfactor = 70, autovacuum_enabled = off, "
         "toast.autovacuum_enabled = false, user_catalog_table = true), RESET (fillfactor)",
         "SET_STORAGE_PARAMETERS table t part=fillfactor setting(fillfactor value=70)\n"
         "SET_STORAGE_PARAMETERS table t part=autovacuum_enabled setting(autovacuum_enabled "
         "value=off)\n"
         "SET_STORAGE_PARAMETERS table t part=toast.autovacuum_enabled "
         "setting(toast.autovacuum_enabled value=false)\n"
         "SET_STORAGE_PARAMETERS table t part=user_catalog_table lock=AccessExclusiveLock "
         "setting(user_catalog_table value=true)\n"
         "SET_STORAGE_PARAMETERS table t part=fillfactor setting(fillfactor reset)\n"},
        {"ALTER TABLE t CLUSTER ON i, SET WITHOUT CLUSTER, SET WITHOUT OIDS",
         "CLUSTER_ON table t part=i\n"
         "CLUSTER_ON table t\n"
         "DROP_OIDS table t\n"},
        {"ALTER TABLE t INHERIT s.p, NO INHERIT q, OF ty, NOT OF",
         "INHERIT table t other=s.p undo_sql=ALTER TABLE t NO INHERIT s.p\n"
         "NO_INHERIT table t other=q undo_sql=ALTER TABLE t INHERIT q\n"
         "OF_TYPE table t other=ty\n"
         "OF_TYPE table t\n"},
        {"ALTER TABLE t REPLICA IDENTITY USING INDEX i, REPLICA IDENTITY FULL",
         "REPLICA_IDENTITY table t part=i\n"
         "REPLICA_IDENTITY table t\n"},
        {"ALTER TABLE p ATTACH PARTITION s.c FOR VALUES IN (1)",
         "ATTACH_PARTITION table p other=s.c undo_sql=ALTER TABLE p DETACH PARTITION s.c\n"},
        {"ALTER TABLE p DETACH PARTITION c", "DETACH_PARTITION table p other=c\n"},
        {"ALTER TABLE p DETACH PARTITION c CONCURRENTLY",
         "DETACH_PARTITION_CONCURRENTLY table p other=c concurrently\n"},
        {"ALTER TABLE p DETACH PARTITION c FINALIZE",
         "DETACH_PARTITION_FINALIZE table p other=c\n"},
        {"ALTER TABLE t ENABLE TRIGGER g, DISABLE TRIGGER ALL, ENABLE ALWAYS TRIGGER g, "
         "DISABLE RULE r, ENABLE REPLICA RULE r",
         "ENABLE_TRIGGER table t part=g\n"
         "DISABLE_TRIGGER table t\n"
         "ENABLE_TRIGGER table t part=g\n"
         "ENABLE_RULE table t part=r\n"
         "ENABLE_RULE table t part=r\n"},
        {"ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
         "ENABLE_RLS table t undo_sql=ALTER TABLE t DISABLE ROW LEVEL SECURITY\n"
         "FORCE_RLS table t undo_sql=ALTER TABLE t NO FORCE ROW LEVEL SECURITY\n"},
        {"ALTER TABLE t DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY",
         "DISABLE_RLS table t undo_sql=ALTER TABLE t ENABLE ROW LEVEL SECURITY\n"
         "NO_FORCE_RLS table t undo_sql=ALTER TABLE t FORCE ROW LEVEL SECURITY\n"},
        {"ALTER TABLE ALL IN TABLESPACE slow SET TABLESPACE fast",
         "MOVE_ALL_IN_TABLESPACE table part=slow renamed=fast\n"},
        {"ALTER FOREIGN TABLE f DROP COLUMN a",
         "DROP_COLUMN foreign table f part=a loss=code undo=knowledge\n"},
    };
    assert_int_equal(facts_wrong(rows, COUNT_OF(rows)), 0);
}

static void others_are_altered(void **state)
{
    (void)state;
    static const struct studied rows[] = {
        {"ALTER INDEX s.i SET (fillfactor = 50, fastupdate = off), RESET (fillfactor)",
         "ALTER_INDEX index s.i part=fillfactor other=s.i setting(fillfactor value=50)\n"
         "ALTER_INDEX index s.i part=fastupdate other=s.i other_lock=AccessExclusiveLock "
         "setting(fastupdate value=off)\n"
         "ALTER_INDEX index s.i part=fillfactor other=s.i setting(fillfactor reset)\n"},
        {"ALTER INDEX i SET TABLESPACE fast",
         "SET_INDEX_TABLESPACE index i renamed=fast other=i\n"},
        {"ALTER INDEX i ATTACH PARTITION j", "ATTACH_INDEX index i other=j\n"},
        {"ALTER INDEX i ALTER COLUMN 1 SET STATISTICS 100", "ALTER_INDEX index i other=i\n"},
        {"ALTER VIEW v ALTER a SET DEFAULT 1",
         "ALTER_VIEW_COLUMN view v part=a column(a default(constant))\n"},
        {"ALTER VIEW v SET (security_invoker = on)",
         "SET_VIEW_OPTIONS view v part=security_invoker setting(security_invoker value=on)\n"},
        {"ALTER VIEW v OWNER TO r", "CHANGE_OWNER view v renamed=r\n"},
        {"ALTER MATERIALIZED VIEW m SET (fillfactor = 70), CLUSTER ON i",
         "SET_STORAGE_PARAMETERS materialized view m part=fillfactor setting(fillfactor "
         "value=70)\n"
         "CLUSTER_ON materialized view m part=i\n"},
        {"ALTER SEQUENCE s SET LOGGED",
         "SET_LOGGED sequence s work=catalog undo_sql=ALTER SEQUENCE s SET UNLOGGED\n"},
        {"ALTER SEQUENCE s OWNER TO r", "CHANGE_OWNER sequence s renamed=r\n"},
        {"ALTER TYPE ty ADD ATTRIBUTE a int, DROP ATTRIBUTE IF EXISTS b, ALTER ATTRIBUTE c "
         "TYPE text",
         "ADD_ATTRIBUTE type ty part=a undo_sql=ALTER TYPE ty DROP ATTRIBUTE a column(a int4)\n"
         "DROP_ATTRIBUTE type ty part=b guarded rerun=yes\n"
         "ALTER_COMPOSITE type ty part=c column(c text)\n"},
    };
    assert_int_equal(facts_wrong(rows, COUNT_OF(rows)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_made),
        cmocka_unit_test(tables_are_altered),
        cmocka_unit_test(others_are_altered),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sql_facts", tests, NULL, NULL);
}
