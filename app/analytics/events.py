"""The vocabulary of events and `record`: one write to a Redis stream a request, never an error."""

import ipaddress
import json
import time
from collections import deque
from threading import Lock

from flask import g, has_request_context, request
from redis import Redis

from app.core import redis, security
from app.core.i18n import lang

STREAM = "shop:events"
STREAM_LENGTH = 500_000
KINDS = {"page_view", "product_view", "cart_add", "purchase", "wishlist_add", "search"}
BUFFER = 1_000
LONGEST_AGENT = 200

_waiting: deque[dict[str, str]] = deque(maxlen=BUFFER)
_lock = Lock()
dropped = 0


def fields(kind: str, **facts: object) -> dict[str, str]:
    """The event as stream fields: `at` in milliseconds, `data` the facts as JSON, `ip` without its last part.

    A visitor who has not agreed has no `visitor` cookie: then `session`, `agent` and `ip` are empty.
    """
    event = shared(kind, **facts) | {"at": str(int(time.time() * 1000))}
    visitor = security.cookie("visitor") if has_request_context() else None
    if has_request_context() and g.get("user_id"):
        event["user"] = str(g.user_id)
    if visitor:
        agent = request.headers.get("User-Agent", "")[:LONGEST_AGENT]
        event |= {"session": visitor, "agent": agent, "ip": truncated(request.remote_addr or "")}
    return event


def shared(kind: str, **facts: object) -> dict[str, str]:
    """An event of nobody in particular, for a page that the cache serves again: its time is the stream's."""
    if kind not in KINDS:
        raise ValueError(f"unknown event {kind!r}")
    data = json.dumps(facts, default=str)
    return {"kind": kind, "session": "", "user": "", "lang": lang(), "data": data}


def truncated(address: str) -> str:
    """The network of an address: /24 of IPv4, /48 of IPv6; '' when it is none."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    width = 24 if ip.version == 4 else 48
    return str(ipaddress.ip_network(f"{ip}/{width}", strict=False).network_address)


def record(kind: str, **facts: object) -> None:
    """Note that something happened. While Redis is away up to 1,000 events wait in this process, then they drop."""
    event = fields(kind, **facts)
    if not redis.ask(lambda r: _write(r, event), False):
        _keep(event)


def _write(client: Redis, event: dict[str, str]) -> bool:
    with _lock:
        waiting = list(_waiting)
        _waiting.clear()
    try:
        if not waiting:
            client.xadd(STREAM, event, maxlen=STREAM_LENGTH, approximate=True)  # type: ignore[arg-type]
            return True
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
