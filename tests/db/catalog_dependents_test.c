/* SPDX-License-Identifier: PostgreSQL */
/*
 * What hangs on what, and what CASCADE would take along, by a real server: the same whether a
 * relation is asked for by its name or found among all.
 */
#include "catalog_lint_world.h"

static void dependents_with_those_behind_them(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    look_at("{parent,child,bare,part,v}", &arena, &context);
    const struct lint_relation *parent = relation(&context, "parent");
    const struct lint_relation *child = relation(&context, "child");
    assert_string_equal(dependents(parent, "id", &arena),
                        "foreign key child.child_parent_id_fkey; policy child.by_parent; "
                        "view v; view v2; materialized view m; ");
    assert_string_equal(dependents(parent, "mood", &arena),
                        "policy parent.by_mood own; view v; view v2; materialized view m; ");
    assert_string_equal(
        dependents(parent, "code", &arena),
        "foreign key child.by_code; trigger parent.of_code own; view v; view v2; "
        "materialized view m; ");
    assert_string_equal(dependents(parent, "", &arena),
                        "column uses.p; function takes(one app.parent); ");
    assert_string_equal(dependents(child, "id", &arena), "generated column child.twice own; ");
    assert_string_equal(dependents(child, "code", &arena), "view v dot.\"q; ");
    assert_string_equal(dependents(child, "cold", &arena), "rule bare.noted; ");
    assert_string_equal(dependents(relation(&context, "part"), "", &arena),
                        "partition part_1; partition part_2; ");
    assert_string_equal(dependents(relation(&context, "v"), "id", &arena),
                        "view v2; materialized view m; ");
    assert_int_equal(relation(&context, "bare")->dependent_count, 0);
    assert_int_equal(parent->referenced_by_count, 1);
    assert_true(str_eq(parent->referenced_by[0].name, "child"));
    assert_int_equal(child->referenced_by_count, 0);
    arena_release(&arena);
}

/* All dependents, as text. */
static const char *everything(const struct lint_relation *of, struct arena *arena)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < of->dependent_count; i++) {
        const struct lint_dependent *dependent = &of->dependents[i];
        strbuf_format(&text, "%.*s: %s %.*s%s; ", STR_ARG(dependent->column), dependent->kind,
                      STR_ARG(dependent->name), dependent->own ? " own" : "");
    }
    for (size_t i = 0; i < of->referenced_by_count; i++) {
        strbuf_format(&text, "from %.*s; ", STR_ARG(of->referenced_by[i].name));
    }
    const char *kept = str_text(arena, strbuf_str(&text));
    strbuf_release(&text);
    return kept;
}

/* Dependents are followed from what is asked for by name, and picked out of all otherwise. */
static void each_by_itself_is_as_among_all(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context all;
    PGconn *session = driver_connect(DATABASE, "postgres");
    look(session, "{}", &arena, &all);
    size_t with = 0;
    for (size_t i = 0; i < all.relation_count; i++) {
        const struct lint_relation *of = &all.relations[i];
        struct lint_context one;
        look(session, str_text(&arena, catalog_array_text(&arena, &of->name.name, 1)), &arena,
             &one);
        for (size_t k = 0; k < one.relation_count; k++) {
            const struct lint_relation *alone = &one.relations[k];
            if (str_is(alone->name.schema, of->name.schema) &&
                str_is(alone->name.name, of->name.name)) {
                assert_string_equal(everything(alone, &arena), everything(of, &arena));
                assert_int_equal(alone->published, of->published);
                with += of->dependent_count > 0;
            }
        }
    }
    assert_true(with > 5);
    PQfinish(session);
    arena_release(&arena);
}

