"""Tries the shop's own search on files of products, aliases and queries, in a schema that is rolled back afterwards."""

import csv
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.schema import CreateSchema

from app.catalog import search, search_index, search_vocabulary
from app.catalog.models import Product
from app.core.db import Base, db

TABLES = (
    "categories", "brands", "products", "product_categories", "ingredients", "product_ingredients",
    "search_alias", "product_search", "search_token",
)  # fmt: skip
FIRST = 5
CLONE_STEP = 1_000_000
SHELF = text(
    "INSERT INTO categories (name_en, slug, is_active, sort_order) VALUES ('Trial', 'trial', true, 0)"
)
PRODUCT = text(
    "INSERT INTO products (id, name_en, name_kh, slug, sku, category, price, skin_concerns) OVERRIDING SYSTEM VALUE"
    " VALUES (:id, :name_en, :name_kh, 'trial-' || :id, 'trial-' || :id, 'trial', 1, :tags)"
)
ALIAS = text("INSERT INTO search_alias (concept, lang, text) VALUES ('concern:' || :tag, '', :aliases)")
CLONES = (
    "INSERT INTO products (id, name_en, name_kh, slug, sku, category, price, skin_concerns) OVERRIDING SYSTEM VALUE"
    " SELECT p.id + n * :step, name_en, name_kh, slug || '-' || n, sku || '-' || n, category, price, skin_concerns"
    " FROM generate_series(1, :copies) n, products p ORDER BY n, p.id LIMIT :pad",
    "INSERT INTO product_search (product_id, tokens_a, tokens_b, tokens_c, tokens_d, latin_words, folded, popular)"
    " SELECT p.id, s.tokens_a, s.tokens_b, s.tokens_c, s.tokens_d, s.latin_words, s.folded, false"
    " FROM products p JOIN product_search s ON s.product_id = p.id % :step WHERE p.id >= :step ORDER BY p.id",
)


@dataclass(frozen=True)
class Query:
    """A query with the products of which one must be among the first five; none means that nothing may be found."""

    text: str
    relevant: frozenset[int]


@dataclass
class Score:
    """The result of one file of queries."""

    name: str
    asked: int = 0
    hits: int = 0
    unanswerable: int = 0
    false: int = 0
    p95_ms: float = 0.0

    def line(self) -> str:
        share = self.hits / self.asked if self.asked else 1.0
        return f"{self.name}: hit@5 {share:.3f}  false {self.false}/{self.unanswerable}  p95 {self.p95_ms:04.1f} ms"


def evaluate(products: Path, aliases: Path, queries: Sequence[Path], pad: int = 0) -> list[Score]:
    """Hit rates on the products as they are; times with `pad` clones beside them. Leaves nothing behind."""
    sets = {path.name: _queries(path) for path in queries}
    with _schema():
        _load(products, aliases)
        vocabulary = search_vocabulary.read()
        scores = [_hits(name, asked, vocabulary) for name, asked in sets.items()]
        if pad:
            _clone(pad)
            vocabulary = search_vocabulary.read()
        for score in scores:
            score.p95_ms = _p95([_milliseconds(query.text, vocabulary) for query in sets[score.name]])
    return scores


@contextmanager
def _schema() -> Iterator[None]:
    """The shop's search tables, empty, in a schema of their own inside one transaction that is never committed."""
    db.session.rollback()
    try:
        name = f"search_trial_{secrets.token_hex(6)}"
        db.session.execute(CreateSchema(name))
        db.session.execute(text("SELECT set_config('search_path', :name, true)"), {"name": name})
        tables = [Base.metadata.tables[table] for table in TABLES]
        Base.metadata.create_all(db.session.connection(), tables=tables, checkfirst=False)
        yield
    finally:
        db.session.rollback()


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return [
            {key: value or "" for key, value in row.items()} for row in csv.DictReader(lines, delimiter="\t")
        ]


def _queries(path: Path) -> list[Query]:
    return [Query(row["query"], frozenset(map(int, row["relevant_ids"].split()))) for row in _rows(path)]


def _load(products: Path, aliases: Path) -> None:
    db.session.execute(SHELF)
    for row in _rows(products):
        told = {
            "id": int(row["id"]),
            "name_en": row["name_en"],
            "name_kh": row["name_kh"],
            "tags": row["tags"].split(),
        }
        db.session.execute(PRODUCT, told)
    for row in _rows(aliases):
        db.session.execute(ALIAS, {"tag": row["tag"], "aliases": row["aliases"]})
    search_index.write()


def _clone(pad: int) -> None:
    originals = db.session.query(Product.id).count()
    told = {"step": CLONE_STEP, "copies": -(-pad // originals), "pad": pad}
    for statement in CLONES:
        db.session.execute(text(statement), told)
    search_index.count_tokens()


def _hits(name: str, queries: Sequence[Query], vocabulary: search_vocabulary.Vocabulary) -> Score:
    score = Score(name)
    for query in queries:
        found = search.answer(query.text, vocabulary, limit=FIRST).ids
        if query.relevant:
            score.asked += 1
            score.hits += bool(query.relevant.intersection(found))
        else:
            score.unanswerable += 1
            score.false += bool(found)
    return score


def _milliseconds(query: str, vocabulary: search_vocabulary.Vocabulary) -> float:
    """How long an answer takes: the best of three, so that a busy machine counts less."""
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        search.answer(query, vocabulary)
        taken.append(time.perf_counter() - start)
    return 1000 * min(taken)


def _p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))] if values else 0.0
