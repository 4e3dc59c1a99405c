/* SPDX-License-Identifier: PostgreSQL */
/*
 * Every lock that the facts tell, held against a real server: each statement runs in a
 * transaction, or waits for a lock that a third session holds, and what pg_locks shows of it
 * on every relation of ours is compared with its actions, both ways. The strongest mode on a
 * relation counts. Relations that the statement itself makes are no part of it: nobody can
 * wait for them.
 */
#include "monitor_ask.h"

#include "sql_facts.h"
#include "sql_locks_rows.h"

enum {
    RELATIONS_MAX = 64
};

struct scene {
    struct test_server *server;
    struct arena arena;
    PGconn *watch;  /* makes the fixture and looks at pg_locks */
    PGconn *work;   /* runs the statement */
    PGconn *holder; /* holds what the statement waits for */
    char work_pid[16];
    int version;
};

/* A relation of the fixture, and what the facts expect. */
struct relation {
    struct str name;
    struct str table; /* of an index, of extended statistics; else the name itself */
    char kind;        /* pg_class.relkind; 'x' for extended statistics */
    bool named;       /* by an action of the statement */
    enum sql_lock expected;
    enum sql_lock seen;
};

struct relations {
    struct relation items[RELATIONS_MAX];
    size_t count;
};

static int open_scene(void **state)
{
    struct scene *scene = mem_zero(1, sizeof *scene);
    scene->server = test_server_get();
    test_database_create(scene->server, "sql_locks");
    test_execute(scene->server, "sql_locks", world);
    scene->watch = session(scene->server, "sql_locks", "postgres", "watch");
    scene->work = session(scene->server, "sql_locks", "postgres", "work");
    scene->holder = session(scene->server, "sql_locks", "postgres", "holder");
    snprintf(scene->work_pid, sizeof scene->work_pid, "%d", PQbackendPID(scene->work));
    scene->version = PQserverVersion(scene->watch) / 10000;
    run(scene->watch, "SET client_min_messages = error");
    run(scene->work, "SET client_min_messages = error; SET search_path = w");
    run(scene->holder, "SET search_path = w");
    *state = scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;
    PQfinish(scene->watch);
    PQfinish(scene->work);
    PQfinish(scene->holder);
    test_database_drop(scene->server, "sql_locks");
    test_execute(scene->server, "postgres", "DROP ROLE IF EXISTS lock_reader");
    arena_release(&scene->arena);
    free(scene);
    return 0;
}

/* ----------------------------------------------------------- what the server has */

static enum sql_lock lock_by_name(struct str name)
{
    enum sql_lock lock = SQL_LOCK_NONE;
    while (lock < SQL_LOCK__COUNT && !str_eq(name, sql_lock_name(lock))) {
        lock++;
    }
    assert_true(lock < SQL_LOCK__COUNT);
    return lock;
}

static const char relations_query[] =
    "SELECT c.relname, coalesce(t.relname, c.relname), c.relkind, coalesce(l.mode, '')"
    "  FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid"
    "  LEFT JOIN pg_class t ON t.oid = i.indrelid"
    "  LEFT JOIN pg_locks l ON l.pid = $1::int AND l.locktype = 'relation'"
    "    AND l.relation = c.oid"
    " WHERE c.relnamespace = 'w'::regnamespace "
    "UNION ALL SELECT x.stxname, t.relname, 'x', '' FROM pg_statistic_ext x"
    "  JOIN pg_class t ON t.oid = x.stxrelid";

static struct relation *find(struct relations *relations, struct str name)
{
    for (size_t i = 0; i < relations->count; i++) {
        if (str_is(relations->items[i].name, name)) {
            return &relations->items[i];
        }
    }
    return NULL;
}

/* The watching session does not see what the statement made, nor new names. */
static void look(struct scene *scene, struct relations *relations)
{
    struct rows rows =
        ask(scene->watch, &scene->arena, relations_query, scene->work_pid, NULL, NULL);
    for (size_t i = 0; i < rows.row_count; i++) {
        struct relation *relation = find(relations, rows_text(&rows, i, 0));
        if (relation == NULL) {
            assert_true(relations->count < RELATIONS_MAX);
            relation = &relations->items[relations->count++];
            *relation = (struct relation){.name = rows_text(&rows, i, 0),
                                          .table = rows_text(&rows, i, 1),
                                          .kind = rows_text(&rows, i, 2).ptr[0]};
        }
        enum sql_lock lock = lock_by_name(rows_text(&rows, i, 3));
        relation->seen = lock > relation->seen ? lock : relation->seen;
    }
}

