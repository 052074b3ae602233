"""Order numbers catch slips of the pen and read back in any notation."""

from datetime import UTC, datetime

from app.orders.numbers import ALPHABET, check_character, number, parse

LATE = datetime(2026, 12, 31, 17, 30, tzinfo=UTC)


def test_the_day_is_phnom_penhs() -> None:
    assert number(42, LATE).startswith("SK-270101-00042-")


def test_the_sequence_may_grow() -> None:
    made = number(1_234_567, LATE)
    assert "-1234567-" in made
    assert parse(made) == made


def test_the_standards_own_example() -> None:
    assert check_character("A12425GABC1234002") == "M"


def test_any_notation_is_read() -> None:
    made = number(42, LATE)
    assert parse(f"  {made.lower().replace('-', ' ')} ") == made
    assert parse(made.replace("-", "")) == made


def test_every_wrong_character_is_caught() -> None:
    packed = number(90_817, LATE).replace("-", "")
    for place, right in enumerate(packed):
        for wrong in ALPHABET.replace(right, ""):
            assert parse(packed[:place] + wrong + packed[place + 1 :]) is None


def test_nearly_every_swap_of_neighbours_is_caught() -> None:
    swaps = [
        text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        for text in (number(sequence, LATE).replace("-", "") for sequence in range(1, 400))
        for place in range(8, len(text) - 1)
        if text[place] != text[place + 1]
    ]
    missed = [text for text in swaps if parse(text) is not None]
    assert len(missed) <= len(swaps) * 0.03


def test_nonsense_is_none() -> None:
    for text in ("", "SK", "SK-261123-00042", "x" * 5000, "\u1791\u1789", "SK-261123-00042-\u0661"):
        assert parse(text) is None
