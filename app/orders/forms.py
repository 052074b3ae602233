"""The shapes of the tracking form (number and phone) and of a request to send goods back."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from wtforms import MultipleFileField, StringField, TelField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from app.core import clean, phones
from app.core.forms import Form
from app.orders.returns import MOST_PHOTOS, Wish


class TrackForm(Form):
    """Two answers that must belong together."""

    number = StringField(
        _l("Order number"),
        [InputRequired(_l("Enter the order number, for example SK-261123-00042-Z."))],
        [lambda value: clean.line(value, 40)],
    )
    phone = TelField(
        _l("Phone number"),
        [InputRequired(_l("Enter the phone number that you ordered with."))],
        [lambda value: clean.line(value, 40)],
    )

    def e164(self) -> str | None:
        """The phone in stored form, None when it is no phone number."""
        return phones.parse(self.phone.data)


class ReturnForm(Form):
    """Why goods come back; the units of each line are fields `units-<line id>`, the photos lie in `request.files`."""

    reason = TextAreaField(
        _l("What is wrong?"),
        [InputRequired(_l("Please tell us in a few words what is wrong."))],
        [lambda value: clean.block(value, 1000)],
    )
    photos = MultipleFileField(_l("Photos"))
    items_error: Any = None

    def validate_photos(self, _field: Any) -> None:
        if len(chosen_photos()) > MOST_PHOTOS:
            raise ValidationError(_("A return holds %(most)s photos at most.", most=MOST_PHOTOS))

    def chose(self) -> bool:
        """Whether units of any line were chosen."""
        return any(name.startswith("units-") and value.strip(" 0") for name, value in request.form.items())

    def wish(self, lines: Sequence[Any]) -> Wish:
        """What was chosen of these lines, once the form is valid."""
        units = {line.id: self.units(line) for line in lines}
        return Wish(units, self.reason.data or "")

    def units(self, line: Any) -> int:
        """The units of a line that were chosen."""
        return clean.whole_number(request.form.get(f"units-{line.id}"), 0, 10_000) or 0


def chosen_photos() -> list[FileStorage]:
    """The files that were chosen, one more than a return holds at most."""
    return [file for file in request.files.getlist("photos") if file.filename][: MOST_PHOTOS + 1]
