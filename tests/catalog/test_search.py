"""Finding and suggesting products in the demo shop."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from app.catalog import search, search_index, search_suggest, search_vocabulary
from app.catalog.models import Product
from app.core.db import db

DEMO = Path(__file__).parent.parent / "data" / "search" / "demo.tsv"
with DEMO.open(encoding="utf-8", newline="") as lines:
    KHMER = [(row["query"], row["slug"]) for row in csv.DictReader(lines, delimiter="\t")]

NASTY = [
    "", " ", "\x00", "\ud800", "'", "\"; DROP TABLE products; --", "%", "_", "\\", "{}", "{a,b}", "NULL",
    "<script>alert(1)</script>", "\u202eabc", "\u200b" * 200, "\u17d2" * 200, "\u1780\u17d2" * 100, "\u17c1" * 200,
    "a " * 100, "a" * 200, "9" * 200, "\U0001f600" * 200, "e\u0301" * 100, "\ufdfa" * 200, ".", "+", "-", "\n\t\r",
    "\u1780" * 200, "serum\x00acid", ":tokens", "%(x)s", "\uffff", "\u0130" * 50,
]  # fmt: skip


@pytest.fixture(autouse=True)
def fresh_vocabulary(app: Flask, db_session: Any) -> None:
    search_vocabulary.forget()


def slugs(query: str, limit: int = 5) -> list[str]:
    """The slugs found, best first."""
    ids = search.find(query, limit).ids
    found = db.session.execute(select(Product.id, Product.slug).where(Product.id.in_(ids)))
    named = {row.id: row.slug for row in found}
    return [named[number] for number in ids]


@pytest.mark.parametrize("query", NASTY)
def test_any_text_is_answered(query: str) -> None:
    search.find(query)
    search_suggest.suggest(query)


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("niacinamide", "niacinamide"),
        ("niacinamde serum", "niacinamide"),
        ("vitamin c", "vitamin-c-15"),
        ("sunscreen", "sun-fluid"),
        ("suncreen", "sun-fluid"),
        ("sun block", "sun-fluid"),
        ("face wash", "lotus-cleanser"),
        ("facewash", "lotus-cleanser"),
        ("lip masks", "lotus-lip-mask"),
        ("sbek khlanh leang muk", "amino-foam-cleanser"),
        ("krem karpear kdao thngai", "sun-fluid"),
        ("SPF\u17e5\u17e0", "sun-fluid"),
    ],
)
def test_the_right_product_is_among_the_first(query: str, slug: str) -> None:
    assert slug in slugs(query, 8)


@pytest.mark.parametrize(("query", "slug"), KHMER)
def test_khmer_finds_the_right_product_or_nothing(query: str, slug: str) -> None:
    found = slugs(query, 8)
    assert slug in found if slug else not found


@pytest.mark.parametrize("query", ["laptop", "running shoes", "iphone", "dog food", "zzzz"])
def test_what_the_shop_does_not_sell_is_not_found(query: str) -> None:
    hits = search.find(query)
    assert (hits.ids, hits.total, hits.stage) == ([], 0, "none")


@pytest.mark.parametrize(
    "query", ["niacinamide", "niacinamde serum", "sbek khlanh", "sunscreen oily skin", "zzzz"]
)
def test_finding_takes_two_statements_at_most(query: str, counted: Callable[[], Any]) -> None:
    search.find(query)
    with counted() as statements:
        search.find(query)
    assert len(statements) <= 2


def test_suggesting_takes_three_statements_at_most(counted: Callable[[], Any]) -> None:
    search_suggest.suggest("nia")
    with counted() as statements:
        search_suggest.suggest("nia")
    assert len(statements) <= 3


def test_pages_follow_each_other() -> None:
    whole = search.find("serum", limit=24)
    second = search.find("serum", limit=4, after=4)
    assert second.ids == whole.ids[4:8]
    assert second.total == whole.total


def test_archived_products_are_not_found() -> None:
    number = search.find("niacinamide").ids[0]
    db.session.execute(update(Product).where(Product.id == number).values(status="archived"))
    assert number not in search.find("niacinamide").ids
    search_index.write([number])
    assert (
        db.session.scalar(text("SELECT count(*) FROM product_search WHERE product_id = :id"), {"id": number})
        == 0
    )


def test_a_saved_product_is_found_by_its_new_name() -> None:
    number = search.find("niacinamide").ids[0]
    db.session.execute(update(Product).where(Product.id == number).values(name_en="Quokka Nectar"))
    assert search_index.write([number]) == 1
    search_vocabulary.forget()
    assert search.find("quoka nectar").ids == [number]


def test_a_product_in_stock_comes_before_one_that_is_not() -> None:
    first, second = search.find("ceramide cream").ids[:2]
    named = {
        "name_en": "Quokka Nectar",
        "name_kh": None,
        "skin_concerns": [],
        "ingredients": [],
        "brand_id": None,
    }
    db.session.execute(update(Product).where(Product.id.in_([first, second])).values(**named, sold_count=1))
    db.session.execute(update(Product).where(Product.id == first).values(stock=0, allocated=0))
    search_index.write([first, second])
    search_vocabulary.forget()
    assert search.find("quokka").ids == [second, first]


def test_rebuilding_gives_the_same_rows() -> None:
    rows = text("SELECT product_id, tokens, latin_words, folded FROM product_search ORDER BY product_id")
    before = db.session.execute(rows).all()
    assert search_index.write() == len(before)
    assert db.session.execute(rows).all() == before


def test_suggestions_come_in_groups() -> None:
    found = search_suggest.suggest("niac")
    assert "niacinamide" in [row.slug for row in found.products]
    assert "niacinamide" in [row.slug for row in found.ingredients]
    assert "sunscreen" in [row.slug for row in search_suggest.suggest("sunsc").categories]
    assert "acne" in search_suggest.suggest("pimp").concerns


def test_nothing_is_suggested_for_nothing() -> None:
    assert not search_suggest.suggest("  ")
    assert not search_suggest.suggest("zzzz")


POPULAR = text("SELECT product_id FROM product_search WHERE popular")
BEST = text("SELECT id FROM products WHERE status = 'active' ORDER BY sold_count DESC, id LIMIT 10")


def test_products_beyond_the_popular_ones_are_found_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    queries = ["niacinamide", "niacinamde serum", "serum", "sunscreen oily skin", "zzzz", *dict(KHMER)]
    before = [search.find(query) for query in queries]
    monkeypatch.setattr(search_index, "POPULAR", 10)
    search_index.write()
    assert set(db.session.scalars(POPULAR)) == set(db.session.scalars(BEST))
    assert [search.find(query) for query in queries] == before


def test_a_saved_product_counts_as_popular_until_sales_are_ranked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search_index, "POPULAR", 10)
    best = set(db.session.scalars(BEST))
    other = db.session.scalar(select(Product.id).where(Product.status == "active", Product.id.not_in(best)))
    search_index.write()
    search_index.write([other])
    assert set(db.session.scalars(POPULAR)) == best | {other}
    search_index.count_tokens()
    assert set(db.session.scalars(POPULAR)) == best


def test_candidates_are_taken_from_the_popular_ones_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "POPULAR", 10)
    search_index.write()
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    for statement in (search.ALL_TERMS, search.ANY_TERMS):
        given = {"terms": ["serum"], "tokens": ["serum"], "units": [0], "gains": [1.0], "drivers": ["serum"]}
        plan = "\n".join(db.session.scalars(text(f"EXPLAIN {statement.text}"), given | {"least": 0.3}))
        places = [plan.index(name) for name in search_index.INDEXES]
        assert places == sorted(places)


def test_a_token_stands_in_one_column_alone() -> None:
    search_index.write()
    twice = text(
        "SELECT count(*) FROM product_search s WHERE cardinality(tokens) <>"
        " (SELECT count(DISTINCT token) FROM unnest(tokens) AS token)"
    )
    assert db.session.scalar(text("SELECT count(*) FROM product_search")) > 0
    assert db.session.scalar(twice) == 0


def test_whole_answers_come_named_first_then_tagged_then_mentioned() -> None:
    search_index.write()
    kinds = text(
        "SELECT product_id, tokens_a @> :terms AS named, tokens_c && :terms OR tokens_d && :terms AS mentioned"
        " FROM product_search WHERE tokens @> :terms"
    )
    for word in ("serum", "niacinamide", "glycerin"):
        found = list(db.session.scalars(search.ALL_TERMS, {"terms": [word]}))
        kind = {
            row.product_id: (not row.named, row.mentioned)
            for row in db.session.execute(kinds, {"terms": [word]})
        }
        assert found
        assert set(found) <= set(kind)
        told = [kind[one] for one in found]
        assert told == sorted(told)
