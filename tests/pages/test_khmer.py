"""A crawl of the Khmer pages: no English stands anywhere that is not a name, and Khmer is in canonical order."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.core import errors, translations
from app.core.khmer import norm
from app.core.shop import shop
from app.orders import lifecycle
from app.shipping import rates
from tests import trade
from tests.checkout.crowd import FULL
from tests.checkout.visitor import Page, Visitor
from tests.pages.visible import WORD, stray, texts

NAMES = {
    "kesor",
    "telegram",
    "khqr",
    "cod",
    "aba",
    "payway",
    "spf",
    "uv",
    "ph",
    "ml",
    "sk",
    "enter",
    "paraben",
    "sulfate",
}
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
KHMER_COLUMNS = """
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name LIKE '%\\_kh' AND table_name <> 'order_items'
"""
PAGES = [
    "/", "/offline", "/shop", "/shop?page=2", "/shop?sort=-price", "/shop?price_min=20", "/shop?price_max=9",
    "/shop?skin_type=oily&concern=acne&without=fragrance&without=paraben&rating=4&in_stock=1&filters=1",
    "/shop?price_min=5&price_max=30&ingredient=niacinamide", "/shop?concern=sun&skin_type=acne&price_max=1",
    "/search", "/search?q=\u179f\u17c1\u179a\u17c9\u17bc\u1798", "/search?q=\u17a0\u17d2\u1796\u17a0\u17d2\u1796",
    "/search/suggest?q=\u179f\u17c1\u179a", "/search/suggest?q=\u17a0\u17d2\u1796\u17a0\u17d2\u1796",
    "/products/niacinamide?province=17", "/products/niacinamide?stars=5", "/products/niacinamide?reviewer=dry",
    "/ingredients/niacinamide", "/cart", "/orders/track",
    "/shipping/districts?province=17", "/shipping/communes?district=1710", "/nothing-here",
]  # fmt: skip


REGIONS = [
    ("/shop?page=2", "ul#cards"), ("/shop?skin_type=dry", "div#results"), ("/ingredients/niacinamide", "div#pop"),
    ("/products/niacinamide?province=17", "div#promise"), ("/products/niacinamide?stars=5", "div#revlist"),
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    translations.compile_all()


@pytest.fixture(autouse=True)
def session(db_session: Any) -> Any:
    trade.ground()
    shop()
    rates.tariff()
    return db_session


@pytest.fixture
def allowed(session: Any) -> set[str]:
    """Names of the trade, brands, reviewers, and the Latin words inside the Khmer texts of the catalogue."""
    told = [*session.execute(text("SELECT name FROM brands")).scalars()]
    told += session.execute(text("SELECT DISTINCT customer_name FROM reviews")).scalars()
    for table, column in session.execute(text(KHMER_COLUMNS)).all():
        told += session.execute(text(f"SELECT DISTINCT {column} FROM {table}")).scalars()
    return NAMES | {word.casefold() for one in told if one for word in WORD.findall(one)}


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client, "km")


def check(html: str, allowed: set[str]) -> None:
    """Fail on a stray Latin word or on Khmer that is not as `norm` writes it."""
    assert texts(html)
    assert stray(html, allowed) == []
    assert "%(" not in html
    assert [one for _language, one in texts(html) if norm(one) != one] == []


def slugs(session: Any, table: str) -> list[str]:
    return list(session.execute(text(f"SELECT slug FROM {table} ORDER BY slug")).scalars())


def products(session: Any, count: int) -> list[int]:
    """The ids of products on sale with plenty in stock."""
    found = session.execute(
        text("SELECT id FROM products WHERE status = 'active' AND stock > 20 ORDER BY id LIMIT :n"),
        {"n": count},
    )
    return list(found.scalars())


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("headers", [{}, PARTIAL], ids=["page", "fragment"])
def test_pages(client: FlaskClient, allowed: set[str], path: str, headers: dict[str, str]) -> None:
    answer = client.get(f"/km{path}", headers=headers)
    assert answer.status_code == (404 if path == "/nothing-here" else 200)
    if answer.data:
        check(answer.text, allowed)


@pytest.mark.parametrize(("path", "target"), REGIONS)
def test_regions(client: FlaskClient, allowed: set[str], path: str, target: str) -> None:
    check(client.get(f"/km{path}", headers={**PARTIAL, "HX-Target": target}).text, allowed)


@pytest.mark.parametrize("table", ["products", "categories", "brands", "ingredients"])
def test_everything_in_the_catalogue(
    client: FlaskClient, session: Any, allowed: set[str], table: str
) -> None:
    folder = {"categories": "shop"}.get(table, table)
    for slug in slugs(session, table)[: 60 if FULL else 15]:
        answer = client.get(f"/km/{folder}/{slug}")
        assert answer.status_code in (200, 410), slug
        check(answer.text, allowed)


@pytest.mark.parametrize("skin", ["oily", "dry", "combination", "sensitive", "normal", "acne"])
def test_fits(client: FlaskClient, session: Any, allowed: set[str], skin: str) -> None:
    for slug in slugs(session, "products")[: 12 if FULL else 4]:
        check(client.get(f"/km/products/{slug}?skin={skin}").text, allowed)


@pytest.mark.parametrize("headers", [{}, PARTIAL], ids=["page", "fragment"])
def test_bag(visitor: Visitor, session: Any, allowed: set[str], headers: dict[str, str]) -> None:
    gone, short, dearer, plain = products(session, 4)
    visitor.fill_bag({gone: 1, short: 3, dearer: 1, plain: 2})
    session.execute(text("UPDATE products SET status = 'archived' WHERE id = :id"), {"id": gone})
    session.execute(text("UPDATE products SET price = price + 1 WHERE id = :id"), {"id": dearer})
    session.execute(text("UPDATE products SET allocated = stock - 1 WHERE id = :id"), {"id": short})
    session.commit()
    get = visitor.client.get
    check(get("/km/cart", headers=headers).text, allowed)
    check(get(f"/km/cart?product_id={plain}&quantity=1", headers=headers).text, allowed)
    check(get("/km/checkout", headers=headers).text, allowed)


def test_bag_moves(visitor: Visitor, session: Any, allowed: set[str]) -> None:
    (product,) = products(session, 1)
    for wanted in ({"product_id": product}, {"product_id": 0}, {"product_id": product, "quantity": "x"}):
        check(visitor.client.post("/km/cart/lines", data=wanted, headers=PARTIAL).text, allowed)
    line = session.execute(text("SELECT max(id) FROM shopping_cart")).scalar()
    for path in (f"{line}/quantity", f"{line}/removal", f"{line}/removal"):
        check(visitor.client.post(f"/km/cart/lines/{path}", headers=PARTIAL).text, allowed)


def ordered(visitor: Visitor, session: Any, allowed: set[str]) -> Page:
    """Checkout with its mistakes, its regions and a price that changed; then the placed order's redirect."""
    (product,) = products(session, 1)
    visitor.fill_bag({product: 1})
    page = visitor.open()
    check(page.text, allowed)
    check(visitor.post("", page.answers(email="x", phone="12")).text, allowed)
    allowed |= {"sok", "dara", "no", "street"}
    answers = {**page.answers(), **visitor.filled(page)}
    check(visitor.post("summary", answers, PARTIAL).text, allowed)
    check(visitor.post("", {**answers, "quoted_total": "1.00"}).text, allowed)
    return visitor.post("", answers)


