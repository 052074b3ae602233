"""Puts many invented rows into a table at once (COPY), with ids that the seed chose itself."""

import io
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from app.core.db import Base, Keyed, db, scalar

_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"'})


class Table:
    """Rows of one table, collected in memory until `save`."""

    def __init__(self, model: type[Base], *columns: str) -> None:
        self.model: Any = model
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
            cursor.copy_expert(
                f"COPY {self.model.__table__.name} ({', '.join(self.columns)}) FROM STDIN", lines
            )
        if "id" in self.columns:
            follow(self.model)
        return len(self.rows)


def next_id(model: type[Keyed]) -> int:
    """The first id that no row has."""
    return int(scalar(select(func.coalesce(func.max(model.id), 0) + 1)))


def follow(model: Any) -> None:
    """Let a table's own ids go on behind the largest one."""
    sequence = func.pg_get_serial_sequence(model.__table__.name, "id")
    db.session.execute(select(func.setval(sequence, func.greatest(func.max(model.id), 1))))


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
