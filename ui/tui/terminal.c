/* SPDX-License-Identifier: PostgreSQL */
/*
 * curses, and nothing but curses. It is started on a file in memory and never reads;
 * its idea of modes, cursor and alternate screen is not used, because those must also be
 * put right by a signal handler: the bytes for them are taken from the description here.
 */
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include "terminal.h"

#include "charset.h"
#include "clipboard.h"
#include "tty.h"

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
    ESCAPE_MS = 25,
    ESCAPE_MS_MAX = 5000,
};

struct pair {
    int ink, paper;
};

struct terminal {
    struct tty tty;
    struct keyboard keyboard;
    SCREEN *screen;
    FILE *out, *in; /* of curses: the memory file, and nothing to read */
    int memory_fd;
    char name[64]; /* of the description */
    char notice[ERR_TEXT_MAX];
    int columns, rows;
    int colours;
    const struct glyphs *glyphs;
    const struct theme *theme;
    struct pair pairs[PAIRS_MAX];
    int pair_count;
    struct grid shown;
    bool whole;  /* nothing of what is shown is certain */
    bool titled; /* the title was changed, the old one is kept by the terminal */
    cchar_t *row;
};

/* --------------------------------------------------------------- descriptions */

static const char *capability(const char *name)
{
    const char *text = tigetstr(name);
    return text && text != (const char *)-1 ? text : "";
}

static void forget_output(struct terminal *terminal)
{
    (void)lseek(terminal->memory_fd, 0, SEEK_SET);
}

/* Asked before newterm(), which keeps some memory when it fails. */
static bool is_known(const struct terminal *terminal, const char *name)
{
    int error = 0;
    if (setupterm(name, terminal->memory_fd, &error) != OK) {
        return false;
    }
    (void)del_curterm(set_curterm(NULL));
    return true;
}

/* A terminal that cannot move its cursor shows no screens. */
static bool try_name(struct terminal *terminal, const char *name)
{
    if (!is_known(terminal, name)) {
        return false;
    }
    use_env(FALSE);
    use_tioctl(TRUE);
    terminal->screen = newterm(name, terminal->out, terminal->in);
    if (!terminal->screen) {
        return false;
    }
    if (capability("cup")[0] == '\0' || capability("clear")[0] == '\0') {
        (void)endwin();
        delscreen(terminal->screen);
        terminal->screen = NULL;
        return false;
    }
    (void)snprintf(terminal->name, sizeof(terminal->name), "%s", name);
    return true;
}

static bool find_description(struct terminal *terminal, struct err *err)
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
    if (try_name(terminal, wanted)) {
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        if (try_name(terminal, others[i])) {
            (void)snprintf(terminal->notice, sizeof(terminal->notice),
                           "TERM=%s is not known here: taken as %s", wanted, others[i]);
            return true;
        }
    }
    err_set(err, ERR_USAGE, "no description of this terminal: tried %s, %s and %s", wanted,
            others[0], others[1]);
    err_hint(err, "Use --plain, or install ncurses-base and ncurses-term.");
    return false;
}

static void learn_keys(struct keyboard *keyboard)
{
    static const struct {
        const char *capability;
        uint32_t key;
    } keys[] = {
        {"kcuu1", KEY_UP_ARROW},    {"kcud1", KEY_DOWN_ARROW}, {"kcub1", KEY_LEFT_ARROW},
        {"kcuf1", KEY_RIGHT_ARROW}, {"kpp", KEY_PAGE_UP},      {"knp", KEY_PAGE_DOWN},
        {"khome", KEY_HOME_KEY},    {"kend", KEY_END_KEY},     {"kdch1", KEY_DELETE},
        {"kich1", KEY_INSERT},      {"kcbt", KEY_BACK_TAB},    {"kf1", KEY_F1},
    };
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        keyboard_learn(keyboard, capability(keys[i].capability), keys[i].key);
    }
    const char *wish = getenv("ESCDELAY");
    int64_t ms = ESCAPE_MS;
    if (!wish || !str_to_i64(str_from(wish), &ms) || ms < 1 || ms > ESCAPE_MS_MAX) {
        ms = ESCAPE_MS;
    }
    keyboard->escape_us = ms * US_PER_MS;
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

static void choose_look(struct terminal *terminal, const struct tui_look *look)
{
    bool console = strcmp(terminal->name, "linux") == 0;
    terminal->glyphs = charset_glyphs(look->glyphs, console);
    const struct theme *theme = look->theme ? theme_find(look->theme) : NULL;
    terminal->theme = theme ? theme : &theme_default;
    terminal->colours = terminal->theme->colours ? colours_of(look->colour) : 0;
}

