"""The home page: what is loved, what skin says, four steps, words of buyers; and the page without a connection."""

import re

from flask.testing import FlaskClient
from sqlalchemy import text

from app.core import db


def test_home_shows_products_concerns_and_skin_types(client: FlaskClient) -> None:
    page = client.get("/en/").text
    assert len(re.findall(r'<li class="card">', page)) == 4
    assert len(re.findall(r'class="tile ', page)) == 6
    assert "/en/shop?concern=acne&amp;concern=blackheads" in page
    assert "/en/shop?skin_type=sensitive" in page


def test_steps_repeat_no_favourite(client: FlaskClient) -> None:
    page = client.get("/en/").text
    favourites, steps = page.split('<ol role="list" class="rail"')
    cards = set(re.findall(r'<h3><a id="\d+" href="([^"]+)"', favourites))
    shown = re.findall(r'<a class="med" href="([^"]+)"', steps)
    assert len(shown) == 4
    assert not cards & set(shown)


def test_quotes_are_real_words_of_buyers(client: FlaskClient) -> None:
    said = re.findall(r'<p class="quote">([^<]+)</p>', client.get("/km/").text)
    known = {
        row.comment
        for row in db.rows(
            text("SELECT comment FROM reviews WHERE status = 'approved' AND is_verified_purchase")
        )
    }
    assert said
    assert set(said) <= known


def test_the_page_without_a_connection(client: FlaskClient) -> None:
    page = client.get("/km/offline")
    assert page.status_code == 200
    assert 'content="noindex"' in page.text
