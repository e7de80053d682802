"""part_login.py - from nothing to logged in, and a command on a connection that is open already."""
from gate import Master

CURVE = ('-o', 'KexAlgorithms=curve25519-sha256')


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


def command(meter, servers, rounds):
    """true on an open connection: ssh(1) over ControlMaster, and the probe"""
    masters = {}
    for s in servers:
        masters[s.name] = Master(s)
    batch = 10
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
    for m in masters.values():
        m.close()
