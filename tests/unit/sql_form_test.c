/* SPDX-License-Identifier: PostgreSQL */
/*
 * No command without facts: the grammar's own lists of statements, of ALTER TABLE's commands
 * and of kinds of objects are walked. Each member has a statement that the grammar makes it
 * of and of which the facts know an action, or a reason why there is none. A new grammar that
 * knows more makes these tests fail.
 */
#include "facts_text.h"
#include "tree.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "sql_form_samples.h"

/* A sample that begins with a minus is a reason. */
static bool is_reason(const char *sample)
{
    return sample[0] == '-';
}

/* -------------------------------------------------------------- what a text is */

/* Borrowed from the shelf; NULL when the grammar refuses the text. */
static const PgQuery__Node *parse(struct tree_shelf *shelf, const char *text)
{
    const PgQueryError *error;
    const PgQuery__ParseResult *tree = tree_read(shelf, str_from(text), &error);
    if (error != NULL) {
        print_message("# %s: %s\n", text, error->message);
        return NULL;
    }
    return tree->stmts[0]->stmt;
}

static void count_actions(void *context, const struct sql_statement *statement, size_t index,
                          const struct sql_facts *facts)
{
    (void)statement;
    (void)index;
    size_t *count = context;
    *count += facts->action_count;
}

static bool has_action(const char *text)
{
    struct arena arena = {0};
    struct sql_script script;
    struct sql_trouble trouble;
    size_t count = 0;
    assert_true(sql_cut(str_from(text), NULL, &arena, &script, &trouble));
    sql_study(&script, 15, &arena, count_actions, &count);
    arena_release(&arena);
    if (count == 0) {
        print_message("# no action is known of: %s\n", text);
    }
    return count > 0;
}

/* ---------------------------------------------------------------- statements */

static const char *const *find_sample(const struct sample *samples, size_t count,
                                      const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(samples[i].name, name) == 0) {
            return &samples[i].sample;
        }
    }
    print_message("# %s has neither a statement nor a reason\n", name);
    return NULL;
}

static bool is_statement(const char *text, const char *name)
{
    struct tree_shelf shelf = {0};
    const PgQuery__Node *node = parse(&shelf, text);
    const ProtobufCFieldDescriptor *field =
        node == NULL ? NULL
                     : protobuf_c_message_descriptor_get_field(&pg_query__node__descriptor,
                                                               (unsigned)node->node_case);
    bool is = field != NULL && strcmp(field->name, name) == 0;
    if (!is) {
        print_message("# no %s: %s\n", name, text);
    }
    tree_shelf_release(&shelf);
    return is;
}

static void every_statement_has_facts(void **state)
{
    (void)state;
    int wrong = 0;
    for (unsigned i = 0; i < pg_query__node__descriptor.n_fields; i++) {
        const char *name = pg_query__node__descriptor.fields[i].name;
        if (!str_ends(str_from(name), "_stmt")) {
            continue;
        }
        const char *const *sample =
            find_sample(statement_samples, COUNT_OF(statement_samples), name);
        bool good = sample != NULL && (is_reason(*sample) ||
                                       (is_statement(*sample, name) && has_action(*sample)));
        wrong += good ? 0 : 1;
    }
    assert_int_equal(wrong, 0);
}

/* ----------------------------------------------------- commands of ALTER TABLE */

static bool is_command(const char *text, int subtype)
{
    struct tree_shelf shelf = {0};
    const PgQuery__Node *node = parse(&shelf, text);
    bool is = node != NULL && node->node_case == PG_QUERY__NODE__NODE_ALTER_TABLE_STMT &&
              (int)node->alter_table_stmt->cmds[0]->alter_table_cmd->subtype == subtype;
    if (!is) {
        print_message("# another command: %s\n", text);
    }
    tree_shelf_release(&shelf);
    return is;
}

static void every_command_has_facts(void **state)
{
    (void)state;
    const ProtobufCEnumDescriptor *types = &pg_query__alter_table_type__descriptor;
    int wrong = 0;
    for (unsigned i = 0; i < types->n_values; i++) {
        const char *const *sample =
            find_sample(command_samples, COUNT_OF(command_samples), types->values[i].name);
        bool good = sample != NULL &&
                    (is_reason(*sample) ||
                     (is_command(*sample, types->values[i].value) && has_action(*sample)));
        wrong += good ? 0 : 1;
    }
    assert_int_equal(wrong, 0);
}

/* ------------------------------------------------------------ kinds of objects */

