/* SPDX-License-Identifier: PostgreSQL */
/*
 * front: what every front shows and asks alike, so that the screens, the plain prompts
 * and the headless log cannot drift apart.
 *
 * The log: the model is held against what was seen of it last time, and every
 * noteworthy difference becomes one entry, as text for people and as data for programs.
 * The texts: identity, rail, counts, a statement on one line. The forms: how each
 * question of the engine is answered, field by field, before it becomes an event.
 *
 * All of it reads the model and nothing else; nothing here prints.
 */
#ifndef GONOGO_FRONT_H
#define GONOGO_FRONT_H

#include "engine.h"

/* --------------------------------------------------------------------- the log */

struct front_entry {
    int64_t at_us;      /* the run's clock */
    const char *type;   /* "statement", "script", "check" … see front_log_types */
    const char *source; /* who speaks: "engine", "sql", "check", or a person */
    struct str text;    /* sanitised, one line */
    const struct json *data;
};
typedef void (*front_entry_writer)(void *ctx, const struct front_entry *entry);

/* The types of entries and what their data hold; for `gonogo help events`. */
struct front_log_type {
    const char *type;
    const char *comment;
};
extern const struct front_log_type front_log_types[];
extern const size_t front_log_type_count;

struct front_log;
struct front_log *front_log_new(front_entry_writer writer, void *ctx);
void front_log_free(struct front_log *log);
/* Writes an entry for each difference to the last call; the first call tells where we stand. */
void front_log_compare(struct front_log *log, const struct run *run);
/* One more entry that the model does not know; `text` is sanitised here. */
void front_log_say(struct front_log *log, int64_t at_us, const char *type, const char *source,
                   struct str text);

/* "08:30:02.042  sql      011:2   UPDATE …", without a newline; columns 0: never broken. */
void front_entry_text(struct strbuf *out, const struct front_entry *entry, int columns);
/* {"v":1,"seq":…,"ts":…,"run":…,"type":…,"data":{…}} and a newline. */
void front_entry_json(struct strbuf *out, const struct front_entry *entry, struct str run,
                      uint64_t seq);

/* ------------------------------------------------------------------- the texts */

/* " PRODUCTION  app @ …": environment, database, and what the server says of itself. */
void front_identity_text(struct strbuf *out, const struct run *run, const char *connection);
/* Was that phase gone through, and what it did or found taken back by a way back? */
bool front_phase_is_undone(const struct run *run, enum phase phase);
/* " ok PREP - ok BACKUP - > POLL - MIGRATE …   T-00:05:50" */
void front_rail_text(struct strbuf *out, const struct run *run);
/* What a run does in that state, as a clause for people: "taking and proving the backup". */
const char *front_state_text(enum state state);
/* How many items of PREP and of POLL are closed: "PREP 8 of 8, POLL 2 of 6 closed"; nothing
 * without a checklist. */
void front_checklist_text(struct strbuf *out, const struct run *run);
/* A table of counts: before, now, expected. Nothing when there is no count to show. */
void front_counts_text(struct strbuf *out, const struct run *run, bool all);
/* "DROP TABLE quests" on one line, at most `columns` wide; a password in it is not shown. */
void front_statement_text(struct strbuf *out, const struct sql_script *script, size_t index,
                          int columns);
/* The statement as it is written, line by line, sanitised; or that its text is not shown. */
void front_statement_whole(struct strbuf *out, const struct sql_script *script, size_t index);
/* Does the statement take data or an access rule away for good? One that the grammar does not
 * know is judged by its first word. */
bool front_statement_destroys(const struct sql_script *script, size_t index);
/* Does it say a password? Then nobody shows it. */
bool front_holds_secret(struct str sql);
/* The newest number of a count: last, now or before the change; -1 = not known. */
int64_t front_count_now(const struct run *run, const struct run_count *count);

