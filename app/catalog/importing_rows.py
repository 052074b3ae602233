"""Turns one row of an export into the columns of a product, and says what it could not read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.catalog import importing_values as values
from app.catalog import inci
from app.catalog.importing_columns import LEVELS
from app.catalog.importing_file import Row
from app.catalog.importing_values import BadValue
from app.core import clean

TEXTS = {
    "name_en": 255, "name_kh": 255, "barcode": 100, "country_of_origin": 100, "moh_notification_no": 100,
    "short_description_en": 300, "short_description_kh": 300,
}  # fmt: skip
BLOCKS = (
    "description_en", "description_kh", "how_to_use_en", "how_to_use_kh", "warnings_en",
)  # fmt: skip
LONGEST_TEXT = 20_000
OTHER_SHELF = ("Other",)
MOST_KEYS = 5
STEMS = {
    "hyaluronic acid": ("hyaluron",), "vitamin c": ("ascorb",), "vitamin e": ("tocopher",), "retinol": ("retin",),
    "aha/glycolic acid": ("glycolic acid", "lactic acid", "mandelic acid"), "spf": ("avobenzone", "zinc oxide"),
    "peptides": ("peptide",), "ceramides": ("ceramide",),
}  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """What a cell held and why it was not taken; `refused` when the whole row was left out for it."""

    line: int
    sku: str
    column: str
    value: str
    why: str
    refused: bool


@dataclass
class Draft:
    """A row as it would be written: `columns` of products, the shelf path, the brand, the units on hand."""

    line: int
    sku: str
    slug: str = ""
    columns: dict[str, Any] = field(default_factory=dict)
    path: tuple[str, ...] = OTHER_SHELF
    brand: str | None = None
    stock: int | None = None
    only_new: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return any(problem.refused for problem in self.problems)


@dataclass(frozen=True)
class Reader:
    """Reads rows by the chosen columns; `shared_root` is a first shelf that every row names and none needs."""

    used: dict[str, str]
    shared_root: str | None = None

    def draft(self, row: Row) -> Draft:
        """The row as a draft, with the problems found on the way."""
        draft = Draft(row.line, clean.line(self.cell(row, "sku"), 100))
        if row.fault:
            draft.problems.append(Problem(row.line, draft.sku, "", "", row.fault, True))
            return draft
        if not draft.sku:
            self._note(draft, "sku", "", "is empty", refused=True)
        draft.columns["sku"] = draft.sku
        self._texts(row, draft)
        self._prices(row, draft)
        self._size(row, draft)
        self._skin(row, draft)
        self._ingredients(row, draft)
        self._stock(row, draft)
        self._facts(row, draft)
        self._shelf(row, draft)
        return draft

    def cell(self, row: Row, name: str) -> str:
        """What the row says for one of our fields, '' when it has no such column."""
        return row.cells.get(self.used.get(name, ""), "").strip()

    def _note(self, draft: Draft, name: str, value: str, why: str, refused: bool = False) -> None:
        column = self.used.get(name, name)
        draft.problems.append(Problem(draft.line, draft.sku, column, value[:200], why, refused))

    def _read(
        self, row: Row, draft: Draft, name: str, how: Callable[[str], Any], refused: bool = False
    ) -> Any:
        """The cell read by `how`; None, with a problem noted, when it cannot be."""
        text = self.cell(row, name)
        if not text:
            return None
        try:
            return how(text)
        except BadValue as error:
            self._note(draft, name, text, str(error), refused)
            return None

    def _texts(self, row: Row, draft: Draft) -> None:
        for name, limit in TEXTS.items():
            if name in self.used:
                draft.columns[name] = clean.line(self.cell(row, name), limit) or None
        for name in BLOCKS:
            if name in self.used:
                draft.columns[name] = clean.block(self.cell(row, name), LONGEST_TEXT) or None
        if not draft.columns.get("name_en"):
            self._note(draft, "name_en", "", "is empty", refused=True)
        draft.brand = clean.line(self.cell(row, "brand"), 150) or None

    def _prices(self, row: Row, draft: Draft) -> None:
        price = self._read(row, draft, "price", values.price, refused=True)
        if price is None and not self.cell(row, "price"):
            self._note(draft, "price", "", "is empty", refused=True)
        sale = self._read(row, draft, "sale_price", values.price)
        before = self._read(row, draft, "compare_at_price", values.money)
        if price and sale and sale < price:
            price, before = sale, price
        draft.columns["price"] = price
        if "sale_price" in self.used or "compare_at_price" in self.used:
            draft.columns["compare_at_price"] = before if before and price and before > price else None
        if "cost_price" in self.used:
            draft.columns["cost_price"] = self._read(row, draft, "cost_price", values.money)

    def _size(self, row: Row, draft: Draft) -> None:
        if "size" in self.used:
            amount, unit = self._read(row, draft, "size", values.size) or (None, None)
            draft.columns |= {"size_amount": amount, "size_unit": unit}

    def _skin(self, row: Row, draft: Draft) -> None:
        if "skin_types" in self.used:
            suits, strange = values.skin_types(self.cell(row, "skin_types"))
            draft.columns |= {"suits": suits or ["all"], "skin_type": suits[0] if suits else "all"}
            for word in strange:
                self._note(draft, "skin_types", word, "is no skin type we know")
        if "concerns" in self.used:
            draft.columns["skin_concerns"], strange = values.concerns(self.cell(row, "concerns"))
            for word in strange:
                self._note(draft, "concerns", word, "is no concern we know")

    def _ingredients(self, row: Row, draft: Draft) -> None:
        if "ingredients" not in self.used:
            return
        label = inci.read(self.cell(row, "ingredients"))
        named = f"{draft.columns['name_en'] or ''} {self.cell(row, 'key_ingredients')}".lower()
        draft.columns["ingredients"] = _with_keys(label.ingredients, named)
        for piece in label.unread:
            self._note(draft, "ingredients", piece, "is no ingredient name")

    def _stock(self, row: Row, draft: Draft) -> None:
        draft.stock = self._read(row, draft, "stock", values.whole)
        gone = self._read(row, draft, "out_of_stock", values.yes)
        there = self._read(row, draft, "in_stock", values.yes)
        sold_out = bool(gone) or there is False
        draft.only_new["track_inventory"] = draft.stock is not None or sold_out
        draft.stock = draft.stock if draft.stock and not sold_out else None

    def _facts(self, row: Row, draft: Draft) -> None:
        if "status" in self.used:
            draft.columns["status"] = self._read(row, draft, "status", values.status) or "draft"
        if "weight" in self.used:
            draft.columns["weight"] = self._read(row, draft, "weight", values.money)
        average: Decimal | None = self._read(row, draft, "rating", values.rating)
        count: int | None = self._read(row, draft, "reviews", values.whole)
        if average and count:
            draft.only_new |= {"rating_avg": average, "rating_count": count}

    def _shelf(self, row: Row, draft: Draft) -> None:
        path = values.shelf_path([clean.line(self.cell(row, level), 300) for level in LEVELS])
        if len(path) > 1 and path[0] == self.shared_root:
            path = path[1:]
        draft.path = path or OTHER_SHELF


def _with_keys(items: tuple[inci.Inci, ...], named: str) -> list[dict[str, Any]]:
    """The list as products keep it; key are those with a percentage and those that name and highlights speak of."""
    stems = [stem for tag, found in STEMS.items() if tag in named for stem in found]
    listed: list[dict[str, Any]] = []
    keys = 0
    for item in items:
        name = item.name.lower()
        entry: dict[str, Any] = {"inci": item.name}
        if item.percent:
            entry["concentration"] = item.percent
        spoken_of = name != "water" and (name in named or any(stem in name for stem in stems))
        if keys < MOST_KEYS and (item.percent or spoken_of):
            entry["key"] = True
            keys += 1
        listed.append(entry)
    return listed
