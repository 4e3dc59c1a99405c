/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the files of task share. A task is a table of steps: each begins one thing that
 * takes time (a session, a list of queries, a program, a throw-away server) and returns;
 * when that ends well, task_next() begins the next step, else task_fail() ends the task.
 * Whatever was started is taken down before EVENT_TASK_DONE is told.
 */
#ifndef GONOGO_TASK_PRIVATE_H
#define GONOGO_TASK_PRIVATE_H

#include "pgtools.h"
#include "proc.h"
#include "scratch_server.h"
#include "task.h"
#include "task_child.h"

/* All that one database said about itself: of the source, or of a restored copy. */
struct task_facts {
    struct arena arena;
    struct pgtools_facts facts;
    struct rows database; /* answer to pgtools_database_query() */
    struct str snapshot;  /* name of the exported snapshot; empty: none was asked for */
    struct str name;      /* current_database() */
    struct catalog_snapshot catalog;
    struct catalog_row_counts tables;
    bool has_catalog;
    int server_version;
};

/* Where in the list of questions a gathering is; see task_gather.c. */
struct task_gather {
    struct task_facts *into;
    bool export_snapshot;
    struct catalog_counts counts;
    struct rows plain_tables; /* answer to pgtools_tables_query() */
    struct task_statement *list;
    size_t list_count;
};

/* A file being hashed slice by slice. */
struct task_hash {
    int fd;
    struct sha256 *sha;
    int64_t size;
    uint32_t source;
    void (*done)(struct app_task *task, struct sha256_hex hex);
};

/* Programs and how the task's children reach the database. */
struct task_tools {
    const char *dump;
    const char *restore;
    int scratch_major; /* of the server programs beside them; 0: there are none */
    struct pgtools_version dump_version;
    struct pgtools_version restore_version;
};

enum {
    SAID_LINES = 200,
};
/* The newest lines of a program; a ring. */
struct task_said {
    struct strbuf lines[SAID_LINES];
    size_t count; /* of all lines that there were */
};

typedef void (*task_step)(struct app_task *task);
/* Looks at one good answer of a list; false with the reason ends the task. */
typedef bool (*task_answer)(struct app_task *task, size_t index, const struct db_reply *reply,
                            struct err *err);

struct app_task {
    enum task kind;
    int index;
    struct task_context context;
    struct arena arena;
    const task_step *steps; /* NULL last */
    size_t step;
    bool ending; /* failed, finished or killed: what still comes back is not looked at */
    bool ended;
    bool undoing; /* a failed restore drops its database */
    int64_t started_us;
    int64_t progress_us; /* of the last EVENT_TASK */

    struct task_tools tools;
    struct task_child child;
    struct strbuf output; /* of programs whose output is read whole */
    struct pgtools_progress progress;
    const char *program_name; /* of the child, for messages */
    void (*program_ended)(struct app_task *task);
    int program_status; /* exit status, -1: killed or not started */
    struct task_session *session;
    task_answer answered; /* to the list that runs */
    void (*list_done)(struct app_task *task);
    struct scratch_server *scratch;
    struct task_gather gather;
    struct task_hash hash;

    const struct plan_backup *backup;
    const struct plan_rollback_option *option;
    const char *folder; /* run directory/backup */
    int folder_fd;
    const char *file;     /* name of the dump in it */
    const char *path;     /* the whole */
    const char *passfile; /* name in the folder; NULL: none was written */
    bool partial;         /* file.partial may be there */
    struct task_facts source;
    struct task_facts copy;
    struct pgtools_list list;
    struct pgtools_names missing; /* extensions */
    struct pgtools_names roles;   /* that the dump names */
    struct pgtools_names roles_there;
    struct pgtools_names extensions_there;
    int64_t expected_size; /* of the dump, as recorded */
    struct str expected_hash;
    int64_t warnings;
    const char *database;           /* the one that is restored into */
    bool database_is_ours;          /* made by us and not proved yet: it goes on failure */
    struct task_statement *analyze; /* one per table of the copy */
    size_t analyze_count;
    int64_t step_us; /* when the timed step began */

    /* What EVENT_TASK_DONE will say; see task_end(). */
    struct event done;
    struct strbuf done_text;
    struct strbuf done_detail;
    struct event_item *items;
    size_t item_count, item_capacity;
    struct event_item *proof; /* of EVENT_PROOF; texts in the arena */
    size_t proof_count, proof_capacity;
    struct task_said said; /* of pg_restore, while it proves */
    uint32_t end_source;
};

