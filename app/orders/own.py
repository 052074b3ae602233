"""A person's own orders: the list, ordering the same again, and taking in an order that was placed as a guest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, text

from app.accounts.owners import Owner
from app.cart import basket
from app.core import db
from app.core.errors import NotFound
from app.core.i18n import pick
from app.orders import ledgers, purchases, queries

SIZE = 10
SOME = """
    SELECT o.id, o.order_number, o.access_version, o.status, o.payment_status, o.payment_method, o.total,
        o.exchange_rate, o.placed_at, o.delivered_at, sum(i.quantity) AS units,
        json_agg(json_build_object('image_url', i.product_image_url, 'tint', p.tint) ORDER BY i.id) AS pictures,
        EXISTS (
            SELECT FROM bank_slips s JOIN payments y ON y.id = s.payment_id
            WHERE y.order_id = o.id AND s.status = 'waiting'
        ) AS slip_waits, (
            SELECT e.kind LIKE 'held%' FROM payment_events e JOIN payments y ON y.id = e.payment_id
            WHERE y.order_id = o.id AND (e.kind LIKE 'held%' OR e.kind IN ('resolved', 'paid'))
            ORDER BY e.id DESC LIMIT 1
        ) AS money_held,
        count(*) OVER () AS orders
    FROM orders o JOIN order_items i ON i.order_id = o.id JOIN products p ON p.id = i.product_id
    WHERE o.user_id = :user_id
    GROUP BY o.id ORDER BY o.placed_at DESC, o.id DESC LIMIT :size OFFSET :first
"""
PAGE = text(SOME)
ORDER = text("SELECT id FROM orders WHERE order_number = :number AND user_id = :user_id")
AGAIN = text(
    """
    WITH wanted AS (
        SELECT i.product_id, sum(i.quantity) AS units, min(i.id) AS place,
            min(i.product_name) AS sold_en, min(i.product_name_kh) AS sold_kh
        FROM order_items i WHERE i.order_id = :order_id GROUP BY i.product_id
    ), possible AS (
        SELECT w.*, p.price, coalesce(p.name_en, w.sold_en) AS name_en, coalesce(p.name_kh, w.sold_kh) AS name_kh,
            coalesce(l.quantity, 0) AS had,
            CASE WHEN p.status <> 'active' THEN 0
                WHEN p.track_inventory AND NOT p.allow_backorders THEN greatest(p.stock - p.allocated, 0)
                ELSE :limit END AS available
        FROM wanted w JOIN products p ON p.id = w.product_id
        LEFT JOIN shopping_cart l ON l.cart_id = :cart_id AND l.product_id = w.product_id
    ), put AS (
        INSERT INTO shopping_cart (cart_id, user_id, product_id, quantity, unit_price_seen)
        SELECT :cart_id, :user_id, product_id, least(had + units, :limit, available), price
        FROM possible WHERE least(had + units, :limit, available) > had
        ON CONFLICT (cart_id, product_id) DO UPDATE
        SET quantity = excluded.quantity, unit_price_seen = excluded.unit_price_seen, updated_at = now()
    )
    SELECT name_en, name_kh, units, available, greatest(least(had + units, :limit, available) - had, 0) AS added
    FROM possible ORDER BY place
    """
)
CLAIM = text(
    """
    WITH taken AS (
        UPDATE orders SET user_id = :user_id, updated_at = now() WHERE id = :id AND user_id IS NULL RETURNING id
    ), used AS (UPDATE coupon_usage SET user_id = :user_id FROM taken WHERE order_id = taken.id)
    SELECT id FROM taken
    """
)


@dataclass(frozen=True)
class Reordered:
    """What came into the bag: units, and a sentence for each product that did not come whole."""

    cart_id: int
    units: int
    missed: list[str]


def page(user_id: int, number: int = 1, size: int = SIZE) -> Sequence[Row[Any]]:
    """A person's orders, newest first, each with the pictures of its lines; `orders` is how many there are."""
    return db.rows(PAGE, {"user_id": user_id, "size": size, "first": (number - 1) * size})


def link(order: Row[Any]) -> dict[str, str]:
    """What the address of an order's page is made of."""
    return {
        "number": order.order_number,
        "token": queries.signature(order.order_number, order.access_version),
    }


def reorder(user_id: int, number: str) -> Reordered:
    """Put what an order of this person held into their bag, as far as it can be had. Three statements.

    Raises NotFound, also for other people's orders.
    """
    order_id = db.scalar(ORDER, {"number": number, "user_id": user_id})
    if order_id is None:
        raise NotFound(_l("We could not find that order."))
    cart_id = basket.opened(Owner(user_id=user_id))
    facts = {"order_id": order_id, "cart_id": cart_id, "user_id": user_id, "limit": basket.LINE_LIMIT}
    lines = db.rows(AGAIN, facts)
    return Reordered(
        cart_id=cart_id,
        units=sum(line.added for line in lines),
        missed=[_missed(line) for line in lines if line.added < line.units],
    )


def _missed(line: Row[Any]) -> str:
    name = pick(line, "name")
    if not line.available:
        return str(_("%(name)s could not come along: it is sold out or no longer made.", name=name))
    if not line.added:
        return str(_("%(name)s is in your bag already, as many as you can have.", name=name))
    return str(_("%(name)s: only %(n)s came along, more you cannot have.", name=name, n=line.added))


def claim(user_id: int, number: str, token: str | None) -> bool:
    """Take an order that was placed as a guest into the account of whoever holds its link; False when it has an owner.

    Raises NotFound for a wrong link.
    """
    order_id = queries.by_token(number, token).order.id
    if db.scalar(CLAIM, {"id": order_id, "user_id": user_id}) is None:
        return False
    ledgers.recount([user_id])
    purchases.verify(order_id)
    return True
