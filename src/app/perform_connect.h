/* SPDX-License-Identifier: PostgreSQL */
/*
 * Between sessions and connecting: the two halves of one subject.
 */
#ifndef GONOGO_PERFORM_CONNECT_H
#define GONOGO_PERFORM_CONNECT_H

#include "perform.h"

/* A forked child that asks the resolver, because the resolver blocks. */
struct resolver;
struct resolver *resolver_start(const char *hosts, int64_t deadline_us, struct err *err);
void resolver_wants(const struct resolver *resolver, struct loop_want *want);
/* False while it has not finished. Then `addresses` (one per host, with commas) or `err`. */
bool resolver_take(struct resolver *resolver, int64_t now_us, struct strbuf *addresses,
                   struct err *err);
void resolver_free(struct resolver *resolver); /* NULL is fine; kills and reaps the child */
/* Does a host need the resolver? Not a path, not an address. */
bool resolver_is_needed(const char *hosts);

void connect_begin(struct channel *session);
void connect_resolved(struct channel *session, int64_t now_us);
/* The first job of every session: which backend, which server. */
job_step connect_identify;
/* The connection is not to be used: closes it and tells the engine. */
void session_failed(struct channel *session, const char *why);

#endif
