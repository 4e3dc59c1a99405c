/* SPDX-License-Identifier: PostgreSQL */
/*
 * Building a page: panes, lines, spans. Foreign text is made harmless here and nowhere
 * later, so no screen can forget it.
 */
#include "front.h"
#include "page.h"

#include <stdio.h>
#include <string.h>

bool subject_same(struct subject a, struct subject b)
{
    return a.kind == b.kind && a.a == b.a && a.b == b.b;
}

void page_begin(struct page *page, const struct glyphs *glyphs, int columns, int rows)
{
    for (size_t i = 0; i < page->count; i++) {
        page->panes[i].lines = NULL;
    }
    arena_clear(&page->arena);
    page->glyphs = glyphs;
    page->columns = columns;
    page->rows = rows;
    page->wide = columns >= WIDE_COLUMNS && rows >= WIDE_ROWS;
    page->whole = PANE__COUNT;
    page->count = 0;
}

void page_release(struct page *page)
{
    arena_release(&page->arena);
    *page = (struct page){0};
}

void page_move(struct page *to, struct page *from)
{
    page_release(to);
    *to = *from;
    *from = (struct page){0};
    for (size_t i = 0; i < to->count; i++) {
        struct pane *pane = &to->panes[i];
        pane->page = to;
        for (size_t k = 0; k < pane->count; k++) {
            pane->lines[k].page = to;
        }
    }
}

int page_right_columns(const struct page *page)
{
    return RIGHT_COLUMNS + (page->columns - WIDE_COLUMNS) / 2;
}

int pane_columns(const struct pane *pane, int most)
{
    return pane->width < most ? pane->width : most;
}

struct pane *page_pane(struct page *page, enum pane_id id, enum pane_place place,
                       const char *title)
{
    struct pane *pane =
        &page->panes[page->count < PANES_MAX - 1 ? page->count++ : PANES_MAX - 1];
    int width = page->columns;
    if (id == page->whole) {
        width = page->columns;
    } else if (page->wide && place == PANE_MAIN) {
        width -= page_right_columns(page) + 2;
    } else if (page->wide && place == PANE_RIGHT) {
        width = page_right_columns(page);
    }
    *pane = (struct pane){.page = page,
                          .id = id,
                          .place = place,
                          .title = str_from(title),
                          .width = width,
                          .least = 1,
                          .wanted = -1};
    return pane;
}

/* Sanitised, in the page's arena. */
static struct str clean(struct page *page, struct str text)
{
    return sanitise_line(&page->arena, text);
}

PRINTF_LIKE(2, 0)
static struct str clean_format(struct page *page, const char *format, va_list values)
{
    char text[2 * ERR_TEXT_MAX];
    (void)vsnprintf(text, sizeof(text), format, values);
    return clean(page, str_from(text));
}

void pane_note(struct pane *pane, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    pane->note = clean_format(pane->page, format, values);
    va_end(values);
}

/* Room for one more in the page's arena; the old array stays behind in it. */
static void *one_more(struct arena *arena, void *items, size_t count, size_t *capacity,
                      size_t size)
{
    if (count < *capacity) {
        return items;
    }
    size_t wanted = *capacity > 0 ? *capacity * 2 : 8;
    void *grown = arena_array(arena, wanted, size);
    if (count > 0) {
        memcpy(grown, items, count * size);
    }
    *capacity = wanted;
    return grown;
}

struct line *pane_line(struct pane *pane)
{
    pane->lines = one_more(&pane->page->arena, pane->lines, pane->count, &pane->capacity,
                           sizeof(*pane->lines));
    struct line *line = &pane->lines[pane->count++];
    *line = (struct line){.page = pane->page};
    return line;
}

struct line *pane_row(struct pane *pane, enum subject_kind kind, int64_t a, int64_t b)
{
    struct line *line = pane_line(pane);
    line->subject = (struct subject){kind, a, b};
    return line;
}

struct line *pane_head(struct pane *pane)
{
    struct line *line = pane_line(pane);
    line->pinned = true;
    return line;
}

static void add_span(struct line *line, int column, enum style style, struct str text)
{
    line->spans = one_more(&line->page->arena, line->spans, line->count, &line->capacity,
                           sizeof(*line->spans));
    line->spans[line->count++] = (struct span){column, style, 0, text, {0}};
    int end = column + str_width(text);
    line->end = end > line->end ? end : line->end;
}

