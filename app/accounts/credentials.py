"""The password of an account: proved, changed, and reset by the mail's link."""

from sqlalchemy import text

from app.accounts import joining, limits, passwords, sessions, tokens
from app.core import db, security
from app.messaging import outbox

ACTIVE = text("SELECT id FROM users WHERE lower(email) = lower(:email) AND is_active AND deleted_at IS NULL")
HASH = text("SELECT password_hash FROM users WHERE id = :id")
RESET = text(
    """
    UPDATE users SET password_hash = :new, email_verified = true,
        email_verified_at = coalesce(email_verified_at, now()), pending_email = NULL,
        password_reset_token = NULL, password_reset_expires = NULL,
        email_verification_token = NULL, email_verification_expires = NULL, updated_at = now()
    WHERE password_reset_token = :digest AND password_reset_expires > now() AND is_active AND deleted_at IS NULL
    RETURNING id
    """
)
CHANGE = text(
    """
    UPDATE users SET password_hash = :new, password_reset_token = NULL, password_reset_expires = NULL,
        updated_at = now()
    WHERE id = :id
    """
)


def forgot(email: str, ip: str | None) -> None:
    """Mail the way to a new password where there is an account (the caller commits); nobody learns whether."""
    joining.mail("account_reset", db.scalar(ACTIVE, {"email": email}), email, ip)


def reset(token: str, password: str) -> bool:
    """Set a new password by the mail's token, once: all sessions end. False when the token is over (caller commits)."""
    if tokens.owner(token, "reset") is None:
        return False
    values = {"new": passwords.make(password), "digest": tokens.digest(token, "reset")}
    user_id = db.scalar(RESET, values)
    if user_id is None:
        return False
    _changed(user_id)
    return True


def knock(user_id: int, ip: str | None) -> int:
    """Note that somebody is about to prove that they are this user; the caller commits. Raises TooMany."""
    return limits.admit(limits.account_hash("", user_id), ip)


def is_own(user_id: int, password: str, knock: int) -> bool:
    """Whether it is the user's password (the caller commits)."""
    right = passwords.matches(db.scalar(HASH, {"id": user_id}), password)
    if right:
        limits.succeed(knock)
    return right


def change(user_id: int, password: str) -> None:
    """Set a new password and end all sessions (the caller begins the next one and commits)."""
    db.db.session.execute(CHANGE, {"id": user_id, "new": passwords.make(password)})
    _changed(user_id)


def _changed(user_id: int) -> None:
    sessions.end_all(user_id)
    facts = {"user_id": user_id}
    outbox.put(
        "account_password_changed", facts, f"account_password_changed:{user_id}:{security.new_token()}"
    )
