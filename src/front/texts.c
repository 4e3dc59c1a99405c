/* SPDX-License-Identifier: PostgreSQL */
/*
 * The texts that plain prompts and the headless log share: an entry as a line or as
 * JSON, the identity strip, the phase rail, the table of counts, one statement on one
 * line, and what is said at the very end.
 */
#include "front.h"

#include <ctype.h>
#include <strings.h>

enum {
    ENTRY_INDENT = 23, /* time and source */
    TITLE_COLUMNS = 30,
};

static void add_clock(struct strbuf *out, int64_t at_us)
{
    time_to_clock(out, at_us);
    int64_t ms = (at_us % US_PER_SECOND + US_PER_SECOND) % US_PER_SECOND / US_PER_MS;
    strbuf_format(out, ".%03d", (int)ms);
}

void front_entry_text(struct strbuf *out, const struct front_entry *entry, int columns)
{
    add_clock(out, entry->at_us);
    strbuf_format(out, "  %-7s  ", entry->source);
    if (columns > 0) {
        struct strbuf body = {0};
        front_wrap(&body, entry->text, columns - ENTRY_INDENT, 0);
        struct str rest = strbuf_str(&body);
        struct str line;
        for (bool first = true; str_cut(&rest, '\n', &line); first = false) {
            if (!first) {
                strbuf_byte(out, '\n');
                strbuf_repeat(out, ' ', ENTRY_INDENT);
            }
            strbuf_add(out, line);
        }
        strbuf_release(&body);
    } else {
        strbuf_add(out, entry->text);
    }
}

void front_entry_json(struct strbuf *out, const struct front_entry *entry, struct str run,
                      uint64_t seq)
{
    strbuf_format(out, "{\"v\":1,\"seq\":%llu,\"ts\":\"", (unsigned long long)seq);
    time_to_text(out, entry->at_us);
    strbuf_text(out, "\",\"run\":");
    json_quote(out, run);
    strbuf_text(out, ",\"type\":");
    json_quote(out, str_from(entry->type));
    strbuf_text(out, ",\"data\":");
    json_write(out, entry->data, JSON_ONE_LINE);
    strbuf_text(out, "}\n");
}

void front_identity_text(struct strbuf *out, const struct run *run, const char *connection)
{
    struct strbuf text = {0};
    struct str environment = run->target->environment;
    strbuf_byte(&text, '[');
    for (size_t i = 0; i < environment.len; i++) {
        strbuf_byte(&text, (char)toupper((unsigned char)environment.ptr[i]));
    }
    strbuf_text(&text, environment.len > 0 ? "]  " : "no environment]  ");
    if (run->database.len > 0) {
        strbuf_format(&text, "%.*s  %.*s", STR_ARG(run->database), STR_ARG(run->server_text));
    } else {
        strbuf_format(&text, "%s  not connected yet", connection ? connection : "");
    }
    sanitise(out, strbuf_str(&text), SANITISE_LINE);
    strbuf_release(&text);
}

bool front_phase_is_undone(const struct run *run, enum phase phase)
{
    return run->way_ended_us != 0 && run->phase_started_us[phase] != 0 &&
           phase >= PHASE_MIGRATE && phase <= PHASE_MONITOR;
}

void front_rail_text(struct strbuf *out, const struct run *run)
{
    for (int i = 0; i < PHASE__COUNT; i++) {
        /* A phase that a way back passed over was never there: no mark. */
        bool over = i < (int)run->phase && run->phase_started_us[i] != 0;
        const char *undone = (run->facts & FACT_ROLLED_BACK) != 0 ? "undone " : "?? ";
        const char *mark = i == (int)run->phase                        ? "> "
                           : front_phase_is_undone(run, (enum phase)i) ? undone
                           : over                                      ? "ok "
                                                                       : "";
        strbuf_format(out, "%s%s%s", i > 0 ? " - " : "", mark, phase_words[i]);
    }
    if (run->opens_us == 0) {
        return;
    }
    int64_t away_us = run->now_us - run->opens_us;
    int64_t seconds = (away_us < 0 ? -away_us : away_us) / US_PER_SECOND;
    strbuf_format(out, "   T%c%02lld:%02lld:%02lld", away_us < 0 ? '-' : '+',
                  (long long)(seconds / 3600), (long long)(seconds / 60 % 60),
                  (long long)(seconds % 60));
}

