/* SPDX-License-Identifier: PostgreSQL */
/* A line becomes the journal's own text of the event, and that is read as the journal is. */
#include "event_line.h"

static bool is_numeric_key(struct str key)
{
    static const char *const keys[] = {
        "script",
        "index",
        "check",
        "level",
        "rows",
        "us",
        "size",
        "value",
        "total",
        "pid",
        "xid",
        "number",
        "backend_start_us",
    };
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (str_eq(key, keys[i])) {
            return true;
        }
    }
    return false;
}

/* The next word of the line; "…" keeps its blanks. The key, when there is one, is cut off. */
static bool next_word(struct str *rest, struct str *key, struct str *value)
{
    *rest = str_trim(*rest);
    if (rest->len == 0) {
        return false;
    }
    size_t end = 0;
    bool quoted = false;
    size_t equals = SIZE_MAX;
    while (end < rest->len && (quoted || rest->ptr[end] != ' ')) {
        quoted = rest->ptr[end] == '"' ? !quoted : quoted;
        if (rest->ptr[end] == '=' && equals == SIZE_MAX && !quoted) {
            equals = end;
        }
        end++;
    }
    struct str word = str_slice(*rest, 0, end);
    *key = equals == SIZE_MAX ? (struct str){0} : str_slice(word, 0, equals);
    *value = equals == SIZE_MAX ? word : str_slice(word, equals + 1, word.len);
    if (value->len >= 2 && value->ptr[0] == '"') {
        *value = str_slice(*value, 1, value->len - 2);
    }
    *rest = str_slice(*rest, end, rest->len);
    return true;
}

/* item=KIND:NAME:VALUE[:AT_US[:US[:WAS_US]]] and change=WHAT:NAME:CHANGE[:planned]. */
static bool put_list(struct strbuf *list, struct str key, struct str text, struct err *err)
{
    struct str part[6] = {{0}};
    size_t count = 0;
    while (count < COUNT_OF(part) && str_cut(&text, ':', &part[count])) {
        count++;
    }
    if (count < 3) {
        return err_set(err, ERR_USAGE, "%.*s needs three parts", STR_ARG(key));
    }
    strbuf_text(list, list->len > 0 ? ",{" : "{");
    bool item = str_eq(key, "item");
    strbuf_text(list, item ? "\"kind\":" : "\"what\":");
    json_quote(list, part[0]);
    strbuf_text(list, ",\"name\":");
    json_quote(list, part[1]);
    strbuf_text(list, item ? ",\"value\":" : ",\"change\":");
    if (item) {
        strbuf_add(list, part[2]);
        strbuf_text(list, count > 3 ? ",\"at_us\":" : "");
        strbuf_add(list, part[3]);
        strbuf_text(list, count > 4 ? ",\"us\":" : "");
        strbuf_add(list, part[4]);
        strbuf_text(list, count > 5 ? ",\"was_us\":" : "");
        strbuf_add(list, part[5]);
    } else {
        json_quote(list, part[2]);
        strbuf_text(list, count > 3 ? ",\"planned\":true" : "");
    }
    strbuf_byte(list, '}');
    return true;
}

static void put_pair(struct strbuf *out, struct str key, struct str value)
{
    strbuf_byte(out, ',');
    json_quote(out, key);
    strbuf_byte(out, ':');
    if (is_numeric_key(key)) {
        strbuf_add(out, value);
    } else {
        json_quote(out, value);
    }
}

/* A word without a key says by itself what it is. */
static bool put_word(struct strbuf *out, struct str value, struct err *err)
{
    static const char *const outcomes[] = {"ok", "failed", "unknown"};
    static const char *const sessions[] = {"watch", "work", "check"};
    for (size_t i = 0; i < 3; i++) {
        if (str_eq(value, outcomes[i]) || str_eq(value, sessions[i])) {
            strbuf_text(out, str_eq(value, outcomes[i]) ? ",\"outcome\":" : ",\"session\":");
            json_quote(out, value);
            return true;
        }
    }
    if (!str_eq(value, "flag")) {
        return err_set(err, ERR_USAGE, "unknown word \"%.*s\"", STR_ARG(value));
    }
    strbuf_text(out, ",\"flag\":true");
    return true;
}

/* The longest event word that the line begins with; empty: none. */
static struct str event_word(struct str line)
{
    struct str best = {0};
    for (size_t i = 0; i < EVENT__COUNT; i++) {
        struct str word = str_from(event_infos[i].word);
        bool whole = line.len == word.len || (line.len > word.len && line.ptr[word.len] == ' ');
        if (whole && str_starts(line, word.ptr) && word.len > best.len) {
            best = word;
        }
    }
    return best;
}

static bool write_json(struct str line, struct strbuf *out, struct err *err)
{
    struct strbuf items = {0};
    struct strbuf changes = {0};
    struct str key;
    struct str value;
    struct str word = event_word(line);
    struct str rest = str_slice(line, word.len, line.len);
    bool good = word.len > 0 || err_set(err, ERR_USAGE, "no event \"%.*s\"", STR_ARG(line));
    strbuf_text(out, "{\"event\":");
    json_quote(out, word);
    while (good && next_word(&rest, &key, &value)) {
        bool item = str_eq(key, "item");
        if (item || str_eq(key, "change")) {
            good = put_list(item ? &items : &changes, key, value, err);
        } else if (key.len > 0) {
            put_pair(out, key, value);
        } else {
            good = put_word(out, value, err);
        }
    }
    if (items.len > 0) {
        strbuf_format(out, ",\"items\":[%s]", items.ptr);
    }
    if (changes.len > 0) {
        strbuf_format(out, ",\"changes\":[%s]", changes.ptr);
    }
    strbuf_byte(out, '}');
    strbuf_release(&items);
    strbuf_release(&changes);
    return good;
}

bool event_line_read(struct str line, struct arena *arena, struct event *event, struct err *err)
{
    struct strbuf text = {0};
    bool good = write_json(line, &text, err);
    struct json *json = good ? json_read(strbuf_str(&text), err) : NULL;
    good = json && event_read(json, arena, event, err);
    json_free(json);
    strbuf_release(&text);
    return good;
}
