/* SPDX-License-Identifier: PostgreSQL */
/*
 * Events as JSON: what the journal keeps and what a resume folds again. One table
 * names each field of `struct event` with its place and type; writing leaves out
 * what is zero, reading leaves zero what is absent, so that a field added later
 * does not make an older journal unreadable.
 *
 * Writing goes straight into a buffer, without a tree: with `transaction: each`
 * two records stand between two statements.
 */
#include <math.h>

#include "engine.h"

enum field_type {
    FIELD_TEXT,   /* struct str */
    FIELD_INT,    /* int */
    FIELD_I64,    /* int64_t */
    FIELD_DOUBLE, /* double; NAN is written as null and read back as NAN */
    FIELD_BOOL,   /* bool */
    FIELD_WORD,   /* an enum as int, by its table of words */
};

/*
 * key     in the JSON object
 * offset  in the struct
 * type    how it is kept there
 * words   FIELD_WORD: its table; word_count: how long it is
 */
struct field {
    const char *key;
    size_t offset;
    enum field_type type;
    const char *const *words;
    int word_count;
};

#define AT(member) offsetof(struct event, member)
static const struct field event_fields[] = {
    {"at_us", AT(at_us), FIELD_I64, NULL, 0},
    {"outcome", AT(outcome), FIELD_WORD, outcome_words, OUTCOME__COUNT},
    {"session", AT(session), FIELD_WORD, session_words, SESSION__COUNT},
    {"look", AT(look), FIELD_WORD, look_words, LOOK__COUNT},
    {"query", AT(query), FIELD_WORD, query_words, QUERY__COUNT},
    {"moment", AT(moment), FIELD_WORD, moment_words, MOMENT__COUNT},
    {"task", AT(task), FIELD_WORD, task_words, TASK__COUNT},
    {"place", AT(place), FIELD_WORD, place_words, PLACE__COUNT},
    {"level", AT(level), FIELD_INT, NULL, 0},
    {"script", AT(script), FIELD_INT, NULL, 0},
    {"index", AT(index), FIELD_INT, NULL, 0},
    {"check", AT(check), FIELD_INT, NULL, 0},
    {"id", AT(id), FIELD_TEXT, NULL, 0},
    {"name", AT(name), FIELD_TEXT, NULL, 0},
    {"who", AT(who), FIELD_TEXT, NULL, 0},
    {"tag", AT(tag), FIELD_TEXT, NULL, 0},
    {"text", AT(text), FIELD_TEXT, NULL, 0},
    {"detail", AT(detail), FIELD_TEXT, NULL, 0},
    {"hint", AT(hint), FIELD_TEXT, NULL, 0},
    {"sqlstate", AT(sqlstate), FIELD_TEXT, NULL, 0},
    {"hash", AT(hash), FIELD_TEXT, NULL, 0},
    {"rows", AT(rows), FIELD_I64, NULL, 0},
    {"us", AT(us), FIELD_I64, NULL, 0},
    {"size", AT(size), FIELD_I64, NULL, 0},
    {"value", AT(value), FIELD_I64, NULL, 0},
    {"total", AT(total), FIELD_I64, NULL, 0},
    {"number", AT(number), FIELD_DOUBLE, NULL, 0},
    {"pid", AT(pid), FIELD_I64, NULL, 0},
    {"backend_start_us", AT(backend_start_us), FIELD_I64, NULL, 0},
    {"xid", AT(xid), FIELD_I64, NULL, 0},
    {"flag", AT(flag), FIELD_BOOL, NULL, 0},
};
#undef AT

#define AT(member) offsetof(struct event_item, member)
static const struct field item_fields[] = {
    {"kind", AT(kind), FIELD_TEXT, NULL, 0},    {"name", AT(name), FIELD_TEXT, NULL, 0},
    {"text", AT(text), FIELD_TEXT, NULL, 0},    {"value", AT(value), FIELD_I64, NULL, 0},
    {"at_us", AT(at_us), FIELD_I64, NULL, 0},   {"depth", AT(depth), FIELD_INT, NULL, 0},
    {"flag", AT(flag), FIELD_BOOL, NULL, 0},    {"us", AT(us), FIELD_I64, NULL, 0},
    {"was_us", AT(was_us), FIELD_I64, NULL, 0},
};
#undef AT

static const char *const change_words[] = {"gone", "new", "changed"};

#define AT(member) offsetof(struct event_change, member)
static const struct field change_fields[] = {
    {"what", AT(what), FIELD_TEXT, NULL, 0},
    {"name", AT(name), FIELD_TEXT, NULL, 0},
    {"change", AT(kind), FIELD_WORD, change_words, COUNT_OF(change_words)},
    {"planned", AT(planned), FIELD_BOOL, NULL, 0},
    {"old", AT(old_definition), FIELD_TEXT, NULL, 0},
    {"new", AT(new_definition), FIELD_TEXT, NULL, 0},
};
#undef AT

/* Appends the value; false (and nothing appended) when it is zero. */
static bool write_value(struct strbuf *out, const struct field *field, const void *at)
{
    switch (field->type) {
    case FIELD_TEXT: {
        struct str text = *(const struct str *)at;
        if (text.len > 0) {
            json_quote(out, text);
        }
        return text.len > 0;
    }
    case FIELD_INT: {
        int value = *(const int *)at;
        if (value != 0) {
            strbuf_i64(out, value);
        }
        return value != 0;
    }
    case FIELD_I64: {
        int64_t value = *(const int64_t *)at;
        if (value != 0) {
            strbuf_i64(out, value);
        }
        return value != 0;
    }
    case FIELD_DOUBLE: {
        double value = *(const double *)at;
        if (isnan(value)) {
            strbuf_text(out, "null");
            return true;
        }
        if (value > 0.0 || value < 0.0) {
            strbuf_format(out, "%.17g", value);
            return true;
        }
        return false;
    }
    case FIELD_BOOL:
        if (*(const bool *)at) {
            strbuf_text(out, "true");
        }
        return *(const bool *)at;
    case FIELD_WORD: {
        int value = *(const int *)at;
        if (value > 0 && value < field->word_count) {
            json_quote(out, str_from(field->words[value]));
        }
        return value > 0 && value < field->word_count;
    }
    }
    return false;
}

