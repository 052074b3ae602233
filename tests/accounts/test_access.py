"""The access matrix (S9, S10): every route x everybody x own and foreign objects, drawn from the table of routes."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.routing import Rule

from app.accounts import sessions
from app.accounts.owners import Owner
from app.accounts.permissions import RANKS, audience_of, may
from app.cart import basket
from app.core import access, db, security
from app.orders import queries
from app.wishlist import links, saved
from tests.accounts.people import make_user, send, signed_in

ROLES = {
    "anonymous": None,
    "owner": "customer",
    "other": "customer",
    "moderator": "moderator",
    "admin": "admin",
}
PUBLIC = {
    "slug": "niacinamide",
    "area": "products",
    "name": "nothing",
    "rest": "shop",
}
SLUGS = {"catalog.category": "serum", "catalog.ingredient": "niacinamide", "catalog.brand": "kesor"}
CAPABILITY = {"orders", "payments", "wishlist"}
NEEDS_MORE = {
    "payments.picture": "an order that is paid in cash has no code",
    "payments.slip": "nor a transfer",
    "payments.currency": "nor a code in one of two currencies",
    "payments.simulate": "nor a payment to simulate",
    "orders.return_photo": "nobody sent a photo",
    "orders.return_form": "the days to return it are over",
    "orders.return_post": "the days to return it are over",
    "uploads.file": "no such picture",
    "messaging.mail": "no such mail",
    "messaging.mail_text": "no such mail",
    "messaging.outbox": "only in development",
    "reviews.remove": "nothing was written",
    "reviews.vote": "no review is named",
    "account.claim": "no order is named",
    "profile.restore_picture": "no picture was removed",
    "coupons.remove": "an empty bag has no code",
    "wishlist.share": "an empty list is not shared",
}
FINE = {200, 204, 301, 302, 303, 308, 400, 409, 410, 413, 422, 429}
ORDER = text(
    "SELECT order_number, access_version FROM orders WHERE status = 'delivered' ORDER BY id DESC LIMIT 1"
)
GIVE = text("UPDATE orders SET user_id = :user_id WHERE order_number = :number")
ADDRESS = text(
    "INSERT INTO user_addresses (user_id, address_line1, city) VALUES (:user_id, '1', 'Phnom Penh') RETURNING id"
)
LINE = text(
    "SELECT max(l.id) FROM shopping_cart l JOIN carts c ON c.id = l.cart_id WHERE c.user_id = :user_id"
)
PRODUCT = text("SELECT id FROM products WHERE status = 'active' AND stock > allocated ORDER BY id LIMIT 1")


def an_address(user: Any) -> dict[str, Any]:
    return {"address_id": db.scalar(ADDRESS, {"user_id": user.id})}


def a_line(user: Any) -> dict[str, Any]:
    basket.add(Owner(user_id=user.id), db.scalar(PRODUCT), 1)
    return {"line_id": db.scalar(LINE, {"user_id": user.id})}


def a_session(user: Any) -> dict[str, Any]:
    return {"session_id": sessions.write(user.id, False, "tests", "127.0.0.1").id}


def an_order(user: Any) -> dict[str, Any]:
    found = db.row(ORDER)
    assert found
    db.db.session.execute(GIVE, {"user_id": user.id, "number": found.order_number})
    return {"number": found.order_number}


def a_photo(user: Any) -> dict[str, Any]:
    return an_order(user) | {"photo_id": 1}


def a_wishlist(user: Any) -> dict[str, Any]:
    owner = Owner(user_id=user.id)
    saved.save(owner, db.scalar(PRODUCT))
    links.open_link(owner)
    return {"token": links.token(owner)}


OBJECTS: dict[frozenset[str], Callable[[Any], dict[str, Any]]] = {
    frozenset({"address_id"}): an_address,
    frozenset({"line_id"}): a_line,
    frozenset({"session_id"}): a_session,
    frozenset({"number"}): an_order,
    frozenset({"number", "photo_id"}): a_photo,
    frozenset({"token"}): a_wishlist,
}


def rules(app: Flask) -> list[Rule]:
    """All routes of our own, each once a method."""
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in access.FRAMEWORK]


def owned(rule: Rule) -> frozenset[str]:
    """The arguments that name somebody's object."""
    return frozenset(rule.arguments - {"lang"} - set(PUBLIC))


