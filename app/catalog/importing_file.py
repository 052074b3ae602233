"""Reads an export: plain or gzipped, comma, semicolon or tab, in UTF-8; each row with the line it began on."""

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LONGEST_CELL = 1 << 20
DELIMITERS = (",", ";", "\t")


class BadFile(ValueError):
    """A file that holds no table; the text says why."""


@dataclass(frozen=True)
class Row:
    """One row by column name; `fault` says why its cells cannot be trusted."""

    line: int
    cells: dict[str, str]
    fault: str | None = None


def header(path: Path) -> list[str]:
    """The names of the columns. Raises BadFile."""
    with _open(path) as lines:
        names = next(csv.reader(lines, delimiter=_delimiter(path)), None)
    if not names or len([name for name in names if name.strip()]) < 2:
        raise BadFile(f"{path.name} has no header row with column names")
    doubled = {name for name in names if names.count(name) > 1 and name}
    if doubled:
        raise BadFile(f"{path.name} has two columns named {min(doubled)!r}")
    return [name.strip() for name in names]


def rows(path: Path) -> Iterator[Row]:
    """Every row behind the header; empty ones are left out. Raises BadFile."""
    names = header(path)
    csv.field_size_limit(LONGEST_CELL)
    with _open(path) as lines:
        reader = csv.reader(lines, delimiter=_delimiter(path))
        next(reader)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(line, {}, str(error))
                continue
            if any(cell.strip() for cell in cells):
                yield _row(line, names, cells)


def _row(line: int, names: list[str], cells: list[str]) -> Row:
    fault = None
    if len(cells) != len(names):
        fault = f"has {len(cells)} cells where the header has {len(names)}"
    named = dict(zip(names, cells, strict=False))
    for name, cell in named.items():
        if not cell.isascii() and any("\ud800" <= sign <= "\udfff" for sign in cell):
            fault = f"column {name} is not UTF-8"
    return Row(line, named, fault)


def _open(path: Path) -> io.TextIOWrapper:
    """The file as text; bytes that are not UTF-8 stay as lone surrogates, for `_row` to find."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as tried:
            tried.read(1)
        return (gzip.open if path.suffix == ".gz" else open)(
            path, "rt", encoding="utf-8-sig", errors="surrogateescape", newline=""
        )
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror or error}") from None


def _delimiter(path: Path) -> str:
    with _open(path) as lines:
        first = lines.readline(65_536)
    return max(DELIMITERS, key=first.count)
