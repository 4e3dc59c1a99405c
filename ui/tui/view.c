/* SPDX-License-Identifier: PostgreSQL */
/*
 * The frame: identity, rail and clock above, the page between, what we wait for and the
 * keys below. On a window that is too small four lines stay alive.
 */
#include "ui_private.h"

#include <ctype.h>
#include <string.h>

enum {
    SECONDS_PER_HOUR = 3600,
};

/* -------------------------------------------------------------------- helpers */

static struct str glyph_text(const struct ui *ui, enum glyph glyph)
{
    return str_from(ui->glyphs->text[glyph]);
}

static int put(struct area area, int row, int column, enum style style, const char *format, ...)
    PRINTF_LIKE(5, 6);
static int put(struct area area, int row, int column, enum style style, const char *format, ...)
{
    char text[2 * ERR_TEXT_MAX];
    struct strbuf clean = {0};
    va_list values;
    va_start(values, format);
    (void)vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    sanitise(&clean, str_from(text), SANITISE_LINE);
    column = area_put(area, row, column, style, 0, strbuf_str(&clean));
    strbuf_release(&clean);
    return column;
}

/* What finds no room ends with the sign for that: half a sentence is not the whole. */
static int put_cut(struct area area, const struct ui *ui, int row, int column, enum style style,
                   struct str text)
{
    if (column + str_width(text) <= area.columns) {
        return area_put(area, row, column, style, 0, text);
    }
    struct str sign = glyph_text(ui, GLYPH_CUT);
    struct str fitted = str_fit(text, area.columns - column - str_width(sign));
    column = area_put(area, row, column, style, 0, fitted);
    return area_put(area, row, column, STYLE_DIM, 0, sign);
}

static void put_right(struct area area, int row, enum style style, struct str text)
{
    int column = area.columns - str_width(text) - 1;
    (void)area_put(area, row, column > 0 ? column : 0, style, 0, text);
}

/* ------------------------------------------------------------------- identity */

static enum style badge_style(struct str environment)
{
    if (str_starts(environment, "prod")) {
        return STYLE_BADGE_PRODUCTION;
    }
    return str_starts(environment, "stag") ? STYLE_BADGE_STAGING : STYLE_BADGE_OTHER;
}

static int draw_badge(struct area area, const struct ui *ui, const struct run *run)
{
    char word[64];
    struct str environment = run->target->environment;
    environment = environment.len > 0 ? environment : STR("no environment");
    size_t length = environment.len < sizeof(word) - 1 ? environment.len : sizeof(word) - 1;
    for (size_t i = 0; i < length; i++) {
        word[i] = (char)toupper((unsigned char)environment.ptr[i]);
    }
    word[length] = '\0';
    enum style style = badge_style(environment);
    return put(area, 0, 0, style, ui->glyphs->ascii ? "[%s]" : " %s ", word) + 1;
}

static void draw_clock(struct area area, const struct run *run)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    struct calendar now = calendar_from_us(run->now_us);
    char text[32];
    (void)snprintf(text, sizeof(text), " %s %02d %02d:%02d:%02dZ", days[now.weekday], now.day,
                   now.hour, now.minute, now.second);
    put_right(area, 0, STYLE_NORMAL, str_from(text));
}

/* A word cut in the middle says nothing: where the long one has no room the short one stands,
 * over the end of the identity when it must. */
static void draw_lost(struct area area, int column)
{
    static const char whole[] = "  CONNECTION LOST";
    static const char brief[] = "  LOST";
    bool fits = column + (int)sizeof(whole) - 1 <= area.columns;
    int last = area.columns - ((int)sizeof(brief) - 1);
    (void)put(area, 0, fits || column < last ? column : last, STYLE_BAD, "%s",
              fits ? whole : brief);
}

static void draw_identity(struct area area, const struct ui *ui, const struct run *run)
{
    int column = draw_badge(area, ui, run);
    struct area text = area_part(area, 0, 0, 1, area.columns - 18);
    if (run->database.len > 0) {
        column = put(text, 0, column, STYLE_BOLD, "%.*s", STR_ARG(run->database));
        column = put(text, 0, column, STYLE_NORMAL, " @ %.*s", STR_ARG(run->server_strip));
        if (!run->connected[SESSION_WATCH] && run->state != STATE_END) {
            draw_lost(text, column);
        }
    } else {
        (void)put(text, 0, column, STYLE_NORMAL, "%s  not connected yet",
                  ui->connection ? ui->connection : "");
    }
    draw_clock(area, run);
}

/* ----------------------------------------------------------------------- rail */

