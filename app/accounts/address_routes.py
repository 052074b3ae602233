"""The address book's pages."""

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import addresses, names
from app.accounts.profile_forms import AddressForm
from app.core import htmx, phones, security
from app.core.access import access
from app.core.db import db
from app.core.errors import Invalid
from app.core.i18n import lang
from app.shipping import rates
from app.shipping.forms import choices

bp = Blueprint("addresses", __name__)


@bp.get("/account/addresses")
@access("customer")
def book() -> Response:
    kept = addresses.book(current_user.id)
    return security.no_store(make_response(render_template("accounts/addresses.html", addresses=kept)))


@bp.get("/account/addresses/new")
@access("customer")
def new() -> Response:
    form = AddressForm(formdata=None)
    form.name.data = names.full(current_user.first_name, current_user.last_name)
    form.phone.data = phones.national(current_user.phone or "")
    return asked(form)


@bp.post("/account/addresses")
@access("customer")
def add() -> Response:
    return written(None)


@bp.get("/account/addresses/<int:address_id>")
@access("customer")
def edit(address_id: int) -> Response:
    form = AddressForm(formdata=None)
    form.fill(addresses.one(current_user.id, address_id))
    return asked(form, address_id)


@bp.post("/account/addresses/<int:address_id>")
@access("customer")
def change(address_id: int) -> Response:
    addresses.one(current_user.id, address_id)
    return written(address_id)


@bp.post("/account/addresses/<int:address_id>/removal")
@access("customer")
def drop(address_id: int) -> Response:
    addresses.drop(current_user.id, address_id)
    return done(_("The address is deleted."))


@bp.post("/account/addresses/<int:address_id>/default")
@access("customer")
def make_usual(address_id: int) -> Response:
    addresses.make_usual(current_user.id, address_id)
    return done(_("Parcels go there from now on."))


def written(address_id: int | None) -> Response:
    """Keep the form's address as a new one or as this one, or ask again."""
    form = AddressForm()
    if "places" in request.form or not form.validate():
        return asked(form, address_id, 200 if "places" in request.form else 422)
    try:
        if address_id is None:
            addresses.add(current_user.id, form.details(), form.usual.data)
        else:
            addresses.change(current_user.id, address_id, form.details(), form.usual.data)
    except Invalid as refusal:
        db.session.rollback()
        for name, message in refusal.fields.items():
            form[name].errors = [str(message)]
        return asked(form, address_id, 422)
    return done(_("The address is saved."))


def done(message: str) -> Response:
    """Commit and back to the book, which says so."""
    db.session.commit()
    flash(message)
    return htmx.go(url_for("addresses.book"))


def asked(form: AddressForm, address_id: int | None = None, status: int = 200) -> Response:
    """The form with the districts and communes that its places have; for htmx the places alone."""
    form.province.choices = choices(_("Choose a province"), rates.provinces(lang() == "km"))
    form.district.choices = choices(_("Choose a district"), rates.districts(form.province.data or ""))
    kept = form.district.data in {code for code, _name in form.district.choices}
    communes = rates.communes(form.district.data or "") if kept else []
    form.commune.choices = choices(_("Choose a commune"), communes)
    facts = {"form": form, "address_id": address_id}
    response = htmx.page_or("accounts/address.html", "accounts/_places.html", **facts)
    response.status_code = status
    return security.no_store(response)
