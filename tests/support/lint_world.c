/* SPDX-License-Identifier: PostgreSQL */
/*
 * Cases for rules: one line at a time, one word at a time.
 */
#include "lint_world.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    WORLD_RELATIONS = 16,
    WORLD_PARTS = 32,
};

/* The arrays that a case's context points to, while they grow. */
struct world {
    struct arena *arena;
    const char *file;
    int line;
    struct lint_case *one;
    struct lint_relation *relations;
    struct lint_column *columns[WORLD_RELATIONS];
    struct lint_constraint *constraints[WORLD_RELATIONS];
    struct lint_index *indexes[WORLD_RELATIONS];
    struct lint_dependent *dependents[WORLD_RELATIONS];
    struct sql_name *referenced[WORLD_RELATIONS];
    struct lint_traffic *traffic;
    struct lint_activity *activity;
    struct str *exposed;
    struct str *search_path;
    struct strbuf sql;
};

static void give_up(const struct world *world, const char *what, struct str word)
{
    printf("Bail out! %s:%d: %s \"%.*s\"\n", world->file, world->line, what, STR_ARG(word));
    exit(99);
}

static struct str next_word(struct str *rest)
{
    struct str word = STR("");
    *rest = str_trim(*rest);
    if (rest->len > 0) {
        (void)str_cut(rest, ' ', &word);
    }
    return word;
}

static int64_t number_of(const struct world *world, struct str word)
{
    int64_t value = 0;
    if (!str_to_i64(word, &value)) {
        give_up(world, "not a number", word);
    }
    return value;
}

static struct sql_name name_of(const struct world *world, struct str word)
{
    size_t dot = str_find_byte(word, '.', 0);
    if (dot == word.len) {
        give_up(world, "not schema.name", word);
    }
    return (struct sql_name){str_slice(word, 0, dot), str_slice(word, dot + 1, word.len)};
}

static struct str *list_of(struct arena *arena, struct str word, size_t *count)
{
    struct str *list = arena_array(arena, WORLD_PARTS, sizeof *list);
    struct str rest = word;
    *count = 0;
    while (str_cut(&rest, ',', &list[*count])) {
        (*count)++;
    }
    return list;
}

static struct str spaces_for(struct arena *arena, struct str word, char byte)
{
    char *text = arena_alloc(arena, word.len + 1);
    for (size_t i = 0; i < word.len; i++) {
        text[i] = (char)(word.ptr[i] == byte ? ' ' : word.ptr[i]);
    }
    return (struct str){text, word.len};
}

static struct lint_relation *relation_of(struct world *world, struct sql_name name)
{
    struct lint_context *context = &world->one->context;
    for (size_t i = 0; i < context->relation_count; i++) {
        if (sql_name_is(world->relations[i].name, name)) {
            return &world->relations[i];
        }
    }
    if (context->relation_count == WORLD_RELATIONS) {
        give_up(world, "too many relations", name.name);
    }
    size_t at = context->relation_count++;
    world->relations[at] = (struct lint_relation){
        .name = name,
        .kind = LINT_TABLE,
        .rows = -1,
        .bytes = -1,
        .recent_writes = -1,
        .replica_identity = true,
        .columns = world->columns[at],
        .constraints = world->constraints[at],
        .indexes = world->indexes[at],
        .dependents = world->dependents[at],
        .referenced_by = world->referenced[at],
    };
    context->knows |= LINT_NEEDS_TABLES;
    return &world->relations[at];
}

static size_t index_of(const struct world *world, const struct lint_relation *relation)
{
    return (size_t)(relation - world->relations);
}

/* ------------------------------------------------------------- lines of the world */

