"""Where the servers are: the environment, SHOP_DATA/services.env of a living supervisor, or a clear error."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

KEYS = {"postgres": "DATABASE_URL", "redis": "REDIS_URL", "mongodb": "MONGODB_URI"}


class NoServers(SystemExit):
    """No address is known for a server; the text says how to get one."""


@dataclass(frozen=True)
class Services:
    """The addresses of PostgreSQL, Redis (or Valkey) and MongoDB."""

    database_url: str
    redis_url: str
    mongodb_uri: str


def find(environ: Mapping[str, str] = os.environ) -> Services:
    """The addresses that hold now; SHOP_DATA defaults to `var`. Raises NoServers."""
    data = Path(environ.get("SHOP_DATA") or "var")
    known = {key: environ[key] for key in KEYS.values() if environ.get(key)}
    if len(known) < len(KEYS):
        known = read(data / "services.env") | known
    missing = [key for key in KEYS.values() if key not in known]
    if missing:
        names = ", ".join(missing)
        raise NoServers(f"No running shop in {data} and {names} not set: start `make run` first or set them.")
    return Services(known["DATABASE_URL"], known["REDIS_URL"], known["MONGODB_URI"])


def read(path: Path) -> dict[str, str]:
    """The addresses in a services.env whose supervisor still lives; else nothing."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    pid, started = values.pop("SUPERVISOR_PID", ""), values.pop("SUPERVISOR_STARTED", "")
    alive = pid.isdigit() and birth(int(pid)) == started
    return {key: value for key, value in values.items() if value} if alive else {}


def write(path: Path, urls: Mapping[str, str]) -> None:
    """Put the addresses and this process's pid and start time into services.env, in one step, mode 0600."""
    own = {"SUPERVISOR_PID": str(os.getpid()), "SUPERVISOR_STARTED": birth(os.getpid()) or ""}
    text = "".join(f"{key}={value}\n" for key, value in {**urls, **own}.items())
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def birth(pid: int) -> str | None:
    """A stamp that tells a process from a later one with the same pid; None when no such process lives."""
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if state == "Z" else rest[18]
    except OSError:
        if Path("/proc/self/stat").exists():
            return None
    told = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or None
