/* SPDX-License-Identifier: PostgreSQL */
/*
 * The rows of one query, copied out of the driver so that no driver result ever
 * leaves its room. Cells are text as the server sent it, NULL kept apart. Reading
 * beyond the edge gives a NULL cell: a query that returned nothing is an ordinary
 * answer, and whoever judges it asks row_count.
 */
#include "base.h"

enum {
    FIRST_ROWS = 16
};

void rows_init(struct rows *rows, struct arena *arena, size_t column_count)
{
    *rows = (struct rows){.arena = arena, .column_count = column_count};
    rows->names = arena_array(arena, column_count, sizeof(*rows->names));
}

struct cell *rows_add(struct rows *rows)
{
    if (rows->row_count == rows->row_capacity) {
        size_t capacity = rows->row_capacity ? rows->row_capacity * 2 : FIRST_ROWS;
        size_t row_size = rows->column_count * sizeof(*rows->cells);
        struct cell *cells = arena_array(rows->arena, capacity, row_size);
        if (rows->row_count > 0) {
            memcpy(cells, rows->cells, rows->row_count * row_size);
        }
        rows->cells = cells;
        rows->row_capacity = capacity;
    }
    return rows->cells + rows->row_count++ * rows->column_count;
}

struct cell rows_cell(const struct rows *rows, size_t row, size_t column)
{
    if (row >= rows->row_count || column >= rows->column_count) {
        return (struct cell){.is_null = true};
    }
    return rows->cells[row * rows->column_count + column];
}

struct str rows_text(const struct rows *rows, size_t row, size_t column)
{
    struct cell cell = rows_cell(rows, row, column);
    return cell.is_null ? (struct str){0} : cell.text;
}

int64_t rows_i64(const struct rows *rows, size_t row, size_t column, int64_t otherwise)
{
    int64_t value = 0;
    return str_to_i64(rows_text(rows, row, column), &value) ? value : otherwise;
}

bool rows_bool(const struct rows *rows, size_t row, size_t column)
{
    struct str text = rows_text(rows, row, column);
    return str_eq(text, "t") || str_eq(text, "true");
}
