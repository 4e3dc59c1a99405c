/* SPDX-License-Identifier: PostgreSQL */
/*
 * Cells and areas. Everything that is drawn goes through area_put(), which is the one
 * place that knows about wide characters, combining marks and edges.
 */
#include "grid.h"

#include <stdlib.h>
#include <string.h>

void grid_resize(struct grid *grid, int columns, int rows)
{
    grid_release(grid);
    *grid = (struct grid){.columns = columns, .rows = rows, .cursor_row = -1};
    grid->cells = mem_zero((size_t)(columns * rows) + 1, sizeof(*grid->cells));
    for (int i = 0; i < columns * rows; i++) {
        grid->cells[i].width = 1;
    }
}

void grid_release(struct grid *grid)
{
    free(grid->cells);
    *grid = (struct grid){0};
}

void grid_copy(struct grid *to, const struct grid *from)
{
    grid_resize(to, from->columns, from->rows);
    memcpy(to->cells, from->cells, (size_t)(from->columns * from->rows) * sizeof(*from->cells));
    to->cursor_row = from->cursor_row;
    to->cursor_column = from->cursor_column;
}

struct area grid_area(struct grid *grid)
{
    return (struct area){grid, 0, 0, grid->rows, grid->columns};
}

static int clip(int value, int least, int most)
{
    return value < least ? least : value > most ? most : value;
}

struct area area_part(struct area area, int row, int column, int rows, int columns)
{
    int top = clip(row, 0, area.rows);
    int left = clip(column, 0, area.columns);
    return (struct area){area.grid, area.row + top, area.column + left,
                         clip(row + rows, top, area.rows) - top,
                         clip(column + columns, left, area.columns) - left};
}

static struct grid_cell *cell_of(struct area area, int row, int column)
{
    return &area.grid->cells[(area.row + row) * area.grid->columns + area.column + column];
}

/* The other half of a wide character that is overwritten must not stay. */
static void clear_neighbour(struct area area, int row, int column)
{
    struct grid_cell *cell = cell_of(area, row, column);
    int at = area.column + column;
    struct grid_cell *other = NULL;
    if (cell->width == 2 && at + 1 < area.grid->columns) {
        other = cell + 1;
    } else if (cell->width == 0 && at > 0) {
        other = cell - 1;
    }
    if (other) {
        other->len = 0;
        other->width = 1;
    }
}

static void set_cell(struct area area, int row, int column, enum style style, unsigned marks,
                     struct str text, int width)
{
    clear_neighbour(area, row, column);
    struct grid_cell *cell = cell_of(area, row, column);
    *cell = (struct grid_cell){.len = (uint8_t)text.len,
                               .width = (uint8_t)width,
                               .style = (uint8_t)style,
                               .marks = (uint8_t)marks};
    memcpy(cell->text, text.ptr, text.len);
    if (width == 2) {
        clear_neighbour(area, row, column + 1);
        *cell_of(area, row, column + 1) =
            (struct grid_cell){.style = (uint8_t)style, .marks = (uint8_t)marks};
    }
}

/* A mark that combines goes into the cell before; what has no room there is left out. */
static void combine(struct area area, int row, int column, struct str text)
{
    if (column == 0) {
        return;
    }
    struct grid_cell *cell = cell_of(area, row, column - 1);
    if (cell->width == 0 && area.column + column >= 2) {
        cell--;
    }
    if (cell->len > 0 && (size_t)cell->len + text.len <= CELL_TEXT_MAX) {
        memcpy(cell->text + cell->len, text.ptr, text.len);
        cell->len = (uint8_t)(cell->len + text.len);
    }
}

int area_put(struct area area, int row, int column, enum style style, unsigned marks,
             struct str text)
{
    if (row < 0 || row >= area.rows) {
        return column;
    }
    while (text.len > 0 && column < area.columns) {
        uint32_t code_point = 0;
        size_t length = utf8_next(text, &code_point);
        length = length > 0 ? length : 1;
        struct str one = {text.ptr, length};
        int width = utf8_width(code_point);
        text = str_slice(text, length, text.len);
        if (width == 0) {
            combine(area, row, column, one);
            continue;
        }
        if (column + width > area.columns) {
            break;
        }
        if (column >= 0) {
            set_cell(area, row, column, style, marks, one, width);
        } else if (column + width > 0) {
            set_cell(area, row, 0, style, marks, STR(" "), 1); /* its left half is outside */
        }
        column += width;
    }
    return column;
}

void area_rule(struct area area, int row, int column, enum style style, struct str glyph)
{
    int width = str_width(glyph);
    for (int at = column; width > 0 && at + width <= area.columns; at += width) {
        (void)area_put(area, row, at, style, 0, glyph);
    }
}

void area_mark(struct area area, int row, unsigned marks)
{
    for (int column = 0; row >= 0 && row < area.rows && column < area.columns; column++) {
        struct grid_cell *cell = cell_of(area, row, column);
        cell->marks = (uint8_t)(cell->marks | marks);
    }
}
