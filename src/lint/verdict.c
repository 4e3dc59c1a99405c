/* SPDX-License-Identifier: PostgreSQL */
/*
 * One statement, judged: its actions' facts taken together at their worst, and corrected by
 * what came before (new tables are locked alone) and by what the server has (a type change
 * that is free). Tables of statements are made of these.
 */
#include "outcome.h"

/* ------------------------------------------------------------------- locks */

enum {
    LOOKED_THROUGH = 8, /* locks of one statement; of more, names are kept */
};

/* The lock that the statement has on that relation already; NULL: none. */
static struct lock_taken *find_lock(struct outcome *outcome, struct sql_name relation)
{
    struct names *names = &outcome->lock_names;
    for (size_t i = 0; outcome->lock_count <= LOOKED_THROUGH && i < outcome->lock_count; i++) {
        if (sql_name_is(outcome->locks[i].relation, relation)) {
            return &outcome->locks[i];
        }
    }
    if (outcome->lock_count <= LOOKED_THROUGH) {
        return NULL;
    }
    while (names->count < outcome->lock_count) {
        names_add(names, outcome->locks[names->count].relation);
    }
    ptrdiff_t at = names_first(names, relation);
    return at == NAMES_NONE ? NULL : &outcome->locks[at];
}

static void take_lock(struct lint *lint, struct sql_name relation, struct sql_name written,
                      enum sql_lock lock, bool is_new)
{
    struct outcome *outcome = lint->outcome;
    if (lock == SQL_LOCK_NONE || relation.name.len == 0) {
        return;
    }
    struct lock_taken *taken = find_lock(outcome, relation);
    if (taken) {
        taken->lock = lock > taken->lock ? lock : taken->lock;
        return;
    }
    *ARRAY_PUSH(outcome->locks, outcome->lock_count, outcome->lock_capacity) =
        (struct lock_taken){relation, written, lock, is_new};
}

static void take_known_lock(struct lint *lint, struct sql_name relation, enum sql_lock lock)
{
    take_lock(lint, relation, relation, lock, history_is_new(lint, relation));
}

static bool has_column(const struct lint_constraint *constraint, struct str column)
{
    for (size_t i = 0; i < constraint->column_count; i++) {
        if (str_is(constraint->columns[i], column)) {
            return true;
        }
    }
    return false;
}

/* A foreign key that goes takes its triggers off the other table: both are locked. */
static void lock_other_ends(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    const struct lint_relation *relation = step->relation;
    for (size_t i = 0; i < relation->constraint_count; i++) {
        const struct lint_constraint *key = &relation->constraints[i];
        bool goes =
            action->form == SQL_FORM_DROP_TABLE ||
            (action->form == SQL_FORM_DROP_CONSTRAINT && str_is(key->name, step->part)) ||
            (action->form == SQL_FORM_DROP_COLUMN && has_column(key, step->part));
        if (goes && key->kind == LINT_FOREIGN_KEY) {
            take_known_lock(lint, key->references, SQL_LOCK_ACCESS_EXCLUSIVE);
        }
    }
    bool reaches = action->cascade &&
                   (action->form == SQL_FORM_DROP_TABLE || action->form == SQL_FORM_TRUNCATE);
    for (size_t i = 0; reaches && i < relation->referenced_by_count; i++) {
        take_known_lock(lint, relation->referenced_by[i], SQL_LOCK_ACCESS_EXCLUSIVE);
    }
}

/* DROP INDEX and its like name the index alone; its table is locked as well. */
static void lock_table_of_index(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    const struct past *made = history_index(lint, step->object);
    const struct lint_relation *table = world_table_of_index(lint, step->object);
    if (made) {
        take_lock(lint, *made->object, renames_shown(lint, *made->object), action->lock,
                  history_is_new(lint, *made->object));
    } else if (table) {
        take_known_lock(lint, table->name, action->lock);
    } else {
        take_lock(lint, action->object, action->object, action->lock, false);
    }
}

static void take_locks(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (action->lock == SQL_LOCK_NONE && action->other_lock == SQL_LOCK_NONE) {
        return;
    }
    if (action->other.name.len > 0 && sql_name_is(action->object, action->other)) {
        lock_table_of_index(lint, step);
        return;
    }
    bool alone = step->is_new || action->temporary;
    take_lock(lint, step->object, action->object, action->lock, alone);
    if (action->other.name.len > 0) {
        struct sql_name other = world_resolve(lint, action->other);
        take_lock(lint, other, action->other, action->other_lock, history_is_new(lint, other));
    }
    if (step->relation && !alone) {
        lock_other_ends(lint, step);
    }
}

