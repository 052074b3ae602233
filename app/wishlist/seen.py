"""The products that somebody looked at lately: a user's in PostgreSQL, a guest's in a cookie of the own browser.

Product pages ask for the list beside them, and that request tells what is being looked at: pages stay as cheap.
"""

from flask import request
from sqlalchemy import text

from app.accounts.owners import Owner
from app.core import db

MOST = 20
COOKIE = "seen"
MOST_ID = 2**31 - 1
RECORD = text(
    """
    WITH older AS (
        DELETE FROM recently_viewed WHERE user_id = :user_id AND product_id IN (
            SELECT product_id FROM recently_viewed WHERE user_id = :user_id AND product_id <> :product_id
            ORDER BY viewed_at DESC OFFSET :rest)
    )
    INSERT INTO recently_viewed (user_id, product_id, viewed_at)
    SELECT :user_id, id, clock_timestamp() FROM products WHERE id = :product_id
    ON CONFLICT (user_id, product_id) DO UPDATE SET viewed_at = excluded.viewed_at
    """
)
IDS = text(
    "SELECT product_id FROM recently_viewed WHERE user_id = :user_id ORDER BY viewed_at DESC LIMIT :most"
)
BRING = text(
    """
    WITH brought AS (
        SELECT p.id, statement_timestamp() - o.place * interval '1 millisecond' AS at
        FROM unnest(CAST(:ids AS integer[])) WITH ORDINALITY AS o(id, place) JOIN products p ON p.id = o.id
    ), older AS (
        DELETE FROM recently_viewed WHERE user_id = :user_id AND product_id IN (
            SELECT product_id FROM recently_viewed WHERE user_id = :user_id
                AND product_id NOT IN (SELECT id FROM brought)
            ORDER BY viewed_at DESC OFFSET :most - (SELECT count(*) FROM brought))
    )
    INSERT INTO recently_viewed (user_id, product_id, viewed_at) SELECT :user_id, id, at FROM brought
    ON CONFLICT (user_id, product_id) DO UPDATE SET viewed_at = greatest(recently_viewed.viewed_at, excluded.viewed_at)
    """
)
FORGET = text("DELETE FROM recently_viewed WHERE user_id = :user_id")


def record(owner: Owner, product_id: int) -> None:
    """A user looked at a product; the 20 latest stay. One statement, none for guests (their browser keeps it)."""
    if owner.user_id is not None:
        seen = {**owner.params, "product_id": product_id, "rest": MOST - 1}
        db.db.session.execute(RECORD, seen)


def ids(owner: Owner) -> list[int]:
    """Product ids, latest first; one statement, none for guests."""
    if owner.user_id is not None:
        found = db.rows(IDS, {"user_id": owner.user_id, "most": MOST})
        return [row.product_id for row in found]
    return _guests()


def bring(user_id: int) -> bool:
    """At sign-in what this browser looked at becomes the user's latest; True when there was anything to bring.

    The browser notes an order and no times: its list counts as seen just now. One statement, none without a list.
    """
    brought = _guests()
    if brought:
        db.db.session.execute(BRING, {"user_id": user_id, "ids": brought, "most": MOST})
    return bool(brought)


def forget(owner: Owner) -> None:
    """Forget what a user looked at."""
    if owner.user_id is not None:
        db.db.session.execute(FORGET, {"user_id": owner.user_id})


def _guests() -> list[int]:
    parts = request.cookies.get(COOKIE, "")[:250].split(".")[:MOST]
    numbers = [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 11]
    return [number for number in dict.fromkeys(numbers) if number <= MOST_ID]
