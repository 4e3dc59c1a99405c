/* SPDX-License-Identifier: PostgreSQL */
/*
 * Which objects a count counts: the members that are there now and, where an earlier run of
 * the same bytes kept what it began with, what is new, gone or changed since. Without one
 * nobody knows which member of a wrong count is the wrong one, and that is what is said.
 */
#include "about_private.h"
#include "screen_parts.h"

#include <string.h>

enum {
    SIGN = 1,
    NAME = 4,
    EARLIER = -1, /* in place of the moment */
};

static const struct catalog_snapshot *snapshot_at(const struct ui *ui, int64_t moment,
                                                  struct tui_earlier *earlier)
{
    const struct ui_sources *sources = &ui->sources;
    if (moment == EARLIER) {
        return sources->earlier && sources->earlier(sources->ctx, earlier) ? earlier->snapshot
                                                                           : NULL;
    }
    return sources->members ? sources->members(sources->ctx, (enum moment)moment) : NULL;
}

static struct str home_of(const struct run *run)
{
    const struct plan_texts *schemas = &run->plan->state.schemas;
    return schemas->count > 0 ? schemas->items[0] : STR("public");
}

/* Where a person looks; until they do, at the first count that is wrong. */
static const struct run_count *chosen_count(const struct run *run, const struct ui *ui)
{
    struct subject subject = ui_cursor(ui, PANE_A);
    const struct pane_state *state = &ui->panes[SCREEN_COUNTS][PANE_A];
    for (size_t i = 0; i < run->count_count && !state->scrolled; i++) {
        if (count_glyph(run, &run->counts[i]) == GLYPH_BAD) {
            return &run->counts[i];
        }
    }
    bool known =
        subject.kind == SUBJECT_COUNT && subject.a >= 0 && (size_t)subject.a < run->count_count;
    return known ? &run->counts[subject.a] : run->count_count > 0 ? &run->counts[0] : NULL;
}

static void add_member(struct pane *pane, const struct run *run,
                       const struct catalog_snapshot *snapshot, int64_t moment, size_t index,
                       const char *sign)
{
    struct line *line = pane_row(pane, SUBJECT_MEMBER, moment, (int64_t)index);
    struct str label =
        catalog_member_label(&pane->page->arena, &snapshot->members[index], home_of(run));
    enum style style = sign[0] != '\0' ? STYLE_BAD : STYLE_NORMAL;
    line_at(line, SIGN, style, "%s", sign);
    line_fit(line, NAME, pane->width - NAME - 26, style, label);
    if (sign[0] != '\0') {
        line_end(line, pane->width - 1, style, "%s",
                 sign[0] == '+'   ? "not there in that run"
                 : sign[0] == '-' ? "there in that run"
                                  : "another definition");
    }
}

static void add_difference(struct pane *pane, const struct run *run,
                           const struct tui_earlier *earlier,
                           const struct catalog_snapshot *now, enum moment moment,
                           enum count_kind kind)
{
    struct catalog_diff diff = {0};
    size_t shown = 0;
    struct strbuf clock = {0};
    time_to_text(&clock, earlier->at_us);
    line_at(pane_line(pane), SIGN, STYLE_NORMAL, "against run %s on %s, %.10s %.5s",
            earlier->run, earlier->target, clock.ptr, clock.ptr + strlen("2024-01-31T"));
    strbuf_release(&clock);
    catalog_diff(&diff, earlier->snapshot, now);
    for (size_t i = 0; i < diff.count; i++) {
        const struct catalog_change *change = &diff.changes[i];
        if (change->kind == kind && change->what != CATALOG_REORDERED) {
            bool gone = change->what == CATALOG_GONE;
            const struct catalog_snapshot *from = gone ? earlier->snapshot : now;
            const struct catalog_member *member = catalog_change_member(change);
            add_member(pane, run, from, gone ? EARLIER : (int64_t)moment,
                       (size_t)(member - from->members),
                       gone                          ? "-"
                       : change->what == CATALOG_NEW ? "+"
                                                     : "~");
            shown++;
        }
    }
    catalog_diff_release(&diff);
    if (shown == 0) {
        line_at(pane_line(pane), NAME, STYLE_DIM, "the same members as there");
    }
}

static void add_all(struct pane *pane, const struct run *run,
                    const struct catalog_snapshot *now, enum moment moment,
                    enum count_kind kind)
{
    size_t count = 0;
    const struct catalog_member *first = catalog_members_of(now, kind, &count);
    line_at(pane_line(pane), SIGN, STYLE_DIM, "now there");
    for (size_t i = 0; i < count; i++) {
        add_member(pane, run, now, moment, (size_t)(first - now->members) + i, "");
    }
}

