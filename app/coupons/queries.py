"""Reads of coupons and their uses, and giving a use back."""

from datetime import date
from typing import Any

from sqlalchemy import (
    Row,
    ScalarSelect,
    Select,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.sql.elements import ColumnElement

from app.core.db import db
from app.coupons.models import Coupon, CouponUsage
from app.coupons.rules import Offer

TODAY: ColumnElement[date] = literal_column("CAST(now() AT TIME ZONE 'Asia/Phnom_Penh' AS date)")
SHELVES: ColumnElement[list[str]] = literal_column(
    "CASE WHEN cardinality(coupons.applicable_categories) > 0 THEN ARRAY("
    "WITH RECURSIVE shelf AS ("
    "SELECT id, slug FROM categories WHERE slug = ANY(coupons.applicable_categories)"
    " UNION SELECT c.id, c.slug FROM categories c JOIN shelf ON c.parent_id = shelf.id)"
    " SELECT slug FROM shelf) END"
)
RELEASE = text(
    """
    WITH freed AS (
        UPDATE coupon_usage SET released_at = now() WHERE order_id = :id AND released_at IS NULL RETURNING coupon_id
    )
    UPDATE coupons SET used_count = greatest(used_count - 1, 0)
    FROM freed WHERE coupons.id = freed.coupon_id
    """
)


def offers() -> Select[Any]:
    """The columns of which `offer` makes an Offer; add what chooses the coupon."""
    table = Coupon.__table__.c
    return select(
        table.id.label("coupon_id"), table.code, table.name_en, table.name_kh, table.description_en,
        table.description_kh, table.type, table.value, table.max_discount, table.min_order_value,
        table.applicable_products, SHELVES.label("shelves"), table.used_count, table.usage_limit,
        table.usage_limit_per_user, table.is_first_time_only, table.status, table.start_date, table.end_date,
        TODAY.label("today"),
    )  # fmt: skip


def offer(row: Row[Any] | None) -> Offer | None:
    """The Offer in a row of `offers`, None where the row holds none."""
    if row is None or row.coupon_id is None:
        return None
    return Offer(
        id=row.coupon_id,
        code=row.code,
        name_en=row.name_en,
        name_kh=row.name_kh,
        description_en=row.description_en,
        description_kh=row.description_kh,
        kind=row.type,
        value=row.value,
        most=row.max_discount,
        least=row.min_order_value,
        products=_set(row.applicable_products or None),
        shelves=_set(row.shelves),
        used=row.used_count,
        limit=row.usage_limit,
        limit_each=row.usage_limit_per_user,
        first_only=row.is_first_time_only,
        status=row.status,
        starts=row.start_date,
        ends=row.end_date,
        today=row.today,
    )


def _set(values: list[Any] | None) -> frozenset[Any] | None:
    return None if values is None else frozenset(values)


def by_code(code: str) -> Offer | None:
    """The coupon with this code. One statement."""
    return offer(db.session.execute(offers().where(Coupon.code == code)).first())


def uses(coupon_id: Any) -> ScalarSelect[int]:
    """How often a customer (:user_id, :mailbox, :phone; null matches nothing) uses a coupon in live orders."""
    use = CouponUsage.__table__.c
    whose = or_(
        use.user_id == bindparam("user_id"),
        use.email == bindparam("mailbox"),
        use.phone == bindparam("phone"),
    )
    return (
        select(func.count())
        .select_from(CouponUsage)
        .where(use.coupon_id == coupon_id, use.released_at.is_(None), whose)
        .scalar_subquery()
    )


def release(order_id: int) -> None:
    """Give back the use that an order made, once however often it is asked. One statement."""
    db.session.execute(RELEASE, {"id": order_id})
