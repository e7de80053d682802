/* fields.h - the fields of every message of msg.def.  Comments give meaning and unit. */
#ifndef WIRE_FIELDS_H
#define WIRE_FIELDS_H

#include "base/limits.h"

#define FIELDS_slice(F) F(bytes, body, PLAN_MAX)
#define FIELDS_ready(F)
#define FIELDS_log(F) F(u8, level, 0) F(str, line, 1024)
#define FIELDS_ping(F)
#define FIELDS_pong(F)
/* code: a word of include/sekisho/code.def; next: a command to type, may be "" */
#define FIELDS_refused(F) F(str, code, CODE_MAX) F(str, reason, REASON_MAX) \
	F(str, next, NEXT_MAX)
#define FIELDS_ack(F)

/* kind: enum role_kind */
#define FIELDS_start(F) F(u8, kind, 0)
#define FIELDS_started(F) F(u32, pid, 0)
/* status: as waitpid(2) gives it */
#define FIELDS_exited(F) F(u32, pid, 0) F(u32, status, 0)

/* listen: sockaddr structs one behind the other, each 128 bytes (sockaddr_storage); log_level: enum log_level; door: path of the local door, "": none */
#define FIELDS_settings(F) F(bytes, listen, 1024) F(u32, login_grace_s, 0) \
	F(u32, max_unauth, 0) F(u32, max_unauth_per_source, 0) \
	F(u32, max_connections, 0) F(u32, reload_s, 0) F(u32, seal_grace_s, 0) \
	F(u32, stop_grace_s, 0) F(bytes, digest, DIGEST_LEN) \
	F(u8, log_level, 0) F(str, door, PATH_MAX_LEN) F(u32, warm_pairs, 0) \
	F(u32, warm_kits, 0) F(u32, penalty_auth_failed_s, 0) \
	F(u32, penalty_no_auth_s, 0) F(u32, penalty_grace_over_s, 0) \
	F(u32, penalty_crash_s, 0) F(u32, penalty_min_s, 0) \
	F(u32, penalty_max_s, 0) F(strv, penalty_exempt, 4096)
#define FIELDS_slice_for(F) F(u8, kind, 0) F(bytes, body, PLAN_MAX)
#define FIELDS_loaded(F)

#define FIELDS_conn(F) F(str, source, SOURCE_MAX)
#define FIELDS_snapshot(F) F(u64, serial, 0)
#define FIELDS_ledger(F)
#define FIELDS_authed(F)
/* guess: a CAGE record, what the order that follows will ask for; sekishod keeps it unread for the next spare kits */
#define FIELDS_need_kit(F) F(bytes, guess, GUESS_MAX)
#define FIELDS_kit(F)
#define FIELDS_need_word(F)
#define FIELDS_word_kit(F)
/* why: enum kit_failure */
#define FIELDS_kit_failed(F) F(u8, why, 0)
#define FIELDS_kill_kit(F)
/* is_patient: what runs may end by itself (sekisho drain); else within stop_grace */
#define FIELDS_drain(F) F(u8, is_patient, 0)
#define FIELDS_bind_monitor(F) F(u64, conn, 0) F(str, source, SOURCE_MAX)
#define FIELDS_auth_failed(F)
#define FIELDS_auth_excused(F)
#define FIELDS_bind_keys(F)
/* uuid: empty, then SEAL_BIND says it; or 16 bytes: bound already, and only a RECOVERED mark is sealed on it */
#define FIELDS_seal_channel(F) F(u64, session, 0) F(bytes, uuid, UUID_LEN)
#define FIELDS_seals(F)
/* path: beneath recordings */
#define FIELDS_recover(F) F(u64, session, 0) F(bytes, uuid, UUID_LEN) \
	F(str, path, 64)
/* result: enum recovery; good, found, sealed: bytes, see RECOVERED in src/record/FORMAT.md; end_how: of END, when there is one */
#define FIELDS_recovered(F) F(u64, session, 0) F(u8, result, 0) F(u64, good, 0) \
	F(u64, found, 0) F(u64, sealed, 0) F(bytes, chain, DIGEST_LEN) \
	F(u8, end_how, 0)
