/* SPDX-License-Identifier: PostgreSQL */
/*
 * Looking around, by keys, in one run that waits at its checklist: nothing that is
 * pressed here starts or ends anything, and the last test asks the database for that.
 */
#include "base.h"
#include "operator.h"

#include <glob.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>

#include <cmocka.h>

/* A screen's key and words that stand on no other. */
struct place {
    const char *key, *mark;
};
static const struct place places[] = {
    {"1", "── TIMELINE"},       {"2", "── BACKUP"},       {"3", "── GO / NO-GO"},
    {"4", " MIGRATE  1 of"},    {"5", "── VERIFICATION"}, {"6", "── PROBES"},
    {"o", "── TIMELINE"},       {"7", "── CRITERIA"},     {"v", " PLAN REVIEW"},
    {"c", "── BEFORE / AFTER"}, {"b", " ROLLBACK  "},
};

static const char preparation[] =
    "create table orders (id int primary key, note text);"
    "create table \"evil\033[31m\033]0;owned\007name\" (id int);"
    "create table \"\xe2\x80\xae"
    "esrever\" (id int);"
    "create table \"two\nlines\" (id int);"
    "create table \"a234567890b234567890c234567890d234567890e234567890f234567890g23\" (id int)";
static const char migration[] =
    "alter table orders add column total int;\n"
    "drop table \"evil\033[31m\033]0;owned\007name\";\n"
    "drop table \"\xe2\x80\xae"
    "esrever\";\n"
    "drop table \"two\nlines\";\n"
    "drop table \"a234567890b234567890c234567890d234567890e234567890f234567890g23\";\n";

static int one_run(void **state)
{
    (void)operator_set_up(state);
    operator_run(*state, preparation, migration, 80, 24);
    return 0;
}

/* Every test begins where the run is, with nothing open. */
static int begin(void **state)
{
    struct operator* me = * state;
    for (int i = 0; i < 3; i++) { /* the mode, the overlay, what a failed test left open */
        operator_press(me, "\033");
    }
    operator_press_for(me, "1", "── TIMELINE");
    return 0;
}

/* The record of the run holds a text. */
static bool record_has(struct operator* me, const char *name, const char *text)
{
    glob_t found = {0};
    char pattern[64];
    bool has = false;
    (void)snprintf(pattern, sizeof(pattern), "state/gonogo/*/*/%s", name);
    if (glob(operator_path(me, pattern), 0, NULL, &found) != 0) {
        (void)snprintf(pattern, sizeof(pattern), "state/gonogo/*/%s", name);
        (void)glob(operator_path(me, pattern), 0, NULL, &found);
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char line[16 * 1024];
        FILE *file = fopen(found.gl_pathv[i], "r");
        while (file && fgets(line, sizeof(line), file)) {
            has = has || strstr(line, text) != NULL;
        }
        (void)(file && fclose(file));
    }
    globfree(&found);
    return has;
}

static void every_screen_has_its_key(void **state)
{
    struct operator* me = * state;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        operator_press_for(me, places[i].key, places[i].mark);
        SEE(me, " NEXT  Ready?");
        SEE(me, "SCRATCH");
    }
    operator_press_for(me, "0", "── TIMELINE");
}

static void counts_are_one_key_away_from_every_screen(void **state)
{
    struct operator* me = * state;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        operator_press_for(me, places[i].key, places[i].mark);
        operator_press_for(me, "c", "── BEFORE / AFTER");
        SEE(me, " tables  ");
    }
}

static void help_opens_on_every_screen_and_closes(void **state)
{
    struct operator* me = * state;
    static const char *const keys[] = {"?", "h", "\033OP"};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        operator_press_for(me, places[i].key, places[i].mark);
        operator_press_for(me, keys[i % COUNT_OF(keys)], "── HELP");
        SEE(me, "Esc closes");
        operator_press(me, "\033");
        SEE_GONE(me, "── HELP");
        SEE(me, places[i].mark);
    }
}

static void help_can_be_searched(void **state)
{
    struct operator* me = * state;
    operator_press_for(me, "?", "── HELP");
    operator_press(me, "/terminate blocker\r");
    SEE(me, "end the session that holds us up");
    operator_press(me, "\033");
    SEE_GONE(me, "── HELP");
}

