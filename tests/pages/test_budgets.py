"""What a page may cost: SQL statements, bytes of HTML raw and in brotli, bytes of a first visit."""

from collections.abc import Callable
from typing import Any

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core import assets
from tests.journeys import Shopper

STATEMENTS = {
    "/": 3,
    "/shop": 3,
    "/shop/serum": 3,
    "/shop?skin_type=oily&concern=acne&sort=rating": 3,
    "/shop?ingredient=niacinamide&without=fragrance&price_max=20": 3,
    "/search?q=serum": 3,
    "/products/niacinamide": 4,
    "/ingredients/niacinamide": 3,
    "/brands/kesor": 3,
    "/cart": 3,
}
RAW = {"/shop": 40_000, "/products/niacinamide": 25_000}
BROTLI = 6_000
ALLOWED = {"css/app.css": 12_000, "js": 16_000, "fonts en": 30_000, "fonts km": 57_000}


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    assets.build()


@pytest.mark.parametrize("lang", ["en", "km"])
@pytest.mark.parametrize(("path", "most"), STATEMENTS.items())
def test_statements(client: FlaskClient, counted: Callable[[], Any], lang: str, path: str, most: int) -> None:
    client.get(f"/{lang}{path}")
    with counted() as statements:
        assert client.get(f"/{lang}{path}").status_code == 200
    assert len(statements) <= most, statements


def test_a_whole_journey(shop_app: Flask, counted: Callable[[], Any]) -> None:
    Shopper(shop_app).buys()
    shopper = Shopper(shop_app)
    slug = shopper.product()[1]
    with counted() as statements:
        shopper.get("/shop")
        shopper.get(f"/products/{slug}")
        shopper.buys()
    assert len(statements) <= 30, statements


@pytest.mark.parametrize("lang", ["en", "km"])
@pytest.mark.parametrize(("path", "most"), RAW.items())
def test_html(client: FlaskClient, lang: str, path: str, most: int) -> None:
    page = client.get(f"/{lang}{path}").data
    sent = len(client.get(f"/{lang}{path}", headers={"Accept-Encoding": "br"}).data)
    assert len(page) <= most * (1.25 if lang == "km" else 1), "raw"
    assert sent <= BROTLI * (1.25 if lang == "km" else 1), "brotli"


def test_a_filtered_fragment_is_small(client: FlaskClient) -> None:
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#results"}
    part = client.get("/en/shop?skin_type=dry&concern=aging", headers=headers).data
    assert b"<html" not in part
    assert len(brotli.compress(part, quality=5)) <= 3_500


def test_a_page_is_compressed_once_for_the_browser(client: FlaskClient) -> None:
    answer = client.get("/en/shop", headers={"Accept-Encoding": "br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert brotli.decompress(answer.data).startswith(b"<!doctype html>")


def test_static_files_stay_within_their_budgets() -> None:
    sizes = assets.build()
    scripts = sum(size for path, size in sizes.items() if path.startswith("js/"))
    fonts = {path: size for path, size in sizes.items() if path.startswith("fonts/")}
    assert sizes["css/app.css"] <= ALLOWED["css/app.css"]
    assert scripts <= ALLOWED["js"]
    assert sum(size for path, size in fonts.items() if "khmer" not in path) <= ALLOWED["fonts en"]
    assert sum(fonts.values()) <= ALLOWED["fonts km"]