#define FIELDS_bind_local(F) F(u32, uid, 0)
/* since the gate opened, but for what is there now: connections, unauth, kits, warm_pairs, warm_kits, penalised (sources) */
#define FIELDS_gate_state(F) F(u32, connections, 0) F(u32, unauth, 0) \
	F(u32, kits, 0) F(u32, warm_pairs, 0) F(u32, warm_kits, 0) \
	F(u32, penalised, 0) F(u64, taken, 0) F(u64, refused, 0) \
	F(u64, login_failed, 0) F(u64, grace_over, 0) F(u64, penalty_refused, 0) \
	F(i64, opened, 0) F(u8, is_draining, 0)

#define FIELDS_auth_start(F) F(str, user, USER_MAX)
/* echo: one byte a prompt, 1 = show what is typed */
#define FIELDS_auth_prompt(F) F(str, name, 256) F(str, instruction, 8192) \
	F(strv, prompts, 8192) F(bytes, echo, PROMPTS_MAX)
#define FIELDS_auth_answers(F) F(strv, answers, PROMPTS_MAX * (ANSWER_MAX + 1))
#define FIELDS_auth_abort(F)
/* result: enum auth_result */
#define FIELDS_auth_result(F) F(u8, result, 0)
/* kind: enum auth_kind; user may be "" */
#define FIELDS_auth_other(F) F(u8, kind, 0) F(str, user, USER_MAX)
/* blob: the key, bytes without a meaning to who gets it: net looked at their form; is_proven: net saw a good signature of it, which is a claim */
#define FIELDS_auth_key(F) F(str, user, USER_MAX) F(bytes, blob, KEY_BLOB_MAX) \
	F(u8, is_proven, 0)
/* is_listed: an offer may go on to its signature; is_factor: the signed key counts, PAM may follow */
#define FIELDS_auth_key_result(F) F(u8, is_listed, 0) F(u8, is_factor, 0)
#define FIELDS_chan_open(F)
#define FIELDS_chan_pty(F) F(str, term, TERM_MAX) F(u32, cols, 0) F(u32, rows, 0)
/* command: at most COMMAND_MAX bytes of it; total: as long as it was */
#define FIELDS_chan_exec(F) F(bytes, command, COMMAND_MAX) F(u32, total, 0)
#define FIELDS_chan_shell(F)
#define FIELDS_chan_subsystem(F) F(str, name, NAME_MAX_LEN)
#define FIELDS_chan_resize(F) F(u32, cols, 0) F(u32, rows, 0)
/* name without SIG */
#define FIELDS_chan_signal(F) F(str, name, 16)
#define FIELDS_chan_unread(F)
#define FIELDS_chan_closed(F)
#define FIELDS_chan_refused(F) F(str, what, 64) F(str, detail, 256)
/* reads_input: 0 = what the client sends is not taken (CHAN_UNREAD once) */
#define FIELDS_chan_streams(F) F(u8, has_err, 0) F(u8, reads_input, 0)
#define FIELDS_chan_no_input(F)
#define FIELDS_chan_text(F) F(bytes, text, DATA_MAX)
/* signal: "" or a name without SIG: then status is unused */
#define FIELDS_chan_exit(F) F(u32, status, 0) F(str, signal, 16)

/* ago_ms: the last of them, by the clock of net, when this was sent */
#define FIELDS_chan_active(F) F(u32, ago_ms, 0)
#define FIELDS_bye(F) F(str, text, 1024)

#define FIELDS_login(F) F(str, user, USER_MAX) F(str, source, SOURCE_MAX) \
	F(str, method, 64) F(str, key, 64)
/* why: enum login_failure; user: as typed, kept only as a salted commitment when unknown */
#define FIELDS_login_failed(F) F(str, user, USER_MAX) F(str, source, SOURCE_MAX) \
	F(u8, why, 0)
/* reason: "" of the client's own will, "idle" */
/* reason: "" for a client that left, "idle" */
#define FIELDS_logout(F) F(str, user, USER_MAX) F(str, reason, 16)
#define FIELDS_bind(F) F(str, user, USER_MAX) F(str, source, SOURCE_MAX)
#define FIELDS_bound(F)
/* request 0: find it by argv; else that request (run R12.STEP), argv is empty */
#define FIELDS_lookup(F) F(str, user, USER_MAX) F(str, source, SOURCE_MAX) \
	F(strv, argv, ARGV_BYTES_MAX) F(u64, request, 0) F(u32, step, 0) \
	F(u8, pty, 0)
