"""Links in mails (S6): kept as digests, single use, thirty minutes, bound to person and purpose."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.accounts import credentials, joining, tokens
from app.core import db, security
from tests.accounts.people import PASSWORD, make_user, send, signed_in
from tests.accounts.test_signin import enter, outbox, who

Strangers = Callable[[], FlaskClient]
NEW = "a boat on the Mekong"
AGE = text(
    "UPDATE users SET password_reset_expires = now() + make_interval(secs => :left),"
    " email_verification_expires = now() + make_interval(secs => :left) WHERE id = :id"
)


def reset(client: FlaskClient, token: str, password: str = NEW) -> int:
    """Follow the link and save a new password; the status of the last answer."""
    client.get(f"/en/account/reset?token={token}")
    return int(send(client, "/en/account/reset", {"password": password}).status_code)


def confirm(client: FlaskClient, token: str, password: str = PASSWORD) -> int:
    client.get(f"/en/account/verify?token={token}")
    return int(send(client, "/en/account/verify", {"password": password}).status_code)


def test_a_forgotten_password(stranger: Strangers) -> None:
    user = make_user()
    other = signed_in(stranger(), user, remember=True)
    token = tokens.make(user.id, "reset")
    client = stranger()
    followed = client.get(f"/en/account/reset?token={token}")
    assert (followed.status_code, followed.headers["Location"]) == (303, "/en/account/reset")
    assert token not in client.get("/en/account/reset").text
    assert reset(client, token) == 303
    assert not who(client), "whoever reads the mail still has to know the new password"
    assert not who(other)
    assert enter(stranger(), user.email, NEW).status_code == 303
    assert outbox("account_password_changed") == [{"user_id": user.id}]


def test_the_database_keeps_no_token(client: FlaskClient) -> None:
    user = make_user()
    token = tokens.make(user.id, "reset")
    kept = db.scalar(text("SELECT password_reset_token FROM users WHERE id = :id"), {"id": user.id})
    assert len(kept) == 64
    assert kept not in (token, security.digest(token))
    assert reset(client, kept) == 422


@pytest.mark.parametrize(("left", "status"), [(1, 303), (-1, 422)])
def test_thirty_minutes(client: FlaskClient, left: int, status: int) -> None:
    user = make_user()
    token = tokens.make(user.id, "reset")
    lifetime = text("SELECT extract(epoch FROM password_reset_expires - now()) FROM users WHERE id = :id")
    assert float(db.scalar(lifetime, {"id": user.id})) == 1800
    db.db.session.execute(AGE, {"id": user.id, "left": left})
    assert reset(client, token) == status


def abuses() -> dict[str, Callable[[FlaskClient, int], str]]:
    """Ways to hold a reset token that must not work; each gives the token."""

    def used(client: FlaskClient, user_id: int) -> str:
        token = tokens.make(user_id, "reset")
        assert reset(client, token, "first use of it") == 303
        return token

    def replaced(client: FlaskClient, user_id: int) -> str:
        token = tokens.make(user_id, "reset")
        tokens.make(user_id, "reset")
        return token

    def of_the_disabled(client: FlaskClient, user_id: int) -> str:
        token = tokens.make(user_id, "reset")
        db.db.session.execute(text("UPDATE users SET is_active = false WHERE id = :id"), {"id": user_id})
        return token

    def of_the_deleted(client: FlaskClient, user_id: int) -> str:
        token = tokens.make(user_id, "reset")
        db.db.session.execute(text("UPDATE users SET deleted_at = now() WHERE id = :id"), {"id": user_id})
        return token

    def after_a_change(client: FlaskClient, user_id: int) -> str:
        token = tokens.make(user_id, "reset")
        credentials.change(user_id, "another one entirely")
        return token

    return {
        "used": used,
        "replaced": replaced,
        "of the disabled": of_the_disabled,
        "of the deleted": of_the_deleted,
        "after a change": after_a_change,
        "for confirming": lambda _client, user_id: tokens.make(user_id, "verify"),
        "for moving": lambda _client, user_id: tokens.make(user_id, "change_email"),
        "empty": lambda _client, _id: "",
        "longer": lambda _client, user_id: tokens.make(user_id, "reset") + "A",
        "shorter": lambda _client, user_id: tokens.make(user_id, "reset")[:-1],
        "in capitals": lambda _client, user_id: tokens.make(user_id, "reset").swapcase(),
        "huge": lambda _client, _id: "A" * 5_000,
        "a pattern": lambda _client, _id: "%25",
    }


@pytest.mark.parametrize("name", abuses())
def test_abused_links_open_nothing(client: FlaskClient, name: str) -> None:
    user = make_user()
    token = abuses()[name](client, user.id)
    before = db.scalar(text("SELECT password_hash FROM users WHERE id = :id"), {"id": user.id})
    assert reset(client, token, "stolen by me") == 422
    assert db.scalar(text("SELECT password_hash FROM users WHERE id = :id"), {"id": user.id}) == before


def test_a_link_used_twice_at_once_works_once(shop_app: Flask) -> None:
    with shop_app.app_context():
        user = make_user()
        token = tokens.make(user.id, "reset")
        db.db.session.commit()

    def attempt(number: int) -> bool:
        with shop_app.app_context():
            done = credentials.reset(token, f"password number {number}")
            db.db.session.commit()
            return done

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(6))) == 1


def test_confirming_needs_link_and_password(stranger: Strangers) -> None:
    """Whoever registers a foreign address cannot make its owner confirm the intruder's password."""
    user = make_user(email_verified=False)
    token = tokens.make(user.id, "verify")
    client = stranger()
    assert confirm(client, token, "the owner knows no such password") == 422
    assert enter(stranger(), user.email).status_code == 422
    assert confirm(client, token) == 303
    assert who(client)
    assert confirm(stranger(), token) == 422
    assert enter(stranger(), user.email).status_code == 303


def test_a_mail_reader_that_follows_links_confirms_nothing(client: FlaskClient) -> None:
    user = make_user(email_verified=False)
    client.get(f"/en/account/verify?token={tokens.make(user.id, 'verify')}", follow_redirects=True)
    assert not db.scalar(text("SELECT email_verified FROM users WHERE id = :id"), {"id": user.id})


def test_a_reset_confirms_the_address_and_drops_the_other_links(stranger: Strangers) -> None:
    user = make_user(email_verified=False)
    other = tokens.make(user.id, "verify")
    assert reset(stranger(), tokens.make(user.id, "reset")) == 303
    assert joining.mailed(other) is None
    assert enter(stranger(), user.email, NEW).status_code == 303


def test_a_link_is_for_its_own_account(stranger: Strangers) -> None:
    mine, other = make_user(), make_user()
    client = signed_in(stranger(), mine)
    assert reset(client, tokens.make(other.id, "reset")) == 303
    assert enter(stranger(), mine.email).status_code == 303
    assert enter(stranger(), other.email, NEW).status_code == 303


def test_foreign_hosts_get_no_links(client: FlaskClient) -> None:
    answer = client.post(
        "/en/account/forgot", data={"email": "a@kesor.example"}, headers={"Host": "evil.test"}
    )
    assert answer.status_code == 400
    assert not outbox("account_reset")
