"""Everything about a person comes out as a file, and none of it is left in any table once they are gone."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.analytics import store
from app.analytics.documents import COLLECTIONS
from app.core import db, images, mongo, uploads
from app.privacy import erase, export
from app.privacy.erase import SCRUB
from tests import trade
from tests.accounts.people import PASSWORD, make_user, send, signed_in
from tests.core import photos

WHEN = datetime(2026, 11, 3, 4, 5, tzinfo=UTC)
CANARIES = (
    "canary@kesor.example",
    "+85577111222",
    "Canaryname",
    "Canaryfamily",
    "Canary Street 5",
    "canary words",
)
LIFE = """
    UPDATE users SET phone = '+85577111222', date_of_birth = '1990-02-03', gender = 'female', skin_type = 'oily',
        skin_concerns = '{acne}', profile_picture = :picture, pending_email = 'canary@kesor.example' WHERE id = :id;
    INSERT INTO user_addresses (user_id, full_name, phone, address_line1, city, note)
        VALUES (:id, 'Canaryname', '+85577111222', 'Canary Street 5', 'Kep', 'canary words');
    INSERT INTO orders (order_number, user_id, customer_name, customer_email, customer_phone, subtotal, total,
        exchange_rate, payment_method, shipping_method, shipping_address, billing_address, notes, status)
        VALUES ('SK-CANARY', :id, 'Canaryname', 'canary@kesor.example', '+85577111222', 12.50, 12.50, 4100, 'cod',
        'rider', '{"full_name": "Canaryname", "state": "Kep", "address_line1": "Canary Street 5"}',
        '{"full_name": "Canaryname"}', 'canary words', 'delivered');
    INSERT INTO order_items (order_id, product_id, product_name, quantity, unit_price, total_price)
        SELECT id, :product, 'Cream', 1, 12.50, 12.50 FROM orders WHERE order_number = 'SK-CANARY';
    INSERT INTO payments (order_id, method, provider, amount, raw, evidence)
        SELECT id, 'khqr', 'bakong', 12.50, '{"from": "Canaryname"}', '{"payer": "Canaryname"}' FROM orders
        WHERE order_number = 'SK-CANARY';
    INSERT INTO bank_slips (payment_id, image_url, reference) SELECT max(id), :slip, 'Canaryname' FROM payments;
    INSERT INTO return_requests (order_id, user_id, reason) SELECT id, :id, 'canary words' FROM orders
        WHERE order_number = 'SK-CANARY';
    INSERT INTO reviews (product_id, user_id, rating, comment, customer_name, customer_email, status)
        VALUES (:product, :id, 5, 'Lovely', 'Canaryname C.', 'canary@kesor.example', 'approved');
    INSERT INTO review_photos (review_id, image_url) SELECT max(id), :photo FROM reviews;
    INSERT INTO coupon_usage (coupon_id, user_id, email, phone, discount_amount)
        SELECT min(id), :id, 'canary@kesor.example', '+85577111222', 1 FROM coupons;
    INSERT INTO stock_alerts (product_id, email) VALUES (:product, 'Canary@kesor.example');
    INSERT INTO wishlists (user_id, product_id) VALUES (:id, :product);
    INSERT INTO recently_viewed (user_id, product_id) VALUES (:id, :product);
    INSERT INTO api_tokens (user_id, name, token_hash) VALUES (:id, 'canary words', repeat('a', 64))
