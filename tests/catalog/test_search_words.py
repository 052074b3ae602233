"""Terms, likeness of words, romanised Khmer and the understanding of a query: no database."""

import pytest

from app.catalog.search_likeness import distance, of_words, sound
from app.catalog.search_query import understand
from app.catalog.search_spoken import spoken
from app.catalog.search_terms import terms
from app.catalog.search_vocabulary import Vocabulary

SKIN = "\u179f\u17d2\u1794\u17c2\u1780"
OILY = "\u1781\u17d2\u179b\u17b6\u1789\u17cb"
SERUM = "\u179f\u17c1\u179a\u17c9\u17bc\u1798"
SHOE = "\u179f\u17d2\u1794\u17c2\u1780\u1787\u17be\u1784"


def vocabulary(*texts: str, total: int = 40) -> Vocabulary:
    """What a small catalogue with one product a text would know."""
    counts: dict[str, int] = {"*": total}
    for text in texts:
        for term in terms(text):
            counts[term] = counts.get(term, 0) + 1
    return Vocabulary(counts.items())


def test_terms_are_words_joined_neighbours_and_pairs_of_clusters() -> None:
    assert terms("SPF50+ Gel") == {"spf", "50", "gel", "+spf50", "+50gel"}
    assert terms(SKIN) == {"\u179f\u17d2\u1794\u17c2", "\u1780", SKIN}
    assert terms(SKIN, singles=False) == {SKIN}


def test_khmer_terms_do_not_depend_on_spelling_of_marks() -> None:
    assert terms("\u1780\u1798\u17d2\u178a\u17c5") == terms("\u1780\u17c6\u178f\u17c5")


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("sunscren", "sunscreen"),
        ("moisturzer", "moisturizer"),
        ("hialuronic", "hyaluronic"),
        ("niacinamid", "niacinamide"),
        ("crem", "cream"),
        ("ordinery", "ordinary"),
        ("mouk", "muk"),
        ("khlanh", "klanh"),
        ("bobor", "babour"),
    ],
)
def test_slips_and_romanisations_are_alike(typed: str, known: str) -> None:
    assert of_words(typed, known) >= 0.7


@pytest.mark.parametrize(
    ("typed", "other"),
    [
        ("nike", "nice"),
        ("shirt", "zit"),
        ("car", "care"),
        ("sofa", "soft"),
        ("laptop", "lotion"),
        ("shoes", "shea"),
    ],
)
def test_other_words_are_not_alike(typed: str, other: str) -> None:
    assert of_words(typed, other) == 0


def test_distance_counts_a_swap_once() -> None:
    assert distance("hyularonic", "hyaluronic") == 2
    assert distance("serum", "sreum") == 1


def test_sound_merges_spellings_of_romanised_khmer() -> None:
    assert sound("thngai") == sound("tngay")
    assert sound("kdav") == sound("kdao")


@pytest.mark.parametrize("word", ["sbek", "sbaek", "sbaeuk"])
def test_romanised_khmer_is_heard(word: str) -> None:
    assert [set(options) for options in spoken(word, vocabulary(SKIN, OILY))] == [{SKIN}]


def test_a_word_of_another_language_is_not_heard() -> None:
    known = vocabulary(SKIN, OILY, SERUM)
    assert not any(spoken(word, known) for word in ("laptop", "perfume", "telephone"))


def test_an_unknown_khmer_word_weighs_by_its_own_pairs_not_by_the_seam_before_it() -> None:
    known = vocabulary(SKIN, SKIN)
    weights = [unit.weight for unit in understand(SHOE, known).units]
    assert len(weights) == 3
    assert weights[0] == known.weight(SKIN)
    assert known.weight(SHOE) < sum(weights[1:]) < 2 * known.weight(SHOE)


def test_numbers_and_little_words_tell_little() -> None:
    units = understand("the best serum 10%", vocabulary("serum 10%", "the cream")).units
    weights = {next(iter(unit.options)): unit.weight for unit in units}
    assert weights["the"] < weights["10"] < weights["serum"]


def test_joined_and_split_words_meet() -> None:
    known = vocabulary("Face Wash", "Sunblock")
    assert "+facewash" in understand("facewash", known).units[0].options
    assert all("sunblock" in unit.options for unit in understand("sun block", known).units)
