/* SPDX-License-Identifier: PostgreSQL */
/*
 * The watch with its curves, the ways back, what people and the engine remarked, and
 * where the evidence is.
 */
#include <math.h>

#include "document.h"

enum {
    SPARK_COLUMNS = 32,
    SPARK_POINTS = 240,
};

/* -------------------------------------------------------------- monitoring */

/* Samples thinned to so many points; the worst of a stretch stays, a gap wins over all. */
static const struct figure *spark_of(struct report *report, const struct run_probe *probe,
                                     size_t points)
{
    struct figure *figure = arena_alloc(report->arena, sizeof(*figure));
    size_t count = probe->count < points ? probe->count : points;
    *figure = (struct figure){.kind = FIGURE_SPARK, .count = count, .limit = (double)NAN};
    figure->values = arena_array(report->arena, count, sizeof(double));
    bool lowest = probe->probe->comparator == PLAN_AT_LEAST;
    for (size_t i = 0; i < count; i++) {
        size_t from = i * probe->count / count;
        size_t until = (i + 1) * probe->count / count;
        double worst = (double)NAN;
        bool gap = false;
        for (size_t k = from; k < until; k++) {
            const struct run_sample *sample = probe_sample(probe, k);
            gap = gap || sample->outcome != OUTCOME_OK || isnan(sample->number);
            bool worse =
                isnan(worst) || (lowest ? sample->number < worst : sample->number > worst);
            worst = worse ? sample->number : worst;
        }
        figure->values[i] = gap ? (double)NAN : worst;
    }
    double limit = 0;
    if (probe_limit(probe->probe, &limit)) {
        figure->limit = limit;
    }
    return figure;
}

static void add_breach(struct report *report, const struct run_probe *probe,
                       const struct probe_facts *facts)
{
    if (probe->breaches > 0 || probe->breached) {
        bool seen = probe->acknowledged || probe->accepted;
        doc_cell(report, seen ? TONE_WARN : TONE_BAD, "%d breach%s: %.*s%s%.*s%s%.*s",
                 probe->breaches, probe->breaches == 1 ? "" : "es", STR_ARG(probe->breach),
                 probe->accepted       ? "; accepted by "
                 : probe->acknowledged ? "; seen by "
                                       : "; nobody looked at it",
                 STR_ARG(probe->who), probe->why.len > 0 ? ": " : "", STR_ARG(probe->why));
    } else if (probe_was_silent(report->run, probe)) {
        doc_cell(report, probe->accepted ? TONE_WARN : TONE_BAD,
                 "no answer in the whole watch; %s%.*s%s%.*s",
                 probe->accepted ? "accepted by " : "nobody accepted it", STR_ARG(probe->who),
                 probe->why.len > 0 ? ": " : "", STR_ARG(probe->why));
    } else if (facts->measured == 0) {
        doc_cell(report, TONE_UNKNOWN, "never measured");
    } else if (probe_observed_text(report->run, probe, report->arena).len > 0) {
        doc_cell(report, TONE_UNKNOWN, "%.*s",
                 STR_ARG(probe_observed_text(report->run, probe, report->arena)));
    } else if (facts->gaps > 0) {
        doc_cell(report, TONE_UNKNOWN, "%zu of %zu samples not measured", facts->gaps,
                 facts->gaps + facts->measured);
    } else if (probe->probe->comparator == PLAN_COMPARE_UNSAID) {
        doc_cell(report, TONE_PLAIN, "no limit");
    } else {
        doc_cell(report, TONE_GOOD, "within the limit, %zu samples", facts->measured);
    }
}

static void add_probe(struct report *report, const struct run_probe *probe)
{
    struct probe_facts facts = probe_facts(probe, 0);
    const struct plan_probe *plan = probe->probe;
    struct strbuf spark = {0};
    text_spark(&spark, spark_of(report, probe, SPARK_COLUMNS), SPARK_COLUMNS);
    doc_row(report);
    doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(plan->name.len > 0 ? plan->name : plan->id));
    doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_number(report, facts.baseline)));
    doc_cell(report, isnan(facts.now) ? TONE_UNKNOWN : TONE_PLAIN, "%.*s",
             STR_ARG(text_number(report, facts.now)));
    doc_cell(report, TONE_PLAIN, "%.*s",
             STR_ARG(text_expected(report, plan->comparator, &plan->expected)));
    doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_number(report, facts.least)));
    doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_number(report, facts.most)));
    doc_figure(report, str_dup(report->arena, strbuf_str(&spark)),
               spark_of(report, probe, SPARK_POINTS));
    add_breach(report, probe, &facts);
    strbuf_release(&spark);
}

