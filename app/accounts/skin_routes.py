"""One's own skin profile, which lists and product pages go by."""

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import profile
from app.accounts.profile import Skin
from app.accounts.profile_forms import SkinForm
from app.catalog import avoiding
from app.catalog.vocabulary import words
from app.core import htmx, security
from app.core.access import access
from app.core.db import db

bp = Blueprint("skin_profile", __name__)


@bp.get("/account/skin")
@access("customer")
def page() -> Response:
    form = SkinForm(formdata=None)
    form.skin_type.data = current_user.skin_type or ""
    form.concerns.data = current_user.skin_concerns
    form.goals.data = current_user.skin_goals
    form.kinds.data = avoiding.kinds(current_user.avoid_ingredients)
    form.others.data = avoiding.told(current_user.avoid_ingredients)
    return asked(form)


@bp.post("/account/skin")
@access("customer")
def save() -> Response:
    form = SkinForm()
    slugs, unknown = avoiding.read(form.others.data)
    if unknown:
        form.others.errors = [_("We do not know this ingredient: %(names)s", names=", ".join(unknown))]
        return asked(form, 422)
    offer(form)
    skin_type = form.skin_type.data if form.skin_type.data in words("SKIN_TYPES") else None
    avoid = form.chosen("kinds") + slugs
    skin = Skin(skin_type, form.chosen("concerns"), form.chosen("goals"), avoid)
    profile.change_skin(current_user.id, skin)
    db.session.commit()
    flash(_("Saved. Lists now begin with what suits your skin.") if skin_type else _("Saved."))
    return htmx.go(url_for("skin_profile.page"))


def offer(form: SkinForm) -> None:
    """The choices in the reader's language."""
    form.skin_type.choices = [*words("SKIN_TYPES").items(), ("", _("I do not know"))]
    form.concerns.choices = list(words("CONCERNS").items())
    form.goals.choices = list(words("GOALS").items())
    form.kinds.choices = list(words("FREE_FROM").items())


def asked(form: SkinForm, status: int = 200) -> Response:
    """The page; it tells about somebody's skin, so nobody keeps it."""
    offer(form)
    return security.no_store(make_response(render_template("accounts/skin.html", form=form), status))
