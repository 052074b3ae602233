"""The relational base: declarative Base, column mixins, PostgreSQL enums and the short read functions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Flask, current_app, has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import DateTime, Engine, Identity, MetaData, Row, Text, create_engine, func
from sqlalchemy.dialects.postgresql import ARRAY, ENUM, JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql import Executable

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The parent of every model: times carry a zone, text has no length unless a column gives one."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads a plain mapping
        datetime: DateTime(timezone=True),
        str: Text,
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
        list[str]: ARRAY(Text),
    }


class Keyed:
    """An integer identity key, used inside the shop only."""

    id: Mapped[int] = mapped_column(Identity(), primary_key=True, sort_order=-10)


class Created:
    """The time (UTC) at which PostgreSQL wrote the row."""

    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), sort_order=90
    )


class Updated(Created):
    """Created, and the time of the last change through the ORM."""

    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.now(), sort_order=91
    )


def enum(name: str, *values: str) -> ENUM:
    """A named PostgreSQL enum, created and dropped by migrations alone."""
    return ENUM(*values, name=name, metadata=Base.metadata)


class ShopSession(Session):
    """Reads of GET requests run in AUTOCOMMIT: one statement in place of BEGIN, SELECT, ROLLBACK.

    Their connections have a pool of their own: switching one over and back costs as much as a statement. Nor are
    they asked first whether they still live: a request's first read that finds PostgreSQL restarted is read again.
    """

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        first = not self.in_transaction()
        try:
            return super().execute(*args, **kwargs)
        except DBAPIError as error:
            if not (first and error.connection_invalidated and _only_reads()):
                raise
            self.rollback()
            return super().execute(*args, **kwargs)

    def scalars(self, *args: Any, **kwargs: Any) -> Any:
        return self.execute(*args, **kwargs).scalars()

    def scalar(self, *args: Any, **kwargs: Any) -> Any:
        return self.execute(*args, **kwargs).scalar()

    def get_bind(self, *args: Any, **kwargs: Any) -> Any:
        engine = super().get_bind(*args, **kwargs)
        if not isinstance(engine, Engine) or not _only_reads():
            return engine
        kept = current_app.extensions.setdefault("shop.readers", {})
        if engine not in kept:
            options = current_app.config["SQLALCHEMY_ENGINE_OPTIONS"] | {"pool_pre_ping": False}
            kept[engine] = create_engine(engine.url, isolation_level="AUTOCOMMIT", **options)
        return kept[engine]


def _only_reads() -> bool:
    return (
        has_request_context()
        and request.method in ("GET", "HEAD")
        and bool(current_app.config["READ_AUTOCOMMIT"])
    )


db = SQLAlchemy(metadata=Base.metadata, session_options={"class_": ShopSession})


def init_app(app: Flask) -> None:
    """Attach the database."""
    db.init_app(app)


def rows(statement: Executable, params: dict[str, Any] | None = None) -> Sequence[Row[Any]]:
    """All rows of one statement."""
    return db.session.execute(statement, params).all()


def row(statement: Executable, params: dict[str, Any] | None = None) -> Row[Any] | None:
    """The first row of one statement, None when there is none."""
    return db.session.execute(statement, params).first()


def scalar(statement: Executable, params: dict[str, Any] | None = None) -> Any:
    """The first column of the first row, None when there is none."""
    return db.session.execute(statement, params).scalar()
