"""Two selects that depend on each other: a district and its communes."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from app.core.forms import Form
from app.core.i18n import pick
from app.shipping.rates import Place


class PlaceForm(Form):
    """The fields of the fragments; a page's own form has fields of the same names."""

    district = SelectField(_l("District"), validate_choice=False)
    commune = SelectField(_l("Commune"), validate_choice=False)


def choices(first: str, places: list[Place]) -> list[tuple[str, str]]:
    """Options in the page's language, after an empty one that asks."""
    return [("", first), *((place.code, pick(place, "name")) for place in places)]


def of(districts: list[Place], communes: list[Place]) -> PlaceForm:
    """The form that the fragments draw."""
    form = PlaceForm(formdata=None)
    form.district.choices = choices(_("Choose a district"), districts)
    form.commune.choices = choices(_("Choose a commune"), communes)
    return form
