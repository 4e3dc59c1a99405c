/* SPDX-License-Identifier: PostgreSQL */
/*
 * Every lexical rule of the cut by name: a script, and the statements that must
 * come of it, or the trouble and its place. The forms for whole texts and for
 * chunks of any size must agree, and gaps and statements must make up the text.
 */
#include "sql.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum {
    STATEMENTS_MAX = 8
};

struct cut_case {
    const char *name;
    const char *text;
    const char *statements[STATEMENTS_MAX];
};

static const struct cut_case rules[] = {
    {"nothing", "", {NULL}},
    {"white space and comments only", " \n-- a;\n/* b; */ \t", {NULL}},
    {"semicolons only", ";;\n;", {NULL}},
    {"two statements", "a;b;", {"a;", "b;"}},
    {"last without semicolon", "a;\n b \n\n", {"a;", "b"}},
    {"line comment before is left out", "-- x;\na;", {"a;"}},
    {"line comment inside is kept", "a -- x;\n;", {"a -- x;\n;"}},
    {"C comment before belongs to it", "/* x; */ a;", {"/* x; */ a;"}},
    {"C comments nest", "/* /* ; */ ; */ a;", {"/* /* ; */ ; */ a;"}},
    {"comment end is not an operator", "a /**/;b;", {"a /**/;", "b;"}},
    {"comment with many stars", "a /***;***/;b;", {"a /***;***/;", "b;"}},
    {"slash star slash opens only", "a /*/;*/;b;", {"a /*/;*/;", "b;"}},
    {"operator ends at dashes", "a +--;\n1;", {"a +--;\n1;"}},
    {"operator ends at slash star", "a @/*;*/ 1;", {"a @/*;*/ 1;"}},
    {"one dash is an operator", "a - 1;b;", {"a - 1;", "b;"}},
    {"carriage return ends a line comment", "a --x\r;b;", {"a --x\r;", "b;"}},
    {"quoted string", "';';b;", {"';';", "b;"}},
    {"doubled quote", "'a'';';b;", {"'a'';';", "b;"}},
    {"backslash is plain in a string", "'\\';b;", {"'\\';", "b;"}},
    {"string over lines", "'a\n\n;';b;", {"'a\n\n;';", "b;"}},
    {"escape string", "E'\\';';b;", {"E'\\';';", "b;"}},
    {"escape string in lower case", "e'\\\\';b;", {"e'\\\\';", "b;"}},
    {"escaped line end", "E'\\\n';b;", {"E'\\\n';", "b;"}},
    {"word before a quote is no prefix", "be'\\';b;", {"be'\\';", "b;"}},
    {"bit string", "B'0;1';b;", {"B'0;1';", "b;"}},
    {"hex string", "x'\\';b;", {"x'\\';", "b;"}},
    {"national string", "N'\\';b;", {"N'\\';", "b;"}},
    {"unicode string", "U&'\\;';b;", {"U&'\\;';", "b;"}},
    {"unicode name", "u&\";\\\";b;", {"u&\";\\\";", "b;"}},
    {"u and ampersand alone", "u&';';b;", {"u&';';", "b;"}},
    {"quoted name", "\"a;\"\"\";b;", {"\"a;\"\"\";", "b;"}},
    {"string continued over a line end", "'a'\n';';b;", {"'a'\n';';", "b;"}},
    {"escapes end at a line end", "E'a'\n'\\';b;", {"E'a'\n'\\';", "b;"}},
    {"escapes go on over a carriage return", "E'a'\r'\\';';b;", {"E'a'\r'\\';';", "b;"}},
    {"dollar quotes", "$$;$$;b;", {"$$;$$;", "b;"}},
    {"dollar quotes with a tag", "$a$;$$;$A$;$a$;b;", {"$a$;$$;$A$;$a$;", "b;"}},
    {"dollar quotes in Unicode", "$\xc3\xa4$;$\xc3\xa4$;b;", {"$\xc3\xa4$;$\xc3\xa4$;", "b;"}},
    {"tag ends at the first dollar", "$a$;$b$a$;b;", {"$a$;$b$a$;", "b;"}},
    {"dollar in a name", "a$b$;b;", {"a$b$;", "b;"}},
    {"parameter is no tag", "$1$;b;", {"$1$;", "b;"}},
    {"number before a dollar quote", "1$a$;$a$;b;", {"1$a$;$a$;", "b;"}},
    {"parentheses", "(a;b);c;", {"(a;b);", "c;"}},
    {"closing without opening", "a);b;", {"a);", "b;"}},
    {"parentheses in strings", "'(';b;", {"'(';", "b;"}},
    {"atomic body",
     "CREATE FUNCTION f() BEGIN ATOMIC a; b; END; c;",
     {"CREATE FUNCTION f() BEGIN ATOMIC a; b; END;", "c;"}},
    {"atomic body of a replaced procedure",
     "create or replace procedure p() begin atomic a; end; c;",
     {"create or replace procedure p() begin atomic a; end;", "c;"}},
    {"CASE in an atomic body",
     "CREATE FUNCTION f() BEGIN ATOMIC CASE a; END; b; END; c;",
     {"CREATE FUNCTION f() BEGIN ATOMIC CASE a; END; b; END;", "c;"}},
    {"BEGIN elsewhere", "BEGIN; a; END;", {"BEGIN;", "a;", "END;"}},
    {"BEGIN in a table", "CREATE TABLE begin; a;", {"CREATE TABLE begin;", "a;"}},
    {"BEGIN in quotes", "CREATE FUNCTION \"begin\"; a;", {"CREATE FUNCTION \"begin\";", "a;"}},
    {"word glued to a number", "CREATE FUNCTION 1begin; a;", {"CREATE FUNCTION 1begin;", "a;"}},
    {"variables stay", "a :b, :'c;', :\"d\" ::e;f;", {"a :b, :'c;', :\"d\" ::e;", "f;"}},
    {"variable named begin", "CREATE FUNCTION :begin; a;", {"CREATE FUNCTION :begin;", "a;"}},
    {"Unicode names", "\xc3\xa4;\xe2\x82\xac;", {"\xc3\xa4;", "\xe2\x82\xac;"}},
    {"byte-order mark",
     "\xef\xbb\xbf"
     "a;",
     {"a;"}},
    {"DOS line ends", "a\r\n;\r\nb;\r\n", {"a\r\n;", "b;"}},
    {"COPY data", "COPY t FROM stdin;\n1;\n\\.\nb;", {"COPY t FROM stdin;", "b;"}},
    {"COPY data behind a comment",
     "copy t from\nSTDIN; -- x\n'\n\\.\r\nb;",
     {"copy t from\nSTDIN;", "b;"}},
    {"COPY TO has no data", "COPY t TO stdout;\nb;", {"COPY t TO stdout;", "b;"}},
    {"COPY from a file has no data",
     "COPY t FROM 'stdin';\nb;",
     {"COPY t FROM 'stdin';", "b;"}},
    {"COPY of a query has no data",
     "COPY (SELECT FROM stdin) TO stdout;b;",
     {"COPY (SELECT FROM stdin) TO stdout;", "b;"}},
    {"COPY with quoted names",
     "COPY \"from\".\"stdin\" (\"to\") FROM stdin;\n\\.\nb;",
     {"COPY \"from\".\"stdin\" (\"to\") FROM stdin;", "b;"}},
    {"restrict lines are dropped", "\\restrict aB1\na;\n\\unrestrict aB1\n", {"a;"}},
    {"strings with escapes by SET",
     "SET standard_conforming_strings = off;\n'\\';';b;",
     {"SET standard_conforming_strings = off;", "'\\';';", "b;"}},
    {"SET holds from the next line on",
     "SET standard_conforming_strings TO off; '\\';\n'\\';';",
     {"SET standard_conforming_strings TO off;", "'\\';", "'\\';';"}},
    {"RESET brings plain strings back",
     "SET standard_conforming_strings = 'off';\nRESET standard_conforming_strings;\n'\\';b;",
     {"SET standard_conforming_strings = 'off';", "RESET standard_conforming_strings;", "'\\';",
      "b;"}},
    {"set_config sets it, too",
     "SELECT pg_catalog.set_config('standard_conforming_strings', 'off', false);\n'\\';';b;",
     {"SELECT pg_catalog.set_config('standard_conforming_strings', 'off', false);", "'\\';';",
      "b;"}},
    {"ROLLBACK brings plain strings back",
     "BEGIN;\nSET standard_conforming_strings = off;\nROLLBACK;\n'\\';b;",
     {"BEGIN;", "SET standard_conforming_strings = off;", "ROLLBACK;", "'\\';", "b;"}},
    {"SET LOCAL ends with its transaction",
     "BEGIN;\nSET LOCAL standard_conforming_strings = off;\n'\\'';\nCOMMIT;\n'\\';b;",
     {"BEGIN;", "SET LOCAL standard_conforming_strings = off;", "'\\'';", "COMMIT;", "'\\';",
      "b;"}},
    {"other settings do not matter",
     "SET search_path = off;\n'\\';b;",
     {"SET search_path = off;", "'\\';", "b;"}},
};

