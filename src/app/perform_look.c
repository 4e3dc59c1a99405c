/* SPDX-License-Identifier: PostgreSQL */
/*
 * LOOK: questions on the watch session whose answer is one EVENT_LOOKED. Each is a
 * small chain of queries; none of them changes anything.
 */
#include "perform_look.h"

#include "scratch_place.h"

void look_tell(struct job *job, enum outcome outcome, struct str id, struct str text)
{
    performer_emit(job->performer, &(struct event){.kind = EVENT_LOOKED,
                                                   .look = job->effect.look,
                                                   .outcome = outcome,
                                                   .script = job->effect.script,
                                                   .id = id,
                                                   .text = text});
    job_end(job);
}

bool look_refused(struct job *job, const struct db_reply *reply, enum outcome outcome)
{
    if (reply->outcome == DB_OK) {
        return false;
    }
    look_tell(job, outcome, job->waited ? STR("waits") : STR("refused"),
              job_reply_text(job, reply));
    return true;
}

/* ----------------------------------------------------------------- identity */

enum {
    CLOCK_SKEW_US = 2000000
};

static void keep_identity(struct performer *performer, const struct catalog_identity *identity)
{
    struct arena *arena = &performer->arena;
    performer->identity = *identity;
    struct str *texts[] = {&performer->identity.system_identifier,
                           &performer->identity.database,
                           &performer->identity.session_user,
                           &performer->identity.current_user,
                           &performer->identity.version,
                           &performer->identity.address,
                           &performer->identity.backend_start,
                           &performer->identity.postmaster_start,
                           &performer->identity.checkpointer_start,
                           &performer->identity.timezone};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        *texts[i] = str_dup(arena, *texts[i]);
    }
    performer->identified = true;
}

static struct str identity_words(struct job *job, const struct catalog_identity *identity)
{
    const struct db_peer peer = db_peer(job->session->db);
    struct strbuf text = {0};
    strbuf_format(&text, "PostgreSQL %.*s, database %.*s on %s port %s as %.*s",
                  STR_ARG(identity->version), STR_ARG(identity->database), peer.host, peer.port,
                  STR_ARG(identity->current_user));
    if (identity->superuser) {
        strbuf_text(&text, " (superuser)");
    }
    if (!peer.local) {
        strbuf_format(&text, ", %s", peer.tls ? peer.tls_version : "not encrypted");
    }
    int64_t skew_us = identity->server_time_us - loop_wall_us();
    if (skew_us > CLOCK_SKEW_US || skew_us < -CLOCK_SKEW_US) {
        strbuf_text(&text, "; its clock differs from ours by ");
        duration_to_text(&text, skew_us);
    }
    struct str words = str_dup(&job->arena, strbuf_str(&text));
    strbuf_release(&text);
    return words;
}

/* The strip that stands on every screen: "db-prod:5432  dba_anna  PG15.6 primary TLS
 * 2 replicas". */
static struct str identity_strip(struct job *job, const struct catalog_identity *identity)
{
    const struct db_peer peer = db_peer(job->session->db);
    struct str version =
        str_slice(identity->version, 0, str_find_byte(identity->version, ' ', 0));
    struct str replicas =
        identity->replicas > 0
            ? str_format(&job->arena, "  %lld replica%s", (long long)identity->replicas,
                         plural((size_t)identity->replicas))
            : STR("");
    return str_format(
        &job->arena, "%s:%s  %.*s%s  PG%.*s %s%s%.*s", peer.local ? "[local]" : peer.host,
        peer.port, STR_ARG(identity->current_user), identity->superuser ? " (superuser)" : "",
        STR_ARG(version), identity->in_recovery ? "standby" : "primary",
        peer.local ? ""
        : peer.tls ? " TLS"
                   : " NOT ENCRYPTED",
        STR_ARG(replicas));
}