static void no_line_of_the_help_is_cut(void **state)
{
    struct operator* me = * state;
    operator_press_for(me, "?", "── HELP");
    SEE(me, "answer what is asked now");
    SEE(me, "says the way out");
    SEE(me, "once arms, twice cancels that statement");
    SEE(me, "only; else: says the way out");
    operator_press(me, "\033");
    SEE_GONE(me, "── HELP");
}

static void a_search_finds_and_says_how_many(void **state)
{
    struct operator* me = * state;
    operator_press_for(me, "v", " PLAN REVIEW");
    operator_press(me, "/??\r");
    SEE(me, "1 of 4");
    operator_press(me, "n");
    SEE(me, "2 of 4");
    operator_press(me, "N");
    SEE(me, "1 of 4");
}

static void a_filter_is_never_silent(void **state)
{
    struct operator* me = * state;
    operator_press_for(me, "v", " PLAN REVIEW");
    operator_press(me, "flines\r");
    SEE(me, "filtered 1 of 4");
    SEE(me, "lines");
    operator_press(me, "\033");
    SEE_GONE(me, "filtered");
    SEE(me, "esrever");
}

static void tab_turns_the_pages_of_a_small_terminal(void **state)
{
    struct operator* me = * state;
    operator_press_for(me, "c", "── MEMBERS");
    assert_false(operator_sees(me, "── DEFINITION"));
    operator_press_for(me, "\t", "── DEFINITION");
    operator_press_for(me, "\033[Z", "── MEMBERS");
}

static void zoom_shows_one_pane_and_back(void **state)
{
    struct operator* me = * state;
    SEE(me, "── STATE");
    operator_press(me, "+");
    SEE_GONE(me, "── STATE");
    SEE(me, "── TIMELINE");
    operator_press(me, "+");
    SEE(me, "── STATE");
}

static void goto_finds_screens_items_and_statements(void **state)
{
    struct operator* me = * state;
    operator_command(me, "goto poll");
    SEE(me, "── GO / NO-GO");
    operator_command(me, "goto 001:1");
    SEE(me, "alter table orders");
    operator_command(me, "goto nowhere");
    SEE(me, "goto SCREEN, CHECK, ITEM");
    operator_press(me, "\033");
}

static void tab_completes_commands_and_places(void **state)
{
    struct operator* me = * state;
    operator_press(me, ":got\t");
    SEE(me, " :goto");
    operator_press(me, " rev\t");
    SEE(me, " :goto review");
    operator_press(me, "\r");
    SEE(me, " PLAN REVIEW");
}

static void a_mistyped_command_is_told_and_not_guessed(void **state)
{
    struct operator* me = * state;
    operator_command(me, "qiut");
    SEE(me, "\"qiut\" is no command; did you mean quit?");
    operator_press(me, "\033");
    SEE(me, " NEXT  Ready?");
}

static void a_note_is_kept_with_the_record(void **state)
{
    struct operator* me = * state;
    operator_press(me, "i");
    SEE(me, " :note");
    operator_press(me, "lag seen on the standby\r");
    SEE(me, "scribe: lag seen on the standby");
    assert_true(record_has(me, "evidence.jsonl", "lag seen on the standby") ||
                record_has(me, "journal.jsonl", "lag seen on the standby"));
}

static void what_is_copied_is_in_the_named_file(void **state)
{
    struct operator* me = * state;
    operator_press_for(me, "v", " PLAN REVIEW");
    operator_command(me, "goto 001:1");
    operator_press(me, "y");
    SEE(me, "copied: copied.txt");
    assert_true(record_has(me, "copied.txt", "alter table orders add column total int"));
    operator_press(me, "S");
    SEE(me, "status for the chat copied");
    assert_true(record_has(me, "copied.txt", "Ready?"));
}

