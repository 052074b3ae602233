"""Runs the whole shop on one machine: servers, migrations, demo data, worker, web; stops it all in order.

In development a made-up bank runs beside them, unless BAKONG_BASE_URL names another.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from app.core import services
from app.core.console import StepError, last_words, percent, say, step
from app.core.postgres import PostgresError
from app.core.processes import end, end_forgotten, free_port, remember, spawn, tail
from app.core.stack import LAST_WORD, Stack, StackError

ROOT = Path(__file__).resolve().parents[2]
GENTLE = {
    "web": (signal.SIGTERM, 25.0),
    "worker": (signal.SIGTERM, 10.0),
    "learner": (signal.SIGTERM, 10.0),
    "bank": (signal.SIGTERM, 5.0),
}
RESTARTS_A_MINUTE = 5


class StartError(RuntimeError):
    """The shop cannot start; the text is one sentence for the person at the terminal."""


class Stopping(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal."""


class Supervisor:
    """One running shop below one SHOP_DATA."""

    def __init__(self) -> None:
        self.data = Path(os.environ.get("SHOP_DATA") or ROOT / "var").resolve()
        self.port = port_of(os.environ.get("PORT") or "5000")
        self.seed = os.environ.get("SEED") or "demo"
        wanted = [name for name, key in services.KEYS.items() if not os.environ.get(key)]
        self.stack = Stack(self.data, wanted)
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.deaths: list[float] = []
        self.bank_port = 0
        self.env = dict(os.environ)

    @property
    def address(self) -> str:
        """Where the shop answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Bring everything up, one line a step. Raises StartError, StepError, StackError or PostgresError."""
        if self.seed not in {"demo", "none"}:
            raise StartError(f"SEED must be demo or none, not {self.seed!r}.")
        enough_space(self.data)
        self.clear_up()
        free(self.port)
        urls = self.servers()
        services.write(self.data / "services.env", urls | {"SHOP_URL": self.address})
        self.prepare()
        with step("web and worker"):
            if self.bank_port:
                self.launch("bank")
            self.launch("worker")
            self.launch("learner")
            self.launch("web")
            self.wait_for_web()

    def prepare(self) -> None:
        """Migrate, seed and learn, unless this very code has done so on this very database directory before."""
        note, mark = self.data / "run" / "prepared", self.mark()
        if mark and note.exists() and note.read_text() == mark:
            return
        seed = {"demo": "demo shop", "none": "places and words"}[self.seed]
        self.flask(
            {
                "migrations": "db upgrade",
                seed: f"seed {self.seed}",
                "events": "etl run",
                "learning": "train run",
            }
        )
        note.write_text(mark)

    def mark(self) -> str:
        """A hash of the migrations, the seed and the database directory; empty when PostgreSQL is elsewhere."""
        made = self.data / "postgres" / "PG_VERSION"
        if "postgres" not in self.stack.wanted:
            return ""
        facts = [self.seed, str(made.stat().st_ino), str(made.stat().st_mtime_ns)]
        texts = [path.read_text() for path in sorted((ROOT / "migrations" / "versions").glob("*.py"))]
        return hashlib.sha256("\0".join(facts + texts).encode()).hexdigest()

    def clear_up(self) -> None:
        """End what a killed earlier run has left behind."""
        begun = time.monotonic()
        leavings = {**dict.fromkeys(GENTLE, signal.SIGTERM), **LAST_WORD}
        ended = [name for name, how in leavings.items() if end_forgotten(self.note(name), how)]
        if ended:
            say(f"earlier run ended ({len(ended)})", time.monotonic() - begun)

    def servers(self) -> dict[str, str]:
        """Start the servers that are ours and name the addresses of all three."""
        urls = self.stack.start(say)
        urls |= {key: os.environ[key] for key in services.KEYS.values() if os.environ.get(key)}
        self.env |= urls | {"SHOP_DATA": str(self.data), "PORT": str(self.port), "FLASK_APP": "wsgi"}
        made_up = (os.environ.get("SHOP_ENV") or "development") == "development"
        if made_up and not os.environ.get("BAKONG_BASE_URL"):
            self.bank_port = free_port()
            bank = f"http://127.0.0.1:{self.bank_port}"
            self.env |= {"BAKONG_BASE_URL": bank, "BAKONG_TOKEN": "demo-token"}
        self.env.setdefault("OMP_NUM_THREADS", "1")
        self.env.setdefault("OPENBLAS_NUM_THREADS", "1")
        self.env.setdefault("MALLOC_ARENA_MAX", "2")
        return urls

    def flask(self, commands: dict[str, str]) -> None:
        """Run flask commands, by the titles of their steps, in one process. Raises StepError."""
        argv = [sys.executable, "-m", "flask", "batch", str(self.log("flask").parent), *commands.values()]
        for command in commands.values():
            self.log(command.replace(" ", "-")).unlink(missing_ok=True)
        with self.log("flask").open("wb") as errors:
            pipe = subprocess.PIPE
            child = subprocess.Popen(argv, cwd=ROOT, env=self.env, stdin=pipe, stdout=pipe, stderr=errors)
        with child:
            try:
                for title, command in commands.items():
                    self.follow(title, command, child)
            except BaseException:
                child.terminate()
                raise

    def follow(self, title: str, command: str, child: subprocess.Popen[bytes]) -> None:
        """Wait for one command of a batch as a step. Raises StepError with the best of its words."""
        log = self.log(command.replace(" ", "-"))
        with step(title, lambda: percent(log)):
            if child.stdout is None or child.stdout.readline().decode().strip() != command:
                log = log if log.exists() else self.log("flask")
                raise StepError(f"{title} failed: {last_words(log)} (all of it: {log})")

    def launch(self, name: str) -> None:
        """Start a worker, the web server or the made-up bank."""
        words = {
            "worker": ["worker.py", "high", "default"],
            "learner": ["worker.py", "ml"],
            "web": ["-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"],
            "bank": ["app/demo/fake_bakong.py", str(self.bank_port)],
        }
        argv = [sys.executable, *words[name]]
        self.children[name] = spawn(argv, log=self.log(name), env=self.env, cwd=ROOT)
        remember(self.note(name), self.children[name].pid)

    def wait_for_web(self, patience: float = 60.0) -> None:
        """Return when a page is answered. Raises StartError with the web server's last words."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and self.children["web"].poll() is None:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.address}/healthz", timeout=5).close()  # noqa: S310
                return
            time.sleep(0.05)
        raise StartError(f"The web server did not start: {tail(self.log('web'))} (see {self.log('web')}).")

    def accounts(self) -> list[str]:
        """The demo accounts, a line each, as the seed told them."""
        log = self.data / "logs" / "seed-demo.log"
        if self.seed != "demo" or not log.exists():
            return []
        found = re.findall(r"^(\w+) +(\S+@\S+) +(\S+)$", log.read_text(), re.MULTILINE)
        return [f"  {role:<10} {email:<24} {password}" for role, email, password in found]

    def watch(self) -> None:
        """Stay until told to stop; start again what ends by itself. Raises StartError when that fails."""
        while True:
            time.sleep(0.5)
            for name, child in list(self.children.items()):
                if child.poll() is not None:
                    self.revive(name)
            for name in self.stack.gone():
                self.revive(name)

    def revive(self, name: str) -> None:
        """Start one child again, unless too many have ended within a minute."""
        now = time.monotonic()
        self.deaths = [moment for moment in self.deaths if now - moment < 60] + [now]
        if len(self.deaths) > RESTARTS_A_MINUTE:
            raise StartError(f"{name} keeps ending: {tail(self.log(name))} (see {self.log(name)}).")
        print(f"  {name} has ended and is started again", flush=True)
        if name in self.children:
            self.launch(name)
        else:
            self.stack.launch(name)
            self.stack.wait(name)

    def stop(self) -> None:
        """Stop web, workers, bank and the servers, in this order, and take services.env away."""
        for name, farewell in GENTLE.items():
            if name in self.children:
                end(self.children[name], *farewell)
                self.note(name).unlink(missing_ok=True)
        self.stack.stop()
        (self.data / "services.env").unlink(missing_ok=True)

    def log(self, name: str) -> Path:
        """The log of one child."""
        return self.stack.log(name)

    def note(self, name: str) -> Path:
        """Where one child's process is written down."""
        return self.stack.note(name)


