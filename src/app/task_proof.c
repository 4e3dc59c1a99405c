/* SPDX-License-Identifier: PostgreSQL */
/*
 * What a proof found, for people: when each level was reached, what the archive's list holds
 * of the things that snapshot "backup" counted, and what pg_restore said last.
 */
#include "task_private.h"

enum {
    MISSING_TOLD = 20, /* of one kind, by name */
};

static struct event_item *add(struct app_task *task, const char *kind)
{
    struct event_item *item = ARRAY_PUSH(task->proof, task->proof_count, task->proof_capacity);
    *item = (struct event_item){.kind = str_from(kind)};
    return item;
}

void task_prove_reached(struct app_task *task, enum plan_backup_level level)
{
    struct event_item *item = add(task, "reached");
    item->value = level;
    item->at_us = task->context.clock_us(task->context.ctx);
}

void task_prove_bytes(struct app_task *task)
{
    add(task, "bytes")->at_us = task->context.clock_us(task->context.ctx);
}

/* ----------------------------------------------------------------- the list */

/*
 * How pg_restore lists what the catalog counts. `on` puts the table before the name, as the
 * list has it for what stands on one. An index may be listed as the constraint that owns it.
 */
static const struct {
    enum count_kind kind;
    const char *entry;
    bool on;
    const char *other; /* another kind of entry, always with the table before it; NULL */
} listed[] = {
    {COUNT_TABLES, "TABLE", false, NULL},
    {COUNT_PARTITIONS, "TABLE", false, NULL},
    {COUNT_FOREIGN_KEYS, "FK CONSTRAINT", true, NULL},
    {COUNT_RLS_POLICIES, "POLICY", true, NULL},
    {COUNT_INDEXES, "INDEX", false, "CONSTRAINT"},
    {COUNT_VIEWS, "VIEW", false, NULL},
    {COUNT_MATERIALIZED_VIEWS, "MATERIALIZED VIEW", false, NULL},
    {COUNT_TRIGGERS, "TRIGGER", true, NULL},
    {COUNT_ENUMS, "TYPE", false, NULL},
    {COUNT_SEQUENCES, "SEQUENCE", false, NULL},
};

static bool is_listed(struct app_task *task, const struct pgtools_index *index, size_t row,
                      const struct catalog_member *member)
{
    struct str on =
        str_format(&task->arena, "%.*s %.*s", STR_ARG(member->table), STR_ARG(member->name));
    return pgtools_index_has(index, listed[row].entry, member->schema,
                             listed[row].on ? on : member->name) ||
           (listed[row].other &&
            pgtools_index_has(index, listed[row].other, member->schema, on));
}

static void tell_kind(struct app_task *task, const struct pgtools_index *index, size_t row,
                      const struct catalog_snapshot *snapshot)
{
    size_t count = 0;
    size_t found = 0;
    struct str title = str_from(catalog_count_infos[listed[row].kind].title);
    const struct catalog_member *members =
        catalog_members_of(snapshot, listed[row].kind, &count);
    for (size_t i = 0; i < count; i++) {
        if (is_listed(task, index, row, &members[i])) {
            found++;
        } else if (i - found < MISSING_TOLD) {
            struct event_item *missing = add(task, "missing");
            missing->name = title;
            missing->text = catalog_member_label(&task->arena, &members[i], STR("public"));
        }
    }
    if (count > 0) {
        struct event_item *counted = add(task, "counted");
        counted->name = title;
        counted->value = (int64_t)count;
        struct event_item *item = add(task, "listed");
        item->name = title;
        item->value = (int64_t)found;
    }
}

/* Functions are listed by their arguments' types, which are written in other words: counted. */
static void tell_functions(struct app_task *task, const struct catalog_snapshot *snapshot)
{
    size_t count = 0;
    (void)catalog_members_of(snapshot, COUNT_FUNCTIONS, &count);
    size_t found = pgtools_list_count(&task->list, "FUNCTION") +
                   pgtools_list_count(&task->list, "PROCEDURE") +
                   pgtools_list_count(&task->list, "AGGREGATE");
    if (count > 0) {
        struct str title = str_from(catalog_count_infos[COUNT_FUNCTIONS].title);
        struct event_item *counted = add(task, "counted");
        counted->name = title;
        counted->value = (int64_t)count;
        struct event_item *item = add(task, "listed");
        item->name = title;
        item->value = (int64_t)(found < count ? found : count);
    }
}

void task_prove_list(struct app_task *task)
{
    struct strbuf text = {0};
    struct err err = {0};
    struct catalog_snapshot snapshot = {0};
    struct pgtools_index index;
    add(task, "entries")->value = (int64_t)task->list.count;
    if (journal_load_blob(journal_directory_fd(task->context.journal),
                          task->context.run->snapshots[MOMENT_BACKUP].hash, &text, &err) &&
        catalog_snapshot_parse(&snapshot, strbuf_str(&text), &err)) {
        pgtools_index_make(&index, &task->arena, &task->list);
        for (size_t row = 0; row < COUNT_OF(listed); row++) {
            tell_kind(task, &index, row, &snapshot);
        }
        tell_functions(task, &snapshot);
    }
    catalog_snapshot_release(&snapshot);
    strbuf_release(&text);
}

/* ----------------------------------------------------------------- its words */

void task_said_add(struct task_said *said, struct str line)
{
    struct strbuf *text = &said->lines[said->count++ % SAID_LINES];
    strbuf_clear(text);
    sanitise(text, line, SANITISE_LINE);
}

static void tell_said(struct app_task *task)
{
    const struct task_said *said = &task->said;
    size_t kept = said->count < SAID_LINES ? said->count : SAID_LINES;
    for (size_t i = said->count - kept; i < said->count; i++) {
        add(task, "said")->text = strbuf_str(&said->lines[i % SAID_LINES]);
    }
}

void task_tell_proof(struct app_task *task)
{
    if (task->kind != TASK_PROVE) {
        return;
    }
    tell_said(task);
    struct event event = {.kind = EVENT_PROOF,
                          .index = task->index,
                          .script = -1,
                          .items = task->proof,
                          .item_count = task->proof_count};
    task->context.emit(task->context.ctx, &event);
}

void task_proof_release(struct app_task *task)
{
    free(task->proof);
    for (size_t i = 0; i < SAID_LINES; i++) {
        strbuf_release(&task->said.lines[i]);
    }
}
