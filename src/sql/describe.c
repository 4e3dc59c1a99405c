/* SPDX-License-Identifier: PostgreSQL */
/*
 * From a statement's bytes to its description, by way of libpg_query: parsed, or a
 * mistake or "cannot judge" with the parser's words and their place in the file, or "not
 * analysed" when the library's recursion would be too deep. The depth is estimated
 * before the library sees the text, because it would overflow the stack when it
 * packs a long chain of operators.
 */
#include "facts.h"
#include "newer.h"
#include "tree.h"
#include "words.h"

enum {
    NESTING_MAX = 500
};

/* ------------------------------------------------------------------ places */

/* The place in the file of the `characters`-th character (from 0) of a statement. */
static struct sql_place place_of(struct str text, const struct sql_statement *statement,
                                 size_t characters)
{
    struct sql_place place = {statement->offset, statement->line, statement->column};
    for (size_t i = 0; i < text.len && characters > 0; characters--) {
        uint32_t code_point;
        size_t length = utf8_next(str_slice(text, i, text.len), &code_point);
        length = length == 0 ? 1 : length;
        place.column++;
        if (text.ptr[i] == '\n') {
            place.line++;
            place.column = 1;
        }
        i += length;
        place.offset += length;
    }
    return place;
}

/* ------------------------------------------------------------------- depth */

/* Operators in a row, for each level of parentheses that is open. */
struct depth {
    int runs[NESTING_MAX + 1];
    int level;
    int sum; /* of all runs up to `level` */
};

static void reset_run(struct depth *depth)
{
    depth->sum -= depth->runs[depth->level];
    depth->runs[depth->level] = 0;
}

/* Words that begin a new list or operand, where a chain of operators cannot go on. */
static bool breaks_chain(struct word word)
{
    static const char *const breaking[] = {"and", "or", "when", "then", "else", "where"};
    for (size_t i = 0; i < COUNT_OF(breaking); i++) {
        if (word_equals(word, breaking[i])) {
            return true;
        }
    }
    return false;
}

/* Words that nest one query or join in another for each time they stand. */
static bool chains_queries(struct word word)
{
    static const char *const chaining[] = {"union",    "intersect", "except", "join",
                                           "case",     "not",       "is",     "zone",
                                           "operator", "collate"};
    for (size_t i = 0; i < COUNT_OF(chaining); i++) {
        if (word_equals(word, chaining[i])) {
            return true;
        }
    }
    return false;
}

/* False when nesting is too deep. */
static bool count_token(struct depth *depth, struct word word, bool glued)
{
    char symbol = word.kind == WORD_SYMBOL ? word.text.ptr[0] : '\0';
    if (symbol == '(' || symbol == '[') {
        if (depth->level == NESTING_MAX) {
            return false;
        }
        depth->runs[++depth->level] = 0;
    } else if ((symbol == ')' || symbol == ']') && depth->level > 0) {
        reset_run(depth);
        depth->level--;
    } else if (symbol == ',' || symbol == ';' || breaks_chain(word)) {
        reset_run(depth);
    } else if ((word.kind == WORD_OPERATOR && !glued) || chains_queries(word)) {
        depth->runs[depth->level]++;
        depth->sum++;
    }
    return true;
}

bool sql_nests_too_deep(struct str text, bool strings_on)
{
    if (text.len <= NESTING_MAX) {
        return false; /* a level and an operator take a byte at least: most need no look */
    }
    struct word_reader reader = {.text = text, .strings_on = strings_on};
    struct depth depth = {.level = 0};
    struct word word;
    const char *operator_end = NULL;
    while ((word = word_next(&reader)).kind != WORD_END) {
        bool glued = word.kind == WORD_OPERATOR && word.text.ptr == operator_end;
        if (word.kind == WORD_OPERATOR) {
            operator_end = word.text.ptr + word.text.len;
        }
        if (!count_token(&depth, word, glued) || depth.sum > SQL_OPERATORS_MAX) {
            return true;
        }
    }
    return reader.comment_depth > NESTING_MAX; /* the grammar's scanner is quadratic there */
}

/* ----------------------------------------------------------------- parsing */

#define TEXT(literal)                                                                          \
    {                                                                                          \
        literal, sizeof(literal) - 1                                                           \
    }
static const struct sql_misread crashed = {TEXT("the parser crashed on it"), {0, 0, 0}};
static const struct sql_misread too_long = {TEXT("the statement is too long to be analysed"),
                                            {0, 0, 0}};
