/* SPDX-License-Identifier: PostgreSQL */
/*
 * The words of locks, work, second run, loss and way back, and the table of forms.
 */
#include "sql_facts.h"

static const struct {
    const char *name;
    const char *words;
    const char *stops;
} locks[SQL_LOCK__COUNT] = {
    [SQL_LOCK_NONE] = {"", "", ""},
    [SQL_LOCK_ACCESS_SHARE] = {"AccessShareLock", "ACCESS SHARE", ""},
    [SQL_LOCK_ROW_SHARE] = {"RowShareLock", "ROW SHARE", ""},
    [SQL_LOCK_ROW_EXCLUSIVE] = {"RowExclusiveLock", "ROW EXCLUSIVE", ""},
    [SQL_LOCK_SHARE_UPDATE_EXCLUSIVE] = {"ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE",
                                         "stops schema changes and vacuum"},
    [SQL_LOCK_SHARE] = {"ShareLock", "SHARE", "stops writes"},
    [SQL_LOCK_SHARE_ROW_EXCLUSIVE] = {"ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE",
                                      "stops writes"},
    [SQL_LOCK_EXCLUSIVE] = {"ExclusiveLock", "EXCLUSIVE", "stops writes and SELECT FOR UPDATE"},
    [SQL_LOCK_ACCESS_EXCLUSIVE] = {"AccessExclusiveLock", "ACCESS EXCLUSIVE",
                                   "stops reads and writes"},
};

const char *sql_lock_name(enum sql_lock lock)
{
    return locks[lock].name;
}

const char *sql_lock_words(enum sql_lock lock)
{
    return locks[lock].words;
}

const char *sql_lock_stops(enum sql_lock lock)
{
    return locks[lock].stops;
}

bool sql_lock_conflicts(enum sql_lock held, enum sql_lock wanted)
{
#define LOCK(mode) (1U << SQL_LOCK_##mode)
    static const unsigned conflicts[SQL_LOCK__COUNT] = {
        [SQL_LOCK_ACCESS_SHARE] = LOCK(ACCESS_EXCLUSIVE),
        [SQL_LOCK_ROW_SHARE] = LOCK(EXCLUSIVE) | LOCK(ACCESS_EXCLUSIVE),
        [SQL_LOCK_ROW_EXCLUSIVE] =
            LOCK(SHARE) | LOCK(SHARE_ROW_EXCLUSIVE) | LOCK(EXCLUSIVE) | LOCK(ACCESS_EXCLUSIVE),
        [SQL_LOCK_SHARE_UPDATE_EXCLUSIVE] = LOCK(SHARE_UPDATE_EXCLUSIVE) | LOCK(SHARE) |
                                            LOCK(SHARE_ROW_EXCLUSIVE) | LOCK(EXCLUSIVE) |
                                            LOCK(ACCESS_EXCLUSIVE),
        [SQL_LOCK_SHARE] = LOCK(ROW_EXCLUSIVE) | LOCK(SHARE_UPDATE_EXCLUSIVE) |
                           LOCK(SHARE_ROW_EXCLUSIVE) | LOCK(EXCLUSIVE) | LOCK(ACCESS_EXCLUSIVE),
        [SQL_LOCK_SHARE_ROW_EXCLUSIVE] = LOCK(ROW_EXCLUSIVE) | LOCK(SHARE_UPDATE_EXCLUSIVE) |
                                         LOCK(SHARE) | LOCK(SHARE_ROW_EXCLUSIVE) |
                                         LOCK(EXCLUSIVE) | LOCK(ACCESS_EXCLUSIVE),
        [SQL_LOCK_EXCLUSIVE] =
            LOCK(ROW_SHARE) | LOCK(ROW_EXCLUSIVE) | LOCK(SHARE_UPDATE_EXCLUSIVE) | LOCK(SHARE) |
            LOCK(SHARE_ROW_EXCLUSIVE) | LOCK(EXCLUSIVE) | LOCK(ACCESS_EXCLUSIVE),
        [SQL_LOCK_ACCESS_EXCLUSIVE] = LOCK(ACCESS_SHARE) | LOCK(ROW_SHARE) |
                                      LOCK(ROW_EXCLUSIVE) | LOCK(SHARE_UPDATE_EXCLUSIVE) |
                                      LOCK(SHARE) | LOCK(SHARE_ROW_EXCLUSIVE) |
                                      LOCK(EXCLUSIVE) | LOCK(ACCESS_EXCLUSIVE),
    };
#undef LOCK
    return (conflicts[held] & (1U << wanted)) != 0;
}

static const char *const work_names[SQL_WORK__COUNT] = {
    [SQL_WORK_NONE] = "catalog", [SQL_WORK_ROWS] = "rows",   [SQL_WORK_UNKNOWN] = "unknown",
    [SQL_WORK_SCAN] = "scan",    [SQL_WORK_BUILD] = "build", [SQL_WORK_REWRITE] = "rewrite",
};
static const char *const rerun_names[SQL_RERUN__COUNT] = {
    [SQL_RERUN_UNKNOWN] = "unknown",
    [SQL_RERUN_YES] = "yes",
    [SQL_RERUN_FAILS] = "fails",
    [SQL_RERUN_TWICE] = "twice",
};
static const char *const loss_names[SQL_LOSS__COUNT] = {
    [SQL_LOSS_NOTHING] = "nothing", [SQL_LOSS_GUARANTEE] = "guarantee",
    [SQL_LOSS_CODE] = "code",       [SQL_LOSS_ACCESS] = "access",
    [SQL_LOSS_ROWS] = "rows",       [SQL_LOSS_DATA] = "data",
    [SQL_LOSS_UNKNOWN] = "unknown",
};
static const char *const undo_names[SQL_UNDO__COUNT] = {
    [SQL_UNDO_NOT_NEEDED] = "not needed", [SQL_UNDO_STATEMENT] = "statement",
    [SQL_UNDO_KNOWLEDGE] = "knowledge",   [SQL_UNDO_BACKUP] = "backup",
    [SQL_UNDO_NEVER] = "never",           [SQL_UNDO_UNKNOWN] = "unknown",
};

const char *sql_work_name(enum sql_work work)
{
    return work_names[work];
}

const char *sql_rerun_name(enum sql_rerun rerun)
{
    return rerun_names[rerun];
}

const char *sql_loss_name(enum sql_loss loss)
{
    return loss_names[loss];
}

const char *sql_undo_name(enum sql_undo undo)
{
    return undo_names[undo];
}

#define SQL_FORM(form, command, page, on_object, on_other, does, again, loses, back)           \
    [SQL_FORM_##form] = {#form,                                                                \
                         command,                                                              \
                         page,                                                                 \
                         SQL_LOCK_##on_object,                                                 \
                         SQL_LOCK_##on_other,                                                  \
                         SQL_WORK_##does,                                                      \
                         SQL_RERUN_##again,                                                    \
                         SQL_LOSS_##loses,                                                     \
                         SQL_UNDO_##back},
static const struct sql_form_row forms[SQL_FORM__COUNT] = {
#include "sql_forms.def"
};
#undef SQL_FORM

const struct sql_form_row *sql_form_row(enum sql_form form)
{
    return &forms[form];
}
