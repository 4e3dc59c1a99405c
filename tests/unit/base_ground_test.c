/* SPDX-License-Identifier: PostgreSQL */
/*
 * Errors, memory, result rows and the hash: what every other room leans on without
 * looking. The end of memory is tested in a child, because it ends the process.
 */
#include "base.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static void an_error_carries_its_parts(void **state)
{
    (void)state;
    struct err err = {0};

    assert_false(err_set(&err, ERR_SQL, "no table \"%s\"", "x"));
    err_detail(&err, "Searched in %d schemas.", 2);
    err_hint(&err, "Check the search_path.");
    err_context(&err, "step %d", 3);
    assert_int_equal(err.kind, ERR_SQL);
    assert_string_equal(err.message, "step 3: no table \"x\"");
    assert_string_equal(err.detail, "Searched in 2 schemas.");
    assert_string_equal(err.hint, "Check the search_path.");

    /* The next error starts clean, and may quote the one that it replaces. */
    err_set(&err, ERR_CHECK, "after: %s", err.message);
    assert_string_equal(err.message, "after: step 3: no table \"x\"");
    assert_string_equal(err.hint, "");

    assert_false(err_set(NULL, ERR_SQL, "nobody listens"));
    err_detail(NULL, "x");
    err_hint(NULL, "x");
    err_context(NULL, "x");
}

static void a_long_error_is_cut_between_characters(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        struct strbuf text = {0};
        struct err err = {0};
        strbuf_repeat(&text, 'x', shift);
        for (int i = 0; i < 400; i++) {
            strbuf_text(&text, "\xE4\xB8\xAD");
        }
        err_set(&err, ERR_SQL, "%s", text.ptr);
        err_context(&err, "where");
        struct str message = str_from(err.message);
        assert_true(message.len > ERR_TEXT_MAX - 12 && message.len < ERR_TEXT_MAX);
        assert_int_equal(utf8_invalid_at(message), message.len);
        assert_true(str_ends(message, "..."));
        strbuf_release(&text);
    }
}

static void an_arena_hands_out_zeroed_aligned_memory(void **state)
{
    (void)state;
    struct arena arena = {0};
    unsigned char *pieces[600];

    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT_OF(pieces); i++) {
            size_t size = i * 37 % 5000;
            pieces[i] = arena_alloc(&arena, size);
            assert_int_equal((uintptr_t)pieces[i] % sizeof(max_align_t *), 0);
            for (size_t k = 0; k < size; k++) {
                assert_int_equal(pieces[i][k], 0);
            }
            memset(pieces[i], (int)(i % 255) + 1, size);
        }
        for (size_t i = 0; i < COUNT_OF(pieces); i++) {
            size_t size = i * 37 % 5000;
            if (size > 0) {
                assert_int_equal(pieces[i][0], i % 255 + 1);
                assert_int_equal(pieces[i][size - 1], i % 255 + 1);
            }
        }
        assert_true(arena.used > 0);
        arena_clear(&arena);
        assert_int_equal(arena.used, 0);
    }
    arena_release(&arena);
    arena_release(&arena);
    assert_null(arena.block);
}

/* Texts stand side by side; what follows them is aligned again. */
static void an_arena_packs_texts(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct str texts[600];

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        texts[i] = str_format(&arena, "%zu%*s", i, (int)(i * 37 % 3000), "");
        struct str same = str_dup(&arena, texts[i]);
        uint64_t *number = arena_alloc(&arena, sizeof(*number));
        assert_int_equal((uintptr_t)number % sizeof(max_align_t *), 0);
        assert_int_equal(*number, 0);
        *number = UINT64_MAX;
        assert_int_equal(same.ptr[same.len], '\0');
        assert_true(str_is(same, texts[i]));
    }
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        char *end = NULL;
        assert_int_equal(strtoul(texts[i].ptr, &end, 10), i);
        assert_int_equal(strlen(texts[i].ptr), texts[i].len);
    }
    size_t before = arena.used;
    (void)str_dup(&arena, STR("ab"));
    (void)str_dup(&arena, STR(""));
    assert_int_equal(arena.used - before, 4);
    arena_release(&arena);
}

/* Numbers that share their last two digits share a hash; whoever asks compares. */
static void chains_lead_to_the_newest_first(void **state)
{
    (void)state;
    enum {
        ITEMS = 1000,
        HASHES = 100
    };
    struct chains chains = {0};
    assert_int_equal(chain_first(&chains, 7), CHAIN_NONE);
    for (uint32_t item = 0; item < ITEMS; item++) {
        chain_add(&chains, item % HASHES, item);
    }
    size_t met = 0;
    for (ptrdiff_t i = chain_first(&chains, 7); i != CHAIN_NONE; i = chain_next(&chains, i)) {
        assert_int_equal(chains.links[i].item, ITEMS - HASHES + 7 - met * HASHES);
        met++;
    }
    assert_int_equal(met, ITEMS / HASHES);
    chains_cut(&chains, 207);
    assert_int_equal(chains.links[chain_first(&chains, 7)].item, 107);
    assert_int_equal(chains.links[chain_first(&chains, 6)].item, 206);
    chains_cut(&chains, 0);
    assert_int_equal(chain_first(&chains, 6), CHAIN_NONE);
    chain_add(&chains, 6, 0);
    assert_int_equal(chains.links[chain_first(&chains, 6)].item, 0);
    chains_release(&chains);

    struct str a = STR("a"), b = STR("b"), ab = STR("ab"), none = STR("");
    assert_int_not_equal(chain_hash(a, b, none), chain_hash(ab, none, none));
    assert_int_equal(chain_hash(a, b, ab), chain_hash(a, b, ab));
}

