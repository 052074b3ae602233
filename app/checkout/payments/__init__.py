"""The ways of paying: which there are, and which of them an order may use. One file a provider."""

from collections.abc import Mapping

from app.checkout.payments.cod import CashOnDelivery
from app.checkout.payments.provider import Provider
from app.core.shop import shop

PROVIDERS: Mapping[str, Provider] = {"cod": CashOnDelivery()}


def offered(cod_allowed: bool) -> list[Provider]:
    """The ways of paying that the shop has switched on; no cash where the carrier takes none."""
    codes = [code for code in shop().payment_methods if code in PROVIDERS]
    return [PROVIDERS[code] for code in codes if cod_allowed or code != "cod"]
