/* SPDX-License-Identifier: PostgreSQL */
/*
 * The list of problems. Everything that judges a plan adds to it and goes on, so
 * that one run of `check` tells all; it is sorted by position at the end. A line
 * reads as a compiler's, so that editors jump to it.
 */
#include "plan.h"

#include <stdarg.h>
#include <stdio.h>

enum {
    MESSAGE_MAX = 1024
};

void plan_diagnostics_release(struct plan_diagnostics *diagnostics)
{
    if (diagnostics != NULL) {
        free(diagnostics->items);
        diagnostics->items = NULL;
        diagnostics->count = 0;
        diagnostics->capacity = 0;
    }
}

void plan_diagnose(struct plan_diagnostics *diagnostics, struct plan_mark mark,
                   enum plan_severity severity, const char *code, const char *format, ...)
{
    char text[MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    size_t kept = length < 0 ? 0 : (size_t)length;
    if (kept >= sizeof(text)) {
        kept = sizeof(text) - 1;
    }
    size_t order = diagnostics->count;
    struct plan_diagnostic *item =
        ARRAY_PUSH(diagnostics->items, diagnostics->count, diagnostics->capacity);
    struct strbuf path = {0};
    plan_path(&path, mark);
    item->line = mark.line;
    item->column = mark.column;
    item->severity = severity;
    (void)snprintf(item->code, sizeof(item->code), "%s", code);
    item->path = str_dup(diagnostics->arena, strbuf_str(&path));
    item->message = str_dup(diagnostics->arena, (struct str){text, kept});
    item->order = order;
    strbuf_release(&path);
    diagnostics->errors += severity == PLAN_ERROR;
    diagnostics->warnings += severity == PLAN_WARNING;
}

static int compare(const void *left, const void *right)
{
    const struct plan_diagnostic *a = left;
    const struct plan_diagnostic *b = right;
    if (a->line != b->line) {
        return a->line < b->line ? -1 : 1;
    }
    if (a->column != b->column) {
        return a->column < b->column ? -1 : 1;
    }
    return a->order < b->order ? -1 : a->order > b->order;
}

void plan_diagnostics_sort(struct plan_diagnostics *diagnostics)
{
    if (diagnostics->count > 1) {
        qsort(diagnostics->items, diagnostics->count, sizeof(*diagnostics->items), compare);
    }
    for (size_t i = 0; i < diagnostics->count; i++) {
        diagnostics->items[i].order = i;
    }
}

void plan_diagnostic_text(struct strbuf *out, const struct plan_diagnostics *diagnostics,
                          const struct plan_diagnostic *diagnostic)
{
    static const char *const words[] = {
        [PLAN_ERROR] = "error", [PLAN_WARNING] = "warning", [PLAN_NOTE] = "note"};
    sanitise(out, diagnostics->file, SANITISE_LINE);
    strbuf_format(out, ":%d:%d: %s[%s] ", diagnostic->line, diagnostic->column,
                  words[diagnostic->severity], diagnostic->code);
    if (diagnostic->path.len > 0) {
        sanitise(out, diagnostic->path, SANITISE_LINE);
        strbuf_text(out, ": ");
    }
    sanitise(out, diagnostic->message, SANITISE_LINE);
    strbuf_byte(out, '\n');
}
