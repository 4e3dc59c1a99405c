/* SPDX-License-Identifier: PostgreSQL */
/*
 * What is known of bodies: of DO blocks, whose statements become actions with places in the
 * file, and of functions, whose text is only looked at. Types, enums and domains beside them.
 */
#include "facts_text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void blocks_are_looked_into(void **state)
{
    (void)state;
    static const struct studied rows[] = {
        {"DO $$ BEGIN DELETE FROM t WHERE id = 3; END $$",
         "DO work=catalog rerun=yes loss=nothing undo=not needed\n"
         ".DELETE relation t change(where(id))\n"},
        {"DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'mood') THEN CREATE "
         "TYPE mood AS ENUM ('a'); END IF; END $$",
         "DO work=catalog rerun=yes loss=nothing undo=not needed\n"
         ".SELECT other=pg_type change(reads=pg_type)\n"
         ".CREATE_ENUM type mood conditional rerun=unknown undo=knowledge\n"},
        {"DO $$ BEGIN CREATE TYPE app.mood AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN "
         "NULL; END $$",
         "DO work=catalog rerun=yes loss=nothing undo=not needed\n"
         ".CREATE_ENUM type app.mood conditional rerun=unknown undo=knowledge\n"},
        {"DO $$ BEGIN DELETE FROM t; EXCEPTION WHEN others THEN RAISE NOTICE 'no'; END $$",
         "DO work=catalog rerun=yes loss=nothing undo=not needed\n"
         ".DELETE relation t conditional loss=data\n"
         "swallow at 1:43\n"},
        {"DO $$ BEGIN DELETE FROM t; EXCEPTION WHEN unique_violation OR others THEN RAISE; END "
         "$$",
         "DO work=catalog rerun=yes loss=nothing undo=not needed\n"
         ".DELETE relation t conditional loss=data\n"},
        {"DO $$ BEGIN EXECUTE 'DROP TYPE x; DELETE FROM a'; EXECUTE 'DELETE ' || 'FROM b'; "
         "EXECUTE format('DROP TABLE %I', t); END $$",
         "DO\n"
         ".DROP_TYPE type x\n"
         ".DELETE relation a loss=data\n"
         ".DELETE relation b loss=data\n"
         "opaque at 1:90: dynamic SQL (EXECUTE)\n"},
        {"DO $$ DECLARE n bigint := (SELECT count(*) FROM t); r record; BEGIN FOR r IN SELECT "
         "* FROM u LOOP UPDATE v SET a = r.a; END LOOP; PERFORM setval('s', n); PERFORM "
         "app.f(); CALL app.p(); END $$",
         "DO work=catalog rerun=yes loss=nothing undo=not needed\n"
         ".SELECT other=t change(reads=t count())\n"
         ".SELECT other=u change(reads=u)\n"
         ".UPDATE relation v conditional change(columns=a)\n"
         ".SELECT undo=knowledge change(setval(s))\n"
         ".SELECT work=unknown rerun=unknown loss=unknown undo=unknown change(app.f())\n"
         ".CALL procedure app.p\n"},
        {"DO $$ BEGIN IF a THEN RETURN; END IF; DELETE FROM t; END $$",
         "DO work=catalog rerun=yes loss=nothing undo=not needed\n"
         ".DELETE relation t conditional loss=data\n"},
        {"DO $$ BEGIN LOOP DELETE FROM t; EXIT; END LOOP; DELETE FROM u; END $$",
         "DO work=catalog rerun=yes loss=nothing undo=not needed\n"
         ".DELETE relation t conditional loss=data\n"
         ".DELETE relation u loss=data\n"},
        {"DO LANGUAGE plpython3u $$ x $$", "DO\n"
                                           "opaque at 1:24: language plpython3u\n"},
        {"DO $$ BEGIN this is not; END $$", "DO\n"
                                            "opaque at 1:4: the body did not parse\n"},
        {"DO 'BEGIN DELETE FROM t WHERE a = ''x''; END'",
         "DO work=catalog rerun=yes loss=nothing undo=not needed\n"
         ".DELETE relation t change(where(a))\n"},
        {"DO $$ BEGIN DO 'BEGIN DELETE FROM t; END'; END $$",
         "DO work=catalog rerun=yes loss=nothing undo=not needed\n"
         ".DO work=catalog rerun=yes loss=nothing undo=not needed\n"
         "..DELETE relation t loss=data\n"},
    };
    assert_int_equal(facts_wrong(rows, COUNT_OF(rows)), 0);
}

