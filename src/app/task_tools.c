/* SPDX-License-Identifier: PostgreSQL */
/*
 * Which pg_dump and pg_restore, and what their environment says. Nothing about the
 * connection stands in an argument vector, and a password that we were given goes into
 * a passfile of the run directory that lives as long as the task.
 */
#include "task_private.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "scratch_place.h"

extern char **environ; /* POSIX has it, and no header of POSIX declares it */

static const char *const client_folders[] = {"/usr/bin", "/usr/local/bin", "/bin", NULL};

bool task_find_tools_blocking(struct app_task *task, int major, struct err *err)
{
    struct str bindir = {0};
    if (scratch_bindir_find_blocking(&task->arena, major, false, &bindir,
                                     &task->tools.scratch_major, NULL)) {
        task->tools.dump = str_format(&task->arena, "%.*s/pg_dump", STR_ARG(bindir)).ptr;
        task->tools.restore = str_format(&task->arena, "%.*s/pg_restore", STR_ARG(bindir)).ptr;
        return true;
    }
    task->tools.scratch_major = 0; /* a client's installation: a dump, but no proof here */
    return proc_find(&task->arena, "pg_dump", client_folders, &task->tools.dump, err) &&
           proc_find(&task->arena, "pg_restore", client_folders, &task->tools.restore, err);
}

/* ----------------------------------------------------------------- versions */

static const char *const plain_environment[] = {"LC_ALL=C", "PATH=/usr/bin:/bin", NULL};

static void read_version(struct app_task *task, struct pgtools_version *version)
{
    struct err err = {0};
    if (task->program_status != 0) {
        err_set(&err, ERR_CHECK, "%s does not say its version", task->program_name);
        err_hint(&err, "Nothing was dumped or restored. Look at the installation of "
                       "PostgreSQL's client programs.");
    } else if (pgtools_version_read(version, str_trim(strbuf_str(&task->output)), &err)) {
        version->program = str_dup(&task->arena, version->program);
        task_next(task);
        return;
    }
    task_fail(task, &err);
}

static void dump_version_came(struct app_task *task)
{
    read_version(task, &task->tools.dump_version);
}

static void restore_version_came(struct app_task *task)
{
    read_version(task, &task->tools.restore_version);
}

void task_ask_dump_version(struct app_task *task)
{
    const char *const argv[] = {task->tools.dump, "--version", NULL};
    task_run_program(task, argv, plain_environment, true, dump_version_came);
}

void task_ask_restore_version(struct app_task *task)
{
    const char *const argv[] = {task->tools.restore, "--version", NULL};
    task_run_program(task, argv, plain_environment, true, restore_version_came);
}

/* -------------------------------------------------------------- environment */

static struct str param(const struct app_task *task, const char *key)
{
    return str_from(db_params_get(task->context.params, key));
}

static bool names_variable(const char *pair, const char *name)
{
    size_t length = strlen(name);
    return strncmp(pair, name, length) == 0 && (pair[length] == '=' || pair[length] == '\0');
}

static bool any_names(const char *const *list, const char *pair)
{
    for (size_t i = 0; list[i] != NULL; i++) {
        size_t length = str_find_byte(str_from(list[i]), '=', 0);
        if (strncmp(pair, list[i], length) == 0 && pair[length] == '=') {
            return true;
        }
    }
    return false;
}

/* One line for everything, with the two bytes escaped that mean something in a passfile. */
static bool write_passfile(struct app_task *task, const char *password, struct err *err)
{
    struct strbuf text = {0};
    strbuf_text(&text, "*:*:*:*:");
    for (const char *at = password; *at != '\0'; at++) {
        if (*at == ':' || *at == '\\') {
            strbuf_byte(&text, '\\');
        }
        strbuf_byte(&text, *at);
    }
    strbuf_byte(&text, '\n');
    const char *name =
        str_format(&task->arena, PASSFILE_PREFIX "%d-%d", (int)task->kind, task->index).ptr;
    bool done = files_remove(task->folder_fd, name, err);
    int fd = done ? files_create_exclusive(task->folder_fd, name, 0600, NULL, err) : -1;
    done = fd >= 0;
    if (done) {
        task->passfile = name;
        done = files_write_all(fd, strbuf_str(&text), NULL, err);
        done = files_close(fd, done ? err : NULL) && done;
    }
    strbuf_release(&text);
    return done;
}

void task_remove_passfile(struct app_task *task)
{
    if (task->passfile != NULL && files_remove(task->folder_fd, task->passfile, NULL)) {
        task->passfile = NULL;
    }
}

/* Our own environment without what `unset` names and `ours` replaces, and then `ours`. */
static const char **inherit(struct app_task *task, const char **ours, const char **unset,
                            bool drop_password)
{
    size_t room = 1;
    for (size_t i = 0; ours[i] != NULL; i++) {
        room++;
    }
    for (char **pair = environ; *pair != NULL; pair++) {
        room++;
    }
    const char **list = arena_array(&task->arena, room, sizeof *list);
    size_t count = 0;
    for (char **pair = environ; *pair != NULL; pair++) {
        bool drop =
            any_names(ours, *pair) || (drop_password && names_variable(*pair, "PGPASSWORD"));
        for (size_t i = 0; unset[i] != NULL && !drop; i++) {
            drop = names_variable(*pair, unset[i]);
        }
        if (!drop) {
            list[count++] = str_text(&task->arena, str_from(*pair));
        }
    }
    for (size_t i = 0; ours[i] != NULL; i++) {
        list[count++] = ours[i];
    }
    return list;
}

bool task_target_environment(struct app_task *task, const char *database,
                             const char ***environment, struct err *err)
{
    const char *password = db_params_get(task->context.params, "password");
    if (password == NULL) {
        password = db_params_service_password(task->context.params, &task->arena);
    }
    struct pgtools_connection connection = {
        .host = param(task, "host"),
        .hostaddr = param(task, "hostaddr"),
        .port = param(task, "port"),
        .database = database != NULL ? str_from(database) : param(task, "dbname"),
        .user = param(task, "user"),
        .passfile = param(task, "passfile"),
        .sslmode = param(task, "sslmode"),
        .sslrootcert = param(task, "sslrootcert"),
        .sslcert = param(task, "sslcert"),
        .sslkey = param(task, "sslkey"),
        .channel_binding = param(task, "channel_binding"),
        .connect_timeout = param(task, "connect_timeout"),
        .application_name = STR("gonogo backup"),
    };
    if (password != NULL) {
        if (task->passfile == NULL && !write_passfile(task, password, err)) {
            return false;
        }
        connection.passfile = str_format(&task->arena, "%s/%s", task->folder, task->passfile);
    }
    *environment =
        inherit(task, pgtools_environment(&task->arena, &connection),
                pgtools_environment_unset(&task->arena, &connection), password != NULL);
    return true;
}

const char **task_scratch_environment(struct app_task *task, const char *database)
{
    struct pgtools_connection connection = {
        .host = str_from(scratch_server_socket(task->scratch)),
        .port = str_from(scratch_server_port(task->scratch)),
        .database = str_from(database),
        .user = str_from(scratch_server_user(task->scratch)),
        .sslmode = STR("disable"),
        .passfile = STR("/dev/null"),
        .application_name = STR("gonogo proof"),
    };
    return pgtools_environment(&task->arena, &connection);
}