static void check_text(const char *name, const char *expected, struct str found)
{
    if (!str_eq(found, expected)) {
        fail_msg("%s: expected \"%s\", got \"%.*s\"", name, expected, STR_ARG(found));
    }
}

/* Order, no overlap, and places that sql_place_at() agrees with. */
static void check_layout(const struct sql_script *script)
{
    size_t at = 0;
    for (size_t i = 0; i < script->count; i++) {
        const struct sql_statement *statement = &script->statements[i];
        struct sql_place place = sql_place_at(script->text, statement->offset);
        struct sql_place head = sql_place_at(script->text, statement->head.offset);
        assert_true(statement->offset >= at && statement->length > 0);
        assert_int_equal(statement->line, place.line);
        assert_int_equal(statement->column, place.column);
        assert_int_equal(statement->head.line, head.line);
        assert_int_equal(statement->head.column, head.column);
        at = statement->offset + statement->length;
        if (statement->data) {
            assert_true(statement->data->offset >= at);
            at = statement->data->offset + statement->data->length;
        }
    }
    assert_true(at <= script->text.len);
}

static void each_rule_cuts_as_its_name_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        struct arena arena = {0};
        struct sql_script script;
        struct sql_trouble trouble;
        size_t count = 0;
        if (!sql_cut(str_from(rules[i].text), NULL, &arena, &script, &trouble)) {
            fail_msg("%s: %s", rules[i].name, trouble.err.message);
        }
        while (count < STATEMENTS_MAX && rules[i].statements[count] != NULL) {
            if (count < script.count) {
                check_text(rules[i].name, rules[i].statements[count],
                           sql_statement_text(&script, count));
            }
            count++;
        }
        if (count != script.count) {
            fail_msg("%s: expected %zu statements, got %zu", rules[i].name, count,
                     script.count);
        }
        check_layout(&script);
        arena_release(&arena);
    }
}

