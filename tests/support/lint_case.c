/* SPDX-License-Identifier: PostgreSQL */
/*
 * A case is judged as an ordinary plan is: cut, studied, and its findings as words.
 */
#include "lint_world.h"

#include <stdio.h>
#include <stdlib.h>

const struct lint_result *lint_case_judge(struct arena *arena, const struct lint_case *one)
{
    struct lint *lint = lint_new(arena, &one->context);
    for (size_t i = 0; i < one->file_count; i++) {
        struct sql_script script;
        struct sql_trouble trouble;
        if (!sql_cut(one->files[i].sql, NULL, arena, &script, &trouble)) {
            printf("Bail out! case at line %d: %s\n", one->line, trouble.err.message);
            exit(99);
        }
        sql_describe(&script, arena);
        struct sql_transaction *outer = arena_alloc(arena, sizeof *outer);
        *outer = sql_outer_transaction(&script);
        struct lint_file file = one->files[i].file;
        file.outer = outer;
        lint_begin_file(lint, &file);
        sql_study(&script, one->context.version ? one->context.version / 10000 : 15, arena,
                  lint_statement, lint);
        lint_end_file(lint);
    }
    const struct lint_result *result = lint_finish(lint);
    lint_free(lint);
    return result;
}

struct str lint_finding_words(struct arena *arena, const struct lint_finding *finding)
{
    struct str place =
        str_format(arena, "%d:%d", finding->at.place.line, finding->at.place.column);
    if (finding->at.file > 0) {
        place = str_format(arena, "%zu/%.*s", finding->at.file + 1, STR_ARG(place));
    }
    return str_format(arena, "%s %s%s %.*s", finding->rule->id,
                      finding->waived ? "waived " : "", lint_severity_name(finding->severity),
                      STR_ARG(place));
}