static bool put_flag(struct lint_relation *relation, struct str word)
{
    const struct {
        const char *word;
        bool *flag;
    } flags[] = {
        {"rls", &relation->rls_enabled},
        {"forced", &relation->rls_forced},
        {"published", &relation->published},
        {"exposed", &relation->exposed},
    };
    static const struct {
        const char *word;
        enum lint_relation_kind kind;
    } kinds[] = {
        {"view", LINT_VIEW},
        {"matview", LINT_MATERIALIZED_VIEW},
        {"partitioned", LINT_PARTITIONED},
        {"foreign", LINT_FOREIGN_TABLE},
        {"sequence", LINT_SEQUENCE},
    };
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        if (str_eq(word, flags[i].word)) {
            return *flags[i].flag = true;
        }
    }
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (str_eq(word, kinds[i].word)) {
            relation->kind = kinds[i].kind;
            return true;
        }
    }
    return false;
}

static void read_table(struct world *world, struct str rest)
{
    struct lint_relation *relation = relation_of(world, name_of(world, next_word(&rest)));
    struct str word;
    while ((word = next_word(&rest)).len > 0) {
        if (str_eq(word, "rows")) {
            relation->rows = number_of(world, next_word(&rest));
        } else if (str_eq(word, "bytes")) {
            relation->bytes = number_of(world, next_word(&rest));
        } else if (str_eq(word, "writes")) {
            relation->recent_writes = number_of(world, next_word(&rest));
        } else if (str_eq(word, "owner")) {
            relation->owner = next_word(&rest);
        } else if (str_eq(word, "no_identity")) {
            relation->replica_identity = false;
        } else if (!put_flag(relation, word)) {
            give_up(world, "unknown word", word);
        }
    }
}

static void read_column(struct world *world, struct str rest)
{
    struct lint_relation *relation = relation_of(world, name_of(world, next_word(&rest)));
    struct lint_column *column =
        &world->columns[index_of(world, relation)][relation->column_count++];
    column->name = next_word(&rest);
    column->type = spaces_for(world->arena, next_word(&rest), '~');
    struct str word;
    while ((word = next_word(&rest)).len > 0) {
        column->not_null = column->not_null || str_eq(word, "not_null");
        column->has_default = column->has_default || str_eq(word, "default");
        column->indexed_first = column->indexed_first || str_eq(word, "indexed");
    }
}

static void read_constraint(struct world *world, struct str rest)
{
    struct lint_relation *relation = relation_of(world, name_of(world, next_word(&rest)));
    struct lint_constraint *constraint =
        &world->constraints[index_of(world, relation)][relation->constraint_count++];
    constraint->name = next_word(&rest);
    constraint->kind = (enum lint_constraint_kind)next_word(&rest).ptr[0];
    constraint->columns = list_of(world->arena, next_word(&rest), &constraint->column_count);
    constraint->validated = true;
    struct str word;
    while ((word = next_word(&rest)).len > 0) {
        if (str_eq(word, "invalid")) {
            constraint->validated = false;
        } else if (str_eq(word, "references")) {
            constraint->references = name_of(world, next_word(&rest));
        } else if (str_eq(word, "proves")) {
            constraint->proves_not_null = next_word(&rest);
        } else {
            give_up(world, "unknown word", word);
        }
    }
}

static void read_index(struct world *world, struct str rest)
{
    struct lint_relation *relation = relation_of(world, name_of(world, next_word(&rest)));
    struct lint_index *index =
        &world->indexes[index_of(world, relation)][relation->index_count++];
    *index = (struct lint_index){.name = next_word(&rest), .valid = true, .scans = -1};
    index->columns = list_of(world->arena, next_word(&rest), &index->column_count);
    struct str word;
    while ((word = next_word(&rest)).len > 0) {
        index->unique = index->unique || str_eq(word, "unique");
        index->valid = index->valid && !str_eq(word, "invalid");
        index->partial = index->partial || str_eq(word, "partial");
        index->of_constraint = index->of_constraint || str_eq(word, "of_constraint");
        if (str_eq(word, "scans")) {
            index->scans = number_of(world, next_word(&rest));
        }
    }
}

static void read_policies(struct world *world, struct str rest)
{
    struct lint_relation *relation = relation_of(world, name_of(world, next_word(&rest)));
    relation->policy_count = (size_t)number_of(world, next_word(&rest));
}

