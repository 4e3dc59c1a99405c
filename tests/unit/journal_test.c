/* SPDX-License-Identifier: PostgreSQL */
/*
 * The journal on a real file system: what is written is read back, whatever was changed
 * since is found, a torn tail is cut and nothing else, and after an error nothing is
 * trusted any more.
 */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "files.h"
#include "journal_private.h"

#define NOON INT64_C(1706702400000000) /* 2024-01-31 12:00 UTC */

struct place {
    char root[64];
    char path[128];
    struct journal_head head;
};

static int setup(void **state)
{
    struct place *place = mem_zero(1, sizeof(*place));
    snprintf(place->root, sizeof(place->root), "/tmp/gonogo-journal-XXXXXX");
    assert_non_null(mkdtemp(place->root));
    snprintf(place->path, sizeof(place->path), "%s/runs/r1", place->root);
    place->head = (struct journal_head){.version = STR("0.1.0"),
                                        .run = STR("r1"),
                                        .plan = STR("/plans/p.yaml"),
                                        .name = STR("a plan"),
                                        .digest = STR("d1"),
                                        .target = STR("demo"),
                                        .mode = RUN_REHEARSAL,
                                        .time_scale = 720.0,
                                        .opens_us = NOON,
                                        .who = STR("anna@host")};
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    struct place *place = *state;
    struct err err = {0};
    const char *name = strrchr(place->root, '/') + 1;
    int tmp = files_open_directory(AT_FDCWD, "/tmp", NULL, &err);
    assert_true(files_remove_tree(tmp, name, &err));
    close(tmp);
    free(place);
    return 0;
}

static struct journal *open_new(struct place *place)
{
    struct err err = {0};
    char root[96];
    snprintf(root, sizeof(root), "%s/runs", place->root);
    struct journal *journal = journal_open_new(root, &place->head, NOON, &err);
    if (!journal) {
        print_error("%s\n", err.message);
    }
    assert_non_null(journal);
    return journal;
}

static void add_event(struct journal *journal, enum event_kind kind, const char *text)
{
    struct err err = {0};
    uint64_t seq = 0;
    struct event event = {.kind = kind, .at_us = NOON, .script = -1, .text = str_from(text)};
    assert_true(journal_append_event(journal, &event, &seq, &err));
    assert_int_equal(seq, journal_count(journal));
}

static bool announce(struct journal *journal, enum record record, int script)
{
    struct err err = {0};
    struct effect effect = {.kind = EFFECT_JOURNAL,
                            .record = record,
                            .script = script,
                            .sync = true,
                            .xid = 77,
                            .pid = 88,
                            .announced = 1};
    return journal_announce(journal, &effect, NOON, "{\"ledger_key\":\"011\"}", &err);
}

/* A journal with a head and six records. */
static void write_some(struct place *place)
{
    struct journal *journal = open_new(place);
    add_event(journal, EVENT_START, "");
    add_event(journal, EVENT_SCRIBE, "one \"quoted\" \\ line");
    assert_true(announce(journal, RECORD_INTENT, 0));
    add_event(journal, EVENT_SCRIBE, "two");
    assert_true(announce(journal, RECORD_COMMIT_SENT, 0));
    add_event(journal, EVENT_SCRIBE, "three");
    journal_close(journal);
}

static void file_path(const struct place *place, const char *name, char *out, size_t size)
{
    snprintf(out, size, "%s/%s", place->path, name);
}

static struct strbuf read_journal(const struct place *place)
{
    char path[256];
    struct strbuf bytes = {0};
    struct err err = {0};
    file_path(place, JOURNAL_FILE, path, sizeof(path));
    assert_true(files_read(AT_FDCWD, path, JOURNAL_SIZE_MAX, &bytes, NULL, &err));
    return bytes;
}

static void write_journal(const struct place *place, struct str bytes)
{
    char path[256];
    struct err err = {0};
    file_path(place, JOURNAL_FILE, path, sizeof(path));
    int fd = open(path, O_WRONLY | O_TRUNC);
    assert_true(fd >= 0);
    assert_true(files_write_all(fd, bytes, NULL, &err));
    close(fd);
}

/* ------------------------------------------------------------------ reading */

