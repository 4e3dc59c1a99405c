/* SPDX-License-Identifier: PostgreSQL */
/*
 * Errors as values. Whoever fails first fills the struct, whoever passes it up may
 * put one context before the message. Nothing is allocated here, so an error can
 * always be told, and text that is too long is cut between two characters, never
 * inside one.
 */
#include "base.h"

static const char truncation_mark[] = "...";

/* Formats into a field of the error; marks the cut when the text does not fit. */
static void fill(char field[ERR_TEXT_MAX], const char *format, va_list values)
{
    int wanted = vsnprintf(field, ERR_TEXT_MAX, format, values);

    if (wanted < 0) {
        field[0] = '\0';
        return;
    }
    if (wanted < ERR_TEXT_MAX) {
        return;
    }
    size_t len = ERR_TEXT_MAX - sizeof(truncation_mark);
    while (len > 0 && ((unsigned char)field[len] & 0xC0) == 0x80) {
        len--;
    }
    memcpy(field + len, truncation_mark, sizeof(truncation_mark));
}

bool err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
    if (!err) {
        return false;
    }
    /* The values may point into the error that is being replaced. */
    char message[ERR_TEXT_MAX];
    va_list values;
    va_start(values, format);
    fill(message, format, values);
    va_end(values);

    *err = (struct err){.kind = kind};
    memcpy(err->message, message, strlen(message) + 1);
    return false;
}

void err_detail(struct err *err, const char *format, ...)
{
    if (!err) {
        return;
    }
    char detail[ERR_TEXT_MAX];
    va_list values;
    va_start(values, format);
    fill(detail, format, values);
    va_end(values);
    memcpy(err->detail, detail, strlen(detail) + 1);
}

void err_hint(struct err *err, const char *format, ...)
{
    if (!err) {
        return;
    }
    char hint[ERR_TEXT_MAX];
    va_list values;
    va_start(values, format);
    fill(hint, format, values);
    va_end(values);
    memcpy(err->hint, hint, strlen(hint) + 1);
}

static void join(char field[ERR_TEXT_MAX], const char *format, ...) PRINTF_LIKE(2, 3);
static void join(char field[ERR_TEXT_MAX], const char *format, ...)
{
    va_list values;
    va_start(values, format);
    fill(field, format, values);
    va_end(values);
}

void err_context(struct err *err, const char *format, ...)
{
    if (!err) {
        return;
    }
    char context[ERR_TEXT_MAX];
    char message[ERR_TEXT_MAX];
    va_list values;
    va_start(values, format);
    fill(context, format, values);
    va_end(values);
    memcpy(message, err->message, sizeof(message));
    join(err->message, "%s: %s", context, message);
}
