"""The checkout: one page, its regions, and the post that places the order."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from app.accounts import owners
from app.analytics import events
from app.cart import badge, basket, codes
from app.checkout import discounts, placing, prefill
from app.checkout.forms import CheckoutForm
from app.checkout.patience import patiently
from app.checkout.placing import Buyer, EmptyBag, Placed, Short, TotalChanged
from app.checkout.till import Till, customer, mend, open_till
from app.core import clean, htmx, security
from app.core.access import access
from app.core.db import db
from app.core.errors import Invalid
from app.core.i18n import lang, locale_to_db
from app.core.limits import limiter
from app.coupons import rules
from app.orders import queries

bp = Blueprint("checkout", __name__)
REGIONS = ("checkout/_summary.html", "checkout/_due.html")


@bp.get("/checkout")
@access("public")
def form() -> Response:
    form = CheckoutForm(formdata=None)
    book = prefill.fill(form, clean.whole_number(request.args.get("address"), 1, 2**31 - 1))
    till = open_till(form)
    return page(till, book=book) if till.bag.lines else htmx.go(url_for("cart.page"))


@bp.post("/checkout/summary")
@access("public")
def summary() -> Response:
    till = open_till(CheckoutForm())
    emptied = htmx.is_partial() and not till.bag.lines
    return htmx.unchanged() if emptied else regions(till)


@bp.post("/checkout/coupon")
@access("public")
@limiter.limit("60/minute")
def use_code() -> Response:
    return with_code(CheckoutForm())


@bp.post("/checkout/coupon/removal")
@access("public")
def drop_code() -> Response:
    bag = basket.current()
    if bag.id is not None:
        codes.carry(bag.id, None)
        db.session.commit()
    return regions(open_till(CheckoutForm()))


@bp.post("/checkout")
@access("public")
def place() -> Response:
    form = CheckoutForm()
    if form.coupon_code.data:
        return with_code(form)
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
    if form.keep_address.data and placed.fresh:
        prefill.keep(details)
        db.session.commit()
    return thank(placed, details.payment_method)


@bp.post("/checkout/bag")
@access("public")
def mend_bag() -> Response:
    mend(basket.current())
    db.session.commit()
    badge.forget(owners.current())
    till = open_till(CheckoutForm())
    return page(till) if till.bag.lines else htmx.go(url_for("cart.page"))


def thank(placed: Placed, method: str) -> Response:
    """To the order's page or the one that pays it, once it is committed; the purchase is noted when it is new."""
    if placed.fresh:
        badge.forget(owners.current())
        items = [{"product_id": product_id, "quantity": units} for product_id, units in placed.lines]
        events.record("purchase", order_id=placed.id, items=items, total=placed.total)
    token = queries.signature(placed.number, placed.access_version)
    target = "orders.page" if method == "cod" else "payments.page"
    return htmx.go(url_for(target, number=placed.number, token=token))


def with_code(form: CheckoutForm) -> Response:
    """The checkout once the code that was typed is in the bag, or with the reason why it is not."""
    code = rules.fold(form.coupon_code.data)
    refusal = discounts.apply(basket.current(), code, customer(form), request.remote_addr)
    db.session.commit()
    if refusal is None:
        form.coupon_code.data = ""
    till = open_till(form)
    form.blame({"coupon_code": refusal.message} if refusal else {})
    return regions(till, refusal.status if refusal else 200)


def regions(till: Till, status: int = 200) -> Response:
    """What follows from an answer: for htmx the regions that it changes, else the page; an empty bag's own page."""
    if not till.bag.lines:
        return htmx.go(url_for("cart.page"))
    if not htmx.is_partial():
        return page(till, status)
    answer = htmx.parts("checkout/_choices.html", *REGIONS, till=till, form=till.form)
    answer.status_code = status
    return security.no_store(answer)


def page(till: Till, status: int = 200, book: Sequence[Any] = ()) -> Response:
    """The whole page; it holds someone's address, so nobody keeps it. `book` are addresses to choose from."""
    html = render_template("checkout/page.html", till=till, form=till.form, book=book)
    return security.no_store(make_response(html, status))
