/* SPDX-License-Identifier: PostgreSQL */
/*
 * The birth of a run: every list that the model needs, sized by the plan, so that
 * stepping only fills in. Nothing is known yet: numbers are -1, states pending.
 */
#include <math.h>

#include "engine_private.h"

enum {
    SAMPLES_MIN = 720,   /* two hours at ten seconds: what a screen can show */
    SAMPLES_MAX = 20000, /* a day at five seconds; older ones fall out of the ring */
};

struct str run_keep(struct run *run, struct str text)
{
    return text.len > 0 ? str_dup(run->arena, text) : (struct str){0};
}

struct str run_keep_format(struct run *run, const char *format, ...)
{
    struct strbuf buf = {0};
    va_list values;
    va_start(values, format);
    char text[2 * ERR_TEXT_MAX];
    int length = vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    if (length > 0) {
        strbuf_text(&buf, text);
    }
    struct str kept = run_keep(run, strbuf_str(&buf));
    strbuf_release(&buf);
    return kept;
}

static struct run_check *checks_of(struct run *run, const struct plan_checks *first,
                                   const struct plan_checks *second, size_t *count)
{
    *count = first->count + (second ? second->count : 0);
    struct run_check *checks = arena_array(run->arena, *count, sizeof(*checks));
    for (size_t i = 0; i < *count; i++) {
        checks[i].check =
            i < first->count ? &first->items[i] : &second->items[i - first->count];
    }
    return checks;
}

/* Which statements are sent: an outer BEGIN … COMMIT is taken over. */
static void set_range(struct run_script *script)
{
    script->first = 0;
    script->last = script->sql->count;
    if (script->transaction == PLAN_TRANSACTION_ONE &&
        sql_outer_transaction(script->sql).outer == SQL_OUTER_ONE) {
        script->first = 1;
        script->last = script->sql->count - 1;
    }
}

void script_init(struct run *run, struct run_script *script, enum script_kind kind, int step,
                 const struct sql_script *sql)
{
    *script = (struct run_script){.kind = kind, .step = step, .sql = sql, .statement = -1};
    script->transaction = PLAN_TRANSACTION_ONE;
    if (sql) {
        script->statements = arena_array(run->arena, sql->count, sizeof(*script->statements));
    }
}

static void add_steps(struct run *run, const struct run_setup *setup)
{
    const struct plan_steps *steps = &run->plan->steps;
    for (size_t i = 0; i < steps->count; i++) {
        const struct plan_step *step = &steps->items[i];
        bool migration = step->kind == PLAN_STEP_MIGRATION;
        struct run_script *script =
            ARRAY_PUSH(run->scripts, run->script_count, run->script_capacity);
        script_init(run, script, migration ? SCRIPT_MIGRATION : SCRIPT_MANUAL, (int)i,
                    migration ? setup->step_scripts[i] : NULL);
        script->id = step->id;
        script->file = step->file;
        if (migration) {
            script->transaction = step->transaction;
            set_range(script);
        }
        script->checks = checks_of(run, &step->checks, &step->after, &script->check_count);
        script->before = checks_of(run, &step->before, NULL, &script->before_count);
    }
}

static void add_items(struct run *run)
{
    const struct plan_checklist *list = &run->plan->checklist;
    run->items = arena_array(run->arena, list->count, sizeof(*run->items));
    run->item_count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        run->items[i].item = &list->items[i];
    }
    const struct plan_backups *backups = &run->plan->backup;
    run->backups = arena_array(run->arena, backups->count, sizeof(*run->backups));
    run->backup_count = backups->count;
    for (size_t i = 0; i < backups->count; i++) {
        run->backups[i].backup = &backups->items[i];
    }
}

static void init_count(struct run *run, struct run_count *count, const struct plan_count *plan)
{
    count->plan = plan;
    count->word = str_from(plan_what_word(plan->what));
    count->id = plan->id;
    count->title = plan->name;
    int64_t before = plan_count_before(run->plan, run->target, plan);
    count->expected_before = before == PLAN_UNSAID ? -1 : before;
    count->expected = plan->after == PLAN_UNSAID ? -1 : plan->after;
}

/* The counts that the plan judges come first, then every other kind, counted and not judged. */
static void add_counts(struct run *run)
{
    const struct plan_counts *list = &run->plan->state.count;
    run->counts = arena_array(run->arena, list->count + COUNT__COUNT, sizeof(*run->counts));
    for (size_t i = 0; i < list->count; i++) {
        init_count(run, &run->counts[run->count_count++], &list->items[i]);
    }
    for (int kind = 0; kind < COUNT__COUNT; kind++) {
        struct str word = str_from(catalog_count_infos[kind].word);
        bool judged = false;
        for (size_t i = 0; i < list->count; i++) {
            if (str_is(run->counts[i].word, word)) {
                run->counts[i].title = str_from(catalog_count_infos[kind].title);
                judged = true;
            }
        }
        if (!judged) {
            struct run_count *count = &run->counts[run->count_count++];
            count->word = count->id = word;
            count->title = str_from(catalog_count_infos[kind].title);
            count->expected_before = count->expected = -1;
        }
    }
    for (size_t i = 0; i < run->count_count; i++) {
        for (int moment = 0; moment < MOMENT__COUNT; moment++) {
            run->counts[i].values[moment] = -1;
        }
    }
}

