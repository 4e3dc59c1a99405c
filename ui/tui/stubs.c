#include "screen_parts.h"
__attribute__((weak)) void dialog_questions(struct ui *ui, const struct run *run)
{
    (void)ui;
    (void)run;
}
__attribute__((weak)) void dialog_command(struct ui *ui, const char *word, struct str id,
                                          const struct event *event)
{
    (void)ui;
    (void)word;
    (void)id;
    (void)event;
}
__attribute__((weak)) void dialog_quit(struct ui *ui, const struct run *run)
{
    (void)ui;
    (void)run;
}
__attribute__((weak)) void dialog_key(const struct press *press)
{
    (void)press;
}
__attribute__((weak)) void dialog_check(struct ui *ui)
{
    (void)ui;
}
__attribute__((weak)) void view_dialog(struct area body, const struct ui *ui,
                                       const struct run *run)
{
    (void)body;
    (void)ui;
    (void)run;
}
__attribute__((weak)) void find_key(const struct press *press)
{
    (void)press;
}
__attribute__((weak)) void find_next(struct ui *ui, int direction)
{
    (void)ui;
    (void)direction;
}
__attribute__((weak)) void command_key(const struct press *press)
{
    (void)press;
}
__attribute__((weak)) bool view_input(struct area area, const struct ui *ui)
{
    (void)area;
    (void)ui;
    return false;
}
__attribute__((weak)) void overlay_help(struct ui *ui, const struct run *run)
{
    (void)ui;
    (void)run;
}
__attribute__((weak)) void overlay_open(struct ui *ui, const struct run *run)
{
    (void)ui;
    (void)run;
}
__attribute__((weak)) void overlay_key(const struct press *press)
{
    (void)press;
}
__attribute__((weak)) bool view_overlay(struct area body, const struct ui *ui)
{
    (void)body;
    (void)ui;
    return false;
}
__attribute__((weak)) void copy_line(struct ui *ui, const struct run *run)
{
    (void)ui;
    (void)run;
}
__attribute__((weak)) void copy_status(struct ui *ui, const struct run *run)
{
    (void)ui;
    (void)run;
}
