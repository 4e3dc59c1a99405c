/* SPDX-License-Identifier: PostgreSQL */
/*
 * The two public forms of the cut: a whole text into an array, and chunks into a
 * receiver. Both run the same cutter; the first simply shows it the whole text as
 * one window, so that nothing is copied.
 */
#include "cutter.h"

struct collector {
    struct arena *arena;
    struct sql_statement *statements;
    size_t count;
    size_t capacity;
};

static bool collect(void *context, const struct sql_piece *piece)
{
    struct collector *collector = context;
    if (piece->kind == SQL_PIECE_STATEMENT) {
        *ARRAY_PUSH(collector->statements, collector->count, collector->capacity) =
            *piece->statement;
        return true;
    }
    struct sql_statement *last = &collector->statements[collector->count - 1];
    if (!last->data) {
        last->data = arena_alloc(collector->arena, sizeof *last->data);
        last->data->offset = piece->offset;
    }
    last->data->length += piece->text.len;
    return true;
}

/* Line numbers of COPY data: the line behind the one that ends the statement. */
static void number_data(struct sql_script *script)
{
    for (size_t i = 0; i < script->count; i++) {
        struct sql_statement *statement = &script->statements[i];
        if (statement->data) {
            struct str bytes = sql_statement_text(script, i);
            statement->data->line = statement->line + 1;
            for (size_t at = 0; (at = str_find_byte(bytes, '\n', at)) < bytes.len; at++) {
                statement->data->line++;
            }
        }
    }
}

bool sql_cut(struct str text, const struct sql_settings *settings, struct arena *arena,
             struct sql_script *script, struct sql_trouble *trouble)
{
    struct collector collector = {.arena = arena};
    struct sql_cutter cutter;
    *trouble = (struct sql_trouble){0};
    cutter_init(&cutter, settings, collect, &collector);
    bool done = cutter_run(&cutter, text, 0, true, trouble);
    *script = (struct sql_script){
        .text = text,
        .statements = arena_array(arena, collector.count, sizeof *collector.statements),
        .count = collector.count,
        .strings_changed = cutter.strings_changed,
        .restrict_lines = cutter.restrict_lines,
    };
    if (collector.count > 0) {
        memcpy(script->statements, collector.statements,
               collector.count * sizeof *collector.statements);
    }
    number_data(script);
    free(collector.statements);
    cutter_release(&cutter);
    return done;
}

struct sql_cutter *sql_cutter_new(const struct sql_settings *settings, sql_receiver receiver,
                                  void *context)
{
    struct sql_cutter *cutter = mem_alloc(sizeof *cutter);
    cutter_init(cutter, settings, receiver, context);
    return cutter;
}

void sql_cutter_free(struct sql_cutter *cutter)
{
    if (cutter != NULL) {
        cutter_release(cutter);
        free(cutter);
    }
}

/* Forgets what is done with: all before the open statement or the next line. */
static void slide(struct sql_cutter *cutter)
{
    size_t keep = cutter->lexer.open ? cutter->lexer.start.offset : cutter->next_line;
    size_t drop = keep - cutter->window_base;
    if (drop > 0) {
        memmove(cutter->window.ptr, cutter->window.ptr + drop, cutter->window.len - drop);
        cutter->window.len -= drop;
        cutter->window.ptr[cutter->window.len] = '\0';
        cutter->window_base = keep;
    }
}

bool sql_cutter_feed(struct sql_cutter *cutter, struct str chunk, struct sql_trouble *trouble)
{
    *trouble = (struct sql_trouble){0};
    strbuf_add(&cutter->window, chunk);
    if (!cutter_run(cutter, strbuf_str(&cutter->window), cutter->window_base, false, trouble)) {
        return false;
    }
    slide(cutter);
    return true;
}

bool sql_cutter_end(struct sql_cutter *cutter, struct sql_trouble *trouble)
{
    *trouble = (struct sql_trouble){0};
    return cutter_run(cutter, strbuf_str(&cutter->window), cutter->window_base, true, trouble);
}

struct str sql_statement_text(const struct sql_script *script, size_t index)
{
    const struct sql_statement *statement = &script->statements[index];
    return str_slice(script->text, statement->offset, statement->length);
}

struct str sql_statement_data(const struct sql_script *script, size_t index)
{
    const struct sql_copy_data *data = script->statements[index].data;
    return data ? str_slice(script->text, data->offset, data->length) : (struct str){0};
}

struct sql_misread sql_statement_misread(const struct sql_statement *statement)
{
    return statement->misread ? *statement->misread : (struct sql_misread){.message = STR("")};
}

struct sql_place sql_place_at(struct str text, size_t offset)
{
    size_t start = str_starts(text, "\xef\xbb\xbf") ? 3 : 0;
    struct sql_place place = sql_place_from(text, (struct sql_place){start, 1, 1}, offset);
    place.offset = offset;
    return place;
}

struct sql_place sql_place_from(struct str text, struct sql_place from, size_t offset)
{
    struct sql_place place = from;
    for (size_t i = from.offset; i < offset && i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        if (byte == '\n') {
            place.line++;
            place.column = 1;
        } else {
            place.column += (byte & 0xc0) != 0x80;
        }
    }
    place.offset = from.offset < offset ? offset : from.offset;
    return place;
}
