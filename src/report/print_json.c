/* SPDX-License-Identifier: PostgreSQL */
/*
 * report.json, format 1: the facts without the words, for programs. What is not known
 * is null. Times are ISO 8601 in UTC, durations milliseconds. The schema is committed
 * as plans/schema/report-v1.schema.json: what is added here is added there. The statements
 * of the scripts are written one by one between the lines of the tree of all the rest.
 */
#include <math.h>

#include "document.h"

enum {
    SQL_COLUMNS = 4000 /* of one statement */
};

static void put(const struct report *report, struct json *object, const char *key,
                struct str text)
{
    json_put_text(object, key, sanitise_line(report->arena, text));
}

static void put_or_null(const struct report *report, struct json *object, const char *key,
                        struct str text)
{
    if (text.len > 0) {
        put(report, object, key, text);
    } else {
        json_put_take(object, key, json_make_null());
    }
}

static void put_count(struct json *object, const char *key, int64_t count)
{
    json_put_take(object, key, count < 0 ? json_make_null() : json_make_i64(count));
}

static void put_ms(struct json *object, const char *key, int64_t us)
{
    bool known = us > 0;
    json_put_take(object, key,
                  known ? json_make_double((double)us / (double)US_PER_MS) : json_make_null());
}

static void put_double(struct json *object, const char *key, double number)
{
    bool known = isfinite(number);
    json_put_take(object, key, known ? json_make_double(number) : json_make_null());
}

static void put_time(struct json *object, const char *key, int64_t at_us)
{
    if (at_us == 0) {
        json_put_take(object, key, json_make_null());
        return;
    }
    struct strbuf buf = {0};
    time_to_text(&buf, at_us);
    json_put_text(object, key, strbuf_str(&buf));
    strbuf_release(&buf);
}

static struct json *add_to(struct json *array)
{
    struct json *object = json_make_object();
    json_push_take(array, object);
    return object;
}

/* --------------------------------------------------------- counts, changes */

static struct json *counts_json(const struct report *report)
{
    const struct run *run = report->run;
    struct json *counts = json_make_object();
    for (size_t i = 0; i < run->count_count; i++) {
        const struct run_count *count = &run->counts[i];
        struct json *entry = json_make_object();
        put_count(entry, "before", count_before(count));
        put_count(entry, "now", count_now(run, count));
        put_count(entry, "expected", count->expected);
        json_put_bool(entry, "accepted", count->accepted);
        struct str id = count->id.len > 0 ? count->id : count->word;
        struct str key = sanitise_line(report->arena, id);
        json_put_take(counts, str_text(report->arena, key), entry);
    }
    return counts;
}

static struct json *changes_json(const struct report *report)
{
    const struct run *run = report->run;
    struct json *changes = json_make_object();
    enum moment now = report_now(run);
    for (int kind = CHANGE_GONE; kind <= CHANGE_CHANGED; kind++) {
        struct json *list = json_make_array();
        const struct run_snapshot *snapshot = now < MOMENT__COUNT ? &run->snapshots[now] : NULL;
        for (size_t i = 0; snapshot && i < snapshot->change_count; i++) {
            if ((int)snapshot->changes[i].kind == kind) {
                struct json *entry = add_to(list);
                put(report, entry, "what", snapshot->changes[i].what);
                put(report, entry, "name", snapshot->changes[i].name);
                json_put_bool(entry, "planned", snapshot->changes[i].planned);
            }
        }
        json_put_take(changes, change_words[kind], list);
    }
    return changes;
}

/* -------------------------------------------------------------- migrations */

static struct json *check_json(const struct report *report, const struct run_check *check)
{
    struct json *entry = json_make_object();
    put(report, entry, "id", check->check->id);
    put(report, entry, "name", check->check->name);
    json_put_text(entry, "outcome", str_from(outcome_words[check->outcome]));
    put_or_null(report, entry, "actual", check->actual);
    put_or_null(report, entry, "why", check->why);
    json_put_bool(entry, "accepted", check->accepted);
    put_or_null(report, entry, "accepted_by", check->accepted_by);
    put_or_null(report, entry, "accepted_why", check->accepted_why);
    json_put_i64(entry, "runs", check->runs);
    put_ms(entry, "ms", check->us);
    json_put_i64(entry, "asked_together", check->together);
    return entry;
}

