"""An order's own page, for whoever holds its link, and the way to that link by number and phone."""

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.checkout.payments import PROVIDERS
from app.core import htmx, phones, security
from app.core.access import access
from app.core.db import db
from app.core.limits import limiter
from app.orders import queries
from app.orders.forms import TrackForm

bp = Blueprint("orders", __name__)
bp.add_app_template_filter(phones.national, "national")


@bp.get("/orders/<number>")
@access("public")
def page(number: str) -> Response:
    view = queries.by_token(number, request.args.get("token"))
    provider = PROVIDERS.get(view.order.payment_method)
    answer = htmx.page_or(
        "orders/page.html", "orders/_timeline.html", view=view, order=view.order, provider=provider
    )
    return security.no_store(answer)


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
