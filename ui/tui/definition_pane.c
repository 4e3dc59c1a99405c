/* SPDX-License-Identifier: PostgreSQL */
/*
 * What an object is, or was: its definition before and now, the words that differ underlined.
 * Of a table that is gone or new the snapshot has everything that stood on it: columns,
 * keys, checks, indexes, policies, triggers.
 */
#include "review_parts.h"

#include <string.h>

enum {
    HEAD = 1,
    BODY = 3,
    NAME_COLUMNS = 22,
    WORDS_MAX = 400, /* beyond that the texts are shown without marks */
};

/* ------------------------------------------------------------------ in the snapshot */

static const struct catalog_member *find_member(const struct catalog_snapshot *snapshot,
                                                const struct run *run,
                                                const struct event_change *change,
                                                struct arena *arena)
{
    const struct plan_texts *schemas = &run->plan->state.schemas;
    struct str home = schemas->count > 0 ? schemas->items[0] : STR("public");
    enum count_kind kind;
    size_t count = 0;
    bool known = snapshot && catalog_count_kind(change->what, &kind);
    const struct catalog_member *members =
        known ? catalog_members_of(snapshot, kind, &count) : NULL;
    for (size_t i = 0; i < count; i++) {
        if (str_is(catalog_member_label(arena, &members[i], home), change->name)) {
            return &members[i];
        }
    }
    return NULL;
}

static bool stands_on(const struct catalog_member *member, const struct catalog_member *table)
{
    return member->table.len > 0 && str_is(member->schema, table->schema) &&
           str_is(member->table, table->name);
}

static void add_column(struct pane *pane, const struct catalog_member *column)
{
    bool fits = str_width(column->name) < NAME_COLUMNS;
    if (!fits) {
        line_fit(pane_line(pane), BODY, pane->width - BODY - 1, STYLE_BOLD, column->name);
    }
    size_t first = pane->count;
    pane_text(pane, BODY + NAME_COLUMNS, STYLE_NORMAL, column->definition);
    if (fits && first < pane->count) {
        line_fit(&pane->lines[first], BODY, NAME_COLUMNS - 1, STYLE_BOLD, column->name);
    }
}

/* "title          text not null", in the table's order. */
static void add_columns(struct pane *pane, const struct catalog_snapshot *snapshot,
                        const struct catalog_member *table)
{
    size_t count = 0;
    const struct catalog_member *columns = catalog_members_of(snapshot, COUNT_COLUMNS, &count);
    bool found = true;
    for (int64_t position = 1; found; position++) {
        found = false;
        for (size_t i = 0; i < count && !found; i++) {
            if (columns[i].position != position || !stands_on(&columns[i], table)) {
                continue;
            }
            found = true;
            add_column(pane, &columns[i]);
        }
    }
}

/* Whatever else stands on it, kind by kind. */
static void add_parts(struct pane *pane, const struct catalog_snapshot *snapshot,
                      const struct catalog_member *table)
{
    for (int kind = 0; kind < COUNT__COUNT; kind++) {
        size_t count = 0;
        const struct catalog_member *members =
            kind == COUNT_COLUMNS ? NULL
                                  : catalog_members_of(snapshot, (enum count_kind)kind, &count);
        bool headed = false;
        for (size_t i = 0; i < count; i++) {
            if (!stands_on(&members[i], table)) {
                continue;
            }
            if (!headed) {
                line_at(pane_line(pane), HEAD, STYLE_DIM, "%s",
                        catalog_count_infos[kind].title);
                headed = true;
            }
            line_fit(pane_line(pane), BODY, pane->width - BODY - 1, STYLE_BOLD,
                     members[i].name);
            pane_text(pane, BODY + 2, STYLE_NORMAL, members[i].definition);
        }
    }
}

/* "enabled, forced": whether its rows are secured; nothing when they are not. */
static void add_row_security(struct pane *pane, const struct catalog_snapshot *snapshot,
                             const struct catalog_member *table)
{
    size_t count = 0;
    const struct catalog_member *secured =
        catalog_members_of(snapshot, COUNT_TABLES_WITH_RLS, &count);
    for (size_t i = 0; i < count; i++) {
        if (str_is(secured[i].schema, table->schema) && str_is(secured[i].name, table->name)) {
            line_at(pane_line(pane), BODY, STYLE_NORMAL, "row level security %.*s",
                    STR_ARG(secured[i].definition));
        }
    }
}

void part_member(struct pane *pane, const struct catalog_snapshot *snapshot,
                 const struct catalog_member *member)
{
    pane_text(pane, BODY, STYLE_NORMAL, member->definition);
    if (member->kind == COUNT_TABLES) {
        add_row_security(pane, snapshot, member);
        add_columns(pane, snapshot, member);
        add_parts(pane, snapshot, member);
    }
}

