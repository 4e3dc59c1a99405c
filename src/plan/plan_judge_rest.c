/* SPDX-License-Identifier: PostgreSQL */
/*
 * Probes, criteria, notifications and what else stands at the end of a plan.
 */
#include "plan_judge.h"

#include "plan_words.h"
#include "plan_values.h"

static void judge_probe_source(struct judge *judge, struct plan_probe *probe)
{
    static const char *const sources[] = {"builtin", "sql", "run", "http", "log"};
    static const enum plan_probe_source kinds[] = {
        PLAN_PROBE_BUILTIN, PLAN_PROBE_SQL, PLAN_PROBE_RUN, PLAN_PROBE_HTTP, PLAN_PROBE_LOG};
    const char *first = NULL;
    size_t said = plan_judge_says_of(probe->mark, sources, COUNT_OF(sources), &first);
    if (said != 1) {
        JUDGE_ERROR(judge, probe->mark, "Y201",
                    said == 0
                        ? "what is watched? write one of `builtin:`, `sql:`, `run:`, `http:`, "
                          "`log:`"
                        : "a probe has one source; make two probes of it");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        if (strcmp(first, sources[i]) == 0) {
            probe->source = kinds[i];
        }
    }
    if (probe->source == PLAN_PROBE_HTTP && !str_starts(probe->http, "http://") &&
        !str_starts(probe->http, "https://") && !str_starts(probe->http, "${")) {
        JUDGE_ERROR(judge, plan_mark_of(probe->mark, "http"), "Y220",
                    "not a web address; it begins with http://, https:// or ${name}");
    }
}

static void judge_probe_limit(struct judge *judge, struct plan_probe *probe)
{
    static const char *const keys[] = {"equals", "at_least", "at_most", "matches"};
    const struct {
        enum plan_comparator comparator;
        struct plan_value value;
    } rows[] = {{PLAN_EQUALS, probe->equals},
                {PLAN_AT_LEAST, probe->at_least},
                {PLAN_AT_MOST, probe->at_most},
                {PLAN_MATCHES, probe->matches}};
    const char *first = NULL;
    if (plan_judge_says_of(probe->mark, keys, COUNT_OF(keys), &first) > 1) {
        JUDGE_ERROR(judge, probe->mark, "Y202", "a probe has one limit; make two probes of it");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].value.kind != PLAN_VALUE_UNSAID) {
            probe->comparator = rows[i].comparator;
            probe->expected = rows[i].value;
        }
    }
    bool text = probe->expected.kind == PLAN_VALUE_TEXT ||
                probe->expected.kind == PLAN_VALUE_BOOL ||
                probe->expected.kind == PLAN_VALUE_BEFORE;
    if (text && (probe->comparator == PLAN_AT_LEAST || probe->comparator == PLAN_AT_MOST)) {
        JUDGE_ERROR(judge, plan_mark_of(probe->mark, first), "Y202",
                    "a probe's limit is a number, a duration or a size");
    }
}

static void judge_probe(struct judge *judge, struct plan_probe *probe)
{
    plan_judge_id(judge, &judge->probes, probe->mark, probe->id, "probe");
    if (probe->name.len == 0) {
        probe->name = probe->id;
    }
    judge_probe_source(judge, probe);
    judge_probe_limit(judge, probe);
    bool has_over = probe->builtin == PLAN_GAUGE_SLOW_STATEMENTS ||
                    probe->builtin == PLAN_GAUGE_OLDEST_TRANSACTION;
    if (probe->builtin == PLAN_GAUGE_SLOW_STATEMENTS && !plan_judge_says(probe->mark, "over")) {
        JUDGE_ERROR(judge, probe->mark, "Y203",
                    "builtin slow_statements needs the key \"over\"");
    } else if (!has_over && plan_judge_says(probe->mark, "over")) {
        JUDGE_ERROR(judge, plan_mark_of(probe->mark, "over"), "Y204",
                    "only slow_statements and oldest_transaction take `over`");
    }
    if (probe->downtime && probe->comparator == PLAN_COMPARE_UNSAID) {
        JUDGE_ERROR(judge, plan_mark_of(probe->mark, "downtime"), "Y202",
                    "downtime is counted while the probe breaks its limit, and it has none");
    }
    plan_judge_argv(judge, probe->mark, "run", &probe->run);
}

void plan_judge_monitoring(struct judge *judge)
{
    struct plan_monitoring *monitoring = &judge->plan->monitoring;
    for (size_t i = 0; i < monitoring->probes.count; i++) {
        judge_probe(judge, &monitoring->probes.items[i]);
    }
    if (monitoring->every_us < US_PER_SECOND && monitoring->every_us != PLAN_UNSAID) {
        JUDGE_ERROR(judge, plan_mark_of(monitoring->mark, "every"), "Y026",
                    "probes run once a second at most; write 1s or more");
    }
}

static void judge_limit(struct judge *judge, const struct plan_criterion *criterion)
{
    const struct plan_limits *limits = &judge->plan->limits;
    for (size_t i = 0; i < plan_words_limit.count; i++) {
        const char *word = plan_words_limit.items[i].name;
        if (str_eq(criterion->limit, word) && !plan_judge_says(limits->mark, word)) {
            JUDGE_ERROR(judge, plan_mark_of(criterion->mark, "limit"), "Y105",
                        "limits has no %s", word);
        }
    }
}

