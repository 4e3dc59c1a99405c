/* SPDX-License-Identifier: PostgreSQL */
/*
 * Writing, private folders and removal, on a real disk. Row F44: planted links,
 * FIFOs and hard links at our names, and every umask, change nothing.
 */
#include "files_room.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

static void fault_F44_a_new_file_is_never_a_planted_one(void **state)
{
    struct room *room = *state;
    static const char *const planted[] = {"link", "dangling", "fifo", "hard", "folder", "file"};
    struct err err = {0};

    put(room, "victim", "untouched");
    put(room, "file", "old");
    assert_int_equal(symlinkat("victim", room->fd, "link"), 0);
    assert_int_equal(symlinkat("made", room->fd, "dangling"), 0);
    assert_int_equal(mkfifoat(room->fd, "fifo", 0600), 0);
    assert_int_equal(linkat(room->fd, "victim", room->fd, "hard", 0), 0);
    assert_int_equal(mkdirat(room->fd, "folder", 0700), 0);
    for (size_t i = 0; i < COUNT_OF(planted); i++) {
        enum files_trouble trouble = FILES_OK;
        print_message("# %s\n", planted[i]);
        assert_int_equal(files_create_exclusive(room->fd, planted[i], 0600, &trouble, &err),
                         -1);
        assert_int_equal(trouble, FILES_EXISTS);
        assert_int_equal(err.kind, ERR_RECORD);
    }
    expect_content(room, "victim", "untouched");
    assert_false(is_there(room, "made"));
}

static void fault_F44_modes_do_not_depend_on_the_umask(void **state)
{
    struct room *room = *state;
    static const mode_t masks[] = {0, 077, 022, 0777};
    struct err err = {0};

    for (size_t i = 0; i < COUNT_OF(masks); i++) {
        (void)umask(masks[i]);
        int fd = files_create_exclusive(room->fd, "new", 0600, NULL, &err);
        assert_true(fd >= 0);
        assert_true(files_close(fd, &err));
        assert_true(files_write_atomic(room->fd, "report", STR("r"), 0644, NULL, &err));
        if (masks[i] != 0777 || geteuid() == 0) {
            fd = files_make_directory(room->fd, "folder", 0750, NULL, &err);
            assert_true(fd >= 0);
            (void)close(fd);
            assert_int_equal(mode_of(room, "folder"), 0750);
        }
        (void)umask(022);
        assert_int_equal(mode_of(room, "new"), 0600);
        assert_int_equal(mode_of(room, "report"), 0644);
        assert_true(files_remove(room->fd, "new", &err));
        assert_true(files_remove_tree(room->fd, "folder", &err));
    }
}

static void names_are_one_component(void **state)
{
    struct room *room = *state;
    static const char *const bad[] = {"", ".", "..", "a/b", "/x", "../x"};
    struct err err = {0};

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        enum files_trouble trouble = FILES_OK;
        assert_int_equal(files_create_exclusive(room->fd, bad[i], 0600, &trouble, &err), -1);
        assert_int_equal(trouble, FILES_OUTSIDE);
        assert_int_equal(files_make_directory(room->fd, bad[i], 0700, NULL, &err), -1);
        assert_false(files_write_atomic(room->fd, bad[i], STR("x"), 0600, NULL, &err));
        assert_false(files_rename(room->fd, "a", bad[i], &err));
        assert_false(files_rename(room->fd, bad[i], "a", &err));
        assert_false(files_remove(room->fd, bad[i], &err));
        assert_false(files_remove_tree(room->fd, bad[i], &err));
    }
}

static void ignore_signal(int signal_number)
{
    (void)signal_number;
}

/*
 * The child: disturbs its parent often while the pipe is full, so that a write is broken
 * off with nothing written, then drains the pipe in odd pieces and says what it saw.
 */
