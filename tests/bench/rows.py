"""rows.py - every row of the table: what it is, its unit, and the goals it has to reach."""
from part_login import PARTS


class Goal:
    """a bound for ours: a ratio of medians to another column, or a figure of its own"""

    def __init__(self, text, bound, to=None, most=True, figure='median'):
        self.text, self.bound, self.to, self.most, self.figure = text, bound, to, most, figure

    def judge(self, ours, other):
        """(value, reached) from the two columns' summaries; None when one is missing"""
        if ours is None or (self.to and other is None):
            return None
        if self.figure == 'difference':
            value = ours['median'] - other['median']
        elif self.figure == 'p99/median':
            value = ours['p99'] / ours['median']
        else:
            value = ours['median'] / (other['median'] if self.to else 1)
        return value, value <= self.bound if self.most else value >= self.bound


def at_most(text, bound, to=None, **more):
    return Goal(text, bound, to, True, **more)


def at_least(text, bound, to=None, **more):
    return Goal(text, bound, to, False, **more)


# id: (title, unit, goals); the order is that of the table
ROWS = {
    'login': ('TCP connect to authenticated, PAM answer (probe)', 'ms', [at_most('<= 0.45x sshd', .45, 'sshd')]),
    'login-kex': ('- of it connect to keys', 'ms', []),
    'login-auth': ('- of it authentication', 'ms', []),
    'ssh-equal': ('`ssh gate true`, new, curve25519-sha256', 'ms', [at_most('<= 0.35x sshd', .35, 'sshd')]),
    'ssh-default': ("`ssh gate true`, new, the client's own kex", 'ms', [at_most('<= 0.35x sshd', .35, 'sshd')]),
    'mux': ('`ssh gate true`, open connection (ControlMaster)', 'ms',
            [at_most('<= 1.6x sshd', 1.6, 'sshd'), at_most('p99 < 3x median', 3, figure='p99/median')]),
    'open': ('true, open connection (probe), to status and close', 'ms',
             [at_most('<= 1.6x sshd', 1.6, 'sshd'), at_most('p99 < 3x median', 3, figure='p99/median')]),
    'open-accept': ('- of it until the command is taken', 'ms', []),
    'open-cpu': ("- the server's processor time for one (and a fiftieth of a login)", 'ms', []),
    'go': ('approval to exec to exit of true, inside the gate', 'ms',
           [at_most('<= 2 ms over fork+exec', 2, 'fork', figure='difference')]),
    **{f'command-{p}': (f'- of a command: {p}', 'ms', []) for p in PARTS['command']},
    **{f'login-{p}': (f'- of a login: {p}', 'ms', []) for p in PARTS['login']},
    'pty': ('output through a recorded terminal (sshd: unrecorded)', 'MB/s',
            [at_least('>= 1.0x sshd', 1, 'sshd'), at_least('>= 2x sshd+tlog', 2, 'sshd-tlog')]),
    'bulk': ('recorded output without a terminal, text, aes256-gcm', 'MB/s',
             [at_least('>= 0.5x sshd', .5, 'sshd'), at_least('>= 10x sshd+tlog', 10, 'sshd-tlog')]),
    'bulk-chacha': ('- the same, chacha20-poly1305', 'MB/s', []),
    'bulk-noise': ('- random bytes, aes256-gcm', 'MB/s', []),
    'bulk-zeros': ('- zeros, aes256-gcm', 'MB/s', []),
    'up': ('input, text, aes256-gcm', 'MB/s', []),
    'echo': ('keystroke and its echo', 'us', [at_most('<= 1.2x sshd', 1.2, 'sshd')]),
    'memory': ('PSS of an idle recorded terminal session', 'KiB', [at_most('<= 3 MiB', 3072)]),
    'memory-processes': ('- its processes', '', []),
    'crowd-held': ('recorded sessions at once', '', [at_least('200', 200)]),
    'crowd-lost': ('- bytes lost', 'bytes', [at_most('0', 0)]),
    'crowd-recorded': ('- recorded whole, and sekisho verify says OK', '', [at_least('200', 200)]),
    'crowd': ('- output of all', 'MB/s', []),
    'rate': ('logins, 4 clients', '/s', [at_least('>= 1.5x sshd', 1.5, 'sshd')]),
    'rate-cpu': ("- the server's processor time for one", 'ms', []),
    'launch-files': ('true in a sandbox, profile files: all namespaces', 'ms', []),
    'launch-files-over': ('- over fork+exec', 'ms', [at_most('<= +0.6 ms', .6), at_most('<= 0.3x bwrap', .3, 'bwrap')]),
    'launch-files-prepare': ('- PREPARE, before the use is consumed', 'ms', []),
    'launch-files-go': ('- GO to exit', 'ms', []),
    'launch-inspect': ("true in a sandbox, profile inspect: the host's network", 'ms', []),
    'launch-inspect-over': ('- over fork+exec', 'ms',
                            [at_most('<= +0.6 ms', .6), at_most('<= 0.3x bwrap', .3, 'bwrap')]),
    'consume': ('consume, one caller, 1,000,000 requests (quick: 50,000)', 'ms', []),
    'consume-p99': ('- p99', 'ms', [at_most('p99 <= 5 ms', 5)]),
    'consume-many': ('lookup + consume + ended, 32 callers', '/s', [at_least('>= 2,000/s', 2000)]),
    'consume-many-p99': ('- p99 of consume', 'ms', [at_most('p99 <= 5 ms', 5)]),
    'lookup-by-command': ('lookup of a command without the request', 'ms', []),
    'request-list': ('request list of one person', 'ms', [at_most('<= 20 ms', 20)]),
    'verify': ('sekisho-verify, recordings, a second of CPU', 'MB/s', [at_least('>= 300 MB/s per core', 300)]),
    'verify-wall': ('- a second of time', 'MB/s', []),
}
