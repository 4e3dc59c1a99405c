/* SPDX-License-Identifier: PostgreSQL */
/*
 * Templates of throw-away servers: copies of data directories in the user's cache. A plain
 * one is what initdb made; a loaded one holds a seed as well. A template that does not
 * start, or cannot be read, is thrown away; one that cannot be written is not kept. The
 * server itself never fails because of a template.
 */
#include "scratch_private.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

enum {
    FILES_PER_ROUND = 128,
    TEMPLATES_MAX = 4, /* loaded ones, of one version */
};

static bool exists(const char *path)
{
    struct stat info;
    return path != NULL && lstat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

void scratch_remove_quietly(const char *path)
{
    if (!scratch_folder_remove(path, NULL)) {
        return; /* what is left is swept, or refused when it is used */
    }
}

static void begin_copy(struct scratch_server *server, const char *template_path)
{
    server->copied_from = template_path;
    server->from_template = template_path == server->loaded_template;
    server->copy = scratch_copy_new(template_path, server->data, &server->account, false);
    scratch_go(server, SCRATCH_COPY, 0);
}

/* Makes the data directory out of the best there is. */
void scratch_begin(struct scratch_server *server)
{
    if (exists(server->loaded_template)) {
        begin_copy(server, server->loaded_template);
    } else if (exists(server->plain_template)) {
        begin_copy(server, server->plain_template);
    } else {
        scratch_start_initdb(server);
    }
}

/* A template that cannot be used is thrown away; the next best is tried. */
void scratch_distrust_template(struct scratch_server *server)
{
    scratch_remove_quietly(server->copied_from);
    scratch_remove_quietly(server->data);
    server->copied_from = NULL;
    server->from_template = false;
    scratch_begin(server);
}

void scratch_copy_round(struct scratch_server *server)
{
    struct err err = {0};
    enum scratch_copy_state state = scratch_copy_step(server->copy, FILES_PER_ROUND, &err);
    if (state == SCRATCH_COPY_MORE) {
        return;
    }
    scratch_copy_free(server->copy);
    server->copy = NULL;
    if (state == SCRATCH_COPY_DONE) {
        scratch_start_postgres(server);
    } else {
        scratch_distrust_template(server);
    }
}

/* Loaded templates are large, and each change of a seed makes another: the newest few stay. */
static void prune_templates(struct scratch_server *server)
{
    struct files_list list = {0};
    int dir = files_open_directory(AT_FDCWD, server->cache, NULL, NULL);
    struct str base =
        str_format(&server->arena, "%s-", strrchr(server->plain_template, '/') + 1);
    bool listed = dir >= 0 && files_list(dir, &server->arena, &list, NULL);
    for (;;) {
        const char *oldest = NULL;
        time_t oldest_time = 0;
        size_t count = 0;
        for (size_t i = 0; listed && i < list.count; i++) {
            struct stat info;
            const char *name = list.entries[i].name.ptr;
            if (!str_starts(list.entries[i].name, base.ptr) ||
                fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
                continue;
            }
            count++;
            if (oldest == NULL || info.st_mtime < oldest_time) {
                oldest = name;
                oldest_time = info.st_mtime;
            }
        }
        if (count <= TEMPLATES_MAX || !files_remove_tree(dir, oldest, NULL)) {
            break;
        }
    }
    if (dir >= 0) {
        close(dir);
    }
}

static const char *unfinished_name(struct scratch_server *server)
{
    return str_format(&server->arena, "%s.%d", server->keep_as, (int)getpid()).ptr;
}

void scratch_begin_keep(struct scratch_server *server, const char *as)
{
    struct scratch_account us = {.drop = false};
    server->keep_as = as;
    if (as == NULL || exists(as)) {
        scratch_start_postgres(server);
        return;
    }
    const char *unfinished = unfinished_name(server);
    scratch_remove_quietly(unfinished);
    server->copy = scratch_copy_new(server->data, unfinished, &us, true);
    scratch_go(server, SCRATCH_KEEP, 0);
}

/* Whatever goes wrong with a template, the server itself is fine: it starts. */
void scratch_keep_round(struct scratch_server *server)
{
    enum scratch_copy_state state = scratch_copy_step(server->copy, FILES_PER_ROUND, NULL);
    if (state == SCRATCH_COPY_MORE) {
        return;
    }
    scratch_copy_free(server->copy);
    server->copy = NULL;
    const char *unfinished = unfinished_name(server);
    if (state != SCRATCH_COPY_DONE || rename(unfinished, server->keep_as) != 0) {
        scratch_remove_quietly(unfinished);
    } else if (server->keep_as == server->loaded_template) {
        prune_templates(server);
    }
    scratch_start_postgres(server);
}

void scratch_choose_templates(struct scratch_server *server, const struct scratch_spec *spec)
{
    if (spec->cache == NULL) {
        return;
    }
    int dir = files_make_directory_private(spec->cache, NULL, NULL);
    if (dir < 0) {
        return; /* slower, nothing else */
    }
    close(dir);
    server->cache = str_text(&server->arena, str_from(spec->cache));
    struct sha256_hex key = sha256_of(server->bindir); /* another build, another template */
    server->plain_template = str_format(&server->arena, "%s/cluster-%d-%.12s", server->cache,
                                        server->major, key.text)
                                 .ptr;
    if (spec->template_name != NULL) {
        server->loaded_template =
            str_format(&server->arena, "%s-%.32s", server->plain_template, spec->template_name)
                .ptr;
    }
}