/* -------------------------------------------------------------------- chunks */

struct heard {
    struct strbuf text; /* statements and data, each with a mark in front */
};

static bool hear(void *context, const struct sql_piece *piece)
{
    struct heard *heard = context;
    if (piece->kind == SQL_PIECE_STATEMENT) {
        strbuf_format(&heard->text, "<%zu %d:%d>", piece->offset, piece->statement->line,
                      piece->statement->column);
    } else if (piece->kind == SQL_PIECE_DATA_END) {
        strbuf_text(&heard->text, "<end>");
    }
    strbuf_add(&heard->text, piece->text);
    return true;
}

static void hear_in_chunks(struct heard *heard, struct str text, size_t size)
{
    struct sql_trouble trouble;
    struct sql_cutter *cutter = sql_cutter_new(NULL, hear, heard);
    bool good = true;
    for (size_t at = 0; good && at < text.len; at += size) {
        good = sql_cutter_feed(cutter, str_slice(text, at, size), &trouble);
    }
    if (good && !sql_cutter_end(cutter, &trouble)) {
        strbuf_format(&heard->text, "<%s>", trouble.err.message);
    }
    if (!good) {
        strbuf_format(&heard->text, "<%s>", trouble.err.message);
    }
    sql_cutter_free(cutter);
}