static void add_probes(struct run *run)
{
    const struct plan_monitoring *monitoring = &run->plan->monitoring;
    run->probes = arena_array(run->arena, monitoring->probes.count, sizeof(*run->probes));
    run->probe_count = monitoring->probes.count;
    int64_t wanted = SAMPLES_MIN;
    run->pace_us = monitoring->every_us;
    if (monitoring->slot.length_us > 0 && monitoring->every_us > 0) {
        wanted = 2 * monitoring->slot.length_us / monitoring->every_us;
    }
    wanted = wanted < SAMPLES_MIN ? SAMPLES_MIN : wanted;
    wanted = wanted > SAMPLES_MAX ? SAMPLES_MAX : wanted;
    for (size_t i = 0; i < run->probe_count; i++) {
        struct run_probe *probe = &run->probes[i];
        probe->probe = &monitoring->probes.items[i];
        probe->capacity = (size_t)wanted;
        probe->samples = arena_array(run->arena, probe->capacity, sizeof(*probe->samples));
        probe->baseline = (double)NAN;
    }
}

static void add_sets(struct run *run)
{
    const struct plan_sets *sets = &run->plan->verification.sets;
    run->sets = arena_array(run->arena, sets->count, sizeof(struct run_check *));
    run->set_count = sets->count;
    for (size_t i = 0; i < sets->count; i++) {
        size_t count;
        run->sets[i] = checks_of(run, &sets->items[i].checks, NULL, &count);
    }
    const struct plan_rollback *rollback = &run->plan->rollback;
    run->options = arena_array(run->arena, rollback->count, sizeof(*run->options));
    run->option_count = rollback->count;
    for (size_t i = 0; i < rollback->count; i++) {
        run->options[i].option = &rollback->items[i];
        run->options[i].estimate_us = rollback->items[i].takes_us;
    }
    const struct plan_criteria *criteria = &run->plan->criteria;
    run->criteria = arena_array(run->arena, criteria->count, sizeof(*run->criteria));
    run->criterion_count = criteria->count;
    for (size_t i = 0; i < criteria->count; i++) {
        run->criteria[i].criterion = &criteria->items[i];
    }
}

static void add_slot(struct run *run, struct str title, enum phase phase, int script,
                     const struct plan_slot *slot)
{
    struct run_slot *entry = &run->slots[run->slot_count++];
    entry->title = title;
    entry->phase = phase;
    entry->script = script;
    if (slot && slot->start_us != PLAN_UNSAID && run->opens_us != 0) {
        entry->planned_start_us = run->day_us + slot->start_us;
        entry->planned_us = slot->length_us;
    }
}

/* PREP shares the time until the first slot with BACKUP and POLL (plan format, `slot`). */
static void add_slots(struct run *run)
{
    run->slots = arena_array(run->arena, PHASE__COUNT + run->script_count, sizeof(*run->slots));
    add_slot(run, STR("Preparation"), PHASE_PREP, -1, NULL);
    for (size_t i = 0; i < run->script_count; i++) {
        const struct plan_step *step = &run->plan->steps.items[run->scripts[i].step];
        bool migration = run->scripts[i].kind == SCRIPT_MIGRATION;
        struct str title = migration
                               ? str_format(run->arena, "Migration %.*s", STR_ARG(step->id))
                               : step->name;
        add_slot(run, title, PHASE_MIGRATE, (int)i, &step->slot);
    }
    add_slot(run, STR("Verification"), PHASE_VERIFY, -1, &run->plan->verification.slot);
    add_slot(run, STR("Monitoring"), PHASE_MONITOR, -1, &run->plan->monitoring.slot);
    int64_t first = 0;
    for (size_t i = 1; i < run->slot_count; i++) {
        int64_t start = run->slots[i].planned_start_us;
        if (start != 0 && (first == 0 || start < first)) {
            first = start;
        }
    }
    if (first > run->opens_us && run->opens_us != 0) {
        run->slots[0].planned_start_us = run->opens_us;
        run->slots[0].planned_us = first - run->opens_us;
    }
}

void run_init(struct run *run, const struct run_setup *setup, struct arena *arena)
{
    *run = (struct run){
        .arena = arena,
        .plan = setup->plan,
        .target = &setup->plan->targets.items[setup->target],
        .mode = setup->mode,
        .simulated_clock = setup->simulated_clock,
        .opens_us = setup->opens_us,
        .closes_us = setup->closes_us,
        .day_us = setup->day_us,
        .state = STATE_NEW,
        .left = STATE_NEW,
        .script = -1,
        .way_first = -1,
        .option = -1,
    };
    run->id = run_keep(run, setup->id);
    run->digest = run_keep(run, setup->digest);
    run->setup = setup;
    add_steps(run, setup);
    add_items(run);
    add_counts(run);
    add_probes(run);
    add_sets(run);
    add_slots(run);
}

void run_release(struct run *run)
{
    free(run->scripts);
    free(run->votes);
    free(run->signatures);
    free(run->confirmations);
    free(run->remarks);
    free(run->recents);
    free(run->notices);
    *run = (struct run){0};
}
