"""Imports a shop's export: rows become products by SKU, in batches; a bad row never stops the good ones.

Stock, tracking and ratings are taken for new products only: afterwards the shop's own ledger and reviews are the truth.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Row as Found
from sqlalchemy import select

from app.catalog import importing_file, writing
from app.catalog.importing_columns import LEVELS, Columns
from app.catalog.importing_rows import Draft, Problem, Reader
from app.catalog.importing_values import shelf_path
from app.catalog.inci import slug
from app.catalog.models import Product
from app.core.db import db

BATCH = 500


@dataclass
class Batch:
    """What one batch of rows came to; `received` are the units on hand of new products by product id."""

    new: list[Draft] = field(default_factory=list)
    changed: list[tuple[Draft, dict[str, tuple[Any, Any]]]] = field(default_factory=list)
    unchanged: int = 0
    refused: int = 0
    problems: list[Problem] = field(default_factory=list)
    written: list[int] = field(default_factory=list)
    received: dict[int, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return len(self.new) + len(self.changed) + self.unchanged + self.refused


@dataclass(frozen=True)
class Survey:
    """What a first look at the file tells: rows, and the first shelf if all rows share it above others."""

    rows: int
    shared_root: str | None


def survey(path: Path, columns: Columns) -> Survey:
    """Count the rows and look at their shelves. Raises BadFile."""
    levels = [columns.used[level] for level in LEVELS if level in columns.used]
    roots: set[str] = set()
    count = deep = 0
    for row in importing_file.rows(path):
        names = shelf_path([row.cells.get(level, "") for level in levels])
        count += 1
        deep += len(names) > 1
        roots.update(names[:1])
    shared = roots.pop() if len(roots) == 1 and deep > 1 else None
    return Survey(count, shared)


def batches(path: Path, columns: Columns, shared_root: str | None, dry_run: bool = False) -> Iterator[Batch]:
    """Import the file batch by batch; the caller commits after each one. With `dry_run` no product is written."""
    reader = Reader(columns.used, shared_root)
    seen: dict[str, int] = {}
    drafts = (_once(reader.draft(row), seen) for row in importing_file.rows(path))
    while some := list(islice(drafts, BATCH)):
        yield _import(some, dry_run)


def _once(draft: Draft, seen: dict[str, int]) -> Draft:
    """Refuse a SKU that an earlier row already brought."""
    if draft.refused:
        return draft
    first = seen.setdefault(draft.sku, draft.line)
    if first != draft.line:
        draft.problems.append(
            Problem(draft.line, draft.sku, "sku", draft.sku, f"stands in line {first} already", True)
        )
    return draft


def _import(drafts: Sequence[Draft], dry_run: bool) -> Batch:
    batch = Batch(problems=[problem for draft in drafts for problem in draft.problems])
    good = [draft for draft in drafts if not draft.refused]
    batch.refused = len(drafts) - len(good)
    known = _known(draft.sku for draft in good)
    shelves = _resolve(good)
    for draft in good:
        _compare(draft, known.get(draft.sku), batch)
    _name_slugs(batch.new)
    if not dry_run:
        _write(batch, shelves)
    return batch


def _known(skus: Iterable[str]) -> dict[str, Found[Any]]:
    table = Product.__table__.c
    return {row.sku: row for row in db.session.execute(select(*table).where(table.sku.in_(list(skus))))}


def _resolve(drafts: Sequence[Draft]) -> dict[tuple[str, ...], tuple[str, list[int]]]:
    """Give each draft the ids of its brand and category; the shelf ids by path."""
    brands = writing.brand_ids(draft.brand for draft in drafts if draft.brand)
    shelves = writing.shelf_ids(draft.path for draft in drafts)
    for draft in drafts:
        if draft.brand:
            draft.columns["brand_id"] = brands[draft.brand]
        draft.columns["category"] = shelves[draft.path][0]
    return shelves


def _compare(draft: Draft, found: Found[Any] | None, batch: Batch) -> None:
    if found is None:
        batch.new.append(draft)
        return
    draft.slug = found.slug
    if "ingredients" in draft.columns:
        _keep_keys(draft.columns["ingredients"], found.ingredients)
    changes = {
        name: (found._mapping[name], value)
        for name, value in draft.columns.items()
        if found._mapping[name] != writing.stored(value)
    }
    if changes:
        batch.changed.append((draft, changes))
    else:
        batch.unchanged += 1


def _keep_keys(listed: list[dict[str, Any]], before: list[dict[str, Any]]) -> None:
    """Which ingredients are key was decided when the product was first written, or by staff since."""
    keys = {item["inci"] for item in before if item.get("key")}
    for item in listed:
        item.pop("key", None)
        if item["inci"] in keys:
            item["key"] = True


def _name_slugs(drafts: Sequence[Draft]) -> None:
    """Give new products addresses of their own: the name, then with the brand, then with the SKU."""
    wanted = {draft.sku: _slug_choices(draft) for draft in drafts}
    choices = [choice for found in wanted.values() for choice in found]
    taken = set(db.session.scalars(select(Product.slug).where(Product.slug.in_(choices))))
    for draft in drafts:
        free = next(
            choice for choice in [*wanted[draft.sku], f"p-{draft.sku}"] if choice and choice not in taken
        )
        taken.add(free)
        draft.slug = free


def _slug_choices(draft: Draft) -> list[str]:
    name, sku = slug(draft.columns["name_en"])[:200].strip("-"), slug(draft.sku)
    branded = slug(f"{draft.brand or ''} {name}")[:240].strip("-")
    return [name, branded, f"{name}-{sku}"[:255] if name else f"p-{sku}"]


def _write(batch: Batch, shelves: dict[tuple[str, ...], tuple[str, list[int]]]) -> None:
    now = datetime.now(UTC)
    drafts = [*batch.new, *(draft for draft, _ in batch.changed)]
    for draft in batch.new:
        draft.columns |= {**draft.only_new, "published_at": now}
    ids = writing.write(
        [draft.columns | {"slug": draft.slug, "shelves": shelves[draft.path][1]} for draft in drafts]
    )
    batch.written = [ids[draft.sku] for draft in drafts]
    batch.received = {ids[draft.sku]: draft.stock for draft in batch.new if draft.stock}
