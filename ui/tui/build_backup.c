/* SPDX-License-Identifier: PostgreSQL */
/*
 * BACKUP: what is taken, how far it is proven, the other ways back, and what has been
 * written since, which a restore would lose. Each level of proof is a line of its own.
 */
#include "screen_parts.h"

enum {
    LABEL = 4,
    VALUE = 16,
};

static const char *const level_words[] = {
    [PLAN_LEVEL_UNSAID] = "nothing yet", [PLAN_LEVEL_DUMPED] = "dumped",
    [PLAN_LEVEL_LISTED] = "listed",      [PLAN_LEVEL_RESTORED] = "restored",
    [PLAN_LEVEL_COMPARED] = "compared",
};

const char *part_level_word(enum plan_backup_level level)
{
    return level_words[level];
}

static enum glyph backup_glyph(const struct run *run, const struct run_backup *backup)
{
    if (backup->running) {
        return GLYPH_RUNNING;
    }
    if (backup->attested && !backup->overridden) {
        return GLYPH_UNKNOWN; /* said, whatever the gate makes of it */
    }
    if (backup_is_proven(run, backup)) {
        return backup->overridden ? GLYPH_WARN : GLYPH_GOOD;
    }
    return backup->failed ? GLYPH_BAD : GLYPH_NOT_YET;
}

static void add_fact(struct pane *pane, const char *label, struct str value)
{
    if (value.len > 0) {
        struct line *line = pane_line(pane);
        line_at(line, LABEL, STYLE_DIM, "%s", label);
        line_fit(line, VALUE, pane->width - VALUE - 1, STYLE_NORMAL, value);
    }
}

static void add_file(struct pane *pane, const struct run_backup *backup)
{
    struct strbuf text = {0};
    strbuf_add(&text, backup->name);
    if (backup->size > 0) {
        strbuf_text(&text, "   ");
        size_to_text(&text, backup->size);
    }
    add_fact(pane, "file", strbuf_str(&text));
    strbuf_clear(&text);
    if (backup->taken_us > 0) {
        strbuf_text(&text, "state of ");
        time_to_clock(&text, backup->taken_us);
    }
    if (backup->dump_us > 0) {
        strbuf_text(&text, "   took ");
        duration_to_text(&text, backup->dump_us);
    }
    add_fact(pane, "taken", strbuf_str(&text));
    add_fact(pane, "sha256", backup->hash);
    strbuf_release(&text);
}

static void add_progress(struct pane *pane, const struct run_backup *backup)
{
    struct line *line = pane_line(pane);
    line_fit(line, LABEL, 34, STYLE_BOLD, backup->text.len > 0 ? backup->text : STR("at work"));
    if (backup->total > 0) {
        int column = 40;
        int64_t share = backup->progress * 100 / backup->total;
        line_bar(line, column, pane->width - column - 8, backup->progress, backup->total, -1);
        line_end(line, pane->width - 1, STYLE_BOLD, "%lld %%", (long long)share);
    }
}