/* What a later resume compares with, beside the words for people. */
static struct str identity_json(struct job *job, const struct catalog_identity *identity)
{
    struct json *object = json_make_object();
    json_put_text(object, "system_identifier", identity->system_identifier);
    json_put_i64(object, "timeline", identity->timeline);
    json_put_text(object, "database", identity->database);
    json_put_text(object, "role", identity->current_user);
    json_put_text(object, "version", identity->version);
    json_put_i64(object, "version_num", identity->version_num);
    json_put_text(object, "postmaster_start", identity->postmaster_start);
    struct strbuf text = {0};
    json_write(&text, object, JSON_ONE_LINE);
    struct str copy = str_dup(&job->arena, strbuf_str(&text));
    strbuf_release(&text);
    json_free(object);
    return copy;
}

static void look_identity(struct job *job, const struct db_reply *reply)
{
    struct performer *performer = job->performer;
    if (!reply) {
        job_ask(job, catalog_identity_query(), NULL, 0);
        return;
    }
    if (look_refused(job, reply, OUTCOME_FAILED)) {
        return;
    }
    struct catalog_identity identity;
    struct err err = {0};
    struct str why = {0};
    if (!catalog_identity_read(&reply->rows, &job->arena, &identity, &err)) {
        look_tell(job, OUTCOME_FAILED, (struct str){0}, str_from(err.message));
        return;
    }
    if (!identity_is_same(performer, &identity, &job->arena, &why) ||
        !identity_fits(performer, &identity, &job->arena, &why)) {
        look_tell(job, OUTCOME_FAILED, identity.database, why);
        return;
    }
    bool moved = identity_has_moved(performer, &identity);
    struct str moved_words = {0};
    if (moved) {
        moved_words = identity_moved_words(performer, &identity, &job->arena);
    }
    keep_identity(performer, &identity);
    performer_emit(performer, &(struct event){.kind = EVENT_LOOKED,
                                              .look = job->effect.look,
                                              .outcome = OUTCOME_OK,
                                              .script = job->effect.script,
                                              .id = identity.database,
                                              .name = identity_strip(job, &identity),
                                              .text = identity_words(job, &identity),
                                              .detail = identity_json(job, &identity),
                                              .flag = moved,
                                              .hint = moved_words});
    job_end(job);
}

/* --------------------------------------------------------------------- lock */

static void look_lock(struct job *job, const struct db_reply *reply)
{
    if (!reply) {
        job_ask(job, catalog_lock_query(), NULL, 0);
        return;
    }
    if (look_refused(job, reply, OUTCOME_FAILED)) {
        return;
    }
    if (job->stage == 0 && rows_bool(&reply->rows, 0, 0)) {
        look_tell(job, OUTCOME_OK, (struct str){0}, STR("the lock of this database is ours"));
        return;
    }
    if (job->stage++ == 0) {
        job_ask(job, catalog_lock_holder_query(), NULL, 0);
        return;
    }
    struct catalog_holder holder;
    struct str text = STR("another run holds the lock of this database");
    if (catalog_holder_read(&reply->rows, &job->arena, &holder)) {
        text = str_format(&job->arena,
                          "another run holds the lock of this database: \"%.*s\" as %.*s, "
                          "process %lld, since %.*s%s%.*s",
                          STR_ARG(holder.application), STR_ARG(holder.role),
                          (long long)holder.pid, STR_ARG(holder.backend_start),
                          holder.address.len > 0 ? ", from " : "", STR_ARG(holder.address));
    }
    look_tell(job, OUTCOME_FAILED, (struct str){0}, text);
}

/* ------------------------------------------------------------------- pooler */

enum {
    POOLER_ROUNDS = 4
};

struct pooler {
    struct rows set;
    const char *token;
    bool found;
};

/* The second session asks in between, so that a pool of one shows itself, too. */
static void look_pooler_other(struct job *job, const struct db_reply *reply)
{
    if (!reply) {
        job_ask(job, catalog_pooler_get_query(), NULL, 0);
        return;
    }
    struct job *first = job->data;
    struct pooler *pooler = first->data;
    pooler->found = pooler->found || (reply->outcome == DB_OK &&
                                      catalog_pooler_same(&pooler->set, &reply->rows));
    first->step(first, NULL);
    job_end(job);
}

static void look_pooler_lost(struct job *job)
{
    struct job *first = job->data;
    first->step(first, NULL);
}

