"""The truth about background runs: a row of job_runs each, a sign of life every few seconds, a watchdog.

One run of a function at a time, by an advisory lock that dies with its process; a run that is done is not repeated.
"""

import contextlib
import importlib
import json
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from app.core.db import db
from app.core.queue import enqueue
from app.core.schedule import TASKS

log = logging.getLogger(__name__)
HEARTBEAT = 10.0
LOST_AFTER = 60
ATTEMPTS = 3
Result = dict[str, Any]

BEGIN = text(
    "INSERT INTO job_runs AS r (kind, run_key, state, attempts, started_at, heartbeat_at)"
    " VALUES (:kind, :run_key, 'running', 1, now(), now())"
    " ON CONFLICT (kind, run_key) DO UPDATE SET state = 'running', attempts = r.attempts + 1, started_at = now(),"
    " heartbeat_at = now(), finished_at = NULL, step = NULL, error = NULL WHERE r.state <> 'done' RETURNING id"
)
STEP = text("UPDATE job_runs SET step = :step, heartbeat_at = now() WHERE id = :id")
BEAT = text("UPDATE job_runs SET heartbeat_at = now() WHERE id = :id")
DONE = text(
    "UPDATE job_runs SET state = 'done', finished_at = now(), heartbeat_at = now(), step = NULL,"
    " result = CAST(:result AS jsonb) WHERE id = :id"
)
FAILED = text("UPDATE job_runs SET state = 'failed', finished_at = now(), error = :error WHERE id = :id")
LOST = text(
    "UPDATE job_runs SET state = 'lost', error = 'no sign of life since ' || heartbeat_at, finished_at = now()"
    " WHERE state = 'running' AND heartbeat_at < now() - make_interval(secs => :seconds)"
)
WAITING = text(
    "UPDATE job_runs SET heartbeat_at = now() WHERE attempts < :attempts AND ("
    "(state = 'lost' AND heartbeat_at < now() - make_interval(secs => :seconds))"
    " OR (state = 'queued' AND coalesce(heartbeat_at, created_at) < now() - make_interval(secs => :seconds)))"
    " RETURNING kind, run_key, attempts"
)
PURGE = text(
    "DELETE FROM job_runs WHERE (state = 'done' AND finished_at < now() - interval '2 days'"
    " OR finished_at < now() - interval '30 days') AND id NOT IN (SELECT max(id) FROM job_runs GROUP BY kind)"
)
SILENCE = text(
    "SELECT extract(epoch FROM now() - max(heartbeat_at))::int FROM job_runs WHERE kind = 'events'"
)
UNLOCK = text("SELECT pg_advisory_unlock_all()")
LOCK = text("SELECT pg_try_advisory_lock(hashtextextended('run:' || :function, 0))")


class Run:
    """One run in progress; it tells where it is through a connection of its own."""

    def __init__(self, connection: Connection, run_id: int) -> None:
        self.connection = connection
        self.id = run_id
        self.lock = threading.Lock()

    def step(self, name: str) -> None:
        """Say what is being done now (a sign of life, too)."""
        self.write(STEP, step=name[:100])

    def write(self, statement: Any, **values: object) -> None:
        with self.lock:
            self.connection.execute(statement, {"id": self.id, **values})

    @contextlib.contextmanager
    def alive(self) -> Iterator[None]:
        """Give a sign of life every ten seconds while the body works."""
        over = threading.Event()

        def beat() -> None:
            while not over.wait(HEARTBEAT):
                with contextlib.suppress(SQLAlchemyError):
                    self.write(BEAT)

        thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(5)


def perform(
    kind: str, run_key: str, patience: float = 0.0, args: Sequence[Any] | None = None
) -> Result | None:
    """Do a task of the schedule (with other `args`, if given) and keep its row; what it returned.

    None when this run is done already, or when another of its function still goes on after `patience` seconds.
    Raises what the task raises, after writing it down.
    """
    task = TASKS[kind]
    module, _, name = task.function.rpartition(".")
    with _connection() as connection:
        if not _lock(connection, task.function, patience):
            return None
        run_id = connection.execute(BEGIN, {"kind": kind, "run_key": run_key}).scalar()
        if run_id is None:
            return None
        run = Run(connection, run_id)
        try:
            with run.alive():
                result: Result = getattr(importlib.import_module(module), name)(
                    run, *(task.args if args is None else args)
                )
        except Exception as error:
            run.write(FAILED, error=f"{type(error).__name__}: {error}"[:500])
            raise
        finally:
            db.session.remove()
        run.write(DONE, result=json.dumps(result, default=str))
        return result


@contextlib.contextmanager
def _connection() -> Iterator[Connection]:
    """A connection outside the pool: its end gives the lock back, whatever happened.

    The server notices that end a moment later, so that the lock is given back before it where that is possible.
    """
    with db.engine.connect() as connection:
        own = connection.execution_options(isolation_level="AUTOCOMMIT")
        own.detach()
        try:
            yield own
        finally:
            with contextlib.suppress(SQLAlchemyError):
                own.execute(UNLOCK)


def _lock(connection: Connection, function: str, patience: float) -> bool:
    until = time.monotonic() + patience
    while not connection.execute(LOCK, {"function": function}).scalar():
        if time.monotonic() > until:
            return False
        time.sleep(0.2)
    return True


def watch() -> Result:
    """Mark runs without a sign of life as lost, hand them and forgotten ones to the worker again, drop old rows.

    What Redis does not take now is tried again a minute later, three attempts in all.
    """
    with db.engine.begin() as connection:
        lost = connection.execute(LOST, {"seconds": LOST_AFTER}).rowcount
        due = connection.execute(WAITING, {"seconds": LOST_AFTER, "attempts": ATTEMPTS}).all()
        connection.execute(PURGE)
    for kind, run_key, attempts in due:
        log.warning("run %s %s is handed out again after %s attempts", kind, run_key, attempts)
        if kind in TASKS:
            again(kind, run_key, f"{attempts}-{int(time.time()) // 60}")
    return {"lost": lost, "again": len(due)}


def silence() -> int | None:
    """Seconds since the worker's last sign of life, which it gives every minute; None when it never gave one."""
    seconds: int | None = db.session.execute(SILENCE).scalar()
    return seconds


def again(kind: str, run_key: str, mark: str) -> bool:
    """Hand a run to the worker once more; False when Redis is away (the watchdog comes back to it)."""
    task = TASKS[kind]
    job_id = f"again:{kind}:{run_key}:{mark}"
    return enqueue("app.core.runs.perform", kind, run_key, on=task.queue, job_id=job_id, timeout=task.timeout)
