/* SPDX-License-Identifier: PostgreSQL */
/*
 * Names and literals as SQL text. A name is quoted as quote_ident() of the server
 * would do it, except that the words of newer servers are quoted, too, so that the
 * result is good for all of PostgreSQL 13 to 18.
 */
#include "sql_facts.h"

/*
 * Keywords that are not free as names in PostgreSQL 15, and those that 16 to 18
 * added; sorted by bytes.
 */
static const char *const keywords[] = {
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "json",
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_serialize",
    "json_table",
    "json_value",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "merge_action",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
};

static bool is_keyword(struct str name)
{
    size_t low = 0;
    size_t high = COUNT_OF(keywords);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = name.ptr[0] - keywords[middle][0];
        order = order != 0 ? order : str_compare(name, str_from(keywords[middle]));
        if (order == 0) {
            return true;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return false;
}

static bool is_safe_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.ptr[i];
        bool letter = (byte >= 'a' && byte <= 'z') || byte == '_';
        if (!letter && (i == 0 || byte < '0' || byte > '9')) {
            return false;
        }
    }
    return name.len > 0 && !is_keyword(name);
}

void sql_quote_ident(struct strbuf *out, struct str name)
{
    if (is_safe_name(name)) {
        strbuf_add(out, name);
    } else {
        strbuf_quoted(out, name, '"', false);
    }
}

void sql_quote_literal(struct strbuf *out, struct str text)
{
    bool backslash = str_find_byte(text, '\\', 0) < text.len;
    if (backslash) {
        strbuf_byte(out, 'E');
    }
    strbuf_quoted(out, text, '\'', backslash);
}

bool sql_name_is(struct sql_name a, struct sql_name b)
{
    return str_is(a.schema, b.schema) && str_is(a.name, b.name);
}

struct str sql_name_written(struct arena *arena, struct sql_name name)
{
    bool alone = name.schema.len == 0;
    if (alone && is_safe_name(name.name)) {
        return str_dup(arena, name.name);
    }
    struct strbuf text = {0};
    if (!alone) {
        sql_quote_ident(&text, name.schema);
        strbuf_byte(&text, '.');
    }
    sql_quote_ident(&text, name.name);
    struct str kept = str_dup(arena, strbuf_str(&text));
    strbuf_release(&text);
    return kept;
}
