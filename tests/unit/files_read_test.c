/* SPDX-License-Identifier: PostgreSQL */
/*
 * Reading, opening beneath a folder, listing and hashing, on a real disk with what
 * a careless or hostile hand may have put there: links, FIFOs, folders, big files.
 */
#include "files_room.h"

#include <errno.h>

static void expect_unreadable(struct room *room, const char *path, size_t max,
                              enum files_trouble wanted)
{
    struct strbuf out = {0};
    struct err err = {0};
    enum files_trouble trouble = FILES_OK;

    strbuf_text(&out, "kept");
    assert_false(files_read(room->fd, path, max, &out, &trouble, &err));
    assert_int_equal(trouble, wanted);
    assert_string_equal(out.ptr, "kept");
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, "could not read"));
    assert_true(err.hint[0] != '\0');
    strbuf_release(&out);
}

static void a_file_is_read_whole_up_to_the_cap(void **state)
{
    struct room *room = *state;
    struct strbuf out = {0};
    struct err err = {0};
    enum files_trouble trouble = FILES_FAILED;

    put(room, "five", "12345");
    put(room, "none", "");
    strbuf_text(&out, "before ");
    assert_true(files_read(room->fd, "five", 5, &out, &trouble, &err));
    assert_int_equal(trouble, FILES_OK);
    assert_true(files_read(room->fd, "none", 0, &out, &trouble, &err));
    assert_string_equal(out.ptr, "before 12345");
    strbuf_release(&out);
    expect_unreadable(room, "five", 4, FILES_TOO_LARGE);
}

static void a_file_that_lies_about_its_size_meets_the_cap_too(void **state)
{
    struct strbuf out = {0};
    struct err err = {0};
    enum files_trouble trouble = FILES_OK;

    (void)state;
    /* Files of the kernel say 0 bytes and give many: like one that grows meanwhile. */
    assert_false(files_read(AT_FDCWD, "/proc/self/status", 10, &out, &trouble, &err));
    assert_int_equal(trouble, FILES_TOO_LARGE);
    assert_int_equal(out.len, 0);
    assert_true(files_read(AT_FDCWD, "/proc/self/status", 1 << 20, &out, &trouble, &err));
    assert_true(out.len > 10);
    strbuf_release(&out);
}

static void fault_F44_only_ordinary_files_are_read_and_nothing_hangs(void **state)
{
    struct room *room = *state;

    put(room, "real", "x");
    assert_int_equal(symlinkat("real", room->fd, "link"), 0);
    assert_int_equal(mkfifoat(room->fd, "fifo", 0600), 0);
    assert_int_equal(mkdirat(room->fd, "folder", 0700), 0);
    expect_unreadable(room, "link", 100, FILES_SYMLINK);
    expect_unreadable(room, "fifo", 100, FILES_NOT_REGULAR);
    expect_unreadable(room, "folder", 100, FILES_NOT_REGULAR);
    expect_unreadable(room, "absent", 100, FILES_MISSING);
    expect_unreadable(room, "real/below", 100, FILES_MISSING);
    expect_unreadable(room, "/dev/null", 100, FILES_NOT_REGULAR);
}

static void an_error_shows_a_hostile_name_harmlessly(void **state)
{
    struct room *room = *state;
    struct strbuf out = {0};
    struct err err = {0};

    assert_false(files_read(room->fd, "x\x1b[2J\xE2\x80\xAE", 1, &out, NULL, &err));
    assert_non_null(strstr(err.message, "\"x\\x1b[2J\\u{202e}\""));
    assert_non_null(strstr(err.message, "is not there"));
}

static void plant(struct room *room)
{
    assert_int_equal(mkdirat(room->fd, "root", 0700), 0);
    assert_int_equal(mkdirat(room->fd, "root/sub", 0700), 0);
    put(room, "secret", "outside");
    put(room, "root/a.sql", "A");
    put(room, "root/sub/b.sql", "B");
    assert_int_equal(symlinkat("../secret", room->fd, "root/out"), 0);
    assert_int_equal(symlinkat("a.sql", room->fd, "root/inside"), 0);
    assert_int_equal(symlinkat("sub", room->fd, "root/subway"), 0);
    assert_int_equal(symlinkat("..", room->fd, "root/up"), 0);
    assert_int_equal(symlinkat("loop", room->fd, "root/loop"), 0);
    assert_int_equal(symlinkat("nowhere", room->fd, "root/dangling"), 0);
    assert_int_equal(mkfifoat(room->fd, "root/fifo", 0600), 0);
}

