/* SPDX-License-Identifier: PostgreSQL */
/*
 * From lines to statements. The lexer says where a statement ends; this file keeps
 * count of lines and columns, takes COPY data and \restrict lines out of the way,
 * follows standard_conforming_strings as psql is told it by the server, and names
 * what is still open when the text ends.
 *
 * A ROLLBACK TO does not bring back the setting that its savepoint had: each
 * statement says by `standard_strings` what was assumed, and whoever runs it can
 * compare that with what the server reports.
 */
#include "cutter.h"
#include "words.h"

#include <stdint.h>

void cutter_init(struct sql_cutter *cutter, const struct sql_settings *settings,
                 sql_receiver receiver, void *context)
{
    *cutter = (struct sql_cutter){.receiver = receiver, .context = context, .line = 1};
    if (settings != NULL) {
        cutter->settings = *settings;
    }
    cutter->strings_on = !cutter->settings.strings_escape;
    cutter->strings_session = cutter->strings_on;
}

void cutter_release(struct sql_cutter *cutter)
{
    lexer_release(&cutter->lexer);
    strbuf_release(&cutter->window);
    strbuf_release(&cutter->restrict_key);
    *cutter = (struct sql_cutter){0};
}

/* ------------------------------------------------------------------ places */

/* Column of a byte of the line at hand; remembers how far it counted. */
static int column_at(struct sql_cutter *cutter, size_t position)
{
    if (position < cutter->counted_bytes) {
        cutter->counted_bytes = 0;
        cutter->counted_characters = 0;
    }
    for (size_t i = cutter->counted_bytes; i < position; i++) {
        cutter->counted_characters += ((unsigned char)cutter->lexer.at[i] & 0xc0) != 0x80;
    }
    cutter->counted_bytes = position;
    return cutter->counted_characters + 1;
}

/* A mark on the line at hand learns its column; older ones have it already. */
static struct sql_place settle(struct sql_cutter *cutter, struct lexer_mark *mark)
{
    if (mark->line == cutter->lexer.line && mark->column == 0) {
        mark->column = column_at(cutter, mark->offset - cutter->lexer.base);
    }
    return (struct sql_place){mark->offset, mark->line, mark->column};
}

static void settle_all(struct sql_cutter *cutter)
{
    struct lexer *lexer = &cutter->lexer;
    if (lexer->open) {
        settle(cutter, &lexer->start);
    }
    if (lexer->has_head) {
        settle(cutter, &lexer->head);
    }
    if (lexer_in_literal(lexer)) {
        settle(cutter, &lexer->quote);
    }
    if (lexer->paren_depth > 0) {
        settle(cutter, &lexer->paren);
    }
    if (lexer->begin_depth > 0) {
        settle(cutter, &lexer->begin);
    }
}

static struct sql_place place_here(struct sql_cutter *cutter, size_t position)
{
    return (struct sql_place){cutter->lexer.base + position, cutter->lexer.line,
                              column_at(cutter, position)};
}

/* ----------------------------------------------- standard_conforming_strings */

static void follow_transaction(struct sql_cutter *cutter)
{
    switch (cutter->statement.control) {
    case SQL_CONTROL_BEGIN:
        if (!cutter->in_transaction) {
            cutter->strings_before = cutter->strings_session;
            cutter->in_transaction = true;
        }
        break;
    case SQL_CONTROL_COMMIT:
    case SQL_CONTROL_PREPARE:
        cutter->strings_on = cutter->strings_session;
        cutter->strings_before = cutter->strings_session;
        cutter->in_transaction = cutter->in_transaction && cutter->statement.chain;
        break;
    case SQL_CONTROL_ROLLBACK:
        if (cutter->in_transaction) {
            cutter->strings_session = cutter->strings_before;
            cutter->strings_on = cutter->strings_before;
        }
        cutter->in_transaction = cutter->in_transaction && cutter->statement.chain;
        break;
    case SQL_CONTROL_NONE:
    case SQL_CONTROL_SAVEPOINT:
    case SQL_CONTROL_RELEASE:
    case SQL_CONTROL_ROLLBACK_TO:
    case SQL_CONTROL_COMMIT_PREPARED:
    case SQL_CONTROL_ROLLBACK_PREPARED:
    case SQL_CONTROL_SET:
    case SQL_CONTROL__COUNT:
        break;
    }
}