static void routines_are_described(void **state)
{
    (void)state;
    static const struct studied rows[] = {
        {"CREATE FUNCTION app.f(a int, b text[], OUT c int) RETURNS int LANGUAGE plpgsql "
         "SECURITY DEFINER STABLE SET search_path = '' AS $$ BEGIN DELETE FROM t; EXECUTE a; "
         "RETURN 1; END $$",
         "CREATE_ROUTINE function app.f undo_sql=DROP FUNCTION app.f(int4, text[]) "
         "routine(function language=plpgsql definer search_path volatility=s arguments: int4, "
         "text[] returns int4 body= BEGIN DELETE FROM t; EXECUTE a; RETURN 1; END )\n"},
        {"CREATE OR REPLACE PROCEDURE p(INOUT a text) LANGUAGE sql AS 'DELETE FROM t'",
         "REPLACE_ROUTINE procedure p guarded routine(procedure replaces language=sql "
         "arguments: text body=DELETE FROM t)\n"},
        {"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELEC 1'",
         "CREATE_ROUTINE function f undo_sql=DROP FUNCTION f() routine(function language=sql "
         "returns int4 body=SELEC 1)\n"
         "opaque at 1:49: the body did not parse\n"},
        {"CREATE FUNCTION f() RETURNS SETOF app.t LANGUAGE plpgsql AS $$ BEGIN x; END $$",
         "CREATE_ROUTINE function f undo_sql=DROP FUNCTION f() routine(function "
         "language=plpgsql returns app.t body= BEGIN x; END )\n"
         "opaque at 1:61: the body did not parse\n"},
        {"CREATE FUNCTION f(a int) RETURNS int RETURN a + 1",
         "CREATE_ROUTINE function f undo_sql=DROP FUNCTION f(int4) routine(function "
         "language=sql arguments: int4 returns int4)\n"},
        {"CREATE FUNCTION f(a t.b%TYPE) RETURNS int LANGUAGE c AS 'file', 'symbol'",
         "CREATE_ROUTINE function f undo_sql=DROP FUNCTION f(t.b%TYPE) routine(function "
         "language=c arguments: \"t.b%TYPE\" returns int4 body=file)\n"},
        {"ALTER FUNCTION app.f(int) SECURITY DEFINER SET search_path = app",
         "ALTER_ROUTINE function app.f routine(function definer search_path)\n"},
        {"ALTER FUNCTION f RESET search_path", "ALTER_ROUTINE function f routine(function)\n"},
        {"CALL app.p(1)", "CALL procedure app.p\n"},
    };
    assert_int_equal(facts_wrong(rows, COUNT_OF(rows)), 0);
}

