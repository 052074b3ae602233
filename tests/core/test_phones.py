"""Phones in the notations that people here use."""

import pytest

from app.core.phones import national, parse

SAME = [
    "012345678",
    "012 345 678",
    "012-345-678",
    "(012) 345 678",
    "012.345.678",
    "12345678",
    "12 345 678",
    "85512345678",
    "+85512345678",
    "+855 12 345 678",
    "+855 (0)12 345 678",
    "001 855 12 345 678",
    "tel:+855-12-345-678",
    "".join(chr(0x17E0 + int(digit)) for digit in "012345678"),
    "\uff10\uff11\uff12 345 678",
]


@pytest.mark.parametrize("text", SAME)
def test_fifteen_notations_of_one_number(text: str) -> None:
    assert parse(text) == "+85512345678"


@pytest.mark.parametrize(
    "text", ["", None, "12345", "abc", "0" * 400, "012 345 678 ext 9", "+855", "' OR 1=1 --"]
)
def test_what_is_no_number(text: str | None) -> None:
    assert parse(text) is None


def test_nine_digits_and_foreign_numbers() -> None:
    assert parse("0972345678") == "+855972345678"
    assert parse("+66 81 234 5678") == "+66812345678"


def test_shown_the_way_people_write_it() -> None:
    assert national("+85512345678") == "012 345 678"
    assert national("+66812345678").startswith("+66 ")
    assert national("nonsense") == "nonsense"