static void look_pooler(struct job *job, const struct db_reply *reply)
{
    struct pooler *pooler = job->data;
    if (!reply && job->stage == 0) {
        pooler = job->data = arena_alloc(&job->arena, sizeof(*pooler));
        pooler->token =
            str_format(&job->arena, "%s-%lld", job->performer->run_id, (long long)loop_now_us())
                .ptr;
        job->stage = 1;
        job_ask(job, catalog_pooler_set_query(), &pooler->token, 1);
        return;
    }
    if (reply && look_refused(job, reply, OUTCOME_FAILED)) {
        return;
    }
    if (job->stage == 1) {
        pooler->set = reply->rows;
        job->stage = 2;
        if (job->performer->sessions[SESSION_CHECK].ready) {
            struct job *other = job_new(job->performer, SESSION_CHECK, NULL, look_pooler_other);
            other->data = job;
            other->lost = look_pooler_lost;
            job_start(other);
            return;
        }
    }
    if (reply && job->stage > 2) {
        pooler->found = pooler->found || !catalog_pooler_same(&pooler->set, &reply->rows);
    }
    if (pooler->found || job->stage > POOLER_ROUNDS) {
        look_tell(job, pooler->found ? OUTCOME_FAILED : OUTCOME_OK, (struct str){0},
                  pooler->found ? STR(POOLER_WORDS) : STR("no pooler between"));
        return;
    }
    job->stage++;
    job_ask(job, catalog_pooler_get_query(), NULL, 0);
}

/* ----------------------------------------------------------------- settings */

/* Tables that the migrations alter or drop and did not create: the role must own them. */
static struct str touched_tables(struct job *job)
{
    const struct app_plan *plan = job->performer->plan;
    struct str home =
        plan->plan->search_path.count > 0 ? plan->plan->search_path.items[0] : STR("public");
    struct str *names = NULL;
    size_t count = 0;
    size_t capacity = 0;
    for (size_t i = 0; i < plan->plan->steps.count; i++) {
        const struct sql_script *script = plan->step_scripts[i];
        for (size_t s = 0; script && s < script->count; s++) {
            const struct sql_statement *statement = &script->statements[s];
            for (size_t o = 0; o < statement->object_count; o++) {
                const struct sql_object *object = &statement->objects[o];
                bool changes = object->use == SQL_USE_ALTER &&
                               strncmp(statement->tag, "ALTER TABLE", 11) == 0;
                if (changes && strcmp(object->kind, "table") == 0) {
                    struct str schema = object->schema.len > 0 ? object->schema : home;
                    *ARRAY_PUSH(names, count, capacity) = str_format(
                        &job->arena, "%.*s.%.*s", STR_ARG(schema), STR_ARG(object->name));
                }
            }
        }
    }
    struct str text = catalog_array_text(&job->arena, names, count);
    free(names);
    return count > 0 ? text : STR("{}");
}

static struct str settings_words(struct job *job, const struct rows *rows)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < rows->row_count; i++) {
        struct str name = rows_text(rows, i, 0);
        if (str_eq(name, "server_encoding") || str_eq(name, "TimeZone") ||
            str_eq(name, "default_transaction_isolation") ||
            str_eq(name, "maintenance_work_mem")) {
            strbuf_format(&text, "%s%.*s = %.*s", text.len > 0 ? ", " : "", STR_ARG(name),
                          STR_ARG(rows_text(rows, i, 1)));
        }
    }
    struct str copy = str_dup(&job->arena, strbuf_str(&text));
    strbuf_release(&text);
    return copy;
}

/* Without these the run would fail half-way. A table that is not there yet is no lack. */
static bool is_needed(const struct catalog_right *right)
{
    return str_eq(right->right, "owner of table") && !str_eq(right->why, "no such table");
}

static void add_note(struct strbuf *notes, const char *text)
{
    strbuf_format(notes, "%s%s", notes->len > 0 ? "; " : "", text);
}

/*
 * A backup of the plan that this host's programs cannot take or prove: to be known now,
 * with time to install them, and not when the backup is due.
 */
