"""Giving money back: never more than was paid, delivery once, the row before the money leaves; staff hand it over."""

import json
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, text

from app.core import money
from app.core.db import db, row, rows, scalar
from app.core.errors import NotFound, Refused
from app.messaging import outbox
from app.orders import ledgers, lifecycle

LOCK = text(
    """
    SELECT o.id, o.order_number, o.status, o.user_id, o.shipping_amount - coalesce((
        SELECT sum(r.shipping_amount) FROM refunds r WHERE r.order_id = o.id AND r.status <> 'failed'), 0) AS delivery
    FROM orders o WHERE o.order_number = :number FOR UPDATE
    """
)
LEFT = text(
    """
    SELECT p.id, p.amount - coalesce((
        SELECT sum(r.amount) FROM refunds r WHERE r.payment_id = p.id AND r.status <> 'failed'), 0) AS amount
    FROM payments p WHERE p.order_id = :id AND p.status = 'paid' ORDER BY p.id FOR UPDATE
    """
)
GIVE = text(
    "INSERT INTO refunds (payment_id, order_id, amount, shipping_amount, reason, actor_id)"
    " VALUES (:payment_id, :order_id, :amount, :delivery, :reason, :actor_id) RETURNING id"
)
TELL = text(
    "INSERT INTO order_events (order_id, kind, actor_id, data) VALUES (:id, 'refund', :actor_id, CAST(:data AS jsonb))"
)
DONE = text(
    "UPDATE refunds SET status = 'done', done_at = now(), provider_ref = :reference WHERE id = :id"
    " AND status = 'pending' RETURNING id"
)
CLOSE = text(
    "UPDATE return_requests SET status = 'closed', refund_id = :refund_id, updated_at = now() WHERE id = :id"
)
RETURNED = text(
    """
    SELECT i.id, (asked->>'quantity')::int AS units, i.quantity,
        i.total_price - i.discount_amount + i.tax_amount AS paid
    FROM return_requests r CROSS JOIN jsonb_array_elements(r.items) asked
    JOIN order_items i ON i.id = (asked->>'order_item_id')::int AND i.order_id = r.order_id
    WHERE r.id = :id AND r.order_id = :order_id AND r.status IN ('approved', 'received') ORDER BY i.id
    """
)
COUNT = text("UPDATE order_items SET refunded_quantity = refunded_quantity + :units WHERE id = :id")


def give(
    number: str,
    amount: Decimal | None = None,
    reason: str = "",
    delivery: Decimal = Decimal(0),
    actor_id: int | None = None,
) -> Decimal:
    """Give back `amount` dollars (None: all that is left), `delivery` of it for the parcel; what is given back.

    An order that was delivered and gets everything back is refunded. Raises NotFound, Refused.
    """
    order = _order(number)
    return _give(order, amount, reason, delivery, actor_id)[0]


def for_return(request_id: int, number: str, actor_id: int | None = None) -> Decimal:
    """Give back what the buyer paid for the goods of an approved return, and close it. Raises NotFound, Refused."""
    order = _order(number)
    goods = rows(RETURNED, {"id": request_id, "order_id": order.id})
    if not goods:
        raise NotFound(_l("No return waits under this number."))
    amount = sum((money.cents(one.paid * one.units / one.quantity) for one in goods), Decimal(0))
    given, refund_id = _give(order, amount, f"return {request_id}", Decimal(0), actor_id)
    for one in goods:
        db.session.execute(COUNT, {"id": one.id, "units": one.units})
    db.session.execute(CLOSE, {"id": request_id, "refund_id": refund_id})
    return given


def done(refund_id: int, reference: str | None = None) -> None:
    """The money has left. Raises NotFound when nothing waits under this id."""
    if scalar(DONE, {"id": refund_id, "reference": reference or None}) is None:
        raise NotFound(_l("No refund waits under this number."))


def _order(number: str) -> Row[Any]:
    order = row(LOCK, {"number": number})
    if order is None:
        raise NotFound(_l("We could not find that order."))
    return order


def _give(
    order: Row[Any], amount: Decimal | None, reason: str, delivery: Decimal, actor_id: int | None
) -> tuple[Decimal, int]:
    payments = [one for one in rows(LEFT, {"id": order.id}) if one.amount > 0]
    left = sum((one.amount for one in payments), Decimal(0))
    wanted = left if amount is None else money.cents(amount)
    if not 0 < wanted <= left or not 0 <= delivery <= min(wanted, order.delivery):
        raise Refused(_l("That is more than was paid."))
    ids, rest, parcel = [], wanted, delivery
    for payment in payments:
        part = min(rest, payment.amount)
        facts = {
            "payment_id": payment.id,
            "order_id": order.id,
            "reason": reason or None,
            "actor_id": actor_id,
        }
        if part:
            share = min(parcel, part)
            ids.append(int(scalar(GIVE, {**facts, "amount": part, "delivery": share})))
            rest, parcel = rest - part, parcel - share
    _tell(order, ids, wanted, actor_id)
    if order.status == "delivered" and wanted == left:
        lifecycle.refund(order.order_number, actor_id)
    else:
        ledgers.settle(order.id)
        if order.user_id:
            ledgers.recount([order.user_id])
    return wanted, ids[0]


def _tell(order: Row[Any], ids: list[int], amount: Decimal, actor_id: int | None) -> None:
    data = json.dumps({"amount": str(amount), "refund_ids": ids})
    db.session.execute(TELL, {"id": order.id, "actor_id": actor_id, "data": data})
    outbox.put("order_refunded", {"order_id": order.id, "amount": str(amount)}, f"order_refunded:{ids[0]}")
