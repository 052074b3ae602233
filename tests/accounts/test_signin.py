"""Coming in: nobody learns who has an account (S1), nobody tries for long (S2), bag and wishlist come along."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.accounts import joining, passwords
from app.core import db, security
from app.core.stack import Stack
from tests.accounts.conftest import own_address
from tests.accounts.people import PASSWORD, make_user, send, signed_in
from tests.conftest import FULL, close_app, make_app

NAMES = 200 if FULL else 6
MASK = re.compile(r'(?<=name="csrf_token" value=")[^"]*|person\d+@|nobody\d+@')
Strangers = Callable[[], FlaskClient]


def outbox(kind: str) -> list[dict[str, Any]]:
    """The payloads of all messages of a kind."""
    return [
        row.payload
        for row in db.rows(text("SELECT payload FROM outbox WHERE kind = :kind ORDER BY id"), {"kind": kind})
    ]


def forget_tries() -> None:
    db.db.session.execute(text("DELETE FROM login_attempts"))
    db.db.session.commit()


def enter(client: FlaskClient, name: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/en/account/signin", data={"name": name, "password": password} | more)


def who(client: FlaskClient) -> bool:
    """Whether the client is signed in: an account page opens."""
    return bool(client.get("/en/account/sessions").status_code == 200)


def test_email_and_phone_in_any_notation_open_the_account(stranger: Strangers) -> None:
    user = make_user(phone="+85512345678")
    for name in (
        user.email,
        user.email.upper(),
        f"  {user.email} ",
        "012 345 678",
        "+855 12 345 678",
        "០១២៣៤៥៦៧៨",
    ):
        client = stranger()
        answer = enter(client, name, next="/en/shop")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/en/shop"), name
        assert who(client)


@pytest.mark.parametrize(
    "facts", [{"is_active": False}, {"deleted_at": "2026-01-01"}, {"email_verified": False}]
)
def test_who_may_not_come_in(client: FlaskClient, facts: dict[str, Any]) -> None:
    user = make_user(**facts)
    assert enter(client, user.email).status_code == 422
    assert not who(client)
    assert outbox("account_verify") == ([{"user_id": user.id}] if "email_verified" in facts else [])


def test_the_way_on_stays_in_the_shop(client: FlaskClient) -> None:
    user = make_user()
    answer = enter(client, user.email, next="//evil.test/")
    assert answer.headers["Location"] == "/en/account"


@pytest.mark.parametrize("path", ["signin", "forgot", "register", "verification"])
def test_known_and_unknown_names_get_the_same_answer(stranger: Strangers, path: str) -> None:
    """S1: status, headers and body differ in nothing but the token and the address that was typed in."""
    known = [make_user() for _ in range(NAMES)]
    names = [(user.email, f"nobody{user.id}@kesor.example") for user in known]
    for pair in names:
        answers = []
        for name in pair:
            form = {"name": name, "email": name, "password": "not the right one"}
            answer = stranger().post(f"/en/account/{path}", data=form)
            headers = {
                key: value for key, value in answer.headers if key not in ("X-Request-Id", "Set-Cookie")
            }
            headers["Content-Length"] = ""
            answers.append((answer.status_code, headers, MASK.sub("", answer.text)))
        assert answers[0] == answers[1]


def test_known_and_unknown_names_cost_one_hash(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """S1, as work in place of time: each answer computes exactly one hash."""
    work: list[str] = []
    verify, make = passwords.HASHER.verify, passwords.HASHER.hash
    passwords.matches(None, "warm")
    monkeypatch.setattr(passwords, "HASHER", Counting(work, verify, make))
    user, waiting = make_user(), make_user(email_verified=False)
    for path in ("signin", "register"):
        for name in (user.email, waiting.email, "nobody@kesor.example"):
            work.clear()
            form = {"name": name, "email": name, "password": "not the right one"}
            client.post(f"/en/account/{path}", data=form)
            assert len(work) == 1, (path, name, work)


class Counting:
    """A hasher that notes its work."""

    def __init__(self, work: list[str], verify: Any, make: Any) -> None:
        self.work, self._verify, self._make = work, verify, make

    def verify(self, *args: Any) -> Any:
        self.work.append("verify")
        return self._verify(*args)

    def hash(self, *args: Any) -> Any:
        self.work.append("hash")
        return self._make(*args)

    def check_needs_rehash(self, _stored: str) -> bool:
        return False


@pytest.mark.parametrize("name", ["known", "unknown"])
def test_the_first_try_of_a_process_costs_the_same_for_every_name(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    work: list[str] = []
    stored = passwords.make("something else") if name == "known" else None
    passwords._nobodys.cache_clear()
    counting = Counting(work, passwords.HASHER.verify, passwords.HASHER.hash)
    monkeypatch.setattr(passwords, "HASHER", counting)
    assert not passwords.matches(stored, "a guess")
    assert work == ["hash", "verify"]


@pytest.mark.parametrize("path", ["signin", "forgot", "register", "verification"])
def test_known_and_unknown_names_cost_the_same_statements(
    stranger: Strangers, counted: Callable[[], Any], path: str
) -> None:
    """S1, as work in place of time: PostgreSQL is asked as often, in the same words."""
    names = [make_user().email, make_user(email_verified=False).email, "nobody@kesor.example"]
    asked = []
    stranger().get(f"/en/account/{path}")
    for name in names:
        form = {"name": name, "email": name, "password": "not the right one"}
        client = stranger()
        with counted() as statements:
            client.post(f"/en/account/{path}", data=form)
        asked.append(list(statements))
    assert len(asked[0]) > 3
    assert asked[0] == asked[1] == asked[2]


def test_an_account_is_tried_ten_times_in_five_minutes(stranger: Strangers) -> None:
    """S2: from any address, under any of its names; spoofed forwarding headers change nothing."""
    user = make_user(phone="+85512345678")
    tries = 1_000 if FULL else 14
    codes = []
    for number in range(tries):
        client = stranger()
        name = user.email if number % 2 else "012345678"
        form = {"name": name, "password": f"wrong {number}"}
        forged = {"X-Forwarded-For": f"10.0.0.{number % 250}"}
        codes.append(client.post("/en/account/signin", data=form, headers=forged).status_code)
    assert codes == [422] * 10 + [429] * (tries - 10)
    assert enter(stranger(), user.email).status_code == 429
    db.db.session.execute(
        text("UPDATE login_attempts SET created_at = created_at - interval '5 minutes 1 second'")
    )
    assert enter(stranger(), user.email).status_code == 303


def test_an_unknown_name_is_tried_no_longer(stranger: Strangers) -> None:
    codes = [enter(stranger(), "nobody@kesor.example", "x" * 9).status_code for _ in range(12)]
    assert codes == [422] * 10 + [429] * 2


def test_an_address_that_forges_its_origin_is_stopped(app: Flask, db_session: Any) -> None:
    """S2: the limit by address counts the connection's address, whatever the headers claim."""
    client = own_address(app.test_client())
    codes = [
        client.post("/en/account/signin", headers={"X-Forwarded-For": f"10.1.1.{number}"}).status_code
        for number in range(62)
    ]
    assert codes == [422] * 60 + [429] * 2


