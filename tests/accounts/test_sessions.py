"""Sessions: a new one at every step (S3), dead when they end (S4), remembered ones used once (S5)."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.accounts import jobs, sessions, tokens
from app.cart import merging
from app.core import db, page_cache
from tests.accounts.people import PASSWORD, make_user, send, signed_in
from tests.accounts.test_signin import enter, outbox, who

Strangers = Callable[[], FlaskClient]
NEW = "a boat on the Mekong"


def jar(client: FlaskClient) -> dict[str, str]:
    """The client's cookies of identity."""
    found = {name: client.get_cookie(name) for name in ("session", "remember")}
    return {name: cookie.value for name, cookie in found.items() if cookie}


def bearing(client: FlaskClient, cookies: dict[str, str]) -> FlaskClient:
    for name, value in cookies.items():
        client.set_cookie(name, value)
    return client


def set_role(user_id: int, role: str) -> None:
    db.db.session.execute(
        text("UPDATE users SET role = CAST(:role AS user_role) WHERE id = :id"), {"id": user_id, "role": role}
    )


def sign_out(client: FlaskClient) -> None:
    send(client, "/en/account/signout")


def sign_out_everywhere(client: FlaskClient) -> None:
    there = send(client, "/en/account/sessions/end").headers["Location"]
    assert "You are signed out on all your devices." in client.get(there).text


def change_password(client: FlaskClient) -> None:
    answer = send(client, "/en/account/password", {"current": PASSWORD, "password": NEW})
    assert answer.status_code == 303


def sign_in_again(client: FlaskClient) -> None:
    email = db.scalar(
        text("SELECT max(email) FROM users WHERE id = (SELECT max(user_id) FROM user_sessions)")
    )
    send(client, "/en/account/signin", {"name": email, "password": PASSWORD})


def end_this_one(client: FlaskClient) -> None:
    session_id = db.scalar(text("SELECT max(id) FROM user_sessions"))
    assert send(client, f"/en/account/sessions/{session_id}/end").status_code == 303


def be_disabled(client: FlaskClient) -> None:
    db.db.session.execute(
        text("UPDATE users SET is_active = false WHERE id = (SELECT max(user_id) FROM user_sessions)")
    )
    db.db.session.commit()


TRANSITIONS = [sign_out, sign_out_everywhere, change_password, sign_in_again, end_this_one, be_disabled]


@pytest.mark.parametrize("step", TRANSITIONS, ids=lambda step: step.__name__)
def test_old_cookies_are_dead_after_every_step(
    stranger: Strangers, step: Callable[[FlaskClient], None]
) -> None:
    """S3, S4: neither the session nor the remembered token of before opens anything."""
    client = signed_in(stranger(), make_user(), remember=True)
    assert who(client)
    old = jar(client)
    assert set(old) == {"session", "remember"}
    step(client)
    assert not who(bearing(stranger(), old))
    assert not who(bearing(stranger(), {"remember": old["remember"]}))
    assert not set(old.values()) & set(jar(client).values()) or step is be_disabled


def test_a_session_from_before_is_not_kept(stranger: Strangers) -> None:
    """S3: a cookie planted before signing in is replaced, and a forged one costs no statement."""
    user = make_user()
    client = bearing(stranger(), {"session": "planted.0123456789abcdef0123456789abcdef"})
    assert not who(client)
    client.get("/en/account/signin")
    token = client.get_cookie("csrf")
    enter(client, user.email, csrf_token=token.value if token else "")
    assert who(client)
    assert "planted" not in jar(client)["session"]


def test_a_forged_cookie_asks_the_database_nothing(stranger: Strangers, counted: Callable[[], Any]) -> None:
    client = stranger()
    client.get("/en/offline")
    bearing(client, {"session": "planted.0123456789abcdef0123456789abcdef"})
    with counted() as statements:
        client.get("/en/offline")
    assert not [one for one in statements if "user_sessions" in one]