static bool count_event(void *ctx, const struct event *event, struct err *err)
{
    (void)err;
    int *count = ctx;
    assert_true(event->seq > 1);
    if (event->kind == EVENT_SCRIBE && *count == 1) {
        assert_true(str_eq(event->text, "one \"quoted\" \\ line"));
    }
    (*count)++;
    return true;
}

static void what_is_written_is_read_back(void **state)
{
    struct place *place = *state;
    struct journal_log log;
    struct err err = {0};
    int events = 0;
    write_some(place);
    assert_true(journal_read(place->path, &log, &err));
    assert_int_equal(log.verdict, JOURNAL_INTACT);
    assert_int_equal(log.count, 7);
    assert_true(str_eq(log.head.name, "a plan"));
    assert_true(str_eq(log.head.who, "anna@host"));
    assert_int_equal(log.head.mode, RUN_REHEARSAL);
    assert_true(log.head.time_scale > 719.0 && log.head.time_scale < 721.0);
    assert_true(journal_fold(&log, count_event, &events, &err));
    assert_int_equal(events, 4);
    assert_int_equal(journal_find(&log, log.records[3].hash), 4);
    assert_int_equal(journal_find(&log, STR(JOURNAL_NO_HASH)), 0);
    journal_log_release(&log);
}

static const char hostile[] =
    "del \x7f csi \xC2\x9B line \xE2\x80\xA8 override \xE2\x80\xAE tag "
    "\xF3\xA0\x81\x81 esc \x1b[2J caf\xC3\xA9";

static bool is_hostile(void *ctx, const struct event *event, struct err *err)
{
    (void)err;
    bool *seen = ctx;
    *seen = *seen || (event->kind == EVENT_SCRIBE && str_eq(event->text, hostile));
    return true;
}

/* What a database put into a name must not reach the terminal of who looks at the journal. */
static void fault_F42_a_journal_is_harmless_to_look_at(void **state)
{
    struct place *place = *state;
    struct journal *journal = open_new(place);
    add_event(journal, EVENT_SCRIBE, hostile);
    journal_close(journal);
    struct strbuf bytes = read_journal(place);
    struct strbuf seen = {0};
    sanitise(&seen, strbuf_str(&bytes), SANITISE_LINES);
    assert_string_equal(seen.ptr, bytes.ptr);
    strbuf_release(&seen);
    struct journal_log log;
    struct err err = {0};
    bool found = false;
    assert_true(journal_read_bytes(&bytes, &log, &err));
    assert_int_equal(log.verdict, JOURNAL_INTACT);
    assert_true(journal_fold(&log, is_hostile, &found, &err));
    assert_true(found);
    journal_log_release(&log);
}

/* The chain is over the bytes as they stand: what was written raw verifies and reads on. */
static void a_journal_with_raw_text_still_verifies(void **state)
{
    struct place *place = *state;
    journal_close(open_new(place));
    struct strbuf bytes = read_journal(place);
    size_t start = bytes.len;
    char prev[SHA256_HEX];
    memcpy(prev, bytes.ptr + bytes.len - strlen("\"}\n") - SHA256_HEX, SHA256_HEX);
    journal_line_begin(&bytes, 2, NOON, JOURNAL_EVENT);
    strbuf_format(&bytes, "{\"event\":\"%s\",\"text\":\"a \x7f \xE2\x80\xAE b\"}",
                  event_infos[EVENT_SCRIBE].word);
    journal_line_end(&bytes, start, prev);
    write_journal(place, strbuf_str(&bytes));
    strbuf_release(&bytes);
    struct err err = {0};
    struct journal *journal = journal_open_again(place->path, &err);
    assert_non_null(journal);
    add_event(journal, EVENT_SCRIBE, hostile);
    journal_close(journal);
    struct journal_log log;
    assert_true(journal_read(place->path, &log, &err));
    assert_int_equal(log.verdict, JOURNAL_INTACT);
    assert_int_equal(log.count, 3);
    assert_true(str_find_byte(log.records[1].data, '\x7f', 0) < log.records[1].data.len);
    journal_log_release(&log);
}

