/* SPDX-License-Identifier: PostgreSQL */
/*
 * The cut against the real psql. psql runs each script against a server that only
 * records; what it sent must be what the cut says, byte by byte, except:
 *
 *  - psql leaves out a line of which nothing is left but its "\n", unless it stands
 *    inside of a literal or a comment; we keep it, so that places in a statement are
 *    places in the file;
 *  - psql sends the white space behind a last statement that has no semicolon.
 *
 * A script that the cut refuses must agree up to the refused place. Scripts are
 * PostgreSQL's own extension scripts, the plans of this project, the corpus in
 * tests/sql, and generated ones: $GONOGO_GENERATED of them (300) from $GONOGO_SEED.
 */
#include "recorder.h"
#include "sql.h"
#include "testing.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    BATCH = 100
};

struct script_file {
    char *name; /* for messages */
    char *path; /* the copy that psql reads */
    char *text;
    size_t length;
};
struct collection {
    struct script_file *files;
    size_t count;
    size_t capacity;
    char folder[64];
};

/* ----------------------------------------------------------------- scripts */

static void add_script(struct collection *all, const char *name, struct str text)
{
    char path[256];
    struct script_file *file = ARRAY_PUSH(all->files, all->count, all->capacity);
    snprintf(path, sizeof path, "%s/%zu.sql", all->folder, all->count);
    test_write_file(path, text);
    file->name = mem_text(name);
    file->path = mem_text(path);
    file->text = mem_alloc(text.len + 1);
    memcpy(file->text, text.ptr, text.len);
    file->text[text.len] = 0;
    file->length = text.len;
}

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
    add_script(all, path, strbuf_str(&kept));
    strbuf_release(&kept);
    strbuf_release(&text);
}

static bool is_sql(const char *name)
{
    return str_ends(str_from(name), ".sql");
}

static void add_folder(struct collection *all, const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char path[1024];
        struct stat status;
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && stat(path, &status) == 0) {
            if (S_ISDIR(status.st_mode)) {
                add_folder(all, path);
            } else if (is_sql(path)) {
                add_file(all, path);
            }
        }
        free(entries[i]);
    }
    free(entries);
}

static void collection_init(struct collection *all)
{
    *all = (struct collection){0};
    snprintf(all->folder, sizeof all->folder, "/tmp/gonogo-scripts-XXXXXX");
    assert_non_null(mkdtemp(all->folder));
}

static void collection_release(struct collection *all)
{
    for (size_t i = 0; i < all->count; i++) {
        unlink(all->files[i].path);
        free(all->files[i].name);
        free(all->files[i].path);
        free(all->files[i].text);
    }
    rmdir(all->folder);
    free(all->files);
}

/* -------------------------------------------------------------- comparison */

/* Whether `ours` becomes `theirs` when some empty lines are left out of it. */
static bool same_but_empty_lines(struct str ours, struct str theirs)
{
    size_t at = 0;
    for (size_t i = 0; i < ours.len; i++) {
        if (at < theirs.len && ours.ptr[i] == theirs.ptr[at]) {
            at++;
        } else if (ours.ptr[i] != '\n' || i == 0 || ours.ptr[i - 1] != '\n') {
            return false;
        }
    }
    return at == theirs.len;
}

static struct str without_end(struct str text)
{
    while (text.len > 0 && strchr(" \t\r\n\f", text.ptr[text.len - 1]) != NULL) {
        text.len--;
    }
    return text;
}

static void fail_at(const struct script_file *file, size_t index, struct str ours,
                    struct str theirs)
{
    fail_msg("%s: statement %zu\n--- cut:\n%.*s\n--- psql:\n%.*s\n--- script:\n%.*s",
             file->name, index + 1, STR_ARG(ours), STR_ARG(theirs),
             (int)(file->length < 4000 ? file->length : 4000), file->text);
}

/* Gaps and statements make up the text, in order and without overlap. */
static void check_order(const struct script_file *file, const struct sql_script *script)
{
    size_t at = 0;
    for (size_t i = 0; i < script->count; i++) {
        const struct sql_statement *statement = &script->statements[i];
        assert_true(statement->offset >= at);
        at = statement->offset + statement->length;
        assert_true(at <= file->length);
        struct sql_place place = sql_place_at(script->text, statement->offset);
        assert_int_equal(place.line, statement->line);
        assert_int_equal(place.column, statement->column);
        if (statement->data_line != 0) {
            assert_true(statement->data_offset >= at);
            assert_int_equal(sql_place_at(script->text, statement->data_offset).line,
                             statement->data_line);
            at = statement->data_offset + statement->data_length;
        }
    }
    assert_true(at <= file->length);
}

