/* SPDX-License-Identifier: PostgreSQL */
/*
 * A hook from its argument vector to its end. What it is told is data: the only words of
 * its command line are those of the plan, which were approved.
 */
#include "hook.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "files.h"
#include "task_child.h"

enum {
    WORDS_MAX = 400, /* of its output, for the record */
    OUTPUT_MAX = 64 << 10,
    PROGRAM_MAX = 256 << 20,
};
#define FIXED_PATH "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
static const char *const folders[] = {"/usr/local/bin", "/usr/bin", "/bin",
                                      "/usr/sbin",      "/sbin",    NULL};

extern char **environ; /* POSIX has it, and no header of POSIX declares it */

/* ------------------------------------------------------------------ program */

/* The bytes that were read, hashed and approved with the plan. */
static struct str approved_bytes(const struct app_plan *plan, struct str path)
{
    for (size_t i = 0; i < plan->file_count; i++) {
        if (str_is(plan->files[i].path, path)) {
            return plan->states[i].bytes;
        }
    }
    return (struct str){0};
}

static bool is_as_approved(const struct app_plan *plan, struct str path, struct err *err)
{
    struct strbuf bytes = {0};
    int root = files_open_directory(AT_FDCWD, plan->folder, NULL, err);
    bool ok = root >= 0 && files_read_beneath(root, path, PROGRAM_MAX, &bytes, NULL, err);
    if (root >= 0) {
        close(root);
    }
    if (ok && !str_is(strbuf_str(&bytes), approved_bytes(plan, path))) {
        ok = err_set(err, ERR_STOPPED, "%.*s is not the program that was approved",
                     STR_ARG(path));
        err_hint(err, "It was changed since the plan was read, and was not started.");
    }
    strbuf_release(&bytes);
    return ok;
}

const char *hook_program(const struct app_plan *plan, struct arena *arena, const char *name,
                         struct err *err)
{
    if (str_starts(str_from(name), "./")) {
        struct str path = str_from(name + 2);
        return is_as_approved(plan, path, err)
                   ? str_format(arena, "%s/%.*s", plan->folder, STR_ARG(path)).ptr
                   : NULL;
    }
    if (name[0] == '/') {
        return name;
    }
    const char *path = NULL;
    return proc_find(arena, name, folders, &path, err) ? path : NULL;
}

void hook_diagnose(struct app_plan *plan)
{
    struct arena arena = {0};
    for (size_t i = 0; i < plan->plan->notify.count; i++) {
        const struct plan_notification *notification = &plan->plan->notify.items[i];
        struct str word = notification->run.items[0];
        const char *name = str_text(&arena, word);
        const char *path = NULL;
        if (str_starts(word, "./") || strstr(name, "${")) {
            continue; /* judged as a file of the plan; or known only with the target */
        }
        bool there = name[0] == '/' ? access(name, X_OK) == 0
                                    : proc_find(&arena, name, folders, &path, NULL);
        if (!there) {
            struct strbuf shown = {0};
            sanitise(&shown, word, SANITISE_LINE);
            plan_diagnose(&plan->diagnostics, plan_mark_of(notification->mark, "run"),
                          PLAN_ERROR, "Y510",
                          name[0] == '/' ? "%s: there is no such program"
                                         : "%s: there is no such program in " FIXED_PATH
                                           "; a program beside the plan is ./hooks/NAME",
                          shown.ptr);
            strbuf_release(&shown);
        }
    }
    arena_release(&arena);
}

/* A hook finds its home and its language, and nothing of the database or the loader. */
static const char *const *environment_of(struct arena *arena)
{
    static const char *const kept[] = {
        "HOME=", "USER=", "LOGNAME=", "LANG=", "LC_ALL=", "TZ=", "TMPDIR=", "GONOGO_"};
    size_t room = 2;
    for (char **pair = environ; *pair != NULL; pair++) {
        room++;
    }
    const char **list = arena_array(arena, room, sizeof(*list));
    size_t count = 0;
    list[count++] = "PATH=" FIXED_PATH;
    for (char **pair = environ; *pair != NULL; pair++) {
        for (size_t i = 0; i < COUNT_OF(kept); i++) {
            if (str_starts(str_from(*pair), kept[i])) {
                list[count++] = *pair;
                break;
            }
        }
    }
    return list;
}

/* --------------------------------------------------------------------- news */

static void put(struct json *object, const char *key, struct str text)
{
    if (text.len > 0) {
        json_put_text(object, key, text);
    }
}

