"""Ingredient lists as labels write them."""

import pytest

from app.catalog import inci
from app.catalog.inci import Inci, read


def names(text: str) -> list[str]:
    return [item.name for item in read(text).ingredients]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Water, Glycerin, Niacinamide.", ["Water", "Glycerin", "Niacinamide"]),
        ("Water/Aqua/Eau, Glycerin", ["Water", "Glycerin"]),
        ("Aqua (Water, Eau), Glycerin", ["Water", "Glycerin"]),
        ("Water\\Aqua\\Eau, Glycerin", ["Water", "Glycerin"]),
        ("Water(Aqua/Eau),Glycerin,Carbomer", ["Water", "Glycerin", "Carbomer"]),
        ("Fragrance / Parfum, Parfum (Fragrance)", ["Parfum"]),
        ("Titanium Dioxide (CI 77891), CI 77947 (Zinc Oxide)", ["Titanium Dioxide", "Zinc Oxide"]),
        ("Red 6 (Ci 15850), CI 15850", ["CI 15850"]),
        ("Polysorbate 20, 1,2-Hexanediol, 1, 2-Hexanediol", ["Polysorbate 20", "1,2-Hexanediol"]),
        ("Butyrospermum Parkii (Shea) Butter, SHEA EXTRACT", ["Butyrospermum Parkii Butter", "Shea Extract"]),
        ("Collagen (Vegan, Plant)*, Squalane**. *Organic. **Natural.", ["Collagen", "Squalane"]),
        ("Hydrogenated Poly(C6-14 Olefin), Mica", ["Hydrogenated Poly(C6-14 Olefin)", "Mica"]),
        ("PEG-100 Stearate, Peg-100 stearate", ["PEG-100 Stearate"]),
        ("Water (and) Glycerin (and) Citric Acid", ["Water", "Glycerin", "Citric Acid"]),
        ("Blend [Aloe Barbadensis Leaf Juice, Glycerin], Betaine and Panthenol", [
            "Blend", "Aloe Barbadensis Leaf Juice", "Glycerin", "Betaine", "Panthenol",
        ]),
        ("Water\nGlycerin\nNiacinamide", ["Water", "Glycerin", "Niacinamide"]),
        ("", []),
        ("100%", []),
    ],
)  # fmt: skip
def test_names(text: str, expected: list[str]) -> None:
    assert names(text) == expected


def test_headings_and_claims_are_left_out() -> None:
    text = (
        "-Papaya: Smooths and softens the skin. ; Step 1: ; Water, Glycerin, Behenyl ; Alcohol, Betaine. ; "
        "Active ingredients: ; Zinc Oxide 18%, Niacinamide, Glycerin. <ILN12345>"
    )
    assert names(text) == ["Water", "Glycerin", "Behenyl Alcohol", "Betaine", "Zinc Oxide", "Niacinamide"]


def test_percentages_are_kept() -> None:
    found = read("Benzoyl Peroxide 5.0%, Zinc Oxide (18%), 100% Squalane").ingredients
    assert found == (Inci("Benzoyl Peroxide", "5%"), Inci("Zinc Oxide", "18%"), Inci("Squalane", "100%"))


def test_what_is_no_ingredient_is_reported() -> None:
    label = read("Water, a fabric that feels good to your skin")
    assert [item.name for item in label.ingredients] == ["Water"]
    assert label.unread


def test_slugs_join_spellings() -> None:
    assert inci.slug("Caprylic/Capric Triglyceride") == inci.slug("CAPRYLIC / CAPRIC TRIGLYCERIDE")
    assert inci.slug("Prot\u00e9ine du lait") == "proteine-du-lait"
