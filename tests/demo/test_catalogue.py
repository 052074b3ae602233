"""The demo shop's words: complete in both languages, true to themselves, free of claims that the house forbids."""

import csv
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.core.khmer import norm

DEMO = Path(__file__).parents[2] / "app" / "demo"
CATALOGUE = DEMO / "catalogue"
TYPES = {"oily", "dry", "combination", "sensitive", "normal", "acne"}
CONCERNS = {
    "acne", "acne_marks", "aging", "blackheads", "dark_circles", "dark_spots", "dryness", "dullness", "hydration",
    "makeup", "pores", "redness", "sensitivity", "shine", "sun", "texture",
}  # fmt: skip
STOCKED_LOW, SOLD_OUT = range(1, 4), 0
FORBIDDEN = (
    r"whiten|bleach|lighten|\bcures?\b|\bheals?\b",
    "(?:\u1792\u17d2\u179c\u17be\u17b1\u17d2\u1799|\u17b1\u17d2\u1799|\u179f\u17d2\u1794\u17c2\u1780|\u1798\u17bb\u1781)"
    "\u179f(?![\u1780-\u17d3])",
)
OTHER_SPELLINGS = "|".join(
    [
        "\u17b2\u17d2\u1799",
        "\u17a2\u17c4\u1799",
        "\u1780\u17c6\u178a\u17c5",
        "\u1780\u1798\u17d2\u178a\u17c5",
        "\u1791\u17bc\u179a\u179f\u17d0\u1796\u17d2\u1791",
    ]
)
PAIRED = [
    "name", "short_description", "description", "usage_instructions", "how_to_use", "warnings", "meta_title",
    "meta_description",
]  # fmt: skip


def read(name: str) -> Any:
    return json.loads((CATALOGUE / name).read_text(encoding="utf-8"))


def files() -> list[Path]:
    return [*sorted(CATALOGUE.rglob("*.json")), DEMO / "voices.json", DEMO / "people.json"]


PRODUCTS: list[dict[str, Any]] = [
    product
    for file in sorted((CATALOGUE / "products").glob("*.json"))
    for product in read(f"products/{file.name}")
]
ACTIVE = [product for product in PRODUCTS if product["status"] == "active"]
INGREDIENTS: dict[str, dict[str, Any]] = {row["inci_name"]: row for row in read("ingredients.json")}
CATEGORIES = {row["slug"]: row for row in read("categories.json")}
BRANDS = {row["slug"]: row for row in read("brands.json")}
with (Path(__file__).parent / "products.tsv").open(encoding="utf-8", newline="") as lines:
    PROMISED = {row["slug"]: row for row in csv.DictReader(lines, delimiter="\t")}
each = pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product["slug"])