void line_at(struct line *line, int column, enum style style, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    add_span(line, column, style, clean_format(line->page, format, values));
    va_end(values);
}

void line_end(struct line *line, int end, enum style style, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    struct str text = clean_format(line->page, format, values);
    va_end(values);
    int column = end - str_width(text);
    add_span(line, column > 0 ? column : 0, style, text);
}

void line_add(struct line *line, enum style style, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    add_span(line, line->end, style, clean_format(line->page, format, values));
    va_end(values);
}

void line_fit(struct line *line, int column, int width, enum style style, struct str text)
{
    struct str whole = clean(line->page, text);
    struct str cut = str_fit(whole, width);
    if (cut.len < whole.len && width > 0) {
        struct str sign = str_from(line->page->glyphs->text[GLYPH_CUT]);
        cut = str_fit(whole, width - str_width(sign));
        cut = str_format(&line->page->arena, "%.*s%.*s", STR_ARG(cut), STR_ARG(sign));
    }
    add_span(line, column, style, cut);
    if (cut.ptr != whole.ptr || cut.len < whole.len) {
        line->spans[line->count - 1].whole = whole;
    }
}

void line_glyph(struct line *line, int column, enum glyph glyph)
{
    add_span(line, column, glyph_style(glyph), str_from(line->page->glyphs->text[glyph]));
}

void line_bar(struct line *line, int column, int width, int64_t value, int64_t total,
              int64_t mark)
{
    const struct glyphs *glyphs = line->page->glyphs;
    for (int i = 0; i < width && total > 0; i++) {
        bool full = value > 0 && (int64_t)i * total < value * width;
        bool marked = mark >= 0 && (int)(mark * width / total) == i;
        enum glyph glyph = marked ? GLYPH_MARK : full ? GLYPH_FULL : GLYPH_EMPTY;
        enum style style = marked                              ? STYLE_WARN
                           : full && mark >= 0 && value > mark ? STYLE_WARN
                           : full                              ? STYLE_RUNNING
                                                               : STYLE_DIM;
        add_span(line, column + i, style, str_from(glyphs->text[glyph]));
    }
}

void line_copy(struct line *line, struct str text)
{
    struct strbuf out = {0};
    sanitise(&out, text, SANITISE_LINES);
    line->copy = str_dup(&line->page->arena, strbuf_str(&out));
    strbuf_release(&out);
}

void pane_text(struct pane *pane, int column, enum style style, struct str text)
{
    struct strbuf out = {0};
    struct strbuf lines = {0};
    sanitise(&out, text, SANITISE_LINES);
    struct str rest = strbuf_str(&out);
    struct str paragraph;
    while (str_cut(&rest, '\n', &paragraph)) {
        strbuf_clear(&lines);
        front_wrap(&lines, paragraph, pane->width - column - 1, 0);
        struct str wrapped = strbuf_str(&lines);
        struct str one;
        while (str_cut(&wrapped, '\n', &one)) {
            line_at(pane_line(pane), column, style, "%.*s", STR_ARG(one));
        }
    }
    strbuf_release(&lines);
    strbuf_release(&out);
}

void pane_beside(struct pane *pane, struct line *first, int column, enum style style,
                 struct str text)
{
    struct strbuf lines = {0};
    front_wrap(&lines, text, pane->width - column - 1, 0);
    struct str rest = strbuf_str(&lines);
    struct str one;
    for (struct line *line = first; str_cut(&rest, '\n', &one); line = NULL) {
        line_at(line ? line : pane_line(pane), column, style, "%.*s", STR_ARG(one));
    }
    strbuf_release(&lines);
}

struct str line_plain(const struct line *line, struct arena *arena)
{
    struct strbuf out = {0};
    for (size_t i = 0; i < line->count; i++) {
        const struct span *span = &line->spans[i];
        /* A word that is underlined is one with what stands close to it. */
        bool goes_on = i > 0 && ((span->marks | span[-1].marks) & CELL_RISK) &&
                       span[-1].column + str_width(span[-1].text) == span->column;
        if (i > 0 && !goes_on) {
            strbuf_byte(&out, ' ');
        }
        strbuf_add(&out, span->whole.len > 0 ? span->whole : span->text);
    }
    struct str text = str_dup(arena, strbuf_str(&out));
    strbuf_release(&out);
    return text;
}
