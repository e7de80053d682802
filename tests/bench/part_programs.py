"""part_programs.py - programs measured alone: the sandbox's launcher, a ledger of many requests, the verifier."""
import glob
import json
import os
import subprocess as sp

import data
from gate import AUDITOR, AUDITOR_PASSWORD, GCM, Master
from meter import BIN
from part_output import sends

DISK = os.environ['BENCH_DISK']


def run(meter, row, argv, seconds, env=None):
    """standard output, or None and a failure"""
    try:
        r = sp.run(argv, stdin=sp.DEVNULL, stdout=sp.PIPE, stderr=sp.PIPE, timeout=seconds, env=env)
    except (sp.TimeoutExpired, OSError) as e:
        meter.fail(row, 'ours', e)
        return None
    if r.returncode:
        meter.fail(row, 'ours', f'{os.path.basename(argv[0])}: status {r.returncode}: ' + r.stderr.decode()[-200:])
        return None
    return r.stdout.decode()


def launch(meter, servers, rounds):
    """fork and exec of true: plain, in our sandbox, in bubblewrap's; the launcher is there already, as a warm kit's is"""
    gate = servers[0]
    for profile in ('files', 'inspect'):
        row = f'launch-{profile}'
        out = run(meter, row, [BIN + '/launch', gate.etc + '/sekisho.conf', profile, str(rounds), '/usr/bin/true'], 120,
                  dict(os.environ, SEKISHO_BIN=gate.programs))
        fork, meter.round = 0, 0
        for one in map(json.loads, (out or '').splitlines()):
            ms = one['value'] / 1e3
            if one['row'] == 'launch':
                meter.sample(row, one['who'], ms)
                if one['who'] != 'fork':
                    meter.sample(row + '-over', one['who'], ms - fork)
                else:
                    fork, meter.round = ms, meter.round + 1
            else:
                meter.sample(row + one['row'].replace('launch_', '-'), one['who'], ms)


def ledger(meter, _servers, number):
    """the ledger's own processes over a database of so many requests"""
    place = DISK + '/many'
    os.makedirs(place + '/ledger')
    meter.say(f'filling a ledger with {number} requests')
    if run(meter, 'consume', [BIN + '/ledger_fill', str(number), place + '/ledger/ledger.db'], 300) is None:
        return
    os.sync()           # or the disk writes the filling while the uses are measured
    meter.put(dict(note='ledger', text=f'{number} requests, {os.path.getsize(place + "/ledger/ledger.db") >> 20} MiB'))
    out = run(meter, 'consume', [BIN + '/ledger', '-r', str(number), '-n', str(min(400, number // 1000)),
                                 os.environ['SEKISHO_BIN'], place], 300)
    if out is None:
        return
    saw = json.loads(out)
    meter.put(dict(note='ledger', text=json.dumps(saw)))
    meter.sample('consume', 'ours', saw['one']['consume']['p50'] / 1e3)
    meter.sample('consume-p99', 'ours', saw['one']['consume']['p99'] / 1e3)
    meter.sample('consume-many', 'ours', saw['many']['rounds_per_s'])
    meter.sample('consume-many-p99', 'ours', saw['many']['consume']['p99'] / 1e3)
    meter.sample('lookup-by-command', 'ours', saw['lookup_by_command']['p50'] / 1e3)
    meter.sample('request-list', 'ours', saw['request_list']['p50'] / 1e3)


def verify(meter, servers, rounds):
    """recordings of random bytes, a head, and then the verifier alone over the files of the stopped gate"""
    gate = servers[0]
    for _ in range(8):
        meter.stopwatch('verify', gate, gate.ssh('-c', GCM, 'gate', sends(data.NOISE)), data.NOISE, seconds=60,
                        ready=True)
    auditor = Master(gate, AUDITOR, AUDITOR_PASSWORD)
    with open('/mnt/bench/head', 'w') as f:
        f.write(auditor.word('audit', 'head'))
    auditor.close()
    gate.stop()
    size = sum(os.path.getsize(f) for f in glob.glob(gate.state + '/recordings/**/*.skr', recursive=True)) / 1e6
    meter.put(dict(note='verify', text=f'{size:.0f} MB of recordings'))
    for meter.round in range(rounds):
        saw = meter.stopwatch('verify', None, [gate.programs + '/sekisho-verify', '--quiet', '--store', gate.state, '--head',
                                               '/mnt/bench/head'], seconds=120, anything=True, who='ours')
        if saw:
            meter.sample('verify', 'ours', size / saw['cpu_us'] * 1e6)
            meter.sample('verify-wall', 'ours', size / saw['us'] * 1e6)
    gate.start()