int64_t front_count_now(const struct run *run, const struct run_count *count)
{
    static const enum moment newest[] = {MOMENT_BACK,   MOMENT_LAST,   MOMENT_NOW,
                                         MOMENT_BEFORE, MOMENT_BACKUP, MOMENT_REVIEW};
    for (size_t i = 0; i < COUNT_OF(newest); i++) {
        /* Between two files the numbers are there without a snapshot. */
        bool known = newest[i] == MOMENT_NOW || run->snapshots[newest[i]].taken;
        /* What was counted before the first COMMIT is not "now". */
        bool old = run->changed && newest[i] != MOMENT_BACK && newest[i] != MOMENT_LAST &&
                   newest[i] != MOMENT_NOW;
        if (known && !old && count->values[newest[i]] >= 0) {
            return count->values[newest[i]];
        }
    }
    return -1;
}

static void add_number(struct strbuf *out, int64_t number)
{
    if (number < 0) {
        strbuf_format(out, "%9s", "??");
    } else {
        strbuf_format(out, "%9lld", (long long)number);
    }
}

void front_counts_text(struct strbuf *out, const struct run *run, bool all)
{
    bool headed = false;
    for (size_t i = 0; i < run->count_count; i++) {
        const struct run_count *count = &run->counts[i];
        if (!count->plan && !all) {
            continue;
        }
        if (!headed) {
            strbuf_format(out, "  %-*s%9s%9s%9s\n", TITLE_COLUMNS, "", "before", "now",
                          "expect");
            headed = true;
        }
        int64_t before = count->values[MOMENT_BEFORE] >= 0 ? count->values[MOMENT_BEFORE]
                                                           : count->values[MOMENT_REVIEW];
        int64_t now = front_count_now(run, count);
        struct strbuf title = {0};
        sanitise(&title, count->title.len > 0 ? count->title : count->word, SANITISE_LINE);
        struct str fitted = str_fit(strbuf_str(&title), TITLE_COLUMNS);
        strbuf_text(out, "  ");
        strbuf_add(out, fitted);
        strbuf_repeat(out, ' ', (size_t)(TITLE_COLUMNS - str_width(fitted)));
        strbuf_release(&title);
        add_number(out, before);
        add_number(out, now);
        if (count->expected >= 0) {
            add_number(out, count->expected);
            strbuf_text(out, now == count->expected ? "  ok" : "");
        } else {
            strbuf_format(out, "%9s", count->plan ? "-" : "");
        }
        strbuf_byte(out, '\n');
    }
}

static bool is_plain_word(struct str word)
{
    static const char *const plain[] = {"text",  "varchar", "character", "citext",
                                        "bytea", "boolean", "timestamp", "timestamptz",
                                        "null",  "not",     "cascade",   "restrict"};
    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        if (word.len == strlen(plain[i]) && strncasecmp(word.ptr, plain[i], word.len) == 0) {
            return true;
        }
    }
    return false;
}

static size_t word_length(struct str text)
{
    size_t length = 0;
    while (length < text.len &&
           (isalnum((unsigned char)text.ptr[length]) || text.ptr[length] == '_')) {
        length++;
    }
    return length;
}

/*
 * Whether a value may follow the name that goes on there. Only what is known to be none is
 * shown: the end, or the type of a column and the like with no string in all that is left.
 */
static bool value_follows(struct str rest)
{
    rest = str_trim(str_slice(rest, word_length(rest), rest.len));
    if (rest.len == 0 || str_eq(rest, ";")) {
        return false;
    }
    bool string =
        str_find_byte(rest, '\'', 0) < rest.len || str_find_byte(rest, '$', 0) < rest.len;
    return string || !is_plain_word(str_slice(rest, 0, word_length(rest)));
}

