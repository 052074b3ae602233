"""Bank transfer: the shopper sends money to the shop's account and a photo of the slip; staff confirm it."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from app.checkout.payments.provider import Due, Intent, Status
from app.core.shop import shop


class BankTransfer:
    """The accounts are a setting; the order number is the reference; nobody can be asked but staff."""

    code: str = "bank_transfer"
    currencies: tuple[str, ...] = ("USD", "KHR")
    lifetime: timedelta | None = timedelta(hours=24)

    @property
    def ready(self) -> bool:
        return bool(accounts())

    @property
    def label(self) -> str:
        return str(_("Bank transfer"))

    @property
    def hint(self) -> str:
        return str(_("Send the money within 24 hours, then show us a photo of the slip."))

    def start(self, due: Due) -> Intent:
        return Intent("instructions", {"reference": due.number}, due.at + timedelta(hours=24))

    def check(self, payment: Mapping[str, Any]) -> Status:
        return Status(str(payment["status"]))

    def cancel(self, payment: Mapping[str, Any]) -> None:
        del payment

    def refund(self, payment: Mapping[str, Any], amount: Decimal) -> Status:
        return Status("pending", {"payment_id": payment["id"], "amount": str(amount)})


def accounts() -> list[dict[str, str]]:
    """The setting `bank_accounts`: bank, name, number and currency of each."""
    found = shop().settings.get("bank_accounts")
    return [dict(one) for one in found] if isinstance(found, list) else []
