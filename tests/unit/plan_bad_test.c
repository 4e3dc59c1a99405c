/* SPDX-License-Identifier: PostgreSQL */
/*
 * Bad plans: tests/plans-bad/NAME.yaml must give exactly NAME.expected, every
 * line of it. What cannot stand in a file of the tree is built here.
 */
#include "plan_room.h"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    BAD_PLANS_MIN = 60
};

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Names without ".yaml", sorted; the caller frees them. */
static char **bad_names(const char *folder, size_t *count)
{
    char **names = NULL;
    size_t capacity = 0;
    *count = 0;
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        size_t length = strlen(entry->d_name);
        if (length > 5 && strcmp(entry->d_name + length - 5, ".yaml") == 0) {
            char **name = ARRAY_PUSH(names, *count, capacity);
            *name = mem_text(entry->d_name);
            (*name)[length - 5] = '\0';
        }
    }
    closedir(directory);
    qsort(names, *count, sizeof(*names), compare_names);
    return names;
}

static bool compare_one(const char *folder, const char *name)
{
    struct arena arena = {0};
    struct plan_diagnostics diagnostics = {0};
    struct strbuf bytes = {0};
    struct strbuf wanted = {0};
    struct str file = str_format(&arena, "%s.yaml", name);
    assert_true(test_read_file(str_text(&arena, str_format(&arena, "%s/%s.yaml", folder, name)),
                               0, &bytes));
    assert_true(test_read_file(
        str_text(&arena, str_format(&arena, "%s/%s.expected", folder, name)), 0, &wanted));
    struct plan *plan = plan_read(strbuf_str(&bytes), file, &arena, &diagnostics);
    const char *text = told(&arena, &diagnostics);
    bool same = str_eq(strbuf_str(&wanted), text);
    if (!same) {
        print_error("%s: told\n%swanted\n%s", name, text, wanted.ptr != NULL ? wanted.ptr : "");
    }
    if ((plan == NULL) != (diagnostics.errors > 0)) {
        print_error("%s: a plan and errors, or neither\n", name);
        same = false;
    }
    if (diagnostics.count == 0) {
        print_error("%s: nothing is told\n", name);
        same = false;
    }
    strbuf_release(&bytes);
    strbuf_release(&wanted);
    plan_diagnostics_release(&diagnostics);
    arena_release(&arena);
    return same;
}

static void every_bad_plan_gives_its_message(void **state)
{
    (void)state;
    struct arena arena = {0};
    const char *folder = tree_path(&arena, "tests/plans-bad");
    size_t count = 0;
    size_t wrong = 0;
    char **names = bad_names(folder, &count);
    for (size_t i = 0; i < count; i++) {
        wrong += compare_one(folder, names[i]) ? 0 : 1;
        free(names[i]);
    }
    free(names);
    arena_release(&arena);
    assert_true(count >= BAD_PLANS_MIN);
    assert_int_equal(wrong, 0);
}

/* Every prefix of a good plan is read without a crash, and none but the whole is a plan twice.
 */
static void cut_plans_are_refused_quietly(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct strbuf bytes = {0};
    assert_true(test_read_file(tree_path(&arena, "tests/plans/reference.yaml"), 0, &bytes));
    for (size_t length = 0; length < bytes.len; length += 97) {
        struct reading reading;
        read_text(&reading, (struct str){bytes.ptr, length});
        assert_true(reading.plan != NULL || reading.diagnostics.errors > 0);
        reading_release(&reading);
    }
    strbuf_release(&bytes);
    arena_release(&arena);
}

static void file_of_two_mebibytes_is_refused(void **state)
{
    (void)state;
    struct strbuf bytes = {0};
    strbuf_text(&bytes, SMALL_PLAN);
    strbuf_repeat(&bytes, '#', 2 * PLAN_SIZE_MAX);
    struct reading reading;
    read_text(&reading, strbuf_str(&bytes));
    assert_null(reading.plan);
    assert_int_equal(reading.diagnostics.count, 1);
    assert_string_equal(reading.diagnostics.items[0].code, "Y002");
    reading_release(&reading);
    strbuf_release(&bytes);
}

