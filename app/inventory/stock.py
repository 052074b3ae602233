"""The only writer of products.stock, products.allocated and the ledger; products are locked in ascending order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core import db
from app.core.errors import Invalid, Refused
from app.core.prepared import prepared

ALLOCATE = prepared(
    """
    WITH wanted AS (
        SELECT * FROM unnest(CAST(:products AS int[]), CAST(:units AS int[]), CAST(:items AS int[]))
            AS w(product_id, units, item_id)
    ), ready AS MATERIALIZED (
        SELECT p.id, w.units, w.item_id, p.track_inventory FROM wanted w JOIN products p ON p.id = w.product_id
        WHERE p.status = 'active'
          AND (NOT p.track_inventory OR p.allow_backorders OR p.stock - p.allocated >= w.units)
        ORDER BY p.id FOR NO KEY UPDATE OF p
    ), held AS (
        UPDATE products p SET allocated = p.allocated + r.units
        FROM ready r WHERE p.id = r.id AND r.track_inventory RETURNING p.id
    ), noted AS (
        INSERT INTO stock_movements (product_id, kind, allocated_delta, order_item_id)
        SELECT r.id, 'allocated', r.units, r.item_id FROM ready r JOIN held ON held.id = r.id ORDER BY r.id
    )
    SELECT id FROM ready
    """
)
MOVE = text(
    """
    WITH wanted AS (
        SELECT * FROM unnest(CAST(:products AS int[]), CAST(:stock AS int[]), CAST(:allocated AS int[]),
            CAST(:items AS int[])) AS w(product_id, stock, allocated, item_id)
    ), sums AS (
        SELECT product_id, sum(stock)::int AS stock, sum(allocated)::int AS allocated FROM wanted GROUP BY 1
    ), locked AS MATERIALIZED (
        SELECT p.id, p.stock - p.allocated AS free, s.stock, s.allocated
        FROM sums s JOIN products p ON p.id = s.product_id
        WHERE p.track_inventory OR :held ORDER BY p.id FOR NO KEY UPDATE OF p
    ), moved AS (
        UPDATE products p SET stock = p.stock + l.stock, allocated = p.allocated + l.allocated
        FROM locked l WHERE p.id = l.id
        RETURNING p.id, l.free AS before, p.stock - p.allocated AS free
    ), noted AS (
        INSERT INTO stock_movements
            (product_id, kind, stock_delta, allocated_delta, order_item_id, shipment_id, refund_id, actor_id, reason)
        SELECT w.product_id, CAST(:kind AS stock_movement_kind), w.stock, w.allocated, w.item_id,
            :shipment_id, :refund_id, :actor_id, :reason
        FROM wanted w JOIN moved ON moved.id = w.product_id ORDER BY w.product_id
    )
    SELECT id FROM moved WHERE before <= 0 AND free > 0 ORDER BY id
    """
)
HELD = text(
    """
    SELECT m.product_id, m.order_item_id AS item_id, sum(m.allocated_delta)::int AS units
    FROM stock_movements m JOIN order_items i ON i.id = m.order_item_id
    WHERE i.order_id = :order_id GROUP BY 1, 2 HAVING sum(m.allocated_delta) > 0
    """
)
PACKED = text("SELECT order_item_id, quantity FROM shipment_items WHERE shipment_id = :shipment_id")
SOLD_AS = text("SELECT id, product_id FROM order_items WHERE id = ANY(:items)")
SHELF = text(
    "SELECT id, stock FROM products WHERE id = ANY(:products) AND track_inventory ORDER BY id FOR NO KEY UPDATE"
)
PROVE = text(
    """
    SELECT p.id, p.sku, p.stock, p.allocated,
        coalesce(m.stock, 0)::int AS ledger_stock, coalesce(m.allocated, 0)::int AS ledger_allocated
    FROM products p LEFT JOIN (
        SELECT product_id, sum(stock_delta) AS stock, sum(allocated_delta) AS allocated
        FROM stock_movements GROUP BY product_id
    ) m ON m.product_id = p.id
    WHERE p.stock <> coalesce(m.stock, 0) OR p.allocated <> coalesce(m.allocated, 0)
    ORDER BY p.id
    """
)


@dataclass(frozen=True)
class Hold:
    """Units of a product that an order line is to hold."""

    product_id: int
    units: int
    order_item_id: int


@dataclass(frozen=True)
class Move:
    """A change of a product's figures, for an order line where there is one."""

    product_id: int
    stock: int
    allocated: int = 0
    order_item_id: int | None = None


