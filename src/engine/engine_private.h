/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the files of the engine share: moving between states, pushing effects,
 * keeping texts. Nobody outside this room includes it.
 */
#ifndef GONOGO_ENGINE_PRIVATE_H
#define GONOGO_ENGINE_PRIVATE_H

#include "engine.h"

/* ------------------------------------------------------------------ moving */

/* Sets the state; a change of phase closes one slot, opens the next and is journaled. */
void run_go(struct run *run, struct effects *effects, enum state state);
/* Goes into a state and does what it begins with; waiting states begin with nothing. */
void run_enter(struct run *run, struct effects *effects, enum state state);
/* Stops at a safe point; going on leads to `back`. */
void run_hold(struct run *run, struct effects *effects, enum state back, struct str by,
              struct str why);
/* The same, told to the team as another occasion. */
void run_hold_as(struct run *run, struct effects *effects, enum state back, struct str by,
                 struct str why, enum plan_occasion occasion);
/* Whatever stopped it is over: a reason is told as long as it is true. */
void forget_reason(struct run *run);
/* The run ends here: END is announced, QUIT follows. */
void run_finish(struct run *run, struct effects *effects);

/* ----------------------------------------------------------------- effects */

struct effect *effect_push(struct effects *effects, enum effect_kind kind);
/* A JOURNAL effect, synced; returns it so that the caller can fill what it announces. */
struct effect *run_announce(struct run *run, struct effects *effects, enum record record);
void connect_session(struct effects *effects, enum session session, int64_t delay_us);
void send_look(struct run *run, struct effects *effects, enum look look);
/* A query that changes the world, covered by announcement `by`. */
struct effect *send_change(struct effects *effects, enum query query, int script, uint64_t by);
struct effect *send_query(struct effects *effects, enum query query);
void send_snapshot(struct run *run, struct effects *effects, enum moment moment);
void send_check(struct run *run, struct effects *effects, struct run_check *check,
                enum check_place place, int where, int index, bool inside);
void spawn_task(struct run *run, struct effects *effects, enum task task, int index);

/* ------------------------------------------------------------------ keeping */

struct str run_keep(struct run *run, struct str text);
struct str run_keep_format(struct run *run, const char *format, ...) PRINTF_LIKE(2, 3);
void run_remark(struct run *run, const char *kind, struct str who, struct str id,
                struct str text, bool claim);

/* ------------------------------------------------------- actions of the table */

typedef void engine_action(struct run *run, const struct event *event, struct effects *effects);
typedef bool engine_guard(const struct run *run, const struct event *event);

/* identify.c, prep.c */
engine_action on_start, on_resumed, on_connected, on_connect_failed, on_looked_more,
    on_identified, on_found_again, on_identify_again, on_refused, on_review, on_wrong_counts,
    on_look_again, on_counts_overridden, on_note, on_override, on_prep_done;
engine_guard is_watch, is_check, is_work, looked_ok_more, looked_ok_last_fresh,
    looked_ok_last_resumed, looked_may_retry, review_is_right, is_review, override_is_before,
    prep_is_closed, note_is_item, override_is_known, item_check;
engine_action on_item_checked;
/* blocks.c */
engine_action on_found;
engine_action on_undo_override;
engine_guard undo_is_blocked, override_is_of_undo;
void block_override(struct run *run, struct run_block *block, const struct event *event);
/* backup.c */
engine_action on_task_progress, on_backup_done, on_attest, on_backup_again, on_cancel_task,
    on_backup_override, on_backups_done, on_proof;
engine_guard is_backup_task, backups_are_proven, attest_is_external, override_is_backup,
    rerun_is_backup, proof_fits;
/* poll.c */
engine_action on_vote, on_no_go, on_name, on_name_wrong;
engine_guard vote_is_known, vote_is_no_go, poll_is_go, name_is_right;
/* migrate.c */
engine_action on_before, on_before_differs, on_work_connected, on_ready, on_applied,
    on_not_ready, on_before_checked, on_begun, on_begin_failed, on_statement_next,
    on_statement_last, on_statement_failed, on_inside_next, on_inside_failed, on_inside_last,
    on_ledger_written, on_ledger_failed, on_evidence, on_no_evidence, on_committed,
    on_commit_failed, on_rolled_back, on_step_checked, on_step_checks_done, on_next_step,
    on_retry, on_manual_done, on_notice, on_blockers, on_cancel, on_terminate, on_accept_step,
    on_rerun_step, on_counted, on_counts_last, on_fate_unknown, on_work_lost,
    on_work_unreachable, on_signal_done;
