"""The worker's share of payments: follow a code while somebody may pay it, end what was not paid in time."""

import logging
import time
from typing import Any

from sqlalchemy import Row, text

from app.checkout import asking, settling
from app.checkout.patience import patiently
from app.core.db import db, rows, scalar
from app.core.runs import Run
from app.wishlist import alerts

log = logging.getLogger(__name__)
PATIENCE = 45.0
SILENT = 3
OPEN = text("SELECT status = 'pending' FROM payments WHERE id = :id")
DUE = text(
    """
    SELECT p.id, p.md5, p.expires_at + make_interval(secs => :grace) <= now() AS over,
        p.expires_at + interval '30 minutes' <= now() AS long_over
    FROM payments p
    WHERE p.status = 'pending' AND p.expires_at IS NOT NULL
        AND (p.md5 IS NOT NULL OR p.expires_at + make_interval(secs => :grace) <= now())
        AND NOT EXISTS (SELECT FROM bank_slips s WHERE s.payment_id = p.id AND s.status = 'waiting')
    ORDER BY p.expires_at, p.id LIMIT 500
    """
)
CLOSED = text(
    """
    SELECT p.id FROM payments p
    LEFT JOIN LATERAL (
        SELECT count(*) AS looks FROM payment_events e WHERE e.payment_id = p.id AND e.kind = 'looked'
    ) e ON true
    WHERE p.status IN ('expired', 'cancelled') AND p.md5 IS NOT NULL AND p.tx_hash IS NULL
        AND p.updated_at > now() - interval '3 days'
        AND p.updated_at + make_interval(secs => (ARRAY[60, 600, 3600, 86400])[e.looks + 1]) <= now()
    ORDER BY p.updated_at, p.id LIMIT 100
    """
)
LOOKED = text("INSERT INTO payment_events (payment_id, kind) VALUES (:id, 'looked')")


def check(payment_id: int, tries: int = 0) -> str:
    """Ask once, and again later while the payment is open; how the provider said it stands."""
    status, _ = asking.ask(payment_id)
    still_open = scalar(OPEN, {"id": payment_id})
    db.session.rollback()
    if still_open:
        asking.follow(payment_id, tries + 1)
    return status.state


def sweep(run: Run | None = None) -> dict[str, int]:
    """Ask about everything open or closed lately and end what was not paid in time; what was done.

    It alone is enough when Redis has lost every other check. A bank that is silent delays the end by half an hour.
    """
    del run
    counts = {"asked": 0, "paid": 0, "held": 0, "expired": 0}
    bank = Bank(counts)
    for payment in rows(DUE, {"grace": settling.GRACE}):
        try:
            _look_at(payment, bank)
        except Exception:
            db.session.rollback()
            log.exception("payment %s could not be looked at", payment.id)
    for payment in rows(CLOSED):
        if bank.ask(payment.id) != "unknown":
            db.session.execute(LOOKED, {"id": payment.id})
            db.session.commit()
    return counts


class Bank:
    """The provider during one sweep: not asked any more once it is silent or time is up."""

    def __init__(self, counts: dict[str, int]) -> None:
        self.counts = counts
        self.until = time.monotonic() + PATIENCE
        self.silent = 0

    def ask(self, payment_id: int) -> str:
        """The state of a payment, `unknown` without asking when asking is useless."""
        if self.silent >= SILENT or time.monotonic() > self.until:
            return "unknown"
        status, outcome = asking.ask(payment_id)
        self.silent = self.silent + 1 if status.state == "unknown" else 0
        self.counts["asked"] += 1
        if outcome in self.counts:
            self.counts[outcome] += 1
        return status.state


def _look_at(payment: Row[Any], bank: Bank) -> None:
    state = bank.ask(payment.id) if payment.md5 else "pending"
    if payment.over and (state != "unknown" or payment.long_over):
        bank.counts["expired"] += patiently(lambda: _end(payment.id)) == "expired"


def _end(payment_id: int) -> str:
    ended = settling.expire(payment_id)
    alerts.came_back(ended.came_back)
    return ended.outcome
