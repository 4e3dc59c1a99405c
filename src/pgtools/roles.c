/* SPDX-License-Identifier: PostgreSQL */
/*
 * Role names that a schema dump refers to. A dump of one database has no roles in it,
 * so a scratch server needs them before it can take the dump: as owners, grantees,
 * members of policies.
 *
 * The text is cut into tokens as the server's lexer does (comments, strings, dollar
 * quotes, quoted names), so that a function's body or a comment that talks about GRANT
 * names nobody. Statements are then looked at one by one, by the words that stand
 * before a role.
 */
#include "pgtools.h"

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,   /* unquoted, folded to lower case */
    TOKEN_NAME,   /* quoted */
    TOKEN_STRING, /* 'text' */
    TOKEN_MARK,   /* one byte of punctuation */
};
struct token {
    enum token_kind kind;
    struct str text;
};
struct lexer {
    struct str text;
    size_t at;
    struct arena *arena;
};

static bool is_word_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '$' ||
           (unsigned char)byte >= 0x80;
}

static char byte_at(const struct lexer *lexer, size_t offset)
{
    size_t at = lexer->at + offset;
    return at < lexer->text.len ? lexer->text.ptr[at] : '\0';
}

/* White space, -- to the end of the line, and nested block comments. */
static void skip_blanks(struct lexer *lexer)
{
    while (lexer->at < lexer->text.len) {
        char byte = byte_at(lexer, 0);
        if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') {
            lexer->at++;
        } else if (byte == '-' && byte_at(lexer, 1) == '-') {
            lexer->at = str_find_byte(lexer->text, '\n', lexer->at);
        } else if (byte == '/' && byte_at(lexer, 1) == '*') {
            int depth = 0;
            do {
                bool opens = byte_at(lexer, 0) == '/' && byte_at(lexer, 1) == '*';
                bool ends = byte_at(lexer, 0) == '*' && byte_at(lexer, 1) == '/';
                depth += opens ? 1 : ends ? -1 : 0;
                lexer->at += opens || ends ? 2 : 1;
            } while (depth > 0 && lexer->at < lexer->text.len);
        } else {
            return;
        }
    }
}

/* Text up to the closing quote; doubled quotes stand for one. `escapes`: backslash, too. */
static struct str quoted(struct lexer *lexer, char quote, bool escapes)
{
    struct strbuf text = {0};
    lexer->at++;
    while (lexer->at < lexer->text.len) {
        char byte = lexer->text.ptr[lexer->at++];
        if (byte == '\\' && escapes && lexer->at < lexer->text.len) {
            byte = lexer->text.ptr[lexer->at++];
        } else if (byte == quote) {
            if (byte_at(lexer, 0) != quote) {
                break;
            }
            lexer->at++;
        }
        strbuf_byte(&text, byte);
    }
    struct str copy = str_dup(lexer->arena, strbuf_str(&text));
    strbuf_release(&text);
    return copy;
}

/* Is there a dollar quote here? Then skips it whole. */
static bool skip_dollar_quote(struct lexer *lexer)
{
    size_t end = lexer->at + 1;
    while (end < lexer->text.len && is_word_byte(lexer->text.ptr[end]) &&
           lexer->text.ptr[end] != '$') {
        end++;
    }
    if (end >= lexer->text.len || lexer->text.ptr[end] != '$') {
        return false;
    }
    struct str tag = str_slice(lexer->text, lexer->at, end + 1 - lexer->at);
    size_t at = end + 1;
    for (;;) {
        at = str_find_byte(lexer->text, '$', at);
        if (at == lexer->text.len) {
            break;
        }
        if (str_is(str_slice(lexer->text, at, tag.len), tag)) {
            at += tag.len;
            break;
        }
        at++;
    }
    lexer->at = at;
    return true;
}

static struct str folded(struct lexer *lexer, struct str word)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < word.len; i++) {
        char byte = word.ptr[i];
        strbuf_byte(&text, byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte);
    }
    struct str copy = str_dup(lexer->arena, strbuf_str(&text));
    strbuf_release(&text);
    return copy;
}

