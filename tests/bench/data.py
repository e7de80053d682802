"""data.py - what commands send: the same for every server of a run, kept in memory, compared byte by byte."""
import os
import random
import subprocess as sp

from gate import SITE, WORK

TEXT, BULK, NOISE, ZEROS, SMALL = (f'{SITE}/{n}' for n in ('text', 'bulk', 'noise', 'zeros', 'small'))
TEXT_ON_TTY = WORK + '/text.tty'        # as a terminal's line hands it on
TEXT_ON_TLOG = WORK + '/text.tlog'      # tlog-rec ends a line of its own behind it
COUNTED = WORK + '/counted'             # what wc says of BULK


def terminal_text(size):
    """coloured listings and log lines"""
    random.seed(1)
    out = bytearray(sp.run(['ls', '-laR', '--color=always', '/usr/lib', '/usr/share'], stdout=sp.PIPE,
                           stderr=sp.DEVNULL, timeout=60).stdout[:size * 2 // 5])
    words = ('systemd[1]: Started', 'kernel: TCP: request_sock', 'postgres[812]: LOG:  checkpoint complete',
             'sshd[99]: Accepted keyboard-interactive/pam for alice')
    r = random.randrange
    while len(out) < size:
        out += b'Nov %2d %02d:%02d:%02d db%02d %s id=%d took %.3f ms\n' % (
            r(30), r(24), r(60), r(60), r(9), random.choice(words).encode(), random.getrandbits(30),
            random.random() * 90)
    return bytes(out[:size - 1]) + b'\n'


def write(path, *pieces):
    with open(path, 'wb') as f:
        for p in pieces:
            f.write(p)


def make(size):
    """size: MiB of the text; what goes without a terminal is four times that"""
    mib = 1 << 20
    text = terminal_text(size * mib)
    size *= 4 * mib
    write(TEXT, text)
    write(TEXT_ON_TTY, text.replace(b'\n', b'\r\n'))
    write(TEXT_ON_TLOG, text.replace(b'\n', b'\r\n'), b'\r\n')
    write(BULK, *[text] * (size // len(text)))
    write(NOISE, *(os.urandom(mib) for _ in range(size // mib)))
    write(ZEROS, *[bytes(mib)] * (size // mib))
    write(SMALL, text[:mib // 2])
    write(COUNTED, b'%d\n' % size)
