"""Puts many invented rows into a table at once (COPY), with ids that the seed chose itself."""

import io
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from app.core.db import Base, db, scalar

_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"'})


class Table:
    """Rows of one table, collected in memory until `save`."""

    def __init__(self, model: type[Base], *columns: str) -> None:
        self.name = str(model.__table__.name)  # type: ignore[attr-defined]
        self.columns = columns
        self.rows: list[Sequence[Any]] = []

    def add(self, *values: Any) -> None:
        """One row, a value for each column."""
        self.rows.append(values)

    def save(self) -> int:
        """COPY the rows into the table, set its sequence behind them; how many there were."""
        lines = io.StringIO("".join("\t".join(map(cell, row)) + "\n" for row in self.rows))
        connection: Any = db.session.connection().connection
        with connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {self.name} ({', '.join(self.columns)}) FROM STDIN", lines)
        if "id" in self.columns:
            follow(self.name)
        return len(self.rows)


def next_id(model: type[Base]) -> int:
    """The first id that no row has."""
    return int(scalar(text(f"SELECT coalesce(max(id), 0) + 1 FROM {model.__table__.name}")))  # type: ignore[attr-defined]  # noqa: S608


def follow(name: str) -> None:
    """Let a table's own ids go on behind the largest one."""
    largest = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), greatest(max(id), 1)) FROM {name}"  # noqa: S608
    db.session.execute(text(largest))


def cell(value: Any) -> str:
    """A value as COPY's text format writes it."""
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, str):
        return value.translate(_ESCAPED)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False).translate(_ESCAPED)
    if isinstance(value, list | tuple):
        return _array(value).translate(_ESCAPED)
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _array(values: Iterable[Any]) -> str:
    return "{" + ",".join(f'"{str(value).translate(_QUOTED)}"' for value in values) + "}"
