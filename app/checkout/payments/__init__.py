"""The ways of paying: which there are, and which of them an order may use. One file a provider."""

from collections.abc import Mapping
from decimal import Decimal

from app.checkout.payments.bank_transfer import BankTransfer
from app.checkout.payments.cod import CashOnDelivery
from app.checkout.payments.khqr_payment import KhqrPayment
from app.checkout.payments.provider import Provider
from app.core.shop import shop

PROVIDERS: Mapping[str, Provider] = {
    provider.code: provider for provider in (CashOnDelivery(), KhqrPayment(), BankTransfer())
}


def enabled() -> list[Provider]:
    """The ways of paying that the shop has switched on and set up, in the order of its settings."""
    known = [PROVIDERS[code] for code in shop().payment_methods if code in PROVIDERS]
    return [provider for provider in known if provider.ready]


def offered(cod_allowed: bool, total: Decimal) -> list[Provider]:
    """Those that an order may use: no cash where the carrier takes none; nothing to choose where nothing is owed."""
    if not total:
        return [PROVIDERS["cod"]]
    return [provider for provider in enabled() if cod_allowed or provider.code != "cod"]
