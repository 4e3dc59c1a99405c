/* SPDX-License-Identifier: PostgreSQL */
/*
 * What can be known of an expression without a catalog: what it calls, which columns and
 * relations it reads, whether it is a constant, whether it is true whatever the row.
 */
#include "facts.h"
#include "sets.h"

#define NODE(name) PG_QUERY__NODE__NODE_##name

/* ------------------------------------------------------------ true for sure */

static bool is_bool_type(const PgQuery__TypeName *type)
{
    struct sql_name name = gather_list_name(type->names, type->n_names);
    return str_eq(name.name, "bool") && type->n_array_bounds == 0;
}

/* A string as the server's boolin() reads it; prefixes of the long words are good, too. */
static enum sql_fact truth_of_text(struct str text)
{
    static const struct {
        const char *text;
        enum sql_fact truth;
    } words[] = {
        {"true", SQL_YES}, {"t", SQL_YES}, {"yes", SQL_YES}, {"on", SQL_YES}, {"1", SQL_YES},
        {"false", SQL_NO}, {"f", SQL_NO},  {"no", SQL_NO},   {"off", SQL_NO}, {"0", SQL_NO},
    };
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (str_eq(str_trim(text), words[i].text)) {
            return words[i].truth;
        }
    }
    return SQL_UNKNOWN;
}

static enum sql_fact truth_of_constant(const PgQuery__AConst *constant)
{
    if (constant->val_case == PG_QUERY__A__CONST__VAL_BOOLVAL) {
        return constant->boolval->boolval ? SQL_YES : SQL_NO;
    }
    return constant->val_case == PG_QUERY__A__CONST__VAL_SVAL
               ? truth_of_text(str_from(constant->sval->sval))
               : SQL_UNKNOWN;
}

static bool number_of(const PgQuery__Node *node, double *number)
{
    if (node == NULL || node->node_case != NODE(A_CONST)) {
        return false;
    }
    if (node->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL) {
        *number = node->a_const->ival->ival;
        return true;
    }
    return node->a_const->val_case == PG_QUERY__A__CONST__VAL_FVAL &&
           str_to_double(str_from(node->a_const->fval->fval), number);
}

static bool text_of(const PgQuery__Node *node, struct str *text)
{
    if (node != NULL && node->node_case == NODE(TYPE_CAST)) {
        node = node->type_cast->arg;
    }
    if (node == NULL || node->node_case != NODE(A_CONST) ||
        node->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL) {
        return false;
    }
    *text = str_from(node->a_const->sval->sval);
    return true;
}

/* `order` is less than, equal to or greater than 0, as the two sides compare. */
static enum sql_fact truth_of_order(struct str sign, int order)
{
    static const struct {
        const char *sign;
        bool less, equal, greater;
    } signs[] = {
        {"=", false, true, false}, {"<>", true, false, true}, {"<", true, false, false},
        {"<=", true, true, false}, {">", false, false, true}, {">=", false, true, true},
    };
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        if (str_eq(sign, signs[i].sign)) {
            bool holds = order < 0    ? signs[i].less
                         : order == 0 ? signs[i].equal
                                      : signs[i].greater;
            return holds ? SQL_YES : SQL_NO;
        }
    }
    return SQL_UNKNOWN;
}

/* Two numbers in any order; two strings only for likeness, since a collation orders them. */
static enum sql_fact truth_of_comparison(const PgQuery__AExpr *compared)
{
    struct str sign = gather_list_name(compared->name, compared->n_name).name;
    double left, right;
    struct str left_text, right_text;
    if (compared->kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP) {
        return SQL_UNKNOWN;
    }
    if (number_of(compared->lexpr, &left) && number_of(compared->rexpr, &right)) {
        return truth_of_order(sign, (left > right) - (left < right));
    }
    if (text_of(compared->lexpr, &left_text) && text_of(compared->rexpr, &right_text) &&
        str_is(left_text, right_text)) {
        return truth_of_order(sign, 0);
    }
    return SQL_UNKNOWN;
}

static enum sql_fact truth(const PgQuery__Node *node);

static enum sql_fact truth_of_not(enum sql_fact truth_inside)
{
    return truth_inside == SQL_UNKNOWN ? SQL_UNKNOWN
                                       : (truth_inside == SQL_YES ? SQL_NO : SQL_YES);
}

/* AND is decided by one NO, OR by one YES. */
static enum sql_fact truth_of_logic(const PgQuery__BoolExpr *logic)
{
    if (logic->boolop == PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR) {
        return truth_of_not(truth(logic->args[0]));
    }
    bool all = logic->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR;
    enum sql_fact result = all ? SQL_YES : SQL_NO;
    for (size_t i = 0; i < logic->n_args; i++) {
        enum sql_fact one = truth(logic->args[i]);
        if (one == (all ? SQL_NO : SQL_YES)) {
            return one;
        }
        result = one == SQL_UNKNOWN ? SQL_UNKNOWN : result;
    }
    return result;
}

