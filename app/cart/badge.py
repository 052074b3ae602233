"""The number on the bag: cached in Redis a cart, counted in PostgreSQL when Redis does not know."""

from typing import cast

from sqlalchemy import text

from app.cart import basket
from app.core import db, redis

SECONDS = 86400
COUNT = text(
    "SELECT coalesce(sum(l.quantity), 0) FROM carts c JOIN shopping_cart l ON l.cart_id = c.id"
    " WHERE c.guest_token_hash = :guest AND c.expires_at > now()"
)


def _key(token: str) -> str:
    return f"shop:cart:{token}:count"


def count() -> int:
    """Units in the visitor's bag; no statement where Redis knows, none without a cookie."""
    token = basket.guest()
    if token is None:
        return 0
    kept = redis.ask(lambda r: cast(bytes | None, r.get(_key(token))), None)
    if kept is not None:
        return int(kept)
    counted = int(db.scalar(COUNT, {"guest": token}))
    keep(token, counted)
    return counted


def keep(token: str, units: int) -> None:
    """Remember the number after a change was committed."""
    redis.ask(lambda r: r.set(_key(token), units, ex=SECONDS), None)


def forget(token: str) -> None:
    """Count anew at the next page."""
    redis.ask(lambda r: r.delete(_key(token)), None)
