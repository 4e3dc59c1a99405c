/* SPDX-License-Identifier: PostgreSQL */
/*
 * show: the whole plan as a runbook in Markdown, for the change ticket. What stands in
 * the plan stands here, with the statements of every file; nothing is contacted. The
 * first half: who, when, where, from what to what.
 */
#include "report.h"
#include "show.h"

/* Text of people in Markdown: harmless to a terminal and to the ticket system. */
void show_text(struct strbuf *out, struct str text)
{
    struct strbuf clean = {0};
    sanitise(&clean, text, SANITISE_LINE);
    for (size_t i = 0; i < clean.len; i++) {
        if (strchr("\\`*_<>[]|#~$&", clean.ptr[i])) {
            strbuf_byte(out, '\\');
        }
        strbuf_byte(out, clean.ptr[i]);
    }
    strbuf_release(&clean);
}

/* A fenced block that its own content cannot close. */
void show_code(struct strbuf *out, const char *language, struct str text)
{
    struct strbuf clean = {0};
    size_t longest = 2;
    size_t here = 0;
    sanitise(&clean, str_trim(text), SANITISE_LINES);
    for (size_t i = 0; i < clean.len; i++) {
        here = clean.ptr[i] == '`' ? here + 1 : 0;
        longest = here > longest ? here : longest;
    }
    strbuf_repeat(out, '`', longest + 1);
    strbuf_format(out, "%s\n", language);
    strbuf_add(out, strbuf_str(&clean));
    strbuf_byte(out, '\n');
    strbuf_repeat(out, '`', longest + 1);
    strbuf_text(out, "\n\n");
    strbuf_release(&clean);
}

/* "| a | b |" rows: a cell at a time. */
void show_cell(struct strbuf *out, struct str text)
{
    strbuf_text(out, "| ");
    show_text(out, text);
    strbuf_byte(out, ' ');
}

static void show_cell_number(struct strbuf *out, int64_t number)
{
    strbuf_text(out, "| ");
    if (number == PLAN_UNSAID) {
        strbuf_text(out, "-");
    } else {
        strbuf_i64(out, number);
    }
    strbuf_byte(out, ' ');
}

void show_duration(struct strbuf *out, int64_t duration_us)
{
    if (duration_us == PLAN_UNSAID) {
        strbuf_text(out, "-");
    } else {
        duration_to_text(out, duration_us);
    }
}

void show_cell_duration(struct strbuf *out, int64_t duration_us)
{
    strbuf_text(out, "| ");
    show_duration(out, duration_us);
    strbuf_byte(out, ' ');
}

void show_row_end(struct strbuf *out)
{
    strbuf_text(out, "|\n");
}

void show_list(struct strbuf *out, const struct plan_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        strbuf_text(out, i > 0 ? ", " : "");
        show_text(out, texts->items[i]);
    }
}

/* A clock time of the window's day. */
static void show_clock(struct strbuf *out, int64_t local_us)
{
    int64_t minutes = local_us / US_PER_MINUTE;
    strbuf_format(out, "%02lld:%02lld%s", (long long)(minutes / 60 % 24),
                  (long long)(minutes % 60), minutes >= 24 * 60 ? " (next day)" : "");
}

static void show_slot(struct strbuf *out, const struct plan_slot *slot)
{
    if (slot->start_us == PLAN_UNSAID) {
        strbuf_text(out, "-");
        return;
    }
    show_clock(out, slot->start_us);
    strbuf_text(out, " for ");
    duration_to_text(out, slot->length_us);
}

/* ------------------------------------------------------------------- sections */

static void head(struct strbuf *out, const struct app_plan *app)
{
    const struct plan *plan = app->plan;
    strbuf_text(out, "# ");
    show_text(out, plan->name);
    strbuf_format(out, "\n\nPlan digest `%s`.", app->digest.text);
    if (plan->metadata.mark.line > 0) {
        const struct {
            const char *name;
            struct str text;
        } claims[] = {{"Ticket", plan->metadata.ticket},
                      {"Author", plan->metadata.author},
                      {"Approver", plan->metadata.approver}};
        for (size_t i = 0; i < COUNT_OF(claims); i++) {
            if (claims[i].text.len > 0) {
                strbuf_format(out, " %s: ", claims[i].name);
                show_text(out, claims[i].text);
                strbuf_byte(out, '.');
            }
        }
    }
    strbuf_text(out, "\n\n");
}

