"""Reading what people wrote before it appears: approve, reject, the queue of what waits, each act in the audit log."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, text

from app.core.db import db, row, rows
from app.core.errors import NotFound, Refused
from app.messaging import outbox
from app.reviews import ratings

PLACE = text("SELECT product_id, user_id FROM reviews WHERE id = :id")
LOCK = text("SELECT id, user_id, status, rating, updated_at FROM reviews WHERE id = :id FOR UPDATE")
DECIDE = text(
    "UPDATE reviews SET status = CAST(:status AS review_status),"
    " published_at = CASE WHEN :status = 'approved' THEN now() END WHERE id = :id"
)
TELL = text(
    "INSERT INTO audit_log (actor_id, action, entity, entity_id, before, after) VALUES (:actor_id, :action, 'review',"
    " :id, CAST(:before AS jsonb), CAST(:after AS jsonb))"
)
QUEUE = text(
    """
    SELECT r.id, r.rating, r.title, r.comment, r.customer_name, r.status, r.is_verified_purchase, r.updated_at,
        p.slug, (SELECT count(*) FROM review_photos h WHERE h.review_id = r.id) AS photos
    FROM reviews r JOIN products p ON p.id = r.product_id
    WHERE r.status = CAST(:status AS review_status) ORDER BY r.updated_at, r.id LIMIT :most
    """
)


class AlreadyDecided(Refused):
    default = _l("This review was decided already.")


class Rewritten(Refused):
    """The author changed the words after the moderator had read them."""

    default = _l("The author has changed this review since you read it. Please read it again.")


def approve(review_id: int, actor_id: int | None = None, read_at: datetime | None = None) -> None:
    """Let a review appear and tell its author once. Raises NotFound, AlreadyDecided, Rewritten.

    `read_at` is the `updated_at` of what the moderator read. Touch the catalogue after the commit.
    """
    found = _decide(review_id, "approved", actor_id, read_at)
    if found.user_id is not None:
        outbox.put("review_approved", {"review_id": review_id}, f"review_approved:{review_id}")


def reject(
    review_id: int, actor_id: int | None = None, reason: str = "", read_at: datetime | None = None
) -> None:
    """Keep a review from appearing, or take it down. Raises NotFound, AlreadyDecided, Rewritten."""
    _decide(review_id, "rejected", actor_id, read_at, reason=reason[:500])


def queue(status: str = "pending", most: int = 50) -> Sequence[Row[Any]]:
    """What waits to be read (or was decided so), the oldest first."""
    return rows(QUEUE, {"status": status, "most": most})


def _decide(
    review_id: int, status: str, actor_id: int | None, read_at: datetime | None, reason: str = ""
) -> Row[Any]:
    place = row(PLACE, {"id": review_id})
    if place is None:
        raise NotFound(_l("We could not find that review."))
    ratings.lock(place.product_id, place.user_id)
    found = row(LOCK, {"id": review_id})
    if found is None:
        raise NotFound(_l("We could not find that review."))
    if found.status == status:
        raise AlreadyDecided
    if read_at is not None and found.updated_at != read_at:
        raise Rewritten
    db.session.execute(DECIDE, {"id": review_id, "status": status})
    after = {"status": status} | ({"reason": reason} if reason else {})
    facts = {"before": json.dumps({"status": found.status}), "after": json.dumps(after)}
    db.session.execute(
        TELL, {"actor_id": actor_id, "action": f"review.{status}", "id": str(review_id), **facts}
    )
    if "approved" in (status, found.status):
        ratings.rate(place.product_id, found.user_id)
    return found
