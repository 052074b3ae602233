"""One's own data: what the shop may send, all of it as a file, and the way out."""

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import profile, sessions
from app.accounts.answers import unproved
from app.core import htmx, images, security, uploads
from app.core.access import access
from app.core.db import db
from app.core.errors import Refused
from app.core.limits import limiter
from app.privacy import erase, export
from app.privacy.forms import DeletionForm

bp = Blueprint("privacy", __name__)


@bp.get("/account/privacy")
@access("customer")
def page() -> Response:
    return asked(DeletionForm(formdata=None))


@bp.post("/account/privacy/consent")
@access("customer")
def consent() -> Response:
    profile.consent(current_user.id, bool(request.form.get("wanted")))
    db.session.commit()
    flash(_("Saved."))
    return htmx.go(url_for("privacy.page"))


@bp.get("/account/privacy/export")
@access("customer")
@limiter.limit("30/hour")
def download() -> Response:
    response = Response(export.written(current_user.id), mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="kesor-my-data.json"'
    return security.no_store(response)


@bp.post("/account/privacy/deletion")
@access("customer")
@limiter.limit("30/hour")
def leave() -> Response:
    form = DeletionForm()
    refusal = unproved(form, "password", current_user.id, db.session.commit)
    if refusal:
        db.session.commit()
        return asked(form, refusal)
    try:
        erased = erase.erase(current_user.id)
    except Refused as refused:
        flash(str(refused.message), "warn")
        return asked(form, 409)
    sessions.end()
    db.session.commit()
    for address in erased.pictures:
        images.remove(uploads.root(), address)
    return htmx.go(url_for("privacy.gone"))


@bp.get("/account/gone")
@access("public")
def gone() -> Response:
    return make_response(render_template("privacy/gone.html"))


def asked(form: DeletionForm, status: int = 200) -> Response:
    """The page with what the person decided so far."""
    wanted = profile.facts(current_user.id).marketing_opt_in
    html = render_template("privacy/page.html", form=form, wanted=wanted)
    return security.no_store(make_response(html, status))