static struct json *checks_json(const struct report *report, const struct run_check *checks,
                                size_t count)
{
    struct json *list = json_make_array();
    for (size_t i = 0; i < count; i++) {
        json_push_take(list, check_json(report, &checks[i]));
    }
    return list;
}

/* What the tree says where the list of a migration's statements belongs. */
static const char statements_line[] = "      \"statements\": null,\n";

static struct json *statement_json(struct report *report, const struct run_script *script,
                                   size_t index)
{
    const struct run_statement *statement = &script->statements[index];
    struct json *entry = json_make_object();
    json_put_i64(entry, "line", script->sql->statements[index].head.line);
    json_put_text(entry, "sql", statement_sql(report, script, index, SQL_COLUMNS));
    json_put_text(entry, "outcome", str_from(outcome_words[statement->outcome]));
    json_put_bool(entry, "sent", statement->sent || statement->outcome != OUTCOME_NONE);
    put_or_null(report, entry, "tag", statement->tag);
    put_count(entry, "rows", statement->outcome == OUTCOME_OK ? statement->rows : INT64_C(-1));
    put_ms(entry, "ms", statement->us);
    put_or_null(report, entry, "sqlstate", statement->sqlstate);
    put_or_null(report, entry, "message", statement->text);
    return entry;
}

/* Takes the value; its lines stand `columns` to the right, the last without its end. */
static void put_moved(struct strbuf *out, struct json *value, size_t columns)
{
    struct strbuf text = {0};
    json_write(&text, value, JSON_PRETTY);
    json_free(value);
    struct str rest = str_trim(strbuf_str(&text));
    struct str line;
    for (bool first = true; str_cut(&rest, '\n', &line); first = false) {
        strbuf_text(out, first ? "" : "\n");
        strbuf_repeat(out, ' ', columns);
        strbuf_add(out, line);
    }
    strbuf_release(&text);
}

/* A file may hold tens of thousands of statements: each is a tree for a moment only. */
static void put_statements(const struct report *report, const struct run_script *script,
                           struct strbuf *out)
{
    enum {
        COLUMNS = 8
    };
    struct arena arena = {0};
    struct report scratch = {.arena = &arena, .run = report->run, .context = report->context};
    size_t count = script->sql ? script->sql->count : 0;
    size_t last = script->last < count ? script->last : count;
    strbuf_text(out, "      \"statements\": [");
    for (size_t i = script->first; i < last; i++) {
        strbuf_text(out, i > script->first ? ",\n" : "\n");
        put_moved(out, statement_json(&scratch, script, i), COLUMNS);
        arena_clear(&arena);
        report_drain(report, out);
    }
    strbuf_text(out, script->first < last ? "\n      ],\n" : "],\n");
    arena_release(&arena);
}

static struct json *migration_json(const struct report *report, const struct run_script *script)
{
    static const char *const kinds[SCRIPT__COUNT] = {
        [SCRIPT_MIGRATION] = "migration",
        [SCRIPT_MANUAL] = "manual",
        [SCRIPT_DOWN] = "undo",
        [SCRIPT_SQL] = "way_back",
    };
    const struct run *run = report->run;
    bool expects = script->kind == SCRIPT_MIGRATION && script->step >= 0;
    struct json *entry = json_make_object();
    put(report, entry, "id", script->id);
    json_put_text(entry, "kind", str_from(kinds[script->kind]));
    put_or_null(report, entry, "file", script->file);
    json_put_text(entry, "state", str_from(script_state_words[script->state]));
    json_put_bool(entry, "partial", script->partial);
    put_ms(entry, "ms", script->sql_us);
    put_ms(entry, "expected_ms",
           expects ? run->plan->steps.items[script->step].expect.time_us : 0);
    put_time(entry, "began", script->started_us);
    put_time(entry, "ended", script->ended_us);
    json_put_i64(entry, "attempts", script->attempts);
    json_put_i64(entry, "notices", script->notices);
    json_put_i64(entry, "warnings", script->warnings);
    put_or_null(report, entry, "failure", script->failure);
    put_or_null(report, entry, "sqlstate", script->failure_state);
    put_or_null(report, entry, "settled_by", script->settled_by);
    json_put_take(entry, "statements", json_make_null()); /* see put_statements() */
    json_put_take(entry, "checks", checks_json(report, script->checks, script->check_count));
    json_put_take(entry, "before", checks_json(report, script->before, script->before_count));
    return entry;
}

