/* SPDX-License-Identifier: PostgreSQL */
/*
 * base: what every room stands on. Errors as values, memory by lifetime, text
 * as {pointer, length}, JSON (wraps jansson), SHA-256 (wraps libcrypto), UTF-8
 * width and the sanitiser for hostile text, result rows, calendar arithmetic.
 *
 * base opens no file, reads no clock, knows no socket and prints nothing. The
 * one exception to "rooms never exit" is running out of memory: die_no_memory()
 * calls the hook that app installed (it restores the terminal) and aborts.
 */
#ifndef GONOGO_BASE_H
#define GONOGO_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ------------------------------------------------------------------ errors */

enum err_kind {
    ERR_NONE,     /* nothing failed */
    ERR_USAGE,    /* the command line, the plan or an answers file is wrong: exit 2 */
    ERR_SQL,      /* the server refused a statement: exit 3 */
    ERR_CONNECT,  /* no connection, or not the server that the plan means: exit 4 */
    ERR_CHECK,    /* a check or a count is not what the plan expects: exit 5 */
    ERR_STOPPED,  /* stopped at a safe point by people or by a rule: exit 6 */
    ERR_LOCKED,   /* another run holds the lock: exit 7 */
    ERR_UNKNOWN,  /* the outcome is not known: exit 9 */
    ERR_RECORD,   /* our own record cannot be written: exit 11 */
    ERR_INTERNAL, /* our own fault: exit 1 */
};

enum {
    ERR_TEXT_MAX = 512
};

/*
 * An error on the caller's stack. `message` is lower case without a full stop;
 * `detail` and `hint` are sentences. Text is cut at ERR_TEXT_MAX - 1 bytes.
 */
struct err {
    enum err_kind kind;
    char sqlstate[6];
    char message[ERR_TEXT_MAX];
    char detail[ERR_TEXT_MAX];
    char hint[ERR_TEXT_MAX];
};

/* Fills `err` (which may be NULL) and returns false, so that callers can `return err_set(...)`.
 */
