"""What a buyer may do with an order: cancel it while nothing is packed, print its receipt, ask for a return."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import text

from app.checkout import placing
from app.core.db import db
from app.orders import lifecycle, queries, returns
from app.orders.returns import Wish
from app.wishlist import alerts
from app.wishlist.alerts import Reach
from tests import trade

LANGUAGES = ["en", "km"]
MOVES = {"confirmed": lifecycle.confirm, "shipped": lifecycle.send, "delivered": lifecycle.deliver}
PHOTOS = text(
    "SELECT p.id FROM return_photos p JOIN return_requests r ON r.id = p.return_request_id WHERE order_id = :id"
)


@pytest.fixture(autouse=True)
def session(db_session: Any) -> Any:
    trade.ground()
    return db_session


def placed(status: str = "pending", units: int = 3) -> Any:
    """The row of an order that stands at `status`."""
    total = {1: "14.00", 3: "37.50"}[units]
    token = trade.cart({trade.product(units, "12.50"): units})
    number = placing.place(trade.buyer(token), trade.details(total)).number
    for reached, move in MOVES.items():
        if status != "pending":
            move(number)
        if reached == status:
            break
    db.session.commit()
    return db.session.execute(text("SELECT * FROM orders WHERE order_number = :n"), {"n": number}).one()


def link(order: Any, path: str = "", lang: str = "en") -> str:
    return f"/{lang}/orders/{order.order_number}{path}?token={queries.signature(order.order_number, 1)}"


def status_of(order: Any) -> str:
    return str(
        db.session.execute(text("SELECT status FROM orders WHERE id = :id"), {"id": order.id}).scalar()
    )


def line_of(order: Any) -> Any:
    return db.session.execute(
        text("SELECT id, product_id FROM order_items WHERE order_id = :id"), {"id": order.id}
    ).one()


def photo(size: tuple[int, int] = (600, 400)) -> BytesIO:
    data = BytesIO()
    Image.new("RGB", size, "brown").save(data, "JPEG", exif=Image.Exif())
    data.seek(0)
    return data


@pytest.mark.parametrize("status", ["pending", "confirmed"])
def test_a_buyer_cancels_before_it_is_packed(client: FlaskClient, session: Any, status: str) -> None:
    order = placed(status)
    product = line_of(order).product_id
    alerts.ask(product, Reach(email="waits@example.com"))
    session.commit()
    assert "/cancellation" in client.get(link(order)).text
    answer = client.post(link(order, "/cancellation"))
    assert answer.status_code == 303
    assert status_of(order) == "cancelled"
    assert trade.figures(product) == (3, 0)
    told = session.execute(text("SELECT kind FROM outbox ORDER BY id DESC LIMIT 2")).scalars()
    assert set(told) == {"order_cancelled", "back_in_stock"}
    page = client.get(link(order)).text
    assert "/cancellation" not in page
    assert "Cancelled" in page
    assert client.post(link(order, "/cancellation")).status_code == 409
    assert trade.figures(product) == (3, 0)


@pytest.mark.parametrize("status", ["shipped", "delivered"])
def test_not_when_it_is_on_its_way(client: FlaskClient, status: str) -> None:
    order = placed(status)
    assert "/cancellation" not in client.get(link(order)).text
    assert client.post(link(order, "/cancellation")).status_code == 409
    assert status_of(order) == status


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_receipt_has_riel_at_the_rate_of_its_day(client: FlaskClient, session: Any, lang: str) -> None:
    order = placed("delivered")
    session.execute(text("UPDATE orders SET exchange_rate = 4020 WHERE id = :id"), {"id": order.id})
    session.commit()
    answer = client.get(link(order, "/receipt", lang))
    assert answer.headers["Cache-Control"] == "private, no-store"
    for part in (order.order_number, "$37.50", "150,800\u17db", "$1 = 4,000\u17db", "012 345 678"):
        assert part in answer.text


def test_strangers_get_nowhere(client: FlaskClient, session: Any) -> None:
    order, other = placed("delivered"), placed()
    returns.ask(order.id, Wish({line_of(order).id: 1}, "broken"), ["/uploads/returns/x.webp"])
    session.commit()
    shown = session.execute(PHOTOS, {"id": order.id}).scalar()
    foreign = link(other).partition("?")[2]
    for query in ("", "?token=" + "0" * 32, "?" + foreign):
        for path in ("/receipt", "/return", f"/return/photos/{shown}"):
            assert client.get(link(order, path).partition("?")[0] + query).status_code == 404
        for path in ("/cancellation", "/return"):
            assert client.post(link(order, path).partition("?")[0] + query).status_code == 404
    assert client.get(link(other, f"/return/photos/{shown}")).status_code == 404


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_return_with_a_photo(app: Flask, client: FlaskClient, session: Any, lang: str) -> None:
    order = placed("delivered")
    line = line_of(order)
    asked = client.get(link(order, "/return", lang))
    assert asked.status_code == 200
    assert f"units-{line.id}" in asked.text
    form = {f"units-{line.id}": "2", "reason": "The <b>pump</b> is broken", "photos": [(photo(), "a.jpg")]}
    assert client.post(link(order, "/return", lang), data=form).status_code == 303
    found = session.execute(
        text("SELECT * FROM return_requests WHERE order_id = :id"), {"id": order.id}
    ).one()
    assert found.items == [{"order_item_id": line.id, "quantity": 2}]
    page = client.get(link(order, "", lang)).text
    assert "&lt;b&gt;pump" in page
    shown = session.execute(PHOTOS, {"id": order.id}).scalar()
    picture = client.get(link(order, f"/return/photos/{shown}", lang))
    assert (picture.status_code, picture.mimetype) == (200, "image/webp")
    assert picture.headers["Cache-Control"] == "private, no-store"
    picture.close()
    name = session.execute(text("SELECT image_url FROM return_photos")).scalar()
    assert client.get(name).status_code == 404
    returns.decide(found.id, approved=True, words="Keep the box.")
    session.commit()
    assert "Keep the box." in client.get(link(order, "", lang)).text
    told = session.execute(text("SELECT kind FROM outbox ORDER BY id DESC LIMIT 2")).scalars().all()
    assert told == ["return_decided", "return_requested"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"units": "0"}, "Please choose what you want to send back."),
        ({"units": "4"}, "That is more than you may send back."),
        ({"reason": " "}, "Please tell us in a few words"),
        ({"photo": b"GIF89a not a photo"}, "We could not read this photo."),
    ],
)
def test_what_a_return_must_have(
    app: Flask, client: FlaskClient, session: Any, changes: dict[str, Any], message: str
) -> None:
    order = placed("delivered")
    facts = {"units": "1", "reason": "broken", "photo": photo().getvalue()} | changes
    form = {f"units-{line_of(order).id}": facts["units"], "reason": facts["reason"]}
    folder = Path(app.config["UPLOAD_DIR"]) / "returns"
    before = set(folder.glob("*"))
    answer = client.post(
        link(order, "/return"), data={**form, "photos": [(BytesIO(facts["photo"]), "a.jpg")]}
    )
    assert answer.status_code == 422
    assert message in answer.text
    assert session.execute(text("SELECT count(*) FROM return_requests")).scalar() == 0
    assert set(folder.glob("*")) == before


def test_units_come_back_once(session: Any) -> None:
    order = placed("delivered")
    line = line_of(order).id
    first = returns.ask(order.id, Wish({line: 2}, "broken"), [])
    assert [left.units for left in returns.lines(order.id)] == [1]
    with pytest.raises(returns.Invalid):
        returns.ask(order.id, Wish({line: 2}, "broken"), [])
    returns.decide(first, approved=False)
    with pytest.raises(returns.NotFound):
        returns.decide(first, approved=True)
    assert [left.units for left in returns.lines(order.id)] == [3]
    with pytest.raises(returns.Invalid):
        returns.ask(order.id, Wish({line_of(placed("delivered")).id: 1}, "not mine"), [])


def test_the_promise_has_its_days(client: FlaskClient, session: Any) -> None:
    order = placed("delivered")
    assert "/return?" in client.get(link(order)).text
    session.execute(
        text("UPDATE orders SET delivered_at = now() - interval '31 days' WHERE id = :id"), {"id": order.id}
    )
    session.commit()
    assert "/return?" not in client.get(link(order)).text
    assert client.get(link(order, "/return")).status_code == 409
    with pytest.raises(returns.NotReturnable):
        returns.ask(order.id, Wish({line_of(order).id: 1}, "late"), [])
    assert client.get(link(placed(), "/return")).status_code == 409


def test_a_paid_order_that_is_cancelled_speaks_of_the_money(client: FlaskClient, session: Any) -> None:
    order = placed()
    session.execute(
        text("UPDATE payments SET status = 'paid', method = 'khqr', paid_at = now() WHERE order_id = :id"),
        {"id": order.id},
    )
    session.commit()
    client.post(link(order, "/cancellation"))
    page = client.get(link(order)).text
    assert "We give your money back" in page
    assert "Nothing is owed" not in page