static struct token next_token(struct lexer *lexer)
{
    skip_blanks(lexer);
    if (lexer->at >= lexer->text.len) {
        return (struct token){.kind = TOKEN_END};
    }
    char byte = byte_at(lexer, 0);
    if (byte == '"') {
        return (struct token){.kind = TOKEN_NAME, .text = quoted(lexer, '"', false)};
    }
    if (byte == '\'') {
        return (struct token){.kind = TOKEN_STRING, .text = quoted(lexer, '\'', false)};
    }
    if ((byte == 'E' || byte == 'e') && byte_at(lexer, 1) == '\'') {
        lexer->at++;
        return (struct token){.kind = TOKEN_STRING, .text = quoted(lexer, '\'', true)};
    }
    if (byte == '$' && skip_dollar_quote(lexer)) {
        return (struct token){.kind = TOKEN_STRING};
    }
    if (is_word_byte(byte)) {
        size_t from = lexer->at;
        while (is_word_byte(byte_at(lexer, 0))) {
            lexer->at++;
        }
        struct str word = str_slice(lexer->text, from, lexer->at - from);
        return (struct token){.kind = TOKEN_WORD, .text = folded(lexer, word)};
    }
    struct str mark = str_slice(lexer->text, lexer->at++, 1);
    return (struct token){.kind = TOKEN_MARK, .text = mark};
}

/* ------------------------------------------------------------------ statements */

static bool is_word(const struct token *token, const char *word)
{
    return token->kind == TOKEN_WORD && str_eq(token->text, word);
}

/* Words that stand where a role stands and name none. */
static bool names_role(const struct token *token)
{
    static const char *const pseudo[] = {
        "public", "current_user", "session_user", "current_role", "user", "default", "none"};
    if (token->kind != TOKEN_WORD) {
        return token->kind == TOKEN_NAME || token->kind == TOKEN_STRING;
    }
    for (size_t i = 0; i < COUNT_OF(pseudo); i++) {
        if (is_word(token, pseudo[i])) {
            return false;
        }
    }
    return true;
}

static void add_role(struct pgtools_names *roles, struct str name)
{
    if (name.len == 0) {
        return;
    }
    for (size_t i = 0; i < roles->count; i++) {
        if (str_is(roles->items[i], name)) {
            return;
        }
    }
    *ARRAY_PUSH(roles->items, roles->count, roles->capacity) = name;
}

/* role [, role ...] from `at` on. "GROUP role" is the old spelling of the same. */
static void add_list(struct pgtools_names *roles, const struct token *tokens, size_t count,
                     size_t at)
{
    for (bool more = true; more && at < count; at++) {
        at += is_word(&tokens[at], "group") && at + 1 < count &&
              (tokens[at + 1].kind == TOKEN_WORD || tokens[at + 1].kind == TOKEN_NAME);
        if (names_role(&tokens[at])) {
            add_role(roles, tokens[at].text);
        }
        at++;
        more = at < count && tokens[at].kind == TOKEN_MARK && str_eq(tokens[at].text, ",");
    }
}

/*
 * statement: its first word. words: what stands right before the role or roles, anywhere
 * in the statement outside of parentheses.
 */
static const struct {
    const char *statement;
    const char *words[2];
} places[] = {
    {"alter", {"owner", "to"}},       {"alter", {"for", "role"}},
    {"alter", {"for", "user"}},       {"alter", {NULL, "to"}}, /* default privileges: GRANT */
    {"alter", {"granted", "by"}},     {"grant", {NULL, "to"}},
    {"grant", {"granted", "by"}},     {"revoke", {NULL, "from"}},
    {"revoke", {"granted", "by"}},    {"create", {"authorization", NULL}},
    {"set", {"authorization", NULL}}, {"set", {"set", "role"}},
};

