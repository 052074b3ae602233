"""Recently viewed: the 20 latest, a user's in the shop, a guest's in the own browser."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.owners import Owner
from app.wishlist import seen
from tests.accounts.people import make_user, send, signed_in

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


@pytest.mark.parametrize("cookie", ["", "...", "\u0661.\u0662", "9" * 400, "1' OR 1=1", "0." * 200])
def test_nonsense_in_the_cookie_is_nothing_seen(app: Flask, cookie: str) -> None:
    headers = {"Cookie": f"seen={cookie}".encode().decode("latin-1")}
    with app.test_request_context(headers=headers):
        assert all(0 <= one <= seen.MOST_ID for one in seen.ids(Owner()))
