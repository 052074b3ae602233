"""What the worker does by the clock: the name of each run, its function, its queue and its rhythm."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

PHNOM_PENH = ZoneInfo("Asia/Phnom_Penh")
MINUTE, HOUR, NIGHT = 60, 3600, 0
AT_START = "app.analytics.jobs.prepare"


@dataclass(frozen=True)
class Task:
    """A function that takes a Run and `args`, every so many seconds, or (NIGHT) once a night at `hour`.

    `timeout` in seconds; `recorded` runs are rows of job_runs.
    """

    function: str
    every: int
    queue: str = "default"
    args: tuple[object, ...] = ()
    timeout: int = 120
    hour: int = 3
    recorded: bool = True


TASKS = {
    "watch": Task("app.core.runs.watch", MINUTE, queue="high", timeout=30, recorded=False),
    "outbox": Task("app.messaging.jobs.deliver", MINUTE, queue="high", timeout=600, recorded=False),
    "payments": Task("app.checkout.jobs.sweep", MINUTE, queue="high", timeout=120),
    "outbox-tidy": Task("app.messaging.jobs.tidy", NIGHT, recorded=False),
    "events": Task("app.analytics.jobs.drain", MINUTE, timeout=180),
    "patterns": Task("app.recommend.jobs.refresh_patterns", HOUR, timeout=600),
    "search-words": Task("app.catalog.jobs.count_search_words", NIGHT, timeout=300, hour=4),
    "privacy": Task("app.privacy.jobs.forget", HOUR, timeout=300),
    "wishlist": Task("app.wishlist.jobs.look_after", 10 * MINUTE, timeout=120),
    "accounts": Task("app.accounts.jobs.tidy", NIGHT, recorded=False),
    "trending": Task("app.recommend.jobs.find_trending", HOUR, queue="ml", timeout=300),
    "similarities": Task("app.recommend.jobs.find_similar", 5 * MINUTE, queue="ml", timeout=900),
    "similarities-nightly": Task(
        "app.recommend.jobs.find_similar", NIGHT, queue="ml", args=(12,), timeout=900
    ),
}


def slot(task: Task, now: datetime) -> str:
    """The slot that `now` lies in, as text: the same for all of one period. Nights are Phnom Penh nights."""
    if task.every == NIGHT:
        return (now.astimezone(PHNOM_PENH) - timedelta(hours=task.hour)).strftime("%Y-%m-%d")
    begun = int(now.timestamp()) // task.every * task.every
    return datetime.fromtimestamp(begun, PHNOM_PENH).strftime("%Y-%m-%dT%H:%M")