/* Statements where a bare TO means something else than a role. */
static bool bare_to_counts(const struct token *tokens, size_t count)
{
    return !is_word(&tokens[0], "alter") ||
           (count > 2 && is_word(&tokens[1], "default") && is_word(&tokens[2], "privileges"));
}

static void take_policy(struct pgtools_names *roles, const struct token *tokens, size_t count)
{
    for (size_t i = 4; i < count; i++) {
        /* CREATE POLICY name ON table [AS ...] [FOR ...] [TO roles] [USING (...)] */
        if (is_word(&tokens[i], "using") || is_word(&tokens[i], "with")) {
            return;
        }
        if (is_word(&tokens[i], "to")) {
            add_list(roles, tokens, count, i + 1);
            return;
        }
    }
}

static bool ends_with(const struct token *tokens, size_t at, const char *const words[2])
{
    if (!words[1]) {
        return is_word(&tokens[at], words[0]);
    }
    return is_word(&tokens[at], words[1]) &&
           (!words[0] || (at > 0 && is_word(&tokens[at - 1], words[0])));
}

static void take_statement(struct pgtools_names *roles, const struct token *tokens,
                           size_t count)
{
    if (count < 3) {
        return;
    }
    if (is_word(&tokens[0], "create") && is_word(&tokens[1], "policy")) {
        take_policy(roles, tokens, count);
        return;
    }
    if (is_word(&tokens[0], "create") && is_word(&tokens[1], "user") &&
        is_word(&tokens[2], "mapping")) {
        for (size_t i = 3; i + 1 < count; i++) {
            if (is_word(&tokens[i], "for")) {
                add_list(roles, tokens, count, i + 1);
            }
        }
        return;
    }
    if (is_word(&tokens[0], "create") && !is_word(&tokens[1], "schema")) {
        return;
    }
    int depth = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        if (tokens[i].kind == TOKEN_MARK) {
            depth += str_eq(tokens[i].text, "(") ? 1 : str_eq(tokens[i].text, ")") ? -1 : 0;
        }
        for (size_t j = 0; j < COUNT_OF(places) && depth == 0; j++) {
            bool bare_to = !places[j].words[0];
            if (is_word(&tokens[0], places[j].statement) &&
                ends_with(tokens, i, places[j].words) &&
                (!bare_to || bare_to_counts(tokens, count))) {
                add_list(roles, tokens, count, i + 1);
            }
        }
    }
}

static int compare_names(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

void pgtools_roles_read(struct pgtools_names *roles, struct arena *arena, struct str schema_sql)
{
    struct arena words = {0}; /* tokens of one statement die with it */
    struct lexer lexer = {.text = schema_sql, .arena = &words};
    struct token *tokens = NULL;
    size_t count = 0;
    size_t capacity = 0;
    struct pgtools_names found = {0};
    struct pgtools_names kept = {0};
    bool more = true;
    while (more) {
        struct token token = next_token(&lexer);
        more = token.kind != TOKEN_END;
        if (more && !(token.kind == TOKEN_MARK && str_eq(token.text, ";"))) {
            *ARRAY_PUSH(tokens, count, capacity) = token;
            continue;
        }
        take_statement(&found, tokens, count);
        for (size_t i = 0; i < found.count; i++) {
            size_t before = kept.count;
            add_role(&kept, found.items[i]);
            if (kept.count > before) {
                kept.items[before] = str_dup(arena, found.items[i]);
            }
        }
        found.count = 0;
        count = 0;
        arena_clear(&words);
    }
    *roles = (struct pgtools_names){.items = arena_array(arena, kept.count, sizeof(struct str)),
                                    .count = kept.count,
                                    .capacity = kept.count};
    if (kept.count > 0) {
        memcpy(roles->items, kept.items, kept.count * sizeof(struct str));
        qsort(roles->items, roles->count, sizeof(struct str), compare_names);
    }
    free(tokens);
    free(found.items);
    free(kept.items);
    arena_release(&words);
}
