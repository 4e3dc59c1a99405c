/* SPDX-License-Identifier: PostgreSQL */
/*
 * The terminal as a whole: painter.h makes the bytes of a frame, tty.h brings them there,
 * keyboard.h reads what comes back. What is neither frame nor key has its bytes here: the
 * way in and out, the size, title, bell, mouse and clipboard.
 */
#include "terminal.h"

#include "clipboard.h"
#include "painter.h"
#include "tty.h"

#include <unistd.h>

enum {
    ESCAPE_MS = 25,
    ESCAPE_MS_MAX = 5000,
    ROWS_MAX = 500, /* larger windows keep the rest blank */
};

struct terminal {
    struct tty tty;
    struct keyboard keyboard;
    struct painter *painter;
    int memory_fd; /* where the painter keeps a frame's bytes for a moment */
    int columns, rows;
    struct strbuf title; /* of the window, while it is ours; empty: the one that was there */
};

/* -------------------------------------------------------------------- keys */

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
        keyboard_learn(keyboard, painter_capability(keys[i].capability), keys[i].key);
    }
    const char *wish = getenv("ESCDELAY");
    int64_t ms = ESCAPE_MS;
    if (!wish || !str_to_i64(str_from(wish), &ms) || ms < 1 || ms > ESCAPE_MS_MAX) {
        ms = ESCAPE_MS;
    }
    keyboard->escape_us = ms * US_PER_MS;
}

/* ------------------------------------------------------------ taking, giving */

static void add(struct strbuf *out, const char *name)
{
    strbuf_text(out, painter_capability(name));
}

/* The terminal keeps its window's title, and takes it back. */
#define TITLE_KEEP      "\033[22;2t"
#define TITLE_TAKE_BACK "\033[23;2t"

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
    if (painter_has_title(terminal->painter)) {
        strbuf_text(enter, TITLE_KEEP);
        strbuf_text(leave, TITLE_TAKE_BACK);
    }
    strbuf_text(leave, "\033[?1006l\033[?1000l\033[?2004l");
    add(leave, "sgr0");
    add(leave, "op");
    add(leave, "cnorm");
    add(leave, "rmkx");
    if (painter_capability("rmcup")[0] != '\0') {
        add(leave, "rmcup");
    } else { /* no second screen: below what was drawn */
        strbuf_text(leave, "\r\n");
    }
}

/* Margins as large as the screen; whoever was here before may have left others. */
static void set_margins(struct terminal *terminal)
{
    tty_write(&terminal->tty, painter_margins(terminal->rows));
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
    strbuf_clear(&terminal->title);
    tty_leave(&terminal->tty);
}

bool terminal_is_taken(const struct terminal *terminal)
{
    return terminal->tty.entered;
}

/* ---------------------------------------------------------------- life */

static bool start(struct terminal *terminal, const struct tui_setup *setup, struct err *err)
{
    const struct tui_shell *shell = &setup->shell;
    terminal->memory_fd = shell->memory_file ? shell->memory_file() : -1;
    if (terminal->memory_fd < 0) {
        return err_set(err, ERR_INTERNAL, "no file in memory for the frames of the screen");
    }
    if (!tty_open(&terminal->tty, setup->in_fd, setup->out_fd, err)) {
        return false;
    }
    terminal->painter = painter_open(terminal->memory_fd, &setup->look, err);
    if (!terminal->painter) {
        return false;
    }
    learn_keys(&terminal->keyboard);
    prepare_bytes(terminal);
    terminal->tty.shown = shell->shown;
    terminal->tty.ctx = shell->ctx;
    return true;
}

struct terminal *terminal_open(const struct tui_setup *setup, struct err *err)
{
    struct terminal *terminal = mem_zero(1, sizeof(*terminal));
    terminal->tty.out_fd = -1;
    if (!start(terminal, setup, err)) {
        terminal_close(terminal);
        return NULL;
    }
    (void)terminal_resize(terminal);
    (void)terminal_take(terminal);
    return terminal;
}

void terminal_close(struct terminal *terminal)
{
    tty_close(&terminal->tty);
    painter_close(terminal->painter);
    if (terminal->memory_fd >= 0) {
        close(terminal->memory_fd);
    }
    keyboard_release(&terminal->keyboard);
    strbuf_release(&terminal->title);
    free(terminal);
}

const struct glyphs *terminal_glyphs(const struct terminal *terminal)
{
    return painter_glyphs(terminal->painter);
}

const struct theme *terminal_theme(const struct terminal *terminal)
{
    return painter_theme(terminal->painter);
}

const char *terminal_notice(const struct terminal *terminal)
{
    return painter_notice(terminal->painter);
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
    columns = clip(columns, PAINTER_COLUMNS_MAX);
    rows = clip(rows, ROWS_MAX);
    if (columns == terminal->columns && rows == terminal->rows) {
        return false;
    }
    terminal->columns = columns;
    terminal->rows = rows;
    painter_resize(terminal->painter, columns, rows);
    set_margins(terminal);
    return true;
}

void terminal_size(const struct terminal *terminal, int *columns, int *rows)
{
    *columns = terminal->columns;
    *rows = terminal->rows;
}

void terminal_repaint(struct terminal *terminal)
{
    painter_repaint(terminal->painter);
}

/* ------------------------------------------------------------------ bytes */

void terminal_draw(struct terminal *terminal, const struct grid *grid)
{
    if (!terminal->tty.entered || terminal_is_busy(terminal) ||
        grid->columns != terminal->columns || grid->rows != terminal->rows) {
        return;
    }
    struct strbuf frame = {0};
    painter_draw(terminal->painter, grid, &frame);
    tty_write(&terminal->tty, strbuf_str(&frame));
    strbuf_release(&frame);
}

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

static void read_keys(struct terminal *terminal, int64_t now_us)
{
    struct strbuf bytes = {0};
    if (terminal->tty.entered) {
        (void)tty_read(&terminal->tty, &bytes);
    }
    if (bytes.len > 0) {
        keyboard_add(&terminal->keyboard, strbuf_str(&bytes), now_us);
    }
    strbuf_release(&bytes);
}

bool terminal_ready(struct terminal *terminal, int64_t now_us)
{
    read_keys(terminal, now_us);
    if (terminal->tty.entered) {
        (void)tty_flush(&terminal->tty);
    }
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

/* Read and not flushed: the end of a paste may be among it. */
void terminal_drop_input(struct terminal *terminal, int64_t now_us)
{
    read_keys(terminal, now_us);
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

void terminal_title(struct terminal *terminal, struct str title)
{
    struct strbuf clean = {0};
    sanitise(&clean, title, SANITISE_LINE);
    bool same = str_is(strbuf_str(&clean), strbuf_str(&terminal->title));
    if (terminal->tty.entered && painter_has_title(terminal->painter) && !same) {
        struct strbuf bytes = {0};
        if (clean.len == 0) {
            strbuf_text(&bytes, TITLE_TAKE_BACK TITLE_KEEP);
        } else {
            strbuf_format(&bytes, "\033]2;%s\a", clean.ptr);
        }
        tty_write(&terminal->tty, strbuf_str(&bytes));
        strbuf_release(&bytes);
        strbuf_clear(&terminal->title);
        strbuf_add(&terminal->title, strbuf_str(&clean));
    }
    strbuf_release(&clean);
}

bool terminal_is_titled(const struct terminal *terminal)
{
    return terminal->title.len > 0;
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
