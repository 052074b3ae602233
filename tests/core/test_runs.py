"""job_runs: each run written down, done once, one at a time, found when lost."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import redis, runs, schedule
from app.core.db import db, row, scalar
from app.core.queue import queue
from app.core.schedule import HOUR, Task

TASKS = {
    "greet": Task("tests.core.errands.greet", HOUR, args=("Sokha",)),
    "stumble": Task("tests.core.errands.stumble", HOUR),
    "linger": Task("tests.core.errands.linger", HOUR),
}


@pytest.fixture
def shop(shop_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    for name, task in TASKS.items():
        monkeypatch.setitem(schedule.TASKS, name, task)
    with shop_app.app_context(), redis.connection() as client:
        client.flushdb()
        yield shop_app
        client.flushdb()


def look(kind: str, run_key: str) -> dict[str, object]:
    found = row(text("SELECT * FROM job_runs WHERE kind = :k AND run_key = :r"), {"k": kind, "r": run_key})
    db.session.rollback()
    return dict(found._mapping) if found else {}


def test_a_run_is_written_down_and_not_repeated(shop: Flask) -> None:
    assert runs.perform("greet", "a") == {"hello": "Sokha"}
    done = look("greet", "a")
    assert (done["state"], done["result"], done["attempts"], done["step"]) == (
        "done",
        {"hello": "Sokha"},
        1,
        None,
    )
    assert runs.perform("greet", "a") is None
    assert look("greet", "a")["attempts"] == 1
    assert runs.perform("greet", "b", args=("Dara",)) == {"hello": "Dara"}


def test_a_failure_is_written_down_and_may_be_tried_again(shop: Flask) -> None:
    for attempt in (1, 2):
        with pytest.raises(RuntimeError, match="over a root"):
            runs.perform("stumble", "a")
        failed = look("stumble", "a")
        assert (failed["state"], failed["attempts"]) == ("failed", attempt)
        assert failed["error"] == "RuntimeError: over a root"
        assert failed["step"] == "walking"


def test_one_run_at_a_time(shop: Flask) -> None:
    begun = threading.Event()
    results: list[object] = []

    def first() -> None:
        with shop.app_context():
            begun.set()
            results.append(runs.perform("linger", "a"))

    thread = threading.Thread(target=first)
    thread.start()
    begun.wait()
    while look("linger", "a").get("step") != "lingering":
        pass
    assert runs.perform("linger", "b") is None
    assert look("linger", "b") == {}
    assert runs.perform("linger", "b", patience=30, args=(0.0,)) == {}
    thread.join()
    assert results == [{}]


def test_a_run_gives_signs_of_life(shop: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "HEARTBEAT", 0.05)
    runs.perform("linger", "a", args=(0.0,))
    db.session.execute(text("UPDATE job_runs SET state = 'queued'"))
    db.session.commit()
    runs.perform("linger", "a", args=(0.5,))
    seen = scalar(
        text("SELECT heartbeat_at > started_at + interval '0.4 s' FROM job_runs WHERE run_key = 'a'")
    )
    assert seen


def lose(kind: str, run_key: str, attempts: int, seconds: int) -> None:
    row = "INSERT INTO job_runs (kind, run_key, state, attempts, started_at, heartbeat_at)"
    values = " VALUES (:k, :r, 'running', :a, now(), now() - make_interval(secs => :s))"
    db.session.execute(text(row + values), {"k": kind, "r": run_key, "a": attempts, "s": seconds})
    db.session.commit()


def test_the_watchdog_finds_lost_runs_and_hands_them_out_again(shop: Flask) -> None:
    lose("greet", "lost", 1, 90)
    lose("greet", "worn out", 3, 90)
    lose("greet", "alive", 1, 5)
    assert runs.watch() == {"lost": 2, "again": 1}
    assert [look("greet", key)["state"] for key in ("lost", "worn out", "alive")] == [
        "lost",
        "lost",
        "running",
    ]
    with redis.connection() as client:
        jobs = queue("default", client).jobs
        assert [job.args for job in jobs] == [["greet", "lost"]]
    assert runs.watch() == {"lost": 0, "again": 0}
    assert runs.perform("greet", "lost") == {"hello": "Sokha"}
    assert (look("greet", "lost")["state"], look("greet", "lost")["attempts"]) == ("done", 2)


def test_a_queued_run_that_redis_forgot_is_handed_out_again(shop: Flask) -> None:
    row = (
        "INSERT INTO job_runs (kind, run_key, created_at) VALUES ('greet', 'q', now() - interval '5 minutes')"
    )
    db.session.execute(text(row))
    db.session.commit()
    assert runs.watch() == {"lost": 0, "again": 1}
    assert runs.watch() == {"lost": 0, "again": 0}


def test_the_doctor_hears_whether_the_worker_is_alive(shop: Flask) -> None:
    runner = shop.test_cli_runner()
    assert runner.invoke(args=["doctor", "--worker"]).exit_code == 1
    lose("events", "a", 1, 20)
    assert runner.invoke(args=["doctor", "--worker"]).exit_code == 0
    db.session.execute(text("UPDATE job_runs SET heartbeat_at = now() - interval '4 minutes'"))
    db.session.commit()
    assert runner.invoke(args=["doctor", "--worker"]).exit_code == 1


def test_old_rows_go_but_the_newest_of_each_kind(shop: Flask) -> None:
    for key in ("a", "b"):
        runs.perform("greet", key)
    db.session.execute(
        text("UPDATE job_runs SET finished_at = now() - interval '3 days' WHERE kind = 'greet'")
    )
    db.session.commit()
    runs.watch()
    assert (look("greet", "a"), look("greet", "b")["state"]) == ({}, "done")
