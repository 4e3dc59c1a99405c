/* SPDX-License-Identifier: PostgreSQL */
/*
 * The connection is lost, or the fate of a script is not known: what is certain, what is
 * not, what is being done about it, and the ways on. No jargon: it is read at 3 a.m.
 */
#include "screen_parts.h"

enum {
    LABEL = 1,
    VALUE = 18,
    STATE = 46, /* column of what became of a file */
    STATE_WIDE = 76,
};

static void add_fact(struct pane *pane, const char *label, enum style style, const char *text)
{
    struct line *line = pane_line(pane);
    line_at(line, LABEL, STYLE_DIM, "%s", label);
    line_at(line, VALUE, style, "%s", text);
}

/* Of whichever session tried most. */
static int attempts_so_far(const struct run *run)
{
    int most = 0;
    for (int session = 0; session < SESSION__COUNT; session++) {
        int attempts = (int)run->patience[session].attempts;
        most = attempts > most ? attempts : most;
    }
    return most;
}

static void build_state(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_A, PANE_MAIN, NULL);
    const struct run_script *script = run->script >= 0 ? &run->scripts[run->script] : NULL;
    struct line *line = pane_line(pane);
    bool doubt = run->state == STATE_IN_DOUBT;
    line_glyph(line, 1, doubt ? GLYPH_UNKNOWN : GLYPH_RUNNING);
    line_at(line, 4, doubt ? STYLE_BAD : STYLE_HOLD, "%s",
            doubt                      ? "IN DOUBT: nobody can know from evidence what happened"
            : run->state == STATE_LOST ? "THE CONNECTION IS LOST: trying to reach the server"
            : run->state == STATE_SETTLE ? "LOOKING FOR EVIDENCE of what became of it"
                                         : "nothing is in doubt");
    (void)pane_line(pane);
    if (run->hold_reason.len > 0) {
        pane_text(pane, LABEL, STYLE_NORMAL, run->hold_reason);
        (void)pane_line(pane);
    }
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *one = &run->scripts[i];
        struct line *fact = pane_row(pane, SUBJECT_SCRIPT, (int64_t)i, 0);
        line_glyph(fact, LABEL, script_glyph(one));
        int state = pane->width > STATE_WIDE + 16 ? STATE_WIDE : STATE;
        line_fit(fact, 4, state - 6, STYLE_NORMAL, one->file.len > 0 ? one->file : one->id);
        line_at(fact, state,
                one->state == SCRIPT_UNKNOWN || one->state == SCRIPT_OPEN ? STYLE_BAD
                                                                          : STYLE_NORMAL,
                "%s", script_state_words[one->state]);
    }
    if (script && script->xid > 0) {
        struct strbuf text = {0};
        (void)pane_line(pane);
        strbuf_format(&text, "transaction %lld, backend %lld", (long long)script->xid,
                      (long long)script->pid);
        add_fact(pane, "its traces", STYLE_NORMAL, text.ptr);
        strbuf_release(&text);
        add_fact(pane, "COMMIT", STYLE_NORMAL,
                 script->commit_sent ? "was sent; its answer never came" : "was not sent");
    }
    if (run->state == STATE_LOST) {
        struct strbuf text = {0};
        int tries = attempts_so_far(run);
        if (tries > 0) {
            strbuf_format(&text, "%d, and on", tries);
        } else {
            strbuf_text(&text, "the first is under way");
        }
        add_fact(pane, "tries", STYLE_NORMAL, text.ptr);
        strbuf_release(&text);
    }
    pane->grows = true;
    pane->least = 8;
}

static void build_ways(struct page *page, const struct run *run, const struct ui *ui)
{
    struct pane *pane = page_pane(page, PANE_B, PANE_MAIN, "THE WAYS ON");
    for (size_t i = 0; i < ui->ask_count; i++) {
        const struct ask *ask = &ui->asks[i];
        const struct front_form *forms[FORMS_MAX];
        size_t count = front_forms(run, ask, forms);
        pane_text(pane, LABEL, STYLE_BOLD, ask->text);
        pane_text(pane, LABEL, STYLE_NORMAL, ask->detail);
        for (size_t k = 0; k < count; k++) {
            struct subject way = subject_of_way(ask, k);
            struct line *line = pane_row(pane, way.kind, way.a, way.b);
            line_at(line, 4, STYLE_BOLD, "%s", forms[k]->word ? forms[k]->word : "answer");
            line_at(line, VALUE, STYLE_NORMAL, "%s", forms[k]->help);
        }
    }
    struct strbuf keys = {0};
    if (run->state == STATE_LOST) {
        pane_text(pane, LABEL, STYLE_DIM,
                  STR("The server is tried again and again; nothing is sent twice."));
        (void)key_say(&keys, ui, run, INTENT_HOLD);
        (void)key_say(&keys, ui, run, INTENT_QUIT);
    } else if (!key_say(&keys, ui, run, INTENT_ANSWER)) {
        strbuf_text(&keys, "nothing to decide now");
    }
    pane_text(pane, LABEL, STYLE_DIM, strbuf_str(&keys));
    strbuf_release(&keys);
    pane->least = 3;
}

void build_doubt(struct page *page, const struct run *run, const struct ui *ui)
{
    build_state(page, run);
    build_ways(page, run, ui);
    part_counts(page, run, PANE_C, PANE_RIGHT);
    part_roster(page, run, PANE_D);
    log_pane(page, ui, page->wide ? PANE_BOTTOM : PANE_MAIN);
}
