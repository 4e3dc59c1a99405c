/* SPDX-License-Identifier: PostgreSQL */
/*
 * The go/no-go poll: every role in the order of the plan with its vote, then the
 * questions with what answers each, and at the end what the poll comes to and why.
 */
#include "about_private.h"
#include "screen_parts.h"

enum {
    ROLE = 4,
    WHO = 22,
    VOTE = 36,
    AT = 46,
    SAID = 53,
};

static enum glyph glyph_of_vote(const struct run_vote *vote)
{
    return !vote                        ? GLYPH_NOT_YET
           : str_eq(vote->vote, "GO")   ? GLYPH_GOOD
           : str_eq(vote->vote, "HOLD") ? GLYPH_HOLD
                                        : GLYPH_BAD;
}

static void add_role(struct pane *pane, const struct run *run, size_t index)
{
    const struct plan_role *role = &run->plan->roles.items[index];
    const struct run_vote *vote = vote_of(run, role->id);
    struct line *line = pane_row(pane, SUBJECT_ROLE, (int64_t)index, 0);
    bool waits = vote || role->votes;
    enum glyph glyph = waits ? glyph_of_vote(vote) : GLYPH_DOT;
    line_glyph(line, 1, glyph);
    line_fit(line, ROLE, WHO - ROLE - 1, STYLE_NORMAL, role->title);
    if (!vote) {
        line_at(line, WHO, STYLE_DIM, "-");
        line_at(line, SAID, STYLE_DIM, role->votes ? "no answer yet" : "may call HOLD");
        return;
    }
    line_fit(line, WHO, VOTE - WHO - 1, STYLE_NORMAL, vote->who);
    line_at(line, VOTE, glyph_style(glyph), "%.*s", STR_ARG(vote->vote));
    struct strbuf clock = {0};
    time_to_clock(&clock, vote->at_us);
    line_at(line, AT, STYLE_DIM, "%.5s", clock.ptr);
    line_fit(line, SAID, pane->width - SAID - 1, vote->claim ? STYLE_UNKNOWN : STYLE_NORMAL,
             vote->why);
    strbuf_release(&clock);
}

static void build_votes(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_A, PANE_MAIN, "GO / NO-GO");
    struct line *head = pane_head(pane);
    line_at(head, ROLE, STYLE_DIM, "role");
    line_at(head, WHO, STYLE_DIM, "who");
    line_at(head, VOTE, STYLE_DIM, "vote");
    line_at(head, AT, STYLE_DIM, "at");
    line_at(head, SAID, STYLE_DIM, "said");
    for (size_t i = 0; i < run->plan->roles.count; i++) {
        add_role(pane, run, i);
    }
    pane->least = (int)pane->count;
    pane_note(pane, "all GO to pass; one NO-GO stops; HOLD waits");
}

/* ------------------------------------------------------------------ checklist */

static const char *proof_word(const struct run_item *item)
{
    static const char *const words[] = {
        [PLAN_PROOF_UNSAID] = "note",   [PLAN_PROOF_REHEARSAL] = "rehearsal",
        [PLAN_PROOF_BACKUP] = "backup", [PLAN_PROOF_POLL] = "poll",
        [PLAN_PROOF_PROBES] = "probes", [PLAN_PROOF_NOTE] = "note",
        [PLAN_PROOF_SQL] = "query",     [PLAN_PROOF_RUN] = "program",
    };
    return words[item->item->proof];
}

static enum glyph item_glyph(const struct run_item *item, bool closed)
{
    if (!closed) {
        return item->check.outcome == OUTCOME_FAILED    ? GLYPH_BAD
               : item->check.outcome == OUTCOME_UNKNOWN ? GLYPH_UNKNOWN
                                                        : GLYPH_NOT_YET;
    }
    return item->overridden ? GLYPH_WARN : item->claim ? GLYPH_UNKNOWN : GLYPH_GOOD;
}

/* What the program itself found, where nobody had to say anything. */
static struct str measured(const struct run *run, const struct run_item *item,
                           struct arena *arena)
{
    struct run_tally votes = vote_tally(run);
    switch (item->item->proof) {
    case PLAN_PROOF_BACKUP:
        for (size_t i = 0; i < run->backup_count; i++) {
            const struct run_backup *backup = &run->backups[i];
            if (backup->backup->kind == PLAN_BACKUP_PG_DUMP && !backup->failed) {
                return str_format(arena, "%.*s %s", STR_ARG(backup->backup->id),
                                  part_level_word(backup->level));
            }
        }
        return (struct str){0};
    case PLAN_PROOF_PROBES:
        return str_format(arena, "%zu answered", run->probe_count);
    case PLAN_PROOF_POLL:
        return str_format(arena, "%zu of %zu say GO", votes.done, votes.all);
    case PLAN_PROOF_REHEARSAL:
    case PLAN_PROOF_NOTE:
    case PLAN_PROOF_SQL:
    case PLAN_PROOF_RUN:
    case PLAN_PROOF_UNSAID:
        return (struct str){0};
    }
    return (struct str){0};
}

