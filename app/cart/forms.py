"""The shape of what the bag's forms send."""

from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _

from app.cart.basket import LINE_LIMIT
from app.core import clean
from app.core.errors import Invalid
from app.coupons import rules

MOST_ID = 2**31 - 1


@dataclass(frozen=True)
class Wanted:
    """A product and how many of it."""

    product_id: int
    quantity: int


def wanted() -> Wanted:
    """The line that is to be added. Raises Invalid."""
    product_id = clean.whole_number(request.form.get("product_id"), 1, MOST_ID)
    if product_id is None:
        raise Invalid(_("We could not find that product."))
    return Wanted(product_id, quantity(lowest=1))


def quantity(lowest: int = 0) -> int:
    """The number of units, 1 when the field is left out. Raises Invalid."""
    text = request.form.get("quantity", "1")
    number = clean.whole_number(text, lowest, 9999)
    if number is None:
        raise Invalid(_("Please give a whole number from 1 to %(limit)s.", limit=LINE_LIMIT))
    return number


def undo() -> dict[str, int] | None:
    """What a page after a removal offers to put back, from its query; None when there is nothing."""
    product_id = clean.whole_number(request.args.get("product_id"), 1, MOST_ID)
    units = clean.whole_number(request.args.get("quantity"), 1, LINE_LIMIT)
    return {"product_id": product_id, "quantity": units} if product_id and units else None


def lost() -> str | None:
    """The code that left the bag with its last line, from the query of the page after that."""
    return rules.fold(request.args.get("lost")) or None
