"""gate.py - servers of the bench as the client sees them, and our own: configuration, start, approvals."""
import json
import os
import shutil
import subprocess as sp
import time

WORK = '/mnt/bench'             # in the bed: gone with it
SITE = '/var/lib/site'          # what commands read
USER, PASSWORD = 'alice', 'Temp-4711-ab'
APPROVER, APPROVER_PASSWORD = 'bob', 'Bridge-52-xy'
AUDITOR, AUDITOR_PASSWORD = 'carol', 'Candle-63-zz'
GCM, CHACHA = 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com'
USES = 10000                    # of each request: more than any part runs


def wait_port(port, process, seconds=15):
    import socket
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as s:
            s.settimeout(1)
            if s.connect_ex(('127.0.0.1', port)) == 0:
                return True
        time.sleep(.02)
    return False


def stop(process):
    """ends what was started by us: TERM, then KILL"""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(20)
        except sp.TimeoutExpired:
            process.kill()
            process.wait()


class Server:
    """a name, a port, and how ssh(1) and the probe log in there"""
    by_password = False
    process = None

    def __init__(self, name, port, cipher=GCM):
        self.name, self.port, self.cipher = name, port, cipher
        self.config = f'{WORK}/ssh_config.{name}'
        with open(self.config, 'w') as f:
            f.write(f'Host *\nHostName 127.0.0.1\nPort {port}\nCiphers {cipher}\nHostKeyAlgorithms ssh-ed25519\n'
                    'IdentityFile /nonexistent\nIdentitiesOnly yes\nPubkeyAuthentication no\n'
                    f'PreferredAuthentications {"password" if self.by_password else "keyboard-interactive"}\n'
                    'StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nGlobalKnownHostsFile /dev/null\n'
                    'NumberOfPasswordPrompts 1\nGSSAPIAuthentication no\nUpdateHostKeys no\nConnectTimeout 20\n'
                    'SendEnv LANG LC_*\nLogLevel ERROR\n')

    def ssh(self, *args, user=USER):
        return ['ssh', '-F', self.config, '-l', user, *args]

    def env(self, password=PASSWORD):
        e = dict(os.environ, SSH_ASKPASS=WORK + '/askpass', SSH_ASKPASS_REQUIRE='force', BENCH_PW=password)
        e.pop('SSH_AUTH_SOCK', None)
        return e

    def pids(self):
        """the server's process and everything below it, with what the kernel knows of each"""
        children = {}
        for p in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open(f'/proc/{p}/stat') as f:
                    children.setdefault(int(f.read().rsplit(')', 1)[1].split()[1]), []).append(int(p))
            except OSError:
                continue
        tree = [self.process.pid]
        for p in tree:
            tree += children.get(p, [])
        return tree

    def cpu_ms(self):
        """processor time of the server so far, with all that it started and that is over"""
        ticks = 0
        for p in self.pids():
            try:
                with open(f'/proc/{p}/stat') as f:
                    ticks += sum(map(int, f.read().rsplit(')', 1)[1].split()[11:15]))
            except OSError:
                continue
        return ticks * 1000 / os.sysconf('SC_CLK_TCK')

    def stop(self):
        if self.process:
            stop(self.process)
            self.process = None


class Master:
    """one connection kept open by ssh -M"""

    def __init__(self, server, user=USER, password=PASSWORD):
        self.server, self.user = server, user
        self.path = f'{WORK}/cm.{server.name}.{user}'
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.process = sp.Popen(server.ssh('-M', '-S', self.path, '-N', 'gate', user=user), env=server.env(password),
                                stdin=sp.DEVNULL, stdout=sp.DEVNULL, stderr=sp.DEVNULL, start_new_session=True)
        end = time.monotonic() + 20
        while not os.path.exists(self.path):
            if time.monotonic() > end or self.process.poll() is not None:
                raise RuntimeError(f'{user} cannot log in at {server.name}')
            time.sleep(.01)

    def ssh(self, *args):
        return self.server.ssh('-S', self.path, '-o', 'ControlMaster=no', *args, user=self.user)

    def word(self, *words, limit=60):
        """the output of a gateway word, which must succeed"""
        r = sp.run(self.ssh('gate', *words), stdin=sp.DEVNULL, stdout=sp.PIPE, stderr=sp.PIPE, timeout=limit,
                   env=self.server.env())
        if r.returncode:
            raise RuntimeError(f'{" ".join(words)}: status {r.returncode}: {r.stdout.decode()} {r.stderr.decode()}')
        return r.stdout.decode()

    def close(self):
        stop(self.process)


class Gate(Server):
    """our gate: configuration, state and run directory of its own, so that several builds stand side by side"""

    def __init__(self, name, port, programs):
        super().__init__(name, port)
        self.programs = programs
        self.etc, self.state, self.run = (f'/{d}/sekisho.{name}' for d in ('etc', 'var/lib', 'run'))
        self.log = f'{WORK}/{name}.log'
        shutil.copytree('/etc/sekisho', self.etc, symlinks=True)
        os.mkdir(self.state)
        disk = os.path.join(os.environ['BENCH_DISK'], name)
        os.mkdir(disk)
        sp.run(['mount', '--bind', disk, self.state], check=True)

    def configure(self, newer):
        """newer: keys that a build of before Spine III does not know"""
        with open(self.etc + '/sekisho.conf', 'w') as f:
            f.write(f'listen = [ "127.0.0.1:{self.port}" ];\ngate = "gate";\nzone = "UTC";\n'
                    f'host_keys = [ "{self.etc}/keys/host_ed25519" ];\n'
                    f'state_dir = "{self.state}";\nrun_dir = "{self.run}";\n'
                    f'request = {{ uses_max = {USES}; }};\n'
                    'limits = { unauthenticated = 500; per_source = 500; connections = 2000; };\n')
            if newer:
                f.write('penalties = { exempt = [ "127.0.0.0/8" ]; };\ntrace_time = true;\n')

    def launch(self):
        with open(self.log, 'a') as log:
            self.process = sp.Popen([self.programs + '/sekishod', '-c', self.etc + '/sekisho.conf'],
                                    stdin=sp.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        return wait_port(self.port, self.process)

    def start(self):
        for newer in (True, False):
            self.configure(newer)
            if self.launch():
                time.sleep(.5)          # warm processes, if it has any
                return
            self.stop()
        with open(self.log) as f:
            raise RuntimeError(f'{self.name} does not start: ' + f.read()[-2000:])

    def permit(self, *requests):
        """each (input, command line) is filed by the operator and approved by the approver"""
        operator, approver = Master(self), Master(self, APPROVER, APPROVER_PASSWORD)
        for given, command in requests:
            doc = json.loads(operator.word('request', 'new', '--json', '--profile', 'inspect', '--as', 'root', '--uses',
                                           str(USES), '--input', given, '--reason', 'bench', '--', command))
            approver.word('request', 'approve', f'{doc["id"]}/{doc["revision"]}-{doc["code"]}')
        operator.close()
        approver.close()
