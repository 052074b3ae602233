"""The shelf behind the invented sales: what was received, held, sent and came back, so that nothing was ever short."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

LOT = 60
FIRST_LOT = 40


@dataclass(frozen=True)
class Move:
    """One line of the stock ledger."""

    at: datetime
    product_id: int
    kind: str
    stock: int
    allocated: int
    item_id: int | None = None
    shipment_id: int | None = None
    reason: str | None = None


def ledger(
    draw: Random, moves: Iterable[Move], free: Mapping[int, int], opened: datetime, closed: datetime
) -> tuple[list[Move], dict[int, tuple[int, int]]]:
    """All moves in order of time, deliveries from makers added; the (stock, allocated) that they sum up to by product.

    `free` is what shall lie unsold on each product's shelf when the books are closed.
    """
    levels = dict.fromkeys(free, (FIRST_LOT, 0))
    book = [
        Move(opened, product_id, "received", FIRST_LOT, 0, reason="opening stock") for product_id in levels
    ]
    for move in sorted(moves, key=lambda move: (move.at, move.product_id, move.item_id or 0)):
        stock, allocated = levels[move.product_id]
        if stock - allocated < move.allocated:
            came = move.at - timedelta(hours=draw.uniform(2, 30))
            book.append(Move(max(came, opened), move.product_id, "received", LOT, 0, reason="from the maker"))
            stock += LOT
        book.append(move)
        levels[move.product_id] = (stock + move.stock, allocated + move.allocated)
    for product_id, (stock, allocated) in levels.items():
        change = free[product_id] + allocated - stock
        if change:
            kind, reason = (
                ("received", "from the maker") if change > 0 else ("adjusted", "counted on the shelf")
            )
            book.append(Move(closed, product_id, kind, change, 0, reason=reason))
            levels[product_id] = (stock + change, allocated)
    book.sort(key=lambda move: move.at)
    return book, levels
