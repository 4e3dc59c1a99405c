/* SPDX-License-Identifier: PostgreSQL */
/*
 * What is told about statements: tags, objects, whether a transaction block may
 * hold them, places of syntax errors, the outer transaction, JSON and quoting.
 */
#include "sql.h"
#include "sql_facts.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct sql_script describe(const char *text, struct arena *arena)
{
    struct sql_script script;
    struct sql_trouble trouble;
    if (!sql_cut(str_from(text), NULL, arena, &script, &trouble)) {
        fail_msg("%s: %s", text, trouble.err.message);
    }
    sql_describe(&script, arena);
    return script;
}

/* "create table a.b; drop index c" and so on, in the order of the objects. */
static void write_objects(struct strbuf *out, const struct sql_statement *statement)
{
    for (size_t i = 0; i < statement->object_count; i++) {
        const struct sql_object *object = &statement->objects[i];
        strbuf_format(out, "%s%s %s %.*s", i > 0 ? "; " : "", sql_use_name(object->use),
                      object->kind, STR_ARG(object->written));
        if (object->on.len > 0) {
            strbuf_format(out, " on %.*s", STR_ARG(object->on));
        }
    }
}

static const struct {
    const char *text;
    const char *tag;
    const char *objects;
} statements[] = {
    {"CREATE TABLE a.b (c int REFERENCES d)", "CREATE TABLE",
     "create table a.b; read relation d"},
    {"CREATE UNLOGGED TABLE IF NOT EXISTS \"A b\" ()", "CREATE TABLE", "create table \"A b\""},
    {"CREATE TABLE t PARTITION OF p DEFAULT", "CREATE TABLE",
     "create table t; read relation p"},
    {"CREATE TABLE t AS SELECT * FROM s.u", "CREATE TABLE AS",
     "create table t; read relation s.u"},
    {"SELECT * INTO t FROM u", "SELECT INTO", "create table t; read relation u"},
    {"CREATE MATERIALIZED VIEW v AS SELECT 1", "CREATE MATERIALIZED VIEW",
     "create materialized view v"},
    {"REFRESH MATERIALIZED VIEW v", "REFRESH MATERIALIZED VIEW", "write materialized view v"},
    {"CREATE OR REPLACE VIEW v AS SELECT FROM t", "CREATE VIEW",
     "create view v; read relation t"},
    {"CREATE SEQUENCE s", "CREATE SEQUENCE", "create sequence s"},
    {"CREATE INDEX CONCURRENTLY i ON s.t (a)", "CREATE INDEX",
     "create index s.i on t; alter relation s.t"},
    {"CREATE INDEX ON t (a)", "CREATE INDEX", "alter relation t"},
    {"DROP INDEX CONCURRENTLY IF EXISTS s.i, j", "DROP INDEX", "drop index s.i; drop index j"},
    {"ALTER TABLE ONLY s.t ADD COLUMN a int, DROP COLUMN b, ADD CONSTRAINT c CHECK (true)",
     "ALTER TABLE",
     "alter table s.t; create column s.a on t; drop column s.b on t; create constraint s.c on "
     "t"},
    {"ALTER TABLE t DROP CONSTRAINT c CASCADE", "ALTER TABLE",
     "alter table t; drop constraint c on t"},
    {"ALTER TABLE t ATTACH PARTITION p DEFAULT", "ALTER TABLE", "alter table t; alter table p"},
    {"ALTER TABLE t RENAME TO u", "ALTER TABLE", "alter table t"},
    {"ALTER TABLE t RENAME COLUMN a TO b", "ALTER TABLE",
     "alter column a on t; alter relation t"},
    {"ALTER TABLE t ENABLE ROW LEVEL SECURITY", "ALTER TABLE", "alter table t"},
    {"ALTER INDEX i RENAME TO j", "ALTER INDEX", "alter index i"},
    {"ALTER VIEW v OWNER TO r", "ALTER VIEW", "alter view v"},
    {"ALTER TABLE t SET SCHEMA s", "ALTER TABLE", "alter table t"},
    {"DROP TABLE a, b.c CASCADE", "DROP TABLE", "drop table a; drop table b.c"},
    {"DROP SCHEMA s", "DROP SCHEMA", "drop schema s"},
    {"DROP FUNCTION s.f(int)", "DROP FUNCTION", "drop function s.f"},
    {"DROP TRIGGER g ON s.t", "DROP TRIGGER", "drop trigger s.g on t"},
    {"DROP POLICY p ON t", "DROP POLICY", "drop policy p on t"},
    {"DROP TYPE s.t", "DROP TYPE", "drop type s.t"},
    {"DROP EXTENSION e", "DROP EXTENSION", "drop extension e"},
    {"CREATE SCHEMA s", "CREATE SCHEMA", "create schema s"},
    {"CREATE EXTENSION IF NOT EXISTS pgcrypto", "CREATE EXTENSION",
     "create extension pgcrypto"},
    {"CREATE TYPE s.e AS ENUM ('a')", "CREATE TYPE", "create type s.e"},
    {"CREATE TYPE e AS (a int)", "CREATE TYPE", "create type e"},
    {"ALTER TYPE s.e ADD VALUE 'b'", "ALTER TYPE", "alter type s.e"},
    {"CREATE DOMAIN d AS int", "CREATE DOMAIN", "create domain d"},
    {"CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS ''", "CREATE FUNCTION",
     "create function s.f"},
    {"CREATE PROCEDURE p() LANGUAGE sql AS ''", "CREATE PROCEDURE", "create procedure p"},
    {"CREATE TRIGGER g BEFORE INSERT ON s.t FOR EACH ROW EXECUTE FUNCTION f()",
     "CREATE TRIGGER", "create trigger s.g on t; alter relation s.t"},
    {"CREATE POLICY p ON t USING (a IN (SELECT a FROM u))", "CREATE POLICY",
     "create policy p on t; alter table t; read relation u"},
    {"ALTER POLICY p ON t USING (true)", "ALTER POLICY", "alter policy p on t; alter table t"},
    {"COMMENT ON COLUMN s.t.c IS 'x'", "COMMENT", "alter column s.c on t"},
    {"COMMENT ON TABLE s.t IS 'x'", "COMMENT", "alter table s.t"},
    {"GRANT SELECT ON s.t, u TO r", "GRANT", "alter table s.t; alter table u"},
    {"REVOKE ALL ON SCHEMA s FROM PUBLIC", "REVOKE", "alter schema s"},
    {"INSERT INTO s.t SELECT * FROM u JOIN v USING (a)", "INSERT",
     "write relation s.t; read relation u; read relation v"},
    {"UPDATE t SET a = (SELECT 1 FROM u) FROM v", "UPDATE",
     "write relation t; read relation u; read relation v"},
    {"DELETE FROM t USING u", "DELETE", "write relation t; read relation u"},
    {"WITH w AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM w", "INSERT",
     "write relation u; write relation t"},
    {"TRUNCATE a, s.b", "TRUNCATE TABLE", "write table a; write table s.b"},
    {"SELECT 1", "SELECT", ""},
    {"VALUES (1)", "SELECT", ""},
    {"SET search_path = s", "SET", ""},
    {"RESET ALL", "RESET", ""},
    {"BEGIN", "BEGIN", ""},
    {"START TRANSACTION", "START TRANSACTION", ""},
    {"END", "COMMIT", ""},
    {"VACUUM t", "VACUUM", "alter relation t"},
    {"ANALYZE", "ANALYZE", ""},
    {"DO 'x'", "DO", ""},
    {"LOCK TABLE t", "LOCK TABLE", "alter table t"},
    {"REINDEX INDEX i", "REINDEX", "alter index i"},
    {"COPY t TO stdout", "COPY", "read relation t"},
    {"COPY t FROM '/x'", "COPY", "write relation t"},
    {"CREATE ROLE r", "CREATE ROLE", "create role r"},
    {"DISCARD TEMP", "DISCARD TEMP", ""},
    {"CREATE AGGREGATE s.a (int) (sfunc = f, stype = int)", "CREATE AGGREGATE",
     "create aggregate s.a"},
    {"CREATE STATISTICS s ON a, b FROM t", "CREATE STATISTICS",
     "create statistics s; read relation t"},
};

