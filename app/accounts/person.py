"""Who is asking: the signed-in person of a request, read once with their session, or nobody."""

from dataclasses import dataclass, fields
from datetime import datetime

from flask_login import AnonymousUserMixin, UserMixin

from app.core import db
from app.core.prepared import prepared

BY_SESSION = prepared(
    """
    SELECT u.id, u.email, u.phone, u.first_name, u.last_name, u.role, u.language, u.skin_type, u.skin_concerns,
        u.skin_goals, u.avoid_ingredients, u.profile_picture, u.email_verified, u.pending_email,
        s.id AS session_id, s.password_given_at, s.last_seen_at < now() - interval '10 minutes' AS unseen
    FROM user_sessions s JOIN users u ON u.id = s.user_id
    WHERE s.sid_hash = :sid AND s.revoked_at IS NULL AND s.expires_at > now() AND s.epoch = u.session_epoch
        AND u.is_active AND u.deleted_at IS NULL
    """
)


@dataclass(frozen=True)
class Person(UserMixin):  # type: ignore[misc]
    """A signed-in user and the session that they came with (`session_id`); `unseen`: last noted over 10 minutes ago."""

    id: int
    email: str
    phone: str | None
    first_name: str | None
    last_name: str | None
    role: str
    language: str
    skin_type: str | None
    skin_concerns: list[str]
    skin_goals: list[str]
    avoid_ingredients: list[str]
    profile_picture: str | None
    email_verified: bool
    pending_email: str | None
    session_id: int
    password_given_at: datetime | None
    unseen: bool


class Nobody(AnonymousUserMixin):  # type: ignore[misc]
    """A visitor who is not signed in: every fact of a person is empty."""

    id = email = phone = first_name = last_name = role = language = skin_type = None
    profile_picture = pending_email = session_id = password_given_at = None
    skin_concerns: tuple[str, ...] = ()
    skin_goals: tuple[str, ...] = ()
    avoid_ingredients: tuple[str, ...] = ()
    email_verified = unseen = False


def by_session(sid_hash: str) -> Person | None:
    """The person whose live session has this digest; one statement."""
    found = db.row(BY_SESSION, {"sid": sid_hash})
    return Person(**{field.name: getattr(found, field.name) for field in fields(Person)}) if found else None
