"""A shop of one's own for measuring: servers below a temporary folder, migrated, seeded, grown to N products."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.core.stack import Stack


@contextmanager
def shop() -> Iterator[tuple[dict[str, str], Stack, Path]]:
    """Yields (environment, servers, folder); stops everything at the end."""
    folder = Path(tempfile.mkdtemp(prefix="kesor-bench-"))
    folder.chmod(0o755)
    stack = Stack(folder, options={"max_connections": "200", "shared_buffers": "512MB"})
    urls = stack.start()
    environment = os.environ | urls | {"SHOP_DATA": str(folder), "RATE_LIMITS": "off"}
    try:
        flask(environment, "db", "upgrade")
        flask(environment, "seed", "demo", "--no-pictures")
        yield environment, stack, folder
    finally:
        stack.stop()
        shutil.rmtree(folder, ignore_errors=True)


def flask(environment: dict[str, str], *command: str) -> None:
    """Run a flask command of the shop."""
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *command], cwd=ROOT, env=environment, check=True
    )


def grow(environment: dict[str, str], products: int, *flags: str) -> None:
    """Bring the shop to so many products."""
    command = [sys.executable, "bench/stock_up.py", str(products), *flags]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


@contextmanager
def web(environment: dict[str, str], port: int, pidfile: Path) -> Iterator[str]:
    """gunicorn gthread, 2 workers x 4 threads, until the block ends; yields the address."""
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "-k", "gthread", "-w", "2", "--threads", "4"]
    command += [
        "--keep-alive",
        "30",
        "-b",
        f"127.0.0.1:{port}",
        "--worker-tmp-dir",
        "/dev/shm",
        "--log-level",
        "warning",
    ]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    pidfile.write_text(str(process.pid))
    address = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=2).close()  # noqa: S310
            break
        except OSError:
            time.sleep(0.1)
    try:
        yield address
    finally:
        process.terminate()
        process.wait(30)
