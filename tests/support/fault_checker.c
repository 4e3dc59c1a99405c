/* SPDX-License-Identifier: PostgreSQL */
/*
 * The rules, in the order of what they need: the record alone, the database alone, the
 * server's log against both, the program's words against the truth.
 */
#include "fault_checker.h"

#include <libpq-fe.h>
#include <strings.h>
#include <unistd.h>

enum {
    XIDS_MAX = 64,
    RECORD_LEAD_US = 2000 /* the log has milliseconds */
};

/* What a migration leaves, and the words by which its first and last statement are known. */
struct migration {
    const char *version;
    const char *first;
    const char *last;
};
static const struct migration migrations[FAULT_MIGRATIONS] = {
    {"011", "011 cannot add its keys", "rows carry another workspace than their agent"},
    {"012", "tables that stay still refer to the nine", "of the nine tables are still there"},
};
/* tables, foreign keys, policies after 0, 1, 2 migrations */
static const int books[FAULT_MIGRATIONS + 1][3] = {{52, 38, 16}, {52, 45, 19}, {43, 42, 18}};

static void say(struct strbuf *wrong, const char *format, ...) PRINTF_LIKE(2, 3);
static void say(struct strbuf *wrong, const char *format, ...)
{
    char line[512];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    strbuf_text(wrong, line);
    strbuf_byte(wrong, '\n');
}

/* ------------------------------------------------------------------ the record */

struct announced {
    char word[24];
    int script;
    int64_t xid;
    int64_t pid;
    int64_t at_us;
};
struct record {
    struct announced *items;
    size_t count;
    size_t capacity;
};

static void take_announcement(struct record *record, const struct json *line)
{
    const struct json *data = json_find(line, "data");
    struct str word = json_text(json_find(data, "announce"));
    if (word.len == 0) {
        return;
    }
    struct announced *one = ARRAY_PUSH(record->items, record->count, record->capacity);
    (void)snprintf(one->word, sizeof(one->word), "%.*s", STR_ARG(word));
    one->script = (int)json_i64(json_find(data, "script"), -1);
    one->xid = json_i64(json_find(data, "xid"), 0);
    one->pid = json_i64(json_find(data, "pid"), 0);
    if (!time_from_text(json_text(json_find(line, "at")), &one->at_us)) {
        one->at_us = INT64_MAX;
    }
}

/* hash = SHA-256 over the digits of prev and the line before `,"hash":` */
static bool line_is_true(struct str line, const struct json *object, const char *prev)
{
    static const char mark[] = ",\"hash\":\"";
    size_t tail = sizeof(mark) - 1 + SHA256_HEX + 2;
    if (line.len <= tail || memcmp(line.ptr + line.len - tail, mark, sizeof(mark) - 1) != 0) {
        return false;
    }
    struct sha256 *hash = sha256_new();
    sha256_add(hash, (struct str){prev, SHA256_HEX});
    sha256_add(hash, str_slice(line, 0, line.len - tail));
    struct sha256_hex hex = sha256_end(hash);
    return str_eq(json_text(json_find(object, "hash")), hex.text) &&
           str_eq(json_text(json_find(object, "prev")), prev);
}

static void judge_record(const struct fault_history *h, struct record *record,
                         struct strbuf *wrong)
{
    char prev[SHA256_HEX + 1];
    memset(prev, '0', SHA256_HEX);
    prev[SHA256_HEX] = '\0';
    struct str rest = strbuf_str(&h->journal);
    bool whole = rest.len == 0 || rest.ptr[rest.len - 1] == '\n';
    struct str line;
    for (int64_t seq = 1; rest.len > 0 && str_cut(&rest, '\n', &line); seq++) {
        bool last = rest.len == 0;
        struct err err = {0};
        struct json *object = json_read(line, &err);
        bool good = object && json_i64(json_find(object, "seq"), 0) == seq &&
                    line_is_true(line, object, prev);
        if (good) {
            take_announcement(record, object);
            memcpy(prev, json_text(json_find(object, "hash")).ptr, SHA256_HEX);
        } else if (!last || whole || !h->torn_allowed) {
            say(wrong, "record %lld does not follow: %.60s", (long long)seq,
                object ? "its hash, seq or prev is wrong" : "it is no JSON");
        }
        json_free(object);
        if (!good) {
            return;
        }
    }
}