static void follow_strings(struct sql_cutter *cutter, struct str text)
{
    bool local = false;
    enum strings_change change =
        words_strings_change(text, cutter->statement.standard_strings, &local);
    follow_transaction(cutter);
    if (change == STRINGS_SAME || (local && !cutter->in_transaction)) {
        return;
    }
    cutter->strings_on =
        change == STRINGS_DEFAULT ? !cutter->settings.strings_escape : change == STRINGS_ON;
    if (!local) {
        cutter->strings_session = cutter->strings_on;
    }
    cutter->strings_changed = true;
}

/* ------------------------------------------------------------ handing over */

static bool hand_over(struct sql_cutter *cutter, enum sql_piece_kind kind, struct str text,
                      size_t offset, struct sql_trouble *trouble)
{
    struct sql_piece piece = {kind, text, offset, &cutter->statement};
    if (!cutter->receiver(cutter->context, &piece)) {
        return trouble_set(trouble, SQL_TROUBLE_STOPPED,
                           (struct sql_place){offset, cutter->lexer.line, 1}, text);
    }
    return true;
}

/* Hands over the statement whose bytes are `text`. */
static bool hand_statement(struct sql_cutter *cutter, struct str text,
                           struct sql_trouble *trouble)
{
    struct lexer *lexer = &cutter->lexer;
    struct sql_place start = settle(cutter, &lexer->start);
    cutter->statement = (struct sql_statement){
        .offset = start.offset,
        .length = text.len,
        .line = start.line,
        .column = start.column,
        .head = lexer->has_head ? settle(cutter, &lexer->head) : start,
        .empty = !lexer->has_head,
        .standard_strings = lexer->strings_on,
        .backslash_string = lexer->backslash_string,
        .tag = "",
    };
    lexer_next_statement(lexer);
    if (cutter->statement.empty) {
        return !cutter->settings.keep_empty ||
               hand_over(cutter, SQL_PIECE_STATEMENT, text, start.offset, trouble);
    }
    struct str words = str_slice(text, cutter->statement.head.offset - start.offset, text.len);
    words_classify(words, &cutter->statement);
    follow_strings(cutter, words);
    return hand_over(cutter, SQL_PIECE_STATEMENT, text, start.offset, trouble);
}

/* ------------------------------------------------------ backslash commands */

/* The command at the backslash: up to white space or the next backslash. */
static struct str command_at(const struct lexer *lexer)
{
    size_t end = lexer->position + 1;
    while (end < lexer->length && (unsigned char)lexer->at[end] > ' ' &&
           lexer->at[end] != '\\') {
        end++;
        if (lexer->at[end - 1] == ';' || lexer->at[end - 1] == ':') {
            break;
        }
    }
    return (struct str){lexer->at + lexer->position, end - lexer->position};
}

