/* SPDX-License-Identifier: PostgreSQL */
/*
 * A man in the middle for COMMIT: a process between the program and the server, unix
 * socket to unix socket, that understands so much of the protocol that it sees COMMIT on
 * the program's work session, and then breaks the connection in one of five ways. Once;
 * every connection after that passes untouched. Or a black hole from some message on.
 */
#ifndef GONOGO_TEST_FAULT_PROXY_H
#define GONOGO_TEST_FAULT_PROXY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum fault_cut {
    CUT_BEFORE,  /* COMMIT never leaves us */
    CUT_INSIDE,  /* half of the message does */
    CUT_AFTER,   /* the message does, and both sides are cut at once */
    CUT_SWALLOW, /* the server answers, and the answer never arrives */
    CUT_LATE,    /* the program is cut off first; the server gets COMMIT after a while */
    CUT__COUNT
};
extern const char *const fault_cut_words[CUT__COUNT];

struct fault_proxy {
    pid_t pid;
    int report; /* the read end of a pipe: one byte when the cut was made */
};
/* Listens on FOLDER/.s.PGSQL.5432, speaks to the server's socket in SERVER_FOLDER. */
void fault_proxy_start(struct fault_proxy *proxy, const char *folder, const char *server_folder,
                       enum fault_cut cut, int commit_number, int64_t late_us);
/*
 * The same place, but a black hole: it passes everything until a message that holds `text`
 * comes on the session called `session` ("gonogo check"); that message and all after it, both
 * ways and on new connections, are taken and never answered. An empty text: from the start.
 */
void fault_hole_start(struct fault_proxy *proxy, const char *folder, const char *server_folder,
                      const char *session, const char *text);
/* Ends it; true when the cut was made. */
bool fault_proxy_stop(struct fault_proxy *proxy);

#endif
