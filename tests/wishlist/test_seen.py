"""Recently viewed: the 20 latest, a user's in the shop, a guest's in the own browser."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.accounts.owners import Owner
from app.core.db import db
from app.wishlist import seen
from tests.accounts.people import PASSWORD, make_user, send, signed_in

Shelf = Callable[..., tuple[int, str]]
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def test_a_users_twenty_latest_are_kept(db_session: Any, shelf: Shelf) -> None:
    owner = Owner(user_id=make_user().id)
    products = [shelf()[0] for _ in range(23)]
    for product in [*products, products[-2]]:
        seen.record(owner, product)
        db_session.commit()
    assert len(seen.ids(owner)) == seen.MOST
    assert set(seen.ids(owner)) == set(products[3:])


def test_looking_at_a_product_is_remembered_for_users_alone(client: FlaskClient, shelf: Shelf) -> None:
    product, slug = shelf()
    assert f'data-seen="{product}"' in client.get(f"/en/products/{slug}").text
    user = make_user()
    signed_in(client, user)
    page = client.get(f"/en/products/{slug}").text
    assert "data-seen" not in page
    assert f'hx-get="/en/wishlist/seen?but={product}" hx-trigger="load"' in page
    client.get(f"/en/wishlist/seen?but={product}", headers=HTMX)
    client.get("/en/wishlist/seen?but=2147483647", headers=HTMX)
    assert seen.ids(Owner(user_id=user.id)) == [product]
    assert f'id="{product}"' in client.get("/en/wishlist/seen").text
    assert f'id="v{product}"' not in client.get(f"/en/wishlist/seen?but={product}", headers=HTMX).text
    send(client, "/en/wishlist/seen/removal")
    assert seen.ids(Owner(user_id=user.id)) == []


def test_a_guests_views_come_from_the_cookie(client: FlaskClient, shelf: Shelf) -> None:
    first, second = shelf()[0], shelf()[0]
    client.set_cookie("seen", f"{second}.{first}.{second}.99999999999.x.-1")
    part = client.get("/en/wishlist/seen", headers=HTMX).text
    assert part.index(f'id="v{second}"') < part.index(f'id="v{first}"')
    assert part.count('class="card"') == 2
    cleared = send(client, "/en/wishlist/seen/removal")
    assert "seen=;" in cleared.headers["Set-Cookie"]


def enter(client: FlaskClient, user: Any) -> Any:
    return client.post("/km/account/signin", data={"name": user.email, "password": PASSWORD})


def test_what_a_guest_looked_at_comes_along_at_sign_in(client: FlaskClient, shelf: Shelf) -> None:
    user = make_user()
    owner = Owner(user_id=user.id)
    earlier = [shelf()[0] for _ in range(19)]
    for product in earlier:
        seen.record(owner, product)
        db.session.commit()
    fresh = [shelf()[0] for _ in range(3)]
    client.set_cookie("seen", ".".join(map(str, [fresh[0], earlier[5], *fresh[1:], 2**31 - 1])))
    answer = enter(client, user)
    assert [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("seen=;")]
    rest = [one for one in reversed(earlier) if one != earlier[5]]
    assert seen.ids(owner) == [fresh[0], earlier[5], *fresh[1:], *rest][: seen.MOST]
    kept = db.session.execute(text("SELECT count(*) FROM recently_viewed WHERE user_id = :u"), {"u": user.id})
    assert kept.scalar_one() == seen.MOST
    assert client.get("/en/wishlist/seen").text.count('class="card"') == seen.MOST


def test_a_sign_in_without_a_list_leaves_the_own_one(client: FlaskClient, shelf: Shelf) -> None:
    user, product = make_user(), shelf()[0]
    seen.record(Owner(user_id=user.id), product)
    db.session.commit()
    assert enter(client, user).status_code == 303
    assert seen.ids(Owner(user_id=user.id)) == [product]


@pytest.mark.parametrize("cookie", ["", "...", "\u0661.\u0662", "9" * 400, "1' OR 1=1", "0." * 200])
def test_nonsense_in_the_cookie_is_nothing_seen(app: Flask, cookie: str) -> None:
    headers = {"Cookie": f"seen={cookie}".encode().decode("latin-1")}
    with app.test_request_context(headers=headers):
        assert all(0 <= one <= seen.MOST_ID for one in seen.ids(Owner()))
