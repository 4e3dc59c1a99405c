/* SPDX-License-Identifier: PostgreSQL */
/*
 * Types in the server's words: what format_type() writes for what the grammar calls int4;
 * and what a change from one to another costs ("ALTER TABLE", notes, and the support
 * functions of varchar, varbit, numeric and the times that make a longer one free).
 */
#include "lint_private.h"

static const struct {
    const char *internal;
    const char *words;
    const char *behind; /* what stands behind the modifier */
} types[] = {
    {"int2", "smallint", ""},
    {"int4", "integer", ""},
    {"int8", "bigint", ""},
    {"float4", "real", ""},
    {"float8", "double precision", ""},
    {"bool", "boolean", ""},
    {"bpchar", "character", ""},
    {"varchar", "character varying", ""},
    {"varbit", "bit varying", ""},
    {"numeric", "numeric",
     ""}, /* these three are keywords: quoted, they would be other names */
    {"interval", "interval", ""},
    {"bit", "bit", ""},
    {"timestamp", "timestamp", " without time zone"},
    {"timestamptz", "timestamp", " with time zone"},
    {"time", "time", " without time zone"},
    {"timetz", "time", " with time zone"},
    {"smallserial", "smallint", ""},
    {"serial", "integer", ""},
    {"bigserial", "bigint", ""},
};

struct str lint_type_words(struct arena *arena, const struct sql_type *type)
{
    struct strbuf words = {0};
    const char *behind = "";
    bool known = false;
    for (size_t i = 0; i < COUNT_OF(types) && !known && type->name.schema.len == 0; i++) {
        known = str_eq(type->name.name, types[i].internal);
        if (known) {
            strbuf_text(&words, types[i].words);
            behind = types[i].behind;
        }
    }
    if (!known) {
        struct str name = sql_name_written(arena, type->name);
        strbuf_add(&words, name);
    }
    if (type->modifiers[0] >= 0) {
        strbuf_format(&words, "(%d", type->modifiers[0]);
        if (type->modifiers[1] >= 0) {
            strbuf_format(&words, ",%d", type->modifiers[1]);
        }
        strbuf_byte(&words, ')');
    }
    strbuf_text(&words, behind);
    strbuf_text(&words, type->array ? "[]" : "");
    struct str kept = str_dup(arena, strbuf_str(&words));
    strbuf_release(&words);
    return kept;
}

/* A type in the server's words, taken apart: base "character varying", modifiers {40, -1}. */
struct parts {
    struct str base;
    int64_t modifiers[2];
    bool array;
};

static struct parts parts_of(struct arena *arena, struct str words)
{
    struct parts parts = {.modifiers = {-1, -1}};
    if (str_ends(words, "[]")) {
        parts.array = true;
        words.len -= 2;
    }
    size_t open = str_find_byte(words, '(', 0);
    size_t close = str_find_byte(words, ')', open);
    parts.base = words;
    if (close < words.len) {
        struct str inside = str_slice(words, open + 1, close - open - 1);
        struct str piece;
        for (size_t i = 0; i < 2 && str_cut(&inside, ',', &piece); i++) {
            if (!str_to_i64(piece, &parts.modifiers[i])) {
                parts.modifiers[i] = -1;
            }
        }
        struct str before = str_slice(words, 0, open);
        struct str behind = str_slice(words, close + 1, words.len);
        parts.base = str_format(arena, "%.*s%.*s", STR_ARG(before), STR_ARG(behind));
    }
    return parts;
}

/* Whether nothing that fits the first limit is too long for the second; -1 is no limit. */
static bool is_wider(int64_t present, int64_t wanted)
{
    return wanted < 0 || (present >= 0 && wanted >= present);
}

static enum lint_type_change numeric_change(const struct parts *from, const struct parts *to)
{
    if (to->modifiers[0] < 0) {
        return LINT_TYPE_FREE;
    }
    if (from->modifiers[0] < 0) {
        return LINT_TYPE_NARROWS;
    }
    int64_t from_scale = from->modifiers[1] < 0 ? 0 : from->modifiers[1];
    int64_t to_scale = to->modifiers[1] < 0 ? 0 : to->modifiers[1];
    if (from_scale == to_scale) {
        return to->modifiers[0] >= from->modifiers[0] ? LINT_TYPE_FREE : LINT_TYPE_NARROWS;
    }
    bool fits =
        to_scale > from_scale && to->modifiers[0] - to_scale >= from->modifiers[0] - from_scale;
    return fits ? LINT_TYPE_REWRITE : LINT_TYPE_NARROWS;
}

