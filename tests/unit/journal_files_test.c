/* SPDX-License-Identifier: PostgreSQL */
/*
 * The files of a journal: who may read and write them, which links are not followed, and that
 * after an error, as of a full disk, nothing is trusted any more.
 */
#include "journal_room.h"

/* ------------------------------------------------------------- files, F44 */

static void assert_mode(const struct place *place, const char *name, mode_t mode)
{
    char path[256];
    struct stat info;
    file_path(place, name, path, sizeof(path));
    assert_int_equal(lstat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, mode);
}

static void fault_F44_modes_do_not_follow_the_umask(void **state)
{
    struct place *place = *state;
    static const mode_t masks[] = {0, 077, 0777};
    for (size_t i = 0; i < COUNT_OF(masks); i++) {
        char run[8];
        snprintf(run, sizeof(run), "m%zu", i);
        place->head.run = str_from(run);
        snprintf(place->path, sizeof(place->path), "%s/runs/%s", place->root, run);
        mode_t old = umask(masks[i]);
        struct journal *journal = open_new(place);
        struct sha256_hex name;
        struct err err = {0};
        assert_true(journal_store_blob(journal, STR("bytes"), &name, &err));
        umask(old);
        assert_mode(place, ".", 0700);
        assert_mode(place, JOURNAL_FILE, 0600);
        assert_mode(place, JOURNAL_RESERVE, 0600);
        assert_mode(place, name.text, 0600);
        journal_close(journal);
    }
}

/* The lock keeps a second process out, on the same host, whatever it wants. */
static void a_second_process_is_refused(void **state)
{
    struct place *place = *state;
    struct err err = {0};
    struct journal *journal = open_new(place);
    assert_null(journal_open_again(place->path, &err));
    assert_int_equal(err.kind, ERR_LOCKED);
    journal_close(journal);
    journal = journal_open_again(place->path, &err);
    assert_non_null(journal);
    journal_close(journal);
}

static void a_run_of_the_same_name_is_refused(void **state)
{
    struct place *place = *state;
    struct err err = {0};
    char root[96];
    snprintf(root, sizeof(root), "%s/runs", place->root);
    journal_close(open_new(place));
    assert_null(journal_open_new(root, &place->head, NOON, &err));
    assert_int_equal(err.kind, ERR_USAGE);
}

static void fault_F44_a_planted_link_is_not_followed(void **state)
{
    struct place *place = *state;
    struct err err = {0};
    char victim[96];
    char root[96];
    char link_path[256];
    snprintf(root, sizeof(root), "%s/runs", place->root);
    snprintf(victim, sizeof(victim), "%s/victim", place->root);
    /* At the run's own name. */
    assert_int_equal(mkdir(root, 0700), 0);
    assert_int_equal(mkdir(victim, 0700), 0);
    assert_int_equal(symlink(victim, place->path), 0);
    assert_null(journal_open_new(root, &place->head, NOON, &err));
    assert_int_equal(unlink(place->path), 0);
    assert_int_equal(rmdir(victim), 0);
    /* At the journal's name, when a run is taken up. */
    write_some(place);
    file_path(place, JOURNAL_FILE, link_path, sizeof(link_path));
    assert_int_equal(rename(link_path, victim), 0);
    assert_int_equal(symlink(victim, link_path), 0);
    err = (struct err){0};
    assert_null(journal_open_again(place->path, &err));
    assert_int_equal(err.kind, ERR_RECORD);
}

static void a_folder_open_to_others_is_refused(void **state)
{
    struct place *place = *state;
    struct err err = {0};
    char root[96];
    snprintf(root, sizeof(root), "%s/runs", place->root);
    assert_int_equal(mkdir(root, 0700), 0);
    assert_int_equal(chmod(root, 0777), 0);
    assert_null(journal_open_new(root, &place->head, NOON, &err));
    assert_int_equal(err.kind, ERR_RECORD);
}

static void a_changed_blob_is_refused(void **state)
{
    struct place *place = *state;
    struct err err = {0};
    struct sha256_hex name;
    struct strbuf out = {0};
    char path[256];
    struct journal *journal = open_new(place);
    int fd = journal_directory_fd(journal);
    assert_true(journal_store_blob(journal, STR("select 1;"), &name, &err));
    assert_true(journal_store_blob(journal, STR("select 1;"), &name, &err));
    assert_true(journal_load_blob(fd, sha256_str(&name), &out, &err));
    assert_true(str_eq(strbuf_str(&out), "select 1;"));
    file_path(place, name.text, path, sizeof(path));
    int file = open(path, O_WRONLY);
    assert_int_equal(pwrite(file, "S", 1, 0), 1);
    close(file);
    assert_false(journal_load_blob(fd, sha256_str(&name), &out, &err));
    assert_false(journal_store_blob(journal, STR("select 1;"), &name, &err));
    assert_false(journal_load_blob(fd, STR("../journal.jsonl"), &out, &err));
    strbuf_release(&out);
    journal_close(journal);
}

