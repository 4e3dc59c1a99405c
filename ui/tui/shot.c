/* SPDX-License-Identifier: PostgreSQL */
/*
 * The screens without a terminal: the same state, the same keys, the same frame. Time
 * moves only when somebody types.
 */
#include "tui.h"

#include "frame_dump.h"
#include "ui_private.h"

#include <string.h>

struct tui_shot {
    struct ui ui;
    struct grid grid;
    int64_t now_us;
};

static const struct glyphs *glyphs_named(const char *word)
{
    static const struct glyphs *const all[] = {&glyphs_full, &glyphs_linux, &glyphs_ascii};
    for (size_t i = 0; word && i < COUNT_OF(all); i++) {
        if (strcmp(all[i]->word, word) == 0) {
            return all[i];
        }
    }
    return &glyphs_full;
}

struct tui_shot *tui_shot_new(int columns, int rows, const char *connection,
                              struct tui_look look, struct tui_shell shell)
{
    struct tui_shot *shot = mem_zero(1, sizeof(*shot));
    const struct theme *theme = theme_find(look.theme ? look.theme : "default");
    ui_init(&shot->ui, columns, rows);
    shot->ui.connection = connection;
    shot->ui.theme = theme ? theme : &theme_default;
    shot->ui.glyphs = glyphs_named(look.glyphs);
    shot->ui.sources = ui_sources_of(&shell);
    shot->now_us = US_PER_HOUR;
    return shot;
}

void tui_shot_free(struct tui_shot *shot)
{
    if (shot) {
        ui_release(&shot->ui);
        grid_release(&shot->grid);
        free(shot);
    }
}

void tui_shot_see(struct tui_shot *shot, const struct run *run)
{
    ui_present(&shot->ui, run, shot->now_us);
}

static void swallow(void *ctx, const struct event *event)
{
    (void)ctx;
    (void)event;
}

void tui_shot_type(struct tui_shot *shot, const struct run *run, struct str keys)
{
    struct front_events events = {NULL, swallow};
    shot->now_us += US_PER_SECOND;
    while (keys.len > 0) {
        uint32_t key = 0;
        size_t length = utf8_next(keys, &key);
        length = length > 0 ? length : 1;
        if (ui_in_dialog(&shot->ui)) {
            shot->now_us += US_PER_SECOND; /* a box is read before it is answered */
        }
        ui_key(&shot->ui, run, key, shot->now_us, &events);
        keys = str_slice(keys, length, keys.len);
    }
}

bool tui_shot_go(struct tui_shot *shot, const struct run *run, struct str screen)
{
    for (size_t i = 0; i < SCREEN__COUNT; i++) {
        if (str_eq(screen, screens[i].name)) {
            ui_go(&shot->ui, (enum screen)i);
            shot->ui.follows = false;
            ui_present(&shot->ui, run, shot->now_us);
            return true;
        }
    }
    return false;
}

void tui_shot_text(struct tui_shot *shot, const struct run *run, bool styles,
                   struct strbuf *out)
{
    view_draw(run, &shot->ui, &shot->grid);
    frame_text(&shot->grid, out);
    if (styles) {
        frame_styles(&shot->grid, out);
    }
}

void tui_shot_svg(struct tui_shot *shot, const struct run *run, struct strbuf *out)
{
    view_draw(run, &shot->ui, &shot->grid);
    frame_svg(&shot->grid, shot->ui.theme, out);
}
