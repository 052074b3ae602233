"""The relational base: declarative Base, column mixins, PostgreSQL enums and the short read functions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Identity, MetaData, Row, func
from sqlalchemy.dialects.postgresql import ENUM
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
    """The parent of every model."""

    metadata = MetaData(naming_convention=NAMING)


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


db = SQLAlchemy(metadata=Base.metadata)


def rows(statement: Executable, params: dict[str, Any] | None = None) -> Sequence[Row[Any]]:
    """All rows of one statement."""
    return db.session.execute(statement, params).all()


def row(statement: Executable, params: dict[str, Any] | None = None) -> Row[Any] | None:
    """The first row of one statement, None when there is none."""
    return db.session.execute(statement, params).first()


def scalar(statement: Executable, params: dict[str, Any] | None = None) -> Any:
    """The first column of the first row, None when there is none."""
    return db.session.execute(statement, params).scalar()
