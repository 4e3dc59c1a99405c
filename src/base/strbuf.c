/* SPDX-License-Identifier: PostgreSQL */
/*
 * Text to build. The buffer owns its bytes, doubles when it must grow and keeps a
 * NUL behind the last byte as soon as it holds memory, so that it can be handed to
 * a library without a copy. strbuf_detach() gives the memory away.
 */
#include "base.h"

enum {
    FIRST_CAPACITY = 64
};

/* Room for `more` bytes and the NUL. */
static void reserve(struct strbuf *buf, size_t more)
{
    if (more > SIZE_MAX / 4 || buf->len > SIZE_MAX / 4) {
        die_no_memory();
    }
    size_t wanted = buf->len + more + 1;
    if (wanted <= buf->capacity) {
        return;
    }
    size_t capacity = buf->capacity ? buf->capacity : FIRST_CAPACITY;
    while (capacity < wanted) {
        capacity *= 2;
    }
    buf->ptr = mem_grow(buf->ptr, capacity, 1);
    buf->capacity = capacity;
}

void strbuf_release(struct strbuf *buf)
{
    if (!buf) {
        return;
    }
    free(buf->ptr);
    *buf = (struct strbuf){0};
}

void strbuf_clear(struct strbuf *buf)
{
    buf->len = 0;
    if (buf->ptr) {
        buf->ptr[0] = '\0';
    }
}

char *strbuf_detach(struct strbuf *buf)
{
    reserve(buf, 0);
    buf->ptr[buf->len] = '\0';
    char *text = buf->ptr;
    *buf = (struct strbuf){0};
    return text;
}

void strbuf_add(struct strbuf *buf, struct str text)
{
    if (text.len == 0) {
        return;
    }
    reserve(buf, text.len);
    memcpy(buf->ptr + buf->len, text.ptr, text.len);
    buf->len += text.len;
    buf->ptr[buf->len] = '\0';
}

void strbuf_text(struct strbuf *buf, const char *text)
{
    strbuf_add(buf, str_from(text));
}

void strbuf_byte(struct strbuf *buf, char byte)
{
    reserve(buf, 1);
    buf->ptr[buf->len++] = byte;
    buf->ptr[buf->len] = '\0';
}

void strbuf_quoted(struct strbuf *buf, struct str text, char quote, bool backslash)
{
    strbuf_byte(buf, quote);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == quote || (backslash && text.ptr[i] == '\\')) {
            strbuf_byte(buf, text.ptr[i]);
        }
        strbuf_byte(buf, text.ptr[i]);
    }
    strbuf_byte(buf, quote);
}

void strbuf_repeat(struct strbuf *buf, char byte, size_t count)
{
    if (count == 0) {
        return;
    }
    reserve(buf, count);
    memset(buf->ptr + buf->len, byte, count);
    buf->len += count;
    buf->ptr[buf->len] = '\0';
}

void strbuf_i64(struct strbuf *buf, int64_t value)
{
    char digits[20]; /* 19 digits and a sign */
    size_t at = sizeof(digits);
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        digits[--at] = '-';
    }
    strbuf_add(buf, (struct str){digits + at, sizeof(digits) - at});
}

void strbuf_format(struct strbuf *buf, const char *format, ...)
{
    va_list values;
    va_list again;

    reserve(buf, FIRST_CAPACITY);
    va_start(values, format);
    va_copy(again, values);
    size_t room = buf->capacity - buf->len;
    int wanted = vsnprintf(buf->ptr + buf->len, room, format, values);
    va_end(values);
    if (wanted >= 0 && (size_t)wanted >= room) {
        reserve(buf, (size_t)wanted);
        (void)vsnprintf(buf->ptr + buf->len, (size_t)wanted + 1, format, again);
    }
    va_end(again);
    if (wanted > 0) {
        buf->len += (size_t)wanted;
    }
    buf->ptr[buf->len] = '\0';
}

struct str strbuf_str(const struct strbuf *buf)
{
    return (struct str){buf->ptr, buf->len};
}

void strbuf_markup(struct strbuf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '&':
            strbuf_text(out, "&amp;");
            break;
        case '<':
            strbuf_text(out, "&lt;");
            break;
        case '>':
            strbuf_text(out, "&gt;");
            break;
        case '"':
            strbuf_text(out, "&quot;");
            break;
        case '\'':
            strbuf_text(out, "&#39;");
            break;
        default:
            strbuf_byte(out, text.ptr[i]);
        }
    }
}