engine_guard before_is_same, is_before, ready_ok, ready_applied, before_check, done_begin_ok,
    done_begin_failed, done_rollback_known, done_ledger_ok, done_ledger_failed, statement_more,
    statement_last, statement_failed, outcome_unknown, inside_more, inside_last, inside_failed,
    evidence_ok, committed_ok, committed_failed, step_check, step_check_last, counts_last,
    checkpoint_is_clear, manual_is_this, accept_is_step, rerun_is_step, terminate_is_seen,
    done_is_signal, script_fits;
/* verify.c */
engine_action on_set_checked, on_set_last, on_now_snapshot, on_accept, on_rerun, on_verified;
engine_guard set_check, set_check_last, verified_last, now_snapshot, now_snapshot_last,
    accept_is_known, rerun_is_known, verification_is_settled;
/* monitor.c */
engine_action on_sample, on_acknowledge, on_monitor_over, on_writes, on_last_set_checked,
    on_last_snapshot, on_last_done;
engine_action on_sample_last;
/* workload.c */
engine_action on_workload, on_pace;
engine_guard pace_fits;
/* What the statements cost until now, to hold against what they cost afterwards. */
void ask_workload_before(const struct run *run, struct effects *effects);
/* The next look at them, if it is due. */
void tick_workload(struct run *run, struct effects *effects);
/* When to ask a probe again whose answer took so long: a hundred times that, or the pace,
 * and never later than the plan says. */
int64_t probe_pause_us(const struct run *run, int64_t took_us);
/* INT64_MAX: not awaited. */
int64_t next_workload_us(const struct run *run);
/* What a log probe brought: a line of a kind that did not come before is news. */
void keep_log_line(struct run *run, const struct run_probe *probe, const struct event *event);
engine_guard sample_last;
bool last_probes_are_out(const struct run *run, const struct run_probe *but);
engine_guard sample_fits, acknowledge_is_known, monitor_may_end, last_check_last,
    last_snapshot_last, last_check, last_snapshot;
void tick(struct run *run, struct effects *effects);
int64_t next_writes_us(const struct run *run); /* when to count them; INT64_MAX = not */
/* rollback.c */
engine_action on_rollback, on_option, on_back, on_way_name, on_way_manual_done, on_restored,
    on_restore_failed, on_switched, on_switch_failed, on_switch_unknown, on_switch_lost,
    on_back_snapshot, on_way_named, on_confirm, on_confirm_last;
engine_guard way_name_is_enough, confirm_fits, confirm_is_last, option_is_possible, restore_ok,
    restore_failed, is_restore, done_switch_ok, done_switch_failed, done_switch_unknown,
    is_back, rollback_is_possible;
/* evidence.c. Did a probe miss twice in a row? */
bool probes_fail(const struct run *run);

/* surroundings.c */
engine_action on_context, on_in_the_way, on_way_free, on_go_asked;
engine_guard looked_in_the_way, way_is_free;
void ask_context(struct run *run, struct effects *effects);
/* `go`: the answer decides whether GO stands. */
void ask_in_the_way(struct run *run, struct effects *effects, bool go);
void forget_surroundings(struct run *run); /* no answer comes to what was asked */
bool override_is_obstacles(const struct run *run, const struct event *event);
void override_obstacles(struct run *run, const struct event *event);
/* archiver.c */
engine_action on_archiver;
void ask_archiver(struct run *run, struct effects *effects);
int64_t next_archiver_us(const struct run *run); /* when to ask; INT64_MAX = not */
/* recent.c */
engine_action on_recent;
void ask_recent(struct run *run, struct effects *effects);
int64_t next_recent_us(const struct run *run); /* when to ask; INT64_MAX = not */
/* doubt.c */
engine_action on_lost_open, on_watch_lost, on_watch_back, on_check_lost, on_check_back,
    on_lock_again, on_settle_start, on_settle_next, on_settle_wait, on_settle_committed,
    on_settle_rolled_back, on_settle_cannot, on_settle_word, on_retry_due, on_lock_gone,
    on_reconnect_failed;
engine_guard settle_next, settle_wait, settle_committed, settle_rolled_back, lost_work,
    lost_watch, lost_check, settle_word_fits, looked_lock_ok, looked_lock_lost, retry_in_settle;
/* notify.c */
engine_action on_hook_ended, on_notice_due, on_tell_again;
engine_guard is_hook, notice_is_due, rerun_is_before_open;
/* Starts every hook of that occasion; `why` in words. */
void run_notify(struct run *run, struct effects *effects, enum plan_occasion occasion,
                struct str why);
/* REPORT, now or when the last hook has ended. */
void run_write_report(struct run *run, struct effects *effects);
void run_forget_hooks(struct run *run);
void keep_told(struct run *run, const struct event *event);
int64_t next_notice_us(const struct run *run); /* INT64_MAX = none */
/* Nobody waits to hear that the window opens. */
bool team_was_told(const struct run *run);
/* Somebody does, and the program cannot help it: `why`. */
bool untold_is_asked(const struct run *run, struct str *why);
/* close.c */
engine_action on_go_monitor, on_rerun_last, on_restore_progress, on_cancel_restore,
    on_settle_again, on_late_backup, on_retry_forgotten;