static void chunks_of_any_size_give_the_same(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 5, 7, 16};
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        struct str text = str_from(rules[i].text);
        struct heard whole = {0};
        hear_in_chunks(&whole, text, text.len + 1);
        for (size_t size = 0; size < COUNT_OF(sizes); size++) {
            struct heard heard = {0};
            hear_in_chunks(&heard, text, sizes[size]);
            if (!str_is(strbuf_str(&heard.text), strbuf_str(&whole.text))) {
                fail_msg("%s by %zu: \"%.*s\" is not \"%.*s\"", rules[i].name, sizes[size],
                         STR_ARG(strbuf_str(&heard.text)), STR_ARG(strbuf_str(&whole.text)));
            }
            strbuf_release(&heard.text);
        }
        strbuf_release(&whole.text);
    }
}

static bool hear_nothing(void *context, const struct sql_piece *piece)
{
    (void)context;
    (void)piece;
    return false;
}

static void a_receiver_can_stop_the_cut(void **state)
{
    (void)state;
    struct sql_trouble trouble;
    struct sql_cutter *cutter = sql_cutter_new(NULL, hear_nothing, NULL);
    assert_false(sql_cutter_feed(cutter, STR("a;\nb;\n"), &trouble));
    assert_int_equal(trouble.kind, SQL_TROUBLE_STOPPED);
    sql_cutter_free(cutter);
}

/* ------------------------------------------------------------------- trouble */

static const struct {
    const char *text;
    enum sql_trouble_kind kind;
    int line;
    int column;
    const char *message; /* a part of it */
    const char *hint;    /* a part of it */
} troubles[] = {
    {"a;\n \\i other.sql\n", SQL_TROUBLE_BACKSLASH, 2, 2, "\"\\i\"", "step of its own"},
    {"a \\g\n", SQL_TROUBLE_BACKSLASH, 1, 3, "\"\\g\"", "semicolon"},
    {"a \\; b;", SQL_TROUBLE_BACKSLASH, 1, 3, "\"\\;\"", "without the backslash"},
    {"\\copy t from 'x'", SQL_TROUBLE_BACKSLASH, 1, 1, "\"\\copy\"", "COPY ... FROM stdin"},
    {"\\\x1b[31mx\n", SQL_TROUBLE_BACKSLASH, 1, 1, "\"\\\"", "SQL"},
    {"\\unrestrict a\n", SQL_TROUBLE_BACKSLASH, 1, 1, "\\unrestrict", "key"},
    {"\\restrict a\n\\unrestrict b\n", SQL_TROUBLE_BACKSLASH, 2, 1, "\\unrestrict", "key"},
    {"a\n\\restrict a\n;", SQL_TROUBLE_BACKSLASH, 2, 1, "\\restrict", "between statements"},
    {"\\restrict a b\n", SQL_TROUBLE_BACKSLASH, 1, 1, "\\restrict", "line of its own"},
    {"\xc3\xa4\xc3\xa4 'a\n\n", SQL_TROUBLE_QUOTE, 1, 4, "string", "Close"},
    {"E'a\\'", SQL_TROUBLE_QUOTE, 1, 1, "string", "Close"},
    {"a;\n\"b\n", SQL_TROUBLE_IDENTIFIER, 2, 1, "identifier", "double quote"},
    {"a $x$ b $X$;", SQL_TROUBLE_DOLLAR, 1, 3, "$x$", "same tag"},
    {"/* /* */ a;", SQL_TROUBLE_COMMENT, 1, 1, "comment", "*/"},
    {"a;\n  (b;\n(c);", SQL_TROUBLE_PARENTHESIS, 2, 3, "parenthesis", "Close"},
    {"CREATE FUNCTION f()\n BEGIN ATOMIC a;", SQL_TROUBLE_BEGIN_ATOMIC, 2, 2, "BEGIN", "END"},
    {"COPY t FROM stdin;\n1\n", SQL_TROUBLE_COPY_DATA, 1, 1, "COPY", "\\."},
    {"COPY t FROM stdin", SQL_TROUBLE_COPY_DATA, 1, 1, "COPY", "\\."},
    {"COPY t FROM stdin; b;\n\\.\n", SQL_TROUBLE_COPY_LINE, 1, 20, "line", "\\."},
    {"COPY t FROM stdin; /* c */\n\\.\n", SQL_TROUBLE_COPY_LINE, 1, 20, "line", "\\."},
    {"a;\nb\xff;", SQL_TROUBLE_UTF8, 2, 2, "UTF-8", "iconv"},
    {"COPY t FROM stdin;\n\xc3\n\\.\n", SQL_TROUBLE_UTF8, 2, 1, "UTF-8", "iconv"},
    {"PGDMP\x01", SQL_TROUBLE_CUSTOM_DUMP, 1, 1, "custom format", "pg_restore"},
};

