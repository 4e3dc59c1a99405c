/* SPDX-License-Identifier: PostgreSQL */
/*
 * explain, for people: what is destroyed, then a table of statements with what was found
 * about each under its row.
 */
#include "explain.h"

enum {
    STATEMENT_COLUMNS = 46,
    LOCK_COLUMNS = 24,
    INDENT = 10,
};

static void put_cell(struct strbuf *out, struct str text, int columns)
{
    size_t before = out->len;
    sanitise(out, text, SANITISE_LINE);
    struct str put = {out->ptr + before, out->len - before};
    int width = str_width(put);
    strbuf_repeat(out, ' ', width < columns ? (size_t)(columns - width) : 0);
    strbuf_byte(out, ' ');
}

static struct str lock_words(struct arena *arena, const struct lint_verdict *verdict)
{
    if (verdict->lock == SQL_LOCK_NONE) {
        return verdict->judged ? STR("-") : STR("??");
    }
    if (!verdict->judged) { /* those that were seen, and who knows which more */
        return str_format(arena, "%s +??", sql_lock_words(verdict->lock));
    }
    return verdict->more_locks == 0 ? str_from(sql_lock_words(verdict->lock))
                                    : str_format(arena, "%s +%u", sql_lock_words(verdict->lock),
                                                 verdict->more_locks);
}

static const char *again_words(const struct lint_verdict *verdict)
{
    if (verdict->rerun != SQL_RERUN_YES && verdict->rerun_in_transaction) {
        return "in one";
    }
    return verdict->rerun == SQL_RERUN_UNKNOWN ? "??" : sql_rerun_name(verdict->rerun);
}

static const char *undo_words(enum sql_undo undo)
{
    static const char *const words[SQL_UNDO__COUNT] = {
        [SQL_UNDO_NOT_NEEDED] = "-",      [SQL_UNDO_STATEMENT] = "by SQL",
        [SQL_UNDO_KNOWLEDGE] = "by hand", [SQL_UNDO_BACKUP] = "backup",
        [SQL_UNDO_NEVER] = "never",       [SQL_UNDO_UNKNOWN] = "??",
    };
    return words[undo];
}

static const char *work_words(enum sql_work work)
{
    return work == SQL_WORK_UNKNOWN ? "??" : sql_work_name(work);
}

static void put_finding(struct strbuf *out, const struct lint_finding *finding)
{
    strbuf_repeat(out, ' ', INDENT);
    strbuf_format(out, "%s %s at %d:%d%s: ", finding->rule->id,
                  finding->waived ? "waived" : lint_severity_name(finding->severity),
                  finding->at.place.line, finding->at.place.column,
                  finding->severity == LINT_BLOCK && !finding->waived ? " !" : "");
    sanitise(out, finding->message, SANITISE_LINE);
    if (finding->unknown.len > 0) {
        strbuf_text(out, "; not known: ");
        sanitise(out, finding->unknown, SANITISE_LINE);
    }
    if (finding->waived) {
        strbuf_text(out, " (by ");
        sanitise(out, finding->waived_by, SANITISE_LINE);
        strbuf_text(out, ": ");
        sanitise(out, finding->waived_why, SANITISE_LINE);
        strbuf_text(out, ")");
    }
    strbuf_byte(out, '\n');
    struct str rest = finding->safer;
    struct str line;
    while (!finding->waived && str_cut(&rest, '\n', &line)) {
        strbuf_repeat(out, ' ', INDENT);
        strbuf_text(out, "    safer: ");
        sanitise(out, line, SANITISE_LINE);
        strbuf_byte(out, '\n');
    }
}

static void put_misread(struct strbuf *out, const struct sql_statement *statement)
{
    strbuf_repeat(out, ' ', INDENT);
    strbuf_text(out, sql_judgement_name(statement->judgement));
    struct sql_misread misread = sql_statement_misread(statement);
    if (misread.where.line > 0) {
        strbuf_format(out, " at %d:%d", misread.where.line, misread.where.column);
    }
    strbuf_text(out, ": ");
    sanitise(out, misread.message, SANITISE_LINE);
    strbuf_byte(out, '\n');
}