/* Of a relation that nobody named: what can be lost, and not what could be done to it. */
static void others_are_told_of_in_short(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context all;
    struct lint_context one;
    struct lint_context both;
    PGconn *session = driver_connect(DATABASE, "postgres");
    look(session, "{}", &arena, &all);
    look(session, "{child}", &arena, &one);
    look(session, "{*,child,mood}", &arena, &both);
    assert_int_equal(both.relation_count, all.relation_count);
    for (size_t i = 0; i < all.relation_count; i++) {
        const struct lint_relation *of = &both.relations[i];
        const struct lint_relation *at_length = &all.relations[i];
        assert_true(sql_name_is(of->name, at_length->name));
        assert_int_equal(of->kind, at_length->kind);
        assert_true(str_is(of->owner, at_length->owner));
        if (str_eq(of->name.name, "child")) {
            continue;
        }
        assert_int_equal(of->rows, at_length->rows);
        assert_int_equal(of->bytes, at_length->bytes);
        assert_int_equal(of->dependent_count, at_length->dependent_count);
        assert_int_equal(of->referenced_by_count, at_length->referenced_by_count);
        assert_int_equal(of->constraint_count + of->index_count, 0);
        for (size_t k = 0; k < of->dependent_count; k++) {
            assert_true(str_is(of->dependents[k].name, at_length->dependents[k].name));
        }
    }
    const struct lint_relation *child = relation(&both, "child");
    const struct lint_relation *alone = relation(&one, "child");
    assert_string_equal(everything(child, &arena), everything(alone, &arena));
    assert_int_equal(child->bytes, alone->bytes);
    assert_int_equal(child->column_count, alone->column_count);
    assert_int_equal(child->constraint_count, alone->constraint_count);
    assert_int_equal(child->index_count, alone->index_count);
    assert_true(child->exposed);
    PQfinish(session);
    arena_release(&arena);
}

/* The type may go, and its columns with it, wherever they are. */
static void columns_of_a_type_that_is_named(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    look_at("{*,mood,pair,tags}", &arena, &context);
    const struct lint_relation *parent = relation(&context, "parent");
    assert_int_equal(parent->column_count, 2);
    assert_true(str_eq(column(parent, "pair")->type, "app.pair"));
    assert_true(str_eq(column(relation(&context, "bare"), "moods")->type, "app.mood[]"));
    assert_true(str_eq(column(parent, "mood")->type, "app.mood"));
    assert_string_equal(dependents(parent, "mood", &arena),
                        "policy parent.by_mood own; view v; view v2; materialized view m; ");
    assert_true(str_eq(column(relation(&context, "bare"), "tags")->type, "app.tags"));
    assert_int_equal(relation(&context, "child")->column_count, 0);
    look_at("{*,app}", &arena, &context); /* all of its types may go */
    assert_int_equal(relation(&context, "parent")->column_count, 2);
    assert_int_equal(relation(&context, "bare")->column_count, 2);
    assert_int_equal(relation(&context, "child")->column_count, 0);
    arena_release(&arena);
}

/* The list is what the server itself says when it is asked to cascade. */
static void victims_are_those_of_the_server(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    struct rows rows;
    struct str message;
    PGconn *session = driver_connect(DATABASE, "postgres");
    look(session, "{parent}", &arena, &context);
    const struct lint_relation *parent = relation(&context, "parent");
    assert_false(
        driver_try(session, &arena, "drop table app.parent", NULL, 0, &rows, &message));
    for (size_t i = 0; i < parent->dependent_count; i++) {
        struct str name = parent->dependents[i].name;
        size_t dot = str_find_byte(name, '.', 0);
        struct str bare = dot < name.len ? str_slice(name, dot + 1, name.len) : name;
        if (!parent->dependents[i].own) {
            assert_non_null(
                strstr(message.ptr,
                       str_text(&arena, str_slice(bare, 0, bare.len > 5 ? 5 : bare.len))));
        }
    }
    PQfinish(session);
    arena_release(&arena);
}

static void a_function_with_a_body_of_the_standard(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lint_context context;
    PGconn *session = driver_connect(DATABASE, "postgres");
    if (PQserverVersion(session) >= 140000) {
        driver_do(session,
                  "create function app.atomic() returns int language sql begin atomic; "
                  "select a from app.dropped; end;");
        driver_do(session, "create view app.over as select app.atomic() as n");
        look(session, "{dropped}", &arena, &context);
        assert_string_equal(dependents(relation(&context, "dropped"), "a", &arena),
                            "function atomic(); view over; ");
        driver_do(session, "drop view app.over; drop function app.atomic()");
    }
    PQfinish(session);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dependents_with_those_behind_them),
        cmocka_unit_test(each_by_itself_is_as_among_all),
        cmocka_unit_test(others_are_told_of_in_short),
        cmocka_unit_test(columns_of_a_type_that_is_named),
        cmocka_unit_test(victims_are_those_of_the_server),
        cmocka_unit_test(a_function_with_a_body_of_the_standard),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, build, drop);
}
