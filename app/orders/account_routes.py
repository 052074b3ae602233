"""The first page of one's account, one's orders, ordering again, and taking in a guest's order."""

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app.accounts import addresses, owners
from app.cart import badge, basket
from app.core import clean, htmx, money, security
from app.core.access import access
from app.core.db import db
from app.orders import own

bp = Blueprint("account", __name__)
bp.add_app_template_global(own.link, "order_link")
bp.add_app_template_filter(money.khr, "riel_at")
LAST_PAGE = 500


@bp.get("/account")
@access("customer")
def overview() -> Response:
    facts = {"latest": own.page(current_user.id, size=1), "address": addresses.usual(current_user.id)}
    return security.no_store(make_response(render_template("orders/overview.html", **facts)))


@bp.get("/account/orders")
@access("customer")
def orders() -> Response:
    number = clean.whole_number(request.args.get("page"), 1, LAST_PAGE) or 1
    found = own.page(current_user.id, number)
    more = bool(found) and found[0].orders > number * own.SIZE
    facts = {"orders": found, "number": number, "more": more}
    return security.no_store(make_response(render_template("orders/list.html", **facts)))


@bp.post("/account/orders/<number>/reorder")
@access("customer")
def reorder(number: str) -> Response:
    again = own.reorder(current_user.id, number)
    db.session.commit()
    badge.keep(owners.current(), basket.view(again.cart_id).count)
    if again.units:
        told = ngettext("%(num)s piece is in your bag.", "%(num)s pieces are in your bag.", again.units)
        flash(told)
    for missed in again.missed:
        flash(missed, "warn")
    return htmx.go(url_for("cart.page"))


@bp.post("/account/orders/claim")
@access("customer")
def claim() -> Response:
    number, token = request.form.get("number", "")[:50], request.form.get("token", "")[:64]
    taken = own.claim(current_user.id, number, token)
    db.session.commit()
    flash(_("The order is in your account now.") if taken else _("This order belongs to an account already."))
    return htmx.go(url_for("orders.page", number=number, token=token))