void plan_judge_criteria(struct judge *judge)
{
    static const char *const keys[] = {"check", "count", "limit", "probe", "attest"};
    static const enum plan_criterion_kind kinds[] = {PLAN_CRITERION_CHECK, PLAN_CRITERION_COUNT,
                                                     PLAN_CRITERION_LIMIT, PLAN_CRITERION_PROBE,
                                                     PLAN_CRITERION_ATTEST};
    struct plan_criteria *criteria = &judge->plan->criteria;
    for (size_t i = 0; i < criteria->count; i++) {
        struct plan_criterion *criterion = &criteria->items[i];
        const char *first = NULL;
        if (plan_judge_says_of(criterion->mark, keys, COUNT_OF(keys), &first) != 1) {
            JUDGE_ERROR(judge, criterion->mark, "Y650",
                        "a criterion is judged by one thing; write one of check, count, limit, "
                        "probe, attest");
            continue;
        }
        for (size_t k = 0; k < COUNT_OF(keys); k++) {
            if (strcmp(first, keys[k]) == 0) {
                criterion->kind = kinds[k];
            }
        }
        if (!str_eq(criterion->check, "verification")) {
            plan_judge_reference(judge, &judge->checks, criterion->mark, "check",
                                 criterion->check, "check");
        } else if (judge->plan->verification.mark.line == 0) {
            JUDGE_ERROR(judge, plan_mark_of(criterion->mark, "check"), "Y105",
                        "the plan has no verification");
        }
        plan_judge_reference(judge, &judge->counts, criterion->mark, "count", criterion->count,
                             "count in state.count named");
        plan_judge_reference(judge, &judge->probes, criterion->mark, "probe", criterion->probe,
                             "probe");
        plan_judge_reference(judge, &judge->roles, criterion->mark, "attest", criterion->attest,
                             "role");
        judge_limit(judge, criterion);
    }
}

bool plan_is_told(const struct plan_notification *notification, enum plan_occasion occasion)
{
    for (size_t i = 0; i < notification->when.count; i++) {
        if (notification->when.items[i] == (int)occasion) {
            return true;
        }
    }
    return false;
}

static void judge_notification(struct judge *judge,
                               const struct plan_notification *notification)
{
    plan_judge_argv(judge, notification->mark, "run", &notification->run);
    bool early = plan_is_told(notification, PLAN_WHEN_BEFORE_OPEN);
    if (early && !plan_judge_says(notification->mark, "lead")) {
        JUDGE_ERROR(judge, notification->mark, "Y203",
                    "before_open needs the key \"lead\": how long before");
    }
    if ((early || plan_is_told(notification, PLAN_WHEN_OPEN)) &&
        judge->plan->window.mark.line == 0) {
        JUDGE_ERROR(judge, plan_mark_of(notification->mark, "when"), "Y422",
                    "%s needs a window, and the plan has none",
                    plan_occasion_word(early ? PLAN_WHEN_BEFORE_OPEN : PLAN_WHEN_OPEN));
    }
}

static bool is_step_file(const struct plan *plan, struct str file)
{
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct plan_step *step = &plan->steps.items[i];
        if (str_is(step->file, file) || (step->undo.ptr && str_is(step->undo, file))) {
            return true;
        }
    }
    return false;
}

static void judge_waiver(struct judge *judge, struct plan_waiver *waiver)
{
    if (str_starts(waiver->file, "./")) { /* as the paths of steps are kept */
        waiver->file = str_slice(waiver->file, 2, waiver->file.len);
    }
    if (plan_judge_says(waiver->mark, "reason") && str_trim(waiver->reason).len == 0) {
        JUDGE_ERROR(judge, plan_mark_of(waiver->mark, "reason"), "Y661",
                    "a waiver says why the finding is accepted");
    }
    if (plan_judge_says(waiver->mark, "person") && str_trim(waiver->person).len == 0) {
        JUDGE_ERROR(judge, plan_mark_of(waiver->mark, "person"), "Y661",
                    "a waiver names the person who accepts the finding");
    }
    if (waiver->file.ptr && !is_step_file(judge->plan, waiver->file)) {
        JUDGE_ERROR(judge, plan_mark_of(waiver->mark, "file"), "Y662",
                    "no migration has the file \"%.*s\", nor is it the undo of one; write it "
                    "as in `steps`, or leave it out for all files",
                    STR_ARG(waiver->file));
    }
    if (!waiver->file.ptr && plan_judge_says(waiver->mark, "statement")) {
        JUDGE_ERROR(judge, plan_mark_of(waiver->mark, "statement"), "Y662",
                    "statement %lld of which file? add the key \"file\"",
                    (long long)waiver->statement);
    }
}

void plan_judge_rest(struct judge *judge)
{
    struct plan *plan = judge->plan;
    for (size_t i = 0; i < plan->waivers.count; i++) {
        judge_waiver(judge, &plan->waivers.items[i]);
    }
    for (size_t i = 0; i < plan->notify.count; i++) {
        judge_notification(judge, &plan->notify.items[i]);
    }
    for (size_t i = 0; i < plan->emergency.count; i++) {
        struct plan_card *card = &plan->emergency.items[i];
        if (card->title.len == 0) {
            card->title = str_from(plan_table_word(&plan_words_emergency, (int)card->kind));
        }
    }
    if (plan->verification.mark.line != 0) {
        for (size_t i = 0; i < plan->verification.sets.count; i++) {
            plan_judge_checks(judge, &plan->verification.sets.items[i].checks);
        }
    }
}
