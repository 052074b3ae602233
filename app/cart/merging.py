"""A guest's bag joins the user's at sign-in: quantities add up as far as stock and the limit of a line allow."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text

from app.accounts.owners import Owner
from app.cart import basket
from app.core import db

LOCK = text("SELECT id, coupon_code FROM carts WHERE guest_token_hash = :guest FOR UPDATE")
MERGE = text(
    """
    WITH brought AS (
        SELECT l.product_id, p.name_en, p.name_kh, l.quantity + coalesce(mine.quantity, 0) AS wanted,
            l.unit_price_seen, coalesce(mine.quantity, 0) AS had,
            CASE WHEN p.track_inventory AND NOT p.allow_backorders AND p.stock > p.allocated
                THEN least(:limit, p.stock - p.allocated) ELSE :limit END AS most
        FROM shopping_cart l JOIN products p ON p.id = l.product_id
        LEFT JOIN shopping_cart mine ON mine.cart_id = :cart_id AND mine.product_id = l.product_id
        WHERE l.cart_id = :guests
    ), put AS (
        INSERT INTO shopping_cart (cart_id, user_id, product_id, quantity, unit_price_seen)
        SELECT :cart_id, :user_id, product_id, least(wanted, greatest(most, had)), unit_price_seen FROM brought
        ON CONFLICT (cart_id, product_id) DO UPDATE SET quantity = excluded.quantity, updated_at = now()
    )
    SELECT name_en, name_kh, wanted, least(wanted, greatest(most, had)) AS kept, had FROM brought ORDER BY product_id
    """
)
COUPON = text("UPDATE carts SET coupon_code = coalesce(coupon_code, :code) WHERE id = :cart_id")
DROP = text("DELETE FROM carts WHERE id = :id")


@dataclass(frozen=True)
class Merged:
    """What a guest's bag brought along: units that are in the user's bag now, and the lines that did not fit whole."""

    units: int = 0
    capped: tuple[Row[Any], ...] = ()


def merge(guest: str, user_id: int) -> Merged:
    """Empty the guest's bag (digest of the cookie) into the user's. A second call finds nothing. The caller commits."""
    theirs = db.row(LOCK, {"guest": guest})
    if theirs is None:
        return Merged()
    cart_id = basket.opened(Owner(user_id=user_id))
    facts = {"cart_id": cart_id, "user_id": user_id, "guests": theirs.id, "limit": basket.LINE_LIMIT}
    lines = db.rows(MERGE, facts)
    if theirs.coupon_code:
        db.db.session.execute(COUPON, {"cart_id": cart_id, "code": theirs.coupon_code})
    db.db.session.execute(DROP, {"id": theirs.id})
    capped = tuple(line for line in lines if line.kept < line.wanted)
    return Merged(sum(line.kept - line.had for line in lines), capped)
