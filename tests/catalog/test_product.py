"""The product page: facts, match in words, reviews, what comes after a product that is no longer made."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.catalog import grades
from app.catalog.match import Skin, match
from app.catalog.substances import kinds
from app.core import db

PATH = "/en/products/niacinamide"
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
DATA = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def change(session: Any, values: str, slug: str = "niacinamide", **facts: Any) -> None:
    session.execute(text(f"UPDATE products SET {values} WHERE slug = :slug"), {"slug": slug, **facts})


def test_the_facts_of_a_product(client: FlaskClient) -> None:
    page = client.get(PATH).text
    for words in (
        "$18.00",
        "73,800\u17db",
        "$0.60 / ml",
        "Niacinamide (vitamin B3)",
        "CNC-26-1000",
        "Cambodia",
    ):
        assert words in page, words
    assert page.count('class="pic tone-pandan"') >= 6
    assert '<meta property="og:type" content="product">' in page
    assert 'hreflang="km"' in page


def test_json_ld_cannot_leave_its_script(client: FlaskClient, db_session: Any) -> None:
    change(db_session, "name_en = :name", name='A </script><script>alert(1)</script> \u2028 & "serum"')
    page = client.get(PATH).text
    found = DATA.search(page)
    assert found
    facts = json.loads(found[1])
    assert facts["name"].startswith("A </script><script>")
    assert "<script>alert" not in page
    assert facts["offers"] == {
        "@type": "Offer",
        "price": "18.00",
        "priceCurrency": "USD",
        "availability": "https://schema.org/InStock",
    }


@pytest.mark.parametrize(("left", "told"), [(0, "Sold out right now"), (3, "Only 3 left"), (500, "")])
def test_stock_is_told_truly(client: FlaskClient, db_session: Any, left: int, told: str) -> None:
    change(db_session, "stock = allocated + :left", left=left)
    page = client.get(PATH).text
    assert told in page
    assert ('id="qty"' in page) is (left > 0)
    assert ("left</p>" in page) is (left == 3)


def test_sizes_of_a_family_are_links(client: FlaskClient, db_session: Any) -> None:
    change(db_session, "family_id = 7")
    change(db_session, "family_id = 7, size_amount = 60", slug="zinc-niacinamide")
    page = client.get(PATH).text
    assert re.search(r'<a href="/en/products/niacinamide" aria-current="true"><b>30 ml</b>', page)
    assert re.search(r'<a href="/en/products/zinc-niacinamide"><b>60 ml</b>', page)


def test_no_profile_asks_one_question(client: FlaskClient) -> None:
    assert "What is your skin type?" in client.get(PATH).text
    told = client.get(PATH + "?skin=oily").text
    assert "match for your skin" in told
    assert "No fragrance" in told
    assert "%" not in re.sub(r".*(<section class=\"match\".*?</section>).*", r"\1", told, flags=re.DOTALL)


def test_a_draft_is_not_found_and_an_archived_product_is_gone(client: FlaskClient, db_session: Any) -> None:
    change(
        db_session,
        "status = 'archived', successor_id = (SELECT id FROM products WHERE slug = 'tranexamic-5')",
    )
    answer = client.get(PATH)
    assert answer.status_code == 410
    assert answer.text.index("/en/products/tranexamic-5") < answer.text.index(
        "/en/products/", answer.text.index("grid") + 400
    )
    change(db_session, "status = 'draft'")
    assert client.get(PATH).status_code == 404


@pytest.mark.parametrize(
    ("average", "told"), [("4.55", "4.6"), ("4.45", "4.5"), ("4.44", "4.4"), ("5.00", "5.0")]
)
def test_a_rating_is_the_same_on_card_and_page(
    client: FlaskClient, db_session: Any, average: str, told: str
) -> None:
    change(db_session, "rating_avg = :average, rating_count = 20", average=Decimal(average))
    page, shelf = client.get(PATH).text, client.get("/en/shop").text
    card = re.search(r'href="/en/products/niacinamide".*?<p class="rate">([\d.]+)', shelf, re.DOTALL)
    offer = re.search(r'class="rate link".*?</span>([\d.]+)', page, re.DOTALL)
    assert [found and found[1] for found in (card, offer)] == [told] * 2


def test_the_summary_has_the_average_of_the_product(client: FlaskClient, db_session: Any) -> None:
    sums = db_session.execute(
        text(
            "SELECT a AS stars, n AS reviews, round(a::numeric / n, 2) AS average"
            " FROM generate_series(1, 30) n, generate_series(n, 5 * n) a"
        )
    ).all()
    assert [grades.average(row.stars, row.reviews) for row in sums] == [row.average for row in sums]
    page = client.get(PATH).text
    offer = re.search(r'class="rate link".*?</span>([\d.]+)', page, re.DOTALL)
    summary = re.search(r'class="big">([\d.]+)', page)
    data = DATA.search(page)
    assert offer
    assert summary
    assert data
    assert json.loads(data[1])["aggregateRating"]["ratingValue"] == float(offer[1]) == float(summary[1])


def test_reviews_are_filtered_by_stars_and_by_skin(client: FlaskClient) -> None:
    counts = {
        row.rating: row.n
        for row in db.rows(
            text(
                "SELECT rating, count(*) AS n FROM reviews r JOIN products p ON p.id = r.product_id"
                " WHERE p.slug = 'niacinamide' AND r.status = 'approved' GROUP BY 1"
            )
        )
    }
    assert counts
    stars = max(counts)
    target = PARTIAL | {"HX-Target": "div#revlist"}
    part = client.get(f"{PATH}?stars={stars}", headers=target).text
    assert part.startswith('<div id="revlist"')
    assert len(re.findall(r'<article class="rev"', part)) == min(counts[stars], 6)
    assert set(re.findall(r"stars r-(\d+)", part)) == {str(stars * 10)}
    skins = client.get(f"{PATH}?reviewer=dry", headers=target).text
    assert set(re.findall(r'class="pillx">([^<]+)<', skins)) <= {"Dry"}


def test_reviews_in_the_readers_language_come_first(client: FlaskClient) -> None:
    page = client.get("/en/products/sun-fluid").text
    first = page[page.index('<article class="rev"') :][:600]
    assert 'lang="km"' not in first


def test_delivery_to_a_chosen_province(client: FlaskClient) -> None:
    target = PARTIAL | {"HX-Target": "div#promise"}
    part = client.get(f"{PATH}?province=17", headers=target).text
    assert part.startswith('<div id="promise"')
    assert '<option value="17" selected>' in part
    assert "<select" not in client.get(PATH).text
    assert '<option value="12" selected>' in client.get(f"{PATH}?province=zz").text


@pytest.mark.parametrize(
    ("skin", "suits", "concerns", "inci", "level"),
    [
        ("oily", ["oily"], ["shine"], [], "great"),
        ("oily", ["oily"], [], [], "good"),
        ("oily", ["all"], ["shine"], [], "good"),
        ("oily", ["all"], [], [], "fair"),
        ("oily", ["dry"], ["dryness"], [], "poor"),
        ("sensitive", ["sensitive"], ["redness"], [("parfum", 0)], "fair"),
        ("acne", ["acne"], ["acne"], [("cocos-nucifera-oil", 4)], "fair"),
    ],
)
def test_match_weighs_the_products_own_data(
    client: FlaskClient,
    skin: str,
    suits: list[str],
    concerns: list[str],
    inci: list[tuple[str, int]],
    level: str,
) -> None:
    held = [{"slug": slug, "flags": [], "comedogenic": rank} for slug, rank in inci]
    with client.application.test_request_context("/en/"):
        found = match(Skin(skin), suits, concerns, held)
    assert found.level == level
    if inci:
        assert found.cautions


@pytest.mark.parametrize(
    ("slug", "kind", "holds"),
    [
        ("parfum", "fragrance", True),
        ("limonene", "fragrance", True),
        ("alcohol-denat", "alcohol", True),
        ("cetearyl-alcohol", "alcohol", False),
        ("benzyl-alcohol", "alcohol", False),
        ("cyclopentasiloxane", "silicone", True),
        ("sodium-laureth-sulfate", "sulfate", True),
        ("magnesium-sulfate", "sulfate", False),
        ("citrus-limon-peel-oil", "essential_oil", True),
        ("helianthus-annuus-seed-oil", "essential_oil", False),
        ("methylparaben", "paraben", True),
    ],
)
def test_kinds_are_read_from_names(slug: str, kind: str, holds: bool) -> None:
    assert (kind in kinds(slug)) is holds


def test_flags_count_as_well() -> None:
    assert "fragrance" in kinds("something-new", ["fragrance"])