static const struct announced *find_announced(const struct record *record, const char *word,
                                              int64_t xid, int64_t pid, int script)
{
    for (size_t i = 0; i < record->count; i++) {
        const struct announced *one = &record->items[i];
        if (strcmp(one->word, word) == 0 && (xid == 0 || one->xid == xid) &&
            (pid == 0 || one->pid == pid) && (script < 0 || one->script == script)) {
            return one;
        }
    }
    return NULL;
}

/* ------------------------------------------------------------- the server's log */

struct logged {
    int64_t at_us;
    int64_t pid;
    int64_t xid;
    struct str database;
    struct str application;
    struct str text; /* the message; lines that go on are in it */
};

static bool cut_field(struct str *rest, struct str *field)
{
    size_t at = str_find_byte(*rest, '|', 0);
    if (at == rest->len) {
        return false;
    }
    *field = str_slice(*rest, 0, at);
    *rest = str_slice(*rest, at + 1, rest->len);
    return true;
}

static bool next_logged(struct str *rest, struct logged *entry)
{
    while (rest->len > 0) {
        size_t end = str_find_byte(*rest, '\n', 0);
        while (end < rest->len && end + 1 < rest->len && rest->ptr[end + 1] == '\t') {
            end = str_find_byte(*rest, '\n', end + 1);
        }
        struct str line = str_slice(*rest, 0, end);
        *rest = str_slice(*rest, end + 1, rest->len);
        struct str fields[6];
        bool good = true;
        for (size_t i = 0; i < COUNT_OF(fields) && good; i++) {
            good = cut_field(&line, &fields[i]);
        }
        double seconds = 0.0;
        if (good && str_eq(fields[0], "FAULT") && str_to_double(fields[1], &seconds) &&
            str_to_i64(fields[2], &entry->pid) && str_to_i64(fields[3], &entry->xid)) {
            entry->at_us = (int64_t)(seconds * 1e6);
            entry->database = fields[4];
            entry->application = fields[5];
            entry->text = line;
            return true;
        }
    }
    return false;
}

static bool holds(struct str text, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= text.len; i++) {
        if (memcmp(text.ptr + i, word, length) == 0) {
            return true;
        }
    }
    return false;
}

/* The statement in a message, or nothing: "LOG:  statement: x", "LOG:  execute <name>: x". */
static struct str statement_of(struct str text)
{
    static const char *const marks[] = {"LOG:  statement: ", "LOG:  execute "};
    if (str_starts(text, marks[0])) {
        return str_slice(text, strlen(marks[0]), text.len);
    }
    if (str_starts(text, marks[1])) {
        size_t colon = str_find_byte(text, ':', strlen(marks[1]));
        return str_slice(text, colon + 1, text.len);
    }
    return (struct str){0};
}

static int migration_of(struct str statement)
{
    for (int m = 0; m < FAULT_MIGRATIONS; m++) {
        if (holds(statement, migrations[m].first) || holds(statement, migrations[m].last)) {
            return m;
        }
    }
    return -1;
}

static bool is_commit(struct str statement)
{
    struct str word = str_trim(statement);
    return word.len >= 6 && strncasecmp(word.ptr, "commit", 6) == 0;
}

/* The entry of the log that tells of the COMMIT of this transaction; the last one counts. */
static int64_t commit_entry(const struct fault_history *h, int64_t xid)
{
    struct str rest = strbuf_str(&h->log);
    struct logged entry;
    int64_t found = -1;
    for (int64_t n = 0; next_logged(&rest, &entry); n++) {
        if (str_eq(entry.database, h->database) && entry.xid == xid &&
            is_commit(statement_of(entry.text))) {
            found = n;
        }
    }
    return found;
}