static int disturb_and_drain(int fd, size_t wanted)
{
    char piece[777];
    size_t total = 0;

    for (int i = 0; i < 500; i++) {
        (void)kill(getppid(), SIGUSR1);
        (void)sched_yield();
    }
    for (;;) {
        ssize_t got = read(fd, piece, sizeof(piece));
        if (got <= 0) {
            return got == 0 && total == wanted ? 0 : 1;
        }
        for (ssize_t i = 0; i < got; i++) {
            if (piece[i] != (char)('a' + (total + (size_t)i) % 26)) {
                return 2;
            }
        }
        total += (size_t)got;
    }
}

static void write_through_a_pipe(int flags)
{
    enum {
        TOTAL = 3000000
    };
    int ends[2];
    int status = 0;
    struct strbuf text = {0};
    struct err err = {0};
    enum files_trouble trouble = FILES_FAILED;
    struct sigaction action = {.sa_handler = ignore_signal}; /* no SA_RESTART: EINTR comes */

    for (int i = 0; i < TOTAL; i++) {
        strbuf_byte(&text, (char)('a' + i % 26));
    }
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[1]);
        _exit(disturb_and_drain(ends[0], TOTAL));
    }
    (void)close(ends[0]);
    assert_int_equal(fcntl(ends[1], F_SETFL, flags), 0);
    bool ok = files_write_all(ends[1], strbuf_str(&text), &trouble, &err);
    (void)close(ends[1]);
    assert_true(ok);
    assert_int_equal(trouble, FILES_OK);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    strbuf_release(&text);
}

static void writing_survives_signals_and_short_writes(void **state)
{
    (void)state;
    write_through_a_pipe(0);
    write_through_a_pipe(O_NONBLOCK);
}

static void a_full_disk_is_told_as_such(void **state)
{
    (void)state;
    struct err err = {0};
    enum files_trouble trouble = FILES_OK;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_false(files_write_all(fd, STR("x"), &trouble, &err));
    assert_int_equal(trouble, FILES_NO_SPACE);
    assert_int_equal(err.kind, ERR_RECORD);
    assert_non_null(strstr(err.hint, "Free space"));
    (void)close(fd);
    assert_false(files_sync(fd, &err));
    assert_false(files_close(fd, &err));
}

static size_t count_names(struct room *room)
{
    struct arena arena = {0};
    struct files_list list;
    struct err err = {0};

    assert_true(files_list(room->fd, &arena, &list, &err));
    size_t count = list.count;
    arena_release(&arena);
    return count;
}

static void an_atomic_write_replaces_whole_and_leaves_nothing_else(void **state)
{
    struct room *room = *state;
    struct err err = {0};

    put(room, "victim", "untouched");
    assert_int_equal(symlinkat("victim", room->fd, "report"), 0);
    assert_true(files_write_atomic(room->fd, "report", STR("one"), 0600, NULL, &err));
    expect_content(room, "report", "one");
    expect_content(room, "victim", "untouched");
    assert_true(files_write_atomic(room->fd, "report", (struct str){0}, 0640, NULL, &err));
    expect_content(room, "report", "");
    assert_int_equal(mode_of(room, "report"), 0640);
    assert_int_equal(count_names(room), 2);
}

static void a_failed_atomic_write_leaves_the_old_content(void **state)
{
    struct room *room = *state;
    struct err err = {0};
    enum files_trouble trouble = FILES_OK;

    assert_int_equal(mkdirat(room->fd, "report", 0700), 0);
    put(room, "report/old", "kept"); /* a folder cannot be replaced by a file */
    assert_false(files_write_atomic(room->fd, "report", STR("new"), 0600, &trouble, &err));
    assert_int_equal(trouble, FILES_NOT_REGULAR);
    expect_content(room, "report/old", "kept");
    assert_int_equal(count_names(room), 1);
}

static void a_planted_temporary_name_is_stepped_over(void **state)
{
    struct room *room = *state;
    struct err err = {0};
    char temporary[64];

    put(room, "victim", "untouched");
    (void)snprintf(temporary, sizeof(temporary), ".new-%ld-0", (long)getpid());
    assert_int_equal(symlinkat("victim", room->fd, temporary), 0);
    assert_true(files_write_atomic(room->fd, "report", STR("new"), 0600, NULL, &err));
    expect_content(room, "report", "new");
    expect_content(room, "victim", "untouched");
}

