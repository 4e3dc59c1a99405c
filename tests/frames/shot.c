/* SPDX-License-Identifier: PostgreSQL */
/*
 * shot RUN SIZE SCREEN UNTIL [KEYS [THEME [GLYPHS]]]: one frame of a recorded run on
 * standard output, as text, or as SVG when SIZE begins with "svg". UNTIL is the number
 * of the last record to be seen, 0 for all.
 */
#include "app.h"
#include "tui.h"

#include <stdio.h>

static struct tui_shot *shot;

static void seen(void *ctx, const struct run *run)
{
    (void)ctx;
    tui_shot_see(shot, run);
}

int main(int argc, char **argv)
{
    int columns = 80;
    int rows = 24;
    if (argc < 5 || sscanf(argv[2], "%*[a-z]%dx%d", &columns, &rows) < 1) {
        fprintf(stderr, "shot RUN text80x24|svg120x40 SCREEN UNTIL [KEYS [THEME [GLYPHS]]]\n");
        return 2;
    }
    struct tui_look look = {.theme = argc > 6 ? argv[6] : NULL,
                            .glyphs = argc > 7 ? argv[7] : NULL};
    long long until = strtoll(argv[4], NULL, 10);
    struct app_fold fold;
    struct err err = {0};
    struct strbuf out = {0};
    shot = tui_shot_new(columns, rows, "host=db-prod dbname=app", look, (struct tui_shell){0});
    if (!app_replay(&fold, argv[1], NULL, until > 0 ? (uint64_t)until : UINT64_MAX, seen, NULL,
                    &err)) {
        fprintf(stderr, "%s %s\n", err.message, err.detail);
        return 1;
    }
    if (strcmp(argv[3], "-") != 0) {
        (void)tui_shot_go(shot, &fold.run, str_from(argv[3]));
    }
    if (argc > 5) {
        tui_shot_type(shot, &fold.run, str_from(argv[5]));
    }
    if (argv[2][0] == 's') {
        tui_shot_svg(shot, &fold.run, &out);
    } else {
        tui_shot_text(shot, &fold.run, false, &out);
    }
    (void)fwrite(out.ptr, 1, out.len, stdout);
    strbuf_release(&out);
    tui_shot_free(shot);
    app_fold_release(&fold);
    return 0;
}
