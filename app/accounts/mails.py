"""What the shop writes to a person about their account, in their language. Tokens are made here, as mails leave.

Each payload holds `user_id`; `account_new_sign_in` also `session_id`, `account_email_changed` the old `email`.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask_babel import format_datetime, to_user_timezone
from flask_babel import gettext as _
from sqlalchemy import Row, text

from app.accounts import tokens
from app.accounts.devices import device
from app.core.db import row
from app.core.shop import shop
from app.messaging.composers import composes
from app.messaging.letters import Letter, link, reading

PERSON = text(
    "SELECT id, email, pending_email, email_verified, first_name, language FROM users"
    " WHERE id = :id AND is_active AND deleted_at IS NULL"
)
SIGN_IN = text(
    "SELECT created_at, user_agent, host(ip) AS ip FROM user_sessions WHERE id = :id AND user_id = :user_id"
)
Facts = dict[str, Any]
Words = Callable[[Row[Any], Mapping[str, Any]], Facts | None]


def write(words: Words, payload: Mapping[str, Any]) -> Letter | None:
    """The letter to `payload["user_id"]`, None when the account is gone or there is nothing to say any more."""
    person = row(PERSON, {"id": payload["user_id"]})
    if person is None:
        return None
    with reading(person.language):
        facts = words(person, payload)
    if facts is None:
        return None
    to = facts.pop("to", person.email)
    single = facts.pop("single", False)
    return Letter(to, person.language, facts["heading"], "note", facts, single)


def page(person: Row[Any], endpoint: str, purpose: str) -> str:
    """The link to a page of the account with a fresh token for it."""
    return link(endpoint, person.language, token=tokens.make(person.id, purpose))


def letter(kind: str) -> Callable[[Words], Words]:
    """Register the words of one kind of letter."""

    def register(words: Words) -> Words:
        composes(kind)(partial(write, words))
        return words

    return register


@letter("account_verify")
def verify_email(person: Row[Any], payload: Mapping[str, Any]) -> Facts | None:
    """Is this address yours? Nothing when it was said already."""
    del payload
    if person.email_verified:
        return None
    return {
        "heading": _("Please confirm your email"),
        "lines": [
            _(
                "Welcome to %(shop)s. Press the button so that we know this address is yours.",
                shop=shop().name,
            )
        ],
        "button": (_("Confirm my email"), page(person, "accounts.verify", "verify")),
        "small": [half_hour(), not_you()],
        "single": True,
    }


@letter("account_change_email")
def change_email(person: Row[Any], payload: Mapping[str, Any]) -> Facts | None:
    """To the new address; nothing when the change was taken back."""
    del payload
    if not person.pending_email:
        return None
    return {
        "to": person.pending_email,
        "heading": _("Please confirm your new email"),
        "lines": [_("Press the button and your account uses this address from now on.")],
        "button": (_("Confirm my email"), page(person, "accounts.verify", "change_email")),
        "small": [half_hour(), not_you()],
        "single": True,
    }


@letter("account_email_changed")
def email_changed(_person: Row[Any], payload: Mapping[str, Any]) -> Facts | None:
    """To the address before."""
    return {
        "to": payload["email"],
        "heading": _("The email of your account was changed"),
        "lines": [_("Your account has a new email address. This one no longer opens it."), was_it_you()],
    }


@letter("account_reset")
def reset_password(person: Row[Any], payload: Mapping[str, Any]) -> Facts | None:
    """The way to a new password."""
    del payload
    return {
        "heading": _("Choose a new password"),
        "lines": [_("You asked for a new password. Press the button to choose one.")],
        "button": (_("Choose a new password"), page(person, "accounts.reset", "reset")),
        "small": [
            half_hour(),
            _("If you did not ask for it, you need do nothing: your password stays as it is."),
        ],
        "single": True,
    }


@letter("account_exists")
def already_registered(person: Row[Any], payload: Mapping[str, Any]) -> Facts | None:
    """Somebody registered with an address that has an account."""
    del payload
    return {
        "heading": _("You already have an account"),
        "lines": [
            _(
                "Somebody, perhaps you, wanted to register with this address. It has an account already: just sign in."
            )
        ],
        "button": (_("Sign in"), link("accounts.signin", person.language)),
        "small": [not_you()],
    }


@letter("account_password_changed")
def password_changed(person: Row[Any], payload: Mapping[str, Any]) -> Facts | None:
    """Said after every change."""
    del payload
    return {
        "heading": _("Your password was changed"),
        "lines": [_("Your account has a new password, and all other devices are signed out."), was_it_you()],
        "button": (_("Choose a new password"), link("accounts.forgot", person.language)),
    }


@letter("account_new_sign_in")
def new_sign_in(person: Row[Any], payload: Mapping[str, Any]) -> Facts | None:
    """When, from where, with what."""
    found = row(SIGN_IN, {"id": payload["session_id"], "user_id": person.id})
    if found is None:
        return None
    when = format_datetime(to_user_timezone(found.created_at), "d MMMM yyyy, H:mm", rebase=False)
    return {
        "heading": _("A new sign-in to your account"),
        "lines": [
            _("Time: %(time)s", time=when),
            _("Device: %(device)s", device=device(found.user_agent) or _("Unknown device")),
            _("Network address: %(address)s", address=found.ip or ""),
            was_it_you(),
        ],
        "button": (_("See where I am signed in"), link("accounts.sessions", person.language)),
    }


def half_hour() -> str:
    """How long a link lives."""
    return str(_("The link works once, for 30 minutes."))


def not_you() -> str:
    """For those who did not ask."""
    return str(_("If it was not you, you need do nothing."))


def was_it_you() -> str:
    """For those who should worry."""
    return str(_("If it was not you, choose a new password at once and call us."))
