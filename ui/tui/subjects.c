/* SPDX-License-Identifier: PostgreSQL */
/*
 * Which thing is meant: by a question, by an id that is typed, by a line of a screen.
 */
#include "ui_private.h"

#include <string.h>

static struct subject none(void)
{
    return (struct subject){SUBJECT_NONE, 0, 0};
}

static struct subject make(enum subject_kind kind, size_t index)
{
    return (struct subject){kind, (int64_t)index, 0};
}

static int64_t hash_of(struct str id)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (size_t i = 0; i < id.len; i++) {
        hash = (hash ^ (unsigned char)id.ptr[i]) * UINT64_C(1099511628211);
    }
    return (int64_t)(hash >> 1);
}

struct subject subject_of_name(enum subject_kind kind, struct str id)
{
    return (struct subject){kind, hash_of(id), 0};
}

/* A question itself, as a line of a list. */
static struct subject subject_of_question(const struct ask *ask)
{
    int64_t hash = hash_of(ask->id) & ~(int64_t)(FORMS_MAX - 1);
    return (struct subject){SUBJECT_ASK, (int64_t)ask->kind, hash};
}

/* Each way to answer has a line of its own. */
struct subject subject_of_way(const struct ask *ask, size_t way)
{
    struct subject subject = subject_of_question(ask);
    subject.b += (int64_t)way;
    return subject;
}

static struct subject without_way(struct subject subject)
{
    if (subject.kind == SUBJECT_ASK) {
        subject.b &= ~(int64_t)(FORMS_MAX - 1);
    }
    return subject;
}

const struct run_check *check_of_subject(const struct run *run, struct subject subject)
{
    if (subject.kind != SUBJECT_CHECK || subject.b < 0) {
        return NULL;
    }
    size_t list = (size_t)(subject.a & 0xffff);
    size_t index = (size_t)subject.b;
    switch (subject.a >> 16) {
    case PLACE_SET:
        return list < run->set_count &&
                       index < run->plan->verification.sets.items[list].checks.count
                   ? &run->sets[list][index]
                   : NULL;
    case PLACE_STEP:
        return list < run->script_count && index < run->scripts[list].check_count
                   ? &run->scripts[list].checks[index]
                   : NULL;
    case PLACE_BEFORE:
        return list < run->script_count && index < run->scripts[list].before_count
                   ? &run->scripts[list].before[index]
                   : NULL;
    default:
        return NULL;
    }
}

/* --------------------------------------------------------------------- by id */

static struct subject make_check(enum check_place place, size_t list, size_t index)
{
    return (struct subject){SUBJECT_CHECK, (int64_t)place << 16 | (int64_t)list,
                            (int64_t)index};
}

static struct subject find_check(const struct run *run, struct str id)
{
    for (size_t i = 0; i < run->set_count; i++) {
        for (size_t k = 0; k < run->plan->verification.sets.items[i].checks.count; k++) {
            if (str_is(run->sets[i][k].check->id, id)) {
                return make_check(PLACE_SET, i, k);
            }
        }
    }
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        for (size_t k = 0; k < script->check_count; k++) {
            if (str_is(script->checks[k].check->id, id)) {
                return make_check(PLACE_STEP, i, k);
            }
        }
        for (size_t k = 0; k < script->before_count; k++) {
            if (str_is(script->before[k].check->id, id)) {
                return make_check(PLACE_BEFORE, i, k);
            }
        }
    }
    return none();
}

static struct subject find_item(const struct run *run, struct str id)
{
    for (size_t i = 0; i < run->item_count; i++) {
        if (str_is(run->items[i].item->id, id)) {
            return make(SUBJECT_ITEM, i);
        }
    }
    return none();
}

static struct subject find_backup(const struct run *run, struct str id)
{
    for (size_t i = 0; i < run->backup_count; i++) {
        if (str_is(run->backups[i].backup->id, id)) {
            return make(SUBJECT_BACKUP, i);
        }
    }
    return none();
}

static struct subject find_script(const struct run *run, struct str id)
{
    for (size_t i = 0; i < run->script_count; i++) {
        if (str_is(run->scripts[i].id, id)) {
            return make(SUBJECT_SCRIPT, i);
        }
    }
    return none();
}

static struct subject find_role(const struct run *run, struct str id)
{
    const struct plan_role *role = plan_find_role(run->plan, id);
    return role ? make(SUBJECT_ROLE, (size_t)(role - run->plan->roles.items)) : none();
}

static struct subject find_count(const struct run *run, struct str id)
{
    for (size_t i = 0; i < run->count_count; i++) {
        if (str_is(run->counts[i].id, id)) {
            return make(SUBJECT_COUNT, i);
        }
    }
    return none();
}

static struct subject find_probe(const struct run *run, struct str id)
{
    for (size_t i = 0; i < run->probe_count; i++) {
        if (str_is(run->probes[i].probe->id, id)) {
            return make(SUBJECT_PROBE, i);
        }
    }
    return none();
}

static struct subject find_option(const struct run *run, struct str id)
{
    for (size_t i = 0; i < run->option_count; i++) {
        if (str_is(run->options[i].option->id, id)) {
            return make(SUBJECT_OPTION, i);
        }
    }
    return none();
}

/* What is confirmed is the way back that was chosen. */
static struct subject find_way(const struct run *run, struct str id)
{
    (void)id;
    return run->option >= 0 ? (struct subject){SUBJECT_OPTION, run->option, 0}
                            : (struct subject){0};
}