static void judge_log(const struct fault_history *h, const struct record *record,
                      struct strbuf *wrong)
{
    int64_t committed_at[FAULT_MIGRATIONS];
    for (int m = 0; m < FAULT_MIGRATIONS; m++) {
        committed_at[m] =
            h->committed_xid[m] > 0 ? commit_entry(h, h->committed_xid[m]) : INT64_MAX;
        if (committed_at[m] < 0) {
            say(wrong, "%s is committed as %lld, and nobody sent that COMMIT",
                migrations[m].version, (long long)h->committed_xid[m]);
            committed_at[m] = INT64_MAX;
        }
        if (h->committed_xid[m] < 0) {
            say(wrong, "%s was committed more than once", migrations[m].version);
        }
    }
    struct str rest = strbuf_str(&h->log);
    struct logged entry;
    for (int64_t n = 0; next_logged(&rest, &entry); n++) {
        struct str statement = statement_of(entry.text);
        if (!str_eq(entry.database, h->database) || !str_starts(entry.application, "gonogo")) {
            continue;
        }
        int m = migration_of(statement);
        if (m >= 0 && n > committed_at[m]) {
            say(wrong, "a statement of %s was sent again after its COMMIT",
                migrations[m].version);
        }
        if (m >= 0 && !find_announced(record, "intent", 0, entry.pid, m)) {
            say(wrong, "%s was begun on backend %lld without an INTENT", migrations[m].version,
                (long long)entry.pid);
        }
        if (entry.xid != 0 && is_commit(statement)) {
            const struct announced *sent =
                find_announced(record, "commit sent", entry.xid, 0, -1);
            if (!sent || sent->at_us > entry.at_us + RECORD_LEAD_US) {
                say(wrong, "COMMIT of transaction %lld was sent %s COMMIT-SENT",
                    (long long)entry.xid, sent ? "before its" : "without a");
            }
        }
    }
}

/* --------------------------------------------------------------- the database */

/* How many migrations the catalog shows; -1 when it shows something between. */
static int applied_by_catalog(const struct fault_history *h)
{
    for (int n = 0; n <= FAULT_MIGRATIONS; n++) {
        if (h->tables == books[n][0] && h->keys == books[n][1] && h->policies == books[n][2]) {
            return n;
        }
    }
    return -1;
}

static void judge_database(const struct fault_history *h, int applied, struct strbuf *wrong)
{
    if (applied < 0) {
        say(wrong, "half a migration: %d tables, %d keys, %d policies", h->tables, h->keys,
            h->policies);
    }
    for (int m = 0; h->ledger && applied >= 0 && m < FAULT_MIGRATIONS; m++) {
        if (h->ledger_rows[m] != (m < applied)) {
            say(wrong, "%s has %d rows in the ledger and its effects are %s",
                migrations[m].version, h->ledger_rows[m], m < applied ? "there" : "absent");
        }
    }
    if (h->idle_in_transaction > 0) {
        say(wrong, "%d sessions of ours are idle in a transaction", h->idle_in_transaction);
    }
    if (h->sessions > 0) {
        say(wrong, "%d sessions of ours are left", h->sessions);
    }
    if (h->advisory_locks > 0) {
        say(wrong, "%d advisory locks are left", h->advisory_locks);
    }
    if (h->processes > 0) {
        say(wrong, "%d child processes are left", h->processes);
    }
}

/* ---------------------------------------------------------------- the claims */

/* +1 says applied, -1 says not applied, 0 says nothing for certain. */
static int claim_of(struct str word)
{
    static const char *const there[] = {"committed", "applied before", "applied"};
    static const char *const absent[] = {"pending", "rolled back", "failed"};
    for (size_t i = 0; i < COUNT_OF(there); i++) {
        if (str_eq(word, there[i])) {
            return 1;
        }
    }
    for (size_t i = 0; i < COUNT_OF(absent); i++) {
        if (str_eq(word, absent[i])) {
            return -1;
        }
    }
    return 0;
}

static void judge_words(const char *who, struct str text, int applied, bool may_be_open,
                        struct strbuf *wrong)
{
    struct err err = {0};
    struct json *object = json_read(text, &err);
    const struct json *list = json_find(object, "migrations");
    if (!object || json_count(list) != FAULT_MIGRATIONS) {
        say(wrong, "%s does not tell of both migrations", who);
    }
    for (size_t i = 0; i < json_count(list); i++) {
        struct str id = json_text(json_find(json_at(list, i), "id"));
        struct str word = json_text(json_find(json_at(list, i), "state"));
        for (int m = 0; m < FAULT_MIGRATIONS; m++) {
            if (!str_eq(id, migrations[m].version)) {
                continue;
            }
            int claim = claim_of(word);
            if (claim != 0 && (claim > 0) != (m < applied)) {
                say(wrong, "%s says %s is \"%.*s\" and that is false", who,
                    migrations[m].version, STR_ARG(word));
            }
            if (claim == 0 && !may_be_open) {
                say(wrong, "%s says %s is \"%.*s\" without exit 9", who, migrations[m].version,
                    STR_ARG(word));
            }
        }
    }
    if (str_eq(json_text(json_find(object, "outcome")), "completed") &&
        applied != FAULT_MIGRATIONS) {
        say(wrong, "%s says completed and that is false", who);
    }
    json_free(object);
}