/* Relations that a query reads are locked as well, in the weakest way. */
static void take_read_locks(struct lint *lint, const struct sql_statement *statement)
{
    for (size_t i = 0; i < statement->object_count; i++) {
        const struct sql_object *object = &statement->objects[i];
        if (object->use == SQL_USE_READ && strcmp(object->kind, "relation") == 0) {
            struct sql_name written = {object->schema, object->name};
            struct sql_name name = world_resolve(lint, written);
            take_lock(lint, name, written, SQL_LOCK_ACCESS_SHARE, history_is_new(lint, name));
        }
    }
}

/* Old tables before new ones, which nobody else can wait for; then the stronger lock. */
static bool is_worse_lock(const struct lock_taken *a, const struct lock_taken *b)
{
    return a->is_new != b->is_new ? b->is_new : a->lock > b->lock;
}

/* Calls a second that wait behind one lock: who reads takes ACCESS SHARE, who writes more. */
static double calls_behind(const struct lint *lint, const struct lock_taken *taken)
{
    bool stops_reads = sql_lock_conflicts(taken->lock, SQL_LOCK_ACCESS_SHARE);
    bool stops_writes = sql_lock_conflicts(taken->lock, SQL_LOCK_ROW_EXCLUSIVE);
    if (taken->is_new || (!stops_reads && !stops_writes)) {
        return 0;
    }
    return world_calls(lint, taken->relation, !stops_reads);
}

static struct str kept_name(struct lint *lint, struct sql_name name)
{
    const struct outcome *outcome = lint->outcome;
    struct arena scratch = {0};
    struct str written = sql_name_written(&scratch, name);
    struct str before = STR("");
    if (outcome->verdict_count > 0) { /* many statements in a row lock the same table */
        before = outcome->verdicts[outcome->verdict_count - 1]->lock_on;
    }
    struct str kept = str_is(before, written) ? before : str_dup(lint->arena, written);
    arena_release(&scratch);
    return kept;
}

/* Who stands on it already stops the file, and everybody behind the file. */
static void keep_exclusive(struct lint *lint, const struct lock_taken *taken)
{
    struct names *names = &lint->outcome->exclusive;
    if (taken->lock == SQL_LOCK_ACCESS_EXCLUSIVE && !taken->is_new && !lint->file->is_undo &&
        names_first(names, taken->relation) == NAMES_NONE) {
        names_add(names, history_keep_name(lint, taken->relation));
    }
}

static void judge_locks(struct lint *lint)
{
    struct outcome *outcome = lint->outcome;
    struct lint_verdict *now = &outcome->now;
    const struct lock_taken *worst = NULL;
    for (size_t i = 0; i < outcome->lock_count; i++) {
        const struct lock_taken *taken = &outcome->locks[i];
        worst = !worst || is_worse_lock(taken, worst) ? taken : worst;
        keep_exclusive(lint, taken);
        double calls = calls_behind(lint, taken);
        now->queued_per_second =
            now->queued_per_second < 0 || calls < 0 ? -1 : now->queued_per_second + calls;
    }
    if (worst) {
        now->lock = worst->lock;
        now->lock_on = kept_name(lint, worst->written);
        now->more_locks = (uint32_t)(outcome->lock_count - 1);
    }
}

/* -------------------------------------------------------------------- work */

/* The relation whose rows are read or written: a partition, not the table that it joins. */
static const struct lint_relation *worked_on(const struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (action->form == SQL_FORM_ATTACH_PARTITION) {
        return world_relation(lint, world_resolve(lint, action->other));
    }
    if (!step->relation && sql_name_is(action->object, action->other)) {
        return world_table_of_index(lint, step->object);
    }
    return step->relation;
}

static bool touches_every_row(const struct sql_action *action)
{
    const struct sql_change *change = action->change;
    return (action->form == SQL_FORM_UPDATE || action->form == SQL_FORM_DELETE) && change &&
           (!change->where.present || change->where.always_true);
}

/* How bad it is for those who wait: by the lock, by what is done under it, by the size. */
static enum lint_severity severity_of_stop(const struct sql_action *action, enum sql_work work,
                                           const struct lint_relation *relation)
{
    bool stops_writes = sql_lock_conflicts(action->lock, SQL_LOCK_ROW_EXCLUSIVE);
    if (!stops_writes) {
        return touches_every_row(action) ? LINT_MEDIUM : LINT_NOTE;
    }
    if (work < SQL_WORK_UNKNOWN) {
        return LINT_LOW;
    }
    if (!relation) {
        return work == SQL_WORK_UNKNOWN ? LINT_MEDIUM : LINT_HIGH;
    }
    return report_is_small(relation)   ? LINT_LOW
           : report_is_large(relation) ? LINT_BLOCK
           : work == SQL_WORK_UNKNOWN  ? LINT_MEDIUM
                                       : LINT_HIGH;
}

