/* SPDX-License-Identifier: PostgreSQL */
/*
 * The table of contents of an archive, as pg_restore --list prints it:
 *
 *     ;     dbname: app
 *     215; 1259 16389 TABLE public quests postgres
 *     3564; 0 16695 MATERIALIZED VIEW DATA public mv app_owner
 *
 * A kind may be several words, so the known ones are tried longest first; the name
 * and the owner behind it are not separated by anything, so they stay together. A list
 * that can be read says nothing about the data behind it: that takes a restore.
 */
#include "pgtools.h"

/* Kinds of more than one word; where one begins with another, the longer stands first. */
static const char *const long_kinds[] = {
    "ACCESS METHOD",
    "BLOB COMMENTS",
    "BLOB METADATA",
    "CHECK CONSTRAINT",
    "DATABASE PROPERTIES",
    "DEFAULT ACL",
    "EVENT TRIGGER",
    "FK CONSTRAINT",
    "FOREIGN DATA WRAPPER",
    "FOREIGN SERVER",
    "FOREIGN TABLE",
    "INDEX ATTACH",
    "LARGE OBJECT",
    "MATERIALIZED VIEW DATA",
    "MATERIALIZED VIEW",
    "OPERATOR CLASS",
    "OPERATOR FAMILY",
    "PROCEDURAL LANGUAGE",
    "PUBLICATION TABLES IN SCHEMA",
    "PUBLICATION TABLE",
    "ROW SECURITY",
    "SECURITY LABEL",
    "SEQUENCE OWNED BY",
    "SEQUENCE SET",
    "SHELL TYPE",
    "STATISTICS DATA",
    "SUBSCRIPTION TABLE",
    "TABLE ATTACH",
    "TABLE DATA",
    "TEXT SEARCH CONFIGURATION",
    "TEXT SEARCH DICTIONARY",
    "TEXT SEARCH PARSER",
    "TEXT SEARCH TEMPLATE",
    "USER MAPPING",
};

/* Does `text` begin with these whole words? */
static bool starts_with_words(struct str text, const char *words)
{
    size_t len = strlen(words);
    return str_starts(text, words) && (text.len == len || text.ptr[len] == ' ');
}

/* Cuts the kind off. `catalog` is the catalog's oid in the list: 0 for what is no object. */
static struct str cut_kind(struct str *rest, struct str catalog)
{
    size_t len = str_find_byte(*rest, ' ', 0);
    for (size_t i = 0; i < COUNT_OF(long_kinds); i++) {
        /* a table in a schema called DATA is still a table */
        bool data = strcmp(long_kinds[i], "TABLE DATA") == 0;
        if (starts_with_words(*rest, long_kinds[i]) && (!data || str_eq(catalog, "0"))) {
            len = strlen(long_kinds[i]);
            break;
        }
    }
    struct str kind = str_slice(*rest, 0, len);
    *rest = str_trim(str_slice(*rest, len, rest->len));
    return kind;
}

static bool read_entry(struct pgtools_entry *entry, struct arena *arena, struct str line)
{
    struct str id = {0};
    struct str catalog = {0};
    struct str oid = {0};
    if (!str_cut(&line, ';', &id) || !str_to_i64(id, &entry->dump_id)) {
        return false;
    }
    line = str_trim(line);
    if (!str_cut(&line, ' ', &catalog) || !str_cut(&line, ' ', &oid) || line.len == 0) {
        return false;
    }
    entry->kind = str_dup(arena, cut_kind(&line, catalog));
    struct str schema = str_slice(line, 0, str_find_byte(line, ' ', 0));
    line = str_trim(str_slice(line, schema.len, line.len));
    if (!str_eq(schema, "-")) {
        entry->schema = str_dup(arena, schema);
    }
    entry->name = str_dup(arena, line);
    return true;
}

/* "Dumped from database version: 15.18 (Debian ...)" -> 15 */
static int major_of(struct str value)
{
    int64_t major = 0;
    size_t len = 0;
    while (len < value.len && value.ptr[len] >= '0' && value.ptr[len] <= '9') {
        len++;
    }
    return str_to_i64(str_slice(value, 0, len), &major) && major < 1000 ? (int)major : 0;
}

/* A comment line of the header. True when it is one that only an archive's list has. */
static bool read_header(struct pgtools_list *list, struct arena *arena, struct str line)
{
    struct str value = str_trim(str_slice(line, 1, line.len));
    struct str key = {0};
    if (str_starts(value, "Archive created at ")) {
        return true;
    }
    if (!str_cut(&value, ':', &key)) {
        return false;
    }
    value = str_trim(value);
    if (str_eq(key, "dbname")) {
        list->database = str_dup(arena, value);
    } else if (str_eq(key, "Format")) {
        list->format = str_dup(arena, value);
    } else if (str_eq(key, "Dumped from database version")) {
        list->server_major = major_of(value);
    } else if (str_eq(key, "Dumped by pg_dump version")) {
        list->dump_major = major_of(value);
    } else if (str_eq(key, "TOC Entries") && !str_to_i64(value, &list->announced)) {
        list->announced = 0;
    }
    return false;
}