/* ----------------------------------------------------------- full disk, F31 */

/* In a child, since a limit cannot be raised again: writing fails, the latch falls. */
static int child_with_limit(struct place *place)
{
    struct journal *journal = open_new(place);
    struct rlimit limit = {.rlim_cur = 4096, .rlim_max = 4096};
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) {
        return 2;
    }
    struct event event = {.kind = EVENT_SCRIBE,
                          .at_us = NOON,
                          .script = -1,
                          .text = STR("a note of some length, so that the file is soon full")};
    struct err err = {0};
    uint64_t seq;
    int written = 0;
    while (written < 100 && journal_append_event(journal, &event, &seq, &err)) {
        written++;
    }
    bool good = written > 5 && written < 100 && err.kind == ERR_RECORD &&
                journal_has_failed(journal) && !announce(journal, RECORD_INTENT, 0);
    journal_close(journal);
    return good ? 0 : 3;
}

static void fault_F31_a_failed_write_latches_and_leaves_a_whole_chain(void **state)
{
    struct place *place = *state;
    pid_t child = fork();
    if (child == 0) {
        _exit(child_with_limit(place));
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    struct journal_log log;
    struct err err = {0};
    assert_true(journal_read(place->path, &log, &err));
    assert_int_equal(log.verdict, JOURNAL_INTACT);
    journal_log_release(&log);
}

/* unshare(2) and two flags of clone(2), which a strict POSIX hides. */
int unshare(int flags);
int chroot(const char *path);
enum {
    NEW_MOUNTS = 0x00020000,
    NEW_USERS = 0x10000000
};

static bool write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    return fd >= 0 && close(fd) == 0 && ok;
}

/* Where mounts are seen by us alone; an ordinary user becomes root of such a place. */
static bool enter_namespace(void)
{
    char uids[64];
    char gids[64];
    (void)snprintf(uids, sizeof(uids), "0 %u 1", (unsigned)geteuid());
    (void)snprintf(gids, sizeof(gids), "0 %u 1", (unsigned)getegid());
    if (geteuid() == 0) {
        return unshare(NEW_MOUNTS) == 0 &&
               mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
    }
    return unshare(NEW_USERS | NEW_MOUNTS) == 0 && write_text("/proc/self/uid_map", uids) &&
           write_text("/proc/self/setgroups", "deny") && write_text("/proc/self/gid_map", gids);
}

static void fill_disk(void)
{
    int fd = open("/fill", O_WRONLY | O_CREAT, 0600);
    char zeros[4096] = {0};
    while (write(fd, zeros, sizeof(zeros)) > 0) {
    }
    close(fd);
}

/* In a child, because the small disk is its root: 0, or the number of what went wrong. */
static int child_on_full_disk(struct place *place)
{
    if (!enter_namespace() ||
        mount("none", place->root, "tmpfs", MS_NOSUID | MS_NODEV, "size=256k,mode=0700") != 0 ||
        chroot(place->root) != 0 || chdir("/") != 0) {
        return 10;
    }
    struct err err = {0};
    struct event event = {.kind = EVENT_SCRIBE, .at_us = NOON, .script = -1};
    struct strbuf text = {0};
    uint64_t seq;
    struct journal *journal = journal_open_new("/runs", &place->head, NOON, &err);
    if (!journal) {
        return 11;
    }
    fill_disk();
    strbuf_repeat(&text, 'x', 8192);
    event.text = strbuf_str(&text);
    bool first = journal_append_event(journal, &event, &seq, &err);
    bool second = first && journal_append_event(journal, &event, &seq, &err);
    bool full = !(first && second) && journal_trouble(journal) == JOURNAL_FULL;
    uint64_t count = journal_count(journal);
    bool ends = !announce(journal, RECORD_INTENT, 0) && announce(journal, RECORD_END, -1) &&
                journal_count(journal) == count + 1;
    struct journal_log log;
    bool whole = journal_read("/runs/r1", &log, &err) && log.verdict == JOURNAL_INTACT &&
                 log.count == count + 1;
    journal_log_release(&log);
    journal_close(journal);
    strbuf_release(&text);
    return !full ? 12 : !ends ? 13 : !whole ? 14 : 0;
}

/* On a disk that is really full the reserve makes room for the record under way. */
static void fault_F31_the_last_record_fits_into_the_reserve(void **state)
{
    pid_t child = fork();
    if (child == 0) {
        _exit(child_on_full_disk(*state));
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_PLACE(fault_F44_modes_do_not_follow_the_umask),
        IN_PLACE(a_second_process_is_refused),
        IN_PLACE(a_run_of_the_same_name_is_refused),
        IN_PLACE(fault_F44_a_planted_link_is_not_followed),
        IN_PLACE(a_folder_open_to_others_is_refused),
        IN_PLACE(a_changed_blob_is_refused),
        IN_PLACE(fault_F31_a_failed_write_latches_and_leaves_a_whole_chain),
        IN_PLACE(fault_F31_the_last_record_fits_into_the_reserve),
    };
#undef IN_PLACE
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