/*
 * input: none | tty | pipe | any | sha256:HEX; use: the number this use would
 * have; on_disconnect: kill | continue; window_end: unix seconds, last moment
 * of a start; snapshot: serial of the snapshot it was decided under.
 */
#define FIELDS_order(F) F(u64, session, 0) F(bytes, uuid, UUID_LEN) \
	F(u64, request, 0) F(u32, revision, 0) F(u32, step, 0) F(u32, use, 0) \
	F(u32, uses, 0) F(str, operator, USER_MAX) F(strv, argv, ARGV_BYTES_MAX) \
	F(str, exe, PATH_MAX_LEN) F(bytes, exe_digest, DIGEST_LEN) \
	F(bytes, script, SCRIPT_MAX) F(str, input, 80) F(str, run_as, USER_MAX) \
	F(str, cwd, PATH_MAX_LEN) F(str, profile, NAME_MAX_LEN) \
	F(bytes, profile_digest, DIGEST_LEN) F(str, target, NAME_MAX_LEN) \
	F(u32, max_run_s, 0) F(str, on_disconnect, 16) F(i64, window_end, 0) \
	F(u64, snapshot, 0) F(bytes, request_digest, DIGEST_LEN) \
	F(str, label, NAME_MAX_LEN) F(str, ticket, NAME_MAX_LEN)
/* order_digest: SHA-256 over the body of the ORDER as it came; header_digest: of the recording's header, from REC_OPENED */
#define FIELDS_consume(F) F(u64, session, 0) F(bytes, order_digest, DIGEST_LEN) \
	F(bytes, exe_digest, DIGEST_LEN) F(str, features, 1024) \
	F(bytes, header_digest, DIGEST_LEN)
#define FIELDS_consumed(F) F(u32, use, 0) F(u32, uses, 0) F(i64, at, 0)
/* as REFUSED, and told when looking again is no use either */
#define FIELDS_look_again(F) F(str, code, CODE_MAX) F(str, reason, REASON_MAX) \
	F(str, next, NEXT_MAX)
#define FIELDS_job_started(F) F(u64, session, 0)
/* how: enum job_end; bytes counted by the recorder; chain: of the record's END */
#define FIELDS_job_ended(F) F(u64, session, 0) F(u8, how, 0) F(u32, status, 0) \
	F(str, signal, 16) F(str, reason, 256) F(u64, in_bytes, 0) \
	F(u64, out_bytes, 0) F(u64, err_bytes, 0) F(u32, refusals, 0) \
	F(u64, duration_ms, 0) F(bytes, chain, DIGEST_LEN)
/* what: what was asked, escaped text; session 0: none */
#define FIELDS_refusal(F) F(str, user, USER_MAX) F(str, source, SOURCE_MAX) \
	F(str, code, CODE_MAX) F(str, what, REASON_MAX) F(str, reason, REASON_MAX) \
	F(u64, session, 0)
/* sessions: u64 big-endian each, still running under this monitor */
#define FIELDS_resume(F) F(str, user, USER_MAX) F(str, source, SOURCE_MAX) \
	F(bytes, sessions, 8 * CHANNELS_MAX)

/* answer to LOGIN_FAILED: how much later than fail_delay the client hears it */
#define FIELDS_backoff(F) F(u32, extra_ms, 0)
/* level: enum disk_level */
#define FIELDS_disk(F) F(u8, level, 0)

/* meta: canonical JSON for the header */
#define FIELDS_rec_open(F) F(u64, session, 0) F(bytes, uuid, UUID_LEN) \
	F(bytes, meta, DATA_MAX) F(u8, pty, 0)
#define FIELDS_rec_opened(F) F(bytes, header_digest, DIGEST_LEN)
/* show: 0 recorded only, 1 to the client's stderr (pty: to the screen) */
#define FIELDS_rec_notice(F) F(bytes, text, DATA_MAX) F(u8, show, 0)
#define FIELDS_rec_resize(F) F(u32, cols, 0) F(u32, rows, 0)
#define FIELDS_rec_signal(F) F(str, name, 16)
/* how: enum job_end; the recorder stops taking input, drains output to EOF (at most "drain_ms"), writes END, syncs */
#define FIELDS_rec_end(F) F(u8, how, 0) F(u32, status, 0) F(str, signal, 16) \
	F(str, reason, 256) F(u32, drain_ms, 0)
