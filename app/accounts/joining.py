"""New accounts and their addresses: register, confirm by the mail's link, move to another address."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text

from app.accounts import limits, passwords, sessions, tokens
from app.core import db, security
from app.messaging import outbox

NOBODY = 0
SAME_ADDRESS = text("SELECT id, email_verified FROM users WHERE lower(email) = lower(:email)")
ADD = text(
    """
    INSERT INTO users (email, password_hash, first_name, phone, language)
    VALUES (:email, :password_hash, :first_name, :phone, :language)
    ON CONFLICT (lower(email)) DO NOTHING RETURNING id
    """
)
AGAIN = text(
    """
    UPDATE users SET password_hash = :password_hash, first_name = :first_name, phone = :phone, language = :language,
        updated_at = now()
    WHERE id = :id AND NOT email_verified AND is_active AND deleted_at IS NULL
    """
)
CONFIRM = text(
    """
    UPDATE users SET email_verified = true, email_verified_at = now(), email_verification_token = NULL,
        email_verification_expires = NULL, updated_at = now()
    WHERE id = :id AND email_verification_token = :digest AND email_verification_expires > now() RETURNING id
    """
)
WISH = text("UPDATE users SET pending_email = :email, updated_at = now() WHERE id = :id")
MOVE = text(
    """
    UPDATE users u SET email = pending_email, pending_email = NULL, email_verified = true, email_verified_at = now(),
        email_verification_token = NULL, email_verification_expires = NULL, password_reset_token = NULL,
        password_reset_expires = NULL, updated_at = now()
    WHERE id = :id AND email_verification_token = :digest AND email_verification_expires > now()
        AND pending_email IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM users o WHERE lower(o.email) = lower(u.pending_email) AND o.id <> u.id)
    RETURNING id
    """
)


@dataclass(frozen=True)
class Newcomer:
    """What somebody told to get an account; phone as E.164, language as the database names it."""

    email: str
    password: str
    first_name: str | None
    phone: str | None
    language: str


def register(newcomer: Newcomer, ip: str | None) -> None:
    """Make an account that a mail must confirm; a known address gets a mail that says so (the caller commits).

    Same work and same answer either way. While nobody has confirmed, the latest registration counts.
    """
    facts: dict[str, Any] = {
        "email": newcomer.email,
        "password_hash": passwords.make(newcomer.password),
        "first_name": newcomer.first_name,
        "phone": newcomer.phone,
        "language": newcomer.language,
    }
    known = db.row(SAME_ADDRESS, {"email": newcomer.email})
    added = db.scalar(ADD, facts)
    user_id = known.id if known else added
    db.db.session.execute(AGAIN, facts | {"id": known.id if known else None})
    kind = "account_exists" if user_id is None or (known and known.email_verified) else "account_verify"
    mail(kind, user_id, newcomer.email, ip)


def remind(email: str, ip: str | None) -> None:
    """Send the confirming mail once more to an address that waits for it (the caller commits)."""
    known = db.row(SAME_ADDRESS, {"email": email})
    mail("account_verify", known.id if known and not known.email_verified else None, email, ip)


def mail(kind: str, user_id: int | None, name: str, ip: str | None) -> None:
    """Put an account mail into the outbox, three an hour for one account; for nobody too, as time would tell."""
    number = limits.mail_number(name, user_id, ip, kind.removeprefix("account_"))
    if number is not None:
        outbox.put(kind, {"user_id": user_id or NOBODY}, f"{kind}:{number}")


def mailed(token: str | None) -> tuple[str, Row[Any]] | None:
    """What a mail's link is for (verify or change_email) and whose it is, None when it is over."""
    for purpose in ("verify", "change_email"):
        owner = tokens.owner(token, purpose)
        if owner is not None:
            return purpose, owner
    return None


def confirm(token: str, owner: Row[Any], purpose: str) -> bool:
    """Use the link up: the address is confirmed, or changed; False when it was over just now (the caller commits).

    A change ends every session, and the address before is told.
    """
    facts = {"id": owner.id, "digest": tokens.digest(token, purpose)}
    if purpose == "verify":
        return db.scalar(CONFIRM, facts) is not None
    if db.scalar(MOVE, facts) is None:
        return False
    sessions.end_all(owner.id)
    facts = {"user_id": owner.id, "email": owner.email}
    outbox.put("account_email_changed", facts, f"account_email_changed:{owner.id}:{security.new_token()}")
    return True


def wish(user_id: int, email: str, ip: str | None) -> None:
    """Note the address that somebody wants and mail it a link; one that has an account is told so instead."""
    db.db.session.execute(WISH, {"id": user_id, "email": email})
    known = db.row(SAME_ADDRESS, {"email": email})
    if known and known.id != user_id:
        mail("account_exists", known.id, email, ip)
    else:
        mail("account_change_email", user_id, email, ip)