static void tags_and_objects_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(statements); i++) {
        struct arena arena = {0};
        struct strbuf objects = {0};
        struct sql_script script = describe(statements[i].text, &arena);
        const struct sql_statement *statement = &script.statements[0];
        write_objects(&objects, statement);
        if (statement->judgement != SQL_PARSED ||
            strcmp(statement->tag, statements[i].tag) != 0 ||
            !str_eq(strbuf_str(&objects), statements[i].objects)) {
            fail_msg("%s: %s, \"%s\": %.*s", statements[i].text,
                     sql_judgement_name(statement->judgement), statement->tag,
                     STR_ARG(strbuf_str(&objects)));
        }
        strbuf_release(&objects);
        arena_release(&arena);
    }
}

static const struct {
    const char *text;
    enum sql_fact transactional;
} blocks[] = {
    {"CREATE TABLE t ()", SQL_YES},
    {"CREATE INDEX i ON t (a)", SQL_YES},
    {"CREATE INDEX CONCURRENTLY i ON t (a)", SQL_NO},
    {"DROP INDEX CONCURRENTLY i", SQL_NO},
    {"DROP INDEX i", SQL_YES},
    {"REINDEX TABLE t", SQL_YES},
    {"REINDEX TABLE CONCURRENTLY t", SQL_NO},
    {"REINDEX (CONCURRENTLY off) TABLE t", SQL_YES},
    {"REINDEX SCHEMA s", SQL_NO},
    {"REINDEX DATABASE d", SQL_NO},
    {"VACUUM", SQL_NO},
    {"VACUUM (ANALYZE) t", SQL_NO},
    {"ANALYZE t", SQL_YES},
    {"CLUSTER", SQL_NO},
    {"CLUSTER t", SQL_YES},
    {"CREATE DATABASE d", SQL_NO},
    {"DROP DATABASE d", SQL_NO},
    {"ALTER DATABASE d SET TABLESPACE s", SQL_NO},
    {"ALTER DATABASE d CONNECTION LIMIT 1", SQL_YES},
    {"ALTER SYSTEM SET a = 1", SQL_NO},
    {"CREATE TABLESPACE s LOCATION '/x'", SQL_NO},
    {"DROP TABLESPACE s", SQL_NO},
    {"CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p", SQL_NO},
    {"CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (create_slot = false)", SQL_YES},
    {"CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (connect = false)", SQL_YES},
    {"ALTER SUBSCRIPTION s REFRESH PUBLICATION", SQL_NO},
    {"ALTER SUBSCRIPTION s SET PUBLICATION p", SQL_NO},
    {"ALTER SUBSCRIPTION s SET PUBLICATION p WITH (refresh = false)", SQL_YES},
    {"ALTER SUBSCRIPTION s DISABLE", SQL_YES},
    {"DROP SUBSCRIPTION s", SQL_UNKNOWN},
    {"ALTER TABLE t DETACH PARTITION p", SQL_YES},
    {"ALTER TABLE t DETACH PARTITION p CONCURRENTLY", SQL_NO},
    {"ALTER TYPE e ADD VALUE 'a'", SQL_YES},
    {"DISCARD ALL", SQL_NO},
    {"DISCARD PLANS", SQL_YES},
    {"COMMIT PREPARED 'a'", SQL_NO},
    {"MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE RETURNING *", SQL_UNKNOWN},
};

