/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the two halves of a throw-away server share: its life (scratch_server.c) and where
 * its data come from and are kept (scratch_template.c).
 */
#ifndef GONOGO_SCRATCH_PRIVATE_H
#define GONOGO_SCRATCH_PRIVATE_H

#include "scratch_copy.h"
#include "scratch_place.h"
#include "scratch_server.h"
#include "task_child.h"

enum scratch_state {
    SCRATCH_COPY, /* the template is copied into the folder; START, or INITDB if it cannot be */
    SCRATCH_INITDB, /* initdb runs; its end; KEEP */
    SCRATCH_KEEP,   /* what initdb or SAVE left is copied into the cache; START */
    SCRATCH_START,  /* postgres runs but does not answer yet; PING */
    SCRATCH_PING,   /* a session connects; READY, or START for another try */
    SCRATCH_READY,  /* it answers; STOP, SAVE, CRASH */
    SCRATCH_SAVE,   /* it shuts down to be copied; its end; KEEP */
    SCRATCH_CRASH,  /* it was killed to be started again; its end; START */
    SCRATCH_STOP,   /* it shuts down for good; its end; REMOVE */
    SCRATCH_REMOVE, /* the folder goes; GONE */
    SCRATCH_FAILED, /* it ended or never started; `failed` is told; free or stop */
    SCRATCH_GONE,   /* nothing is left */
};

struct scratch_server {
    struct loop *loop;
    struct scratch_hooks hooks;
    void *ctx;
    struct arena arena;
    struct scratch_account account;
    struct str bindir;
    int major;
    struct strbuf folder;
    const char *data;
    const char *cache;           /* NULL: no templates */
    const char *plain_template;  /* initdb's result, in the cache */
    const char *loaded_template; /* the spec's own, or NULL */
    const char *keep_as;         /* KEEP: which template is being written */
    const char *copied_from;     /* COPY: which one is being read */
    const char *const *settings;
    bool preload;
    bool from_template; /* the loaded one */
    enum scratch_state state;
    struct scratch_copy *copy;
    struct task_child child; /* initdb, then postgres */
    struct task_session *session;
    struct strbuf last_words;
    uint32_t source;
    int64_t wake_us; /* for the source; LOOP_NEVER: nothing is due */
    int64_t limit_us;
    struct err why;
};

/* -------------------------------------------------------- scratch_server.c */

void scratch_go(struct scratch_server *server, enum scratch_state state, int64_t wake_us);
void scratch_start_initdb(struct scratch_server *server);
void scratch_start_postgres(struct scratch_server *server);

/* ------------------------------------------------------ scratch_template.c */

/* Names the templates that the spec asks for; without a cache there are none. */
void scratch_choose_templates(struct scratch_server *server, const struct scratch_spec *spec);
/* Makes the data directory out of the best there is: COPY, or INITDB. */
void scratch_begin(struct scratch_server *server);
/* One round of COPY, and of KEEP. */
void scratch_copy_round(struct scratch_server *server);
void scratch_keep_round(struct scratch_server *server);
/* Keeps the data of a server that does not run under a name (NULL: not at all), then starts. */
void scratch_begin_keep(struct scratch_server *server, const char *as);
/* The template that was copied cannot be used: it goes, and the next best is tried. */
void scratch_distrust_template(struct scratch_server *server);
/* Removes a folder; what cannot be removed is swept later. */
void scratch_remove_quietly(const char *path);

#endif
