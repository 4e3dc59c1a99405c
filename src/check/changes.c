/* SPDX-License-Identifier: PostgreSQL */
/*
 * Every difference of the catalog against what the plan declares. Counts alone
 * would let one policy be swapped for another; so each member that came, went or
 * changed must be listed, or hang on a table that the plan removes or adds. What is
 * listed and did not happen is a finding as well.
 *
 * A name without schema means the first of the plan's schemas: a twin elsewhere is
 * not what the plan speaks of.
 */
#include "check_private.h"

/* One judgement in progress. */
struct audit {
    const struct plan *plan;
    const struct catalog_diff *diff;
    struct arena *arena;
    struct check_changes *out;
    struct str home;
};

static struct str home_of(const struct plan *plan)
{
    return plan->state.schemas.count > 0 ? plan->state.schemas.items[0] : STR("public");
}

static bool names(const struct plan_texts *texts, const struct catalog_member *member,
                  struct str home)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (catalog_member_is(member, texts->items[i], home)) {
            return true;
        }
    }
    return false;
}

static const struct plan_texts *list_of(const struct plan_change *change,
                                        enum catalog_change_what what)
{
    switch (what) {
    case CATALOG_NEW:
        return &change->new;
    case CATALOG_GONE:
        return &change->gone;
    case CATALOG_CHANGED:
    case CATALOG_REORDERED:
        break;
    }
    return &change->changed;
}

static bool same_table(struct str schema, struct str table, const struct catalog_member *member)
{
    return str_is(schema, member->schema) && str_is(table, member->name);
}

bool check_lists_new_table(const struct plan *plan, struct str schema, struct str table)
{
    struct catalog_member member = {.kind = COUNT_TABLES, .schema = schema, .name = table};
    for (size_t i = 0; i < plan->state.changes.count; i++) {
        const struct plan_change *change = &plan->state.changes.items[i];
        if (change->what == PLAN_WHAT_TABLES && names(&change->new, &member, home_of(plan))) {
            return true;
        }
    }
    return false;
}

/* Tables that a step names as temporary. */
static bool is_temporary(const struct audit *audit, const struct catalog_member *member)
{
    const struct plan *plan = audit->plan;
    for (size_t i = 0; i < plan->steps.count; i++) {
        if (names(&plan->steps.items[i].creates_temporary, member, audit->home)) {
            return true;
        }
    }
    return false;
}

static int64_t columns_of(const struct audit *audit, enum catalog_change_what what,
                          struct str schema, struct str table)
{
    int64_t count = 0;
    for (size_t i = 0; i < audit->diff->count; i++) {
        const struct catalog_change *change = &audit->diff->changes[i];
        const struct catalog_member *member = catalog_change_member(change);
        if (change->kind == COUNT_COLUMNS && change->what == what &&
            str_is(member->schema, schema) && str_is(member->table, table)) {
            count++;
        }
    }
    return count;
}

/* `state.columns` lists by number: right when exactly so many came or went. */
static bool is_counted_column(const struct audit *audit, const struct catalog_change *change)
{
    const struct catalog_member *member = catalog_change_member(change);
    struct catalog_member table = {
        .kind = COUNT_TABLES, .schema = member->schema, .name = member->table};
    for (size_t i = 0; i < audit->plan->state.columns.count; i++) {
        const struct plan_column_change *wanted = &audit->plan->state.columns.items[i];
        int64_t number = change->what == CATALOG_NEW    ? wanted->added
                         : change->what == CATALOG_GONE ? wanted->removed
                                                        : PLAN_UNSAID;
        if (catalog_member_is(&table, wanted->table, audit->home) &&
            number == columns_of(audit, change->what, member->schema, member->table)) {
            return true;
        }
    }
    return false;
}

