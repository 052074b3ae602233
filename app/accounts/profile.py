"""What somebody tells about themselves: name, birthday, language; and their skin profile. Only named columns change."""

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Row, text

from app.core import db

FACTS = text(
    "SELECT id, email, first_name, last_name, phone, date_of_birth, gender, language, profile_picture,"
    " marketing_opt_in, created_at, total_orders FROM users WHERE id = :user_id"
)
CHANGE = text(
    "UPDATE users SET first_name = :first_name, last_name = :last_name, phone = :phone,"
    " date_of_birth = :date_of_birth, gender = :gender, language = :language, updated_at = now() WHERE id = :user_id"
)
CHANGE_SKIN = text(
    "UPDATE users SET skin_type = CAST(:skin_type AS skin_type), skin_concerns = :concerns, skin_goals = :goals,"
    " avoid_ingredients = :avoid, updated_at = now() WHERE id = :user_id"
)
CONSENT = text("UPDATE users SET marketing_opt_in = :wanted, updated_at = now() WHERE id = :user_id")


@dataclass(frozen=True)
class About:
    """A person's own facts in stored form: the phone as E.164, the language as `en` or `kh`; None is unknown."""

    first_name: str | None
    last_name: str | None
    phone: str | None
    date_of_birth: date | None
    gender: str | None
    language: str


@dataclass(frozen=True)
class Skin:
    """A skin profile: codes of the vocabulary; `avoid` holds kinds (`fragrance`) and slugs of ingredients."""

    skin_type: str | None
    concerns: list[str] = field(default_factory=list)
    goals: list[str] = field(default_factory=list)
    avoid: list[str] = field(default_factory=list)


def facts(user_id: int) -> Row[Any]:
    """The person's own facts; one statement."""
    return db.db.session.execute(FACTS, {"user_id": user_id}).one()


def change(user_id: int, about: About) -> None:
    """Write them anew (the caller commits)."""
    db.db.session.execute(CHANGE, asdict(about) | {"user_id": user_id})


def change_skin(user_id: int, skin: Skin) -> None:
    """Write the skin profile anew (the caller commits)."""
    db.db.session.execute(CHANGE_SKIN, asdict(skin) | {"user_id": user_id})


def consent(user_id: int, wanted: bool) -> None:
    """Whether the shop may write about news and offers (the caller commits)."""
    db.db.session.execute(CONSENT, {"user_id": user_id, "wanted": wanted})
