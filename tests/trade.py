"""Small makings for tests of trade: products with stock, carts, addresses."""

import itertools
from decimal import Decimal
from typing import Any

from app.cart.models import Cart, CartLine
from app.catalog.models import Category, Product
from app.checkout.placing import Buyer, Details
from app.core import security
from app.core.db import db
from app.inventory import stock
from app.shipping import loading, rates

numbers = itertools.count(1)
HOME = {"province": "12", "district": "1201", "commune": "120101"}


def product(units: int = 10, price: str = "12.50", **facts: Any) -> int:
    """The id of a new product with `units` on the shelf."""
    number = next(numbers)
    if db.session.query(Category).filter_by(slug="trade").first() is None:
        db.session.add(Category(slug="trade", name_en="Trade"))
        db.session.flush()
    made = Product(
        name_en=f"Cream {number}",
        name_kh=None,
        slug=f"trade-cream-{number}",
        sku=f"TRADE-{number:04}",
        category="trade",
        price=Decimal(price),
        **facts,
    )
    db.session.add(made)
    db.session.flush()
    if units:
        stock.receive({made.id: units}, reason="first delivery")
    return made.id


def cart(lines: dict[int, int], token: str | None = None) -> str:
    """The cookie token of a new guest cart that holds so many units by product id."""
    token = token or security.new_token()
    opened = Cart(guest_token_hash=security.digest(token), expires_at=db.session.execute(SOON).scalar())
    db.session.add(opened)
    db.session.flush()
    put(opened.id, lines)
    return token


def put(cart_id: int, lines: dict[int, int]) -> None:
    """Put units by product id into a cart."""
    for product_id, units in lines.items():
        price = db.session.get_one(Product, product_id).price
        db.session.add(
            CartLine(cart_id=cart_id, product_id=product_id, quantity=units, unit_price_seen=price)
        )
    db.session.flush()


SOON = db.text("SELECT now() + interval '30 days'")


def figures(product_id: int) -> tuple[int, int]:
    """(stock, allocated) of a product as PostgreSQL has them."""
    row = db.session.execute(
        db.text("SELECT stock, allocated FROM products WHERE id = :id"), {"id": product_id}
    ).one()
    return row.stock, row.allocated


def details(total: str, **changes: Any) -> Details:
    """What a shopper in Phnom Penh tells, with a key of their own."""
    facts: dict[str, Any] = {
        "name": "Sok Dara",
        "phone": "+85512345678",
        "email": None,
        **HOME,
        "address_line": "12, street 310, near the pagoda",
        "note": None,
        "shipping_method": "standard",
        "payment_method": "cod",
        "idempotency_key": security.new_token(),
        "quoted_total": Decimal(total),
    }
    return Details(**facts | changes)


def buyer(token: str) -> Buyer:
    """The guest with this cart cookie."""
    return Buyer(guest=security.digest(token))


def ground() -> None:
    """Places and the demo tariff, whether the database is seeded or empty."""
    if not db.session.execute(db.text("SELECT 1 FROM communes LIMIT 1")).scalar():
        loading.load_places()
    loading.load_tariff()
    rates.forget()
