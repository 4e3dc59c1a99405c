/* SPDX-License-Identifier: PostgreSQL */
/*
 * The cut against the real psql. psql runs each script against a server that only
 * records; what it sent must be what the cut says, byte by byte, but for what
 * psql_compare.h tells. Scripts are PostgreSQL's own extension scripts, the plans of this
 * project, the corpus in tests/sql, and generated ones: $GONOGO_GENERATED of them (300)
 * from $GONOGO_SEED.
 */
#include "psql_compare.h"
#include "testing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Adds a file without its "\echo" lines, which guard extension scripts. */
static void add_file(struct collection *all, const char *path)
{
    struct strbuf text = {0};
    struct strbuf kept = {0};
    assert_true(test_read_file(path, 0, &text));
    struct str rest = strbuf_str(&text);
    while (rest.len > 0) {
        size_t end = str_find_byte(rest, '\n', 0);
        end += end < rest.len;
        struct str line = str_slice(rest, 0, end);
        rest = str_slice(rest, end, rest.len);
        if (!str_starts(line, "\\echo ")) {
            strbuf_add(&kept, line);
        }
    }
    collection_add(all, path, strbuf_str(&kept));
    strbuf_release(&kept);
    strbuf_release(&text);
}

/* --------------------------------------------------------------- generated */

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state >> 11;
}

/*
 * Pieces of SQL, most of them whole, chosen for the rules of the cut. psql 15.20
 * still believes to be in a COPY at an empty statement right behind COPY data and
 * then skips what follows; hence the "select 0".
 */
static const char *const fragments[] = {
    ";",
    ";",
    ";",
    ";",
    ";\n",
    ";\n",
    ";\n\n",
    ";;",
    " ; ",
    "\n",
    "\n",
    "\n\n",
    " ",
    " ",
    "\t",
    "\r",
    "\f",
    "\n \n",
    "select",
    "SELECT 1",
    "create function",
    "create or replace function",
    "CREATE PROCEDURE",
    "begin",
    "BEGIN ATOMIC",
    "case",
    "end",
    "END",
    "end case",
    "create",
    "or",
    "replace",
    "function f()",
    "procedure",
    "begin;",
    "commit;",
    "table",
    "t",
    "a.b",
    "*",
    "'a'",
    "''",
    "'a''b'",
    "'a;b'",
    "'a\nb'",
    "'\n\n;'",
    "'a' 'b'",
    "'a'\n'b'",
    "'a'\r'b;'",
    "'a'--x\r'b;'",
    "'a' -- x\n'b;'",
    "'\\'",
    "'a\\\\'",
    "E'a'",
    "e'\\''",
    "E'\\\\'",
    "E'a\\'b;'",
    "E'\\\n'",
    "E'a'\n'b'",
    "E'a'\r'b\\';'",
    "E'a''b;'",
    "e'\\101'",
    "e'\\x41'",
    "e'\\u0041'",
    "B'01'",
    "b';'",
    "X'1f'",
    "x''",
    "B'a''b'",
    "N'a;'",
    "n'\\'",
    "U&'a;'",
    "u&'\\0041'",
    "U&\"a;\"",
    "u&\"d\\0061t\"\"x\"",
    "u&x",
    "U& 'a'",
    "\"a\"",
    "\"a;b\"",
    "\"a\"\"b\"",
    "\"\n\n;\"",
    "$$a;b$$",
    "$$\n\n$$",
    "$a$;$a$",
    "$a$ $b$ ; $a$",
    "$a$ $$ $a$",
    "$A$ $a$ $A$",
    "$a$x$aa$y$a$",
    "$_1$;$_1$",
    "$\xc3\xa4$;$\xc3\xa4$",
    "$1",
    "$1a",
    "$12$a$;$a$",
    "a$b$",
    "a$",
    "$a",
    "$",
    "$ $",
    "1$a$;$a$",
    "/* c */",
    "/* ; */",
    "/* a /* b */ ; */",
    "/*/* ; */*/",
    "/**/",
    "/***/",
    "/* -- */",
    "/*\n\n;*/",
    "/*'*/",
    "-- c\n",
    "-- ;\n",
    "-- '\n",
    "--\n",
    "-- \"\n",
    "-- /*\n",
    "-- */\n",
    "--;\r",
    "+",
    "-",
    "--x\n",
    "+--;\n",
    "*/",
    "</*;*/",
    "@-",
    "=-",
    "@/*'*/",
    "->",
    "-/*;*/-",
    "||",
    "(",
    ")",
    "(",
    ")",
    "(;)",
    "()",
    "((a;b);)",
    "[",
    "]",
    "{",
    "}",
    "1",
    "1.5",
    ".5",
    "1..2",
    "1.",
    "1e5",
    "1e",
    "1e+",
    "1.5e-3",
    "1begin",
    "1e'\\'",
    "2end",
    "0x1f",
    "1_000",
    ":a",
    ":'a'",
    ":\"a\"",
    ":'a",
    "::text",
    ":=",
    ":begin",
    ":a'b'",
    ": a",
    "::end",
    ":1end",
    ":'a''b;'",
    "\xc3\xa4",
    "\xe2\x82\xac",
    "\xf0\x9f\x98\x80",
    "\xc3\xa4"
    "begin",
    "_begin",
    "begin_",
    "beg",
    "in",
    "be'a'",
    "ne",
    "copy t from 'stdin'",
    ";\nCOPY t (a, b) FROM STDIN;\n1\t2\n\\.\nselect 0;",
    ";copy t from stdin; -- c\n;\n'\n\n\\.\nselect 0;",
    ";/* c */ copy\nt from\nstdin with (format csv);\n\\.x\n\"\n\\.\r\nselect 0;",
    "copy t to stdout",
    "set standard_conforming_strings = off;\n",
    "set standard_conforming_strings = on;\n",
    "reset standard_conforming_strings;\n",
    "\v",
    "\\;",
    "do",
    "language sql",
    "return 1;",
    "as",
};