/* In a child, so that its time and memory can be seen: libyaml alone needs minutes for this. */
static void ten_thousand_brackets_cost_nothing(void **state)
{
    (void)state;
    enum {
        BRACKETS = 10000,
        MEMORY_KIB_MAX = 64 * 1024
    };
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct strbuf bytes = {0};
        strbuf_text(&bytes, "version: ");
        strbuf_repeat(&bytes, '[', BRACKETS);
        struct reading reading;
        read_text(&reading, strbuf_str(&bytes));
        bool good = reading.plan == NULL && reading.diagnostics.count == 1 &&
                    strcmp(reading.diagnostics.items[0].code, "Y021") == 0;
        reading_release(&reading);
        strbuf_release(&bytes);
        struct rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        good = good && usage.ru_utime.tv_sec + usage.ru_stime.tv_sec < 1 &&
               usage.ru_maxrss < MEMORY_KIB_MAX;
        _exit(good ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void alias_bomb_costs_nothing(void **state)
{
    (void)state;
    struct strbuf bytes = {0};
    strbuf_text(&bytes, "a: &a [x,x,x,x,x,x,x,x,x]\n");
    for (char name = 'b'; name < 'l'; name++) {
        strbuf_format(&bytes, "%c: &%c [", name, name);
        for (int i = 0; i < 9; i++) {
            strbuf_format(&bytes, "%s*%c", i == 0 ? "" : ",", name - 1);
        }
        strbuf_text(&bytes, "]\n");
    }
    struct reading reading;
    read_text(&reading, strbuf_str(&bytes));
    assert_null(reading.plan);
    assert_true(reading.arena.used < PLAN_SIZE_MAX);
    reading_release(&reading);
    strbuf_release(&bytes);
}

/* A thousand steps with a check each, as a real plan has them; twice the steps, twice the work.
 */
static void thousand_steps_are_read(void **state)
{
    (void)state;
    struct strbuf bytes = {0};
    strbuf_text(&bytes, "version: 1\nname: Long\nledger: { table: m }\ntargets: [{ id: a }]\n"
                        "steps:\n");
    for (int i = 0; i < 1000; i++) {
        strbuf_format(
            &bytes,
            "  - migration: \"%04d\"\n    file: m/%04d.sql\n    undo: m/%04d_down.sql\n"
            "    checks: [{ id: V%d, sql: select 1, equals: 1 }]\n",
            i, i, i, i);
    }
    struct reading reading;
    read_text(&reading, strbuf_str(&bytes));
    assert_non_null(reading.plan);
    assert_int_equal(reading.plan->steps.count, 1000);
    assert_int_equal(reading.plan->file_count, 2000);
    assert_text(reading.plan->steps.items[999].checks.items[0].id, "V999");
    assert_int_equal(reading.diagnostics.warnings, 1000); /* no hash */
    reading_release(&reading);
    strbuf_release(&bytes);
}

static void bom_and_crlf_are_read(void **state)
{
    (void)state;
    struct strbuf bytes = {0};
    strbuf_text(&bytes, "\xEF\xBB\xBF");
    struct str rest = STR(SMALL_PLAN);
    struct str line;
    while (str_cut(&rest, '\n', &line)) {
        strbuf_add(&bytes, line);
        strbuf_text(&bytes, "\r\n");
    }
    struct reading reading;
    read_text(&reading, strbuf_str(&bytes));
    assert_string_equal(told(&reading.arena, &reading.diagnostics), "");
    assert_non_null(reading.plan);
    reading_release(&reading);
    strbuf_release(&bytes);
}

/* Text from a plan cannot speak to the terminal of whoever checks it. */
static void hostile_text_is_shown_harmless(void **state)
{
    (void)state;
    struct reading reading;
    read_text(&reading, STR(SMALL_PLAN "\"a\\e[31mb\": 1\n"));
    assert_null(reading.plan);
    const char *text = told(&reading.arena, &reading.diagnostics);
    assert_null(strchr(text, '\x1b'));
    assert_non_null(strstr(text, "a\\x1b[31mb"));
    reading_release(&reading);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bad_plan_gives_its_message),
        cmocka_unit_test(cut_plans_are_refused_quietly),
        cmocka_unit_test(file_of_two_mebibytes_is_refused),
        cmocka_unit_test(ten_thousand_brackets_cost_nothing),
        cmocka_unit_test(alias_bomb_costs_nothing),
        cmocka_unit_test(thousand_steps_are_read),
        cmocka_unit_test(bom_and_crlf_are_read),
        cmocka_unit_test(hostile_text_is_shown_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
