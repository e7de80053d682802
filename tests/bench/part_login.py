"""part_login.py - from nothing to logged in, and a command on a connection that is open already."""
import re
import time

from gate import Gate, Master

CURVE = ('-o', 'KexAlgorithms=curve25519-sha256')


# what a gate's own log says of a command and of a login: sekisho-monitor(8)
PARTS = {
    'command': ('lookup', 'kit', 'file', 'prepare', 'header', 'consume', 'start', 'exec', 'run', 'drain', 'ended', 'end',
                'total'),
    'login': ('ready', 'kex', 'prompt', 'client', 'pam', 'session', 'entry', 'result', 'total'),
}


class Trace:
    """the trace lines of a gate's log from here on"""

    def __init__(self, gate):
        self.gate = gate
        self.log = open(gate.log)
        self.log.seek(0, 2)

    def read(self, meter, kind):
        """samples of each part in ms; for a command also from the order to the exit of the job"""
        for line in self.log:
            found = re.search(r'\btrace (login|session=S\d+) (.*)', line)
            if not found or (found[1] == 'login') != (kind == 'login'):
                continue
            us = {k: int(v) for k, v in re.findall(r'\b([a-z]+)_us=(\d+)', found[2])}
            for part in PARTS[kind]:
                if part in us:
                    meter.sample(f'{kind}-{part}', self.gate.name, us[part] / 1e3)
            if kind == 'command' and {'start', 'exec', 'run'} <= set(us):
                meter.sample('go', self.gate.name, (us['start'] + us['exec'] + us['run']) / 1e3)
        self.log.close()


def traces(servers):
    return [Trace(s) for s in servers if isinstance(s, Gate)]


def rekey(servers):
    for s in servers:
        if hasattr(s, 'rekey'):
            s.rekey()


def kex_names(meter, servers):
    """what the client's own defaults agree on with each"""
    import subprocess as sp
    for s in servers:
        r = sp.run(s.ssh('-v', 'gate', 'true'), stdin=sp.DEVNULL, stdout=sp.DEVNULL, stderr=sp.PIPE, timeout=30,
                   env=s.env())
        kex = [l.split()[-1] for l in r.stderr.decode(errors='replace').splitlines() if 'kex: algorithm:' in l]
        meter.put(dict(note='kex', who=s.name, text=kex[0] if kex else 'unknown'))


def login(meter, servers, rounds):
    """probe: TCP connect to authenticated; ssh(1): a new connection that runs true, both key exchanges"""
    kex_names(meter, servers)
    logs = traces(servers)
    for meter.round in range(rounds):
        rekey(servers)
        for s in servers:
            for one in [] if meter.lost('login', s.name) else meter.probe('login', s, 'login', 2):
                meter.sample('login', s.name, one['login'] / 1e3)
                meter.sample('login-kex', s.name, one['kex'] / 1e3)
                meter.sample('login-auth', s.name, one['auth'] / 1e3)
        for s in servers:
            for row, options in (('ssh-equal', CURVE), ('ssh-default', ())):
                if not meter.lost(row, s.name):
                    saw = meter.stopwatch(row, s, s.ssh(*options, 'gate', 'true'))
                    if saw:
                        meter.sample(row, s.name, saw['us'] / 1e3)
    for log in logs:
        log.read(meter, 'login')


def command(meter, servers, rounds):
    """true on an open connection: ssh(1) over ControlMaster, and the probe"""
    masters = {}
    for s in servers:
        masters[s.name] = Master(s)
    batch, logs = 10, traces(servers)
    for meter.round in range(rounds):
        for s in servers:
            if meter.lost('mux', s.name):
                continue
            for _ in range(batch):
                saw = meter.stopwatch('mux', s, masters[s.name].ssh('gate', 'true'), seconds=10)
                if saw:
                    meter.sample('mux', s.name, saw['us'] / 1e3)
        for s in servers:
            if meter.lost('open', s.name):
                continue
            # the first of a connection is another thing: queues, caches
            for one in meter.probe('open', s, 'mux', batch + 1, 'true')[1:]:
                meter.sample('open', s.name, one['done'] / 1e3)
                meter.sample('open-accept', s.name, one['open'] / 1e3)
        for s in servers:
            before = s.cpu_ms()
            many = meter.probe('open-cpu', s, 'mux', 5 * batch, 'true')
            if many:
                time.sleep(.3)
                meter.sample('open-cpu', s.name, (s.cpu_ms() - before) / len(many))
        for _ in range(batch):
            saw = meter.stopwatch('go', None, ['/usr/bin/true'], who='fork')
            if saw:
                meter.sample('go', 'fork', saw['us'] / 1e3)
    for m in masters.values():
        m.close()
    for log in logs:
        log.read(meter, 'command')
