"""The code in the bag: put in and taken out. At the checkout its own page does the same."""

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.cart import basket, codes
from app.cart.basket import BasketView
from app.checkout import discounts
from app.checkout.discounts import Customer, Deal
from app.core import htmx, security
from app.core.access import access
from app.core.db import db
from app.core.errors import NotFound
from app.core.limits import limiter
from app.coupons import rules
from app.coupons.rules import CouponRefused

bp = Blueprint("coupons", __name__)


def customer() -> Customer:
    """Who looks at the bag, as far as the shop knows."""
    return Customer(current_user.id, current_user.email, current_user.phone)


@bp.app_context_processor
def offer_deal() -> dict[str, object]:
    """`bag_deal(bag)` for the bag: what its code is worth, None without a code."""

    def bag_deal(bag: BasketView) -> Deal | None:
        return discounts.of(bag, customer()) if bag.coupon_code else None

    return {"bag_deal": bag_deal}


@bp.post("/cart/coupon")
@access("public")
@limiter.limit("60/minute")
def apply() -> Response:
    code = rules.fold(request.form.get("code"))
    refusal = discounts.apply(basket.current(), code, customer(), request.remote_addr)
    db.session.commit()
    return shown(_("Your code is in the bag."), refusal, code)


@bp.post("/cart/coupon/removal")
@access("public")
def remove() -> Response:
    bag = basket.current()
    if bag.id is None:
        raise NotFound
    codes.carry(bag.id, None)
    db.session.commit()
    return shown(_("The code is out of your bag."))


def shown(message: str, refusal: CouponRefused | None = None, typed: str = "") -> Response:
    """The bag after a change of its code; a refusal (409) stands under the field."""
    told = {
        "bag": basket.current(),
        "refusal": refusal,
        "typed": typed,
        "message": refusal.message if refusal else message,
    }
    if htmx.is_partial():
        answer = htmx.parts("cart/_bag.html", "cart/_live.html", **told)
    elif refusal:
        answer = make_response(render_template("cart/page.html", **told))
    else:
        return htmx.go(url_for("cart.page"))
    answer.status_code = refusal.status if refusal else 200
    return security.no_store(answer)
