"""Sending goods back: a buyer asks within the days of the promise, staff decide, each once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, text

from app.core.db import db, row, rows, scalar
from app.core.errors import Invalid, NotFound, Refused
from app.core.shop import shop
from app.messaging import outbox

AREA = "returns"
WIDTHS = (400, 960)
MOST_PHOTOS = 4
LOCK = text("SELECT id, order_number, user_id, status, delivered_at FROM orders WHERE id = :id FOR UPDATE")
RETURNABLE = text(
    """
    SELECT i.id, i.product_name AS name_en, i.product_name_kh AS name_kh, i.product_image_url AS image_url, p.tint,
        i.quantity - i.refunded_quantity - coalesce((
            SELECT sum((asked->>'quantity')::int) FROM return_requests r, jsonb_array_elements(r.items) asked
            WHERE r.order_id = i.order_id AND r.status <> 'rejected' AND r.refund_id IS NULL
              AND (asked->>'order_item_id')::int = i.id
        ), 0)::int AS units
    FROM order_items i JOIN products p ON p.id = i.product_id WHERE i.order_id = :id ORDER BY i.id
    """
)
ASK = text(
    "INSERT INTO return_requests (order_id, user_id, reason, items)"
    " VALUES (:order_id, :user_id, :reason, CAST(:items AS jsonb)) RETURNING id"
)
SHOW = text("INSERT INTO return_photos (return_request_id, image_url) VALUES (:id, :url)")
TELL = text(
    "INSERT INTO order_events (order_id, kind, actor_id, data)"
    " VALUES (:order_id, :kind, :actor_id, jsonb_build_object('return_id', CAST(:id AS int)))"
)
OF_ORDER = text(
    """
    SELECT r.id, r.status, r.reason, r.decision, r.created_at,
        (SELECT coalesce(array_agg(p.id ORDER BY p.id), '{}') FROM return_photos p WHERE p.return_request_id = r.id)
            AS photos
    FROM return_requests r WHERE r.order_id = :id ORDER BY r.id
    """
)
PHOTO = text(
    "SELECT p.image_url FROM return_photos p JOIN return_requests r ON r.id = p.return_request_id"
    " WHERE p.id = :photo AND r.order_id = :order_id"
)
WAITING = text(
    """
    SELECT r.id, o.order_number, r.reason, r.items, r.created_at,
        (SELECT count(*) FROM return_photos p WHERE p.return_request_id = r.id) AS photos
    FROM return_requests r JOIN orders o ON o.id = r.order_id WHERE r.status = 'requested' ORDER BY r.created_at
    """
)
DECIDE = text(
    "UPDATE return_requests SET status = :status, decision = :decision, decided_by = :actor_id, decided_at = now(),"
    " updated_at = now() WHERE id = :id AND status = 'requested' RETURNING id, order_id"
)
NOTHING_CHOSEN = _l("Please choose what you want to send back.")


class NotReturnable(Refused):
    default = _l("This order cannot be returned any more. Please call us, we find a way.")


@dataclass(frozen=True)
class Wish:
    """What a buyer wants to send back: units by order line, and why."""

    units: Mapping[int, int]
    reason: str


def days() -> int:
    """Days after the delivery within which goods may come back."""
    return int(shop().return_days)


def open_for(order: Row[Any]) -> bool:
    """Whether the buyer of this order may ask for a return now."""
    if order.status != "delivered" or order.delivered_at is None:
        return False
    return bool(datetime.now(UTC) <= order.delivered_at + timedelta(days=days()))


def lines(order_id: int) -> Sequence[Row[Any]]:
    """The order's lines with the units that may still come back."""
    return rows(RETURNABLE, {"id": order_id})


def ask(order_id: int, wish: Wish, photos: Sequence[str], user_id: int | None = None) -> int:
    """Keep a request; its id. Raises NotReturnable, Invalid."""
    order = row(LOCK, {"id": order_id})
    if order is None or not open_for(order):
        raise NotReturnable
    left = {line.id: line.units for line in lines(order_id)}
    wanted = {item: units for item, units in wish.units.items() if units > 0}
    if not wanted:
        raise Invalid(fields={"items": NOTHING_CHOSEN})
    if any(units > left.get(item, 0) for item, units in wanted.items()):
        raise Invalid(fields={"items": _l("That is more than you may send back.")})
    items = [{"order_item_id": item, "quantity": units} for item, units in sorted(wanted.items())]
    facts = {"order_id": order_id, "user_id": user_id, "reason": wish.reason, "items": json.dumps(items)}
    request_id = int(scalar(ASK, facts))
    for url in photos[:MOST_PHOTOS]:
        db.session.execute(SHOW, {"id": request_id, "url": url})
    _tell(order_id, request_id, "return_requested", user_id)
    return request_id


def decide(request_id: int, approved: bool, words: str = "", actor_id: int | None = None) -> int:
    """Staff take the goods back or not; the order's id. Raises NotFound when nothing waits under this id."""
    status = "approved" if approved else "rejected"
    facts = {"id": request_id, "status": status, "decision": words.strip() or None, "actor_id": actor_id}
    decided = row(DECIDE, facts)
    if decided is None:
        raise NotFound(_l("No return waits under this number."))
    _tell(decided.order_id, request_id, f"return_{status}", actor_id)
    return int(decided.order_id)


def of_order(order_id: int) -> Sequence[Row[Any]]:
    """The requests about an order, the first one first, with the ids of their photos."""
    return rows(OF_ORDER, {"id": order_id})


def waiting() -> Sequence[Row[Any]]:
    """What staff have to decide."""
    return rows(WAITING)


def photo(order_id: int, photo_id: int) -> str:
    """The file name of a photo that belongs to this order. Raises NotFound."""
    url = scalar(PHOTO, {"photo": photo_id, "order_id": order_id})
    if url is None:
        raise NotFound
    return str(url).rpartition("/")[2]


def _tell(order_id: int, request_id: int, kind: str, actor_id: int | None) -> None:
    db.session.execute(TELL, {"order_id": order_id, "id": request_id, "kind": kind, "actor_id": actor_id})
    mail = "return_requested" if kind == "return_requested" else "return_decided"
    outbox.put(mail, {"order_id": order_id, "return_id": request_id}, f"{mail}:{request_id}")
