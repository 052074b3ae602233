"""Helpful votes: one a signed-in person and review, never on one's own."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import text

from app.core.db import db, row, scalar
from app.core.errors import NotFound, Refused

LOCK = text(
    "SELECT r.id, r.user_id, p.slug FROM reviews r JOIN products p ON p.id = r.product_id"
    " WHERE r.id = :id AND r.status = 'approved' FOR NO KEY UPDATE OF r"
)
GIVE = text("INSERT INTO review_votes (review_id, user_id) VALUES (:id, :user) ON CONFLICT DO NOTHING")
TAKE = text("DELETE FROM review_votes WHERE review_id = :id AND user_id = :user")
COUNT = text(
    "UPDATE reviews SET helpful_count = (SELECT count(*) FROM review_votes WHERE review_id = :id)"
    " WHERE id = :id RETURNING helpful_count"
)


class OwnReview(Refused):
    default = _l("This is your own review. Others decide whether it helps them.")


@dataclass(frozen=True)
class Voted:
    """A review after a vote: its number of helpful votes and whether this reader's is among them."""

    id: int
    slug: str
    helpful_count: int
    voted: bool


def vote(review_id: int, user_id: int, helpful: bool) -> Voted:
    """Call a review helpful, or take that back; twice is the same as once. Raises NotFound, OwnReview."""
    found = row(LOCK, {"id": review_id})
    if found is None:
        raise NotFound
    if found.user_id == user_id:
        raise OwnReview
    db.session.execute(GIVE if helpful else TAKE, {"id": review_id, "user": user_id})
    return Voted(review_id, found.slug, int(scalar(COUNT, {"id": review_id})), helpful)