static void read_dependent(struct world *world, struct str rest)
{
    struct sql_name name = name_of(world, next_word(&rest));
    struct str column = STR("");
    size_t dot = str_find_byte(name.name, '.', 0);
    if (dot < name.name.len) {
        column = str_slice(name.name, dot + 1, name.name.len);
        name.name = str_slice(name.name, 0, dot);
    }
    struct lint_relation *relation = relation_of(world, name);
    struct lint_dependent *dependent =
        &world->dependents[index_of(world, relation)][relation->dependent_count++];
    dependent->kind = str_text(world->arena, spaces_for(world->arena, next_word(&rest), '~'));
    dependent->name = next_word(&rest);
    dependent->column = column;
    dependent->dropped_by_cascade = str_eq(next_word(&rest), "cascade");
    dependent->own = str_eq(next_word(&rest), "own");
}

static void read_referenced(struct world *world, struct str rest)
{
    struct lint_relation *relation = relation_of(world, name_of(world, next_word(&rest)));
    (void)next_word(&rest);
    world->referenced[index_of(world, relation)][relation->referenced_by_count++] =
        name_of(world, next_word(&rest));
}

static void read_traffic(struct world *world, struct str rest)
{
    struct lint_context *context = &world->one->context;
    struct lint_traffic *traffic = &world->traffic[context->traffic_count++];
    traffic->relation = name_of(world, next_word(&rest));
    if (!str_to_double(next_word(&rest), &traffic->calls_per_second)) {
        give_up(world, "not a rate", rest);
    }
    struct str word;
    while ((word = next_word(&rest)).len > 0 && !str_eq(word, ":")) {
        traffic->writes = traffic->writes || str_eq(word, "writes");
        traffic->all_columns = traffic->all_columns || str_eq(word, "all");
        if (str_eq(word, "columns")) {
            traffic->columns = list_of(world->arena, next_word(&rest), &traffic->column_count);
        }
    }
    traffic->text = str_trim(rest);
    context->knows |= LINT_NEEDS_TRAFFIC;
}

static void read_activity(struct world *world, struct str rest)
{
    struct lint_context *context = &world->one->context;
    struct lint_activity *activity = &world->activity[context->activity_count++];
    activity->pid = (int)number_of(world, next_word(&rest));
    activity->age_us = number_of(world, next_word(&rest)) * 1000000;
    activity->kind = str_text(world->arena, spaces_for(world->arena, next_word(&rest), '~'));
    if (str_eq(next_word(&rest), "on")) {
        activity->relation = name_of(world, next_word(&rest));
    }
    context->knows |= LINT_NEEDS_ACTIVITY;
}

static void read_role(struct world *world, struct str rest)
{
    struct lint_context *context = &world->one->context;
    context->role = next_word(&rest);
    struct str word;
    while ((word = next_word(&rest)).len > 0) {
        context->role_superuser = context->role_superuser || str_eq(word, "superuser");
        context->role_bypass_rls = context->role_bypass_rls || str_eq(word, "bypassrls");
    }
    context->knows |= LINT_NEEDS_ROLE;
}

static void read_knows(struct world *world, struct str rest)
{
    static const struct {
        const char *word;
        enum lint_needs part;
    } parts[] = {
        {"tables", LINT_NEEDS_TABLES},     {"traffic", LINT_NEEDS_TRAFFIC},
        {"role", LINT_NEEDS_ROLE},         {"version", LINT_NEEDS_VERSION},
        {"activity", LINT_NEEDS_ACTIVITY}, {"history", LINT_NEEDS_HISTORY},
    };
    struct str word;
    while ((word = next_word(&rest)).len > 0) {
        for (size_t i = 0; i < COUNT_OF(parts); i++) {
            if (str_eq(word, parts[i].word)) {
                world->one->context.knows |= (unsigned)parts[i].part;
            }
        }
    }
}

