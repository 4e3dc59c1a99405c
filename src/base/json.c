/* SPDX-License-Identifier: PostgreSQL */
/*
 * JSON on top of jansson, the only file that includes it: `struct json` is a
 * json_t seen from outside. Reading is strict (no duplicate keys, no invalid
 * UTF-8, jansson's nesting cap) and names line and column. Writing never fails
 * and never writes invalid UTF-8: bytes that are none become U+FFFD on the way in.
 * Members keep the order in which they were put. What a terminal would obey (DEL, C1,
 * bidirectional and zero-width controls, line separators) is written as an escape, so
 * that nobody is harmed by looking at a file of ours.
 *
 * json_quote() is for the journal, which writes thousands of records and cannot
 * afford a tree for each; it gives the same bytes as a tree would.
 */
#include "base.h"

#include <jansson.h>
#include <math.h>

/* jansson has macros of the same names for its own type; ours are functions. */
#undef json_is_null
#undef json_is_object
#undef json_is_array

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

enum {
    DOUBLE_DIGITS = 17, /* enough to read back the same double */
    PRETTY_INDENT = 2
};

static json_t *inside(struct json *value)
{
    return (json_t *)value;
}

static const json_t *inside_const(const struct json *value)
{
    return (const json_t *)value;
}

/* jansson returns NULL only without memory, once its arguments are known to be good. */
static struct json *made(json_t *value)
{
    if (!value) {
        die_no_memory();
    }
    return (struct json *)value;
}

static void done(int result)
{
    if (result != 0) {
        die_no_memory();
    }
}

/* A copy in which every byte that is no UTF-8 is replaced; the caller releases it. */
static struct strbuf repaired(struct str text)
{
    struct strbuf copy = {0};

    while (text.len > 0) {
        size_t good = utf8_invalid_at(text);
        strbuf_add(&copy, str_slice(text, 0, good));
        if (good < text.len) {
            strbuf_text(&copy, replacement);
        }
        text = str_slice(text, good + 1, text.len);
    }
    return copy;
}

/* ------------------------------------------------------------------ making */

struct json *json_make_object(void)
{
    return made(json_object());
}

struct json *json_make_array(void)
{
    return made(json_array());
}

struct json *json_make_text(struct str text)
{
    if (utf8_invalid_at(text) == text.len) {
        return made(json_stringn_nocheck(text.ptr ? text.ptr : "", text.len));
    }
    struct strbuf copy = repaired(text);
    struct json *value = made(json_stringn_nocheck(copy.ptr, copy.len));
    strbuf_release(&copy);
    return value;
}

struct json *json_make_i64(int64_t value)
{
    return made(json_integer(value));
}

struct json *json_make_double(double value)
{
    /* JSON has no word for infinity; null says "no number" without lying. */
    return isfinite(value) ? made(json_real(value)) : json_make_null();
}

struct json *json_make_bool(bool value)
{
    return made(json_boolean(value));
}

struct json *json_make_null(void)
{
    return made(json_null());
}

void json_free(struct json *value)
{
    json_decref(inside(value));
}

void json_put_take(struct json *object, const char *key, struct json *value)
{
    if (!json_is_object(object)) {
        json_free(value);
        return;
    }
    json_t *member = inside(value ? value : json_make_null());
    struct str name = str_from(key);
    if (utf8_invalid_at(name) == name.len) {
        done(json_object_set_new_nocheck(inside(object), key, member));
        return;
    }
    struct strbuf copy = repaired(name);
    done(json_object_set_new_nocheck(inside(object), copy.ptr, member));
    strbuf_release(&copy);
}

void json_put_text(struct json *object, const char *key, struct str text)
{
    json_put_take(object, key, json_make_text(text));
}

void json_put_i64(struct json *object, const char *key, int64_t value)
{
    json_put_take(object, key, json_make_i64(value));
}

void json_put_double(struct json *object, const char *key, double value)
{
    json_put_take(object, key, json_make_double(value));
}

void json_put_bool(struct json *object, const char *key, bool value)
{
    json_put_take(object, key, json_make_bool(value));
}

void json_push_take(struct json *array, struct json *value)
{
    if (!json_is_array(array)) {
        json_free(value);
        return;
    }
    done(json_array_append_new(inside(array), inside(value ? value : json_make_null())));
}

