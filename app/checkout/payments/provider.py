"""What every way of paying answers to, and the plain values that go in and out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol


@dataclass(frozen=True)
class Due:
    """What is to be paid for an order, in dollars, the riel rate that the order keeps, and since when.

    `currency` is the payer's wish, None to leave it to the provider's settings.
    """

    number: str
    amount: Decimal
    rate: Decimal
    at: datetime
    currency: str | None = None


@dataclass(frozen=True)
class Intent:
    """What the shopper is shown to pay: `display` none, qr, redirect or instructions.

    `amount_khr` is set where riel are asked for; `md5` is the bank's handle of a KHQR code.
    """

    display: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    expires_at: datetime | None = None
    currency: str = "USD"
    amount_khr: int | None = None
    md5: str | None = None


@dataclass(frozen=True)
class Status:
    """What a provider knows: `state` paid, pending, expired, failed or unknown, with its evidence."""

    state: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


class Provider(Protocol):
    """A way of paying. `check` and what follows may ask a server: never inside a transaction."""

    code: str
    currencies: tuple[str, ...]
    lifetime: timedelta | None

    @property
    def ready(self) -> bool:
        """Whether the settings hold what it needs."""

    @property
    def label(self) -> str:
        """The method's name in the reader's language."""

    @property
    def hint(self) -> str:
        """One sentence about how it works."""

    def start(self, due: Due) -> Intent:
        """Begin a payment, from these facts and the settings alone."""

    def check(self, payment: Mapping[str, Any]) -> Status:
        """Ask how a payment stands; idempotent."""

    def cancel(self, payment: Mapping[str, Any]) -> None:
        """Tell the provider that nobody will pay."""

    def refund(self, payment: Mapping[str, Any], amount: Decimal) -> Status:
        """Give money back; `pending` means that staff hand it over."""
