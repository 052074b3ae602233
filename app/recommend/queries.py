"""What learning reads from PostgreSQL: the catalogue, sales and purchases. Orders lose none, whatever events do."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.core.db import db, rows, scalar

LONG = text("SELECT set_config('statement_timeout', '60000', true)")
ITEMS = text(
    "SELECT p.id, p.category, coalesce(parent.slug, p.category) AS shelf, b.slug AS brand, b.name AS brand_name,"
    " p.price, p.family_id, p.skin_concerns, p.suits::text[] AS suits, p.ingredients"
    " FROM products p JOIN categories c ON c.slug = p.category"
    " LEFT JOIN categories parent ON parent.id = c.parent_id LEFT JOIN brands b ON b.id = p.brand_id"
    " WHERE p.status = 'active' ORDER BY p.id"
)
DIGEST = text(
    "SELECT md5(string_agg(md5(concat_ws('|', p.id, p.category, c.parent_id, p.brand_id, p.price, p.family_id,"
    " p.skin_concerns, p.suits, p.ingredients)), '' ORDER BY p.id))"
    " FROM products p JOIN categories c ON c.slug = p.category WHERE p.status = 'active'"
)
LABELS = text(
    "SELECT inci_name, coalesce(label_en, inci_name) AS en, coalesce(label_kh, label_en, inci_name) AS kh"
    " FROM ingredients WHERE inci_name = ANY(:names)"
)
VERSION = text("SELECT last_value FROM catalogue_version_seq")
SALES = text(
    "SELECT oi.product_id, u.skin_type::text AS skin_type,"
    " extract(epoch FROM :now - date_trunc('day', o.placed_at)) / 86400 AS age_days,"
    " sum(least(oi.quantity - oi.refunded_quantity, 3)) AS units,"
    " count(DISTINCT coalesce(o.user_id::text, o.customer_phone, o.customer_email)) AS buyers"
    " FROM orders o JOIN order_items oi ON oi.order_id = o.id LEFT JOIN users u ON u.id = o.user_id"
    " WHERE o.status IN ('delivered', 'confirmed', 'processing', 'shipped')"
    " AND o.placed_at > :now - make_interval(days => :days) AND o.placed_at <= :now"
    " AND oi.quantity > oi.refunded_quantity GROUP BY oi.product_id, u.skin_type, date_trunc('day', o.placed_at)"
)
CHANGED = text(
    "SELECT DISTINCT user_id FROM orders WHERE user_id IS NOT NULL AND updated_at >= :since ORDER BY user_id"
)
NEWEST_CHANGE = text("SELECT max(updated_at) FROM orders")
PURCHASES = text(
    "SELECT m.user_id, m.skin_type::text AS skin_type, m.category, m.skin_concerns, m.product_id,"
    " m.purchase_count, m.avg_price, p.brand_id, p.price AS price_now"
    " FROM user_purchase_matrix m JOIN products p ON p.id = m.product_id"
    " WHERE m.user_id = ANY(:users) ORDER BY m.user_id, m.product_id"
)
BASKETS = text(
    "SELECT user_id, total, discount_amount, placed_at FROM orders WHERE user_id = ANY(:users)"
    " AND status IN ('delivered', 'confirmed', 'processing', 'shipped') ORDER BY user_id, placed_at"
)


def items() -> list[Row[Any]]:
    """Every product on sale with what makes products alike, by id."""
    db.session.execute(LONG)
    return list(rows(ITEMS))


def digest() -> str:
    """A text that changes when anything changes that similarity depends on; '' without products."""
    db.session.execute(LONG)
    return str(scalar(DIGEST) or "")


def labels(names: list[str]) -> dict[str, dict[str, str]]:
    """What to call ingredients: {"en": ..., "kh": ...} by INCI name."""
    return {row.inci_name: {"en": row.en, "kh": row.kh} for row in rows(LABELS, {"names": names})}


def catalogue_version() -> int:
    """The version that listings are built from."""
    return int(scalar(VERSION))


def sales(now: datetime, days: int) -> list[Row[Any]]:
    """product_id, skin_type or None, age_days, units (at most three an order line), buyers; a row a day."""
    db.session.execute(LONG)
    return list(rows(SALES, {"now": now, "days": days}))


def changed_customers(since: datetime, size: int) -> Iterator[list[int]]:
    """The ids of customers with an order changed since then, in lists of `size`."""
    db.session.execute(LONG)
    found = [row.user_id for row in rows(CHANGED, {"since": since})]
    for start in range(0, len(found), size):
        yield found[start : start + size]


def newest_change() -> datetime | None:
    """When an order changed last."""
    found: datetime | None = scalar(NEWEST_CHANGE)
    return found


def purchases(users: list[int]) -> list[Row[Any]]:
    """Lines of the view user_purchase_matrix, with brand and today's price."""
    return list(rows(PURCHASES, {"users": users}))


def baskets(users: list[int]) -> list[Row[Any]]:
    """Their orders by time: user_id, total, discount_amount, placed_at."""
    return list(rows(BASKETS, {"users": users}))