def test_the_form_token_is_new_after_signing_in(stranger: Strangers) -> None:
    user = make_user()
    client = stranger()
    send(
        client,
        "/en/cart/lines",
        {
            "product_id": db.scalar(
                text("SELECT min(id) FROM products WHERE status = 'active' AND stock > allocated")
            )
        },
    )
    before = client.get_cookie("csrf")
    assert before
    enter(client, user.email, csrf_token=before.value)
    assert who(client)
    refused = client.post("/en/account/sessions/end", data={"csrf_token": before.value})
    assert refused.status_code == 400


def test_a_crash_hands_out_no_cookies(stranger: Strangers, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_guest: str, _user_id: int) -> None:
        raise RuntimeError("out of order")

    client = stranger()
    client.set_cookie("cart", "a-guest")
    client.get("/en/account/signin")
    monkeypatch.setattr(merging, "merge", crash)
    token = client.get_cookie("csrf")
    answer = enter(client, make_user().email, csrf_token=token.value if token else "", remember="y")
    assert answer.status_code == 500
    assert not jar(client)


def test_the_remembered_are_never_served_from_the_page_cache(app: Any) -> None:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/en/shop", "HTTP_COOKIE": ""}
    assert page_cache._key(environ, 1)
    for name in ("session", "remember", "cart"):
        assert page_cache._key(environ | {"HTTP_COOKIE": f"theme=dark; {name}=x"}, 1) is None


def test_remembered_once(stranger: Strangers) -> None:
    """S5: the first use signs in and renews the token, a second use of the same token ends the whole family."""
    user = make_user()
    owner = signed_in(stranger(), user, remember=True)
    stolen = {"remember": jar(owner)["remember"]}
    owner.delete_cookie("session")
    assert who(owner)
    renewed = jar(owner)
    assert renewed["remember"] != stolen["remember"]
    assert not who(bearing(stranger(), stolen))
    assert not who(bearing(stranger(), renewed)), "the family is dead for the owner too"
    assert not who(owner)


def test_the_thief_who_comes_first_loses_it_all_the_same(stranger: Strangers) -> None:
    owner = signed_in(stranger(), make_user(), remember=True)
    thief = bearing(stranger(), {"remember": jar(owner)["remember"]})
    assert who(thief)
    owner.delete_cookie("session")
    assert not who(owner)
    assert not who(thief)


def test_tabs_that_open_together_are_not_thieves(stranger: Strangers) -> None:
    """The same browser may send the token again within ten seconds; it gets nothing, and nothing ends."""
    owner = signed_in(stranger(), make_user(), remember=True)
    old = {"remember": jar(owner)["remember"]}
    owner.delete_cookie("session")
    tab = bearing(stranger(), old)
    tab.environ_base["REMOTE_ADDR"] = owner.environ_base["REMOTE_ADDR"]
    assert who(owner)
    assert not who(tab)
    assert who(owner)
    db.db.session.execute(
        text("UPDATE user_sessions SET remember_used_at = remember_used_at - interval '11 seconds'")
    )
    assert not who(bearing(tab, old))
    assert not who(owner)


def test_a_remembered_token_lives_thirty_days(stranger: Strangers) -> None:
    for days, holds in ((29, True), (31, False)):
        client = signed_in(stranger(), make_user(), remember=True)
        client.delete_cookie("session")
        db.db.session.execute(
            text(
                "UPDATE user_sessions SET remember_expires_at = remember_expires_at - make_interval(days => :days)"
            ),
            {"days": days},
        )
        assert who(client) is holds


def test_a_session_unused_for_a_day_is_over(stranger: Strangers) -> None:
    client = signed_in(stranger(), make_user())
    db.db.session.execute(
        text("UPDATE user_sessions SET expires_at = expires_at - interval '1 day 1 second'")
    )
    assert not who(client)


def test_use_prolongs_a_session(stranger: Strangers) -> None:
    client = signed_in(stranger(), make_user())
    later = text(
        "UPDATE user_sessions SET last_seen_at = now() - interval '11 minutes', expires_at = now() + interval '1 hour'"
    )
    db.db.session.execute(later)
    who(client)
    row = db.row(
        text(
            "SELECT expires_at > now() + interval '23 hours' AS longer,"
            " last_seen_at > now() - interval '1 minute' AS seen FROM user_sessions ORDER BY id DESC LIMIT 1"
        )
    )
    assert row
    assert (row.longer, row.seen) == (True, True)


