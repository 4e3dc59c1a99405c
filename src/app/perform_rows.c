/* SPDX-License-Identifier: PostgreSQL */
/*
 * The rows that each check answered last, for who sits at the screen. They are in memory
 * only: neither journal nor report gets them from here.
 */
#include "perform.h"

enum {
    KEPT_ROWS = 50,          /* of one check */
    KEPT_BYTES = 256 * 1024, /* … and so much text, whichever is less */
};

struct kept_rows {
    enum check_place place;
    int index; /* script or set */
    int check;
    struct arena *arena;
    struct rows rows;
};

static struct kept_rows *find(const struct performer *performer, enum check_place place,
                              int index, int check)
{
    for (size_t i = 0; i < performer->kept_count; i++) {
        struct kept_rows *kept = &performer->kept[i];
        if (kept->place == place && kept->index == index && kept->check == check) {
            return kept;
        }
    }
    return NULL;
}

static size_t row_bytes(const struct rows *rows, size_t row)
{
    size_t bytes = 0;
    for (size_t column = 0; column < rows->column_count; column++) {
        bytes += rows_cell(rows, row, column).text.len;
    }
    return bytes;
}

static void copy_rows(struct kept_rows *kept, const struct rows *rows)
{
    size_t bytes = 0;
    arena_clear(kept->arena);
    rows_init(&kept->rows, kept->arena, rows->column_count);
    for (size_t column = 0; column < rows->column_count; column++) {
        kept->rows.names[column] = str_dup(kept->arena, rows->names[column]);
    }
    kept->rows.cut = rows->cut;
    for (size_t row = 0; row < rows->row_count; row++) {
        bytes += row_bytes(rows, row);
        if (row == KEPT_ROWS || bytes > KEPT_BYTES) {
            kept->rows.cut = true;
            return;
        }
        struct cell *cells = rows_add(&kept->rows);
        for (size_t column = 0; column < rows->column_count; column++) {
            struct cell cell = rows_cell(rows, row, column);
            cells[column] = (struct cell){str_dup(kept->arena, cell.text), cell.is_null};
        }
    }
}

void performer_keep_rows(struct performer *performer, const struct effect *effect,
                         const struct rows *rows)
{
    int index = effect->place == PLACE_SET ? effect->index : effect->script;
    struct kept_rows *kept = find(performer, effect->place, index, effect->check);
    if (!kept) {
        kept = ARRAY_PUSH(performer->kept, performer->kept_count, performer->kept_capacity);
        *kept = (struct kept_rows){.place = effect->place,
                                   .index = index,
                                   .check = effect->check,
                                   .arena = mem_zero(1, sizeof(*kept->arena))};
    }
    copy_rows(kept, rows);
}

const struct rows *app_check_rows(const struct app_view *view, enum check_place place,
                                  int index, int check)
{
    const struct kept_rows *kept = find(view->performer, place, index, check);
    return kept ? &kept->rows : NULL;
}

void performer_release_rows(struct performer *performer)
{
    for (size_t i = 0; i < performer->kept_count; i++) {
        arena_release(performer->kept[i].arena);
        free(performer->kept[i].arena);
    }
    free(performer->kept);
}
