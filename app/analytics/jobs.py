"""What the worker does with events: moves them from the stream into MongoDB, losing and doubling none."""

import logging
import time
from typing import Any

from redis import Redis

from app.analytics import store, stream
from app.analytics.entries import Entry, Unreadable, read
from app.analytics.profiles import profiles
from app.core import mongo, redis
from app.core.runs import Run

log = logging.getLogger(__name__)
BATCH = 1000
SECONDS = 60.0


def drain(run: Run) -> dict[str, Any]:
    """Store every event that waits (at most a minute of it), then take it out of the stream.

    Raises PyMongoError or RedisError; what was not acknowledged comes again.
    """
    with redis.connection() as client, mongo.opened() as database:
        stream.join(client)
        if not store.complete(database):
            store.prepare(database)
        moved = refused = 0
        until = time.monotonic() + SECONDS
        for batch, again in stream.batches(client, BATCH):
            bad = keep(client, database, batch, again)
            moved += len(batch) - bad
            refused += bad
            run.step(f"{moved} events")
            if time.monotonic() > until:
                break
        return {"events": moved, "refused": refused, "waiting": stream.waiting(client)}


def keep(client: Redis, database: Any, batch: list[stream.Raw], again: bool) -> int:
    """Store one batch and acknowledge it; how many of its entries were refused and set aside."""
    entries: list[Entry] = []
    refused: dict[str, str] = {}
    for raw in batch:
        try:
            entries.append(read(*raw))
        except Unreadable as error:
            refused[raw[0]] = str(error)
    people = profiles(entry.user_id for entry in entries if entry.user_id)
    refused |= store.keep(database, entries, people, again)
    for raw in batch:
        if raw[0] in refused:
            log.warning("event %s is refused: %s", raw[0], refused[raw[0]][:200])
            stream.refuse(client, raw, refused[raw[0]])
    stream.acknowledge(client, [entry_id for entry_id, _ in batch])
    return len(refused)


def prepare() -> None:
    """Make MongoDB's collections, validators and indexes what they should be; the worker does it at its start."""
    with mongo.opened() as database:
        changed = store.prepare(database)
    if changed:
        log.info("MongoDB: made or changed %s", ", ".join(changed))