/* ------------------------------------------------------------ taking, giving */

static void add(struct strbuf *out, const char *name)
{
    strbuf_text(out, capability(name));
}

/* What ncurses would do by itself, and what it does not know. */
static void prepare_bytes(struct terminal *terminal)
{
    struct strbuf *enter = &terminal->tty.enter;
    struct strbuf *leave = &terminal->tty.leave;
    add(enter, "smcup");
    add(enter, "enacs");
    add(enter, "sgr0");
    add(enter, "smam");
    add(enter, "smkx");
    add(enter, "civis");
    strbuf_text(enter, "\033[?2004h");
    strbuf_text(leave, "\033[?1006l\033[?1000l\033[?2004l");
    add(leave, "sgr0");
    add(leave, "op");
    add(leave, "cnorm");
    add(leave, "rmkx");
    if (capability("rmcup")[0] != '\0') {
        add(leave, "rmcup");
    } else { /* no second screen: below what was drawn */
        strbuf_text(leave, "\r\n");
    }
}

/* Margins as large as the screen; whoever was here before may have left others. */
static void set_margins(struct terminal *terminal)
{
    const char *margins = capability("csr");
    if (margins[0] != '\0') {
        const char *bytes = tparm(margins, 0, terminal->rows - 1);
        tty_write(&terminal->tty, str_from(bytes ? bytes : ""));
    }
}

bool terminal_take(struct terminal *terminal)
{
    if (!tty_enter(&terminal->tty)) {
        return false;
    }
    set_margins(terminal);
    terminal_repaint(terminal);
    return true;
}

void terminal_give(struct terminal *terminal)
{
    terminal_title(terminal, (struct str){0});
    tty_leave(&terminal->tty);
}

bool terminal_is_taken(const struct terminal *terminal)
{
    return terminal->tty.entered;
}

/* ---------------------------------------------------------------- life */

static bool start_curses(struct terminal *terminal, const struct tui_look *look,
                         struct err *err)
{
    int copy = dup(terminal->memory_fd);
    terminal->out = copy >= 0 ? fdopen(copy, "w") : NULL;
    terminal->in = fopen("/dev/null", "r");
    if (!terminal->out || !terminal->in) {
        if (copy >= 0 && !terminal->out) {
            close(copy);
        }
        return err_set(err, ERR_INTERNAL, "no file for the frames of the screen");
    }
    (void)setlocale(LC_CTYPE, ""); /* curses asks for it once, now */
    if (!find_description(terminal, err)) {
        return false;
    }
    choose_look(terminal, look);
    learn_keys(&terminal->keyboard);
    prepare_bytes(terminal);
    (void)wrefresh(stdscr); /* its own beginning, for a size that may not be ours */
    forget_output(terminal);
    return true;
}

struct terminal *terminal_open(const struct tui_setup *setup, struct err *err)
{
    const struct tui_shell *shell = &setup->shell;
    struct terminal *terminal = mem_zero(1, sizeof(*terminal));
    terminal->memory_fd = shell->memory_file ? shell->memory_file() : -1;
    terminal->tty.out_fd = -1;
    if (terminal->memory_fd < 0) {
        err_set(err, ERR_INTERNAL, "no file in memory for the frames of the screen");
    } else if (tty_open(&terminal->tty, setup->in_fd, setup->out_fd, err) &&
               start_curses(terminal, &setup->look, err)) {
        terminal->tty.shown = shell->shown;
        terminal->tty.ctx = shell->ctx;
        terminal->row = mem_zero(TERMINAL_COLUMNS_MAX, sizeof(*terminal->row));
        (void)terminal_resize(terminal);
        (void)terminal_take(terminal);
        return terminal;
    }
    terminal_close(terminal);
    return NULL;
}

void terminal_close(struct terminal *terminal)
{
    terminal_title(terminal, (struct str){0});
    tty_close(&terminal->tty);
    if (terminal->screen) {
        (void)endwin();
        delscreen(terminal->screen);
    }
    if (terminal->out) {
        (void)fclose(terminal->out);
    }
    if (terminal->in) {
        (void)fclose(terminal->in);
    }
    if (terminal->memory_fd >= 0) {
        close(terminal->memory_fd);
    }
    keyboard_release(&terminal->keyboard);
    grid_release(&terminal->shown);
    free(terminal->row);
    free(terminal);
}

const struct glyphs *terminal_glyphs(const struct terminal *terminal)
{
    return terminal->glyphs;
}

