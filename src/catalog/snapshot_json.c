/* SPDX-License-Identifier: PostgreSQL */
/*
 * A snapshot as a file of the run directory and back. Members are written one a
 * line, by hand (a database of 100,000 tables has a million of them, and a tree
 * would cost more memory than the snapshot); read through the JSON tree. What was
 * read must give the hash that stands in the file: a snapshot that somebody edited
 * proves nothing.
 */
#include "catalog.h"
#include "catalog_private.h"

enum {
    SNAPSHOT_FORMAT = 1
};

static void write_member(struct strbuf *out, const struct catalog_member *member)
{
    strbuf_text(out, "[\"");
    strbuf_text(out, catalog_count_infos[member->kind].word);
    strbuf_text(out, "\",");
    json_quote(out, member->schema);
    strbuf_byte(out, ',');
    json_quote(out, member->table);
    strbuf_byte(out, ',');
    json_quote(out, member->name);
    strbuf_byte(out, ',');
    json_quote(out, member->definition);
    strbuf_byte(out, ',');
    strbuf_i64(out, member->position);
    strbuf_byte(out, ']');
}

void catalog_snapshot_write(const struct catalog_snapshot *snapshot, struct strbuf *out)
{
    strbuf_format(out, "{\"v\":%d,\"database\":", SNAPSHOT_FORMAT);
    json_quote(out, snapshot->database);
    strbuf_text(out, ",\n\"counts\":{");
    for (size_t i = 0; i < COUNT__COUNT; i++) {
        strbuf_format(out, "%s\"%s\":%lld", i > 0 ? "," : "", catalog_count_infos[i].word,
                      (long long)snapshot->counts.value[i]);
    }
    strbuf_text(out, "},\n\"objects\":[");
    for (size_t i = 0; i < snapshot->member_count; i++) {
        strbuf_text(out, i > 0 ? ",\n" : "\n");
        write_member(out, &snapshot->members[i]);
    }
    strbuf_format(out, "],\n\"hash\":\"%s\",\"order\":\"%s\"}\n", snapshot->hash.text,
                  snapshot->order_hash.text);
}

static bool parse_member(struct catalog_snapshot *snapshot, const struct json *item,
                         size_t index, struct err *err)
{
    enum {
        ITEM_KIND,
        ITEM_SCHEMA,
        ITEM_TABLE,
        ITEM_NAME,
        ITEM_DEFINITION,
        ITEM_POSITION,
        ITEM_FIELDS
    };
    struct catalog_member *member = &snapshot->members[index];
    if (json_count(item) != ITEM_FIELDS ||
        !catalog_count_kind(json_text(json_at(item, ITEM_KIND)), &member->kind)) {
        return err_set(err, ERR_RECORD, "object %zu of the snapshot cannot be read", index + 1);
    }
    struct arena *arena = &snapshot->arena;
    member->schema = str_dup(arena, json_text(json_at(item, ITEM_SCHEMA)));
    member->table = str_dup(arena, json_text(json_at(item, ITEM_TABLE)));
    member->name = str_dup(arena, json_text(json_at(item, ITEM_NAME)));
    member->definition = str_dup(arena, json_text(json_at(item, ITEM_DEFINITION)));
    member->position = json_i64(json_at(item, ITEM_POSITION), 0);
    return true;
}

static bool parse_tree(struct catalog_snapshot *snapshot, const struct json *root,
                       struct err *err)
{
    if (json_i64(json_find(root, "v"), 0) != SNAPSHOT_FORMAT) {
        err_set(err, ERR_RECORD, "the snapshot has another format than this program's");
        err_hint(err, "It was not used. Read it with the version that wrote it.");
        return false;
    }
    snapshot->database = str_dup(&snapshot->arena, json_text(json_find(root, "database")));
    const struct json *counts = json_find(root, "counts");
    for (size_t i = 0; i < COUNT__COUNT; i++) {
        snapshot->counts.value[i] =
            json_i64(json_find(counts, catalog_count_infos[i].word), -1);
        if (snapshot->counts.value[i] < 0) {
            return err_set(err, ERR_RECORD, "the snapshot does not count %s",
                           catalog_count_infos[i].title);
        }
    }
    const struct json *objects = json_find(root, "objects");
    if (!json_is_array(objects)) {
        return err_set(err, ERR_RECORD, "the snapshot has no objects");
    }
    size_t count = json_count(objects);
    snapshot->members = arena_array(&snapshot->arena, count + 1, sizeof(*snapshot->members));
    snapshot->member_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!parse_member(snapshot, json_at(objects, i), i, err)) {
            return false;
        }
    }
    catalog_snapshot_seal(snapshot);
    if (!str_eq(json_text(json_find(root, "hash")), snapshot->hash.text) ||
        !str_eq(json_text(json_find(root, "order")), snapshot->order_hash.text)) {
        err_set(err, ERR_RECORD, "the snapshot does not agree with the hash inside it");
        err_hint(err, "It was not used. The file was changed after it was written.");
        return false;
    }
    return true;
}

bool catalog_snapshot_parse(struct catalog_snapshot *snapshot, struct str text, struct err *err)
{
    *snapshot = (struct catalog_snapshot){0};
    struct json *root = json_read(text, err);
    if (root == NULL) {
        err_context(err, "snapshot");
        return false;
    }
    bool ok = parse_tree(snapshot, root, err);
    json_free(root);
    if (!ok) {
        catalog_snapshot_release(snapshot);
    }
    return ok;
}
