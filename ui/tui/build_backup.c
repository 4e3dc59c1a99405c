/* SPDX-License-Identifier: PostgreSQL */
/*
 * BACKUP: what is taken, how far it is proven, the other ways back, and what has been
 * written since, which a restore would lose. Each level of proof is a line of its own.
 */
#include "screen_parts.h"

enum {
    LABEL = 4,
    VALUE = 12,
    WAY = 19,
    AGE_COLUMNS = 7,
    TOOK_COLUMNS = 9,
    NUMBER_COLUMNS = 10,
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

static struct line *add_fact(struct pane *pane, const char *label, struct str value)
{
    if (value.len == 0) {
        return NULL;
    }
    struct line *line = pane_line(pane);
    line_at(line, LABEL, STYLE_DIM, "%s", label);
    line_fit(line, VALUE, pane->width - VALUE - 1, STYLE_NORMAL, value);
    return line;
}

/* "9c1e...77ab": both ends are what people compare; the whole stands behind Enter. */
static void add_hash(struct line *line, int end, struct str hash)
{
    enum {
        SHOWN = 8,
        SHOWN_END = 4
    };
    if (hash.len > SHOWN + SHOWN_END) {
        line_end(line, end, STYLE_NORMAL, "sha256 %.*s%s%.*s", SHOWN, hash.ptr,
                 line->page->glyphs->ascii ? "..." : "\xe2\x80\xa6", SHOWN_END,
                 hash.ptr + hash.len - SHOWN_END);
    }
}

static const char *method_of(const struct plan_backup *plan)
{
    return plan->kind == PLAN_BACKUP_EXTERNAL  ? "provider's snapshot"
           : plan->kind == PLAN_BACKUP_COMMAND ? "own command"
                                               : "pg_dump -Fc";
}

static void add_method(struct pane *pane, const struct run_backup *backup)
{
    struct line *line = add_fact(pane, "method", str_from(method_of(backup->backup)));
    struct strbuf text = {0};
    if (backup->taken_us > 0) {
        strbuf_text(&text, "started ");
        time_to_clock(&text, backup->taken_us);
    }
    if (backup->dump_us > 0) {
        strbuf_text(&text, "   took ");
        duration_to_text(&text, backup->dump_us);
    }
    if (text.len > 0) {
        line_end(line, pane->width - 1, STYLE_NORMAL, "%s", text.ptr);
    }
    strbuf_release(&text);
}

static void add_file(struct pane *pane, const struct run *run, const struct run_backup *backup)
{
    struct strbuf text = {0};
    add_method(pane, backup);
    if (backup->name.len > 0) {
        strbuf_add(&text, backup->name);
        strbuf_text(&text, "   ");
        size_to_text(&text, backup->size);
        struct line *line = add_fact(pane, "file", strbuf_str(&text));
        add_hash(line, pane->width - 1, backup->hash);
    }
    if (backup->backup->kind == PLAN_BACKUP_PG_DUMP) {
        strbuf_clear(&text);
        strbuf_format(&text, "database %.*s", STR_ARG(run->database));
        struct line *line = add_fact(pane, "covers", strbuf_str(&text));
        strbuf_clear(&text);
        strbuf_format(&text, "%s roles are outside it: pg_dumpall -g",
                      pane->page->glyphs->text[GLYPH_WARN]);
        line_end(line, pane->width - 1, STYLE_WARN, "%s", text.ptr);
    }
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

/* ------------------------------------------------------------------------- proof */

static int64_t proof_number(const struct run_backup *backup, const char *kind, struct str name)
{
    for (size_t i = 0; i < backup->proof_count; i++) {
        const struct event_item *item = &backup->proof[i];
        if (str_eq(item->kind, kind) && str_is(item->name, name)) {
            return item->value;
        }
    }
    return -1;
}

/* Is everything that was counted in the archive, too? */
static bool list_is_whole(const struct run_backup *backup)
{
    for (size_t i = 0; i < backup->proof_count; i++) {
        if (str_eq(backup->proof[i].kind, "missing")) {
            return false;
        }
    }
    return true;
}

/* "its list: 52 tables, 38 foreign keys, 16 policies = snapshot "backup"" */
static void put_list(struct strbuf *out, const struct run_backup *backup)
{
    static const struct {
        const char *title, *word;
    } kinds[] = {{"tables", "tables"}, {"foreign keys", "FKs"}, {"RLS policies", "policies"}};
    size_t told = 0;
    strbuf_text(out, "list inside");
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        int64_t listed = proof_number(backup, "listed", str_from(kinds[i].title));
        if (listed >= 0) {
            strbuf_text(out, told++ > 0 ? ", " : ": ");
            number_to_text(out, listed);
            strbuf_format(out, " %s", kinds[i].word);
        }
    }
    if (told == 0) {
        strbuf_text(out, ": can be read");
    } else {
        strbuf_format(out, " %s \"backup\"", list_is_whole(backup) ? "=" : "are NOT all of");
    }
}

struct proof_step {
    enum plan_backup_level level;
    const char *text;
};

static void add_step(struct pane *pane, const struct run *run, const struct run_backup *backup,
                     const struct proof_step *step)
{
    bool reached = backup->level >= step->level;
    bool wanted = backup->backup->level >= step->level;
    bool next = backup->running && backup->level + 1 == step->level;
    bool differs = reached && step->level == PLAN_LEVEL_LISTED && !list_is_whole(backup);
    struct line *line = pane_line(pane);
    struct strbuf text = {0};
    strbuf_text(&text, step->text);
    if (reached && step->level == PLAN_LEVEL_LISTED) {
        strbuf_clear(&text);
        put_list(&text, backup);
    }
    line_glyph(line, LABEL,
               differs                    ? GLYPH_WARN
               : reached                  ? GLYPH_GOOD
               : next                     ? GLYPH_RUNNING
               : wanted && backup->failed ? GLYPH_BAD
               : wanted                   ? GLYPH_NOT_YET
                                          : GLYPH_DOT);
    int room = pane->width - 1 - AGE_COLUMNS - (LABEL + 3);
    bool timed = step->level == PLAN_LEVEL_RESTORED && reached && backup->restore_us > 0;
    line_fit(line, LABEL + 3, room - (timed ? TOOK_COLUMNS : 0),
             differs           ? STYLE_WARN
             : reached || next ? STYLE_NORMAL
                               : STYLE_DIM,
             strbuf_str(&text));
    strbuf_release(&text);
    if (timed) {
        part_duration(line, pane->width - 1 - AGE_COLUMNS, STYLE_NORMAL, backup->restore_us);
    }
    if (!wanted && !reached) {
        line_end(line, pane->width - 1, STYLE_DIM, "not asked for");
    } else if (reached && backup->reached_us[step->level] > 0) {
        part_age(line, pane->width - 1, run, backup->reached_us[step->level]);
    }
}

static void add_bytes(struct pane *pane, const struct run *run, const struct run_backup *backup)
{
    struct line *line = pane_line(pane);
    line_glyph(line, LABEL, GLYPH_GOOD);
    line_at(line, LABEL + 3, STYLE_NORMAL, "read once more: size and sha256 are the same");
    part_age(line, pane->width - 1, run, backup->bytes_us);
}

static void add_youth(struct pane *pane, const struct run *run, const struct run_backup *backup)
{
    if (backup->backup->max_age_us <= 0 || backup->taken_us <= 0) {
        return;
    }
    bool young = run->now_us - backup->taken_us <= backup->backup->max_age_us;
    struct line *line = pane_line(pane);
    struct strbuf text = {0};
    duration_to_text(&text, backup->backup->max_age_us);
    line_glyph(line, LABEL, young || backup->passed ? GLYPH_GOOD : GLYPH_BAD);
    line_at(line, LABEL + 3, STYLE_NORMAL, "younger than %s", text.ptr);
    part_age(line, pane->width - 1, run, backup->taken_us);
    strbuf_release(&text);
}

/* The ladder of proof: a later step includes the earlier ones; how old each is. */
static void add_proof(struct pane *pane, const struct run *run, const struct run_backup *backup)
{
    static const struct proof_step steps[] = {
        {PLAN_LEVEL_DUMPED, "written whole, synced, hashed"},
        {PLAN_LEVEL_LISTED, "its list can be read, and holds what snapshot \"backup\" holds"},
        {PLAN_LEVEL_RESTORED, "restored into a scratch server"},
        {PLAN_LEVEL_COMPARED, "compared there: objects and rows are the same"},
    };
    struct line *head = pane_line(pane);
    line_at(head, 1, STYLE_DIM, "proof");
    line_end(head, pane->width - 1, STYLE_DIM, "age");
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        add_step(pane, run, backup, &steps[i]);
        if (steps[i].level == PLAN_LEVEL_DUMPED && backup->bytes_us > 0) {
            add_bytes(pane, run, backup);
        }
    }
    add_youth(pane, run, backup);
}

