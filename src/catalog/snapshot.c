/* SPDX-License-Identifier: PostgreSQL */
/*
 * A snapshot: the counts and every member, sorted by bytes, with two hashes. The
 * server's collation has no say in the order. Each field is hashed with its length
 * before it, so that no name, however hostile, can look like two.
 *
 * Positions of columns are hashed apart: a restore from a dump that was altered
 * and one that was created in one go may differ in nothing else.
 */
#include "catalog.h"
#include "catalog_private.h"

enum {
    MEMBER_KIND,
    MEMBER_SCHEMA,
    MEMBER_TABLE,
    MEMBER_NAME,
    MEMBER_DEFINITION,
    MEMBER_POSITION,
    MEMBER_COLUMNS
};

int catalog_member_order(const struct catalog_member *a, const struct catalog_member *b)
{
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    int order = str_compare(a->schema, b->schema);
    if (order == 0) {
        order = str_compare(a->table, b->table);
    }
    if (order == 0) {
        order = str_compare(a->name, b->name);
    }
    return order;
}

static int by_member(const void *a, const void *b)
{
    const struct catalog_member *left = a;
    const struct catalog_member *right = b;
    int order = catalog_member_order(left, right);
    return order != 0 ? order : str_compare(left->definition, right->definition);
}

static void hash_field(struct strbuf *line, struct str text)
{
    strbuf_format(line, "%zu:", text.len);
    strbuf_add(line, text);
    strbuf_byte(line, ',');
}

static void hash_members(struct catalog_snapshot *snapshot)
{
    struct sha256 *content = sha256_new();
    struct sha256 *order = sha256_new();
    struct strbuf line = {0};
    for (size_t i = 0; i < COUNT__COUNT; i++) {
        strbuf_format(&line, "%s=%lld\n", catalog_count_infos[i].word,
                      (long long)snapshot->counts.value[i]);
    }
    sha256_add(content, strbuf_str(&line));
    for (size_t i = 0; i < snapshot->member_count; i++) {
        const struct catalog_member *member = &snapshot->members[i];
        strbuf_clear(&line);
        hash_field(&line, str_from(catalog_count_infos[member->kind].word));
        hash_field(&line, member->schema);
        hash_field(&line, member->table);
        hash_field(&line, member->name);
        if (member->position > 0) {
            sha256_add(order, strbuf_str(&line));
            struct strbuf place = {0};
            strbuf_format(&place, "%lld\n", (long long)member->position);
            sha256_add(order, strbuf_str(&place));
            strbuf_release(&place);
        }
        hash_field(&line, member->definition);
        strbuf_byte(&line, '\n');
        sha256_add(content, strbuf_str(&line));
    }
    strbuf_release(&line);
    snapshot->hash = sha256_end(content);
    snapshot->order_hash = sha256_end(order);
}

void catalog_snapshot_seal(struct catalog_snapshot *snapshot)
{
    if (snapshot->member_count > 1) {
        qsort(snapshot->members, snapshot->member_count, sizeof(*snapshot->members), by_member);
    }
    hash_members(snapshot);
}

static bool read_member(struct catalog_snapshot *snapshot, const struct rows *rows, size_t row,
                        struct err *err)
{
    struct catalog_member *member = &snapshot->members[row];
    struct arena *arena = &snapshot->arena;
    if (!catalog_count_kind(rows_text(rows, row, MEMBER_KIND), &member->kind)) {
        return err_set(err, ERR_INTERNAL, "unknown kind of catalog member in row %zu", row);
    }
    if (rows_cell(rows, row, MEMBER_DEFINITION).is_null) {
        err_set(err, ERR_CHECK, "the definition of %s \"%.*s\" cannot be read",
                catalog_count_infos[member->kind].singular,
                STR_ARG(rows_text(rows, row, MEMBER_NAME)));
        err_hint(err, "Nothing was judged. It may have been dropped this moment; try again.");
        return false;
    }
    member->schema = catalog_cell(arena, rows, row, MEMBER_SCHEMA);
    member->table = catalog_cell(arena, rows, row, MEMBER_TABLE);
    member->name = catalog_cell(arena, rows, row, MEMBER_NAME);
    member->definition = catalog_cell(arena, rows, row, MEMBER_DEFINITION);
    member->position = rows_i64(rows, row, MEMBER_POSITION, 0);
    return true;
}

