"""An order's page and the form that leads to it."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.checkout import placing
from app.core.db import db
from app.orders import lifecycle, queries
from tests import trade

LANGUAGES = ["en", "km"]


@pytest.fixture
def number(db_session: Any) -> str:
    trade.ground()
    token = trade.cart({trade.product(price="12.50"): 2})
    number = placing.place(trade.buyer(token), trade.details("26.50", note="<b>ring</b>")).number
    db.session.commit()
    return number


def link(number: str, lang: str = "en") -> str:
    return f"/{lang}/orders/{number}?token={queries.signature(number, 1)}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_tells_everything(client: FlaskClient, number: str, lang: str) -> None:
    answer = client.get(link(number, lang))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    for part in (number, "$26.50", "$1.50", "012 345 678", 'aria-current="step"', "noindex", "&lt;b&gt;ring"):
        assert part in answer.text


def test_riel_is_frozen_with_the_order(client: FlaskClient, number: str) -> None:
    db.session.execute(text("UPDATE orders SET exchange_rate = 4020 WHERE order_number = :n"), {"n": number})
    db.session.commit()
    text_of_page = client.get(link(number)).text
    assert "106,500\u17db" in text_of_page
    assert "4,000\u17db" in text_of_page


@pytest.mark.parametrize("token", ["", "?token=", "?token=abc", "?token=" + "0" * 32])
def test_the_number_alone_opens_nothing(client: FlaskClient, number: str, token: str) -> None:
    assert client.get(f"/en/orders/{number}{token}").status_code == 404


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_state_has_words(client: FlaskClient, number: str, lang: str) -> None:
    for move in (lifecycle.confirm, lifecycle.process, lifecycle.ship, lifecycle.deliver):
        move(number)
        db.session.commit()
        answer = client.get(link(number, lang))
        assert answer.status_code == 200
        assert answer.text.count('aria-current="step"') == 1


def test_a_cancelled_order_says_so(client: FlaskClient, number: str) -> None:
    lifecycle.cancel(number, reason="no answer")
    db.session.commit()
    page = client.get(link(number)).text
    assert "Cancelled" in page
    assert "ready when the parcel arrives" not in page


def test_the_page_asks_again_only_while_the_parcel_travels(client: FlaskClient, number: str) -> None:
    assert "every 30s" not in client.get(link(number)).text
    lifecycle.confirm(number)
    lifecycle.send(number, carrier="VET", tracking_number="VET-7")
    db.session.commit()
    page = client.get(link(number)).text
    assert "every 30s" in page
    assert "VET-7" in page
    part = client.get(link(number), headers={"HX-Request": "true", "HX-Request-Type": "partial"}).text
    assert part.lstrip().startswith('<ol id="timeline"')
    lifecycle.deliver(number)
    db.session.commit()
    assert "every 30s" not in client.get(link(number)).text


def test_the_page_takes_three_statements(client: FlaskClient, number: str, counted: Any) -> None:
    client.get(link(number))
    with counted() as statements:
        client.get(link(number))
    assert len(statements) <= 3


@pytest.mark.parametrize("lang", LANGUAGES)
def test_number_and_phone_lead_to_it(client: FlaskClient, number: str, lang: str) -> None:
    form = {"number": number.lower().replace("-", " "), "phone": "+855 12 345 678"}
    answer = client.post(f"/{lang}/orders/track", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, link(number, lang))


def test_a_wrong_phone_reads_like_an_unknown_number(client: FlaskClient, number: str) -> None:
    known = client.post("/en/orders/track", data={"number": number, "phone": "099 999 999"})
    unknown = client.post("/en/orders/track", data={"number": "SK-261123-99999-X", "phone": "099 999 999"})
    assert known.status_code == unknown.status_code == 422
    assert known.text.replace(number, "-") == unknown.text.replace("SK-261123-99999-X", "-")


def test_the_sixth_try_waits(client: FlaskClient, number: str) -> None:
    form = {"number": number, "phone": "099 999 999"}
    statuses = [client.post("/en/orders/track", data=form).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    assert client.post("/en/orders/track", data={**form, "phone": "012345678"}).status_code == 429


@pytest.mark.parametrize("value", ["", "\x00", "\u202eSK", "x" * 9000, "' OR 1=1 --", "<script>"])
def test_nonsense_is_harmless(client: FlaskClient, number: str, value: str) -> None:
    for form in ({"number": value, "phone": "012345678"}, {"number": number, "phone": value}):
        assert client.post("/en/orders/track", data=form).status_code == 422
    assert client.get("/en/orders/track", query_string={"number": value}).status_code == 200
    assert client.get("/en/orders/x", query_string={"token": value}).status_code == 404
