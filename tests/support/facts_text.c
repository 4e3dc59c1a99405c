/* SPDX-License-Identifier: PostgreSQL */
/* Facts as text; the form is told in the header. */
#include "facts_text.h"

static void word_if(struct strbuf *out, bool set, const char *word)
{
    if (set) {
        strbuf_format(out, " %s", word);
    }
}

static void text_if(struct strbuf *out, const char *label, struct str text)
{
    if (text.len > 0) {
        strbuf_format(out, " %s=%.*s", label, STR_ARG(text));
    }
}

static void write_name(struct strbuf *out, struct sql_name name)
{
    struct arena arena = {0};
    strbuf_add(out, sql_name_written(&arena, name));
    arena_release(&arena);
}

static void name_if(struct strbuf *out, const char *label, struct sql_name name)
{
    if (name.name.len > 0) {
        strbuf_format(out, " %s=", label);
        write_name(out, name);
    }
}

static void list_if(struct strbuf *out, const char *label, const struct str *texts,
                    size_t count)
{
    for (size_t i = 0; i < count; i++) {
        strbuf_format(out, i == 0 ? " %s=" : ",", label);
        strbuf_add(out, texts[i].len > 0 ? texts[i] : STR("?"));
    }
}

static void names_if(struct strbuf *out, const char *label, const struct sql_name *names,
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        strbuf_format(out, i == 0 ? " %s=" : ",", label);
        write_name(out, names[i]);
    }
}

static void fact_if(struct strbuf *out, const char *label, enum sql_fact fact)
{
    if (fact != SQL_UNKNOWN) {
        strbuf_format(out, " %s=%s", label, fact == SQL_YES ? "yes" : "no");
    }
}

static void write_call(struct strbuf *out, const struct sql_call *call)
{
    strbuf_text(out, " ");
    write_name(out, call->name);
    strbuf_format(out, "(%.*s)%s", STR_ARG(call->first_text), call->in_subselect ? "once" : "");
}

/* Opens and closes " label(...)"; words have a space in front, the first one loses it. */
static size_t open_group(struct strbuf *out, const char *label)
{
    strbuf_format(out, " %s(", label);
    return out->len;
}

static void close_group(struct strbuf *out, size_t start)
{
    if (out->len > start && out->ptr[start] == ' ') {
        memmove(out->ptr + start, out->ptr + start + 1, out->len - start);
        out->len--;
    }
    strbuf_byte(out, ')');
}

static void expression_if(struct strbuf *out, const char *label,
                          const struct sql_expression *expression)
{
    if (!expression->present) {
        return;
    }
    size_t start = open_group(out, label);
    word_if(out, expression->always_true, "true");
    word_if(out, expression->constant, "constant");
    for (size_t i = 0; i < expression->column_count; i++) {
        strbuf_format(out, " %.*s", STR_ARG(expression->columns[i]));
    }
    for (size_t i = 0; i < expression->call_count; i++) {
        write_call(out, &expression->calls[i]);
    }
    word_if(out, expression->has_subselect, "subselect");
    names_if(out, "reads", expression->relations, expression->relation_count);
    word_if(out, expression->row_claims, "claims");
    close_group(out, start);
}

static void write_type(struct strbuf *out, const struct sql_type *type)
{
    if (type->name.name.len == 0) {
        return;
    }
    strbuf_text(out, " ");
    write_name(out, type->name);
    if (type->modifiers[1] != -1) {
        strbuf_format(out, "(%d,%d)", type->modifiers[0], type->modifiers[1]);
    } else if (type->modifiers[0] != -1) {
        strbuf_format(out, "(%d)", type->modifiers[0]);
    }
    strbuf_text(out, type->array ? "[]" : "");
    word_if(out, type->serial, "serial");
}

/* ----------------------------------------------------------------- details */

static void write_column(struct strbuf *out, const struct sql_column *column)
{
    size_t start = open_group(out, "column");
    strbuf_add(out, column->name);
    write_type(out, &column->type);
    word_if(out, column->not_null, "not_null");
    word_if(out, column->primary_key, "primary_key");
    word_if(out, column->unique, "unique");
    word_if(out, column->generated == SQL_GENERATED_IDENTITY, "identity");
    word_if(out, column->generated == SQL_GENERATED_STORED, "stored");
    expression_if(out, "default", &column->default_value);
    expression_if(out, "using", &column->using_cast);
    close_group(out, start);
}