def address(app: Flask, rule: Rule, facts: dict[str, Any]) -> str:
    """The URL of a route; what belongs to nobody is filled in."""
    public = {name: PUBLIC[name] for name in rule.arguments & set(PUBLIC)}
    if "slug" in public:
        public["slug"] = SLUGS.get(rule.endpoint, PUBLIC["slug"])
    values = public | facts | ({"lang": "en"} if "lang" in rule.arguments else {})
    with app.test_request_context():
        built = app.url_map.bind("localhost").build(rule.endpoint, values, append_unknown=True)
    return str(built).removeprefix("http://localhost")


def expected(rule: Rule, caller: str, status: int, location: str) -> bool:
    """Whether the answer is what the table and the rule of foreign objects say."""
    role = ROLES[caller]
    audience = audience_of(rule.endpoint)
    if not may(role, audience):
        return status == 403 if role else status == 303 and location.startswith("/en/account/signin?next=")
    if location.startswith("/en/account/signin") and "done=" not in location:
        return False
    if owned(rule) and caller != "owner":
        return status == 404
    return status in FINE or (status == 404 and rule.endpoint in NEEDS_MORE)


def with_key(rule: Rule, facts: dict[str, Any], caller: str) -> dict[str, Any]:
    """What the address needs: the owner's link to an order holds its token, a foreign wishlist's token is unknown."""
    if "number" in facts and rule.endpoint.split(".")[0] in CAPABILITY:
        version = db.scalar(
            text("SELECT access_version FROM orders WHERE order_number = :n"), {"n": facts["number"]}
        )
        token = queries.signature(facts["number"], version if caller == "owner" else version + 1)
        return facts | {"token": token}
    if "token" in facts and caller != "owner":
        return facts | {"token": security.new_token()}
    return facts


@pytest.mark.parametrize("caller", ROLES)
def test_every_route_for_everybody(app: Flask, client: FlaskClient, caller: str) -> None:
    role = ROLES[caller]
    owner = make_user()
    user = owner if caller == "owner" else make_user(role=role) if role else None
    odd = []
    for rule in rules(app):
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            if user and not client.get_cookie("session"):
                signed_in(client, user)
            facts = OBJECTS[owned(rule)](owner) if owned(rule) else {}
            db.db.session.commit()
            url = address(app, rule, with_key(rule, facts, caller))
            answer = client.get(url) if method == "GET" else send(client, url)
            location = answer.headers.get("Location", "")
            if not expected(rule, caller, answer.status_code, location):
                odd.append((method, url, answer.status_code, location))
    assert not odd


def test_every_object_in_an_address_is_in_the_matrix(app: Flask) -> None:
    assert not {rule.rule for rule in rules(app) if owned(rule) and owned(rule) not in OBJECTS}


def test_every_audience_has_a_rank(app: Flask) -> None:
    assert set(RANKS) == set(access.AUDIENCES)
    assert set(access.table(app).values()) <= set(RANKS)


@pytest.mark.parametrize("role", ["customer", "moderator", "admin"])
def test_ranks(role: str) -> None:
    assert [may(role, audience) for audience in access.AUDIENCES] == [
        RANKS[role] >= RANKS[audience] for audience in access.AUDIENCES
    ]
    assert not may(None, role)


def test_htmx_is_sent_to_the_sign_in_page(client: FlaskClient) -> None:
    headers = {
        "HX-Request": "true",
        "HX-Request-Type": "partial",
        "HX-Current-URL": "http://localhost/en/shop?page=2",
    }
    answer = client.get("/en/account/sessions", headers=headers)
    assert answer.headers["HX-Redirect"] == "/en/account/signin?next=/en/shop?page%3D2"
    foreign = headers | {"HX-Current-URL": "http://localhost.evil.test/x"}
    assert client.get("/en/account/sessions", headers=foreign).headers["HX-Redirect"].endswith("next=/en/")


def test_pages_of_people_are_kept_by_nobody(app: Flask, client: FlaskClient) -> None:
    """X5: whatever a customer route answers, no cache keeps it."""
    signed_in(client, make_user())
    stored = [
        rule.rule
        for rule in rules(app)
        if audience_of(rule.endpoint) != "public" and "GET" in (rule.methods or ()) and not owned(rule)
        if "no-store" not in client.get(address(app, rule, {})).headers.get("Cache-Control", "")
    ]
    assert not stored
