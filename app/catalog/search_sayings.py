"""All ways to say the shop's concepts: `category:sunscreen`, `concern:acne`, `skin:oily`, `ingredient:retinol`."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import text

from app.catalog import inci
from app.catalog.search_terms import terms, terms_of, words
from app.core.db import db
from app.core.khmer import fold

ALIASES = text("SELECT concept, text FROM search_alias ORDER BY id")
CATEGORIES = text(
    "SELECT c.slug, c.name_en, c.name_kh, parent.slug AS parent FROM categories c"
    " LEFT JOIN categories parent ON parent.id = c.parent_id"
)


@dataclass
class Sayings:
    """Labels and aliases by concept, and the tree of categories."""

    texts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    shelves: dict[str, list[str]] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    _terms: dict[str, frozenset[str]] = field(default_factory=dict)

    def terms(self, concept: str) -> frozenset[str]:
        """The terms of a concept's name, labels and aliases."""
        if concept not in self._terms:
            name = concept.partition(":")[2].replace("-", " ").replace("_", " ")
            self._terms[concept] = frozenset(terms_of([name, *self.texts.get(concept, ())]))
        return self._terms[concept]

    def substance(self, name: str) -> frozenset[str]:
        """The terms of an ingredient on a label, with its aliases if it has any."""
        if name not in self._terms:
            concept = f"ingredient:{inci.slug(name)}"
            said = self.terms(concept) if concept in self.texts else frozenset()
            self._terms[name] = frozenset(terms(name, joined=False)) | said
        return self._terms[name]

    def shelf(self, slug: str | None) -> Iterator[str]:
        """The concepts of a category and of those above it; an unknown shelf is known by its name, if it can be."""
        seen: set[str] = set()
        while slug and slug not in seen:
            seen.add(slug)
            yield f"category:{slug}"
            if f"category:{slug}" not in self.texts:
                named = [concept for name in self.shelves.get(slug, ()) for concept in self.named(name)]
                yield from named[:1]
            slug = self.parents.get(slug)

    def phrases(self) -> list[tuple[str, str]]:
        """Every label and alias, folded, with its concept."""
        said = [(phrase, concept) for concept, phrases in self.texts.items() for phrase in phrases]
        labels = [(name, f"category:{slug}") for slug, names in self.shelves.items() for name in names]
        return [(folded, concept) for phrase, concept in [*said, *labels] if (folded := fold(phrase))]

    def named(self, name: str) -> list[str]:
        """The category concepts whose word stands in an English name, in its order: Lip Sleeping Mask, lip and mask."""
        spelt = [stem for word in words(name) for stem in (word, word.removesuffix("s"))]
        return list(dict.fromkeys(f"category:{word}" for word in spelt if f"category:{word}" in self.texts))


def read() -> Sayings:
    """The sayings of PostgreSQL: two statements. A category's own names are terms, but make no concept of it."""
    sayings = Sayings()
    for concept, said in db.session.execute(ALIASES):
        sayings.texts[concept].append(said)
    for slug, name_en, name_kh, parent in db.session.execute(CATEGORIES):
        names = [name for name in (name_en, name_kh) if name]
        sayings.shelves[slug] = names
        concept = f"category:{slug}"
        said = sayings.texts.get(concept, [])
        sayings._terms[concept] = frozenset(terms_of([*names, *said]))
        if parent:
            sayings.parents[slug] = parent
    return sayings
