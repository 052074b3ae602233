"""Filters, counts and orders of the index are those of plain SQL, whatever is ticked."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.datastructures import MultiDict

from app.catalog import facet_index, facets, listing
from app.catalog.facets import MULTIPLE, Filters
from app.catalog.vocabulary import CONCERNS, SKIN_TYPES
from app.core import db
from tests.catalog import facet_oracle as oracle
from tests.conftest import FULL

ROUNDS = 400 if FULL else 40
EVERY, OILY = Filters(), Filters(values={"skin_type": ("oily",)})


@pytest.fixture
def index(app: Flask, db_session: Any) -> facet_index.FacetIndex:
    return facet_index.build(0)


def drawn(draw: Random, index: facet_index.FacetIndex) -> Filters:
    """Some filters that a reader might tick."""
    choices = {
        "skin_type": list(SKIN_TYPES),
        "concern": list(CONCERNS),
        "brand": [brand.slug for brand in index.brands],
        "ingredient": [*index.notable, "aqua", "no-such-thing"],
        "without": ["fragrance", "alcohol", "silicone", "glycerin"],
    }
    values = {facet: tuple(draw.sample(some, draw.choice((0, 0, 1, 2)))) for facet, some in choices.items()}
    price = sorted(draw.choice((None, 900, 1500, 1900, 2400)) or 0 for _ in range(2))
    return Filters(
        values=values,
        price_min=price[0] or None,
        price_max=price[1] or None,
        rating=draw.choice((None, None, 3, 4)),
        in_stock=draw.random() < 0.3,
    )


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_products_and_counts_agree_with_sql(index: facet_index.FacetIndex, seed: int) -> None:
    draw = Random(seed)
    filters = facets.sensible(index, drawn(draw, index))
    category = draw.choice((None, None, "serum", "moisturizer", "lip"))
    base = index.of("category", category) if category else index.everything
    passing = facets.members(index, base, filters)
    assert index.page(passing, "sold", 0, 1000) == oracle.ids(filters, category)
    counts = facets.counts(index, base, filters)
    for facet in draw.sample(MULTIPLE, 2):
        others = filters.without(facet)
        for value in draw.sample(sorted(counts[facet]), min(3, len(counts[facet]))):
            alone = replace(others, values={**others.values, facet: (value,)})
            assert counts[facet][value] == len(oracle.ids(alone, category)), (facet, value)
    stars = replace(filters, rating=4)
    assert counts["rating"]["4"] == len(oracle.ids(stars, category))
    assert counts["in_stock"]["1"] == len(oracle.ids(replace(filters, in_stock=True), category))


@pytest.mark.parametrize("sort", list(oracle.ORDERS))
def test_orders_agree_with_sql(index: facet_index.FacetIndex, sort: str) -> None:
    for filters in (EVERY, OILY):
        passing = facets.members(index, index.everything, filters)
        wanted = oracle.ids(filters, order=sort)
        assert index.page(passing, sort, 0, 1000) == wanted
        assert index.page(passing, sort, 5, 7) == wanted[5:12]


@pytest.mark.parametrize("sort", list(oracle.ORDERS))
def test_a_large_set_is_walked_in_the_same_order(
    index: facet_index.FacetIndex, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    wanted = [(filters, oracle.ids(filters, order=sort)) for filters in (EVERY, OILY)]
    monkeypatch.setattr(facet_index, "SORT_BELOW", 3)
    monkeypatch.setattr(facet_index, "SHORTEST", 4)
    for filters, ids in wanted:
        passing = facets.members(index, index.everything, filters)
        assert len(ids) > 8
        for first in range(len(ids) + 2):
            assert index.page(passing, sort, first, 5) == ids[first : first + 5]


def test_positions_of_any_set_are_its_bits() -> None:
    draw = Random(11)
    for size in (0, 1, 63, 64, 65, 700):
        chosen = sorted(draw.sample(range(1000), size))
        assert list(facet_index.positions(facet_index.bits(chosen, 1000))) == chosen


def test_a_shelf_holds_the_shelves_below_it(index: facet_index.FacetIndex) -> None:
    below = index.of("category", "treatment")
    assert below
    assert index.of("category", "serum") & below == below


def test_without_counts_only_products_whose_ingredients_are_known(
    index: facet_index.FacetIndex, db_session: Any
) -> None:
    silent = index.ids[0]
    db_session.execute(text("DELETE FROM product_ingredients WHERE product_id = :id"), {"id": silent})
    fresh = facet_index.build(1)
    plain = facets.sensible(fresh, Filters(values={"without": ("fragrance",)}))
    assert silent not in fresh.page(facets.members(fresh, fresh.everything, plain), "sold", 0, 1000)


def test_only_known_values_are_kept(index: facet_index.FacetIndex) -> None:
    kept = [("skin_type", "oily"), ("brand", "kesor"), ("ingredient", "niacinamide")]
    odd = [
        ("skin_type", "purple"),
        ("brand", "nobody"),
        ("without", "x' OR 1"),
        ("ingredient", "unobtainium"),
    ]
    odd += [
        ("price_min", "1e99"),
        ("price_max", "abc"),
        ("rating", "17"),
        ("sort", "DROP"),
        ("in_stock", "maybe"),
    ]
    asked = MultiDict([*kept, *odd])
    filters = facets.sensible(index, facets.read(asked))
    assert filters.values == {
        "skin_type": ("oily",),
        "concern": (),
        "brand": ("kesor",),
        "ingredient": ("niacinamide",),
        "without": (),
    }
    assert (filters.price_min, filters.price_max, filters.rating, filters.in_stock) == (
        None,
        None,
        None,
        False,
    )
    assert filters.sort == "match"


def test_the_query_of_filters_reads_back(index: facet_index.FacetIndex) -> None:
    draw = Random(3)
    for _ in range(20):
        filters = facets.sensible(index, drawn(draw, index))
        pairs = [
            (k, str(one)) for k, v in filters.query().items() for one in (v if isinstance(v, tuple) else [v])
        ]
        assert facets.read(MultiDict(pairs)).query() == filters.query()


def test_nothing_found_names_what_to_drop(app: Flask, db_session: Any) -> None:
    with app.test_request_context("/en/shop"):
        filters = Filters(values={"concern": ("sun",), "skin_type": ("acne",)}, price_max=100)
        found = listing.listing(filters, 1)
        assert found.page.total == 0
        gives = {one.facet: one.gives for one in found.applied}
        assert gives["price"] == len(oracle.ids(filters.without("price"))) > 0


def test_a_change_of_the_catalogue_reaches_the_lists(client: Any, db_session: Any) -> None:
    before = client.get("/en/shop").text
    name = db.scalar(
        text("SELECT name_en FROM products WHERE status = 'active' ORDER BY sold_count DESC, id LIMIT 1")
    )
    assert name in before
    db_session.execute(text("UPDATE products SET status = 'archived' WHERE name_en = :name"), {"name": name})
    db_session.commit()
    from app.core.shop import touch_catalogue

    touch_catalogue()
    assert name not in client.get("/en/shop").text