static void add_item(struct pane *pane, const struct run *run, size_t index)
{
    const struct run_item *item = &run->items[index];
    struct str why = {0};
    bool closed = item_is_closed(run, item, &why, &pane->page->arena);
    struct line *line = pane_row(pane, SUBJECT_ITEM, (int64_t)index, 0);
    int response = pane->width > 90 ? 44 : 36;
    int proof = pane->width - 16;
    line_glyph(line, 1, item_glyph(item, closed));
    line_at(line, ROLE, STYLE_DIM, "%.*s", STR_ARG(item->item->id));
    line_fit(line, ROLE + 4, response - ROLE - 5, closed ? STYLE_NORMAL : STYLE_BOLD,
             item->item->ask);
    struct str said = item->overridden             ? item->why
                      : item->text.len > 0         ? item->text
                      : item->check.actual.len > 0 ? item->check.actual
                                                   : measured(run, item, &pane->page->arena);
    if (closed) {
        line_fit(line, response, proof - response - 1,
                 item->overridden || item->claim ? STYLE_UNKNOWN : STYLE_NORMAL, said);
    } else {
        line_fit(line, response, proof - response - 1, STYLE_HOLD, why);
    }
    line_at(line, proof, STYLE_DIM, "%s", item->overridden ? "override" : proof_word(item));
    if (item->at_us > 0) {
        part_age(line, pane->width - 1, run, item->at_us);
    }
}

/* What the rules block stands before the questions: nothing else needs so many words. */
static void add_block(struct pane *pane, const struct run *run, const struct run_block *block)
{
    struct line *line = pane_line(pane);
    int id = str_width(block->id);
    int response = pane->width > 90 ? 44 : 36;
    int proof = pane->width - 16;
    line_glyph(line, 1, block->overridden ? GLYPH_WARN : GLYPH_BAD);
    line_at(line, ROLE, STYLE_DIM, "%.*s", STR_ARG(block->id));
    line_fit(line, ROLE + id + 1, response - ROLE - id - 2,
             block->overridden ? STYLE_NORMAL : STYLE_BOLD, block->text);
    line_fit(line, response, proof - response - 1,
             block->overridden ? STYLE_UNKNOWN : STYLE_HOLD,
             block->overridden ? block->why : STR("a rule blocks it"));
    line_at(line, proof, STYLE_DIM, "%s", block->overridden ? "override" : "rule");
    if (block->at_us > 0) {
        part_age(line, pane->width - 1, run, block->at_us);
    }
}

static void build_items(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_B, PANE_MAIN, "CHECKLIST");
    enum plan_gate gates[] = {PLAN_GATE_POLL, PLAN_GATE_PREP};
    for (size_t i = 0; i < run->block_count; i++) {
        add_block(pane, run, &run->blocks[i]);
    }
    for (size_t g = 0; g < COUNT_OF(gates); g++) {
        for (size_t i = 0; i < run->item_count; i++) {
            if (run->items[i].item->gate == gates[g]) {
                add_item(pane, run, i);
            }
        }
    }
    struct strbuf closed = {0};
    front_checklist_text(&closed, run);
    pane_note(pane, "%s", closed.len > 0 ? closed.ptr : "no checklist");
    strbuf_release(&closed);
    pane->grows = true;
    pane->least = 6;
}

/* One NO-GO outweighs everything, a HOLD all that is good. */
static enum glyph result_glyph(const struct run *run)
{
    if (run->phase > PHASE_POLL) {
        return GLYPH_GOOD;
    }
    enum glyph glyph = way_is_barred(run)     ? GLYPH_BAD
                       : poll_is_settled(run) ? GLYPH_GOOD
                                              : GLYPH_NOT_YET;
    for (size_t i = 0; i < run->vote_count; i++) {
        const struct run_vote *vote = &run->votes[i];
        enum glyph one = glyph_of_vote(vote);
        if (!vote->replaced && one != GLYPH_GOOD && glyph != GLYPH_BAD) {
            glyph = one;
        }
    }
    return glyph;
}

/* Who is in the way of our locks, and what a person said to that. */
static void add_obstacles(struct pane *pane, const struct run *run)
{
    const struct run_obstacles *obstacles = &run->obstacles;
    bool barred = way_is_barred(run);
    if (!barred && (obstacles->outcome != OUTCOME_OK || obstacles->count == 0)) {
        return;
    }
    struct line *line = pane_line(pane);
    line_glyph(line, 9, barred ? GLYPH_BAD : GLYPH_WARN);
    line_at(line, 12, barred ? STYLE_BAD : STYLE_WARN,
            "L23 in the way%s: ", barred ? "" : " (overridden)");
    line_fit(line, line->end, pane->width - line->end - 1, STYLE_NORMAL,
             obstacles_text(run, &pane->page->arena));
    pane->least = (int)pane->count;
}

