/* SPDX-License-Identifier: PostgreSQL */
/*
 * All that is known about a statement that takes time, or about what is new since the
 * migration.
 */
#include "about_private.h"
#include "screen_parts.h"

static struct str mean_text(struct arena *arena, int64_t us)
{
    return us > 0    ? duration_text(arena, us)
           : us == 0 ? STR("never seen before the migration")
                     : STR("?? not known");
}

bool about_news(struct pane *pane, const struct run *run, const struct ui *ui,
                struct subject subject)
{
    (void)ui;
    const struct run_workload *workload = &run->workload;
    struct arena *arena = &pane->page->arena;
    for (size_t i = 0; i < workload->news_count; i++) {
        const struct run_news *news = &workload->news[i];
        bool log = str_eq(news->kind, "log");
        if (!subject_same(subject, subject_of_name(SUBJECT_NEWS, news->id))) {
            continue;
        }
        about_fact(pane, "what",
                   log ? STR("a line of a log of a kind that did not come before "
                             "the migration; digits are not compared")
                       : str_from(""));
        about_fact(pane, "kind", news->kind);
        about_time(pane, "first", run, news->first_us);
        about_time(pane, "last", run, news->last_us);
        about_format(pane, "times", "%lld", (long long)news->times);
        if (!log) {
            about_fact(pane, str_eq(news->kind, "running") ? "running for" : "mean of a call",
                       mean_text(arena, news->us));
            about_fact(pane, "before", mean_text(arena, news->was_us));
            about_fact(pane, "which", news->id);
        }
        about_heading(pane, log ? "LINE" : "STATEMENT");
        pane_text(pane, 2, STYLE_NORMAL, news->text);
        return true;
    }
    return false;
}

bool about_load(struct pane *pane, const struct run *run, const struct ui *ui,
                struct subject subject)
{
    (void)ui;
    const struct run_workload *workload = &run->workload;
    struct arena *arena = &pane->page->arena;
    for (size_t i = 0; i < workload->load_count; i++) {
        const struct run_load *load = &workload->loads[i];
        if (!subject_same(subject, subject_of_name(SUBJECT_LOAD, load->id))) {
            continue;
        }
        about_format(pane, "calls", "%lld in %.*s", (long long)load->calls,
                     STR_ARG(duration_text(arena, workload->us)));
        about_fact(pane, "mean of a call", mean_text(arena, load->us));
        about_fact(pane, "before", mean_text(arena, load->was_us));
        about_fact(pane, "which", load->id);
        about_heading(pane, "STATEMENT");
        pane_text(pane, 2, STYLE_NORMAL, load->text);
        return true;
    }
    return false;
}
