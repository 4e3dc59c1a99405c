/* SPDX-License-Identifier: PostgreSQL */
/*
 * The screens as a front of the shell: when a frame is made, what a key leads to, what
 * the terminal and the shell are asked for, and what happens when the terminal goes.
 *
 * A frame is made at once after a key or when the run moved on; for anything else at
 * most four times a second; and only when there is something new to see. While the
 * terminal has not taken the last one, no new one is made: what is shown next is then
 * what is true then.
 */
#include "terminal.h"
#include "tty.h"
#include "ui_private.h"

#include <signal.h>
#include <unistd.h>

#define FRAME_US     (250 * US_PER_MS)
#define RESIZE_US    (50 * US_PER_MS)
#define ROOM_US      (50 * US_PER_MS)
#define LAST_CALL_US (5 * 60 * US_PER_SECOND)

struct tui {
    struct tui_setup setup;
    struct terminal *terminal;
    struct ui ui;
    struct grid grid;

    bool stale;      /* there is something new to see … */
    bool urgent;     /* … and somebody waits for it */
    uint64_t events; /* what was seen of the model */
    int64_t second;
    enum state state;
    int64_t drawn_us;
    int64_t tick_us; /* when the clock of the run is asked for again */
    bool ticked;
    int64_t resize_us; /* INT64_MAX: no new size is known of */

    const struct front_events *events_out;
    bool sent; /* an event is on its way: no key is read until it was stepped */
    bool due;  /* ready() is to be called at once */
    bool rollback_wanted;
    bool last_call; /* the window closes soon, and it was said */
    bool gone;      /* nobody is there any more */
    bool closed;    /* q after the end */
};

/* ---------------------------------------------------------------- wishes */

static void say_copied(struct tui *tui, bool kept, struct str how, bool clipboard)
{
    struct ui *ui = &tui->ui;
    if (kept || clipboard) {
        ui_say(ui, STYLE_NORMAL, "%.*s copied: %.*s%s%s", STR_ARG(ui->wish_name), STR_ARG(how),
               kept && clipboard ? ", " : "", clipboard ? "offered to the clipboard" : "");
    } else {
        ui_say(ui, STYLE_WARN, "%.*s could not be copied: %.*s", STR_ARG(ui->wish_name),
               STR_ARG(how));
    }
}

static void copy(struct tui *tui, bool to_clipboard)
{
    const struct tui_shell *shell = &tui->setup.shell;
    struct str text = strbuf_str(&tui->ui.wish_text);
    struct strbuf how = {0};
    bool kept = shell->copy && shell->copy(shell->ctx, text, &how);
    bool clipboard = to_clipboard && terminal_clipboard(tui->terminal, text);
    say_copied(tui, kept, strbuf_str(&how), clipboard);
    strbuf_release(&how);
}

/* What somebody at another window should know; NULL: nothing. */
static const char *word_of_title(const struct tui *tui, const struct run *run)
{
    enum mood mood = ui_mood(run);
    return mood == MOOD_BAD        ? "FAILED"
           : mood == MOOD_HOLD     ? "HOLD"
           : tui->last_call        ? "CLOSING"
           : tui->ui.ask_count > 0 ? "go/no-go"
                                   : NULL;
}

/* Of "db-prod:5432  dba_anna …". */
static struct str host_of(const struct run *run)
{
    struct str host = str_slice(run->server_strip, 0, str_find_byte(run->server_strip, ' ', 0));
    size_t at = host.len;
    while (at > 0 && host.ptr[at - 1] != ':') {
        at--;
    }
    return at > 0 ? str_slice(host, 0, at - 1) : host;
}

/* "HOLD app@db-prod" */
static void set_title(struct tui *tui, const struct run *run)
{
    struct strbuf title = {0};
    const char *word = word_of_title(tui, run);
    if (word) {
        struct str host = host_of(run);
        strbuf_format(&title, "%s %.*s%s%.*s", word, STR_ARG(run->database),
                      host.len > 0 ? "@" : "", STR_ARG(host));
    }
    terminal_title(tui->terminal, strbuf_str(&title));
    strbuf_release(&title);
}

static void ring(struct tui *tui)
{
    terminal_bell(tui->terminal);
    set_title(tui, tui->setup.run);
}