static struct json *migrations_json(const struct report *report)
{
    struct json *list = json_make_array();
    for (size_t i = 0; i < report->run->script_count; i++) {
        json_push_take(list, migration_json(report, &report->run->scripts[i]));
    }
    return list;
}

static struct json *verification_json(const struct report *report)
{
    const struct run *run = report->run;
    size_t passed = 0;
    size_t accepted = 0;
    size_t total = 0;
    (void)verification_passed(run, &passed, &accepted, &total);
    struct json *object = json_make_object();
    json_put_i64(object, "passed", (int64_t)passed);
    json_put_i64(object, "accepted", (int64_t)accepted);
    json_put_i64(object, "total", (int64_t)total);
    struct json *sets = json_make_array();
    for (size_t i = 0; i < run->set_count; i++) {
        struct json *entry = add_to(sets);
        put(report, entry, "name", run->plan->verification.sets.items[i].name);
        json_put_take(entry, "checks", checks_json(report, run->sets[i], set_count_of(run, i)));
    }
    json_put_take(object, "sets", sets);
    return object;
}

/* ------------------------------------------------------------------ people */

static struct json *criteria_json(const struct report *report)
{
    struct json *list = json_make_array();
    for (size_t i = 0; i < report->run->criterion_count; i++) {
        const struct run_criterion *criterion = &report->run->criteria[i];
        struct json *entry = add_to(list);
        put(report, entry, "group", criterion->criterion->group);
        put(report, entry, "text", criterion->criterion->text);
        json_put_text(entry, "outcome", str_from(outcome_words[criterion->outcome]));
        put_or_null(report, entry, "actual", criterion->actual);
        put_or_null(report, entry, "who", criterion->who);
        json_put_bool(entry, "accepted", criterion->accepted);
        json_put_bool(entry, "undone", criterion->undone);
    }
    return list;
}

static struct json *votes_json(const struct report *report)
{
    struct json *list = json_make_array();
    for (size_t i = 0; i < report->run->vote_count; i++) {
        const struct run_vote *vote = &report->run->votes[i];
        struct json *entry = add_to(list);
        put(report, entry, "role", vote->role);
        put(report, entry, "who", vote->who);
        put(report, entry, "vote", vote->vote);
        put_or_null(report, entry, "why", vote->why);
        put_time(entry, "at", vote->at_us);
        json_put_bool(entry, "claim", vote->claim);
        json_put_bool(entry, "replaced", vote->replaced);
    }
    return list;
}

static struct json *signatures_json(const struct report *report)
{
    struct json *list = json_make_array();
    for (size_t i = 0; i < report->run->signature_count; i++) {
        const struct run_signature *signature = &report->run->signatures[i];
        struct json *entry = add_to(list);
        put(report, entry, "role", signature->role);
        put(report, entry, "who", signature->who);
        put_time(entry, "at", signature->at_us);
        json_put_bool(entry, "claim", signature->claim);
    }
    return list;
}

/* All remarks, or only the decisions that stand on the first page. */
static struct json *remarks_json(const struct report *report, bool decisions_only)
{
    struct json *list = json_make_array();
    for (size_t i = 0; i < report->run->remark_count; i++) {
        const struct run_remark *remark = &report->run->remarks[i];
        if (decisions_only && !remark_is_decision(remark)) {
            continue;
        }
        struct json *entry = add_to(list);
        put(report, entry, "kind", remark->kind);
        put_or_null(report, entry, "id", remark->id);
        put_or_null(report, entry, "text", remark->text);
        put_or_null(report, entry, "who", remark->who);
        put_time(entry, "at", remark->at_us);
        json_put_bool(entry, "claim", remark->claim);
    }
    return list;
}

static struct json *notices_json(const struct report *report)
{
    struct json *list = json_make_array();
    for (size_t i = 0; i < report->run->notice_count; i++) {
        const struct run_notice *notice = &report->run->notices[i];
        struct json *entry = add_to(list);
        put(report, entry, "event", str_from(plan_occasion_word(notice->occasion)));
        put(report, entry, "program", notice->hook->run.items[0]);
        put(report, entry, "outcome", str_from(outcome_words[notice->outcome]));
        put_or_null(report, entry, "text", notice->text);
        put_or_null(report, entry, "output", notice->output);
        put_time(entry, "at", notice->at_us);
        put_ms(entry, "ms", notice->us);
    }
    return list;
}

