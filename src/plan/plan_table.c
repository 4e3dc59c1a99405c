/* SPDX-License-Identifier: PostgreSQL */
/*
 * Every key of a plan, once. A row says how the key is written, how it is read,
 * where the value goes, and in one sentence what it means. To add a key: add its
 * member to plan.h, its row here, and a use of it to tests/plans/reference.yaml;
 * the walk, the schemas and the reference follow. To mark a key as built, remove
 * KEY_UNBUILT from its row.
 *
 * The columns are defined in plan_table.h.
 */
#include "plan_answers.h"
#include "plan_policy.h"
#include "plan_words.h"

/* One row: struct, member, name in the file, type; then whatever else the row says. */
#define ROW(owner, member, key, kind, sentence, ...)                                           \
    {                                                                                          \
        .name = (key), .type = (kind), .offset = offsetof(struct owner, member),               \
        .text = (sentence), __VA_ARGS__                                                        \
    }
#define MAP(label, owner)                                                                      \
    static const struct plan_map label##_map = {.name = #label,                                \
                                                .size = sizeof(struct owner),                  \
                                                .keys = label##_keys,                          \
                                                .key_count = COUNT_OF(label##_keys)}
#define REQUIRED  .flags = KEY_REQUIRED
#define OPTIONAL  .flags = 0
#define ANY_COUNT .minimum = 0, .maximum = INT64_MAX

/* clang-format off */
static const struct plan_key named_value_keys[] = {
    ROW(plan_named_value, name, "name", TYPE_TEXT, "The name.", REQUIRED),
    ROW(plan_named_value, value, "value", TYPE_TEXT, "The value, as text.", REQUIRED),
};
MAP(named_value, plan_named_value);

static const struct plan_key window_keys[] = {
    ROW(plan_window, date, "date", TYPE_DATE, "The day of the window, as \"2024-01-31\".", REQUIRED),
    ROW(plan_window, weekday, "weekday", TYPE_WORD, "The weekday of the date, so that a slip is found.", .words = &plan_words_weekday),
    ROW(plan_window, timezone, "timezone", TYPE_TEXT, "The zone of all times of the plan: UTC, an offset as \"+02:00\", or a name that the server knows.", .otherwise = "UTC"),
    ROW(plan_window, opens_us, "opens", TYPE_CLOCK, "When the window opens; quoted, as \"08:00\".", REQUIRED),
    ROW(plan_window, closes_us, "closes", TYPE_CLOCK, "When the window closes; earlier than `opens` means the next day.", REQUIRED),
};
MAP(window, plan_window);

static const struct plan_key ledger_keys[] = {
    ROW(plan_ledger, table, "table", TYPE_TEXT, "The table in which applied migrations are recorded.", REQUIRED),
    ROW(plan_ledger, style, "style", TYPE_WORD, "Whose columns the table has.", .words = &plan_words_ledger_style, .otherwise = "plain"),
    ROW(plan_ledger, create, "create", TYPE_BOOL, "Whether a missing table is made.", .otherwise = "false"),
};
MAP(ledger, plan_ledger);

static const struct plan_key target_count_keys[] = {
    ROW(plan_target_count, what, "what", TYPE_WORD, "What is counted.", .words = &plan_words_what, REQUIRED),
    ROW(plan_target_count, id, "id", TYPE_NAME, "The id of a query of state.count.", OPTIONAL),
    ROW(plan_target_count, count, "count", TYPE_INTEGER, "The number expected on this target before the change.", ANY_COUNT, REQUIRED),
};
MAP(target_count, plan_target_count);

static const struct plan_key seed_role_keys[] = {
    ROW(plan_seed_role, name, "name", TYPE_TEXT, "The role's name.", REQUIRED),
    ROW(plan_seed_role, bypass_rls, "bypass_rls", TYPE_BOOL, "Whether row level security does not bind it.", .otherwise = "false"),
};
MAP(seed_role, plan_seed_role);

static const struct plan_key target_keys[] = {
    ROW(plan_target, id, "id", TYPE_NAME, "The name of the target, as --target takes it.", REQUIRED),
    ROW(plan_target, environment, "environment", TYPE_TEXT, "What kind of place it is, for people and for promotion rules.", OPTIONAL),
    ROW(plan_target, guarded, "guarded", TYPE_BOOL, "Whether mistakes here are dear: pins, typed names and signed answers are demanded.", .otherwise = "false"),
    ROW(plan_target, seed, "seed", TYPE_PATH, "A SQL file from which a throw-away server starts.", .file_kind = PLAN_FILE_SEED),
    ROW(plan_target, seed_roles, "seed_roles", TYPE_MAPS, "Roles that the seed and the checks expect: a throw-away server makes them, without login, and its owner may act as each.", .map = &seed_role_map),
    ROW(plan_target, conninfo, "conninfo", TYPE_TEXT, "A libpq connection text or URI without a password.", OPTIONAL),
    ROW(plan_target, service, "service", TYPE_TEXT, "The libpq service.", OPTIONAL),
    ROW(plan_target, host, "host", TYPE_TEXT, "The host or the socket's folder.", OPTIONAL),
    ROW(plan_target, hostaddr, "hostaddr", TYPE_TEXT, "The address of the host.", OPTIONAL),
    ROW(plan_target, port, "port", TYPE_TEXT, "The port.", OPTIONAL),
    ROW(plan_target, database, "database", TYPE_TEXT, "The database.", OPTIONAL),
    ROW(plan_target, user, "user", TYPE_TEXT, "The role to log in as.", OPTIONAL),
    ROW(plan_target, sslmode, "sslmode", TYPE_WORDTEXT, "How the server's certificate is judged; a guarded remote host wants verify-full.", .words = &plan_words_sslmode),
    ROW(plan_target, sslrootcert, "sslrootcert", TYPE_TEXT, "The file of the trusted certificates.", OPTIONAL),
    ROW(plan_target, sslcert, "sslcert", TYPE_TEXT, "The file of the client's certificate.", OPTIONAL),
    ROW(plan_target, sslkey, "sslkey", TYPE_TEXT, "The file of the client's key.", OPTIONAL),
    ROW(plan_target, passfile, "passfile", TYPE_TEXT, "The password file, instead of ~/.pgpass.", OPTIONAL),
    ROW(plan_target, channel_binding, "channel_binding", TYPE_TEXT, "As libpq's channel_binding.", OPTIONAL),
    ROW(plan_target, connect_timeout, "connect_timeout", TYPE_TEXT, "As libpq's connect_timeout, in seconds.", OPTIONAL),
    ROW(plan_target, target_session_attrs, "target_session_attrs", TYPE_TEXT, "As libpq's target_session_attrs.", OPTIONAL),
    ROW(plan_target, system_identifier, "system_identifier", TYPE_TEXT, "Pin: the cluster's identifier, quoted, from pg_control_system().", .flags = KEY_QUOTED),
    ROW(plan_target, expect_database, "expect_database", TYPE_TEXT, "Pin: what current_database() must say.", OPTIONAL),
    ROW(plan_target, expect_role, "expect_role", TYPE_TEXT, "Pin: what current_user must say.", OPTIONAL),
    ROW(plan_target, expect_major, "expect_major", TYPE_TEXT, "Pin: the server's major version.", OPTIONAL),
    ROW(plan_target, expect_primary, "expect_primary", TYPE_TRISTATE, "Pin: whether the server must be a primary.", OPTIONAL),
    ROW(plan_target, needs_rehearsal_on, "needs_rehearsal_on", TYPE_NAME, "The target whose rehearsal evidence is demanded first.", .flags = KEY_UNBUILT | KEY_TOLD),
    ROW(plan_target, checks_as, "checks_as", TYPE_TEXT, "The role that checks run as.", OPTIONAL),
    ROW(plan_target, values, "values", TYPE_MAPS, "Values for ${name} in http, run, log.file and notify.", .map = &named_value_map),
    ROW(plan_target, before, "before", TYPE_MAPS, "Expected counts before the change that differ on this target.", .map = &target_count_map),
};
MAP(target, plan_target);

static const struct plan_key role_keys[] = {
    ROW(plan_role, id, "id", TYPE_NAME, "The name of the role.", REQUIRED),
    ROW(plan_role, title, "title", TYPE_TEXT, "The role for people.", OPTIONAL),
    ROW(plan_role, people, "people", TYPE_TEXTS, "Who may speak for the role.", REQUIRED),
    ROW(plan_role, votes, "votes", TYPE_BOOL, "Whether its vote is needed for GO.", .otherwise = "false"),
    ROW(plan_role, before, "before", TYPE_TEXT, "What the role does before the change.", OPTIONAL),
    ROW(plan_role, during, "during", TYPE_TEXT, "What the role does during the change.", OPTIONAL),
    ROW(plan_role, after, "after", TYPE_TEXT, "What the role does after the change.", OPTIONAL),
};
MAP(role, plan_role);

static const struct plan_key limits_keys[] = {
    ROW(plan_limits, sql_total_us, "sql_total", TYPE_DURATION, "The time that all SQL of the migrations may take.", OPTIONAL),
    ROW(plan_limits, migration_total_us, "migration_total", TYPE_DURATION, "The time from the first BEGIN to the last COMMIT.", OPTIONAL),
    ROW(plan_limits, downtime_us, "downtime", TYPE_DURATION, "The time that probes with `downtime: true` may fail.", OPTIONAL),
    ROW(plan_limits, recovery_us, "recovery", TYPE_DURATION, "The time that the way back may take.", OPTIONAL),
};
MAP(limits, plan_limits);

static const struct plan_key safety_keys[] = {
    ROW(plan_safety, lock_timeout_us, "lock_timeout", TYPE_DURATION, "How long a statement, or a question of ours, waits for a lock; 0s: statements without a limit, questions 5s.", .otherwise = "2s"),
    ROW(plan_safety, statement_timeout_us, "statement_timeout", TYPE_DURATION, "How long a statement may run.", .otherwise = "60s"),
    ROW(plan_safety, idle_in_transaction_us, "idle_in_transaction", TYPE_DURATION, "How long the open transaction may stand idle.", .otherwise = "10s"),
    ROW(plan_safety, old_transaction_us, "old_transaction", TYPE_DURATION, "Who has had a transaction open for longer, on a table that the plan locks, is in the way at GO (L23).", .otherwise = "1h"),
    ROW(plan_safety, on_disconnect, "on_disconnect", TYPE_WORD, "What happens when the terminal is lost.", .words = &plan_words_on_disconnect, .otherwise = "finish"),
    ROW(plan_safety, stop_after, "stop_after", TYPE_WORD, "Where the operator is asked to continue.", .words = &plan_words_stop_after, .otherwise = "every_file"),
};
MAP(safety, plan_safety);

static const struct plan_key count_keys[] = {
    ROW(plan_count, what, "what", TYPE_WORD, "What is counted.", .words = &plan_words_what, REQUIRED),
    ROW(plan_count, id, "id", TYPE_NAME, "The name of the count; a query needs one.", OPTIONAL),
    ROW(plan_count, name, "name", TYPE_TEXT, "The count for people.", OPTIONAL),
    ROW(plan_count, sql, "sql", TYPE_TEXT, "A query that gives one number.", .flags = KEY_SQL),
    ROW(plan_count, file, "file", TYPE_PATH, "A file with a query that gives one number.", .file_kind = PLAN_FILE_COUNT),
    ROW(plan_count, before, "before", TYPE_INTEGER, "The number expected before the change.", ANY_COUNT),
    ROW(plan_count, after, "after", TYPE_INTEGER, "The number expected after the change.", ANY_COUNT),
};
MAP(count, plan_count);

static const struct plan_key change_keys[] = {
    ROW(plan_change, what, "what", TYPE_WORD, "What kind of objects change.", .words = &plan_words_what, REQUIRED),
    ROW(plan_change, new, "new", TYPE_TEXTS, "Objects that appear.", OPTIONAL),
    ROW(plan_change, gone, "gone", TYPE_TEXTS, "Objects that go.", OPTIONAL),
    ROW(plan_change, changed, "changed", TYPE_TEXTS, "Objects that change.", OPTIONAL),
};
MAP(change, plan_change);

static const struct plan_key column_change_keys[] = {
    ROW(plan_column_change, table, "table", TYPE_TEXT, "The table.", REQUIRED),
    ROW(plan_column_change, added, "added", TYPE_INTEGER, "How many columns it gains.", ANY_COUNT),
    ROW(plan_column_change, removed, "removed", TYPE_INTEGER, "How many columns it loses.", ANY_COUNT),
};
MAP(column_change, plan_column_change);

static const struct plan_key state_keys[] = {
    ROW(plan_state, schemas, "schemas", TYPE_TEXTS, "The schemas that are counted and compared.", .otherwise = "public"),
    ROW(plan_state, count, "count", TYPE_MAPS, "Numbers before and after the change.", .map = &count_map),
    ROW(plan_state, removed_tables, "removed_tables", TYPE_TEXTS, "Tables that the migrations remove.", OPTIONAL),
    ROW(plan_state, changes, "changes", TYPE_MAPS, "What the migrations add, drop or change; what hangs on a removed table is implied.", .map = &change_map),
    ROW(plan_state, unlisted_changes, "unlisted_changes", TYPE_WORD, "What any other change is.", .words = &plan_words_unlisted, .otherwise = "warn"),
    ROW(plan_state, columns, "columns", TYPE_MAPS, "Numbers of columns that tables gain or lose.", .map = &column_change_map, .flags = KEY_UNBUILT),
};
MAP(state, plan_state);

static const struct plan_key item_keys[] = {
    ROW(plan_item, id, "id", TYPE_NAME, "The name of the item.", REQUIRED),
    ROW(plan_item, gate, "gate", TYPE_WORD, "Where the item is judged; at most nine items a gate.", .words = &plan_words_gate),
    ROW(plan_item, phase, "phase", TYPE_WORD, "When the item is due.", .words = &plan_words_phase, .otherwise = "before"),
    ROW(plan_item, ask, "ask", TYPE_TEXT, "The question.", REQUIRED),
    ROW(plan_item, proof, "proof", TYPE_WORD, "What answers it.", .words = &plan_words_proof, REQUIRED),
    ROW(plan_item, needs, "needs", TYPE_WORD, "What the rehearsal or the backup must have shown.", .words = &plan_words_needs),
    ROW(plan_item, role, "role", TYPE_NAME, "The role that answers.", OPTIONAL),
    ROW(plan_item, at_most_us, "at_most", TYPE_DURATION, "With `needs: time`: the time rehearsed may be at most this.", OPTIONAL),
    ROW(plan_item, max_age_us, "max_age", TYPE_DURATION, "How old the proof may be.", OPTIONAL),
    ROW(plan_item, sql, "sql", TYPE_TEXT, "With `proof: sql`: the query.", .flags = KEY_SQL),
    ROW(plan_item, file, "file", TYPE_PATH, "With `proof: sql`: a file with the query.", .file_kind = PLAN_FILE_CHECK),
    ROW(plan_item, run, "run", TYPE_ARGV, "With `proof: run`: a program and its arguments; exit status 0 is a yes.", .flags = KEY_FILLED),
    ROW(plan_item, equals, "equals", TYPE_VALUE, "The result must be this.", OPTIONAL),
    ROW(plan_item, at_least, "at_least", TYPE_VALUE, "The result must be this or more.", OPTIONAL),
    ROW(plan_item, matches, "matches", TYPE_VALUE, "The result must match this regular expression.", OPTIONAL),
    ROW(plan_item, empty, "empty", TYPE_TRISTATE, "There must be no row.", OPTIONAL),
    ROW(plan_item, exists, "exists", TYPE_TRISTATE, "There must be a row.", OPTIONAL),
};
MAP(item, plan_item);

static const struct plan_key backup_keys[] = {
    ROW(plan_backup, id, "id", TYPE_NAME, "The name of the backup.", REQUIRED),
    ROW(plan_backup, kind, "kind", TYPE_WORD, "Who takes it.", .words = &plan_words_backup_kind, REQUIRED),
    ROW(plan_backup, format, "format", TYPE_WORD, "With pg_dump: the format of the dump; custom unless said.", .words = &plan_words_backup_format),
    ROW(plan_backup, jobs, "jobs", TYPE_INTEGER, "With pg_dump: how many jobs a dump in directory format uses.", .minimum = 1, .maximum = 64),
    ROW(plan_backup, level, "level", TYPE_WORD, "How far the backup must be proved; compared unless said.", .words = &plan_words_backup_level),
    ROW(plan_backup, restore_test, "restore_test", TYPE_NAME, "Where it is restored for the proof: a target, or scratch for a throw-away server.", OPTIONAL),
    ROW(plan_backup, max_age_us, "max_age", TYPE_DURATION, "How old the backup may be.", OPTIONAL),
    ROW(plan_backup, takes_us, "takes", TYPE_DURATION, "How long a restore takes, as far as is known.", OPTIONAL),
    ROW(plan_backup, required, "required", TYPE_BOOL, "Whether the change needs it.", .otherwise = "false"),
    ROW(plan_backup, ask, "ask", TYPE_TEXT, "With external: what the operator is asked.", OPTIONAL),
    ROW(plan_backup, run, "run", TYPE_ARGV, "With command: the program and its arguments.", .flags = KEY_FILLED),
    ROW(plan_backup, matches, "matches", TYPE_TEXT, "With command: what its output must say, a regular expression.", OPTIONAL),
};
MAP(backup, plan_backup);

static const struct plan_key as_keys[] = {
    ROW(plan_as, role, "role", TYPE_TEXT, "The role that the check runs as.", OPTIONAL),
    ROW(plan_as, set, "set", TYPE_MAPS, "Settings for the check.", .map = &named_value_map),
};
MAP(as, plan_as);

static const struct plan_key check_keys[] = {
    ROW(plan_check, id, "id", TYPE_NAME, "The name of the check.", REQUIRED),
    ROW(plan_check, name, "name", TYPE_TEXT, "The check for people.", OPTIONAL),
    ROW(plan_check, sql, "sql", TYPE_TEXT, "The query.", .flags = KEY_SQL),
    ROW(plan_check, file, "file", TYPE_PATH, "A file with the query.", .file_kind = PLAN_FILE_CHECK),
    ROW(plan_check, builtin, "builtin", TYPE_WORD, "A check that is built in.", .words = &plan_words_builtin),
    ROW(plan_check, table, "table", TYPE_TEXT, "With builtin table, column, constraint, policy, trigger: the table.", OPTIONAL),
    ROW(plan_check, object, "object", TYPE_TEXT, "With builtin constraint, index, policy, trigger, function, view: its name.", OPTIONAL),
    ROW(plan_check, column, "column", TYPE_TEXT, "With builtin column: its name.", OPTIONAL),
    ROW(plan_check, type, "type", TYPE_TEXT, "With builtin column: its type, as psql shows it.", OPTIONAL),
    ROW(plan_check, nullable, "nullable", TYPE_TRISTATE, "With builtin column: whether it takes NULL.", OPTIONAL),
    ROW(plan_check, valid, "valid", TYPE_TRISTATE, "With builtin index or constraint: whether it is valid.", OPTIONAL),
    ROW(plan_check, command, "command", TYPE_WORDTEXT, "With builtin policy: the command it is for.", .words = &plan_words_command),
    ROW(plan_check, roles, "roles", TYPE_TEXTS, "With builtin policy: the roles it is for.", OPTIONAL),
    ROW(plan_check, using, "using", TYPE_TEXT, "With builtin policy: its USING expression, as the server shows it.", OPTIONAL),
    ROW(plan_check, with_check, "with_check", TYPE_TEXT, "With builtin policy: its WITH CHECK expression, as the server shows it.", OPTIONAL),
    ROW(plan_check, count_id, "count", TYPE_NAME, "With builtin query: the id in state.count.", OPTIONAL),
    ROW(plan_check, equals, "equals", TYPE_VALUE, "The result must be this.", OPTIONAL),
    ROW(plan_check, at_least, "at_least", TYPE_VALUE, "The result must be this or more; `before` is what was measured before the change.", OPTIONAL),
    ROW(plan_check, at_most, "at_most", TYPE_VALUE, "The result must be this or less; `before` is what was measured before the change.", OPTIONAL),
    ROW(plan_check, matches, "matches", TYPE_VALUE, "The result must match this regular expression.", OPTIONAL),
    ROW(plan_check, same_as, "same_as", TYPE_VALUE, "The result must be the one of `before`.", OPTIONAL),
    ROW(plan_check, empty, "empty", TYPE_TRISTATE, "There must be no row, or no such object.", OPTIONAL),
    ROW(plan_check, exists, "exists", TYPE_TRISTATE, "There must be a row, or such an object.", OPTIONAL),
    ROW(plan_check, show, "show", TYPE_BOOL, "Whether values of rows may stand in journal and report.", .otherwise = "false"),
    ROW(plan_check, within_us, "within", TYPE_DURATION, "How long the query may take.", OPTIONAL),
    ROW(plan_check, as, "as", TYPE_MAP, "Runs the check as another role, with settings.", .map = &as_map),
};
MAP(check, plan_check);

static const struct plan_key expect_keys[] = {
    ROW(plan_expect, time_us, "time", TYPE_DURATION, "How long the file takes.", OPTIONAL),
    ROW(plan_expect, errors, "errors", TYPE_INTEGER, "How many errors it gives.", ANY_COUNT),
    ROW(plan_expect, warnings, "warnings", TYPE_INTEGER, "How many warnings it gives.", ANY_COUNT),
    ROW(plan_expect, drops, "drops", TYPE_INTEGER, "How many tables it drops.", ANY_COUNT),
};
MAP(expect, plan_expect);

static const struct plan_key retry_keys[] = {
    ROW(plan_retry, times, "times", TYPE_INTEGER, "How often a lock timeout, deadlock or serialization failure is tried again.", .minimum = 1, .maximum = 20, REQUIRED),
    ROW(plan_retry, wait_us, "wait", TYPE_DURATION, "The wait before each, outside the transaction.", .otherwise = "5s"),
};
MAP(retry, plan_retry);

static const struct plan_key queue_limit_keys[] = {
    ROW(plan_queue_limit, waiters, "waiters", TYPE_INTEGER, "How many sessions may queue behind the migration.", .minimum = 1, .maximum = 100000, REQUIRED),
    ROW(plan_queue_limit, for_us, "for", TYPE_DURATION, "For how long.", REQUIRED),
};
MAP(queue_limit, plan_queue_limit);

static const struct plan_key rows_keys[] = {
    ROW(plan_rows, statement, "statement", TYPE_INTEGER, "Which statement of the file, from 1.", .minimum = 1, .maximum = 1000000, REQUIRED),
    ROW(plan_rows, at_least, "at_least", TYPE_INTEGER, "How many rows it changes at least.", ANY_COUNT),
    ROW(plan_rows, at_most, "at_most", TYPE_INTEGER, "How many rows it changes at most.", ANY_COUNT),
};
MAP(rows, plan_rows);

static const struct plan_key step_keys[] = {
    ROW(plan_step, migration, "migration", TYPE_NAME, "A migration: its version, quoted.", OPTIONAL),
    ROW(plan_step, manual, "manual", TYPE_TEXT, "A manual step: what is to be done.", OPTIONAL),
    ROW(plan_step, command, "command", TYPE_ARGV, "A command step: a program and its arguments.", .flags = KEY_FILLED | KEY_UNBUILT),
    ROW(plan_step, id, "id", TYPE_NAME, "The name of a manual or command step.", OPTIONAL),
    ROW(plan_step, name, "name", TYPE_TEXT, "The step for people.", OPTIONAL),
    ROW(plan_step, file, "file", TYPE_PATH, "The SQL file.", .file_kind = PLAN_FILE_MIGRATION),
    ROW(plan_step, sha256, "sha256", TYPE_SHA256, "The file's SHA-256; another file is refused.", OPTIONAL),
    ROW(plan_step, slot, "slot", TYPE_SLOT, "When the step is due, as \"08:30 + 30m\".", OPTIONAL),
    ROW(plan_step, transaction, "transaction", TYPE_WORD, "One transaction, each statement by itself, or as the file has it.", .words = &plan_words_transaction, .otherwise = "one"),
    ROW(plan_step, expect, "expect", TYPE_MAP, "What the migration does when all is well.", .map = &expect_map),
    ROW(plan_step, rerun_safe, "rerun_safe", TYPE_TRISTATE, "Claim: running the file twice does no harm.", OPTIONAL),
    ROW(plan_step, zero_downtime, "zero_downtime", TYPE_TRISTATE, "Claim: the application works all the while.", OPTIONAL),
    ROW(plan_step, destructive, "destructive", TYPE_TRISTATE, "Claim: whether the file removes data.", OPTIONAL),
    ROW(plan_step, undo, "undo", TYPE_PATH, "The SQL file that takes it back, or none.", .file_kind = PLAN_FILE_UNDO),
    ROW(plan_step, before, "before", TYPE_MAPS, "Checks right before the migration.", .map = &check_map),
    ROW(plan_step, checks, "checks", TYPE_MAPS, "Checks of the migration's effect.", .map = &check_map),
    ROW(plan_step, after, "after", TYPE_MAPS, "More checks, after those.", .map = &check_map),
    ROW(plan_step, verify, "verify", TYPE_WORD, "Whether checks run after COMMIT or inside the open transaction.", .words = &plan_words_verify, .otherwise = "after"),
    ROW(plan_step, lock_timeout_us, "lock_timeout", TYPE_DURATION, "Instead of safety.lock_timeout.", OPTIONAL),
    ROW(plan_step, statement_timeout_us, "statement_timeout", TYPE_DURATION, "Instead of safety.statement_timeout.", OPTIONAL),
    ROW(plan_step, retry, "retry", TYPE_MAP, "Another try after a lock timeout, deadlock or serialization failure.", .map = &retry_map),
    ROW(plan_step, queue_limit, "queue_limit", TYPE_MAP, "Gives way when too many sessions queue behind the migration.", .map = &queue_limit_map, .flags = KEY_UNBUILT),
    ROW(plan_step, rows, "rows", TYPE_MAP, "How many rows one statement may change.", .map = &rows_map, .flags = KEY_UNBUILT),
    ROW(plan_step, creates_temporary, "creates_temporary", TYPE_TEXTS, "Objects that are listed at the end until they are dropped.", .flags = KEY_UNBUILT),
    ROW(plan_step, role, "role", TYPE_NAME, "The role that does a manual step.", OPTIONAL),
    ROW(plan_step, takes_us, "takes", TYPE_DURATION, "How long a manual step takes.", OPTIONAL),
    ROW(plan_step, within_us, "within", TYPE_DURATION, "How long a command may take.", OPTIONAL),
};
MAP(step, plan_step);

static const struct plan_key steps_from_keys[] = {
    ROW(plan_steps_from, dir, "dir", TYPE_TEXT, "The folder of the migrations.", REQUIRED),
    ROW(plan_steps_from, from, "from", TYPE_NAME, "The first version.", OPTIONAL),
    ROW(plan_steps_from, to, "to", TYPE_NAME, "The last version.", OPTIONAL),
    ROW(plan_steps_from, naming, "naming", TYPE_WORD, "Whose names the files have.", .words = &plan_words_naming, .otherwise = "auto"),
};
MAP(steps_from, plan_steps_from);

static const struct plan_key set_keys[] = {
    ROW(plan_set, name, "name", TYPE_TEXT, "The set for people.", REQUIRED),
    ROW(plan_set, checks, "checks", TYPE_MAPS, "Its checks.", .map = &check_map, REQUIRED),
};
MAP(set, plan_set);

static const struct plan_key verification_keys[] = {
    ROW(plan_verification, slot, "slot", TYPE_SLOT, "When verification is due.", OPTIONAL),
    ROW(plan_verification, sets, "sets", TYPE_MAPS, "The sets of checks.", .map = &set_map, REQUIRED),
};
MAP(verification, plan_verification);

static const struct plan_key log_keys[] = {
    ROW(plan_log, file, "file", TYPE_TEXT, "A log file of this host.", .flags = KEY_REQUIRED | KEY_FILLED),
    ROW(plan_log, match, "match", TYPE_TEXT, "A regular expression; matching new lines are counted.", REQUIRED),
};
MAP(log, plan_log);

static const struct plan_key probe_keys[] = {
    ROW(plan_probe, id, "id", TYPE_NAME, "The name of the probe.", REQUIRED),
    ROW(plan_probe, name, "name", TYPE_TEXT, "The probe for people.", OPTIONAL),
    ROW(plan_probe, builtin, "builtin", TYPE_WORD, "A number that the server or the host tells.", .words = &plan_words_gauge),
    ROW(plan_probe, sql, "sql", TYPE_TEXT, "A query that gives one number.", .flags = KEY_SQL),
    ROW(plan_probe, run, "run", TYPE_ARGV, "A program that prints one number.", .flags = KEY_FILLED),
    ROW(plan_probe, http, "http", TYPE_TEXT, "A URL; the number is the status.", .flags = KEY_FILLED),
    ROW(plan_probe, log, "log", TYPE_MAP, "A log file; the number counts new lines that match.", .map = &log_map),
    ROW(plan_probe, over_us, "over", TYPE_DURATION, "With slow_statements and oldest_transaction: what counts as slow.", OPTIONAL),
    ROW(plan_probe, equals, "equals", TYPE_VALUE, "The limit: exactly this.", OPTIONAL),
    ROW(plan_probe, at_least, "at_least", TYPE_VALUE, "The limit: this or more.", OPTIONAL),
    ROW(plan_probe, at_most, "at_most", TYPE_VALUE, "The limit: this or less.", OPTIONAL),
    ROW(plan_probe, matches, "matches", TYPE_VALUE, "The limit: the output matches this regular expression.", OPTIONAL),
    ROW(plan_probe, timeout_us, "timeout", TYPE_DURATION, "How long the probe may take.", .otherwise = "2s"),
    ROW(plan_probe, downtime, "downtime", TYPE_BOOL, "Whether its failures count as downtime.", .otherwise = "false"),
};
MAP(probe, plan_probe);

static const struct plan_key monitoring_keys[] = {
    ROW(plan_monitoring, slot, "slot", TYPE_SLOT, "When and how long is watched after the change.", OPTIONAL),
    ROW(plan_monitoring, every_us, "every", TYPE_DURATION, "How often the probes run; a person may have them run more often, never less.", .otherwise = "10s"),
    ROW(plan_monitoring, probes, "probes", TYPE_MAPS, "What is watched.", .map = &probe_map, REQUIRED),
};
MAP(monitoring, plan_monitoring);

static const struct plan_key rollback_option_keys[] = {
    ROW(plan_rollback_option, id, "id", TYPE_NAME, "The name of the way back.", REQUIRED),
    ROW(plan_rollback_option, title, "title", TYPE_TEXT, "The way back for people.", OPTIONAL),
    ROW(plan_rollback_option, kind, "kind", TYPE_WORD, "By hand, from a backup, by a SQL file, or by the undo files.", .words = &plan_words_rollback_kind, REQUIRED),
    ROW(plan_rollback_option, takes_us, "takes", TYPE_DURATION, "How long it takes, as far as is known.", OPTIONAL),
    ROW(plan_rollback_option, restores, "restores", TYPE_TEXT, "What it brings back, for people.", OPTIONAL),
    ROW(plan_rollback_option, steps, "steps", TYPE_TEXTS, "With manual: what is to be done.", OPTIONAL),
    ROW(plan_rollback_option, from, "from", TYPE_NAME, "With restore: the backup.", OPTIONAL),
    ROW(plan_rollback_option, file, "file", TYPE_PATH, "With sql: the file.", .file_kind = PLAN_FILE_ROLLBACK),
    ROW(plan_rollback_option, to, "to", TYPE_NAME, "With down: the version that stays applied.", OPTIONAL),
    ROW(plan_rollback_option, confirm, "confirm", TYPE_NAMES, "Roles: a person of each, all of them different, types the word ROLLBACK before it begins.", OPTIONAL),
};
MAP(rollback_option, plan_rollback_option);

static const struct plan_key criterion_keys[] = {
    ROW(plan_criterion, group, "group", TYPE_TEXT, "The heading it stands under.", REQUIRED),
    ROW(plan_criterion, text, "text", TYPE_TEXT, "The criterion for people.", REQUIRED),
    ROW(plan_criterion, check, "check", TYPE_NAME, "Judged by this check, or by verification as a whole.", OPTIONAL),
    ROW(plan_criterion, count, "count", TYPE_NAME, "Judged by this count.", OPTIONAL),
    ROW(plan_criterion, limit, "limit", TYPE_WORDTEXT, "Judged by this limit.", .words = &plan_words_limit),
    ROW(plan_criterion, probe, "probe", TYPE_NAME, "Judged by this probe.", OPTIONAL),
    ROW(plan_criterion, attest, "attest", TYPE_NAME, "Attested by this role.", OPTIONAL),
};
MAP(criterion, plan_criterion);

static const struct plan_key report_keys[] = {
    ROW(plan_report, name, "name", TYPE_NAME, "The name of the report's files.", .otherwise = "REPORT"),
    ROW(plan_report, include, "include", TYPE_WORDS, "Its parts; all unless said.", .words = &plan_words_part),
};
MAP(report, plan_report);

static const struct plan_key notification_keys[] = {
    ROW(plan_notification, when, "when", TYPE_WORDS, "On which occasions: before_open, open, go, no_go, hold, fail, rollback, done.", .words = &plan_words_occasion, REQUIRED),
    ROW(plan_notification, lead_us, "lead", TYPE_DURATION, "With before_open: how long before.", OPTIONAL),
    ROW(plan_notification, timeout_us, "timeout", TYPE_DURATION, "How long the program may take.", .otherwise = "30s"),
    ROW(plan_notification, run, "run", TYPE_ARGV, "The program and its arguments, started without a shell; it gets one JSON event on stdin, and no variable of the environment but HOME, USER, LOGNAME, LANG, LC_ALL, TZ, TMPDIR, GONOGO_* and a fixed PATH.", .flags = KEY_REQUIRED | KEY_FILLED),
};
MAP(notification, plan_notification);

static const struct plan_key card_keys[] = {
    ROW(plan_card, kind, "kind", TYPE_WORD, "Which emergency.", .words = &plan_words_emergency, REQUIRED),
    ROW(plan_card, title, "title", TYPE_TEXT, "The card's heading.", OPTIONAL),
    ROW(plan_card, steps, "steps", TYPE_TEXTS, "What is to be done.", REQUIRED),
    ROW(plan_card, call, "call", TYPE_TEXTS, "Whom to call.", OPTIONAL),
};
MAP(card, plan_card);

static const struct plan_key metadata_keys[] = {
    ROW(plan_metadata, ticket, "ticket", TYPE_TEXT, "Claim: the change ticket.", OPTIONAL),
    ROW(plan_metadata, author, "author", TYPE_TEXT, "Claim: who wrote the plan.", OPTIONAL),
    ROW(plan_metadata, approver, "approver", TYPE_TEXT, "Claim: who approved it.", OPTIONAL),
};
MAP(metadata, plan_metadata);

static const struct plan_key waiver_keys[] = {
    ROW(plan_waiver, rule, "rule", TYPE_NAME, "The rule, as `gonogo help L1` names it.", REQUIRED),
    ROW(plan_waiver, file, "file", TYPE_TEXT, "The migration's or undo file; all files unless said.", OPTIONAL),
    ROW(plan_waiver, statement, "statement", TYPE_INTEGER, "With file: the number of the statement in it; all of them unless said.", .minimum = 1, .maximum = INT32_MAX),
    ROW(plan_waiver, reason, "reason", TYPE_TEXT, "Why the finding is accepted.", REQUIRED),
    ROW(plan_waiver, person, "person", TYPE_TEXT, "Who accepts it.", REQUIRED),
    ROW(plan_waiver, until, "until", TYPE_DATE, "The last day on which it holds, as \"2026-12-31\"; without it, for ever.", OPTIONAL),
};
MAP(waiver, plan_waiver);

static const struct plan_key benchmark_keys[] = {
    ROW(plan_benchmark, sql, "sql", TYPE_TEXT, "The query that is measured before and after.", .flags = KEY_SQL | KEY_REQUIRED),
    ROW(plan_benchmark, runs, "runs", TYPE_INTEGER, "How often it runs.", .minimum = 1, .maximum = 1000, .otherwise = "5"),
};
MAP(benchmark, plan_benchmark);

static const struct plan_key plan_keys[] = {
    ROW(plan, version, "version", TYPE_INTEGER, "The version of this format: 1.", .minimum = 1, .maximum = 1, REQUIRED),
    ROW(plan, name, "name", TYPE_TEXT, "The change for people.", REQUIRED),
    ROW(plan, metadata, "metadata", TYPE_MAP, "Claims about the change.", .map = &metadata_map),
    ROW(plan, waivers, "waivers", TYPE_MAPS, "Findings of rules that somebody accepts, with a reason; one that is unused or has expired is a finding itself (T12). What a policy demands cannot be waived.", .map = &waiver_map),
    ROW(plan, window, "window", TYPE_MAP, "The maintenance window.", .map = &window_map),
    ROW(plan, search_path, "search_path", TYPE_TEXTS, "For migrations and checks.", .otherwise = "public"),
    ROW(plan, ledger, "ledger", TYPE_MAP, "Where applied migrations are recorded; without it nothing but the migrations is written.", .map = &ledger_map),
    ROW(plan, applied, "applied", TYPE_NAMES, "Versions that the ledger must hold already.", .flags = KEY_UNBUILT),
    ROW(plan, targets, "targets", TYPE_MAPS, "The servers, by name and without secrets.", .map = &target_map, REQUIRED),
    ROW(plan, roles, "roles", TYPE_MAPS, "Who takes part; votes are needed for GO, anybody listed may call HOLD.", .map = &role_map),
    ROW(plan, limits, "limits", TYPE_MAP, "Time limits, criteria of the report.", .map = &limits_map),
    ROW(plan, safety, "safety", TYPE_MAP, "Time limits that the server enforces, and stops.", .map = &safety_map),
    ROW(plan, state, "state", TYPE_MAP, "The database before and after.", .map = &state_map),
    ROW(plan, rows_exact_below, "rows_exact_below", TYPE_SIZE, "Larger tables are counted by estimate.", .otherwise = "10GB"),
    ROW(plan, checklist, "checklist", TYPE_MAPS, "Go/no-go questions and what proves the answers.", .map = &item_map),
    ROW(plan, backup, "backup", TYPE_MAPS, "Backups, taken or attested before the change.", .map = &backup_map),
    ROW(plan, benchmark, "benchmark", TYPE_MAP, "A query that is measured before and after.", .map = &benchmark_map, .flags = KEY_UNBUILT),
    ROW(plan, steps, "steps", TYPE_MAPS, "The change, in order; each item is one migration, manual or command.", .map = &step_map),
    ROW(plan, steps_from, "steps_from", TYPE_MAP, "Makes migration steps from a folder.", .map = &steps_from_map, .flags = KEY_UNBUILT),
    ROW(plan, verification, "verification", TYPE_MAP, "Checks after the last step.", .map = &verification_map),
    ROW(plan, monitoring, "monitoring", TYPE_MAP, "What is watched, from the first screen on.", .map = &monitoring_map),
    ROW(plan, rollback, "rollback", TYPE_MAPS, "The ways back.", .map = &rollback_option_map),
    ROW(plan, emergency, "emergency", TYPE_MAPS, "Cards for emergencies, shown with the ways back.", .map = &card_map),
    ROW(plan, criteria, "criteria", TYPE_MAPS, "Success criteria of the report.", .map = &criterion_map),
    ROW(plan, report, "report", TYPE_MAP, "The report.", .map = &report_map),
    ROW(plan, notify, "notify", TYPE_MAPS, "Programs that tell the team.", .map = &notification_map),
};
const struct plan_map plan_root = {
    .name = "plan", .size = sizeof(struct plan), .keys = plan_keys, .key_count = COUNT_OF(plan_keys)};

/* ---- the answers file */

static const struct plan_key answer_as_keys[] = {
    ROW(answer_as, name, "name", TYPE_TEXT, "Who answers.", REQUIRED),
    ROW(answer_as, role, "role", TYPE_NAME, "In which role.", OPTIONAL),
};
MAP(answer_as, answer_as);
static const struct plan_key answer_item_keys[] = {
    ROW(answer_item, id, "id", TYPE_NAME, "The checklist item.", REQUIRED),
    ROW(answer_item, answer, "answer", TYPE_WORD, "The answer.", .words = &plan_words_answer, REQUIRED),
    ROW(answer_item, note, "note", TYPE_TEXT, "Why.", OPTIONAL),
    ROW(answer_item, by, "by", TYPE_TEXT, "By whom.", OPTIONAL),
};
MAP(answer_item, answer_item);
static const struct plan_key answer_criterion_keys[] = {
    ROW(answer_item, id, "id", TYPE_TEXT, "The attested criterion: its text, or its place in the plan, as criterion 1.", REQUIRED),
    ROW(answer_item, answer, "answer", TYPE_WORD, "Yes when it is so.", .words = &plan_words_answer, REQUIRED),
    ROW(answer_item, note, "note", TYPE_TEXT, "What was seen.", OPTIONAL),
    ROW(answer_item, by, "by", TYPE_TEXT, "By whom.", REQUIRED),
};
MAP(answer_criterion, answer_item);
static const struct plan_key answer_backup_keys[] = {
    ROW(answer_backup, id, "id", TYPE_NAME, "The backup.", REQUIRED),
    ROW(answer_backup, name, "name", TYPE_TEXT, "What its provider calls it.", REQUIRED),
    ROW(answer_backup, taken_us, "taken", TYPE_TIME, "When it was taken, as \"2024-01-31T08:00Z\".", REQUIRED),
};
MAP(answer_backup, answer_backup);
static const struct plan_key answer_vote_keys[] = {
    ROW(answer_vote, role, "role", TYPE_NAME, "The role.", REQUIRED),
    ROW(answer_vote, vote, "vote", TYPE_WORD, "The vote.", .words = &plan_words_vote, REQUIRED),
    ROW(answer_vote, name, "name", TYPE_TEXT, "Who votes.", REQUIRED),
    ROW(answer_vote, reason, "reason", TYPE_TEXT, "Why.", OPTIONAL),
};
MAP(answer_vote, answer_vote);
static const struct plan_key answer_reason_keys[] = {
    ROW(answer_reason, id, "id", TYPE_NAME, "The item, check or count; of override also a rule that blocks (012.D1; in an undo file 012.undo.D1), and L23 for who stands in the way at GO.", REQUIRED),
    ROW(answer_reason, reason, "reason", TYPE_TEXT, "Why.", REQUIRED),
    ROW(answer_reason, by, "by", TYPE_TEXT, "By whom.", REQUIRED),
};
MAP(answer_reason, answer_reason);
static const struct plan_key answer_sign_off_keys[] = {
    ROW(answer_sign_off, role, "role", TYPE_NAME, "The role.", REQUIRED),
    ROW(answer_sign_off, name, "name", TYPE_TEXT, "Who signs.", REQUIRED),
};
MAP(answer_sign_off, answer_sign_off);
static const struct plan_key answer_confirm_keys[] = {
    ROW(answer_sign_off, role, "role", TYPE_NAME, "The role.", REQUIRED),
    ROW(answer_sign_off, name, "name", TYPE_TEXT, "Who confirms.", REQUIRED),
};
MAP(answer_confirm, answer_sign_off);
static const struct plan_key answers_keys[] = {
    ROW(answers, version, "version", TYPE_INTEGER, "The version of this format: 1.", .minimum = 1, .maximum = 1, REQUIRED),
    ROW(answers, as, "as", TYPE_MAP, "Who runs.", .map = &answer_as_map),
    ROW(answers, checklist, "checklist", TYPE_MAPS, "Answers to checklist items.", .map = &answer_item_map),
    ROW(answers, backup, "backup", TYPE_MAPS, "Backups that others took.", .map = &answer_backup_map),
    ROW(answers, votes, "votes", TYPE_MAPS, "Votes of the poll.", .map = &answer_vote_map),
    ROW(answers, database, "database", TYPE_TEXT, "The typed name of the database.", OPTIONAL),
    ROW(answers, checkpoints, "checkpoints", TYPE_WORD, "What is answered between migrations.", .words = &plan_words_checkpoints),
    ROW(answers, accept, "accept", TYPE_MAPS, "Differences that are accepted.", .map = &answer_reason_map),
    ROW(answers, override, "override", TYPE_MAPS, "Gates that are opened without proof.", .map = &answer_reason_map),
    ROW(answers, on_failure_text, "on_failure", TYPE_TEXT, "What is done when the change fails: hold, rollback, or rollback:OPTION.", OPTIONAL),
    ROW(answers, confirm, "confirm", TYPE_MAPS, "Who confirms the way back, for each role that it names.", .map = &answer_confirm_map),
    ROW(answers, criteria, "criteria", TYPE_MAPS, "Criteria that people attest.", .map = &answer_criterion_map),
    ROW(answers, sign_off, "sign_off", TYPE_MAPS, "Sign-offs at the end.", .map = &answer_sign_off_map),
};
const struct plan_map answers_root = {
    .name = "answers", .size = sizeof(struct answers), .keys = answers_keys, .key_count = COUNT_OF(answers_keys)};

static const struct plan_key policy_keys[] = {
    ROW(policy, name_pattern, "name_pattern", TYPE_TEXT, "What the file name of a migration must match, as a POSIX extended regular expression.", OPTIONAL),
    ROW(policy, require, "require", TYPE_WORDS, "What each migration must have: an undo file, a check behind it, a text beside it with the same name and the ending .md.", .words = &plan_words_policy_part),
    ROW(policy, promotion, "promotion", TYPE_NAMES, "Environments in their order: the target of each must name a rehearsal on the one before.", OPTIONAL),
    ROW(policy, recovery_max_us, "recovery_max", TYPE_DURATION, "The longest way back that limits.recovery may allow.", OPTIONAL),
    ROW(policy, index_concurrently, "index_concurrently", TYPE_BOOL, "Whether indexes of tables that are there already must be built CONCURRENTLY.", .otherwise = "false"),
};
const struct plan_map policy_root = {
    .name = "policy", .size = sizeof(struct policy), .keys = policy_keys, .key_count = COUNT_OF(policy_keys)};
/* clang-format on */
#undef ROW
#undef MAP
#undef REQUIRED
#undef OPTIONAL
#undef ANY_COUNT

const struct plan_key *plan_table_find(const struct plan_map *map, struct str name)
{
    for (size_t i = 0; i < map->key_count; i++) {
        /* the first byte tells most names apart; this is the walk's hottest line */
        if (name.len > 0 && name.ptr[0] == map->keys[i].name[0] &&
            str_eq(name, map->keys[i].name)) {
            return &map->keys[i];
        }
    }
    return NULL;
}
