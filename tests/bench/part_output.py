"""part_output.py - bytes through a session: a terminal, pipes down and up.

The clock runs from the line "ready" that the command says first, to the end of ssh(1) with status 0.
"""
import data
from gate import CHACHA, GCM


def sends(path):
    return f"sh -c 'echo ready; exec cat {path}'"


UP = "sh -c 'echo ready; exec wc -c'"
# row: (command line, what must come, what is sent, cipher, servers left out)
BULK = {
    'bulk': (sends(data.BULK), data.BULK, None, GCM, ('dropbear',)),
    'bulk-chacha': (sends(data.BULK), data.BULK, None, CHACHA, ('sshd-tlog', 'sshd-debian')),
    'bulk-noise': (sends(data.NOISE), data.NOISE, None, GCM, ('dropbear', 'sshd-tlog', 'sshd-debian')),
    'bulk-zeros': (sends(data.ZEROS), data.ZEROS, None, GCM, ('dropbear', 'sshd-debian')),
    'up': (UP, data.COUNTED, data.BULK, GCM, ('dropbear', 'sshd-debian', 'sshd-tlog')),
}
PERMITS = ([('any', sends(data.TEXT))] + [('none', b[0]) for row, b in BULK.items() if row not in ('up', 'bulk-chacha')]
           + [('pipe', UP)])


def megabytes(path):
    import os
    return os.path.getsize(path) / 1e6


def measure(meter, row, server, size, argv, expect, given):
    if meter.lost(row, server.name):
        return
    saw = meter.stopwatch(row, server, argv, expect, given, seconds=60, ready=True)
    if saw:
        meter.sample(row, server.name, size / (saw['us'] - saw['first_us']) * 1e6)


def pty(meter, servers, rounds):
    for meter.round in range(rounds):
        for s in servers:
            expect = data.TEXT_ON_TLOG if s.name == 'sshd-tlog' else data.TEXT_ON_TTY
            measure(meter, 'pty', s, megabytes(data.TEXT), s.ssh('-tt', 'gate', sends(data.TEXT)), expect, None)


def bulk(meter, servers, rounds):
    for meter.round in range(rounds):
        for row, (command, expect, given, cipher, without) in BULK.items():
            for s in servers:
                if s.name not in without:
                    measure(meter, row, s, megabytes(given or expect), s.ssh('-c', cipher, 'gate', command), expect,
                            given)