void json_push_text(struct json *array, struct str text)
{
    json_push_take(array, json_make_text(text));
}

/* ----------------------------------------------------------------- reading */

const struct json *json_find(const struct json *object, const char *key)
{
    return (const struct json *)json_object_get(inside_const(object), key);
}

struct str json_text(const struct json *value)
{
    const json_t *text = inside_const(value);

    if (!json_is_string(text)) {
        return (struct str){0};
    }
    return (struct str){json_string_value(text), json_string_length(text)};
}

int64_t json_i64(const struct json *value, int64_t otherwise)
{
    const json_t *number = inside_const(value);
    return json_is_integer(number) ? json_integer_value(number) : otherwise;
}

double json_double(const struct json *value, double otherwise)
{
    const json_t *number = inside_const(value);
    return json_is_number(number) ? json_number_value(number) : otherwise;
}

bool json_bool(const struct json *value, bool otherwise)
{
    const json_t *boolean = inside_const(value);
    return json_is_boolean(boolean) ? json_is_true(boolean) : otherwise;
}

static bool has_type(const struct json *value, json_type type)
{
    return value && json_typeof(inside_const(value)) == type;
}

bool json_is_null(const struct json *value)
{
    return !value || has_type(value, JSON_NULL);
}

bool json_is_object(const struct json *value)
{
    return has_type(value, JSON_OBJECT);
}

bool json_is_array(const struct json *value)
{
    return has_type(value, JSON_ARRAY);
}

size_t json_count(const struct json *array)
{
    return json_array_size(inside_const(array));
}

const struct json *json_at(const struct json *array, size_t index)
{
    return (const struct json *)json_array_get(inside_const(array), index);
}

bool json_next(const struct json *object, void **cursor, struct str *key,
               const struct json **value)
{
    if (!json_is_object(object)) {
        return false;
    }
    /* jansson's iterators want a writable object and do not write to it. */
    json_t *members = (json_t *)(uintptr_t)object;
    void *place = *cursor ? json_object_iter_next(members, *cursor) : json_object_iter(members);
    *cursor = place;
    if (!place) {
        return false;
    }
    *key = (struct str){json_object_iter_key(place), json_object_iter_key_len(place)};
    *value = (const struct json *)json_object_iter_value(place);
    return true;
}

struct json *json_read(struct str text, struct err *err)
{
    static const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL;
    json_error_t error;
    json_t *value = json_loadb(text.ptr ? text.ptr : "", text.len, flags, &error);

    if (value) {
        return (struct json *)value;
    }
    /* jansson quotes the text near the fault, which is as hostile as the text itself. */
    struct strbuf reason = {0};
    sanitise(&reason, str_from(error.text), SANITISE_LINE);
    err_set(err, ERR_USAGE, "no valid JSON at line %d, column %d: %s", error.line, error.column,
            reason.ptr ? reason.ptr : "unknown reason");
    strbuf_release(&reason);
    return NULL;
}

/* ----------------------------------------------------------------- writing */

static void add_unit(struct strbuf *out, uint32_t unit)
{
    static const char digits[] = "0123456789ABCDEF";
    char shown[] = {'\\',
                    'u',
                    digits[unit >> 12 & 15],
                    digits[unit >> 8 & 15],
                    digits[unit >> 4 & 15],
                    digits[unit & 15]};
    strbuf_add(out, (struct str){shown, sizeof(shown)});
}

/* A code point as \uXXXX; beyond the first plane as the pair that JSON asks for (RFC 8259, 7).
 */
static void add_code_point(struct strbuf *out, uint32_t code_point)
{
    if (code_point > 0xFFFF) {
        add_unit(out, 0xD800 + ((code_point - 0x10000) >> 10));
        add_unit(out, 0xDC00 + ((code_point - 0x10000) & 0x3FF));
    } else {
        add_unit(out, code_point);
    }
}

enum {
    DELETE = 0x7F,
    LONGEST_SEQUENCE = 4
};

