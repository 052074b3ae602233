"""Cash on delivery: the rider takes dollars or riel at the door; staff confirm the order before it leaves."""

import math
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from app.checkout.payments.provider import Due, Intent, Status
from app.core import money

NOTES = {"USD": (10, 20, 50, 100), "KHR": (50_000, 100_000)}


class CashOnDelivery:
    """Nothing to start and nobody to ask."""

    code: str = "cod"
    currencies: tuple[str, ...] = ("USD", "KHR")
    lifetime: timedelta | None = None

    @property
    def ready(self) -> bool:
        return True

    @property
    def label(self) -> str:
        return str(_("Cash on delivery"))

    @property
    def hint(self) -> str:
        return str(_("Pay in dollars or riel when your parcel arrives."))

    def start(self, due: Due) -> Intent:
        return Intent("none", {"amount": due.amount})

    def check(self, payment: Mapping[str, Any]) -> Status:
        return Status(str(payment["status"]))

    def cancel(self, payment: Mapping[str, Any]) -> None:
        del payment

    def refund(self, payment: Mapping[str, Any], amount: Decimal) -> Status:
        return Status("pending", {"payment_id": payment["id"], "amount": str(amount)})


def cash(total: Decimal, rate: Decimal) -> list[tuple[str, str]]:
    """What a shopper may hand over that is more than the total, as (code, words): `USD20`, `KHR100000`."""
    riel = money.riel(total, rate)
    owed = {"USD": total, "KHR": Decimal(riel)}
    found = {
        (currency, math.ceil(owed[currency] / note) * note)
        for currency, notes in NOTES.items()
        for note in notes
    }
    worth = sorted((currency != "USD", amount, currency) for currency, amount in found)
    codes = [f"{currency}{amount}" for _, amount, currency in worth if amount > owed[currency]]
    return [(code, spoken(code)) for code in codes]


def told(code: str, total: Decimal, rate: Decimal) -> dict[str, str]:
    """What is handed over and what the rider gives back, in words: {"cash": "$20.00", "change": "$6.00"}."""
    amount = Decimal(code[3:])
    if code.startswith("USD"):
        return {"cash": spoken(code), "change": money.usd(amount - total)}
    return {"cash": spoken(code), "change": f"{int(amount) - money.riel(total, rate):,}\u17db"}


def spoken(code: str) -> str:
    """`USD20` as $20, `KHR100000` as 100,000 and the riel sign."""
    amount = int(code[3:])
    return f"${amount:,}" if code.startswith("USD") else f"{amount:,}\u17db"
