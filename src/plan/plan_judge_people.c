/* SPDX-License-Identifier: PostgreSQL */
/*
 * Roles, the checklist, backups and the ways back: references between them, and
 * the keys that each kind needs.
 */
#include "plan_judge.h"

#include "plan_values.h"

enum {
    GATE_ITEMS_MAX = 9 /* what fits on one screen, and into one head */
};

void plan_judge_roles(struct judge *judge)
{
    struct plan_roles *roles = &judge->plan->roles;
    for (size_t i = 0; i < roles->count; i++) {
        struct plan_role *role = &roles->items[i];
        plan_judge_id(judge, &judge->roles, role->mark, role->id, "role");
        if (role->title.len == 0) {
            role->title = role->id;
        }
        const struct plan_node *people = plan_tree_find(role->mark.node, "people");
        if (role->votes && people != NULL && people->kind == NODE_LIST && people->count == 0) {
            JUDGE_ERROR(judge, plan_mark_of(role->mark, "people"), "Y602",
                        "its vote is needed and nobody is listed; name somebody");
        }
    }
}

static bool needs_of_rehearsal(enum plan_needs needs)
{
    return needs >= PLAN_NEEDS_CHECKS && needs <= PLAN_NEEDS_ROLLBACK;
}

static void judge_proof(struct judge *judge, const struct plan_item *item)
{
    static const char *const sources[] = {"sql", "file"};
    const char *first = NULL;
    switch (item->proof) {
    case PLAN_PROOF_REHEARSAL:
        if (!needs_of_rehearsal(item->needs)) {
            JUDGE_ERROR(
                judge, plan_mark_of(item->mark, "needs"), "Y621",
                "what must the rehearsal have shown? write `needs:` checks, rerun, rows, "
                "time or rollback");
        }
        if (item->needs == PLAN_NEEDS_TIME && !plan_judge_says(item->mark, "at_most")) {
            JUDGE_ERROR(judge, item->mark, "Y621", "`needs: time` wants `at_most:`");
        }
        break;
    case PLAN_PROOF_BACKUP:
        if (item->needs < PLAN_NEEDS_DUMPED) {
            JUDGE_ERROR(judge, plan_mark_of(item->mark, "needs"), "Y621",
                        "how far must the backup be proved? write `needs:` dumped, listed, "
                        "restored or compared");
        }
        if (judge->plan->backup.count == 0) {
            JUDGE_ERROR(judge, plan_mark_of(item->mark, "proof"), "Y105",
                        "the plan has no backup");
        }
        break;
    case PLAN_PROOF_SQL:
        if (plan_judge_says_of(item->mark, sources, COUNT_OF(sources), &first) != 1) {
            JUDGE_ERROR(judge, item->mark, "Y621",
                        "`proof: sql` wants either `sql:` or `file:`");
        }
        break;
    case PLAN_PROOF_RUN:
        if (!plan_judge_says(item->mark, "run")) {
            JUDGE_ERROR(judge, item->mark, "Y621", "`proof: run` wants `run:`");
        }
        break;
    case PLAN_PROOF_PROBES:
        if (judge->plan->monitoring.probes.count == 0) {
            JUDGE_ERROR(judge, plan_mark_of(item->mark, "proof"), "Y105",
                        "the plan has no probes");
        }
        break;
    case PLAN_PROOF_UNSAID:
    case PLAN_PROOF_POLL:
    case PLAN_PROOF_NOTE:
        break;
    }
}

static void judge_item_comparator(struct judge *judge, struct plan_item *item)
{
    static const char *const keys[] = {"equals", "at_least", "matches", "empty", "exists"};
    const char *first = NULL;
    size_t said = plan_judge_says_of(item->mark, keys, COUNT_OF(keys), &first);
    if (said > 1 || (said == 0 && item->proof == PLAN_PROOF_SQL)) {
        JUDGE_ERROR(judge, item->mark, "Y202",
                    "write exactly one of equals, at_least, matches, empty, exists");
    } else if (said == 1 && item->proof != PLAN_PROOF_SQL && item->proof != PLAN_PROOF_RUN) {
        plan_judge_stray(judge, item->mark, keys, COUNT_OF(keys), "this proof");
    } else if (item->equals.kind != PLAN_VALUE_UNSAID) {
        item->comparator = PLAN_EQUALS;
        item->expected = item->equals;
    } else if (item->at_least.kind != PLAN_VALUE_UNSAID) {
        item->comparator = PLAN_AT_LEAST;
        item->expected = item->at_least;
    } else if (item->matches.kind != PLAN_VALUE_UNSAID) {
        item->comparator = PLAN_MATCHES;
        item->expected = item->matches;
    } else if (item->empty == PLAN_YES) {
        item->comparator = PLAN_EMPTY;
    } else if (item->exists == PLAN_YES) {
        item->comparator = PLAN_EXISTS;
    }
}

