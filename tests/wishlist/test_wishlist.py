"""Hearts, the list and its notes, its link, everything into the bag, and a guest's list at sign-in."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.accounts.owners import Owner
from app.core import security
from app.core.db import db
from app.wishlist import links, saved
from tests.accounts.people import make_user, send, signed_in

Shelf = Callable[..., tuple[int, str]]
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def save(client: FlaskClient, product_id: int, **headers: str) -> Any:
    return send(client, "/en/wishlist/items", {"save": str(product_id)}, headers=headers)


def save_off(client: FlaskClient, product_id: int) -> Any:
    return send(client, "/en/wishlist/items", {"drop": str(product_id)})


def guest_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("cart")
    assert cookie
    return security.digest(cookie.value)


def undo_of(page: str) -> str:
    found = re.search(r'name="undo" value="([^"]+)"', page)
    assert found
    return found[1]


def rows(statement: str, **values: Any) -> list[Any]:
    return list(db.session.execute(text(statement), values).all())


def listed(owner: Owner) -> list[int]:
    found = rows(
        "SELECT product_id FROM wishlists WHERE user_id = :user_id OR guest_token_hash = :guest ORDER BY id",
        **owner.params,
    )
    return [row.product_id for row in found]


def test_a_guest_saves_without_javascript_and_comes_back_to_the_product(
    client: FlaskClient, another: Callable[[], FlaskClient], shelf: Shelf
) -> None:
    product, slug = shelf()
    answer = save(client, product, Referer=f"http://localhost/en/products/{slug}?skin=oily")
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/en/products/{slug}?skin=oily#{product}")
    assert save(client, product, Referer="https://elsewhere.example/").headers["Location"] == "/en/wishlist"
    assert len(rows("SELECT id FROM wishlists WHERE product_id = :id", id=product)) == 1
    pressed = rf'name="drop" aria-pressed="true" aria-labelledby="sl" value="{product}"'
    assert re.search(pressed, client.get("/en/wishlist").text)
    assert re.search(pressed, client.get(f"/en/products/{slug}").text)
    stranger = another()
    assert not re.search(pressed, stranger.get(f"/en/products/{slug}").text)
    assert "Nothing saved yet" in stranger.get("/en/wishlist").text


def test_a_heart_says_what_it_did_and_the_list_offers_to_undo(client: FlaskClient, shelf: Shelf) -> None:
    product, _ = shelf()
    told = save(client, product, **HTMX)
    assert f'data-heart="{product}" data-next="drop"' in told.text
    assert "<html" not in told.text
    dropped = send(
        client,
        "/en/wishlist/items",
        {"drop": str(product)},
        headers=HTMX | {"HX-Target": "div#saved"},
    )
    assert undo_of(dropped.text)
    assert f'data-heart="{product}" data-next="save"' in dropped.text
    assert listed(Owner(guest=guest_of(client))) == []
    assert save(client, product).status_code == 303


@pytest.mark.parametrize("lang", ["en", "km"])
@pytest.mark.parametrize("still_sold", [True, False])
def test_an_undone_removal_brings_the_same_row_back(
    client: FlaskClient, shelf: Shelf, lang: str, still_sold: bool
) -> None:
    product, later = shelf(price="30.00")[0], shelf()[0]
    save(client, product)
    aged = "UPDATE wishlists SET created_at = '2026-02-03 04:05:06.789012+00' WHERE product_id = :id"
    db.session.execute(text(aged), {"id": product})
    db.session.execute(text("UPDATE products SET price = 21.50 WHERE id = :id"), {"id": product})
    status = "active" if still_sold else "archived"
    db.session.execute(text("UPDATE products SET status = :s WHERE id = :id"), {"s": status, "id": product})
    db.session.commit()
    save(client, later)
    whole = (
        "SELECT product_id, price_seen, created_at FROM wishlists WHERE guest_token_hash = :guest ORDER BY 3"
    )
    before = rows(whole, guest=guest_of(client))
    where = f"/{lang}/wishlist"
    gone = send(
        client, f"{where}/items", {"drop": str(product)}, headers={"Referer": f"http://localhost{where}"}
    )
    page = client.get(gone.headers["Location"]).text
    assert listed(Owner(guest=guest_of(client))) == [later]
    assert ("Undo" if lang == "en" else "យកមកវិញ") in page
    assert send(client, f"{where}/items", {"undo": undo_of(page)}).status_code == 303
    assert rows(whole, guest=guest_of(client)) == before
    note = "$8.50 less" if lang == "en" else "$8.50"
    assert (note in client.get(where).text) is still_sold


def test_an_undo_is_the_owners_alone(
    client: FlaskClient, another: Callable[[], FlaskClient], shelf: Shelf
) -> None:
    product, other = shelf()[0], shelf()[0]
    stranger = another()
    save(client, product)
    save(stranger, other)
    dropped = save_off(client, product)
    undo = undo_of(client.get(dropped.headers["Location"]).text)
    assert send(stranger, "/en/wishlist/items", {"undo": undo}).status_code == 422
    for forged in (undo.replace("_", "_9", 1), undo[:-1], "_", "1__2_" + "0" * 32, "\ufffd_"):
        assert send(client, "/en/wishlist/items", {"undo": forged}).status_code == 422
    assert listed(Owner(guest=guest_of(client))) == []
    assert 'name="undo"' not in stranger.get(dropped.headers["Location"]).text
    again = save_off(client, product)
    assert again.headers["Location"] == "/en/wishlist"


@pytest.mark.parametrize("form", [{}, {"save": "x"}, {"save": "-1"}, {"save": "9" * 12}, {"drop": "1' OR 1"}])
def test_nonsense_is_refused(client: FlaskClient, form: dict[str, str]) -> None:
    assert send(client, "/en/wishlist/items", form).status_code == 422


def test_unknown_products_and_forged_hearts_change_nothing(client: FlaskClient, shelf: Shelf) -> None:
    product, _ = shelf()
    gone, _ = shelf(status="archived")
    for unknown in (gone, 2**31 - 1):
        assert save(client, unknown).status_code == 404
    save(client, product)
    assert client.post("/en/wishlist/items", data={"drop": str(product)}).status_code == 400
    assert listed(Owner(guest=guest_of(client))) == [product]


def test_the_list_notes_lower_prices_what_is_sold_out_and_what_is_gone(
    client: FlaskClient, shelf: Shelf
) -> None:
    cheaper, _ = shelf(price="20.00")
    dearer, _ = shelf(price="10.00")
    sold_out, slug = shelf(units=0)
    gone, _ = shelf()
    for product in (cheaper, dearer, sold_out, gone):
        save(client, product)
    db.session.execute(text("UPDATE products SET price = 17.50 WHERE id = :id"), {"id": cheaper})
    db.session.execute(text("UPDATE products SET price = 11.00 WHERE id = :id"), {"id": dearer})
    db.session.execute(text("UPDATE products SET status = 'archived' WHERE id = :id"), {"id": gone})
    db.session.commit()
    page = client.get("/en/wishlist").text
    assert re.findall(r"(\$[\d.]+) less than when you saved it", page) == ["$2.50"]
    assert f'href="/en/products/{slug}/alert"' in page
    assert page.count("No longer sold.") == 1


def test_everything_that_can_be_bought_goes_into_the_bag_once(client: FlaskClient, shelf: Shelf) -> None:
    one, two = shelf()[0], shelf()[0]
    sold_out = shelf(units=0)[0]
    for product in (one, two, sold_out):
        save(client, product)
    send(client, "/en/cart/lines", {"product_id": str(one), "quantity": "3"})
    answer = send(client, "/en/wishlist/bag", headers=HTMX)
    assert 'id="bag-lines"' in answer.text
    send(client, "/en/wishlist/bag")
    lines = rows("SELECT product_id, quantity FROM shopping_cart WHERE product_id IN (:a, :b, :c) ORDER BY 1",
                 a=one, b=two, c=sold_out)  # fmt: skip
    assert [tuple(line) for line in lines] == [(one, 3), (two, 1)]


def test_a_signed_in_bag_takes_the_list_too(client: FlaskClient, shelf: Shelf) -> None:
    user = make_user()
    signed_in(client, user)
    product, _ = shelf()
    save(client, product)
    assert send(client, "/en/wishlist/bag").headers["Location"] == "/en/cart"
    assert rows("SELECT user_id FROM shopping_cart WHERE product_id = :id", id=product)[0].user_id == user.id


def test_only_whoever_has_the_link_sees_a_list_and_only_while_it_is_open(
    client: FlaskClient, another: Callable[[], FlaskClient], shelf: Shelf
) -> None:
    user = make_user(first_name="Bopha", last_name="Keo")
    signed_in(client, user)
    product, slug = shelf()
    save(client, product)
    send(client, "/en/wishlist/link")
    send(client, "/en/wishlist/link")
    token = links.token(Owner(user_id=user.id))
    page = client.get("/en/wishlist").text
    assert f"/en/wishlist/shared/{token}" in page
    stranger = another()
    shown = stranger.get(f"/en/wishlist/shared/{token}")
    assert f'href="/en/products/{slug}"' in shown.text
    assert not re.search(rf"Bopha|Keo|{user.email}", shown.text)
    assert "no-store" in shown.headers["Cache-Control"]
    assert stranger.get(f"/en/wishlist/shared/{token[:-1] if token else ''}").status_code == 404
    send(stranger, "/en/wishlist/link/removal")
    assert stranger.get(f"/en/wishlist/shared/{token}").status_code == 200
    send(client, "/en/wishlist/link/removal")
    assert stranger.get(f"/en/wishlist/shared/{token}").status_code == 404


def test_a_guests_list_becomes_the_users_once(client: FlaskClient, shelf: Shelf) -> None:
    user = make_user()
    both, guests, own = shelf(price="9.00")[0], shelf(price="30.00")[0], shelf()[0]
    saved.save(Owner(user_id=user.id), own)
    saved.save(Owner(user_id=user.id), both)
    for product in (both, guests):
        save(client, product)
    send(client, "/en/wishlist/link")
    token = links.token(Owner(guest=guest_of(client)))
    guest = guest_of(client)
    with client.application.test_request_context():
        assert saved.merge(guest, user.id) == 1
        assert saved.merge(guest, user.id) == 0
    assert set(listed(Owner(user_id=user.id))) == {own, both, guests}
    assert listed(Owner(guest=guest)) == []
    assert links.owner_of(str(token)) == Owner(user_id=user.id)
    seen = rows(
        "SELECT price_seen FROM wishlists WHERE user_id = :u AND product_id = :p", u=user.id, p=guests
    )
    assert seen[0].price_seen == Decimal("30.00")


def test_a_list_holds_a_hundred(client: FlaskClient, shelf: Shelf) -> None:
    save(client, shelf()[0])
    owner = {"guest": guest_of(client)}
    db.session.execute(
        text(
            "INSERT INTO wishlists (guest_token_hash, product_id) SELECT :guest, id FROM products"
            " WHERE id NOT IN (SELECT product_id FROM wishlists WHERE guest_token_hash = :guest) LIMIT 99"
        ),
        owner,
    )
    kept = rows("SELECT product_id FROM wishlists WHERE guest_token_hash = :guest", **owner)
    while len(kept) < saved.LIMIT:
        kept.append(saved.save(Owner(**owner), shelf()[0]))
    assert save(client, shelf()[0]).status_code == 409
    assert save(client, kept[0].product_id).status_code == 303


def test_hearts_cost_nothing_more(client: FlaskClient, counted: Callable[[], Any], shelf: Shelf) -> None:
    save(client, shelf()[0])
    client.get("/en/shop")
    with counted() as statements:
        client.get("/en/shop")
    assert len(statements) <= 3, statements
    signed_in(client, make_user())
    client.get("/en/products/niacinamide")
    for path, most in (("/en/shop", 4), ("/en/products/niacinamide", 5)):
        with counted() as statements:
            assert client.get(path).status_code == 200
        assert len(statements) <= most, statements