static void add_backup(struct pane *pane, const struct run *run, size_t index)
{
    const struct run_backup *backup = &run->backups[index];
    const struct plan_backup *plan = backup->backup;
    struct line *line = pane_row(pane, SUBJECT_BACKUP, (int64_t)index, 0);
    line_glyph(line, 1, backup_glyph(run, backup));
    line_at(line, LABEL, STYLE_BOLD, "%.*s", STR_ARG(plan->id));
    line_end(line, pane->width - 1, glyph_style(backup_glyph(run, backup)), "%s%s",
             level_words[backup->level], plan->required ? "" : "   not required");
    if (backup->running) {
        add_progress(pane, backup);
    }
    add_file(pane, run, backup);
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
        (void)add_fact(pane, "override", backup->why);
        (void)add_fact(pane, "by", backup->who);
    }
}

static bool is_external(const struct run_backup *backup)
{
    return backup->backup->kind == PLAN_BACKUP_EXTERNAL;
}

static void build_backups(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_A, PANE_MAIN, "BACKUP");
    for (size_t i = 0; i < run->backup_count; i++) {
        if (!is_external(&run->backups[i])) {
            add_backup(pane, run, i);
        }
    }
    if (pane->count == 0) {
        struct line *line = pane_line(pane);
        line_glyph(line, 1, GLYPH_WARN);
        line_at(line, LABEL, STYLE_WARN, "the plan takes no backup of its own");
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
    pane->least = 10;
}