static enum glyph rail_glyph(const struct run *run, int phase)
{
    bool here = phase == (int)run->phase && run->state != STATE_END;
    bool over = phase <= (int)run->phase && run->phase_started_us[phase] != 0;
    if (over && !here && front_phase_is_undone(run, (enum phase)phase)) {
        return (run->facts & FACT_ROLLED_BACK) != 0 ? GLYPH_WARN : GLYPH_UNKNOWN;
    }
    if (run->state == STATE_END && (run->leaving || run->abandoned) &&
        phase == (int)run->phase) {
        return GLYPH_HOLD; /* left in the middle of it: it is not done */
    }
    if (!here) {
        return over ? GLYPH_GOOD : GLYPH_NOT_YET;
    }
    switch (ui_mood(run)) {
    case MOOD_BAD:
        return GLYPH_BAD;
    case MOOD_HOLD:
        return GLYPH_HOLD;
    case MOOD_CALM:
    default:
        return GLYPH_RUNNING;
    }
}

static void add_span_of_time(struct strbuf *out, int64_t us)
{
    int64_t seconds = (us < 0 ? -us : us) / US_PER_SECOND;
    strbuf_format(out, "%02lld:%02lld:%02lld", (long long)(seconds / SECONDS_PER_HOUR),
                  (long long)(seconds / 60 % 60), (long long)(seconds % 60));
}

static int draw_window(struct area area, const struct run *run)
{
    struct strbuf text = {0};
    if (run->opens_us != 0) {
        strbuf_text(&text, run->now_us < run->opens_us ? "T-" : "T+");
        add_span_of_time(&text, run->now_us - run->opens_us);
        if (area.columns >= WIDE_COLUMNS) {
            bool late = run->now_us > run->closes_us;
            strbuf_text(&text, late ? "   window closed since " : "   window closes in ");
            add_span_of_time(&text, run->closes_us - run->now_us);
        }
    }
    int width = str_width(strbuf_str(&text));
    bool late = run->closes_us != 0 && run->now_us > run->closes_us;
    put_right(area, 1, late ? STYLE_WARN : STYLE_BOLD, strbuf_str(&text));
    strbuf_release(&text);
    return width;
}

static void draw_rail(struct area area, const struct ui *ui, const struct run *run)
{
    int column = 1;
    struct str rule = glyph_text(ui, GLYPH_RULE);
    bool wide = area.columns >= WIDE_COLUMNS;
    for (int i = 0; i < PHASE__COUNT; i++) {
        enum glyph glyph = rail_glyph(run, i);
        bool here = i == (int)run->phase;
        if (i > 0 && (wide || !ui->glyphs->ascii)) {
            column = area_put(area, 1, column + 1, STYLE_RULE, 0, rule);
            column = wide ? area_put(area, 1, column, STYLE_RULE, 0, rule) + 1 : column + 1;
        } else {
            column += i > 0;
        }
        struct str sign = glyph_text(ui, glyph);
        column = area_put(area, 1, column, glyph_style(glyph), 0, sign);
        column += ui->glyphs->ascii && !str_ends(sign, " ");
        column = put(area, 1, column, here ? STYLE_BOLD : STYLE_DIM, "%s", phase_words[i]);
    }
    (void)draw_window(area, run);
}

/* ----------------------------------------------------------------------- feet */

/* The rule above NEXT carries what was said, or how old the picture is. */
static void draw_lower_rule(struct area area, const struct ui *ui)
{
    int row = area.rows - 3;
    area_rule(area, row, 0, STYLE_RULE, glyph_text(ui, GLYPH_RULE));
    bool said = ui->message[0] != '\0' && ui->now_us < ui->message_until_us;
    if (ui->paused) {
        int64_t seconds = (ui->now_us - ui->paused_us) / US_PER_SECOND;
        (void)put(area, row, said ? area.columns - 16 : 2, STYLE_HOLD,
                  " PAUSED %02lld:%02lld %s", (long long)(seconds / 60),
                  (long long)(seconds % 60), said ? "" : " the run goes on; p looks again ");
    }
    if (said) {
        struct area room = area_part(area, row, 0, 1, area.columns - (ui->paused ? 18 : 2));
        struct strbuf text = {0};
        strbuf_byte(&text, ' ');
        sanitise(&text, str_from(ui->message), SANITISE_LINE);
        strbuf_byte(&text, ' ');
        (void)put_cut(room, ui, 0, 2, ui->message_style, strbuf_str(&text));
        strbuf_release(&text);
    }
}

