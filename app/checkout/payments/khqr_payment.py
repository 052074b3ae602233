"""Paying by KHQR: the code that an order shows, and what the bank's answer about it means."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from app.checkout.payments import khqr
from app.checkout.payments.bakong import bakong
from app.checkout.payments.khqr import Alternate, Code
from app.checkout.payments.provider import Due, Intent, Status
from app.core import money
from app.core.shop import shop

KEPT = (
    "hash", "fromAccountId", "toAccountId", "currency", "amount", "description", "createdDateMs",
    "acknowledgedDateMs", "externalRef", "instructionRef", "trackingStatus", "receiverBank", "receiverBankAccount",
)  # fmt: skip


class KhqrPayment:
    """A dynamic code of the shop's Bakong account; the account, its names and the currency asked first are settings."""

    code: str = "khqr"
    currencies: tuple[str, ...] = ("USD", "KHR")
    lifetime: timedelta | None = timedelta(minutes=15)

    @property
    def ready(self) -> bool:
        return bool(current_app.config["BAKONG_BASE_URL"] and receiver().get("account"))

    @property
    def label(self) -> str:
        return str(_("Pay with KHQR"))

    @property
    def hint(self) -> str:
        return str(_("Scan a code with any Cambodian bank app, in the next 15 minutes."))

    def start(self, due: Due) -> Intent:
        to = receiver()
        currency = "KHR" if (due.currency or to.get("currency")) == "KHR" else "USD"
        riel = max(money.riel(due.amount, due.rate), 100)
        expires_at = due.at + timedelta(minutes=15)
        text = khqr.encode(
            Code(
                account=to["account"],
                name=to.get("name") or shop().name,
                city=to.get("city") or "Phnom Penh",
                currency=currency,
                amount=Decimal(riel) if currency == "KHR" else due.amount,
                merchant_id=to.get("merchant_id"),
                bank=to.get("bank"),
                bill=due.number[:25],
                alternate=Alternate("km", to["name_km"], to.get("city_km")) if to.get("name_km") else None,
                created_ms=_ms(due.at.timestamp()),
                expires_ms=_ms(expires_at.timestamp()),
            )
        )
        facts = {"text": text, "account": to["account"], "expires_ms": _ms(expires_at.timestamp())}
        return Intent("qr", facts, expires_at, currency, riel if currency == "KHR" else None, khqr.md5(text))

    def check(self, payment: Mapping[str, Any]) -> Status:
        answer = bakong().transaction(str(payment["md5"]))
        if answer.kind == "found":
            return judged(payment, answer.data)
        return Status("pending" if answer.kind == "absent" else "unknown", {"why": answer.why})

    def cancel(self, payment: Mapping[str, Any]) -> None:
        del payment

    def refund(self, payment: Mapping[str, Any], amount: Decimal) -> Status:
        return Status("pending", {"payment_id": payment["id"], "amount": str(amount)})


def receiver() -> dict[str, str]:
    """The setting `khqr`: account, name, city, name_km, city_km, merchant_id, bank, currency."""
    found = shop().settings.get("khqr")
    return dict(found) if isinstance(found, dict) else {}


def judged(payment: Mapping[str, Any], data: Mapping[str, Any]) -> Status:
    """Paid only if account, currency, amount and time agree; else the state says which kind of trouble it is.

    `failed`: the money is not what was asked for; `expired`: it came after the code had ended; `unknown`: the
    answer names no transaction. The evidence holds `transaction`, and `problem` where there is one.
    """
    told = {name: _plain(data.get(name)) for name in KEPT if data.get(name) is not None}
    mark, at = told.get("hash"), told.get("createdDateMs")
    if not isinstance(mark, str) or not 1 <= len(mark) <= 128 or not isinstance(at, int):
        return Status("unknown", {"why": "no hash or no time"})
    problem = _problem(payment, told)
    if problem:
        return Status("failed", {"problem": problem, "transaction": told})
    if at > int(payment["raw"]["expires_ms"]):
        return Status("expired", {"problem": "late", "transaction": told})
    return Status("paid", {"transaction": told})


def _problem(payment: Mapping[str, Any], told: Mapping[str, Any]) -> str | None:
    expected = payment["amount_khr"] if payment["currency"] == "KHR" else payment["amount"]
    facts = {
        "account": told.get("toAccountId") == payment["raw"]["account"],
        "currency": told.get("currency") == payment["currency"],
        "amount": _number(told.get("amount")) == Decimal(expected),
    }
    return next((name for name, agrees in facts.items() if not agrees), None)


def _number(value: Any) -> Decimal | None:
    plain = str(value)
    return Decimal(plain) if plain.replace(".", "", 1).isdecimal() and plain.isascii() else None


def _plain(value: Any) -> Any:
    """A value as JSON can keep it: numbers with fractions and everything nested as text."""
    return value if isinstance(value, bool | int) else str(value)[:200]


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
