"""meter.py - takes measurements and writes each down as one JSON object in a line of results.jsonl."""
import json
import os
import subprocess as sp
import sys
import time

BIN = os.environ['BENCH_BIN']
GIVE_UP = 3         # failures of one server in one row: it is left out from there on


class Meter:
    def __init__(self, path, head):
        self.file = open(path, 'w')
        self.round = 0
        self.fails = {}
        self.started = time.monotonic()
        self.put(head)

    def put(self, record):
        self.file.write(json.dumps(record) + '\n')
        self.file.flush()

    def sample(self, row, who, value, **more):
        self.put(dict(row=row, who=who, round=self.round, value=value, **more))

    def fail(self, row, who, why):
        key = (row, who)
        self.fails[key] = self.fails.get(key, 0) + 1
        self.put(dict(row=row, who=who, round=self.round, fail=str(why)[:300]))
        self.say(f'FAILED {row} {who}: {str(why)[:300]}')

    def lost(self, row, who):
        """whether a server failed so often that it is not worth the time"""
        return self.fails.get((row, who), 0) >= GIVE_UP

    def say(self, text):
        print(f'bench: {time.monotonic() - self.started:5.0f} s  {text}', file=sys.stderr, flush=True)

    def stopwatch(self, row, server, argv, expect=None, given=None, seconds=30, status=0, ready=False, anything=False,
                  who=None):
        """one program to its end; what stopwatch saw, or None when output or status were wrong"""
        cmd = [BIN + '/stopwatch', '-s', str(seconds)]
        cmd += ['-r'] * ready + ['-a'] * anything
        cmd += ['-e', expect] if expect else []
        cmd += ['-i', given] if given else []
        env = server.env() if server else None
        who = who or (server.name if server else os.path.basename(argv[0]))
        try:
            r = sp.run(cmd + argv, stdin=sp.DEVNULL, stdout=sp.PIPE, stderr=sp.PIPE, timeout=seconds + 10, env=env)
        except sp.TimeoutExpired:
            self.fail(row, who, 'time is over')
            return None
        try:
            saw = json.loads(r.stdout)
        except ValueError:
            self.fail(row, who, r.stderr.decode(errors='replace') or 'the stopwatch said nothing')
            return None
        if saw['status'] != status or not saw['is_right']:
            self.fail(row, who, f'status {saw["status"]}, {saw["bytes"]} bytes, right: {saw["is_right"]}; '
                      + r.stderr.decode(errors='replace')[-200:])
            return None
        return saw

    def probe(self, row, server, mode, *args, seconds=60, pty=False, start=None):
        """the lines of the probe; its failures are counted for this row"""
        cmd = self.probe_argv(server, mode, *args, pty=pty)
        try:
            r = sp.run(cmd, stdin=sp.DEVNULL, stdout=sp.PIPE, stderr=sp.PIPE, timeout=seconds, env=server.env())
            out = r.stdout
        except sp.TimeoutExpired as e:
            self.fail(row, server.name, 'time is over')
            out = e.stdout or b''
        good = []
        for line in out.decode().splitlines():
            try:
                one = json.loads(line)
            except ValueError:
                self.fail(row, server.name, 'a broken line: ' + line)
                continue
            if 'fail' in one:
                self.fail(row, server.name, one['fail'])
            elif one.get('status', 0) != 0:
                self.fail(row, server.name, f'status {one["status"]}')
            else:
                if one.get('wrong') or one.get('fails'):
                    self.fail(row, server.name, f'{one.get("wrong", 0) + one.get("fails", 0)} of many: {line}')
                good.append(one)
        return good

    def probe_argv(self, server, mode, *args, pty=False):
        return ([BIN + '/probe', '-p', str(server.port), '-c', server.cipher] + ['-w'] * server.by_password
                + ['-t'] * pty + [mode] + [str(a) for a in args])