/* ------------------------------------------------------------------ task.c */

void task_next(struct app_task *task);
/* Ends the task as failed: what, why, what to do; what was reached stays in done.level. */
void task_fail(struct app_task *task, const struct err *err);
/* Ends the task with `done` as it is; takes everything down first. */
void task_finish(struct app_task *task);
/* At most a few a second; `force` for a new station. */
void task_tell(struct app_task *task, const char *text, int64_t value, int64_t total,
               bool force);
/* Hooks of a throw-away server that a task has started. */
void task_scratch_stopped(void *ctx);
void task_scratch_failed(void *ctx, const struct err *why);
void task_add_item(struct app_task *task, const char *kind, struct str name, struct str text);

/* ------------------------------------------------------------ task_tools.c */

#define PASSFILE_PREFIX "pass-"

/* Finds pg_dump and pg_restore for a server of that major version (0: not known). */
bool task_find_tools_blocking(struct app_task *task, int major, struct err *err) MUST_CHECK;
/* Steps: asks both for their versions. */
void task_ask_dump_version(struct app_task *task);
void task_ask_restore_version(struct app_task *task);
/* The environment of a child that works on the target, or on a throw-away server's database. */
bool task_target_environment(struct app_task *task, const char *database,
                             const char ***environment, struct err *err) MUST_CHECK;
const char **task_scratch_environment(struct app_task *task, const char *database);
void task_remove_passfile(struct app_task *task);

/* --------------------------------------------------------- task_program.c */

/* Runs one of PostgreSQL's programs; its stderr becomes progress. `keep_output`: stdout goes
 * into task->output. `ended` decides what is next. */
void task_run_program(struct app_task *task, const char *const *argv,
                      const char *const *environment, bool keep_output,
                      void (*ended)(struct app_task *task));

/* ---------------------------------------------------------- task_gather.c */

/* Connects task->session to a database and goes to the next step. */
void task_connect(struct app_task *task, const struct db_params *params);
/* Connects to the target, or to another database of its server. */
void task_connect_target(struct app_task *task, const char *database);
/* Runs statements; `answered` may be NULL. Then the next step. */
void task_run_statements(struct app_task *task, const struct task_statement *statements,
                         size_t count, task_answer answered);
/* Asks the connected database everything; then the next step. */
void task_gather_facts(struct app_task *task, struct task_facts *into, bool export_snapshot);
void task_facts_release(struct task_facts *facts);
void task_disconnect(struct app_task *task);

/* ------------------------------------------------------------ task_files.c */

/* The folder for backups in the run directory, made when missing. */
bool task_open_folder(struct app_task *task, struct err *err) MUST_CHECK;
/* A name for a new dump, that no file has. */
void task_name_dump(struct app_task *task);
/* Hashes a file of the folder and then calls `done`, which reads task->hash.size. */
bool task_hash_file(struct app_task *task, const char *name,
                    void (*done)(struct app_task *task, struct sha256_hex hex),
                    struct err *err) MUST_CHECK;
void task_hash_release(struct app_task *task);
/* What the source said at the moment of the dump, beside the dump. */
bool task_write_facts(struct app_task *task, struct str dump_hash, struct err *err) MUST_CHECK;
bool task_read_facts(struct app_task *task, struct str dump_hash, struct err *err) MUST_CHECK;
/* Finds the recorded dump of a backup of the plan; checks name and presence. */
bool task_use_dump(struct app_task *task, const struct run_backup *backup,
                   struct err *err) MUST_CHECK;
/* Compares source and copy; differences become items. True when equal. */
bool task_compare(struct app_task *task);

/* ----------------------------------------------------------- task_proof.c */

/* What a proof found so far becomes part of EVENT_PROOF, which is told before the task's end.
 */
void task_prove_reached(struct app_task *task, enum plan_backup_level level);
void task_prove_bytes(struct app_task *task);
/* Holds the archive's list against the run's snapshot "backup", kind by kind. */
void task_prove_list(struct app_task *task);
void task_said_add(struct task_said *said, struct str line);
void task_tell_proof(struct app_task *task);
void task_proof_release(struct app_task *task);

/* ---------------------------------------------- task_dump.c and the others */

extern const task_step task_dump_steps[];
extern const task_step task_prove_steps[];
extern const task_step task_restore_steps[];
/* Parts of a proof that a restore shares: hash and size once more. */
void task_check_bytes(struct app_task *task);
/* Drops the half-filled database of a restore that failed, then finishes. */
void task_restore_undo(struct app_task *task);

#endif