/* Appends ,"key":value for each field that is not zero; `comma` says whether one is due. */
static void write_fields(struct strbuf *out, const struct field *fields, size_t count,
                         const void *base, bool comma)
{
    for (size_t i = 0; i < count; i++) {
        size_t before = out->len;
        if (comma) {
            strbuf_byte(out, ',');
        }
        strbuf_byte(out, '"');
        strbuf_text(out, fields[i].key);
        strbuf_text(out, "\":");
        if (write_value(out, &fields[i], (const char *)base + fields[i].offset)) {
            comma = true;
        } else {
            out->len = before;
        }
    }
    if (out->ptr) {
        out->ptr[out->len] = '\0';
    }
}

void event_write(struct strbuf *out, const struct event *event)
{
    strbuf_text(out, "{\"event\":\"");
    strbuf_text(out, event_infos[event->kind].word);
    strbuf_byte(out, '"');
    write_fields(out, event_fields, COUNT_OF(event_fields), event, true);
    if (event->item_count > 0) {
        strbuf_text(out, ",\"items\":[");
        for (size_t i = 0; i < event->item_count; i++) {
            strbuf_text(out, i > 0 ? ",{" : "{");
            write_fields(out, item_fields, COUNT_OF(item_fields), &event->items[i], false);
            strbuf_byte(out, '}');
        }
        strbuf_byte(out, ']');
    }
    if (event->change_count > 0) {
        strbuf_text(out, ",\"changes\":[");
        for (size_t i = 0; i < event->change_count; i++) {
            strbuf_text(out, i > 0 ? ",{" : "{");
            write_fields(out, change_fields, COUNT_OF(change_fields), &event->changes[i],
                         false);
            strbuf_byte(out, '}');
        }
        strbuf_byte(out, ']');
    }
    strbuf_byte(out, '}');
}

static bool read_word(const struct field *field, struct str text, int *value)
{
    for (int i = 0; i < field->word_count; i++) {
        if (str_eq(text, field->words[i])) {
            *value = i;
            return true;
        }
    }
    return false;
}

static bool read_value(const struct field *field, const struct json *value, struct arena *arena,
                       void *at, struct err *err)
{
    switch (field->type) {
    case FIELD_TEXT:
        *(struct str *)at = str_dup(arena, json_text(value));
        return true;
    case FIELD_INT:
        *(int *)at = (int)json_i64(value, 0);
        return true;
    case FIELD_I64:
        *(int64_t *)at = json_i64(value, 0);
        return true;
    case FIELD_DOUBLE:
        *(double *)at = json_is_null(value) ? (double)NAN : json_double(value, 0.0);
        return true;
    case FIELD_BOOL:
        *(bool *)at = json_bool(value, false);
        return true;
    case FIELD_WORD:
        if (!read_word(field, json_text(value), at)) {
            return err_set(err, ERR_RECORD,
                           "the journal has an unknown word \"%.*s\" for \"%s\"",
                           STR_ARG(json_text(value)), field->key);
        }
        return true;
    }
    return true;
}

static bool read_fields(const struct field *fields, size_t count, const struct json *object,
                        struct arena *arena, void *base, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct json *value = json_find(object, fields[i].key);
        if (value &&
            !read_value(&fields[i], value, arena, (char *)base + fields[i].offset, err)) {
            return false;
        }
    }
    return true;
}

static bool read_items(const struct json *list, struct arena *arena, struct event *event,
                       struct err *err)
{
    size_t count = json_count(list);
    struct event_item *items = arena_array(arena, count, sizeof(*items));
    for (size_t i = 0; i < count; i++) {
        if (!read_fields(item_fields, COUNT_OF(item_fields), json_at(list, i), arena, &items[i],
                         err)) {
            return false;
        }
    }
    event->items = items;
    event->item_count = count;
    return true;
}

static bool read_changes(const struct json *list, struct arena *arena, struct event *event,
                         struct err *err)
{
    size_t count = json_count(list);
    struct event_change *changes = arena_array(arena, count, sizeof(*changes));
    for (size_t i = 0; i < count; i++) {
        if (!read_fields(change_fields, COUNT_OF(change_fields), json_at(list, i), arena,
                         &changes[i], err)) {
            return false;
        }
    }
    event->changes = changes;
    event->change_count = count;
    return true;
}

bool event_read(const struct json *object, struct arena *arena, struct event *event,
                struct err *err)
{
    *event = (struct event){0};
    struct str word = json_text(json_find(object, "event"));
    int kind = 0;
    while (kind < EVENT__COUNT && !str_eq(word, event_infos[kind].word)) {
        kind++;
    }
    if (kind == EVENT__COUNT) {
        return err_set(err, ERR_RECORD, "the journal has an unknown event \"%.*s\"",
                       STR_ARG(word));
    }
    event->kind = (enum event_kind)kind;
    if (!read_fields(event_fields, COUNT_OF(event_fields), object, arena, event, err)) {
        return false;
    }
    const struct json *items = json_find(object, "items");
    if (items && !read_items(items, arena, event, err)) {
        return false;
    }
    const struct json *changes = json_find(object, "changes");
    return !changes || read_changes(changes, arena, event, err);
}