"""


def everywhere() -> Iterator[tuple[str, str]]:
    """Every row of every table as text."""
    tables = text("SELECT table_name AS name FROM information_schema.tables"
                  " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'")  # fmt: skip
    for table in db.rows(tables):
        for row in db.rows(text(f'SELECT t::text AS told FROM "{table.name}" t')):
            yield table.name, row.told


def found() -> set[tuple[str, str]]:
    return {(table, one) for table, told in everywhere() for one in CANARIES if one.lower() in told.lower()}


def kept(area: str) -> str:
    return images.keep(photos.drawn(), uploads.root(), area, (200,))


@pytest.fixture
def user(db_session: Any) -> Any:
    trade.ground()
    made = make_user(email="canary@kesor.example", first_name="Canaryname", last_name="Canaryfamily")
    facts = {"id": made.id, "product": trade.product(3), "picture": kept("profiles"), "photo": kept("reviews"),
             "slip": kept("slips")}  # fmt: skip
    for statement in LIFE.split(";"):
        db.db.session.execute(text(statement), facts)
    db.db.session.commit()
    return made


@pytest.fixture
def person(client: FlaskClient, user: Any) -> FlaskClient:
    return signed_in(client, user)


def test_the_file_holds_everything_and_no_secret(person: FlaskClient, user: Any) -> None:
    answer = person.get("/km/account/privacy/export")
    assert answer.mimetype == "application/json"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    told = json.loads(answer.text)
    assert not [one for one in CANARIES if one not in answer.text]
    assert told["orders"][0]["total"] == "12.50"
    assert told["reviews"][0]["comment"] == "Lovely"
    for secret in (user.password_hash, "password_hash", "sid_hash", "token_hash", "a" * 64):
        assert secret not in answer.text


def test_every_table_that_knows_people_is_exported_and_scrubbed(db_session: Any) -> None:
    """A table made later cannot be forgotten: it has a column that names a user, or it holds addresses of people."""
    columns = ("user_id", "email", "phone", "customer_email", "customer_phone")
    named = text(
        "SELECT DISTINCT c.table_name AS name FROM information_schema.columns c JOIN information_schema.tables t"
        " USING (table_schema, table_name) WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
        " AND c.column_name = ANY(:columns)"
    )
    tables = {row.name for row in db.rows(named, {"columns": list(columns)})}
    exported, scrubbed = " ".join(export.PARTS.values()), SCRUB
    assert {table for table in tables if table not in exported} == set()
    stays = {"review_votes", "return_requests"}
    cascades = {"shopping_cart"}
    assert {table for table in tables if table not in scrubbed} - stays - cascades == set()


def test_whoever_leaves_is_forgotten_and_the_figures_stay(person: FlaskClient, user: Any) -> None:
    sold = text("SELECT sum(total), count(*) FROM orders")
    before = tuple(db.rows(sold)[0])
    pictures = [row.address for row in db.rows(erase.PICTURES, {"user_id": user.id})]
    assert len(pictures) == 3
    assert found()
    assert send(person, "/en/account/privacy/deletion", {"password": "wrong"}).status_code == 422
    answer = send(person, "/en/account/privacy/deletion", {"password": PASSWORD})
    assert answer.headers["Location"] == "/en/account/gone"
    assert found() == set()
    assert tuple(db.rows(sold)[0]) == before
    assert db.scalar(text("SELECT comment FROM reviews WHERE user_id = :id"), {"id": user.id}) == "Lovely"
    assert not [path for one in pictures for path in uploads.root().glob(f"*/{Path(one).stem}*")]
    assert person.get("/en/account").status_code == 303
    enter = person.post("/en/account/signin", data={"name": "canary@kesor.example", "password": PASSWORD})
    assert enter.status_code == 422


def test_nobody_leaves_while_a_parcel_is_under_way(person: FlaskClient, user: Any) -> None:
    db.db.session.execute(text("UPDATE orders SET status = 'shipped' WHERE user_id = :id"), {"id": user.id})
    db.db.session.commit()
    refused = send(person, "/en/account/privacy/deletion", {"password": PASSWORD})
    assert refused.status_code == 409
    assert "An order of yours is under way" in refused.text
    assert "/account/orders" in refused.text
    assert found()


@pytest.fixture
def traces(user: Any) -> Iterator[Any]:
    """MongoDB with two buckets of the person's events and one of another's, and a document in the other collections."""
    with mongo.opened() as database:
        for name in export.TRACES:
            database[name].drop()
        bucket = {
            "skin_profile": {"skin_type": "oily"},
            "device_info": {"ip_address": "10.9.8.0"},
            "events": [{"event_type": "search", "event_data": {"timestamp": WHEN, "search_query": "ក្រែម"}}],
        }
        for name in export.TRACES:
            database[name].insert_many([{"user_id": one, **bucket} for one in (user.id, user.id, 1)])
        yield database
        for name in export.TRACES:
            database[name].drop()


def test_the_file_holds_the_traces_and_nobody_elses(person: FlaskClient, user: Any, traces: Any) -> None:
    told = json.loads(person.get("/en/account/privacy/export").text)
    for name in export.TRACES:
        assert [one["user_id"] for one in told[name]] == [user.id, user.id]
        assert told[name][0]["events"][0]["event_data"]["timestamp"] == WHEN.isoformat()
    assert "ក្រែម" in json.dumps(told, ensure_ascii=False)
    assert "not_read" not in told


@pytest.mark.parametrize(("language", "words"), [("en", "could not be read"), ("km", "មិនអាចអាន")])
def test_the_file_says_what_could_not_be_read(
    app: Flask, person: FlaskClient, language: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = mongo.Store("mongodb://127.0.0.1:9/shop?directConnection=true")
    monkeypatch.setitem(app.extensions, "shop.mongo", nowhere)
    try:
        answer = person.get(f"/{language}/account/privacy/export")
    finally:
        nowhere.close()
    assert answer.status_code == 200
    told = json.loads(answer.text)
    assert told["account"][0]["email"] == "canary@kesor.example"
    assert told["not_read"]["parts"] == list(export.TRACES)
    assert words in told["not_read"]["note"]


def test_any_number_of_documents_passes_one_by_one(person: FlaskClient, user: Any, traces: Any) -> None:
    traces["user_analytics"].insert_many([{"user_id": user.id, "place": place} for place in range(300)])
    pieces = export.written(user.id)
    assert not isinstance(pieces, list)
    longest = max(len(piece) for piece in list(pieces)[1:])
    assert longest < 1000
    told = json.loads(person.get("/en/account/privacy/export").text)
    assert [one["place"] for one in told["user_analytics"][2:]] == list(range(300))


def test_every_collection_that_knows_people_is_exported_and_forgotten() -> None:
    knows = {name for name, each in COLLECTIONS.items() if "user_id" in each.schema["properties"]}
    assert knows == set(export.TRACES)


def test_traces_of_those_who_left_are_cut(user: Any, traces: Any) -> None:
    """In MongoDB, by the job: as often as it likes."""
    erase.erase(user.id)
    db.db.session.commit()
    with mongo.opened() as database:
        again = [store.forget(database, [user.id]) for _ in range(2)]
    assert again == [2 * len(export.TRACES), 0]
    for name in export.TRACES:
        left = [
            (one["user_id"], "skin_profile" in one, "device_info" in one) for one in traces[name].find({})
        ]
        nameless = [(None, False, False)] * 2 if name in store.ANONYMOUS else []
        assert sorted(left, key=str) == sorted([(1, True, True), *nameless], key=str)


def test_consent_is_given_and_taken_back(person: FlaskClient, user: Any) -> None:
    wanted = text("SELECT marketing_opt_in FROM users WHERE id = :id")
    for form in ({"wanted": "1"}, {}):
        send(person, "/en/account/privacy/consent", form)
        assert db.scalar(wanted, {"id": user.id}) is bool(form)
