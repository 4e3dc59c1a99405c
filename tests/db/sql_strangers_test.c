/* SPDX-License-Identifier: PostgreSQL */
/*
 * The cut against the real psql on other people's scripts, which are not kept here:
 * $GONOGO_SCRIPTS is a folder of them, such as src/test/regress/sql of PostgreSQL's source.
 * Without it our own in tests/sql stand in for them.
 *
 * psql runs no command of its own that stands in them: each is taken out first, or becomes the
 * semicolon that it stands for, and then both read the same text. That way what stands behind
 * a command is compared, too, and "\!" of a stranger starts nothing. Psql's own variables have
 * upper-case names: lower-cased they have no value, and psql lets them stand as they are.
 */
#include "psql_compare.h"
#include "testing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Whether the command sends what stands before it, as a semicolon does: \;, \g, \gset ... */
static bool sends(struct str command)
{
    return str_starts(command, "\\;") || str_starts(command, "\\crosstabview") ||
           str_starts(command, "\\watch") ||
           (str_starts(command, "\\g") && !str_starts(command, "\\getenv"));
}

/* Takes the first command that the cut meets out of the text; false when it meets none. */
static bool take_command_out(struct strbuf *text)
{
    struct arena arena = {0};
    struct sql_script script;
    struct sql_trouble trouble;
    struct str all = strbuf_str(text);
    bool cut = sql_cut(all, NULL, &arena, &script, &trouble);
    arena_release(&arena);
    if (cut || trouble.kind != SQL_TROUBLE_BACKSLASH) {
        return false;
    }
    size_t at = trouble.place.offset;
    struct str command = str_slice(all, at, all.len);
    size_t end = str_starts(command, "\\;") ? 2 : str_find_byte(command, '\n', 0);
    struct strbuf without = {0};
    strbuf_add(&without, str_slice(all, 0, at));
    strbuf_text(&without, sends(command) ? ";" : "");
    strbuf_add(&without, str_slice(command, end, command.len));
    strbuf_release(text);
    *text = without;
    return true;
}

static size_t take_commands_out(struct strbuf *text)
{
    size_t taken = 0;
    while (take_command_out(text)) {
        taken++;
    }
    return taken;
}

/* True when there was one. */
static bool lower_variables(struct strbuf *text)
{
    bool lowered = false;
    for (size_t i = 0; i + 2 < text->len; i++) {
        bool inside = text->ptr[i] == ':' && strchr("'\"", text->ptr[i + 1]) != NULL;
        for (size_t at = i + 2; inside && at < text->len; at++) {
            char byte = text->ptr[at];
            inside = (byte >= 'A' && byte <= 'Z') || byte == '_';
            lowered = lowered || inside;
            text->ptr[at] = (char)(inside && byte != '_' ? byte - 'A' + 'a' : byte);
        }
    }
    return lowered;
}

static size_t with_commands; /* files, of those added by add_stranger() */

static void add_stranger(struct collection *all, const char *path)
{
    struct strbuf text = {0};
    assert_true(test_read_file(path, 0, &text));
    bool commands = take_commands_out(&text) > 0;
    with_commands += lower_variables(&text) || commands;
    collection_add(all, path, strbuf_str(&text));
    strbuf_release(&text);
}

static void what_stands_behind_commands_is_compared(void **state)
{
    (void)state;
    static const char script[] = "select 1 \\; select 2;\n\\set x 'a;b'\nselect 3 \\gset\n"
                                 "select ';' as \"\\\" \\g /dev/null\n\\! false\nselect 4;\n";
    struct strbuf text = {0};
    struct collection all;
    strbuf_text(&text, script);
    assert_int_equal(take_commands_out(&text), 5);
    assert_string_equal(text.ptr, "select 1 ; select 2;\n\nselect 3 ;\n"
                                  "select ';' as \"\\\" ;\n\nselect 4;\n");
    collection_init(&all);
    collection_add(&all, "commands", strbuf_str(&text));
    collection_must_agree(&all);
    collection_release(&all);
    strbuf_release(&text);
}

static void scripts_of_strangers_are_cut_as_psql_cuts_them(void **state)
{
    (void)state;
    const char *named = getenv("GONOGO_SCRIPTS");
    const char *folder = named ? named : "tests/sql";
    struct collection all;
    size_t refused = 0;
    size_t aborted = 0;
    collection_init(&all);
    collection_add_folder(&all, folder, add_stranger);
    size_t differences = collection_differences(&all);
    for (size_t i = 0; i < all.count; i++) {
        const struct script_file *file = &all.files[i];
        aborted += file->aborted;
        refused += file->trouble.kind != SQL_TROUBLE_NONE;
        if (file->aborted || file->trouble.kind != SQL_TROUBLE_NONE) {
            print_message("# %s:%d: %s\n", file->name, file->trouble.place.line,
                          file->aborted ? "psql aborts" : file->trouble.err.message);
        }
    }
    print_message("# %zu scripts, %zu of them with commands or variables of psql; "
                  "%zu differ, %zu are refused "
                  "and agree until there, psql aborts in %zu\n",
                  all.count, with_commands, differences, refused, aborted);
    collection_release(&all);
    assert_int_equal(differences, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_behind_commands_is_compared),
        cmocka_unit_test(scripts_of_strangers_are_cut_as_psql_cuts_them),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sql_strangers", tests, NULL, NULL);
}
