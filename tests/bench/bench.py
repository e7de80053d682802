#!/usr/bin/env python3
"""bench.py [quick|smoke] [--also NAME=DIR]... [PART]... - runs inside the bed; see run and README.md."""
import argparse
import os
import subprocess as sp
import sys
import time

import data
import gate
import part_login
import part_output
import part_programs
import part_session
import peers
import report
import smoke
from meter import Meter

# part: (what does it, rounds in full, rounds when quick)
PARTS = {
    'login': (part_login.login, 20, 4),
    'command': (part_login.command, 20, 4),
    'launch': (part_programs.launch, 200, 20),
    'pty': (part_output.pty, 8, 2),
    'bulk': (part_output.bulk, 6, 2),
    'echo': (part_session.echo, 5, 2),
    'memory': (part_session.memory, 2, 1),
    'rate': (part_session.rate, 4, 1),
    'crowd': (part_session.crowd, 1, 1),
    'verify': (part_programs.verify, 3, 1),
    'ledger': (part_programs.ledger, 1000000, 50000),
}
PERMITS = [('none', 'true')] + part_output.PERMITS + part_session.PERMITS


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('--also', action='append', default=[])
    parser.add_argument('parts', nargs='*')
    a = parser.parse_args()
    kinds = [w for w in a.parts if w in ('quick', 'smoke')]
    return kinds[0] if kinds else 'full', [x.split('=', 1) for x in a.also], \
        [w for w in a.parts if w in PARTS] or list(PARTS)


def prepare():
    """files and accounts; the passwords are hashed as Debian hashes them"""
    os.mkdir(gate.WORK)
    os.chmod(gate.WORK, 0o755)
    os.makedirs('/run/sshd', exist_ok=True)
    with open(gate.WORK + '/askpass', 'w') as f:
        f.write('#!/bin/sh\nprintf "%s\\n" "$BENCH_PW"\n')
    os.chmod(gate.WORK + '/askpass', 0o755)
    with open('/etc/hosts', 'a') as f:
        f.write('127.0.0.1 gate\n')         # tlog wants to know its own name
    sp.run(['chpasswd', '-c', 'YESCRYPT'], input=f'{gate.USER}:{gate.PASSWORD}\n'.encode(), check=True)


def sync_ms():
    """what one synced append costs on the disk below the ledger, median of 50"""
    path, took = os.environ['BENCH_DISK'] + '/probe', []
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for _ in range(50):
        begun = time.perf_counter()
        os.write(fd, bytes(300))
        os.fdatasync(fd)
        took.append((time.perf_counter() - begun) * 1e3)
    os.close(fd)
    os.unlink(path)
    return sorted(took)[25]


def machine():
    with open('/proc/loadavg') as f:
        load = ' '.join(f.read().split()[:3])
    ssh = sp.run(['ssh', '-V'], stderr=sp.PIPE).stderr.decode().split(',')[0]
    return f'kernel {os.uname().release}, {os.cpu_count()} cores, load {load}, {ssh}, append + fdatasync {sync_ms():.2f} ms'


def servers_of(kind, also):
    ours = [gate.Gate('ours', 2222, os.environ['SEKISHO_BIN'])]
    ours += [gate.Gate(name, 2300 + i, path) for i, (name, path) in enumerate(also)]
    others = [peers.Sshd('sshd', 22801, 'sekisho')]
    if kind != 'smoke':
        others += [peers.Sshd('sshd-debian', 22802, 'sshd'), peers.Tlog('sshd-tlog', 22803, 'sekisho'),
                   peers.Dropbear('dropbear', 22804)]
    return ours, others


def main():
    kind, also, parts = arguments()
    prepare()
    data.make({'full': 16, 'quick': 4, 'smoke': 1}[kind])
    ours, others = servers_of(kind, also)
    servers = ours + others
    results = os.environ['BENCH_OUT'] + '/results.jsonl'
    meter = Meter(results, dict(run=dict(
        date=time.strftime('%FT%TZ', time.gmtime()), machine=machine(), columns=[s.name for s in servers],
        what=' '.join(parts) + ('' if kind == 'full' else f' ({kind}, not to quote)'))))
    try:
        for s in servers:
            s.start()
        for s in ours:
            s.permit(*PERMITS)
        if kind == 'smoke':
            return smoke.smoke(meter, servers, results)
        for part in parts:
            meter.say(part)
            body, full, quick = PARTS[part]
            body(meter, servers, full if kind == 'full' else quick)
    finally:
        for s in servers:
            s.stop()
    text = report.table(results)
    with open(os.environ['BENCH_OUT'] + '/report.md', 'w') as f:
        f.write(text + '\n')
    print(text)
    meter.say('done')
    return 0


sys.exit(main())