/* A statement that says a password is named by its tag only; one that only has a column of that
 * name is shown. */
bool front_holds_secret(struct str sql)
{
    static const char word[] = "password";
    for (size_t i = 0; i + sizeof(word) - 1 <= sql.len; i++) {
        if (strncasecmp(sql.ptr + i, word, sizeof(word) - 1) == 0 &&
            value_follows(str_slice(sql, i + sizeof(word) - 1, sql.len))) {
            return true;
        }
    }
    return false;
}

void front_statement_text(struct strbuf *out, const struct sql_script *script, size_t index,
                          int columns)
{
    struct str sql = sql_statement_text(script, index);
    const struct sql_statement *statement = &script->statements[index];
    if (front_holds_secret(sql)) {
        strbuf_format(out, "%s (text not shown: it says a password)",
                      statement->tag && statement->tag[0] ? statement->tag : "statement");
        return;
    }
    size_t head = statement->head.offset > statement->offset
                      ? statement->head.offset - statement->offset
                      : 0;
    struct strbuf line = {0};
    bool blank = false;
    for (size_t i = head; i < sql.len && line.len < 4 * ERR_TEXT_MAX; i++) {
        bool white = isspace((unsigned char)sql.ptr[i]) != 0;
        if (!white && blank && line.len > 0) {
            strbuf_byte(&line, ' ');
        }
        if (!white) {
            strbuf_byte(&line, sql.ptr[i]);
        }
        blank = white;
    }
    struct strbuf clean = {0};
    sanitise(&clean, strbuf_str(&line), SANITISE_LINE);
    struct str text = strbuf_str(&clean);
    if (columns > 0 && str_width(text) > columns) {
        strbuf_add(out, str_fit(text, columns - 3));
        strbuf_text(out, "...");
    } else {
        strbuf_add(out, text);
    }
    strbuf_release(&line);
    strbuf_release(&clean);
}

void front_statement_whole(struct strbuf *out, const struct sql_script *script, size_t index)
{
    struct str sql = sql_statement_text(script, index);
    if (front_holds_secret(sql)) {
        front_statement_text(out, script, index, 0);
    } else {
        sanitise(out, sql, SANITISE_LINES);
    }
}