/* One type with another limit. */
static enum lint_type_change limit_change(const struct parts *from, const struct parts *to)
{
    if (str_eq(from->base, "numeric")) {
        return numeric_change(from, to);
    }
    if (str_eq(from->base, "character") || str_eq(from->base, "bit")) {
        int64_t present = from->modifiers[0] < 0 ? 1 : from->modifiers[0];
        int64_t wanted = to->modifiers[0] < 0 ? 1 : to->modifiers[0];
        return present == wanted  ? LINT_TYPE_FREE
               : wanted > present ? LINT_TYPE_REWRITE
                                  : LINT_TYPE_NARROWS;
    }
    return is_wider(from->modifiers[0], to->modifiers[0]) ? LINT_TYPE_FREE : LINT_TYPE_NARROWS;
}

/* From one type to another; what stands in no row is a rewrite when both are known. */
static const struct {
    const char *from;
    const char *to;
    enum lint_type_change change;
} changes[] = {
    {"character varying", "text", LINT_TYPE_FREE},
    {"cidr", "inet", LINT_TYPE_FREE},
    {"character", "text", LINT_TYPE_REWRITE},
    {"character", "character varying", LINT_TYPE_REWRITE},
    {"character varying", "character", LINT_TYPE_NARROWS},
    {"text", "character", LINT_TYPE_NARROWS},
    {"smallint", "integer", LINT_TYPE_REWRITE},
    {"smallint", "bigint", LINT_TYPE_REWRITE},
    {"integer", "bigint", LINT_TYPE_REWRITE},
    {"integer", "smallint", LINT_TYPE_NARROWS},
    {"bigint", "integer", LINT_TYPE_NARROWS},
    {"bigint", "smallint", LINT_TYPE_NARROWS},
    {"numeric", "smallint", LINT_TYPE_NARROWS},
    {"numeric", "integer", LINT_TYPE_NARROWS},
    {"numeric", "bigint", LINT_TYPE_NARROWS},
    {"double precision", "real", LINT_TYPE_NARROWS},
    {"double precision", "integer", LINT_TYPE_NARROWS},
    {"timestamp with time zone", "date", LINT_TYPE_NARROWS},
    {"timestamp without time zone", "date", LINT_TYPE_NARROWS},
    {"json", "jsonb", LINT_TYPE_REWRITE},
};

static bool is_known(struct str base)
{
    static const char *const others[] = {"text", "date",  "json",    "jsonb", "inet",    "cidr",
                                         "uuid", "bytea", "numeric", "bit",   "interval"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        if (str_eq(base, others[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (str_starts(base, types[i].words)) {
            return true;
        }
    }
    return false;
}

static enum lint_type_change base_change(const struct parts *from, const struct parts *to)
{
    if (str_eq(from->base, "text") && str_eq(to->base, "character varying")) {
        return to->modifiers[0] < 0 ? LINT_TYPE_FREE : LINT_TYPE_NARROWS;
    }
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        if (str_eq(from->base, changes[i].from) && str_eq(to->base, changes[i].to)) {
            return changes[i].change;
        }
    }
    return is_known(from->base) && is_known(to->base) ? LINT_TYPE_REWRITE : LINT_TYPE_UNKNOWN;
}

enum lint_type_change lint_type_change(struct str present, const struct sql_type *wanted)
{
    struct arena arena = {0};
    struct parts from = parts_of(&arena, present);
    struct parts to = parts_of(&arena, lint_type_words(&arena, wanted));
    enum lint_type_change change = LINT_TYPE_REWRITE;
    if (from.array == to.array) {
        change =
            str_is(from.base, to.base) ? limit_change(&from, &to) : base_change(&from, &to);
    }
    arena_release(&arena);
    return change;
}
