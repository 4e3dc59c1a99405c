/* SPDX-License-Identifier: PostgreSQL */
/* The model of a run as text: two runs that stand alike give the same bytes. */
#include "plan_fixture.h"
#include "run_text.h"

#define NUMBER(out, base, member)                                                              \
    strbuf_format((out), " " #member "=%lld", (long long)(base)->member)
#define TEXT(out, base, member)                                                                \
    strbuf_format((out), " " #member "=\"%.*s\"", STR_ARG((base)->member))

static void write_check(struct strbuf *out, const char *where, size_t index,
                        const struct run_check *check)
{
    strbuf_format(out, "%s check %zu", where, index);
    NUMBER(out, check, outcome);
    NUMBER(out, check, running);
    NUMBER(out, check, accepted);
    TEXT(out, check, accepted_by);
    TEXT(out, check, accepted_why);
    NUMBER(out, check, accepted_us);
    TEXT(out, check, actual);
    TEXT(out, check, why);
    NUMBER(out, check, us);
    NUMBER(out, check, together);
    NUMBER(out, check, at_us);
    NUMBER(out, check, runs);
    strbuf_byte(out, '\n');
}

static void write_statements(struct strbuf *out, const struct run_script *script)
{
    for (size_t i = 0; script->sql && i < script->sql->count; i++) {
        const struct run_statement *statement = &script->statements[i];
        strbuf_format(out, "  statement %zu", i);
        NUMBER(out, statement, outcome);
        NUMBER(out, statement, sent);
        TEXT(out, statement, tag);
        TEXT(out, statement, sqlstate);
        TEXT(out, statement, text);
        TEXT(out, statement, detail);
        TEXT(out, statement, hint);
        NUMBER(out, statement, rows);
        NUMBER(out, statement, started_us);
        NUMBER(out, statement, us);
        strbuf_byte(out, '\n');
    }
}

static void write_script(struct strbuf *out, const struct run_script *script)
{
    strbuf_text(out, "script");
    NUMBER(out, script, kind);
    NUMBER(out, script, state);
    NUMBER(out, script, step);
    TEXT(out, script, id);
    NUMBER(out, script, transaction);
    NUMBER(out, script, first);
    NUMBER(out, script, last);
    NUMBER(out, script, statement);
    NUMBER(out, script, attempts);
    NUMBER(out, script, notices);
    NUMBER(out, script, warnings);
    NUMBER(out, script, applied_at_us);
    NUMBER(out, script, started_us);
    NUMBER(out, script, ended_us);
    NUMBER(out, script, sql_us);
    NUMBER(out, script, xid);
    NUMBER(out, script, pid);
    NUMBER(out, script, backend_start_us);
    NUMBER(out, script, commit_sent);
    NUMBER(out, script, partial);
    NUMBER(out, script, once_committed);
    NUMBER(out, script, cancelled);
    NUMBER(out, script, failed);
    TEXT(out, script, failure);
    TEXT(out, script, failure_state);
    TEXT(out, script, settled_by);
    TEXT(out, script, note);
    strbuf_byte(out, '\n');
    write_statements(out, script);
    for (size_t i = 0; i < script->check_count; i++) {
        write_check(out, "  after", i, &script->checks[i]);
    }
    for (size_t i = 0; i < script->before_count; i++) {
        write_check(out, "  before", i, &script->before[i]);
    }
}

static void write_gates(struct strbuf *out, const struct run *run)
{
    for (size_t i = 0; i < run->item_count; i++) {
        const struct run_item *item = &run->items[i];
        strbuf_text(out, "item");
        NUMBER(out, item, answered);
        NUMBER(out, item, overridden);
        NUMBER(out, item, claim);
        TEXT(out, item, who);
        TEXT(out, item, text);
        TEXT(out, item, why);
        NUMBER(out, item, at_us);
        strbuf_byte(out, '\n');
        write_check(out, "  item", i, &item->check);
    }
    for (size_t i = 0; i < run->backup_count; i++) {
        const struct run_backup *backup = &run->backups[i];
        strbuf_text(out, "backup");
        NUMBER(out, backup, level);
        NUMBER(out, backup, running);
        NUMBER(out, backup, failed);
        NUMBER(out, backup, attested);
        NUMBER(out, backup, claim);
        NUMBER(out, backup, overridden);
        TEXT(out, backup, who);
        TEXT(out, backup, why);
        TEXT(out, backup, name);
        TEXT(out, backup, hash);
        TEXT(out, backup, text);
        TEXT(out, backup, detail);
        NUMBER(out, backup, size);
        NUMBER(out, backup, taken_us);
        NUMBER(out, backup, dump_us);
        NUMBER(out, backup, restore_us);
        NUMBER(out, backup, progress);
        NUMBER(out, backup, total);
        strbuf_byte(out, '\n');
    }
    for (size_t i = 0; i < run->vote_count; i++) {
        const struct run_vote *vote = &run->votes[i];
        strbuf_text(out, "vote");
        TEXT(out, vote, role);
        TEXT(out, vote, who);
        TEXT(out, vote, vote);
        TEXT(out, vote, why);
        NUMBER(out, vote, at_us);
        NUMBER(out, vote, claim);
        NUMBER(out, vote, replaced);
        strbuf_byte(out, '\n');
    }
}

static void write_snapshots(struct strbuf *out, const struct run *run)
{
    for (size_t i = 0; i < MOMENT__COUNT; i++) {
        const struct run_snapshot *snapshot = &run->snapshots[i];
        strbuf_format(out, "snapshot %s", moment_words[i]);
        NUMBER(out, snapshot, taken);
        NUMBER(out, snapshot, at_us);
        TEXT(out, snapshot, hash);
        for (size_t k = 0; k < snapshot->change_count; k++) {
            const struct event_change *change = &snapshot->changes[k];
            strbuf_format(out, " [%.*s %.*s %d %d]", STR_ARG(change->what),
                          STR_ARG(change->name), (int)change->kind, (int)change->planned);
        }
        for (size_t k = 0; k < snapshot->row_count; k++) {
            strbuf_format(out, " (%.*s %lld)", STR_ARG(snapshot->rows[k].name),
                          (long long)snapshot->rows[k].value);
        }
        strbuf_byte(out, '\n');
    }
    for (size_t i = 0; i < run->count_count; i++) {
        const struct run_count *count = &run->counts[i];
        strbuf_text(out, "count");
        TEXT(out, count, id);
        for (size_t k = 0; k < MOMENT__COUNT; k++) {
            strbuf_format(out, " %lld", (long long)count->values[k]);
        }
        NUMBER(out, count, accepted);
        NUMBER(out, count, accepted_value);
        NUMBER(out, count, accepted_us);
        TEXT(out, count, who);
        TEXT(out, count, why);
        strbuf_byte(out, '\n');
    }
    for (size_t i = 0; i < run->set_count; i++) {
        for (size_t k = 0; k < run->plan->verification.sets.items[i].checks.count; k++) {
            write_check(out, "set", k, &run->sets[i][k]);
        }
    }
}

static void write_workload(struct strbuf *out, const struct run *run)
{
    const struct run_workload *workload = &run->workload;
    strbuf_format(out, "pace_us=%lld workload ms=%g", (long long)run->pace_us, workload->ms);
    NUMBER(out, workload, before);
    TEXT(out, workload, before_hash);
    TEXT(out, workload, before_text);
    NUMBER(out, workload, outcome);
    TEXT(out, workload, text);
    NUMBER(out, workload, at_us);
    NUMBER(out, workload, us);
    NUMBER(out, workload, from_us);
    NUMBER(out, workload, news_told);
    NUMBER(out, workload, line_count);
    strbuf_byte(out, '\n');
    for (size_t i = 0; i < workload->load_count; i++) {
        const struct run_load *load = &workload->loads[i];
        strbuf_text(out, "load");
        TEXT(out, load, id);
        TEXT(out, load, text);
        NUMBER(out, load, calls);
        NUMBER(out, load, us);
        NUMBER(out, load, was_us);
        NUMBER(out, load, news);
        strbuf_byte(out, '\n');
    }
    for (size_t i = 0; i < workload->news_count; i++) {
        const struct run_news *news = &workload->news[i];
        strbuf_text(out, "news");
        TEXT(out, news, kind);
        TEXT(out, news, id);
        TEXT(out, news, text);
        NUMBER(out, news, first_us);
        NUMBER(out, news, last_us);
        NUMBER(out, news, times);
        NUMBER(out, news, us);
        NUMBER(out, news, was_us);
        strbuf_byte(out, '\n');
    }
}

static void write_watch(struct strbuf *out, const struct run *run)
{
    write_workload(out, run);
    for (size_t i = 0; i < run->probe_count; i++) {
        const struct run_probe *probe = &run->probes[i];
        strbuf_format(out, "probe baseline=%g", probe->baseline);
        NUMBER(out, probe, count);
        NUMBER(out, probe, next);
        TEXT(out, probe, text);
        NUMBER(out, probe, misses);
        NUMBER(out, probe, breached);
        NUMBER(out, probe, recovered);
        NUMBER(out, probe, acknowledged);
        NUMBER(out, probe, accepted);
        NUMBER(out, probe, accepted_us);
        TEXT(out, probe, who);
        TEXT(out, probe, why);
        NUMBER(out, probe, breached_us);
        NUMBER(out, probe, heard);
        NUMBER(out, probe, heard_us);
        NUMBER(out, probe, observed_us);
        NUMBER(out, probe, last_out);
        NUMBER(out, probe, missed_us);
        TEXT(out, probe, breach);
        NUMBER(out, probe, first_failure_us);
        NUMBER(out, probe, last_failure_us);
        NUMBER(out, probe, breaches);
        for (size_t k = 0; k < probe->count; k++) {
            strbuf_format(out, " %lld:%d:%g", (long long)probe->samples[k].at_us,
                          (int)probe->samples[k].outcome, probe->samples[k].number);
        }
        strbuf_byte(out, '\n');
    }
    for (size_t i = 0; i < run->blocker_count; i++) {
        strbuf_format(out, "blocker %.*s %lld\n", STR_ARG(run->blockers[i].name),
                      (long long)run->blockers[i].value);
    }
    for (size_t i = 0; i < run->write_count; i++) {
        strbuf_format(out, "write %.*s %lld\n", STR_ARG(run->writes[i].name),
                      (long long)run->writes[i].value);
    }
    run_write_asked(out, run);
}

static void write_books(struct strbuf *out, const struct run *run)
{
    for (size_t i = 0; i < run->option_count; i++) {
        const struct run_option *option = &run->options[i];
        strbuf_text(out, "option");
        NUMBER(out, option, estimate_us);
        NUMBER(out, option, measured);
        NUMBER(out, option, possible);
        TEXT(out, option, why_not);
        strbuf_byte(out, '\n');
    }
    for (size_t i = 0; i < run->criterion_count; i++) {
        const struct run_criterion *criterion = &run->criteria[i];
        strbuf_text(out, "criterion");
        NUMBER(out, criterion, outcome);
        NUMBER(out, criterion, accepted);
        NUMBER(out, criterion, undone);
        TEXT(out, criterion, actual);
        TEXT(out, criterion, who);
        NUMBER(out, criterion, at_us);
        strbuf_byte(out, '\n');
    }
    for (size_t i = 0; i < run->signature_count; i++) {
        const struct run_signature *signature = &run->signatures[i];
        strbuf_text(out, "signature");
        TEXT(out, signature, role);
        TEXT(out, signature, who);
        NUMBER(out, signature, at_us);
        strbuf_byte(out, '\n');
    }
    for (size_t i = 0; i < run->slot_count; i++) {
        const struct run_slot *slot = &run->slots[i];
        strbuf_text(out, "slot");
        TEXT(out, slot, title);
        NUMBER(out, slot, started_us);
        NUMBER(out, slot, ended_us);
        strbuf_byte(out, '\n');
    }
    for (size_t i = 0; i < run->remark_count; i++) {
        const struct run_remark *entry = &run->remarks[i];
        strbuf_text(out, "remark");
        NUMBER(out, entry, at_us);
        TEXT(out, entry, kind);
        TEXT(out, entry, who);
        TEXT(out, entry, id);
        TEXT(out, entry, text);
        NUMBER(out, entry, claim);
        strbuf_byte(out, '\n');
    }
}

static void write_notices(struct strbuf *out, const struct run *run)
{
    for (size_t i = 0; i < run->notice_count; i++) {
        const struct run_notice *notice = &run->notices[i];
        strbuf_format(out, "notice %td", notice->hook - run->plan->notify.items);
        NUMBER(out, notice, occasion);
        NUMBER(out, notice, at_us);
        NUMBER(out, notice, outcome);
        NUMBER(out, notice, us);
        TEXT(out, notice, why);
        TEXT(out, notice, text);
        TEXT(out, notice, output);
        strbuf_byte(out, '\n');
    }
}

static void write_place(struct strbuf *out, const struct run *run)
{
    strbuf_text(out, "run");
    TEXT(out, run, operator_name);
    NUMBER(out, run, window_overridden);
    NUMBER(out, run, counts_overridden);
    NUMBER(out, run, monitor_overridden);
    NUMBER(out, run, state);
    NUMBER(out, run, back);
    NUMBER(out, run, phase);
    NUMBER(out, run, facts);
    NUMBER(out, run, resumed);
    NUMBER(out, run, now_us);
    NUMBER(out, run, started_us);
    NUMBER(out, run, ended_us);
    NUMBER(out, run, events);
    NUMBER(out, run, announced);
    TEXT(out, run, hold_reason);
    TEXT(out, run, hold_by);
    NUMBER(out, run, left);
    NUMBER(out, run, hold_wanted);
    NUMBER(out, run, cancel_wanted);
    for (size_t i = 0; i < SESSION__COUNT; i++) {
        strbuf_format(out, " session %d %lld %lld", (int)run->connected[i],
                      (long long)run->session_pid[i], (long long)run->session_start_us[i]);
    }
    for (size_t i = 0; i < PHASE__COUNT; i++) {
        strbuf_format(out, " phase %lld %lld", (long long)run->phase_started_us[i],
                      (long long)run->phase_ended_us[i]);
    }
    NUMBER(out, run, look_attempts);
    TEXT(out, run, moved);
    NUMBER(out, run, last_began_us);
    for (size_t i = 0; i < SESSION__COUNT; i++) {
        const struct run_patience *patience = &run->patience[i];
        strbuf_text(out, " patience");
        NUMBER(out, patience, attempts);
        NUMBER(out, patience, us);
        NUMBER(out, patience, from_us);
        NUMBER(out, patience, told);
    }
    NUMBER(out, run, retry_us);
    NUMBER(out, run, look);
    TEXT(out, run, database);
    TEXT(out, run, server_text);
    TEXT(out, run, settings_text);
    NUMBER(out, run, script);
    NUMBER(out, run, way_back);
    NUMBER(out, run, way_first);
    NUMBER(out, run, changed);
    NUMBER(out, run, intent);
    NUMBER(out, run, running_checks);
    NUMBER(out, run, recent_answers);
    NUMBER(out, run, recent_due_us);
    NUMBER(out, run, writes_in_part);
    NUMBER(out, run, writes_at_us);
    NUMBER(out, run, option);
    NUMBER(out, run, way_named);
    for (size_t i = 0; i < run->confirmation_count; i++) {
        strbuf_format(out, " confirmed %.*s %.*s", STR_ARG(run->confirmations[i].role),
                      STR_ARG(run->confirmations[i].who));
    }
    NUMBER(out, run, waited_us);
    NUMBER(out, run, findings_accepted);
    TEXT(out, run, findings_by);
    TEXT(out, run, findings_why);
    NUMBER(out, run, findings_us);
    NUMBER(out, run, way_started_us);
    NUMBER(out, run, way_ended_us);
    TEXT(out, run, way_text);
    NUMBER(out, run, monitor_ends_us);
    NUMBER(out, run, probes_heard_us);
    NUMBER(out, run, observed_us);
    TEXT(out, run, restore_text);
    NUMBER(out, run, restore_progress);
    NUMBER(out, run, restore_total);
    TEXT(out, run, report_folder);
    TEXT(out, run, report_hash);
    NUMBER(out, run, leaving);
    NUMBER(out, run, report_waits);
    NUMBER(out, run, told_us);
    for (size_t i = 0; run->notified_us && i < run->plan->notify.count; i++) {
        strbuf_format(out, " heard %lld", (long long)run->notified_us[i]);
    }
    NUMBER(out, run, untold_accepted);
    strbuf_byte(out, '\n');
}

void run_write(struct strbuf *out, const struct run *run)
{
    write_place(out, run);
    for (size_t i = 0; i < run->script_count; i++) {
        write_script(out, &run->scripts[i]);
    }
    write_gates(out, run);
    write_snapshots(out, run);
    write_watch(out, run);
    write_books(out, run);
    write_notices(out, run);
}
