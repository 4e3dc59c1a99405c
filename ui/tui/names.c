/* SPDX-License-Identifier: PostgreSQL */
/*
 * The names that were typed at this console, so that a list of questions does not ask for
 * the same one again and again. A name is only offered: it stands in the field, and a
 * person takes it with Enter or types another. A vote and a signature are a person's own:
 * there the name is always typed.
 */
#include "ui_private.h"

#include <stdio.h>
#include <string.h>

bool names_are_asked(const struct front_form *form)
{
    for (size_t i = 0; form && i < COUNT_OF(form->fields); i++) {
        if (form->fields[i] == FIELD_WHO) {
            return true;
        }
    }
    return false;
}

static bool is_same(const struct typed_name *a, const struct typed_name *b)
{
    return a->kind == b->kind && strcmp(a->who, b->who) == 0 && strcmp(a->role, b->role) == 0;
}

void names_remember(struct ui *ui, const struct front_answer *answer)
{
    struct typed_name name = {.kind = answer->event.kind};
    if (!names_are_asked(answer->form)) {
        return;
    }
    (void)snprintf(name.who, sizeof(name.who), "%.*s", STR_ARG(answer->event.who));
    (void)snprintf(name.role, sizeof(name.role), "%.*s", STR_ARG(answer->ask.role));
    size_t at = 0;
    while (at < ui->name_count && !is_same(&ui->names[at], &name)) {
        at++;
    }
    if (at == ui->name_count) {
        ui->name_count += at < NAMES_MAX;
        at -= at == NAMES_MAX;
    }
    memmove(&ui->names[1], &ui->names[0], at * sizeof(ui->names[0]));
    ui->names[0] = name;
}

/* May that person answer for the role? The plan says who does; without a list anybody may. */
static bool may_answer(const struct plan_role *role, const char *who)
{
    for (size_t i = 0; role && i < role->people.count; i++) {
        if (str_eq(role->people.items[i], who)) {
            return true;
        }
    }
    return !role || role->people.count == 0;
}

const char *names_offer(const struct ui *ui, const struct run *run)
{
    const struct front_answer *answer = &ui->answer;
    bool own = answer->event.kind == EVENT_VOTE || answer->event.kind == EVENT_SIGN_OFF;
    const struct plan_role *role = plan_find_role(run->plan, answer->ask.role);
    if (own || !answer->form || front_answer_field(answer) != FIELD_WHO) {
        return NULL;
    }
    /* The newest of the same kind for the same role, else for that role, else of all. */
    for (int like = 2; like >= 0; like--) {
        for (size_t i = 0; i < ui->name_count; i++) {
            const struct typed_name *name = &ui->names[i];
            bool role_is = str_eq(answer->ask.role, name->role);
            bool kind_is = answer->event.kind == name->kind;
            bool meant = like == 2   ? role_is && kind_is
                         : like == 1 ? role_is && name->role[0] != '\0'
                                     : true;
            if (meant && may_answer(role, name->who)) {
                return name->who;
            }
        }
    }
    return NULL;
}