static enum sql_fact truth(const PgQuery__Node *node)
{
    if (node->node_case == NODE(A_CONST)) {
        return truth_of_constant(node->a_const);
    }
    if (node->node_case == NODE(TYPE_CAST) && is_bool_type(node->type_cast->type_name)) {
        return truth(node->type_cast->arg);
    }
    if (node->node_case == NODE(BOOL_EXPR)) {
        return truth_of_logic(node->bool_expr);
    }
    return node->node_case == NODE(A_EXPR) ? truth_of_comparison(node->a_expr) : SQL_UNKNOWN;
}

/* ------------------------------------------------------------ what is inside */

struct gleaning {
    struct gathering *gathering;
    struct sql_expression *expression;
    struct sql_call *calls;
    size_t call_count;
    size_t call_capacity;
    struct str *columns;
    size_t column_count;
    size_t column_capacity;
    bool once; /* in a subselect that does not depend on the row */
};

/* Names of what a user may write into himself (raw_user_meta_data of auth.users, claims). */
static bool names_user_claims(struct str text)
{
    static const char *const names[] = {"user_metadata", "raw_user_meta_data"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        for (size_t at = 0; at + strlen(names[i]) <= text.len; at++) {
            if (str_starts(str_slice(text, at, text.len), names[i])) {
                return true;
            }
        }
    }
    return false;
}

static void glean_column(struct gleaning *gleaning, const PgQuery__ColumnRef *column)
{
    gleaning->expression->constant = false;
    struct str name = gather_list_name(column->fields, column->n_fields).name;
    if (name.len == 0) { /* t.* */
        return;
    }
    gleaning->expression->row_claims |= names_user_claims(name);
    for (size_t i = 0; i < gleaning->column_count; i++) {
        if (str_is(gleaning->columns[i], name)) {
            return;
        }
    }
    *ARRAY_PUSH(gleaning->columns, gleaning->column_count, gleaning->column_capacity) = name;
}

/* timezone('utc', now()), which is AT TIME ZONE written as a call. */
static bool is_time_zone(struct sql_name name)
{
    return str_eq(name.name, "timezone") &&
           (name.schema.len == 0 || str_eq(name.schema, "pg_catalog"));
}

/* Calls that the grammar makes of its own syntax, such as EXTRACT(), are not kept. */
static void glean_call(struct gleaning *gleaning, const PgQuery__FuncCall *call)
{
    struct sql_name name = gather_list_name(call->funcname, call->n_funcname);
    if (call->funcformat == PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX || is_time_zone(name)) {
        return;
    }
    struct sql_call *kept =
        ARRAY_PUSH(gleaning->calls, gleaning->call_count, gleaning->call_capacity);
    *kept = (struct sql_call){
        .name = name,
        .in_subselect = gleaning->once,
    };
    if (call->n_args > 0) {
        text_of(call->args[0], &kept->first_text);
    }
    gleaning->expression->constant = false;
}

static bool depends_on_rows(void *context, const ProtobufCMessage *message)
{
    bool *depends = context;
    *depends = *depends || message->descriptor == &pg_query__column_ref__descriptor ||
               message->descriptor == &pg_query__range_var__descriptor;
    return !*depends;
}

static bool glean(void *context, const ProtobufCMessage *message);

/* A subselect that reads no column and no relation is evaluated once, not for each row. */
static void glean_subselect(struct gleaning *gleaning, const PgQuery__SubLink *link)
{
    bool outside = gleaning->once;
    bool depends = false;
    gleaning->expression->constant = false;
    gleaning->expression->has_subselect = true;
    if (link->testexpr != NULL) {
        tree_walk(&link->testexpr->base, glean, gleaning);
    }
    tree_walk(&link->subselect->base, depends_on_rows, &depends);
    gleaning->once = !depends;
    tree_walk(&link->subselect->base, glean, gleaning);
    gleaning->once = outside;
}

static bool glean(void *context, const ProtobufCMessage *message)
{
    struct gleaning *gleaning = context;
    const ProtobufCMessageDescriptor *is = message->descriptor;
    if (is == &pg_query__sub_link__descriptor) {
        glean_subselect(gleaning, (const PgQuery__SubLink *)message);
        return false;
    }
    if (is == &pg_query__column_ref__descriptor) {
        glean_column(gleaning, (const PgQuery__ColumnRef *)message);
    } else if (is == &pg_query__func_call__descriptor) {
        glean_call(gleaning, (const PgQuery__FuncCall *)message);
    } else if (is == &pg_query__param_ref__descriptor ||
               is == &pg_query__current_of_expr__descriptor) {
        gleaning->expression->constant = false;
    } else if (is == &pg_query__string__descriptor) {
        const char *text = ((const PgQuery__String *)message)->sval;
        gleaning->expression->row_claims |= names_user_claims(str_from(text));
    }
    return true;
}

