"""By night: sessions and tries long over are deleted, and accounts that nobody ever confirmed."""

from sqlalchemy import text

from app.core.db import db

SESSION_DAYS, TRY_DAYS, UNCONFIRMED_DAYS = 30, 7, 7
SESSIONS = text(
    "DELETE FROM user_sessions"
    " WHERE greatest(expires_at, remember_expires_at, revoked_at) < now() - make_interval(days => :days)"
)
TRIES = text("DELETE FROM login_attempts WHERE created_at < now() - make_interval(days => :days)")
UNCONFIRMED = text(
    """
    DELETE FROM users u WHERE role = 'customer' AND NOT email_verified AND email_verified_at IS NULL
        AND deleted_at IS NULL AND greatest(created_at, updated_at) < now() - make_interval(days => :days)
        AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id)
        AND NOT EXISTS (SELECT 1 FROM user_sessions s WHERE s.user_id = u.id)
    """
)


def tidy() -> dict[str, int]:
    """Delete what is over; how many rows of each."""
    limits = {"sessions": (SESSIONS, SESSION_DAYS), "tries": (TRIES, TRY_DAYS)}
    gone = {name: delete(statement, days) for name, (statement, days) in limits.items()}
    gone["unconfirmed"] = delete(UNCONFIRMED, UNCONFIRMED_DAYS)
    db.session.commit()
    return gone


def delete(statement: object, days: int) -> int:
    """Rows deleted."""
    return int(db.session.execute(statement, {"days": days}).rowcount)  # type: ignore[call-overload]