/* What the target shows of it: how much it works on, and who waits meanwhile. */
static void put_target(struct strbuf *out, const struct lint_verdict *verdict)
{
    bool sized = verdict->rows >= 0 || verdict->bytes >= 0;
    bool stops = verdict->lock >= SQL_LOCK_SHARE;
    if (!sized && !stops) {
        return;
    }
    strbuf_repeat(out, ' ', INDENT);
    strbuf_text(out, "target: ");
    strbuf_text(out, sized ? "works on " : "");
    if (verdict->rows >= 0) {
        strbuf_text(out, "about ");
        number_to_text(out, verdict->rows);
        strbuf_text(out, verdict->rows == 1 ? " row" : " rows");
    } else if (sized) {
        strbuf_text(out, "?? rows"); /* never analysed */
    }
    if (verdict->bytes >= 0) {
        strbuf_text(out, ", ");
        size_to_text(out, verdict->bytes);
    }
    strbuf_text(out, sized && stops ? "; " : "");
    if (stops && verdict->queued_per_second < 0) {
        strbuf_text(out, "?? calls queue behind the lock");
    } else if (stops) {
        strbuf_format(out, "%.1f calls a second queue behind the lock",
                      verdict->queued_per_second);
    }
    strbuf_byte(out, '\n');
}

static void put_row(struct strbuf *out, const struct explained *explained, size_t file,
                    size_t index)
{
    const struct sql_script *script = &explained->files[file].script;
    const struct sql_statement *statement = &script->statements[index];
    struct strbuf text = {0};
    front_statement_text(&text, script, index, STATEMENT_COLUMNS);
    strbuf_format(out, "%5zu  %4d:%-3d ", index + 1, statement->head.line,
                  statement->head.column);
    put_cell(out, strbuf_str(&text), STATEMENT_COLUMNS);
    strbuf_release(&text);
    if (statement->judgement != SQL_PARSED) {
        strbuf_text(out, "??\n");
        put_misread(out, statement);
        return;
    }
    const struct lint_verdict *verdict = explained->result->files[file].verdicts[index];
    put_cell(out, lock_words(explained->arena, verdict), LOCK_COLUMNS);
    strbuf_format(out, "%-8s %-7s %s%s\n", work_words(verdict->work), again_words(verdict),
                  undo_words(verdict->undo),
                  statement->transactional == SQL_NO ? "  NOT IN A TRANSACTION" : "");
    if (explained->world) {
        put_target(out, verdict);
    }
    if (explained->wants_sql) {
        front_statement_whole(out, script, index);
    }
}

/* The findings of one statement; SIZE_MAX: those of the file as a whole. */
static void put_findings(struct strbuf *out, const struct lint_result *result, size_t file,
                         size_t statement, size_t *next)
{
    while (*next < result->finding_count && result->findings[*next].at.file == file &&
           (result->findings[*next].at.statement == statement)) {
        put_finding(out, &result->findings[(*next)++]);
    }
}

/* A counter of all times says nothing of now; it takes two looks, and a run takes them. */
static void put_destroyed(struct strbuf *out, const struct explained *explained, size_t file)
{
    const struct lint_result *result = explained->result;
    for (size_t i = 0; i < result->destroyed_count; i++) {
        const struct lint_destroyed *gone = &result->destroyed[i];
        if (gone->at.file != file) {
            continue;
        }
        strbuf_format(out, "  DESTROYS  %d:%-3d %s ", gone->at.place.line,
                      gone->at.place.column, gone->kind);
        sanitise(out, gone->name, SANITISE_LINE);
        if (gone->rows >= 0) {
            strbuf_text(out, ", about ");
            number_to_text(out, gone->rows);
            strbuf_text(out, " rows");
        }
        if (explained->world && run_empties(gone)) {
            cli_add_recent_writes(out, gone, explained->writes_seconds);
        }
        strbuf_text(out, gone->by_cascade ? ", by CASCADE" : "");
        if (gone->referenced_by.len > 0) {
            strbuf_text(out, ", still referenced by ");
            sanitise(out, gone->referenced_by, SANITISE_LINE);
        }
        strbuf_byte(out, '\n');
    }
}

