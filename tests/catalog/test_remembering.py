"""What a process remembers of products is never older than what PostgreSQL holds; a known page costs one statement."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.catalog import queries
from app.core import db, fragments, memory, mongo, shop
from app.recommend import store
from app.reviews import moderation
from tests.reviews import people

SLUG = "niacinamide"
PAGE = f"/en/products/{SLUG}"
FACTORS = (
    "category_match",
    "skin_type_match",
    "concern_overlap",
    "ingredient_similarity",
    "price_similarity",
)
CHANGES = {
    "UPDATE products SET price = 77.77, compare_at_price = NULL WHERE slug = :slug": "$77.77",
    "UPDATE products SET stock = allocated + 2 WHERE slug = :slug": "Only 2 left",
    "UPDATE products SET name_en = 'Sokha serum' WHERE slug = :slug": "Sokha serum",
    "UPDATE products SET how_to_use_en = 'Two drops at dusk.' WHERE slug = :slug": "Two drops at dusk.",
}
BESIDE = {
    "UPDATE brands SET name = 'Dara and daughters'": "Dara and daughters",
    "UPDATE categories SET name_en = 'Drops'": "Drops",
    "UPDATE product_images SET alt_text_en = 'A bottle on a leaf'": "A bottle on a leaf",
    "UPDATE ingredients SET inci_name = 'Nymphaea ' || id": "Nymphaea ",
    "UPDATE products SET family_id = 7, size_amount = 60 + id % 2 * 30": "<b>90 ml</b>",
}


@pytest.fixture
def busy(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """A visitor of a process that trusts what it remembers, as in the running shop, and has drawn the page."""
    tag = app.jinja_env.extensions[fragments.Kept.identifier]
    monkeypatch.setattr(tag, "memory", fragments.Memory(verify=False))
    monkeypatch.setitem(app.config, "REMEMBER_SECONDS", 600.0)
    monkeypatch.setattr(mongo, "BUDGET", 5.0)
    for name in ("shop.similar", "shop.digests"):
        app.extensions.pop(name, None)
    teach()
    for _visit in range(2):
        client.get(PAGE)
    yield client
    with mongo.opened() as database:
        database["product_similarities"].delete_many({"algorithm_version": "test"})


def teach() -> None:
    """Tell MongoDB what goes with the product."""
    rows = db.rows(
        text("SELECT id FROM products WHERE status = 'active' ORDER BY slug = :slug DESC, id"), {"slug": SLUG}
    )
    one, *others = [row.id for row in rows][:7]
    factors = dict.fromkeys(FACTORS, 0.5)
    alike = [
        {
            "product_id": other,
            "similarity_score": 0.5,
            "similarity_factors": factors,
            "reason": {"code": "alike"},
        }
        for other in others
    ]
    facts = {"computed_at": datetime.now(UTC), "algorithm_version": "test"}
    with mongo.opened() as database:
        store.write_similarities(database, [{"product_id": one, "similar_products": alike, **facts}])


def test_a_known_page_costs_one_statement(busy: FlaskClient, counted: Callable[[], Any]) -> None:
    with counted() as statements:
        page = busy.get(PAGE)
    assert "A similar formula" in page.text
    assert len(statements) == 1, statements


def test_a_product_that_nothing_was_learnt_of_costs_no_more(
    busy: FlaskClient, app: Flask, counted: Callable[[], Any]
) -> None:
    with mongo.opened() as database:
        database["product_similarities"].delete_many({"algorithm_version": "test"})
    app.extensions.pop("shop.similar")
    assert "Popular in this category" in busy.get(PAGE).text
    with counted() as statements:
        page = busy.get(PAGE)
    assert "Popular in this category" in page.text
    assert len(statements) == 1, statements


@pytest.mark.parametrize(("change", "told"), CHANGES.items())
def test_a_change_is_seen_at_once(busy: FlaskClient, db_session: Any, change: str, told: str) -> None:
    assert told not in busy.get(PAGE).text
    db_session.execute(text(change), {"slug": SLUG})
    assert told in busy.get(PAGE).text


@pytest.mark.parametrize(("change", "told"), BESIDE.items())
def test_what_stands_beside_a_product_goes_by_the_catalogues_version(
    busy: FlaskClient, db_session: Any, change: str, told: str
) -> None:
    assert told not in busy.get(PAGE).text
    db_session.execute(text(change))
    shop.touch_catalogue()
    assert told in busy.get(PAGE).text


def test_a_product_that_goes_is_gone(busy: FlaskClient, db_session: Any) -> None:
    db_session.execute(text("UPDATE products SET status = 'archived' WHERE slug = :slug"), {"slug": SLUG})
    assert busy.get(PAGE).status_code == 410
    db_session.execute(text("UPDATE products SET status = 'draft' WHERE slug = :slug"), {"slug": SLUG})
    assert busy.get(PAGE).status_code == 404


def test_an_approved_review_is_seen_at_once(busy: FlaskClient, db_session: Any) -> None:
    product_id = int(db.scalar(text("SELECT id FROM products WHERE slug = :slug"), {"slug": SLUG}))
    before = busy.get(PAGE).text
    people.write(people.author("Sreyneath"), product_id, rating=1)
    after = busy.get(PAGE).text
    count = db.scalar(text("SELECT rating_count FROM products WHERE id = :id"), {"id": product_id})
    assert f"{count} reviews" in after
    assert f"{count} reviews" not in before


def test_a_withdrawn_review_is_gone_at_once_though_the_figures_are_the_same(
    busy: FlaskClient, db_session: Any
) -> None:
    product_id = int(db.scalar(text("SELECT id FROM products WHERE slug = :slug"), {"slug": SLUG}))
    for words in ("The first words.", "The words in their place."):
        review_id = people.write(people.author("Sreyneath"), product_id)
        shown = text("UPDATE reviews SET comment = :words, helpful_count = 900 WHERE id = :id")
        db_session.execute(shown, {"words": words, "id": review_id})
        assert words in busy.get(PAGE).text
        moderation.reject(review_id, reason="withdrawn")
        assert words not in busy.get(PAGE).text


def test_cards_of_a_list_are_todays(busy: FlaskClient, db_session: Any, counted: Callable[[], Any]) -> None:
    ids = [
        row.id for row in db.rows(text("SELECT id FROM products WHERE status = 'active' ORDER BY id LIMIT 9"))
    ]
    known = queries.cards(ids)
    with counted() as statements:
        assert queries.cards(ids) == known
    assert len(statements) == 1
    db_session.execute(
        text("UPDATE products SET price = 1.23, compare_at_price = NULL WHERE id = :id"), {"id": ids[4]}
    )
    db_session.execute(text("UPDATE products SET status = 'archived' WHERE id = :id"), {"id": ids[5]})
    with counted() as statements:
        now = queries.cards(ids)
    assert len(statements) == 2
    assert [card.id for card in now] == ids[:5] + ids[6:]
    assert now[4].price == "$1.23"
    assert [card for card in now if card is not now[4]] == known[:4] + known[6:]


def test_a_known_search_costs_one_statement(
    busy: FlaskClient, db_session: Any, counted: Callable[[], Any]
) -> None:
    first = busy.get("/en/search?q=niacinamide").text
    with counted() as statements:
        assert busy.get("/en/search?q=niacinamide").text == first
    assert len(statements) == 1, statements
    db_session.execute(text("UPDATE products SET status = 'archived' WHERE slug = :slug"), {"slug": SLUG})
    assert f'href="{PAGE}"' in first
    assert f'href="{PAGE}"' not in busy.get("/en/search?q=niacinamide").text


def test_a_memory_is_bounded_in_number_and_age() -> None:
    small = memory.Memory(3)
    for number in range(10):
        small.keep(number, str(number))
    assert [small.find(number) for number in range(10)] == [None] * 7 + ["7", "8", "9"]
    brief = memory.Memory(3, 0.0)
    brief.keep(1, "one")
    assert brief.find(1) is None