const struct theme *terminal_theme(const struct terminal *terminal)
{
    return terminal->theme;
}

const char *terminal_notice(const struct terminal *terminal)
{
    return terminal->notice;
}

/* ---------------------------------------------------------------- size */

static int clip(int value, int most)
{
    return value < 1 ? 1 : value > most ? most : value;
}

bool terminal_resize(struct terminal *terminal)
{
    int columns = terminal->columns > 0 ? terminal->columns : 80;
    int rows = terminal->rows > 0 ? terminal->rows : 24;
    (void)tty_size(&terminal->tty, &columns, &rows);
    columns = clip(columns, TERMINAL_COLUMNS_MAX);
    rows = clip(rows, TERMINAL_ROWS_MAX);
    if (columns == terminal->columns && rows == terminal->rows) {
        return false;
    }
    terminal->columns = columns;
    terminal->rows = rows;
    (void)resizeterm(rows, columns);
    set_margins(terminal);
    terminal_repaint(terminal);
    return true;
}

void terminal_size(const struct terminal *terminal, int *columns, int *rows)
{
    *columns = terminal->columns;
    *rows = terminal->rows;
}

void terminal_repaint(struct terminal *terminal)
{
    terminal->whole = true;
}

/* -------------------------------------------------------------- drawing */

static int pair_of(struct terminal *terminal, int ink, int paper)
{
    if (ink < 0 && paper < 0) {
        return 0;
    }
    for (int i = 0; i < terminal->pair_count; i++) {
        if (terminal->pairs[i].ink == ink && terminal->pairs[i].paper == paper) {
            return i + 1;
        }
    }
    int most = COLOR_PAIRS - 1 < PAIRS_MAX ? COLOR_PAIRS - 1 : PAIRS_MAX;
    if (terminal->pair_count >= most) {
        return 0;
    }
    terminal->pairs[terminal->pair_count++] = (struct pair){ink, paper};
    (void)init_pair((short)terminal->pair_count, (short)ink, (short)paper);
    return terminal->pair_count;
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
static int fill_row(struct terminal *terminal, const struct grid_cell *cells, int columns)
{
    int count = 0;
    for (int column = 0; column < columns; column++) {
        const struct grid_cell *cell = &cells[column];
        if (cell->width == 0) {
            continue; /* the right half of the one before */
        }
        struct shown look = theme_cell(terminal->theme, cell, terminal->colours);
        if (terminal->colours == 8) {
            squeeze(&look);
        }
        wchar_t text[CELL_CHARACTERS];
        bool good = charset_cell(cell, text);
        short pair = (short)pair_of(terminal, look.ink, look.paper);
        attr_t attributes = attributes_of(&look);
        const wchar_t *shown = good ? text : L"?";
        (void)setcchar(&terminal->row[count++], shown, attributes, pair, NULL);
        if (!good && cell->width == 2) {
            (void)setcchar(&terminal->row[count++], shown, attributes, pair, NULL);
        }
    }
    return count;
}

static bool row_is_shown(const struct terminal *terminal, const struct grid *grid, int row)
{
    const struct grid *shown = &terminal->shown;
    size_t width = (size_t)grid->columns;
    return !terminal->whole && shown->columns == grid->columns && shown->rows == grid->rows &&
           memcmp(shown->cells + (size_t)row * width, grid->cells + (size_t)row * width,
                  width * sizeof(*grid->cells)) == 0;
}

/* The cursor is where something is typed, and hidden otherwise. */
static const char *cursor_change(const struct terminal *terminal, const struct grid *grid)
{
    bool wanted = grid->cursor_row >= 0;
    bool was = terminal->shown.cells && terminal->shown.cursor_row >= 0;
    return wanted == was && !terminal->whole ? "" : capability(wanted ? "cnorm" : "civis");
}

/* What curses wrote, to the terminal. */
static void send_frame(struct terminal *terminal, const char *and_then)
{
    struct strbuf frame = {0};
    char bytes[4096];
    off_t end = lseek(terminal->memory_fd, 0, SEEK_CUR);
    for (off_t at = 0; at < end;) {
        size_t wanted = (size_t)(end - at) < sizeof(bytes) ? (size_t)(end - at) : sizeof(bytes);
        ssize_t length = pread(terminal->memory_fd, bytes, wanted, at);
        if (length <= 0) {
            break;
        }
        strbuf_add(&frame, (struct str){bytes, (size_t)length});
        at += length;
    }
    forget_output(terminal);
    strbuf_text(&frame, and_then);
    tty_write(&terminal->tty, strbuf_str(&frame));
    strbuf_release(&frame);
}

void terminal_draw(struct terminal *terminal, const struct grid *grid)
{
    if (!terminal->tty.entered || terminal_is_busy(terminal) ||
        grid->columns != terminal->columns || grid->rows != terminal->rows) {
        return;
    }
    if (terminal->whole) {
        (void)clearok(curscr, TRUE);
    }
    for (int row = 0; row < grid->rows; row++) {
        if (!row_is_shown(terminal, grid, row)) {
            int count = fill_row(terminal, grid->cells + (size_t)row * (size_t)grid->columns,
                                 grid->columns);
            (void)mvwadd_wchnstr(stdscr, row, 0, terminal->row, count);
        }
    }
    bool typed = grid->cursor_row >= 0 && grid->cursor_row < grid->rows;
    (void)wmove(stdscr, typed ? grid->cursor_row : grid->rows - 1,
                typed ? clip(grid->cursor_column + 1, grid->columns) - 1 : 0);
    (void)wnoutrefresh(stdscr);
    (void)doupdate();
    send_frame(terminal, cursor_change(terminal, grid));
    terminal->whole = false;
    grid_release(&terminal->shown);
    grid_copy(&terminal->shown, grid);
}

/* ------------------------------------------------------------------ bytes */

void terminal_wants(const struct terminal *terminal, int *fd, short *events, bool *room_unknown)
{
    enum {
        READ = 0x001, /* POLLIN, POLLOUT */
        WRITE = 0x004
    };
    const struct tty *tty = &terminal->tty;
    bool busy = tty->pending.len > 0;
    *room_unknown = busy && !tty->one && !tty->gone;
    if (tty->entered && !tty->gone) {
        *fd = tty->in_fd;
        *events = (short)(READ | (busy && tty->one ? WRITE : 0));
    }
}

bool terminal_ready(struct terminal *terminal, int64_t now_us)
{
    struct strbuf bytes = {0};
    if (terminal->tty.entered) {
        (void)tty_read(&terminal->tty, &bytes);
        (void)tty_flush(&terminal->tty);
    }
    if (bytes.len > 0) {
        keyboard_add(&terminal->keyboard, strbuf_str(&bytes), now_us);
    }
    strbuf_release(&bytes);
    return !terminal->tty.gone;
}

bool terminal_is_busy(const struct terminal *terminal)
{
    return terminal->tty.pending.len > 0;
}

struct keyboard *terminal_keyboard(struct terminal *terminal)
{
    return &terminal->keyboard;
}

void terminal_drop_input(struct terminal *terminal)
{
    tty_drop_input(&terminal->tty);
    keyboard_drop(&terminal->keyboard);
}

/* ----------------------------------------------------------------- manners */

void terminal_bell(struct terminal *terminal)
{
    tty_write(&terminal->tty, STR("\a"));
}

void terminal_mouse(struct terminal *terminal, bool on)
{
    tty_write(&terminal->tty,
              on ? STR("\033[?1000h\033[?1006h") : STR("\033[?1006l\033[?1000l"));
}

/* Terminals that know titles say so (XT), or are called as those do. */
static bool has_title(const struct terminal *terminal)
{
    struct str name = str_from(terminal->name);
    return tigetflag("XT") > 0 || str_starts(name, "xterm") || str_starts(name, "tmux") ||
           str_starts(name, "screen");
}

void terminal_title(struct terminal *terminal, struct str title)
{
    if (!terminal->tty.entered || !has_title(terminal) ||
        (title.len == 0 && !terminal->titled)) {
        return;
    }
    struct strbuf bytes = {0};
    struct strbuf clean = {0};
    if (title.len == 0) {
        strbuf_text(&bytes, "\033[23;2t");
    } else {
        sanitise(&clean, title, SANITISE_LINE);
        strbuf_format(&bytes, "%s\033]2;%s\a", terminal->titled ? "" : "\033[22;2t",
                      clean.ptr ? clean.ptr : "");
    }
    terminal->titled = title.len > 0;
    tty_write(&terminal->tty, strbuf_str(&bytes));
    strbuf_release(&clean);
    strbuf_release(&bytes);
}

bool terminal_clipboard(struct terminal *terminal, struct str text)
{
    if (text.len > CLIPBOARD_MAX || !terminal->tty.entered || getenv("TMUX")) {
        return false; /* tmux has a buffer of its own, which the shell fills */
    }
    struct strbuf bytes = {0};
    clipboard_bytes(&bytes, text, getenv("STY") != NULL);
    tty_write(&terminal->tty, strbuf_str(&bytes));
    strbuf_release(&bytes);
    return true;
}