/* --------------------------------------------------------------- relations */

struct relations {
    struct name_set names;
    struct pointer_set targets; /* of changes: written, not read */
};

/* The relation that a message changes; NULL when it is no change. */
static const PgQuery__RangeVar *target_of(const ProtobufCMessage *message)
{
    if (message->descriptor == &pg_query__insert_stmt__descriptor) {
        return ((const PgQuery__InsertStmt *)message)->relation;
    }
    if (message->descriptor == &pg_query__update_stmt__descriptor) {
        return ((const PgQuery__UpdateStmt *)message)->relation;
    }
    if (message->descriptor == &pg_query__delete_stmt__descriptor) {
        return ((const PgQuery__DeleteStmt *)message)->relation;
    }
    return message->descriptor == &pg_query__merge_stmt__descriptor
               ? ((const PgQuery__MergeStmt *)message)->relation
               : NULL;
}

static bool visit_relation(void *context, const ProtobufCMessage *message)
{
    struct relations *relations = context;
    const PgQuery__RangeVar *target = target_of(message);
    if (target != NULL) {
        pointer_set_add(&relations->targets, target);
    }
    if (message->descriptor == &pg_query__range_var__descriptor &&
        !pointer_set_has(&relations->targets, message)) {
        struct sql_name name = gather_name((const PgQuery__RangeVar *)message);
        if (name.name.len > 0 && !name_set_has(&relations->names, name)) {
            name_set_add(&relations->names, name);
        }
    }
    return message->descriptor !=
           &pg_query__locking_clause__descriptor; /* FOR UPDATE OF alias */
}

static bool visit_with(void *context, const ProtobufCMessage *message)
{
    struct name_set *queries = context;
    if (message->descriptor == &pg_query__common_table_expr__descriptor) {
        const PgQuery__CommonTableExpr *with = (const PgQuery__CommonTableExpr *)message;
        name_set_add(queries, (struct sql_name){STR(""), str_from(with->ctename)});
    }
    return true;
}

const void *gather_keep(struct gathering *gathering, void *items, size_t count, size_t size)
{
    void *kept = arena_array(gathering->arena, count, size);
    if (count > 0) {
        memcpy(kept, items, count * size);
    }
    free(items);
    return kept;
}

const struct sql_name *gather_relations(struct gathering *gathering,
                                        const ProtobufCMessage *message, size_t *count)
{
    struct relations found = {0};
    struct name_set queries = {0};
    tree_walk(message, visit_relation, &found);
    if (found.names.count > 0) {
        tree_walk(&gathering->root->base, visit_with, &queries);
        tree_walk(message, visit_with, &queries);
    }
    struct sql_name *names = found.names.items;
    *count = 0;
    for (size_t i = 0; i < found.names.count; i++) {
        if (!name_set_has(&queries, names[i])) {
            names[(*count)++] = names[i];
        }
    }
    const void *kept = gather_keep(gathering, names, *count, sizeof *names);
    found.names.items = NULL; /* it was freed */
    name_set_release(&queries);
    name_set_release(&found.names);
    pointer_set_release(&found.targets);
    return kept;
}

static struct str column_proved(const PgQuery__Node *node)
{
    bool proves = node->node_case == NODE(NULL_TEST) &&
                  node->null_test->nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NOT_NULL &&
                  node->null_test->arg->node_case == NODE(COLUMN_REF);
    return proves ? gather_list_name(node->null_test->arg->column_ref->fields,
                                     node->null_test->arg->column_ref->n_fields)
                        .name
                  : STR("");
}

static bool is_null(const PgQuery__Node *node)
{
    while (node->node_case == NODE(TYPE_CAST) && node->type_cast->arg != NULL) {
        node = node->type_cast->arg;
    }
    return node->node_case == NODE(A_CONST) && node->a_const->isnull;
}

struct sql_expression gather_expression(struct gathering *gathering, const PgQuery__Node *node)
{
    struct sql_expression expression = {0};
    if (node == NULL) {
        return expression;
    }
    struct gleaning gleaning = {.gathering = gathering, .expression = &expression};
    expression.present = true;
    expression.constant = true;
    expression.always_true = truth(node) == SQL_YES;
    expression.null = is_null(node);
    expression.not_null_of = column_proved(node);
    tree_walk(&node->base, glean, &gleaning);
    expression.call_count = gleaning.call_count;
    expression.calls =
        gather_keep(gathering, gleaning.calls, gleaning.call_count, sizeof *gleaning.calls);
    expression.column_count = gleaning.column_count;
    expression.columns = gather_keep(gathering, gleaning.columns, gleaning.column_count,
                                     sizeof *gleaning.columns);
    if (expression.has_subselect) {
        expression.relations =
            gather_relations(gathering, &node->base, &expression.relation_count);
    }
    return expression;
}
