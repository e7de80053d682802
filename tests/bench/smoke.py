"""smoke.py - does the bench itself work?  A few rounds, and wrong answers that must be counted.  Times are not looked at."""
import json

import data
import part_login
import part_output
import part_session
import report


def wrong_answers(meter, server):
    """each of these is wrong; none may become a sample"""
    ssh = server.ssh('gate', 'true')
    meter.stopwatch('wrong-bytes', server, ['printf', 'x'], expect=data.SMALL)
    meter.stopwatch('wrong-silence', server, ssh, expect=data.SMALL)
    meter.stopwatch('wrong-status', server, server.ssh('gate', 'false'))
    meter.stopwatch('wrong-late', server, ['sleep', '9'], seconds=1)
    meter.probe('wrong-probe', server, 'mux', 1, 'false')
    meter.probe('wrong-lost', server, 'crowd', 2, "sh -c 'echo ready; read x; exec cat /etc/hostname'", data.SMALL)


def smoke(meter, servers, path):
    """prints "ok" and "FAILED" lines and the two counts; 0 when all is well"""
    good = bad = 0

    def check(what, is_so):
        nonlocal good, bad
        print(('ok ' if is_so else 'FAILED ') + what)
        good, bad = good + is_so, bad + (not is_so)

    part_login.login(meter, servers, 1)
    part_login.command(meter, servers, 1)
    part_output.pty(meter, servers, 1)
    part_output.bulk(meter, servers, 1)
    part_session.echo(meter, servers, 1)
    part_session.crowd(meter, servers, 1, 8)
    check('nothing right is counted as wrong', not meter.fails)
    sshd = [s for s in servers if s.name == 'sshd'][0]
    wrong_answers(meter, sshd)
    meter.file.flush()
    _head, _notes, values, fails = report.read(path)
    for row in ('bytes', 'silence', 'status', 'late', 'probe', 'lost'):
        row = 'wrong-' + row
        check(f'{row} is a failure', sum(fails.get(row, {}).values()) > 0 and row not in values)
    for row in ('login', 'ssh-equal', 'ssh-default', 'mux', 'open', 'pty', 'bulk', 'up', 'echo', 'crowd'):
        check(f'{row} has a sample of both', set(values.get(row, {})) >= {'ours', 'sshd'})
    check('the gate tells the parts of a command', 'go' in values)
    with open(path) as f:
        check('every line is one JSON object', all(isinstance(json.loads(line), dict) for line in f))
    text = report.table(path)
    check('the table has goals', 'reached' in text)
    print(f'{good} passed, {bad} failed')
    return 1 if bad else 0
