"""List pages: regions for htmx, pages for everybody else, addresses that search engines should and should not keep."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.core import db

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
CANONICAL = re.compile(r'<link rel="canonical" href="([^"]+)"')


def names(page: str) -> list[str]:
    """The products of a page, in its order."""
    return re.findall(r'<h3><a id="\d+" href="[^"]+"[^>]*>([^<]+)</a>', page)


def into(target: str) -> dict[str, str]:
    return PARTIAL | {"HX-Target": target}


def test_a_list_shows_its_count_and_24_products(client: FlaskClient) -> None:
    page = client.get("/en/shop").text
    on_sale = db.scalar(text("SELECT count(*) FROM products WHERE status = 'active'"))
    assert f"<b>{on_sale}</b> products" in page
    assert len(names(page)) == 24
    assert f"24 of {on_sale} shown" in page


def test_page_two_stands_alone_and_leads_back(client: FlaskClient) -> None:
    first, second = client.get("/en/shop").text, client.get("/en/shop?page=2").text
    assert not set(names(first)) & set(names(second))
    assert "Show earlier" in second
    assert "Show earlier" not in first
    assert client.get("/en/shop?page=99").status_code == 200


def test_show_more_brings_cards_and_the_next_button_only(client: FlaskClient) -> None:
    part = client.get("/en/shop?page=2", headers=into("ul#cards")).text
    assert names(part) == names(client.get("/en/shop?page=2").text)
    assert '<div class="more" id="more" hx-swap-oob="true">' in part
    assert 'id="facets"' not in part
    assert "<html" not in part


def test_a_change_of_filters_swaps_results_facets_and_count(client: FlaskClient) -> None:
    answer = client.get("/en/shop?skin_type=dry&price_min=&price_max=&rating=", headers=into("div#results"))
    assert answer.text.startswith('<div id="results"')
    assert '<form id="facets"' in answer.text
    assert 'hx-swap-oob="outerMorph"' in answer.text
    assert 'id="live"' in answer.text
    assert answer.headers["HX-Push-Url"] == "/en/shop?skin_type=dry"
    assert "HX-Request" in answer.headers["Vary"]


def test_a_chip_takes_its_own_filter_away(client: FlaskClient) -> None:
    page = client.get("/en/shop?skin_type=dry&skin_type=oily&concern=dryness").text
    chips = dict(re.findall(r'<a class="chip x" href="([^"]+)"[^>]*>([^<]+)<', page))
    told = {words: address.replace("&amp;", "&") for address, words in chips.items()}
    assert told["Dry"] == "/en/shop?skin_type=oily&concern=dryness"
    assert told["Dryness"] == "/en/shop?skin_type=dry&skin_type=oily"


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/en/shop", True),
        ("/en/shop/serum", True),
        ("/en/shop?skin_type=oily", False),
        ("/en/shop?sort=price", False),
        ("/en/shop?page=2", False),
        ("/en/search?q=serum", False),
    ],
)
def test_only_plain_lists_are_for_search_engines(client: FlaskClient, path: str, kept: bool) -> None:
    page = client.get(path).text
    assert ('content="noindex, follow"' not in page) is kept
    found = CANONICAL.search(page)
    assert found
    assert found[1].endswith(path.partition("?")[0])


def test_without_a_profile_match_is_what_sells_best(client: FlaskClient) -> None:
    assert names(client.get("/en/shop?sort=match").text) == names(client.get("/en/shop?sort=sold").text)


def test_a_zero_count_stays_and_is_greyed(client: FlaskClient) -> None:
    page = client.get("/en/shop?concern=sun&price_max=1").text
    assert '<label class="opt none"><input type="checkbox" name="skin_type" value="oily">' in page


def test_nothing_found_says_what_to_drop(client: FlaskClient) -> None:
    page = client.get("/en/shop?concern=sun&skin_type=acne&price_max=1").text
    assert "No product has all of that" in page
    assert re.search(r"Without “Under \$1” <b>\d+ products?</b>", page)


def test_search_keeps_its_query_in_filters_and_chips(client: FlaskClient) -> None:
    page = client.get("/en/search?q=serum&skin_type=oily").text
    assert '<input type="hidden" name="q" value="serum">' in page
    assert 'href="/en/search?q=serum"' in page
    assert names(page)


def test_search_without_a_hit_leads_on(client: FlaskClient) -> None:
    page = client.get("/en/search?q=lawnmower").text
    assert "We found nothing for" in page
    assert "/en/shop?concern=" in page


def test_suggestions_come_in_groups(client: FlaskClient) -> None:
    part = client.get("/en/search/suggest?q=serum", headers=into("div#suggest")).text
    assert "<html" not in part
    assert "/en/products/" in part
    assert "/en/shop/serum" in part
    assert 'role="status"' in part
    assert "<html" in client.get("/en/search/suggest?q=serum").text


def test_an_ingredient_has_a_page_a_list_and_a_note(client: FlaskClient) -> None:
    page = client.get("/en/ingredients/salicylic-acid").text
    assert "Regulation (EC)" in page
    assert names(page)
    note = client.get("/en/ingredients/salicylic-acid", headers=into("div#pop")).text
    assert "<html" not in note
    assert "All products with it" in note
    assert 'id="results"' not in note


@pytest.mark.parametrize("path", ["/en/shop/nothing", "/en/ingredients/nothing", "/en/brands/nothing"])
def test_unknown_places_are_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_brand_lists_only_its_own(client: FlaskClient, db_session: Any) -> None:
    rows = db.rows(
        text(
            "SELECT name_en FROM products p JOIN brands b ON b.id = p.brand_id"
            " WHERE b.slug = 'kesor-sun' AND p.status = 'active'"
        )
    )
    assert set(names(client.get("/en/brands/kesor-sun").text)) == {row.name_en for row in rows}