static void an_arena_takes_over_memory(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct strbuf buf = {0};
    for (int round = 0; round < 2; round++) {
        strbuf_repeat(&buf, 'a', 100000);
        const char *bytes = buf.ptr;
        struct str kept = arena_adopt(&arena, &buf);
        assert_ptr_equal(kept.ptr, bytes);
        assert_int_equal(kept.len, 100000);
        assert_null(buf.ptr);
        assert_true(arena.used >= kept.len);
        char *after = arena_alloc(&arena, 10);
        after[9] = 'x';
        assert_int_equal(kept.ptr[99999], 'a');
        arena_clear(&arena);
    }
    struct str empty = arena_adopt(&arena, &buf);
    assert_non_null(empty.ptr);
    assert_int_equal(empty.len, 0);
    arena_release(&arena);
}

static void arrays_grow_zeroed(void **state)
{
    (void)state;
    struct pair {
        int a;
        int b;
    } *items = NULL;
    size_t count = 0;
    size_t capacity = 0;

    for (int i = 0; i < 100; i++) {
        struct pair *item = ARRAY_PUSH(items, count, capacity);
        assert_int_equal(item->a, 0);
        assert_int_equal(item->b, 0);
        *item = (struct pair){i, -1};
    }
    assert_int_equal(count, 100);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(items[i].a, i);
    }
    free(items);
}

static int hook_pipe_write_end(int wanted)
{
    static int fd; /* the hook has no argument; this process is a child for one test */
    fd = wanted >= 0 ? wanted : fd;
    return fd;
}

static void say_restored(void)
{
    ssize_t written = write(hook_pipe_write_end(-1), "restored", 8);
    (void)written;
}

static void ask_for_everything(void)
{
    void *volatile memory = mem_grow(NULL, SIZE_MAX / 2, 4);
    free(memory);
}

static void no_memory_calls_the_hook_and_aborts(void **state)
{
    (void)state;
    int ends[2];
    char said[16] = {0};
    int status = 0;

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit no_core = {0, 0};
        (void)setrlimit(RLIMIT_CORE, &no_core);
        (void)signal(SIGABRT, SIG_DFL);
        hook_pipe_write_end(ends[1]);
        on_no_memory(say_restored);
        ask_for_everything();
        _exit(0);
    }
    (void)close(ends[1]);
    assert_int_equal(read(ends[0], said, sizeof(said) - 1), 8);
    assert_string_equal(said, "restored");
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void rows_keep_null_apart_and_have_no_edge(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct rows rows;

    rows_init(&rows, &arena, 2);
    rows.names[1] = STR("n");
    for (size_t i = 0; i < 100; i++) {
        struct cell *cells = rows_add(&rows);
        assert_null(cells[1].text.ptr);
        cells[0].text = str_format(&arena, "%zu", i);
        cells[1].is_null = i % 2 == 0;
        cells[1].text = STR("t");
    }
    assert_int_equal(rows.row_count, 100);
    assert_int_equal(rows_i64(&rows, 99, 0, -1), 99);
    assert_int_equal(rows_i64(&rows, 99, 1, -1), -1);
    assert_int_equal(rows_i64(&rows, 100, 0, -1), -1);
    assert_true(rows_bool(&rows, 1, 1));
    assert_false(rows_bool(&rows, 0, 1));
    assert_true(rows_cell(&rows, 0, 1).is_null);
    assert_true(rows_cell(&rows, 0, 2).is_null);
    assert_true(rows_cell(&rows, 100, 0).is_null);
    assert_true(str_eq(rows_text(&rows, 0, 1), ""));
    assert_true(str_eq(rows_text(&rows, 7, 0), "7"));
    arena_release(&arena);
}

static void the_hash_is_sha256(void **state)
{
    (void)state;
    struct sha256_hex empty = sha256_of((struct str){0});
    struct sha256_hex abc = sha256_of(STR("abc"));

    assert_string_equal(empty.text,
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_string_equal(abc.text,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    struct sha256 *hash = sha256_new();
    sha256_add(hash, STR("a"));
    sha256_add(hash, (struct str){0});
    sha256_add(hash, STR("bc"));
    struct sha256_hex pieces = sha256_end(hash);
    assert_true(str_is(sha256_str(&pieces), sha256_str(&abc)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_carries_its_parts),
        cmocka_unit_test(a_long_error_is_cut_between_characters),
        cmocka_unit_test(an_arena_hands_out_zeroed_aligned_memory),
        cmocka_unit_test(an_arena_packs_texts),
        cmocka_unit_test(an_arena_takes_over_memory),
        cmocka_unit_test(chains_lead_to_the_newest_first),
        cmocka_unit_test(arrays_grow_zeroed),
        cmocka_unit_test(no_memory_calls_the_hook_and_aborts),
        cmocka_unit_test(rows_keep_null_apart_and_have_no_edge),
        cmocka_unit_test(the_hash_is_sha256),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
