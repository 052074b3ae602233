"""The bag: adding, changing, removing with undo, notices, the badge, and who may touch whose lines."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.core import db

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial", "Sec-Fetch-Site": "same-origin"}


def product(where: str = "stock - allocated > 5") -> int:
    return int(
        db.scalar(text(f"SELECT id FROM products WHERE status = 'active' AND {where} ORDER BY id LIMIT 1"))
    )


def token(client: FlaskClient) -> str:
    cookie = client.get_cookie("csrf")
    return cookie.value if cookie else ""


def add(client: FlaskClient, product_id: object, quantity: object = 1, **headers: str) -> Any:
    form = {"product_id": str(product_id), "quantity": str(quantity), "csrf_token": token(client)}
    return client.post("/en/cart/lines", data=form, headers=headers)


def line_id(client: FlaskClient) -> int:
    found = re.search(r'id="line-(\d+)"', client.get("/en/cart").text)
    assert found
    return int(found[1])


def quantities() -> list[int]:
    return [row.quantity for row in db.rows(text("SELECT quantity FROM shopping_cart ORDER BY id"))]


@pytest.fixture(autouse=True)
def empty(db_session: Any) -> None:
    db_session.execute(text("DELETE FROM shopping_cart"))
    db_session.commit()


def test_a_guest_adds_without_javascript(client: FlaskClient) -> None:
    answer = add(client, product())
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/en/cart")
    page = client.get("/en/cart")
    assert "no-store" in page.headers["Cache-Control"]
    assert quantities() == [1]


def test_adding_twice_adds_up_to_the_limit(client: FlaskClient) -> None:
    wanted = product("NOT track_inventory OR stock - allocated > 5")
    add(client, wanted, 15)
    add(client, wanted, 15)
    assert quantities() == [20]


def test_htmx_gets_the_bag_the_badge_and_the_message(client: FlaskClient) -> None:
    html = add(client, product(), 2, **HTMX).text
    assert "<html" not in html
    assert 'id="bag-lines"' in html
    assert re.search(r'id="bag-n"[^>]*hx-swap-oob', html)
    assert "2 items in your bag" in html


def test_the_cart_cookie_is_opaque_and_http_only(client: FlaskClient) -> None:
    header = next(h for h in add(client, product()).headers.getlist("Set-Cookie") if h.startswith("cart="))
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header


def test_with_a_bag_the_token_is_required(client: FlaskClient) -> None:
    add(client, product())
    assert client.post("/en/cart/lines", data={"product_id": product()}).status_code == 400
    assert quantities() == [1]


def test_another_visitor_cannot_reach_a_line(app: Any, client: FlaskClient) -> None:
    add(client, product())
    line = line_id(client)
    stranger = app.test_client()
    add(stranger, product())
    for act in ("quantity", "removal"):
        answer = stranger.post(
            f"/en/cart/lines/{line}/{act}", data={"quantity": 9, "csrf_token": token(stranger)}
        )
        assert answer.status_code == 404
    assert quantities() == [1, 1]


def test_steps_and_numbers_change_a_line(client: FlaskClient) -> None:
    add(client, product(), 2)
    url = f"/en/cart/lines/{line_id(client)}/quantity"
    client.post(url, data={"quantity": "2", "step": "more", "csrf_token": token(client)})
    assert quantities() == [3]
    client.post(url, data={"quantity": "\u17e5", "csrf_token": token(client)})
    assert quantities() == [5]
    client.post(url, data={"quantity": "1", "step": "fewer", "csrf_token": token(client)})
    assert quantities() == []


def test_a_removal_can_be_undone(client: FlaskClient) -> None:
    wanted = product()
    add(client, wanted, 3)
    url = f"/en/cart/lines/{line_id(client)}/removal"
    page = client.post(url, data={"csrf_token": token(client)}, follow_redirects=True).text
    assert quantities() == []
    assert 'id="undo"' in page
    assert f'name="product_id" value="{wanted}"' in page


def test_price_and_stock_changes_are_told_not_applied_silently(client: FlaskClient) -> None:
    wanted = product("track_inventory AND NOT allow_backorders AND stock - allocated > 5")
    add(client, wanted, 3)
    db.db.session.execute(text("UPDATE products SET price = price + 1 WHERE id = :id"), {"id": wanted})
    db.db.session.commit()
    assert "The price changed from" in client.get("/en/cart").text
    db.db.session.execute(text("UPDATE products SET allocated = stock - 2 WHERE id = :id"), {"id": wanted})
    db.db.session.commit()
    assert "Only 2 left" in client.get("/en/cart").text


def test_sold_out_and_unknown_products_are_refused(client: FlaskClient) -> None:
    gone = product("track_inventory AND NOT allow_backorders AND stock = allocated")
    assert add(client, gone).status_code == 409
    assert add(client, 2**31 - 1).status_code == 404
    assert add(client, "x").status_code == 422
    assert quantities() == []


@pytest.mark.parametrize("quantity", ["0", "-1", "1e3", "NaN", "9" * 40, "1.5", "<b>"])
def test_odd_quantities_are_refused(client: FlaskClient, quantity: str) -> None:
    assert add(client, product(), quantity).status_code == 422


def test_statements(client: FlaskClient, counted: Callable[[], Any]) -> None:
    wanted = product()
    add(client, wanted)
    client.get("/en/cart")
    with counted() as statements:
        add(client, wanted, 1, **HTMX)
    assert len(statements) <= 4, statements
    with counted() as statements:
        client.get("/en/cart")
    assert len(statements) <= 3, statements
