/* SPDX-License-Identifier: PostgreSQL */
/*
 * What must hold of the cut of any bytes: statements in order and inside of the
 * text, no word between them, trouble exactly when the cut says no, and the form for
 * chunks hears the same statements and the same COPY data as the form for whole texts.
 * The first byte chooses the settings and the size of the chunks.
 */
#include "sql_cut_check.h"

#include "sql.h"

struct follower {
    const struct sql_script *script;
    size_t heard;
    size_t data; /* bytes of COPY data heard for the last statement */
    bool whole;  /* the text can be cut to its end: only then are data all there */
    bool same;
};

/* A slice of COPY data follows the one before. */
static bool is_next_data(struct follower *follower, const struct sql_piece *piece)
{
    const struct sql_script *script = follower->script;
    if (follower->heard == 0 || follower->heard > script->count) {
        return false;
    }
    struct str data = sql_statement_data(script, follower->heard - 1);
    const struct sql_copy_data *place = script->statements[follower->heard - 1].data;
    size_t offset = (place ? place->offset : 0) + follower->data;
    struct str slice = str_slice(data, follower->data, piece->text.len);
    follower->data += piece->text.len;
    return piece->offset == offset && str_is(piece->text, slice) &&
           (piece->kind == SQL_PIECE_DATA || follower->data == data.len);
}

static bool follow(void *context, const struct sql_piece *piece)
{
    struct follower *follower = context;
    if (piece->kind == SQL_PIECE_STATEMENT) {
        size_t index = follower->heard++;
        follower->same = follower->same && index < follower->script->count &&
                         piece->offset == follower->script->statements[index].offset &&
                         str_is(piece->text, sql_statement_text(follower->script, index));
        follower->data = 0;
    } else {
        follower->same = follower->same && (!follower->whole || is_next_data(follower, piece));
    }
    return follower->same;
}

/* How many bytes of white space, of a comment, or of a line that psql keeps for itself stand at
 * `at` between two statements. A semicolon ends a statement without any word. */
static size_t blank_at(struct str text, size_t at)
{
    char byte = text.ptr[at];
    if (byte == '\\') {
        return str_find_byte(text, '\n', at) - at;
    }
    if (str_starts(str_slice(text, at, 2), "--")) {
        size_t newline = str_find_byte(text, '\n', at);
        size_t carriage = str_find_byte(text, '\r', at);
        return (newline < carriage ? newline : carriage) - at;
    }
    if (!str_starts(str_slice(text, at, 2), "/*")) {
        return strchr(" \t\r\n\f;", byte) != NULL && byte != '\0';
    }
    size_t end = at + 2;
    for (int depth = 1; depth > 0 && end < text.len; end++) {
        struct str two = str_slice(text, end, 2);
        int step = str_starts(two, "/*") - str_starts(two, "*/");
        depth += step;
        end += step != 0;
    }
    return end - at;
}

static bool is_gap(struct str text, size_t from, size_t end)
{
    size_t at = from;
    if (from == 0 && str_starts(text, "\xef\xbb\xbf")) {
        at = 3;
    }
    while (at < end) {
        size_t blank = blank_at(text, at);
        if (blank == 0) {
            return false;
        }
        at += blank;
    }
    return at == end;
}

/* Statements, their data and what stands between make up the text. */
static bool is_all(const struct sql_script *script)
{
    size_t at = 0;
    for (size_t i = 0; i < script->count; i++) {
        const struct sql_statement *statement = &script->statements[i];
        if (!is_gap(script->text, at, statement->offset)) {
            return false;
        }
        at = statement->offset + statement->length;
        if (statement->data != NULL) {
            if (!is_gap(script->text, at, statement->data->offset)) {
                return false;
            }
            at = statement->data->offset + statement->data->length;
        }
    }
    return is_gap(script->text, at, script->text.len);
}

static bool is_ordered(const struct sql_script *script)
{
    size_t at = 0;
    for (size_t i = 0; i < script->count; i++) {
        const struct sql_statement *statement = &script->statements[i];
        if (statement->offset < at || statement->length == 0 ||
            statement->head.offset < statement->offset) {
            return false;
        }
        at = statement->offset + statement->length;
        if (statement->data != NULL) {
            if (statement->data->offset < at) {
                return false;
            }
            at = statement->data->offset + statement->data->length;
        }
    }
    return at <= script->text.len;
}

static bool agrees_by_chunks(struct str text, const struct sql_settings *settings, size_t size,
                             const struct sql_script *script, bool whole)
{
    struct follower follower = {.script = script, .whole = whole, .same = true};
    struct sql_trouble trouble;
    struct sql_cutter *cutter = sql_cutter_new(settings, follow, &follower);
    bool good = true;
    for (size_t at = 0; good && at < text.len; at += size) {
        good = sql_cutter_feed(cutter, str_slice(text, at, size), &trouble);
    }
    good = good && sql_cutter_end(cutter, &trouble);
    sql_cutter_free(cutter);
    return follower.same && good == whole && follower.heard == script->count;
}

bool sql_cut_check(struct str bytes)
{
    if (bytes.len == 0) {
        return true;
    }
    unsigned char choice = (unsigned char)bytes.ptr[0];
    struct sql_settings settings = {(choice & 1) != 0, (choice & 2) != 0};
    struct str text = str_slice(bytes, 1, bytes.len);
    struct arena arena = {0};
    struct sql_script script;
    struct sql_trouble trouble;
    bool whole = sql_cut(text, &settings, &arena, &script, &trouble);
    bool good = is_ordered(&script) && (!whole || is_all(&script)) &&
                whole == (trouble.kind == SQL_TROUBLE_NONE) &&
                agrees_by_chunks(text, &settings, 1 + (size_t)(choice >> 2), &script, whole);
    arena_release(&arena);
    return good;
}
