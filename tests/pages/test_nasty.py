"""Nasty texts through every form field and query parameter: never a 5xx, never unescaped, never a lost bag."""

import random
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import FULL
from tests.journeys import ADDRESS, Shopper, encoded

LONG = 1_000_000 if FULL else 60_000
NASTY = [
    "\x00", "a\x00b", "\x1b[31m", "\ud800", "\udfff\ud800", "\u202egnp.exe", "\u2066\u2069", "\u200b" * 500,
    "\u0300" * 400, "e\u0301" * 300, "\ufeff", "\uffff", "\U0001f469\u200d\U0001f52c" * 40,
    "\u1780\u17d2" * 300, "' OR 1=1 --", "'; DROP TABLE orders; --", '" OR ""="', "%27%20OR%201=1",
    "1); SELECT pg_sleep(5)--", "\\", "%", "_", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>', "</textarea><b>", "{{7*7}}", "${7*7}", "{%print 7*7%}", "javascript:alert(1)",
    "' autofocus onfocus='alert(1)", "<!--", "]]>", "&lt;b&gt;", "../../etc/passwd", "..\\..\\x",
    "file:///etc/passwd", "http://evil.test/", "//evil.test", "\r\nSet-Cookie: x=y", "-1", "0", "1e309", "NaN",
    "Infinity", "9" * 400, "0x1f", "1_000", "\u17e1\u17e2\u17e3", "\uff11\uff12", "1.5", "+1", " ", "true",
    "null", "None", "[]", "{}", '{"$ne": null}', "[object Object]", "\t\n\r", "\u2028\u2029", "a" * 5000,
    "\u1780" * 3000, "x" * LONG, "=cmd|' /C calc'!A0", "\u0130\u0131\ufb01\u00df", "%00", "%ff%fe", "\u00a0",
    "\u3000" * 50,
]  # fmt: skip
PARAMETERS = {
    "/shop": [
        "skin_type", "concern", "brand", "ingredient", "without", "price_min", "price_max", "rating", "in_stock",
        "sort", "page", "after", "filters", "q",
    ],
    "/search": ["q", "page", "sort"],
    "/search/suggest": ["q"],
    "/products/niacinamide": ["stars", "skin", "reviewer", "reviews", "province"],
    "/cart": ["product_id", "quantity"],
    "/shipping/districts": ["province"],
    "/shipping/communes": ["district", "province"],
    "/checkout": ["province", "district"],
}  # fmt: skip
SHAPES = [{}, {"HX-Request": "true", "HX-Request-Type": "partial", "Sec-Fetch-Site": "same-origin"}]


def check(answer: Any, text: str, where: str) -> None:
    assert answer.status_code < 500, (where, text[:60], answer.status_code)
    if "<script>alert" in text or "onerror" in text or "onload" in text:
        assert text not in answer.text, where
    assert "\nSet-Cookie: x=y" not in str(answer.headers)


@pytest.fixture
def shopper(app: Flask, client: FlaskClient) -> Shopper:
    """A visitor with something in the bag."""
    shopper = Shopper(app)
    shopper.post("/cart/lines", {"product_id": shopper.product()[0], "quantity": 2})
    return shopper


@pytest.mark.parametrize("path", PARAMETERS)
def test_query_parameters(shopper: Shopper, path: str) -> None:
    chance = random.Random(path)
    for name in PARAMETERS[path]:
        for text in NASTY if FULL else chance.sample(NASTY, 12):
            short = text[:20_000]
            answer = shopper.client.get(f"/en{path}?{name}={encoded(short)}", headers=chance.choice(SHAPES))
            check(answer, short, f"{path}?{name}")
    assert "bag-lines" in shopper.get("/cart")
    assert re.search(r'id="line-\d+"', shopper.get("/cart"))


@pytest.mark.parametrize("field", [*ADDRESS, "email", "note", "idempotency_key", "quoted_total"])
def test_checkout_fields(shopper: Shopper, field: str) -> None:
    form = shopper.filled(shopper.get("/checkout"))
    chance = random.Random(field)
    for text in NASTY if FULL else chance.sample(NASTY, 14):
        answer = shopper.post("/checkout", form | {"phone": "not a phone", field: text})
        check(answer, text, field)
        assert answer.status_code in (409, 413, 422), (field, text[:60], answer.status_code)
    assert re.search(r'id="line-\d+"', shopper.get("/cart"))


@pytest.mark.parametrize("field", ["product_id", "quantity"])
def test_bag_fields(shopper: Shopper, field: str) -> None:
    for text in NASTY[:: 1 if FULL else 3]:
        answer = shopper.post(
            "/cart/lines", {"product_id": shopper.product()[0], "quantity": "1", field: text}
        )
        check(answer, text, field)
    assert re.search(r'id="line-\d+"', shopper.get("/cart"))


@pytest.mark.parametrize("field", ["number", "phone"])
def test_tracking_fields(shopper: Shopper, field: str) -> None:
    for text in NASTY[:: 1 if FULL else 6]:
        answer = shopper.post(
            "/orders/track", {"number": "SK-260101-00001-A", "phone": "012345678", field: text}
        )
        check(answer, text, field)


@pytest.mark.parametrize(
    "place", ["/shop/{}", "/products/{}", "/ingredients/{}", "/brands/{}", "/orders/{}", "/{}"]
)
def test_paths(client: FlaskClient, place: str) -> None:
    for text in NASTY[:: 1 if FULL else 3]:
        answer = client.get("/en" + place.format(encoded(text[:2_000])))
        check(answer, text, place)
        assert answer.status_code != 200 or text in ("..\\..\\x", "/"), (place, text[:40])


@pytest.mark.parametrize("number", [2**31 - 1, 2**31, 2**63, 10**30])
def test_a_line_that_cannot_be_is_not_found(app: Flask, client: FlaskClient, number: int) -> None:
    shopper = Shopper(app)
    shopper.post("/cart/lines", {"product_id": shopper.product()[0], "quantity": 1})
    assert shopper.post(f"/cart/lines/{number}/quantity", {"quantity": 2}).status_code == 404
    assert shopper.post(f"/cart/lines/{number}/removal", {}).status_code == 404
