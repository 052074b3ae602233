"""Headers on every answer, forged requests, safe redirects, cookies, sizes, languages."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import security

EVIL = [
    "//evil.test", "/\\evil.test", "\\\\evil.test", "https://evil.test", "https:evil.test", "javascript:alert(1)",
    "/\t/evil.test", "\t//evil.test", " /shop", "/shop\r\nX: y", "", "shop", "///evil.test", "/\x00", "http:/evil.test",
]  # fmt: skip
PAGES = [
    "/",
    "/en/",
    "/km/",
    "/en/shop",
    "/en/nothing",
    "/healthz",
    "/readyz",
    "/robots.txt",
    "/uploads/products/x.webp",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    missing = [name for name in security.HEADERS if name not in headers]
    assert not missing
    assert "unsafe" not in headers["Content-Security-Policy"]


@pytest.mark.parametrize("target", EVIL)
def test_redirects_stay_in_the_shop(app: Any, target: str) -> None:
    assert security.safe_next(target, "/en/") == "/en/"


def test_own_paths_are_allowed() -> None:
    assert security.safe_next("/km/shop?page=2#x", "/") == "/km/shop?page=2#x"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 400),
        ({"Sec-Fetch-Site": "same-site"}, 400),
        ({"Origin": "https://evil.test"}, 400),
        ({"Origin": "null"}, 400),
        ({"Sec-Fetch-Site": "same-origin"}, 422),
        ({"Origin": "http://localhost"}, 422),
        ({}, 422),
    ],
)
def test_forged_requests_are_refused_before_any_view(
    client: FlaskClient, headers: dict[str, str], status: int
) -> None:
    assert client.post("/en/cart/lines", headers=headers).status_code == status


def test_a_foreign_host_is_refused(client: FlaskClient) -> None:
    assert client.get("/en/", headers={"Host": "evil.test"}).status_code == 400


def test_too_large_a_body_is_refused(client: FlaskClient) -> None:
    assert client.post("/en/cart/lines", data={"product_id": "1", "x": "y" * 1_100_000}).status_code == 413


def test_signatures_are_bound_to_purpose_and_facts(app: Any) -> None:
    with app.app_context():
        signature = security.sign("order", "SK-1", 1)
        assert security.verify(signature, "order", "SK-1", 1)
        assert not security.verify(signature, "order", "SK-1", 2)
        assert not security.verify(signature, "mail", "SK-1", 1)
        assert not security.verify(None, "order", "SK-1", 1)
        app.config["SECRET_KEY_FALLBACKS"] = [app.config["SECRET_KEY"]]
        app.config["SECRET_KEY"], kept = "another-key" * 4, app.config["SECRET_KEY"]
        assert security.verify(signature, "order", "SK-1", 1)
        app.config["SECRET_KEY"], app.config["SECRET_KEY_FALLBACKS"] = kept, []


@pytest.mark.parametrize(
    ("accepts", "cookie", "where"),
    [
        ("km-KH,km;q=0.9", None, "/km/"),
        ("kh", None, "/km/"),
        ("en-US,en;q=0.8", None, "/en/"),
        ("fr", None, "/km/"),
        ("", None, "/km/"),
        ("km", "en", "/en/"),
    ],
)
def test_the_way_in_chooses_the_language(
    client: FlaskClient, accepts: str, cookie: str | None, where: str
) -> None:
    if cookie:
        client.set_cookie("lang", cookie)
    assert client.get("/", headers={"Accept-Language": accepts}).headers["Location"] == where


def test_old_khmer_addresses_lead_on(client: FlaskClient) -> None:
    answer = client.get("/kh/shop?sort=new")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/km/shop?sort=new")
