"""Requests to hear, once, that a product is back, and the messages when it is."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import text

from app.accounts import owners
from app.core import db
from app.messaging import outbox

KIND = "back_in_stock"
PROMISE = _l("Thank you. We tell you once, when it is back.")
ASK = text(
    """
    INSERT INTO stock_alerts (product_id, user_id, email, phone, language)
    VALUES (:product_id, :user_id, :email, :phone, CAST(:language AS user_language)) ON CONFLICT DO NOTHING
    """
)
TAKE = text(
    """
    UPDATE stock_alerts a SET notified_at = now() FROM products p
    WHERE p.id = a.product_id AND a.notified_at IS NULL AND p.status = 'active'
      AND (NOT p.track_inventory OR p.allow_backorders OR p.stock > p.allocated)
      AND (CAST(:products AS int[]) IS NULL OR p.id = ANY(CAST(:products AS int[])))
    RETURNING a.id
    """
)
OLD = text("DELETE FROM stock_alerts WHERE notified_at < now() - make_interval(days => :days)")
WAITING = text(
    "SELECT EXISTS (SELECT FROM stock_alerts WHERE product_id = :product_id AND user_id = :user_id"
    " AND notified_at IS NULL)"
)


@dataclass(frozen=True)
class Reach:
    """How somebody wants to hear: by account, e-mail, or phone (E.164); `language` as the database spells it."""

    user_id: int | None = None
    email: str | None = None
    phone: str | None = None
    language: str = "en"


def ask(product_id: int, reach: Reach) -> None:
    """Wait for a product; asking twice is asking once. One statement."""
    db.db.session.execute(ASK, {"product_id": product_id, **reach.__dict__})


def waits(product_id: int, user_id: int) -> bool:
    """Whether a user asked already and was not told yet."""
    return bool(db.scalar(WAITING, {"product_id": product_id, "user_id": user_id}))


def awaited(product_id: int) -> bool:
    """Whether the visitor is known and waits for it: the product's page then says so instead of asking again."""
    user_id = owners.current().user_id
    return bool(user_id and waits(product_id, user_id))


def came_back(products: Iterable[int]) -> int:
    """Tell everybody who waits for these products, in the caller's transaction; how many. Each is told once."""
    wanted = list(products)
    return _tell(wanted) if wanted else 0


def catch_up() -> int:
    """Tell everybody who waits for anything that can be bought now, however it came to be so; how many."""
    return _tell(None)


def forget_old(days: int) -> None:
    """Forget who was told so many days ago."""
    db.db.session.execute(OLD, {"days": days})


def _tell(products: list[int] | None) -> int:
    told = db.rows(TAKE, {"products": products})
    for row in told:
        outbox.put(KIND, {"alert_id": row.id}, f"{KIND}:{row.id}")
    return len(told)