bool err_set(struct err *err, enum err_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);
/* Adds the detail or the hint to an error that is set. */
void err_detail(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);
void err_hint(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);
/* Puts "context: " before the message; once, by whoever passes the error up. */
void err_context(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* ------------------------------------------------------------------ memory */

/* Called once, before die_no_memory() aborts; it may restore the terminal and nothing else. */
typedef void (*no_memory_hook)(void);
void on_no_memory(no_memory_hook hook);
NORETURN void die_no_memory(void);

/* malloc family that never returns NULL. Sizes in bytes; `count * size` is checked for
 * overflow. */
void *mem_alloc(size_t size);
void *mem_zero(size_t count, size_t size);
void *mem_grow(void *old, size_t count, size_t size);
char *mem_text(const char *text); /* a heap copy of a C string; NULL stays NULL */

/*
 * Arena: memory that dies together. `= {0}` is a valid empty arena. Pointers stay
 * good until arena_clear() (keeps its largest block) or arena_release().
 */
struct arena_block;
struct arena {
    struct arena_block *block;
    size_t used; /* bytes handed out since the last clear */
};
void *arena_alloc(struct arena *arena, size_t size); /* aligned for any type, zeroed */
void *arena_array(struct arena *arena, size_t count, size_t size);
char *arena_bytes(struct arena *arena, size_t size); /* text to come: neither of the two */
void arena_clear(struct arena *arena);
void arena_release(struct arena *arena);

/*
 * Growing arrays: ARRAY_PUSH(items, count, capacity) makes room for one more and
 * returns the address of the new, zeroed element.
 */
void *array_room(void *items, size_t count, size_t *capacity, size_t size);
#define ARRAY_PUSH(items, count, capacity)                                                     \
    ((items) = array_room((items), (count), &(capacity), sizeof(*(items))), &(items)[(count)++])

/* -------------------------------------------------------------------- text */

/* Text to read: bytes that somebody else owns, not NUL-terminated. `= {0}` is the empty text.
 */
struct str {
    const char *ptr;
    size_t len;
};
#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
/* For printf: printf("%.*s", STR_ARG(text)). */
#define STR_ARG(text) (int)(text).len, ((text).ptr ? (text).ptr : "")

struct str str_from(const char *text); /* NULL gives the empty text */
bool str_is(struct str a, struct str b);
bool str_eq(struct str a, const char *b);
int str_compare(struct str a, struct str b); /* by bytes, as memcmp, shorter first */
bool str_starts(struct str text, const char *prefix);
bool str_ends(struct str text, const char *suffix);
struct str str_trim(struct str text); /* without ASCII white space at both ends */
struct str str_slice(struct str text, size_t from, size_t len); /* clipped to the text */
/* Position of the first `byte` at or after `from`; text.len when absent. */
size_t str_find_byte(struct str text, char byte, size_t from);
/* Cuts off and returns everything before the next `byte`; `rest` moves behind it. False at the
 * end. */
bool str_cut(struct str *rest, char byte, struct str *piece);
struct str str_dup(struct arena *arena, struct str text);   /* a NUL follows the copy */
const char *str_text(struct arena *arena, struct str text); /* C string in the arena */
struct str str_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
/* Decimal with optional sign, the whole text, range checked; false otherwise. */
bool str_to_i64(struct str text, int64_t *value) MUST_CHECK;
bool str_to_double(struct str text, double *value) MUST_CHECK;
/* Damerau-Levenshtein distance, for "did you mean"; capped at `limit` + 1. */
size_t str_distance(struct str a, struct str b, size_t limit);

/* Text to build. `= {0}` is empty; `ptr` is NULL or NUL-terminated. */
struct strbuf {
    char *ptr;
    size_t len;
    size_t capacity;
};
void strbuf_release(struct strbuf *buf);
void strbuf_clear(struct strbuf *buf);
char *strbuf_detach(struct strbuf *buf); /* never NULL; the caller frees it */
void strbuf_add(struct strbuf *buf, struct str text);
void strbuf_text(struct strbuf *buf, const char *text);
void strbuf_byte(struct strbuf *buf, char byte);
/* Appends the text between two `quote` bytes, doubling each that stands in it, and with
 * `backslash` each backslash: a delimited identifier, or a literal, as SQL wants it. */
void strbuf_quoted(struct strbuf *buf, struct str text, char quote, bool backslash);
void strbuf_repeat(struct strbuf *buf, char byte, size_t count);
void strbuf_i64(struct strbuf *buf, int64_t value);
void strbuf_format(struct strbuf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
/* Appends `text` so that it is text in HTML and XML, attributes included. */
void strbuf_markup(struct strbuf *buf, struct str text);
struct str strbuf_str(const struct strbuf *buf);
/* The arena takes over the buffer's memory, without a copy; the buffer is empty then. A NUL
 * follows the text. For what is large: each takes a block of its own. */
struct str arena_adopt(struct arena *arena, struct strbuf *buf);

/* ------------------------------------------------------- UTF-8 and terminals */

/*
 * Length in bytes of the well-formed UTF-8 sequence at the start of `text` and
 * its code point; 0 when there is none (overlong, surrogate, cut, beyond U+10FFFF).
 */
size_t utf8_next(struct str text, uint32_t *code_point);
/* Offset of the first byte that is not part of well-formed UTF-8; text.len when all is well. */
size_t utf8_invalid_at(struct str text);
/*
 * Does it draw nothing, or rearrange what is drawn? C1 controls, bidirectional and zero-width
 * controls, line separators, variation selectors, non-characters. ASCII's own controls are
 * not asked here: each writer has a form of its own for them.
 */
bool utf8_is_hidden(uint32_t code_point);
/* Columns of a terminal that a code point takes: 0, 1 or 2 (own table: no locale needed). */
int utf8_width(uint32_t code_point);
int str_width(struct str text); /* columns of sanitised text */
/* The longest prefix of sanitised text that fits into `columns`. */
struct str str_fit(struct str text, int columns);

enum sanitise_mode {
    SANITISE_LINE,  /* one line: newlines and tabs are shown as \n and \t */
    SANITISE_LINES, /* newline stays, a tab becomes spaces; all else as LINE */
};
/*
 * Appends `text` so that it is harmless to a terminal: C0, C1, DEL, bidirectional
 * and zero-width controls, line separators, non-characters and bytes that are no
 * UTF-8 become visible \xNN or \u{NNNN}. A backslash stays as it is.
 * Source of the classes: reliability document, row F42.
 */
void sanitise(struct strbuf *out, struct str text, enum sanitise_mode mode);
struct str sanitise_line(struct arena *arena, struct str text);

/* ------------------------------------------------------------------ chains */

/*
 * Items of somebody's list, found by a hash of what they are about, the newest first. Two
 * things may have one hash: whoever follows a chain compares. `= {0}` is empty.
 */
enum {
    CHAIN_NONE = -1
};
struct chain_link {
    uint32_t hash;
    uint32_t item;
    int32_t next;
};
struct chains {
    struct chain_link *links;
    size_t count;
    size_t capacity;
    int32_t *buckets;
    size_t bucket_count; /* a power of two, or 0 */
};
uint32_t chain_hash(struct str first, struct str second, struct str third);
void chain_add(struct chains *chains, uint32_t hash, size_t item);
/* The newest link of that hash; CHAIN_NONE: none. Its item is links[link].item. */
ptrdiff_t chain_first(const struct chains *chains, uint32_t hash);
ptrdiff_t chain_next(const struct chains *chains, ptrdiff_t link);
/* Forgets that item and all that were added after it; items are added in their order. */
void chains_cut(struct chains *chains, size_t item);
void chains_release(struct chains *chains);

/* -------------------------------------------------------------------- hash */

enum {
    SHA256_BYTES = 32,
    SHA256_HEX = 64
};
/* Lower-case hex with a NUL. */
struct sha256_hex {
    char text[SHA256_HEX + 1];
};
struct sha256;
struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *hash, struct str bytes);
struct sha256_hex sha256_end(struct sha256 *hash); /* frees the hash */
struct sha256_hex sha256_of(struct str bytes);
struct str sha256_str(const struct sha256_hex *hex);

/* -------------------------------------------------------------------- JSON */

/* One JSON value. Objects and arrays own what is put into them. NULL is accepted everywhere
 * and reads as JSON null. */
struct json;
struct json *json_make_object(void);
struct json *json_make_array(void);
struct json *json_make_text(struct str text); /* bytes that are no UTF-8 become \u{fffd} */
struct json *json_make_i64(int64_t value);
struct json *json_make_double(double value);
struct json *json_make_bool(bool value);
struct json *json_make_null(void);
void json_free(struct json *value);
/* Put into an object, replacing what was there; `json_put_take` takes ownership. */
void json_put_take(struct json *object, const char *key, struct json *value);
void json_put_text(struct json *object, const char *key, struct str text);
void json_put_i64(struct json *object, const char *key, int64_t value);
void json_put_double(struct json *object, const char *key, double value);
void json_put_bool(struct json *object, const char *key, bool value);
void json_push_take(struct json *array, struct json *value);
void json_push_text(struct json *array, struct str text);
/* Reading: absent or of another type gives NULL, the empty text, or the `otherwise` value. */
const struct json *json_find(const struct json *object, const char *key);
struct str json_text(const struct json *value); /* borrowed from the value */
int64_t json_i64(const struct json *value, int64_t otherwise);
double json_double(const struct json *value, double otherwise);
bool json_bool(const struct json *value, bool otherwise);
bool json_is_null(const struct json *value);
bool json_is_object(const struct json *value);
bool json_is_array(const struct json *value);
size_t json_count(const struct json *array);
const struct json *json_at(const struct json *array, size_t index);
/* Walks an object's members in insertion order: start with *cursor = NULL. */
bool json_next(const struct json *object, void **cursor, struct str *key,
               const struct json **value);
/* NULL and `err` (line and column in the message) when the text is not one strict JSON value.
 */
struct json *json_read(struct str text, struct err *err) MUST_CHECK;
enum json_form {
    JSON_ONE_LINE, /* compact, keys in insertion order */
    JSON_PRETTY,   /* two spaces, keys sorted, newline at the end */
};
/*
 * Both writers give text that is harmless to a terminal: what sanitise() would make visible is
 * a \u escape, and json_read() gives back the same bytes.
 */
void json_write(struct strbuf *out, const struct json *value, enum json_form form);
/* Appends a quoted JSON string; for writers that cannot afford a tree (the journal). */
void json_quote(struct strbuf *out, struct str text);

/* -------------------------------------------------------------------- rows */

/*
 * The rows of one query, copied out of the driver: column names and cells as text,
 * NULL kept apart. All memory belongs to the arena that rows_init() was given.
 */
struct cell {
    struct str text;
    bool is_null;
};
struct rows {
    struct arena *arena;
    struct str *names; /* column_count names */
    size_t column_count;
    struct cell *cells; /* row_count * column_count, row by row */
    size_t row_count;
    size_t row_capacity;
    bool cut; /* a cap was hit: more rows existed than are kept here */
};
void rows_init(struct rows *rows, struct arena *arena, size_t column_count);
/* Adds one row and returns its column_count cells, zeroed (NULL cells are not marked). */
struct cell *rows_add(struct rows *rows);
/* The cell; out of range gives a NULL cell. */
struct cell rows_cell(const struct rows *rows, size_t row, size_t column);
struct str rows_text(const struct rows *rows, size_t row, size_t column); /* NULL reads as "" */
int64_t rows_i64(const struct rows *rows, size_t row, size_t column, int64_t otherwise);
bool rows_bool(const struct rows *rows, size_t row, size_t column); /* "t" or "true" */

/* -------------------------------------------------------------------- time */

/*
 * Points in time are int64_t microseconds since 1970-01-01 UTC; durations are
 * microseconds. Nothing here reads a clock.
 */
struct calendar {
    int year;  /* 1..9999 */
    int month; /* 1..12 */
    int day;   /* 1..31 */
    int hour;
    int minute;
    int second;
    int weekday; /* 0 = Monday .. 6 = Sunday */
};
#define US_PER_MS     INT64_C(1000)
#define US_PER_SECOND INT64_C(1000000)
#define US_PER_MINUTE (60 * US_PER_SECOND)
#define US_PER_HOUR   (60 * US_PER_MINUTE)
#define US_PER_DAY    (24 * US_PER_HOUR)
bool date_is_valid(int year, int month, int day);
int date_weekday(int year, int month, int day);          /* 0 = Monday */
int64_t calendar_to_us(const struct calendar *calendar); /* weekday is not read */
struct calendar calendar_from_us(int64_t time_us);
extern const char *const weekday_names[7]; /* "Monday" .. "Sunday" */
/* "2024-01-31T08:00:00.123456Z", "2024-01-31 08:00:00+00", "2024-01-31T08:00Z"; offsets are
 * applied. */
bool time_from_text(struct str text, int64_t *time_us) MUST_CHECK;
void time_to_text(struct strbuf *out, int64_t time_us);  /* 2024-01-31T08:00:00.123456Z */
void time_to_clock(struct strbuf *out, int64_t time_us); /* 08:00:00 (UTC) */
/* For people: "0.4 ms", "234 ms", "3.5 s", "3m41s", "2h05m", "7d", "2d06h"; negative
 * with a minus. */
void duration_to_text(struct strbuf *out, int64_t duration_us);
struct str duration_text(struct arena *arena, int64_t duration_us);
/* For people: "512 B", "4.8 kB", "1.84 GB" in binary units as PostgreSQL's pg_size_pretty. */
void size_to_text(struct strbuf *out, int64_t bytes);
/* For people: 1,234,567 */
void number_to_text(struct strbuf *out, int64_t number);
/* The ending of a counted noun: "" for one, "s" for none and for many. */
const char *plural(size_t count);

#endif
