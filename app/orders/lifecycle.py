"""What may happen to an order: one table of moves, one function a move. Each locks the order, checks, writes, tells."""

from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, text

from app.core.db import db, row, scalar
from app.core.errors import NotFound, Refused
from app.coupons import queries as coupons
from app.inventory import stock
from app.orders import ledgers, purchases

MOVES: dict[str, tuple[frozenset[str], str]] = {
    "confirm": (frozenset({"pending"}), "confirmed"),
    "process": (frozenset({"confirmed"}), "processing"),
    "ship": (frozenset({"processing"}), "shipped"),
    "deliver": (frozenset({"shipped"}), "delivered"),
    "cancel": (frozenset({"pending", "confirmed", "processing", "shipped"}), "cancelled"),
    "refund": (frozenset({"delivered"}), "refunded"),
}
ON_THE_WAY_REASONS = ("refused", "lost")
BUYER_CANCELS = frozenset({"pending", "confirmed"})
MAILED = {"confirmed", "shipped", "delivered", "cancelled"}

LOCK = text(
    "SELECT id, order_number, status, user_id, total, coupon_id FROM orders WHERE order_number = :number FOR UPDATE"
)
MOVE = text(
    """
    WITH moved AS (
        UPDATE orders SET status = CAST(:to AS order_status), updated_at = now(),
            shipped_at = CASE WHEN :to = 'shipped' THEN now() ELSE shipped_at END,
            delivered_at = CASE WHEN :to = 'delivered' THEN now() ELSE delivered_at END,
            cancelled_at = CASE WHEN :to = 'cancelled' THEN now() ELSE cancelled_at END,
            tracking_number = coalesce(:tracking_number, tracking_number)
        WHERE id = :id AND status = CAST(:from AS order_status) RETURNING id
    ), told AS (
        INSERT INTO order_events (order_id, kind, from_status, to_status, actor_id, data)
        SELECT id, :kind, CAST(:from AS order_status), CAST(:to AS order_status), :actor_id,
            jsonb_strip_nulls(jsonb_build_object(
                'reason', CAST(:reason AS text), 'carrier', CAST(:carrier AS text),
                'tracking_number', CAST(:tracking_number AS text)))
        FROM moved
    ), mailed AS (
        INSERT INTO outbox (kind, payload, dedupe_key)
        SELECT 'order_' || :to, jsonb_build_object('order_id', id), 'order_' || :to || ':' || id
        FROM moved WHERE :mailed ON CONFLICT (dedupe_key) DO NOTHING
    )
    SELECT id FROM moved
    """
)
PACK = text(
    """
    WITH parcel AS (
        INSERT INTO shipments (order_id, carrier, tracking_number, status, shipped_at)
        VALUES (:id, :carrier, :tracking_number, 'shipped', now()) RETURNING id
    ), packed AS (
        INSERT INTO shipment_items (shipment_id, order_item_id, quantity)
        SELECT parcel.id, i.id, i.quantity - i.fulfilled_quantity FROM parcel, order_items i
        WHERE i.order_id = :id AND i.quantity > i.fulfilled_quantity
    )
    SELECT id FROM parcel
    """
)
ARRIVE = text(
    "UPDATE shipments SET status = :status, delivered_at = CASE WHEN :status = 'delivered' THEN now() END"
    " WHERE order_id = :id AND status = 'shipped'"
)
TAKE_CASH = text(
    "UPDATE payments SET status = 'paid', paid_at = now(), updated_at = now()"
    " WHERE order_id = :id AND method = 'cod' AND status = 'pending'"
)
DROP_PAYMENTS = text(
    "UPDATE payments SET status = 'cancelled', updated_at = now() WHERE order_id = :id AND status = 'pending'"
)


class IllegalMove(Refused):
    default = _l("This order cannot do that any more.")


@dataclass(frozen=True)
class Moved:
    """An order after a move, and the products that its units brought back on sale."""

    number: str
    status: str
    came_back: list[int] = field(default_factory=list)


def legal_moves(status: str) -> list[str]:
    """The moves that an order in this status may make."""
    return [move for move, (sources, _) in MOVES.items() if status in sources]


def confirm(number: str, actor_id: int | None = None) -> Moved:
    """Staff have spoken to the buyer, or the money is there. Raises NotFound, IllegalMove."""
    order = _begin(number, "confirm")
    _write(order, "confirm", actor_id)
    return _derive(order, "confirmed")