/* is_sealed 0: keyd was away, END stands without a seal */
#define FIELDS_rec_ended(F) F(u64, in_bytes, 0) F(u64, out_bytes, 0) \
	F(u64, err_bytes, 0) F(u64, duration_ms, 0) F(u64, file_bytes, 0) \
	F(bytes, chain, DIGEST_LEN) F(u8, is_sealed, 0)
#define FIELDS_rec_failed(F) F(str, why, 256) F(u8, is_keys, 0)
#define FIELDS_rec_seals(F)
#define FIELDS_rec_unsealed(F)
#define FIELDS_pipes(F) F(u8, pty, 0)
/* type: the letter of src/record/FORMAT.md; body: canonical JSON, recorded; text: shown to the operator when not empty */
#define FIELDS_event(F) F(u8, type, 0) F(bytes, body, DATA_MAX) \
	F(bytes, text, 4096)

/* groups: u32 big-endian each; hide: paths of this gate, covered always; login_uid: the operator's, 0: not known */
#define FIELDS_prepare(F) F(u64, session, 0) F(strv, argv, ARGV_BYTES_MAX) \
	F(strv, env, 16384) F(str, exe, PATH_MAX_LEN) \
	F(bytes, exe_digest, DIGEST_LEN) F(bytes, script, SCRIPT_MAX) \
	F(str, input, 80) F(str, cwd, PATH_MAX_LEN) F(str, run_as, USER_MAX) \
	F(u32, uid, 0) F(u32, gid, 0) F(bytes, groups, 4 * GROUPS_MAX) \
	F(str, home, PATH_MAX_LEN) F(str, profile, NAME_MAX_LEN) \
	F(bytes, plan, PLAN_MAX) F(bytes, bpf, BPF_MAX) F(strv, hide, 16384) \
	F(str, more, 64) F(u8, pty, 0) F(u32, cols, 0) F(u32, rows, 0) \
	F(u32, login_uid, 0)
/* body: a CAGE record, passed on unread */
#define FIELDS_guess(F) F(bytes, body, GUESS_MAX)
#define FIELDS_prepared(F) F(bytes, exe_digest, DIGEST_LEN) F(str, features, 1024)
#define FIELDS_go(F)
#define FIELDS_gone(F)
#define FIELDS_job_resize(F) F(u32, cols, 0) F(u32, rows, 0)
#define FIELDS_job_signal(F) F(str, name, 16)
/* grace_ms: TERM first, KILL of the tree after this; 0: KILL at once */
#define FIELDS_job_kill(F) F(u32, grace_ms, 0)
#define FIELDS_job_exit(F) F(u32, status, 0) F(str, signal, 16) \
	F(u32, refusals, 0) F(u64, cpu_us, 0)

#define FIELDS_word(F) F(strv, argv, ARGV_BYTES_MAX) F(str, user, USER_MAX) \
	F(u8, pty, 0) F(u32, cols, 0) F(u32, rows, 0) F(str, zone, NAME_MAX_LEN)
#define FIELDS_word_exit(F) F(u32, status, 0)
#define FIELDS_call(F) F(str, verb, 32) F(bytes, body, JSON_MAX)
/* code: "OK" or a refusal code; more: another page follows when asked */
#define FIELDS_reply(F) F(str, code, CODE_MAX) F(bytes, body, JSON_MAX) \
	F(u8, more, 0)

#define FIELDS_seal_bind(F) F(u64, session, 0) F(bytes, uuid, UUID_LEN)
/* start: unix ns from which this epoch's key is in force */
#define FIELDS_seal_bound(F) F(u32, epoch, 0) F(i64, start, 0) \
	F(bytes, public_key, DIGEST_LEN)
/* kind: enum seal_kind; epoch: that of the header asked for (SEAL_HEAD), else 0 */
#define FIELDS_seal_sign(F) F(u8, kind, 0) F(u32, epoch, 0) \
	F(bytes, digest, DIGEST_LEN)
