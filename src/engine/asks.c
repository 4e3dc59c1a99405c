/* SPDX-License-Identifier: PostgreSQL */
/*
 * What is asked of people now: a list made from the model each time, the most
 * pressing first. Every front asks from this list and nothing else, so the screen,
 * the plain prompts and an answers file meet the same questions.
 */
#include "engine_private.h"
#include "monitor.h"

/* The list that is being filled. */
struct asker {
    const struct run *run;
    struct arena *arena;
    struct ask *asks;
    size_t count, max;
};

static void ask(struct asker *asker, enum ask_kind kind, struct str id, struct str text,
                struct str detail, struct str role)
{
    if (asker->count < asker->max) {
        asker->asks[asker->count++] =
            (struct ask){.kind = kind, .id = id, .text = text, .detail = detail, .role = role};
    }
}

static void ask_to_go_on(struct asker *asker, const char *id, const char *text)
{
    ask(asker, ASK_GO_ON, str_from(id), str_from(text), (struct str){0}, (struct str){0});
}

/* ------------------------------------------------------------------ the gates */

static void ask_gate(struct asker *asker, enum plan_gate gate)
{
    const struct run *run = asker->run;
    for (size_t i = 0; i < run->item_count; i++) {
        const struct run_item *item = &run->items[i];
        struct str why;
        if (item->item->gate != gate || item_is_closed(run, item, &why, asker->arena)) {
            continue;
        }
        enum plan_proof proof = item->item->proof;
        bool note = proof == PLAN_PROOF_NOTE || proof == PLAN_PROOF_UNSAID;
        /* What the votes and the probes decide is not a question of its own. */
        if (proof == PLAN_PROOF_POLL ||
            (proof == PLAN_PROOF_PROBES && run->probe_count > 0 && !probes_fail(run)) ||
            item->check.running) {
            continue;
        }
        ask(asker, note ? ASK_NOTE : ASK_OVERRIDE, item->item->id, item->item->ask, why,
            item->item->role);
    }
}

/* Only what the program could not do itself: people were to hear of the window, and did not. */
static void ask_told(struct asker *asker)
{
    struct str why;
    if (untold_is_asked(asker->run, &why)) {
        ask(asker, ASK_OVERRIDE, STR("before_open"),
            STR("The team was not told that the window opens. Tell it again, or go on?"), why,
            (struct str){0});
    }
}

static void ask_backup_of(struct asker *asker, const struct run_backup *backup)
{
    const struct plan_backup *plan = backup->backup;
    if (backup->running || backup->overridden || backup_is_proven(asker->run, backup)) {
        return;
    }
    if (plan->kind == PLAN_BACKUP_EXTERNAL) {
        ask(asker, ASK_ATTEST, plan->id, plan->ask,
            plan->required
                ? STR("a person's word: its name and the time it was taken")
                : STR("not required; a person's word: its name and the time it was taken"),
            (struct str){0});
    } else if (backup->failed || backup->level >= PLAN_LEVEL_LISTED) {
        ask(asker, ASK_OVERRIDE, plan->id,
            STR("The backup is not proven. Take it again, or go on without?"), backup->text,
            (struct str){0});
    }
}

/* What the gate waits for comes first. */
static void ask_backups(struct asker *asker)
{
    const struct run *run = asker->run;
    for (int required = 1; required >= 0; required--) {
        for (size_t i = 0; i < run->backup_count; i++) {
            if (run->backups[i].backup->required == (required == 1)) {
                ask_backup_of(asker, &run->backups[i]);
            }
        }
    }
}

/* Who votes should know what was overridden: so this comes first. */
static void ask_blocks(struct asker *asker)
{
    const struct run *run = asker->run;
    for (size_t i = 0; i < run->block_count; i++) {
        const struct run_block *block = &run->blocks[i];
        if (!block->overridden) {
            ask(asker, ASK_OVERRIDE, block->id, block_question(block, asker->arena),
                block->text, (struct str){0});
        }
    }
}

static void ask_votes(struct asker *asker)
{
    const struct plan_roles *roles = &asker->run->plan->roles;
    for (size_t i = 0; i < roles->count; i++) {
        const struct run_vote *vote = vote_of(asker->run, roles->items[i].id);
        if (vote ? !str_eq(vote->vote, "GO") : roles->items[i].votes) {
            ask(asker, ASK_VOTE, roles->items[i].id,
                str_format(asker->arena, "%.*s: GO, NO-GO or HOLD?",
                           STR_ARG(roles->items[i].title)),
                vote ? str_format(asker->arena, "%.*s said %.*s: %.*s", STR_ARG(vote->who),
                                  STR_ARG(vote->vote), STR_ARG(vote->why))
                     : STR("no vote yet"),
                roles->items[i].id);
        }
    }
}