engine_guard rerun_is_last, doubt_has_script, is_busy, abandon_is_possible;
engine_action on_criterion, on_sign_off, on_close_done, on_reported, on_leave, on_abandon,
    on_left, on_hold, on_hold_wanted, on_go_on_from_hold, on_scribe, on_record_failed,
    on_snapshot_kept, on_rows_kept;
engine_guard criterion_is_known, sign_off_is_known, close_is_ready;

/* migrate.c, shared with rollback and doubt */
void enter_ready(struct run *run, struct effects *effects);
struct run_script *at_work(const struct run *run); /* NULL between scripts */
void drop_work(struct run *run, struct effects *effects);
void send_statement(struct run *run, struct effects *effects, size_t index);
bool inside_fits(const struct run *run, const struct event *event);
struct run_slot *slot_of_script(const struct run *run, int script);
/* All statements of the script at work were answered. */
void on_statements_over(struct run *run, struct effects *effects);
void enter_step_checks(struct run *run, struct effects *effects);
void script_committed(struct run *run, struct run_script *script, struct str settled_by);
void script_rolled_back(struct run *run, struct run_script *script, struct str why);
int next_script(const struct run *run);
bool script_is_open(const struct run *run);
bool checks_have_failed(const struct run_check *checks, size_t count);
void keep_check(struct run *run, struct run_check *check, const struct event *event);
void begin_checks(struct run_check *checks, size_t count);
/* model.c */
void script_init(struct run *run, struct run_script *script, enum script_kind kind, int step,
                 const struct sql_script *sql);
/* identify.c */
/* The first script that is in doubt is at work then; false: none is. */
bool next_in_doubt(struct run *run);
/* prep.c */
void enter_prep(struct run *run, struct effects *effects);
void ask_items(struct run *run, struct effects *effects, enum plan_gate gate);
void pass_gate(struct run *run, enum plan_gate gate, bool passed);
bool gate_is_closed(const struct run *run, enum plan_gate gate);
/* backup.c, poll.c, monitor.c */
void enter_backup(struct run *run, struct effects *effects);
void enter_poll(struct run *run, struct effects *effects);
bool votes_are_go(const struct run *run);
/* Does this number break the probe's limit? A text is judged by the shell: 1 fits, 0 does not.
 */
bool breaks_limit(const struct run_probe *probe, double number);
const struct run_sample *newest_sample(const struct run_probe *probe); /* with a count */
bool window_is_awaited(const struct run *run);
bool window_is_asked(const struct run *run);
/* "it is …, the window is … to …"; empty inside of it, or when there is none. */
struct str window_text(const struct run *run, struct arena *arena);
void enter_monitor(struct run *run, struct effects *effects);
bool probes_are_on(const struct run *run);
void keep_numbers(struct run *run, const struct event *event, enum moment moment);
void keep_counts(struct run *run, const struct event *event);
bool counts_are(const struct run *run, enum moment moment, bool before);
/* verify.c */
/* What was accepted is not there any more: `fine`, or something else is found instead. */
void acceptance_over(struct run *run, struct str id, struct str by, int64_t at_us, bool fine);
void verification_over(struct run *run, struct effects *effects);
void enter_verification(struct run *run, struct effects *effects, enum moment moment);
bool changes_are_forbidden(const struct run *run);
struct run_check *find_check(const struct run *run, struct str id);
/* watch.c */
void watch_sample(struct run *run, struct run_probe *probe, const struct event *event);
/* The watch is over: what of it nobody saw stands on the record. */
void note_unobserved(struct run *run);
/* way.c */
/* The backup that it restores; NULL: none. */
const struct run_backup *backup_of_option(const struct run *run,
                                          const struct run_option *option);
/* Has a person of that role confirmed the chosen way back? */
bool way_is_confirmed(const struct run *run, struct str role);
/* rollback.c */
/* How long each way back takes, and whether that was measured; run_judge_options asks it, too.
 */
void run_estimate_options(struct run *run);
void run_judge_options(struct run *run);
void enter_back_check(struct run *run, struct effects *effects);
/* doubt.c */
void enter_settle(struct run *run, struct effects *effects);
enum state state_to_resume(const struct run *run);
/* close.c */
bool is_signed(const struct run *run, struct str role);
/* criteria.c */
void run_judge_criteria(struct run *run);
struct str criterion_id(const struct run *run, size_t index, struct arena *arena);
/* verify.c */
bool run_has_failed_checks(const struct run *run);

#endif
