"""Which products are alike, from their own data: INCI lists by TF-IDF, step, skin types, concerns, price. Pure.

Only the worker and commands import this module: it needs NumPy and SciPy at once, scikit-learn at the first use.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

VERSION = "content-1"
WEIGHTS = {
    "ingredient_similarity": 0.40,
    "category_match": 0.27,
    "concern_overlap": 0.15,
    "skin_type_match": 0.10,
    "price_similarity": 0.08,
}
KEY_COUNTS = 4
KIN = 0.5
KEEP = 24
LEAST = 0.2
BLOCK = 256
TYPES = frozenset({"oily", "dry", "combination", "sensitive", "normal", "acne"})
Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Item:
    """A product as learning sees it. `shelf` is the category above its own (or its own), price in dollars."""

    id: int
    category: str
    shelf: str
    brand: str | None
    price: float
    family: int | None = None
    brand_name: str | None = None
    concerns: frozenset[str] = frozenset()
    suits: frozenset[str] = frozenset({"all"})
    ingredients: tuple[str, ...] = ()
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Similar:
    """A product that is like another: score and factors from 0 to 1, the key ingredients that both have."""

    product_id: int
    score: float
    factors: dict[str, float]
    reason: str
    shared: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Weighed:
    """The matrices that all pairs are compared by, one row a product."""

    inci: csr_matrix
    concerns: Matrix
    skins: Matrix
    prices: Matrix
    categories: npt.NDArray[np.int64]
    shelves: npt.NDArray[np.int64]
    families: npt.NDArray[np.int64]
    idf: dict[str, float]


def similarities(items: Sequence[Item], keep: int = KEEP) -> Iterator[tuple[int, list[Similar]]]:
    """For each product its most similar ones, best first, with score >= 0.2; sizes of one family are left out."""
    if not items:
        return
    weighed = weigh(items)
    for start in range(0, len(items), BLOCK):
        rows = slice(start, min(start + BLOCK, len(items)))
        factors = compare(weighed, rows)
        scores = np.sum([WEIGHTS[name] * values for name, values in factors.items()], axis=0)
        scores[weighed.families[rows, None] == weighed.families[None, :]] = 0
        for row in range(len(scores)):
            best = _best(scores[row], keep)
            mine = items[start + row]
            yield (
                mine.id,
                [
                    _similar(
                        mine,
                        items[at],
                        float(scores[row, at]),
                        {n: float(f[row, at]) for n, f in factors.items()},
                        weighed.idf,
                    )
                    for at in best
                ],
            )


def weigh(items: Sequence[Item]) -> Weighed:
    """The matrices of a catalogue. A key ingredient counts four times (sublinear: 2.4-fold)."""
    texts = [
        [
            *item.ingredients,
            *chain.from_iterable([name] * (KEY_COUNTS - 1) for name in item.ingredients if name in item.keys),
        ]
        for item in items
    ]
    inci, idf = _tfidf(texts)
    alone = {item.id: -1 - at for at, item in enumerate(items)}
    return Weighed(
        inci=inci,
        concerns=_flags([item.concerns for item in items]),
        skins=_flags([TYPES if "all" in item.suits else item.suits for item in items]),
        prices=np.array([item.price for item in items], dtype=np.float32),
        categories=_codes([item.category for item in items]),
        shelves=_codes([item.shelf for item in items]),
        families=np.array(
            [alone[item.id] if item.family is None else item.family for item in items], dtype=np.int64
        ),
        idf=idf,
    )


def compare(weighed: Weighed, rows: slice) -> dict[str, Matrix]:
    """The five factors of some rows against all products, each a matrix of 0 to 1."""
    same = weighed.categories[rows, None] == weighed.categories[None, :]
    kin = weighed.shelves[rows, None] == weighed.shelves[None, :]
    mine = weighed.prices[rows, None]
    return {
        "ingredient_similarity": np.clip((weighed.inci[rows] @ weighed.inci.T).toarray(), 0, 1).astype(
            np.float32
        ),
        "category_match": np.where(same, 1, np.where(kin, KIN, 0)).astype(np.float32),
        "concern_overlap": _jaccard(weighed.concerns[rows], weighed.concerns),
        "skin_type_match": _jaccard(weighed.skins[rows], weighed.skins),
        "price_similarity": np.minimum(mine, weighed.prices) / np.maximum(mine, weighed.prices),
    }


def shared_keys(one: Item, other: Item, idf: dict[str, float]) -> list[str]:
    """Ingredients of both that at least one of them is known for, the rarest first."""
    both = set(one.ingredients) & set(other.ingredients) & (one.keys | other.keys)
    return sorted(both, key=lambda name: (-idf.get(name, 0.0), name))


def reason(factors: dict[str, float], shared: list[str], same_brand: bool) -> str:
    """The code of the strongest thing that can be said in words of a pair."""
    said = {
        "shares": bool(shared) and factors["ingredient_similarity"] > 0,
        "same_step_and_skin": factors["category_match"] == 1 and factors["skin_type_match"] >= 0.5,
        "same_concerns": factors["concern_overlap"] > 0,
        "same_step": factors["category_match"] == 1,
        "same_brand": same_brand,
    }
    return next((code for code, holds in said.items() if holds), "alike")


def _similar(
    one: Item, other: Item, score: float, factors: dict[str, float], idf: dict[str, float]
) -> Similar:
    shared = shared_keys(one, other, idf)
    code = reason(factors, shared, one.brand is not None and one.brand == other.brand)
    rounded = {name: round(value, 4) for name, value in factors.items()}
    return Similar(other.id, round(min(score, 1.0), 4), rounded, code, shared)


def _best(scores: Matrix, keep: int) -> list[int]:
    """Places of the highest scores, ties by place, none below the least."""
    able = np.flatnonzero(scores >= LEAST)
    if len(able) > keep:
        able = able[np.argpartition(-scores[able], keep - 1)[:keep]]
    return [int(at) for at in sorted(able, key=lambda at: (-scores[at], at))]


def _tfidf(texts: list[list[str]]) -> tuple[csr_matrix, dict[str, float]]:
    """Rows of length 1; a name that only one product has says nothing and is left out, if any is shared."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    same: Callable[[Any], Any] = list
    counts: dict[str, int] = {}
    for name in chain.from_iterable(map(set, texts)):
        counts[name] = counts.get(name, 0) + 1
    if not any(count > 1 for count in counts.values()):
        return csr_matrix((len(texts), 1), dtype=np.float32), {}
    vectoriser = TfidfVectorizer(analyzer=same, sublinear_tf=True, min_df=2, dtype=np.float32)
    matrix = csr_matrix(vectoriser.fit_transform(texts))
    return matrix, dict(zip(vectoriser.get_feature_names_out(), map(float, vectoriser.idf_), strict=True))


def _flags(sets: list[frozenset[str]]) -> Matrix:
    from sklearn.preprocessing import MultiLabelBinarizer

    names = sorted(frozenset().union(*sets)) or [""]
    return np.asarray(MultiLabelBinarizer(classes=names).fit_transform(sets), dtype=np.float32)


def _codes(names: list[str]) -> npt.NDArray[np.int64]:
    return np.unique(np.array(names), return_inverse=True)[1].astype(np.int64)


def _jaccard(some: Matrix, every: Matrix) -> Matrix:
    """Shared over all, 0 where neither has any."""
    shared = some @ every.T
    union = some.sum(axis=1)[:, None] + every.sum(axis=1)[None, :] - shared
    return np.asarray(shared / np.maximum(union, 1), dtype=np.float32)