static void ask_poll(struct asker *asker)
{
    const struct run *run = asker->run;
    ask_gate(asker, PLAN_GATE_POLL);
    ask_blocks(asker);
    ask_votes(asker);
    if (window_is_asked(run)) {
        ask(asker, ASK_OVERRIDE, STR("window"), STR("Start outside the window?"),
            window_text(run, asker->arena), (struct str){0});
    }
    if (way_is_barred(run)) {
        ask(asker, ASK_OVERRIDE, STR("L23"),
            run->obstacles.outcome == OUTCOME_OK
                ? STR("Somebody is in the way of our locks. Go on all the same?")
                : STR("Who is in the way of our locks is not known. Go on all the same?"),
            obstacles_text(run, asker->arena), (struct str){0});
    }
    if (poll_is_go(run, NULL) && !run->obstacles.out && run->connected[SESSION_WATCH]) {
        struct str outside = window_text(run, asker->arena);
        ask(asker, ASK_GO_ON, STR("poll"),
            way_is_barred(run) ? STR("All say GO. Look again who is in the way?")
            : run->vote_count > 0
                ? STR("All say GO. Go on to the point of no return?")
                : STR("Nobody votes in this plan. Go on to the point of no return?"),
            outside.len == 0
                ? outside
                : str_format(asker->arena, "outside the window: %.*s", STR_ARG(outside)),
            (struct str){0});
    }
}

/* ----------------------------------------------------------- findings to accept */

static void ask_checks(struct asker *asker, const struct run_check *checks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (checks[i].outcome != OUTCOME_OK && checks[i].outcome != OUTCOME_NONE &&
            !checks[i].accepted) {
            ask(asker, ASK_ACCEPT, checks[i].check->id,
                str_format(asker->arena, "%.*s failed", STR_ARG(checks[i].check->name)),
                checks[i].why.len > 0 ? checks[i].why : checks[i].actual, (struct str){0});
        }
    }
}

static void ask_findings(struct asker *asker)
{
    const struct run *run = asker->run;
    enum moment moment = run->snapshots[MOMENT_LAST].at_us != 0 ? MOMENT_LAST : MOMENT_NOW;
    for (size_t i = 0; i < run->set_count; i++) {
        ask_checks(asker, run->sets[i], run->plan->verification.sets.items[i].checks.count);
    }
    for (size_t i = 0; i < run->count_count; i++) {
        const struct run_count *count = &run->counts[i];
        if (count->expected >= 0 && !count->accepted && run->snapshots[moment].at_us != 0 &&
            count->values[moment] != count->expected) {
            struct strbuf names = {0};
            unplanned_text(run, moment, count->word, &names);
            ask(asker, ASK_ACCEPT, count->id,
                str_format(asker->arena, "%.*s: %lld now, %lld expected", STR_ARG(count->title),
                           (long long)count->values[moment], (long long)count->expected),
                str_dup(asker->arena, strbuf_str(&names)), (struct str){0});
            strbuf_release(&names);
        }
    }
    if (changes_are_forbidden(run)) {
        size_t unplanned = unplanned_changes(run, moment);
        struct strbuf names = {0};
        unplanned_text(run, moment, (struct str){0}, &names);
        ask(asker, ASK_ACCEPT, STR("changes"),
            str_format(asker->arena, "%zu change%s that the plan does not name", unplanned,
                       plural(unplanned)),
            str_dup(asker->arena, strbuf_str(&names)), (struct str){0});
        strbuf_release(&names);
    }
}

static void ask_breaches(struct asker *asker, bool accept)
{
    const struct run *run = asker->run;
    for (size_t i = 0; i < run->probe_count; i++) {
        const struct run_probe *probe = &run->probes[i];
        if (accept && !probe->breached && !probe->accepted && probe_was_silent(run, probe)) {
            ask(asker, ASK_ACCEPT, probe->probe->id,
                str_format(asker->arena, "%.*s never answered in the whole watch",
                           STR_ARG(probe->probe->name)),
                probe->text.len > 0 ? probe->text : STR("nothing was measured"),
                (struct str){0});
            continue;
        }
        if (!probe->breached || probe->accepted) {
            continue;
        }
        ask(asker, accept ? ASK_ACCEPT : ASK_ACKNOWLEDGE, probe->probe->id,
            str_format(asker->arena, "%.*s broke its limit", STR_ARG(probe->probe->name)),
            str_format(asker->arena, "%.*s, seen %.*s ago", STR_ARG(probe->breach),
                       STR_ARG(duration_text(asker->arena, run->now_us - probe->breached_us))),
            (struct str){0});
    }
}

