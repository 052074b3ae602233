"""The shape of what the wishlist's forms send."""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email
from flask import request
from flask_babel import gettext as _

from app.accounts.owners import Owner
from app.core import clean, phones
from app.core.errors import Invalid
from app.core.i18n import lang, locale_to_db
from app.wishlist import removed
from app.wishlist.alerts import Reach
from app.wishlist.removed import Removed

MOST_ID = 2**31 - 1


@dataclass(frozen=True)
class Choice:
    """A heart that was pressed: the product, whether it is to be on the list, and the row that an undo brings back."""

    product_id: int
    wanted: bool
    back: Removed | None = None


def choice(owner: Owner) -> Choice:
    """What a heart sends: `save` or `drop` with a product's id, `undo` with a sealed row. Raises Invalid."""
    for name, wanted in (("save", True), ("drop", False)):
        product_id = clean.whole_number(request.form.get(name), 1, MOST_ID)
        if product_id is not None:
            return Choice(product_id, wanted)
    back = removed.unseal(owner, request.form.get("undo", ""))
    if back is not None:
        return Choice(back.product_id, True, back)
    raise Invalid(_("We could not find that product."))


def undo(owner: Owner) -> str | None:
    """The sealed row that a page after a removal offers to put back, from its query; None when it is not theirs."""
    sealed = request.args.get("dropped", "")
    return sealed if removed.unseal(owner, sealed) else None


def looked_at() -> int | None:
    """The product on whose page the recently viewed ones are shown, from the query."""
    return clean.whole_number(request.args.get("but"), 1, MOST_ID)


def reach(user_id: int | None) -> Reach:
    """How to tell somebody: by account where there is one, else by the e-mail or phone they wrote. Raises Invalid."""
    language = locale_to_db(lang())
    if user_id is not None:
        return Reach(user_id=user_id, language=language)
    contact = clean.line(request.form.get("contact"), 254)
    phone = phones.parse(contact) if "@" not in contact else None
    if phone:
        return Reach(phone=phone, language=language)
    try:
        checked = validate_email(contact, check_deliverability=False)
    except EmailNotValidError as error:
        message = _("Please give an email address or a phone number, for example 012 345 678.")
        raise Invalid(message, fields={"contact": message}) from error
    return Reach(email=checked.normalized.lower(), language=language)
