/* SPDX-License-Identifier: PostgreSQL */
/*
 * The word lists, for the table of keys. Private to the room.
 */
#ifndef GONOGO_PLAN_WORDS_H
#define GONOGO_PLAN_WORDS_H

#include "plan_table.h"

/* Words that are kept as text, because libpq or a message wants the text. */
enum plan_sslmode {
    PLAN_SSL_UNSAID,
    PLAN_SSL_DISABLE,
    PLAN_SSL_ALLOW,
    PLAN_SSL_PREFER,
    PLAN_SSL_REQUIRE,
    PLAN_SSL_VERIFY_CA,
    PLAN_SSL_VERIFY_FULL,
};
enum plan_limit {
    PLAN_LIMIT_UNSAID,
    PLAN_LIMIT_SQL_TOTAL,
    PLAN_LIMIT_MIGRATION_TOTAL,
    PLAN_LIMIT_DOWNTIME,
    PLAN_LIMIT_RECOVERY,
};

extern const struct plan_wordlist plan_words_weekday;
extern const struct plan_wordlist plan_words_ledger_style;
extern const struct plan_wordlist plan_words_unlisted;
extern const struct plan_wordlist plan_words_sslmode;
extern const struct plan_wordlist plan_words_on_disconnect;
extern const struct plan_wordlist plan_words_stop_after;
extern const struct plan_wordlist plan_words_gate;
extern const struct plan_wordlist plan_words_phase;
extern const struct plan_wordlist plan_words_proof;
extern const struct plan_wordlist plan_words_needs;
extern const struct plan_wordlist plan_words_backup_kind;
extern const struct plan_wordlist plan_words_backup_format;
extern const struct plan_wordlist plan_words_backup_level;
extern const struct plan_wordlist plan_words_command;
extern const struct plan_wordlist plan_words_transaction;
extern const struct plan_wordlist plan_words_verify;
extern const struct plan_wordlist plan_words_naming;
extern const struct plan_wordlist plan_words_rollback_kind;
extern const struct plan_wordlist plan_words_part;
extern const struct plan_wordlist plan_words_occasion;
extern const struct plan_wordlist plan_words_emergency;
extern const struct plan_wordlist plan_words_answer;
extern const struct plan_wordlist plan_words_vote;
extern const struct plan_wordlist plan_words_checkpoints;
extern const struct plan_wordlist plan_words_policy_part;

#endif