static void renaming_and_removing_say_what_failed(void **state)
{
    struct room *room = *state;
    struct err err = {0};

    put(room, "a", "A");
    put(room, "b", "B");
    assert_true(files_rename(room->fd, "a", "b", &err));
    expect_content(room, "b", "A");
    assert_false(files_rename(room->fd, "a", "b", &err));
    assert_non_null(strstr(err.message, "could not rename \"a\""));
    assert_true(files_remove(room->fd, "b", &err));
    assert_true(files_remove(room->fd, "b", &err));
    assert_int_equal(count_names(room), 0);
    assert_true(files_sync_directory(room->fd, &err));
}

/* ---------------------------------------------------------- private folders */

static int make_private(struct room *room, const char *below, enum files_trouble *trouble)
{
    struct strbuf path = {0};
    struct err err = {0};

    strbuf_format(&path, "%s/%s", room->path, below);
    int fd = files_make_directory_private(path.ptr, trouble, &err);
    assert_int_equal(fd < 0, err.message[0] != '\0');
    strbuf_release(&path);
    return fd;
}

static void expect_private(struct room *room, const char *below, enum files_trouble wanted)
{
    enum files_trouble trouble = FILES_FAILED;
    int fd = make_private(room, below, &trouble);

    assert_int_equal(trouble, wanted);
    assert_int_equal(fd >= 0, wanted == FILES_OK);
    if (fd >= 0) {
        (void)close(fd);
    }
}

static void fault_F44_a_private_folder_and_its_new_parents_are_ours_alone(void **state)
{
    struct room *room = *state;

    (void)umask(0);
    expect_private(room, "a/b//./c/", FILES_OK);
    (void)umask(077);
    expect_private(room, "d/e", FILES_OK);
    (void)umask(022);
    assert_int_equal(mode_of(room, "a"), 0700);
    assert_int_equal(mode_of(room, "a/b"), 0700);
    assert_int_equal(mode_of(room, "a/b/c"), 0700);
    assert_int_equal(mode_of(room, "d/e"), 0700);
    expect_private(room, "a/b/c", FILES_OK); /* again: it is there and good */
}

static void fault_F44_an_unsafe_folder_is_refused(void **state)
{
    struct room *room = *state;

    assert_int_equal(mkdirat(room->fd, "open", 0700), 0);
    assert_int_equal(fchmodat(room->fd, "open", 0770, 0), 0);
    expect_private(room, "open", FILES_DENIED);
    expect_private(room, "open/run", FILES_DENIED);
    assert_false(is_there(room, "open/run"));
    assert_int_equal(fchmodat(room->fd, "open", 01777, 0), 0);
    expect_private(room, "open", FILES_DENIED); /* sticky helps a parent only */
    expect_private(room, "open/run", FILES_OK);
    assert_int_equal(fchmodat(room->fd, "open", 0755, 0), 0);
    expect_private(room, "open", FILES_OK);

    put(room, "file", "");
    assert_int_equal(symlinkat("open", room->fd, "link"), 0);
    assert_int_equal(mkfifoat(room->fd, "fifo", 0600), 0);
    expect_private(room, "file", FILES_MISSING);
    expect_private(room, "file/run", FILES_MISSING);
    expect_private(room, "fifo", FILES_MISSING);
    expect_private(room, "link", FILES_SYMLINK);
    expect_private(room, "link/linked", FILES_OK); /* our own link, to a safe folder */
    expect_private(room, "open/../x", FILES_OUTSIDE);
    assert_int_equal(fchmodat(room->fd, "open", 0777, 0), 0);
    expect_private(room, "link/again", FILES_DENIED); /* judged where it leads */
}

