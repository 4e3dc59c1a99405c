/* SPDX-License-Identifier: PostgreSQL */
/*
 * Names of types. The grammar has made int of integer and pg_catalog.int4 of int already;
 * here pg_catalog goes, and the serial types, of which the server makes an integer type, do
 * so here, too.
 */
#include "facts.h"

#define NODE(name) PG_QUERY__NODE__NODE_##name

static const struct {
    const char *written;
    const char *type;
} serials[] = {
    {"smallserial", "int2"}, {"serial2", "int2"},   {"serial", "int4"},
    {"serial4", "int4"},     {"bigserial", "int8"}, {"serial8", "int8"},
};

static void read_serial(struct sql_type *type)
{
    for (size_t i = 0; i < COUNT_OF(serials); i++) {
        if (type->name.schema.len == 0 && str_eq(type->name.name, serials[i].written)) {
            type->name.name = str_from(serials[i].type);
            type->serial = true;
        }
    }
}

static int modifier(const PgQuery__TypeName *type, size_t index)
{
    if (index >= type->n_typmods || type->typmods[index]->node_case != NODE(A_CONST) ||
        type->typmods[index]->a_const->val_case != PG_QUERY__A__CONST__VAL_IVAL) {
        return -1;
    }
    return type->typmods[index]->a_const->ival->ival;
}

/* table.column%TYPE: the name is that of table and column, with %TYPE behind. */
static struct sql_name column_type(struct gathering *gathering, const PgQuery__TypeName *type)
{
    struct sql_name column = gather_list_name(type->names, type->n_names);
    struct str written = sql_name_written(gathering->arena, column);
    return (struct sql_name){STR(""),
                             str_format(gathering->arena, "%.*s%%TYPE", STR_ARG(written))};
}

struct sql_type gather_type(struct gathering *gathering, const PgQuery__TypeName *type)
{
    struct sql_type result = {.modifiers = {-1, -1}};
    if (type == NULL) {
        return result;
    }
    result.name = type->pct_type ? column_type(gathering, type)
                                 : gather_list_name(type->names, type->n_names);
    if (str_eq(result.name.schema, "pg_catalog")) {
        result.name.schema = STR("");
    }
    read_serial(&result);
    result.array = type->n_array_bounds > 0;
    result.modifiers[0] = modifier(type, 0);
    result.modifiers[1] = modifier(type, 1);
    return result;
}