static void take_again(struct tui *tui)
{
    if (terminal_take(tui->terminal)) {
        tui->resize_us = tui->setup.shell.now_us();
        tui->stale = tui->urgent = true;
        set_title(tui, tui->setup.run);
        if (tui->ui.mouse) {
            terminal_mouse(tui->terminal, true);
        }
    }
}

/* The whole job stops, as a shell expects it: whoever started us is in it, too. */
static void suspend(struct tui *tui)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    struct sigaction before;
    sigemptyset(&standard.sa_mask);
    terminal_give(tui->terminal);
    if (sigaction(SIGTSTP, &standard, &before) == 0) {
        (void)kill(0, SIGTSTP);
        (void)sigaction(SIGTSTP, &before, NULL);
    }
    take_again(tui);
}

static void take_wishes(struct tui *tui)
{
    unsigned wishes = tui->ui.wishes;
    tui->ui.wishes = 0;
    if (tui->gone) {
        return;
    }
    if (wishes & (WISH_COPY | WISH_WRITE)) {
        copy(tui, (wishes & WISH_COPY) != 0);
    }
    if (wishes & WISH_BELL) {
        ring(tui);
    }
    if (wishes & WISH_MOUSE) {
        terminal_mouse(tui->terminal, tui->ui.mouse);
    }
    if (wishes & WISH_DROP) {
        terminal_drop_input(tui->terminal, tui->setup.shell.now_us());
    }
    if (wishes & WISH_REPAINT) {
        terminal_repaint(tui->terminal);
        tui->stale = tui->urgent = true;
    }
    if (wishes & WISH_CLOSE) {
        tui->closed = true;
    }
    if (wishes & WISH_SUSPEND) {
        suspend(tui);
    }
}

/* ---------------------------------------------------------------- frames */

static void see(struct tui *tui, const struct run *run)
{
    int64_t second = run->now_us / US_PER_SECOND;
    bool moved = tui->state != run->state;
    tui->stale = tui->stale || moved || tui->events != run->events || tui->second != second;
    tui->urgent = tui->urgent || moved;
    tui->events = run->events;
    tui->second = second;
    tui->state = run->state;
    if (tui->ticked) { /* on the second, as people see it */
        tui->ticked = false;
        tui->tick_us = tui->setup.shell.now_us() + US_PER_SECOND - run->now_us % US_PER_SECOND;
    }
}

static void warn_of_the_end(struct tui *tui, const struct run *run)
{
    bool soon = run->closes_us != 0 && run->now_us >= run->closes_us - LAST_CALL_US &&
                run->now_us < run->closes_us && run->state != STATE_END;
    if (soon && !tui->last_call) {
        int64_t left = (run->closes_us - run->now_us + US_PER_MINUTE - 1) / US_PER_MINUTE;
        ui_say(&tui->ui, STYLE_WARN, "the window closes in %d minute%s", (int)left,
               left == 1 ? "" : "s");
        tui->ui.wishes |= WISH_BELL;
    }
    tui->last_call = soon;
}

/* A frame now, if there is one to make and the terminal took the last one. */
static void show(struct tui *tui, const struct run *run)
{
    int64_t now_us = tui->setup.shell.now_us();
    if (!tui->stale || tui->gone || !terminal_is_taken(tui->terminal) ||
        terminal_is_busy(tui->terminal) ||
        (!tui->urgent && now_us < tui->drawn_us + FRAME_US)) {
        return;
    }
    ui_present(&tui->ui, run, now_us);
    warn_of_the_end(tui, run);
    take_wishes(tui);
    if (terminal_is_titled(tui->terminal)) { /* what it says is true, or it is not there */
        set_title(tui, run);
    }
    if (terminal_is_busy(tui->terminal)) {
        return; /* a bell waits: the frame follows */
    }
    view_draw(run, &tui->ui, &tui->grid);
    terminal_draw(tui->terminal, &tui->grid);
    tui->drawn_us = now_us;
    tui->stale = tui->urgent = false;
}

static void present(void *ctx, const struct run *run)
{
    struct tui *tui = ctx;
    struct ui *ui = &tui->ui;
    tui->sent = false;
    see(tui, run);
    bool leave_now = ui->leaving && ui->left_in != run->state && !engine_in_transaction(run);
    tui->due = tui->due || leave_now;
    show(tui, run);
    tui->due = tui->due || (tui->rollback_wanted && ui->ask_count > 0);
}

