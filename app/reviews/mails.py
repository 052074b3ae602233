"""What the shop writes to the author of a review that now appears."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import text

from app.core.db import row
from app.messaging.composers import composes
from app.messaging.letters import Letter, link

REVIEW = text(
    "SELECT p.slug, p.name_en, p.name_kh, u.email, u.language::text AS language FROM reviews r"
    " JOIN products p ON p.id = r.product_id"
    " JOIN users u ON u.id = r.user_id AND u.is_active AND u.deleted_at IS NULL"
    " WHERE r.id = :id AND r.status = 'approved'"
)


@composes("review_approved")
def review_approved(payload: Mapping[str, Any]) -> Letter | None:
    """The letter about `payload["review_id"]`; None when the review was taken back or its author is gone."""
    review = row(REVIEW, {"id": int(payload["review_id"])})
    if review is None:
        return None
    name = review.name_kh if review.language == "kh" and review.name_kh else review.name_en
    heading = _l("Your review appears in our shop")
    facts = {
        "heading": heading,
        "lines": [_l("Thank you. What you wrote about %(name)s helps others to choose.", name=name)],
        "button": (
            _l("See your review"),
            link("catalog.product", review.language, slug=review.slug) + "#reviews",
        ),
    }
    return Letter(review.email, review.language, heading, facts=facts)