static bool is_listed(const struct audit *audit, const struct catalog_change *change)
{
    const struct plan_state *state = &audit->plan->state;
    const struct catalog_member *member = catalog_change_member(change);
    for (size_t i = 0; i < state->changes.count; i++) {
        enum count_kind kind;
        if (check_count_kind(state->changes.items[i].what, &kind) && kind == change->kind &&
            names(list_of(&state->changes.items[i], change->what), member, audit->home)) {
            return true;
        }
    }
    if (change->kind == COUNT_TABLES && change->what == CATALOG_GONE) {
        return names(&state->removed_tables, member, audit->home);
    }
    if (change->kind == COUNT_COLUMNS) {
        return is_counted_column(audit, change);
    }
    return change->what == CATALOG_NEW && is_temporary(audit, member);
}

/* Did a table (or partition) of this name come or go as planned? */
static bool is_planned_table(const struct audit *audit, enum catalog_change_what what,
                             struct str schema, struct str table)
{
    /* the diff is sorted by kind, tables and partitions first: large diffs stay cheap */
    for (size_t i = 0; i < audit->diff->count; i++) {
        const struct catalog_change *change = &audit->diff->changes[i];
        if (change->kind > COUNT_PARTITIONS) {
            break;
        }
        if (change->what == what && audit->out->planned[i] &&
            same_table(schema, table, catalog_change_member(change))) {
            return true;
        }
    }
    return false;
}

static struct str quoted(struct arena *arena, struct str name, bool quotes)
{
    if (!quotes) {
        return name;
    }
    struct strbuf out = {0};
    strbuf_byte(&out, '"');
    for (size_t i = 0; i < name.len; i++) {
        strbuf_repeat(&out, name.ptr[i], name.ptr[i] == '"' ? 2 : 1);
    }
    strbuf_byte(&out, '"');
    struct str text = str_dup(arena, strbuf_str(&out));
    strbuf_release(&out);
    return text;
}

