/* SPDX-License-Identifier: PostgreSQL */
/*
 * Bodies in PL/pgSQL. The library's parser gives a tree as JSON, with the texts of the
 * statements and expressions in it; those of a DO block are parsed as SQL and become actions,
 * one level deeper. Where it does not see what will run, the body is opaque there.
 */
#include "facts.h"
#include "facts_source.h"
#include "words.h"

enum {
    DO_DEPTH_MAX = 16,        /* DO in DO in DO */
    BODY_BYTES_MAX = 1 << 20, /* longer bodies are not looked into */
    BLOCK_NESTING_MAX = 200,  /* blocks, loops, branches in each other */
    ELOG_LEVEL_ERROR = 21,    /* of RAISE: what is lower does not end the handler */
};

struct walker {
    struct gathering *gathering;
    struct source body;
    int line;       /* of the statement that is walked, from 1 in the body */
    bool left;      /* a RETURN behind a condition was seen: what follows may not happen */
    size_t handler; /* up to here handlers of others were looked for in the body */
};

static void opaque(struct gathering *gathering, size_t offset, const char *why)
{
    *ARRAY_PUSH(gathering->opaque, gathering->opaque_count, gathering->opaque_capacity) =
        (struct sql_opaque){why, source_place(gathering, offset)};
}

/* ------------------------------------------------------------------ guards */

/* IF that opens a branch, not that of DROP TABLE IF EXISTS. */
static bool begins_statement(struct word before)
{
    static const char *const words[] = {"then", "else", "loop", "begin"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (word_equals(before, words[i])) {
            return true;
        }
    }
    return before.kind == WORD_END ||
           (before.kind == WORD_SYMBOL && before.text.ptr[0] == ';') ||
           before.kind == WORD_OPERATOR; /* <<label>> */
}

static bool nests_too_deep(struct str body)
{
    struct word_reader reader = {.text = body, .strings_on = true};
    struct word before = {WORD_END, {0}};
    struct word word;
    int level = 0;
    for (; (word = word_next(&reader)).kind != WORD_END; before = word) {
        bool ended = word_equals(before, "end");
        if (!ended && (word_equals(word, "begin") || word_equals(word, "loop") ||
                       word_equals(word, "case") ||
                       (word_equals(word, "if") && begins_statement(before)))) {
            level++;
        } else if (word_equals(word, "end")) {
            level--;
        }
        if (level > BLOCK_NESTING_MAX) {
            return true;
        }
    }
    return sql_nests_too_deep(body, true);
}

/* Why a body is not given to the library's parser; NULL when it may be. */
static const char *refusal(const struct gathering *gathering, struct str body)
{
    if (gathering->depth >= DO_DEPTH_MAX) {
        return "the DO blocks nest too deep to be analysed";
    }
    if (body.len > BODY_BYTES_MAX) {
        return "the body is too long to be analysed";
    }
    return nests_too_deep(body) ? "the body nests too deep to be analysed" : NULL;
}

/* ------------------------------------------------------------ embedded SQL */

/* Behind a condition a second run may not come so far, and nobody knows what the first did. */
static void soften(struct gathering *gathering, size_t from)
{
    for (size_t i = from; gathering->conditional && i < gathering->action_count; i++) {
        struct sql_action *action = &gathering->actions[i];
        bool harmless = action->rerun == SQL_RERUN_YES;
        action->rerun = harmless ? SQL_RERUN_YES : SQL_RERUN_UNKNOWN;
        action->undo = action->undo == SQL_UNDO_STATEMENT ? SQL_UNDO_KNOWLEDGE : action->undo;
        action->undo_sql = STR("");
    }
}

/* What is done by the statements of a tree, whose locations count in the source. */
static void gather_embedded(struct gathering *gathering, const PgQuery__ParseResult *tree,
                            struct source source)
{
    struct source outer = gathering->source;
    size_t before = gathering->action_count;
    gathering->source = source;
    gathering->depth++;
    for (size_t i = 0; tree != NULL && i < tree->n_stmts; i++) {
        if (tree->stmts[i]->stmt != NULL) {
            gather_statement(gathering, tree->stmts[i]->stmt);
        }
    }
    gathering->depth--;
    gathering->source = outer;
    soften(gathering, before);
}