static void generate(struct strbuf *text, uint64_t *state)
{
    enum {
        LONGEST = 40
    };
    size_t count = 1 + next_random(state) % LONGEST;
    bool dos = next_random(state) % 8 == 0;
    if (next_random(state) % 16 == 0) {
        strbuf_text(text, "\xef\xbb\xbf");
    }
    for (size_t i = 0; i < count; i++) {
        for (const char *from = fragments[next_random(state) % COUNT_OF(fragments)];
             *from != '\0'; from++) {
            if (dos && *from == '\n') {
                strbuf_byte(text, '\r');
            }
            strbuf_byte(text, *from);
        }
        if (next_random(state) % 3 != 0) {
            strbuf_byte(text, ' ');
        }
    }
}

static uint64_t number_from(const char *variable, int64_t otherwise)
{
    int64_t value = otherwise;
    const char *text = getenv(variable);
    if (text != NULL && (!str_to_i64(str_from(text), &value) || value < 1)) {
        value = otherwise;
    }
    return (uint64_t)value;
}

/* ------------------------------------------------------------------- tests */

static void extension_scripts_are_cut_as_psql_cuts_them(void **state)
{
    (void)state;
    struct collection all;
    collection_init(&all);
    collection_add_folder(&all, "/usr/share/postgresql/15/extension", add_file);
    collection_must_agree(&all);
    collection_release(&all);
}

static void our_plans_are_cut_as_psql_cuts_them(void **state)
{
    (void)state;
    struct collection all;
    collection_init(&all);
    collection_add_folder(&all, "plans", add_file);
    collection_add_folder(&all, "tests/plans-demo", add_file);
    collection_must_agree(&all);
    collection_release(&all);
}

static void corpus_is_cut_as_psql_cuts_it(void **state)
{
    (void)state;
    struct collection all;
    collection_init(&all);
    collection_add_folder(&all, "tests/sql", add_file);
    collection_must_agree(&all);
    collection_release(&all);
}

static void generated_scripts_are_cut_as_psql_cuts_them(void **state)
{
    (void)state;
    uint64_t count = number_from("GONOGO_GENERATED", 300);
    uint64_t seed = number_from("GONOGO_SEED", 20240131);
    struct collection all;
    collection_init(&all);
    for (uint64_t i = 0; i < count; i++) {
        struct strbuf text = {0};
        char name[80];
        snprintf(name, sizeof name, "generated, GONOGO_SEED=%llu, number %llu",
                 (unsigned long long)seed, (unsigned long long)i);
        uint64_t own = (seed + i) * UINT64_C(0x9e3779b97f4a7c15) | 1;
        generate(&text, &own);
        collection_add(&all, name, strbuf_str(&text));
        strbuf_release(&text);
    }
    collection_must_agree(&all);
    collection_release(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extension_scripts_are_cut_as_psql_cuts_them),
        cmocka_unit_test(our_plans_are_cut_as_psql_cuts_them),
        cmocka_unit_test(corpus_is_cut_as_psql_cuts_it),
        cmocka_unit_test(generated_scripts_are_cut_as_psql_cuts_them),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sql_psql", tests, NULL, NULL);
}
