"""A code in the bag and at the checkout, as a browser without JavaScript meets it."""

from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.core.shop import shop
from app.coupons.models import Coupon
from app.shipping import rates
from tests import trade
from tests.checkout.visitor import Page, Visitor


@pytest.fixture(autouse=True)
def session(db_session: Any) -> Any:
    trade.ground()
    shop()
    rates.tariff()
    db_session.add(Coupon(code="LOTUS", name_en="Ten off", type="percentage", value=10))
    db_session.flush()
    return db_session


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client)


def bag(visitor: Visitor, path: str = "", form: dict[str, str] | None = None, **headers: str) -> Page:
    """The bag's page, or the answer to one of its forms."""
    url = f"/{visitor.lang}/cart{path}"
    if form is None:
        return Page(visitor.client.get(url))
    cookie = visitor.client.get_cookie("csrf")
    token = {"csrf_token": cookie.value if cookie else ""}
    return Page(visitor.client.post(url, data=token | form, headers=headers))


def order(session: Any) -> Any:
    return session.execute(text("SELECT * FROM orders WHERE idempotency_key IS NOT NULL")).one()


@pytest.mark.parametrize("lang", ["en", "km"])
def test_from_the_bag_to_the_order(client: FlaskClient, session: Any, lang: str) -> None:
    visitor = Visitor(client, lang)
    visitor.fill_bag({trade.product(5, "12.50"): 1})
    bag(visitor)
    assert bag(visitor, "/coupon", {"code": " lotus "}).status == 303
    page = bag(visitor)
    assert "LOTUS" in page.text
    assert "$1.25" in page.text
    assert "$11.25" in page.text
    page = visitor.open()
    assert page.field("quoted_total") == "12.75"
    assert "-$1.25" in page.text
    placed = visitor.post("", visitor.filled(page))
    assert placed.status == 303
    assert "-$1.25" in visitor.follow(placed).text
    assert (order(session).coupon_code, order(session).total) == ("LOTUS", Decimal("12.75"))


def test_a_refused_code_is_told_under_its_field(visitor: Visitor) -> None:
    visitor.fill_bag({trade.product(): 1})
    bag(visitor)
    for headers in ({}, {"HX-Request": "true", "HX-Request-Type": "partial"}):
        page = bag(visitor, "/coupon", {"code": "nothing"}, **headers)
        assert page.status == 409
        assert "We do not know this code" in page.text
        assert page.field("code") == "NOTHING"


def test_guessing_codes_comes_to_an_end(visitor: Visitor) -> None:
    visitor.fill_bag({trade.product(): 1})
    bag(visitor)
    tries = [bag(visitor, "/coupon", {"code": f"GUESS{number}"}).status for number in range(11)]
    assert tries == [409] * 10 + [429]


def test_a_code_can_be_taken_out(visitor: Visitor) -> None:
    visitor.fill_bag({trade.product(5, "12.50"): 1})
    bag(visitor)
    bag(visitor, "/coupon", {"code": "LOTUS"})
    assert bag(visitor, "/coupon/removal", {}).status == 303
    assert visitor.open().field("quoted_total") == "14.00"


def test_the_code_leaves_with_the_last_line_that_it_is_for(visitor: Visitor, session: Any) -> None:
    cream, oil = trade.product(), trade.product()
    session.execute(
        text("UPDATE coupons SET applicable_products = ARRAY[:id] WHERE code = 'LOTUS'"), {"id": cream}
    )
    visitor.fill_bag({cream: 1, oil: 1})
    bag(visitor)
    bag(visitor, "/coupon", {"code": "LOTUS"})
    line = session.execute(
        text("SELECT id FROM shopping_cart WHERE product_id = :id"), {"id": cream}
    ).scalar()
    gone = bag(visitor, f"/lines/{line}/removal", {})
    assert "The code LOTUS left your bag" in visitor.follow(gone).text
    assert session.execute(text("SELECT count(*) FROM carts WHERE coupon_code = 'LOTUS'")).scalar() == 0


def test_what_is_missing_is_told_with_an_example(visitor: Visitor, session: Any) -> None:
    cream = trade.product(5, "12.50")
    visitor.fill_bag({cream: 2})
    bag(visitor)
    session.execute(text("UPDATE coupons SET min_order_value = 20 WHERE code = 'LOTUS'"))
    bag(visitor, "/coupon", {"code": "LOTUS"})
    line = session.execute(
        text("SELECT id FROM shopping_cart WHERE product_id = :id"), {"id": cream}
    ).scalar()
    bag(visitor, f"/lines/{line}/quantity", {"quantity": "1"})
    page = bag(visitor)
    assert "$7.50 more and it counts" in page.text
    assert "On $20.00 it saves $2.00." in page.text
    assert visitor.open().field("quoted_total") == "14.00"


def test_the_checkout_takes_a_code_and_keeps_the_answers(visitor: Visitor, session: Any) -> None:
    visitor.fill_bag({trade.product(5, "12.50"): 1})
    answers = visitor.filled(visitor.open())
    page = visitor.post("coupon", answers | {"coupon_code": "lotus"})
    assert (page.status, page.field("quoted_total"), page.field("name")) == (200, "12.75", "Sok Dara")
    page = visitor.post("coupon/removal", page.answers())
    assert (page.status, page.field("quoted_total"), page.field("name")) == (200, "14.00", "Sok Dara")
    page = visitor.post("coupon", answers | {"coupon_code": "wrong"})
    assert (page.status, page.field("coupon_code"), page.field("name")) == (409, "wrong", "Sok Dara")


def test_a_code_that_was_typed_but_not_applied_is_not_forgotten(visitor: Visitor, session: Any) -> None:
    visitor.fill_bag({trade.product(5, "12.50"): 1})
    page = visitor.post("", visitor.filled(visitor.open()) | {"coupon_code": "lotus"})
    assert (page.status, page.field("quoted_total")) == (200, "12.75")
    assert visitor.post("", page.answers()).status == 303
    assert order(session).discount_amount == Decimal("1.25")


def test_a_guest_who_used_it_sees_so_once_the_phone_is_known(visitor: Visitor, session: Any) -> None:
    for total in ("12.75", "14.00"):
        visitor.fill_bag({trade.product(5, "12.50"): 1})
        bag(visitor)
        bag(visitor, "/coupon", {"code": "LOTUS"})
        page = visitor.open()
        assert page.field("quoted_total") == "12.75"
        page = visitor.post("", visitor.filled(page))
        if page.status == 409:
            assert "You have used this code already" in page.text
            assert page.field("quoted_total") == total
            page = visitor.post("", page.answers())
        assert page.status == 303
    totals = session.execute(text("SELECT total FROM orders WHERE idempotency_key IS NOT NULL ORDER BY id"))
    assert [row.total for row in totals] == [Decimal("12.75"), Decimal("14.00")]


def test_statements(visitor: Visitor, counted: Any) -> None:
    visitor.fill_bag({trade.product(5, "12.50"): 1})
    bag(visitor)
    bag(visitor, "/coupon", {"code": "LOTUS"})
    page = visitor.open()
    with counted() as statements:
        bag(visitor)
    assert len(statements) <= 3, statements
    with counted() as statements:
        assert visitor.post("", visitor.filled(page)).status == 303
    assert len(statements) <= 8, statements
