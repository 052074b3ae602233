"""Tell me when it is back: asked by account, e-mail or phone; told once, in whatever way the stock returned."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.core.db import db
from app.inventory import stock
from app.messaging import composers, letters
from app.messaging.letters import Letter
from app.wishlist import alerts
from app.wishlist.alerts import Reach
from tests import trade
from tests.accounts.people import make_user, send, signed_in
from tests.conftest import FULL

Shelf = Callable[..., tuple[int, str]]


def waiting(product: int) -> list[Any]:
    found = db.session.execute(
        text("SELECT user_id, email, phone, language FROM stock_alerts WHERE product_id = :id ORDER BY id"),
        {"id": product},
    )
    return [tuple(row) for row in found]


def messages() -> list[dict[str, int]]:
    found = db.session.execute(text("SELECT payload FROM outbox WHERE kind = 'back_in_stock' ORDER BY id"))
    return [row.payload for row in found]


@pytest.mark.parametrize(
    ("contact", "kept"),
    [
        ("Dara@Example.com ", (None, "dara@example.com", None, "kh")),
        ("012 345 678", (None, None, "+85512345678", "kh")),
        ("\u17e0\u17e1\u17e2 345 678", (None, None, "+85512345678", "kh")),
    ],
)
def test_a_guest_asks_by_email_or_phone_once(
    client: FlaskClient, shelf: Shelf, contact: str, kept: tuple[Any, ...]
) -> None:
    product, slug = shelf(units=0)
    path = f"/km/products/{slug}/alert"
    assert client.get(path).status_code == 200
    for _ in range(2):
        answer = send(client, path, {"contact": contact})
        assert answer.headers["Location"] == f"{path}?asked=1"
    assert waiting(product) == [kept]


@pytest.mark.parametrize("contact", ["", "dara", "dara@", "12", "a@b.example\nBcc: x@y.example", "x" * 300])
def test_what_reaches_nobody_is_asked_again(client: FlaskClient, shelf: Shelf, contact: str) -> None:
    product, slug = shelf(units=0)
    answer = send(client, f"/en/products/{slug}/alert", {"contact": contact})
    assert answer.status_code == 422
    assert 'id="contact-err"' in answer.text
    assert waiting(product) == []


def test_a_user_asks_with_one_button(client: FlaskClient, shelf: Shelf) -> None:
    product, slug = shelf(units=0)
    user = make_user()
    signed_in(client, user)
    assert 'name="contact"' not in client.get(f"/en/products/{slug}").text
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    answer = send(client, f"/en/products/{slug}/alert", {"contact": "foreign@example.com"}, headers=headers)
    assert "We tell you once" in answer.text
    assert waiting(product) == [(user.id, None, None, "en")]
    assert 'name="contact"' not in client.get(f"/en/products/{slug}/alert").text
    assert "We tell you once" in client.get(f"/en/products/{slug}").text


def test_nobody_waits_for_what_is_there(client: FlaskClient, shelf: Shelf) -> None:
    product, slug = shelf()
    answer = send(client, f"/en/products/{slug}/alert", {"contact": "dara@example.com"})
    assert answer.headers["Location"] == f"/en/products/{slug}"
    assert waiting(product) == []
    assert client.get("/en/products/nothing-like-it/alert").status_code == 404


def test_everybody_is_told_once_when_goods_arrive(shelf: Shelf) -> None:
    product, other = shelf(units=0)[0], shelf(units=0)[0]
    for reach in (Reach(email="a@example.com"), Reach(phone="+85512345678"), Reach(user_id=make_user().id)):
        alerts.ask(product, reach)
    alerts.ask(other, Reach(email="a@example.com"))
    assert alerts.came_back(stock.receive({product: 5})) == 3
    assert alerts.came_back([product]) == 0
    assert alerts.came_back([other]) == 0
    assert alerts.came_back(stock.receive({product: 5})) == 0
    assert len(messages()) == 3
    alerts.ask(product, Reach(email="a@example.com"))
    assert len(waiting(product)) == 4


def test_the_clock_finds_what_came_back_unnoticed(shelf: Shelf) -> None:
    product, _ = shelf(units=0)
    alerts.ask(product, Reach(email="a@example.com"))
    assert alerts.catch_up() == 0
    db.session.execute(text("UPDATE products SET allow_backorders = true WHERE id = :id"), {"id": product})
    assert alerts.catch_up() == 1
    assert alerts.catch_up() == 0


def test_letters_speak_the_readers_language_and_staff_call_the_others(shelf: Shelf) -> None:
    product, slug = shelf(units=0)
    user = make_user(language="kh")
    for reach in (
        Reach(user_id=user.id),
        Reach(email="a@example.com", language="en"),
        Reach(phone="+85512345678"),
    ):
        alerts.ask(product, reach)
    alerts.came_back(stock.receive({product: 1}))
    khmer, english, call = [composers.compose(alerts.KIND, payload) for payload in messages()]
    assert isinstance(khmer, Letter)
    assert isinstance(english, Letter)
    assert isinstance(call, Letter)
    assert (khmer.to, khmer.language, english.to, english.language) == (
        user.email,
        "kh",
        "a@example.com",
        "en",
    )
    assert khmer.facts["button"][1].endswith(f"/km/products/{slug}")
    assert "is back" in str(letters.mail(english, "k")["Subject"])
    assert call.to == letters.sender()
    assert "012 345 678" in letters.mail(call, "k").as_string()
    db.session.execute(text("UPDATE products SET status = 'archived' WHERE id = :id"), {"id": product})
    assert composers.compose(alerts.KIND, messages()[0]) is None


def test_several_that_notice_at_once_tell_each_person_once(shop_app: Flask) -> None:
    people, at_once = (200, 8) if FULL else (20, 4)
    with shop_app.app_context():
        product = trade.product(1, status="active")
        for number in range(people):
            alerts.ask(product, Reach(email=f"reader{number}@example.com"))
        db.session.commit()

    def notice(_: int) -> int:
        with shop_app.app_context():
            told = alerts.came_back([product])
            db.session.commit()
            db.session.remove()
            return told

    with ThreadPoolExecutor(at_once) as pool:
        assert sum(pool.map(notice, range(at_once))) == people
    with shop_app.app_context():
        assert len(messages()) == people
