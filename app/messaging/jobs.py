"""The worker's round: takes what is due out of the outbox, composes it, sends it, notes how it went."""

import logging
import time
from typing import Any

from sqlalchemy import Row

from app.core.db import db
from app.messaging import composers, letters, outbox, sinks
from app.messaging.letters import Letter, Notice

log = logging.getLogger(__name__)
MOST = 100


def deliver() -> dict[str, int]:
    """Send what is due, at most a hundred; stops early when a server is away. How many went and how many failed."""
    done = {"sent": 0, "failed": 0}
    for _ in range(MOST):
        message = outbox.take()
        db.session.commit()
        if message is None:
            break
        failure = attempt(message)
        db.session.commit()
        done["failed" if failure else "sent"] += 1
        if isinstance(failure, sinks.Away):
            break
    db.session.remove()
    return done


def tidy() -> dict[str, int]:
    """Forget what was sent long ago: payloads, and mails that lie in files."""
    emptied = outbox.forget()
    db.session.commit()
    old = time.time() - outbox.KEPT_DAYS * 86400
    stale = [path for path in sinks.folder().glob("*.eml") if path.stat().st_mtime < old]
    for path in stale:
        path.unlink(missing_ok=True)
    return {"emptied": emptied, "files": len(stale)}


def attempt(message: Row[Any]) -> Exception | None:
    """Compose and send one leased message; what went wrong, noted with its next time."""
    try:
        composed = composers.compose(message.kind, message.payload)
        db.session.commit()
        send(composed, message)
    except Exception as error:  # noqa: BLE001 - whatever one message does, the others must leave
        db.session.rollback()
        final = isinstance(error, sinks.Undeliverable)
        outbox.failed(message.id, message.attempts, f"{type(error).__name__}: {error}", final)
        log.warning("message %s (%s) failed: %s", message.id, message.kind, type(error).__name__)
        return error
    outbox.sent(message.id, None if composed else "nobody to tell")
    return None


def send(composed: Letter | Notice | None, message: Row[Any]) -> None:
    """Hand a composed message to its sink. Raises Away, Undeliverable."""
    if isinstance(composed, Letter):
        key = message.dedupe_key + (f":{message.attempts}" if composed.single else "")
        sinks.send_mail(letters.mail(composed, key), f"{message.id:08}-{message.kind}")
    elif isinstance(composed, Notice) and sinks.telegram_is_on():
        sinks.send_telegram(composed.text)