static void write_constraint(struct strbuf *out, const struct sql_constraint *constraint)
{
    static const char *const kinds[] = {
        [SQL_CONSTRAINT_CHECK] = "check",
        [SQL_CONSTRAINT_NOT_NULL] = "not_null",
        [SQL_CONSTRAINT_UNIQUE] = "unique",
        [SQL_CONSTRAINT_PRIMARY_KEY] = "primary_key",
        [SQL_CONSTRAINT_FOREIGN_KEY] = "foreign_key",
        [SQL_CONSTRAINT_EXCLUSION] = "exclusion",
    };
    strbuf_format(out, " constraint(%s", kinds[constraint->kind]);
    text_if(out, "name", constraint->name);
    list_if(out, "columns", constraint->columns, constraint->column_count);
    name_if(out, "references", constraint->references);
    list_if(out, "keys", constraint->reference_columns, constraint->reference_count);
    word_if(out, constraint->not_valid, "not_valid");
    word_if(out, constraint->on_column, "on_column");
    text_if(out, "using_index", constraint->using_index);
    if (constraint->on_delete != '\0') {
        strbuf_format(out, " on_delete=%c", constraint->on_delete);
    }
    expression_if(out, "check", &constraint->check);
    strbuf_text(out, ")");
}

static void write_index(struct strbuf *out, const struct sql_index *index)
{
    strbuf_format(out, " index(%.*s", STR_ARG(index->method));
    list_if(out, "columns", index->columns, index->column_count);
    word_if(out, index->unique, "unique");
    word_if(out, index->concurrently, "concurrently");
    expression_if(out, "where", &index->where);
    strbuf_text(out, ")");
}

static void write_policy(struct strbuf *out, const struct sql_policy *policy)
{
    strbuf_format(out, " policy(%c", policy->command == '\0' ? '-' : policy->command);
    word_if(out, policy->permissive, "permissive");
    list_if(out, "roles", policy->roles, policy->role_count);
    expression_if(out, "using", &policy->using_row);
    expression_if(out, "check", &policy->with_check);
    strbuf_text(out, ")");
}

static void write_routine(struct strbuf *out, const struct sql_routine *routine)
{
    strbuf_format(out, " routine(%s", routine->procedure ? "procedure" : "function");
    word_if(out, routine->replaces, "replaces");
    text_if(out, "language", routine->language);
    word_if(out, routine->security_definer, "definer");
    word_if(out, routine->search_path_set, "search_path");
    if (routine->volatility != '\0') {
        strbuf_format(out, " volatility=%c", routine->volatility);
    }
    for (size_t i = 0; i < routine->argument_count; i++) {
        strbuf_text(out, i == 0 ? " arguments:" : ",");
        write_type(out, &routine->arguments[i]);
    }
    if (routine->returns.name.name.len > 0) {
        strbuf_text(out, " returns");
        write_type(out, &routine->returns);
    }
    text_if(out, "body", routine->body);
    strbuf_text(out, ")");
}

static void write_view(struct strbuf *out, const struct sql_view *view)
{
    struct strbuf inside = {0};
    names_if(&inside, "reads", view->query.relations, view->query.relation_count);
    fact_if(&inside, "invoker", view->security_invoker);
    fact_if(&inside, "barrier", view->security_barrier);
    strbuf_format(out, " view(%.*s)", STR_ARG(str_slice(strbuf_str(&inside), 1, inside.len)));
    strbuf_release(&inside);
}

static void write_change(struct strbuf *out, const struct sql_change *change)
{
    size_t start = open_group(out, "change");
    expression_if(out, "where", &change->where);
    list_if(out, "columns", change->columns, change->column_count);
    word_if(out, change->on_conflict, "on_conflict");
    names_if(out, "reads", change->reads, change->read_count);
    for (size_t i = 0; i < change->call_count; i++) {
        write_call(out, &change->calls[i]);
    }
    close_group(out, start);
}

static void write_grant(struct strbuf *out, const struct sql_grant *grant)
{
    strbuf_format(out, " grant(%s", grant->revoke ? "revoke" : "grant");
    list_if(out, "privileges", grant->privileges, grant->privilege_count);
    list_if(out, "roles", grant->roles, grant->role_count);
    word_if(out, grant->with_grant_option, "grant_option");
    word_if(out, grant->whole_schema, "whole_schema");
    strbuf_text(out, ")");
}

static void write_setting(struct strbuf *out, const struct sql_setting *setting)
{
    strbuf_format(out, " setting(%.*s", STR_ARG(setting->name));
    text_if(out, "value", setting->value);
    word_if(out, setting->local, "local");
    word_if(out, setting->reset, "reset");
    strbuf_text(out, ")");
}

static void write_role(struct strbuf *out, const struct sql_role *role)
{
    size_t start = open_group(out, "role");
    word_if(out, role->password, "password");
    word_if(out, role->password_plain, "plain");
    fact_if(out, "bypassrls", role->bypass_rls);
    fact_if(out, "superuser", role->superuser);
    close_group(out, start);
}

static bool is_told(const struct sql_change *change)
{
    return change->where.present || change->column_count > 0 || change->on_conflict ||
           change->read_count > 0 || change->call_count > 0;
}

