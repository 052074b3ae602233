"""What products and people keep of their approved reviews: recomputed under a lock on the row that keeps it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text

from app.core.db import db, row, rows

LOCK_PRODUCT = text("SELECT id, slug, status FROM products WHERE id = :id FOR NO KEY UPDATE")
LOCK_AUTHOR = text("SELECT id FROM users WHERE id = :id FOR NO KEY UPDATE")
LOCK_ALL = text(
    "SELECT id FROM products WHERE id IN (SELECT product_id FROM reviews) ORDER BY id FOR NO KEY UPDATE"
)
LOCK_AUTHORS = text(
    "SELECT id FROM users WHERE id IN (SELECT user_id FROM reviews) ORDER BY id FOR NO KEY UPDATE"
)
RATE_PRODUCTS = text(
    """
    UPDATE products p SET rating_avg = r.average, rating_count = r.count FROM (
        SELECT product_id, coalesce(round(avg(rating) FILTER (WHERE status = 'approved'), 2), 0) AS average,
            count(*) FILTER (WHERE status = 'approved') AS count
        FROM reviews WHERE CAST(:id AS int) IS NULL OR product_id = :id GROUP BY product_id
        UNION ALL SELECT CAST(:id AS int), 0, 0 WHERE NOT EXISTS (SELECT 1 FROM reviews WHERE product_id = :id)
    ) r
    WHERE p.id = r.product_id AND (p.rating_avg <> r.average OR p.rating_count <> r.count)
    RETURNING p.slug, old.rating_avg AS was, new.rating_avg AS average, old.rating_count, new.rating_count AS total
    """
)
RATE_AUTHORS = text(
    """
    UPDATE users u SET avg_rating = r.average FROM (
        SELECT u.id, coalesce((SELECT round(avg(rating), 2) FROM reviews
                               WHERE user_id = u.id AND status = 'approved'), 0) AS average
        FROM users u WHERE CAST(:id AS int) IS NULL OR u.id = :id
    ) r
    WHERE u.id = r.id AND u.avg_rating <> r.average
    RETURNING u.id, old.avg_rating AS was, new.avg_rating AS average
    """
)
COUNT_VOTES = text(
    """
    UPDATE reviews r SET helpful_count = v.votes FROM (
        SELECT id, (SELECT count(*) FROM review_votes WHERE review_id = reviews.id) AS votes FROM reviews
    ) v
    WHERE r.id = v.id AND r.helpful_count <> v.votes RETURNING r.id, old.helpful_count AS was, v.votes
    """
)


@dataclass(frozen=True)
class Drift:
    """Something kept that was not what the reviews say."""

    what: str
    was: Decimal | int
    now: Decimal | int


def lock(product_id: int, author_id: int | None) -> Row[Any] | None:
    """The product's id, slug and status, locked with the author until the transaction ends.

    Whoever changes a review calls this first: the order is product, person, review.
    """
    product = row(LOCK_PRODUCT, {"id": product_id})
    db.session.execute(LOCK_AUTHOR, {"id": author_id})
    return product


def rate(product_id: int, author_id: int | None) -> None:
    """Recompute the averages of a product and an author, both locked by `lock`."""
    db.session.execute(RATE_PRODUCTS, {"id": product_id})
    if author_id is not None:
        db.session.execute(RATE_AUTHORS, {"id": author_id})


def recount() -> list[Drift]:
    """Recompute everything and tell what was wrong; products that never had a review here keep what they have."""
    db.session.execute(LOCK_ALL)
    db.session.execute(LOCK_AUTHORS)
    wrong = [
        Drift(f"product {found.slug}", found.was, found.average)
        if found.was != found.average
        else Drift(f"reviews of {found.slug}", found.rating_count, found.total)
        for found in rows(RATE_PRODUCTS, {"id": None})
    ]
    wrong += [
        Drift(f"user {found.id}", found.was, found.average) for found in rows(RATE_AUTHORS, {"id": None})
    ]
    wrong += [Drift(f"votes of review {found.id}", found.was, found.votes) for found in rows(COUNT_VOTES)]
    return wrong