static bool bad_list(struct err *err, const char *why)
{
    err_set(err, ERR_CHECK, "the archive's table of contents cannot be read: %s", why);
    err_hint(err, "This is no backup; nothing was restored. Take the backup again.");
    return false;
}

bool pgtools_list_read(struct pgtools_list *list, struct arena *arena, struct str output,
                       struct err *err)
{
    struct pgtools_entry *entries = NULL;
    size_t capacity = 0;
    bool archive = false;
    bool readable = true;
    struct str line = {0};
    *list = (struct pgtools_list){0};
    while (readable && str_cut(&output, '\n', &line)) {
        if (str_trim(line).len == 0) {
            continue;
        }
        if (str_starts(line, ";")) {
            archive = read_header(list, arena, line) || archive;
            continue;
        }
        readable = read_entry(ARRAY_PUSH(entries, list->count, capacity), arena, line);
    }
    list->entries = arena_array(arena, list->count, sizeof(*entries));
    if (list->count > 0) {
        memcpy(list->entries, entries, list->count * sizeof(*entries));
    }
    free(entries);
    if (!readable) {
        return bad_list(err, "a line of it is not understood");
    }
    if (!archive) {
        return bad_list(err, "this is no list of pg_restore");
    }
    if (list->count == 0) {
        return bad_list(err, "it has no entries");
    }
    return true;
}

size_t pgtools_list_count(const struct pgtools_list *list, const char *kind)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        count += str_eq(list->entries[i].kind, kind);
    }
    return count;
}

static int compare_entries(const void *a, const void *b)
{
    const struct pgtools_entry *x = *(const struct pgtools_entry *const *)a;
    const struct pgtools_entry *y = *(const struct pgtools_entry *const *)b;
    int order = str_compare(x->kind, y->kind);
    order = order != 0 ? order : str_compare(x->schema, y->schema);
    return order != 0 ? order : str_compare(x->name, y->name);
}

void pgtools_index_make(struct pgtools_index *index, struct arena *arena,
                        const struct pgtools_list *list)
{
    index->count = list->count;
    index->entries = arena_array(arena, list->count + 1, sizeof *index->entries);
    for (size_t i = 0; i < list->count; i++) {
        index->entries[i] = &list->entries[i];
    }
    qsort(index->entries, index->count, sizeof *index->entries, compare_entries);
}

/* The tag is the whole name, or the owner stands behind it. */
static bool is_tagged(const struct pgtools_entry *entry, struct str tag)
{
    return entry->name.len >= tag.len && str_is(str_slice(entry->name, 0, tag.len), tag) &&
           (entry->name.len == tag.len || entry->name.ptr[tag.len] == ' ');
}

bool pgtools_index_has(const struct pgtools_index *index, const char *kind, struct str schema,
                       struct str tag)
{
    const struct pgtools_entry wanted = {.kind = str_from(kind), .schema = schema, .name = tag};
    const struct pgtools_entry *key = &wanted;
    size_t low = 0;
    size_t high = index->count;
    while (low < high) { /* the first that does not stand before the tag */
        size_t middle = low + (high - low) / 2;
        if (compare_entries(&index->entries[middle], &key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < index->count; low++) {
        const struct pgtools_entry *entry = index->entries[low];
        if (!str_is(entry->kind, wanted.kind) || !str_is(entry->schema, schema) ||
            entry->name.len < tag.len || !str_is(str_slice(entry->name, 0, tag.len), tag)) {
            return false;
        }
        if (is_tagged(entry, tag)) {
            return true;
        }
    }
    return false;
}

static bool offers(const struct pgtools_names *names, struct str name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (str_is(names->items[i], name)) {
            return true;
        }
    }
    return false;
}

void pgtools_missing_extensions(struct pgtools_names *missing, struct arena *arena,
                                const struct pgtools_list *list,
                                const struct pgtools_names *available)
{
    size_t wanted = pgtools_list_count(list, "EXTENSION");
    *missing = (struct pgtools_names){.items = arena_array(arena, wanted, sizeof(struct str)),
                                      .capacity = wanted};
    for (size_t i = 0; i < list->count; i++) {
        const struct pgtools_entry *entry = &list->entries[i];
        /* an extension has no owner in the list, so the name is the name */
        if (str_eq(entry->kind, "EXTENSION") && !offers(available, entry->name) &&
            !offers(missing, entry->name)) {
            missing->items[missing->count++] = entry->name;
        }
    }
}

const char *pgtools_extensions_query(void)
{
    return "select name from pg_catalog.pg_available_extensions order by 1";
}

const char *pgtools_roles_query(void)
{
    return "select rolname from pg_catalog.pg_roles order by 1";
}
