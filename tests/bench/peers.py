"""peers.py - what stands beside the gate: OpenSSH with our PAM stack, with Debian's, with tlog; dropbear."""
import os
import shutil
import subprocess as sp

from gate import CHACHA, USER, WORK, Server, wait_port


class Sshd(Server):
    """sshd; the name of its program is its PAM service, so a link named sekisho makes it use our stack"""

    def __init__(self, name, port, service, line=''):
        super().__init__(name, port)
        self.key = f'{WORK}/host.{name}'
        self.program = f'{WORK}/{service}'
        if not os.path.exists(self.program):
            os.symlink('/usr/sbin/sshd', self.program)
        with open(f'{WORK}/{name}.conf', 'w') as f:
            f.write(f'Port {port}\nListenAddress 127.0.0.1\nHostKey {self.key}\nPidFile none\nUsePAM yes\n'
                    'KbdInteractiveAuthentication yes\nPasswordAuthentication no\nPubkeyAuthentication no\n'
                    f'AllowUsers {USER}\nPermitRootLogin no\nMaxStartups 2000\nMaxSessions 500\nMaxAuthTries 20\n'
                    f'UseDNS no\nPrintMotd no\nX11Forwarding no\nLogLevel ERROR\n{line}\n')

    def rekey(self):
        """a new host key: the padding of a login depends on it, so one key is one sample"""
        self.stop()
        self.start()

    def start(self):
        for f in (self.key, self.key + '.pub'):
            if os.path.exists(f):
                os.unlink(f)
        sp.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', self.key], check=True)
        with open(f'{WORK}/{self.name}.log', 'a') as log:
            self.process = sp.Popen([self.program, '-D', '-e', '-f', f'{WORK}/{self.name}.conf'], stdin=sp.DEVNULL,
                                    stdout=log, stderr=log, start_new_session=True)
        if not wait_port(self.port, self.process):
            raise RuntimeError(f'{self.name} does not start: ' + open(f'{WORK}/{self.name}.log').read()[-500:])


class Tlog(Sshd):
    """every session recorded by tlog-rec to a file"""

    def __init__(self, name, port, service):
        wrap = WORK + '/tlog-wrap'
        with open(wrap, 'w') as f:
            f.write('#!/bin/bash\nf=$(mktemp /mnt/bench/tlog/XXXXXX)\ntrap \'rm -f "$f"\' EXIT\n'
                    'export LANG=C.UTF-8\ntlog-rec --writer=file --file-path="$f" /bin/bash -c "$SSH_ORIGINAL_COMMAND"\n')
        os.chmod(wrap, 0o755)
        super().__init__(name, port, service, f'ForceCommand {wrap}')
        os.makedirs(WORK + '/tlog', exist_ok=True)
        os.chmod(WORK + '/tlog', 0o1777)
        if not os.path.exists('/run/utmp'):         # it does not start without
            sp.run(['install', '-m', '664', '-g', 'utmp', '/dev/null', '/run/utmp'], check=True)


class Dropbear(Server):
    """without PAM and without gcm: method password, chacha20"""
    by_password = True

    def __init__(self, name, port):
        super().__init__(name, port, CHACHA)
        self.key = f'{WORK}/host.{name}'

    def start(self):
        if not os.path.exists(self.key):
            sp.run(['dropbearkey', '-t', 'ed25519', '-f', self.key], check=True, stdout=sp.DEVNULL, stderr=sp.DEVNULL)
        with open(f'{WORK}/{self.name}.log', 'a') as log:
            self.process = sp.Popen([shutil.which('dropbear', path='/usr/sbin:/usr/bin'), '-F', '-E', '-p',
                                     f'127.0.0.1:{self.port}', '-r', self.key, '-P', f'{WORK}/dropbear.pid'],
                                    stdin=sp.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        if not wait_port(self.port, self.process):
            raise RuntimeError(f'{self.name} does not start')