@dataclass(frozen=True)
class Gap:
    """A product whose figures are not the sums of its movements."""

    id: int
    sku: str
    stock: int
    allocated: int
    ledger_stock: int
    ledger_allocated: int


def allocate(holds: Sequence[Hold]) -> set[int]:
    """Hold the units for placed lines, in one statement; the ids of the products that could be served.

    Fewer ids than lines means: roll back. What could be served is held until then.
    """
    served = db.rows(
        ALLOCATE,
        {
            "products": [hold.product_id for hold in holds],
            "units": [hold.units for hold in holds],
            "items": [hold.order_item_id for hold in holds],
        },
    )
    return {row.id for row in served}


def release(order_id: int, actor_id: int | None = None, reason: str | None = None) -> list[int]:
    """Give back what an order (row locked by the caller) still holds, once; the products that came back."""
    moves = [
        Move(row.product_id, 0, -row.units, row.item_id) for row in db.rows(HELD, {"order_id": order_id})
    ]
    return _move("released", moves, actor_id, reason, held=True)


def ship(order_id: int, shipment_id: int, actor_id: int | None = None) -> None:
    """A parcel leaves the shelf: its units are taken off stock and off what the order (row locked) holds."""
    packed = {row.order_item_id: row.quantity for row in db.rows(PACKED, {"shipment_id": shipment_id})}
    moves = [
        Move(row.product_id, -packed[row.item_id], -packed[row.item_id], row.item_id)
        for row in db.rows(HELD, {"order_id": order_id})
        if row.item_id in packed
    ]
    _move("shipped", moves, actor_id, None, shipment_id=shipment_id, held=True)


def restock(
    units: Mapping[int, int],
    actor_id: int | None,
    reason: str,
    shipment_id: int | None = None,
    refund_id: int | None = None,
) -> list[int]:
    """Put returned units, by order line, on the shelf: only what staff found fit for sale. Products that came back."""
    lines = db.rows(SOLD_AS, {"items": list(units)})
    moves = [Move(line.product_id, units[line.id], 0, line.id) for line in lines if units[line.id] > 0]
    return _move("returned", moves, actor_id, reason, shipment_id=shipment_id, refund_id=refund_id)


def receive(units: Mapping[int, int], actor_id: int | None = None, reason: str | None = None) -> list[int]:
    """Goods arrive: units by product id, all in one statement. Products that came back. Raises Invalid."""
    if any(number < 0 for number in units.values()):
        raise Invalid(_("Received goods are never negative."))
    return _move("received", [Move(key, number) for key, number in units.items()], actor_id, reason)


def adjust(units: Mapping[int, int], reason: str, actor_id: int | None = None) -> list[int]:
    """Correct stock by so many units a product; products that came back. Raises Invalid without a reason, Refused."""
    if not reason.strip():
        raise Invalid(_("Please give a reason."), fields={"reason": _("Please give a reason.")})
    return _move("adjusted", [Move(key, number) for key, number in units.items()], actor_id, reason)


def count(levels: Mapping[int, int], reason: str, actor_id: int | None = None) -> list[int]:
    """Set stock to what was counted on the shelf, by product id; products that came back. Raises Invalid, Refused."""
    shelf = db.rows(SHELF, {"products": list(levels)})
    return adjust({row.id: levels[row.id] - row.stock for row in shelf}, reason, actor_id)


def prove() -> list[Gap]:
    """Every product whose stock or allocated is not the sum of its ledger; empty when all is well."""
    return [Gap(**row._asdict()) for row in db.rows(PROVE)]


def _move(
    kind: str,
    moves: Sequence[Move],
    actor_id: int | None,
    reason: str | None,
    *,
    shipment_id: int | None = None,
    refund_id: int | None = None,
    held: bool = False,
) -> list[int]:
    moving = [move for move in moves if move.stock or move.allocated]
    if not moving:
        return []
    params = {
        "products": [move.product_id for move in moving],
        "stock": [move.stock for move in moving],
        "allocated": [move.allocated for move in moving],
        "items": [move.order_item_id for move in moving],
        "kind": kind,
        "shipment_id": shipment_id,
        "refund_id": refund_id,
        "actor_id": actor_id,
        "reason": reason,
        "held": held,
    }
    try:
        return [row.id for row in db.rows(MOVE, params)]
    except IntegrityError as error:
        raise Refused(_("The stock does not allow that.")) from error
