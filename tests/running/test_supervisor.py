"""The whole shop from outside: ready, found, alone, stopped without a trace, started again, clear refusals."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from app.core import services
from app.core.processes import free_port
from tests.conftest import FULL

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


class Shop:
    """A supervisor as a child of this test."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.port = settings.get("PORT") or str(free_port())
        clean = {key: value for key, value in os.environ.items() if key not in services.KEYS.values()}
        own = {"SHOP_DATA": str(data), "PORT": self.port, "SEED": "none", "SHOP_ENV": "development"}
        self.env = clean | own | settings
        self.process = subprocess.Popen(
            [sys.executable, "bootstrap.py", "supervise"],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []

    def ready(self) -> "Shop":
        """Read on to the line that says so."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            if line.startswith("ready "):
                return self
        raise AssertionError("\n".join(self.said))

    def refused(self) -> str:
        """The only line of a supervisor that would not start."""
        output, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 1, output
        return output.strip()

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Signal it and wait; returns the exit code."""
        self.process.send_signal(how)
        self.process.communicate(timeout=90)
        return self.process.returncode

    def processes(self) -> list[int]:
        """Everything that runs on this SHOP_DATA, the supervisor aside."""
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                told = (path / "environ").read_bytes() + (path / "cmdline").read_bytes()
                pid = int(path.name)
                if str(self.data).encode() in told and pid not in (self.process.pid, os.getpid()):
                    found.append(pid)
        return [pid for pid in found if services.birth(pid)]

    def get(self, path: str) -> int:
        """The status of a page."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return int(answer.status)

    def flask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A flask command started beside the shop."""
        argv = [BIN / "flask", "--app", "wsgi", *words]
        return subprocess.run(argv, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)


@pytest.fixture
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("shop")
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def wait_until_gone(shop: Shop) -> None:
    deadline = time.monotonic() + 240
    while shop.processes() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert shop.processes() == []


def revived(shop: Shop, name: str) -> None:
    """Kill a child and see the shop sell again."""
    os.kill(int((shop.data / "run" / f"{name}.pid").read_text().split()[0]), signal.SIGKILL)
    assert shop.process.stdout is not None
    assert name in shop.process.stdout.readline()
    deadline = time.monotonic() + 60
    status = 0
    while status != 200 and time.monotonic() < deadline:
        time.sleep(0.2)
        with contextlib.suppress(OSError):
            status = shop.get("/readyz")
    assert status == 200


def kept(shop: Shop) -> list[tuple[int]]:
    """What a table made by `keep` holds."""
    urls = services.read(shop.data / "services.env")
    with contextlib.closing(psycopg2.connect(urls["DATABASE_URL"])) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT n FROM kept")
        return cursor.fetchall()


def keep(shop: Shop) -> None:
    urls = services.read(shop.data / "services.env")
    with contextlib.closing(psycopg2.connect(urls["DATABASE_URL"])) as connection:
        connection.autocommit = True
        connection.cursor().execute("CREATE TABLE kept AS SELECT 7 AS n")


def test_a_day_of_the_shop(data: Path) -> None:
    shop = Shop(data).ready()
    assert shop.said[-1] == f"ready http://127.0.0.1:{shop.port}"
    assert shop.get("/healthz") == 200
    assert shop.get("/readyz") == 200
    keep(shop)
    current = shop.flask("db", "current")
    assert "(head)" in current.stdout, current.stderr

    second = Shop(data)
    assert second.refused() == f"A shop already runs on {data} (http://127.0.0.1:{shop.port})."

    revived(shop, "web")
    revived(shop, "postgres")

    shop.process.kill()
    shop.process.communicate()
    wait_until_gone(shop)
    again = Shop(data, PORT=shop.port).ready()
    assert kept(again) == [(7,)]

    assert again.stop(signal.SIGTERM) == 0
    assert again.processes() == []
    assert not (data / "services.env").exists()
    nobody = again.flask("db", "current")
    assert nobody.returncode != 0
    assert "make run" in nobody.stderr
    if FULL:
        after = Shop(data).ready()
        assert kept(after) == [(7,)]
        assert after.stop(signal.SIGINT) == 0
        assert after.processes() == []


def others() -> dict[str, str]:
    """Redis and MongoDB of this run."""
    return {
        "REDIS_URL": f"{os.environ['TEST_REDIS_SERVER']}/15",
        "MONGODB_URI": f"{os.environ['TEST_MONGODB_SERVER']}/elsewhere?directConnection=true",
    }


def test_servers_elsewhere_are_used_and_none_is_started(data: Path, fresh_database: str) -> None:
    shop = Shop(data, DATABASE_URL=fresh_database, **others()).ready()
    assert shop.get("/readyz") == 200
    assert sorted(path.stem for path in (data / "run").glob("*.pid")) == ["bank", "learner", "web", "worker"]
    assert not (data / "postgres").exists()
    with contextlib.closing(psycopg2.connect(fresh_database)) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT count(*) FROM alembic_version")
        assert cursor.fetchall() == [(1,)]
    assert shop.stop() == 0


def test_a_stop_in_the_middle_of_the_start_leaves_nothing(data: Path) -> None:
    shop = Shop(data)
    deadline = time.monotonic() + 60
    while not (data / "run" / "postgres.pid").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert shop.stop(signal.SIGINT) == 0
    assert shop.processes() == []


def test_a_port_in_use(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = Shop(data, PORT=str(port)).refused()
    assert told == f"Port {port} is in use by another program: set PORT to a free one."


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"PORT": "shop"}, "PORT must be a number from 1 to 65535, not 'shop'."),
        ({"SEED": "all"}, "SEED must be demo or none, not 'all'."),
    ],
)
def test_settings_without_sense(data: Path, settings: dict[str, str], sentence: str) -> None:
    assert Shop(data, **settings).refused() == sentence


def test_a_server_elsewhere_that_is_away(data: Path) -> None:
    away = f"postgresql://shop@127.0.0.1:{free_port()}/shop"
    told = Shop(data, DATABASE_URL=away, **others()).refused()
    assert "migrations failed" in told.splitlines()[-1]
    assert "Traceback" not in told


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a small disk")
def test_a_full_disk(data: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(data)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine does not let root mount")
    try:
        assert Shop(data).refused().startswith("The disk is full: 20 MB are free")
    finally:
        subprocess.run(["umount", str(data)], check=True)