/* --------------------------------------------------------------- before and now */

struct words {
    struct str items[WORDS_MAX];
    size_t count;
    bool common[WORDS_MAX]; /* it stands in the other text, too, in the same order */
};

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t';
}

/* False: there are too many. A bracket or a comma ends a word, so that lists compare well. */
static bool cut_words(struct words *words, struct str text)
{
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        while (at < text.len && !is_blank(text.ptr[at]) && !strchr("(),", text.ptr[at])) {
            at++;
        }
        at += at == from; /* a sign or a blank by itself */
        if (is_blank(text.ptr[from])) {
            continue;
        }
        if (words->count == WORDS_MAX) {
            return false;
        }
        words->items[words->count++] = str_slice(text, from, at - from);
    }
    return true;
}

/* The longest common subsequence of both, as in any comparison of texts. */
static void find_common(struct words *old, struct words *new, struct arena *arena)
{
    size_t wide = new->count + 1;
    uint16_t *longest = arena_array(arena, (old->count + 1) * wide, sizeof(*longest));
    memset(longest, 0, (old->count + 1) * wide * sizeof(*longest));
    for (size_t i = old->count; i-- > 0;) {
        for (size_t k = new->count; k-- > 0;) {
            uint16_t below = longest[(i + 1) * wide + k];
            uint16_t beside = longest[i * wide + k + 1];
            longest[i * wide + k] = str_is(old->items[i], new->items[k])
                                        ? (uint16_t)(longest[(i + 1) * wide + k + 1] + 1)
                                        : (below > beside ? below : beside);
        }
    }
    for (size_t i = 0, k = 0; i < old->count && k < new->count;) {
        if (str_is(old->items[i], new->items[k])) {
            old->common[i++] = new->common[k++] = true;
        } else if (longest[(i + 1) * wide + k] >= longest[i * wide + k + 1]) {
            i++;
        } else {
            k++;
        }
    }
}

static void put_words(struct pane *pane, struct str text, const struct words *words)
{
    char *flags = arena_array(&pane->page->arena, text.len + 1, 1);
    memset(flags, '0', text.len + 1);
    for (size_t i = 0; i < words->count; i++) {
        size_t at = (size_t)(words->items[i].ptr - text.ptr);
        memset(flags + at, words->common[i] ? '0' : '1', words->items[i].len);
    }
    part_marked(pane, BODY, text, flags);
}

static struct str clean(struct arena *arena, struct str text)
{
    struct strbuf out = {0};
    sanitise(&out, text, SANITISE_LINES);
    struct str copy = str_dup(arena, strbuf_str(&out));
    strbuf_release(&out);
    return copy;
}

static void add_both(struct pane *pane, const struct event_change *change)
{
    struct arena *arena = &pane->page->arena;
    struct str before = clean(arena, change->old_definition);
    struct str now = clean(arena, change->new_definition);
    struct words *old = arena_alloc(arena, sizeof(*old));
    struct words *new = arena_alloc(arena, sizeof(*new));
    *old = *new = (struct words){0};
    if (cut_words(old, before) && cut_words(new, now)) {
        find_common(old, new, arena);
    } else {
        old->count = new->count = 0;
    }
    line_at(pane_line(pane), HEAD, STYLE_DIM, "before");
    put_words(pane, before, old);
    line_at(pane_line(pane), HEAD, STYLE_DIM, "now");
    put_words(pane, now, new);
}

void part_definition(struct pane *pane, const struct run *run, const struct ui *ui,
                     enum moment moment, const struct event_change *change)
{
    line_fit(pane_line(pane), HEAD, pane->width - 2, STYLE_BOLD, change->name);
    if (change->old_definition.len > 0 && change->new_definition.len > 0) {
        add_both(pane, change);
        return;
    }
    bool gone = change->kind == CHANGE_GONE;
    moment = gone ? MOMENT_BEFORE : moment;
    const struct catalog_snapshot *snapshot =
        ui->sources.members ? ui->sources.members(ui->sources.ctx, moment) : NULL;
    const struct catalog_member *member =
        find_member(snapshot, run, change, &pane->page->arena);
    struct str told = gone ? change->old_definition : change->new_definition;
    line_at(pane_line(pane), HEAD, STYLE_DIM, "%s",
            gone ? "before; it is gone" : "now; it is new");
    if (member) {
        part_member(pane, snapshot, member);
    } else if (told.len > 0) {
        pane_text(pane, BODY, STYLE_NORMAL, told);
    } else {
        line_at(pane_line(pane), BODY, STYLE_UNKNOWN, "?? the snapshot is not at hand");
    }
}