/* `sent` starts at the file's first message and ends before the mark behind it. */
static void check_file(const struct script_file *file, const struct recorded *sent,
                       size_t count)
{
    static const struct sql_settings settings = {.keep_empty = true};
    struct arena arena = {0};
    struct sql_script script;
    struct sql_trouble trouble;
    bool whole =
        sql_cut((struct str){file->text, file->length}, &settings, &arena, &script, &trouble);
    size_t message = 0;
    check_order(file, &script);
    for (size_t i = 0; i < script.count; i++) {
        struct str ours = sql_statement_text(&script, i);
        struct str theirs = message < count ? sent[message].text : STR("(nothing)");
        if (i + 1 == script.count) {
            theirs = without_end(theirs);
        }
        if (message >= count || sent[message].is_data || !same_but_empty_lines(ours, theirs)) {
            fail_at(file, i, ours, theirs);
        }
        message++;
        if (script.statements[i].data_line != 0) {
            struct str data = sql_statement_data(&script, i);
            struct str got = message < count ? sent[message].text : STR("(nothing)");
            if (!str_is(str_slice(got, 0, data.len), data) ||
                (whole && !str_starts(str_slice(got, data.len, got.len), "\\."))) {
                fail_at(file, i, data, got);
            }
            message++;
        }
    }
    if (whole && message != count) {
        fail_at(file, script.count, STR("(nothing)"), sent[message].text);
    }
    arena_release(&arena);
}

/* Returns how many files psql came through. */
static size_t run_batch(struct recorder *recorder, const struct script_file *files,
                        size_t count)
{
    static const char mark[] = "GONOGO MARK";
    const char *words[6 * BATCH + 1];
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        words[used++] = "-f";
        words[used++] = files[i].path;
        words[used++] = "-c";
        words[used++] = "RESET ALL; --";
        words[used++] = "-c";
        words[used++] = mark;
    }
    words[used] = NULL;
    recorder_clear(recorder);
    assert_true(recorder_run_psql(recorder, words));
    size_t start = 0;
    size_t done = 0;
    for (size_t i = 0; i < recorder->count; i++) {
        if (str_eq(recorder->messages[i].text, mark)) {
            check_file(&files[done++], recorder->messages + start, i - start - 1);
            start = i + 1;
        }
    }
    return done;
}

/*
 * psql 15.20 aborts when its own idea of COPY ... FROM STDIN, kept from an earlier
 * statement, is not the server's; such a file says nothing about the cut and is left
 * out. It must stay rare.
 */
static void compare(const struct collection *all)
{
    struct recorder recorder;
    size_t aborted = 0;
    assert_true(recorder_init(&recorder));
    for (size_t at = 0; at < all->count;) {
        size_t count = all->count - at < BATCH ? all->count - at : BATCH;
        size_t done = run_batch(&recorder, all->files + at, count);
        aborted += done < count;
        at += done + (done < count);
    }
    recorder_release(&recorder);
    if (aborted > all->count / 200) {
        fail_msg("psql aborted in %zu of %zu files", aborted, all->count);
    }
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
    add_folder(&all, "/usr/share/postgresql/15/extension");
    assert_true(all.count > 0); /* the package postgresql-15 brings them */
    compare(&all);
    collection_release(&all);
}

static void our_plans_are_cut_as_psql_cuts_them(void **state)
{
    (void)state;
    struct collection all;
    collection_init(&all);
    add_folder(&all, "plans");
    add_folder(&all, "tests/plans-demo");
    assert_true(all.count > 0);
    compare(&all);
    collection_release(&all);
}

static void corpus_is_cut_as_psql_cuts_it(void **state)
{
    (void)state;
    struct collection all;
    collection_init(&all);
    add_folder(&all, "tests/sql");
    assert_true(all.count > 0);
    compare(&all);
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
        add_script(&all, name, strbuf_str(&text));
        strbuf_release(&text);
    }
    compare(&all);
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