static void note_dump(struct job *job, struct strbuf *notes)
{
    enum {
        MAJOR = 10000
    };
    const struct plan_backups *backups = &job->performer->plan->plan->backup;
    int server = db_server_version(job->session->db) / MAJOR;
    enum plan_backup_level level = PLAN_LEVEL_UNSAID;
    for (size_t i = 0; i < backups->count; i++) {
        if (backups->items[i].kind == PLAN_BACKUP_PG_DUMP && backups->items[i].level >= level) {
            level = backups->items[i].level;
        }
    }
    if (level == PLAN_LEVEL_UNSAID) {
        return;
    }
    struct str bindir;
    int major = 0;
    if (!scratch_bindir_find_blocking(&job->arena, server, false, &bindir, &major, NULL)) {
        return; /* a client's installation: its pg_dump tells when it is asked */
    }
    if (major < server) {
        add_note(notes, str_format(&job->arena,
                                   "this host's pg_dump %d cannot dump a server of version %d: "
                                   "install postgresql-client-%d before the window",
                                   major, server, server)
                            .ptr);
    }
    if (major != server && level > PLAN_LEVEL_LISTED) {
        add_note(notes, str_format(&job->arena,
                                   "a backup cannot be restored and compared here: install "
                                   "postgresql-%d",
                                   server)
                            .ptr);
    }
}

/* What was learned before the last of the three questions is answered. */
struct settings_told {
    enum outcome outcome;
    struct str words; /* settings in effect */
    struct str text;  /* these, or what the role lacks */
    struct str notes; /* what will be in the way later */
};

/* `no_restore`: why a restore could not be switched to, known before anything is begun. */
static void tell_settings(struct job *job, struct str no_restore)
{
    const struct settings_told *told = job->data;
    performer_emit(job->performer, &(struct event){.kind = EVENT_LOOKED,
                                                   .look = job->effect.look,
                                                   .outcome = told->outcome,
                                                   .script = job->effect.script,
                                                   .text = told->text,
                                                   .detail = told->notes,
                                                   .hint = no_restore});
    job_end(job);
}

static void tell_rights(struct job *job, const struct rows *rows)
{
    struct catalog_rights rights;
    struct err err = {0};
    if (!catalog_rights_read(rows, &job->arena, &rights, &err)) {
        look_tell(job, OUTCOME_FAILED, (struct str){0}, str_from(err.message));
        return;
    }
    struct strbuf lacks = {0};
    struct strbuf notes = {0};
    note_dump(job, &notes);
    for (size_t i = 0; i < rights.count; i++) {
        const struct catalog_right *right = &rights.items[i];
        bool amber = str_eq(right->right, "superuser") ? right->held : false;
        if (!right->held && is_needed(right)) {
            strbuf_format(&lacks, "%s%.*s %.*s (%.*s)", lacks.len > 0 ? ", " : "",
                          STR_ARG(right->right), STR_ARG(right->subject), STR_ARG(right->why));
        } else if (!right->held && str_eq(right->right, "monitor")) {
            add_note(&notes, "not a member of pg_monitor: other sessions' queries are hidden");
        } else if (amber) {
            add_note(&notes, "the role is superuser");
        }
    }
    struct settings_told *told = job->data;
    bool good = lacks.len == 0;
    told->outcome = good ? OUTCOME_OK : OUTCOME_FAILED;
    told->text = good ? told->words : str_format(&job->arena, "the role lacks: %s", lacks.ptr);
    told->notes = good ? str_dup(&job->arena, strbuf_str(&notes)) : (struct str){0};
    if (good && plan_has_restore(job->performer->plan->plan)) {
        const char *database = str_text(&job->arena, job->performer->identity.database);
        const char *params[] = {database, database, ""};
        job_ask(job, pgtools_obstacles_query(), params, COUNT_OF(params));
    } else {
        tell_settings(job, (struct str){0});
    }
    strbuf_release(&lacks);
    strbuf_release(&notes);
}

