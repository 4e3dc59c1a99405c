/* SPDX-License-Identifier: PostgreSQL */
/*
 * Building blocks of the document. Here is the one place where text enters it: all of
 * it, whoever wrote it, goes through the sanitiser and becomes one line.
 */
#include "document.h"

static struct str format_text(struct report *report, const char *format, va_list values)
{
    va_list again;
    va_copy(again, values);
    char small[512];
    int length = vsnprintf(small, sizeof(small), format, again);
    va_end(again);
    size_t len = length < 0 ? 0 : (size_t)length;
    char *bytes = small;
    if (len >= sizeof(small)) {
        bytes = mem_alloc(len + 1);
        vsnprintf(bytes, len + 1, format, values);
    }
    struct str text = sanitise_line(report->arena, (struct str){bytes, len});
    if (bytes != small) {
        free(bytes);
    }
    return text;
}

struct str doc_text(struct report *report, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    struct str text = format_text(report, format, values);
    va_end(values);
    return text;
}

static struct block *add_block(struct report *report, enum block_kind kind)
{
    if (report->count == report->capacity) {
        size_t capacity = report->capacity > 0 ? 2 * report->capacity : 64;
        struct block *blocks = arena_array(report->arena, capacity, sizeof(*blocks));
        if (report->count > 0) {
            memcpy(blocks, report->blocks, report->count * sizeof(*blocks));
        }
        report->blocks = blocks;
        report->capacity = capacity;
    }
    struct block *block = &report->blocks[report->count++];
    *block = (struct block){.kind = kind};
    return block;
}

static struct block *last_block(struct report *report)
{
    return &report->blocks[report->count - 1];
}

void doc_heading(struct report *report, int level, const char *text)
{
    struct block *block = add_block(report, BLOCK_HEADING);
    block->level = level;
    block->text = doc_text(report, "%s", text);
}

void doc_paragraph(struct report *report, enum tone tone, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    struct str text = format_text(report, format, values);
    va_end(values);
    struct block *block = add_block(report, BLOCK_PARAGRAPH);
    block->tone = tone;
    block->text = text;
}

void doc_callout(struct report *report, enum tone tone, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    struct str text = format_text(report, format, values);
    va_end(values);
    struct block *block = add_block(report, BLOCK_CALLOUT);
    block->tone = tone;
    block->text = text;
}

/* ------------------------------------------------------------------- rows */

void doc_row(struct report *report)
{
    struct block *block = last_block(report);
    if (block->row_count == block->row_capacity) {
        size_t capacity = block->row_capacity > 0 ? 2 * block->row_capacity : 8;
        struct table_cell *cells =
            arena_array(report->arena, capacity * block->column_count, sizeof(*cells));
        if (block->row_count > 0) {
            memcpy(cells, block->cells,
                   block->row_count * block->column_count * sizeof(*cells));
        }
        block->cells = cells;
        block->row_capacity = capacity;
    }
    block->row_count++;
    block->level = 0; /* of a table: the next cell to be filled */
}

static struct table_cell *next_cell(struct report *report)
{
    struct block *block = last_block(report);
    size_t column = (size_t)block->level++;
    if (column >= block->column_count) {
        column = block->column_count - 1;
    }
    return &block->cells[(block->row_count - 1) * block->column_count + column];
}

void doc_cell(struct report *report, enum tone tone, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    struct table_cell *cell = next_cell(report);
    cell->tone = tone;
    cell->text = format_text(report, format, values);
    va_end(values);
}

void doc_figure(struct report *report, struct str text, const struct figure *figure)
{
    struct table_cell *cell = next_cell(report);
    cell->text = text;
    cell->figure = figure;
}

void doc_table(struct report *report, const char *columns)
{
    struct block *block = add_block(report, BLOCK_TABLE);
    struct str rest = str_from(columns);
    struct str name;
    while (block->column_count < COLUMNS_MAX && str_cut(&rest, '|', &name)) {
        block->columns[block->column_count++] = str_text(report->arena, name);
    }
}

static void begin_rows(struct report *report, enum block_kind kind, size_t columns)
{
    if (report->count == 0 || last_block(report)->kind != kind) {
        add_block(report, kind)->column_count = columns;
    }
    doc_row(report);
}

void doc_item(struct report *report, enum tone tone, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    begin_rows(report, BLOCK_LIST, 1);
    struct table_cell *cell = next_cell(report);
    cell->tone = tone;
    cell->text = format_text(report, format, values);
    va_end(values);
}

void doc_fact(struct report *report, const char *what, enum tone tone, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    begin_rows(report, BLOCK_FACTS, 2);
    next_cell(report)->text = doc_text(report, "%s", what);
    struct table_cell *cell = next_cell(report);
    cell->tone = tone;
    cell->text = format_text(report, format, values);
    va_end(values);
}
