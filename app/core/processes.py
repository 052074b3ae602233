"""Child processes: started in a session of their own, ended in order, never left behind."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from app.core.services import birth

LINUX = sys.platform.startswith("linux")
LIBC = ctypes.CDLL(None, use_errno=True) if LINUX else None
PR_SET_PDEATHSIG = 1


def spawn(
    argv: Sequence[str | os.PathLike[str]],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    death: int = signal.SIGTERM,
    become: Callable[[], None] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child whose output is added to `log` and that gets signal `death` when this process dies.

    `become` runs in the child before the program does (a change of user). Call it from the main thread: Linux
    binds the death signal to the thread that forks.
    """
    parent = os.getpid()

    def prepare() -> None:
        if become:
            become()
        if LIBC:
            LIBC.prctl(PR_SET_PDEATHSIG, death, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    with log.open("ab") as out:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=prepare,  # noqa: PLW1509
        )


def end(process: subprocess.Popen[bytes], how: int, patience: float) -> bool:
    """Signal a child, wait up to `patience` seconds, then kill its session. True when it ended by itself."""
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(patience)
        tidy = True
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        tidy = False
    for pid in session_members(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return tidy


def session_members(leader: int) -> list[int]:
    """The pids that live in the session that `leader` began (Linux; elsewhere none)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = entry.read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader and fields[0] != "Z":
                found.append(int(entry.parent.name))
    return found


def remember(path: Path, pid: int) -> None:
    """Write down a child, so that a later run can end it should this one be killed."""
    path.write_text(f"{pid} {birth(pid)}\n")


def end_forgotten(path: Path, how: int, patience: float = 20.0) -> bool:
    """End the child that a killed run wrote down in `path`, if it still lives; True when there was one."""
    try:
        pid_text, _, stamp = path.read_text().strip().partition(" ")
        pid = int(pid_text)
    except (OSError, ValueError):
        return False
    path.unlink(missing_ok=True)
    if birth(pid) != stamp:
        return False
    deadline = time.monotonic() + patience
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, how)
        while birth(pid) == stamp and time.monotonic() < deadline:
            time.sleep(0.05)
        if birth(pid) == stamp:
            os.kill(pid, signal.SIGKILL)
    return True


def free_port() -> int:
    """A TCP port of the loopback that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    """Whether something answers on this port of the loopback."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
        return True
    return False


def pongs(port: int) -> bool:
    """Whether a Redis on this port answers PING (one that still loads, or dies of its data, only accepts)."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5) as line:
        line.sendall(b"PING\r\n")
        return line.recv(5) == b"+PONG"
    return False


def tail(log: Path, lines: int = 1) -> str:
    """The last lines of a log that say something."""
    try:
        text = log.read_bytes()[-4000:].decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join([line.strip() for line in text.splitlines() if line.strip()][-lines:])
