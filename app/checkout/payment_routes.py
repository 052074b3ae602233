"""The page on which an order is paid, the look that its polling takes, slips, and development's pretended payments."""

from functools import partial
from io import BytesIO

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.checkout import asking, paying, payments, settling, switching
from app.checkout.patience import patiently
from app.checkout.paying import Dues
from app.checkout.payment_forms import SlipForm
from app.checkout.payments import bank_transfer, cod
from app.checkout.payments.bakong import bakong, simulated
from app.core import htmx, images, security, uploads
from app.core.access import access
from app.core.errors import Busy, Invalid, NotFound, Refused
from app.core.limits import limiter

bp = Blueprint("payments", __name__)
bp.add_app_template_global(payments.enabled, "payment_ways")
bp.add_app_template_global(cod.told, "cash_told")
REGION = "checkout/_payment_state.html"
OVER = ("checkout/_payment_card.html", "checkout/_payment_actions.html")


def asked_for() -> Dues:
    """The payment that the request is about. Raises NotFound."""
    return paying.dues(str((request.view_args or {})["number"]), request.args.get("token"))


def order_key() -> str:
    """Limits count for one order, from whatever address."""
    return str((request.view_args or {}).get("number"))


@bp.get("/orders/<number>/payment")
@access("public")
def page(number: str) -> Response:
    dues = asked_for()
    if dues.payment.provider == "cod":
        return htmx.go(url_for("orders.page", number=number, token=dues.token))
    if htmx.is_partial():
        return looked(dues)
    if dues.waiting:
        asking.follow(dues.payment.id)
    return shown(dues)


@bp.get("/orders/<number>/payment/code.png")
@access("public")
def picture(number: str) -> Response:
    dues = asked_for()
    if not dues.payment.md5:
        raise NotFound
    response = make_response(dues.png())
    response.mimetype = "image/png"
    response.headers["Content-Disposition"] = f'attachment; filename="{number}.png"'
    return security.no_store(response)


@bp.post("/orders/<number>/payment/check")
@access("public")
@limiter.limit("6/minute", key_func=order_key)
def check(number: str) -> Response:
    dues = asked_for()
    if dues.waiting:
        asking.ask_all(dues.payment.codes)
        dues = paying.dues(number, dues.token)
    note = _("We do not see your payment yet. We keep looking, please wait a moment.")
    return answered(dues, note if dues.waiting else "")


@bp.post("/orders/<number>/payment/currency")
@access("public")
@limiter.limit("20/minute", key_func=order_key)
def currency(number: str) -> Response:
    dues, wanted = asked_for(), request.form.get("currency", "")
    if dues.payment.provider != switching.PROVIDER or wanted not in payments.PROVIDERS["khqr"].currencies:
        raise NotFound
    if dues.currencies:
        begun = patiently(lambda: switching.switch(number, wanted))
        if begun:
            asking.follow(begun)
    return htmx.go(url_for("payments.page", number=number, token=dues.token))


@bp.post("/orders/<number>/payment/slip")
@access("public")
@uploads.takes_photos(1)
@limiter.limit("10/hour", key_func=order_key)
def slip(number: str) -> Response:
    dues, form = asked_for(), SlipForm()
    if dues.payment.provider != "bank_transfer":
        raise NotFound
    form.validate()
    try:
        photo = images.accept(request.files.get("slip") or BytesIO())
        address = images.keep(photo, uploads.root(), "slips", widths=())
        patiently(partial(settling.add_slip, dues.payment.id, address, form.reference.data))
    except (Invalid, Refused) as refusal:
        form.slip.errors = [str(refusal.message)]
        return shown(dues, form=form, status=refusal.status)
    return htmx.go(url_for("payments.page", number=number, token=dues.token))


@bp.post("/orders/<number>/payment/simulation")
@access("public")
def simulate(number: str) -> Response:
    dues = asked_for()
    if not simulated() or not dues.waiting:
        raise NotFound
    if not bakong().pretend(paying.facts(dues.payment)):
        raise Busy
    asking.ask(dues.payment.id)
    return answered(paying.dues(number, dues.token))


def answered(dues: Dues, note: str = "") -> Response:
    """The regions for htmx, the whole page for everybody else."""
    return looked(dues, note) if htmx.is_partial() else shown(dues, note)


def looked(dues: Dues, note: str = "") -> Response:
    """What the polling region shows now; once it is over, the code goes away with it."""
    if dues.waiting:
        answer = make_response(render_template(REGION, dues=dues, note=note))
    else:
        answer = htmx.parts(REGION, *OVER, dues=dues, note=note, accounts=bank_transfer.accounts())
    return security.no_store(answer)


def shown(dues: Dues, note: str = "", form: SlipForm | None = None, status: int = 200) -> Response:
    """The whole page; it is somebody's own, so nobody keeps it."""
    html = render_template(
        "checkout/payment.html",
        dues=dues,
        note=note,
        form=form or SlipForm(formdata=None),
        accounts=bank_transfer.accounts(),
        simulated=simulated(),
    )
    return security.no_store(make_response(html, status))