static const struct sql_misread too_deep = {TEXT("the statement nests too deep to be analysed"),
                                            {0, 0, 0}};
static const struct sql_misread ambiguous = {
    TEXT("a string holds a backslash while standard_conforming_strings is off"), {0, 0, 0}};
static const struct sql_misread not_one = {TEXT("the statement is not one single statement"),
                                           {0, 0, 0}};

static void not_analysed(struct sql_statement *statement, const struct sql_misread *why)
{
    statement->judgement = SQL_NOT_ANALYSED;
    statement->misread = why;
}

/* The parser gave a tree that is not one statement. */
static void cannot_judge(struct sql_statement *statement)
{
    statement->judgement = SQL_CANNOT_JUDGE;
    statement->misread = &not_one;
}

static void refused(struct str text, struct sql_statement *statement, struct arena *arena,
                    const PgQueryError *error)
{
    const char *message = error->message ? error->message : "";
    size_t stopped = text.len;
    if (str_starts(str_from(message), "memory exhausted")) { /* of the grammar's own stack */
        not_analysed(statement, &too_deep);
        return;
    }
    struct sql_misread *misread = arena_alloc(arena, sizeof *misread);
    misread->message = str_dup(arena, str_from(message));
    statement->misread = misread;
    if (error->cursorpos > 0) {
        misread->where = place_of(text, statement, (size_t)error->cursorpos - 1);
        stopped = misread->where.offset - statement->offset;
    }
    bool newer = newer_syntax(text, statement->standard_strings, stopped, message);
    statement->judgement = newer ? SQL_CANNOT_JUDGE : SQL_MISTAKE;
}

/* Where the description of one statement goes, and what it needs meanwhile. */
struct workshop {
    struct arena *arena;
    struct arena *objects; /* NULL: the same */
    struct tree_shelf shelf;
    struct tree_lists lists;
    struct gathering *gathering; /* NULL when no facts are wanted */
};

static void read_tree(const PgQuery__ParseResult *tree, struct sql_statement *statement,
                      struct workshop *workshop)
{
    if (tree == NULL || tree->n_stmts != 1 || tree->stmts[0]->stmt == NULL) {
        cannot_judge(statement);
        return;
    }
    const PgQuery__Node *node = tree->stmts[0]->stmt;
    statement->judgement = SQL_PARSED;
    statement->tag = tree_tag(node);
    statement->transactional = tree_transactional(node);
    statement->hides_control = tree_hides_control(node);
    tree_objects(node, statement, workshop->objects ? workshop->objects : workshop->arena,
                 &workshop->lists);
    if (workshop->gathering) {
        gather_statement(workshop->gathering, node);
        gather_long_names(workshop->gathering, workshop->gathering->whole);
    }
}

static void parse(struct str text, struct sql_statement *statement, struct workshop *workshop)
{
    const PgQueryError *error;
    const PgQuery__ParseResult *tree = tree_read(&workshop->shelf, text, &error);
    if (error != NULL) {
        refused(text, statement, workshop->arena, error);
    } else {
        read_tree(tree, statement, workshop);
    }
}

/* Notes that the next statement begins; false when it is to be left out. */
static bool may_begin(struct sql_statement *statement, struct sql_watch *watch)
{
    bool may = !statement->deadly;
    if (watch) {
        watch->at = statement;
        watch->statements++;
        for (size_t i = 0; i < watch->skip_count; i++) {
            may = may && watch->skips[i] != watch->statements;
        }
    }
    return may;
}

static void describe(struct str text, struct sql_statement *statement, struct sql_watch *watch,
                     struct workshop *workshop)
{
    statement->tag = "";
    statement->transactional = SQL_UNKNOWN;
    statement->hides_control = SQL_UNKNOWN;
    statement->objects = NULL;
    statement->object_count = 0;
    statement->misread = NULL;
    if (!may_begin(statement, watch)) {
        not_analysed(statement, &crashed);
    } else if (text.len > SQL_STATEMENT_BYTES_MAX) {
        not_analysed(statement, &too_long);
    } else if (sql_nests_too_deep(text, statement->standard_strings)) {
        not_analysed(statement, &too_deep);
    } else if (statement->backslash_string && !statement->standard_strings) {
        not_analysed(statement, &ambiguous);
    } else {
        parse(text, statement, workshop);
    }
}