/* Twenty thousand INSERTs into three tables must not keep twenty thousand lists. */
static void equal_objects_are_kept_once(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct strbuf text = {0};
    struct sql_script script;
    struct sql_trouble trouble;
    for (int i = 0; i < 2000; i++) {
        strbuf_format(&text, "INSERT INTO s.t%d VALUES (%d);\n", i % 3, i);
    }
    strbuf_text(&text, "SELECT 1;\nDELETE FROM t0;\nSELECT * FROM s.t0;\n");
    assert_true(sql_cut(strbuf_str(&text), NULL, &arena, &script, &trouble));
    size_t before = arena.used;
    sql_describe(&script, &arena);
    assert_true(arena.used - before < 2000);
    for (size_t i = 0; i < 2000; i++) {
        assert_ptr_equal(script.statements[i].objects, script.statements[i % 3].objects);
        assert_int_equal(script.statements[i].object_count, 1);
    }
    struct strbuf objects = {0};
    for (size_t i = 1998; i < script.count; i++) { /* and nothing is shared that differs */
        strbuf_text(&objects, i > 1998 ? " | " : "");
        write_objects(&objects, &script.statements[i]);
    }
    assert_string_equal(objects.ptr, "write relation s.t0 | write relation s.t1 |  | write "
                                     "relation t0 | read relation s.t0");
    strbuf_release(&objects);
    strbuf_release(&text);
    arena_release(&arena);
}

