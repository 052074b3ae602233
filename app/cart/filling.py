"""Several products at once into the bag."""

from collections.abc import Sequence

from sqlalchemy import text

from app.accounts.owners import Owner
from app.cart import basket
from app.core import db

FILL = text(
    """
    INSERT INTO shopping_cart (cart_id, user_id, product_id, quantity, unit_price_seen)
    SELECT :cart_id, :user_id, p.id, 1, p.price FROM products p
    WHERE p.id = ANY(:products) AND p.status = 'active'
      AND (NOT p.track_inventory OR p.allow_backorders OR p.stock > p.allocated)
    ORDER BY p.id ON CONFLICT DO NOTHING RETURNING product_id
    """
)


def fill(owner: Owner, products: Sequence[int]) -> tuple[int, list[int]]:
    """Add one of each that can be bought and is not yet in the bag; cart id and what was added. Two statements."""
    cart_id = basket.opened(owner)
    wanted = {"cart_id": cart_id, "user_id": owner.user_id, "products": list(products)}
    return cart_id, [row.product_id for row in db.rows(FILL, wanted)]
