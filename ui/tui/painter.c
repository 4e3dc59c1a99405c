/* SPDX-License-Identifier: PostgreSQL */
/*
 * curses, and nothing but curses. It is started on a file in memory and never reads;
 * its idea of modes, cursor and alternate screen is not used, because those must also be
 * put right by a signal handler: the bytes for them are taken from the description here.
 */
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include "painter.h"

#include "charset.h"

/* One of its many names is ours. */
#define key_name curses_key_name
#include <curses.h>
#undef key_name
#include <term.h>
/* Macros of term.h that are words of ours. */
#undef columns
#undef lines
#include <locale.h>
#include <unistd.h>

enum {
    PAIRS_MAX = 128,
};

struct pair {
    int ink, paper;
};

struct painter {
    SCREEN *screen;
    FILE *out, *in; /* of curses: the memory file, and nothing to read */
    int memory_fd;
    char name[64]; /* of the description */
    char notice[ERR_TEXT_MAX];
    int colours;
    const struct glyphs *glyphs;
    const struct theme *theme;
    struct pair pairs[PAIRS_MAX];
    int pair_count;
    struct grid shown;
    bool whole; /* nothing of what is shown is certain */
    cchar_t *row;
};

/* --------------------------------------------------------------- descriptions */

const char *painter_capability(const char *name)
{
    const char *text = tigetstr(name);
    return text && text != (const char *)-1 ? text : "";
}

static void forget_output(const struct painter *painter)
{
    (void)lseek(painter->memory_fd, 0, SEEK_SET);
}

/* Asked before newterm(), which keeps some memory when it fails. */
static bool is_known(const struct painter *painter, const char *name)
{
    int error = 0;
    if (setupterm(name, painter->memory_fd, &error) != OK) {
        return false;
    }
    (void)del_curterm(set_curterm(NULL));
    return true;
}

/* A terminal that cannot move its cursor shows no screens. */
static bool try_name(struct painter *painter, const char *name)
{
    if (!is_known(painter, name)) {
        return false;
    }
    use_env(FALSE);
    use_tioctl(TRUE);
    painter->screen = newterm(name, painter->out, painter->in);
    if (!painter->screen) {
        return false;
    }
    if (painter_capability("cup")[0] == '\0' || painter_capability("clear")[0] == '\0') {
        (void)endwin();
        delscreen(painter->screen);
        painter->screen = NULL;
        return false;
    }
    (void)snprintf(painter->name, sizeof(painter->name), "%s", name);
    return true;
}

static bool find_description(struct painter *painter, struct err *err)
{
    static const char *const others[] = {"xterm-256color", "vt100"};
    const char *wanted = getenv("TERM");
    bool dumb = !wanted || wanted[0] == '\0' || strcmp(wanted, "dumb") == 0;
    if (dumb) {
        err_set(err, ERR_USAGE, "TERM is %s: such a terminal shows no screens",
                wanted && wanted[0] != '\0' ? wanted : "not set");
        err_hint(err, "Use --plain, or set TERM to what the terminal is.");
        return false;
    }
    if (try_name(painter, wanted)) {
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        if (try_name(painter, others[i])) {
            (void)snprintf(painter->notice, sizeof(painter->notice),
                           "TERM=%s is not known here: taken as %s", wanted, others[i]);
            return true;
        }
    }
    err_set(err, ERR_USAGE, "no description of this terminal: tried %s, %s and %s", wanted,
            others[0], others[1]);
    err_hint(err, "Use --plain, or install ncurses-base and ncurses-term.");
    return false;
}

/* Terminals that know titles say so (XT), or are called as those do. */
bool painter_has_title(const struct painter *painter)
{
    struct str name = str_from(painter->name);
    return tigetflag("XT") > 0 || str_starts(name, "xterm") || str_starts(name, "tmux") ||
           str_starts(name, "screen");
}

struct str painter_margins(int rows)
{
    const char *margins = painter_capability("csr");
    const char *bytes = margins[0] != '\0' ? tparm(margins, 0, rows - 1) : NULL;
    return str_from(bytes ? bytes : "");
}

/* ------------------------------------------------------------------- looks */

