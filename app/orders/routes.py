"""An order's own page, for whoever holds its link, and the way to that link by number and phone."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.checkout.payments import PROVIDERS
from app.core import htmx, phones, security, uploads
from app.core.access import access
from app.core.db import db
from app.core.errors import Invalid
from app.core.limits import limiter
from app.orders import lifecycle, queries, returns
from app.orders.forms import ReturnForm, TrackForm, chosen_photos
from app.orders.queries import OrderView
from app.wishlist import alerts

bp = Blueprint("orders", __name__)
bp.add_app_template_filter(phones.national, "national")


def order_key() -> str:
    """Limits count for one order, from whatever address."""
    return str((request.view_args or {}).get("number"))


def held(number: str) -> OrderView:
    """The order whose link the visitor holds. Raises NotFound."""
    return queries.by_token(number, request.args.get("token"))


def shown(view: OrderView) -> dict[str, Any]:
    """What the pages of an order need."""
    order = view.order
    return {
        "view": view,
        "order": order,
        "provider": PROVIDERS.get(order.payment_method),
        "key": request.args.get("token"),
        "may_cancel": order.status in lifecycle.BUYER_CANCELS,
        "may_return": returns.open_for(order),
        "returns": returns.of_order(order.id) if order.delivered_at else [],
    }


def returning(view: OrderView, form: ReturnForm, status: int = 200) -> Response:
    """The page that asks what comes back and why."""
    facts = {**shown(view), "form": form, "lines": returns.lines(view.order.id), "most": returns.MOST_PHOTOS}
    return security.no_store(make_response(render_template("orders/return.html", **facts), status))


@bp.get("/orders/<number>")
@access("public")
def page(number: str) -> Response:
    view = held(number)
    answer = htmx.page_or("orders/page.html", "orders/_timeline.html", **shown(view))
    return security.no_store(answer)


@bp.post("/orders/<number>/cancellation")
@access("public")
@limiter.limit("20/hour", key_func=order_key)
def cancel(number: str) -> Response:
    held(number)
    moved = lifecycle.withdraw(number)
    alerts.came_back(moved.came_back)
    db.session.commit()
    return htmx.go(url_for("orders.page", number=number, token=request.args["token"]))


@bp.get("/orders/<number>/receipt")
@access("public")
def receipt(number: str) -> Response:
    return security.no_store(make_response(render_template("orders/receipt.html", **shown(held(number)))))


@bp.get("/orders/<number>/return")
@access("public")
def return_form(number: str) -> Response:
    view = held(number)
    if not returns.open_for(view.order):
        raise returns.NotReturnable
    return returning(view, ReturnForm(formdata=None))


@bp.post("/orders/<number>/return")
@access("public")
@uploads.takes_photos(returns.MOST_PHOTOS)
@limiter.limit("10/hour", key_func=order_key)
def return_post(number: str) -> Response:
    view, form = held(number), ReturnForm()
    if not form.validate():
        form.items_error = None if form.chose() else returns.NOTHING_CHOSEN
        return returning(view, form, 422)
    try:
        with uploads.kept(chosen_photos(), returns.AREA, returns.WIDTHS) as photos:
            returns.ask(view.order.id, form.wish(returns.lines(view.order.id)), photos, view.order.user_id)
            db.session.commit()
    except Invalid as refusal:
        db.session.rollback()
        form.items_error = refusal.fields.get("items")
        form.photos.errors = [] if form.items_error else [str(refusal.message)]
        return returning(view, form, refusal.status)
    return htmx.go(url_for("orders.page", number=number, token=request.args["token"], _anchor="back-h"))


@bp.get("/orders/<number>/return/photos/<int:photo_id>")
@access("public")
def return_photo(number: str, photo_id: int) -> Response:
    name = returns.photo(held(number).order.id, photo_id)
    return security.no_store(uploads.serve(returns.AREA, name))


@bp.get("/orders/track")
@access("public")
def track() -> Response:
    form = TrackForm(formdata=None)
    form.number.data = request.args.get("number", "")[:40]
    return asked(form)


@bp.post("/orders/track")
@access("public")
@limiter.limit("120/hour")
def track_post() -> Response:
    form = TrackForm()
    if not form.validate():
        return asked(form, 422)
    found = queries.track(form.number.data, form.e164(), request.remote_addr)
    db.session.commit()
    if found is None:
        form.number.errors = [_("We found no order with this number and this phone.")]
        return asked(form, 422)
    return htmx.go(url_for("orders.page", number=found[0], token=found[1]))


def asked(form: TrackForm, status: int = 200) -> Response:
    """The page that asks for number and phone."""
    return security.no_store(make_response(render_template("orders/track.html", form=form), status))
