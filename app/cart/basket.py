"""The basket: find, add, set, remove. Nothing is held here, placing an order does; every write locks the cart row."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row, text

from app.accounts import owners
from app.accounts.owners import Owner
from app.core import db
from app.core.errors import NotFound, Refused
from app.core.prepared import prepared

LINE_LIMIT = 20
GUEST_DAYS = 30
USER_DAYS = 90

VIEW = prepared(
    """
    SELECT c.id AS cart_id, c.version, c.coupon_code, l.id, l.product_id, l.quantity, l.unit_price_seen,
           p.slug, p.sku, p.name_en, p.name_kh, p.price AS unit_price, p.image_url, p.tint, p.category,
           p.size_amount, p.size_unit, p.weight, p.status,
           ARRAY(SELECT s.slug FROM product_categories pc JOIN categories s ON s.id = pc.category_id
                 WHERE pc.product_id = p.id) AS shelves,
           CASE WHEN p.track_inventory AND NOT p.allow_backorders
                THEN greatest(p.stock - p.allocated, 0) END AS available
    FROM carts c
    LEFT JOIN shopping_cart l ON l.cart_id = c.id
    LEFT JOIN products p ON p.id = l.product_id
    WHERE (c.guest_token_hash = :guest OR c.user_id = :user_id OR c.id = :cart_id) AND c.expires_at > now()
    ORDER BY l.id
    """
)
OPEN = """
    INSERT INTO carts (guest_token_hash, user_id, expires_at)
    VALUES (:guest, :user_id, now() + make_interval(days => :days))
    ON CONFLICT ({owner}) DO UPDATE
    SET version = carts.version + 1, expires_at = excluded.expires_at, updated_at = now()
    RETURNING id
"""
OPEN_GUESTS = prepared(OPEN.replace("{owner}", "guest_token_hash"))
OPEN_USERS = prepared(OPEN.replace("{owner}", "user_id"))
ADD = prepared(
    """
    INSERT INTO shopping_cart (cart_id, user_id, product_id, quantity, unit_price_seen)
    SELECT :cart_id, :user_id, p.id, least(CAST(:quantity AS int), :limit), p.price FROM products p
    WHERE p.id = :product_id AND p.status = 'active'
      AND (NOT p.track_inventory OR p.allow_backorders OR p.stock > p.allocated)
    ON CONFLICT (cart_id, product_id) DO UPDATE
    SET quantity = least(shopping_cart.quantity + excluded.quantity, :limit),
        unit_price_seen = excluded.unit_price_seen, updated_at = now()
    RETURNING quantity
    """
)
SET = prepared(
    """
    UPDATE shopping_cart l
    SET quantity = least(CAST(:quantity AS int), :limit), unit_price_seen = p.price, updated_at = now()
    FROM products p WHERE p.id = l.product_id AND l.id = :line_id AND l.cart_id = :cart_id RETURNING l.id
    """
)
REMOVE = prepared(
    "DELETE FROM shopping_cart WHERE id = :line_id AND cart_id = :cart_id RETURNING product_id, quantity"
)
LOCK = prepared(
    "UPDATE carts SET version = version + 1, updated_at = now()"
    " WHERE guest_token_hash = :guest OR user_id = :user_id RETURNING id"
)


@dataclass(frozen=True)
class Line:
    """A line as the shopper sees it. Money in dollars; `available` is None where stock is not counted."""

    id: int
    product_id: int
    slug: str
    sku: str
    name_en: str
    name_kh: str | None
    quantity: int
    unit_price: Decimal
    unit_price_seen: Decimal
    image_url: str | None
    tint: str | None
    category: str
    size_amount: Decimal | None
    size_unit: str | None
    weight: Decimal | None
    status: str
    shelves: list[str]
    available: int | None

    @property
    def buyable(self) -> bool:
        return self.status == "active" and self.available != 0

    @property
    def short(self) -> bool:
        return self.buyable and self.available is not None and self.quantity > self.available

    @property
    def repriced(self) -> bool:
        return self.unit_price != self.unit_price_seen

    @property
    def total(self) -> Decimal:
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class BasketView:
    """A cart with its lines; `subtotal` and `count` leave out what cannot be bought any more."""

    id: int | None = None
    version: int = 0
    lines: list[Line] = field(default_factory=list)
    coupon_code: str | None = None

    @property
    def subtotal(self) -> Decimal:
        return sum((line.total for line in self.lines if line.buyable), Decimal("0.00"))

    @property
    def count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def blocked(self) -> bool:
        return any(line.short or not line.buyable for line in self.lines)


EMPTY = BasketView()


def owned() -> int | None:
    """The id of the visitor's cart; one statement, none without a cookie."""
    view_of_visitor = current()
    return view_of_visitor.id


