"""The road from orders and the catalogue to what pages show: runs, manifests, shelves, the fallback."""

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app import create_app
from app.catalog import queries as catalogue
from app.core import mongo
from app.core.db import db, rows, scalar
from app.core.runs import perform
from app.core.shop import touch_catalogue
from app.core.stack import Stack
from app.recommend import content, reasons, shelves
from tests import databases

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"sklearn", "numpy", "scipy"}


@pytest.fixture
def taught(quiet: Flask) -> Flask:
    """A shop that has learned."""
    runner = quiet.test_cli_runner()
    for words in (["etl", "run"], ["train", "run"]):
        result = runner.invoke(args=words)
        assert result.exit_code == 0, result.output
    assert mongo.warm(5)
    return quiet


def test_the_commands_fill_mongodb(taught: Flask) -> None:
    on_sale = {row.id for row in rows(text("SELECT id FROM products WHERE status = 'active'"))}
    buyers = scalar(text("SELECT count(DISTINCT user_id) FROM orders"))
    with mongo.opened() as database:
        documents = list(database["product_similarities"].find())
        assert {each["product_id"] for each in documents} == on_sale
        assert len({each["algorithm_version"] for each in documents}) == 1
        assert "everybody" in {each["skin_type"] for each in database["trending"].find()}
        assert database["user_purchase_patterns"].count_documents({}) == buyers
        active = {each["name"] for each in database["ml_models"].find({"status": "active"})}
        assert active == {"content_based", "trending", "purchase_patterns"}
    assert scalar(text("SELECT count(*) FROM job_runs WHERE state = 'done'")) == 4


def test_every_stored_reason_can_be_derived_again(taught: Flask) -> None:
    lists = {
        row.id: [each["inci"] for each in row.ingredients]
        for row in rows(text("SELECT id, ingredients FROM products"))
    }
    brands = {row.id: row.brand_id for row in rows(text("SELECT id, brand_id FROM products"))}
    names = text("SELECT inci_name, coalesce(label_en, inci_name) AS label FROM ingredients")
    labels = {row.inci_name: row.label for row in rows(names)}
    with mongo.opened() as database:
        for document in database["product_similarities"].find():
            one = document["product_id"]
            for each in document["similar_products"]:
                other, why = each["product_id"], each["reason"]
                told = [name["en"] for name in why["args"].get("ingredients", [])]
                both = {labels[name] for name in set(lists[one]) & set(lists[other])}
                assert set(told) <= both
                same_brand = brands[one] is not None and brands[one] == brands[other]
                assert content.reason(each["similarity_factors"], told, same_brand) == why["code"]


def test_a_page_reads_once_and_shows_what_is_for_sale(
    taught: Flask, counted: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongo, "BUDGET", 5.0)
    with taught.test_request_context("/en/"):
        assert mongo.warm(5.0)
        product = scalar(
            text("SELECT id FROM products WHERE status = 'active' ORDER BY sold_count DESC LIMIT 1")
        )
        with counted() as statements:
            near, popular = shelves.similar(product), shelves.trending()
        assert statements == []
        assert (near.source, popular.source) == ("learned", "learned")
        assert product not in near.ids
        assert all(near.reasons().values())
        assert all(popular.reasons().values())
        db.session.execute(
            text("UPDATE products SET status = 'archived' WHERE id = :id"), {"id": near.ids[0]}
        )
        assert near.ids[0] not in [card.id for card in catalogue.cards(near.ids)]
        db.session.rollback()


def test_learning_again_is_skipped_until_the_catalogue_says_something_else(taught: Flask) -> None:
    assert perform("similarities", "a") == {"unchanged": "version"}
    touch_catalogue()
    assert perform("similarities", "b") == {"unchanged": "content"}
    assert perform("similarities", "c") == {"unchanged": "version"}
    archived = scalar(text("SELECT min(id) FROM products WHERE status = 'active'"))
    db.session.execute(text("UPDATE products SET status = 'archived' WHERE id = :id"), {"id": archived})
    db.session.commit()
    touch_catalogue()
    result = perform("similarities", "d") or {}
    assert result["dropped"] == 1
    again = perform("similarities", "forced", args=(0,)) or {}
    assert (again["products"], again["written"]) == (result["products"], 0)
    with mongo.opened() as database:
        found = database["product_similarities"].find_one({"similar_products.product_id": archived})
        assert found is None
        assert database["ml_models"].count_documents({"name": "content_based", "status": "active"}) == 1
        database["product_similarities"].delete_many({})
    assert "products" in (perform("similarities", "e") or {})


