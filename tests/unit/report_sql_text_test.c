/* SPDX-License-Identifier: PostgreSQL */
/*
 * Which literals of SQL text are masked, and that everything else stays as it is.
 * Each masked text holds the canary where the secret stands.
 */
#include "report_room.h"

static struct str shown(const char *sql, struct strbuf *out)
{
    strbuf_clear(out);
    report_sql_text(out, str_from(sql));
    return strbuf_str(out);
}

static void fault_F43_secrets_in_sql_are_masked(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "CREATE ROLE app PASSWORD 'canary'",
        "CREATE ROLE app WITH LOGIN ENCRYPTED PASSWORD 'canary' VALID UNTIL 'infinity'",
        "alter user app password E'a\\'canary'",
        "ALTER ROLE app PASSWORD U&'can\\0061ry canary'",
        "ALTER ROLE app PASSWORD $$canary$$",
        "ALTER ROLE app PASSWORD $q$ it's canary $q$",
        "ALTER ROLE app PASSWORD -- why 'not'\n 'canary'",
        "ALTER ROLE app PASSWORD /* /* nested */ */ 'canary'",
        "ALTER ROLE app PASSWORD 'a'\n  'canary'",
        "ALTER ROLE app PASSWORD 'it''s canary'",
        "CREATE USER MAPPING FOR app SERVER s OPTIONS (user 'app', password 'canary')",
        "CREATE USER MAPPING FOR app SERVER s OPTIONS (\"password\" 'canary')",
        "ALTER SERVER s OPTIONS (SET secret_access_key 'canary')",
        "CREATE SUBSCRIPTION s CONNECTION 'host=h password=canary' PUBLICATION p",
        "CREATE SUBSCRIPTION s CONNECTION 'postgresql://u:canary@h/d' PUBLICATION p",
        "ALTER SUBSCRIPTION s CONNECTION $$host=h password=canary$$",
        "SELECT dblink_connect('host=h password=canary')",
        "SELECT dblink_connect('postgres://u:canary@h/d')",
        "DO $$ BEGIN EXECUTE 'ALTER ROLE app PASSWORD ''canary'''; END $$",
        "DO $$ BEGIN EXECUTE format('ALTER ROLE app PASSWORD %L', 'canary'); END $$",
        "DO $a$ BEGIN ALTER ROLE app PASSWORD 'canary'; END $a$",
        "DO $a$ BEGIN EXECUTE $b$ALTER ROLE app PASSWORD 'canary'$b$; END $a$",
        "ALTER ROLE app PASSWORD 'canary",
    };
    struct strbuf out = {0};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct str text = shown(texts[i], &out);
        if (text.len == 0 || strstr(out.ptr, "canary") || !strstr(out.ptr, "'***'")) {
            fail_msg("%s is shown as %s", texts[i], out.ptr ? out.ptr : "");
        }
    }
    strbuf_release(&out);
}

static void other_sql_stays_byte_for_byte(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "CREATE TABLE users (password text, note text DEFAULT 'none')",
        "COMMENT ON COLUMN users.password IS 'hashed with care'",
        "ALTER ROLE app PASSWORD NULL; SELECT 'shown'",
        "INSERT INTO t VALUES ('it''s', E'a\\'b', $$x 'y' z$$, $1, 'x'\n'y')",
        "SELECT \"a'b\", 'c' -- it's\n, /* 'd */ 'e'",
        "CREATE FUNCTION f() RETURNS text AS $f$ SELECT 'a'::text $f$ LANGUAGE sql",
        "SELECT 'http://example.org/x', a$b, U&'\\0061'",
        "SELECT 'unclosed",
        "SELECT $never$ closed",
        "",
    };
    struct strbuf out = {0};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct str text = shown(texts[i], &out);
        if (!str_eq(text, texts[i])) {
            fail_msg("%s is shown as %.*s", texts[i], STR_ARG(text));
        }
    }
    strbuf_release(&out);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_F43_secrets_in_sql_are_masked),
        cmocka_unit_test(other_sql_stays_byte_for_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