def current() -> BasketView:
    """The visitor's basket; one statement, none without a cookie."""
    owner = owners.current()
    return _view(owner.params | {"cart_id": None}) if owner else EMPTY


def view(cart_id: int) -> BasketView:
    """The basket of a cart already known to be the visitor's; one statement."""
    return _view({"guest": None, "user_id": None, "cart_id": cart_id})


def _view(params: dict[str, Any]) -> BasketView:
    found = db.rows(VIEW, params)
    if not found:
        return EMPTY
    lines = [_line(row) for row in found if row.id is not None]
    return BasketView(found[0].cart_id, found[0].version, lines, found[0].coupon_code)


def _line(row: Row[Any]) -> Line:
    facts = row._asdict()
    return Line(**{name: facts[name] for name in Line.__dataclass_fields__})


def opened(owner: Owner) -> int:
    """The id of the owner's cart, opened if need be and locked until the commit. One statement."""
    statement, days = (OPEN_USERS, USER_DAYS) if owner.user_id else (OPEN_GUESTS, GUEST_DAYS)
    return int(db.scalar(statement, owner.params | {"days": days}))


def add(owner: Owner, product_id: int, quantity: int) -> int:
    """Add units to the owner's cart, opening it if need be; returns the cart's id. Three statements.

    A line holds 20 units at most. Raises NotFound or Refused (sold out).
    """
    cart_id = opened(owner)
    wanted = {
        "cart_id": cart_id,
        "user_id": owner.user_id,
        "product_id": product_id,
        "quantity": quantity,
        "limit": LINE_LIMIT,
    }
    if db.scalar(ADD, wanted) is None:
        known = db.scalar(text("SELECT status FROM products WHERE id = :id"), {"id": product_id})
        if known == "active":
            raise Refused(_("This one is sold out right now."))
        raise NotFound(_("We could not find that product."))
    return cart_id


def set_quantity(owner: Owner, line_id: int, quantity: int) -> int:
    """Set a line of the owner's cart; 0 removes it. Returns the cart's id. Raises NotFound."""
    if quantity <= 0:
        return remove(owner, line_id)[0]
    cart_id = _lock(owner)
    values = {"line_id": line_id, "cart_id": cart_id, "quantity": quantity, "limit": LINE_LIMIT}
    if db.scalar(SET, values) is None:
        raise NotFound(_("That line is no longer in your bag."))
    return cart_id


def remove(owner: Owner, line_id: int) -> tuple[int, int, int]:
    """Remove a line; returns (cart id, product id, quantity) so that it can be undone. Raises NotFound."""
    cart_id = _lock(owner)
    removed = db.row(REMOVE, {"line_id": line_id, "cart_id": cart_id})
    if removed is None:
        raise NotFound(_("That line is no longer in your bag."))
    return cart_id, removed.product_id, removed.quantity


def _lock(owner: Owner) -> int:
    cart_id = db.scalar(LOCK, owner.params)
    if cart_id is None:
        raise NotFound(_("That line is no longer in your bag."))
    return int(cart_id)
