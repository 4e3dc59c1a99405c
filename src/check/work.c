/* SPDX-License-Identifier: PostgreSQL */
/*
 * A check at work: which statement comes next, and what to keep of each answer.
 * Most checks are one statement. Rows per table and orphans ask the catalog first
 * and then count in batches, so that no single statement grows with the database.
 */
#include "check_private.h"

#include "sql.h"

enum {
    STAGE_FIRST,  /* the only query, or the one that tells what to ask next */
    STAGE_COUNTS, /* batch by batch */
    STAGE_DONE,
};

bool check_wants_none(const struct plan_check *check)
{
    if (check->empty != PLAN_NOT_SAID) {
        return check->empty == PLAN_YES;
    }
    if (check->exists != PLAN_NOT_SAID) {
        return check->exists == PLAN_NO;
    }
    return check->comparator == PLAN_EMPTY;
}

void check_stop(struct check_work *work, struct str why)
{
    work->trouble = why;
    work->stage = STAGE_DONE;
}

/* The state.count query behind `conflicts` and `query`; NULL for other checks. */
static const struct plan_count *count_of(const struct plan *plan,
                                         const struct plan_check *check, struct str *id)
{
    *id = check->count_id;
    if (check->source != PLAN_SOURCE_BUILTIN ||
        (check->builtin != PLAN_BUILTIN_CONFLICTS && check->builtin != PLAN_BUILTIN_QUERY)) {
        return NULL;
    }
    if (id->len == 0) {
        *id = STR("conflicts");
    }
    for (size_t i = 0; i < plan->state.count.count; i++) {
        const struct plan_count *count = &plan->state.count.items[i];
        if (count->what == PLAN_WHAT_QUERY && str_is(count->id, *id)) {
            return count;
        }
    }
    return NULL;
}

struct str check_file(const struct plan *plan, const struct plan_check *check)
{
    struct str id;
    const struct plan_count *count = count_of(plan, check, &id);
    if (count != NULL) {
        return count->sql.len > 0 ? (struct str){0} : count->file;
    }
    return check->source == PLAN_SOURCE_FILE ? check->file : (struct str){0};
}

/* The plan's own statement, without the white space and the semicolons at its end: one
 * statement goes to the server, and it is the server that refuses a second one. */
static struct str own_text(const struct check_work *work, struct str bytes)
{
    struct str id;
    const struct plan_count *count = count_of(work->plan, work->check, &id);
    struct str text = work->check->source == PLAN_SOURCE_SQL ? work->check->sql : bytes;
    if (count != NULL && count->sql.len > 0) {
        text = count->sql;
    }
    return str_trim(text);
}

static struct str param_text(const struct check_work *work, enum check_fill fill)
{
    const struct plan_check *check = work->check;
    const struct plan_state *state = &work->plan->state;
    const struct plan_texts *path = &work->plan->search_path;
    switch (fill) {
    case FILL_SCHEMAS:
        return catalog_array_text(work->arena, state->schemas.items, state->schemas.count);
    case FILL_SEARCH_PATH:
        return catalog_array_text(work->arena, path->items, path->count);
    case FILL_REMOVED:
        return catalog_array_text(work->arena, state->removed_tables.items,
                                  state->removed_tables.count);
    case FILL_ROLES:
        return catalog_array_text(work->arena, check->roles.items, check->roles.count);
    case FILL_TABLE:
        return check->table;
    case FILL_OBJECT:
        return check->object;
    case FILL_COLUMN:
        return check->column;
    case FILL_TYPE:
        return check->type;
    case FILL_END:
        break;
    }
    return (struct str){0};
}

static void begin_builtin(struct check_work *work, const struct check_builtin *builtin)
{
    struct check_query *query = &work->query;
    query->pinned = true;
    for (const enum check_fill *fill = builtin->fill; *fill != FILL_END; fill++) {
        query->params[query->param_count++] = param_text(work, *fill);
    }
    const char *sql = builtin->sql;
    if (builtin->shape == SHAPE_COUNT) {
        sql = catalog_counts_query();
    } else if (builtin->shape == SHAPE_TABLE_ROWS) {
        sql = catalog_tables_query();
    } else if (builtin->shape == SHAPE_ORPHANS) {
        sql = check_orphans_query();
    }
    query->sql = str_from(sql);
}

bool check_begin(struct check_work *work, const struct plan *plan,
                 const struct plan_check *check, struct str bytes, struct arena *arena,
                 struct err *err)
{
    *work = (struct check_work){.plan = plan, .check = check, .arena = arena};
    if (check->source == PLAN_SOURCE_UNSAID ||
        (check->source == PLAN_SOURCE_BUILTIN && check->builtin == PLAN_BUILTIN_UNSAID)) {
        return err_set(err, ERR_USAGE, "check %.*s asks nothing", STR_ARG(check->id));
    }
    if (check_shape_of(check) != SHAPE_SQL) {
        begin_builtin(work, check_builtin_of(check->builtin));
        return true;
    }
    struct str id;
    if (check->source == PLAN_SOURCE_BUILTIN && count_of(plan, check, &id) == NULL) {
        err_set(err, ERR_USAGE,
                "check %.*s asks for the count \"%.*s\", which the plan has not",
                STR_ARG(check->id), STR_ARG(id));
        err_hint(err, "Nothing was asked. Add `what: query, id: %.*s` to state.count.",
                 STR_ARG(id));
        return false;
    }
    work->query.sql = str_dup(arena, own_text(work, bytes));
    if (work->query.sql.len == 0) {
        err_set(err, ERR_USAGE, "the statement of check %.*s is empty", STR_ARG(check->id));
        err_hint(err, "Nothing was asked. An empty statement would prove nothing.");
        return false;
    }
    return true;
}