/* ---------------------------------------------------------------- other ways back */

static void add_external(struct pane *pane, const struct run *run, size_t index)
{
    const struct run_backup *backup = &run->backups[index];
    struct line *line = pane_row(pane, SUBJECT_BACKUP, (int64_t)index, 0);
    struct strbuf text = {0};
    line_glyph(line, 1, backup_glyph(run, backup));
    line_fit(line, LABEL, WAY - LABEL - 1, STYLE_NORMAL, backup->backup->id);
    if (backup->attested) {
        time_to_clock(&text, backup->taken_us);
        strbuf_format(&text, "  %.*s  said by %.*s, not proven", STR_ARG(backup->name),
                      STR_ARG(backup->who));
    } else {
        strbuf_text(&text, "nobody has named it yet");
    }
    bool said = backup->attested || backup->backup->required;
    strbuf_text(&text, said ? "" : "; not required");
    line_fit(line, WAY, pane->width - WAY - 1, STYLE_NORMAL, strbuf_str(&text));
    strbuf_release(&text);
}

static void add_archiving(struct pane *pane, const struct run *run)
{
    static const enum glyph glyphs[] = {
        [ARCHIVING_UNKNOWN] = GLYPH_UNKNOWN, [ARCHIVING_OFF] = GLYPH_DOT,
        [ARCHIVING_NEVER] = GLYPH_UNKNOWN,   [ARCHIVING_FAILS] = GLYPH_WARN,
        [ARCHIVING_WORKS] = GLYPH_GOOD,
    };
    enum archiving archiving = run_archiving(run);
    struct strbuf text = {0};
    struct line *line = pane_line(pane);
    archiving_text(&text, run);
    line_glyph(line, 1, glyphs[archiving]);
    line_at(line, LABEL, STYLE_NORMAL, "WAL archiving");
    line_fit(line, WAY, pane->width - WAY - 1,
             archiving == ARCHIVING_FAILS     ? STYLE_WARN
             : archiving == ARCHIVING_UNKNOWN ? STYLE_UNKNOWN
             : archiving == ARCHIVING_OFF     ? STYLE_DIM
                                              : STYLE_NORMAL,
             strbuf_str(&text));
    strbuf_release(&text);
}

static void build_other_ways(struct page *page, const struct run *run)
{
    struct pane *pane = page_pane(page, PANE_B, PANE_MAIN, "OTHER WAYS BACK");
    for (size_t i = 0; i < run->backup_count; i++) {
        if (is_external(&run->backups[i])) {
            add_external(pane, run, i);
        }
    }
    add_archiving(pane, run);
    pane->least = (int)pane->count < 3 ? (int)pane->count : 3;
}