static bool read_number(struct world *world, struct str key, struct str rest)
{
    struct lint_context *context = &world->one->context;
    if (str_eq(key, "version")) {
        context->version = (int)number_of(world, str_trim(rest));
        context->knows |= LINT_NEEDS_VERSION;
    } else if (str_eq(key, "lock_timeout")) {
        context->lock_timeout_us = number_of(world, str_trim(rest)) * 1000;
    } else if (str_eq(key, "statement_timeout")) {
        context->statement_timeout_us = number_of(world, str_trim(rest)) * 1000;
    } else if (str_eq(key, "free")) {
        context->free_bytes = number_of(world, str_trim(rest));
    } else if (str_eq(key, "today")) {
        if (!time_from_text(str_format(world->arena, "%.*sT00:00:00Z", STR_ARG(str_trim(rest))),
                            &context->today_us)) {
            give_up(world, "not a date", rest);
        }
    } else {
        return false;
    }
    return true;
}

static bool read_world(struct world *world, struct str key, struct str rest)
{
    static const struct {
        const char *key;
        void (*read)(struct world *world, struct str rest);
    } lines[] = {
        {"table", read_table},           {"column", read_column},
        {"constraint", read_constraint}, {"index", read_index},
        {"policies", read_policies},     {"dependent", read_dependent},
        {"referenced", read_referenced}, {"traffic", read_traffic},
        {"activity", read_activity},     {"role", read_role},
        {"knows", read_knows},
    };
    struct lint_context *context = &world->one->context;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        if (str_eq(key, lines[i].key)) {
            lines[i].read(world, rest);
            return true;
        }
    }
    if (str_eq(key, "pooler")) {
        context->pooler = true;
    } else if (str_eq(key, "exposed")) {
        world->exposed[context->exposed_schema_count++] = str_trim(rest);
    } else if (str_eq(key, "search_path")) {
        context->search_path =
            list_of(world->arena, str_trim(rest), &context->search_path_count);
    } else {
        return read_number(world, key, rest);
    }
    return true;
}

/* ------------------------------------------------------------- lines about a file */

static enum lint_claim claim_of(struct str word)
{
    return str_ends(word, "=yes") ? LINT_CLAIMED_YES : LINT_CLAIMED_NO;
}

static void read_claims(struct lint_file *file, struct str rest)
{
    struct str word;
    while ((word = next_word(&rest)).len > 0) {
        if (str_starts(word, "rerun_safe=")) {
            file->rerun_safe = claim_of(word);
        } else if (str_starts(word, "zero_downtime=")) {
            file->zero_downtime = claim_of(word);
        } else if (str_starts(word, "destructive=")) {
            file->destructive = claim_of(word);
        }
    }
}

static struct lint_file *file_of(struct world *world)
{
    return &world->one->files[world->one->file_count - 1].file;
}

static void begin_file(struct world *world, struct str name)
{
    if (world->one->file_count == CASE_FILES) {
        give_up(world, "too many files", name);
    }
    world->one->file_count++;
    *file_of(world) =
        (struct lint_file){.name = name, .lock_timeout_us = -1, .statement_timeout_us = -1};
}

static void end_file(struct world *world)
{
    if (world->one && world->one->file_count > 0) {
        size_t last = world->one->file_count - 1;
        world->one->files[last].sql = str_dup(world->arena, strbuf_str(&world->sql));
        world->one->files[last].file.text = world->one->files[last].sql;
    }
    world->sql.len = 0;
}

static bool read_transaction(struct lint_file *file, struct str word)
{
    static const char *const words[] = {
        [LINT_TRANSACTION_ONE] = "one",
        [LINT_TRANSACTION_EACH] = "each",
        [LINT_TRANSACTION_FILE] = "file",
    };
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (str_eq(word, words[i])) {
            file->transaction = (enum lint_transaction)i;
            return true;
        }
    }
    return false;
}

