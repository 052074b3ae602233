"""Writes the invented reviews and their helpful votes, and what products and users keep of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import text

from app.core.db import db
from app.demo.loading import Table, next_id
from app.demo.reviewing import Written
from app.reviews.models import Review, ReviewVote
from app.reviews.writing import byline

RATE_PRODUCTS = text("""
    UPDATE products p SET rating_avg = r.average, rating_count = r.count
    FROM (SELECT product_id, round(avg(rating), 2) AS average, count(*) AS count
          FROM reviews WHERE status = 'approved' GROUP BY product_id) r
    WHERE r.product_id = p.id
""")
RATE_USERS = text("""
    UPDATE users u SET avg_rating = r.average
    FROM (SELECT user_id, round(avg(rating), 2) AS average FROM reviews WHERE status = 'approved' GROUP BY user_id) r
    WHERE r.user_id = u.id
""")


def save(written: Sequence[Written], joined: Mapping[int, datetime]) -> None:
    """Put the reviews and votes into their tables; `joined` is when each user came."""
    reviews = Table(
        Review, "id", "product_id", "user_id", "rating", "title", "comment", "customer_name", "customer_email",
        "language", "skin_type", "status", "is_verified_purchase", "helpful_count", "staff_reply", "published_at",
        "created_at", "updated_at",
    )  # fmt: skip
    votes = Table(ReviewVote, "review_id", "user_id", "created_at")
    for number, one in enumerate(written, next_id(Review)):
        who = one.customer
        reviews.add(
            number, one.product_id, who.id, one.rating, one.title, one.comment,
            byline(who.first_name, who.last_name), who.email, who.language, who.skin_type, one.status, one.verified,
            len(one.voters), one.reply, one.published, one.at, one.published or one.at,
        )  # fmt: skip
        for voter in one.voters:
            votes.add(number, voter, max(one.published or one.at, joined[voter]))
    reviews.save()
    votes.save()
    db.session.execute(RATE_PRODUCTS)
    db.session.execute(RATE_USERS)
