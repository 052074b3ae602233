"""The vocabulary of events and `record`: one write to a Redis stream a request, never an error."""

import json
import time
from collections import deque
from threading import Lock

from flask import g, has_request_context
from redis import Redis

from app.core import redis, security
from app.core.i18n import lang

STREAM = "shop:events"
STREAM_LENGTH = 500_000
KINDS = {"page_view", "product_view", "cart_add", "purchase", "wishlist_add", "search"}
BUFFER = 1_000

_waiting: deque[dict[str, str]] = deque(maxlen=BUFFER)
_lock = Lock()
dropped = 0


def fields(kind: str, **facts: object) -> dict[str, str]:
    """The event as stream fields; `at` is the time in milliseconds, `data` the facts as JSON."""
    if kind not in KINDS:
        raise ValueError(f"unknown event {kind!r}")
    visitor = security.cookie("visitor") if has_request_context() else None
    return {
        "kind": kind,
        "at": str(int(time.time() * 1000)),
        "session": visitor or "",
        "user": str(g.get("user_id", "")) if has_request_context() else "",
        "lang": lang(),
        "data": json.dumps(facts, default=str),
    }


def record(kind: str, **facts: object) -> None:
    """Note that something happened. While Redis is away up to 1,000 events wait in this process, then they drop."""
    event = fields(kind, **facts)
    if not redis.ask(lambda r: bool(_write(r, event)), False):
        _keep(event)


def _write(client: Redis, event: dict[str, str]) -> bool:
    with _lock:
        waiting = list(_waiting)
        _waiting.clear()
    try:
        pipe = client.pipeline(transaction=False)
        for one in [*waiting, event]:
            pipe.xadd(STREAM, one, maxlen=STREAM_LENGTH, approximate=True)  # type: ignore[arg-type]
        pipe.execute()
    except BaseException:
        with _lock:
            _waiting.extendleft(reversed(waiting))
        raise
    return True


def _keep(event: dict[str, str]) -> None:
    global dropped  # noqa: PLW0603 - one counter a process, read by the health pages
    with _lock:
        dropped += len(_waiting) == BUFFER
        _waiting.append(event)
