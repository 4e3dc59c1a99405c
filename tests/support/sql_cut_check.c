/* SPDX-License-Identifier: PostgreSQL */
/*
 * What must hold of the cut of any bytes: statements in order and inside of the
 * text, trouble exactly when the cut says no, and the form for chunks hears the
 * same statements as the form for whole texts. The first byte chooses the settings
 * and the size of the chunks.
 */
#include "sql_cut_check.h"

#include "sql.h"

struct follower {
    const struct sql_script *script;
    size_t heard;
    bool same;
};

static bool follow(void *context, const struct sql_piece *piece)
{
    struct follower *follower = context;
    if (piece->kind == SQL_PIECE_STATEMENT) {
        size_t index = follower->heard++;
        follower->same = follower->same && index < follower->script->count &&
                         piece->offset == follower->script->statements[index].offset &&
                         str_is(piece->text, sql_statement_text(follower->script, index));
    }
    return follower->same;
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
        if (statement->data_line != 0) {
            if (statement->data_offset < at) {
                return false;
            }
            at = statement->data_offset + statement->data_length;
        }
    }
    return at <= script->text.len;
}

static bool agrees_by_chunks(struct str text, const struct sql_settings *settings, size_t size,
                             const struct sql_script *script, bool whole)
{
    struct follower follower = {script, 0, true};
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
    bool good = is_ordered(&script) && whole == (trouble.kind == SQL_TROUBLE_NONE) &&
                agrees_by_chunks(text, &settings, 1 + (size_t)(choice >> 2), &script, whole);
    arena_release(&arena);
    return good;
}