/* at: keyd's clock, unix ns, never going back */
#define FIELDS_sealed(F) F(u32, epoch, 0) F(i64, at, 0) \
	F(bytes, signature, SIGNATURE_LEN)
/* size 0: nothing signed so far, root is unused */
#define FIELDS_keys(F) F(str, origin, ORIGIN_MAX) F(bytes, log_key, DIGEST_LEN) \
	F(u64, size, 0) F(bytes, root, DIGEST_LEN) F(u32, epoch, 0)
/* proof: RFC 6962 consistency from "old" (what KEYS or the last head said) to size, 32 bytes each */
#define FIELDS_head_sign(F) F(u64, size, 0) F(bytes, root, DIGEST_LEN) \
	F(u64, old, 0) F(bytes, proof, 2048)
#define FIELDS_head_signed(F) F(u64, size, 0) F(bytes, note, NOTE_MAX)
/* signature: by the epoch before it, the first one's by itself: src/ledger/FORMAT.md; head: the last one signed before it (size 0: none, root zero) */
#define FIELDS_epoch(F) F(u32, epoch, 0) F(i64, start, 0) \
	F(bytes, public_key, DIGEST_LEN) F(bytes, signature, SIGNATURE_LEN) \
	F(u64, head_size, 0) F(bytes, head_root, DIGEST_LEN)

/* recordings: opened by the monitor beneath this path; grace: see DESIGN P4 */
#define FIELDS_slice_monitor(F) F(str, pam_service, NAME_MAX_LEN) \
	F(str, pam_dir, PATH_MAX_LEN) F(u32, fail_delay_ms, 0) F(u32, max_tries, 0) \
	F(u32, max_key_offers, 0) F(u32, max_channels, 0) F(u32, seal_grace_s, 0) \
	F(u32, stall_s, 0) F(u32, kill_grace_s, 0) F(str, recordings, PATH_MAX_LEN) \
	F(u32, record_gid, 0) F(strv, hide, 16384) F(str, zone, NAME_MAX_LEN) \
	F(str, lang, NAME_MAX_LEN) F(str, gate, NAME_MAX_LEN) \
	F(u32, stop_grace_s, 0) F(u8, public_key, 0) F(u32, backoff_max_ms, 0) \
	F(u32, idle_connection_s, 0) F(u32, idle_terminal_s, 0) \
	F(u8, trace_time, 0) F(u32, login_grace_s, 0)
#define FIELDS_slice_net(F) F(strv, host_keys, 8192) F(str, version, 128) \
	F(str, banner, 8192) F(u32, uid, 0) F(u32, gid, 0) F(str, empty_dir, PATH_MAX_LEN) \
	F(u32, max_channels, 0) F(u32, max_key_offers, 0) F(u64, rekey_bytes, 0) \
	F(u8, public_key, 0) F(u32, keepalive_s, 0) F(u32, keepalive_count, 0)
#define FIELDS_slice_record(F) F(u32, uid, 0) F(u32, gid, 0) \
	F(str, empty_dir, PATH_MAX_LEN) F(u32, sync_ms, 0) F(u32, seal_grace_s, 0)
#define FIELDS_slice_exec(F) F(u64, input_max, 0) F(u32, max_refusals_shown, 0)
#define FIELDS_slice_ledgerd(F) F(str, database, PATH_MAX_LEN) \
	F(str, recordings, PATH_MAX_LEN) F(u32, uid, 0) F(u32, gid, 0) \
	F(strv, command_dirs, 8192) F(u32, seal_grace_s, 0) \
	F(u32, refused_entries_per_day, 0) F(str, zone, NAME_MAX_LEN) \
	F(str, gate, NAME_MAX_LEN) F(str, heads, PATH_MAX_LEN) F(u8, syslog, 0) \
	F(u64, disk_warn, 0) F(u64, disk_refuse, 0) F(u64, disk_end, 0) \
	F(u64, disk_reserve, 0) F(u32, backoff_max_ms, 0) F(u32, epoch_s, 0) \
	F(u32, fail_delay_ms, 0)
/* dir: keys/, 0700; gate: its origin at the first start; epoch_s: life of an epoch key */
#define FIELDS_slice_keyd(F) F(u32, uid, 0) F(u32, gid, 0) \
	F(str, dir, PATH_MAX_LEN) F(str, gate, NAME_MAX_LEN) F(u32, epoch_s, 0)