static int colours_of(const char *wish)
{
    const char *no_colour = getenv("NO_COLOR");
    bool never = wish && strcmp(wish, "never") == 0;
    bool always = wish && strcmp(wish, "always") == 0;
    if (never || (!always && no_colour && no_colour[0] != '\0')) {
        return 0;
    }
    if (start_color() != OK || use_default_colors() != OK || COLOR_PAIRS < PAIRS_MAX / 2) {
        return 0;
    }
    if (COLORS == 256) {
        return 256;
    }
    /* More than 256: direct colours, where only the first eight are what they always were. */
    return COLORS >= 16 && COLORS < 256 ? 16 : COLORS >= 8 ? 8 : 0;
}

static void choose_look(struct painter *painter, const struct tui_look *look)
{
    bool console = strcmp(painter->name, "linux") == 0;
    painter->glyphs = charset_glyphs(look->glyphs, console);
    const struct theme *theme = look->theme ? theme_find(look->theme) : NULL;
    painter->theme = theme ? theme : &theme_default;
    painter->colours = painter->theme->colours ? colours_of(look->colour) : 0;
}

/* ---------------------------------------------------------------- life */

static bool start_curses(struct painter *painter, struct err *err)
{
    int copy = dup(painter->memory_fd);
    painter->out = copy >= 0 ? fdopen(copy, "w") : NULL;
    painter->in = fopen("/dev/null", "r");
    if (!painter->out || !painter->in) {
        if (copy >= 0 && !painter->out) {
            close(copy);
        }
        return err_set(err, ERR_INTERNAL, "no file for the frames of the screen");
    }
    (void)setlocale(LC_CTYPE, ""); /* curses asks for it once, now */
    return find_description(painter, err);
}

struct painter *painter_open(int memory_fd, const struct tui_look *look, struct err *err)
{
    struct painter *painter = mem_zero(1, sizeof(*painter));
    painter->memory_fd = memory_fd;
    painter->row = mem_zero(PAINTER_COLUMNS_MAX, sizeof(*painter->row));
    if (!start_curses(painter, err)) {
        painter_close(painter);
        return NULL;
    }
    choose_look(painter, look);
    (void)wrefresh(stdscr); /* its own beginning, for a size that may not be ours */
    forget_output(painter);
    return painter;
}

void painter_close(struct painter *painter)
{
    if (!painter) {
        return;
    }
    if (painter->screen) {
        (void)endwin();
        delscreen(painter->screen);
    }
    if (painter->out) {
        (void)fclose(painter->out);
    }
    if (painter->in) {
        (void)fclose(painter->in);
    }
    grid_release(&painter->shown);
    free(painter->row);
    free(painter);
}

const struct glyphs *painter_glyphs(const struct painter *painter)
{
    return painter->glyphs;
}

const struct theme *painter_theme(const struct painter *painter)
{
    return painter->theme;
}

const char *painter_notice(const struct painter *painter)
{
    return painter->notice;
}

void painter_resize(struct painter *painter, int columns, int rows)
{
    (void)resizeterm(rows, columns);
    painter_repaint(painter);
}

void painter_repaint(struct painter *painter)
{
    painter->whole = true;
}

/* -------------------------------------------------------------- drawing */

static int pair_of(struct painter *painter, int ink, int paper)
{
    if (ink < 0 && paper < 0) {
        return 0;
    }
    for (int i = 0; i < painter->pair_count; i++) {
        if (painter->pairs[i].ink == ink && painter->pairs[i].paper == paper) {
            return i + 1;
        }
    }
    int most = COLOR_PAIRS - 1 < PAIRS_MAX ? COLOR_PAIRS - 1 : PAIRS_MAX;
    if (painter->pair_count >= most) {
        return 0;
    }
    painter->pairs[painter->pair_count++] = (struct pair){ink, paper};
    (void)init_pair((short)painter->pair_count, (short)ink, (short)paper);
    return painter->pair_count;
}