/* ---------------------------------------------------------------- leaving */

static void emit(struct tui *tui, enum event_kind kind, const char *text)
{
    const struct run *run = tui->setup.run;
    struct event event = {
        .kind = kind, .script = -1, .text = str_from(text), .who = run->operator_name};
    tui->sent = true;
    tui->events_out->emit(tui->events_out->ctx, &event);
}

/* HOLD, and leave as soon as that is safe. */
static void leave(struct tui *tui, const struct run *run)
{
    struct ui *ui = &tui->ui;
    if (!ui->hold_sent) {
        ui->hold_sent = true;
        emit(tui, EVENT_HOLD, tui->gone ? "the terminal is gone" : "asked to leave");
    }
    if (ui->left_in != run->state && !engine_in_transaction(run)) {
        ui->left_in = run->state;
        emit(tui, EVENT_LEAVE, "");
    }
}

/* Nothing is drawn any more; the run goes on until it can be left. */
static void lose(struct tui *tui)
{
    if (!tui->gone) {
        terminal_give(tui->terminal);
        tui->gone = true;
        tui->ui.leaving = true;
        tui->ui.left_in = STATE__COUNT;
        tui->due = true;
    }
}

/* ---------------------------------------------------------------- the vtable */

static void emit_of_key(void *ctx, const struct event *event)
{
    struct tui *tui = ctx;
    tui->sent = true;
    tui->events_out->emit(tui->events_out->ctx, event);
}

static void take_keys(struct tui *tui, const struct run *run)
{
    struct front_events events = {.ctx = tui, .emit = emit_of_key};
    struct keyboard *keyboard = terminal_keyboard(tui->terminal);
    while (!tui->sent && !tui->closed && !tui->gone) {
        int64_t now_us = tui->setup.shell.now_us();
        uint32_t key = keyboard_next(keyboard, now_us);
        if (key == 0) {
            return;
        }
        if (tui->stale) { /* a key answers what is asked now, not what was */
            ui_present(&tui->ui, run, now_us);
        }
        ui_key(&tui->ui, run, key, now_us, &events);
        tui->stale = tui->urgent = true;
        take_wishes(tui);
    }
}

static void resize(struct tui *tui)
{
    int columns;
    int rows;
    tui->resize_us = INT64_MAX;
    if (terminal_resize(tui->terminal)) {
        terminal_size(tui->terminal, &columns, &rows);
        ui_resize(&tui->ui, columns, rows);
        tui->stale = tui->urgent = true;
    }
}

static bool clock_is_shown(const struct tui *tui)
{
    return !tui->gone && !tui->ui.over && terminal_is_taken(tui->terminal);
}

static void wants(void *ctx, int *fd, short *events, int64_t *deadline_us)
{
    struct tui *tui = ctx;
    int64_t now_us = tui->setup.shell.now_us();
    bool room_unknown = false;
    if (tui->due) {
        *deadline_us = 0;
    }
    if (tui->gone) {
        return;
    }
    terminal_wants(tui->terminal, fd, events, &room_unknown);
    bool waits =
        tui->stale && !terminal_is_busy(tui->terminal) && terminal_is_taken(tui->terminal);
    const int64_t deadlines[] = {
        keyboard_deadline(terminal_keyboard(tui->terminal)),
        waits ? tui->drawn_us + FRAME_US : INT64_MAX,
        clock_is_shown(tui) ? tui->tick_us : INT64_MAX,
        room_unknown ? now_us + ROOM_US : INT64_MAX,
        tui->resize_us,
    };
    for (size_t i = 0; i < COUNT_OF(deadlines); i++) {
        *deadline_us = deadlines[i] < *deadline_us ? deadlines[i] : *deadline_us;
    }
}

static void ready(void *ctx, const struct run *run, short revents,
                  const struct front_events *events)
{
    struct tui *tui = ctx;
    int64_t now_us = tui->setup.shell.now_us();
    (void)revents;
    tui->events_out = events;
    if (!tui->gone && !terminal_ready(tui->terminal, now_us)) {
        lose(tui);
    }
    take_keys(tui, run);
    if (now_us >= tui->resize_us && !tui->gone) {
        resize(tui);
    }
    if (clock_is_shown(tui) && now_us >= tui->tick_us) {
        tui->tick_us = now_us + US_PER_SECOND;
        tui->ticked = true;
        struct event tick = {.kind = EVENT_TICK, .script = -1};
        events->emit(events->ctx, &tick);
    }
    if (tui->due) {
        tui->due = false;
        if (tui->ui.leaving) {
            leave(tui, run);
        } else if (tui->rollback_wanted) {
            tui->rollback_wanted = false;
            emit(tui, EVENT_ROLLBACK, "gonogo rollback");
        }
    }
}