static void look_settings(struct job *job, const struct db_reply *reply)
{
    if (!reply) {
        job_ask(job, catalog_settings_query(), NULL, 0);
        return;
    }
    if (look_refused(job, reply, OUTCOME_FAILED)) {
        return;
    }
    if (job->stage == 2) {
        tell_settings(job, pgtools_lasting_obstacle(&reply->rows, &job->arena));
        return;
    }
    if (job->stage++ == 0) {
        struct settings_told *told = arena_alloc(&job->arena, sizeof(*told));
        told->words = settings_words(job, &reply->rows);
        job->data = told;
        const char *params[] = {str_text(&job->arena, job->performer->schemas),
                                str_text(&job->arena, touched_tables(job))};
        job_ask(job, catalog_rights_query(), params, COUNT_OF(params));
        return;
    }
    tell_rights(job, &reply->rows);
}

/* --------------------------------------------------------- settling questions */

static void look_old_backend(struct job *job, const struct db_reply *reply)
{
    if (job->effect.pid == 0) {
        look_tell(job, OUTCOME_OK, (struct str){0}, STR("no backend is known"));
        return;
    }
    if (!reply) {
        const char *params[] = {
            str_format(&job->arena, "%lld", (long long)job->effect.pid).ptr,
            str_format(&job->arena, "%lld", (long long)job->effect.backend_start_us).ptr};
        job_ask(job, lock_backend_query(), params, COUNT_OF(params));
        return;
    }
    if (look_refused(job, reply, OUTCOME_UNKNOWN)) {
        return;
    }
    bool there = reply->rows.row_count > 0;
    look_tell(job, there ? OUTCOME_FAILED : OUTCOME_OK, (struct str){0},
              str_format(&job->arena, "our old session (process %lld) %s",
                         (long long)job->effect.pid,
                         there ? "is still at work on the server" : "is gone"));
}

/*
 * The fate of a transaction by its number. "committed" is believed only while the server
 * has not crash-restarted: afterwards the number may be another's.
 */
static void look_xid(struct job *job, const struct db_reply *reply)
{
    static const char query[] =
        "select pg_catalog.pg_xact_status($1::pg_catalog.text::pg_catalog.xid8), "
        "(select pg_catalog.to_char(a.backend_start at time zone 'UTC', "
        "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') from pg_catalog.pg_stat_activity a "
        "where a.backend_type operator(pg_catalog.=) 'checkpointer')";
    if (!reply) {
        const char *params[] = {
            str_format(&job->arena, "%lld", (long long)job->effect.xid).ptr};
        job_ask(job, query, params, COUNT_OF(params));
        return;
    }
    if (look_refused(job, reply, OUTCOME_UNKNOWN)) {
        return;
    }
    struct str status = rows_text(&reply->rows, 0, 0);
    struct str checkpointer = rows_text(&reply->rows, 0, 1);
    struct str noted = job->performer->checkpointer_start;
    if (str_eq(status, "aborted")) {
        look_tell(job, OUTCOME_FAILED, (struct str){0}, STR("the server says: aborted"));
    } else if (str_eq(status, "committed") && noted.len > 0 && str_is(noted, checkpointer)) {
        look_tell(job, OUTCOME_OK, (struct str){0}, STR("the server says: committed"));
    } else {
        look_tell(job, OUTCOME_UNKNOWN, (struct str){0},
                  str_format(&job->arena,
                             "the server says \"%.*s\" of the transaction, and that proves "
                             "nothing (%s)",
                             STR_ARG(status),
                             noted.len == 0 ? "its start is hidden from this role"
                                            : "it has restarted since, or is still at it"));
    }
}

/* ----------------------------------------------------------------- dispatch */

void perform_look(struct performer *performer, const struct effect *effect)
{
    static job_step *const table[LOOK__COUNT] = {
        [LOOK_IDENTITY] = look_identity,
        [LOOK_LOCK] = look_lock,
        [LOOK_POOLER] = look_pooler,
        [LOOK_SETTINGS] = look_settings,
        [LOOK_LEDGER] = look_ledger,
        [LOOK_READY] = look_ready,
        [LOOK_OLD_BACKEND] = look_old_backend,
        [LOOK_LEDGER_ROW] = look_ledger_row,
        [LOOK_XID] = look_xid,
        [LOOK_IN_THE_WAY] = look_in_the_way,
    };
    enum session which = effect->look == LOOK_READY ? SESSION_WORK : SESSION_WATCH;
    job_start(job_new(performer, which, effect, table[effect->look]));
}