/* What the last line on stderr says about a run that is over. */
struct front_ending {
    bool known;   /* a model was there */
    bool stale;   /* a file was changed: a new run goes on, not this one */
    bool over;    /* it went to its end: there is nothing to resume */
    bool changed; /* it sent changes at some time, also before it was resumed */
    char last_certain[2 * ERR_TEXT_MAX];
    char unknown[ERR_TEXT_MAX];
    char why[2 * ERR_TEXT_MAX]; /* why it stopped; empty: it did not */
    char run_id[64];
    char report[ERR_TEXT_MAX]; /* folder; empty: none */
};
void front_ending_fill(struct front_ending *ending, const struct run *run, const char *run_id);

/* Appends `text` broken at blanks to lines of `columns`; the second and later ones begin with
 * `indent` blanks. The text must be sanitised. No newline at the end. */
void front_wrap(struct strbuf *out, struct str text, int columns, int indent);

/* ------------------------------------------------------------------- the forms */

enum {
    FORM_FIELDS = 5,
    FORMS_MAX = 8, /* ways to answer one question */
};

/* What one line of a form asks for. */
enum form_field {
    FIELD_END,
    FIELD_TEXT,     /* what is true now */
    FIELD_NOTE,     /* the same for a yes/no question: a no is a no */
    FIELD_REASON,   /* why */
    FIELD_WHO,      /* who says so */
    FIELD_VOTE,     /* GO, NO-GO or HOLD */
    FIELD_VOTE_WHY, /* needed unless GO */
    FIELD_DATABASE, /* the database's name */
    FIELD_GO,       /* the word go */
    FIELD_SIGN,     /* the word sign */
    FIELD_LEAVE,    /* the word leave */
    FIELD_ABANDON,  /* the word abandon */
    FIELD_OPTION,   /* the option's id again */
    FIELD_ROLLBACK, /* the word ROLLBACK */
    FIELD_YES_NO,   /* yes or no */
    FIELD_BACKUP,   /* the provider's name for it */
    FIELD_TAKEN,    /* when it was taken */
    FIELD_PID,      /* the pid again */
    FIELD__COUNT,
};
/* What is typed, for a prompt: "reason", "name of the database" … */
extern const char *const form_field_prompts[FIELD__COUNT];

/*
 * One way to answer a question, or a command that asks before it acts.
 *
 * ask     the question that it answers; ASK__COUNT: a command's form
 * word    what chooses it when a question has several; NULL: the only one
 * help    what it does
 * event   what it leads to
 * tag     of the event; NULL: none
 * fields  in order, FIELD_END last
 * fits    may it be offered now; NULL: always
 */
struct front_form {
    enum ask_kind ask;
    const char *word;
    const char *help;
    enum event_kind event;
    const char *tag;
    enum form_field fields[FORM_FIELDS];
    bool (*fits)(const struct run *run, const struct ask *ask);
};
/* The forms that answer `ask` now; returns how many stand in `forms`. */
size_t front_forms(const struct run *run, const struct ask *ask,
                   const struct front_form *forms[FORMS_MAX]);
/* The form of a command: "vote", "override", "hold", "rollback", "terminate", "quit",
 * "abandon"; NULL: none. */
const struct front_form *front_command_form(const char *word);
/* May people override that id now? Appends the ids that there are. */
bool front_override_is_known(const struct run *run, struct str id, struct strbuf *ids);
/* Does an answer to it move the run? Then nothing typed before it was asked may answer it. */
bool front_ask_is_dangerous(enum ask_kind kind);

/* A form while people fill it. `= {0}` is none; texts live in its arena. */
struct front_answer {
    struct arena arena;
    struct ask ask;                /* a copy; kind ASK__COUNT for a command */
    const struct front_form *form; /* NULL: it is not chosen yet */
    int field;                     /* the next one */
    struct event event;            /* what has been filled in so far */
};
/* Forgets what was there; `ask` is copied. */
void front_answer_begin(struct front_answer *answer, const struct ask *ask);
void front_answer_choose(struct front_answer *answer, const struct front_form *form);
/* The field that is asked for now; FIELD_END: all are filled, `event` can be sent. */
enum form_field front_answer_field(const struct front_answer *answer);
/* Takes one typed, trimmed line. False: it does not fit, and `why` (in the arena) says so. */
bool front_answer_take(struct front_answer *answer, const struct run *run, struct str line,
                       struct str *why) MUST_CHECK;

#endif
