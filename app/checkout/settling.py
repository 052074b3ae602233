"""What happens to a payment: money arrives, does not fit, is confirmed by staff, or never comes. One function each.

Every function locks the order, then the payment, and is safe to repeat; the caller commits. Nothing here asks a bank.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, text

from app.checkout.payments.provider import Status
from app.core.db import db, row, scalar
from app.core.errors import NotFound, Refused
from app.messaging import outbox
from app.orders import ledgers, lifecycle
from app.orders.payment_models import BankSlip

GRACE = 20  # seconds after a code's end in which a payment of its last second may still be on its way

MOST_SLIPS = 5

LOCK_ORDER = text(
    "SELECT o.id, o.order_number, o.status, o.user_id, o.payment_status FROM orders o"
    " WHERE o.id = (SELECT order_id FROM payments WHERE id = :id) FOR UPDATE"
)
LOCK_PAYMENT = text(
    """
    SELECT p.*, p.expires_at + make_interval(secs => :grace) <= now() AS over,
        EXISTS (SELECT FROM bank_slips s WHERE s.payment_id = p.id AND s.status = 'waiting') AS slip_waits
    FROM payments p WHERE p.id = :id FOR UPDATE
    """
)
LOCK_HASH = text("SELECT pg_advisory_xact_lock(hashtextextended('tx:' || :hash, 0))")
USED = text("SELECT id FROM payments WHERE tx_hash = :hash AND id <> :id")
PAID = text(
    "UPDATE payments SET status = 'paid', paid_at = now(), updated_at = now(), tx_hash = coalesce(:hash, tx_hash),"
    " evidence = coalesce(CAST(:evidence AS jsonb), evidence) WHERE id = :id"
)
KEEP = text(
    "UPDATE payments SET updated_at = now(), tx_hash = coalesce(tx_hash, :hash),"
    " evidence = coalesce(evidence, CAST(:evidence AS jsonb)) WHERE id = :id"
)
DROP_OTHERS = text(
    "UPDATE payments SET status = 'cancelled', updated_at = now()"
    " WHERE order_id = :order_id AND id <> :id AND status = 'pending'"
)
END = text("UPDATE payments SET status = :status, updated_at = now() WHERE id = :id")
TELL = text(
    "INSERT INTO payment_events (payment_id, kind, event_key, actor_id, data)"
    " VALUES (:id, :kind, :key, :actor_id, CAST(:data AS jsonb)) ON CONFLICT (event_key) DO NOTHING RETURNING id"
)
TELL_ORDER = text(
    "INSERT INTO order_events (order_id, kind, actor_id, data)"
    " VALUES (:id, 'payment_held', NULL, CAST(:data AS jsonb))"
)
OTHER_PAID = text(
    "SELECT EXISTS (SELECT FROM payments WHERE order_id = :order_id AND id <> :id AND status = 'paid')"
)
OTHER_HOPE = text(
    "SELECT EXISTS (SELECT FROM payments WHERE order_id = :order_id AND id <> :id AND status IN ('pending', 'paid'))"
)
SLIPS = text("SELECT count(*) FROM bank_slips WHERE payment_id = :id")
JUDGE_SLIPS = text(
    "UPDATE bank_slips SET status = :status, reviewed_by = :actor_id, reviewed_at = now()"
    " WHERE payment_id = :id AND status = 'waiting' RETURNING id"
)


@dataclass(frozen=True)
class Settled:
    """What became of it: `outcome` paid, held, expired or nothing; the products that came back on sale."""

    outcome: str
    number: str
    came_back: tuple[int, ...] = ()


def settle(payment_id: int, status: Status) -> Settled:
    """Write down what a provider found: paid counts once, money that does not fit is kept. Raises NotFound."""
    order, payment = _lock(payment_id)
    found = status.evidence.get("transaction")
    if status.state not in {"paid", "failed", "expired"} or not isinstance(found, Mapping):
        return Settled("nothing", order.order_number)
    mark = str(found["hash"])
    if payment.status == "paid" and payment.tx_hash == mark:
        return Settled("nothing", order.order_number)
    db.session.execute(LOCK_HASH, {"hash": mark})
    problem = _problem(order, payment, status, mark)
    if problem:
        return _hold(order, payment, mark, problem, found)
    return _accept(order, payment, hash=mark, evidence=json.dumps(found))


def add_slip(payment_id: int, image_url: str, reference: str | None) -> Settled:
    """A slip waits for staff, and the order with it. Raises NotFound, Refused when nothing is to be paid any more."""
    order, payment = _lock(payment_id)
    if payment.status != "pending" or order.status in {"cancelled", "refunded"}:
        raise Refused(_l("Nothing is to be paid for this order any more."))
    if int(scalar(SLIPS, {"id": payment.id})) >= MOST_SLIPS:
        raise Refused(_l("We have enough photos of this payment. Please call us if something is wrong."))
    db.session.add(BankSlip(payment_id=payment.id, image_url=image_url, reference=reference or None))
    db.session.flush()
    _tell(payment, "slip", {"image_url": image_url, "reference": reference})
    return Settled("nothing", order.order_number)


def approve(payment_id: int, actor_id: int | None = None) -> Settled:
    """Staff have seen the money: the payment counts. Raises NotFound, Refused."""
    order, payment = _lock(payment_id)
    if payment.status == "paid":
        return Settled("nothing", order.order_number)
    if order.status in {"cancelled", "refunded"}:
        raise Refused(_l("This order is closed. Please give the money back by hand and note it."))
    if scalar(OTHER_PAID, {"order_id": order.id, "id": payment.id}):
        raise Refused(_l("This order is paid already."))
    db.session.execute(JUDGE_SLIPS, {"id": payment.id, "status": "accepted", "actor_id": actor_id})
    return _accept(order, payment, actor_id)


def reject(payment_id: int, reason: str, actor_id: int | None = None) -> Settled:
    """Staff do not find the money of the slips that wait. Raises NotFound, Refused when none waits."""
    order, payment = _lock(payment_id)
    judged = {"id": payment.id, "status": "rejected", "actor_id": actor_id}
    if scalar(JUDGE_SLIPS, judged) is None:
        raise Refused(_l("No slip waits for this payment."))
    _tell(payment, "slip_rejected", {"reason": reason}, actor_id=actor_id)
    return Settled("nothing", order.order_number)


def resolve(payment_id: int, note: str, actor_id: int | None = None) -> Settled:
    """Staff have dealt with money that was kept, for example sent it back. Raises NotFound."""
    order, payment = _lock(payment_id)
    _tell(payment, "resolved", {"note": note}, actor_id=actor_id)
    return Settled("nothing", order.order_number)


def expire(payment_id: int) -> Settled:
    """End a payment whose time is over, and its order with it when nothing else can pay for it. Raises NotFound.

    Does nothing while a slip waits for staff, and nothing twice.
    """
    order, payment = _lock(payment_id)
    if payment.status != "pending" or not payment.over or payment.slip_waits:
        return Settled("nothing", order.order_number)
    db.session.execute(END, {"id": payment.id, "status": "expired"})
    _tell(payment, "expired", {})
    if order.status != "pending" or scalar(OTHER_HOPE, {"order_id": order.id, "id": payment.id}):
        ledgers.settle(order.id)
        return Settled("expired", order.order_number)
    moved = lifecycle.cancel(order.order_number, reason="expired")
    return Settled("expired", order.order_number, tuple(moved.came_back))


def _lock(payment_id: int) -> tuple[Row[Any], Row[Any]]:
    order = row(LOCK_ORDER, {"id": payment_id})
    payment = row(LOCK_PAYMENT, {"id": payment_id, "grace": GRACE})
    if order is None or payment is None:
        raise NotFound(_l("We could not find that payment."))
    return order, payment


def _problem(order: Row[Any], payment: Row[Any], status: Status, mark: str) -> str | None:
    """Why this money cannot count: a word of the provider, duplicate, or late. None when it counts."""
    if scalar(USED, {"hash": mark, "id": payment.id}):
        return "duplicate"
    if status.state != "paid":
        return str(status.evidence.get("problem") or status.state)
    if payment.status == "paid" or scalar(OTHER_PAID, {"order_id": order.id, "id": payment.id}):
        return "duplicate"
    return "late" if order.status in {"cancelled", "refunded"} else None


def _hold(order: Row[Any], payment: Row[Any], mark: str, problem: str, found: Mapping[str, Any]) -> Settled:
    """Keep the evidence of money that does not count, once for each transaction, and show it to staff."""
    told = {"problem": problem, "transaction": dict(found)}
    if not _tell(payment, f"held_{problem}", told, key=f"held:{payment.id}:{mark}"):
        return Settled("nothing", order.order_number)
    claim = None if payment.tx_hash or scalar(USED, {"hash": mark, "id": payment.id}) else mark
    db.session.execute(KEEP, {"id": payment.id, "hash": claim, "evidence": json.dumps(told)})
    db.session.execute(
        TELL_ORDER, {"id": order.id, "data": json.dumps({"problem": problem, "payment_id": payment.id})}
    )
    return Settled("held", order.order_number)


def _accept(
    order: Row[Any],
    payment: Row[Any],
    actor_id: int | None = None,
    hash: str | None = None,  # noqa: A002 - the column's name
    evidence: str | None = None,
) -> Settled:
    db.session.execute(PAID, {"id": payment.id, "hash": hash, "evidence": evidence})
    db.session.execute(DROP_OTHERS, {"id": payment.id, "order_id": order.id})
    _tell(payment, "paid", {"hash": hash} if hash else {}, actor_id=actor_id)
    if order.status == "pending":
        lifecycle.confirm(order.order_number, actor_id)
    else:
        ledgers.settle(order.id)
        ledgers.recount([order.user_id] if order.user_id else [])
    outbox.put("order_paid", {"order_id": order.id}, f"order_paid:{order.id}")
    return Settled("paid", order.order_number)


def _tell(
    payment: Row[Any],
    kind: str,
    data: Mapping[str, Any],
    key: str | None = None,
    actor_id: int | None = None,
) -> bool:
    params = {"id": payment.id, "kind": kind, "key": key, "actor_id": actor_id, "data": json.dumps(data)}
    return scalar(TELL, params) is not None