/* Eight colours only: a bright one is the bold one, and grey is the terminal's own. */
static void squeeze(struct shown *look)
{
    enum {
        GREY = 8,
        BASIC = 8
    };
    if (look->ink == GREY) {
        look->ink = -1;
    } else if (look->ink > GREY) {
        look->ink -= BASIC;
        look->attributes |= LOOK_BOLD;
    }
    look->paper = look->paper >= BASIC ? look->paper - BASIC : look->paper;
}

static attr_t attributes_of(const struct shown *look)
{
    return ((look->attributes & LOOK_BOLD) ? A_BOLD : A_NORMAL) |
           ((look->attributes & LOOK_UNDERLINE) ? A_UNDERLINE : A_NORMAL) |
           ((look->attributes & LOOK_REVERSE) ? A_REVERSE : A_NORMAL);
}

/* One row of cells; returns how many curses cells it makes. */
static int fill_row(struct painter *painter, const struct grid_cell *cells, int columns)
{
    int count = 0;
    for (int column = 0; column < columns; column++) {
        const struct grid_cell *cell = &cells[column];
        if (cell->width == 0) {
            continue; /* the right half of the one before */
        }
        struct shown look = theme_cell(painter->theme, cell, painter->colours);
        if (painter->colours == 8) {
            squeeze(&look);
        }
        wchar_t text[CELL_CHARACTERS];
        bool good = charset_cell(cell, text);
        short pair = (short)pair_of(painter, look.ink, look.paper);
        attr_t attributes = attributes_of(&look);
        const wchar_t *shown = good ? text : L"?";
        (void)setcchar(&painter->row[count++], shown, attributes, pair, NULL);
        if (!good && cell->width == 2) {
            (void)setcchar(&painter->row[count++], shown, attributes, pair, NULL);
        }
    }
    return count;
}

static bool row_is_shown(const struct painter *painter, const struct grid *grid, int row)
{
    const struct grid *shown = &painter->shown;
    size_t width = (size_t)grid->columns;
    return !painter->whole && shown->columns == grid->columns && shown->rows == grid->rows &&
           memcmp(shown->cells + (size_t)row * width, grid->cells + (size_t)row * width,
                  width * sizeof(*grid->cells)) == 0;
}

/* The cursor is where something is typed, and hidden otherwise. */
static const char *cursor_change(const struct painter *painter, const struct grid *grid)
{
    bool wanted = grid->cursor_row >= 0;
    bool was = painter->shown.cells && painter->shown.cursor_row >= 0;
    return wanted == was && !painter->whole ? ""
                                            : painter_capability(wanted ? "cnorm" : "civis");
}

/* Appends what curses wrote. */
static void take_output(const struct painter *painter, struct strbuf *bytes)
{
    char part[4096];
    off_t end = lseek(painter->memory_fd, 0, SEEK_CUR);
    for (off_t at = 0; at < end;) {
        size_t wanted = (size_t)(end - at) < sizeof(part) ? (size_t)(end - at) : sizeof(part);
        ssize_t length = pread(painter->memory_fd, part, wanted, at);
        if (length <= 0) {
            break;
        }
        strbuf_add(bytes, (struct str){part, (size_t)length});
        at += length;
    }
    forget_output(painter);
}

void painter_draw(struct painter *painter, const struct grid *grid, struct strbuf *bytes)
{
    if (painter->whole) {
        (void)clearok(curscr, TRUE);
    }
    for (int row = 0; row < grid->rows; row++) {
        if (!row_is_shown(painter, grid, row)) {
            int count = fill_row(painter, grid->cells + (size_t)row * (size_t)grid->columns,
                                 grid->columns);
            (void)mvwadd_wchnstr(stdscr, row, 0, painter->row, count);
        }
    }
    bool typed = grid->cursor_row >= 0 && grid->cursor_row < grid->rows;
    int column = grid->cursor_column < grid->columns ? grid->cursor_column : grid->columns - 1;
    (void)wmove(stdscr, typed ? grid->cursor_row : grid->rows - 1,
                typed && column > 0 ? column : 0);
    (void)wnoutrefresh(stdscr);
    (void)doupdate();
    take_output(painter, bytes);
    strbuf_text(bytes, cursor_change(painter, grid));
    painter->whole = false;
    grid_release(&painter->shown);
    grid_copy(&painter->shown, grid);
}