static struct json *checklist_json(const struct report *report)
{
    const struct run *run = report->run;
    struct json *list = json_make_array();
    for (size_t i = 0; i < run->item_count; i++) {
        const struct run_item *item = &run->items[i];
        struct str why_open = {0};
        struct json *entry = add_to(list);
        put(report, entry, "id", item->item->id);
        json_put_bool(entry, "closed", item_is_closed(run, item, &why_open, report->arena));
        json_put_bool(entry, "overridden", item->overridden);
        json_put_bool(entry, "claim", item->claim);
        put_or_null(report, entry, "text", item->text);
        put_or_null(report, entry, "why", item->overridden ? item->why : why_open);
        put_or_null(report, entry, "who", item->who);
    }
    return list;
}

static struct json *backups_json(const struct report *report)
{
    struct json *list = json_make_array();
    for (size_t i = 0; i < report->run->backup_count; i++) {
        const struct run_backup *backup = &report->run->backups[i];
        struct json *entry = add_to(list);
        put(report, entry, "id", backup->backup->id);
        json_put_text(entry, "level", str_from(backup_level_words[backup->level]));
        json_put_bool(entry, "proven", backup_is_proven(report->run, backup));
        json_put_bool(entry, "attested", backup->attested);
        json_put_bool(entry, "overridden", backup->overridden);
        put_or_null(report, entry, "name", backup->name);
        put_or_null(report, entry, "sha256", backup->hash);
        put_count(entry, "bytes", backup->size > 0 ? backup->size : -1);
        put_time(entry, "taken", backup->taken_us);
        put_ms(entry, "dump_ms", backup->dump_us);
        put_ms(entry, "restore_ms", backup->restore_us);
    }
    return list;
}

/* -------------------------------------------------------------- monitoring */

static struct json *monitoring_json(const struct report *report)
{
    const struct run *run = report->run;
    struct json *object = json_make_object();
    put_time(object, "began", run->phase_started_us[PHASE_MONITOR]);
    put_time(object, "ended", run->phase_ended_us[PHASE_MONITOR]);
    put_ms(object, "downtime_ms", run_downtime_us(run));
    json_put_bool(object, "ended_early", run->monitor_overridden);
    struct json *probes = json_make_array();
    for (size_t i = 0; i < run->probe_count; i++) {
        const struct run_probe *probe = &run->probes[i];
        struct probe_facts facts = probe_facts(probe, 0);
        double limit = (double)NAN;
        (void)probe_limit(probe->probe, &limit);
        struct json *entry = add_to(probes);
        put(report, entry, "id", probe->probe->id);
        put_double(entry, "baseline", facts.baseline);
        put_double(entry, "now", facts.now);
        put_double(entry, "limit", limit);
        put_double(entry, "min", facts.least);
        put_double(entry, "max", facts.most);
        json_put_i64(entry, "samples", (int64_t)facts.measured);
        json_put_i64(entry, "gaps", (int64_t)facts.gaps);
        json_put_i64(entry, "heard_in_watch", probe->heard);
        put_ms(entry, "observed_ms", probe->observed_us);
        json_put_i64(entry, "breaches", probe->breaches);
        json_put_bool(entry, "acknowledged", probe->acknowledged);
    }
    json_put_take(object, "probes", probes);
    put_ms(object, "observed_ms", run->observed_us);
    return object;
}

static struct json *schedule_json(const struct report *report)
{
    struct json *list = json_make_array();
    for (size_t i = 0; i < report->run->slot_count; i++) {
        const struct run_slot *slot = &report->run->slots[i];
        struct json *entry = add_to(list);
        put(report, entry, "title", slot->title);
        put_time(entry, "planned", slot->planned_start_us);
        put_ms(entry, "planned_ms", slot->planned_us);
        put_time(entry, "began", slot->started_us);
        put_time(entry, "ended", slot->ended_us);
    }
    return list;
}

static struct json *rollback_json(const struct report *report)
{
    const struct run *run = report->run;
    struct json *object = json_make_object();
    put_or_null(report, object, "chosen",
                run->option >= 0 ? run->options[run->option].option->id : (struct str){0});
    json_put_bool(object, "equal_to_before", (run->facts & FACT_ROLLED_BACK) != 0);
    put_or_null(report, object, "found_after", run->way_text);
    put_ms(object, "took_ms",
           run->way_ended_us > 0 ? run->way_ended_us - run->way_started_us : 0);
    struct json *options = json_make_array();
    for (size_t i = 0; i < run->option_count; i++) {
        struct json *entry = add_to(options);
        put(report, entry, "id", run->options[i].option->id);
        put_ms(entry, "ms", run->options[i].estimate_us);
        json_put_bool(entry, "measured", run->options[i].measured);
        json_put_bool(entry, "possible", run->options[i].possible);
    }
    json_put_take(object, "options", options);
    return object;
}

