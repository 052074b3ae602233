"""Single-use tokens of mails: 32 random bytes, kept as digests for 30 minutes; a new one replaces the one before."""

import secrets
from typing import Any

from sqlalchemy import Row, text

from app.core import db, security

MINUTES = 30
PURPOSES = ("verify", "reset", "change_email")
KEEP_RESET = text(
    "UPDATE users SET password_reset_token = :digest, password_reset_expires = now() + make_interval(mins => :minutes)"
    " WHERE id = :user_id AND is_active AND deleted_at IS NULL"
)
KEEP_EMAIL = text(
    "UPDATE users SET email_verification_token = :digest,"
    " email_verification_expires = now() + make_interval(mins => :minutes)"
    " WHERE id = :user_id AND is_active AND deleted_at IS NULL"
)
OWNER_OF_RESET = text(
    "SELECT id, email, phone, password_hash, first_name, email_verified, pending_email FROM users"
    " WHERE password_reset_token = :digest AND password_reset_expires > now() AND is_active AND deleted_at IS NULL"
)
OWNER_OF_EMAIL = text(
    "SELECT id, email, phone, password_hash, first_name, email_verified, pending_email FROM users"
    " WHERE email_verification_token = :digest AND email_verification_expires > now()"
    " AND is_active AND deleted_at IS NULL"
)


def make(user_id: int, purpose: str) -> str:
    """A fresh token for a mail to this user; only its digest is kept (the caller commits).

    `purpose` is verify, reset or change_email. Making one kills the user's earlier token of that kind.
    """
    token = secrets.token_urlsafe(32)
    keep = KEEP_RESET if purpose == "reset" else KEEP_EMAIL
    db.db.session.execute(keep, {"user_id": user_id, "digest": digest(token, purpose), "minutes": MINUTES})
    return token


def digest(token: str, purpose: str) -> str:
    """What the database keeps of a token: bound to its purpose. Raises ValueError for an unknown one."""
    if purpose not in PURPOSES:
        raise ValueError(f"unknown purpose {purpose!r}")
    return security.digest(f"{purpose}:{token[:200]}")


def owner(token: str | None, purpose: str) -> Row[Any] | None:
    """The account for which this token still holds, without using it up; None when it is unknown or over."""
    if not token:
        return None
    find = OWNER_OF_RESET if purpose == "reset" else OWNER_OF_EMAIL
    return db.row(find, {"digest": digest(token, purpose)})