static void types_are_described(void **state)
{
    (void)state;
    static const struct studied rows[] = {
        {"CREATE TYPE mood AS ENUM ('a', 'b')",
         "CREATE_ENUM type mood undo_sql=DROP TYPE mood\n"},
        {"CREATE TYPE app.pair AS (a int, b text)",
         "CREATE_TYPE type app.pair undo_sql=DROP TYPE app.pair\n"},
        {"CREATE TYPE r AS RANGE (subtype = int4)",
         "CREATE_TYPE type r undo_sql=DROP TYPE r\n"},
        {"CREATE TYPE base", "CREATE_TYPE type base undo_sql=DROP TYPE base\n"},
        {"ALTER TYPE app.mood ADD VALUE IF NOT EXISTS 'c' AFTER 'b'",
         "ADD_ENUM_VALUE type app.mood part=c neighbour=b guarded rerun=yes\n"},
        {"ALTER TYPE mood ADD VALUE 'it''s'", "ADD_ENUM_VALUE type mood part=it's\n"},
        {"ALTER TYPE mood RENAME VALUE 'a' TO 'it''s'",
         "RENAME_ENUM_VALUE type mood part=a renamed=it's undo_sql=ALTER TYPE mood RENAME "
         "VALUE 'it''s' TO 'a'\n"},
        {"ALTER TYPE t SET (STORAGE = plain)", "ALTER_TYPE type t\n"},
        {"CREATE DOMAIN app.email AS varchar(80) NOT NULL DEFAULT 'x' CHECK (value ~ '@')",
         "CREATE_DOMAIN domain app.email undo_sql=DROP DOMAIN app.email column(\"varchar\"(80) "
         "not_null default(constant)) constraint(check check(value))\n"},
        {"ALTER DOMAIN d ADD CONSTRAINT c CHECK (value > 0) NOT VALID",
         "ALTER_DOMAIN_CONSTRAINT domain d part=c work=catalog undo=statement undo_sql=ALTER "
         "DOMAIN d DROP CONSTRAINT c constraint(check name=c not_valid check(value))\n"},
        {"ALTER DOMAIN d ADD CHECK (value > 0)",
         "ALTER_DOMAIN_CONSTRAINT domain d constraint(check check(value))\n"},
        {"ALTER DOMAIN d SET NOT NULL",
         "ALTER_DOMAIN_CONSTRAINT domain d rerun=yes undo=statement undo_sql=ALTER DOMAIN d "
         "DROP NOT NULL\n"},
        {"ALTER DOMAIN d VALIDATE CONSTRAINT c",
         "ALTER_DOMAIN_CONSTRAINT domain d part=c rerun=yes undo=not needed\n"},
        {"ALTER DOMAIN d DROP CONSTRAINT IF EXISTS c CASCADE",
         "ALTER_DOMAIN domain d part=c guarded cascade rerun=yes loss=guarantee\n"},
        {"ALTER DOMAIN d DROP DEFAULT", "ALTER_DOMAIN domain d rerun=yes loss=guarantee\n"},
        {"ALTER DOMAIN d SET DEFAULT 3", "ALTER_DOMAIN domain d rerun=yes\n"},
    };
    assert_int_equal(facts_wrong(rows, COUNT_OF(rows)), 0);
}

static void what_is_opaque_or_swallowed_has_its_place(void **state)
{
    (void)state;
    static const struct studied rows[] = {
        {"SELECT 1;\n\nDO $$\nBEGIN\n  EXECUTE x;\nEXCEPTION\n  WHEN others THEN NULL;\nEND $$",
         "SELECT\nDO\nopaque at 5:11: dynamic SQL (EXECUTE)\nswallow at 7:8\n"},
        {"DO 'BEGIN\n  EXECUTE ''a'' || x;\nEXCEPTION\n  WHEN others THEN NULL;\nEND'",
         "DO\nopaque at 2:3: dynamic SQL (EXECUTE)\nswallow at 4:3\n"},
        {"DO LANGUAGE plpgsql $a$ BEGIN\n BEGIN EXECUTE x; EXCEPTION WHEN others THEN RAISE; "
         "END;\n"
         " BEGIN EXECUTE x; EXCEPTION WHEN others THEN NULL; END; END $a$",
         "DO\nopaque at 2:16: dynamic SQL (EXECUTE)\nopaque at 3:16: dynamic SQL (EXECUTE)\n"
         "swallow at 3:34\n"},
    };
    assert_int_equal(facts_wrong(rows, COUNT_OF(rows)), 0);
}

static void remember_offset(void *context, const struct sql_statement *statement, size_t index,
                            const struct sql_facts *facts)
{
    (void)statement;
    (void)index;
    if (facts->action_count > 0) {
        *(size_t *)context = facts->actions[facts->action_count - 1].offset;
    }
}

