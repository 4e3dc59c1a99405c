/* SPDX-License-Identifier: PostgreSQL */
/*
 * Rows to verdict. First what can never pass: no answer, a refusal, an answer of
 * another form than the comparator can judge. Then the comparator. Last the time:
 * a right answer that came too late is a FAIL as well.
 */
#include "check_private.h"

enum {
    WHOLE_NUMBER_MAX = 18, /* digits of an answer that is shown as a count */
};

void check_say(struct check_result *result, enum verdict verdict, struct str why)
{
    result->verdict = verdict;
    result->why = why;
}

static int by_text(const void *a, const void *b)
{
    const struct str *left = a;
    const struct str *right = b;
    return str_compare(*left, *right);
}

/* Rows are sorted first: without ORDER BY the server may give the same rows in any order. */
static struct sha256_hex check_hash_rows(const struct rows *rows)
{
    struct arena arena = {0};
    struct str *lines = arena_array(&arena, rows->row_count + 1, sizeof(*lines));
    struct strbuf line = {0};
    for (size_t row = 0; row < rows->row_count; row++) {
        strbuf_clear(&line);
        for (size_t column = 0; column < rows->column_count; column++) {
            struct cell cell = rows_cell(rows, row, column);
            if (cell.is_null) {
                strbuf_text(&line, "-,");
            } else {
                strbuf_format(&line, "%zu:", cell.text.len);
                strbuf_add(&line, cell.text);
                strbuf_byte(&line, ',');
            }
        }
        strbuf_byte(&line, '\n');
        lines[row] = str_dup(&arena, strbuf_str(&line));
    }
    if (rows->row_count > 1) {
        qsort(lines, rows->row_count, sizeof(*lines), by_text);
    }
    struct sha256 *hash = sha256_new();
    for (size_t row = 0; row < rows->row_count; row++) {
        sha256_add(hash, lines[row]);
    }
    strbuf_release(&line);
    arena_release(&arena);
    return sha256_end(hash);
}

static struct str rows_phrase(const struct check_work *work)
{
    size_t count = work->rows.row_count;
    if (count == 0) {
        return STR("no row");
    }
    return str_format(work->arena, "%s%zu row%s", work->rows.cut ? "more than " : "", count,
                      count == 1 ? "" : "s");
}

/* See struct check_result: may this value be shown? */
static bool may_show(const struct plan_check *check, struct str value)
{
    if (check->show || check->source == PLAN_SOURCE_BUILTIN) {
        return true;
    }
    int64_t number = 0;
    return check->expected.kind == PLAN_VALUE_NUMBER && value.len <= WHOLE_NUMBER_MAX &&
           str_to_i64(value, &number);
}

/* What `equals`, `at_least` … compare with; false when `before` is wanted and not there. */
static bool wanted_value(const struct plan_check *check, const struct check_before *before,
                         struct plan_value *wanted)
{
    *wanted = check->expected;
    if (!check_needs_before(check)) {
        return true;
    }
    if (before == NULL || !before->taken || !before->has_value) {
        return false;
    }
    *wanted = (struct plan_value){.kind = PLAN_VALUE_TEXT, .text = before->value};
    int order = 0;
    if (check_decimals(before->value, before->value, &order)) {
        wanted->kind = PLAN_VALUE_DECIMAL;
    }
    return true;
}

void check_judge_value(const struct check_work *work, struct str value,
                       const struct check_before *before, struct check_result *result)
{
    const struct plan_check *check = work->check;
    struct plan_value wanted;
    result->has_value = true;
    result->value = value;
    result->actual =
        may_show(check, value) ? check_shown(work->arena, value) : STR("one value (not shown)");
    enum plan_comparator comparator = check->comparator;
    if (comparator == PLAN_EMPTY || comparator == PLAN_EXISTS) {
        /* only numbers and lists of ours come here: empty is 0 */
        wanted = (struct plan_value){.kind = PLAN_VALUE_NUMBER, .text = STR("0")};
        comparator = PLAN_EQUALS;
        if (!check_wants_none(check)) {
            comparator = PLAN_AT_LEAST;
            wanted.text = STR("1");
        }
    } else if (comparator == PLAN_COMPARE_UNSAID) {
        result->verdict = VERDICT_PASS;
        return;
    } else if (!wanted_value(check, before, &wanted)) {
        check_say(result, VERDICT_ERROR,
                  STR("there is no value from before the change to compare with"));
        return;
    }
    result->verdict = check_compare(comparator, &wanted, value, work->arena, &result->why);
}