/* No check and no count says what should be true after the change. */
static bool verifies_nothing(const struct run *run)
{
    for (size_t i = 0; i < run->count_count; i++) {
        if (run->counts[i].expected >= 0) {
            return false;
        }
    }
    return run->set_count == 0;
}

static void ask_judge(struct asker *asker)
{
    ask_findings(asker);
    ask_breaches(asker, false);
    if (verification_is_settled(asker->run, NULL)) {
        ask_to_go_on(asker, "verify",
                     verifies_nothing(asker->run)
                         ? "This plan verifies nothing. Go on to monitoring?"
                         : "Verified. Go on to monitoring?");
    }
}

static void ask_close(struct asker *asker)
{
    const struct run *run = asker->run;
    if (!run->way_back) {
        ask_findings(asker);
        ask_breaches(asker, true);
    }
    for (size_t i = 0; i < run->criterion_count; i++) {
        const struct plan_criterion *criterion = run->criteria[i].criterion;
        if (criterion->kind == PLAN_CRITERION_ATTEST &&
            run->criteria[i].outcome == OUTCOME_NONE && !run->way_back) {
            ask(asker, ASK_CRITERION, criterion_id(run, i, asker->arena), criterion->text,
                criterion->group, criterion->attest);
        }
    }
    ask_gate(asker, PLAN_GATE_CLOSE);
    for (size_t i = 0; i < run->plan->roles.count; i++) {
        const struct plan_role *role = &run->plan->roles.items[i];
        if (role->votes && !is_signed(run, role->id)) {
            ask(asker, ASK_SIGN_OFF, role->id,
                str_format(asker->arena, "%.*s: sign off?", STR_ARG(role->title)),
                (struct str){0}, role->id);
        }
    }
    if (close_is_ready(run, NULL)) {
        ask_to_go_on(asker, "close", "Write the report and close the run?");
    }
}

static void ask_checkpoint(struct asker *asker)
{
    const struct run *run = asker->run;
    const struct run_script *script = run->script >= 0 ? &run->scripts[run->script] : NULL;
    if (script) {
        ask_checks(asker, script->checks, script->check_count);
    }
    int next = next_script(run);
    if (checkpoint_is_clear(run, NULL)) {
        struct str text = next >= 0 ? str_format(asker->arena, "Go on to %.*s?",
                                                 STR_ARG(run->scripts[next].id))
                                    : STR("All steps are done. Go on to verification?");
        ask(asker, ASK_GO_ON, STR("checkpoint"), text,
            script ? str_format(asker->arena, "%.*s is %s", STR_ARG(script->id),
                                script_state_words[script->state])
                   : (struct str){0},
            (struct str){0});
    }
}

static struct str brings_back(const struct run_option *option)
{
    return option->option->restores.len > 0 ? option->option->restores
                                            : STR("what the plan does not say");
}

/* What people must know before they choose it, and once more before it begins. */
static struct str way_text(const struct run *run, const struct run_option *option,
                           struct arena *arena)
{
    return str_format(arena, "%.*s; brings back %.*s; %.*s",
                      STR_ARG(way_time_text(run, option, arena)), STR_ARG(brings_back(option)),
                      STR_ARG(way_loss_text(run, option, arena)));
}

static void ask_options(struct asker *asker)
{
    const struct run *run = asker->run;
    for (size_t i = 0; i < run->option_count; i++) {
        const struct run_option *option = &run->options[i];
        struct str detail = option->possible ? way_text(run, option, asker->arena)
                                             : str_format(asker->arena, "not possible: %.*s",
                                                          STR_ARG(option->why_not));
        ask(asker, ASK_OPTION, option->option->id, option->option->title, detail,
            (struct str){0});
    }
}

static void ask_name(struct asker *asker)
{
    ask(asker, ASK_NAME, asker->run->database,
        STR("The point of no return: type the name of the database"), asker->run->server_text,
        (struct str){0});
}

/* Of undo files that this way back runs: before the name, as those of migrations before GO. */
static bool ask_undo_blocks(struct asker *asker)
{
    const struct run *run = asker->run;
    for (size_t i = 0; i < run->undo_block_count; i++) {
        const struct run_block *block = &run->undo_blocks[i];
        if (!block->overridden && undo_block_counts(run, block)) {
            ask(asker, ASK_OVERRIDE, block->id, block_question(block, asker->arena),
                block->text, (struct str){0});
        }
    }
    return undo_is_blocked(run, NULL);
}

