"""Cash on delivery: the rider takes dollars or riel at the door; staff confirm the order before it leaves."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from app.checkout.payments.provider import Due, Intent, Status


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