static void the_documented_hash_is_the_hash(void **state)
{
    struct place *place = *state;
    write_some(place);
    struct strbuf bytes = read_journal(place);
    struct str rest = strbuf_str(&bytes);
    struct str line;
    char prev[SHA256_HEX + 1] = JOURNAL_NO_HASH;
    while (str_cut(&rest, '\n', &line) && line.len > 0) {
        struct strbuf text = {0};
        size_t cut = line.len - strlen(",\"hash\":\"\"}") - SHA256_HEX;
        strbuf_text(&text, prev);
        strbuf_add(&text, str_slice(line, 0, cut));
        struct sha256_hex hex = sha256_of(strbuf_str(&text));
        assert_true(str_starts(str_slice(line, cut, line.len), ",\"hash\":\""));
        assert_memory_equal(hex.text, line.ptr + line.len - 2 - SHA256_HEX, SHA256_HEX);
        memcpy(prev, hex.text, sizeof(prev));
        strbuf_release(&text);
    }
    strbuf_release(&bytes);
}

static void an_altered_byte_is_found_in_its_record(void **state)
{
    struct place *place = *state;
    write_some(place);
    struct strbuf good = read_journal(place);
    size_t line = 1;
    for (size_t i = 0; i < good.len; i++) {
        char was = good.ptr[i];
        if (was == '\n') {
            line++;
            continue;
        }
        struct strbuf copy = {0};
        struct journal_log log;
        struct err err = {0};
        strbuf_add(&copy, strbuf_str(&good));
        copy.ptr[i] = (char)(was ^ 1);
        bool read = journal_read_bytes(&copy, &log, &err);
        strbuf_release(&copy);
        if (!read) {
            assert_int_equal(line, 1);
            continue;
        }
        if (log.verdict != JOURNAL_ALTERED || log.at != line) {
            print_error("byte %zu of line %zu: %s at %llu\n", i, line,
                        journal_verdict_words[log.verdict], (unsigned long long)log.at);
        }
        assert_int_equal(log.verdict, JOURNAL_ALTERED);
        assert_int_equal(log.at, line);
        assert_int_equal(log.count, line - 1);
        journal_log_release(&log);
    }
    strbuf_release(&good);
}

/* A record that is whole but stands where another should. */
static void a_missing_or_moved_record_is_a_gap(void **state)
{
    struct place *place = *state;
    write_some(place);
    struct strbuf good = read_journal(place);
    for (size_t skip = 2; skip <= 6; skip++) {
        struct strbuf copy = {0};
        struct str rest = strbuf_str(&good);
        struct str line;
        for (size_t n = 1; str_cut(&rest, '\n', &line) && line.len > 0; n++) {
            if (n != skip) {
                strbuf_add(&copy, line);
                strbuf_byte(&copy, '\n');
            }
        }
        struct journal_log log;
        struct err err = {0};
        assert_true(journal_read_bytes(&copy, &log, &err));
        assert_int_equal(log.verdict, JOURNAL_GAP);
        assert_int_equal(log.at, skip);
        journal_log_release(&log);
    }
    strbuf_release(&good);
}

static void a_tail_cut_at_a_line_end_needs_the_anchor(void **state)
{
    struct place *place = *state;
    write_some(place);
    struct strbuf good = read_journal(place);
    struct journal_log whole;
    struct journal_log cut;
    struct err err = {0};
    assert_true(journal_read(place->path, &whole, &err));
    struct strbuf copy = {0};
    size_t last = whole.records[whole.count - 1].line.len + 1;
    strbuf_add(&copy, str_slice(strbuf_str(&good), 0, good.len - last));
    assert_true(journal_read_bytes(&copy, &cut, &err));
    assert_int_equal(cut.verdict, JOURNAL_INTACT);
    assert_int_equal(journal_find(&cut, whole.records[whole.count - 1].hash), 0);
    assert_int_equal(journal_find(&cut, whole.records[whole.count - 2].hash), whole.count - 1);
    journal_log_release(&whole);
    journal_log_release(&cut);
    strbuf_release(&good);
}