static bool is_among(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; word && i < count; i++) {
        if (strcmp(word, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool front_statement_destroys(const struct sql_script *script, size_t index)
{
    static const char *const tags[] = {"DROP TABLE",  "DROP SCHEMA",   "TRUNCATE TABLE",
                                       "DROP VIEW",   "DROP TYPE",     "DROP MATERIALIZED VIEW",
                                       "DROP POLICY", "DROP DATABASE", "DROP OWNED",
                                       "DELETE"};
    static const char *const words[] = {"drop", "truncate", "delete"};
    const struct sql_statement *statement = &script->statements[index];
    bool destroys = is_among(statement->tag, tags, COUNT_OF(tags));
    for (size_t i = 0; i < statement->object_count && !destroys; i++) {
        const struct sql_object *object = &statement->objects[i];
        destroys = object->use == SQL_USE_DROP && strcmp(object->kind, "column") == 0;
    }
    size_t head = statement->head.offset;
    struct str sql = str_slice(script->text, head, script->text.len - head);
    for (size_t i = 0; i < COUNT_OF(words) && statement->judgement != SQL_PARSED; i++) {
        size_t length = strlen(words[i]);
        destroys =
            destroys || (sql.len > length && strncasecmp(sql.ptr, words[i], length) == 0);
    }
    return destroys;
}

/* -------------------------------------------------------------------- the end */

static void put_line(char *room, size_t size, const struct strbuf *text)
{
    struct strbuf clean = {0};
    sanitise(&clean, strbuf_str(text), SANITISE_LINE);
    (void)snprintf(room, size, "%s", clean.ptr ? clean.ptr : "");
    strbuf_release(&clean);
}

static bool is_open(const struct run_script *script)
{
    return script->state == SCRIPT_UNKNOWN || script->state == SCRIPT_OPEN || script->partial;
}

static void add_name(struct strbuf *out, const struct run_script *script)
{
    struct arena arena = {0};
    strbuf_add(out, script_name(script, &arena));
    arena_release(&arena);
}

static bool has_changed(const struct run *run)
{
    bool changed = false;
    for (size_t i = 0; i < run->script_count; i++) {
        enum script_state state = run->scripts[i].state;
        changed = changed || is_open(&run->scripts[i]) || state == SCRIPT_COMMITTED ||
                  state == SCRIPT_DONE || state == SCRIPT_UNDONE;
    }
    return changed;
}

static void certain_text(const struct run *run, struct strbuf *out)
{
    const struct run_script *open = NULL;
    for (size_t i = run->script_count; i > 0; i--) {
        const struct run_script *script = &run->scripts[i - 1];
        bool certain = script->state == SCRIPT_COMMITTED || script->state == SCRIPT_DONE ||
                       script->state == SCRIPT_ROLLED_BACK || script->state == SCRIPT_UNDONE;
        if (certain) {
            add_name(out, script);
            strbuf_format(out, " %s", script_state_words[script->state]);
            return;
        }
        open = is_open(script) ? script : open;
    }
    if (open) {
        strbuf_format(out, "nothing was changed before %.*s", STR_ARG(open->id));
        return;
    }
    strbuf_text(out, run->state == STATE_NEW ? "nothing was contacted or changed"
                                             : "nothing was changed");
}

static void unknown_text(const struct run *run, struct strbuf *out)
{
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        if (is_open(script)) {
            strbuf_text(out, out->len > 0 ? ", " : "");
            add_name(out, script);
            strbuf_format(out, " is %s", script->partial ? "partly applied" : "in doubt");
        }
    }
    if (out->len == 0) {
        strbuf_text(out, "nothing");
    }
}

static void add_failed(struct strbuf *out, const struct run_check *checks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool failed =
            checks[i].outcome == OUTCOME_FAILED || checks[i].outcome == OUTCOME_UNKNOWN;
        if (failed && !checks[i].accepted) {
            strbuf_format(out, "%s%.*s", out->len > 0 ? ", " : "",
                          STR_ARG(checks[i].check->id));
        }
    }
}

/* Counts that are not as expected, and the first members that the plan does not name. */
static void add_differences(const struct run *run, struct strbuf *out)
{
    enum {
        SHOWN = 3
    };
    enum moment moment = run->snapshots[MOMENT_LAST].at_us != 0 ? MOMENT_LAST : MOMENT_NOW;
    for (size_t i = 0; i < run->count_count; i++) {
        const struct run_count *count = &run->counts[i];
        int64_t now = count->values[moment];
        bool judged = run->snapshots[moment].at_us != 0 && now >= 0 && count->expected >= 0;
        if (judged && now != count->expected && !count->accepted) {
            strbuf_format(out, "%s%.*s: %lld here, %lld expected", out->len > 0 ? ", " : "",
                          STR_ARG(count->id), (long long)now, (long long)count->expected);
        }
    }
    const struct run_snapshot *snapshot = &run->snapshots[moment];
    bool forbidden =
        run->plan->state.unlisted_changes == PLAN_UNLISTED_FORBID && !run->findings_accepted;
    size_t shown = 0;
    for (size_t i = 0; forbidden && i < snapshot->change_count && shown < SHOWN; i++) {
        if (!snapshot->changes[i].planned) {
            strbuf_format(out, "%snot in the plan: %.*s", out->len > 0 ? ", " : "",
                          STR_ARG(snapshot->changes[i].name));
            shown++;
        }
    }
}

/* Criteria that a person denied. */
static void add_denied(const struct run *run, struct strbuf *out)
{
    for (size_t i = 0; i < run->criterion_count; i++) {
        const struct run_criterion *criterion = &run->criteria[i];
        if (criterion->criterion->kind == PLAN_CRITERION_ATTEST &&
            criterion->outcome == OUTCOME_FAILED) {
            strbuf_format(out, "%s\"%.*s\"", out->len > 0 ? ", " : "",
                          STR_ARG(criterion->criterion->text));
        }
    }
}

/* What stands against the run: the reason of its HOLD, else the names of what failed. */
static void why_text(const struct run *run, struct strbuf *out)
{
    if (run->hold_reason.len > 0) {
        strbuf_add(out, run->hold_reason);
        return;
    }
    for (size_t i = 0; i < run->script_count; i++) {
        add_failed(out, run->scripts[i].before, run->scripts[i].before_count);
        add_failed(out, run->scripts[i].checks, run->scripts[i].check_count);
    }
    for (size_t i = 0; i < run->set_count; i++) {
        add_failed(out, run->sets[i], run->plan->verification.sets.items[i].checks.count);
    }
    for (size_t i = 0; i < run->probe_count; i++) {
        const struct run_probe *probe = &run->probes[i];
        bool silent = probe_was_silent(run, probe);
        if ((probe->breached || silent) && !probe->accepted) {
            strbuf_format(out, "%s%.*s%s", out->len > 0 ? ", " : "", STR_ARG(probe->probe->id),
                          silent ? " (never answered)" : "");
        }
    }
    add_denied(run, out);
    if (out->len > 0) {
        strbuf_text(out, " failed");
    }
    add_differences(run, out);
}

void front_ending_fill(struct front_ending *ending, const struct run *run, const char *run_id)
{
    struct strbuf text = {0};
    ending->known = true;
    ending->stale = run->file_changed;
    ending->changed = has_changed(run);
    bool ended = run->phase == PHASE_CLOSE || run->abandoned;
    ending->over = run->state == STATE_END && ended && !run->leaving;
    certain_text(run, &text);
    put_line(ending->last_certain, sizeof(ending->last_certain), &text);
    strbuf_clear(&text);
    unknown_text(run, &text);
    put_line(ending->unknown, sizeof(ending->unknown), &text);
    strbuf_clear(&text);
    why_text(run, &text);
    put_line(ending->why, sizeof(ending->why), &text);
    strbuf_clear(&text);
    strbuf_add(&text, run->report_folder);
    put_line(ending->report, sizeof(ending->report), &text);
    strbuf_release(&text);
    (void)snprintf(ending->run_id, sizeof(ending->run_id), "%s", run_id);
}

/* Where the word that begins at `from` ends. */
static size_t word_end(struct str text, size_t from)
{
    return str_find_byte(text, ' ', from);
}

/*
 * How many bytes of the text stand on one line. Words stay whole; one that is wider than a
 * line of its own is cut, but a path never: it is there to be copied.
 */
static size_t line_length(struct str text, int room)
{
    size_t fits = str_fit(text, room).len;
    if (fits == text.len || text.ptr[fits] == ' ') {
        return fits;
    }
    size_t blank = fits;
    while (blank > 0 && text.ptr[blank - 1] != ' ') {
        blank--;
    }
    struct str word = str_slice(text, blank, word_end(text, blank) - blank);
    bool path = str_find_byte(word, '/', 0) < word.len;
    if (blank > 0 && (path || str_width(word) <= room)) {
        return blank;
    }
    if (path) {
        return word_end(text, blank);
    }
    return fits > 0 ? fits : 1;
}

void front_wrap(struct strbuf *out, struct str text, int columns, int indent)
{
    int room = columns;
    bool first = true;
    while (text.len > 0) {
        if (!first) {
            strbuf_byte(out, '\n');
            strbuf_repeat(out, ' ', (size_t)indent);
        }
        size_t taken = line_length(text, room);
        struct str line = str_slice(text, 0, taken);
        while (line.len > 0 && line.ptr[line.len - 1] == ' ') {
            line.len--;
        }
        strbuf_add(out, line);
        text = str_slice(text, taken, text.len);
        while (text.len > 0 && text.ptr[0] == ' ') {
            text = str_slice(text, 1, text.len);
        }
        first = false;
        room = columns - indent;
    }
}
