/* SPDX-License-Identifier: PostgreSQL */
/*
 * One object of the catalog against what the plan says of it. It has to be there,
 * and every attribute that the plan names has to be the same; the first that is not
 * is the reason, with both sides in it. "There" means in working order: an index
 * that is not valid, a trigger that is disabled, a policy on a table whose row
 * level security is off are not what anybody wanted.
 */
#include "check_private.h"

struct str check_object_label(struct arena *arena, const struct plan_check *check)
{
    struct str table = check_shown(arena, check->table);
    struct str object = check_shown(arena, check->object);
    const char *word = "";
    switch ((int)check->builtin) {
    case PLAN_BUILTIN_TABLE:
        return str_format(arena, "table %.*s", STR_ARG(table));
    case PLAN_BUILTIN_COLUMN:
        return str_format(arena, "column %.*s of %.*s",
                          STR_ARG(check_shown(arena, check->column)), STR_ARG(table));
    case PLAN_BUILTIN_INDEX:
        return str_format(arena, "index %.*s", STR_ARG(object));
    case PLAN_BUILTIN_FUNCTION:
        return str_format(arena, "function %.*s", STR_ARG(object));
    case PLAN_BUILTIN_VIEW:
        return str_format(arena, "view %.*s", STR_ARG(object));
    case PLAN_BUILTIN_CONSTRAINT:
        word = "constraint";
        break;
    case PLAN_BUILTIN_POLICY:
        word = "policy";
        break;
    case PLAN_BUILTIN_TRIGGER:
        word = "trigger";
        break;
    }
    return str_format(arena, "%s %.*s on %.*s", word, STR_ARG(object), STR_ARG(table));
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static bool is_word(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '$' || (byte & 0x80) != 0;
}

/* White space only where it parts two words, or inside quotes. */
static void squeeze(struct strbuf *out, struct str text)
{
    char quote = '\0';
    bool gap = false;
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.ptr[i];
        if (quote == '\0' && is_space(byte)) {
            gap = true;
            continue;
        }
        if (gap && out->len > 0 && is_word(out->ptr[out->len - 1]) && is_word(byte)) {
            strbuf_byte(out, ' ');
        }
        gap = false;
        if (quote != '\0') {
            quote = byte == quote ? '\0' : quote;
        } else if (byte == '\'' || byte == '"') {
            quote = byte;
        }
        strbuf_byte(out, byte);
    }
}

/* Does the parenthesis at the start close at the very end? */
static bool is_wrapped(struct str text)
{
    if (text.len < 2 || text.ptr[0] != '(' || text.ptr[text.len - 1] != ')') {
        return false;
    }
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        quoted = text.ptr[i] == '\'' ? !quoted : quoted;
        if (!quoted && text.ptr[i] == '(') {
            depth++;
        } else if (!quoted && text.ptr[i] == ')' && --depth == 0) {
            return i + 1 == text.len;
        }
    }
    return false;
}

static struct str unwrap(struct str text)
{
    text = str_trim(text);
    while (is_wrapped(text)) {
        text = str_trim(str_slice(text, 1, text.len - 2));
    }
    return text;
}

/* The same but for white space and outer parentheses, which the server puts as it likes. */
static bool same_expression(struct str a, struct str b)
{
    struct strbuf left = {0};
    struct strbuf right = {0};
    squeeze(&left, unwrap(a));
    squeeze(&right, unwrap(b));
    bool same = str_is(strbuf_str(&left), strbuf_str(&right));
    strbuf_release(&left);
    strbuf_release(&right);
    return same;
}

static bool differs(const struct check_work *work, struct check_result *result,
                    const char *what, struct str actual, struct str wanted)
{
    struct arena *arena = work->arena;
    check_say(result, VERDICT_FAIL,
              str_format(arena, "%s is %.*s where %.*s is expected", what,
                         STR_ARG(actual.len > 0 ? check_shown(arena, actual) : STR("nothing")),
                         STR_ARG(check_shown(arena, wanted))));
    return true;
}