/* The type that DROP, COMMENT and RENAME say; -1 for other statements. */
static int object_type(const PgQuery__Node *node)
{
    if (node->node_case == PG_QUERY__NODE__NODE_DROP_STMT) {
        return (int)node->drop_stmt->remove_type;
    }
    if (node->node_case == PG_QUERY__NODE__NODE_COMMENT_STMT) {
        return (int)node->comment_stmt->objtype;
    }
    return node->node_case == PG_QUERY__NODE__NODE_RENAME_STMT
               ? (int)node->rename_stmt->rename_type
               : -1;
}

static bool is_about(const char *text, int type)
{
    struct tree_shelf shelf = {0};
    const PgQuery__Node *node = parse(&shelf, text);
    bool is = node != NULL && object_type(node) == type;
    if (!is) {
        print_message("# another kind of object: %s\n", text);
    }
    tree_shelf_release(&shelf);
    return is;
}

static void every_kind_of_object_has_facts(void **state)
{
    (void)state;
    const ProtobufCEnumDescriptor *types = &pg_query__object_type__descriptor;
    int wrong = 0;
    for (unsigned i = 0; i < types->n_values; i++) {
        const struct object_sample *samples = NULL;
        for (size_t j = 0; j < COUNT_OF(object_samples); j++) {
            if (strcmp(object_samples[j].name, types->values[i].name) == 0) {
                samples = &object_samples[j];
            }
        }
        if (samples == NULL) {
            print_message("# %s has no samples\n", types->values[i].name);
            wrong++;
            continue;
        }
        const char *const texts[] = {samples->drop, samples->comment, samples->rename};
        for (size_t j = 0; j < COUNT_OF(texts); j++) {
            bool good = is_reason(texts[j]) ||
                        (is_about(texts[j], types->values[i].value) && has_action(texts[j]));
            wrong += good ? 0 : 1;
        }
    }
    assert_int_equal(wrong, 0);
}

/* ------------------------------------------------------------- the table itself */

/* Told by the row of each form; a page of the manual, and nothing that contradicts itself. */
static void every_form_is_told(void **state)
{
    (void)state;
    for (int i = 0; i < SQL_FORM__COUNT; i++) {
        const struct sql_form_row *row = sql_form_row((enum sql_form)i);
        assert_true(row->id[0] != '\0' && row->command[0] != '\0');
        assert_true(str_starts(str_from(row->manual), "sql-"));
        assert_false(row->loss == SQL_LOSS_DATA && row->undo == SQL_UNDO_STATEMENT);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(row->command, sql_form_row((enum sql_form)j)->command);
        }
    }
}

/* ---------------------------------------------------------- outside of transactions */

/* True when looking for statements that stand alone finds what the description tells. */
static bool stands_as_told(const char *text)
{
    struct arena arena = {0};
    struct sql_script script;
    struct sql_trouble trouble;
    assert_true(sql_cut(str_from(text), NULL, &arena, &script, &trouble));
    bool found = sql_stands_alone(&script);
    sql_describe(&script, &arena);
    bool told = false;
    for (size_t i = 0; i < script.count; i++) {
        told = told || script.statements[i].transactional == SQL_NO;
    }
    if (found != told) {
        print_message("# stands alone: %s\n", text);
    }
    arena_release(&arena);
    return found == told;
}

static void what_stands_alone_is_found(void **state)
{
    (void)state;
    static const char *const more[] = {
        "CREATE INDEX CONCURRENTLY i ON t (a)",
        "SELECT 1; drop index Concurrently i; SELECT 2",
        "CREATE INDEX \"concurrently\" ON t (a)",
        "SELECT 'concurrently'",
        "REINDEX (CONCURRENTLY) TABLE t",
        "REINDEX SCHEMA s",
        "ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
        "ALTER DATABASE d SET TABLESPACE s",
        "ALTER SUBSCRIPTION s REFRESH PUBLICATION",
        "DISCARD ALL",
        "CLUSTER",
        "COMMIT PREPARED 'g'",
        "ROLLBACK PREPARED 'g'",
    };
    bool good = true;
    for (size_t i = 0; i < COUNT_OF(more); i++) {
        good = stands_as_told(more[i]) && good;
    }
    for (size_t i = 0; i < COUNT_OF(statement_samples); i++) {
        good = (is_reason(statement_samples[i].sample) ||
                stands_as_told(statement_samples[i].sample)) &&
               good;
    }
    assert_true(good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_statement_has_facts),
        cmocka_unit_test(what_stands_alone_is_found),
        cmocka_unit_test(every_command_has_facts),
        cmocka_unit_test(every_kind_of_object_has_facts),
        cmocka_unit_test(every_form_is_told),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sql_form", tests, NULL, NULL);
}