static void write_details(struct strbuf *out, const struct sql_action *action)
{
    if (action->column != NULL) {
        write_column(out, action->column);
    }
    if (action->constraint != NULL) {
        write_constraint(out, action->constraint);
    }
    if (action->index != NULL) {
        write_index(out, action->index);
    }
    if (action->policy != NULL) {
        write_policy(out, action->policy);
    }
    if (action->routine != NULL) {
        write_routine(out, action->routine);
    }
    if (action->view != NULL) {
        write_view(out, action->view);
    }
    if (action->change != NULL && is_told(action->change)) {
        write_change(out, action->change);
    }
    if (action->grant != NULL) {
        write_grant(out, action->grant);
    }
    if (action->setting != NULL) {
        write_setting(out, action->setting);
    }
    if (action->role != NULL) {
        write_role(out, action->role);
    }
}

/* ----------------------------------------------------------------- actions */

static void write_flags(struct strbuf *out, const struct sql_action *action)
{
    word_if(out, action->inside, "inside");
    word_if(out, action->conditional, "conditional");
    word_if(out, action->guarded, "guarded");
    word_if(out, action->cascade, "cascade");
    word_if(out, action->concurrently, "concurrently");
    word_if(out, action->only, "only");
    word_if(out, action->temporary, "temporary");
}

static const char *lock_name(enum sql_lock lock)
{
    return lock == SQL_LOCK_NONE ? "none" : sql_lock_name(lock);
}

static void write_differences(struct strbuf *out, const struct sql_action *action)
{
    const struct sql_form_row *row = sql_form_row(action->form);
    if (action->lock != row->lock) {
        strbuf_format(out, " lock=%s", lock_name(action->lock));
    }
    if (action->other_lock != row->other) {
        strbuf_format(out, " other_lock=%s", lock_name(action->other_lock));
    }
    if (action->work != row->work) {
        strbuf_format(out, " work=%s", sql_work_name(action->work));
    }
    if (action->rerun != row->rerun) {
        strbuf_format(out, " rerun=%s", sql_rerun_name(action->rerun));
    }
    if (action->loss != row->loss) {
        strbuf_format(out, " loss=%s", sql_loss_name(action->loss));
    }
    if (action->undo != row->undo) {
        strbuf_format(out, " undo=%s", sql_undo_name(action->undo));
    }
    text_if(out, "undo_sql", action->undo_sql);
}

static void write_action(struct strbuf *out, const struct sql_action *action)
{
    strbuf_repeat(out, '.', (size_t)action->depth);
    strbuf_text(out, sql_form_row(action->form)->id);
    word_if(out, action->kind[0] != '\0', action->kind);
    if (action->object.name.len > 0) {
        strbuf_text(out, " ");
        write_name(out, action->object);
    }
    text_if(out, "part", action->part);
    text_if(out, "neighbour", action->neighbour);
    text_if(out, "renamed", action->renamed);
    name_if(out, "other", action->other);
    write_flags(out, action);
    write_differences(out, action);
    write_details(out, action);
    strbuf_text(out, "\n");
}

static void write_place(struct strbuf *out, const char *what, struct sql_place place,
                        const char *why)
{
    strbuf_format(out, "%s at %d:%d%s%s\n", what, place.line, place.column,
                  why[0] == '\0' ? "" : ": ", why);
}

void facts_write(struct strbuf *out, const struct sql_facts *facts)
{
    for (size_t i = 0; i < facts->action_count; i++) {
        write_action(out, &facts->actions[i]);
    }
    for (size_t i = 0; i < facts->opaque_count; i++) {
        write_place(out, "opaque", facts->opaque[i].place, facts->opaque[i].why);
    }
    for (size_t i = 0; i < facts->swallow_count; i++) {
        write_place(out, "swallow", facts->swallows[i].place, "");
    }
    for (size_t i = 0; i < facts->long_name_count; i++) {
        strbuf_format(out, "long name %.*s\n", STR_ARG(facts->long_names[i]));
    }
}

static void write_statement(void *context, const struct sql_statement *statement, size_t index,
                            const struct sql_facts *facts)
{
    (void)index;
    struct strbuf *out = context;
    if (statement->judgement != SQL_PARSED) {
        strbuf_format(out, "%s: %.*s\n", sql_judgement_name(statement->judgement),
                      STR_ARG(sql_statement_misread(statement).message));
    }
    facts_write(out, facts);
}

void facts_study(struct strbuf *out, struct str text, int version)
{
    struct arena arena = {0};
    struct sql_script script;
    struct sql_trouble trouble;
    if (sql_cut(text, NULL, &arena, &script, &trouble)) {
        sql_study(&script, version, &arena, write_statement, out);
    } else {
        strbuf_format(out, "trouble: %s\n", trouble.err.message);
    }
    arena_release(&arena);
}

int facts_wrong(const struct studied *rows, size_t count)
{
    int wrong = 0;
    for (size_t i = 0; i < count; i++) {
        struct strbuf facts = {0};
        facts_study(&facts, str_from(rows[i].text), 15);
        if (!str_eq(strbuf_str(&facts), rows[i].facts)) {
            printf("# %s\n# is:\n%s# should be:\n%s", rows[i].text, facts.ptr ? facts.ptr : "",
                   rows[i].facts);
            wrong++;
        }
        strbuf_release(&facts);
    }
    return wrong;
}
