#include "screen_parts.h"
#define S(n)                                                                                   \
    void build_##n(struct page *p, const struct run *r, const struct ui *u)                    \
    {                                                                                          \
        (void)r;                                                                               \
        log_pane(p, u, PANE_MAIN);                                                             \
    }
S(review)
S(backup)
S(poll) S(verify) S(counts) S(monitor) S(rollback) S(report)
    S(doubt) void dialog_questions(struct ui *ui, const struct run *run)
{
    (void)ui;
    (void)run;
}
void dialog_command(struct ui *ui, const char *word, struct str id, const struct event *event)
{
    (void)ui;
    (void)word;
    (void)id;
    (void)event;
}
void dialog_quit(struct ui *ui, const struct run *run)
{
    (void)ui;
    (void)run;
}
void dialog_key(const struct press *press)
{
    (void)press;
}
void dialog_check(struct ui *ui)
{
    (void)ui;
}
void view_dialog(struct area body, const struct ui *ui, const struct run *run)
{
    (void)body;
    (void)ui;
    (void)run;
}
void find_key(const struct press *press)
{
    (void)press;
}
void find_next(struct ui *ui, int direction)
{
    (void)ui;
    (void)direction;
}
void command_key(const struct press *press)
{
    (void)press;
}
bool view_input(struct area area, const struct ui *ui)
{
    (void)area;
    (void)ui;
    return false;
}
void overlay_help(struct ui *ui, const struct run *run)
{
    (void)ui;
    (void)run;
}
void overlay_open(struct ui *ui, const struct run *run)
{
    (void)ui;
    (void)run;
}
void overlay_key(const struct press *press)
{
    (void)press;
}
bool view_overlay(struct area body, const struct ui *ui)
{
    (void)body;
    (void)ui;
    return false;
}
void copy_line(struct ui *ui, const struct run *run)
{
    (void)ui;
    (void)run;
}
void copy_status(struct ui *ui, const struct run *run)
{
    (void)ui;
    (void)run;
}