static bool is_key(struct str key)
{
    for (size_t i = 0; i < key.len; i++) {
        char byte = key.ptr[i];
        if (!((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
              (byte >= 'A' && byte <= 'Z'))) {
            return false;
        }
    }
    return key.len > 0;
}

/* \restrict KEY and \unrestrict KEY between statements, alone on their line. */
static bool drop_restrict(struct sql_cutter *cutter, struct str command)
{
    struct lexer *lexer = &cutter->lexer;
    size_t behind = lexer->position + command.len;
    struct str key = str_trim((struct str){lexer->at + behind, lexer->length - behind});
    struct str open_key = strbuf_str(&cutter->restrict_key);
    if (lexer->open || !is_key(key)) {
        return false;
    }
    if (str_eq(command, "\\restrict") && open_key.len == 0) {
        strbuf_add(&cutter->restrict_key, key);
    } else if (str_eq(command, "\\unrestrict") && str_is(open_key, key)) {
        strbuf_clear(&cutter->restrict_key);
    } else {
        return false;
    }
    cutter->restrict_lines++;
    lexer->position = lexer->length;
    return true;
}

/* ------------------------------------------------------------------- lines */

/* First byte of the line that is zero or no UTF-8; the line's length when all is well. */
static size_t bad_byte_at(struct str line)
{
    static const uint64_t ones = UINT64_C(0x0101010101010101);
    static const uint64_t highs = UINT64_C(0x8080808080808080);
    size_t at = 0;
    while (at < line.len) {
        uint64_t eight;
        if (line.len - at >= sizeof eight) {
            memcpy(&eight, line.ptr + at, sizeof eight);
            if (((eight | (eight - ones)) & highs) == 0) {
                at += sizeof eight;
                continue;
            }
        }
        uint32_t code_point;
        size_t length = (unsigned char)line.ptr[at] < 0x80 && line.ptr[at] != '\0'
                            ? 1
                            : utf8_next(str_slice(line, at, line.len), &code_point);
        if (length == 0 || line.ptr[at] == '\0') {
            break;
        }
        at += length;
    }
    return at;
}

static bool line_is_text(struct sql_cutter *cutter, struct str line,
                         struct sql_trouble *trouble)
{
    size_t bad = bad_byte_at(line);
    if (bad == line.len) {
        return true;
    }
    enum sql_trouble_kind kind = line.ptr[bad] == '\0' ? SQL_TROUBLE_NUL : SQL_TROUBLE_UTF8;
    return trouble_set(trouble, kind, place_here(cutter, bad), STR(""));
}

/* Behind COPY ... FROM stdin; only white space and a "--" comment may stand. */
static bool begin_copy_data(struct sql_cutter *cutter, size_t line_end,
                            struct sql_trouble *trouble)
{
    struct lexer *lexer = &cutter->lexer;
    if (lexer_run(lexer) != LEXER_LINE_END || lexer->open) {
        size_t more = lexer->open ? lexer->start.offset - lexer->base : lexer->position;
        return trouble_set(trouble, SQL_TROUBLE_COPY_LINE, place_here(cutter, more), STR(""));
    }
    cutter->in_copy_data = true;
    cutter->copy_offset = line_end;
    return true;
}

/* One line of a window; `line_end` is the file offset behind its line end. */
static bool cut_line(struct sql_cutter *cutter, struct str window, size_t base, size_t line_end,
                     struct sql_trouble *trouble)
{
    struct lexer *lexer = &cutter->lexer;
    lexer->strings_on = cutter->strings_on;
    for (;;) {
        switch (lexer_run(lexer)) {
        case LEXER_LINE_END:
            settle_all(cutter);
            return true;
        case LEXER_BACKSLASH:
            if (!drop_restrict(cutter, command_at(lexer))) {
                return trouble_set(trouble, SQL_TROUBLE_BACKSLASH,
                                   place_here(cutter, lexer->position), command_at(lexer));
            }
            break;
        case LEXER_SEMICOLON: {
            size_t start = lexer->start.offset;
            size_t end = lexer->base + lexer->position;
            if (!hand_statement(cutter, str_slice(window, start - base, end - start),
                                trouble)) {
                return false;
            }
            if (cutter->statement.copy_from_stdin) {
                return begin_copy_data(cutter, line_end, trouble);
            }
            break;
        }
        }
    }
}

static bool hand_data(struct sql_cutter *cutter, struct str window, size_t base, size_t end,
                      struct sql_trouble *trouble)
{
    size_t from = cutter->copy_offset;
    cutter->copy_offset = end;
    return from == end || hand_over(cutter, SQL_PIECE_DATA,
                                    str_slice(window, from - base, end - from), from, trouble);
}

static bool copy_line(struct sql_cutter *cutter, struct str window, size_t base,
                      struct str line, struct sql_trouble *trouble)
{
    if (!str_eq(line, "\\.") && !str_eq(line, "\\.\r")) {
        return true;
    }
    size_t start = cutter->lexer.base;
    cutter->in_copy_data = false;
    return hand_data(cutter, window, base, start, trouble) &&
           hand_over(cutter, SQL_PIECE_DATA_END, STR(""), start, trouble);
}

static bool run_line(struct sql_cutter *cutter, struct str window, size_t base, struct str line,
                     size_t line_end, struct sql_trouble *trouble)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t offset = cutter->next_line;
    if (offset == 0 && str_starts(line, mark)) {
        offset = sizeof mark - 1;
        line = str_slice(line, offset, line.len);
    }
    lexer_line(&cutter->lexer, line, offset, cutter->line);
    cutter->counted_bytes = 0;
    cutter->counted_characters = 0;
    cutter->next_line = line_end;
    cutter->line++;
    if (offset == 0 && str_starts(line, "PGDMP")) {
        return trouble_set(trouble, SQL_TROUBLE_CUSTOM_DUMP, place_here(cutter, 0), STR(""));
    }
    return line_is_text(cutter, line, trouble) &&
           (cutter->in_copy_data ? copy_line(cutter, window, base, line, trouble)
                                 : cut_line(cutter, window, base, line_end, trouble));
}