static void the_last_action_points_into_the_file(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *there; /* what stands at the offset of the last action */
    } rows[] = {
        {"SELECT 1; DELETE FROM \"t t\"", "\"t t\""},
        {"-- x\nDO $$ BEGIN\n DELETE FROM tab; END $$", "tab; END"},
        {"DO $$ BEGIN IF (SELECT f FROM tab) THEN NULL; END IF; END $$", "(SELECT f"},
        {"DO $$ BEGIN PERFORM 1 FROM tab; PERFORM 1 FROM tab2 FOR UPDATE; END $$", "tab2 FOR"},
        {"DO $$ DECLARE a int; BEGIN SELECT b INTO a FROM tab FOR UPDATE; END $$", "tab FOR"},
        {"DO $$ BEGIN DELETE FROM tab; DELETE FROM tab; NULL; END $$", "tab; NULL"},
        {"DO $$ BEGIN DELETE\nFROM tab; DELETE FROM tab; NULL; END $$", "tab; NULL"},
        {"DO 'BEGIN DELETE FROM tab; END'", "tab; END"},
        {"DO 'BEGIN\n  DELETE FROM tab WHERE a = ''x''; END'", "DELETE FROM tab"},
        {"DO $$ BEGIN DO $a$ BEGIN DELETE FROM tab; END $a$; END $$", "tab; END"},
        {"DO $$ BEGIN EXECUTE 'DROP TABLE tab'; END $$", "'DROP TABLE tab'"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena arena = {0};
        struct sql_script script;
        struct sql_trouble trouble;
        size_t offset = 0;
        assert_true(sql_cut(str_from(rows[i].text), NULL, &arena, &script, &trouble));
        sql_study(&script, 15, &arena, remember_offset, &offset);
        if (!str_starts(str_slice(script.text, offset, script.text.len), rows[i].there)) {
            fail_msg("%s: points at %s", rows[i].text, rows[i].text + offset);
        }
        arena_release(&arena);
    }
}

/* Variables of types that only a catalog knows: rows, domains, columns. */
static void fields_of_rows_are_assigned(void **state)
{
    (void)state;
    static const struct studied rows[] = {
        {"DO $$ DECLARE n int := 3; r public.t; c t.a%TYPE; d app.mood NOT NULL DEFAULT 'x';\n"
         "BEGIN SELECT 1, 2 INTO r.a, r.b FROM t; r.a := 1; DELETE FROM u; EXECUTE r.a;\n"
         "DECLARE s t%ROWTYPE; BEGIN s.b := c; END; END $$",
         "DO\n.SELECT other=t change(reads=t)\n.DELETE relation u loss=data\n"
         "opaque at 2:74: dynamic SQL (EXECUTE)\n"},
        {"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $f$ DECLARE r app.t; "
         "BEGIN r.a := 1; RETURN NEW; END $f$",
         "CREATE_ROUTINE function f undo_sql=DROP FUNCTION f() routine(function "
         "language=plpgsql returns trigger body= DECLARE r app.t; BEGIN r.a := 1; RETURN NEW; "
         "END )\n"},
        {"DO $$ DECLARE r app.t; BEGIN r.a := 1; IF r THEN; END $$",
         "DO\nopaque at 1:4: the body did not parse\n"},
    };
    assert_int_equal(facts_wrong(rows, COUNT_OF(rows)), 0);
}

#define SIXTY "a23456789_123456789_123456789_123456789_123456789_123456789_"