/* The ladder of proof: a later step includes the earlier ones. */
static void add_proof(struct pane *pane, const struct run *run, const struct run_backup *backup)
{
    static const struct {
        enum plan_backup_level level;
        const char *text;
    } steps[] = {
        {PLAN_LEVEL_DUMPED, "written whole, synced, hashed"},
        {PLAN_LEVEL_LISTED, "its list can be read, and holds what snapshot \"backup\" holds"},
        {PLAN_LEVEL_RESTORED, "restored into a scratch server"},
        {PLAN_LEVEL_COMPARED, "compared there: objects and rows are the same"},
    };
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        bool reached = backup->level >= steps[i].level;
        bool wanted = backup->backup->level >= steps[i].level;
        bool next = backup->running && backup->level + 1 == steps[i].level;
        struct line *line = pane_line(pane);
        line_glyph(line, LABEL,
                   reached                    ? GLYPH_GOOD
                   : next                     ? GLYPH_RUNNING
                   : wanted && backup->failed ? GLYPH_BAD
                   : wanted                   ? GLYPH_NOT_YET
                                              : GLYPH_DOT);
        line_at(line, LABEL + 3, reached || next ? STYLE_NORMAL : STYLE_DIM, "%s",
                steps[i].text);
        if (!wanted && !reached) {
            line_end(line, pane->width - 1, STYLE_DIM, "not asked for");
        } else if (steps[i].level == PLAN_LEVEL_RESTORED && backup->restore_us > 0) {
            part_duration(line, pane->width - 1, STYLE_NORMAL, backup->restore_us);
        }
    }
    if (backup->backup->max_age_us > 0 && backup->taken_us > 0) {
        bool young = run->now_us - backup->taken_us <= backup->backup->max_age_us;
        struct line *line = pane_line(pane);
        struct strbuf text = {0};
        duration_to_text(&text, backup->backup->max_age_us);
        line_glyph(line, LABEL, young || backup->passed ? GLYPH_GOOD : GLYPH_BAD);
        line_at(line, LABEL + 3, STYLE_NORMAL, "younger than %s", text.ptr);
        part_age(line, pane->width - 1, run, backup->taken_us);
        strbuf_release(&text);
    }
}

static void add_backup(struct pane *pane, const struct run *run, size_t index)
{
    const struct run_backup *backup = &run->backups[index];
    const struct plan_backup *plan = backup->backup;
    struct line *line = pane_row(pane, SUBJECT_BACKUP, (int64_t)index, 0);
    bool external = plan->kind == PLAN_BACKUP_EXTERNAL;
    line_glyph(line, 1, backup_glyph(run, backup));
    line_at(line, LABEL, STYLE_BOLD, "%.*s", STR_ARG(plan->id));
    line_at(line, VALUE, STYLE_NORMAL, "%s",
            external                            ? "provider's snapshot"
            : plan->kind == PLAN_BACKUP_COMMAND ? "own command"
                                                : "pg_dump");
    line_end(line, pane->width - 1, glyph_style(backup_glyph(run, backup)), "%s%s",
             external && backup->attested ? "said, not proven" : level_words[backup->level],
             plan->required ? "" : "   not required");
    if (backup->running) {
        add_progress(pane, backup);
    }
    if (external) {
        add_fact(pane, "name", backup->name);
        add_fact(pane, "said by", backup->who);
        return;
    }
    add_file(pane, backup);
    if (plan->kind == PLAN_BACKUP_PG_DUMP) {
        add_proof(pane, run, backup);
    }
    if (backup->failed) {
        pane_text(pane, LABEL, STYLE_BAD, backup->text);
    }
    if (backup->detail.len > 0) {
        pane_text(pane, LABEL, backup->failed ? STYLE_BAD : STYLE_WARN, backup->detail);
    }
    if (backup->overridden) {
        add_fact(pane, "override", backup->why);
        add_fact(pane, "by", backup->who);
    }
}

static void build_backups(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_A, PANE_MAIN, "BACKUP");
    for (size_t i = 0; i < run->backup_count; i++) {
        add_backup(pane, run, i);
    }
    if (run->backup_count == 0) {
        line_glyph(pane_line(pane), 1, GLYPH_WARN);
        line_at(&pane->lines[0], LABEL, STYLE_WARN,
                "the plan takes no backup: the only ways back are those under b");
    }
    struct run_tally required = backup_tally(run, true);
    struct run_tally other = backup_tally(run, false);
    if (other.all > 0) {
        pane_note(pane, "%zu of %zu required, %zu of %zu other  gate: before the POLL",
                  required.done, required.all, other.done, other.all);
    } else {
        pane_note(pane, "%zu of %zu required  gate: before the POLL", required.done,
                  required.all);
    }
    pane->grows = true;
    pane->least = 8;
}

void build_backup(struct page *page, const struct run *run, const struct ui *ui)
{
    build_backups(page, run);
    part_writes(page, run, PANE_B, PANE_MAIN);
    part_counts(page, run, PANE_C, PANE_RIGHT);
    part_limits(page, run, PANE_D);
    part_roster(page, run, PANE_E);
    log_pane(page, ui, PANE_BOTTOM);
}