static void window(struct strbuf *out, const struct plan *plan)
{
    if (plan->window.mark.line == 0) {
        return;
    }
    strbuf_text(out, "## Window\n\n");
    if (plan->window.weekday >= 0) {
        strbuf_format(out, "%s ", weekday_names[plan->window.weekday]);
    }
    show_text(out, plan->window.date);
    strbuf_text(out, ", ");
    show_clock(out, plan->window.opens_us);
    strbuf_text(out, " to ");
    show_clock(out, plan->window.closes_us);
    strbuf_byte(out, ' ');
    show_text(out, plan->window.timezone);
    strbuf_text(out, "\n\n");
}

static void targets(struct strbuf *out, const struct app_plan *app)
{
    strbuf_text(out, "## Targets\n\n| target | environment | guarded | where | must be | "
                     "approval |\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < app->plan->targets.count; i++) {
        const struct plan_target *target = &app->plan->targets.items[i];
        const struct {
            const char *name;
            struct str text;
        } where[] = {{"service", target->service}, {"host", target->host},
                     {"port", target->port},       {"database", target->database},
                     {"user", target->user},       {"sslmode", target->sslmode}},
          pins[] = {{"system", target->system_identifier},
                    {"database", target->expect_database},
                    {"role", target->expect_role},
                    {"major", target->expect_major}};
        show_cell(out, target->id);
        show_cell(out, target->environment);
        show_cell(out, target->guarded ? STR("yes") : STR("no"));
        strbuf_text(out, "| ");
        for (size_t k = 0; k < COUNT_OF(where); k++) {
            if (where[k].text.len > 0) {
                strbuf_format(out, "%s ", where[k].name);
                show_text(out, where[k].text);
                strbuf_byte(out, ' ');
            }
        }
        strbuf_text(out, "| ");
        for (size_t k = 0; k < COUNT_OF(pins); k++) {
            if (pins[k].text.len > 0) {
                strbuf_format(out, "%s ", pins[k].name);
                show_text(out, pins[k].text);
                strbuf_byte(out, ' ');
            }
        }
        strbuf_text(out, target->expect_primary == PLAN_YES ? "primary " : "");
        strbuf_format(out, "| `%s` ", app_plan_approval(app, target).text);
        show_row_end(out);
    }
    strbuf_byte(out, '\n');
}

static void roles(struct strbuf *out, const struct plan *plan)
{
    if (plan->roles.count == 0) {
        return;
    }
    strbuf_text(out, "## Roles\n\n| role | people | votes | before | during | after "
                     "|\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < plan->roles.count; i++) {
        const struct plan_role *role = &plan->roles.items[i];
        show_cell(out, role->title.len > 0 ? role->title : role->id);
        strbuf_text(out, "| ");
        show_list(out, &role->people);
        strbuf_byte(out, ' ');
        show_cell(out, role->votes ? STR("yes") : STR("no"));
        show_cell(out, role->before);
        show_cell(out, role->during);
        show_cell(out, role->after);
        show_row_end(out);
    }
    strbuf_byte(out, '\n');
}

static void schedule_row(struct strbuf *out, const struct plan_slot *slot, struct str what)
{
    strbuf_text(out, "| ");
    show_slot(out, slot);
    strbuf_byte(out, ' ');
    show_cell(out, what);
    show_row_end(out);
}

static void schedule(struct strbuf *out, const struct plan *plan)
{
    strbuf_text(out, "## Schedule\n\n| when | what |\n|---|---|\n");
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct plan_step *step = &plan->steps.items[i];
        schedule_row(out, &step->slot, step->name.len > 0 ? step->name : step->id);
    }
    if (plan->verification.mark.line > 0) {
        schedule_row(out, &plan->verification.slot, STR("verification"));
    }
    if (plan->monitoring.mark.line > 0) {
        schedule_row(out, &plan->monitoring.slot, STR("monitoring"));
    }
    strbuf_byte(out, '\n');
}