/* Does the key's definition, as the server writes it, point to this table? */
static bool points_to(const struct audit *audit, struct str definition,
                      const struct catalog_member *table)
{
    for (int form = 0; form < 4; form++) {
        struct str schema = quoted(audit->arena, table->schema, (form & 1) != 0);
        struct str name = quoted(audit->arena, table->name, (form & 2) != 0);
        struct str target =
            str_format(audit->arena, ") REFERENCES %.*s.%.*s(", STR_ARG(schema), STR_ARG(name));
        for (size_t at = 0; at + target.len <= definition.len; at++) {
            if (memcmp(definition.ptr + at, target.ptr, target.len) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* A key that went because the table it pointed to was removed. */
static bool points_to_removed(const struct audit *audit, const struct catalog_change *change)
{
    if (change->kind != COUNT_FOREIGN_KEYS || change->what != CATALOG_GONE) {
        return false;
    }
    for (size_t i = 0; i < audit->diff->count; i++) {
        const struct catalog_change *table = &audit->diff->changes[i];
        if (table->kind == COUNT_TABLES && table->what == CATALOG_GONE &&
            audit->out->planned[i] &&
            points_to(audit, change->before->definition, table->before)) {
            return true;
        }
    }
    return false;
}

/* The index that came or went with a constraint of its name. */
static bool backs_constraint(const struct audit *audit, const struct catalog_change *change)
{
    const struct catalog_member *member = catalog_change_member(change);
    for (size_t i = 0; change->kind == COUNT_INDEXES && i < audit->diff->count; i++) {
        const struct catalog_change *other = &audit->diff->changes[i];
        const struct catalog_member *constraint = catalog_change_member(other);
        if (other->kind == COUNT_CONSTRAINTS && other->what == change->what &&
            audit->out->planned[i] && str_is(constraint->schema, member->schema) &&
            str_is(constraint->table, member->table) &&
            str_is(constraint->name, member->name)) {
            return true;
        }
    }
    return false;
}

static bool is_implied(const struct audit *audit, const struct catalog_change *change)
{
    const struct catalog_member *member = catalog_change_member(change);
    if (change->what == CATALOG_REORDERED) {
        /* the columns behind one that went move up */
        return columns_of(audit, CATALOG_GONE, member->schema, member->table) > 0;
    }
    if (change->what == CATALOG_CHANGED) {
        return false;
    }
    struct str table = change->kind == COUNT_TABLES_WITH_RLS ? member->name : member->table;
    if (table.len > 0 && is_planned_table(audit, change->what, member->schema, table)) {
        return true;
    }
    return points_to_removed(audit, change) || backs_constraint(audit, change);
}

/* What is implied may imply more (a partition of a partition, the index of a constraint). */
static void mark_planned(const struct audit *audit)
{
    bool *planned = audit->out->planned;
    for (size_t i = 0; i < audit->diff->count; i++) {
        planned[i] = is_listed(audit, &audit->diff->changes[i]);
    }
    bool more = true;
    while (more) {
        more = false;
        for (size_t i = 0; i < audit->diff->count; i++) {
            if (!planned[i] && is_implied(audit, &audit->diff->changes[i])) {
                planned[i] = true;
                more = true;
            }
        }
    }
}

static struct check_finding *add(struct check_changes *out, enum check_finding_kind kind,
                                 enum count_kind what, bool blocks, struct str text)
{
    struct check_finding *finding = ARRAY_PUSH(out->findings, out->count, out->capacity);
    finding->kind = kind;
    finding->what = what;
    finding->blocks = blocks;
    finding->text = text;
    out->blocking += blocks ? 1 : 0;
    return finding;
}

static struct str describe(const struct audit *audit, const struct catalog_change *change,
                           struct str label)
{
    const char *word = catalog_count_infos[change->kind].singular;
    struct str shown = check_shown(audit->arena, label);
    if (change->what == CATALOG_CHANGED) {
        struct str old = check_shown(audit->arena, change->before->definition);
        struct str new = check_shown(audit->arena, change->after->definition);
        return str_format(audit->arena, "%s %.*s changed: %.*s, before %.*s", word,
                          STR_ARG(shown), STR_ARG(new), STR_ARG(old));
    }
    if (change->what == CATALOG_REORDERED) {
        return str_format(audit->arena, "%s %.*s stands at place %lld, before at %lld", word,
                          STR_ARG(shown), (long long)change->after->position,
                          (long long)change->before->position);
    }
    return str_format(audit->arena, "%s %.*s is %s", word, STR_ARG(shown),
                      catalog_change_word(change->what));
}

static void report_change(const struct audit *audit, const struct catalog_change *change,
                          bool blocks)
{
    bool order = change->what == CATALOG_REORDERED;
    struct str label =
        catalog_member_label(audit->arena, catalog_change_member(change), audit->home);
    struct str text = describe(audit, change, label);
    struct check_finding *finding =
        add(audit->out, order ? FINDING_REORDERED : FINDING_UNLISTED, change->kind,
            blocks && !order, text);
    finding->change = change;
    finding->name = label;
}

/* Equal counts, other members: a count alone would have said that all is well. */
static void report_swaps(const struct audit *audit, bool blocks)
{
    bool unlisted[COUNT__COUNT] = {false};
    for (size_t i = 0; i < audit->diff->count; i++) {
        if (!audit->out->planned[i]) {
            unlisted[audit->diff->changes[i].kind] = true;
        }
    }
    for (size_t kind = 0; kind < COUNT__COUNT; kind++) {
        size_t gone = audit->diff->gone[kind];
        if (unlisted[kind] && gone > 0 && gone == audit->diff->new_[kind]) {
            add(audit->out, FINDING_SWAPPED, (enum count_kind)kind, blocks,
                str_format(audit->arena,
                           "as many %s as before, but not the same: %zu went, %zu came",
                           catalog_count_infos[kind].title, gone, gone));
        }
    }
}

static bool happened(const struct audit *audit, enum count_kind kind,
                     enum catalog_change_what what, struct str name)
{
    for (size_t i = 0; i < audit->diff->count; i++) {
        const struct catalog_change *change = &audit->diff->changes[i];
        if (change->kind == kind && change->what == what &&
            catalog_member_is(catalog_change_member(change), name, audit->home)) {
            return true;
        }
    }
    return false;
}

static void report_missing(const struct audit *audit, enum count_kind kind,
                           enum catalog_change_what what, const struct plan_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (!happened(audit, kind, what, texts->items[i])) {
            struct str shown = check_shown(audit->arena, texts->items[i]);
            add(audit->out, FINDING_MISSING, kind, true,
                str_format(audit->arena, "%s %.*s should be %s and is not",
                           catalog_count_infos[kind].singular, STR_ARG(shown),
                           catalog_change_word(what)))
                ->name = texts->items[i];
        }
    }
}

static void report_missing_columns(const struct audit *audit)
{
    for (size_t i = 0; i < audit->plan->state.columns.count; i++) {
        const struct plan_column_change *wanted = &audit->plan->state.columns.items[i];
        int64_t came = 0;
        int64_t went = 0;
        for (size_t j = 0; j < audit->diff->count; j++) {
            const struct catalog_change *change = &audit->diff->changes[j];
            const struct catalog_member *member = catalog_change_member(change);
            struct catalog_member table = {
                .kind = COUNT_TABLES, .schema = member->schema, .name = member->table};
            if (change->kind == COUNT_COLUMNS &&
                catalog_member_is(&table, wanted->table, audit->home)) {
                came += change->what == CATALOG_NEW ? 1 : 0;
                went += change->what == CATALOG_GONE ? 1 : 0;
            }
        }
        if ((wanted->added != PLAN_UNSAID && wanted->added != came) ||
            (wanted->removed != PLAN_UNSAID && wanted->removed != went)) {
            add(audit->out, FINDING_MISSING, COUNT_COLUMNS, true,
                str_format(audit->arena,
                           "%.*s got %lld new columns and lost %lld, which is not "
                           "what state.columns says",
                           STR_ARG(check_shown(audit->arena, wanted->table)), (long long)came,
                           (long long)went))
                ->name = wanted->table;
        }
    }
}

static void begin(struct audit *audit, struct check_changes *out, const struct plan *plan,
                  const struct catalog_diff *diff, struct arena *arena)
{
    *out = (struct check_changes){0};
    out->planned = mem_zero(diff->count + 1, sizeof(*out->planned));
    out->planned_count = diff->count;
    *audit = (struct audit){
        .plan = plan, .diff = diff, .arena = arena, .out = out, .home = home_of(plan)};
}

void check_changes(struct check_changes *changes, const struct plan *plan,
                   const struct catalog_diff *diff, bool final, struct arena *arena)
{
    struct audit audit;
    bool blocks = plan->state.unlisted_changes == PLAN_UNLISTED_FORBID;
    begin(&audit, changes, plan, diff, arena);
    mark_planned(&audit);
    for (size_t i = 0; i < diff->count; i++) {
        if (!changes->planned[i]) {
            report_change(&audit, &diff->changes[i], blocks);
        }
    }
    report_swaps(&audit, blocks);
    for (size_t i = 0; final && i < plan->state.changes.count; i++) {
        const struct plan_change *change = &plan->state.changes.items[i];
        enum count_kind kind;
        if (check_count_kind(change->what, &kind)) {
            report_missing(&audit, kind, CATALOG_NEW, &change->new);
            report_missing(&audit, kind, CATALOG_GONE, &change->gone);
            report_missing(&audit, kind, CATALOG_CHANGED, &change->changed);
        }
    }
    if (final) {
        report_missing(&audit, COUNT_TABLES, CATALOG_GONE, &plan->state.removed_tables);
        report_missing_columns(&audit);
    }
}

void check_changes_release(struct check_changes *changes)
{
    if (changes == NULL) {
        return;
    }
    free(changes->findings);
    free(changes->planned);
    *changes = (struct check_changes){0};
}
