"""One's own facts: name, birthday, language and colours; and the picture."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import names, pictures, profile
from app.accounts.profile_forms import THEMES, ProfileForm, today
from app.core import htmx, phones, security
from app.core.access import access
from app.core.db import db
from app.core.errors import Invalid
from app.core.i18n import db_to_locale
from app.core.images import BadPicture
from app.core.limits import limiter
from app.core.uploads import takes_photos

bp = Blueprint("profile", __name__)
bp.add_app_template_global(names.full, "full_name")
bp.add_app_template_global(names.initials, "initials")


@bp.get("/account/profile")
@access("customer")
def page() -> Response:
    return shown(present())


@bp.post("/account/profile")
@access("customer")
def save() -> Response:
    form = ProfileForm()
    if not form.validate():
        return shown(form, 422)
    profile.change(current_user.id, form.about())
    db.session.commit()
    flash(_("Saved."))
    response = htmx.go(url_for("profile.page", lang=form.language.data))
    wanted = form.theme.data if form.theme.data in ("light", "dark") else ""
    response.set_cookie("theme", wanted, max_age=31536000 if wanted else 0, samesite="Lax")
    response.set_cookie("lang", form.language.data, max_age=31536000, samesite="Lax")
    return response


@bp.post("/account/picture")
@access("customer")
@takes_photos(1)
@limiter.limit("30/hour")
def put_picture() -> Response:
    try:
        pictures.put(current_user.id, request.files.get("picture"))
    except BadPicture as refusal:
        db.session.rollback()
        return refused(refusal)
    db.session.commit()
    return htmx.go(url_for("profile.page"))


@bp.post("/account/picture/removal")
@access("customer")
def remove_picture() -> Response:
    undo = pictures.remove(current_user.id)
    db.session.commit()
    return htmx.go(url_for("profile.page", undo=undo))


@bp.post("/account/picture/restoration")
@access("customer")
def restore_picture() -> Response:
    pictures.restore(current_user.id, request.form.get("undo", "")[:100])
    db.session.commit()
    return htmx.go(url_for("profile.page"))


def refused(refusal: Invalid) -> Response:
    """The page again with the reason beside the photo."""
    return shown(present(), refusal.status, trouble=str(refusal.message))


def present() -> ProfileForm:
    """The form with what is kept."""
    facts = profile.facts(current_user.id)
    form = ProfileForm(formdata=None, data=facts._asdict())
    form.phone.data = phones.national(facts.phone or "")
    form.language.data = db_to_locale(facts.language)
    theme = request.cookies.get("theme", "")
    form.theme.data = theme if theme in THEMES else "auto"
    return form


def shown(form: ProfileForm, status: int = 200, **told: Any) -> Response:
    """The page of one's own facts; nobody keeps it."""
    undo = request.args.get("undo", "")[:100]
    html = render_template("accounts/profile.html", form=form, undo=undo, today=today(), **told)
    return security.no_store(make_response(html, status))