/* ------------------------------------------------------------ what the plan says by name */

struct named {
    struct pane *pane;
    const struct run *run;
    const struct catalog_snapshot *now;
    enum count_kind kind;
    size_t shown;
};

static bool is_there(const struct named *named, struct str text)
{
    size_t count = 0;
    const struct catalog_member *first = catalog_members_of(named->now, named->kind, &count);
    for (size_t i = 0; i < count; i++) {
        if (catalog_member_is(&first[i], text, home_of(named->run))) {
            return true;
        }
    }
    return false;
}

static void add_named(struct named *named, const struct plan_texts *list, bool wanted)
{
    for (size_t i = 0; i < list->count; i++) {
        if (is_there(named, list->items[i]) == wanted) {
            continue;
        }
        struct pane *pane = named->pane;
        struct line *line = pane_row(pane, SUBJECT_TEXT, (int64_t)named->shown++, 0);
        line_at(line, SIGN, STYLE_BAD, "%s", wanted ? "-" : "+");
        line_fit(line, NAME, pane->width - NAME - 44, STYLE_BAD, list->items[i]);
        line_end(line, pane->width - 1, STYLE_BAD, "%s",
                 wanted ? "the plan takes it away: it is not there"
                        : "the plan brings it: it is there already");
    }
}

/* What the plan takes away must be there, and what it brings must not. */
static size_t add_by_plan(struct pane *pane, const struct run *run,
                          const struct catalog_snapshot *now, enum count_kind kind)
{
    struct named named = {pane, run, now, kind, 0};
    const struct plan_state *state = &run->plan->state;
    if (kind == COUNT_TABLES) {
        add_named(&named, &state->removed_tables, true);
    }
    for (size_t i = 0; i < state->changes.count; i++) {
        const struct plan_change *change = &state->changes.items[i];
        if (strcmp(plan_what_word(change->what), catalog_count_infos[kind].word) == 0) {
            add_named(&named, &change->gone, true);
            add_named(&named, &change->new, false);
        }
    }
    return named.shown;
}

void part_start_members(struct pane *pane, const struct run *run, const struct ui *ui,
                        enum moment moment)
{
    struct tui_earlier earlier = {0};
    const struct run_count *count = chosen_count(run, ui);
    const struct catalog_snapshot *now = snapshot_at(ui, moment, &earlier);
    enum count_kind kind;
    bool wrong = count && count_glyph(run, count) == GLYPH_BAD;
    if (!count || !catalog_count_kind(count->word, &kind) ||
        catalog_count_infos[kind].derived) {
        line_at(pane_line(pane), SIGN, STYLE_DIM, "%s",
                count ? "a number without members of its own" : "nothing is counted");
        return;
    }
    pane_note(pane, "%s", catalog_count_infos[kind].title);
    if (!now) {
        line_at(pane_line(pane), SIGN, STYLE_UNKNOWN, "?? not known here: only their number");
        return;
    }
    size_t named = add_by_plan(pane, run, now, kind);
    if (snapshot_at(ui, EARLIER, &earlier)) {
        add_difference(pane, run, &earlier, now, moment, kind);
    } else if (wrong && named == 0) {
        pane_text(
            pane, SIGN, STYLE_WARN,
            STR("which is wrong nobody knows: no earlier run of this plan to compare with"));
    }
    add_all(pane, run, now, moment, kind);
}

bool about_member(struct pane *pane, const struct run *run, const struct ui *ui,
                  struct subject subject)
{
    struct tui_earlier earlier = {0};
    const struct catalog_snapshot *snapshot = snapshot_at(ui, subject.a, &earlier);
    if (!snapshot || subject.b < 0 || (size_t)subject.b >= snapshot->member_count) {
        return false;
    }
    const struct catalog_member *member = &snapshot->members[subject.b];
    about_fact(pane, "what", str_from(catalog_count_infos[member->kind].singular));
    about_fact(pane, "name", catalog_member_label(&pane->page->arena, member, home_of(run)));
    about_fact(pane, "schema", member->schema);
    about_fact(pane, "table", member->table);
    if (subject.a == EARLIER) {
        about_format(pane, "seen", "in run %s on %s, not now", earlier.run, earlier.target);
    }
    if (member->definition.len > 0) {
        about_heading(pane, "DEFINITION");
        part_member(pane, snapshot, member);
    }
    return true;
}