/* Says what the server does not like and goes on with the next row. */
static bool runs(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!good) {
        print_message("# %s: %s", sql, PQerrorMessage(connection));
    }
    PQclear(result);
    return good;
}

static void wait_until_it_waits(struct scene *scene)
{
    struct strbuf query = {0};
    strbuf_format(&query, "SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s",
                  scene->work_pid);
    assert_true(test_query_becomes(scene->server, "sql_locks", query.ptr, "Lock"));
    strbuf_release(&query);
}

static void drain(PGconn *connection)
{
    PGresult *result;
    while ((result = PQgetResult(connection)) != NULL) {
        PQclear(result);
    }
}

static void look_while_held(struct scene *scene, const struct lock_row *row,
                            struct relations *relations)
{
    char why[256];
    run(scene->holder, "BEGIN");
    run(scene->holder, row->held);
    assert_true(PQsendQuery(scene->work, row->statement) == 1);
    wait_until_it_waits(scene);
    look(scene, relations);
    PGcancel *cancel = PQgetCancel(scene->work);
    assert_true(PQcancel(cancel, why, (int)sizeof why) == 1);
    PQfreeCancel(cancel);
    drain(scene->work);
    run(scene->holder, "ROLLBACK");
}

/* --------------------------------------------------------- what the facts expect */

struct expectation {
    struct relations *relations;
    enum sql_form form;
    bool form_seen;
    enum sql_rerun rerun; /* of the whole statement: one action that fails is enough */
    const char *undo[RELATIONS_MAX];
    size_t undo_count;
    struct arena *arena;
};

static void expect(struct relation *relation, enum sql_lock lock)
{
    if (relation != NULL) {
        relation->named = true;
        relation->expected = lock > relation->expected ? lock : relation->expected;
    }
}

/* The lock on what an index or extended statistics belong to, unless they are `other`. */
static void expect_action(struct relations *relations, const struct sql_action *action)
{
    struct relation *object = find(relations, action->object.name);
    if (object != NULL) {
        object = find(relations, object->table);
    }
    expect(object, action->lock);
    if (action->other.name.len > 0) {
        expect(find(relations, action->other.name), action->other_lock);
    }
}

static void expect_after(struct expectation *expectation, const struct sql_action *action)
{
    if (action->rerun == SQL_RERUN_FAILS || expectation->rerun == SQL_RERUN_FAILS) {
        expectation->rerun = SQL_RERUN_FAILS;
    } else if (action->rerun == SQL_RERUN_UNKNOWN) {
        expectation->rerun = SQL_RERUN_UNKNOWN;
    }
    assert_int_equal(action->undo == SQL_UNDO_STATEMENT, action->undo_sql.len > 0);
    if (action->undo == SQL_UNDO_STATEMENT) {
        assert_true(expectation->undo_count < RELATIONS_MAX);
        expectation->undo[expectation->undo_count++] =
            str_text(expectation->arena, action->undo_sql);
    }
}

static void expect_statement(void *context, const struct sql_statement *statement, size_t index,
                             const struct sql_facts *facts)
{
    (void)index;
    struct expectation *expectation = context;
    assert_int_equal(statement->judgement, SQL_PARSED);
    for (size_t i = 0; i < facts->action_count; i++) {
        expectation->form_seen |= facts->actions[i].form == expectation->form;
        expect_action(expectation->relations, &facts->actions[i]);
        expect_after(expectation, &facts->actions[i]);
    }
    for (size_t i = 0; i < statement->object_count; i++) {
        if (statement->objects[i].use == SQL_USE_READ) {
            expect(find(expectation->relations, statement->objects[i].name),
                   SQL_LOCK_ACCESS_SHARE);
        }
    }
}

static struct expectation expect_row(struct scene *scene, const struct lock_row *row,
                                     struct relations *relations)
{
    struct sql_script script;
    struct sql_trouble trouble;
    struct expectation expectation = {.relations = relations,
                                      .form = row->form,
                                      .rerun = SQL_RERUN_YES,
                                      .arena = &scene->arena};
    assert_true(sql_cut(str_from(row->statement), NULL, &scene->arena, &script, &trouble));
    sql_study(&script, scene->version, &scene->arena, expect_statement, &expectation);
    if (!expectation.form_seen) {
        print_message("# %s is no action of: %s\n", sql_form_row(row->form)->id,
                      row->statement);
    }
    return expectation;
}

/* ------------------------------------------------------ second run and way back */