static void every_trouble_says_what_where_and_what_to_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(troubles); i++) {
        struct arena arena = {0};
        struct sql_script script;
        struct sql_trouble trouble;
        struct err err = {0};
        assert_false(sql_cut(str_from(troubles[i].text), NULL, &arena, &script, &trouble));
        assert_int_equal(trouble.kind, troubles[i].kind);
        assert_int_equal(trouble.place.line, troubles[i].line);
        assert_int_equal(trouble.place.column, troubles[i].column);
        assert_non_null(strstr(trouble.err.message, troubles[i].message));
        assert_non_null(strstr(trouble.err.detail, "was run"));
        assert_non_null(strstr(trouble.err.hint, troubles[i].hint));
        assert_null(strchr(trouble.err.message, '\x1b'));
        assert_false(sql_trouble_to_err(&trouble, "f.sql", &err));
        assert_int_equal(strncmp(err.message, "f.sql:", 6), 0);
        arena_release(&arena);
    }
}

static void a_zero_byte_is_refused_with_its_place(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct sql_script script;
    struct sql_trouble trouble;
    assert_false(sql_cut(STR("a;\n12345678\0 9;"), NULL, &arena, &script, &trouble));
    assert_int_equal(trouble.kind, SQL_TROUBLE_NUL);
    assert_int_equal(trouble.place.line, 2);
    assert_int_equal(trouble.place.column, 9);
    assert_int_equal(script.count, 1);
    arena_release(&arena);
}

/* --------------------------------------------------------------------- facts */

static struct sql_script cut(const char *text, const struct sql_settings *settings,
                             struct arena *arena)
{
    struct sql_script script;
    struct sql_trouble trouble;
    assert_true(sql_cut(str_from(text), settings, arena, &script, &trouble));
    return script;
}

static void copy_data_have_their_place(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct sql_script script =
        cut("COPY t\nFROM stdin;\na\n\n\\.\nCOPY u FROM stdin;\n\\.\n", NULL, &arena);
    assert_true(str_eq(sql_statement_data(&script, 0), "a\n\n"));
    assert_int_equal(script.statements[0].data->line, 3);
    assert_int_equal(script.statements[1].data->length, 0);
    assert_int_equal(script.statements[1].data->line, 7);
    arena_release(&arena);
}

static void head_is_behind_leading_comments(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct sql_script script = cut("/* a\n*/ -- b\n  c;", NULL, &arena);
    assert_int_equal(script.statements[0].line, 1);
    assert_int_equal(script.statements[0].head.line, 3);
    assert_int_equal(script.statements[0].head.column, 3);
    arena_release(&arena);
}

