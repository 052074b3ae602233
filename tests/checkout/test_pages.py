"""The checkout as a browser without JavaScript meets it, in both languages."""

import re
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.core.shop import shop
from app.shipping import rates
from tests import trade
from tests.checkout.crowd import FULL
from tests.checkout.visitor import Visitor

LANGUAGES = ["en", "km"]


@pytest.fixture(autouse=True)
def session(db_session: Any) -> Any:
    trade.ground()
    shop()
    rates.tariff()
    return db_session


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client)


def orders(session: Any) -> int:
    return int(
        session.execute(text("SELECT count(*) FROM orders WHERE idempotency_key IS NOT NULL")).scalar()
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_from_a_bag_to_an_order_without_javascript(client: FlaskClient, session: Any, lang: str) -> None:
    visitor = Visitor(client, lang)
    visitor.fill_bag({trade.product(5): 2})
    page = visitor.open()
    assert page.field("quoted_total") == "26.50"
    assert "$26.50" in page.text
    page = visitor.post("summary", page.answers(name="Sok Dara", province="17"))
    assert (page.status, len(page.options("district"))) == (200, 14)
    assert page.field("name") == "Sok Dara"
    page = visitor.post("summary", page.answers(district="1710"))
    assert len(page.options("commune")) > 5
    answers = page.answers(
        commune=page.options("commune")[1], phone="012 345 678", address_line="near the pagoda"
    )
    placed = visitor.post("", answers)
    assert (placed.status, placed.field("quoted_total")) == (303, "")
    order = visitor.follow(placed)
    assert order.status == 200
    assert "$27.50" in order.text
    assert "012 345 678" in order.text


def test_an_empty_bag_goes_to_the_bag(visitor: Visitor) -> None:
    assert visitor.open().location == "/en/cart"
    assert visitor.post("summary", {}).location == "/en/cart"


def test_pages_with_an_address_are_kept_by_nobody(visitor: Visitor) -> None:
    visitor.fill_bag({trade.product(): 1})
    page = visitor.open()
    placed = visitor.post("", visitor.filled(page))
    for answer in (page, visitor.post("", {}), visitor.follow(placed)):
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_placing_over_http_stays_within_the_budget(visitor: Visitor, counted: Any) -> None:
    visitor.fill_bag({trade.product(price="1.00"): 1 for _ in range(12)})
    page = visitor.open()
    with counted() as statements:
        assert visitor.post("", visitor.filled(page)).status == 303
    assert len(statements) <= 8


def test_the_page_itself_takes_at_most_three_statements(visitor: Visitor, counted: Any) -> None:
    visitor.fill_bag({trade.product(): 1})
    visitor.open()
    with counted() as statements:
        visitor.open()
    assert len(statements) <= 3


def test_mistakes_are_told_and_answers_kept(visitor: Visitor, session: Any) -> None:
    visitor.fill_bag({trade.product(): 1})
    page = visitor.post("", visitor.open().answers(name="Sok Dara", phone="12", email="nobody"))
    assert page.status == 422
    assert page.text.count('aria-invalid="true"') == 6
    assert 'href="#phone"' in page.text
    assert "<title>Error:" in page.text
    assert page.field("name") == "Sok Dara"
    assert page.field("phone") == "12"
    assert orders(session) == 0


def test_khmer_digits_are_read(visitor: Visitor, session: Any) -> None:
    visitor.fill_bag({trade.product(): 1})
    phone = "".join(chr(0x17E0 + int(digit)) for digit in "012345678")
    assert visitor.post("", visitor.filled(visitor.open(), phone=phone)).status == 303
    assert (
        session.execute(text("SELECT customer_phone FROM orders WHERE idempotency_key IS NOT NULL")).scalar()
        == "+85512345678"
    )


def test_a_changed_total_is_shown_and_ordered_on_the_second_try(visitor: Visitor, session: Any) -> None:
    cream = trade.product(5, "12.50")
    visitor.fill_bag({cream: 1})
    page = visitor.open()
    session.execute(text("UPDATE products SET price = 13 WHERE id = :id"), {"id": cream})
    session.commit()
    again = visitor.post("", visitor.filled(page))
    assert again.status == 409
    assert "The total has changed" in again.text
    assert again.field("quoted_total") == "14.50"
    assert again.field("name") == "Sok Dara"
    assert visitor.post("", again.answers()).status == 303


def test_what_is_short_is_named_and_mended(visitor: Visitor, session: Any) -> None:
    scarce, gone = trade.product(3), trade.product(3)
    visitor.fill_bag({scarce: 3, gone: 1})
    page = visitor.open()
    session.execute(text("UPDATE products SET stock = 1 WHERE id = :id"), {"id": scarce})
    session.execute(text("UPDATE products SET status = 'archived' WHERE id = :id"), {"id": gone})
    session.commit()
    conflict = visitor.post("", visitor.filled(page))
    assert conflict.status == 409
    assert "Only 1 left." in conflict.text
    assert "sold out" in conflict.text
    mended = visitor.post("bag", conflict.answers())
    assert mended.status == 200
    assert "Only 1 left." not in mended.text
    assert mended.field("name") == "Sok Dara"
    assert visitor.post("", mended.answers()).status == 303


def test_the_same_form_twice_leads_to_the_same_order(visitor: Visitor, session: Any) -> None:
    visitor.fill_bag({trade.product(): 1})
    answers = visitor.filled(visitor.open())
    first, second = visitor.post("", answers), visitor.post("", answers)
    assert first.location == second.location
    assert orders(session) == 1


def test_the_same_form_with_other_answers_is_refused(visitor: Visitor, session: Any) -> None:
    visitor.fill_bag({trade.product(): 1})
    answers = visitor.filled(visitor.open())
    visitor.post("", answers)
    assert visitor.post("", {**answers, "address_line": "another house"}).status == 409
    assert orders(session) == 1


def test_htmx_gets_the_regions_alone(visitor: Visitor) -> None:
    visitor.fill_bag({trade.product(): 1})
    answers = visitor.open().answers(province="17")
    page = visitor.post("summary", answers, headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert page.text.lstrip().startswith('<div id="choices"')
    assert 'id="summary"' in page.text
    assert 'id="summary" class="summary" aria-labelledby="summary-h" hx-swap-oob=' in page.text
    assert page.field("quoted_total") == "15.00"
    assert "<html" not in page.text
    assert len(page.data) <= 12_000


@pytest.mark.parametrize("path", ["districts?province=12", "communes?district=1201"])
def test_fragments_of_places(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/km/shipping/{path}")
    assert answer.status_code == 200
    assert len(re.findall("<option", answer.text)) > 5


@pytest.mark.parametrize("value", ["", "99", "\x00", "' OR 1=1", "x" * 9000])
def test_places_that_do_not_exist_have_none(client: FlaskClient, value: str) -> None:
    for path, name in (("districts", "province"), ("communes", "district")):
        assert client.get(f"/en/shipping/{path}", query_string={name: value}).status_code == 200


TAMPERED = [
    {name: value}
    for name in (
        "quoted_total",
        "total",
        "price",
        "unit_price",
        "subtotal",
        "discount_amount",
        "shipping_amount",
    )
    for value in ("0", "0.01", "-14.00", "1e9", "NaN", "Infinity", "14.000000001", "13.99", "abc", "")
] + [
    {"quantity": "-1"},
    {"coupon_code": "FREE"},
    {"coupon_id": "1"},
    {"user_id": "1"},
    {"status": "delivered"},
    {"payment_status": "paid"},
    {"payment_method": "free"},
    {"shipping_method": "free"},
    {"province": "17"},
    {"commune": "010201"},
    {"exchange_rate": "1"},
    {"product_id": "1"},
]


@pytest.mark.parametrize("change", TAMPERED, ids=lambda change: "-".join([*change, *change.values()]))
def test_no_order_at_a_wrong_price(visitor: Visitor, session: Any, change: dict[str, str]) -> None:
    visitor.fill_bag({trade.product(5, "12.50"): 1})
    answer = visitor.post("", {**visitor.filled(visitor.open()), **change})
    assert answer.status in (303, 409, 422)
    for order in session.execute(text("SELECT * FROM orders WHERE idempotency_key IS NOT NULL")).all():
        amounts = (order.subtotal, order.shipping_amount, order.discount_amount, order.total)
        assert amounts == (Decimal("12.50"), Decimal("1.50"), 0, Decimal("14.00"))
        assert (order.status, order.payment_status, order.user_id) == ("pending", "pending", None)


NASTY = [
    "\x00a",
    "\ud800",
    "a" * 1_000_0,
    "\u202eevil",
    "\u200b" * 500,
    "' OR '1'='1",
    "<script>alert(1)</script>",
    "${7*7}",
]


@pytest.mark.parametrize(
    ("number", "lang"),
    [
        (number, lang)
        for number in range(len(NASTY))
        for lang in (LANGUAGES if FULL else [LANGUAGES[number % 2]])
    ],
)
def test_nasty_answers_are_harmless(client: FlaskClient, number: int, lang: str) -> None:
    visitor = Visitor(client, lang)
    visitor.fill_bag({trade.product(): 1})
    page = visitor.open()
    encoded = NASTY[number].encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    for name in page.answers():
        answer = visitor.post("", {**visitor.filled(page), name: encoded})
        assert answer.status < 500
        if answer.status == 303:
            answer = visitor.follow(answer)
            visitor.fill_bag({trade.product(): 1})
            page = visitor.open()
        assert "<script>alert" not in answer.text
