"""Trending: sales fade by half every 15 days; a skin type is claimed only when the numbers bear it."""

from collections import Counter

import pytest

from app.recommend.trending import EVERYBODY, Sale, prefers, rank, weight


def test_sales_fade_by_half_every_fifteen_days() -> None:
    assert [weight(days) for days in (0, 15, 30)] == [1, 0.5, 0.25]
    assert weight(-1) == 1


def test_what_sells_now_beats_what_sold_more_long_ago() -> None:
    ranked = rank([Sale(1, None, 60, 100), Sale(2, None, 1, 20), Sale(3, None, 0, 5)])
    assert [each.product_id for each in ranked[EVERYBODY]] == [2, 1, 3]
    assert ranked[EVERYBODY][0].score == 1
    assert all(0 <= each.score <= 1 for each in ranked[EVERYBODY])


def test_no_sales_no_lists() -> None:
    assert rank([]) == {}


def test_ties_are_broken_by_the_product() -> None:
    ranked = rank([Sale(9, None, 0, 5), Sale(3, None, 0, 5)])
    assert [each.product_id for each in ranked[EVERYBODY]] == [3, 9]


def test_few_sales_to_a_skin_type_do_not_move_its_list_much() -> None:
    many = [Sale(1, "dry", 0, 500, 400), Sale(2, "dry", 0, 300, 250)]
    ranked = rank([*many, Sale(2, "oily", 0, 3, 3)])
    assert [each.product_id for each in ranked["oily"]] == [1, 2]
    assert {each.reason for each in ranked["oily"]} == {"popular"}


def test_a_clear_preference_of_many_moves_the_list_and_is_named() -> None:
    dry = [Sale(1, "dry", 0, 5000, 500), Sale(2, "dry", 0, 1000, 100)]
    oily = [Sale(1, "oily", 0, 1000, 100), Sale(2, "oily", 0, 9000, 500)]
    ranked = rank([*dry, *oily])
    assert [(each.product_id, each.reason) for each in ranked["oily"]] == [
        (2, "popular_with_skin"),
        (1, "popular"),
    ]


@pytest.mark.parametrize(
    ("mine", "others", "expected"),
    [
        ({1: 60, 2: 40}, {1: 300, 2: 700}, True),
        ({1: 29, 2: 1}, {1: 300, 2: 700}, False),
        ({1: 36, 2: 64}, {1: 300, 2: 700}, False),
        ({1: 33, 2: 77}, {1: 300, 2: 700}, False),
        ({1: 60, 2: 40}, {2: 700}, False),
    ],
)
def test_a_preference_needs_numbers(mine: dict[int, int], others: dict[int, int], expected: bool) -> None:
    """Clear; too few people; too small a lift with too wide an interval; no lift; nobody to compare with."""
    assert prefers(Counter(mine), Counter(others), 1) is expected