static bool probe_is_health(const struct plan_probe *probe)
{
    return probe->source == PLAN_PROBE_HTTP || probe->source == PLAN_PROBE_LOG ||
           probe->source == PLAN_PROBE_RUN;
}

static void add_probes(struct report *report, const char *title, bool health)
{
    const struct run *run = report->run;
    bool any = false;
    for (size_t i = 0; i < run->probe_count; i++) {
        if (probe_is_health(run->probes[i].probe) != health) {
            continue;
        }
        if (!any) {
            doc_heading(report, 3, title);
            doc_table(report, "Probe|>Before|>Last|Limit|>Least|>Most|Course|Verdict");
            any = true;
        }
        add_probe(report, &run->probes[i]);
    }
}

/* Only probes that the plan marks count it; without one nobody watched for it. */
static void add_downtime(struct report *report)
{
    const struct run *run = report->run;
    bool marked = false;
    for (size_t i = 0; i < run->probe_count; i++) {
        marked = marked || run->probes[i].probe->downtime;
    }
    int64_t downtime = run_downtime_us(run);
    doc_fact(report, "Downtime seen by probes", marked ? TONE_PLAIN : TONE_UNKNOWN, "%.*s",
             STR_ARG(!marked        ? STR("not known: no probe of the plan counts it")
                     : downtime > 0 ? text_duration(report, downtime)
                                    : STR("none")));
}

void part_monitoring(struct report *report)
{
    const struct run *run = report->run;
    bool performance = part_is_included(run, PLAN_PART_PERFORMANCE);
    bool health = part_is_included(run, PLAN_PART_HEALTH);
    if (run->probe_count == 0 || (!performance && !health)) {
        return;
    }
    doc_heading(report, 2, "Monitoring");
    int64_t from = run->phase_started_us[PHASE_MONITOR];
    if (from == 0) {
        doc_paragraph(report, TONE_PLAIN, "The watch did not begin.");
    } else {
        int64_t until = run->phase_ended_us[PHASE_MONITOR];
        doc_paragraph(report, run->monitor_overridden ? TONE_WARN : TONE_PLAIN,
                      "The watch began at %.*s and lasted %.*s%s.",
                      STR_ARG(text_time(report, from)),
                      STR_ARG(text_duration(report, until > from ? until - from : 0)),
                      run->monitor_overridden ? ", ended early by a person" : "");
    }
    struct str seen = watch_observed_text(run, report->arena);
    if (seen.len > 0) {
        doc_paragraph(report, TONE_UNKNOWN, "%.*s: the rest of the watch nobody saw.",
                      STR_ARG(seen));
    }
    doc_paragraph(report, TONE_PLAIN,
                  "\"Before\" is the median before the first change. A gap in a course (?) is "
                  "time that nobody measured.");
    if (performance) {
        add_probes(report, "Performance, before and after", false);
    }
    if (health) {
        add_probes(report, "Health of the application", true);
    }
    add_downtime(report);
}

/* ------------------------------------------------------------ the ways back */

