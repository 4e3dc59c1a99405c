/* SPDX-License-Identifier: PostgreSQL */
/*
 * The backup's files in the run directory: the dump itself, and beside it what the
 * source said at that very moment (NAME.facts), so that a proof or a restore can be
 * made later and by another process. The facts name the dump's hash and carry their own:
 * they belong to that dump or to none.
 */
#include "task_private.h"

#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "files.h"

enum {
    FACTS_VERSION = 1,
    FACTS_MAX = 256 << 20,
    HASH_SLICE = 4 << 20, /* bytes a round: a few milliseconds */
    HASH_PIECE = 64 << 10,
    NAMES_MAX = 1000,
};

/* A process that was killed may have left half a dump, or a password. The run's lock is ours
 * and only one of these tasks runs at a time: nobody needs them. */
static bool sweep_folder(struct app_task *task, struct err *err)
{
    struct files_list list = {0};
    bool good = files_list(task->folder_fd, &task->arena, &list, err);
    for (size_t i = 0; good && i < list.count; i++) {
        struct str name = list.entries[i].name;
        if (str_ends(name, ".partial") || str_starts(name, PASSFILE_PREFIX)) {
            good = files_remove(task->folder_fd, name.ptr, err);
        }
    }
    return good;
}

bool task_open_folder(struct app_task *task, struct err *err)
{
    const char *run = journal_directory(task->context.journal);
    task->folder = str_format(&task->arena, "%s/backup", run).ptr;
    task->folder_fd = files_make_directory_private(task->folder, NULL, err);
    return task->folder_fd >= 0 && sweep_folder(task, err);
}

static void use_name(struct app_task *task, struct str name)
{
    task->file = str_text(&task->arena, name);
    task->path = str_format(&task->arena, "%s/%s", task->folder, task->file).ptr;
}

void task_name_dump(struct app_task *task)
{
    char id[64];
    size_t length = 0;
    for (size_t i = 0; i < task->backup->id.len && length < sizeof id - 1; i++) {
        char c = task->backup->id.ptr[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        id[length++] = plain ? c : '_';
    }
    id[length] = '\0';
    for (int number = 1; number < NAMES_MAX; number++) {
        use_name(task, str_format(&task->arena, "%s-%d.dump", id, number));
        if (faccessat(task->folder_fd, task->file, F_OK, 0) != 0) {
            return;
        }
    }
}

bool task_use_dump(struct app_task *task, const struct run_backup *backup, struct err *err)
{
    bool plain = backup->name.len > 0 &&
                 str_find_byte(backup->name, '/', 0) == backup->name.len &&
                 !str_starts(backup->name, ".");
    if (!plain || backup->hash.len != SHA256_HEX) {
        err_set(err, ERR_CHECK, "there is no dump of this run to use");
        err_hint(err, "Nothing was restored. Take the backup again.");
        return false;
    }
    use_name(task, backup->name);
    return true;
}

/* ------------------------------------------------------------------ hashing */

void task_hash_release(struct app_task *task)
{
    struct task_hash *hash = &task->hash;
    if (hash->source != 0) {
        loop_remove(task->context.loop, hash->source);
    }
    if (hash->sha != NULL) {
        struct sha256_hex ignored = sha256_end(hash->sha);
        (void)ignored;
    }
    if (hash->fd >= 0) {
        close(hash->fd);
    }
    *hash = (struct task_hash){.fd = -1, .size = hash->size};
}

static void hash_wants(void *ctx, struct loop_want *want)
{
    (void)ctx;
    want->deadline_us = 0;
}

static void hash_ready(void *ctx, short revents, int64_t now_us)
{
    struct app_task *task = ctx;
    struct task_hash *hash = &task->hash;
    (void)revents;
    (void)now_us;
    char piece[HASH_PIECE];
    for (size_t done = 0; done < HASH_SLICE;) {
        ssize_t got = read(hash->fd, piece, sizeof piece);
        if (got > 0) {
            sha256_add(hash->sha, (struct str){piece, (size_t)got});
            hash->size += got;
            done += (size_t)got;
            continue;
        }
        if (got < 0) {
            struct err err = {0};
            err_set(&err, ERR_CHECK, "%s cannot be read", task->file);
            err_hint(&err, "This is no backup. Look at the disk, and take the backup again.");
            task_fail(task, &err);
            return;
        }
        struct sha256_hex hex = sha256_end(hash->sha);
        void (*next)(struct app_task *, struct sha256_hex) = hash->done;
        hash->sha = NULL;
        task_hash_release(task);
        next(task, hex);
        return;
    }
}

bool task_hash_file(struct app_task *task, const char *name,
                    void (*done)(struct app_task *task, struct sha256_hex hex), struct err *err)
{
    struct task_hash *hash = &task->hash;
    hash->fd = files_open_beneath(task->folder_fd, str_from(name), O_RDONLY, 0, NULL, err);
    if (hash->fd < 0) {
        return false;
    }
    hash->sha = sha256_new();
    hash->size = 0;
    hash->done = done;
    hash->source =
        loop_add(task->context.loop, &(struct loop_source){hash_wants, hash_ready, task});
    return true;
}

/* -------------------------------------------------------------------- facts */

static const char *facts_name(struct app_task *task)
{
    return str_format(&task->arena, "%s.facts", task->file).ptr;
}

static struct json *facts_list(const struct pgtools_facts *facts)
{
    struct json *list = json_make_array();
    for (size_t i = 0; i < facts->count; i++) {
        const struct pgtools_fact *fact = &facts->items[i];
        struct json *item = json_make_array();
        json_push_text(item, fact->kind);
        json_push_text(item, fact->name);
        json_push_text(item, fact->value);
        json_push_take(item, json_make_bool(fact->exact));
        json_push_take(list, item);
    }
    return list;
}

bool task_write_facts(struct app_task *task, struct str dump_hash, struct err *err)
{
    struct strbuf body = {0};
    struct strbuf text = {0};
    struct json *object = json_make_object();
    struct json *database = json_make_array();
    for (size_t i = 0; i < task->source.database.column_count; i++) {
        json_push_text(database, rows_text(&task->source.database, 0, i));
    }
    json_put_i64(object, "v", FACTS_VERSION);
    json_put_text(object, "dump", dump_hash);
    json_put_text(object, "name", task->source.name);
    json_put_i64(object, "server", task->source.server_version);
    json_put_take(object, "database", database);
    json_put_take(object, "facts", facts_list(&task->source.facts));
    json_write(&body, object, JSON_ONE_LINE);
    struct sha256_hex own = sha256_of(strbuf_str(&body));
    strbuf_format(&text, "%s\n", own.text);
    strbuf_add(&text, strbuf_str(&body));
    bool done = files_write_atomic(task->folder_fd, facts_name(task), strbuf_str(&text), 0600,
                                   NULL, err);
    json_free(object);
    strbuf_release(&body);
    strbuf_release(&text);
    return done;
}

static void take_facts(struct task_facts *into, const struct json *object)
{
    const struct json *list = json_find(object, "facts");
    const struct json *database = json_find(object, "database");
    into->facts.arena = &into->arena;
    into->name = str_dup(&into->arena, json_text(json_find(object, "name")));
    into->server_version = (int)json_i64(json_find(object, "server"), 0);
    rows_init(&into->database, &into->arena, json_count(database));
    struct cell *cells = rows_add(&into->database);
    for (size_t i = 0; i < json_count(database); i++) {
        cells[i].text = str_dup(&into->arena, json_text(json_at(database, i)));
    }
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json *item = json_at(list, i);
        struct pgtools_fact *fact =
            ARRAY_PUSH(into->facts.items, into->facts.count, into->facts.capacity);
        fact->kind = str_dup(&into->arena, json_text(json_at(item, 0)));
        fact->name = str_dup(&into->arena, json_text(json_at(item, 1)));
        fact->value = str_dup(&into->arena, json_text(json_at(item, 2)));
        fact->exact = json_bool(json_at(item, 3), false);
    }
}

