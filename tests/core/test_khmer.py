"""Khmer text in stored form and as a search key."""

import csv
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.khmer import clusters, fold, norm, runs, skeleton, soft

EXAMPLES = 20_000 if os.environ.get("TEST_SIZE") == "full" else 300
DATA = Path(__file__).parent.parent / "data"

with (DATA / "khmer_variants.tsv").open(encoding="utf-8", newline="") as lines:
    VARIANTS = [tuple(row.values()) for row in csv.DictReader(lines, delimiter="\t")]

KHMER = st.text(
    st.sampled_from(
        [chr(code) for code in range(0x1780, 0x17FA)] + list("aZ1 .%\u200b\u200c\u200d\u00ad\u0301")
    ),
    max_size=16,
)
ANYTHING = st.one_of(KHMER, st.text(max_size=24))


@settings(max_examples=EXAMPLES, deadline=None)
@given(ANYTHING)
def test_norm_settles_at_once(text: str) -> None:
    assert norm(norm(text)) == norm(text)


@settings(max_examples=EXAMPLES, deadline=None)
@given(ANYTHING)
def test_fold_settles_at_once(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert fold(norm(text)) == folded
    assert soft(soft(folded)) == soft(folded)


@pytest.mark.parametrize(("name", "written", "meant", "stored_alike"), VARIANTS)
def test_variants_of_one_word_have_one_key(name: str, written: str, meant: str, stored_alike: str) -> None:
    written = written.encode().decode("unicode_escape")
    meant = meant.encode().decode("unicode_escape")
    assert written != meant
    assert fold(written) == fold(meant), name
    assert (norm(written) == norm(meant)) is (stored_alike == "yes"), name


def test_twelve_variants_are_tried() -> None:
    assert len(VARIANTS) >= 12


def test_stored_texts_are_already_in_order() -> None:
    with (DATA / "search" / "products.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            assert norm(row["name_kh"]) == row["name_kh"]


def test_emoji_sequences_survive_norm() -> None:
    family = "\U0001f469\u200d\U0001f52c"
    assert norm(family) == family
    assert norm("\u1780\u200d\u1780") == "\u1780\u1780"


def test_fold_of_latin() -> None:
    assert (
        fold("  Cr\u00e8me  BR\u00dbL\u00c9E, L\u2019Or\u00e9al (SPF50+) 0.3%. ")
        == "creme brulee loreal spf50 0.3%"
    )


def test_khmer_digits_fold_to_latin() -> None:
    assert fold("SPF\u17e5\u17e0") == "spf50"


def test_clusters_hold_base_subscripts_and_signs() -> None:
    text = "\u179f\u17d2\u1794\u17c2\u1780 gel \u1798\u17bb\u1781"
    assert clusters(text) == ["\u179f\u17d2\u1794\u17c2", "\u1780", "\u1798\u17bb", "\u1781"]
    assert runs(text) == ["\u179f\u17d2\u1794\u17c2\u1780", "\u1798\u17bb\u1781"]


def test_skeleton_merges_homophones() -> None:
    assert skeleton("\u178f\u17bc\u178e") == skeleton("\u178f\u17bc\u1793") == "\u178f\u1793"
