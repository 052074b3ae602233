"""What a code needs before it may be used, checked in one order, and how each refusal is worded."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import clean, money
from app.core.errors import Refused

LONGEST = 50
DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}


class CouponRefused(Refused):
    """A code gives nothing here and now; the subclass says why."""

    default = _l("This code cannot be used here.")


class UnknownCode(CouponRefused):
    default = _l("We do not know this code. Please check how it is written.")


class NotYet(CouponRefused):
    """Its first day lies ahead."""


class Ended(CouponRefused):
    default = _l("This code has ended.")


class UsedUp(CouponRefused):
    default = _l("This code has been used up.")


class UsedByYou(CouponRefused):
    """This customer has had their share."""


class FirstOrderOnly(CouponRefused):
    default = _l("This code is for a first order only.")


class TooLittle(CouponRefused):
    """The goods are worth less than it asks; `facts['missing']` dollars are lacking."""


class NothingEligible(CouponRefused):
    default = _l("Nothing in your bag goes with this code.")


@dataclass(frozen=True)
class Offer:
    """A coupon as the rules see it today. Money in dollars; None where it sets no limit.

    `products` and `shelves` (slugs, their sub-shelves too) tell what it is for; both None: for everything.
    """

    id: int
    code: str
    name_en: str
    name_kh: str | None
    description_en: str | None
    description_kh: str | None
    kind: str
    value: Decimal
    most: Decimal | None
    least: Decimal | None
    products: frozenset[int] | None
    shelves: frozenset[str] | None
    used: int
    limit: int | None
    limit_each: int | None
    first_only: bool
    status: str
    starts: date | None
    ends: date | None
    today: date

    def covers(self, product_id: int, shelves: Collection[str]) -> bool:
        """Whether it is for a product that stands on these shelves."""
        if self.products is None and self.shelves is None:
            return True
        listed = self.products is not None and product_id in self.products
        return listed or (self.shelves is not None and not self.shelves.isdisjoint(shelves))


@dataclass(frozen=True)
class Past:
    """What a customer has done: live uses of the code, and whether any order of theirs stands."""

    uses: int = 0
    ordered: bool = False


def fold(text: str | None) -> str:
    """A code as it is stored: no spaces, capitals, Latin digits."""
    written = re.sub(r"\s", "", clean.line(text, LONGEST)).upper()
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in written)[:LONGEST]


def mailbox(email: str | None) -> str | None:
    """The address that letters to this one reach: small letters, no +tag, no dots where they mean nothing."""
    name, _at, host = (email or "").strip().lower().rpartition("@")
    if not name:
        return None
    name = name.partition("+")[0] or name
    if host in DOTLESS:
        name, host = name.replace(".", "") or name, DOTLESS[host]
    return f"{name}@{host}"


def judge(offer: Offer | None, goods: Decimal, eligible: bool, past: Past) -> CouponRefused | None:
    """Why the code gives nothing for goods of this worth (before it, before delivery); None when it may be used."""
    if offer is None or offer.status == "inactive":
        return UnknownCode()
    return _window(offer) or _limits(offer, past) or _bag(offer, goods, eligible)


def _window(offer: Offer) -> CouponRefused | None:
    if offer.starts and offer.today < offer.starts:
        return NotYet(_("This code starts on %(day)s.", day=format_date(offer.starts, "d MMMM y")))
    if offer.ends and offer.today > offer.ends:
        return Ended(_("This code ended on %(day)s.", day=format_date(offer.ends, "d MMMM y")))
    return Ended() if offer.status == "expired" else None


def _limits(offer: Offer, past: Past) -> CouponRefused | None:
    if offer.limit is not None and offer.used >= offer.limit:
        return UsedUp()
    if offer.limit_each is not None and past.uses >= offer.limit_each:
        return UsedByYou(
            ngettext(
                "You have used this code already.",
                "You have used this code %(num)s times already, more is not possible.",
                past.uses,
            )
        )
    return FirstOrderOnly() if offer.first_only and past.ordered else None


def _bag(offer: Offer, goods: Decimal, eligible: bool) -> CouponRefused | None:
    if offer.least is not None and goods < offer.least:
        missing = offer.least - goods
        words = _(
            "This code needs goods of %(least)s. %(missing)s more and it counts.",
            least=money.usd(offer.least),
            missing=money.usd(missing),
        )
        return TooLittle(words, missing=missing)
    return None if eligible else NothingEligible()
