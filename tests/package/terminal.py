#!/usr/bin/python3
"""terminal.py ANSWER... -- COMMAND... - runs COMMAND on a terminal of its own and types each answer when it stands at a
question (": " or "[y/N] " at the end of what was said).  Prints what it said; exits as it did."""
import os
import pty
import select
import sys
import time

cut = sys.argv.index("--")
answers, command = sys.argv[1:cut], sys.argv[cut + 1:]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
said = b""
asked = 0
end = time.time() + 20
while time.time() < end:
    ready, _, _ = select.select([fd], [], [], 0.2)
    if ready:
        try:
            piece = os.read(fd, 65536)
        except OSError:
            break
        if not piece:
            break
        said += piece
        continue
    if said[asked:].rstrip(b" ").endswith((b":", b"[y/N]")):
        asked = len(said)
        if not answers:
            os.write(fd, b"\x04")
            continue
        text = answers.pop(0).encode("utf-8", "surrogateescape")
        os.write(fd, text + b"\n")
sys.stdout.buffer.write(said)
sys.stdout.flush()
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