void part_rollback(struct report *report)
{
    const struct run *run = report->run;
    if (run->option_count == 0) {
        return;
    }
    doc_heading(report, 2, "Ways back");
    doc_table(report, "Id|What|Brings back|>Time|Possible|Done");
    for (size_t i = 0; i < run->option_count; i++) {
        const struct run_option *option = &run->options[i];
        bool chosen = run->option == (int)i;
        bool judged = option->possible || option->why_not.len > 0;
        doc_row(report);
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(option->option->id));
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(option->option->title));
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_or(option->option->restores, "-")));
        doc_cell(report, TONE_PLAIN, "%.*s%s",
                 STR_ARG(text_duration(report, option->estimate_us)),
                 option->estimate_us <= 0 ? ""
                 : option->measured       ? ", measured"
                                          : ", planned");
        doc_cell(report,
                 option->possible ? TONE_GOOD
                 : judged         ? TONE_WARN
                                  : TONE_PLAIN,
                 "%.*s",
                 STR_ARG(option->possible ? STR("yes")
                         : judged         ? option->why_not
                                          : STR("was not asked for")));
        doc_cell(report, chosen ? TONE_WARN : TONE_PLAIN, chosen ? "chosen" : "-");
    }
    if (run->option < 0) {
        doc_paragraph(report, TONE_PLAIN, "No way back was taken.");
    } else {
        bool equal = (run->facts & FACT_ROLLED_BACK) != 0;
        if (run->way_ended_us > 0) {
            doc_fact(report, "Took", TONE_PLAIN, "%.*s",
                     STR_ARG(text_duration(report, run->way_ended_us - run->way_started_us)));
            doc_fact(report, "Found after it", equal ? TONE_GOOD : TONE_UNKNOWN, "%.*s",
                     STR_ARG(run->way_text));
        }
        doc_paragraph(report, equal ? TONE_GOOD : TONE_UNKNOWN,
                      equal ? "The database was compared with before: it is equal. What was "
                              "verified before the way back is undone with it."
                            : "It is not proved that the database is as it was before.");
    }
    for (size_t i = 0; i < run->write_count; i++) {
        struct strbuf own = {0};
        add_own_writes(&own, run, &run->writes[i]);
        doc_item(report, TONE_WARN, "%.*s: %.*s rows written since the backup%.*s",
                 STR_ARG(run->writes[i].name),
                 STR_ARG(text_count(report, run->writes[i].value)), STR_ARG(strbuf_str(&own)));
        strbuf_release(&own);
    }
}

/* ----------------------------------------------------------------- notices */

void part_notices(struct report *report)
{
    const struct run *run = report->run;
    if (run->notice_count == 0) {
        return;
    }
    doc_heading(report, 2, "Told to the team");
    doc_table(report, "At (UTC)|Event|Program|>Time|What became of it|It said");
    for (size_t i = 0; i < run->notice_count; i++) {
        const struct run_notice *notice = &run->notices[i];
        bool ended = notice->outcome != OUTCOME_NONE;
        doc_row(report);
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_clock(report, notice->at_us)));
        doc_cell(report, TONE_PLAIN, "%s", plan_occasion_word(notice->occasion));
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(notice->hook->run.items[0]));
        doc_cell(report, TONE_PLAIN, "%.*s",
                 STR_ARG(ended ? text_duration(report, notice->us) : STR("-")));
        doc_cell(report,
                 notice->outcome == OUTCOME_OK       ? TONE_GOOD
                 : notice->outcome == OUTCOME_FAILED ? TONE_BAD
                                                     : TONE_UNKNOWN,
                 "%.*s", STR_ARG(text_or(notice->text, "it had not ended")));
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_or(notice->output, "-")));
    }
}

/* ------------------------------------------------------- remarks, evidence */

void part_remarks(struct report *report)
{
    const struct run *run = report->run;
    if (run->remark_count == 0) {
        return;
    }
    doc_heading(report, 2, "Log");
    doc_table(report, "At (UTC)|Who|What|About|Text");
    for (size_t i = 0; i < run->remark_count; i++) {
        const struct run_remark *remark = &run->remarks[i];
        doc_row(report);
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_clock(report, remark->at_us)));
        doc_cell(report, TONE_PLAIN, "%.*s%s", STR_ARG(text_or(remark->who, "-")),
                 text_by(remark->claim, remark->who));
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(remark->kind));
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_or(remark->id, "-")));
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_or(remark->text, "-")));
    }
}

void part_evidence(struct report *report)
{
    const struct report_context *context = report->context;
    doc_heading(report, 2, "Evidence");
    if (context->journal_entries > 0) {
        doc_fact(report, "Journal", TONE_PLAIN, "%llu entries before the report's own",
                 (unsigned long long)context->journal_entries);
    } else {
        doc_fact(report, "Journal", TONE_UNKNOWN, "not known");
    }
    doc_fact(report, "Newest hash", TONE_PLAIN, "%.*s",
             STR_ARG(text_sha(report, context->journal_head)));
    doc_fact(report, "Chain", TONE_PLAIN, "%.*s",
             STR_ARG(text_or(context->chain, "not known")));
    if (context->directory.len > 0) {
        doc_fact(report, "Run directory", TONE_PLAIN, "%.*s", STR_ARG(context->directory));
    }
    if (context->source_count > 0) {
        doc_table(report, "File|SHA-256");
        for (size_t i = 0; i < context->source_count; i++) {
            const struct report_source *source = &context->sources[i];
            doc_row(report);
            doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_or(source->name, "the plan")));
            doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_sha(report, source->sha256)));
        }
    }
}