def test_checkout(visitor: Visitor, session: Any, allowed: set[str]) -> None:
    placed = ordered(visitor, session, allowed)
    assert placed.status == 303
    number = str(session.execute(text("SELECT order_number FROM orders ORDER BY id DESC LIMIT 1")).scalar())
    for move in (None, lifecycle.confirm, lifecycle.process, lifecycle.ship, lifecycle.deliver):
        if move:
            move(number)
        check(visitor.follow(placed).text, allowed)


def test_a_cancelled_order(visitor: Visitor, session: Any, allowed: set[str]) -> None:
    placed = ordered(visitor, session, allowed)
    lifecycle.cancel(str(session.execute(text("SELECT max(order_number) FROM orders")).scalar()))
    check(visitor.follow(placed).text, allowed)


@pytest.mark.parametrize(
    "answers", [{}, {"number": "SK-261123-00042-Z", "phone": "012 345 678"}], ids=["empty", "unknown"]
)
def test_tracking(visitor: Visitor, allowed: set[str], answers: dict[str, str]) -> None:
    for _ in range(7):
        check(visitor.client.post("/km/orders/track", data=answers).text, allowed)


def test_methods(client: FlaskClient, allowed: set[str]) -> None:
    check(client.post("/km/shop").text, allowed)
    check(client.get("/km/shop?page=1000000000").text, allowed)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 410, 413, 418, 429, 503])
@pytest.mark.parametrize("headers", [{}, PARTIAL], ids=["page", "toast"])
def test_refusals(app: Flask, allowed: set[str], status: int, headers: dict[str, str]) -> None:
    with app.test_request_context("/km/shop", headers=headers):
        app.preprocess_request()
        told = errors.messages().get(status) or str(errors.ShopError().message)
        check(errors.answer(status, told).get_data(as_text=True), allowed)


@pytest.mark.parametrize("name", ["500", "503"])
def test_pages_without_database(app: Flask, allowed: set[str], name: str) -> None:
    with app.test_request_context("/km/shop"):
        app.preprocess_request()
        check(errors.plain(f"errors/{name}.html", int(name)).get_data(as_text=True), allowed)


def test_the_crawl_finds_english() -> None:
    html = (
        '<html lang="km"><p>KESOR</p><b lang="en">Water</b><img alt="A leaf"><p>Add</p><br>\u1780 Sale</html>'
    )
    assert [one.split(" in: ")[0] for one in stray(html, NAMES)] == ["leaf", "Add", "Sale"]
