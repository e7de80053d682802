#!/usr/bin/env python3
"""bench.py [quick|smoke] [--also NAME=DIR]... [PART]... - runs inside the bed; see run and README.md."""
import os
import subprocess as sp
import sys
import time

import data
import gate
import part_login
import part_output
import part_session
import peers
import report
from meter import Meter

# part: (rounds in full, rounds when quick)
PARTS = {
    'login': (20, 4),
    'command': (20, 4),
    'pty': (8, 2),
    'bulk': (6, 2),
    'echo': (5, 2),
    'memory': (2, 1),
    'crowd': (1, 1),
    'rate': (4, 1),
}
BODY = {
    'login': part_login.login, 'command': part_login.command,
    'pty': part_output.pty, 'bulk': part_output.bulk,
    'echo': part_session.echo, 'memory': part_session.memory, 'crowd': part_session.crowd, 'rate': part_session.rate,
}
PERMITS = [('none', 'true')] + part_output.PERMITS + part_session.PERMITS


def arguments():
    quick, also, parts, words = False, [], [], sys.argv[1:]
    while words:
        w = words.pop(0)
        if w == 'quick':
            quick = True
        elif w == '--also':
            also.append(words.pop(0).split('=', 1))
        else:
            parts.append(w)
    return quick, also, parts or list(PARTS)


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


def machine():
    with open('/proc/loadavg') as f:
        load = ' '.join(f.read().split()[:3])
    ssh = sp.run(['ssh', '-V'], stderr=sp.PIPE).stderr.decode().split(',')[0]
    return f'kernel {os.uname().release}, {os.cpu_count()} cores, load {load}, {ssh}'


def main():
    quick, also, parts = arguments()
    prepare()
    data.make(quick)
    ours = [gate.Gate('ours', 2222, os.environ['SEKISHO_BIN'])]
    ours += [gate.Gate(name, 2300 + i, path) for i, (name, path) in enumerate(also)]
    others = [peers.Sshd('sshd', 22801, 'sekisho'), peers.Sshd('sshd-debian', 22802, 'sshd'),
              peers.Tlog('sshd-tlog', 22803, 'sekisho'), peers.Dropbear('dropbear', 22804)]
    servers = ours + others
    results = os.environ['BENCH_OUT'] + '/results.jsonl'
    meter = Meter(results, dict(run=dict(
        date=time.strftime('%FT%TZ', time.gmtime()), machine=machine(), columns=[s.name for s in servers],
        what=('quick, not to quote: ' if quick else '') + ' '.join(parts))))
    try:
        for s in servers:
            s.start()
        for s in ours:
            s.permit(*PERMITS)
        for part in parts:
            meter.say(part)
            BODY[part](meter, servers, PARTS[part][quick])
    finally:
        for s in servers:
            s.stop()
    text = report.table(results)
    with open(os.environ['BENCH_OUT'] + '/report.md', 'w') as f:
        f.write(text + '\n')
    print(text)
    meter.say('done')


main()