void plan_judge_checklist(struct judge *judge)
{
    struct plan_checklist *list = &judge->plan->checklist;
    size_t gates[PLAN_GATE_CLOSE + 1] = {0};
    for (size_t i = 0; i < list->count; i++) {
        struct plan_item *item = &list->items[i];
        plan_judge_id(judge, &judge->items, item->mark, item->id, "checklist item");
        plan_judge_reference(judge, &judge->roles, item->mark, "role", item->role, "role");
        judge_proof(judge, item);
        judge_item_comparator(judge, item);
        plan_judge_argv(judge, item->mark, "run", &item->run);
        if (item->gate == PLAN_GATE_UNSAID) {
            item->gate = item->phase == PLAN_PHASE_BEFORE ? PLAN_GATE_PREP : PLAN_GATE_CLOSE;
        }
        if (++gates[item->gate] == GATE_ITEMS_MAX + 1) {
            JUDGE_ERROR(judge, item->mark, "Y620",
                        "more than %d items at one gate; nobody reads so many, join some",
                        GATE_ITEMS_MAX);
        }
    }
    for (size_t i = 0; i < list->count; i++) {
        bool votes = false;
        for (size_t k = 0; k < judge->plan->roles.count; k++) {
            votes = votes || judge->plan->roles.items[k].votes;
        }
        if (list->items[i].proof == PLAN_PROOF_POLL && !votes) {
            JUDGE_ERROR(judge, plan_mark_of(list->items[i].mark, "proof"), "Y602",
                        "a poll, and no role with `votes: true`");
        }
    }
}

static void judge_backup(struct judge *judge, struct plan_backup *backup)
{
    static const char *const dump_keys[] = {"format", "jobs"};
    static const char *const command_keys[] = {"run", "matches"};
    static const char *const external_keys[] = {"ask"};
    if (backup->kind == PLAN_BACKUP_PG_DUMP) {
        plan_judge_stray(judge, backup->mark, command_keys, COUNT_OF(command_keys),
                         "a backup by pg_dump");
        plan_judge_stray(judge, backup->mark, external_keys, COUNT_OF(external_keys),
                         "a backup by pg_dump");
        if (backup->format == PLAN_FORMAT_UNSAID) {
            backup->format = PLAN_FORMAT_CUSTOM;
        }
        if (backup->level == PLAN_LEVEL_UNSAID) {
            backup->level = PLAN_LEVEL_COMPARED;
        }
        if (backup->restore_test.len == 0) {
            backup->restore_test = STR("scratch");
        }
        if (backup->jobs != PLAN_UNSAID && backup->format != PLAN_FORMAT_DIRECTORY) {
            JUDGE_ERROR(judge, plan_mark_of(backup->mark, "jobs"), "Y630",
                        "pg_dump takes jobs only with `format: directory`");
        }
    } else if (backup->kind == PLAN_BACKUP_COMMAND) {
        plan_judge_stray(judge, backup->mark, dump_keys, COUNT_OF(dump_keys),
                         "a backup by command");
        if (!plan_judge_says(backup->mark, "run")) {
            JUDGE_ERROR(judge, backup->mark, "Y005", "the key \"run\" is missing");
        }
    } else if (backup->kind == PLAN_BACKUP_EXTERNAL) {
        plan_judge_stray(judge, backup->mark, dump_keys, COUNT_OF(dump_keys),
                         "an external backup");
        plan_judge_stray(judge, backup->mark, command_keys, COUNT_OF(command_keys),
                         "an external backup");
        if (!plan_judge_says(backup->mark, "ask")) {
            JUDGE_ERROR(judge, backup->mark, "Y005", "the key \"ask\" is missing");
        }
    }
    if (!str_eq(backup->restore_test, "scratch")) {
        plan_judge_reference(judge, &judge->targets, backup->mark, "restore_test",
                             backup->restore_test, "target");
    }
    plan_judge_argv(judge, backup->mark, "run", &backup->run);
}

void plan_judge_backups(struct judge *judge)
{
    struct plan_backups *backups = &judge->plan->backup;
    for (size_t i = 0; i < backups->count; i++) {
        plan_judge_id(judge, &judge->backups, backups->items[i].mark, backups->items[i].id,
                      "backup");
        judge_backup(judge, &backups->items[i]);
    }
}

/* key: the one that the kind needs; all others of the column do not belong to it */
static const struct way {
    enum plan_rollback_kind kind;
    const char *key;
    const char *words;
} ways[] = {
    {PLAN_ROLLBACK_MANUAL, "steps", "a manual way back"},
    {PLAN_ROLLBACK_RESTORE, "from", "a restore"},
    {PLAN_ROLLBACK_SQL, "file", "a way back by SQL"},
    {PLAN_ROLLBACK_DOWN, "to", "a way back by undo files"},
};

static bool version_is_known(const struct judge *judge, struct str version)
{
    const struct plan *plan = judge->plan;
    for (size_t i = 0; i < plan->applied.count; i++) {
        if (str_is(plan->applied.items[i], version)) {
            return true;
        }
    }
    /* without `applied` any version may stand below the first step */
    return plan->applied.count == 0 || plan_name_line(&judge->steps, version) != 0;
}

