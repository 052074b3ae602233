"""The checkout: one page, its regions, and the post that places the order."""

from flask import Blueprint, Response, make_response, render_template, url_for

from app.accounts import owners
from app.analytics import events
from app.cart import badge, basket
from app.checkout import placing
from app.checkout.forms import CheckoutForm
from app.checkout.patience import patiently
from app.checkout.placing import Buyer, EmptyBag, Placed, Short, TotalChanged
from app.checkout.till import Till, mend, open_till
from app.core import htmx, security
from app.core.access import access
from app.core.db import db
from app.core.errors import Invalid
from app.core.i18n import lang, locale_to_db
from app.orders import queries

bp = Blueprint("checkout", __name__)
REGIONS = ("checkout/_summary.html", "checkout/_due.html")


@bp.get("/checkout")
@access("public")
def form() -> Response:
    till = open_till(CheckoutForm())
    return page(till) if till.bag.lines else htmx.go(url_for("cart.page"))


@bp.post("/checkout/summary")
@access("public")
def summary() -> Response:
    till = open_till(CheckoutForm())
    if not till.bag.lines:
        return htmx.go(url_for("cart.page"))
    if not htmx.is_partial():
        return page(till)
    return security.no_store(htmx.parts("checkout/_choices.html", *REGIONS, till=till, form=till.form))


@bp.post("/checkout")
@access("public")
def place() -> Response:
    form = CheckoutForm()
    if not form.validate():
        return page(open_till(form), 422)
    details = form.details(locale_to_db(lang()))
    try:
        placed = patiently(lambda: placing.place(Buyer(**owners.current().params), details))
    except EmptyBag:
        return htmx.go(url_for("cart.page"))
    except Invalid as refusal:
        till = open_till(form)
        form.blame(refusal.fields)
        return page(till, 422)
    except (TotalChanged, Short) as refusal:
        return page(open_till(form, refusal), 409)
    return thank(placed)


@bp.post("/checkout/bag")
@access("public")
def mend_bag() -> Response:
    mend(basket.current())
    db.session.commit()
    badge.forget(owners.current())
    till = open_till(CheckoutForm())
    return page(till) if till.bag.lines else htmx.go(url_for("cart.page"))


def thank(placed: Placed) -> Response:
    """To the order's page, once it is committed; the purchase is noted when it is new."""
    if placed.fresh:
        badge.forget(owners.current())
        items = [{"product_id": product_id, "quantity": units} for product_id, units in placed.lines]
        events.record("purchase", order_id=placed.id, items=items, total=placed.total)
    token = queries.signature(placed.number, placed.access_version)
    return htmx.go(url_for("orders.page", number=placed.number, token=token))


def page(till: Till, status: int = 200) -> Response:
    """The whole page; it holds someone's address, so nobody keeps it."""
    html = render_template("checkout/page.html", till=till, form=till.form)
    return security.no_store(make_response(html, status))
