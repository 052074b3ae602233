"""The drain's end of the event stream: a consumer group that hands out every entry until it is acknowledged."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, cast

from redis import Redis
from redis.exceptions import ResponseError

from app.analytics.events import STREAM

GROUP = "drain"
CONSUMER = "drain"
REFUSED = "shop:events:refused"
Raw = tuple[str, dict[str, str]]


def join(client: Redis) -> None:
    """Make the group, once, so that it starts with the oldest entry."""
    with contextlib.suppress(ResponseError):
        client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)


def batches(client: Redis, size: int) -> Iterator[tuple[list[Raw], bool]]:
    """Entries in batches with whether they were handed out before: first those that an earlier drain did not
    acknowledge, then new ones, until none is left. The caller holds the drain's lock, so nobody else has them."""
    start = "0-0"
    while True:
        answer = cast(
            Any, client.xautoclaim(STREAM, GROUP, CONSUMER, min_idle_time=0, start_id=start, count=size)
        )
        start = text(answer[0])
        if answer[1]:
            yield [_raw(entry) for entry in answer[1]], True
        if start == "0-0":
            break
    while True:
        found = cast(Any, client.xreadgroup(GROUP, CONSUMER, {STREAM: ">"}, count=size))
        if not found:
            return
        yield [_raw(entry) for entry in found[0][1]], False


def acknowledge(client: Redis, ids: Sequence[str]) -> None:
    """Take entries that are stored out of the stream."""
    if ids:
        pipe = client.pipeline(transaction=True)
        pipe.xack(STREAM, GROUP, *ids)
        pipe.xdel(STREAM, *ids)
        pipe.execute()


def refuse(client: Redis, entry: Raw, why: str) -> None:
    """Set an entry aside that cannot be stored, so that it stops nobody; the last thousand are kept."""
    fields: Any = {"id": entry[0], "why": why[:300], **entry[1]}
    client.xadd(REFUSED, fields, maxlen=1000, approximate=True)


def waiting(client: Redis) -> int:
    """How many events are not stored yet."""
    return client.xlen(STREAM)


def _raw(entry: Any) -> Raw:
    entry_id, fields = entry
    return text(entry_id), {text(key): text(value) for key, value in (fields or {}).items()}


def text(value: bytes | str) -> str:
    """Stream bytes as text; broken UTF-8 is replaced."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
