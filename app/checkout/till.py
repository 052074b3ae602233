"""What the checkout page shows: the bag, priced for the address and the ways chosen so far."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import owners
from app.cart import basket, codes
from app.cart.basket import BasketView
from app.checkout import discounts, payments
from app.checkout.discounts import Customer, Deal
from app.checkout.forms import CheckoutForm
from app.checkout.payments import cod
from app.checkout.payments.provider import Provider
from app.checkout.placing import price
from app.checkout.pricing import Quote
from app.core import phones
from app.core.errors import ShopError
from app.core.i18n import lang, pick
from app.core.shop import shop
from app.shipping import rates
from app.shipping.forms import choices
from app.shipping.rates import CAPITAL, Place, Promise, Rate


@dataclass(frozen=True)
class Till:
    """Everything on the page; `place` is where the total is for, the capital until a province is chosen."""

    form: CheckoutForm
    bag: BasketView
    place: Place
    rate: Rate
    rates: tuple[Rate, ...]
    providers: list[Provider]
    quote: Quote
    promise: Promise
    refusal: ShopError | None = None
    deal: Deal | None = None

    @property
    def short(self) -> bool:
        """Whether the bag asks for what is not there."""
        return self.bag.blocked


def open_till(form: CheckoutForm, refusal: ShopError | None = None) -> Till:
    """Price the visitor's bag for the form's answers and offer the choices that follow from them."""
    bag = basket.current()
    tariff = rates.tariff()
    province = form.province.data if form.province.data in tariff.rates else CAPITAL
    offers = tariff.rates[province]
    rate = next((one for one in offers if one.method == form.shipping_method.data), offers[0])
    deal = discounts.of(bag, customer(form))
    quote = price(bag, rate, deal.discount if deal else None)
    providers = payments.offered(rate.cod_allowed, quote.total)
    _offer_places(form)
    form.choose("shipping_method", [(one.method, pick(one, "name")) for one in offers], rate.method)
    ways = [(provider.code, provider.label) for provider in providers]
    form.choose("payment_method", ways, ways[0][0] if ways else "")
    form.choose("cash", [("", _("the exact amount")), *cod.cash(quote.total, shop().rate)])
    form.quoted_total.data = str(quote.total)
    form.key()
    promise = rates.promise(rate)
    place = tariff.provinces[province]
    return Till(form, bag, place, rate, offers, providers, quote, promise, refusal, deal)


def customer(form: CheckoutForm) -> Customer:
    """Who orders, by the account and by what the form tells so far."""
    return Customer(current_user.id, form.email.data or None, phones.parse(form.phone.data))


def mend(bag: BasketView) -> None:
    """Make a bag orderable: what is gone leaves it, what is short shrinks to what is there."""
    owner = owners.current()
    for line in bag.lines:
        if not line.buyable:
            basket.remove(owner, line.id)
        elif line.short:
            basket.set_quantity(owner, line.id, line.available or 0)
    codes.settle(basket.current())


def _offer_places(form: CheckoutForm) -> None:
    form.choose("province", choices(_("Choose a province"), rates.provinces(lang() == "km")))
    form.choose("district", choices(_("Choose a district"), rates.districts(form.province.data)))
    form.choose("commune", choices(_("Choose a commune"), rates.communes(form.district.data)))
