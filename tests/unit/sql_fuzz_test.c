/* SPDX-License-Identifier: PostgreSQL */
/*
 * Replays the fuzz corpora of the cut and of the facts, the scripts of tests/sql, and each of
 * them cut short after every byte, since an end in the wrong place is what a lexer
 * trips over.
 */
#include "sql_cut_check.h"
#include "sql_study_check.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

typedef bool check(struct str bytes);

static void check_file(const char *path, check *holds, bool shortened)
{
    char bytes[65536];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    for (size_t end = shortened ? 0 : length; end <= length; end++) {
        if (!holds((struct str){bytes, end})) {
            fail_msg("%s, first %zu bytes", path, end);
        }
    }
}

static void check_folder(const char *folder, check *holds, bool shortened)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, NULL, alphasort);
    assert_true(count > 2);
    for (int i = 0; i < count; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.') {
            check_file(path, holds, shortened);
        }
        free(entries[i]);
    }
    free(entries);
}

static void corpus_of_the_fuzzer_holds(void **state)
{
    (void)state;
    check_folder("tests/fuzz/sql_cut_corpus", sql_cut_check, false);
}

static void corpus_of_facts_holds(void **state)
{
    (void)state;
    check_folder("tests/fuzz/sql_study_corpus", sql_study_check, false);
}

static void scripts_cut_short_hold(void **state)
{
    (void)state;
    check_folder("tests/sql", sql_cut_check, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corpus_of_the_fuzzer_holds),
        cmocka_unit_test(corpus_of_facts_holds),
        cmocka_unit_test(scripts_cut_short_hold),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sql_fuzz", tests, NULL, NULL);
}