static void empty_statements_are_kept_on_request(void **state)
{
    (void)state;
    static const struct sql_settings settings = {.keep_empty = true};
    struct arena arena = {0};
    struct sql_script script = cut("; /* a */ ; b; /* c */", &settings, &arena);
    assert_int_equal(script.count, 4);
    assert_true(script.statements[0].empty);
    assert_false(script.statements[2].empty);
    assert_true(script.statements[3].empty);
    arena_release(&arena);
}

static void strings_with_backslashes_are_marked(void **state)
{
    (void)state;
    static const struct sql_settings settings = {.strings_escape = true};
    struct arena arena = {0};
    struct sql_script script = cut("'a\\b'; 'c'; E'\\'';", NULL, &arena);
    assert_true(script.statements[0].backslash_string);
    assert_false(script.statements[1].backslash_string);
    assert_false(script.statements[2].backslash_string);
    assert_true(script.statements[0].standard_strings);
    script = cut("'a\\';';", &settings, &arena);
    assert_true(script.statements[0].backslash_string);
    assert_false(script.statements[0].standard_strings);
    assert_false(script.strings_changed);
    script = cut("SET standard_conforming_strings = off;", NULL, &arena);
    assert_true(script.strings_changed);
    arena_release(&arena);
}

static void transaction_control_is_read_from_the_first_words(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum sql_control control;
        bool chain;
    } table[] = {
        {"BEGIN", SQL_CONTROL_BEGIN, false},
        {"begin isolation level serializable", SQL_CONTROL_BEGIN, false},
        {"START /* x */ TRANSACTION", SQL_CONTROL_BEGIN, false},
        {"-- x\n/* y */ COMMIT WORK", SQL_CONTROL_COMMIT, false},
        {"END", SQL_CONTROL_COMMIT, false},
        {"COMMIT AND CHAIN", SQL_CONTROL_COMMIT, true},
        {"COMMIT WORK AND NO CHAIN", SQL_CONTROL_COMMIT, false},
        {"ROLLBACK", SQL_CONTROL_ROLLBACK, false},
        {"ABORT TRANSACTION AND CHAIN", SQL_CONTROL_ROLLBACK, true},
        {"ROLLBACK TO a", SQL_CONTROL_ROLLBACK_TO, false},
        {"ROLLBACK WORK TO SAVEPOINT a", SQL_CONTROL_ROLLBACK_TO, false},
        {"SAVEPOINT a", SQL_CONTROL_SAVEPOINT, false},
        {"RELEASE a", SQL_CONTROL_RELEASE, false},
        {"PREPARE TRANSACTION 'a'", SQL_CONTROL_PREPARE, false},
        {"COMMIT PREPARED 'a'", SQL_CONTROL_COMMIT_PREPARED, false},
        {"ROLLBACK PREPARED 'a'", SQL_CONTROL_ROLLBACK_PREPARED, false},
        {"SET TRANSACTION READ ONLY", SQL_CONTROL_SET, false},
        {"PREPARE a AS SELECT 1", SQL_CONTROL_NONE, false},
        {"\"begin\"", SQL_CONTROL_NONE, false},
        {"SELECT 'BEGIN'", SQL_CONTROL_NONE, false},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct arena arena = {0};
        struct sql_script script = cut(table[i].text, NULL, &arena);
        assert_int_equal(script.statements[0].control, table[i].control);
        assert_int_equal(script.statements[0].chain, table[i].chain);
        arena_release(&arena);
    }
}

/* Whoever answers yes is sent in a pipeline, where COPY would end the connection. */
static void a_query_is_known_by_its_first_word(void **state)
{
    (void)state;
    static const char *const queries[] = {"select 1",
                                          "SELECT'x'",
                                          " \n/* copy /* commit */ */ -- show\n\tSelect(1)",
                                          "values(1)",
                                          "with a as (b) select",
                                          "Table t"};
    static const char *const others[] = {"",
                                         "copy t to stdout",
                                         "COPY (select 1) to stdout",
                                         "commit",
                                         "call p()",
                                         "show all",
                                         "explain select 1",
                                         "(select 1)",
                                         ";select 1",
                                         "\"select\" 1",
                                         "'select'",
                                         "selects",
                                         "without",
                                         "/* select */ copy t to stdout",
                                         "-- select\ncopy t to stdout"};
    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        assert_true(sql_is_query(str_from(queries[i])));
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_false(sql_is_query(str_from(others[i])));
    }
}

