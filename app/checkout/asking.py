"""Asks providers how payments stand, never inside a transaction, and writes down what they say."""

from collections.abc import Iterable

from sqlalchemy import text

from app.checkout import settling
from app.checkout.patience import patiently
from app.checkout.payments import PROVIDERS
from app.checkout.payments.provider import Status
from app.core.db import db, row
from app.core.queue import enqueue

CHECK = "app.checkout.jobs.check"
WAITS = (3, 5, 5, 10, 10, 15, 15, 20, 20, 30, 30, 45, 60)
ASKABLE = text("SELECT * FROM payments WHERE id = :id AND md5 IS NOT NULL")
NOBODY = Status("unknown", {"why": "nobody to ask"})


def ask(payment_id: int) -> tuple[Status, str]:
    """What the provider says, and what became of the payment by it: paid, held or nothing. Committed."""
    payment = row(ASKABLE, {"id": payment_id})
    db.session.rollback()
    if payment is None:
        return NOBODY, "nothing"
    status = PROVIDERS[payment.provider].check(payment._asdict())
    if "transaction" not in status.evidence:
        return status, "nothing"
    return status, patiently(lambda: settling.settle(payment_id, status)).outcome


def ask_all(payment_ids: Iterable[int]) -> None:
    """Ask about the codes of one order in turn, until one of them is paid."""
    for payment_id in payment_ids:
        if ask(payment_id)[1] == "paid":
            return


def follow(payment_id: int, tries: int = 0) -> bool:
    """Let the worker ask after a wait that grows with the tries; False without Redis (the sweep asks anyway)."""
    wait = WAITS[min(tries, len(WAITS) - 1)]
    job = f"pay:{payment_id}:{tries}"
    return enqueue(CHECK, payment_id, tries, on="high", job_id=job, timeout=60, delay=wait)