/* The raw stream has no byte that a name brought along. */
static void names_cannot_speak_to_the_terminal(void **state)
{
    struct operator* me = * state;
    operator_press_for(me, "v", " PLAN REVIEW");
    SEE(me, "esrever");
    SEE(me, "a234567890b234567890");
    operator_command(me, "goto 001:2");
    operator_press_for(me, "\r", "owned");
    operator_press(me, "\033");
    const char *bytes = operator_bytes(me);
    assert_null(strstr(bytes, "\033[31m\033]0"));
    assert_null(strstr(bytes, "\033]0;owned"));
    assert_null(strstr(bytes, "\xe2\x80\xae"));
    assert_null(strstr(screen_title(me->screen), "owned"));
}

static void the_wheel_only_moves(void **state)
{
    struct operator* me = * state;
    operator_press(me, "M");
    SEE(me, "mouse on");
    operator_press_for(me, "v", " PLAN REVIEW");
    for (int i = 0; i < 20; i++) {
        operator_press(me, "\033[<65;10;10M\033[<64;10;10M\033[<0;10;10M\033[<0;10;10m");
    }
    operator_press(me, "M");
    SEE(me, "mouse off");
    SEE(me, " PLAN REVIEW");
    SEE(me, " NEXT  Ready?");
}

static void a_paused_picture_says_so(void **state)
{
    struct operator* me = * state;
    operator_press(me, "p");
    SEE(me, "PAUSED");
    operator_press(me, "p");
    SEE_GONE(me, "PAUSED");
}

/* ^C, Esc, q, Enter and a pasted page, on every screen. */
static void nothing_starts_and_nothing_ends_by_accident(void **state)
{
    struct operator* me = * state;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        operator_press_for(me, places[i].key, places[i].mark);
        operator_press(me, "\003");
        SEE(me, "nothing of ours runs");
        operator_press(me, "\r\033\033\033");
        SEE_GONE(me, "Esc leaves everything");
        operator_press(me, "\033[200~q:quit\rleave\rgo\rapp\r\003\003\033[201~");
        SEE(me, "pasted text is ignored");
        operator_press_for(me, "q", "A run is open");
        operator_press(me, "\r\r\r"); /* nobody has read it yet; and the default is to stay */
        operator_press(me, "\033");
        SEE_GONE(me, "A run is open");
        SEE(me, " NEXT  Ready?");
    }
    assert_int_equal(kill(pty_pid(screen_pty(me->screen)), 0), 0);
}

static void the_database_is_as_it_was(void **state)
{
    struct operator* me = * state;
    assert_int_equal(operator_number(me, "select count(*) from pg_tables where "
                                         "schemaname = 'public'"),
                     5);
    assert_int_equal(operator_number(me, "select count(*) from pg_attribute where "
                                         "attrelid = 'orders'::regclass and attnum > 0"),
                     2);
    operator_command(me, "quit");
    operator_press_for(me, "j", "►  leave");
    operator_press(me, "\r");
    FILL(me, "type leave to stop at the next safe point; it can be resumed", "leave");
    assert_int_equal(operator_exit(me), 6);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(every_screen_has_its_key),
        TEST(counts_are_one_key_away_from_every_screen),
        TEST(help_opens_on_every_screen_and_closes),
        TEST(help_can_be_searched),
        TEST(no_line_of_the_help_is_cut),
        TEST(a_search_finds_and_says_how_many),
        TEST(a_filter_is_never_silent),
        TEST(tab_turns_the_pages_of_a_small_terminal),
        TEST(zoom_shows_one_pane_and_back),
        TEST(goto_finds_screens_items_and_statements),
        TEST(tab_completes_commands_and_places),
        TEST(a_mistyped_command_is_told_and_not_guessed),
        TEST(a_note_is_kept_with_the_record),
        TEST(what_is_copied_is_in_the_named_file),
        TEST(names_cannot_speak_to_the_terminal),
        TEST(the_wheel_only_moves),
        TEST(a_paused_picture_says_so),
        TEST(nothing_starts_and_nothing_ends_by_accident),
        TEST(the_database_is_as_it_was),
    };
    cmocka_set_test_filter(getenv("GONOGO_TEST")); /* one of them, by its name */
    return cmocka_run_group_tests(tests, one_run, operator_tear_down);
}