static void put_word(struct json *object, const char *key, const char *word)
{
    put(object, key, word ? str_from(word) : (struct str){0});
}

static void put_time(struct json *object, const char *key, int64_t us)
{
    struct strbuf text = {0};
    if (us != 0) {
        time_to_text(&text, us);
        json_put_text(object, key, strbuf_str(&text));
    }
    strbuf_release(&text);
}

void hook_write_news(struct strbuf *out, const struct hook_news *news)
{
    struct json *object = json_make_object();
    json_put_i64(object, "v", 1);
    put_word(object, "event", plan_occasion_word(news->occasion));
    put_time(object, "at", news->at_us);
    put(object, "plan", news->plan->name);
    put(object, "digest", news->digest);
    put(object, "target", news->target->id);
    put(object, "environment", news->target->environment);
    put(object, "run", news->run_id);
    put_word(object, "mode", news->mode);
    put_word(object, "phase", news->phase);
    put_word(object, "state", news->state);
    put(object, "reason", news->reason);
    if (news->exit_code >= 0) {
        json_put_i64(object, "exit", news->exit_code);
    }
    put_time(object, "opens", news->opens_us);
    put_time(object, "closes", news->closes_us);
    json_write(out, object, JSON_ONE_LINE);
    strbuf_byte(out, '\n');
    json_free(object);
}

/* --------------------------------------------------------------------- life */

struct hook {
    struct arena arena;
    struct task_child child;
    struct strbuf output;
    void (*ended)(void *ctx, const struct hook_end *end);
    void *ctx;
    bool over;
};

static void on_output(void *ctx, enum proc_stream stream, struct str text)
{
    struct hook *hook = ctx;
    (void)stream;
    if (hook->output.len < WORDS_MAX) {
        sanitise(&hook->output, str_slice(text, 0, WORDS_MAX), SANITISE_LINE);
        strbuf_byte(&hook->output, ' ');
    }
}

static void on_ended(void *ctx, const struct proc_end *end)
{
    struct hook *hook = ctx;
    struct strbuf text = {0};
    struct hook_end said = {.ok = proc_end_ok(end),
                            .output = str_trim(strbuf_str(&hook->output)),
                            .us = end->elapsed_us};
    if (said.ok) {
        strbuf_text(&text, "sent");
    } else {
        proc_end_text(end, &text);
    }
    said.text = strbuf_str(&text);
    hook->over = true;
    hook->ended(hook->ctx, &said);
    strbuf_release(&text);
}

static const char *const *argv_of(struct hook *hook, const struct hook_spec *spec,
                                  const char **path, struct err *err)
{
    const struct plan_texts *run = &spec->notification->run;
    const char **argv = arena_array(&hook->arena, run->count + 1, sizeof(*argv));
    for (size_t i = 0; i < run->count; i++) {
        struct strbuf word = {0};
        bool filled = plan_fill(&word, run->items[i], spec->target, err);
        argv[i] = str_text(&hook->arena, strbuf_str(&word));
        strbuf_release(&word);
        if (!filled) {
            return NULL;
        }
    }
    *path = hook_program(spec->plan, &hook->arena, argv[0], err);
    return *path ? argv : NULL;
}

struct hook *hook_start(const struct hook_spec *spec, struct err *err)
{
    struct hook *hook = mem_zero(1, sizeof(*hook));
    hook->ended = spec->ended;
    hook->ctx = spec->ctx;
    const char *path = NULL;
    const char *const *argv = argv_of(hook, spec, &path, err);
    struct proc_spec start = {.path = path,
                              .argv = argv,
                              .envp = environment_of(&hook->arena),
                              .directory = spec->plan->folder,
                              .input = spec->input,
                              .output_cap = OUTPUT_MAX,
                              .timeout_us = spec->notification->timeout_us,
                              .death_signal = SIGTERM,
                              .output = on_output,
                              .ended = on_ended,
                              .ctx = hook};
    if (!argv || !task_child_start(&hook->child, spec->loop, &start, err)) {
        hook_free(hook);
        return NULL;
    }
    return hook;
}

bool hook_has_ended(const struct hook *hook)
{
    return hook->over;
}

void hook_free(struct hook *hook)
{
    if (hook == NULL) {
        return;
    }
    task_child_release(&hook->child);
    strbuf_release(&hook->output);
    arena_release(&hook->arena);
    free(hook);
}