/* Whether the server says what the facts say of a second run; unknown is never wrong. */
static bool agrees_on_second_run(struct scene *scene, const struct lock_row *row,
                                 const struct expectation *expectation)
{
    run(scene->work, "SAVEPOINT second");
    PGresult *result = PQexec(scene->work, row->statement);
    ExecStatusType status = PQresultStatus(result);
    bool fails = status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK;
    PQclear(result);
    run(scene->work, "ROLLBACK TO second");
    bool agrees = expectation->rerun == SQL_RERUN_UNKNOWN ||
                  fails == (expectation->rerun == SQL_RERUN_FAILS);
    if (!agrees) {
        print_message("# %s: a second run %s, the facts say \"%s\"\n", row->statement,
                      fails ? "fails" : "does not fail", sql_rerun_name(expectation->rerun));
    }
    return agrees;
}

/* The last action is taken back first. */
static bool can_be_taken_back(struct scene *scene, const struct expectation *expectation)
{
    bool good = true;
    for (size_t i = expectation->undo_count; good && i > 0; i--) {
        good = runs(scene->work, expectation->undo[i - 1]);
    }
    return good;
}

static int try_in_transaction(struct scene *scene, const struct lock_row *row,
                              const struct expectation *expectation)
{
    run(scene->work, "BEGIN");
    bool good = runs(scene->work, row->statement);
    if (good) {
        look(scene, expectation->relations);
        good = agrees_on_second_run(scene, row, expectation);
        good = can_be_taken_back(scene, expectation) && good;
    }
    run(scene->work, "ROLLBACK");
    return good ? 0 : 1;
}

/* -------------------------------------------------------------------- the tests */

/*
 * Indexes and sequences are compared only where the facts speak of them: a table is hardly
 * used without them.
 */
static int compare(const struct lock_row *row, const struct relations *relations)
{
    int wrong = 0;
    for (size_t i = 0; i < relations->count; i++) {
        const struct relation *relation = &relations->items[i];
        bool belongs = relation->kind == 'i' || relation->kind == 'I' || relation->kind == 'S';
        bool skipped = relation->kind == 'x' || (belongs && !relation->named);
        if (row->unnamed != NULL && str_eq(relation->name, row->unnamed)) {
            skipped = relation->seen > SQL_LOCK_NONE; /* or the row tells too much */
            wrong += skipped ? 0 : 1;
        }
        if (!skipped && relation->expected != relation->seen) {
            print_message("# %s: %s: on %.*s the server has \"%s\", the facts \"%s\"\n",
                          sql_form_row(row->form)->id, row->statement, STR_ARG(relation->name),
                          sql_lock_name(relation->seen), sql_lock_name(relation->expected));
            wrong++;
        }
    }
    return wrong;
}

static int prove(struct scene *scene, const struct lock_row *row)
{
    struct relations relations = {.count = 0};
    run(scene->watch, fixture);
    if (row->setup != NULL && !runs(scene->watch, row->setup)) {
        return 1;
    }
    look(scene, &relations); /* nothing is locked yet: which relations there are */
    struct expectation expectation = expect_row(scene, row, &relations);
    int wrong = expectation.form_seen ? 0 : 1;
    if (row->held != NULL) {
        look_while_held(scene, row, &relations);
    } else {
        wrong += try_in_transaction(scene, row, &expectation);
    }
    wrong += compare(row, &relations);
    arena_clear(&scene->arena);
    return wrong;
}

static void locks_are_the_servers(void **state)
{
    struct scene *scene = *state;
    int wrong = 0;
    for (size_t i = 0; i < COUNT_OF(lock_rows); i++) {
        if (scene->version >= lock_rows[i].from) {
            wrong += prove(scene, &lock_rows[i]);
        }
    }
    assert_int_equal(wrong, 0);
}

static void every_form_is_proved_or_says_why_not(void **state)
{
    (void)state;
    int wrong = 0;
    for (int form = 0; form < SQL_FORM__COUNT; form++) {
        int proved = 0;
        int excused = 0;
        for (size_t i = 0; i < COUNT_OF(lock_rows); i++) {
            proved += (int)lock_rows[i].form == form;
        }
        for (size_t i = 0; i < COUNT_OF(unproved); i++) {
            excused += (int)unproved[i].form == form;
        }
        if ((proved > 0) == (excused > 0)) {
            print_message("# %s: %d rows, %d reasons\n", sql_form_row((enum sql_form)form)->id,
                          proved, excused);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(locks_are_the_servers),
        cmocka_unit_test(every_form_is_proved_or_says_why_not),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sql_locks", tests, open_scene, close_scene);
}
