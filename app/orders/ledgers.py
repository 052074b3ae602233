"""What follows from the ledgers of payments, refunds and parcels; nothing else writes these columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text

from app.core.db import db, rows

COUNTED = frozenset({"confirmed", "processing", "shipped", "delivered"})
SETTLE = text(
    """
    WITH sent AS (
        SELECT i.id, i.quantity,
            coalesce(sum(s.quantity) FILTER (WHERE p.status IN ('prepared', 'shipped', 'delivered')), 0) AS packed,
            coalesce(sum(s.quantity) FILTER (WHERE p.status IN ('shipped', 'delivered')), 0) AS shipped,
            coalesce(sum(s.quantity) FILTER (WHERE p.status = 'delivered'), 0) AS delivered
        FROM order_items i
        LEFT JOIN shipment_items s ON s.order_item_id = i.id
        LEFT JOIN shipments p ON p.id = s.shipment_id
        WHERE i.order_id = :id GROUP BY i.id
    ), filled AS (
        UPDATE order_items i SET fulfilled_quantity = sent.shipped FROM sent
        WHERE i.id = sent.id AND i.fulfilled_quantity <> sent.shipped
    ), parcels AS (
        SELECT sum(quantity) AS wanted, sum(packed) AS packed, sum(shipped) AS shipped, sum(delivered) AS delivered
        FROM sent
    ), money AS (
        SELECT coalesce(sum(amount) FILTER (WHERE status = 'paid'), 0) AS paid,
            bool_or(status = 'pending') AS waiting, count(*) AS begun, max(paid_at) AS paid_at
        FROM payments WHERE order_id = :id
    ), back AS (
        SELECT coalesce(sum(amount) FILTER (WHERE status <> 'failed'), 0) AS refunded
        FROM refunds WHERE order_id = :id
    )
    UPDATE orders o SET
        payment_status = CAST(CASE
            WHEN refunded > 0 AND refunded >= paid THEN 'refunded'
            WHEN refunded > 0 THEN 'partially_refunded'
            WHEN paid >= o.total THEN 'paid'
            WHEN paid > 0 THEN 'partially_paid'
            WHEN begun > 0 AND NOT waiting THEN 'failed'
            ELSE 'pending' END AS payment_status),
        paid_at = CASE WHEN paid >= o.total THEN money.paid_at END,
        fulfillment_status = CAST(CASE
            WHEN packed = 0 THEN 'unfulfilled'
            WHEN delivered = wanted THEN 'delivered'
            WHEN shipped = wanted THEN 'shipped'
            WHEN packed = wanted THEN 'fulfilled'
            ELSE 'partial' END AS fulfillment_status)
    FROM parcels, money, back WHERE o.id = :id
    """
)
SALES = text(
    """
    WITH lines AS (
        SELECT product_id, sum(quantity)::int AS units FROM order_items WHERE order_id = :id GROUP BY product_id
    ), locked AS MATERIALIZED (
        SELECT p.id, l.units FROM lines l JOIN products p ON p.id = l.product_id ORDER BY p.id FOR NO KEY UPDATE OF p
    )
    UPDATE products p SET sold_count = greatest(p.sold_count + :sign * locked.units, 0)
    FROM locked WHERE p.id = locked.id
    """
)
LOCK_USERS = text(
    "SELECT id FROM users WHERE CAST(:users AS int[]) IS NULL OR id = ANY(:users) ORDER BY id FOR NO KEY UPDATE"
)
RECOUNT = text(
    """
    UPDATE users SET total_orders = t.orders, total_spent = t.spent FROM (
        SELECT u.id,
            (SELECT count(*) FROM orders o WHERE o.user_id = u.id AND o.status <> 'cancelled') AS orders,
            (SELECT coalesce(sum(p.amount), 0) FROM payments p JOIN orders o ON o.id = p.order_id
                WHERE o.user_id = u.id AND p.status = 'paid')
            - (SELECT coalesce(sum(r.amount), 0) FROM refunds r JOIN orders o ON o.id = r.order_id
                WHERE o.user_id = u.id AND r.status <> 'failed') AS spent
        FROM users u WHERE CAST(:users AS int[]) IS NULL OR u.id = ANY(:users)
    ) t
    WHERE users.id = t.id AND (users.total_orders <> t.orders OR users.total_spent <> t.spent)
    RETURNING users.id, old.total_orders, old.total_spent, new.total_orders AS orders, new.total_spent AS spent
    """
)


@dataclass(frozen=True)
class Drift:
    """A user whose totals were not what the ledgers say (`orders`, `spent`)."""

    id: int
    total_orders: int
    total_spent: Decimal
    orders: int
    spent: Decimal


def settle(order_id: int) -> None:
    """Derive payment_status, fulfillment_status, paid_at and the lines' fulfilled_quantity of an order."""
    db.session.execute(SETTLE, {"id": order_id})


def count_sales(order_id: int, before: str, after: str) -> None:
    """Keep products.sold_count: units count while their order is confirmed, processing, shipped or delivered."""
    sign = (after in COUNTED) - (before in COUNTED)
    if sign:
        db.session.execute(SALES, {"id": order_id, "sign": sign})


def recount(users: Sequence[int] | None = None) -> list[Drift]:
    """Set total_orders (not cancelled) and total_spent (paid less refunded) of users, None for all; what was wrong."""
    whose = {"users": None if users is None else list(users)}
    db.session.execute(LOCK_USERS, whose)
    return [Drift(**found._asdict()) for found in rows(RECOUNT, whose)]
