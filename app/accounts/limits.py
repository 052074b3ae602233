"""How often an account may be tried, counted in PostgreSQL: it holds with Redis away and for any number of workers."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import text

from app.core import db, security
from app.core.errors import TooMany

FAILURES, MINUTES = 10, 5
MAILS_AN_HOUR = 3
ALONE = text("SELECT pg_advisory_xact_lock(hashtext(:account))")
FAILED = text(
    "SELECT count(*) FROM login_attempts WHERE purpose = :purpose AND account_hash = :account AND NOT succeeded"
    " AND created_at > now() - make_interval(mins => :minutes)"
)
NOTE = text(
    "INSERT INTO login_attempts (purpose, account_hash, ip, succeeded)"
    " VALUES (:purpose, :account, CAST(:ip AS inet), :succeeded) RETURNING id"
)
RIGHT = text("UPDATE login_attempts SET succeeded = true WHERE id = :id")


def account_hash(name: str, user_id: int | None = None) -> str:
    """What tries are counted under: the account where it exists, else the name that was typed."""
    return security.digest(f"user:{user_id}" if user_id else f"name:{name.casefold()[:300]}")


def is_exhausted(account: str, purpose: str = "login", most: int = FAILURES, minutes: int = MINUTES) -> bool:
    """Whether the account has had its tries; until the commit nobody else may count or note one for it."""
    db.scalar(ALONE, {"account": account})
    counted = db.scalar(FAILED, {"purpose": purpose, "account": account, "minutes": minutes})
    return int(counted) >= most


def note(account: str, ip: str | None, succeeded: bool, purpose: str = "login") -> int:
    """Write a try down (the caller commits); returns its number."""
    values = {"purpose": purpose, "account": account, "ip": ip, "succeeded": succeeded}
    return int(db.scalar(NOTE, values))


def admit(account: str, ip: str | None) -> int:
    """Write a try at a password down as failed before it is weighed; returns its number.

    The caller commits at once: until then all other tries for this account wait. Raises TooMany.
    """
    if is_exhausted(account):
        raise TooMany(_l("Too many tries. Please wait five minutes, or choose a new password."))
    return note(account, ip, False)


def succeed(number: int) -> None:
    """The try was right after all (the caller commits)."""
    db.db.session.execute(RIGHT, {"id": number})


def mail_number(name: str, user_id: int | None, ip: str | None, purpose: str) -> int | None:
    """A number for one more mail of this kind, None when three went out within the hour (the caller commits)."""
    account = account_hash(name, user_id)
    if is_exhausted(account, purpose, MAILS_AN_HOUR, 60):
        return None
    return note(account, ip, False, purpose)