static void take_sql(struct gathering *gathering, struct source source, const char *otherwise)
{
    const PgQuery__ParseResult *tree = source_parse(gathering, source.text);
    if (tree == NULL) {
        opaque(gathering, source.head, otherwise);
    } else {
        gather_embedded(gathering, tree, source);
    }
}

static const PgQuery__Node *value_of(const PgQuery__ParseResult *tree)
{
    if (tree == NULL || tree->n_stmts != 1 ||
        tree->stmts[0]->stmt->node_case != PG_QUERY__NODE__NODE_SELECT_STMT ||
        tree->stmts[0]->stmt->select_stmt->n_target_list != 1) {
        return NULL;
    }
    return tree->stmts[0]->stmt->select_stmt->target_list[0]->res_target->val;
}

/* An expression is told of when it reads a relation or calls what nobody knows. */
static bool is_worth_telling(struct gathering *gathering, const PgQuery__ParseResult *tree)
{
    if (tree == NULL || tree->n_stmts != 1 || tree->stmts[0]->stmt == NULL) {
        return false;
    }
    struct sql_expression expression = gather_expression(gathering, tree->stmts[0]->stmt);
    bool unknown = false;
    for (size_t i = 0; i < expression.call_count; i++) {
        unknown = unknown ||
                  sql_builtin_volatility(expression.calls[i].name) == SQL_VOLATILITY_UNKNOWN;
    }
    size_t relations;
    (void)gather_relations(gathering, &tree->stmts[0]->stmt->base, &relations);
    return unknown || relations > 0;
}

/* The expression as a query, for the grammar; its places are those of the expression. */
static struct source as_query(struct gathering *gathering, struct source source)
{
    source.text = str_format(gathering->arena, "SELECT %.*s", STR_ARG(source.text));
    source.base -= strlen("SELECT ");
    return source;
}

static void take_expression(struct gathering *gathering, struct source source)
{
    struct source query = as_query(gathering, source);
    const PgQuery__ParseResult *tree = source_parse(gathering, query.text);
    if (is_worth_telling(gathering, tree)) {
        gather_embedded(gathering, tree, query);
    }
}

/* Text that is known before it runs: literals, and literals joined by ||. */
static bool add_known_text(struct strbuf *out, const PgQuery__Node *node)
{
    if (node == NULL) {
        return false;
    }
    if (node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST) {
        return add_known_text(out, node->type_cast->arg);
    }
    if (node->node_case == PG_QUERY__NODE__NODE_A_EXPR) {
        const PgQuery__AExpr *joined = node->a_expr;
        return str_eq(gather_list_name(joined->name, joined->n_name).name, "||") &&
               add_known_text(out, joined->lexpr) && add_known_text(out, joined->rexpr);
    }
    if (node->node_case != PG_QUERY__NODE__NODE_A_CONST ||
        node->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL) {
        return false;
    }
    strbuf_text(out, node->a_const->sval->sval);
    return true;
}

static void take_dynamic(struct gathering *gathering, struct source source)
{
    struct strbuf text = {0};
    struct source query = as_query(gathering, source);
    if (add_known_text(&text, value_of(source_parse(gathering, query.text)))) {
        source.text = str_dup(gathering->arena, strbuf_str(&text));
        source.exact = false;
        take_sql(gathering, source, "dynamic SQL (EXECUTE) that does not parse");
    } else {
        take_expression(gathering, source);
        opaque(gathering, source.head, "dynamic SQL (EXECUTE)");
    }
    strbuf_release(&text);
}

/* "x := y + 1": what stands behind the sign. */
static struct str assigned(struct str text)
{
    size_t sign = str_find_byte(text, '=', 0);
    return str_slice(text, sign < text.len ? sign + 1 : 0, text.len);
}

/* ---------------------------------------------------------------- the walk */

static bool is(struct str name, const char *kind)
{
    return str_starts(name, "PLpgSQL_") && str_eq(str_slice(name, 8, name.len), kind);
}