def test_purchase_patterns_follow_the_orders_that_changed(taught: Flask) -> None:
    user = scalar(text("SELECT user_id FROM user_purchase_matrix ORDER BY user_id LIMIT 1"))
    db.session.execute(
        text("UPDATE orders SET status = 'cancelled', updated_at = now() WHERE user_id = :u"), {"u": user}
    )
    db.session.commit()
    result = perform("patterns", "again") or {}
    assert 1 <= result["users"] < scalar(text("SELECT count(DISTINCT user_id) FROM orders"))
    with mongo.opened() as database:
        found = database["user_purchase_patterns"].find_one({"user_id": user}) or {}
        assert set(found["purchase_vector"].values()) == {0}


def test_learning_loses_no_purchase_without_any_event(taught: Flask) -> None:
    """Trending is made from orders: no event was ever recorded here."""
    with mongo.opened() as database:
        assert database["user_analytics"].count_documents({}) == 0
        ranked = database["trending"].find_one({"skin_type": "everybody"}) or {}
    recent = text(
        "SELECT count(DISTINCT oi.product_id) FROM order_items oi JOIN orders o ON o.id = oi.order_id"
        " WHERE o.status IN ('delivered', 'confirmed', 'processing', 'shipped')"
        " AND o.placed_at BETWEEN now() - interval '180 days' AND now()"
    )
    assert len(ranked["products"]) == min(60, scalar(recent))


def test_without_mongodb_pages_show_the_best_sellers(
    quiet: Flask, tmp_path: Path, counted: Callable[[], Any]
) -> None:
    stack = Stack(tmp_path, wanted=["mongodb"])
    settings = databases.settings(str(quiet.config["DATABASE_URL"]), 0)
    other = create_app(replace(settings, MONGODB_URI=stack.start()["MONGODB_URI"]))
    try:
        with other.test_request_context("/en/"):
            assert mongo.warm(5)
            stack.halt("mongodb", signal.SIGKILL)
            product = scalar(text("SELECT id FROM products WHERE status = 'active' ORDER BY id LIMIT 1"))
            with counted() as statements:
                near, popular = shelves.similar(product), shelves.trending("oily")
            assert len(statements) == 2
            assert near.source == popular.source == "sql"
            assert product not in near.ids
            assert {pick.code for pick in near.items} == {"popular_in_category"}
            sold = text(
                "SELECT id FROM products WHERE status = 'active' ORDER BY sold_count DESC, id DESC LIMIT 24"
            )
            assert popular.ids == [row.id for row in rows(sold)]
            db.engine.dispose()
    finally:
        other.extensions["shop.mongo"].open().close()
        stack.stop()


@pytest.mark.parametrize("lang", ["en", "km"])
def test_every_reason_has_words(app: Flask, lang: str) -> None:
    labels = [{"en": "Niacinamide (vitamin B3)", "kh": "NIA"}, {"en": "Zinc PCA", "kh": "ZINC"}]
    told = [
        ("shares", {"ingredients": labels}),
        ("shares", {"ingredients": labels[:1]}),
        ("same_brand", {"brand": "KESOR"}),
        *(("popular_with_skin", {"skin_type": code}) for code in reasons.SKIN_CODES),
        *((code, {}) for code in ("same_step_and_skin", "same_concerns", "same_step", "alike", "popular")),
        ("popular_in_category", {}),
    ]
    with app.test_request_context(f"/{lang}/"):
        app.preprocess_request()
        words = [reasons.words(code, args) for code, args in told]
        assert all(words)
        assert reasons.words("from a later version") == ""
    shares = words[0]
    assert ("Niacinamide" in shares and "(" not in shares) if lang == "en" else "NIA" in shares


def test_no_web_process_imports_the_heavy_packages(quiet: Flask) -> None:
    """Not with every page's code loaded and the pages that show shelves answered."""
    script = (
        "import sys; from app import create_app; app = create_app(); client = app.test_client();"
        " codes = [client.get(path).status_code for path in ('/en/', '/en/shop')];"
        f" print(codes, sorted({HEAVY!r} & set(sys.modules)))"
    )
    names = ("DATABASE_URL", "REDIS_URL", "MONGODB_URI", "SHOP_DATA", "SHOP_ENV")
    environment = {name: str(quiet.config[name]) for name in names}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[200, 200] []"
