/* SPDX-License-Identifier: PostgreSQL */
/*
 * The keys of the BACKUP screen: take the backup now, prove it again, name a provider's. Each
 * opens a form; none acts by itself.
 */
#include "commands.h"

/* The one under the cursor when it may be done to it, else the first that it may; NULL: none.
 */
static const struct run_backup *rerun_of(const struct ui *ui, const struct run *run, bool prove)
{
    struct subject subject = ui_cursor(ui, ui->focus[ui->screen]);
    if (subject.kind == SUBJECT_BACKUP && (size_t)subject.a < run->backup_count &&
        backup_may_rerun(run, &run->backups[subject.a], prove)) {
        return &run->backups[subject.a];
    }
    for (size_t i = 0; i < run->backup_count; i++) {
        if (backup_may_rerun(run, &run->backups[i], prove)) {
            return &run->backups[i];
        }
    }
    return NULL;
}

static const struct ask *attest_of(const struct ui *ui, const struct run *run)
{
    struct subject subject = ui_cursor(ui, ui->focus[ui->screen]);
    const struct ask *found = NULL;
    for (size_t i = 0; i < ui->ask_count; i++) {
        const struct ask *ask = &ui->asks[i];
        bool here = subject.kind == SUBJECT_BACKUP && (size_t)subject.a < run->backup_count &&
                    str_is(run->backups[subject.a].backup->id, ask->id);
        if (ask->kind == ASK_ATTEST && (!found || here)) {
            found = ask;
        }
    }
    return found;
}

bool backup_can_take(const struct ui *ui, const struct run *run)
{
    return rerun_of(ui, run, false) != NULL;
}

bool backup_can_prove(const struct ui *ui, const struct run *run)
{
    return rerun_of(ui, run, true) != NULL;
}

bool backup_can_attest(const struct ui *ui, const struct run *run)
{
    return attest_of(ui, run) != NULL;
}

void backup_act(const struct press *press, enum intent intent)
{
    struct ui *ui = press->ui;
    const struct run *run = press->run;
    bool prove = intent == INTENT_BACKUP_PROVE;
    if (intent == INTENT_BACKUP_ATTEST) {
        dialog_ask(ui, run, attest_of(ui, run));
    } else {
        dialog_command(ui, run, prove ? "prove" : "backup",
                       rerun_of(ui, run, prove)->backup->id, NULL);
    }
}

bool backup_command(const struct call *call, bool prove)
{
    for (size_t i = 0; i < call->run->backup_count; i++) {
        const struct run_backup *backup = &call->run->backups[i];
        if (str_is(backup->backup->id, call->rest) &&
            backup_may_rerun(call->run, backup, prove)) {
            dialog_command(call->ui, call->run, prove ? "prove" : "backup", call->rest, NULL);
            return true;
        }
    }
    ui_say(call->ui, STYLE_WARN, "%s",
           prove ? "prove ID, of a dump that is there, in BACKUP"
                 : "backup ID, of a pg_dump of the plan, in BACKUP");
    return false;
}