static void judge_claims(const struct fault_history *h, int applied, struct strbuf *wrong)
{
    /* Killed, or its own record failed: an open script stays open until a resume looks. */
    bool may_be_open = h->exit_code >= FAULT_KILLED || h->exit_code == 9 || h->exit_code == 11;
    if (h->exit_code == FAULT_TIMED_OUT) {
        say(wrong, "the program hung");
    }
    if (h->exit_code == 0 && applied != FAULT_MIGRATIONS) {
        say(wrong, "exit 0 with %d of %d migrations", applied, FAULT_MIGRATIONS);
    }
    if (h->exit_code == 1 || h->exit_code == 2) {
        say(wrong, "exit %d: its own fault", h->exit_code);
    }
    /* A record may be behind the truth only where it says open, never where it is sure:
     * but a migration that nobody recorded as begun is pending in both. */
    if (h->status.len > 0) {
        judge_words("status", strbuf_str(&h->status), applied, may_be_open, wrong);
    } else if (h->exit_code < FAULT_KILLED && h->exit_code != 11) {
        say(wrong, "status could not be told after exit %d", h->exit_code);
    }
    /* A report that is left from an earlier stop may be older than the truth. */
    if (h->report.len > 0 && h->exit_code < FAULT_KILLED && h->exit_code != 11) {
        judge_words("report.json", strbuf_str(&h->report), applied, may_be_open, wrong);
    }
}

bool fault_judge(const struct fault_history *history, struct strbuf *wrong)
{
    size_t before = wrong->len;
    struct record record = {0};
    int applied = applied_by_catalog(history);
    judge_record(history, &record, wrong);
    judge_database(history, applied, wrong);
    judge_log(history, &record, wrong);
    judge_claims(history, applied, wrong);
    free(record.items);
    return wrong->len == before;
}

void fault_history_release(struct fault_history *history)
{
    strbuf_release(&history->journal);
    strbuf_release(&history->log);
    strbuf_release(&history->status);
    strbuf_release(&history->report);
}

/* ------------------------------------------------------------------- gathering */

static int number_of(const struct fault_case *c, const char *database, const char *sql)
{
    return (int)test_query_number(c->world->server, database, sql);
}

static int named(const struct fault_case *c, const char *format, const char *argument)
{
    char sql[512];
    (void)snprintf(sql, sizeof(sql), "%s'%s'", format, argument);
    return number_of(c, c->name, sql);
}

/* What the server says of the transactions in which the migration's statements stood. */
static int64_t committed_by_status(const struct fault_case *c, const struct fault_history *h,
                                   int m)
{
    struct str rest = strbuf_str(&h->log);
    struct logged entry;
    int64_t pids[XIDS_MAX];
    size_t pid_count = 0;
    int64_t committed = 0;
    while (next_logged(&rest, &entry)) {
        struct str statement = statement_of(entry.text);
        if (!str_eq(entry.database, h->database)) {
            continue;
        }
        if (migration_of(statement) == m && pid_count < XIDS_MAX) {
            pids[pid_count++] = entry.pid;
        }
        bool ours = false;
        for (size_t i = 0; i < pid_count; i++) {
            ours = ours || pids[i] == entry.pid;
        }
        if (ours && entry.xid != 0 && is_commit(statement)) {
            char sql[128];
            (void)snprintf(sql, sizeof(sql),
                           "select (pg_xact_status('%lld') = 'committed')::int",
                           (long long)entry.xid);
            if (number_of(c, c->name, sql) == 1 && entry.xid != committed) {
                committed = committed == 0 ? entry.xid : -1;
            }
            pid_count = 0; /* the next transaction of this backend is another migration's */
        }
    }
    return committed;
}

