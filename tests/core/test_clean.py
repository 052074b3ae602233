"""What visitors type, made fit to store."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core import clean
from app.core.khmer import norm

EXAMPLES = 20_000 if os.environ.get("TEST_SIZE") == "full" else 300
ANYTHING = st.text(st.characters(min_codepoint=0), max_size=80)


@settings(max_examples=EXAMPLES, deadline=None)
@given(ANYTHING, st.integers(1, 60))
def test_line_is_storable_and_stable(text: str, limit: int) -> None:
    cleaned = clean.line(text, limit)
    assert len(cleaned) <= limit
    assert "\n" not in cleaned
    assert "\x00" not in cleaned
    cleaned.encode("utf-8")
    assert clean.line(cleaned, limit) == cleaned
    assert norm(cleaned) == cleaned


@settings(max_examples=EXAMPLES, deadline=None)
@given(ANYTHING, st.integers(1, 60))
def test_block_is_storable_and_stable(text: str, limit: int) -> None:
    cleaned = clean.block(text, limit)
    assert len(cleaned) <= limit
    cleaned.encode("utf-8")
    assert clean.block(cleaned, limit) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (None, ""),
        ("  Sok \t Dara\r\n ", "Sok Dara"),
        ("a\x00b\ud800c\x1bd", "abcd"),
        ("abc\u202edef\u2066ghi\u200f", "abcdefghi"),
        ("a" + "\u200b" * 50 + "b", "ab"),
        ("e" + "\u0301" * 50, "\u00e9" + "\u0301" * 3),
        ("\U0001f469\u200d\U0001f52c", "\U0001f469\u200d\U0001f52c"),
        ("\u1780\u17c2\u17d2\u179a\u1798", "\u1780\u17d2\u179a\u17c2\u1798"),
        ("<b>'; DROP TABLE", "<b>'; DROP TABLE"),
    ],
)
def test_line(text: str | None, cleaned: str) -> None:
    assert clean.line(text, 100) == cleaned


def test_a_cut_never_leaves_half_a_subscript() -> None:
    assert clean.line("\u179f\u17d2\u1794", 2) == "\u179f"


def test_a_million_characters_are_cut() -> None:
    assert clean.line("x" * 1_000_000, 200) == "x" * 200
    assert len(clean.block("\u202e" * 1_000_000 + "x", 200)) <= 200


def test_block_keeps_paragraphs() -> None:
    assert clean.block(" one \r\n\r\n\r\n\r\n two\u2028three ", 100) == "one\n\ntwo\nthree"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        (" \u17e1\u17e2 ", 12),
        ("\uff13", 3),
        ("+5", 5),
        ("0", None),
        ("21", None),
        ("-1", None),
        ("1.5", None),
        ("1_0", None),
        ("9" * 400, None),
        ("", None),
        (None, None),
        ("\u00b2", None),
    ],
)
def test_whole_number(text: str | None, number: int | None) -> None:
    assert clean.whole_number(text, 1, 20) == number
