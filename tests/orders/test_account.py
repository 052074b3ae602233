"""One's own orders: the list, the same again with what could not come, and a guest's order taken in by its link."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.core import db
from app.core.shop import shop
from app.orders import lifecycle, queries
from app.shipping import rates
from tests import trade
from tests.accounts.people import make_user, send, signed_in
from tests.checkout.visitor import PHNOM_PENH, Visitor


@pytest.fixture(autouse=True)
def session(db_session: Any) -> Any:
    trade.ground()
    shop()
    rates.tariff()
    return db_session


@pytest.fixture
def user(session: Any) -> Any:
    return make_user(skin_type="oily")


@pytest.fixture
def person(client: FlaskClient, user: Any) -> FlaskClient:
    return signed_in(client, user)


def ordered(client: FlaskClient, lines: dict[int, int], **answers: str) -> dict[str, Any]:
    """Buy through the pages; the order's row."""
    visitor = Visitor(client)
    visitor.fill_bag(lines)
    page = visitor.open()
    placed = visitor.post("", page.answers(**PHNOM_PENH | answers))
    assert placed.status == 303, placed.text
    return dict(db.rows(text("SELECT * FROM orders ORDER BY id DESC LIMIT 1"))[0]._mapping)


def bag(user_id: int) -> dict[int, int]:
    found = db.rows(
        text(
            "SELECT l.product_id, l.quantity FROM shopping_cart l JOIN carts c ON c.id = l.cart_id"
            " WHERE c.user_id = :id"
        ),
        {"id": user_id},
    )
    return {line.product_id: line.quantity for line in found}


def link(order: dict[str, Any]) -> dict[str, str]:
    return {
        "number": order["order_number"],
        "token": queries.signature(order["order_number"], order["access_version"]),
    }


def test_a_guests_order_comes_into_the_account_by_its_link(
    client: FlaskClient, person: FlaskClient, user: Any
) -> None:
    guest = client.application.test_client()
    cream = trade.product(5)
    order = ordered(guest, {cream: 2})
    number = order["order_number"]
    for step in (lifecycle.confirm, lifecycle.send, lifecycle.deliver):
        step(number)
    db.db.session.commit()
    place = {"query_string": {"token": link(order)["token"]}}
    assert "/account/register?next=" in guest.get(f"/en/orders/{number}", **place).text
    assert send(person, "/en/account/orders/claim", link(order) | {"token": "0" * 32}).status_code == 404
    assert number not in person.get("/en/account/orders").text
    offered = person.get(f"/en/orders/{number}", **place).text.split('id="claim-h"')[1]
    form = dict(re.findall(r'name="(number|token)" value="([^"]*)"', offered))
    assert send(person, "/en/account/orders/claim", form).status_code == 303
    assert number in person.get("/en/account/orders").text
    assert db.scalar(text("SELECT total_orders FROM users WHERE id = :id"), {"id": user.id}) == 1
    other = make_user()
    send(signed_in(client.application.test_client(), other), "/en/account/orders/claim", link(order))
    owner = db.scalar(text("SELECT user_id FROM orders WHERE id = :id"), {"id": order["id"]})
    assert owner == user.id
    assert "claim-h" not in person.get(f"/en/orders/{number}", **place).text


def test_the_same_again_says_what_could_not_come(client: FlaskClient, person: FlaskClient, user: Any) -> None:
    plenty, scarce, gone = trade.product(30), trade.product(5), trade.product(5)
    guest = client.application.test_client()
    order = ordered(guest, {plenty: 2, scarce: 4, gone: 1})
    send(person, "/en/account/orders/claim", link(order))
    db.db.session.execute(text("UPDATE products SET status = 'archived' WHERE id = :id"), {"id": gone})
    db.db.session.commit()
    path = f"/en/account/orders/{order['order_number']}/reorder"
    assert send(person, path).headers["Location"] == "/en/cart"
    assert bag(user.id) == {plenty: 2, scarce: 1}
    told = person.get("/en/cart").text
    assert "3 pieces are in your bag." in told
    assert "only 1 came along" in told
    assert "could not come along" in told
    assert "could not come along" not in person.get("/en/cart").text
    send(person, path)
    assert bag(user.id) == {plenty: 4, scarce: 1}
    stranger = signed_in(client.application.test_client(), make_user())
    assert send(stranger, path).status_code == 404


def test_checkout_knows_the_usual_address_and_keeps_a_new_one(person: FlaskClient, user: Any) -> None:
    cream = trade.product(9)
    send(person, "/en/cart/lines", {"product_id": cream, "quantity": 1})
    visitor = Visitor(person)
    empty = visitor.open()
    assert (empty.field("name"), empty.field("email"), empty.field("province")) == (
        "Sok Chan",
        user.email,
        "",
    )
    placed = visitor.post("", empty.answers(**PHNOM_PENH, keep_address="y"))
    assert placed.status == 303, placed.text
    assert db.scalar(text("SELECT user_id FROM orders ORDER BY id DESC LIMIT 1")) == user.id
    send(person, "/en/cart/lines", {"product_id": cream, "quantity": 1})
    known = visitor.open()
    assert {name: known.field(name) for name in PHNOM_PENH} == PHNOM_PENH
    again = visitor.post("", known.answers(keep_address="y"))
    assert again.status == 303, again.text
    assert db.scalar(text("SELECT count(*) FROM user_addresses WHERE user_id = :id"), {"id": user.id}) == 1
