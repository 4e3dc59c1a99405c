/* SPDX-License-Identifier: PostgreSQL */
/*
 * libvterm behind a pseudo-terminal. Reading is done only while something is waited for,
 * so a test that wants a stalled terminal just does not wait.
 */
#include "screen.h"

#include "testing.h"

#include <time.h>
#include <vterm.h>

struct screen {
    struct pty *pty;
    VTerm *terminal;
    VTermScreen *cells;
    int columns, rows;
    bool alternate, cursor;
    char title[256];
    int bells;
    struct strbuf text;
};

static int set_property(VTermProp property, VTermValue *value, void *ctx)
{
    struct screen *screen = ctx;
    if (property == VTERM_PROP_ALTSCREEN) {
        screen->alternate = value->boolean != 0;
    } else if (property == VTERM_PROP_CURSORVISIBLE) {
        screen->cursor = value->boolean != 0;
    } else if (property == VTERM_PROP_TITLE) {
        (void)snprintf(screen->title, sizeof(screen->title), "%s", value->string);
    }
    return 1;
}

static int ring(void *ctx)
{
    struct screen *screen = ctx;
    screen->bells++;
    return 1;
}

static void take_bytes(void *ctx, const char *bytes, size_t length)
{
    struct screen *screen = ctx;
    (void)vterm_input_write(screen->terminal, bytes, length);
}

static void answer(const char *bytes, size_t length, void *ctx)
{
    struct screen *screen = ctx;
    struct strbuf text = {0};
    strbuf_add(&text, (struct str){bytes, length});
    pty_type(screen->pty, text.ptr);
    strbuf_release(&text);
}

struct screen *screen_start(const char *const *argv, const char *const *environment,
                            int columns, int rows)
{
    static const VTermScreenCallbacks callbacks = {.settermprop = set_property, .bell = ring};
    struct screen *screen = mem_zero(1, sizeof(*screen));
    screen->columns = columns;
    screen->rows = rows;
    screen->cursor = true;
    screen->terminal = vterm_new(rows, columns);
    vterm_set_utf8(screen->terminal, 1);
    vterm_output_set_callback(screen->terminal, answer, screen);
    screen->cells = vterm_obtain_screen(screen->terminal);
    vterm_screen_set_callbacks(screen->cells, &callbacks, screen);
    vterm_screen_enable_altscreen(screen->cells, 1);
    vterm_screen_reset(screen->cells, 1);
    screen->pty = pty_start_sized(argv, environment, columns, rows);
    pty_watch(screen->pty, take_bytes, screen);
    return screen;
}

void screen_free(struct screen *screen)
{
    pty_free(screen->pty);
    vterm_free(screen->terminal);
    strbuf_release(&screen->text);
    free(screen);
}

struct pty *screen_pty(struct screen *screen)
{
    return screen->pty;
}

/* ------------------------------------------------------------------- looking */

static void add_character(struct strbuf *out, uint32_t code_point)
{
    if (code_point < 0x80) {
        strbuf_byte(out, (char)(code_point == 0 ? ' ' : code_point));
    } else if (code_point < 0x800) {
        strbuf_byte(out, (char)(0xc0 | code_point >> 6));
        strbuf_byte(out, (char)(0x80 | (code_point & 63)));
    } else if (code_point < 0x10000) {
        strbuf_byte(out, (char)(0xe0 | code_point >> 12));
        strbuf_byte(out, (char)(0x80 | (code_point >> 6 & 63)));
        strbuf_byte(out, (char)(0x80 | (code_point & 63)));
    } else if (code_point != UINT32_MAX) { /* that one is the right half of a wide one */
        strbuf_byte(out, (char)(0xf0 | code_point >> 18));
        strbuf_byte(out, (char)(0x80 | (code_point >> 12 & 63)));
        strbuf_byte(out, (char)(0x80 | (code_point >> 6 & 63)));
        strbuf_byte(out, (char)(0x80 | (code_point & 63)));
    }
}

static VTermScreenCell cell_at(const struct screen *screen, int row, int column)
{
    VTermScreenCell cell = {0};
    (void)vterm_screen_get_cell(screen->cells, (VTermPos){.row = row, .col = column}, &cell);
    return cell;
}

const char *screen_text(struct screen *screen)
{
    struct strbuf *text = &screen->text;
    strbuf_clear(text);
    for (int row = 0; row < screen->rows; row++) {
        for (int column = 0; column < screen->columns; column++) {
            VTermScreenCell cell = cell_at(screen, row, column);
            add_character(text, cell.chars[0]);
            for (int i = 1; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i] != 0; i++) {
                add_character(text, cell.chars[i]);
            }
        }
        while (text->len > 0 && text->ptr[text->len - 1] == ' ') {
            text->ptr[--text->len] = '\0';
        }
        strbuf_byte(text, '\n');
    }
    return text->ptr;
}

bool screen_has_colours(struct screen *screen)
{
    for (int row = 0; row < screen->rows; row++) {
        for (int column = 0; column < screen->columns; column++) {
            VTermScreenCell cell = cell_at(screen, row, column);
            if (!VTERM_COLOR_IS_DEFAULT_FG(&cell.fg) || !VTERM_COLOR_IS_DEFAULT_BG(&cell.bg)) {
                return true;
            }
        }
    }
    return false;
}

static bool wait_for(struct screen *screen, const char *text, bool wanted, int seconds)
{
    int64_t until_ms = test_now_ms() + (int64_t)seconds * 1000;
    for (bool open = true;;) {
        if ((strstr(screen_text(screen), text) != NULL) == wanted) {
            return true;
        }
        int64_t left_ms = until_ms - test_now_ms();
        if (!open || left_ms <= 0) {
            return false;
        }
        open = pty_read(screen->pty, (int)left_ms);
    }
}

bool screen_wait(struct screen *screen, const char *text, int seconds)
{
    return wait_for(screen, text, true, seconds);
}

bool screen_wait_gone(struct screen *screen, const char *text, int seconds)
{
    return wait_for(screen, text, false, seconds);
}

void screen_read(struct screen *screen, int milliseconds)
{
    int64_t until_ms = test_now_ms() + milliseconds;
    for (int64_t left_ms; (left_ms = until_ms - test_now_ms()) > 0;) {
        if (!pty_read(screen->pty, (int)left_ms)) {
            return;
        }
    }
}

void screen_resize(struct screen *screen, int columns, int rows)
{
    screen->columns = columns;
    screen->rows = rows;
    vterm_set_size(screen->terminal, rows, columns);
    pty_resize(screen->pty, columns, rows);
}

/* -------------------------------------------------------------------- state */

bool screen_is_alternate(const struct screen *screen)
{
    return screen->alternate;
}

bool screen_shows_cursor(const struct screen *screen)
{
    return screen->cursor;
}

const char *screen_title(const struct screen *screen)
{
    return screen->title;
}

int screen_bells(const struct screen *screen)
{
    return screen->bells;
}

struct termios screen_modes(const struct screen *screen)
{
    struct termios modes = {0};
    (void)tcgetattr(pty_fd(screen->pty), &modes);
    return modes;
}

bool screen_is_restored(const struct screen *screen, const struct termios *before)
{
    struct termios now = screen_modes(screen);
    return now.c_iflag == before->c_iflag && now.c_oflag == before->c_oflag &&
           now.c_lflag == before->c_lflag && now.c_cflag == before->c_cflag &&
           !screen->alternate && screen->cursor;
}