/* "criterion 2" is how the engine calls them: its number in the plan's order. */
static struct subject find_criterion(const struct run *run, struct str id)
{
    static const char prefix[] = "criterion ";
    int64_t number = 0;
    bool known = str_starts(id, prefix) &&
                 str_to_i64(str_slice(id, sizeof(prefix) - 1, id.len), &number) &&
                 number >= 1 && (size_t)number <= run->criterion_count;
    return known ? make(SUBJECT_CRITERION, (size_t)number - 1) : none();
}

/* The folders of a file are left out, if one likes. */
static int64_t script_of_file(const struct run *run, struct str file)
{
    for (size_t i = 0; i < run->script_count; i++) {
        struct str known = run->scripts[i].file;
        bool whole = str_is(known, file);
        size_t from = known.len > file.len ? known.len - file.len : 0;
        bool tail = from > 0 && known.ptr[from - 1] == '/' &&
                    str_is(str_slice(known, from, known.len), file);
        if (file.len > 0 && (whole || tail)) {
            return (int64_t)i;
        }
    }
    return -1;
}

/* The statement that stands in a line, else the last that begins above it. */
static struct subject statement_in_line(const struct run *run, int64_t script, int64_t number)
{
    const struct sql_script *sql = script >= 0 ? run->scripts[script].sql : NULL;
    int64_t found = -1;
    for (size_t i = 0; sql && i < sql->count; i++) {
        found = sql->statements[i].head.line <= number ? (int64_t)i : found;
    }
    return found >= 0 ? (struct subject){SUBJECT_STATEMENT, script, found} : none();
}

/* "012_x.sql:43": what stands in that line of the file. */
static struct subject find_line(const struct run *run, struct str id)
{
    size_t colon = str_find_byte(id, ':', 0);
    int64_t number = 0;
    bool good = colon < id.len && str_to_i64(str_slice(id, colon + 1, id.len), &number);
    return good ? statement_in_line(run, script_of_file(run, str_slice(id, 0, colon)), number)
                : none();
}

/* "012:3": the third statement of a script; a number beyond its last one is a line. */
static struct subject find_statement(const struct run *run, struct str id)
{
    size_t colon = str_find_byte(id, ':', 0);
    int64_t number = 0;
    struct subject script = find_script(run, str_slice(id, 0, colon));
    if (colon >= id.len || script.kind == SUBJECT_NONE ||
        !str_to_i64(str_slice(id, colon + 1, id.len), &number)) {
        return none();
    }
    const struct sql_script *sql = run->scripts[script.a].sql;
    bool there = sql && number >= 1 && (size_t)number <= sql->count;
    return there        ? (struct subject){SUBJECT_STATEMENT, script.a, number - 1}
           : number > 0 ? statement_in_line(run, script.a, number)
                        : none();
}

typedef struct subject finder(const struct run *run, struct str id);

static struct subject first_of(const struct run *run, struct str id, finder *const *finders,
                               size_t count)
{
    struct subject found = none();
    for (size_t i = 0; i < count && found.kind == SUBJECT_NONE; i++) {
        found = finders[i](run, id);
    }
    return found;
}

struct subject subject_by_id(const struct run *run, struct str id)
{
    static finder *const finders[] = {find_check,  find_script, find_statement, find_line,
                                      find_item,   find_backup, find_probe,     find_count,
                                      find_option, find_role,   find_criterion};
    return first_of(run, id, finders, COUNT_OF(finders));
}

/* -------------------------------------------------------------------- questions */

static struct subject find_accepted(const struct run *run, struct str id)
{
    static finder *const finders[] = {find_check, find_count, find_probe};
    return first_of(run, id, finders, COUNT_OF(finders));
}

static struct subject find_overridden(const struct run *run, struct str id)
{
    return run->state == STATE_BACKUP ? find_backup(run, id) : find_item(run, id);
}

static struct subject find_manual(const struct run *run, struct str id)
{
    return run->state == STATE_WAY_MANUAL ? find_option(run, id) : find_script(run, id);
}

struct subject subject_of_ask(const struct run *run, const struct ask *ask)
{
    static finder *const finders[ASK__COUNT] = {
        [ASK_NOTE] = find_item,       [ASK_OVERRIDE] = find_overridden,
        [ASK_ATTEST] = find_backup,   [ASK_VOTE] = find_role,
        [ASK_FAILED] = find_script,   [ASK_ACCEPT] = find_accepted,
        [ASK_MANUAL] = find_manual,   [ASK_ACKNOWLEDGE] = find_probe,
        [ASK_OPTION] = find_option,   [ASK_CRITERION] = find_criterion,
        [ASK_CONFIRM] = find_way,     [ASK_SIGN_OFF] = find_role,
        [ASK_IN_DOUBT] = find_script,
    };
    finder *find = ask->kind < ASK__COUNT ? finders[ask->kind] : NULL;
    return find ? find(run, ask->id) : none();
}

const struct ask *ask_of_subject(const struct ui *ui, const struct run *run,
                                 struct subject subject)
{
    if (subject.kind == SUBJECT_VOTE && (size_t)subject.a < run->vote_count) {
        subject = find_role(run, run->votes[subject.a].role);
    }
    subject = without_way(subject);
    for (size_t i = 0; i < ui->ask_count && subject.kind != SUBJECT_NONE; i++) {
        const struct ask *ask = &ui->asks[i];
        if (subject_same(subject_of_ask(run, ask), subject) ||
            subject_same(subject_of_question(ask), subject)) {
            return ask;
        }
    }
    return NULL;
}
