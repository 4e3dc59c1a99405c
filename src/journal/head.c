/* SPDX-License-Identifier: PostgreSQL */
/*
 * The head as JSON and back. Pairs are lists of two texts, so that their order and
 * repeated names survive.
 */
#include "journal_private.h"

void journal_head_release(struct journal_head *head)
{
    free(head->connection.items);
    free(head->values.items);
    free(head->files.items);
    head->connection = head->values = head->files = (struct journal_pairs){0};
}

static const char *const mode_words[] = {[RUN_LIVE] = "live", [RUN_REHEARSAL] = "rehearsal"};

static void put_pairs(struct json *object, const char *key, const struct journal_pairs *pairs)
{
    struct json *list = json_make_array();
    for (size_t i = 0; i < pairs->count; i++) {
        struct json *pair = json_make_array();
        json_push_text(pair, pairs->items[i].name);
        json_push_text(pair, pairs->items[i].value);
        json_push_take(list, pair);
    }
    json_put_take(object, key, list);
}

/* key, and where the text stands */
struct head_text {
    const char *key;
    size_t offset;
};
#define AT(member) offsetof(struct journal_head, member)
static const struct head_text head_texts[] = {
    {"version", AT(version)}, {"run", AT(run)},       {"plan", AT(plan)},
    {"name", AT(name)},       {"digest", AT(digest)}, {"approval", AT(approval)},
    {"target", AT(target)},   {"report", AT(report)}, {"who", AT(who)},
    {"answers", AT(answers)},
};
static const struct head_text head_numbers[] = {
    {"clock_shift_us", AT(clock_shift_us)},
    {"opens_us", AT(opens_us)},
    {"closes_us", AT(closes_us)},
    {"day_us", AT(day_us)},
};
#undef AT

void journal_head_write(struct strbuf *out, const struct journal_head *head)
{
    struct json *object = json_make_object();
    json_put_i64(object, "format", JOURNAL_FORMAT);
    for (size_t i = 0; i < COUNT_OF(head_texts); i++) {
        json_put_text(object, head_texts[i].key,
                      *(const struct str *)((const char *)head + head_texts[i].offset));
    }
    json_put_text(object, "mode", str_from(mode_words[head->mode]));
    for (size_t i = 0; i < COUNT_OF(head_numbers); i++) {
        json_put_i64(object, head_numbers[i].key,
                     *(const int64_t *)((const char *)head + head_numbers[i].offset));
    }
    json_put_bool(object, "simulated_clock", head->simulated_clock);
    json_put_double(object, "time_scale", head->time_scale);
    put_pairs(object, "connection", &head->connection);
    put_pairs(object, "values", &head->values);
    put_pairs(object, "files", &head->files);
    json_write(out, object, JSON_ONE_LINE);
    json_free(object);
}

static void read_pairs(const struct json *list, struct arena *arena,
                       struct journal_pairs *pairs)
{
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json *item = json_at(list, i);
        struct journal_pair *pair = ARRAY_PUSH(pairs->items, pairs->count, pairs->capacity);
        pair->name = str_dup(arena, json_text(json_at(item, 0)));
        pair->value = str_dup(arena, json_text(json_at(item, 1)));
    }
}

bool journal_head_read(const struct json *object, struct arena *arena,
                       struct journal_head *head, struct err *err)
{
    *head = (struct journal_head){.format = json_i64(json_find(object, "format"), 0)};
    if (head->format != JOURNAL_FORMAT) {
        return err_set(err, ERR_RECORD, "the journal has format %lld, this program knows %d",
                       (long long)head->format, JOURNAL_FORMAT);
    }
    for (size_t i = 0; i < COUNT_OF(head_texts); i++) {
        *(struct str *)((char *)head + head_texts[i].offset) =
            str_dup(arena, json_text(json_find(object, head_texts[i].key)));
    }
    for (size_t i = 0; i < COUNT_OF(head_numbers); i++) {
        *(int64_t *)((char *)head + head_numbers[i].offset) =
            json_i64(json_find(object, head_numbers[i].key), 0);
    }
    head->mode = str_eq(json_text(json_find(object, "mode")), mode_words[RUN_REHEARSAL])
                     ? RUN_REHEARSAL
                     : RUN_LIVE;
    head->simulated_clock = json_bool(json_find(object, "simulated_clock"), false);
    head->time_scale = json_double(json_find(object, "time_scale"), 1.0);
    read_pairs(json_find(object, "connection"), arena, &head->connection);
    read_pairs(json_find(object, "values"), arena, &head->values);
    read_pairs(json_find(object, "files"), arena, &head->files);
    return true;
}
