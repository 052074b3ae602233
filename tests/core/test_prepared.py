"""Statements planned once: each of them is understood by PostgreSQL, kept by its connection, and outlives changes."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import psycopg2
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import Executable

import app as package
from app.core.db import db
from app.core.prepared import prepared, translated

DIALECT = psycopg2.dialect()  # type: ignore[no-untyped-call]
KNOWN = text(
    "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE strpos(statement, :words) > 0"
)


def marked() -> Iterator[tuple[str, Any]]:
    """Every statement of the shop that is prepared, with where it stands."""
    for module in pkgutil.walk_packages(package.__path__, "app."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, Executable) and value.get_execution_options().get("prepared"):
                yield f"{module.name}.{name}", value


STATEMENTS = dict(marked())


def outermost(sql: str) -> str:
    """The statement without what stands in brackets."""
    inner = re.compile(r"\([^()]*\)")
    while inner.search(sql):
        sql = inner.sub("", sql)
    return sql


def planned(db_session: Any, words: str) -> Any:
    """How often the connection ran the prepared statement with these words by its kept plan, and by a new one."""
    return db_session.execute(KNOWN, {"words": words}).one_or_none()


@pytest.mark.parametrize("where", STATEMENTS)
def test_postgresql_understands_it_and_its_columns_are_named(db_session: Any, where: str) -> None:
    sql = str(STATEMENTS[where].compile(dialect=DIALECT))
    cursor = db_session.connection().connection.cursor()
    cursor.execute(translated("tried", sql)[0])
    cursor.execute("DEALLOCATE tried")
    assert "*" not in outermost(sql)


def test_it_is_planned_once_a_connection(db_session: Any) -> None:
    asked = prepared("SELECT :n + 1 AS once, 'a%b' LIKE 'a%' AS alike")
    assert [tuple(db_session.execute(asked, {"n": n}).one()) for n in (1, 2, 3)] == [
        (2, True),
        (3, True),
        (4, True),
    ]
    assert planned(db_session, "AS once") == (3, 0)


def test_it_outlives_a_failed_transaction_and_a_new_column(db_session: Any) -> None:
    db_session.connection().exec_driver_sql("CREATE TEMP TABLE shelf ON COMMIT DROP AS SELECT 4 AS jars")
    asked = prepared("SELECT shelf.jars / :n AS jars FROM shelf")
    assert db_session.execute(asked, {"n": 2}).scalar() == 2
    with pytest.raises(DBAPIError), db_session.begin_nested():
        db_session.execute(asked, {"n": 0})
    db_session.connection().exec_driver_sql("ALTER TABLE shelf ADD COLUMN label text, ADD COLUMN lid text")
    assert db_session.execute(asked, {"n": 4}).scalar() == 1
    assert planned(db_session, "shelf.jars /") == (3, 0)


def test_a_new_connection_learns_it_anew(app: Flask) -> None:
    asked = prepared("SELECT :n * 2 AS twice")
    with app.app_context():
        assert db.session.execute(asked, {"n": 2}).scalar() == 4
        db.session().invalidate()
        assert db.session.execute(asked, {"n": 3}).scalar() == 6
        db.session.rollback()


def test_others_are_not_touched(db_session: Any) -> None:
    assert db_session.execute(text("SELECT 1 AS untouched")).scalar() == 1
    assert planned(db_session, "untouched") is None