static void judge_work(struct lint *lint, const struct step *step)
{
    struct lint_verdict *now = &lint->outcome->now;
    const struct sql_action *action = step->action;
    enum sql_work work = step->work;
    bool alone = step->is_new || action->temporary;
    const struct lint_relation *relation = alone ? NULL : worked_on(lint, step);
    if (!alone && !action->inside) {
        enum lint_severity severity = severity_of_stop(action, work, relation);
        if (severity > lint->outcome->stops) {
            lint->outcome->stops = severity;
        }
    }
    bool sized = relation && (work > SQL_WORK_ROWS || touches_every_row(action));
    bool heavier = work > now->work;
    if (heavier) {
        now->work = work;
        now->rows = now->bytes = -1;
    }
    if (sized && work == now->work && (heavier || relation->bytes > now->bytes)) {
        now->rows = relation->rows;
        now->bytes = relation->bytes;
    }
}

/* ------------------------------------------------- second run, loss, way back */

static int rank_of_rerun(enum sql_rerun rerun)
{
    static const int ranks[SQL_RERUN__COUNT] = {[SQL_RERUN_YES] = 0,
                                                [SQL_RERUN_UNKNOWN] = 1,
                                                [SQL_RERUN_TWICE] = 2,
                                                [SQL_RERUN_FAILS] = 3};
    return ranks[rerun];
}

static void judge_rerun(struct lint *lint, const struct step *step)
{
    struct lint_verdict *now = &lint->outcome->now;
    bool loses = !step->is_temporary && again_loses(lint, step);
    enum sql_rerun rerun = loses ? SQL_RERUN_TWICE : step->action->rerun;
    if (!loses && (rerun == SQL_RERUN_FAILS || rerun == SQL_RERUN_TWICE)) {
        if (step->is_temporary) {
            rerun = SQL_RERUN_YES; /* it went with the session of the first run */
        } else if (again_is_safe(lint, step)) {
            now->rerun_in_transaction = true;
            rerun = SQL_RERUN_YES;
        } else if (step->action->conditional) {
            rerun = SQL_RERUN_UNKNOWN; /* the condition may be the guard */
        }
    }
    if (rank_of_rerun(rerun) > rank_of_rerun(now->rerun)) {
        now->rerun = rerun;
    }
}

static int rank_of_loss(enum sql_loss loss)
{
    return loss == SQL_LOSS_UNKNOWN ? 2 * SQL_LOSS_ROWS + 1 : 2 * (int)loss;
}

static int rank_of_undo(enum sql_undo undo)
{
    return undo == SQL_UNDO_UNKNOWN ? 2 * SQL_UNDO_KNOWLEDGE + 1 : 2 * (int)undo;
}

/* IF EXISTS of a table that the server does not have, nor the plan. */
static bool finds_nothing(const struct lint *lint, const struct step *step)
{
    enum sql_form form = step->action->form;
    bool of_relation = form == SQL_FORM_DROP_TABLE || form == SQL_FORM_DROP_VIEW ||
                       form == SQL_FORM_DROP_MATERIALIZED_VIEW ||
                       form == SQL_FORM_DROP_FOREIGN_TABLE || form == SQL_FORM_DROP_SEQUENCE;
    return of_relation && step->action->guarded && !step->relation && !step->is_new &&
           world_knows(lint, LINT_NEEDS_TABLES);
}

/* A comment, a right, an index without a name: on a table of this plan, which is dropped when
 * the plan is taken back. */
static bool goes_with_its_table(const struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    return step->is_new && !lint->file->is_undo && action->undo == SQL_UNDO_KNOWLEDGE &&
           (action->loss == SQL_LOSS_NOTHING || action->loss == SQL_LOSS_ACCESS);
}