/* ------------------------------------------------------------- what the proof found */

/* The newest proof of any backup. */
static const struct run_backup *proven_backup(const struct run *run)
{
    const struct run_backup *found = NULL;
    for (size_t i = 0; i < run->backup_count; i++) {
        const struct run_backup *backup = &run->backups[i];
        if (backup->proof_count > 0 && (!found || backup->bytes_us >= found->bytes_us)) {
            found = backup;
        }
    }
    return found;
}

static void add_counted(struct pane *pane, const struct run_backup *backup,
                        const struct event_item *counted)
{
    int64_t listed = proof_number(backup, "listed", counted->name);
    bool whole = listed == counted->value;
    struct line *line = pane_line(pane);
    line_glyph(line, 1, whole ? GLYPH_GOOD : GLYPH_WARN);
    line_fit(line, LABEL, pane->width - LABEL - 2 * NUMBER_COLUMNS - 1,
             whole ? STYLE_NORMAL : STYLE_WARN, counted->name);
    part_number(line, pane->width - 1 - NUMBER_COLUMNS, whole ? STYLE_NORMAL : STYLE_WARN,
                listed);
    part_number(line, pane->width - 1, STYLE_NORMAL, counted->value);
    for (size_t i = 0; i < backup->proof_count; i++) {
        const struct event_item *missing = &backup->proof[i];
        if (str_eq(missing->kind, "missing") && str_is(missing->name, counted->name)) {
            line = pane_line(pane);
            line_at(line, LABEL, STYLE_WARN, "not in it: ");
            line_fit(line, line->end, pane->width - line->end - 1, STYLE_WARN, missing->text);
        }
    }
}

static void build_list(struct page *page, const struct run *run)
{
    const struct run_backup *backup = proven_backup(run);
    struct pane *pane = page_pane(page, PANE_D, PANE_RIGHT, "ARCHIVE LIST");
    int64_t entries = backup ? proof_number(backup, "entries", (struct str){0}) : -1;
    pane->least = 6;
    if (entries < 0) {
        line_at(pane_line(pane), 1, STYLE_UNKNOWN, "?? not read yet");
        return;
    }
    struct strbuf text = {0};
    number_to_text(&text, entries);
    pane_note(pane, "%s entries", text.ptr);
    strbuf_release(&text);
    struct line *head = pane_head(pane);
    line_at(head, LABEL, STYLE_DIM, "what");
    line_end(head, pane->width - 1 - NUMBER_COLUMNS, STYLE_DIM, "in it");
    line_end(head, pane->width - 1, STYLE_DIM, "\"backup\"");
    for (size_t i = 0; i < backup->proof_count; i++) {
        if (str_eq(backup->proof[i].kind, "counted")) {
            add_counted(pane, backup, &backup->proof[i]);
        }
    }
    pane->least = (int)pane->count;
}

static void build_said(struct page *page, const struct run *run)
{
    const struct run_backup *backup = proven_backup(run);
    struct pane *pane = page_pane(page, PANE_E, PANE_RIGHT, "RESTORE LOG");
    for (size_t i = 0; backup && i < backup->proof_count; i++) {
        const struct event_item *said = &backup->proof[i];
        struct str program = STR("pg_restore: ");
        if (!str_eq(said->kind, "said")) {
            continue;
        }
        bool own = str_starts(said->text, program.ptr);
        struct str text = own ? str_slice(said->text, program.len, said->text.len) : said->text;
        struct line *line = pane_row(pane, SUBJECT_TEXT, (int64_t)i, 0);
        line_fit(line, 1, pane->width - 2,
                 str_starts(text, "error:")     ? STYLE_BAD
                 : str_starts(text, "warning:") ? STYLE_WARN
                                                : STYLE_DIM,
                 text);
    }
    if (pane->count == 0) {
        line_at(pane_line(pane), 1, STYLE_UNKNOWN, "?? nothing was restored yet");
    }
    pane->grows = true;
    pane->follows = true;
}

void build_backup(struct page *page, const struct run *run, const struct ui *ui)
{
    build_backups(page, run);
    build_other_ways(page, run);
    part_writes(page, run, PANE_C, PANE_MAIN);
    build_list(page, run);
    build_said(page, run);
    log_pane(page, ui, PANE_BOTTOM);
}