static void count_objects(void *seen, const struct sql_statement *statement, size_t index,
                          const struct sql_facts *facts)
{
    (void)index;
    (void)facts;
    for (size_t i = 0; i < statement->object_count; i++) {
        *(size_t *)seen += statement->objects[i].name.len;
    }
}

/* Behind the first few, objects and names are found by their hashes. */
static void many_objects_are_told_once_each(void **state)
{
    (void)state;
    enum {
        MANY = 100
    };
    struct arena arena = {0};
    struct strbuf text = {0};
    strbuf_text(&text, "DROP TABLE ");
    for (int i = 0; i < 2 * MANY; i++) {
        strbuf_format(&text, "%ss.t%d", i > 0 ? ", " : "", i % MANY);
    }
    strbuf_text(&text, ";\nWITH ");
    for (int i = 0; i < MANY; i++) {
        strbuf_format(&text, "%sw%d AS (INSERT INTO u%d SELECT FROM r%d)", i > 0 ? ", " : "", i,
                      i, i % 50);
    }
    strbuf_text(&text, " SELECT FROM w7, w99, other, s.w7;\n");
    struct sql_script script = describe(text.ptr, &arena);
    assert_int_equal(script.count, 2);
    assert_int_equal(script.statements[0].object_count, MANY);
    assert_true(str_eq(script.statements[0].objects[MANY - 1].written, "s.t99"));
    const struct sql_statement *with = &script.statements[1];
    assert_int_equal(with->object_count, MANY + 50 + 2); /* other and s.w7 */
    for (size_t i = 0; i < with->object_count; i++) {
        bool written = i < MANY;
        assert_int_equal(with->objects[i].use, written ? SQL_USE_WRITE : SQL_USE_READ);
    }
    strbuf_release(&text);
    arena_release(&arena);
}

static void objects_may_pass(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct sql_trouble trouble;
    struct sql_script script;
    size_t seen = 0;
    assert_true(
        sql_cut(STR("DROP TABLE a, b;\nDROP TABLE a, b;\n"), NULL, &arena, &script, &trouble));
    script.objects_pass = true;
    sql_study(&script, 15, &arena, count_objects, &seen);
    assert_int_equal(seen, 4);
    for (size_t i = 0; i < script.count; i++) {
        assert_int_equal(script.statements[i].object_count, 0);
        assert_null(script.statements[i].objects);
        assert_string_equal(script.statements[i].tag, "DROP TABLE");
    }
    arena_release(&arena);
}

static void transaction_blocks_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        struct arena arena = {0};
        struct sql_script script = describe(blocks[i].text, &arena);
        if (script.statements[0].transactional != blocks[i].transactional) {
            fail_msg("%s: %d", blocks[i].text, (int)script.statements[0].transactional);
        }
        arena_release(&arena);
    }
}