/* ------------------------------------------------------------- large files */

enum {
    LARGE_BYTES = 100 << 20,
    CHUNK_BYTES = 64 << 10,
    GROWTH_MAX = 1 << 20, /* the goal is 64 MiB for the whole program */
};

/* The sanitizer's count of what is allocated; without it the C library's. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t allocated_bytes(void)
{
    return __sanitizer_get_current_allocated_bytes ? __sanitizer_get_current_allocated_bytes()
                                                   : mallinfo2().uordblks;
}

struct watched {
    size_t most; /* allocated while a piece was handed over */
    size_t statements;
    size_t data_bytes;
};

static bool watch_memory(void *context, const struct sql_piece *piece)
{
    struct watched *watched = context;
    size_t now = allocated_bytes();
    watched->most = now > watched->most ? now : watched->most;
    watched->statements += piece->kind == SQL_PIECE_STATEMENT;
    watched->data_bytes += piece->kind == SQL_PIECE_DATA ? piece->text.len : 0;
    return true;
}

/* The block of text again and again, as if a file were read. */
static size_t feed_many(struct sql_cutter *cutter, struct str block, size_t bytes)
{
    struct sql_trouble trouble;
    size_t fed = 0;
    for (; fed < bytes; fed += block.len) {
        assert_true(sql_cutter_feed(cutter, block, &trouble));
    }
    return fed;
}

static void a_large_file_passes_through_little_memory(void **state)
{
    (void)state;
    struct watched watched = {0};
    struct sql_trouble trouble;
    struct strbuf rows = {0};
    struct strbuf inserts = {0};
    while (rows.len < CHUNK_BYTES) {
        strbuf_text(&rows, "7\tdelivered; not to the customer\t\\N\n");
        strbuf_text(&inserts, "insert into orders values (7, 'it''s; late'); -- again\n");
    }
    size_t before = allocated_bytes();
    struct sql_cutter *cutter = sql_cutter_new(NULL, watch_memory, &watched);
    assert_true(sql_cutter_feed(cutter, STR("copy orders from stdin;\n"), &trouble));
    size_t data = feed_many(cutter, strbuf_str(&rows), LARGE_BYTES / 4 * 3);
    assert_true(sql_cutter_feed(cutter, STR("\\.\n"), &trouble));
    feed_many(cutter, strbuf_str(&inserts), LARGE_BYTES / 4);
    assert_true(sql_cutter_end(cutter, &trouble));
    sql_cutter_free(cutter);
    assert_int_equal(watched.data_bytes, data);
    assert_true(watched.statements > LARGE_BYTES / 4 / 64);
    assert_in_range(watched.most, before, before + GROWTH_MAX);
    strbuf_release(&rows);
    strbuf_release(&inserts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_cuts_as_its_name_says),
        cmocka_unit_test(chunks_of_any_size_give_the_same),
        cmocka_unit_test(a_receiver_can_stop_the_cut),
        cmocka_unit_test(every_trouble_says_what_where_and_what_to_do),
        cmocka_unit_test(a_zero_byte_is_refused_with_its_place),
        cmocka_unit_test(copy_data_have_their_place),
        cmocka_unit_test(head_is_behind_leading_comments),
        cmocka_unit_test(empty_statements_are_kept_on_request),
        cmocka_unit_test(strings_with_backslashes_are_marked),
        cmocka_unit_test(transaction_control_is_read_from_the_first_words),
        cmocka_unit_test(a_query_is_known_by_its_first_word),
        cmocka_unit_test(a_large_file_passes_through_little_memory),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sql_cut", tests, NULL, NULL);
}