static void take_text(struct walker *walker, struct str kind, const char *key, struct str text)
{
    bool perform = is(kind, "stmt_perform");
    struct source source = source_inside(walker->gathering, &walker->body, walker->line, text,
                                         perform ? strlen("SELECT") : 0);
    bool query = strcmp(key, "query") == 0;
    if (strcmp(key, "dynquery") == 0 ||
        (query && (is(kind, "stmt_dynexecute") || is(kind, "stmt_dynfors")))) {
        take_dynamic(walker->gathering, source);
    } else if (query || strcmp(key, "sqlstmt") == 0 || perform || is(kind, "stmt_call")) {
        take_sql(walker->gathering, source, "SQL that does not parse");
    } else {
        source.text = is(kind, "stmt_assign") ? assigned(text) : text;
        source.exact = source.exact && source.text.ptr == text.ptr;
        take_expression(walker->gathering, source);
    }
}

static void walk_list(struct walker *walker, const struct json *list);

static void walk_expressions(struct walker *walker, struct str kind, const struct json *node)
{
    static const char *const keys[] = {"default_val", "cond",     "t_expr",  "lower",
                                       "upper",       "step",     "expr",    "sqlstmt",
                                       "query",       "dynquery", "argquery"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const struct json *expression = json_find(json_find(node, keys[i]), "PLpgSQL_expr");
        if (expression != NULL) {
            take_text(walker, kind, keys[i], json_text(json_find(expression, "query")));
        }
    }
    walk_list(walker, json_find(node, "params"));
}

static bool raises(const struct json *value)
{
    void *cursor = NULL;
    struct str key;
    const struct json *member;
    for (size_t i = 0; json_is_array(value) && i < json_count(value); i++) {
        if (raises(json_at(value, i))) {
            return true;
        }
    }
    while (json_is_object(value) && json_next(value, &cursor, &key, &member)) {
        bool error = is(key, "stmt_raise") &&
                     json_i64(json_find(member, "elog_level"), 0) >= ELOG_LEVEL_ERROR;
        if (error || raises(member)) {
            return true;
        }
    }
    return false;
}

static bool catches_all(const struct json *handler)
{
    const struct json *conditions = json_find(handler, "conditions");
    for (size_t i = 0; i < json_count(conditions); i++) {
        const struct json *condition = json_find(json_at(conditions, i), "PLpgSQL_condition");
        if (str_eq(json_text(json_find(condition, "condname")), "others")) {
            return true;
        }
    }
    return false;
}

/* The next WHEN of a handler of others; the tree does not say where it stands. */
static size_t next_handler(struct walker *walker)
{
    struct word_reader reader = {
        .text = walker->body.text, .position = walker->handler, .strings_on = true};
    struct word before = {WORD_END, {0}};
    struct word word;
    while ((word = word_next(&reader)).kind != WORD_END) {
        if (word_equals(word, "others") &&
            (word_equals(before, "when") || word_equals(before, "or"))) {
            walker->handler = reader.position;
            return (size_t)(word.text.ptr - walker->body.text.ptr);
        }
        before = word;
    }
    return 0;
}

static void walk_handlers(struct walker *walker, const struct json *handlers)
{
    struct gathering *gathering = walker->gathering;
    for (size_t i = 0; i < json_count(handlers); i++) {
        const struct json *handler = json_find(json_at(handlers, i), "PLpgSQL_exception");
        const struct json *action = json_find(handler, "action");
        if (catches_all(handler)) {
            size_t at = source_offset(gathering, &walker->body, next_handler(walker));
            if (!raises(action)) {
                *ARRAY_PUSH(gathering->swallows, gathering->swallow_count,
                            gathering->swallow_capacity) =
                    (struct sql_swallow){source_place(gathering, at)};
            }
        }
        walk_list(walker, action);
    }
}

