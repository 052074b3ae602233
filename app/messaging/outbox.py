"""The outbox: a message is written in the business transaction and taken out by the worker, once by its dedupe key.

Taking one leases it: should the worker die on it, it is due again when the lease is over. Waits grow with each try.
"""

import json
import time
from typing import Any

from sqlalchemy import Row, event, text

from app.core.db import ShopSession, db, row, rows, scalar
from app.core.queue import enqueue

DELIVER = "app.messaging.jobs.deliver"
FRESH = "outbox.fresh"
LEASE = 600
WAITS = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
MOST_TRIES = len(WAITS) + 1
PUT = text(
    "INSERT INTO outbox (kind, payload, dedupe_key) VALUES (:kind, CAST(:payload AS jsonb), :key)"
    " ON CONFLICT (dedupe_key) DO NOTHING RETURNING id"
)
TAKE = text(
    """
    UPDATE outbox SET attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => :lease)
    WHERE id = (
        SELECT id FROM outbox WHERE sent_at IS NULL AND next_attempt_at <= now() AND attempts < :most
        ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id, kind, payload, dedupe_key, attempts
    """
)
SENT = text("UPDATE outbox SET sent_at = now(), last_error = :note WHERE id = :id")
FAILED = text(
    "UPDATE outbox SET last_error = :error, attempts = CASE WHEN :final THEN :most ELSE attempts END,"
    " next_attempt_at = now() + make_interval(secs => :wait) WHERE id = :id AND sent_at IS NULL"
)
AGAIN = text(
    "UPDATE outbox SET attempts = 0, next_attempt_at = now() WHERE sent_at IS NULL AND attempts >= :most"
    " AND (CAST(:id AS int) IS NULL OR id = :id) RETURNING id"
)
FORGET = text(
    "UPDATE outbox SET payload = '{}' WHERE sent_at < now() - make_interval(days => :days) AND payload <> '{}'"
    " RETURNING id"
)
KEPT_DAYS = 30


def put(kind: str, payload: dict[str, Any], dedupe_key: str) -> bool:
    """Leave a message in the caller's transaction; False when one with this key was put before.

    `kind` names a composer (`messaging.composers`), `payload` holds ids and plain words, never tokens.
    The worker is woken after the commit, and looks by itself every minute.
    """
    if len(dedupe_key) > 200:
        raise ValueError("a dedupe key has at most 200 characters")
    key = {"kind": kind, "payload": json.dumps(payload, default=str), "key": dedupe_key}
    fresh = scalar(PUT, key) is not None
    if fresh:
        db.session.info[FRESH] = True
    return fresh


@event.listens_for(ShopSession, "after_commit")
def wake(session: ShopSession) -> None:
    """Tell the worker that something waits; without Redis it finds out within a minute."""
    if session.info.pop(FRESH, False):
        enqueue(DELIVER, on="high", job_id=f"outbox:{int(time.time())}", timeout=LEASE)


def take() -> Row[Any] | None:
    """The next message that is due, leased to the caller, who commits; None when there is none."""
    return row(TAKE, {"lease": LEASE, "most": MOST_TRIES})


def sent(message_id: int, note: str | None = None) -> None:
    """The message is out, or (`note`) there was nobody to send it to."""
    db.session.execute(SENT, {"id": message_id, "note": note})


def failed(message_id: int, attempts: int, error: str, final: bool = False) -> None:
    """Note why; the message is due again after its wait, and never after the last one or a `final` failure."""
    wait = WAITS[min(attempts, len(WAITS)) - 1]
    params = {"id": message_id, "error": error[:500], "wait": wait, "final": final, "most": MOST_TRIES}
    db.session.execute(FAILED, params)


def again(message_id: int | None = None) -> int:
    """Try those that were given up once more (one, or all); how many."""
    return len(rows(AGAIN, {"id": message_id, "most": MOST_TRIES}))


def forget() -> int:
    """Empty what was sent over thirty days ago (it may name people), keeping its dedupe keys; how many."""
    return len(rows(FORGET, {"days": KEPT_DAYS}))
