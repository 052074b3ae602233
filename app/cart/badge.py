"""The number on the bag: cached in Redis a cart, counted in PostgreSQL when Redis does not know."""

from typing import cast

from app.accounts import owners
from app.accounts.owners import Owner
from app.core import db, redis
from app.core.prepared import prepared

SECONDS = 86400
COUNT = prepared(
    "SELECT coalesce(sum(l.quantity), 0) FROM carts c JOIN shopping_cart l ON l.cart_id = c.id"
    " WHERE (c.guest_token_hash = :guest OR c.user_id = :user_id) AND c.expires_at > now()"
)


def _key(owner: Owner) -> str:
    return f"shop:cart:{owner.key}:count"


def count() -> int:
    """Units in the visitor's bag; no statement where Redis knows, none without a cookie."""
    owner = owners.current()
    if not owner:
        return 0
    kept = redis.ask(lambda r: cast(bytes | None, r.get(_key(owner))), None)
    if kept is not None:
        return int(kept)
    counted = int(db.scalar(COUNT, owner.params))
    keep(owner, counted)
    return counted


def keep(owner: Owner, units: int) -> None:
    """Remember the number after a change was committed."""
    redis.ask(lambda r: r.set(_key(owner), units, ex=SECONDS), None)


def forget(owner: Owner) -> None:
    """Count anew at the next page."""
    redis.ask(lambda r: r.delete(_key(owner)), None)
