/* SPDX-License-Identifier: PostgreSQL */
/*
 * What must hold of the facts of any text: every action points into its statement, says how it
 * is taken back when its way back is a statement, and that statement parses; a statement that
 * parses has an action; every text in the facts can be read.
 */
#include "sql_study_check.h"

#include "facts_text.h"

struct verdict {
    bool good;
};

static void fail(struct verdict *verdict, const char *what, const struct sql_action *action)
{
    printf("# %s: %s\n", what, action == NULL ? "" : sql_form_row(action->form)->id);
    verdict->good = false;
}

static bool parses(struct str text)
{
    struct arena arena = {0};
    struct sql_script script;
    struct sql_trouble trouble;
    bool good = sql_cut(text, NULL, &arena, &script, &trouble) && script.count == 1;
    if (good) {
        sql_describe(&script, &arena);
        good = script.statements[0].judgement == SQL_PARSED;
    }
    arena_release(&arena);
    return good;
}

static void check_action(struct verdict *verdict, const struct sql_statement *statement,
                         const struct sql_action *action)
{
    if (action->offset < statement->offset ||
        action->offset > statement->offset + statement->length) {
        fail(verdict, "points out of its statement", action);
    }
    if ((action->undo == SQL_UNDO_STATEMENT) != (action->undo_sql.len > 0)) {
        fail(verdict, "says half of how it is taken back", action);
    }
    if (action->undo_sql.len > 0 && !parses(action->undo_sql)) {
        fail(verdict, "is taken back by what does not parse", action);
        printf("# %.*s\n", STR_ARG(action->undo_sql));
    }
}

static void check_facts(void *context, const struct sql_statement *statement, size_t index,
                        const struct sql_facts *facts)
{
    (void)index;
    struct verdict *verdict = context;
    struct strbuf text = {0};
    facts_write(&text, facts);
    strbuf_release(&text);
    if ((statement->judgement == SQL_PARSED) != (facts->action_count > 0)) {
        fail(verdict, "parsed, but does nothing; or the other way round", NULL);
    }
    for (size_t i = 0; i < facts->action_count; i++) {
        check_action(verdict, statement, &facts->actions[i]);
    }
    for (size_t i = 0; i < facts->opaque_count; i++) {
        if (facts->opaque[i].place.offset > statement->offset + statement->length ||
            facts->opaque[i].place.line < statement->line) {
            fail(verdict, "opaque out of its statement", NULL);
        }
    }
}

bool sql_study_check(struct str text)
{
    struct verdict verdict = {true};
    struct arena arena = {0};
    struct sql_script script;
    struct sql_trouble trouble;
    if (sql_cut(text, NULL, &arena, &script, &trouble)) {
        sql_study(&script, 15, &arena, check_facts, &verdict);
    }
    arena_release(&arena);
    return verdict.good;
}
