/* SPDX-License-Identifier: PostgreSQL */
/*
 * The words that the plan's keys know, each list beside the enum it fills. A word
 * that is not here is an error; nothing is guessed.
 */
#include "plan_answers.h"
#include "plan_policy.h"
#include "plan_words.h"

/* name: as written; value: the enum; unbuilt: accepted and told, but `run` refuses it */
#define WORDS(list, ...)                                                                       \
    static const struct plan_word list##_items[] = {__VA_ARGS__};                              \
    const struct plan_wordlist list = {list##_items, COUNT_OF(list##_items)}

/* clang-format off */
WORDS(plan_words_weekday,
    {"mon", 1, false}, {"tue", 2, false}, {"wed", 3, false}, {"thu", 4, false},
    {"fri", 5, false}, {"sat", 6, false}, {"sun", 7, false},
    {"monday", 1, false}, {"tuesday", 2, false}, {"wednesday", 3, false},
    {"thursday", 4, false}, {"friday", 5, false}, {"saturday", 6, false}, {"sunday", 7, false});
WORDS(plan_words_ledger_style,
    {"plain", PLAN_LEDGER_PLAIN, false},
    {"supabase", PLAN_LEDGER_SUPABASE, false},
    {"dbmate", PLAN_LEDGER_DBMATE, false},
    {"golang-migrate", PLAN_LEDGER_GOLANG_MIGRATE, false},
    {"node-pg-migrate", PLAN_LEDGER_NODE_PG_MIGRATE, false},
    {"flyway", PLAN_LEDGER_FLYWAY, false},
    {"sqitch", PLAN_LEDGER_SQITCH, false});
WORDS(plan_words_what,
    {"tables", PLAN_WHAT_TABLES, false},
    {"partitions", PLAN_WHAT_PARTITIONS, false},
    {"foreign_keys", PLAN_WHAT_FOREIGN_KEYS, false},
    {"rls_policies", PLAN_WHAT_RLS_POLICIES, false},
    {"tables_with_rls", PLAN_WHAT_TABLES_WITH_RLS, false},
    {"indexes", PLAN_WHAT_INDEXES, false},
    {"views", PLAN_WHAT_VIEWS, false},
    {"materialized_views", PLAN_WHAT_MATERIALIZED_VIEWS, false},
    {"functions", PLAN_WHAT_FUNCTIONS, false},
    {"triggers", PLAN_WHAT_TRIGGERS, false},
    {"enums", PLAN_WHAT_ENUMS, false},
    {"sequences", PLAN_WHAT_SEQUENCES, false},
    {"constraints", PLAN_WHAT_CONSTRAINTS, false},
    {"columns", PLAN_WHAT_COLUMNS, false},
    {"query", PLAN_WHAT_QUERY, false});
WORDS(plan_words_unlisted,
    {"forbid", PLAN_UNLISTED_FORBID, false}, {"warn", PLAN_UNLISTED_WARN, false});
WORDS(plan_words_sslmode,
    {"disable", PLAN_SSL_DISABLE, false}, {"allow", PLAN_SSL_ALLOW, false},
    {"prefer", PLAN_SSL_PREFER, false}, {"require", PLAN_SSL_REQUIRE, false},
    {"verify-ca", PLAN_SSL_VERIFY_CA, false}, {"verify-full", PLAN_SSL_VERIFY_FULL, false});
WORDS(plan_words_on_disconnect,
    {"finish", PLAN_DISCONNECT_FINISH, false}, {"rollback", PLAN_DISCONNECT_ROLLBACK, false});
WORDS(plan_words_stop_after,
    {"every_file", PLAN_STOP_EVERY_FILE, false}, {"never", PLAN_STOP_NEVER, false});
WORDS(plan_words_gate,
    {"prep", PLAN_GATE_PREP, false}, {"poll", PLAN_GATE_POLL, false},
    {"close", PLAN_GATE_CLOSE, false});
WORDS(plan_words_phase,
    {"before", PLAN_PHASE_BEFORE, false}, {"during", PLAN_PHASE_DURING, false},
    {"after", PLAN_PHASE_AFTER, false});
WORDS(plan_words_proof,
    {"rehearsal", PLAN_PROOF_REHEARSAL, false}, {"backup", PLAN_PROOF_BACKUP, false},
    {"poll", PLAN_PROOF_POLL, false}, {"probes", PLAN_PROOF_PROBES, false},
    {"note", PLAN_PROOF_NOTE, false}, {"sql", PLAN_PROOF_SQL, false},
    {"run", PLAN_PROOF_RUN, false});
WORDS(plan_words_needs,
    {"checks", PLAN_NEEDS_CHECKS, false}, {"rerun", PLAN_NEEDS_RERUN, false},
    {"rows", PLAN_NEEDS_ROWS, false}, {"time", PLAN_NEEDS_TIME, false},
    {"rollback", PLAN_NEEDS_ROLLBACK, false}, {"dumped", PLAN_NEEDS_DUMPED, false},
    {"listed", PLAN_NEEDS_LISTED, false}, {"restored", PLAN_NEEDS_RESTORED, false},
    {"compared", PLAN_NEEDS_COMPARED, false});
WORDS(plan_words_backup_kind,
    {"pg_dump", PLAN_BACKUP_PG_DUMP, false},
    {"command", PLAN_BACKUP_COMMAND, true},
    {"external", PLAN_BACKUP_EXTERNAL, false});
WORDS(plan_words_backup_format,
    {"custom", PLAN_FORMAT_CUSTOM, false}, {"directory", PLAN_FORMAT_DIRECTORY, false},
    {"tar", PLAN_FORMAT_TAR, false}, {"plain", PLAN_FORMAT_PLAIN, false});
WORDS(plan_words_backup_level,
    {"dumped", PLAN_LEVEL_DUMPED, false}, {"listed", PLAN_LEVEL_LISTED, false},
    {"restored", PLAN_LEVEL_RESTORED, false}, {"compared", PLAN_LEVEL_COMPARED, false});
WORDS(plan_words_builtin,
    {"tables", PLAN_BUILTIN_TABLES, false},
    {"partitions", PLAN_BUILTIN_PARTITIONS, false},
    {"foreign_keys", PLAN_BUILTIN_FOREIGN_KEYS, false},
    {"rls_policies", PLAN_BUILTIN_RLS_POLICIES, false},
    {"tables_with_rls", PLAN_BUILTIN_TABLES_WITH_RLS, false},
    {"indexes", PLAN_BUILTIN_INDEXES, false},
    {"views", PLAN_BUILTIN_VIEWS, false},
    {"materialized_views", PLAN_BUILTIN_MATERIALIZED_VIEWS, false},
    {"functions", PLAN_BUILTIN_FUNCTIONS, false},
    {"triggers", PLAN_BUILTIN_TRIGGERS, false},
    {"enums", PLAN_BUILTIN_ENUMS, false},
    {"sequences", PLAN_BUILTIN_SEQUENCES, false},
    {"removed_tables_present", PLAN_BUILTIN_REMOVED_TABLES_PRESENT, false},
    {"conflicts", PLAN_BUILTIN_CONFLICTS, false},
    {"query", PLAN_BUILTIN_QUERY, false},
    {"orphans", PLAN_BUILTIN_ORPHANS, false},
    {"invalid_indexes", PLAN_BUILTIN_INVALID_INDEXES, false},
    {"unvalidated_constraints", PLAN_BUILTIN_UNVALIDATED_CONSTRAINTS, false},
    {"rows_per_kept_table", PLAN_BUILTIN_ROWS_PER_KEPT_TABLE, false},
    {"policies_on_tables_without_rls", PLAN_BUILTIN_POLICIES_ON_TABLES_WITHOUT_RLS, false},
    {"table", PLAN_BUILTIN_TABLE, false},
    {"column", PLAN_BUILTIN_COLUMN, false},
    {"constraint", PLAN_BUILTIN_CONSTRAINT, false},
    {"index", PLAN_BUILTIN_INDEX, false},
    {"policy", PLAN_BUILTIN_POLICY, false},
    {"trigger", PLAN_BUILTIN_TRIGGER, false},
    {"function", PLAN_BUILTIN_FUNCTION, false},
    {"view", PLAN_BUILTIN_VIEW, false});
WORDS(plan_words_command,
    {"ALL", 1, false}, {"SELECT", 2, false}, {"INSERT", 3, false}, {"UPDATE", 4, false},
    {"DELETE", 5, false});
WORDS(plan_words_transaction,
    {"one", PLAN_TRANSACTION_ONE, false}, {"each", PLAN_TRANSACTION_EACH, false},
    {"file", PLAN_TRANSACTION_FILE, false});
WORDS(plan_words_verify,
    {"after", PLAN_VERIFY_AFTER, false}, {"inside", PLAN_VERIFY_INSIDE, false});
WORDS(plan_words_naming,
    {"auto", PLAN_NAMING_AUTO, false}, {"plain", PLAN_NAMING_PLAIN, false},
    {"dbmate", PLAN_NAMING_DBMATE, false},
    {"golang-migrate", PLAN_NAMING_GOLANG_MIGRATE, false},
    {"flyway", PLAN_NAMING_FLYWAY, false}, {"supabase", PLAN_NAMING_SUPABASE, false},
    {"sqitch", PLAN_NAMING_SQITCH, false});
WORDS(plan_words_gauge,
    {"connections", PLAN_GAUGE_CONNECTIONS, false},
    {"active", PLAN_GAUGE_ACTIVE, false},
    {"idle_in_transaction", PLAN_GAUGE_IDLE_IN_TRANSACTION, false},
    {"commits", PLAN_GAUGE_COMMITS, false},
    {"rollbacks", PLAN_GAUGE_ROLLBACKS, false},
    {"deadlocks", PLAN_GAUGE_DEADLOCKS, false},
    {"cache_hit", PLAN_GAUGE_CACHE_HIT, false},
    {"temp_bytes", PLAN_GAUGE_TEMP_BYTES, false},
    {"oldest_transaction", PLAN_GAUGE_OLDEST_TRANSACTION, false},
    {"lock_waits", PLAN_GAUGE_LOCK_WAITS, false},
    {"slow_statements", PLAN_GAUGE_SLOW_STATEMENTS, false},
    {"database_size", PLAN_GAUGE_DATABASE_SIZE, false},
    {"replication_lag", PLAN_GAUGE_REPLICATION_LAG, false},
    {"host_cpu", PLAN_GAUGE_HOST_CPU, false},
    {"host_memory", PLAN_GAUGE_HOST_MEMORY, false},
    {"host_disk", PLAN_GAUGE_HOST_DISK, false});
WORDS(plan_words_rollback_kind,
    {"manual", PLAN_ROLLBACK_MANUAL, false}, {"restore", PLAN_ROLLBACK_RESTORE, false},
    {"sql", PLAN_ROLLBACK_SQL, false}, {"down", PLAN_ROLLBACK_DOWN, false});
WORDS(plan_words_limit,
    {"sql_total", PLAN_LIMIT_SQL_TOTAL, false},
    {"migration_total", PLAN_LIMIT_MIGRATION_TOTAL, false},
    {"downtime", PLAN_LIMIT_DOWNTIME, false}, {"recovery", PLAN_LIMIT_RECOVERY, false});
WORDS(plan_words_part,
    {"log", PLAN_PART_LOG, false}, {"verification", PLAN_PART_VERIFICATION, false},
    {"performance", PLAN_PART_PERFORMANCE, false}, {"health", PLAN_PART_HEALTH, false},
    {"sign_off", PLAN_PART_SIGN_OFF, false});
WORDS(plan_words_occasion,
    {"before_open", PLAN_WHEN_BEFORE_OPEN, false}, {"open", PLAN_WHEN_OPEN, false},
    {"go", PLAN_WHEN_GO, false}, {"no_go", PLAN_WHEN_NO_GO, false},
    {"hold", PLAN_WHEN_HOLD, false}, {"fail", PLAN_WHEN_FAIL, false},
    {"rollback", PLAN_WHEN_ROLLBACK, false}, {"done", PLAN_WHEN_DONE, false});
WORDS(plan_words_emergency,
    {"migration_failure", PLAN_EMERGENCY_MIGRATION_FAILURE, false},
    {"data_corruption", PLAN_EMERGENCY_DATA_CORRUPTION, false},
    {"performance", PLAN_EMERGENCY_PERFORMANCE, false});
WORDS(plan_words_answer, {"yes", ANSWER_YES, false}, {"no", ANSWER_NO, false});
WORDS(plan_words_vote,
    {"GO", ANSWER_VOTE_GO, false}, {"NO-GO", ANSWER_VOTE_NO_GO, false},
    {"HOLD", ANSWER_VOTE_HOLD, false});
WORDS(plan_words_checkpoints,
    {"continue", ANSWER_CHECKPOINTS_CONTINUE, false},
    {"hold", ANSWER_CHECKPOINTS_HOLD, false});
WORDS(plan_words_policy_part,
    {"undo", POLICY_UNDO, false}, {"checks", POLICY_CHECKS, false},
    {"docs", POLICY_DOCS, false});
/* clang-format on */
#undef WORDS

const char *plan_table_word(const struct plan_wordlist *words, int value)
{
    for (size_t i = 0; i < words->count; i++) {
        if (words->items[i].value == value) {
            return words->items[i].name;
        }
    }
    return "";
}

const char *plan_what_word(enum plan_what what)
{
    return plan_table_word(&plan_words_what, (int)what);
}

const char *plan_occasion_word(enum plan_occasion occasion)
{
    return plan_table_word(&plan_words_occasion, (int)occasion);
}

const char *plan_builtin_word(enum plan_builtin builtin)
{
    return plan_table_word(&plan_words_builtin, (int)builtin);
}

const char *plan_gauge_word(enum plan_gauge gauge)
{
    return plan_table_word(&plan_words_gauge, (int)gauge);
}