void sql_describe_one(struct str text, struct sql_statement *statement, struct arena *arena)
{
    struct workshop workshop = {.arena = arena};
    describe(text, statement, NULL, &workshop);
    tree_shelf_release(&workshop.shelf);
}

void sql_describe(struct sql_script *script, struct arena *arena)
{
    struct workshop workshop = {.arena = arena};
    for (size_t i = 0; i < script->count; i++) {
        describe(sql_statement_text(script, i), &script->statements[i], script->watch,
                 &workshop);
        tree_shelf_clear(&workshop.shelf);
    }
    tree_shelf_release(&workshop.shelf);
}

/* Each statement that a transaction block refuses has one of these words, outside of quotes. */
static bool may_stand_alone(struct str text, bool strings_on)
{
    static const char *const words[] = {"concurrently", "reindex",      "vacuum",  "cluster",
                                        "database",     "subscription", "discard", "prepared",
                                        "system",       "tablespace"};
    struct word_reader reader = {.text = text, .strings_on = strings_on};
    struct word word;
    while ((word = word_next(&reader)).kind != WORD_END) {
        for (size_t i = 0; i < COUNT_OF(words); i++) {
            if (word_equals(word, words[i])) {
                return true;
            }
        }
    }
    return false;
}

bool sql_stands_alone(const struct sql_script *script)
{
    struct arena arena = {0};
    struct workshop workshop = {.arena = &arena};
    bool alone = false;
    for (size_t i = 0; i < script->count && !alone; i++) {
        struct sql_statement statement = script->statements[i];
        struct str text = sql_statement_text(script, i);
        if (may_stand_alone(text, statement.standard_strings)) {
            describe(text, &statement, script->watch, &workshop);
            alone = statement.transactional == SQL_NO;
            tree_shelf_clear(&workshop.shelf);
        }
    }
    tree_shelf_release(&workshop.shelf);
    arena_release(&arena);
    return alone;
}

/* Empties what the last statement left; the arrays keep their room. */
static void begin_gathering(struct gathering *gathering, const struct sql_script *script,
                            size_t index)
{
    gathering->whole = sql_statement_text(script, index);
    gathering->statement = &script->statements[index];
    gathering->source = (struct source){
        .text = gathering->whole,
        .base = gathering->statement->offset,
        .head = gathering->statement->head.offset,
        .exact = true,
    };
    gathering->depth = 0;
    gathering->conditional = false;
    gathering->action_count = 0;
    gathering->opaque_count = 0;
    gathering->swallow_count = 0;
    gathering->long_name_count = 0;
}

static struct sql_facts gathered(const struct gathering *gathering)
{
    return (struct sql_facts){
        .actions = gathering->actions,
        .action_count = gathering->action_count,
        .opaque = gathering->opaque,
        .opaque_count = gathering->opaque_count,
        .swallows = gathering->swallows,
        .swallow_count = gathering->swallow_count,
        .long_names = gathering->long_names,
        .long_name_count = gathering->long_name_count,
    };
}

/* The objects go with what the statement was described in. */
static void forget_objects(struct sql_statement *statement, struct workshop *workshop)
{
    statement->objects = NULL;
    statement->object_count = 0;
    workshop->lists = (struct tree_lists){0};
}

void sql_study(struct sql_script *script, int version, struct arena *arena,
               sql_facts_receiver receiver, void *context)
{
    struct gathering gathering = {.version = version};
    struct workshop workshop = {.arena = arena, .gathering = &gathering};
    struct arena scratch = {0};
    gathering.arena = &scratch;
    gathering.shelf = &workshop.shelf;
    workshop.objects = script->objects_pass ? &scratch : NULL;
    for (size_t i = 0; i < script->count; i++) {
        begin_gathering(&gathering, script, i);
        describe(gathering.whole, &script->statements[i], script->watch, &workshop);
        struct sql_facts facts = gathered(&gathering);
        receiver(context, &script->statements[i], i, &facts);
        if (script->objects_pass) {
            forget_objects(&script->statements[i], &workshop);
        }
        arena_clear(&scratch);
        tree_shelf_clear(&workshop.shelf);
    }
    arena_release(&scratch);
    tree_shelf_release(&workshop.shelf);
    free(gathering.actions);
    free(gathering.opaque);
    free(gathering.swallows);
    free(gathering.long_names);
}
