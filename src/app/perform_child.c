/* SPDX-License-Identifier: PostgreSQL */
/*
 * Children: argv and nothing else, no shell, a small environment of our own making.
 */
#include "perform_child.h"

#include "hook.h"

static const char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8",
                                          NULL};
enum {
    CHILD_OUTPUT_MAX = 64 * 1024
};

static void on_output(void *ctx, enum proc_stream stream, struct str text)
{
    struct child *child = ctx;
    if (stream == PROC_STDOUT && child->output.len < CHILD_OUTPUT_MAX) {
        strbuf_add(&child->output, text);
    }
}

static void on_ended(void *ctx, const struct proc_end *end)
{
    struct child *child = ctx;
    child->end = *end;
    child->ended(child);
    child->over = true;
}

static void child_wants(void *ctx, struct loop_want *want)
{
    const struct child *child = ctx;
    proc_wants(child->proc, &want->fd, &want->events, &want->deadline_us);
}

static void child_ready(void *ctx, short revents, int64_t now_us)
{
    struct child *child = ctx;
    proc_ready(child->proc, revents, now_us);
}

static void child_free(struct child *child)
{
    loop_remove(child->performer->loop, child->source);
    proc_free(child->proc);
    strbuf_release(&child->output);
    arena_release(&child->arena);
    free(child);
}

/* argv of the plan, values filled in; NULL and `err` when one is unknown. */
static const char *const *fill_argv(struct child *child, const struct plan_texts *run,
                                    struct err *err)
{
    const char **argv = arena_array(&child->arena, run->count + 1, sizeof(*argv));
    for (size_t i = 0; i < run->count; i++) {
        struct strbuf text = {0};
        if (!plan_fill(&text, run->items[i], child->performer->target, err)) {
            strbuf_release(&text);
            return NULL;
        }
        argv[i] = str_text(&child->arena, strbuf_str(&text));
        strbuf_release(&text);
    }
    return argv;
}

bool child_start(struct performer *performer, const struct effect *effect,
                 const struct child_spec *spec, struct err *err)
{
    struct child *child = mem_zero(1, sizeof(*child));
    child->performer = performer;
    child->effect = *effect;
    child->ended = spec->ended;
    const char *const *argv = spec->argv ? spec->argv : fill_argv(child, spec->run, err);
    const char *path = argv ? hook_program(performer->plan, &child->arena, argv[0], err) : NULL;
    struct proc_spec start = {.path = path,
                              .argv = argv,
                              .envp = environment,
                              .directory = performer->plan->folder,
                              .raw = true,
                              .output_cap = CHILD_OUTPUT_MAX,
                              .timeout_us = spec->timeout_us,
                              .output = on_output,
                              .ended = on_ended,
                              .ctx = child};
    child->proc = path ? proc_start(&start, loop_now_us(), err) : NULL;
    if (!child->proc) {
        arena_release(&child->arena);
        free(child);
        return false;
    }
    child->source = loop_add(
        performer->loop,
        &(struct loop_source){.wants = child_wants, .ready = child_ready, .ctx = child});
    child->next = performer->children;
    performer->children = child;
    return true;
}

void children_reap(struct performer *performer)
{
    struct child **link = &performer->children;
    while (*link) {
        struct child *child = *link;
        if (child->over) {
            *link = child->next;
            child_free(child);
        } else {
            link = &child->next;
        }
    }
}

void children_release(struct performer *performer)
{
    while (performer->children) {
        struct child *child = performer->children;
        performer->children = child->next;
        child_free(child);
    }
}
