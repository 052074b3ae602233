"""The skin profile of signed-in people, as it is kept beside their events."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.accounts.models import User
from app.core import db
from app.core.schedule import PHNOM_PENH

AGES = ((18, None), (26, "18-25"), (36, "26-35"), (46, "36-45"), (200, "45+"))


def profiles(user_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """`skin_profile` by user id, one statement for all; unknown ids are left out."""
    wanted = sorted(set(user_ids))
    if not wanted:
        return {}
    today = datetime.now(PHNOM_PENH).date()
    columns = (User.id, User.skin_type, User.skin_concerns, User.skin_goals, User.date_of_birth)
    found = db.rows(select(*columns).where(User.id.in_(wanted), User.deleted_at.is_(None)))
    return {
        row.id: {
            "skin_type": row.skin_type,
            "concerns": list(row.skin_concerns),
            "age_range": age_range(row.date_of_birth, today),
            "skin_goals": list(row.skin_goals),
        }
        for row in found
    }


def age_range(born: date | None, today: date) -> str | None:
    """'18-25', '26-35', '36-45' or '45+'; None when unknown or younger."""
    if born is None:
        return None
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return next((label for limit, label in AGES if years < limit), None)