def texts(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for key, value in found.items():
            yield from texts([key, value])
    elif isinstance(found, list):
        for value in found:
            yield from texts(value)


def flags(product: dict[str, Any]) -> set[str]:
    return {flag for part in product["ingredients"] for flag in INGREDIENTS[part["inci"]]["flags"]}


def missing_pairs(row: dict[str, Any], names: list[str]) -> list[str]:
    return [
        f"{name}_{lang}"
        for name in names
        for lang in ("en", "kh")
        if not (row.get(f"{name}_{lang}") or "").strip()
    ]


def test_the_shop_has_its_44_products_at_their_prices_and_one_that_was_replaced() -> None:
    assert {product["slug"] for product in ACTIVE} == set(PROMISED)
    assert len(ACTIVE) == 44
    archived = [
        (product["slug"], product["successor"]) for product in PRODUCTS if product["status"] == "archived"
    ]
    assert archived == [("niacinamide-5", "niacinamide")]
    for key in ("slug", "sku", "moh_notification_no"):
        assert len({product[key] for product in PRODUCTS}) == len(PRODUCTS), key


@pytest.mark.parametrize("product", ACTIVE, ids=lambda product: product["slug"])
def test_a_product_is_what_was_promised(product: dict[str, Any]) -> None:
    promised = PROMISED[product["slug"]]
    assert product["price"] == promised["price_usd"]
    assert f"{product['size_amount']} {product['size_unit']}" == promised["size"]
    assert (product["name_en"], product["short_description_en"]) == (
        promised["name_en"],
        promised["benefit_en"],
    )
    assert (product["category"], product["skin_type"]) == (promised["category"], promised["skin_type"])
    assert product["skin_concerns"] == promised["concerns"].split(",")
    assert product["when_to_use"] == promised["when"].split()
    assert product["texture"] == promised["texture"]
    key = [
        f"{part['inci']} {part.get('concentration', '')}"
        for part in product["ingredients"]
        if part.get("key")
    ]
    for wanted in promised["key_ingredients"].split("; "):
        assert any(name.startswith(wanted) for name in key), wanted


def test_a_few_products_run_low_and_one_is_sold_out() -> None:
    assert sum(product["stock"] in STOCKED_LOW for product in ACTIVE) >= 2
    assert sum(product["stock"] == SOLD_OUT for product in ACTIVE) == 1


@each
def test_a_product_is_complete_in_both_languages(product: dict[str, Any]) -> None:
    assert missing_pairs(product, PAIRED) == []
    assert Decimal(product["size_amount"]) > 0
    assert product["size_unit"] in {"ml", "g"}
    assert Decimal(product["cost_price"]) < Decimal(product["price"])
    assert product["compare_at_price"] is None or Decimal(product["compare_at_price"]) > Decimal(
        product["price"]
    )
    assert len(product["meta_title_en"]) <= 70
    assert len(product["meta_description_en"]) <= 200
    for picture in product["pictures"]:
        assert (DEMO / "pictures" / picture["file"]).is_file()
        assert missing_pairs(picture, ["alt"]) == []


@each
def test_a_product_points_at_things_that_exist(product: dict[str, Any]) -> None:
    assert product["brand"] in BRANDS
    assert {product["category"], *product["more_categories"]} <= set(CATEGORIES)
    assert product["suits"][0] == product["skin_type"]
    assert set(product["suits"]) <= TYPES or product["suits"] == ["all"]
    assert set(product["skin_concerns"]) <= CONCERNS
    assert set(product["when_to_use"]) <= {"am", "pm", "weekly"}


@each
def test_an_ingredient_list_is_known_ordered_and_without_repeats(product: dict[str, Any]) -> None:
    names = [part["inci"] for part in product["ingredients"]]
    assert set(names) <= set(INGREDIENTS)
    assert len(names) == len(set(names))
    assert len(names) >= 12 or names == ["Squalane"]
    assert any(part.get("key") for part in product["ingredients"])
    shares = [
        float(part["concentration"].rstrip("%"))
        for part in product["ingredients"]
        if part.get("concentration")
    ]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 100


@each
def test_what_a_product_says_agrees_with_what_is_in_it(product: dict[str, Any]) -> None:
    inside, about = flags(product), f"{product['description_en']} {product['warnings_en']}".lower()
    names = {part["inci"] for part in product["ingredients"]}
    functions = {function for name in names for function in INGREDIENTS[name]["functions"]}
    if re.search(r"no (added )?perfume|from perfume|no alcohol", about):
        assert not names & {"Parfum", "Aroma", "Linalool", "Cananga Odorata Flower Oil"}
    if "no alcohol" in about or "and alcohol" in about:
        assert "alcohol" not in inside
    if "fragrance" in inside:
        assert "scent" in about or "taste" in about
    if "sensitive" in product["suits"]:
        assert not inside & {"fragrance", "alcohol", "aha", "retinoid"} - (
            {"aha"} if product["slug"] == "lotus-cleanser" else set()
        )
    if "SPF" in product["name_en"]:
        assert "uv_filter" in functions
        assert "am" in product["when_to_use"]
    if inside & {"retinoid"} or {"Glycolic Acid", "Salicylic Acid"} & names:
        assert "sunscreen" in about
    if "animal" in inside and {"Mel", "Cera Alba"} & names:
        assert "bee" in about or "honey" in about or product["slug"] == "palm-sugar-scrub"


def test_every_ingredient_is_used_and_explained() -> None:
    assert {part["inci"] for product in PRODUCTS for part in product["ingredients"]} == set(INGREDIENTS)
    assert len({row["slug"] for row in INGREDIENTS.values()}) == len(INGREDIENTS)
    for row in INGREDIENTS.values():
        assert missing_pairs(row, ["label", "description"]) == [], row["inci_name"]
        assert row["functions"], row["inci_name"]
        assert row["comedogenic"] is None or 0 <= row["comedogenic"] <= 5
        assert bool(row["caution_en"]) == bool(row["caution_kh"])
        assert not row["caution_source"] or row["caution_en"]


def test_ten_shelves_form_a_tree_that_has_goods_on_it() -> None:
    assert len(CATEGORIES) == 10
    assert {row["parent"] for row in CATEGORIES.values()} - {None} <= set(CATEGORIES)
    assert {product["category"] for product in ACTIVE} == set(CATEGORIES)
    for row in CATEGORIES.values():
        assert missing_pairs(row, ["name", "description"]) == []


def test_coupons_are_complete_and_point_at_real_goods() -> None:
    coupons = read("coupons.json")
    assert {coupon["type"] for coupon in coupons} == {"percentage", "fixed", "free_shipping"}
    for coupon in coupons:
        assert coupon["code"] == coupon["code"].strip().upper()
        assert missing_pairs(coupon, ["name", "description"]) == []
        assert set(coupon["applicable_products"] or []) <= set(PROMISED)
        assert set(coupon["applicable_categories"] or []) <= set(CATEGORIES)


def test_other_words_name_concepts_of_this_shop() -> None:
    known = {f"category:{slug}" for slug in CATEGORIES} | {f"skin:{kind}" for kind in TYPES}
    known |= {f"concern:{code}" for code in CONCERNS} | {
        f"ingredient:{row['slug']}" for row in INGREDIENTS.values()
    }
    assert set(read("aliases.json")) <= known


@pytest.mark.parametrize("lang", ["en", "kh"])
def test_reviews_have_many_voices_for_every_shelf_and_concern(lang: str) -> None:
    voice = json.loads((DEMO / "voices.json").read_text(encoding="utf-8"))[lang]
    assert sum(map(len, voice["openings"].values())) >= 25
    assert set(voice["own"]) <= set(PROMISED)
    for mood in ("good", "fair", "poor"):
        assert set(voice[mood]) == {*CATEGORIES, "any"}
        assert set(voice["concerns"][mood]) == CONCERNS
        assert len(voice["titles"][mood]) >= 10
    for slug in CATEGORIES:
        assert sum(len(voice[mood][slug]) for mood in ("good", "fair", "poor")) >= 15
        assert len(voice["poor"][slug]) >= 3


@pytest.mark.parametrize("file", files(), ids=lambda file: file.name)
def test_no_text_claims_what_the_house_forbids_or_strays_from_its_spelling(file: Path) -> None:
    aliases = file.name == "aliases.json"
    for text in texts(json.loads(file.read_text(encoding="utf-8"))):
        assert "\u200b" not in text, text
        assert norm(text) == text, text
        assert not any(re.search(pattern, text, re.IGNORECASE) for pattern in FORBIDDEN), text
        assert aliases or not re.search(OTHER_SPELLINGS, text), text
        assert not re.search(r"\s[\u17d4\u17d6]|[\u17e0-\u17e9]", text), text