static bool expression_differs(const struct check_work *work, struct check_result *result,
                               const char *what, size_t column, struct str wanted)
{
    struct str actual = rows_text(&work->rows, 0, column);
    if (wanted.ptr == NULL || same_expression(actual, wanted)) {
        return false;
    }
    return differs(work, result, what, actual, wanted);
}

static bool is_invalid(const struct check_work *work, struct check_result *result)
{
    const struct plan_check *check = work->check;
    bool index = check->builtin == PLAN_BUILTIN_INDEX;
    bool valid = rows_bool(&work->rows, 0, OBJECT_VALID);
    if (rows_cell(&work->rows, 0, OBJECT_VALID).is_null) {
        return false;
    }
    if (check->builtin == PLAN_BUILTIN_POLICY && !valid) {
        check_say(result, VERDICT_FAIL,
                  STR("the policy is there, but row level security is off on its table"));
        return true;
    }
    if (check->builtin == PLAN_BUILTIN_TRIGGER && !valid) {
        check_say(result, VERDICT_FAIL, STR("the trigger is there, but it is disabled"));
        return true;
    }
    bool wants_valid = check->valid == PLAN_YES || (index && check->valid == PLAN_NOT_SAID);
    if (wants_valid && !valid) {
        check_say(result, VERDICT_FAIL,
                  index ? STR("the index is there, but it is not valid")
                        : STR("the constraint is there, but it is not validated"));
        return true;
    }
    if (check->valid == PLAN_NO && valid) {
        check_say(result, VERDICT_FAIL, STR("it is valid where it should not be"));
        return true;
    }
    return false;
}

static bool attribute_differs(const struct check_work *work, struct check_result *result)
{
    const struct plan_check *check = work->check;
    const struct rows *rows = &work->rows;
    if (check->type.len > 0 && !rows_bool(rows, 0, OBJECT_TYPE_SAME)) {
        return differs(work, result, "its type", rows_text(rows, 0, OBJECT_TYPE), check->type);
    }
    if (check->nullable != PLAN_NOT_SAID &&
        rows_bool(rows, 0, OBJECT_NULLABLE) != (check->nullable == PLAN_YES)) {
        check_say(result, VERDICT_FAIL,
                  check->nullable == PLAN_YES ? STR("it is not null where it may be null")
                                              : STR("it may be null where it is not null"));
        return true;
    }
    if (is_invalid(work, result)) {
        return true;
    }
    if (check->command.len > 0 && !str_is(check->command, rows_text(rows, 0, OBJECT_COMMAND))) {
        return differs(work, result, "its command", rows_text(rows, 0, OBJECT_COMMAND),
                       check->command);
    }
    if (check->roles.count > 0 && !rows_bool(rows, 0, OBJECT_ROLES_SAME)) {
        return differs(work, result, "its list of roles", rows_text(rows, 0, OBJECT_ROLES),
                       catalog_array_text(work->arena, check->roles.items, check->roles.count));
    }
    return expression_differs(work, result, "its USING", OBJECT_USING, check->using) ||
           expression_differs(work, result, "its WITH CHECK", OBJECT_WITH_CHECK,
                              check->with_check);
}

void check_judge_object(const struct check_work *work, struct check_result *result)
{
    const struct plan_check *check = work->check;
    bool wants_none = check_wants_none(check);
    if (check->comparator != PLAN_EMPTY && check->comparator != PLAN_EXISTS &&
        check->comparator != PLAN_COMPARE_UNSAID) {
        check_say(result, VERDICT_ERROR,
                  STR("an object is judged by `exists` or `empty` only"));
        return;
    }
    if (work->rows.column_count != OBJECT_COLUMNS) {
        check_say(result, VERDICT_ERROR, STR("the answer has another form than was asked for"));
        return;
    }
    bool there = work->rows.row_count > 0;
    result->actual = there ? check_shown(work->arena, rows_text(&work->rows, 0, OBJECT_TYPE))
                           : STR("not there");
    if (there == wants_none) {
        check_say(result, VERDICT_FAIL,
                  str_format(work->arena, "%.*s is %s",
                             STR_ARG(check_object_label(work->arena, check)),
                             there ? "still there" : "not there"));
    } else if (!there || !attribute_differs(work, result)) {
        result->verdict = VERDICT_PASS;
    }
}
