"""What was taken off a list a moment ago, sealed for whoever had it: an undo puts the same row back."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from app.accounts.owners import Owner
from app.core import security

PURPOSE = "undo"
LONGEST = 100
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STEP = timedelta(microseconds=1)


@dataclass(frozen=True)
class Removed:
    """A row of a list: the price in dollars and the moment when it was saved."""

    product_id: int
    price_seen: Decimal | None
    created_at: datetime


def seal(owner: Owner, row: Row[Any]) -> str:
    """The row as a text that only this owner can bring back."""
    facts = (row.product_id, row.price_seen or "", (row.created_at - EPOCH) // STEP)
    return "_".join(map(str, (*facts, security.sign(PURPOSE, owner.key, *facts))))


def unseal(owner: Owner, sealed: str) -> Removed | None:
    """The row of a sealed text; None when it is not ours or not this owner's."""
    *facts, signature = sealed[:LONGEST].split("_")
    if len(facts) != 3 or not security.verify(signature, PURPOSE, owner.key, *facts):
        return None
    product_id, price, at = facts
    return Removed(int(product_id), Decimal(price) if price else None, EPOCH + int(at) * STEP)