static void draw_next(struct area area, const struct ui *ui, const struct run *run)
{
    int row = area.rows - 2;
    struct strbuf text = {0};
    struct strbuf clean = {0};
    engine_next_text(run, &text);
    sanitise(&clean, strbuf_str(&text), SANITISE_LINE);
    int column = area_put(area, row, 1, STYLE_BOLD, 0, STR("NEXT"));
    enum style style =
        ui->ask_count > 0 || ui_mood(run) != MOOD_CALM ? STYLE_HOLD : STYLE_NORMAL;
    struct area room = area_part(area, row, 0, 1, area.columns - 1);
    (void)put_cut(room, ui, 0, column + 2, style, strbuf_str(&clean));
    strbuf_release(&text);
    strbuf_release(&clean);
}

/* Keys bold, their words plain: "j move" is drawn by its parts. */
static void draw_keys(struct area area, const struct ui *ui, const struct run *run)
{
    struct strbuf text = {0};
    key_footer(&text, ui, run, area.columns - 2);
    struct str rest = strbuf_str(&text);
    struct str part;
    int column = 1;
    while (str_cut(&rest, '\n', &part)) {
        struct str key;
        (void)str_cut(&part, '\t', &key);
        column = area_put(area, area.rows - 1, column, STYLE_KEY, 0, key);
        column = area_put(area, area.rows - 1, column + 1, STYLE_NORMAL, 0, part) + 2;
    }
    strbuf_release(&text);
}

/* ---------------------------------------------------------------------- panes */

/* "1 of 9", "17 of 634 lines", "follows"; empty where all is in sight. */
static void add_position(struct strbuf *out, const struct sight *sight,
                         const struct pane_state *state)
{
    if (state->filter[0] != '\0') {
        strbuf_format(out, "filtered %d of %d", sight->count, sight->all);
    } else if (sight->pane->follows && !state->scrolled) {
        strbuf_text(out, "follows");
    } else if (sight->count > sight->rows && sight->row_count > 0) {
        strbuf_format(out, "%d of %d", sight->number, sight->row_count);
    } else if (sight->count > sight->rows) {
        strbuf_format(out, "%d of %d lines", state->top + sight->rows, sight->count);
    }
}

/* What the pane notes goes when both have no room: where one stands is said always. */
static void draw_title(struct area area, const struct ui *ui, const struct sight *sight,
                       const struct pane_state *state, bool focused)
{
    const struct pane *pane = sight->pane;
    area_rule(area, 0, 0, STYLE_RULE, glyph_text(ui, GLYPH_RULE));
    int column = area_put(area, 0, 2, STYLE_NORMAL, 0, STR(" "));
    column = area_put(area, 0, column, focused ? STYLE_BOLD : STYLE_NORMAL, 0, pane->title);
    column = area_put(area, 0, column, STYLE_NORMAL, 0, STR(" "));
    struct strbuf position = {0};
    add_position(&position, sight, state);
    struct str place = strbuf_str(&position);
    int end = area.columns - 4;
    int between = pane->note.len > 0 && place.len > 0 ? 2 : 0;
    bool both = end - str_width(place) - between - str_width(pane->note) >= column;
    struct str note = both ? pane->note : STR("");
    if (note.len + place.len > 0) {
        int at = end - str_width(place) - (both ? between : 0) - str_width(note);
        enum style filtered = state->filter[0] != '\0' ? STYLE_WARN : STYLE_DIM;
        enum style noted = pane->note_warns ? STYLE_WARN : filtered;
        at = area_put(area, 0, at > column ? at : column, STYLE_NORMAL, 0, STR(" "));
        at = area_put(area, 0, at, noted, 0, note);
        at = area_put(area, 0, at, STYLE_NORMAL, 0, both && between ? STR("  ") : STR(""));
        at = area_put(area, 0, at, filtered, 0, place);
        (void)area_put(area, 0, at, STYLE_NORMAL, 0, STR(" "));
    }
    strbuf_release(&position);
}

/* The last column stays free; a line that goes on beyond it says so. */
static void draw_line(struct area area, const struct ui *ui, int row, const struct line *line,
                      int left, unsigned marks)
{
    area.columns--;
    for (size_t i = 0; i < line->count; i++) {
        const struct span *span = &line->spans[i];
        (void)area_put(area, row, span->column - left, span->style, span->marks | marks,
                       span->text);
    }
    if (line->end - left > area.columns) {
        struct str sign = glyph_text(ui, GLYPH_CUT);
        (void)area_put(area, row, area.columns - str_width(sign), STYLE_DIM, marks, sign);
    }
}

static unsigned line_marks(const struct ui *ui, const struct line *line, struct arena *arena)
{
    bool hit = ui->search[0] != '\0' && text_matches(line_plain(line, arena), ui->search);
    return hit ? CELL_HIT : 0;
}

