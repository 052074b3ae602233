"""Small makings for tests of reviews: people, products, what they say."""

import itertools
from typing import Any

from sqlalchemy import text

from app.core import db
from app.reviews import moderation, writing

numbers = itertools.count(1)
PERSON = text(
    "INSERT INTO users (email, password_hash, first_name, last_name, skin_type) VALUES"
    " (:email, '-', :first, :last, CAST(:skin AS skin_type)) RETURNING id"
)


def author(first: str = "Sokha", last: str | None = "Chan", skin: str | None = "oily") -> writing.Author:
    """A new customer as an author."""
    facts = {"email": f"reader{next(numbers)}@kesor.example", "first": first, "last": last, "skin": skin}
    return writing.Author(int(db.scalar(PERSON, facts)), first, last, skin)


def say(rating: int = 5, title: str = "Good", comment: str = "I like it.") -> writing.Words:
    return writing.Words(rating, title, comment, "en")


def write(who: writing.Author, product_id: int, rating: int = 5, approved: bool = True, **facts: Any) -> int:
    """The id of a review that `who` wrote, read by staff unless `approved` is false."""
    saved = writing.save(who, product_id, say(rating), facts.pop("verified", False), **facts)
    if approved:
        moderation.approve(saved.id)
    return saved.id


def kept(product_id: int) -> tuple[float, int]:
    """(rating_avg, rating_count) as the product's row has them."""
    found = db.row(text("SELECT rating_avg, rating_count FROM products WHERE id = :id"), {"id": product_id})
    assert found
    return float(found.rating_avg), found.rating_count


def average(user_id: int) -> float:
    return float(db.scalar(text("SELECT avg_rating FROM users WHERE id = :id"), {"id": user_id}))


def review(review_id: int) -> Any:
    return db.row(text("SELECT * FROM reviews WHERE id = :id"), {"id": review_id})