/* The next batch of counts; false when all are taken. */
static bool next_batch(struct check_work *work)
{
    work->query = (struct check_query){.pinned = true, .all_rows = true};
    if (check_shape_of(work->check) == SHAPE_ORPHANS) {
        if (work->next >= work->statement_count) {
            return false;
        }
        work->query.sql = work->statements[work->next++];
        return true;
    }
    strbuf_clear(&work->sql);
    if (!catalog_rows_statement(&work->sql, &work->tables, work->plan->rows_exact_below,
                                &work->next)) {
        return false;
    }
    work->query.sql = strbuf_str(&work->sql);
    return true;
}

const struct check_query *check_query(struct check_work *work)
{
    if (work->stage == STAGE_COUNTS && !work->asked && !next_batch(work)) {
        work->stage = STAGE_DONE;
    }
    if (work->stage == STAGE_DONE) {
        return NULL;
    }
    work->asked = true;
    return &work->query;
}

bool check_can_share(const struct check_work *work)
{
    enum check_shape shape = check_shape_of(work->check);
    return work->stage == STAGE_FIRST && shape != SHAPE_TABLE_ROWS && shape != SHAPE_ORPHANS &&
           work->check->within_us == PLAN_UNSAID && sql_is_query(work->query.sql);
}

static void keep_rows(struct check_work *work, const struct rows *rows)
{
    rows_init(&work->rows, work->arena, rows->column_count);
    for (size_t column = 0; column < rows->column_count; column++) {
        work->rows.names[column] = str_dup(work->arena, rows->names[column]);
    }
    for (size_t row = 0; row < rows->row_count; row++) {
        struct cell *cells = rows_add(&work->rows);
        for (size_t column = 0; column < rows->column_count; column++) {
            struct cell cell = rows_cell(rows, row, column);
            cells[column].is_null = cell.is_null;
            cells[column].text = str_dup(work->arena, cell.text);
        }
    }
    work->rows.cut = rows->cut;
    work->have_rows = true;
}

static void take_tables(struct check_work *work, const struct rows *rows)
{
    struct err err = {0};
    bool ok = work->stage == STAGE_FIRST
                  ? catalog_tables_read(rows, work->arena, &work->tables, &err)
                  : catalog_rows_read(rows, &work->tables, &err);
    if (!ok) {
        check_stop(work, str_dup(work->arena, str_from(err.message)));
        return;
    }
    work->have_rows = true;
    work->stage = STAGE_COUNTS;
}

static void take_orphans(struct check_work *work, const struct rows *rows)
{
    bool ok = work->stage == STAGE_FIRST ? check_orphans_plan(work, rows)
                                         : check_orphans_take(work, rows);
    if (ok) {
        work->stage = STAGE_COUNTS;
    }
}

void check_take(struct check_work *work, const struct rows *rows, int64_t elapsed_us)
{
    work->asked = false;
    work->elapsed_us += elapsed_us;
    switch (check_shape_of(work->check)) {
    case SHAPE_TABLE_ROWS:
        take_tables(work, rows);
        break;
    case SHAPE_ORPHANS:
        take_orphans(work, rows);
        break;
    case SHAPE_SQL:
    case SHAPE_COUNT:
    case SHAPE_NUMBER:
    case SHAPE_LIST:
    case SHAPE_OBJECT:
        keep_rows(work, rows);
        work->stage = STAGE_DONE;
        break;
    }
}

void check_refused(struct check_work *work, const char *sqlstate, struct str message,
                   int64_t elapsed_us)
{
    work->asked = false;
    work->refused = true;
    work->elapsed_us += elapsed_us;
    for (size_t i = 0; i + 1 < sizeof(work->sqlstate) && sqlstate[i] != '\0'; i++) {
        work->sqlstate[i] = sqlstate[i];
    }
    check_stop(work, str_format(work->arena, "the server refused: %.*s",
                                STR_ARG(check_shown(work->arena, message))));
}

void check_held_up(struct check_work *work, struct str why, int64_t elapsed_us)
{
    work->asked = false;
    work->lost = true;
    work->elapsed_us += elapsed_us;
    check_stop(work, check_shown(work->arena, why));
}

void check_lost(struct check_work *work, struct str why)
{
    work->asked = false;
    work->lost = true;
    check_stop(work, str_format(work->arena, "no answer came: %.*s",
                                STR_ARG(check_shown(work->arena, why))));
}

void check_release(struct check_work *work)
{
    strbuf_release(&work->sql);
    *work = (struct check_work){0};
}