void view_pane(struct area area, const struct ui *ui, const struct placed *placed,
               const struct pane_state *state, bool focused)
{
    struct arena arena = {0};
    struct sight sight = sight_of(placed, state, &arena);
    int row = 0;
    if (pane_is_titled(placed->pane)) {
        draw_title(area, ui, &sight, state, focused);
        row = 1;
    }
    const struct line *lines = placed->pane->lines;
    for (int i = 0; i < sight.pinned_count; i++) {
        draw_line(area, ui, row++, &lines[sight.pinned[i]], state->left, 0);
    }
    for (int i = 0; i < sight.rows && state->top + i < sight.count; i++) {
        int index = state->top + i;
        const struct line *line = &lines[sight.lines[index]];
        draw_line(area, ui, row + i, line, state->left, line_marks(ui, line, &arena));
        bool quiet = placed->pane->follows && !state->scrolled;
        if (focused && index == sight.cursor && !quiet) {
            area_mark(area, row + i, CELL_SELECTED);
        }
    }
    if (pane_is_titled(placed->pane)) {
        arena_release(&arena);
        return;
    }
    if (state->filter[0] != '\0') { /* a filter is never silent */
        struct str said = str_format(&arena, " filtered %d of %d ", sight.count, sight.all);
        put_right(area, area.rows - 1, STYLE_WARN, said);
    } else if (state->top + sight.rows < sight.count && area.rows > 0) {
        put_right(area, area.rows - 1, STYLE_DIM, glyph_text(ui, GLYPH_MORE));
    }
    arena_release(&arena);
}

static void draw_page(struct area body, const struct ui *ui)
{
    struct layout layout;
    layout_page(ui, &ui->page, &layout);
    int end = body.rows; /* of the wall: above what has the whole width */
    for (size_t i = 0; i < layout.count; i++) {
        const struct placed *placed = &layout.panes[i];
        end = placed->pane->place == PANE_BOTTOM && placed->row < end ? placed->row : end;
    }
    for (int row = 0; layout.wall >= 0 && row < end; row++) {
        (void)area_put(body, row, layout.wall, STYLE_RULE, 0, glyph_text(ui, GLYPH_WALL));
    }
    for (size_t i = 0; i < layout.count; i++) {
        const struct placed *placed = &layout.panes[i];
        enum pane_id id = placed->pane->id;
        view_pane(area_part(body, placed->row, placed->column, placed->rows, placed->columns),
                  ui, placed, &ui->panes[ui->screen][id], ui->focus[ui->screen] == id);
    }
}

/* ------------------------------------------------------------------ the whole */

static void draw_small(struct area area, const struct ui *ui, const struct run *run)
{
    struct strbuf next = {0};
    engine_next_text(run, &next);
    (void)draw_badge(area, ui, run);
    (void)put(area, 0, (int)run->target->environment.len + 3, STYLE_BOLD, "%.*s",
              STR_ARG(run->database));
    enum glyph glyph = rail_glyph(run, (int)run->phase);
    int column = area_put(area, 1, 0, glyph_style(glyph), 0, glyph_text(ui, glyph));
    column = put(area, 1, column + 1, STYLE_BOLD, "%s", phase_words[run->phase]);
    (void)put(area, 1, column + 2, STYLE_NORMAL, "%s", state_words[run->state]);
    (void)put(area, 2, 0, ui_mood(run) == MOOD_CALM ? STYLE_NORMAL : STYLE_HOLD, "%.*s",
              STR_ARG(strbuf_str(&next)));
    (void)put(area, 3, 0, STYLE_WARN, "%dx%d: 80x24 is needed", area.columns, area.rows);
    draw_clock(area_part(area, 3, 0, 1, area.columns), run);
    strbuf_release(&next);
}

void view_draw(const struct run *run, const struct ui *ui, struct grid *grid)
{
    if (grid->columns != ui->columns || grid->rows != ui->rows || !grid->cells) {
        grid_resize(grid, ui->columns, ui->rows);
    } else {
        struct grid blank = {0};
        grid_resize(&blank, ui->columns, ui->rows);
        grid_release(grid);
        *grid = blank;
    }
    struct area area = grid_area(grid);
    if (ui->columns < SMALL_COLUMNS || ui->rows < SMALL_ROWS) {
        draw_small(area, ui, run);
        return;
    }
    draw_identity(area, ui, run);
    draw_rail(area, ui, run);
    area_rule(area, 2, 0, STYLE_RULE, glyph_text(ui, GLYPH_RULE));
    struct area body = area_part(area, BODY_ROW, 0, area.rows - CHROME_ROWS, area.columns);
    if (!view_overlay(body, ui)) {
        draw_page(body, ui);
    }
    draw_lower_rule(area, ui);
    draw_next(area, ui, run);
    if (!view_input(area, ui, run)) {
        draw_keys(area, ui, run);
    }
    view_dialog(body, ui, run);
}
