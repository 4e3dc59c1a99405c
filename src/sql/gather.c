/* SPDX-License-Identifier: PostgreSQL */
/*
 * The beginning of every fact: an action with what its form's row says, names and places as
 * the tree has them, and the list of takers, each of which knows a family of statements.
 */
#include "facts.h"

/* Where a lock differs from the row (PostgreSQL 15's) on a server of this version or newer. */
static const struct sql_form_since changed_locks[] = {
    {SQL_FORM__COUNT, 0, SQL_LOCK_NONE},
};

static enum sql_lock lock_on(enum sql_form form, enum sql_lock lock, int version)
{
    for (size_t i = 0; i < COUNT_OF(changed_locks); i++) {
        if (changed_locks[i].form == form && version >= changed_locks[i].from) {
            lock = changed_locks[i].lock;
        }
    }
    return lock;
}

struct sql_action *gather(struct gathering *gathering, enum sql_form form)
{
    const struct sql_form_row *row = sql_form_row(form);
    struct sql_action *action =
        ARRAY_PUSH(gathering->actions, gathering->action_count, gathering->action_capacity);
    *action = (struct sql_action){
        .form = form,
        .depth = gathering->depth,
        .conditional = gathering->conditional,
        .kind = "",
        .offset = gathering->statement->head.offset,
        .lock = lock_on(form, row->lock, gathering->version),
        .other_lock = row->other,
        .work = row->work,
        .rerun = row->rerun,
        .loss = row->loss,
        .undo = row->undo,
    };
    return action;
}

struct sql_name gather_name(const PgQuery__RangeVar *range)
{
    return range == NULL
               ? (struct sql_name){{0}, {0}}
               : (struct sql_name){str_from(range->schemaname), str_from(range->relname)};
}

struct sql_action *gather_on(struct gathering *gathering, enum sql_form form, const char *kind,
                             const PgQuery__RangeVar *range)
{
    struct sql_action *action = gather(gathering, form);
    action->kind = kind;
    action->object = gather_name(range);
    if (range != NULL) {
        action->offset = gather_offset(gathering, range->location);
        action->only = !range->inh;
    }
    return action;
}

static struct str string_of(const PgQuery__Node *node)
{
    return node->node_case == PG_QUERY__NODE__NODE_STRING ? str_from(node->string->sval)
                                                          : STR("");
}

struct sql_name gather_list_name(PgQuery__Node *const *names, size_t count)
{
    return (struct sql_name){
        .schema = count > 1 ? string_of(names[count - 2]) : STR(""),
        .name = count > 0 ? string_of(names[count - 1]) : STR(""),
    };
}

const struct str *gather_strings(struct gathering *gathering, PgQuery__Node *const *nodes,
                                 size_t count, size_t *string_count)
{
    struct str *strings = arena_array(gathering->arena, count, sizeof *strings);
    for (size_t i = 0; i < count; i++) {
        strings[i] = string_of(nodes[i]);
    }
    *string_count = count;
    return strings;
}

size_t gather_offset(const struct gathering *gathering, int location)
{
    return location < 0 ? gathering->statement->head.offset
                        : gathering->statement->offset + (size_t)location;
}

void gather_statement(struct gathering *gathering, const PgQuery__Node *node)
{
    static taker *const takers[] = {
        take_transaction,
    };
    for (size_t i = 0; i < COUNT_OF(takers); i++) {
        if (takers[i](gathering, node)) {
            return;
        }
    }
}