#define FIELDS_slice_recover(F) F(u32, uid, 0) F(u32, gid, 0) \
	F(str, recordings, PATH_MAX_LEN) F(str, empty_dir, PATH_MAX_LEN)
/* zone: its data is read before the chroot; "" is UTC */
#define FIELDS_slice_word(F) F(u32, uid, 0) F(u32, gid, 0) \
	F(str, empty_dir, PATH_MAX_LEN) F(str, zone, NAME_MAX_LEN)

/*
 * A profile for the launcher; the filter itself is the BPF beside it.
 * caps: bit n = capability n; limits: 0 = not set; connect, bind: u32 ports
 * big-endian each, port 0 = any; quiet, kill: u32 system call numbers.
 */
#define FIELDS_plan(F) F(str, name, NAME_MAX_LEN) F(u32, landlock_abi, 0) \
	F(strv, read, 8192) F(strv, write, 8192) F(strv, write_exec, 8192) \
	F(strv, execute, 8192) F(strv, hide, 8192) F(strv, sockets, 8192) \
	F(u8, tmp_private, 0) F(u8, home_private, 0) F(u8, proc_private, 0) \
	F(u8, net_private, 0) F(bytes, connect, 1024) F(bytes, bind, 1024) \
	F(u8, port_rules, 0) F(u64, caps, 0) F(u64, nproc, 0) F(u64, fsize, 0) \
	F(u64, nofile, 0) F(u64, cpu_s, 0) F(u64, memory, 0) F(u32, timeout_s, 0) \
	F(bytes, quiet, 2048) F(bytes, kill, 2048) F(u8, kill_on_refuse, 0) \
	F(strv, env_keep, 4096) F(strv, env_set, 4096) F(u8, degraded, 0)

/* the fields of PREPARE with the same names */
#define FIELDS_cage(F) F(bytes, plan, PLAN_MAX) F(str, home, PATH_MAX_LEN) \
	F(strv, hide, 16384)

/* defaults and bounds for requests, seconds unless named otherwise; public_key: enum key_factor, what a login needs that ends now */
#define FIELDS_snap_head(F) F(str, gate, NAME_MAX_LEN) F(str, zone, NAME_MAX_LEN) \
	F(u32, pending_s, 0) F(u32, window_s, 0) F(u32, window_max_s, 0) \
	F(u32, uses_max, 0) F(u32, max_run_s, 0) F(u8, local_decisions, 0) \
	F(strv, command_dirs, 8192) F(strv, targets, 8192) F(u8, public_key, 0)
/* roles: bits of enum person_role; active 0: locked or expired, why says it */
#define FIELDS_snap_person(F) F(str, name, USER_MAX) F(u32, uid, 0) \
	F(u32, roles, 0) F(u8, active, 0) F(str, why, 128)
#define FIELDS_snap_runas(F) F(str, name, USER_MAX) F(u32, uid, 0) F(u32, gid, 0) \
	F(bytes, groups, 4 * GROUPS_MAX) F(str, home, PATH_MAX_LEN) \
	F(str, shell, PATH_MAX_LEN)
/* who may file, use and decide requests under this profile: names, @groups already expanded */
#define FIELDS_snap_rule(F) F(str, profile, NAME_MAX_LEN) F(strv, operators, 32768) \
	F(strv, approvers, 32768) F(strv, run_as, 8192) F(strv, targets, 8192) \
	F(u32, need, 0)
#define FIELDS_snap_profile(F) F(str, name, NAME_MAX_LEN) F(str, summary, 256) \
	F(bytes, digest, DIGEST_LEN) F(bytes, json, DATA_MAX) \
	F(bytes, plan, PLAN_MAX) F(bytes, bpf, BPF_MAX)
/* a line of keys.d/NAME: algorithm as in the file, blob: the key as it is on the wire (RFC 4253 6.6), in its one form */
#define FIELDS_snap_key(F) F(str, person, USER_MAX) F(str, algorithm, 64) \
	F(bytes, blob, KEY_BLOB_MAX)
/* records: how many came before, so that a cut is seen */
#define FIELDS_snap_end(F) F(u32, records, 0)

#endif