static void long_names_are_told_as_written(void **state)
{
    (void)state;
    static const struct studied rows[] = {
        {"SELECT " SIXTY "abc", "SELECT\n"},
        {"SELECT " SIXTY "abcd, " SIXTY "abcd, \"" SIXTY "abc\"",
         "SELECT\nlong name " SIXTY "abcd\n"},
        {"SELECT \"" SIXTY "a\"\"bc\"", "SELECT\nlong name \"" SIXTY "a\"\"bc\"\n"},
        {"SELECT \"" SIXTY "a\"\"b\"", "SELECT\n"},
        {"SELECT \"" SIXTY "\xc3\xa9\xc3\xa9\"",
         "SELECT\nlong name \"" SIXTY "\xc3\xa9\xc3\xa9\"\n"},
        {"SELECT U&\"" SIXTY "\\0041\\+000042\\\\\"", "SELECT\n"},
        {"SELECT U&\"" SIXTY "\\20AC\\0041\"",
         "SELECT\nlong name U&\"" SIXTY "\\20AC\\0041\"\n"},
        {"SELECT '" SIXTY "abcd', $$" SIXTY "abcd$$ -- " SIXTY "abcd", "SELECT\n"},
        {"DO $$ BEGIN DROP TABLE " SIXTY "abcd; END $$",
         "DO work=catalog rerun=yes loss=nothing undo=not needed\n"
         ".DROP_TABLE table " SIXTY "abc\nlong name " SIXTY "abcd\n"},
    };
    assert_int_equal(facts_wrong(rows, COUNT_OF(rows)), 0);
}

/* A body of `times` repetitions, for texts that nobody writes by hand. */
static struct str repeated(struct strbuf *out, const char *before, const char *text, int times,
                           const char *after)
{
    strbuf_clear(out);
    strbuf_text(out, before);
    for (int i = 0; i < times; i++) {
        strbuf_text(out, text);
    }
    strbuf_text(out, after);
    return strbuf_str(out);
}

static void hostile_bodies_are_opaque(void **state)
{
    (void)state;
    static const struct {
        const char *before, *text;
        int times;
        const char *after;
    } bodies[] = {
        {"DO $$ ", "BEGIN ", 10000, " $$"},
        {"DO $$ BEGIN ", "IF a THEN ", 10000, " END $$"},
        {"DO $$ BEGIN ", "LOOP ", 10000, " END $$"},
        {"DO $$ BEGIN x := ", "(", 10000, "; END $$"},
        {"DO $$ BEGIN x := 1", " + 1", 10000, "; END $$"},
        {"DO $$ BEGIN x := ", "CASE WHEN a THEN ", 10000, "; END $$"},
        {"DO $$ BEGIN ", "NULL; ", 200000, "END $$"},
        {"DO $$", "", 0, "$$"},
        {"DO $$ BEGIN x := 'never ends; END $$", "", 0, ""},
        {"DO $$ BEGIN /* never ends; END $$", "", 0, ""},
        {"DO $$ BEGIN $a$ END; $$", "", 0, ""},
    };
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        struct strbuf text = {0};
        struct strbuf facts = {0};
        facts_study(
            &facts,
            repeated(&text, bodies[i].before, bodies[i].text, bodies[i].times, bodies[i].after),
            15);
        if (!str_starts(strbuf_str(&facts), "DO\nopaque at 1:4: the body ")) {
            fail_msg("%s%s...: %s", bodies[i].before, bodies[i].text, facts.ptr);
        }
        strbuf_release(&facts);
        strbuf_release(&text);
    }
}

/* IF EXISTS is no branch: a long list of them is not deep. */
static void long_bodies_are_read(void **state)
{
    (void)state;
    struct strbuf text = {0};
    struct strbuf facts = {0};
    facts_study(&facts,
                repeated(&text, "DO $$ BEGIN ", "DROP TABLE IF EXISTS t; ", 2000, "END $$"),
                15);
    assert_null(strstr(facts.ptr, "opaque"));
    assert_non_null(strstr(facts.ptr, ".DROP_TABLE table t guarded"));
    strbuf_release(&facts);
    strbuf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_looked_into),
        cmocka_unit_test(routines_are_described),
        cmocka_unit_test(types_are_described),
        cmocka_unit_test(what_is_opaque_or_swallowed_has_its_place),
        cmocka_unit_test(the_last_action_points_into_the_file),
        cmocka_unit_test(fields_of_rows_are_assigned),
        cmocka_unit_test(long_names_are_told_as_written),
        cmocka_unit_test(hostile_bodies_are_opaque),
        cmocka_unit_test(long_bodies_are_read),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sql_facts_body", tests, NULL, NULL);
}