/* jansson hands over whole characters; controls below 0x20 it has escaped itself. */
static int add_piece(const char *bytes, size_t len, void *out)
{
    struct str piece = {bytes, len};
    size_t plain = 0;
    size_t at = 0;
    while (at < len) {
        uint32_t code_point = (unsigned char)bytes[at];
        size_t took = 1;
        if (code_point > DELETE) {
            took = utf8_next(str_slice(piece, at, LONGEST_SEQUENCE), &code_point);
        }
        if (code_point >= DELETE && (code_point == DELETE || utf8_is_hidden(code_point))) {
            strbuf_add(out, str_slice(piece, plain, at - plain));
            add_code_point(out, code_point);
            plain = at + took;
        }
        at += took;
    }
    strbuf_add(out, str_slice(piece, plain, len - plain));
    return 0;
}

void json_write(struct strbuf *out, const struct json *value, enum json_form form)
{
    size_t flags = JSON_ENCODE_ANY | JSON_REAL_PRECISION(DOUBLE_DIGITS);

    flags |= form == JSON_PRETTY ? JSON_INDENT(PRETTY_INDENT) | JSON_SORT_KEYS
                                 : JSON_COMPACT | JSON_PRESERVE_ORDER;
    if (!value) {
        strbuf_text(out, "null");
    } else {
        done(json_dump_callback(inside_const(value), add_piece, out, flags));
    }
    if (form == JSON_PRETTY) {
        strbuf_byte(out, '\n');
    }
}

/* The escape of an ASCII byte that may not stand in a JSON string by itself. */
static void add_escape(struct strbuf *out, unsigned char byte)
{
    static const char letters[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                   ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
    char letter = byte < sizeof(letters) ? letters[byte] : '\0';

    if (letter) {
        char shown[] = {'\\', letter};
        strbuf_add(out, (struct str){shown, sizeof(shown)});
    } else {
        add_unit(out, byte);
    }
}

/*
 * True when none of eight bytes is a control, DEL, a quote, a backslash or beyond ASCII.
 * Each term sets the top bit of a byte that is below 0x20, equal to the one sought, or
 * high already; a borrow may accuse a good byte behind a bad one, never acquit a bad one.
 */
static bool eight_plain(const char *bytes)
{
    static const uint64_t each = UINT64_C(0x0101010101010101);
    static const uint64_t top = UINT64_C(0x8080808080808080);
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    uint64_t quote = word ^ (each * '"');
    uint64_t backslash = word ^ (each * '\\');
    uint64_t del = word ^ (each * DELETE);
    return (((word - each * 0x20) | (quote - each) | (backslash - each) | (del - each) | word) &
            top) == 0;
}

/* Where the bytes end, from `at` on, that may be copied as they are. */
static size_t plain_end(struct str text, size_t at)
{
    for (;;) {
        while (text.len - at >= sizeof(uint64_t) && eight_plain(text.ptr + at)) {
            at += sizeof(uint64_t);
        }
        /* Byte by byte to the next one that needs a look, or through the accused eight. */
        size_t stop = text.len - at < sizeof(uint64_t) ? text.len : at + sizeof(uint64_t);
        for (; at < stop; at++) {
            unsigned char byte = (unsigned char)text.ptr[at];
            uint32_t code_point = 0;
            if (byte >= 0x80) {
                size_t len = utf8_next(str_slice(text, at, LONGEST_SEQUENCE), &code_point);
                if (len == 0 || utf8_is_hidden(code_point)) {
                    return at;
                }
                at += len - 1;
            } else if (byte < 0x20 || byte == DELETE || byte == '"' || byte == '\\') {
                return at;
            }
        }
        if (at >= text.len) {
            return text.len;
        }
    }
}

/* What plain_end() stopped at; returns the bytes that it took. */
static size_t add_unplain(struct strbuf *out, struct str rest)
{
    unsigned char byte = (unsigned char)rest.ptr[0];
    uint32_t code_point = 0;
    if (byte <= DELETE) {
        add_escape(out, byte);
        return 1;
    }
    size_t len = utf8_next(str_slice(rest, 0, LONGEST_SEQUENCE), &code_point);
    if (len == 0) {
        strbuf_text(out, replacement);
        return 1;
    }
    add_code_point(out, code_point);
    return len;
}

void json_quote(struct strbuf *out, struct str text)
{
    size_t at = 0;

    strbuf_byte(out, '"');
    while (at < text.len) {
        size_t end = plain_end(text, at);
        strbuf_add(out, str_slice(text, at, end - at));
        at = end < text.len ? end + add_unplain(out, str_slice(text, end, text.len)) : end;
    }
    strbuf_byte(out, '"');
}
