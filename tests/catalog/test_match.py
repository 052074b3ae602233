"""One skin, one rule: lists are sorted by the very level that a product's page tells; strangers see what sells."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.catalog import facets, match_order, queries
from app.catalog.match import LEVELS, Skin, match
from app.core import db
from tests.accounts.people import make_user, signed_in

SKINS = [
    Skin("oily"),
    Skin("sensitive", ("dark_spots", "aging")),
    Skin("acne", (), ("fragrance", "niacinamide")),
    Skin("dry", ("sun",), ("glycerin",)),
]


@pytest.mark.parametrize("skin", SKINS, ids=lambda skin: skin.type)
def test_lists_and_pages_agree_on_every_product(app: Any, db_session: Any, skin: Skin) -> None:
    found = facets.index()
    levels = match_order.levels(found, found.ids, skin)
    slugs = db.rows(text("SELECT id, slug FROM products WHERE status = 'active'"))
    assert len(slugs) == len(levels)
    for row in slugs:
        product = queries.product(row.slug)
        assert product is not None
        told = match(skin, product.suits_list, product.skin_concerns, product.inci)
        assert levels[row.id] == told.level, row.slug
    ids, _levels = match_order.page(found, found.everything, skin, 0, len(slugs))
    assert sorted(ids) == sorted(levels)
    assert [LEVELS.index(levels[one]) for one in ids] == sorted(
        LEVELS.index(level) for level in levels.values()
    )
    pages = [match_order.page(found, found.everything, skin, first, 7)[0] for first in range(0, len(ids), 7)]
    assert [one for page in pages for one in page] == ids


def test_the_match_costs_the_signed_in_no_statement(client: FlaskClient, counted: Any) -> None:
    stranger, plain = client.application.test_client(), signed_in(client, make_user())
    skinned = signed_in(client.application.test_client(), make_user(skin_type="oily", skin_concerns=["sun"]))
    for path in ("/en/shop", "/en/products/niacinamide"):
        for one in (plain, skinned):
            one.get(path)
        with counted() as before:
            assert "match for your skin" not in plain.get(path).text
        with counted() as after:
            own = skinned.get(path).text
        assert len(after) == len(before)
        assert re.search("A (great|good|fair) match for your skin|Made for another skin", own)
        assert "match for your skin" not in stranger.get(path).text


def test_what_is_avoided_is_named_and_comes_last(client: FlaskClient) -> None:
    person = signed_in(client, make_user(skin_type="oily", avoid_ingredients=["niacinamide"]))
    told = person.get("/en/products/niacinamide").text
    assert "Holds something that you avoid" in told
    assert "Contains Niacinamide (vitamin B3), which you avoid" in told
    assert 'href="/en/products/niacinamide"' not in person.get("/en/shop").text.partition('id="cards"')[2]
