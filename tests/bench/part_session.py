"""part_session.py - sessions that are held: one key and its echo, memory of idle ones, many at once; and logins/s."""
import json
import os
import subprocess as sp
import time

import data
from gate import AUDITOR, AUDITOR_PASSWORD, WORK, Master

HOLD = 'cat'
CROWD = f"sh -c 'stty raw -echo 2>/dev/null; echo ready; read x; exec cat {data.SMALL}'"
PERMITS = [('tty', HOLD), ('any', CROWD)]
JOBS = ('cat', 'sh', 'bash', 'tlog-wrap')       # what was asked for, not what serves it


def echo(meter, servers, rounds):
    for meter.round in range(rounds):
        for s in servers:
            if not meter.lost('echo', s.name):
                for one in meter.probe('echo', s, 'echo', 60, HOLD):
                    meter.sample('echo', s.name, one['echo'])


def pss(server):
    """KiB and number of the server's processes"""
    total = count = 0
    for p in server.pids():
        try:
            with open(f'/proc/{p}/comm') as f:
                if f.read().strip() in JOBS:
                    continue
            with open(f'/proc/{p}/smaps_rollup') as f:
                total += sum(int(line.split()[1]) for line in f if line.startswith('Pss:'))
            count += 1
        except OSError:
            continue
    return total, count


def memory(meter, servers, rounds):
    held = 20
    for meter.round in range(rounds):
        for s in servers:
            time.sleep(1)                       # what an earlier part left is over
            before = pss(s)
            p = sp.Popen(['timeout', '60'] + meter.probe_argv(s, 'hold', held, HOLD), stdin=sp.PIPE, stdout=sp.PIPE,
                         env=s.env())
            n, line = 0, b'{}'
            for line in p.stdout:
                one = json.loads(line)
                n = one.get('held', 0)
                if 'fail' not in one:
                    break
                meter.fail('memory', s.name, one['fail'])
            time.sleep(1.5)                     # warm processes are made anew
            after = pss(s)
            p.stdin.close()
            p.wait()
            if n != held:
                meter.fail('memory', s.name, f'{n} of {held} were held')
            else:
                meter.sample('memory', s.name, (after[0] - before[0]) / held)
                meter.sample('memory-processes', s.name, (after[1] - before[1]) / held)


def rate(meter, servers, rounds):
    for meter.round in range(rounds):
        for s in servers:
            if meter.lost('rate', s.name):
                continue
            before = s.cpu_ms()
            for one in meter.probe('rate', s, 'rate', 4, 4):
                meter.sample('rate', s.name, one['per_s'])
                time.sleep(1)                   # until the last are gone and the spare ones made anew
                meter.sample('rate-cpu', s.name, (s.cpu_ms() - before) / max(1, one['logins']))


def recorded(gate, many):
    """(how many of the newest sessions are recorded whole, what the gate says of its ledger and recordings)"""
    auditor = Master(gate, AUDITOR, AUDITOR_PASSWORD)
    try:
        newest, after = [], []
        while len(newest) < many:
            page = json.loads(auditor.word('session', 'list', '--json', *after))
            newest += page['sessions']
            after = ['--after', str(page.get('next') or 0)]
            if not page['sessions'] or not page.get('next'):
                break
        least = len('ready\n') + os.path.getsize(data.SMALL)
        whole = sum(s['state'] == 'ended' and s['status'] == 0 and s['out'] >= least for s in newest[:many])
        head = WORK + '/crowd.head'
        with open(head, 'w') as f:
            f.write(auditor.word('audit', 'head'))
        with open(head) as f:
            r = sp.run(auditor.ssh('gate', 'verify', '--head', '-'), stdin=f, stdout=sp.PIPE, stderr=sp.STDOUT,
                       timeout=300, env=gate.env())
        return whole, r.returncode, r.stdout.decode()
    finally:
        auditor.close()


def crowd(meter, servers, rounds, many=200):
    """sessions at once, half of them on terminals; what came is compared, what was recorded is counted and verified"""
    for meter.round in range(rounds):
        for s in servers:
            if s.name not in ('ours', 'sshd'):
                continue
            for one in meter.probe('crowd-lost', s, 'crowd', many, CROWD, data.SMALL, pty=True, seconds=240):
                meter.sample('crowd-held', s.name, one['held'])
                meter.sample('crowd-lost', s.name, one['lost'])
                meter.sample('crowd', s.name, one['bytes'] / 1e6 / one['seconds'])
            if s.name == 'ours':
                whole, status, text = recorded(s, many)
                meter.sample('crowd-recorded', s.name, whole)
                meter.put(dict(note='crowd, sekisho verify', who=s.name, text=text.strip().splitlines()[-1][:200]))
                if status:
                    meter.fail('crowd-recorded', s.name, f'verify: status {status}: {text[-200:]}')