static bool is_listed(const struct plan_texts *people, struct str name)
{
    for (size_t i = 0; i < people->count; i++) {
        if (str_is(people->items[i], name)) {
            return true;
        }
    }
    return false;
}

/* How many different people the first `roles` roles of the list have among them. */
static size_t people_of(const struct plan *plan, const struct plan_texts *list, size_t roles)
{
    size_t count = 0;
    for (size_t i = 0; i < roles; i++) {
        const struct plan_role *role = plan_find_role(plan, list->items[i]);
        for (size_t k = 0; role && k < role->people.count; k++) {
            bool again = false;
            for (size_t before = 0; before < i; before++) {
                const struct plan_role *other = plan_find_role(plan, list->items[before]);
                again = again || (other && is_listed(&other->people, role->people.items[k]));
            }
            count += again ? 0 : 1;
        }
    }
    return count;
}

static void judge_confirm(struct judge *judge, const struct plan_rollback_option *option)
{
    const struct plan_texts *confirm = &option->confirm;
    for (size_t i = 0; i < confirm->count; i++) {
        plan_judge_reference(judge, &judge->roles, option->mark, "confirm", confirm->items[i],
                             "role");
        const struct plan_role *role = plan_find_role(judge->plan, confirm->items[i]);
        bool twice = false;
        for (size_t k = 0; k < i; k++) {
            twice = twice || str_is(confirm->items[k], confirm->items[i]);
        }
        if (role && (twice || people_of(judge->plan, confirm, i + 1) <= i)) {
            JUDGE_ERROR(judge, plan_mark_of(option->mark, "confirm"), "Y603",
                        twice ? "the role \"%.*s\" stands there twice"
                              : "the role \"%.*s\" has no person of its own who could confirm",
                        SHOWN(role->id));
        }
    }
}

static void judge_option(struct judge *judge, struct plan_rollback_option *option)
{
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        if (ways[i].kind != option->kind) {
            continue;
        }
        if (!plan_judge_says(option->mark, ways[i].key)) {
            JUDGE_ERROR(judge, option->mark, "Y005", "the key \"%s\" is missing", ways[i].key);
        }
        for (size_t k = 0; k < COUNT_OF(ways); k++) {
            if (k != i) {
                plan_judge_stray(judge, option->mark, &ways[k].key, 1, ways[i].words);
            }
        }
    }
    plan_judge_reference(judge, &judge->backups, option->mark, "from", option->from, "backup");
    judge_confirm(judge, option);
    if (option->to.len > 0 && !version_is_known(judge, option->to)) {
        JUDGE_ERROR(judge, plan_mark_of(option->mark, "to"), "Y105",
                    "\"%.*s\" is neither a step nor one of `applied`", SHOWN(option->to));
    }
    int64_t limit_us = judge->plan->limits.recovery_us;
    if (limit_us != PLAN_UNSAID && option->takes_us != PLAN_UNSAID &&
        option->takes_us > limit_us) {
        JUDGE_WARNING(judge, plan_mark_of(option->mark, "takes"), "Y431",
                      "this takes longer than limits.recovery allows");
    }
}

void plan_judge_rollback(struct judge *judge)
{
    struct plan_rollback *rollback = &judge->plan->rollback;
    for (size_t i = 0; i < rollback->count; i++) {
        struct plan_rollback_option *option = &rollback->items[i];
        plan_judge_id(judge, &judge->options, option->mark, option->id, "rollback option");
        if (option->title.len == 0) {
            option->title = option->id;
        }
        judge_option(judge, option);
    }
}

static bool has_votes(const struct plan *plan)
{
    for (size_t i = 0; i < plan->roles.count; i++) {
        if (plan->roles.items[i].votes) {
            return true;
        }
    }
    return false;
}

/* Is anything said about what must be true after the change? */
static bool verifies(const struct plan *plan)
{
    for (size_t i = 0; i < plan->state.count.count; i++) {
        if (plan->state.count.items[i].after != PLAN_UNSAID) {
            return true;
        }
    }
    return plan->verification.sets.count > 0;
}

void plan_judge_production(struct judge *judge)
{
    const struct plan *plan = judge->plan;
    const struct plan_target *found = NULL;
    for (size_t i = 0; i < plan->targets.count && !found; i++) {
        const struct plan_target *target = &plan->targets.items[i];
        found = str_eq(target->environment, "production") ? target : NULL;
    }
    if (!found) {
        return;
    }
    if (plan->backup.count == 0) {
        JUDGE_WARNING(judge, found->mark, "Y611",
                      "production without a backup in the plan: nothing is proven that could "
                      "be restored; add `backup:`");
    }
    if (!has_votes(plan)) {
        JUDGE_WARNING(judge, found->mark, "Y612",
                      "production, and no role votes: the go/no-go poll asks nobody; add "
                      "`votes: true` to a role");
    }
    if (!verifies(plan)) {
        JUDGE_WARNING(judge, found->mark, "Y613",
                      "production, and nothing is verified after the change; add checks to "
                      "`verification:`, or counts to `state:`");
    }
}
