"""The worker's clock: a thread that enqueues each task once a slot and wakes retries that wait for their time.

It outlives Redis going away, and two tickers at once enqueue nothing twice (one job id a slot).
"""

import itertools
import logging
import threading
from datetime import UTC, datetime
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq.scheduler import RQScheduler

from app.core import queue
from app.core.schedule import AT_START, TASKS, Task, slot

log = logging.getLogger(__name__)
PAUSE = 1.0
LOCK_EVERY = 15


class Ticker(threading.Thread):
    """Ends with the process; `over` ends it earlier."""

    def __init__(self, redis_url: str) -> None:
        super().__init__(name="ticker", daemon=True)
        self.url = redis_url
        self.over = threading.Event()
        self.handed: dict[str, str] = {}
        self.away = False

    def run(self) -> None:
        """Tick every second, with a new client after each failure."""
        while not self.over.is_set():
            try:
                self.tick_until_it_fails()
            except (RedisError, OSError) as error:
                if not self.away:
                    log.warning("ticker: Redis is away: %s", type(error).__name__)
                self.away = True
                self.over.wait(PAUSE)

    def tick_until_it_fails(self) -> None:
        """Raises RedisError or OSError."""
        client = Redis.from_url(self.url, socket_timeout=5, socket_connect_timeout=5)
        retries = RQScheduler(
            queue.QUEUES, connection=client, serializer="json", logging_level=logging.WARNING
        )
        queue.put(client, AT_START, on="high", job_id=f"start:{datetime.now(UTC):%Y-%m-%dT%H:%M}")
        self.away = False
        for ticks in itertools.count():
            if self.over.wait(PAUSE):
                return
            self.tick(client, datetime.now(UTC))
            wake(retries, ticks)

    def tick(self, client: Redis, now: datetime) -> list[str]:
        """Enqueue what is due at `now`, the current slot only; the names of what was enqueued."""
        fresh = []
        for name, task in TASKS.items():
            due = slot(task, now)
            if self.handed.get(name) != due:
                if hand_out(client, name, task, due):
                    fresh.append(name)
                self.handed[name] = due
        return fresh


def hand_out(client: Redis, name: str, task: Task, due: str) -> bool:
    """Enqueue one slot of a task; False when it was enqueued before. Raises RedisError."""
    function, args = ("app.core.runs.perform", (name, due)) if task.recorded else (task.function, ())
    return queue.put(
        client, function, *args, on=task.queue, job_id=f"tick:{name}:{due}", timeout=task.timeout
    )


def wake(retries: Any, ticks: int) -> None:
    """Move retries whose time has come into their queues, if no other ticker does so already."""
    if ticks % LOCK_EVERY == 0 and len(retries.acquired_locks) < len(queue.QUEUES):
        retries.acquire_locks()
    if retries.last_heartbeat is None:
        retries.register_birth()
    retries.heartbeat()
    retries.enqueue_scheduled_jobs()
