"""The worker as a process: does jobs inside the shop, finishes the one in flight on SIGTERM, waits for Redis."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from rq.job import Job

from app.core import queue
from app.core.processes import session_members
from app.core.stack import Stack

ROOT = Path(__file__).resolve().parents[2]


def until(holds: Callable[[], object], patience: float = 90.0) -> None:
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    made = Stack(tmp_path, wanted=["redis"])
    made.start()
    yield made
    made.stop()


@pytest.fixture
def worker(stack: Stack, shop_app: Flask, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    names = ("DATABASE_URL", "MONGODB_URI", "SHOP_DATA", "SHOP_ENV")
    settings = {name: str(shop_app.config[name]) for name in names} | stack.urls()
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "worker.py"],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    yield process
    for pid in session_members(process.pid):
        os.kill(pid, signal.SIGKILL)
    process.wait()


def put(client: Redis, function: str, *args: Any) -> Job:
    name = f"try-{time.monotonic_ns()}"
    assert queue.put(client, function, *args, on="high", job_id=name)
    job = queue.queue("high", client).fetch_job(name)
    assert job
    return job


def test_it_works_in_the_shop_waits_for_redis_and_ends_gently(
    stack: Stack, worker: subprocess.Popen[bytes]
) -> None:
    with Redis.from_url(stack.urls()["REDIS_URL"]) as client:
        job = put(client, "app.core.runs.watch")
        until(lambda: job.get_status(refresh=True) == "finished")
        assert job.return_value() == {"lost": 0, "again": 0}
    stack.halt("redis")
    time.sleep(2)
    stack.launch("redis")
    stack.wait("redis")
    with Redis.from_url(stack.urls()["REDIS_URL"]) as client:
        assert worker.poll() is None
        job = put(client, "time.sleep", 3)
        until(lambda: job.get_status(refresh=True) == "started")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(60) == 0
        assert job.get_status(refresh=True) == "finished"
        assert session_members(worker.pid) == []


def test_a_job_that_dies_with_its_process_is_tried_again(
    stack: Stack, worker: subprocess.Popen[bytes]
) -> None:
    with Redis.from_url(stack.urls()["REDIS_URL"]) as client:
        job = put(client, "time.sleep", 4)
        until(lambda: job.get_status(refresh=True) == "started")
        horses = [pid for pid in session_members(worker.pid) if pid != worker.pid]
        for pid in horses:
            os.kill(pid, signal.SIGKILL)
        until(lambda: job.get_status(refresh=True) != "started")
        until(lambda: job.get_status(refresh=True) == "finished")