def process(number: str, actor_id: int | None = None) -> Moved:
    """The order is being packed. Raises NotFound, IllegalMove."""
    order = _begin(number, "process")
    _write(order, "process", actor_id)
    return _derive(order, "processing")


def ship(
    number: str, actor_id: int | None = None, carrier: str | None = None, tracking_number: str | None = None
) -> Moved:
    """All that is not sent yet leaves in one parcel and off the shelf. Raises NotFound, IllegalMove."""
    order = _begin(number, "ship")
    parcel = {"id": order.id, "carrier": carrier, "tracking_number": tracking_number}
    stock.ship(order.id, int(scalar(PACK, parcel)), actor_id)
    _write(order, "ship", actor_id, carrier=carrier, tracking_number=tracking_number)
    return _derive(order, "shipped")


def send(
    number: str, actor_id: int | None = None, carrier: str | None = None, tracking_number: str | None = None
) -> Moved:
    """`ship`, and `process` before it where that is still to do. Raises NotFound, IllegalMove."""
    order = row(LOCK, {"number": number})
    if order is not None and order.status in MOVES["process"][0]:
        process(number, actor_id)
    return ship(number, actor_id, carrier, tracking_number)


def deliver(number: str, actor_id: int | None = None) -> Moved:
    """The parcels arrived; cash due at the door was taken. Raises NotFound, IllegalMove."""
    order = _begin(number, "deliver")
    db.session.execute(ARRIVE, {"id": order.id, "status": "delivered"})
    db.session.execute(TAKE_CASH, {"id": order.id})
    _write(order, "deliver", actor_id)
    moved = _derive(order, "delivered")
    purchases.verify(order.id)
    return moved


def cancel(number: str, actor_id: int | None = None, reason: str = "") -> Moved:
    """Give back units (before dispatch) and coupon; a parcel on its way must have been `refused` or `lost`.

    Refused goods go back on the shelf by `stock.restock` only when staff say so. Raises NotFound, IllegalMove.
    """
    order = _begin(number, "cancel")
    if order.status == "shipped":
        if reason not in ON_THE_WAY_REASONS:
            raise IllegalMove(_l("A parcel on its way can be cancelled only when it was refused or lost."))
        parcel = "returned" if reason == "refused" else "lost"
        db.session.execute(ARRIVE, {"id": order.id, "status": parcel})
    db.session.execute(DROP_PAYMENTS, {"id": order.id})
    _write(order, "cancel", actor_id, reason=reason or None)
    if order.coupon_id:
        coupons.release(order.id)
    came_back = stock.release(order.id, actor_id, reason or None)
    return _derive(order, "cancelled", came_back)


def withdraw(number: str) -> Moved:
    """The buyer cancels, as long as nothing is packed. Raises NotFound, IllegalMove."""
    order = row(LOCK, {"number": number})
    if order is not None and order.status not in BUYER_CANCELS:
        raise IllegalMove(_l("We are packing this order already. Please call us."), stands=order.status)
    return cancel(number, order.user_id if order else None, reason="withdrawn")


def refund(number: str, actor_id: int | None = None) -> Moved:
    """All that was paid for a delivered order goes back (`refunds.give` does that). Raises NotFound, IllegalMove."""
    order = _begin(number, "refund")
    _write(order, "refund", actor_id)
    return _derive(order, "refunded")


def _begin(number: str, move: str) -> Row[Any]:
    order = row(LOCK, {"number": number})
    if order is None:
        raise NotFound(_l("We could not find that order."))
    if order.status not in MOVES[move][0]:
        raise IllegalMove(stands=order.status)
    return order


def _write(order: Row[Any], move: str, actor_id: int | None, **facts: str | None) -> None:
    to = MOVES[move][1]
    params: dict[str, Any] = {"reason": None, "carrier": None, "tracking_number": None, **facts}
    params |= {"id": order.id, "from": order.status, "to": to, "kind": to, "actor_id": actor_id}
    scalar(MOVE, params | {"mailed": to in MAILED})


def _derive(order: Row[Any], status: str, came_back: list[int] | None = None) -> Moved:
    ledgers.settle(order.id)
    ledgers.count_sales(order.id, order.status, status)
    if order.user_id:
        ledgers.recount([order.user_id])
    return Moved(order.order_number, status, came_back or [])
