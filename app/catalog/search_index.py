"""Writes what search reads: the rows of product_search, the token counts of search_token, the shop's own aliases."""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg2.extras import execute_values
from sqlalchemy import text

from app.catalog.search_terms import is_khmer, terms_of, words
from app.core.db import db
from app.core.khmer import fold

ALIASES = Path(__file__).with_name("search_aliases.tsv")
BATCH = 1000
TOTAL = "*"

PRODUCTS = text("""
    SELECT p.id, p.name_en, p.name_kh, p.sku, b.name AS brand, p.category, p.suits::text[] AS suits,
           p.skin_concerns, p.ingredients, p.short_description_en, p.short_description_kh,
           p.description_en, p.description_kh,
           ARRAY(SELECT c.slug FROM product_categories pc JOIN categories c ON c.id = pc.category_id
                 WHERE pc.product_id = p.id) AS shelves
    FROM products p LEFT JOIN brands b ON b.id = p.brand_id
    WHERE p.id = ANY(:ids)
""")
ON_SALE = text("SELECT id FROM products WHERE status = 'active' ORDER BY sold_count DESC, id")
SOME_ON_SALE = text("SELECT id FROM products WHERE status = 'active' AND id = ANY(:ids)")
CATEGORIES = text(
    "SELECT c.slug, c.name_en, c.name_kh, parent.slug AS parent FROM categories c"
    " LEFT JOIN categories parent ON parent.id = c.parent_id"
)
COUNT_TOKENS = text("""
    INSERT INTO search_token (token, df)
    SELECT token, count(*) FROM product_search, unnest(tokens_a || tokens_b || tokens_c) AS token GROUP BY token
    UNION ALL SELECT '*', count(*) FROM product_search
""")
COUNT_NEW = text("""
    INSERT INTO search_token (token, df)
    SELECT DISTINCT token, 1 FROM product_search, unnest(tokens_a || tokens_b || tokens_c) AS token
    WHERE product_id = ANY(:ids) ON CONFLICT (token) DO NOTHING
""")
INSERT = """
    INSERT INTO product_search (product_id, tokens_a, tokens_b, tokens_c, tokens_d, latin_words, folded) VALUES %s
    ON CONFLICT (product_id) DO UPDATE SET tokens_a = excluded.tokens_a, tokens_b = excluded.tokens_b,
    tokens_c = excluded.tokens_c, tokens_d = excluded.tokens_d, latin_words = excluded.latin_words,
    folded = excluded.folded
"""

Progress = Callable[[int, int], None]


@dataclass
class Sayings:
    """All ways to say each concept (`category:sunscreen`, `concern:acne`, `skin:oily`, `ingredient:retinol`)."""

    texts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    parents: dict[str, str] = field(default_factory=dict)
    known: dict[str, frozenset[str]] = field(default_factory=dict)

    def terms(self, concept: str) -> frozenset[str]:
        """The terms of a concept's name, labels and aliases."""
        if concept not in self.known:
            name = concept.partition(":")[2].replace("-", " ").replace("_", " ")
            self.known[concept] = frozenset(terms_of([name, *self.texts.get(concept, ())]))
        return self.known[concept]

    def shelf(self, slug: str | None) -> Iterator[str]:
        """A category's concept and those of its parents."""
        seen: set[str] = set()
        while slug and slug not in seen:
            seen.add(slug)
            yield f"category:{slug}"
            slug = self.parents.get(slug)


def write(product_ids: Sequence[int] | None = None, progress: Progress | None = None) -> int:
    """Rebuild the search rows of some products, or of all; the number of rows written.

    All products are written best sellers first, so that the first rows found are the popular ones.
    The caller commits, then calls `touch_catalogue`.
    """
    wanted = list(product_ids) if product_ids is not None else None
    if wanted is None:
        load_aliases()
        db.session.execute(text("DELETE FROM product_search"))
        ids = list(db.session.scalars(ON_SALE))
    else:
        db.session.execute(text("DELETE FROM product_search WHERE product_id = ANY(:ids)"), {"ids": wanted})
        ids = list(db.session.scalars(SOME_ON_SALE, {"ids": wanted}))
    sayings = _sayings()
    done = 0
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        _insert(batch, sayings)
        done += len(batch)
        if progress:
            progress(done, len(ids))
    if wanted is None or done >= BATCH:
        count_tokens()
    elif wanted:
        db.session.execute(COUNT_NEW, {"ids": wanted})
    return done


def count_tokens() -> None:
    """Count afresh in how many products each token stands; descriptions are not counted."""
    db.session.execute(text("DELETE FROM search_token"))
    db.session.execute(COUNT_TOKENS)
    db.session.execute(text("ANALYZE product_search"))


def load_aliases() -> None:
    """Give an empty alias table the aliases that the shop comes with."""
    if db.session.scalar(text("SELECT EXISTS (SELECT FROM search_alias)")) or not ALIASES.exists():
        return
    with ALIASES.open(encoding="utf-8", newline="") as lines:
        rows = [(row["concept"], row["lang"], row["text"]) for row in csv.DictReader(lines, delimiter="\t")]
    _many("INSERT INTO search_alias (concept, lang, text) VALUES %s ON CONFLICT DO NOTHING", rows)


def _sayings() -> Sayings:
    sayings = Sayings()
    for concept, said in db.session.execute(text("SELECT concept, text FROM search_alias ORDER BY id")):
        sayings.texts[concept].append(said)
    for slug, name_en, name_kh, parent in db.session.execute(CATEGORIES):
        sayings.texts[f"category:{slug}"] += [name for name in (name_en, name_kh) if name]
        if parent:
            sayings.parents[slug] = parent
    return sayings


def _insert(ids: Sequence[int], sayings: Sayings) -> None:
    found = {row.id: row for row in db.session.execute(PRODUCTS, {"ids": list(ids)})}
    _many(INSERT, [_row(found[number], sayings) for number in ids if number in found])


def _row(product: Any, sayings: Sayings) -> tuple[Any, ...]:
    names = terms_of([product.name_en, product.name_kh]) | {"".join(fold(product.sku).split())}
    key, other = _inci(product.ingredients or [])
    concepts = [concept for slug in {product.category, *product.shelves} for concept in sayings.shelf(slug)]
    concepts += [f"concern:{code}" for code in product.skin_concerns]
    concepts += [f"skin:{kind}" for kind in product.suits if kind != "all"]
    tags = terms_of([product.brand, *key])
    for concept in [*concepts, *map(_concept, key)]:
        tags |= sayings.terms(concept)
    substances = terms_of(other, joined=False)
    for name in other:
        if _concept(name) in sayings.texts:
            substances |= sayings.terms(_concept(name))
    about = terms_of(
        [product.short_description_en, product.short_description_kh, product.description_en, product.description_kh],
        joined=False,
        singles=False,
    )
    tags -= names
    substances -= names | tags
    about -= names | tags | substances
    latin = sorted({term for term in names | tags if not is_khmer(term) and term.isalpha()})
    folded = "\n".join(filter(None, (fold(product.name_en), fold(product.name_kh or ""))))
    return (product.id, sorted(names), sorted(tags), sorted(substances), sorted(about), latin, folded)


def _inci(ingredients: Iterable[dict[str, Any]]) -> tuple[list[str], list[str]]:
    key, other = [], []
    for item in ingredients:
        (key if item.get("key") else other).append(str(item.get("inci", "")))
    return key, other


def _concept(inci: str) -> str:
    return "ingredient:" + "-".join(words(inci))


def _many(statement: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        connection = db.session.connection().connection
        with connection.cursor() as cursor:
            execute_values(cursor, statement, rows, page_size=BATCH)