bool task_read_facts(struct app_task *task, struct str dump_hash, struct err *err)
{
    struct strbuf text = {0};
    struct str own = {0};
    bool done = files_read_beneath(task->folder_fd, str_from(facts_name(task)), FACTS_MAX,
                                   &text, NULL, err);
    struct str body = strbuf_str(&text);
    struct json *object = NULL;
    if (done) {
        struct sha256_hex hex = {0};
        done = str_cut(&body, '\n', &own);
        hex = sha256_of(body);
        done = done && str_is(own, sha256_str(&hex));
        object = done ? json_read(body, err) : NULL;
        done = object != NULL && json_i64(json_find(object, "v"), 0) == FACTS_VERSION &&
               str_is(json_text(json_find(object, "dump")), dump_hash);
        if (!done) {
            err_set(err, ERR_CHECK, "%s does not belong to %s", facts_name(task), task->file);
            err_hint(err, "Nothing was restored. Take the backup again.");
        }
    }
    if (done) {
        take_facts(&task->source, object);
    }
    json_free(object);
    strbuf_release(&text);
    return done;
}

/* --------------------------------------------------------------- comparison */

bool task_compare(struct app_task *task)
{
    static const char *const words[] = {
        [PGTOOLS_MISSING] = "missing",   [PGTOOLS_EXTRA] = "extra",
        [PGTOOLS_DIFFERS] = "differs",   [PGTOOLS_MOVED] = "moved",
        [PGTOOLS_ESTIMATE] = "estimate",
    };
    enum {
        ITEMS_MAX = 200 /* differences told one by one */
    };
    struct pgtools_comparison comparison = {0};
    pgtools_compare(&comparison, &task->arena, &task->source.facts, &task->copy.facts);
    for (size_t i = 0; i < comparison.count && i < ITEMS_MAX; i++) {
        const struct pgtools_finding *finding = &comparison.findings[i];
        const struct pgtools_fact *fact =
            finding->source != NULL ? finding->source : finding->copy;
        struct strbuf text = {0};
        pgtools_finding_text(&text, finding);
        task_add_item(task, words[finding->difference], fact->name, strbuf_str(&text));
        strbuf_release(&text);
    }
    strbuf_clear(&task->done_text);
    if (comparison.equal) {
        strbuf_text(&task->done_text, "restored and equal: ");
        number_to_text(&task->done_text, (int64_t)comparison.compared);
        strbuf_text(&task->done_text, " facts, ");
        number_to_text(&task->done_text, comparison.rows);
        strbuf_text(&task->done_text, " rows");
    } else {
        strbuf_format(&task->done_text, "restored, but %zu of %zu facts differ from the source",
                      comparison.faults, comparison.compared);
    }
    return comparison.equal;
}