/* F01: at whatever byte the writing broke off. */
static void fault_F01_a_torn_tail_is_cut_and_taken_up(void **state)
{
    struct place *place = *state;
    write_some(place);
    struct strbuf good = read_journal(place);
    struct err err = {0};
    size_t last = 0;
    for (size_t i = 0; i + 1 < good.len; i++) {
        last = good.ptr[i] == '\n' ? i + 1 : last;
    }
    for (size_t end = last + 1; end < good.len; end += 7) {
        struct journal_log log;
        write_journal(place, str_slice(strbuf_str(&good), 0, end));
        assert_true(journal_read(place->path, &log, &err));
        assert_int_equal(log.verdict, JOURNAL_TORN);
        assert_int_equal(log.count, 6);
        assert_int_equal(log.good, last);
        journal_log_release(&log);
        struct journal *journal = journal_open_again(place->path, &err);
        assert_non_null(journal);
        assert_int_equal(journal_count(journal), 6);
        add_event(journal, EVENT_SCRIBE, "after");
        journal_close(journal);
        assert_true(journal_read(place->path, &log, &err));
        assert_int_equal(log.verdict, JOURNAL_INTACT);
        assert_int_equal(log.count, 7);
        journal_log_release(&log);
    }
    strbuf_release(&good);
}

static void an_altered_journal_is_not_taken_up(void **state)
{
    struct place *place = *state;
    write_some(place);
    struct strbuf good = read_journal(place);
    good.ptr[good.len / 2] ^= 1;
    write_journal(place, strbuf_str(&good));
    struct err err = {0};
    assert_null(journal_open_again(place->path, &err));
    assert_int_equal(err.kind, ERR_RECORD);
    strbuf_release(&good);
}

/* ----------------------------------------------------------------- evidence */

static void evidence_is_the_commit_without_an_answer(void **state)
{
    struct place *place = *state;
    write_some(place);
    struct journal_log log;
    struct journal_evidence evidence;
    struct err err = {0};
    assert_true(journal_read(place->path, &log, &err));
    assert_true(journal_evidence(&log, &evidence, &err));
    assert_true(evidence.commit_sent);
    assert_int_equal(evidence.script, 0);
    assert_int_equal(evidence.xid, 77);
    assert_int_equal(evidence.pid, 88);
    journal_log_release(&log);

    struct journal *journal = journal_open_again(place->path, &err);
    assert_non_null(journal);
    struct event answer = {.kind = EVENT_COMMITTED, .at_us = NOON, .outcome = OUTCOME_OK};
    uint64_t seq;
    assert_true(journal_append_event(journal, &answer, &seq, &err));
    journal_close(journal);
    assert_true(journal_read(place->path, &log, &err));
    assert_true(journal_evidence(&log, &evidence, &err));
    assert_false(evidence.commit_sent);
    journal_log_release(&log);
}

/* A new attempt begins with its own INTENT: the old COMMIT-SENT is not its evidence. */
static void intent_begins_the_evidence_anew(void **state)
{
    struct place *place = *state;
    struct journal_log log;
    struct journal_evidence evidence;
    struct err err = {0};
    struct journal *journal = open_new(place);
    assert_true(announce(journal, RECORD_INTENT, 0));
    assert_true(announce(journal, RECORD_COMMIT_SENT, 0));
    assert_true(announce(journal, RECORD_INTENT, 1));
    journal_close(journal);
    assert_true(journal_read(place->path, &log, &err));
    assert_true(journal_evidence(&log, &evidence, &err));
    assert_false(evidence.commit_sent);
    assert_int_equal(evidence.script, 1);
    journal_log_release(&log);
}

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
        IN_PLACE(what_is_written_is_read_back),
        IN_PLACE(fault_F42_a_journal_is_harmless_to_look_at),
        IN_PLACE(a_journal_with_raw_text_still_verifies),
        IN_PLACE(the_documented_hash_is_the_hash),
        IN_PLACE(an_altered_byte_is_found_in_its_record),
        IN_PLACE(a_missing_or_moved_record_is_a_gap),
        IN_PLACE(a_tail_cut_at_a_line_end_needs_the_anchor),
        IN_PLACE(fault_F01_a_torn_tail_is_cut_and_taken_up),
        IN_PLACE(an_altered_journal_is_not_taken_up),
        IN_PLACE(evidence_is_the_commit_without_an_answer),
        IN_PLACE(intent_begins_the_evidence_anew),
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
