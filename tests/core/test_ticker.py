"""The clock: one job a slot, Phnom Penh nights, retries woken, Redis may go away and come back."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis

from app.core import queue, redis
from app.core.schedule import HOUR, MINUTE, NIGHT, TASKS, Task, slot
from app.core.stack import Stack
from app.core.ticker import Ticker

NOON = datetime(2026, 11, 1, 5, 0, 20, tzinfo=UTC)


@pytest.fixture
def client(app: Flask) -> Iterator[Redis]:
    with app.app_context(), redis.connection() as found:
        found.flushdb()
        yield found
        found.flushdb()


def waiting(client: Redis) -> list[str]:
    return sorted(job_id for name in queue.QUEUES for job_id in queue.queue(name, client).job_ids)


@pytest.mark.parametrize(
    ("every", "moment", "expected"),
    [
        (MINUTE, "2026-11-01T05:00:59+00:00", "2026-11-01T12:00"),
        (MINUTE, "2026-11-01T05:01:00+00:00", "2026-11-01T12:01"),
        (HOUR, "2026-11-01T05:59:59+00:00", "2026-11-01T12:00"),
        (5 * MINUTE, "2026-11-01T05:09:59+00:00", "2026-11-01T12:05"),
        (NIGHT, "2026-11-01T19:59:59+00:00", "2026-11-01"),
        (NIGHT, "2026-11-01T20:00:00+00:00", "2026-11-02"),
    ],
)
def test_slots_are_phnom_penh_time(every: int, moment: str, expected: str) -> None:
    assert slot(Task("x.y", every, hour=3), datetime.fromisoformat(moment)) == expected


def test_each_slot_is_handed_out_once_by_however_many_tickers(client: Redis) -> None:
    one, two = Ticker("redis://unused"), Ticker("redis://unused")
    assert set(one.tick(client, NOON)) == set(TASKS)
    assert one.tick(client, NOON) == two.tick(client, NOON) == []
    first = waiting(client)
    assert len(first) == len(TASKS)
    later = NOON.replace(minute=1)
    assert set(two.tick(client, later)) == {name for name, task in TASKS.items() if task.every == MINUTE}
    assert one.tick(client, later) == []
    assert "tick-events-2026-11-01T12-01" in waiting(client)


def test_a_job_id_is_taken_once(client: Redis) -> None:
    assert queue.put(client, "time.sleep", 0, job_id="mail:1/a b")
    assert not queue.put(client, "time.sleep", 0, job_id="mail:1/a b")
    assert queue.enqueue("time.sleep", 0, job_id="mail:2")
    assert not queue.enqueue("time.sleep", 0, job_id="mail:2")
    assert queue.enqueue("time.sleep", 0)
    assert len(waiting(client)) == 3


def test_the_ticker_outlives_redis_and_wakes_retries(tmp_path: Path) -> None:
    stack = Stack(tmp_path, wanted=["redis"])
    ticker = None
    try:
        address = stack.start()["REDIS_URL"]
        ticker = Ticker(address)
        ticker.start()
        with Redis.from_url(address) as client:
            until(lambda: len(waiting(client)) > len(TASKS))
        stack.halt("redis")
        until(lambda: ticker is not None and ticker.away)
        stack.launch("redis")
        stack.wait("redis")
        with Redis.from_url(address) as client:
            client.flushdb()
            default = queue.queue("default", client)
            job = default.enqueue_at(datetime.now(UTC), "time.sleep", 0)
            until(lambda: job.id in default.job_ids)
        assert ticker.is_alive()
    finally:
        if ticker:
            ticker.over.set()
            ticker.join()
        stack.stop()


def until(holds: object, patience: float = 60.0) -> None:
    deadline = time.monotonic() + patience
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)
