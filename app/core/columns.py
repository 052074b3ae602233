"""Column shapes that several domains share: money, counts, switches, references, common enums."""

from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, Text, false, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.schema import conv

from app.core.db import enum

LANGUAGE = enum("user_language", "en", "kh")
SKIN_TYPE = enum("skin_type", "oily", "dry", "combination", "sensitive", "normal", "acne", "all")

Money = Annotated[Decimal, mapped_column(Numeric(10, 2))]
Sum = Annotated[Decimal, mapped_column(Numeric(10, 2), server_default="0")]
Average = Annotated[Decimal, mapped_column(Numeric(3, 2), server_default="0")]
Count = Annotated[int, mapped_column(server_default="0")]
Version = Annotated[int, mapped_column(server_default="1")]
On = Annotated[bool, mapped_column(server_default=true())]
Off = Annotated[bool, mapped_column(server_default=false())]
Words = Annotated[list[str], mapped_column(ARRAY(Text), server_default="{}")]


def refers(target: str, ondelete: str | None = None, index: bool = True, **options: Any) -> MappedColumn[Any]:
    """A foreign key to `table.column`, indexed unless another index of the table begins with it."""
    return mapped_column(ForeignKey(target, ondelete=ondelete), index=index, **options)


def check(name: str, rule: str) -> CheckConstraint:
    """A CHECK that the naming convention names `ck_<table>_<name>`."""
    return CheckConstraint(rule, name=name)


def seed_check(name: str, rule: str) -> CheckConstraint:
    """A CHECK that keeps exactly the name that the design document gave it."""
    return CheckConstraint(rule, name=conv(name))


def one_of(column: str, *values: str) -> CheckConstraint:
    """A CHECK that a text column holds one of `values`."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