static void nothing_beneath_a_folder_leads_out_of_it(void **state)
{
    struct room *room = *state;
    static const struct {
        struct str path;
        enum files_trouble trouble;
        const char *content;
    } table[] = {
        {STR("a.sql"), FILES_OK, "A"},
        {STR("./a.sql"), FILES_OK, "A"},
        {STR("sub/./b.sql"), FILES_OK, "B"},
        {STR("sub//b.sql"), FILES_OK, "B"},
        {STR(""), FILES_OUTSIDE, ""},
        {STR("/etc/passwd"), FILES_OUTSIDE, ""},
        {STR("../secret"), FILES_OUTSIDE, ""},
        {STR("sub/../a.sql"), FILES_OUTSIDE, ""},
        {STR("absent/../../secret"), FILES_OUTSIDE, ""},
        {STR(".."), FILES_OUTSIDE, ""},
        {STR("out"), FILES_SYMLINK, ""},
        {STR("inside"), FILES_SYMLINK, ""},
        {STR("subway/b.sql"), FILES_SYMLINK, ""},
        {STR("up/secret"), FILES_SYMLINK, ""},
        {STR("loop"), FILES_SYMLINK, ""},
        {STR("dangling"), FILES_SYMLINK, ""},
        {STR("subway/"), FILES_SYMLINK, ""},
        {STR("absent"), FILES_MISSING, ""},
        {STR("absent/x"), FILES_MISSING, ""},
        {STR("a.sql/x"), FILES_MISSING, ""},
        {STR("a.sql/"), FILES_MISSING, ""},
        {STR("a.sql\0.txt"), FILES_MISSING, ""},
        {STR("fifo"), FILES_NOT_REGULAR, ""},
        {STR("sub"), FILES_NOT_REGULAR, ""},
        {STR("."), FILES_NOT_REGULAR, ""},
    };
    plant(room);
    int root = openat(room->fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct strbuf out = {0};
        struct err err = {0};
        enum files_trouble trouble = FILES_FAILED;
        print_message("# \"%s\"\n", table[i].path.ptr);
        bool ok = files_read_beneath(root, table[i].path, 100, &out, &trouble, &err);
        assert_int_equal(trouble, table[i].trouble);
        assert_int_equal(ok, trouble == FILES_OK);
        assert_string_equal(out.ptr ? out.ptr : "", table[i].content);
        assert_int_equal(err.message[0] == '\0', ok);
        strbuf_release(&out);
    }
    (void)close(root);
}

static void a_name_beyond_the_limit_is_only_missing(void **state)
{
    struct room *room = *state;
    struct strbuf path = {0};
    struct err err = {0};
    enum files_trouble trouble = FILES_OK;

    strbuf_repeat(&path, 'x', 5000);
    assert_int_equal(
        files_open_beneath(room->fd, strbuf_str(&path), O_RDONLY, 0, &trouble, &err), -1);
    assert_int_equal(trouble, FILES_MISSING);
    strbuf_release(&path);
}

static void creating_beneath_has_the_exact_mode(void **state)
{
    struct room *room = *state;
    struct err err = {0};
    enum files_trouble trouble = FILES_FAILED;

    assert_int_equal(mkdirat(room->fd, "sub", 0700), 0);
    (void)umask(0);
    int fd =
        files_open_beneath(room->fd, STR("sub/one"), O_WRONLY | O_CREAT, 0640, &trouble, &err);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    (void)umask(077);
    fd = files_open_beneath(room->fd, STR("sub/two"), O_WRONLY | O_CREAT | O_EXCL, 0644,
                            &trouble, &err);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    (void)umask(022);
    assert_int_equal(mode_of(room, "sub/one"), 0640);
    assert_int_equal(mode_of(room, "sub/two"), 0644);
    assert_int_equal(files_open_beneath(room->fd, STR("sub/two"), O_WRONLY | O_CREAT | O_EXCL,
                                        0600, &trouble, &err),
                     -1);
    assert_int_equal(trouble, FILES_EXISTS);
    fd = files_open_beneath(room->fd, STR("sub/two"), O_WRONLY | O_CREAT, 0600, &trouble, &err);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(mode_of(room, "sub/two"), 0644);
    assert_int_equal(symlinkat("planted", room->fd, "sub/trap"), 0);
    assert_int_equal(
        files_open_beneath(room->fd, STR("sub/trap"), O_WRONLY | O_CREAT, 0600, &trouble, &err),
        -1);
    assert_int_equal(trouble, FILES_SYMLINK);
    assert_false(is_there(room, "sub/planted"));
}

static void descriptors_do_not_leak_and_close_on_exec(void **state)
{
    struct room *room = *state;
    struct err err = {0};
    enum files_trouble trouble = FILES_OK;

    plant(room);
    int first = open("/dev/null", O_RDONLY | O_CLOEXEC);
    (void)close(first);
    for (int i = 0; i < 20; i++) {
        struct strbuf out = {0};
        assert_true(files_read_beneath(room->fd, STR("root/sub/b.sql"), 9, &out, NULL, &err));
        assert_false(files_read_beneath(room->fd, STR("root/sub/no"), 9, &out, NULL, &err));
        assert_false(files_read_beneath(room->fd, STR("root/fifo"), 9, &out, NULL, &err));
        strbuf_release(&out);
    }
    int fd = files_open_beneath(room->fd, STR("root/sub/b.sql"), O_RDONLY, 0, &trouble, &err);
    assert_int_equal(fd, first);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    (void)close(fd);
}

