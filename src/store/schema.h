/* schema.h - the tables, as they are made in a new database. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

/*
 * entry	the ledger: canonical JSON, numbered from 0 without a gap
 * node		its hash tree: every node whose leaves are all there
 * request	canon is what approvals bind to; used is what is left of it
 * decision	who said what about which revision and digest
 * session	one row for each try to run, use NULL when none was taken
 * job		a request's uses by one operator: the unit of review
 * verdict	what an auditor said of a job, and what he had seen of it
 * seen		how much of a session (0: the sheet of the job) who has looked at
 * near_miss	refusals that almost were a use of that request, by their entries
 * unknown_name	what was typed as a user name, apart from the ledger, which
 *		holds only SHA-256(salt || name)
 * number	named counters: the next session number that is not reserved
 *
 * All but unknown_name's names are the sum of the entries: FORMAT.md of
 * src/ledger says how, and sekisho-verify compares.
 */
/*
 * What asks for little among very much has an index that holds just that:
 * requests that wait, requests that can still be used, sessions that run,
 * recordings that nobody ended.  sql.def names them (INDEXED BY).  What else
 * is in them is what the statements ask, so that no row is read for a no.
 */
#define SCHEMA_INDEXES							\
	"CREATE INDEX request_waiting ON request"			\
	" (pending_until, state, requester)"				\
	" WHERE state = 'submitted';"					\
	"CREATE INDEX request_usable ON request"			\
	" (end_at, state, used, uses)"					\
	" WHERE state = 'approved' AND used < uses;"			\
	"CREATE INDEX session_running ON session (nr)"			\
	" WHERE state = 'running';"					\
	"CREATE INDEX session_lost ON session (nr)"			\
	" WHERE chain IS NULL AND recovered = '';"

/* Version 2 had two others instead; else it was the same. */
#define SCHEMA_INDEXES_2						\
	"CREATE INDEX request_state ON request (state);"		\
	"CREATE INDEX session_state ON session (state);"
#define SCHEMA_FROM_2							\
	"DROP INDEX request_state; DROP INDEX session_state;" SCHEMA_INDEXES