static void limits(struct strbuf *out, const struct plan *plan)
{
    const struct {
        const char *name;
        int64_t us;
    } rows[] = {
        {"SQL in total", plan->limits.sql_total_us},
        {"migrations in total", plan->limits.migration_total_us},
        {"downtime", plan->limits.downtime_us},
        {"recovery", plan->limits.recovery_us},
        {"lock timeout", plan->safety.lock_timeout_us},
        {"statement timeout", plan->safety.statement_timeout_us},
        {"idle in transaction", plan->safety.idle_in_transaction_us},
        {"transactions of others (L23)", plan->safety.old_transaction_us},
    };
    strbuf_text(out, "## Limits and safety\n\n| limit | at most |\n|---|---|\n");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        show_cell(out, str_from(rows[i].name));
        show_cell_duration(out, rows[i].us);
        show_row_end(out);
    }
    strbuf_format(out, "\nAfter each file the run %s. On a lost connection: %s. Ledger: ",
                  plan->safety.stop_after == PLAN_STOP_NEVER ? "goes on by itself"
                                                             : "stops for a person",
                  plan->safety.on_disconnect == PLAN_DISCONNECT_ROLLBACK
                      ? "roll back"
                      : "finish the open statement, then hold");
    show_text(out, plan->ledger.table.len > 0 ? plan->ledger.table : STR("none"));
    strbuf_text(out, ".\n\n");
}

static void state(struct strbuf *out, const struct plan *plan)
{
    if (plan->state.mark.line == 0) {
        return;
    }
    strbuf_text(out, "## State\n\n| count | before | after |\n|---|---|---|\n");
    for (size_t i = 0; i < plan->state.count.count; i++) {
        const struct plan_count *count = &plan->state.count.items[i];
        show_cell(out, count->name);
        show_cell_number(out, count->before);
        show_cell_number(out, count->after);
        show_row_end(out);
    }
    strbuf_byte(out, '\n');
    if (plan->state.removed_tables.count > 0) {
        strbuf_format(out, "**Destroys %zu tables:** ", plan->state.removed_tables.count);
        show_list(out, &plan->state.removed_tables);
        strbuf_text(out, "\n\n");
    }
    for (size_t i = 0; i < plan->state.changes.count; i++) {
        const struct plan_change *change = &plan->state.changes.items[i];
        const struct {
            const char *word;
            const struct plan_texts *names;
        } lists[] = {
            {"new", &change->new}, {"gone", &change->gone}, {"changed", &change->changed}};
        for (size_t k = 0; k < COUNT_OF(lists); k++) {
            if (lists[k].names->count > 0) {
                strbuf_format(out, "- %s ", lists[k].word);
                show_text(out, str_from(plan_what_word(change->what)));
                strbuf_text(out, ": ");
                show_list(out, lists[k].names);
                strbuf_byte(out, '\n');
            }
        }
    }
    strbuf_format(out, "\nChanges that are not named here are %s.\n\n",
                  plan->state.unlisted_changes == PLAN_UNLISTED_FORBID ? "forbidden"
                                                                       : "a warning");
}

/* show: the runbook. */
static void cli_show_plan(struct strbuf *out, const struct app_plan *app)
{
    struct arena arena = {0};
    head(out, app);
    report_review(app->lint, &arena, out); /* what is destroyed comes before everything else */
    arena_release(&arena);
    window(out, app->plan);
    targets(out, app);
    roles(out, app->plan);
    schedule(out, app->plan);
    limits(out, app->plan);
    state(out, app->plan);
    show_work(out, app);
}

int cli_run_show(struct cli *cli)
{
    struct app_plan plan;
    int code = 0;
    if (!cli_load_plan(&plan, cli->operands[0], &code)) {
        return code;
    }
    struct strbuf out = {0};
    cli_show_plan(&out, &plan);
    cli_out(&out);
    strbuf_release(&out);
    app_plan_release(&plan);
    return 0;
}
