"""What somebody saved for later: save, drop, list, merge at sign-in. The ids are kept in Redis for the hearts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from flask import g
from flask_babel import gettext as _
from sqlalchemy import Row, TextClause, text

from app.accounts import owners
from app.accounts.owners import Owner
from app.catalog import queries
from app.catalog.queries import Card
from app.core import db, redis
from app.core.errors import NotFound, Refused
from app.core.money import usd
from app.wishlist import removed
from app.wishlist.removed import Removed

LIMIT = 100
SECONDS = 3600
SAVE = text(
    """
    INSERT INTO wishlists (user_id, guest_token_hash, product_id, price_seen)
    SELECT :user_id, :guest, p.id, p.price FROM products p
    WHERE p.id = :product_id AND p.status = 'active'
      AND (SELECT count(*) FROM wishlists w WHERE w.user_id = :user_id OR w.guest_token_hash = :guest) < :limit
    ON CONFLICT DO NOTHING
    """
)
DROP = text(
    "DELETE FROM wishlists w"
    " WHERE (w.user_id = :user_id OR w.guest_token_hash = :guest) AND w.product_id = :product_id"
    " RETURNING product_id, price_seen, created_at"
)
RESTORE = text(
    """
    INSERT INTO wishlists (user_id, guest_token_hash, product_id, price_seen, created_at)
    SELECT :user_id, :guest, p.id, CAST(:price_seen AS numeric), :created_at FROM products p
    WHERE p.id = :product_id
      AND (SELECT count(*) FROM wishlists w WHERE w.user_id = :user_id OR w.guest_token_hash = :guest) < :limit
    ON CONFLICT DO NOTHING
    """
)
IDS = text("SELECT w.product_id FROM wishlists w WHERE w.user_id = :user_id OR w.guest_token_hash = :guest")
ITEMS = text(
    """
    SELECT p.id, p.slug, p.name_en, p.name_kh, p.price, p.image_url, p.tint, p.category, w.price_seen,
        p.status = 'active' AS sold
    FROM wishlists w JOIN products p ON p.id = w.product_id
    WHERE w.user_id = :user_id OR w.guest_token_hash = :guest ORDER BY w.created_at DESC, w.id DESC
    """
)
MERGE = text(
    """
    WITH moved AS (
        DELETE FROM wishlists WHERE guest_token_hash = :guest RETURNING product_id, price_seen, created_at
    )
    INSERT INTO wishlists (user_id, product_id, price_seen, created_at)
    SELECT :user_id, product_id, price_seen, created_at FROM moved ORDER BY created_at DESC LIMIT :limit
    ON CONFLICT DO NOTHING RETURNING id
    """
)
TAKE_LINK = text(
    "UPDATE wishlist_links SET user_id = :user_id, guest_token_hash = NULL WHERE guest_token_hash = :guest"
    " AND NOT EXISTS (SELECT FROM wishlist_links WHERE user_id = :user_id)"
)
OLD = text(
    """
    DELETE FROM wishlists w WHERE guest_token_hash IS NOT NULL AND NOT EXISTS (
        SELECT FROM wishlists n WHERE n.guest_token_hash = w.guest_token_hash
            AND n.created_at > now() - make_interval(days => :days))
    """
)


@dataclass(frozen=True)
class Item:
    """A saved product: `card` is None once it is no longer sold, `cheaper` what the price fell by since, if it did."""

    row: Row[Any]
    card: Card | None

    @property
    def cheaper(self) -> str | None:
        seen: Decimal | None = self.row.price_seen
        return usd(seen - self.row.price) if seen is not None and seen > self.row.price else None

    @property
    def buyable(self) -> bool:
        return self.card is not None and self.card.available != 0


def save(owner: Owner, product_id: int) -> list[int]:
    """Put a product on the list, once; the ids now on it. Two statements. Raises NotFound, Refused (full list)."""
    return _put(SAVE, owner, {"product_id": product_id})


def drop(owner: Owner, product_id: int) -> tuple[list[int], str | None]:
    """Take a product off the list; the ids still on it and what undoes it, None where it was not on the list.

    Two statements.
    """
    gone = db.row(DROP, {"product_id": product_id, **owner.params})
    return _ids(owner), removed.seal(owner, gone) if gone else None


def restore(owner: Owner, row: Removed) -> list[int]:
    """Put a removed row back as it was, also of a product no longer sold; the ids now on the list. Two statements.

    Raises NotFound, Refused (full list).
    """
    return _put(RESTORE, owner, vars(row))


def items(owner: Owner) -> list[Item]:
    """The list, newest first; two statements, none for a visitor who has kept nothing."""
    found = db.rows(ITEMS, owner.params) if owner else []
    cards = {card.id: card for card in queries.cards(row.id for row in found if row.sold)}
    return [Item(row, cards.get(row.id)) for row in found]


def hearts() -> frozenset[int]:
    """Ids of what this visitor saved, once a request; no statement where Redis knows or nobody is known."""
    if "hearts" not in g:
        owner = owners.current()
        g.hearts = _hearts(owner) if owner else frozenset()
    return cast(frozenset[int], g.hearts)


def keep(owner: Owner, ids: list[int]) -> None:
    """Remember the ids after a change was committed."""
    g.hearts = frozenset(ids)
    redis.ask(lambda r: r.set(_key(owner), _packed(ids), ex=SECONDS), None)


def merge(guest: str, user_id: int) -> int:
    """At sign-in the list of a guest (digest of the cookie) becomes the user's; how many were new. Idempotent."""
    owner = {"guest": guest, "user_id": user_id}
    new = len(db.rows(MERGE, owner | {"limit": LIMIT}))
    db.db.session.execute(TAKE_LINK, owner)
    keys = [_key(Owner(guest=guest)), _key(Owner(user_id=user_id))]
    redis.ask(lambda r: r.delete(*keys), None)
    g.pop("hearts", None)
    return new


def forget_old(days: int) -> None:
    """Delete the lists of guests whose cookie is long gone: nothing saved for so many days."""
    db.db.session.execute(OLD, {"days": days})


def _hearts(owner: Owner) -> frozenset[int]:
    kept = redis.ask(lambda r: cast(bytes | None, r.get(_key(owner))), None)
    if kept is None:
        ids = _ids(owner)
        redis.ask(lambda r: r.set(_key(owner), _packed(ids), ex=SECONDS), None)
        return frozenset(ids)
    return frozenset(int(one) for one in kept.split())


def _put(statement: TextClause, owner: Owner, facts: dict[str, Any]) -> list[int]:
    db.db.session.execute(statement, {**facts, "limit": LIMIT, **owner.params})
    found = _ids(owner)
    if facts["product_id"] not in found:
        if len(found) >= LIMIT:
            raise Refused(_("Your wishlist is full. Please remove something first."))
        raise NotFound(_("We could not find that product."))
    return found


def _ids(owner: Owner) -> list[int]:
    return [row.product_id for row in db.rows(IDS, owner.params)]


def _packed(ids: list[int]) -> str:
    return " ".join(map(str, ids))


def _key(owner: Owner) -> str:
    return f"shop:wishlist:{owner.key}"
