/* replies.h - answers of a ledger, as its contract gives them. */
#ifndef UNIT_CLI_REPLIES_H
#define UNIT_CLI_REPLIES_H

#define REQUEST_STEP \
	"\"steps\":[{\"argv\":[\"sed\",\"-i\",\"s/a b/c d/\",\"/etc/my file\"]," \
	"\"exe\":\"/usr/bin/sed\",\"exe_digest\":\"aa11\"}]"
#define REQUEST_WINDOW \
	"\"from\":\"2026-11-24T01:00:00+09:00\"," \
	"\"until\":\"2026-11-24T05:00:00+09:00\""
#define REQUEST_BODY(state, view, decisions) \
	"{\"bound_span\":28800,\"code\":\"k7qd\",\"cwd\":\"/\",\"decisions\":[" decisions "],\"digest\":\"dd44\"," \
	"\"filed\":\"2026-11-23T10:00:00+09:00\"," REQUEST_WINDOW "," \
	"\"id\":\"R12\",\"input\":\"none\",\"label\":\"\",\"max_run\":14400," \
	"\"nr\":12,\"on_disconnect\":\"kill\",\"operators\":[\"alice\"]," \
	"\"pending_until\":\"2026-11-30T10:00:00+09:00\",\"profile\":\"files\"," \
	"\"profile_digest\":\"bb22\",\"reason\":\"disk full on web1\"," \
	"\"requester\":\"alice\",\"revision\":1,\"run_as\":\"root\"," \
	"\"sessions\":[],\"state\":\"" state "\"," REQUEST_STEP "," \
	"\"target\":\"local\",\"ticket\":\"CHG-1\",\"used\":0,\"uses\":1," \
	"\"view\":\"" view "\",\"warnings\":[]}"

#define SUBMITTED	REQUEST_BODY("submitted", "waiting", "")
#define APPROVED	REQUEST_BODY("approved", "scheduled", \
	"{\"at\":\"2026-11-23T11:00:00+09:00\",\"by\":\"bob\"," \
	"\"message\":\"looks good; go\",\"revision\":1,\"what\":\"approve\"}")

#define RUNS_LINE \
	"R12 runs: [sed] [-i] [s/a b/c d/] [/etc/my file] as root on local, " \
	"Tue 2026-11-24 01:00 to 05:00 JST\n"

#endif
