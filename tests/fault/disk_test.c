/* SPDX-License-Identifier: PostgreSQL */
/*
 * F31, F32: the disk fails under the record. At a write or sync of the journal the
 * program gets ENOSPC, EIO or a short write, once or for ever: it has to stop with 11
 * and change nothing further, and when the disk is well again resume has to bring the
 * run to its end. The checker judges both times.
 *
 * GONOGO_SEED; GONOGO_DISK=N takes every Nth call instead of every fourth.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <unistd.h>

#include "fault_checker.h"

enum {
    CALLS_MAX = 1000,
    RESUMES_MAX = 4,
    ANY_ROUNDS = 14
};
static const char from_migrate[] = "\"phase\":\"MIGRATE\"";

struct disk {
    struct fault_world world;
    uint64_t seed;
    int calls;            /* on the record, from MIGRATE to the end */
    int any_calls;        /* of any kind, from the start */
    bool keen[CALLS_MAX]; /* a record that matters, or a sync */
    bool sync[CALLS_MAX];
};

static int count_calls(struct disk *disk, const char *name, bool record_only, const char *from)
{
    struct fault_case c;
    char path[2 * FAULT_PATH];
    struct strbuf text = {0};
    fault_case_open(&c, &disk->world, name);
    (void)snprintf(path, sizeof(path), "%s/trace", c.home);
    struct fault_order order = {
        .act = "trace", .from = from, .record_only = record_only, .trace = path};
    assert_int_equal(fault_run(&c, "run", &order), 0);
    assert_true(test_read_file(path, 0, &text));
    struct str rest = strbuf_str(&text);
    struct str line;
    int calls = 0;
    while (rest.len > 0 && str_cut(&rest, '\n', &line) && calls < CALLS_MAX) {
        bool keen = str_ends(line, "|intent") || str_ends(line, "|commit sent") ||
                    str_ends(line, "|committed");
        disk->sync[calls] = str_ends(line, "sync|") && record_only;
        disk->keen[calls] = (keen && record_only) || disk->sync[calls];
        calls++;
    }
    strbuf_release(&text);
    fault_case_close(&c);
    return calls;
}

static int group_setup(void **state)
{
    struct disk *disk = mem_zero(1, sizeof(*disk));
    *state = disk;
    disk->seed = (uint64_t)test_number("GONOGO_SEED", 20240131);
    fault_world_open(&disk->world);
    disk->any_calls = count_calls(disk, "all_calls", false, "");
    disk->calls = count_calls(disk, "on_record", true, from_migrate);
    print_message("# %d calls on the record, %d of any kind\n", disk->calls, disk->any_calls);
    return 0;
}

static int group_teardown(void **state)
{
    struct disk *disk = *state;
    fault_world_close(&disk->world);
    free(disk);
    return 0;
}

/* All was done; only the last record or the report is missing. */
static bool is_over(struct fault_case *c)
{
    struct strbuf text = {0};
    struct err err = {0};
    bool said = fault_status(c, &text);
    struct json *status = said ? json_read(strbuf_str(&text), &err) : NULL;
    int64_t code = json_i64(json_find(status, "exit"), -1);
    bool over = str_eq(json_text(json_find(status, "state")), "end") &&
                str_eq(json_text(json_find(status, "phase")), "CLOSE") &&
                (code == 0 || code == 11);
    json_free(status);
    strbuf_release(&text);
    return over;
}

/* Fails once, then the disk is well again. */
static bool fail_and_resume(const struct disk *disk, const char *name,
                            const struct fault_order *order, int wanted)
{
    struct fault_case c;
    char what[120];
    (void)snprintf(what, sizeof(what), "%s at call %ld, %s", order->act, order->nth,
                   order->ever ? "for ever" : "once");
    fault_case_open(&c, &disk->world, name);
    pid_t pid = fault_start(&c, "run", order);
    int code = fault_wait(&c, pid);
    bool good = fault_verdict(&c, pid, false, what);
    if (wanted >= 0 && code != wanted) {
        printf("# %s: ended with %d, not %d\n", what, code, wanted);
        good = false;
    }
    if (code != 0 && !is_over(&c)) {
        good = fault_resume_to_end(&c, RESUMES_MAX) == 0 && good;
        good = fault_verdict(&c, pid, true, what) && good;
    }
    fault_case_close(&c);
    return good;
}

/* ------------------------------------------------------------------- the record */

struct orders {
    const struct disk *disk;
    struct fault_order items[5 * CALLS_MAX];
    int count;
};

static bool fail_the_record(void *ctx, int item)
{
    const struct orders *orders = ctx;
    const struct fault_order *order = &orders->items[item];
    char name[32];
    (void)snprintf(name, sizeof(name), "disk%d", item);
    return fail_and_resume(orders->disk, name, order,
                           strcmp(order->act, "short") == 0 ? 0 : 11);
}

static void fault_F31_F32_the_record_cannot_be_written(void **state)
{
    static const struct fault_order kinds[] = {{.act = "full"},
                                               {.act = "error"},
                                               {.act = "full", .ever = true},
                                               {.act = "error", .ever = true},
                                               {.act = "short"}};
    struct disk *disk = *state;
    struct orders *orders = mem_zero(1, sizeof(*orders));
    long step = test_number("GONOGO_DISK", 4);
    int kind = (int)(disk->seed % COUNT_OF(kinds));
    orders->disk = disk;
    for (int i = 0; i < disk->calls; i++) {
        if (!disk->keen[i] && i % step != 0) {
            continue;
        }
        kind = (kind + 1) % (int)COUNT_OF(kinds);
        struct fault_order order = kinds[kind];
        if (disk->sync[i]) { /* a full disk and a short write are seen by writes only */
            order.act = "error";
        }
        order.nth = i + 1;
        order.record_only = true;
        order.from = from_migrate;
        orders->items[orders->count++] = order;
    }
    print_message("# %d failures, seed %llu\n", orders->count, (unsigned long long)disk->seed);
    int failed = fault_in_parallel(orders->count, fail_the_record, orders);
    free(orders);
    assert_int_equal(failed, 0);
}

/* ------------------------------------------------------------- any file of ours */

static bool fail_anything(void *ctx, int item)
{
    const struct disk *disk = ctx;
    struct fault_dice dice;
    char name[32];
    fault_dice_seed(&dice, disk->seed + (uint64_t)item);
    struct fault_order order = {.act = item % 2 ? "error" : "full",
                                .ever = item % 4 < 2,
                                .nth = 1 +
                                       (long)fault_dice_roll(&dice, (uint64_t)disk->any_calls)};
    (void)snprintf(name, sizeof(name), "file%d", item);
    return fail_and_resume(disk, name, &order, -1);
}

static void fault_F31_any_file_fails_and_nothing_is_lost(void **state)
{
    struct disk *disk = *state;
    int count = (int)test_number("GONOGO_FILES", ANY_ROUNDS);
    assert_int_equal(fault_in_parallel(count, fail_anything, disk), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_F31_F32_the_record_cannot_be_written),
        cmocka_unit_test(fault_F31_any_file_fails_and_nothing_is_lost),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