/* --------------------------------------------------------------- the end */

static bool open_literal_trouble(struct sql_cutter *cutter, struct sql_trouble *trouble)
{
    enum sql_trouble_kind kind = SQL_TROUBLE_QUOTE;
    switch (cutter->lexer.state) {
    case LEXER_DOLLAR:
        kind = SQL_TROUBLE_DOLLAR;
        break;
    case LEXER_COMMENT:
        kind = SQL_TROUBLE_COMMENT;
        break;
    case LEXER_IDENTIFIER:
        kind = SQL_TROUBLE_IDENTIFIER;
        break;
    case LEXER_CODE:
    case LEXER_AFTER_QUOTE:
    case LEXER_STANDARD:
    case LEXER_ESCAPE:
    case LEXER_BITS:
        break;
    }
    return trouble_set(trouble, kind, settle(cutter, &cutter->lexer.quote),
                       strbuf_str(&cutter->lexer.tag));
}

static struct str trim_end(struct str text)
{
    while (text.len > 0 && strchr(" \t\r\n\f", text.ptr[text.len - 1]) != NULL) {
        text.len--;
    }
    return text;
}

static bool finish(struct sql_cutter *cutter, struct str window, size_t base,
                   struct sql_trouble *trouble)
{
    struct lexer *lexer = &cutter->lexer;
    if (cutter->in_copy_data) {
        return trouble_set(trouble, SQL_TROUBLE_COPY_DATA, cutter->statement.head, STR(""));
    }
    if (lexer_in_literal(lexer)) {
        return open_literal_trouble(cutter, trouble);
    }
    if (lexer->begin_depth > 0) {
        return trouble_set(trouble, SQL_TROUBLE_BEGIN_ATOMIC, settle(cutter, &lexer->begin),
                           STR(""));
    }
    if (lexer->paren_depth > 0) {
        return trouble_set(trouble, SQL_TROUBLE_PARENTHESIS, settle(cutter, &lexer->paren),
                           STR(""));
    }
    if (!lexer->open) {
        return true;
    }
    struct str rest = str_slice(window, lexer->start.offset - base, window.len);
    if (!hand_statement(cutter, trim_end(rest), trouble)) {
        return false;
    }
    if (cutter->statement.copy_from_stdin) {
        return trouble_set(trouble, SQL_TROUBLE_COPY_DATA, cutter->statement.head, STR(""));
    }
    return true;
}

bool cutter_run(struct sql_cutter *cutter, struct str window, size_t base, bool final,
                struct sql_trouble *trouble)
{
    size_t end = base + window.len;
    while (cutter->next_line < end) {
        size_t from = cutter->next_line - base;
        size_t known = cutter->searched > cutter->next_line ? cutter->searched - base : from;
        size_t newline = str_find_byte(window, '\n', known);
        if (newline == window.len && !final) {
            cutter->searched = end;
            break;
        }
        struct str line = str_slice(window, from, newline - from);
        size_t line_end = base + newline + (newline < window.len);
        if (!run_line(cutter, window, base, line, line_end, trouble)) {
            return false;
        }
    }
    if (cutter->in_copy_data && !hand_data(cutter, window, base, cutter->next_line, trouble)) {
        return false;
    }
    return !final || finish(cutter, window, base, trouble);
}
