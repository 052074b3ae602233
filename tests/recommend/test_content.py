"""Similar products: factors between 0 and 1, scores that follow from them, reasons that hold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.recommend.content import KEEP, LEAST, WEIGHTS, Item, Similar, reason, similarities

NAMES = ("Water", "Glycerin", "Niacinamide", "Zinc PCA", "Squalane", "Retinal", "Panthenol")
TYPES = ("oily", "dry", "combination", "sensitive", "normal", "acne", "all")


def item(number: int, ingredients: str = "", keys: str = "", **more: object) -> Item:
    facts = {"category": "serum", "shelf": "face", "brand": None, "price": 10.0} | more
    return Item(
        id=number,
        ingredients=tuple(filter(None, ingredients.split(", "))),
        keys=frozenset(filter(None, keys.split(", "))),
        **facts,  # type: ignore[arg-type]
    )


def alike(*items: Item) -> dict[int, list[Similar]]:
    return dict(similarities(items))


def test_the_product_with_the_same_key_ingredients_comes_first() -> None:
    found = alike(
        item(1, "Water, Niacinamide, Zinc PCA", "Niacinamide, Zinc PCA"),
        item(2, "Water, Squalane", "Squalane"),
        item(3, "Water, Glycerin, Niacinamide, Zinc PCA", "Niacinamide"),
        item(4, "Water, Glycerin, Squalane", "Squalane"),
    )
    assert found[1][0].product_id == 3
    assert found[1][0].reason == "shares"
    assert set(found[1][0].shared) == {"Niacinamide", "Zinc PCA"}
    assert found[2][0].product_id == 4


def test_what_both_have_counts_only_when_one_is_known_for_it() -> None:
    found = alike(
        item(1, "Water, Glycerin, Retinal", "Retinal"), item(2, "Water, Glycerin, Panthenol", "Panthenol")
    )
    assert found[1][0].shared == []
    assert found[1][0].reason == "same_step_and_skin"


def test_sizes_of_one_family_are_not_similar_products() -> None:
    found = alike(
        item(1, "Water, Retinal", family=7), item(2, "Water, Retinal", family=7), item(3, "Water, Retinal")
    )
    assert [each.product_id for each in found[1]] == [3]


def test_shelves_of_one_kind_match_by_half() -> None:
    found = alike(
        item(1, category="serum"), item(2, category="toner"), item(3, category="soap", shelf="body")
    )
    matches = {each.product_id: each.factors["category_match"] for each in found[1]}
    assert matches[2] == 0.5
    assert matches.get(3, 0) == 0


def test_an_empty_and_a_lonely_catalogue_have_nothing() -> None:
    assert alike() == {}
    assert alike(item(1, "Water")) == {1: []}


@pytest.mark.parametrize(
    ("factors", "shared", "brand", "expected"),
    [
        ({"ingredient_similarity": 0.4}, ["Retinal"], False, "shares"),
        ({"category_match": 1, "skin_type_match": 0.5}, [], False, "same_step_and_skin"),
        ({"category_match": 1, "concern_overlap": 0.2}, [], True, "same_concerns"),
        ({"category_match": 1}, [], True, "same_step"),
        ({"category_match": 0.5}, [], True, "same_brand"),
        ({"category_match": 0.5}, [], False, "alike"),
    ],
)
def test_the_strongest_true_reason_is_given(
    factors: dict[str, float], shared: list[str], brand: bool, expected: str
) -> None:
    assert reason(dict.fromkeys(WEIGHTS, 0.0) | factors, shared, brand) == expected


catalogues = st.lists(
    st.builds(
        lambda names, keys, concerns, suits, price, category, family: Item(
            id=0,
            category=category,
            shelf="face",
            brand=None,
            price=price,
            family=family,
            concerns=frozenset(concerns),
            suits=frozenset(suits),
            ingredients=tuple(dict.fromkeys(names)),
            keys=frozenset(keys) & frozenset(names),
        ),
        names=st.lists(st.sampled_from(NAMES), max_size=6),
        keys=st.lists(st.sampled_from(NAMES), max_size=3),
        concerns=st.lists(st.sampled_from(["acne", "shine", "dryness"]), max_size=3),
        suits=st.lists(st.sampled_from(TYPES), min_size=1, max_size=3),
        price=st.floats(0.5, 500),
        category=st.sampled_from(["serum", "toner"]),
        family=st.none() | st.integers(1, 3),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(catalogues)
def test_every_score_follows_from_its_factors(drawn: list[Item]) -> None:
    from dataclasses import replace

    items = {number: replace(each, id=number) for number, each in enumerate(drawn, 1)}
    found = dict(similarities(list(items.values())))
    assert set(found) == set(items)
    for number, near in found.items():
        assert len(near) <= KEEP
        assert [each.score for each in near] == sorted((each.score for each in near), reverse=True)
        for each in near:
            other = items[each.product_id]
            assert each.product_id != number
            assert other.family is None or other.family != items[number].family
            assert all(0 <= value <= 1 for value in each.factors.values())
            assert each.score == pytest.approx(
                sum(WEIGHTS[n] * v for n, v in each.factors.items()), abs=0.001
            )
            assert LEAST - 0.001 <= each.score <= 1
            assert set(each.shared) <= set(items[number].ingredients) & set(other.ingredients)
            assert each.reason == reason(each.factors, each.shared, same_brand=False)


def test_being_alike_is_mutual() -> None:
    items = [item(n, ", ".join(NAMES[n % 3 : n % 3 + 4]), NAMES[n % 4], price=5.0 + n) for n in range(1, 20)]
    scores = {(one, each.product_id): each.score for one, near in similarities(items) for each in near}
    assert all(scores[pair] == scores[pair[1], pair[0]] for pair in scores)