bool catalog_snapshot_read(struct catalog_snapshot *snapshot, struct str database,
                           const struct catalog_counts *counts, const struct rows *members,
                           struct err *err)
{
    *snapshot = (struct catalog_snapshot){0};
    if (!catalog_expect_columns(members, MEMBER_COLUMNS, "members", err)) {
        return false;
    }
    snapshot->database = str_dup(&snapshot->arena, database);
    snapshot->counts = *counts;
    snapshot->member_count = members->row_count;
    if (members->row_count > 0) {
        snapshot->members =
            arena_array(&snapshot->arena, members->row_count, sizeof(*snapshot->members));
    }
    for (size_t row = 0; row < members->row_count; row++) {
        if (!read_member(snapshot, members, row, err)) {
            catalog_snapshot_release(snapshot);
            return false;
        }
    }
    catalog_snapshot_seal(snapshot);
    return true;
}

void catalog_snapshot_leave_out(struct catalog_snapshot *snapshot, struct str schema,
                                struct str table)
{
    size_t kept = 0;
    for (size_t i = 0; i < snapshot->member_count; i++) {
        const struct catalog_member *member = &snapshot->members[i];
        struct str of = member->table.len > 0 ? member->table : member->name;
        bool relation = member->table.len > 0 || member->kind == COUNT_TABLES ||
                        member->kind == COUNT_TABLES_WITH_RLS;
        if (relation && str_is(member->schema, schema) && str_is(of, table)) {
            snapshot->counts.value[member->kind]--;
        } else {
            snapshot->members[kept++] = *member;
        }
    }
    snapshot->member_count = kept;
    catalog_snapshot_seal(snapshot);
}

void catalog_snapshot_release(struct catalog_snapshot *snapshot)
{
    if (snapshot == NULL) {
        return;
    }
    arena_release(&snapshot->arena);
    *snapshot = (struct catalog_snapshot){0};
}

const struct catalog_member *catalog_members_of(const struct catalog_snapshot *snapshot,
                                                enum count_kind kind, size_t *count)
{
    const struct catalog_member *first = NULL;
    *count = 0;
    for (size_t i = 0; i < snapshot->member_count; i++) {
        if (snapshot->members[i].kind == kind) {
            first = first == NULL ? &snapshot->members[i] : first;
            (*count)++;
        }
    }
    return first;
}

/* Takes `piece` and then `byte` off the front of `text`. */
static bool take(struct str *text, struct str piece, char byte)
{
    if (text->len <= piece.len || !str_is(str_slice(*text, 0, piece.len), piece) ||
        text->ptr[piece.len] != byte) {
        return false;
    }
    *text = str_slice(*text, piece.len + 1, text->len - piece.len - 1);
    return true;
}

/* Does all of `text` read as the member's name, with or without a function's arguments? */
static bool is_name(const struct catalog_member *member, struct str text)
{
    if (str_is(text, member->name)) {
        return true;
    }
    if (member->kind != COUNT_FUNCTIONS) {
        return false;
    }
    /* a name may hold "(", the arguments may not hold an unquoted one before their own */
    size_t open = member->name.len;
    while (open > 0 && member->name.ptr[open - 1] != '(') {
        open--;
    }
    return open > 0 && str_is(text, str_slice(member->name, 0, open - 1));
}

bool catalog_member_is(const struct catalog_member *member, struct str text, struct str home)
{
    const struct count_info *info = &catalog_count_infos[member->kind];
    bool at_home = str_is(member->schema, home);
    bool on_table = member->table.len > 0;
    if ((info->bare || !on_table) && at_home && is_name(member, text)) {
        return true;
    }
    struct str rest = text;
    if (on_table && at_home && take(&rest, member->table, '.') && is_name(member, rest)) {
        return true;
    }
    rest = text;
    if (!take(&rest, member->schema, '.')) {
        return false;
    }
    if ((info->bare || !on_table) && is_name(member, rest)) {
        return true;
    }
    return on_table && take(&rest, member->table, '.') && is_name(member, rest);
}

struct str catalog_member_label(struct arena *arena, const struct catalog_member *member,
                                struct str home)
{
    struct strbuf out = {0};
    if (!str_is(member->schema, home) && member->schema.len > 0) {
        strbuf_add(&out, member->schema);
        strbuf_byte(&out, '.');
    }
    if (!catalog_count_infos[member->kind].bare && member->table.len > 0) {
        strbuf_add(&out, member->table);
        strbuf_byte(&out, '.');
    }
    strbuf_add(&out, member->name);
    struct str label = str_dup(arena, strbuf_str(&out));
    strbuf_release(&out);
    return label;
}
