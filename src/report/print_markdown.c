/* SPDX-License-Identifier: PostgreSQL */
/*
 * The document as CommonMark with tables. Text is data: whatever could be read as
 * markup is escaped, but for underscores inside of words, which mean nothing there and
 * would make names hard to read.
 */
#include <math.h>

#include "document.h"

/* A sign beside the words, for those who read the plain text. */
static const char *const signs[TONE__COUNT] = {
    [TONE_PLAIN] = "", [TONE_GOOD] = "✓ ",    [TONE_WARN] = "▲ ",
    [TONE_BAD] = "✗ ", [TONE_UNKNOWN] = "? ",
};

static bool is_alnum(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

/* At the start of a line these begin a list, a rule or a heading. */
static bool begins_markup(struct str text, size_t at)
{
    if (at == 0) {
        return strchr("-+=~:", text.ptr[0]) != NULL;
    }
    if (text.ptr[at] != '.' && text.ptr[at] != ')') {
        return false;
    }
    for (size_t i = 0; i < at; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
    }
    return true;
}

static void put_escaped(struct strbuf *out, struct str text, bool line)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.ptr[i];
        bool inside = byte == '_' && i > 0 && i + 1 < text.len && is_alnum(text.ptr[i - 1]) &&
                      is_alnum(text.ptr[i + 1]);
        if (byte == '<') {
            strbuf_text(out, "&lt;");
        } else if (byte == '>') {
            strbuf_text(out, "&gt;");
        } else if (byte == '&') {
            strbuf_text(out, "&amp;");
        } else {
            bool markup =
                strchr("\\`*_{}[]#|~!", byte) != NULL || (line && begins_markup(text, i));
            if (markup && !inside) {
                strbuf_byte(out, '\\');
            }
            strbuf_byte(out, byte);
        }
    }
}

static void put_text(struct strbuf *out, struct str text)
{
    put_escaped(out, text, true);
}

static void put_cell(struct strbuf *out, const struct table_cell *cell, bool line)
{
    strbuf_text(out, signs[cell->tone]);
    put_escaped(out, cell->text.len > 0 ? cell->text : STR("-"), line);
}

static void put_table(struct strbuf *out, const struct block *block)
{
    if (block->row_count == 0) {
        strbuf_text(out, "None.\n\n");
        return;
    }
    for (int line = 0; line < 2; line++) {
        for (size_t i = 0; i < block->column_count; i++) {
            const char *name = block->columns[i];
            bool right = name[0] == '>';
            strbuf_text(out, i == 0 ? "| " : " | ");
            if (line == 0) {
                put_text(out, str_from(right ? name + 1 : name));
            } else {
                strbuf_text(out, right ? "---:" : "---");
            }
        }
        strbuf_text(out, " |\n");
    }
    for (size_t i = 0; i < block->row_count * block->column_count; i++) {
        strbuf_text(out, i % block->column_count == 0 ? "| " : " | ");
        put_cell(out, &block->cells[i], false);
        if (i % block->column_count == block->column_count - 1) {
            strbuf_text(out, " |\n");
        }
    }
    strbuf_byte(out, '\n');
}

static void put_list(struct strbuf *out, const struct block *block)
{
    for (size_t i = 0; i < block->row_count; i++) {
        const struct table_cell *cells = &block->cells[i * block->column_count];
        strbuf_text(out, "- ");
        if (block->kind == BLOCK_FACTS) {
            strbuf_text(out, "**");
            put_text(out, cells[0].text);
            strbuf_text(out, ":** ");
        }
        put_cell(out, &cells[block->column_count - 1], block->kind == BLOCK_LIST);
        strbuf_byte(out, '\n');
    }
    strbuf_byte(out, '\n');
}

static void put_block(struct strbuf *out, const struct block *block)
{
    switch (block->kind) {
    case BLOCK_HEADING:
        strbuf_repeat(out, '#', (size_t)block->level);
        strbuf_byte(out, ' ');
        put_text(out, block->text);
        strbuf_text(out, "\n\n");
        return;
    case BLOCK_PARAGRAPH:
        strbuf_text(out, signs[block->tone]);
        put_text(out, block->text);
        strbuf_text(out, "\n\n");
        return;
    case BLOCK_CALLOUT:
        strbuf_text(out, "> **");
        strbuf_text(out, signs[block->tone]);
        put_text(out, block->text);
        strbuf_text(out, "**\n\n");
        return;
    case BLOCK_LIST:
    case BLOCK_FACTS:
        put_list(out, block);
        return;
    case BLOCK_TABLE:
        put_table(out, block);
        return;
    }
}

void text_spark(struct strbuf *out, const struct figure *figure, size_t columns)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    double most = 0;
    for (size_t i = 0; i < figure->count; i++) {
        most = !isnan(figure->values[i]) && figure->values[i] > most ? figure->values[i] : most;
    }
    for (size_t i = 0; i < figure->count && i < columns; i++) {
        double value = figure->values[i];
        if (isnan(value)) {
            strbuf_byte(out, '?');
            continue;
        }
        double part = most > 0 && value > 0 ? value / most : 0;
        int step = (int)(part * (double)(COUNT_OF(blocks) - 1) + 0.5);
        strbuf_text(out, blocks[step]);
    }
}

void print_blocks(const struct report *report, struct strbuf *out)
{
    for (size_t i = 0; i < report->count; i++) {
        put_block(out, &report->blocks[i]);
    }
}

void print_markdown(const struct report *report, struct strbuf *out)
{
    strbuf_text(out, "# ");
    put_text(out, sanitise_line(report->arena, report->run->plan->name));
    strbuf_text(out, "\n\n");
    print_blocks(report, out);
    while (out->len > 1 && out->ptr[out->len - 2] == '\n') {
        out->ptr[--out->len] = '\0';
    }
}