#define SCHEMA_TABLES							\
	"CREATE TABLE entry (ix INTEGER PRIMARY KEY CHECK (ix >= 0),"	\
	" body BLOB NOT NULL CHECK (length(body) BETWEEN 2 AND 65535));" \
	"CREATE TABLE node (level INTEGER NOT NULL CHECK (level >= 0),"	\
	" ix INTEGER NOT NULL CHECK (ix >= 0), hash BLOB NOT NULL"	\
	" CHECK (length(hash) = 32), PRIMARY KEY (level, ix))"		\
	" WITHOUT ROWID;"						\
	"CREATE TABLE request (nr INTEGER PRIMARY KEY CHECK (nr > 0),"	\
	" revision INTEGER NOT NULL CHECK (revision > 0),"		\
	" state TEXT NOT NULL CHECK (state IN ('submitted', 'question'," \
	" 'approved', 'rejected', 'withdrawn', 'revoked', 'expired',"	\
	" 'closed')),"							\
	" requester TEXT NOT NULL, profile TEXT NOT NULL,"		\
	" canon BLOB NOT NULL, digest BLOB NOT NULL"			\
	" CHECK (length(digest) = 32), script BLOB,"			\
	" uses INTEGER NOT NULL CHECK (uses > 0), used INTEGER NOT NULL" \
	" DEFAULT 0 CHECK (used BETWEEN 0 AND uses),"			\
	" reason TEXT NOT NULL, ticket TEXT NOT NULL,"			\
	" label TEXT NOT NULL, warnings TEXT NOT NULL,"			\
	" filed_at INTEGER NOT NULL, pending_until INTEGER NOT NULL,"	\
	" start_at INTEGER, end_at INTEGER);"				\
	"CREATE INDEX request_requester ON request (requester);"	\
	"CREATE TABLE operator (request INTEGER NOT NULL"		\
	" REFERENCES request (nr), name TEXT NOT NULL,"			\
	" PRIMARY KEY (request, name)) WITHOUT ROWID;"			\
	"CREATE INDEX operator_name ON operator (name);"		\
	"CREATE TABLE decision (request INTEGER NOT NULL"		\
	" REFERENCES request (nr), revision INTEGER NOT NULL,"		\
	" who TEXT NOT NULL, what TEXT NOT NULL CHECK (what IN"		\
	" ('approve', 'reject', 'withdraw')), at INTEGER NOT NULL,"	\
	" message TEXT NOT NULL, digest BLOB NOT NULL"			\
	" CHECK (length(digest) = 32),"					\
	" PRIMARY KEY (request, revision, who)) WITHOUT ROWID;"		\
	"CREATE TABLE session (nr INTEGER PRIMARY KEY CHECK (nr > 0),"	\
	" uuid BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),"		\
	" request INTEGER NOT NULL REFERENCES request (nr),"		\
	" revision INTEGER NOT NULL, step INTEGER NOT NULL,"		\
	" use INTEGER CHECK (use > 0),"					\
	" operator TEXT NOT NULL, source TEXT NOT NULL,"		\
	" argv TEXT NOT NULL, run_as TEXT NOT NULL,"			\
	" target TEXT NOT NULL, profile TEXT NOT NULL,"			\
	" state TEXT NOT NULL CHECK (state IN ('running', 'ended',"	\
	" 'interrupted', 'not run')), how TEXT NOT NULL DEFAULT '',"	\
	" status INTEGER, signal TEXT NOT NULL DEFAULT '',"		\
	" started_at INTEGER, ended_at INTEGER,"			\
	" in_bytes INTEGER NOT NULL DEFAULT 0,"				\
	" out_bytes INTEGER NOT NULL DEFAULT 0,"			\
	" err_bytes INTEGER NOT NULL DEFAULT 0,"			\
	" refusals INTEGER NOT NULL DEFAULT 0,"				\
	" duration_ms INTEGER NOT NULL DEFAULT 0,"			\
	" recording TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',"	\
	" chain BLOB, recovered TEXT NOT NULL DEFAULT '' CHECK"		\
	" (recovered IN ('', 'end', 'unfinished', 'torn', 'damaged',"	\
	" 'missing')), UNIQUE (request, use));"				\
	"CREATE INDEX session_operator ON session (operator);"		\
	"CREATE TABLE job (nr INTEGER PRIMARY KEY CHECK (nr > 0),"	\
	" request INTEGER NOT NULL REFERENCES request (nr),"		\
	" revision INTEGER NOT NULL, operator TEXT NOT NULL,"		\
	" opened INTEGER NOT NULL,"					\
	" UNIQUE (request, revision, operator));"			\
	"CREATE TABLE verdict (job INTEGER PRIMARY KEY REFERENCES job (nr)," \
	" who TEXT NOT NULL, verdict TEXT NOT NULL CHECK (verdict IN"	\
	" ('adequate', 'remarks', 'inadequate', 'cannot-judge')),"	\
	" message TEXT NOT NULL, at INTEGER NOT NULL,"			\
	" seen TEXT NOT NULL);"						\
	"CREATE TABLE seen (job INTEGER NOT NULL REFERENCES job (nr),"	\
	" session INTEGER NOT NULL, who TEXT NOT NULL,"			\
	" percent INTEGER NOT NULL CHECK (percent BETWEEN 0 AND 100),"	\
	" PRIMARY KEY (job, session, who)) WITHOUT ROWID;"		\
	"CREATE TABLE near_miss (ix INTEGER PRIMARY KEY REFERENCES entry (ix)," \
	" request INTEGER NOT NULL REFERENCES request (nr),"		\
	" operator TEXT NOT NULL, at INTEGER NOT NULL);"		\
	"CREATE INDEX near_miss_request ON near_miss (request);"	\
	"CREATE TABLE unknown_name (commitment BLOB PRIMARY KEY"	\
	" CHECK (length(commitment) = 32), salt BLOB NOT NULL,"		\
	" name TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;"	\
	"CREATE TABLE number (name TEXT PRIMARY KEY, value INTEGER"	\
	" NOT NULL) WITHOUT ROWID;"

#endif