/* `exists` on a count or a truth value passes whatever it is: such an answer is not judged. */
static bool is_disguised(const struct rows *rows)
{
    struct cell cell = rows_cell(rows, 0, 0);
    int64_t number = 0;
    return rows->row_count == 1 && rows->column_count == 1 &&
           (cell.is_null || str_eq(cell.text, "f") || str_eq(cell.text, "false") ||
            (str_to_i64(cell.text, &number) && number == 0));
}

static void judge_presence(const struct check_work *work, struct check_result *result)
{
    bool none = work->rows.row_count == 0;
    if (check_wants_none(work->check)) {
        result->verdict = none ? VERDICT_PASS : VERDICT_FAIL;
        result->why = none ? (struct str){0} : STR("there are rows where none is expected");
    } else if (none) {
        check_say(result, VERDICT_FAIL, STR("there is no row"));
    } else if (is_disguised(&work->rows)) {
        check_say(
            result, VERDICT_ERROR,
            STR("one row with 0, false or NULL in it would pass as a row; judge the value "
                "with `equals` or `at_least`"));
    } else {
        result->verdict = VERDICT_PASS;
    }
}

static void judge_same_rows(const struct check_work *work, const struct check_before *before,
                            struct check_result *result)
{
    if (before == NULL || !before->taken) {
        check_say(result, VERDICT_ERROR,
                  STR("there is no answer from before the change to compare with"));
    } else if (work->rows.cut) {
        check_say(result, VERDICT_ERROR, STR("there are more rows than can be compared"));
    } else if (str_is(sha256_str(&result->hash), sha256_str(&before->hash))) {
        result->verdict = VERDICT_PASS;
    } else {
        check_say(result, VERDICT_FAIL, STR("the rows differ from those before the change"));
    }
}

static void judge_rows(const struct check_work *work, const struct check_before *before,
                       struct check_result *result)
{
    const struct plan_check *check = work->check;
    const struct rows *rows = &work->rows;
    result->actual = rows_phrase(work);
    if (check->comparator == PLAN_EMPTY || check->comparator == PLAN_EXISTS) {
        judge_presence(work, result);
    } else if (check->comparator == PLAN_COMPARE_UNSAID) {
        if (check->within_us == PLAN_UNSAID) {
            check_say(result, VERDICT_ERROR, STR("the plan does not say what is expected"));
        } else {
            result->verdict = VERDICT_PASS;
        }
    } else if (rows->row_count == 1 && rows->column_count == 1 && !rows->cut &&
               !rows_cell(rows, 0, 0).is_null) {
        check_judge_value(work, rows_text(rows, 0, 0), before, result);
    } else if (check->comparator == PLAN_SAME_AS) {
        judge_same_rows(work, before, result);
    } else if (rows->row_count != 1 || rows->cut) {
        check_say(result, rows->row_count == 0 ? VERDICT_FAIL : VERDICT_ERROR,
                  str_format(work->arena, "it gave %.*s where one value is wanted",
                             STR_ARG(rows_phrase(work))));
    } else if (rows->column_count != 1) {
        check_say(result, VERDICT_ERROR,
                  str_format(work->arena, "it gave %zu columns where one value is wanted",
                             rows->column_count));
    } else {
        result->actual = STR("NULL");
        check_say(result, VERDICT_FAIL, STR("it gave NULL where a value is wanted"));
    }
}

static void judge_list(const struct check_work *work, const struct check_before *before,
                       struct check_result *result)
{
    enum {
        LINES = 10
    };
    struct strbuf evidence = {0};
    for (size_t row = 0; row < work->rows.row_count && row < LINES; row++) {
        struct str name = check_shown(work->arena, rows_text(&work->rows, row, 0));
        strbuf_format(&evidence, "%s%.*s", row > 0 ? "\n" : "", STR_ARG(name));
    }
    result->evidence = str_dup(work->arena, strbuf_str(&evidence));
    strbuf_release(&evidence);
    if (work->rows.cut) {
        check_say(result, VERDICT_ERROR, STR("there are more rows than are kept"));
        return;
    }
    check_judge_value(work, str_format(work->arena, "%zu", work->rows.row_count), before,
                      result);
    result->actual = rows_phrase(work);
}

