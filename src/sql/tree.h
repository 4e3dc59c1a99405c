/* SPDX-License-Identifier: PostgreSQL */
/*
 * tree: facts read from libpg_query's typed tree of one statement. The library's
 * header declares names without prefix of its own; it is included only here and in
 * the files that include this one. Private to the room.
 */
#ifndef GONOGO_SQL_TREE_H
#define GONOGO_SQL_TREE_H

#include "sql.h"

#include <pg_query.h>
#include <pg_query/pg_query.pb-c.h>

/*
 * The trees of texts, and the parser's errors, until the shelf is cleared. `= {0}` is empty.
 */
struct tree_shelf {
    PgQueryProtobufParseResult *results;
    size_t count;
    size_t capacity;
    struct arena arena;
};
/* The tree of a text; NULL with `error`, which lives as long, when the grammar refuses it. */
const PgQuery__ParseResult *tree_read(struct tree_shelf *shelf, struct str text,
                                      const PgQueryError **error);
void tree_shelf_clear(struct tree_shelf *shelf); /* ready for the next trees */
void tree_shelf_release(struct tree_shelf *shelf);

/* Static text and whether the server runs it inside of a transaction block. */
const char *tree_tag(const PgQuery__Node *node);
enum sql_fact tree_transactional(const PgQuery__Node *node);
enum sql_fact tree_hides_control(const PgQuery__Node *node);
/* Kind of an object type for people, and the tags "CREATE x", "ALTER x", "DROP x". */
const char *tree_kind(PgQuery__ObjectType type);
/* The option of this name in a list of DefElems; NULL when there is none. */
const PgQuery__DefElem *tree_option(PgQuery__Node *const *options, size_t count,
                                    const char *name);
/* A boolean option as the server reads it: without value true, `absent` for NULL. */
bool tree_option_is_true(const PgQuery__DefElem *option, bool absent);
/*
 * Visits a message and all below it, parents first, through the library's own message
 * descriptors. A visitor that returns false keeps the walk out of what is below.
 */
typedef bool tree_visitor(void *context, const ProtobufCMessage *message);
void tree_walk(const ProtobufCMessage *message, tree_visitor *visit, void *context);
/* Whether this member of a message is the chosen one; members outside of choices are. */
bool tree_is_chosen(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);
/*
 * The lists of objects that came last, so that twenty thousand INSERTs into one table have one
 * list. `= {0}` is empty; the lists belong to the arena of the statements.
 */
enum {
    TREE_LISTS = 16
};
struct tree_lists {
    struct {
        const struct sql_object *objects;
        size_t count;
    } items[TREE_LISTS];
    size_t next; /* the place to use next, the one that was filled longest ago */
};
/* Fills objects and object_count. The tree may die afterwards. */
void tree_objects(const PgQuery__Node *node, struct sql_statement *statement,
                  struct arena *arena, struct tree_lists *lists);

#endif