static void syntax_errors_have_their_place_in_the_file(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct sql_script script =
        describe("SELECT 1;\n  SELECT '\xc3\xa4\xc3\xa4',\n \xe2\x82\xac FRM t;", &arena);
    const struct sql_statement *statement = &script.statements[1];
    assert_int_equal(script.statements[0].judgement, SQL_PARSED);
    assert_int_equal(statement->judgement, SQL_MISTAKE);
    assert_non_null(strstr(sql_statement_misread(statement).message.ptr, "syntax error"));
    assert_int_equal(sql_statement_misread(statement).where.line, 3);
    assert_int_equal(sql_statement_misread(statement).where.column, 8);
    assert_int_equal(sql_statement_misread(statement).where.offset,
                     str_find_byte(script.text, 't', statement->offset + 20));
    assert_int_equal(statement->transactional, SQL_UNKNOWN);
    arena_release(&arena);
}

/* Each refused by the grammar of 15: mistakes are told from what later versions can read. */
static void newer_syntax_is_no_mistake(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum sql_judgement judgement;
    } table[] = {
        {"SELEC 1", SQL_MISTAKE},
        {"SELECT FROM WHERE", SQL_MISTAKE},
        {"CREATE TABEL t (a int)", SQL_MISTAKE},
        {"ALTER TABLE t ADD COLUM a b c", SQL_MISTAKE},
        {"SELECT 12abc", SQL_MISTAKE},
        {"SELECT 'json_table' FRM x y", SQL_MISTAKE},
        {"SELECT 1 FRM x y WHERE a = b AND c = json_table", SQL_MISTAKE},
        {"SELECT * FROM (SELECT 1)", SQL_CANNOT_JUDGE},
        {"SELECT 1_000", SQL_CANNOT_JUDGE},
        {"SELECT 0xff", SQL_CANNOT_JUDGE},
        {"SELECT a IS JSON FROM t", SQL_CANNOT_JUDGE},
        {"SELECT JSON_OBJECT('a': 1)", SQL_CANNOT_JUDGE},
        {"SELECT JSON_ARRAY(1 NULL ON NULL)", SQL_CANNOT_JUDGE},
        {"CREATE TABLE t (a text STORAGE plain)", SQL_CANNOT_JUDGE},
        {"GRANT a TO b WITH INHERIT TRUE", SQL_CANNOT_JUDGE},
        {"SELECT * FROM JSON_TABLE('[]', '$[*]' COLUMNS (a int))", SQL_CANNOT_JUDGE},
        {"MERGE INTO t USING s ON t.a = s.a WHEN NOT MATCHED BY SOURCE THEN DELETE",
         SQL_CANNOT_JUDGE},
        {"MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE RETURNING t.a",
         SQL_CANNOT_JUDGE},
        {"SELECT now() AT LOCAL", SQL_CANNOT_JUDGE},
        {"ALTER TABLE t ALTER COLUMN a SET EXPRESSION AS (b + 1)", SQL_CANNOT_JUDGE},
        {"CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL)", SQL_CANNOT_JUDGE},
        {"CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1))", SQL_CANNOT_JUDGE},
        {"ALTER TABLE t ADD CONSTRAINT p PRIMARY KEY (a, d WITHOUT OVERLAPS)",
         SQL_CANNOT_JUDGE},
        {"ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT ENFORCED", SQL_CANNOT_JUDGE},
        {"ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID", SQL_CANNOT_JUDGE},
        {"UPDATE t SET a = 1 RETURNING WITH (OLD AS o) o.a", SQL_CANNOT_JUDGE},
        {"VACUUM ONLY t", SQL_CANNOT_JUDGE},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct arena arena = {0};
        struct sql_statement statement = {.standard_strings = true, .line = 1, .column = 1};
        sql_describe_one(str_from(table[i].text), &statement, &arena);
        if (statement.judgement != table[i].judgement) {
            fail_msg("%s: %s, %.*s", table[i].text, sql_judgement_name(statement.judgement),
                     STR_ARG(sql_statement_misread(&statement).message));
        }
        arena_release(&arena);
    }
}

