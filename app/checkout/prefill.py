"""What the shop knows of a signed-in shopper is in the checkout form already; what they type can be kept for later."""

from collections.abc import Sequence
from typing import Any

from flask_login import current_user
from sqlalchemy import Row

from app.accounts import addresses, names
from app.accounts.addresses import Details as Address
from app.checkout.forms import CheckoutForm
from app.checkout.placing import Details
from app.core import phones


def fill(form: CheckoutForm, address_id: int | None = None) -> Sequence[Row[Any]]:
    """Fill an empty form from the account and its usual address, or from another of its addresses.

    Returns the address book; one statement, none for guests.
    """
    if not current_user.is_authenticated:
        return []
    book = addresses.book(current_user.id)
    chosen = next((one for one in book if one.id == address_id), book[0] if book else None)
    form.name.data = names.full(current_user.first_name, current_user.last_name)
    form.phone.data = phones.national(current_user.phone or "")
    form.email.data = current_user.email
    form.keep_address.data = not book
    if chosen:
        form.name.data = chosen.full_name or form.name.data
        form.phone.data = phones.national(chosen.phone or "") or form.phone.data
        form.province.data, form.district.data = chosen.province_code, chosen.district_code
        form.commune.data, form.address_line.data = chosen.commune_code, chosen.address_line1
        form.note.data = chosen.note
    return book


def keep(details: Details) -> None:
    """Put the address of an order that stands into the shopper's book, unless it is there or the book is full."""
    book = addresses.book(current_user.id) if current_user.is_authenticated else None
    place = (details.commune, details.address_line, details.name)
    known = {(one.commune_code, one.address_line1, one.full_name) for one in book or ()}
    if book is None or place in known or len(book) >= addresses.MOST:
        return
    address = Address(
        details.name, details.phone, details.province, details.district, details.commune, details.address_line
    )
    addresses.add(current_user.id, address)