def test_the_list_of_sessions_is_ones_own(stranger: Strangers) -> None:
    a, b = make_user(), make_user()
    here, phone = signed_in(stranger(), a), signed_in(stranger(), a)
    foreign = signed_in(stranger(), b)
    ids = [row.id for row in sessions.open_ones(a.id)]
    assert len(ids) == 2
    assert send(foreign, f"/en/account/sessions/{ids[0]}/end").status_code == 404
    other = db.scalar(
        text("SELECT min(id) FROM user_sessions WHERE user_id = :id AND revoked_at IS NULL"), {"id": a.id}
    )
    assert send(phone, f"/en/account/sessions/{other}/end").status_code == 303
    assert who(phone)
    assert not who(here)
    assert who(foreign)


def test_changing_the_password_needs_the_present_one(stranger: Strangers) -> None:
    user = make_user()
    client = signed_in(stranger(), user)
    for _ in range(10):
        assert send(client, "/en/account/password", {"current": "no", "password": NEW}).status_code == 422
    assert send(client, "/en/account/password", {"current": PASSWORD, "password": NEW}).status_code == 429
    assert not outbox("account_password_changed")


def test_changing_the_password_keeps_this_device(stranger: Strangers) -> None:
    user = make_user()
    client, other = signed_in(stranger(), user), signed_in(stranger(), user)
    change_password(client)
    assert who(client)
    assert not who(other)
    assert enter(stranger(), user.email, NEW).status_code == 303
    assert enter(stranger(), user.email).status_code == 422
    assert outbox("account_password_changed") == [{"user_id": user.id}]


def test_a_new_address_is_confirmed_by_its_mail(stranger: Strangers) -> None:
    user = make_user()
    client = signed_in(stranger(), user)
    assert (
        send(client, "/en/account/email", {"email": "moved@kesor.example", "current": PASSWORD}).status_code
        == 303
    )
    assert outbox("account_change_email") == [{"user_id": user.id}]
    assert enter(stranger(), "moved@kesor.example").status_code == 422
    token = tokens.make(user.id, "change_email")
    client.get(f"/en/account/verify?token={token}")
    assert send(client, "/en/account/verify").status_code == 303
    assert "Your email is changed." in client.get("/en/account").text
    assert who(client)
    assert outbox("account_email_changed") == [{"user_id": user.id, "email": user.email}]
    assert enter(stranger(), "moved@kesor.example").status_code == 303
    assert enter(stranger(), user.email).status_code == 422


def test_an_address_that_is_taken_looks_the_same(stranger: Strangers) -> None:
    user, owner = make_user(), make_user()
    client = signed_in(stranger(), user)
    answer = send(client, "/en/account/email", {"email": owner.email, "current": PASSWORD})
    assert (answer.status_code, outbox("account_exists")) == (303, [{"user_id": owner.id}])
    token = tokens.make(user.id, "change_email")
    client.get(f"/en/account/verify?token={token}")
    assert send(client, "/en/account/verify").status_code == 422


def test_what_is_over_is_deleted_by_night(client: FlaskClient) -> None:
    kept, gone, waiting = make_user(), make_user(email_verified=False), make_user(email_verified=False)
    live = sessions.write(kept.id, True, None, None).id
    dead = sessions.write(kept.id, False, None, None).id
    past = {"live": live, "dead": dead, "gone": gone.id}
    for statement in (
        "UPDATE user_sessions SET expires_at = now() - interval '31 days' WHERE id IN (:live, :dead)",
        "UPDATE users SET created_at = now() - interval '8 days', updated_at = now() - interval '8 days'"
        " WHERE id = :gone",
    ):
        db.db.session.execute(text(statement), past)
    jobs.tidy()
    people = text("SELECT id FROM users WHERE id = ANY(:ids) ORDER BY id")
    assert [row.id for row in db.rows(people, {"ids": [kept.id, gone.id, waiting.id]})] == [
        kept.id,
        waiting.id,
    ]
    rest = text("SELECT id FROM user_sessions WHERE user_id = :id")
    assert [row.id for row in db.rows(rest, {"id": kept.id})] == [live]