static void press_key(struct tui *tui, const struct run *run, uint32_t key)
{
    struct front_events events = {.ctx = tui, .emit = emit_of_key};
    ui_key(&tui->ui, run, key, tui->setup.shell.now_us(), &events);
    tui->stale = tui->urgent = true;
    take_wishes(tui);
}

static void on_signal(void *ctx, const struct run *run, int number,
                      const struct front_events *events)
{
    struct tui *tui = ctx;
    tui->events_out = events;
    if (number == SIGHUP) {
        lose(tui);
    } else if (tui->gone) {
        return;
    } else if (number == SIGWINCH && tui->resize_us == INT64_MAX) {
        tui->resize_us = tui->setup.shell.now_us() + RESIZE_US;
    } else if (number == SIGINT) {
        press_key(tui, run, KEY_CONTROL('c'));
    } else if (number == SIGTSTP) {
        press_key(tui, run, KEY_CONTROL('z'));
    } else if (number == SIGCONT) {
        take_again(tui);
    }
}

/* A run that never met its server has nothing to read: its error is better told outside. */
static bool lingers(void *ctx)
{
    const struct tui *tui = ctx;
    const struct run *run = tui->setup.run;
    return tui->ui.over && run->database.len > 0 && !tui->closed && !tui->gone &&
           !tui->ui.leaving && !run->leaving && !run->abandoned;
}

static void close_tui(void *ctx)
{
    struct tui *tui = ctx;
    const struct tui_shell *shell = &tui->setup.shell;
    on_no_memory(NULL);
    terminal_close(tui->terminal);
    if (shell->closed) {
        shell->closed(shell->ctx);
    }
    ui_release(&tui->ui);
    grid_release(&tui->grid);
    free(tui);
}

void tui_restore(void)
{
    tty_restore();
}

/* ------------------------------------------------------------------ birth */

static void greet(struct tui *tui)
{
    const char *notice = terminal_notice(tui->terminal);
    if (notice[0] != '\0') {
        ui_say(&tui->ui, STYLE_WARN, "%s", notice);
    } else if (getenv("SSH_CONNECTION") && !getenv("TMUX") && !getenv("STY")) {
        ui_say(&tui->ui, STYLE_DIM,
               "over ssh without tmux or screen: if the line breaks, the run holds, and "
               "gonogo resume goes on");
    }
}

static void open_ui(struct tui *tui)
{
    int columns;
    int rows;
    terminal_size(tui->terminal, &columns, &rows);
    ui_init(&tui->ui, columns, rows);
    tui->ui.connection = tui->setup.connection;
    tui->ui.run_id = tui->setup.run_id;
    tui->ui.sources = ui_sources_of(&tui->setup.shell);
    tui->ui.glyphs = terminal_glyphs(tui->terminal);
    tui->ui.theme = terminal_theme(tui->terminal);
    tui->ui.now_us = tui->setup.shell.now_us();
    tui->ui.mouse = tui->setup.look.mouse;
    if (tui->ui.mouse) {
        terminal_mouse(tui->terminal, true);
    }
}

bool tui_open(const struct tui_setup *setup, struct front *front, struct err *err)
{
    struct terminal *terminal = terminal_open(setup, err);
    if (!terminal) {
        return false;
    }
    struct tui *tui = mem_zero(1, sizeof(*tui));
    tui->setup = *setup;
    tui->terminal = terminal;
    tui->state = STATE__COUNT;
    tui->resize_us = INT64_MAX;
    tui->rollback_wanted = setup->open_rollback;
    open_ui(tui);
    greet(tui);
    on_no_memory(tui_restore);
    *front = (struct front){.ctx = tui,
                            .present = present,
                            .wants = wants,
                            .ready = ready,
                            .signal = on_signal,
                            .lingers = lingers,
                            .close = close_tui};
    return true;
}
