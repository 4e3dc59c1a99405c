/* SPDX-License-Identifier: PostgreSQL */
/* The model server: transactions, ledger, lock, crashes. */
#include <stdlib.h>
#include <string.h>

#include "model_server.h"

struct seen *history_add(struct history *history, enum seen_kind kind)
{
    struct seen *fact = ARRAY_PUSH(history->items, history->count, history->capacity);
    *fact = (struct seen){.kind = kind, .unit = -1, .index = -1, .word = ""};
    return fact;
}

void history_release(struct history *history)
{
    free(history->items);
    *history = (struct history){0};
}

void history_write(struct strbuf *out, const struct history *history)
{
    static const char *const words[] = {"synced", "sent",  "durable", "reverted",
                                        "ledger", "asked", "claim",   "exit"};
    for (size_t i = 0; i < history->count; i++) {
        const struct seen *fact = &history->items[i];
        strbuf_format(out, "%4zu %s %s unit=%d index=%d number=%lld%s\n", i, words[fact->kind],
                      fact->word, fact->unit, fact->index, (long long)fact->number,
                      fact->flag ? " yes" : "");
    }
}

void model_init(struct model_server *server, struct history *history)
{
    *server =
        (struct model_server){.history = history, .up = true, .next_pid = 100, .next_xid = 1};
}

struct model_backend *model_connect(struct model_server *server)
{
    if (!server->up || server->backend_count == MODEL_BACKENDS) {
        return NULL;
    }
    struct model_backend *backend = &server->backends[server->backend_count++];
    backend->alive = true;
    backend->attached = true;
    backend->pid = server->next_pid++;
    backend->start_us = backend->pid * 1000;
    return backend;
}

static void apply(struct model_server *server, const struct pending *pending)
{
    if (pending->kind != PENDING_STATEMENT) {
        bool set = pending->kind == PENDING_LEDGER_SET;
        int step = pending->unit % MODEL_STEPS;
        server->ledger[step] = set;
        struct seen *fact = history_add(server->history, SEEN_LEDGER);
        fact->unit = step;
        fact->flag = set;
        return;
    }
    struct seen *fact = history_add(server->history, SEEN_DURABLE);
    fact->unit = pending->unit;
    fact->index = pending->index;
    server->durable[pending->unit][pending->index] = true;
    if (pending->unit < MODEL_UNDO) {
        return;
    }
    for (int step = 0; step < MODEL_STEPS; step++) {
        if (pending->unit == MODEL_BACK || pending->unit - MODEL_UNDO == step) {
            memset(server->durable[step], 0, sizeof(server->durable[step]));
            history_add(server->history, SEEN_REVERTED)->unit = step;
        }
    }
}

void model_begin(struct model_server *server, struct model_backend *backend)
{
    backend->in_transaction = true;
    backend->pending_count = 0;
    backend->xid = server->next_xid++;
    server->xids[backend->xid % MODEL_XIDS] = XID_RUNNING;
}

void model_do(struct model_server *server, struct model_backend *backend,
              struct pending pending)
{
    if (!backend->in_transaction) {
        apply(server, &pending);
    } else if (backend->pending_count < MODEL_PENDING) {
        backend->pending[backend->pending_count++] = pending;
    }
}

void model_commit(struct model_server *server, struct model_backend *backend)
{
    for (size_t i = 0; backend->in_transaction && i < backend->pending_count; i++) {
        apply(server, &backend->pending[i]);
    }
    if (backend->in_transaction) {
        server->xids[backend->xid % MODEL_XIDS] = XID_COMMITTED;
    }
    backend->in_transaction = false;
    backend->pending_count = 0;
}

void model_rollback(struct model_server *server, struct model_backend *backend)
{
    if (backend->in_transaction) {
        server->xids[backend->xid % MODEL_XIDS] = XID_ABORTED;
    }
    backend->in_transaction = false;
    backend->pending_count = 0;
}

void model_end(struct model_server *server, struct model_backend *backend)
{
    model_rollback(server, backend);
    backend->alive = false;
    backend->attached = false;
    backend->locked = false;
}

bool model_lock(struct model_server *server, struct model_backend *backend)
{
    for (size_t i = 0; i < server->backend_count; i++) {
        if (server->backends[i].alive && server->backends[i].locked &&
            &server->backends[i] != backend) {
            return false;
        }
    }
    backend->locked = true;
    return true;
}

void model_crash(struct model_server *server)
{
    int64_t lowest = server->next_xid;
    for (size_t i = 0; i < server->backend_count; i++) {
        struct model_backend *backend = &server->backends[i];
        if (backend->alive && backend->in_transaction && backend->xid < lowest) {
            lowest = backend->xid;
        }
    }
    for (size_t i = 0; i < server->backend_count; i++) {
        if (server->backends[i].alive) {
            model_end(server, &server->backends[i]);
        }
    }
    for (int64_t xid = lowest; xid < server->next_xid; xid++) {
        server->xids[xid % MODEL_XIDS] = XID_UNUSED;
    }
    /* Somebody else gets the id of the lost transaction, and commits. */
    server->next_xid = lowest + 1;
    server->xids[lowest % MODEL_XIDS] = XID_COMMITTED;
    server->incarnation++;
}

void model_switch(struct model_server *server)
{
    for (int step = 0; step < MODEL_STEPS; step++) {
        memset(server->durable[step], 0, sizeof(server->durable[step]));
        history_add(server->history, SEEN_REVERTED)->unit = step;
        server->ledger[step] = false;
        history_add(server->history, SEEN_LEDGER)->unit = step;
    }
}

bool model_is_as_before(const struct model_server *server)
{
    for (int step = 0; step < MODEL_STEPS; step++) {
        for (int index = 0; index < MODEL_STATEMENTS; index++) {
            if (server->durable[step][index]) {
                return false;
            }
        }
    }
    return true;
}

bool model_has_open_transaction(const struct model_server *server)
{
    for (size_t i = 0; i < server->backend_count; i++) {
        const struct model_backend *backend = &server->backends[i];
        if (backend->alive && backend->attached && backend->in_transaction) {
            return true;
        }
    }
    return false;
}