@pytest.fixture
def sick_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Gives the address of a Redis that is up, stopped or hung."""
    stack = Stack(tmp_path_factory.mktemp("redis"), wanted={"redis"})
    stack.start()
    url = stack.urls()["REDIS_URL"]

    def fall_ill(how: str) -> str:
        if how == "hung":
            os.kill(stack.processes["redis"].pid, signal.SIGSTOP)
        elif how == "stopped":
            stack.halt("redis", signal.SIGKILL)
        return url

    yield fall_ill
    if "redis" in stack.processes:
        os.kill(stack.processes["redis"].pid, signal.SIGCONT)
    stack.stop()


@pytest.mark.parametrize("how", ["up", "stopped", "hung"])
def test_ten_tries_for_all_processes_together(
    how: str, sick_redis: Callable[[str], str], shop_app: Flask, shop_database: str
) -> None:
    """S2: four processes tried at once, with Redis up, stopped or hung: ten tries are weighed, none fails."""
    url, tries = sick_redis("up"), 400 if FULL else 24
    apps = [make_app(shop_database, 0, REDIS_URL=url) for _ in range(4)]
    with shop_app.app_context():
        name = make_user().email
    sick_redis(how)

    def attempt(number: int) -> int:
        client = own_address(apps[number % 4].test_client())
        return int(enter(client, name, f"wrong {number}").status_code)

    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(attempt, range(tries)))
    for app in apps:
        close_app(app)
    assert sorted(codes) == [422] * 10 + [429] * (tries - 10)


def test_three_mails_an_hour(stranger: Strangers) -> None:
    user = make_user()
    for _ in range(5):
        assert stranger().post("/en/account/forgot", data={"email": user.email}).status_code == 303
    assert outbox("account_reset") == [{"user_id": user.id}] * 3


def test_registering_takes_a_mail_and_the_password(client: FlaskClient) -> None:
    form = {
        "email": "New@kesor.example",
        "password": "rice and mango",
        "first_name": "Maly",
        "phone": "012 345 678",
    }
    answer = client.post("/km/account/register", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/km/account/sent?what=verify")
    row = db.row(text("SELECT * FROM users WHERE lower(email) = 'new@kesor.example'"))
    assert row
    assert (row.language, row.phone, row.email_verified, row.role) == (
        "kh",
        "+85512345678",
        False,
        "customer",
    )
    assert outbox("account_verify") == [{"user_id": row.id}]
    assert enter(client, "new@kesor.example", "rice and mango").status_code == 422


def test_extra_fields_change_nothing(client: FlaskClient) -> None:
    extra = {"role": "admin", "email_verified": "true", "is_active": "1", "id": "1", "total_spent": "900"}
    client.post(
        "/en/account/register", data={"email": "x@kesor.example", "password": "rice and mango"} | extra
    )
    row = db.row(text("SELECT role, email_verified, total_spent FROM users WHERE email = 'x@kesor.example'"))
    assert row
    assert tuple(row) == ("customer", False, 0)


def test_registering_again_before_confirming_counts_anew(client: FlaskClient, stranger: Strangers) -> None:
    waiting, settled = make_user(email_verified=False), make_user()
    for user in (waiting, settled):
        stranger().post("/en/account/register", data={"email": user.email, "password": "rice and mango"})
    hashes = [
        db.scalar(text("SELECT password_hash FROM users WHERE id = :id"), {"id": u.id})
        for u in (waiting, settled)
    ]
    assert hashes[0] != waiting.password_hash
    assert hashes[1] == settled.password_hash
    assert outbox("account_exists") == [{"user_id": settled.id}]


def test_one_address_has_one_account(shop_app: Flask) -> None:
    def register(_: int) -> None:
        with shop_app.app_context():
            joining.register(joining.Newcomer("same@kesor.example", "rice and mango", None, None, "en"), None)
            db.db.session.commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(register, range(4)))
    with shop_app.app_context():
        assert db.scalar(text("SELECT count(*) FROM users WHERE email = 'same@kesor.example'")) == 1


def test_a_new_browser_is_told_by_mail(stranger: Strangers) -> None:
    user = make_user()
    for agent in ("one", "one", "two"):
        stranger().post(
            "/en/account/signin",
            data={"name": user.email, "password": PASSWORD},
            headers={"User-Agent": agent},
        )
    assert len(outbox("account_new_sign_in")) == 1


def lines(user_id: int) -> dict[str, int]:
    """SKU -> units in a user's bag."""
    statement = text(
        "SELECT p.sku, l.quantity FROM carts c JOIN shopping_cart l ON l.cart_id = c.id"
        " JOIN products p ON p.id = l.product_id WHERE c.user_id = :id"
    )
    return {row.sku: row.quantity for row in db.rows(statement, {"id": user_id})}