static void deep_statements_are_not_analysed(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        const char *part;
        size_t count;
        enum sql_judgement judgement;
    } table[] = {
        {"SELECT 1", "+1", 1900, SQL_PARSED},
        {"SELECT 1", "+1", 5000, SQL_NOT_ANALYSED},
        {"SELECT 1", "+(1)", 5000, SQL_NOT_ANALYSED},
        {"SELECT 1", "+f(1,2)", 5000, SQL_NOT_ANALYSED},
        {"SELECT 'a'", "||'a'", 50000, SQL_NOT_ANALYSED},
        {"SELECT 1", " UNION SELECT 1", 5000, SQL_NOT_ANALYSED},
        {"SELECT ", "f(", 5000, SQL_NOT_ANALYSED},
        {"SELECT 1", ",1+1", 5000, SQL_PARSED},
        {"SELECT true", " AND 1=1", 5000, SQL_PARSED},
        {"INSERT INTO t VALUES (1)", ",(1+1)", 20000, SQL_PARSED},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct arena arena = {0};
        struct strbuf text = {0};
        struct sql_statement statement = {.standard_strings = true, .line = 1, .column = 1};
        strbuf_text(&text, table[i].head);
        for (size_t part = 0; part < table[i].count; part++) {
            strbuf_text(&text, table[i].part);
        }
        sql_describe_one(strbuf_str(&text), &statement, &arena);
        if (statement.judgement != table[i].judgement) {
            fail_msg("%s%s...: %s", table[i].head, table[i].part,
                     sql_judgement_name(statement.judgement));
        }
        strbuf_release(&text);
        arena_release(&arena);
    }
}

static void the_outer_transaction_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum sql_outer outer;
        size_t culprit;
    } table[] = {
        {"", SQL_OUTER_NONE, 0},
        {"SELECT 1; SAVEPOINT a;", SQL_OUTER_NONE, 0},
        {"BEGIN; SELECT 1; COMMIT;", SQL_OUTER_ONE, 0},
        {"START TRANSACTION; SAVEPOINT a; ROLLBACK TO a; END;", SQL_OUTER_ONE, 0},
        {"-- x\nBEGIN; COMMIT; -- y", SQL_OUTER_ONE, 0},
        {"BEGIN; SELECT 1;", SQL_OUTER_OPEN, 0},
        {"SELECT 1; BEGIN; COMMIT;", SQL_OUTER_STRAY, 1},
        {"BEGIN; COMMIT; SELECT 1;", SQL_OUTER_STRAY, 1},
        {"BEGIN; COMMIT; BEGIN; COMMIT;", SQL_OUTER_STRAY, 2},
        {"BEGIN; ROLLBACK;", SQL_OUTER_STRAY, 1},
        {"BEGIN; COMMIT AND CHAIN;", SQL_OUTER_STRAY, 1},
        {"BEGIN; PREPARE TRANSACTION 'a';", SQL_OUTER_STRAY, 1},
        {"BEGIN; BEGIN; COMMIT;", SQL_OUTER_STRAY, 1},
        {"SELECT 1; COMMIT;", SQL_OUTER_STRAY, 1},
        {"SELECT 1; DO $$ BEGIN COMMIT; END $$;", SQL_OUTER_HIDDEN, 1},
        {"DO $$ BEGIN RAISE NOTICE 'COMMIT'; /* COMMIT */ END $$;", SQL_OUTER_NONE, 0},
        {"CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN COMMIT; END';", SQL_OUTER_NONE, 0},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct arena arena = {0};
        struct sql_script script = describe(table[i].text, &arena);
        struct sql_transaction found = sql_outer_transaction(&script);
        if (found.outer != table[i].outer || found.culprit != table[i].culprit) {
            fail_msg("%s: %d, %zu", table[i].text, (int)found.outer, found.culprit);
        }
        bool fine = found.outer == SQL_OUTER_NONE || found.outer == SQL_OUTER_ONE;
        assert_int_equal(found.err.kind == ERR_NONE, fine);
        assert_int_equal(found.err.hint[0] == '\0', fine);
        arena_release(&arena);
    }
}