static void ask_way_name(struct asker *asker)
{
    const struct run *run = asker->run;
    const struct run_option *option = &run->options[run->option];
    const struct plan_texts *roles = &option->option->confirm;
    struct str about = way_text(run, option, asker->arena);
    if (ask_undo_blocks(asker)) {
        return;
    }
    if (!run->way_named) {
        ask(asker, ASK_NAME, run->database,
            str_format(asker->arena, "%.*s: type the name of the database%s",
                       STR_ARG(option->option->title),
                       roles->count > 0 ? "; then it is confirmed" : ", and it begins"),
            about, (struct str){0});
        return;
    }
    for (size_t i = 0; i < roles->count; i++) {
        const struct plan_role *role = plan_find_role(run->plan, roles->items[i]);
        if (role && !way_is_confirmed(run, role->id)) {
            ask(asker, ASK_CONFIRM, role->id,
                str_format(asker->arena, "%.*s: type ROLLBACK for \"%.*s\"",
                           STR_ARG(role->title), STR_ARG(option->option->title)),
                about, role->id);
        }
    }
}

static void ask_one(struct asker *asker, enum ask_kind kind, struct str id, const char *text)
{
    ask(asker, kind, id, str_from(text), asker->run->hold_reason, (struct str){0});
}

static void ask_wrong_counts(struct asker *asker)
{
    ask_one(
        asker, ASK_WRONG_COUNTS, STR("before"),
        asker->run->snapshots[MOMENT_REVIEW].taken
            ? "The database is not what the plan starts from. Look again, override, or leave?"
            : "The database could not be looked at. Look again, or leave?");
}

static void ask_prep(struct asker *asker)
{
    ask_gate(asker, PLAN_GATE_PREP);
    ask_told(asker);
    if (prep_is_closed(asker->run, NULL)) {
        struct run_tally tally = gate_tally(asker->run, PLAN_GATE_PREP);
        ask(asker, ASK_GO_ON, STR("prep"),
            tally.all == 0 ? STR("Nothing is on the checklist of PREP. Go on?")
                           : str_format(asker->arena,
                                        "The checklist of PREP is closed, %zu of %zu. Go on?",
                                        tally.done, tally.all),
            (struct str){0}, (struct str){0});
    }
}

static void ask_backup(struct asker *asker)
{
    ask_backups(asker);
    if (backups_are_proven(asker->run, NULL)) {
        ask_to_go_on(asker, "backup", "The required backups are proven. Go on to the poll?");
    }
}

static struct str script_id(const struct run *run)
{
    return run->script >= 0 ? run->scripts[run->script].id : (struct str){0};
}

static void ask_failed(struct asker *asker)
{
    ask_one(asker, ASK_FAILED, script_id(asker->run),
            "The step failed and is rolled back. Try again, roll back, or leave?");
}

static void ask_manual(struct asker *asker)
{
    const struct run *run = asker->run;
    const struct plan_step *step = &run->plan->steps.items[run->scripts[run->script].step];
    ask(asker, ASK_MANUAL, script_id(run), step->name,
        STR("a step that people do: say when it is done"), step->role);
}

static void ask_monitor(struct asker *asker)
{
    ask_breaches(asker, false);
}

static void ask_hold(struct asker *asker)
{
    ask_one(asker, ASK_HOLD, STR("hold"), "HOLD. Go on, roll back, or leave?");
}

static void ask_way_manual(struct asker *asker)
{
    const struct run *run = asker->run;
    ask_one(asker, ASK_MANUAL, run->options[run->option].option->id,
            "Bring the old state back by hand, then say so here");
}

static void ask_in_doubt(struct asker *asker)
{
    ask_one(asker, ASK_IN_DOUBT, script_id(asker->run),
            "Nobody can know from evidence. What did you find?");
}

/* Who asks in a state; NULL: nobody is asked. */
static void (*const askers[STATE__COUNT])(struct asker *) = {
    [STATE_WRONG_COUNTS] = ask_wrong_counts,
    [STATE_PREP] = ask_prep,
    [STATE_BACKUP] = ask_backup,
    [STATE_POLL] = ask_poll,
    [STATE_NAME] = ask_name,
    [STATE_WAY_NAME] = ask_way_name,
    [STATE_CHECKPOINT] = ask_checkpoint,
    [STATE_FAILED] = ask_failed,
    [STATE_MANUAL] = ask_manual,
    [STATE_JUDGE] = ask_judge,
    [STATE_MONITOR] = ask_monitor,
    [STATE_CLOSE] = ask_close,
    [STATE_HOLD] = ask_hold,
    [STATE_CHOOSE] = ask_options,
    [STATE_WAY_MANUAL] = ask_way_manual,
    [STATE_IN_DOUBT] = ask_in_doubt,
};

size_t engine_asks(const struct run *run, struct arena *arena, struct ask *asks, size_t max)
{
    struct asker asker = {.run = run, .arena = arena, .asks = asks, .max = max};
    if (askers[run->state] != NULL) {
        askers[run->state](&asker);
    }
    return asker.count;
}