/* One question for all of it: each connection of the witness costs more than the answer. */
static const char truth_query[] =
    "select concat_ws(' ', "
    "(select count(*) from pg_class where relkind in ('r','p') and relnamespace = "
    "'public'::regnamespace), "
    "(select count(*) from pg_constraint where contype = 'f'), "
    "(select count(*) from pg_policy), "
    "(select count(*) from pg_locks where locktype = 'advisory' and database = (select oid "
    "from pg_database where datname = current_database())), "
    "(select count(*) from schema_migrations where version = '011'), "
    "(select count(*) from schema_migrations where version = '012'), "
    "(select coalesce(max(xmin::text::bigint), 0) from schema_migrations where version = "
    "'011'), "
    "(select coalesce(max(xmin::text::bigint), 0) from schema_migrations where version = "
    "'012'))";

static void gather_truth(const struct fault_case *c, struct fault_history *h)
{
    long long xids[FAULT_MIGRATIONS] = {0};
    char *text = test_query(c->world->server, c->name, truth_query);
    if (sscanf(text, "%d %d %d %d %d %d %lld %lld", &h->tables, &h->keys, &h->policies,
               &h->advisory_locks, &h->ledger_rows[0], &h->ledger_rows[1], &xids[0],
               &xids[1]) != 8) {
        h->tables = -1;
    }
    free(text);
    for (int m = 0; m < FAULT_MIGRATIONS; m++) {
        h->committed_xid[m] = h->ledger ? xids[m] : committed_by_status(c, h, m);
    }
}

/* A server ends what a dead client left on its own time: wait for it, then count. */
static void gather_leftovers(const struct fault_case *c, pid_t session, struct fault_history *h)
{
    char sql[512];
    (void)snprintf(sql, sizeof(sql),
                   "select count(*) from pg_stat_activity where datname = '%s' and "
                   "application_name like 'gonogo%%'",
                   c->name);
    if (!test_query_becomes(c->world->server, "postgres", sql, "0")) {
        h->sessions = number_of(c, "postgres", sql);
        h->idle_in_transaction = named(c,
                                       "select count(*) from pg_stat_activity where state like "
                                       "'idle in transaction%' and datname = ",
                                       c->name);
    }
    for (int tries = 0; tries < 500; tries++) {
        h->processes = test_living(0, session);
        if (h->processes == 0) {
            break;
        }
        test_pause_us(10000);
    }
}

void fault_gather(struct fault_case *c, pid_t session, struct fault_history *h)
{
    char path[2 * FAULT_PATH];
    char directory[FAULT_PATH];
    *h = (struct fault_history){.database = c->name,
                                .ledger = c->ledger,
                                .exit_code = c->last_code,
                                .torn_allowed = c->last_code >= FAULT_KILLED};
    gather_leftovers(c, session, h);
    (void)snprintf(path, sizeof(path), "%s/log", test_server_socket_dir(c->world->server));
    (void)test_read_file(path, c->log_from, &h->log);
    if (fault_run_directory(c, directory)) {
        (void)snprintf(path, sizeof(path), "%s/journal.jsonl", directory);
        (void)test_read_file(path, 0, &h->journal);
        (void)snprintf(path, sizeof(path), "%s/report/report.json", directory);
        (void)test_read_file(path, 0, &h->report);
        if (!fault_status(c, &h->status)) {
            strbuf_clear(&h->status);
        }
    }
    gather_truth(c, h);
}

bool fault_verdict(struct fault_case *c, pid_t session, bool done, const char *what)
{
    struct fault_history history;
    struct strbuf wrong = {0};
    fault_gather(c, session, &history);
    bool good = fault_judge(&history, &wrong);
    if (done && c->last_code != 0) {
        say(&wrong, "it never came to its end: the last exit code is %d", c->last_code);
        good = false;
    }
    struct str rest = strbuf_str(&wrong);
    struct str line;
    while (!good && rest.len > 0 && str_cut(&rest, '\n', &line)) {
        printf("# %s: %.*s\n", what, STR_ARG(line));
    }
    if (!good) {
        fault_tell_output(c);
    }
    (void)fflush(stdout);
    strbuf_release(&wrong);
    fault_history_release(&history);
    return good;
}