static void walk_statement(struct walker *walker, struct str kind, const struct json *node)
{
    static const char *const bodies[] = {"then_body", "elsif_list", "case_when_list",
                                         "stmts",     "else_body",  "else_stmts",
                                         "body"};
    struct gathering *gathering = walker->gathering;
    const struct json *handlers = json_find(
        json_find(json_find(node, "exceptions"), "PLpgSQL_exception_block"), "exc_list");
    bool outer = gathering->conditional;
    gathering->conditional = outer || walker->left;
    walker->line = (int)json_i64(json_find(node, "lineno"), walker->line);
    walk_expressions(walker, kind, node);
    walker->left = walker->left || (gathering->conditional && is(kind, "stmt_return"));
    gathering->conditional =
        gathering->conditional || !is(kind, "stmt_block") || handlers != NULL;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        walk_list(walker, json_find(node, bodies[i]));
    }
    walk_handlers(walker, handlers);
    gathering->conditional = outer;
}

/* A list of {"PLpgSQL_stmt_if": {...}}. */
static void walk_list(struct walker *walker, const struct json *list)
{
    for (size_t i = 0; i < json_count(list); i++) {
        void *cursor = NULL;
        struct str kind;
        const struct json *node;
        if (json_next(json_at(list, i), &cursor, &kind, &node)) {
            if (is(kind, "expr")) {
                take_text(walker, kind, "expr", json_text(json_find(node, "query")));
            } else {
                walk_statement(walker, kind, node);
            }
        }
    }
}

/* The block itself, and before it what its variables begin with. */
static void walk_function(struct walker *walker, const struct json *function)
{
    walk_list(walker, json_find(function, "datums"));
    void *cursor = NULL;
    struct str kind;
    const struct json *node;
    if (json_next(json_find(function, "action"), &cursor, &kind, &node)) {
        walk_statement(walker, kind, node);
    }
}

/* --------------------------------------------------------------- the doors */

/* Whether a statement's functions in PL/pgSQL parse; `functions`, when wanted: their JSON. */
static bool parse_functions(struct gathering *gathering, struct str text,
                            struct json **functions)
{
    PgQueryPlpgsqlParseResult result = pg_query_parse_plpgsql(str_text(gathering->arena, text));
    bool parsed = result.error == NULL;
    if (parsed && functions != NULL) {
        *functions = json_read(str_from(result.plpgsql_funcs), NULL);
        parsed = *functions != NULL;
    }
    pg_query_free_plpgsql_parse_result(result);
    return parsed;
}

static bool parse_body(struct gathering *gathering, struct str body, int location,
                       struct json **functions)
{
    if (parse_functions(gathering, gathering->source.text, functions)) {
        return true;
    }
    struct str again = source_without_fields(gathering, body, location);
    return again.len > 0 && parse_functions(gathering, again, functions);
}

void body_of_do(struct gathering *gathering, struct str language, struct str body, int location)
{
    struct walker walker = {
        .gathering = gathering,
        .body = source_of_literal(gathering, body, location),
        .line = 1,
    };
    if (!str_eq(language, "plpgsql")) {
        opaque(gathering, walker.body.head,
               str_text(gathering->arena,
                        str_format(gathering->arena, "language %.*s", STR_ARG(language))));
        return;
    }
    gather_long_names(gathering, body);
    const char *refused = refusal(gathering, body);
    struct json *functions = NULL;
    if (refused != NULL || !parse_body(gathering, body, location, &functions)) {
        opaque(gathering, walker.body.head,
               refused != NULL ? refused : "the body did not parse");
    }
    for (size_t i = 0; i < json_count(functions); i++) {
        walk_function(&walker, json_find(json_at(functions, i), "PLpgSQL_function"));
    }
    json_free(functions);
}

void body_check(struct gathering *gathering, struct str language, struct str body, int location)
{
    struct source source = source_of_literal(gathering, body, location);
    const char *refused = NULL;
    bool parsed = true;
    if (str_eq(language, "plpgsql")) {
        gather_long_names(gathering, body);
        refused = refusal(gathering, body);
        parsed = refused == NULL && parse_body(gathering, body, location, NULL);
    } else if (str_eq(language, "sql")) {
        gather_long_names(gathering, body);
        parsed = source_parse(gathering, body) != NULL;
    }
    if (!parsed) {
        opaque(gathering, source.head, refused != NULL ? refused : "the body did not parse");
    }
}
