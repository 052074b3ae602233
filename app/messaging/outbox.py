"""The outbox: a message is written in the business transaction and taken out by the worker, once by its dedupe key."""

import json
import time
from typing import Any

from sqlalchemy import event, text

from app.core.db import ShopSession, db, scalar
from app.core.queue import enqueue

DELIVER = "app.messaging.jobs.deliver"
FRESH = "outbox.fresh"
PUT = text(
    "INSERT INTO outbox (kind, payload, dedupe_key) VALUES (:kind, CAST(:payload AS jsonb), :key)"
    " ON CONFLICT (dedupe_key) DO NOTHING RETURNING id"
)


def put(kind: str, payload: dict[str, Any], dedupe_key: str) -> bool:
    """Leave a message in the caller's transaction; False when one with this key was put before.

    `kind` names a composer (`messaging.composers`), `payload` holds ids and plain words, never tokens.
    The worker is woken after the commit, and looks by itself every minute.
    """
    key = {"kind": kind, "payload": json.dumps(payload, default=str), "key": dedupe_key[:200]}
    fresh = scalar(PUT, key) is not None
    if fresh:
        db.session.info[FRESH] = True
    return fresh


@event.listens_for(ShopSession, "after_commit")
def wake(session: ShopSession) -> None:
    """Tell the worker that something waits; without Redis it finds out within a minute."""
    if session.info.pop(FRESH, False):
        enqueue(DELIVER, on="high", job_id=f"outbox:{int(time.time())}")