static void put_head(struct strbuf *out, const struct explained *explained, size_t index)
{
    static const char *const outer_texts[SQL_OUTER__COUNT] = {
        [SQL_OUTER_NONE] = "no transaction control of its own",
        [SQL_OUTER_ONE] = "one outer BEGIN ... COMMIT, which a run takes over",
        [SQL_OUTER_OPEN] = "BEGIN WITHOUT COMMIT",
        [SQL_OUTER_STRAY] = "STRAY TRANSACTION CONTROL",
        [SQL_OUTER_HIDDEN] = "A BODY MAY COMMIT BY ITSELF",
    };
    const struct explained_file *file = &explained->files[index];
    const struct lint_file_result *result = &explained->result->files[index];
    enum sql_outer outer = sql_outer_transaction(&file->script).outer;
    strbuf_text(out, index > 0 ? "\n" : "");
    sanitise(out, str_from(file->name), SANITISE_LINE);
    strbuf_format(out, ": %zu statement%s, %s\n", file->script.count,
                  plural(file->script.count), outer_texts[outer]);
    if (file->script.count == 0) {
        struct str text = str_trim(strbuf_str(&file->bytes));
        strbuf_text(out, text.len == 0 ? "nothing to run: the file is empty\n"
                                       : "nothing to run: no statement is in it\n");
        return;
    }
    sanitise(out, result->summary, SANITISE_LINE);
    strbuf_text(out, result->summary.len > 0 ? "\n" : "");
    for (int risk = 0; risk < LINT_RISK__COUNT; risk++) {
        const struct lint_risk_level *level = &result->risks[risk];
        if (level->severity >= LINT_MEDIUM) {
            strbuf_format(out, "  %-19s %-7s ", lint_risk_name((enum lint_risk)risk),
                          lint_severity_name(level->severity));
            sanitise(out, level->why, SANITISE_LINE);
            strbuf_byte(out, '\n');
        }
    }
    put_destroyed(out, explained, index);
}

static void put_file(struct strbuf *out, const struct explained *explained, size_t index,
                     size_t *next)
{
    put_head(out, explained, index);
    if (explained->files[index].script.count == 0) {
        put_findings(out, explained->result, index, SIZE_MAX, next);
        put_findings(out, explained->result, index, 0, next); /* a waiver before nothing */
        return;
    }
    strbuf_format(out, "\n%5s  %8s %-*s %-*s %-8s %-7s %s\n", "#", "place", STATEMENT_COLUMNS,
                  "statement", LOCK_COLUMNS, "lock", "work", "again", "undo");
    const struct lint_result *result = explained->result;
    put_findings(out, result, index, SIZE_MAX, next);
    for (size_t i = 0; i < explained->files[index].script.count; i++) {
        put_row(out, explained, index, i);
        put_findings(out, result, index, i, next);
    }
}

static void put_totals(struct strbuf *out, const struct lint_result *result)
{
    size_t waived = 0;
    for (size_t i = 0; i < result->finding_count; i++) {
        waived += result->findings[i].waived;
    }
    if (result->finding_count > 0) {
        strbuf_format(out, "\n%zu block, %zu high, %zu medium, %zu low",
                      result->by_severity[LINT_BLOCK], result->by_severity[LINT_HIGH],
                      result->by_severity[LINT_MEDIUM], result->by_severity[LINT_LOW]);
        strbuf_format(out, waived > 0 ? ", %zu waived\n" : "\n", waived);
    }
    if (result->not_known.len > 0) {
        sanitise(out, result->not_known, SANITISE_LINE);
        strbuf_byte(out, '\n');
    }
}

/* By whom and when it was judged; what that role may not see. */
static void put_world(struct strbuf *out, const struct explained *explained)
{
    const struct app_lint_world *world = explained->world;
    strbuf_text(out, "Judged by what ");
    sanitise(out, world->database, SANITISE_LINE);
    strbuf_text(out, " (PostgreSQL ");
    sanitise(out, world->version, SANITISE_LINE);
    strbuf_text(out, ") showed to ");
    sanitise(out, world->context.role, SANITISE_LINE);
    strbuf_text(out, " at ");
    cli_add_time(out, explained->asked_us);
    strbuf_text(out, ".\n");
    sanitise(out, world->unknown, SANITISE_LINE);
    strbuf_text(out, world->unknown.len > 0 ? "\n\n" : "\n");
}

void explain_text(struct strbuf *out, const struct explained *explained)
{
    size_t next = 0;
    size_t statements = 0;
    if (explained->world) {
        put_world(out, explained);
    }
    for (size_t i = 0; i < explained->file_count; i++) {
        if (explained->files[i].cut) {
            put_file(out, explained, i, &next);
            statements += explained->files[i].script.count;
        }
    }
    if (statements > 0 || explained->result->finding_count > 0) {
        put_totals(out, explained->result);
    }
}
