"""Signing in: a name (e-mail or phone) and a password become a user, or the same refusal for every wrong pair."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, Request, g, has_request_context
from flask_login import LoginManager
from sqlalchemy import Row, text

from app.accounts import limits, passwords, person, sessions
from app.accounts.person import Nobody, Person
from app.core import db, phones
from app.messaging import outbox

FACTS = (
    "SELECT id, email, phone, password_hash, email_verified FROM users WHERE is_active AND deleted_at IS NULL"
)
BY_EMAIL = text(FACTS + " AND lower(email) = lower(:name)")
BY_PHONE = text(FACTS + " AND phone = :name AND email_verified ORDER BY id LIMIT 1")
REHASH = text("UPDATE users SET password_hash = :new WHERE id = :id AND password_hash = :old")
manager = LoginManager()
manager.anonymous_user = Nobody
manager.session_protection = None


@dataclass(frozen=True)
class Guest:
    """Where a try comes from."""

    agent: str | None
    ip: str | None


@dataclass(frozen=True)
class Knock:
    """A noted try: its number, the account behind the name if there is one, and who tries."""

    number: int
    account: Row[Any] | None
    guest: Guest


def init_app(app: Flask) -> None:
    """Let `flask_login.current_user` be the person of the session cookie, looked up when first asked for."""
    app.login_manager = manager  # type: ignore[attr-defined]


@manager.request_loader  # type: ignore[untyped-decorator]
def load(_request: Request) -> Person | None:
    """The person behind the request; no statement without a session cookie that we signed."""
    if not has_request_context():
        return None
    sid = sessions.sid_hash()
    found = person.by_session(sid) if sid else None
    if found:
        g.user_id = found.id
    return found


def knock(name: str, guest: Guest) -> Knock:
    """Note a try for the account of this name; the caller commits before it is weighed.

    Raises TooMany after ten wrong tries in five minutes, for unknown names too.
    """
    found = find(name)
    number = limits.admit(limits.account_hash(name, found.id if found else None), guest.ip)
    return Knock(number, found, guest)


def weigh(knock: Knock, password: str) -> int | None:
    """The id of the account that the password opens, else None (the caller commits).

    An account whose e-mail was never confirmed does not open; it gets its mail again. One hash is computed
    whatever the answer.
    """
    account = knock.account
    right = passwords.matches(account.password_hash if account else None, password)
    if account is None or not right:
        return None
    limits.succeed(knock.number)
    if not account.email_verified:
        remind(account, knock.guest.ip)
        return None
    refresh_hash(account, password)
    return int(account.id)


def find(name: str) -> Row[Any] | None:
    """The account of an e-mail address or a phone number in any notation."""
    if "@" in name:
        return db.row(BY_EMAIL, {"name": name})
    return db.row(BY_PHONE, {"name": phones.parse(name)})


def welcome(user_id: int, remember: bool, guest: Guest) -> None:
    """Begin the session of somebody who proved who they are, and mail them when the browser is new to us."""
    is_new = sessions.is_new_device(user_id, guest.agent)
    opened = sessions.begin(user_id, remember)
    if is_new:
        facts = {"user_id": user_id, "session_id": opened.id}
        outbox.put("account_new_sign_in", facts, f"account_new_sign_in:{opened.id}")


def remind(account: Row[Any], ip: str | None) -> None:
    """Send the mail that confirms an address once more, three times an hour at most."""
    number = limits.mail_number(account.email, account.id, ip, "verify")
    if number is not None:
        outbox.put("account_verify", {"user_id": account.id}, f"account_verify:{number}")


def refresh_hash(account: Row[Any], password: str) -> None:
    """Bring an old hash to today's costs, now that the password is known."""
    if passwords.outdated(account.password_hash):
        new = passwords.make(password)
        db.db.session.execute(REHASH, {"id": account.id, "old": account.password_hash, "new": new})


def is_known() -> bool:
    """Whether this request has already asked who is there, and somebody was."""
    return bool(g.get("_login_user") and g._login_user.is_authenticated)