def port_of(text: str) -> int:
    """PORT as a number. Raises StartError."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise StartError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def free(port: int) -> None:
    """Raises StartError when another program has the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise StartError(
                f"Port {port} may not be used by this user: set PORT to one above 1023."
            ) from None
        except OSError:
            raise StartError(f"Port {port} is in use by another program: set PORT to a free one.") from None


def enough_space(data: Path) -> None:
    """Raises StartError on a disk that is about to be full."""
    room = shutil.disk_usage(data).free // 2**20
    if room < 300:
        raise StartError(f"The disk is full: {room} MB are free in {data} and the shop needs 300 MB.")


@contextlib.contextmanager
def alone(data: Path) -> Iterator[IO[str]]:
    """Hold SHOP_DATA for this process. Raises StartError when another supervisor has it."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = services.read(data / "services.env").get("SHOP_URL", "starting")
            raise StartError(f"A shop already runs on {data} ({where}).") from None
        yield lock


def stop_on_signals() -> None:
    """Turn the first Ctrl-C, SIGTERM or hang-up into Stopping; later ones change nothing."""
    told = False

    def hear(*_: object) -> None:
        nonlocal told
        if not told:
            told = True
            raise Stopping

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, hear)


def serve() -> int:
    """Run until told to stop; the exit code."""
    supervisor = Supervisor()
    with alone(supervisor.data):
        try:
            supervisor.start()
            print(f"ready {supervisor.address}", *supervisor.accounts(), sep="\n", flush=True)
            supervisor.watch()
        except Stopping:
            print("\nstopping", flush=True)
            return 0
        finally:
            supervisor.stop()
    return 1


def main() -> int:
    """The exit code of a run; every refusal is one sentence."""
    stop_on_signals()
    try:
        return serve()
    except Stopping:
        return 0
    except (StartError, StepError, StackError, PostgresError) as error:
        sentence = str(error)
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        sentence = "The disk is full." if full else f"{error.strerror}: {error.filename}"
    print(sentence, file=sys.stderr, flush=True)
    return 1