static void judge_loss(struct lint *lint, const struct step *step)
{
    struct outcome *outcome = lint->outcome;
    struct lint_verdict *now = &outcome->now;
    const struct sql_action *action = step->action;
    enum sql_loss loss = action->loss;
    enum sql_undo undo = action->undo;
    /* Rows of a table that this plan made are its own; an undo file meets those of others. */
    bool own = (step->is_new && !lint->file->is_undo) || action->temporary;
    if (finds_nothing(lint, step)) {
        loss = SQL_LOSS_NOTHING;
        undo = SQL_UNDO_NOT_NEEDED;
    } else if (own && loss != SQL_LOSS_NOTHING) {
        loss = SQL_LOSS_NOTHING;
        undo = undo == SQL_UNDO_BACKUP ? SQL_UNDO_KNOWLEDGE : undo;
    }
    if (goes_with_its_table(lint, step)) {
        undo = SQL_UNDO_NOT_NEEDED;
    }
    if (rank_of_loss(loss) > rank_of_loss(now->loss)) {
        now->loss = loss;
    }
    if (rank_of_undo(undo) > rank_of_undo(now->undo)) {
        now->undo = undo;
    }
    if (undo == SQL_UNDO_STATEMENT && action->undo_sql.len > 0) {
        *ARRAY_PUSH(outcome->undo, outcome->undo_count, outcome->undo_capacity) =
            action->undo_sql;
    }
}

/* What was made last is taken back first. */
static struct str undo_of_all(struct lint *lint)
{
    const struct outcome *outcome = lint->outcome;
    if (outcome->now.undo != SQL_UNDO_STATEMENT || outcome->undo_count == 0) {
        return STR("");
    }
    struct strbuf text = {0};
    for (size_t i = outcome->undo_count; i-- > 0;) {
        strbuf_add(&text, outcome->undo[i]);
        strbuf_text(&text, i > 0 ? ";\n" : ";");
    }
    struct str kept = str_dup(lint->arena, strbuf_str(&text));
    strbuf_release(&text);
    return kept;
}

/* --------------------------------------------------------------- statements */

void verdict_begin(struct lint *lint)
{
    struct outcome *outcome = lint->outcome;
    outcome->lock_count = 0;
    if (outcome->lock_names.count > 0) {
        names_clear(&outcome->lock_names);
    }
    outcome->undo_count = 0;
    outcome->stops = LINT_NOTE;
    outcome->now = (struct lint_verdict){
        .rows = -1, .bytes = -1, .rerun = SQL_RERUN_YES, .severity = LINT_NOTE};
}

/* A DO block into which everything could be seen is what follows it, and nothing by itself. */
static bool is_seen_through(const struct step *step)
{
    return step->action->form == SQL_FORM_DO && step->facts->opaque_count == 0;
}

void verdict_add(struct lint *lint, const struct step *step)
{
    if (is_seen_through(step)) {
        return;
    }
    take_locks(lint, step);
    judge_work(lint, step);
    judge_rerun(lint, step);
    judge_loss(lint, step);
}

static void judge_unseen(struct lint_verdict *now)
{
    now->judged = false;
    now->work = SQL_WORK_UNKNOWN;
    now->queued_per_second = -1;
    now->rerun = now->rerun == SQL_RERUN_YES ? SQL_RERUN_UNKNOWN : now->rerun;
    now->loss = now->loss == SQL_LOSS_DATA ? now->loss : SQL_LOSS_UNKNOWN;
    now->undo =
        rank_of_undo(now->undo) > rank_of_undo(SQL_UNDO_UNKNOWN) ? now->undo : SQL_UNDO_UNKNOWN;
}

static void add_up(struct file_sum *sum, const struct lint_verdict *now,
                   enum lint_severity stops, const struct step *step)
{
    const struct sql_statement *statement = step->statement;
    if (!now->judged) {
        noted_add(&sum->unjudged, statement, step->index);
    } else if (now->rerun == SQL_RERUN_UNKNOWN) {
        noted_add(&sum->again_unknown, statement, step->index);
    }
    if (now->rerun == SQL_RERUN_FAILS || now->rerun == SQL_RERUN_TWICE) {
        if (sum->again_count < EXCEPTIONS_NAMED) {
            noted_add(&sum->again[sum->again_count], statement, step->index);
        }
        sum->again_count++;
    }
    noted_add(&sum->by_loss[now->loss], statement, step->index);
    noted_add(&sum->by_undo[now->undo], statement, step->index);
    noted_add(&sum->stops[stops], statement, step->index);
}

void verdict_end(struct lint *lint, const struct step *step)
{
    struct outcome *outcome = lint->outcome;
    struct lint_verdict *now = &outcome->now;
    take_read_locks(lint, step->statement);
    judge_locks(lint);
    now->undo_sql = undo_of_all(lint);
    now->judged = step->statement->judgement == SQL_PARSED && step->facts->opaque_count == 0 &&
                  step->facts->action_count > 0;
    if (!now->judged) {
        judge_unseen(now);
    }
    add_up(outcome_sum(lint), now, outcome->stops, step);
    outcome_add_verdict(lint, now);
}
