"""What people were truly sold: the delivered lines that make a review a verified purchase."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text

from app.core.db import rows, scalar
from app.reviews import writing

DELIVERED = text(
    """
    SELECT EXISTS (SELECT 1 FROM orders o JOIN order_items i ON i.order_id = o.id
        WHERE o.user_id = :user_id AND i.product_id = :product_id AND o.status IN ('delivered', 'refunded'))
    """
)
OF_ORDER = text(
    """
    SELECT DISTINCT o.user_id, i.product_id FROM orders o JOIN order_items i ON i.order_id = o.id
    WHERE o.id = :id AND o.user_id IS NOT NULL AND o.status IN ('delivered', 'refunded')
    """
)
UNREVIEWED = text(
    """
    SELECT p.slug, p.name_en, p.name_kh, p.image_url, p.tint, max(o.delivered_at) AS delivered_at
    FROM orders o JOIN order_items i ON i.order_id = o.id JOIN products p ON p.id = i.product_id
    WHERE o.user_id = :user_id AND o.status = 'delivered' AND p.status = 'active'
      AND NOT EXISTS (SELECT 1 FROM reviews r WHERE r.user_id = :user_id AND r.product_id = p.id)
    GROUP BY p.id ORDER BY max(o.delivered_at) DESC NULLS LAST, p.id LIMIT :most
    """
)


def was_delivered(user_id: int, product_id: int) -> bool:
    """Whether a line with this product was delivered to the person (a later refund does not undo that)."""
    return bool(scalar(DELIVERED, {"user_id": user_id, "product_id": product_id}))


def verify(order_id: int) -> None:
    """What the buyer of a delivered order wrote about its products is a verified purchase from now on.

    For an order just delivered, or one that came into an account; the buyer's row is locked before the reviews.
    """
    found = rows(OF_ORDER, {"id": order_id})
    if found:
        writing.verify(found[0].user_id, [line.product_id for line in found])


def unreviewed(user_id: int, most: int = 12) -> Sequence[Row[Any]]:
    """Products that were delivered to the person, are still sold and wait for their review."""
    return rows(UNREVIEWED, {"user_id": user_id, "most": most})