static void fault_F44_a_foreign_folder_is_refused(void **state)
{
    struct room *room = *state;
    enum {
        SOMEBODY_ELSE = 65534
    };

    if (geteuid() != 0) { /* only root can give a folder away; but root's are foreign to us */
        struct err err = {0};
        enum files_trouble trouble = FILES_OK;
        assert_int_equal(files_make_directory_private("/usr", &trouble, &err), -1);
        assert_int_equal(trouble, FILES_DENIED);
        return;
    }
    assert_int_equal(mkdirat(room->fd, "foreign", 0700), 0);
    assert_int_equal(fchownat(room->fd, "foreign", SOMEBODY_ELSE, SOMEBODY_ELSE, 0), 0);
    expect_private(room, "foreign", FILES_DENIED);
    expect_private(room, "foreign/run", FILES_DENIED);
    assert_int_equal(mkdirat(room->fd, "ours", 0700), 0);
    assert_int_equal(symlinkat("ours", room->fd, "link"), 0);
    assert_int_equal(
        fchownat(room->fd, "link", SOMEBODY_ELSE, SOMEBODY_ELSE, AT_SYMLINK_NOFOLLOW), 0);
    expect_private(room, "link/run", FILES_SYMLINK);
}

static void an_empty_path_is_no_private_folder(void **state)
{
    (void)state;
    struct err err = {0};
    enum files_trouble trouble = FILES_OK;

    assert_int_equal(files_make_directory_private("", &trouble, &err), -1);
    assert_int_equal(trouble, FILES_OUTSIDE);
}

static void a_folder_is_opened_only_as_itself(void **state)
{
    struct room *room = *state;
    struct err err = {0};
    enum files_trouble trouble = FILES_OK;

    assert_int_equal(mkdirat(room->fd, "folder", 0700), 0);
    assert_int_equal(symlinkat("folder", room->fd, "link"), 0);
    int fd = files_open_directory(room->fd, "folder", &trouble, &err);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(files_open_directory(room->fd, "link", &trouble, &err), -1);
    assert_int_equal(trouble, FILES_SYMLINK);
    assert_int_equal(files_open_directory(room->fd, "absent", &trouble, &err), -1);
    assert_int_equal(trouble, FILES_MISSING);
    assert_int_equal(files_make_directory(room->fd, "link", 0700, &trouble, &err), -1);
    assert_int_equal(trouble, FILES_EXISTS);
}

/* ----------------------------------------------------------------- removal */

static void removing_a_tree_follows_no_link(void **state)
{
    struct room *room = *state;
    struct err err = {0};

    assert_int_equal(mkdirat(room->fd, "outside", 0700), 0);
    put(room, "outside/kept", "kept");
    assert_int_equal(mkdirat(room->fd, "tree", 0700), 0);
    assert_int_equal(mkdirat(room->fd, "tree/sub", 0700), 0);
    put(room, "tree/sub/file", "x");
    assert_int_equal(symlinkat("../../outside", room->fd, "tree/sub/link"), 0);
    assert_int_equal(symlinkat("..", room->fd, "tree/up"), 0);
    assert_int_equal(mkfifoat(room->fd, "tree/fifo", 0600), 0);
    assert_true(files_remove_tree(room->fd, "tree", &err));
    assert_false(is_there(room, "tree"));
    expect_content(room, "outside/kept", "kept");

    assert_int_equal(symlinkat("outside", room->fd, "link"), 0);
    assert_true(files_remove_tree(room->fd, "link", &err));
    assert_false(is_there(room, "link"));
    expect_content(room, "outside/kept", "kept");
    assert_true(files_remove_tree(room->fd, "absent", &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_room(fault_F44_a_new_file_is_never_a_planted_one),
        in_room(fault_F44_modes_do_not_depend_on_the_umask),
        in_room(names_are_one_component),
        in_room(writing_survives_signals_and_short_writes),
        in_room(a_full_disk_is_told_as_such),
        in_room(an_atomic_write_replaces_whole_and_leaves_nothing_else),
        in_room(a_failed_atomic_write_leaves_the_old_content),
        in_room(a_planted_temporary_name_is_stepped_over),
        in_room(renaming_and_removing_say_what_failed),
        in_room(fault_F44_a_private_folder_and_its_new_parents_are_ours_alone),
        in_room(fault_F44_an_unsafe_folder_is_refused),
        in_room(fault_F44_a_foreign_folder_is_refused),
        in_room(an_empty_path_is_no_private_folder),
        in_room(a_folder_is_opened_only_as_itself),
        in_room(removing_a_tree_follows_no_link),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
