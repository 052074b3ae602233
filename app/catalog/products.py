"""A product as its page shows it: the short facts are remembered, the long texts are read when a piece is drawn."""

from functools import cached_property
from typing import Any

from sqlalchemy import Row

from app.catalog import queries, versions
from app.core import fragments, memory
from app.core.errors import NotFound
from app.core.shop import shop

MOST = 1_000
TEXTS = ("description", "how_to_use", "usage_instructions", "warnings")
LONG = {f"{text}_{code}" for text in TEXTS for code in ("en", "kh")} | {
    "ingredients",
    "images",
    "inci",
    "sizes",
}
PASSING = {"version", "available"}


class Product:
    """All columns of `queries.PRODUCT` by name; `mark` tells its content, all but how many are left."""

    def __init__(self, short: dict[str, Any], row: Row[Any] | None = None) -> None:
        self.short = short
        if row is not None:
            self.long = row

    def __getattr__(self, name: str) -> Any:
        return self.short[name] if name in self.short else getattr(self.long, name)

    @cached_property
    def long(self) -> Row[Any]:
        """The whole row; one statement."""
        found = queries.product(self.short["slug"])
        if found is None:
            raise NotFound
        return found


def known(slug: str) -> int | None:
    """The id of a product whose page this process has drawn."""
    short = _memory().find(slug)
    return short["id"] if short else None


def product(slug: str, seen: versions.Seen | None = None) -> Product | None:
    """An active or archived product; one statement, two where it changed, one less with what was `seen` of it."""
    short = _memory().find(slug)
    if short:
        seen = versions.seen([short["id"]]) if seen is None else seen
        if (short["version"], short["catalogue"]) == (
            seen.get(short["id"], ("",))[0],
            shop().catalogue_version,
        ):
            return Product(short)
    row = queries.product(slug)
    if row is None:
        return None
    content = {name: value for name, value in row._mapping.items() if name not in PASSING}
    short = {name: value for name, value in row._mapping.items() if name not in LONG}
    short |= {"catalogue": shop().catalogue_version, "mark": fragments.mark(content)}
    _memory().keep(slug, short)
    return Product(short, row)


def _memory() -> memory.Memory:
    return memory.of("shop.products", MOST)
