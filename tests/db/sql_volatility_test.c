/* SPDX-License-Identifier: PostgreSQL */
/*
 * The table of built-in functions against pg_proc of a real server, in a database with the
 * extensions that it names: of several functions of one name the most volatile counts.
 */
#include "server.h"
#include "sql_facts.h"
#include "testing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Functions that came with a version newer than the oldest server that tests run beside. */
static bool is_new(const char *name)
{
    static const char *const names[] = {"random_normal", "uuidv4", "uuidv7"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static char letter(enum sql_volatility volatility)
{
    static const char letters[] = {'?', 'i', 's', 'v'};
    return letters[volatility];
}

static void each_function_is_as_volatile_as_pg_proc_says(void **state)
{
    (void)state;
    struct test_server *server = test_server_get();
    test_database_create(server, "volatility");
    test_execute(server, "volatility",
                 "create extension \"uuid-ossp\"; create extension pgcrypto");
    size_t known = 0;
    int wrong = 0;
    for (const char *name; (name = sql_builtin_name(known)) != NULL; known++) {
        char query[256];
        snprintf(query, sizeof query,
                 "select string_agg(distinct provolatile::text, '' order by provolatile::text)"
                 " from pg_proc where proname = '%s'",
                 name);
        char *found = test_query(server, "volatility", query);
        size_t length = strlen(found);
        char most = length == 0 ? '\0' : found[length - 1]; /* i, s, v in this order */
        char ours = letter(sql_builtin_volatility((struct sql_name){STR(""), str_from(name)}));
        if (most != ours && !(most == '\0' && is_new(name))) {
            print_message("%s is %s, not %c\n", name, found, ours);
            wrong++;
        }
        free(found);
    }
    test_database_drop(server, "volatility");
    assert_true(known > 30);
    assert_int_equal(wrong, 0);
}

static void a_name_in_a_schema_is_known_by_what_lives_there(void **state)
{
    (void)state;
    const struct {
        const char *schema, *name;
        enum sql_volatility volatility;
    } names[] = {
        {"pg_catalog", "random", SQL_VOLATILITY_VOLATILE},
        {"", "now", SQL_VOLATILITY_STABLE},
        {"app", "now", SQL_VOLATILITY_UNKNOWN},
        {"extensions", "uuid_generate_v4", SQL_VOLATILITY_VOLATILE},
        {"", "new_id", SQL_VOLATILITY_UNKNOWN},
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_int_equal(sql_builtin_volatility((struct sql_name){str_from(names[i].schema),
                                                                  str_from(names[i].name)}),
                         names[i].volatility);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_function_is_as_volatile_as_pg_proc_says),
        cmocka_unit_test(a_name_in_a_schema_is_known_by_what_lives_there),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sql_volatility", tests, NULL, NULL);
}