static bool read_about_file(struct world *world, struct str key, struct str rest)
{
    struct lint_file *file = file_of(world);
    rest = str_trim(rest);
    if (str_eq(key, "transaction")) {
        return read_transaction(file, rest);
    }
    if (str_eq(key, "alone")) {
        file->alone = true;
    } else if (str_eq(key, "undo")) {
        file->is_undo = true;
    } else if (str_eq(key, "undo_none")) {
        file->undo_none = true;
    } else if (str_eq(key, "has_undo")) {
        file->has_undo = true;
    } else if (str_eq(key, "rows_expected")) {
        file->has_rows_expectation = true;
    } else if (str_eq(key, "timeouts")) {
        file->lock_timeout_us = number_of(world, next_word(&rest)) * 1000;
        file->statement_timeout_us = number_of(world, next_word(&rest)) * 1000;
    } else if (str_eq(key, "long_unbounded")) {
        file->long_unbounded = true;
    } else if (str_eq(key, "claims")) {
        read_claims(file, rest);
    } else if (str_eq(key, "names")) {
        struct str *victims = arena_array(world->arena, WORLD_PARTS, sizeof *victims);
        for (size_t i = 0; i < file->named_victim_count; i++) {
            victims[i] = file->named_victims[i];
        }
        victims[file->named_victim_count++] = rest;
        file->named_victims = victims;
    } else if (str_eq(key, "file")) {
        end_file(world);
        begin_file(world, rest);
    } else {
        return false;
    }
    return true;
}

/* ------------------------------------------------------------------------ the case */

static void begin_case(struct world *world, struct lint_case *one, bool bad, struct str title)
{
    end_file(world);
    *one = (struct lint_case){.bad = bad, .title = title, .line = world->line};
    one->context.lock_timeout_us = -1;
    one->context.statement_timeout_us = -1;
    one->context.free_bytes = -1;
    world->one = one;
    world->relations = arena_array(world->arena, WORLD_RELATIONS, sizeof *world->relations);
    one->context.relations = world->relations;
    for (size_t i = 0; i < WORLD_RELATIONS; i++) {
        world->columns[i] = arena_array(world->arena, WORLD_PARTS, sizeof **world->columns);
        world->constraints[i] =
            arena_array(world->arena, WORLD_PARTS, sizeof **world->constraints);
        world->indexes[i] = arena_array(world->arena, WORLD_PARTS, sizeof **world->indexes);
        world->dependents[i] =
            arena_array(world->arena, WORLD_PARTS, sizeof **world->dependents);
        world->referenced[i] =
            arena_array(world->arena, WORLD_PARTS, sizeof **world->referenced);
    }
    world->traffic = arena_array(world->arena, WORLD_PARTS, sizeof *world->traffic);
    one->context.traffic = world->traffic;
    world->activity = arena_array(world->arena, WORLD_PARTS, sizeof *world->activity);
    one->context.activity = world->activity;
    world->exposed = arena_array(world->arena, WORLD_PARTS, sizeof *world->exposed);
    one->context.exposed_schemas = world->exposed;
    begin_file(world, STR("001.sql"));
}

static void read_line(struct world *world, struct str line)
{
    struct str rest = str_slice(line, 3, line.len);
    struct str key = next_word(&rest);
    struct lint_case *one = world->one;
    if (str_eq(key, "finds")) {
        one->expected[one->expected_count++] = str_trim(rest);
    } else if (str_eq(key, "says")) {
        one->says[one->say_count++] = str_trim(rest);
    } else if (!read_world(world, key, rest) && !read_about_file(world, key, rest)) {
        give_up(world, "unknown line", key);
    }
}

struct lint_case *lint_cases_read(struct arena *arena, const char *file, struct str text,
                                  size_t *count)
{
    enum {
        CASES_MAX = 64
    };
    struct world world = {.arena = arena, .file = file};
    struct lint_case *cases = arena_array(arena, CASES_MAX, sizeof *cases);
    struct str line;
    *count = 0;
    while (str_cut(&text, '\n', &line)) {
        world.line++;
        bool bad = str_starts(line, "--# bad ");
        if (bad || str_starts(line, "--# good ")) {
            if (*count == CASES_MAX) {
                give_up(&world, "too many cases", line);
            }
            begin_case(&world, &cases[(*count)++], bad, str_slice(line, bad ? 8 : 9, line.len));
        } else if (str_starts(line, "--#") && world.one) {
            read_line(&world, line);
        } else if (world.one) {
            strbuf_add(&world.sql, line);
            strbuf_byte(&world.sql, '\n');
        }
    }
    end_file(&world);
    strbuf_release(&world.sql);
    return cases;
}