/* Whoever votes GO should know that somebody still uses what goes. */
static void add_written(struct pane *pane, const struct run *run)
{
    struct strbuf text = {0};
    if (still_written_text(&text, run) > 0) {
        struct line *line = pane_line(pane);
        line_glyph(line, 9, GLYPH_WARN);
        line_fit(line, 12, pane->width - 13, STYLE_WARN, strbuf_str(&text));
        pane->least = (int)pane->count;
    }
    strbuf_release(&text);
}

static void build_result(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_C, PANE_MAIN, NULL);
    struct line *line = pane_line(pane);
    struct run_tally votes = vote_tally(run);
    struct run_tally items = gate_tally(run, PLAN_GATE_POLL);
    line_at(line, 1, STYLE_BOLD, "RESULT");
    line_glyph(line, 9, result_glyph(run));
    line_at(line, 12, STYLE_NORMAL, "%zu of %zu voters say GO", votes.done, votes.all);
    if (items.done < items.all) {
        line_add(line, STYLE_HOLD, "; %zu of %zu items open", items.all - items.done,
                 items.all);
    }
    struct run_tally blocks = block_tally(run);
    if (blocks.done < blocks.all) {
        line_add(line, STYLE_HOLD, "; %zu finding%s of the rules block%s",
                 blocks.all - blocks.done, plural(blocks.all - blocks.done),
                 blocks.all - blocks.done == 1 ? "s" : "");
    }
    if (run->state == STATE_NAME) {
        line_add(line, STYLE_HOLD, "   the name of the database opens the window");
    }
    add_obstacles(pane, run);
    add_written(pane, run);
}

/* What the program found by itself: the backup that proves it, else a number. */
static void add_found(struct pane *pane, const struct run *run, const struct ui *ui,
                      const struct run_item *item)
{
    if (item->item->proof != PLAN_PROOF_BACKUP) {
        about_fact(pane, "found", measured(run, item, &pane->page->arena));
        return;
    }
    for (size_t i = 0; i < run->backup_count; i++) {
        if (run->backups[i].level != PLAN_LEVEL_UNSAID || run->backups[i].attested) {
            about_heading(pane, "FOUND");
            (void)about_subject(pane, run, ui, (struct subject){SUBJECT_BACKUP, (int64_t)i, 0});
        }
    }
}

/*
 * All that stands behind the answer under the cursor: kind of proof, query, what came out, how
 * old it is, whose word it is. It stays when this pane itself, or the log, takes the focus.
 */
static void build_proof(struct page *page, const struct run *run, const struct ui *ui)
{
    enum {
        LINES = 9 /* in sight at least */
    };
    struct pane *pane = page_pane(page, PANE_G, PANE_RIGHT, "PROOF");
    static const enum pane_id lists[] = {PANE_B, PANE_A, PANE_D};
    struct subject subject = ui_cursor(ui, ui_list_of(ui, lists, COUNT_OF(lists)));
    if (subject.kind == SUBJECT_NONE) {
        subject = ui_cursor(ui, PANE_A);
    }
    pane->grows = true;
    if (!about_subject(pane, run, ui, subject)) {
        line_at(pane_line(pane), 1, STYLE_DIM, "choose an answer at the left");
    } else if (subject.kind == SUBJECT_ITEM) {
        add_found(pane, run, ui, &run->items[subject.a]);
    }
    pane->least = pane->count < LINES ? (int)pane->count : LINES;
}

static void build_history(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_D, PANE_RIGHT, "EVERY VOTE");
    for (size_t i = 0; i < run->vote_count; i++) {
        const struct run_vote *vote = &run->votes[i];
        struct line *line = pane_row(pane, SUBJECT_VOTE, (int64_t)i, 0);
        enum style style = vote->replaced ? STYLE_DIM : STYLE_NORMAL;
        part_clock(line, 1, STYLE_DIM, vote->at_us);
        line_fit(line, 10, 10, style, vote->role);
        line_fit(line, 21, 10, style, vote->who);
        line_at(line, 32, vote->replaced ? STYLE_DIM : glyph_style(glyph_of_vote(vote)),
                "%.*s%s", STR_ARG(vote->vote), vote->replaced ? " (changed)" : "");
    }
    if (run->vote_count == 0) {
        line_at(pane_line(pane), 1, STYLE_DIM, "no vote yet");
    }
}

void build_poll(struct page *page, const struct run *run, const struct ui *ui)
{
    build_votes(page, run);
    build_items(page, run);
    build_result(page, run);
    build_proof(page, run, ui);
    build_history(page, run);
    part_counts(page, run, PANE_E, PANE_RIGHT);
    part_limits(page, run, PANE_F);
    log_pane(page, ui, PANE_BOTTOM);
}
