"""Tells how an import went: the tally, a diff that people can read, and the file of problems."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.catalog.importing import Batch
from app.catalog.importing_columns import Columns
from app.catalog.importing_rows import Problem

SHOWN = 10
LONGEST_VALUE = 60
FIELDS = ("line", "sku", "column", "value", "problem", "row")


@dataclass
class Report:
    """The batches of one import added up; keeps the first few of each kind for the diff."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    notes: int = 0
    examples: dict[str, list[str]] = field(default_factory=lambda: {"+": [], "~": [], "-": []})
    problems: list[Problem] = field(default_factory=list)

    def add(self, batch: Batch) -> None:
        """Count one batch."""
        self.new += len(batch.new)
        self.changed += len(batch.changed)
        self.unchanged += batch.unchanged
        self.refused += batch.refused
        self.problems += batch.problems
        self.notes += sum(not problem.refused for problem in batch.problems)
        for draft in batch.new:
            self._show("+", f"{draft.sku}  {draft.columns['name_en']}  ${draft.columns['price']}")
        for draft, changes in batch.changed:
            told = "; ".join(
                f"{name}: {_short(old)} -> {_short(new)}" for name, (old, new) in changes.items()
            )
            self._show("~", f"{draft.sku}  {told}")
        for problem in batch.problems:
            if problem.refused:
                self._show("-", _told(problem))

    def _show(self, kind: str, line: str) -> None:
        if len(self.examples[kind]) < SHOWN:
            self.examples[kind].append(line)

    def lines(self) -> Iterator[str]:
        """The diff, at most SHOWN of each kind, and the tally."""
        totals = {"+": self.new, "~": self.changed, "-": self.refused}
        for kind, shown in self.examples.items():
            yield from (f"  {kind} {line}" for line in shown)
            if totals[kind] > len(shown):
                yield f"  {kind} ... and {totals[kind] - len(shown):,} more"
        yield (
            f"{self.new:,} new, {self.changed:,} changed, {self.unchanged:,} unchanged, {self.refused:,} refused; "
            f"{self.notes:,} cells not understood"
        )

    def write(self, folder: Path, name: str) -> Path | None:
        """Write every problem to `<name>-<time>.csv`; None when there is none."""
        if not self.problems:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}-{datetime.now(UTC):%Y%m%d-%H%M%S}.csv"
        with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(FIELDS)
            for problem in self.problems:
                outcome = "refused" if problem.refused else "taken without it"
                cells = (problem.sku, problem.column, problem.value, problem.why, outcome)
                writer.writerow([problem.line, *map(harmless, cells)])
        return path


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def mapping(columns: Columns) -> Iterator[str]:
    """Which column is read as what."""
    yield "reads    " + ", ".join(
        f"{field} from {column}" if field != column else field for field, column in columns.used.items()
    )
    if columns.ignored:
        yield "ignores  " + ", ".join(columns.ignored)


def _told(problem: Problem) -> str:
    where = f"line {problem.line}" + (f", column {problem.column}" if problem.column else "")
    return f"{where}: {problem.value!r} {problem.why}" if problem.value else f"{where}: {problem.why}"


def _short(value: Any) -> str:
    if isinstance(value, list):
        plain = len(value) <= 4 and all(isinstance(part, str) for part in value)
        return ", ".join(value) if plain else f"{len(value)} entries"
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "..."