static void the_hash_of_a_file_needs_no_memory_for_it_and_moves_nothing(void **state)
{
    struct room *room = *state;
    struct strbuf text = {0};
    struct sha256_hex of_file;
    struct err err = {0};
    int64_t size = 0;

    strbuf_repeat(&text, 'g', 300001); /* several pieces, the last one short */
    put(room, "big", text.ptr);
    struct sha256_hex of_text = sha256_of(strbuf_str(&text));
    strbuf_release(&text);
    int fd = openat(room->fd, "big", O_RDONLY | O_CLOEXEC);
    assert_int_equal(lseek(fd, 7, SEEK_SET), 7);
    assert_true(files_sha256(fd, &of_file, &err));
    assert_string_equal(of_file.text, of_text.text);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 7);
    assert_true(files_size(fd, &size, &err));
    assert_int_equal(size, 300001);
    assert_false(files_sha256(room->fd, &of_file, &err));
    assert_false(files_size(room->fd, &size, &err));
    (void)close(fd);
}

static void a_list_is_sorted_and_tells_types_without_following(void **state)
{
    struct room *room = *state;
    struct arena arena = {0};
    struct files_list list;
    struct err err = {0};
    static const struct {
        const char *name;
        enum files_type type;
    } wanted[] = {
        {".hidden", FILES_TYPE_REGULAR}, {"B", FILES_TYPE_REGULAR},
        {"a", FILES_TYPE_DIRECTORY},     {"link", FILES_TYPE_SYMLINK},
        {"pipe", FILES_TYPE_OTHER},      {"\xC3\xA9", FILES_TYPE_REGULAR},
    };

    put(room, "\xC3\xA9", "");
    put(room, "B", "");
    put(room, ".hidden", "");
    assert_int_equal(mkdirat(room->fd, "a", 0700), 0);
    assert_int_equal(symlinkat("a", room->fd, "link"), 0);
    assert_int_equal(mkfifoat(room->fd, "pipe", 0600), 0);
    for (int round = 0; round < 2; round++) { /* the first reading must not use it up */
        assert_true(files_list(room->fd, &arena, &list, &err));
        assert_int_equal(list.count, COUNT_OF(wanted));
        for (size_t i = 0; i < list.count; i++) {
            assert_string_equal(list.entries[i].name.ptr, wanted[i].name);
            assert_int_equal(list.entries[i].type, wanted[i].type);
        }
    }
    int empty = openat(room->fd, "a", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(files_list(empty, &arena, &list, &err));
    assert_int_equal(list.count, 0);
    (void)close(empty);
    arena_release(&arena);
}

static void free_space_is_a_plausible_number(void **state)
{
    struct room *room = *state;
    struct err err = {0};
    int64_t bytes = -1;

    assert_true(files_free_bytes(room->path, &bytes, &err));
    assert_true(bytes >= 0);
    assert_false(files_free_bytes("/tmp/no such folder of ours", &bytes, &err));
    assert_non_null(strstr(err.message, "is not there"));
}

static void every_trouble_has_words(void **state)
{
    (void)state;
    assert_string_equal(files_trouble_text(FILES_OK), "");
    for (int trouble = FILES_MISSING; trouble <= FILES_FAILED; trouble++) {
        assert_true(files_trouble_text((enum files_trouble)trouble)[0] != '\0');
    }
    assert_int_equal(files_trouble_of(0), FILES_OK);
    assert_int_equal(files_trouble_of(EACCES), FILES_DENIED);
    assert_int_equal(files_trouble_of(EIO), FILES_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_room(a_file_is_read_whole_up_to_the_cap),
        in_room(a_file_that_lies_about_its_size_meets_the_cap_too),
        in_room(fault_F44_only_ordinary_files_are_read_and_nothing_hangs),
        in_room(an_error_shows_a_hostile_name_harmlessly),
        in_room(nothing_beneath_a_folder_leads_out_of_it),
        in_room(a_name_beyond_the_limit_is_only_missing),
        in_room(creating_beneath_has_the_exact_mode),
        in_room(descriptors_do_not_leak_and_close_on_exec),
        in_room(the_hash_of_a_file_needs_no_memory_for_it_and_moves_nothing),
        in_room(a_list_is_sorted_and_tells_types_without_following),
        in_room(free_space_is_a_plausible_number),
        cmocka_unit_test(every_trouble_has_words),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