def test_the_bag_comes_along(client: FlaskClient, stranger: Strangers) -> None:
    """Quantities add up to what is there and to 20 a line; the guest's cookie is worth nothing afterwards."""
    user = make_user()
    skus = [
        row.sku
        for row in db.rows(text("SELECT sku FROM products WHERE status = 'active' ORDER BY id LIMIT 3"))
    ]
    ids = [db.scalar(text("SELECT id FROM products WHERE sku = :sku"), {"sku": sku}) for sku in skus]
    db.db.session.execute(
        text(
            "UPDATE products SET stock = allocated + CASE WHEN id = :short THEN 5 ELSE 500 END WHERE id = ANY(:ids)"
        ),
        {"ids": ids, "short": ids[1]},
    )
    db.db.session.commit()
    member = signed_in(stranger(), user)
    for product_id, units in zip(ids[:2], (15, 3), strict=True):
        send(member, "/en/cart/lines", {"product_id": product_id, "quantity": units})
    for product_id, units in zip(ids, (9, 4, 2), strict=True):
        send(client, "/en/cart/lines", {"product_id": product_id, "quantity": units})
    guest = client.get_cookie("cart")
    assert guest
    enter(client, user.email, csrf_token=client.get_cookie("csrf").value, next="/en/cart")  # type: ignore[union-attr]
    assert lines(user.id) == dict(zip(skus, (20, 5, 2), strict=True))
    assert client.get_cookie("cart") is None
    page = client.get("/en/cart").text
    assert "9 items from this visit" in page
    assert "as many as there are" in page
    assert "items from this visit" not in client.get("/en/cart").text
    other = stranger()
    other.set_cookie("cart", guest.value)
    assert other.get("/en/cart").text.count('id="line-') == 0
    assert (
        db.scalar(
            text("SELECT count(*) FROM carts WHERE guest_token_hash = :h"),
            {"h": security.digest(guest.value)},
        )
        == 0
    )


def test_signed_in_pages_cost_one_statement_more(
    client: FlaskClient, stranger: Strangers, counted: Callable[[], Any]
) -> None:
    member = signed_in(stranger(), make_user())
    for path in ("/en/", "/en/shop", "/en/products/niacinamide", "/en/search?q=serum"):
        costs = []
        for one in (client, member):
            one.get(path)
            with counted() as statements:
                one.get(path)
            costs.append(len(statements))
        assert costs[1] <= costs[0] + 1, (path, costs)
