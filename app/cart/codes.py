"""The code that a bag carries: put in, taken out, and leaving with the last line that it is for."""

from dataclasses import replace

from sqlalchemy import text

from app.cart.basket import BasketView
from app.core.db import db
from app.coupons import queries

CARRY = text(
    "UPDATE carts SET coupon_code = :code, version = version + 1, updated_at = now() WHERE id = :cart_id"
)


def carry(cart_id: int, code: str | None) -> None:
    """Let a cart carry this code in place of any other, None for no code. One statement."""
    db.session.execute(CARRY, {"cart_id": cart_id, "code": code})


def settle(bag: BasketView) -> tuple[BasketView, str | None]:
    """The bag after a change, and the code that had to leave it because no line is left that it is for."""
    if bag.id is None or bag.coupon_code is None:
        return bag, None
    offer = queries.by_code(bag.coupon_code)
    if offer and any(offer.covers(line.product_id, line.shelves) for line in bag.lines):
        return bag, None
    carry(bag.id, None)
    return replace(bag, coupon_code=None), bag.coupon_code
