"""From the stream to MongoDB: nothing is lost or doubled, whoever is killed and whatever goes away."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pymongo.errors import PyMongoError
from redis import Redis
from sqlalchemy import text

from app import create_app
from app.analytics import events, store, stream
from app.core import db, mongo, queue, redis
from app.core.processes import session_members
from app.core.runs import perform
from app.core.stack import Stack
from tests import databases
from tests.conftest import FULL

ROOT = Path(__file__).resolve().parents[2]
MANY = 60_000 if FULL else 5_000
KILLS = 8 if FULL else 1


def fill(client: Redis, count: int, start: int = 0) -> None:
    """Events of forty visitors, and of nobody every tenth time."""
    pipe = client.pipeline(transaction=False)
    for number in range(start, start + count):
        session = "" if number % 10 == 0 else f"v{number % 40}"
        pipe.xadd(
            events.STREAM, {"kind": "product_view", "session": session, "data": json.dumps({"n": number})}
        )
        if number % 1000 == 999:
            pipe.execute()
    pipe.execute()


def numbers(database: Any) -> Counter[int]:
    """How often each event is stored."""
    return Counter(
        event["event_data"]["metadata"]["n"]
        for bucket in database["user_analytics"].find({}, {"events": 1})
        for event in bucket["events"]
    )


def once(count: int) -> Counter[int]:
    return Counter(range(count))


@pytest.fixture
def client(quiet: Flask) -> Iterator[Redis]:
    with redis.connection() as found:
        yield found


def test_a_drain_empties_the_stream(quiet: Flask, client: Redis) -> None:
    fill(client, 1234)
    assert perform("events", "one") == {"events": 1234, "refused": 0, "waiting": 0}
    with mongo.opened() as database:
        assert numbers(database) == once(1234)
        assert max(each["event_count"] for each in database["user_analytics"].find()) <= 200
    assert stream.waiting(client) == 0
    run = db.row(
        text("SELECT state, result, attempts FROM job_runs WHERE kind = 'events' AND run_key = 'one'")
    )
    assert run is not None
    assert (run.state, run.result["events"], run.attempts) == ("done", 1234, 1)


def test_a_bad_entry_is_set_aside_and_stops_nobody(quiet: Flask, client: Redis) -> None:
    fill(client, 5)
    client.xadd(events.STREAM, {"kind": "product_view", "data": "{broken"})
    client.xadd(events.STREAM, {"nonsense": b"\xff\xfe"})
    fill(client, 5, start=5)
    assert perform("events", "one") == {"events": 10, "refused": 2, "waiting": 0}
    with mongo.opened() as database:
        assert numbers(database) == once(10)
    assert client.xlen(stream.REFUSED) == 2


def test_what_an_earlier_drain_took_and_did_not_acknowledge_comes_again(quiet: Flask, client: Redis) -> None:
    """Both kinds: taken and stored, taken and not stored."""
    fill(client, 700)
    stream.join(client)
    batches = stream.batches(client, 300)
    first, _ = next(batches)
    next(batches)
    from app.analytics.entries import read

    with mongo.opened() as database:
        store.prepare(database)
        store.keep(database, [read(*raw) for raw in first[:150]], {})
        perform("events", "after")
        assert numbers(database) == once(700)
    assert stream.waiting(client) == 0


@pytest.fixture
def environment(quiet: Flask) -> dict[str, str]:
    """What a worker of this shop finds in its environment."""
    names = ("DATABASE_URL", "REDIS_URL", "MONGODB_URI", "SHOP_DATA", "SHOP_ENV")
    return {**os.environ, **{name: str(quiet.config[name]) for name in names}}


def test_a_killed_worker_loses_and_doubles_nothing(
    quiet: Flask, client: Redis, environment: dict[str, str], tmp_path: Path
) -> None:
    """The worker and all its processes are killed (SIGKILL) in the middle of a drain, several times."""
    fill(client, MANY)
    with mongo.opened() as database:
        store.prepare(database)
    for kill in range(KILLS):
        before = stream.waiting(client)
        queue.put(client, "app.core.runs.perform", "events", f"kill {kill}")
        with (tmp_path / "worker.log").open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "worker.py"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while stream.waiting(client) > before - MANY // (KILLS * 3) and time.monotonic() < deadline:
            time.sleep(0.005)
        for pid in session_members(worker.pid):
            os.kill(pid, signal.SIGKILL)
        worker.wait()
        assert stream.waiting(client) < before, (tmp_path / "worker.log").read_text()
        client.delete(*client.keys("rq:*"))
    left = stream.waiting(client)
    assert left > 0, "the kills came too late to prove anything"
    for run in range(60):
        perform("events", f"after {run}")
        if not stream.waiting(client):
            break
    with mongo.opened() as database:
        assert numbers(database) == once(MANY)
    print(f"{KILLS} kills, {MANY} events, {left} left for the last drain: none lost, none doubled")


def test_mongodb_away_keeps_events_in_the_stream(quiet: Flask, client: Redis, tmp_path: Path) -> None:
    stack = Stack(tmp_path, wanted=["mongodb"])
    try:
        address = stack.start()["MONGODB_URI"]
        settings = databases.settings(str(quiet.config["DATABASE_URL"]), 0)
        other = create_app(replace(settings, REDIS_URL=str(quiet.config["REDIS_URL"]), MONGODB_URI=address))
        with other.app_context():
            fill(client, 100)
            perform("events", "up")
            fill(client, 400, start=100)
            stack.halt("mongodb", signal.SIGKILL)
            with pytest.raises(PyMongoError):
                perform("events", "down")
            assert stream.waiting(client) == 400
            assert db.scalar(text("SELECT state FROM job_runs WHERE run_key = 'down'")) == "failed"
            stack.launch("mongodb")
            stack.wait("mongodb")
            assert perform("events", "down") == {"events": 400, "refused": 0, "waiting": 0}
            with mongo.opened() as database:
                assert numbers(database) == once(500)
            db.db.engine.dispose()
    finally:
        stack.stop()