/* -------------------------------------------------------------------- whole */

static struct json *target_json(const struct report *report)
{
    const struct run *run = report->run;
    struct json *target = json_make_object();
    put(report, target, "id", run->target->id);
    put_or_null(report, target, "environment", run->target->environment);
    json_put_bool(target, "guarded", run->target->guarded);
    put_or_null(report, target, "database", run->database);
    put_or_null(report, target, "server", run->server_text);
    put_or_null(report, target, "connection", report->context->connection);
    return target;
}

static struct json *journal_json(const struct report *report)
{
    const struct report_context *context = report->context;
    struct json *journal = json_make_object();
    put_count(journal, "entries",
              context->journal_entries > 0 ? (int64_t)context->journal_entries : -1);
    put_or_null(report, journal, "head", context->journal_head);
    put_or_null(report, journal, "chain", context->chain);
    return journal;
}

static void put_heading(const struct report *report, struct json *object)
{
    const struct run *run = report->run;
    json_put_i64(object, "v", 1);
    put(report, object, "run", run->id);
    put(report, object, "plan", run->plan->name);
    put(report, object, "digest", run->digest);
    put_or_null(report, object, "approval", report->context->approval);
    put_or_null(report, object, "answers_sha256", report->context->answers_sha256);
    put_or_null(report, object, "version", report->context->version);
    put_or_null(report, object, "operator", run->operator_name);
    json_put_text(object, "mode", str_from(run->mode == RUN_LIVE ? "live" : "rehearsal"));
    json_put_text(object, "outcome", str_from(report_outcome_word(run)));
    json_put_text(object, "headline", report_outcome(run, report->arena));
    json_put_i64(object, "exit", engine_exit_code(run));
    json_put_bool(object, "simulated_clock", run->simulated_clock);
    json_put_bool(object, "resumed", run->resumed);
    put_time(object, "began", run->started_us);
    put_time(object, "ended", run->ended_us);
    put_ms(object, "sql_ms", run_sql_us(run));
    put_or_null(report, object, "reason", run->hold_reason);
}

/*
 * Takes the tree. A line of JSON never ends within a string, and at this depth only a
 * migration has a member of that name: the n-th such line stands for the n-th script.
 */
static void put_with_statements(const struct report *report, struct json *object,
                                struct strbuf *out)
{
    struct strbuf text = {0};
    json_write(&text, object, JSON_PRETTY);
    json_free(object);
    struct str rest = strbuf_str(&text);
    size_t script = 0;
    while (rest.len > 0) {
        size_t end = str_find_byte(rest, '\n', 0) + 1;
        struct str line = str_slice(rest, 0, end);
        if (str_eq(line, statements_line) && script < report->run->script_count) {
            put_statements(report, &report->run->scripts[script++], out);
        } else {
            strbuf_add(out, line);
        }
        rest = str_slice(rest, end, rest.len);
    }
    strbuf_release(&text);
}

void print_json(const struct report *report, struct strbuf *out)
{
    struct json *object = json_make_object();
    put_heading(report, object);
    json_put_take(object, "target", target_json(report));
    json_put_take(object, "counts", counts_json(report));
    json_put_take(object, "changes", changes_json(report));
    put(report, object, "ledger_made", report->run->ledger_made);
    json_put_take(object, "review", review_json(report));
    json_put_take(object, "schedule", schedule_json(report));
    json_put_take(object, "migrations", migrations_json(report));
    json_put_take(object, "verification", verification_json(report));
    json_put_take(object, "criteria", criteria_json(report));
    json_put_take(object, "checklist", checklist_json(report));
    json_put_take(object, "backups", backups_json(report));
    json_put_take(object, "votes", votes_json(report));
    json_put_take(object, "sign_offs", signatures_json(report));
    json_put_take(object, "overrides", remarks_json(report, true));
    json_put_take(object, "remarks", remarks_json(report, false));
    json_put_take(object, "notices", notices_json(report));
    json_put_take(object, "monitoring", monitoring_json(report));
    json_put_take(object, "rollback", rollback_json(report));
    json_put_take(object, "journal", journal_json(report));
    put_with_statements(report, object, out);
}