static void judge_count(const struct check_work *work, const struct check_before *before,
                        struct check_result *result)
{
    struct catalog_counts counts;
    struct err err = {0};
    if (!catalog_counts_read(&work->rows, &counts, &err)) {
        check_say(result, VERDICT_ERROR, str_dup(work->arena, str_from(err.message)));
        return;
    }
    enum count_kind kind = check_builtin_of(work->check->builtin)->kind;
    int64_t value = counts.value[kind] - (work->left_out ? work->left_out->value[kind] : 0);
    check_judge_value(work, str_format(work->arena, "%lld", (long long)value), before, result);
}

static void judge_shape(const struct check_work *work, const struct check_before *before,
                        struct check_result *result)
{
    switch (check_shape_of(work->check)) {
    case SHAPE_NUMBER:
        if (work->rows.row_count == 1 && !rows_cell(&work->rows, 0, 0).is_null) {
            check_judge_value(work, rows_text(&work->rows, 0, 0), before, result);
            break;
        }
        judge_rows(work, before, result);
        break;
    case SHAPE_SQL:
        judge_rows(work, before, result);
        break;
    case SHAPE_COUNT:
        judge_count(work, before, result);
        break;
    case SHAPE_LIST:
        judge_list(work, before, result);
        break;
    case SHAPE_OBJECT:
        check_judge_object(work, result);
        break;
    case SHAPE_TABLE_ROWS:
        check_judge_table_rows(work, before, result);
        break;
    case SHAPE_ORPHANS:
        check_judge_orphans(work, before, result);
        break;
    }
}

/* What is known before anything is judged; false when there is nothing to judge. */
static bool begin_result(const struct check_work *work, struct check_result *result)
{
    *result = (struct check_result){.elapsed_us = work->elapsed_us};
    memcpy(result->sqlstate, work->sqlstate, sizeof(result->sqlstate));
    if (work->lost || work->trouble.len > 0) {
        check_say(result, work->lost ? VERDICT_UNKNOWN : VERDICT_ERROR, work->trouble);
        return false;
    }
    if (!work->have_rows) {
        check_say(result, VERDICT_UNKNOWN, STR("it was not asked"));
        return false;
    }
    result->row_count = (int64_t)work->rows.row_count;
    result->hash = check_hash_rows(&work->rows);
    return true;
}

void check_judge(const struct check_work *work, const struct check_before *before,
                 struct check_result *result)
{
    const struct plan_check *check = work->check;
    bool judged = begin_result(work, result);
    result->expected = check_expected(work->arena, check, before);
    if (!judged) {
        return;
    }
    judge_shape(work, before, result);
    result->late = check->within_us != PLAN_UNSAID && result->elapsed_us > check->within_us;
    if (result->late && result->verdict == VERDICT_PASS) {
        check_say(result, VERDICT_FAIL,
                  str_format(work->arena, "it took %.*s, more than %.*s",
                             STR_ARG(duration_text(work->arena, result->elapsed_us)),
                             STR_ARG(duration_text(work->arena, check->within_us))));
    }
}

void check_measure(const struct check_work *work, struct check_result *result)
{
    struct check_before none = {0};
    if (!begin_result(work, result)) {
        return;
    }
    judge_shape(work, &none, result);
    bool several = check_shape_of(work->check) == SHAPE_SQL && !result->has_value;
    check_say(result, VERDICT_PASS, (struct str){0});
    if (several && (work->check->comparator != PLAN_SAME_AS || work->rows.cut)) {
        check_say(result, VERDICT_ERROR, STR("it gave no single value to compare with later"));
    }
}

struct check_before check_before_of(const struct check_result *result)
{
    return (struct check_before){
        .taken = result->verdict == VERDICT_PASS || result->verdict == VERDICT_FAIL,
        .has_value = result->has_value,
        .value = result->value,
        .hash = result->hash,
        .rows = result->rows,
    };
}

bool check_needs_before(const struct plan_check *check)
{
    return check->comparator == PLAN_SAME_AS || check->expected.kind == PLAN_VALUE_BEFORE;
}