static void blocks_that_may_end_transactions_are_marked(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum sql_fact hides;
    } table[] = {
        {"SELECT 1", SQL_NO},
        {"DO $$ BEGIN PERFORM 1; END $$", SQL_NO},
        {"DO $$ BEGIN ROLLBACK; END $$", SQL_YES},
        {"DO $$ BEGIN EXECUTE 'x'; END $$", SQL_UNKNOWN},
        {"DO LANGUAGE plperl $$ COMMIT $$", SQL_UNKNOWN},
        {"CALL p()", SQL_UNKNOWN},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct arena arena = {0};
        struct sql_script script = describe(table[i].text, &arena);
        assert_int_equal(script.statements[0].hides_control, table[i].hides);
        arena_release(&arena);
    }
}

static void json_tells_only_what_is_known(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct strbuf out = {0};
    struct sql_script script = describe("\nDROP TABLE \"A\";\nSELEC 1;", &arena);
    struct json *list = json_make_array();
    for (size_t i = 0; i < script.count; i++) {
        json_push_take(list, sql_statement_json(&script, i));
    }
    json_write(&out, list, JSON_ONE_LINE);
    assert_string_equal(
        out.ptr,
        "[{\"n\":1,\"line\":2,\"column\":1,\"offset\":1,"
        "\"length\":15,\"sql\":\"DROP TABLE \\\"A\\\";\",\"tag\":\"DROP TABLE\","
        "\"transactional\":true,\"judgement\":\"parsed\",\"objects\":[{\"use\":\"drop\","
        "\"kind\":\"table\",\"name\":\"A\",\"written\":\"\\\"A\\\"\"}]},{\"n\":2,\"line\":3,"
        "\"column\":1,\"offset\":17,\"length\":8,\"sql\":\"SELEC 1;\",\"judgement\":"
        "\"mistake\",\"message\":{\"text\":\"syntax error at or near \\\"SELEC\\\"\","
        "\"line\":3,\"column\":1,\"offset\":17}}]");
    json_free(list);
    strbuf_release(&out);
    arena_release(&arena);
}

static void names_and_literals_are_quoted_where_needed(void **state)
{
    (void)state;
    static const struct {
        const char *plain;
        const char *name;
        const char *literal;
    } table[] = {
        {"a_1", "a_1", "'a_1'"},
        {"A", "\"A\"", "'A'"},
        {"1a", "\"1a\"", "'1a'"},
        {"", "\"\"", "''"},
        {"a\"b", "\"a\"\"b\"", "'a\"b'"},
        {"it's", "\"it's\"", "'it''s'"},
        {"a\\'", "\"a\\'\"", "E'a\\\\'''"},
        {"select", "\"select\"", "'select'"},
        {"all", "\"all\"", "'all'"},
        {"xmltable", "\"xmltable\"", "'xmltable'"},
        {"system_user", "\"system_user\"", "'system_user'"},
        {"json_table", "\"json_table\"", "'json_table'"},
        {"table_a", "table_a", "'table_a'"},
        {"\xc3\xa4", "\"\xc3\xa4\"", "'\xc3\xa4'"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct strbuf out = {0};
        sql_quote_ident(&out, str_from(table[i].plain));
        assert_string_equal(out.ptr, table[i].name);
        strbuf_clear(&out);
        sql_quote_literal(&out, str_from(table[i].plain));
        assert_string_equal(out.ptr, table[i].literal);
        strbuf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_and_objects_are_read),
        cmocka_unit_test(equal_objects_are_kept_once),
        cmocka_unit_test(many_objects_are_told_once_each),
        cmocka_unit_test(objects_may_pass),
        cmocka_unit_test(transaction_blocks_are_judged),
        cmocka_unit_test(syntax_errors_have_their_place_in_the_file),
        cmocka_unit_test(newer_syntax_is_no_mistake),
        cmocka_unit_test(deep_statements_are_not_analysed),
        cmocka_unit_test(the_outer_transaction_is_found),
        cmocka_unit_test(blocks_that_may_end_transactions_are_marked),
        cmocka_unit_test(json_tells_only_what_is_known),
        cmocka_unit_test(names_and_literals_are_quoted_where_needed),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sql_describe", tests, NULL, NULL);
}
