"""The shape of the tracking form: an order's number and the phone that it was placed with."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TelField
from wtforms.validators import InputRequired

from app.core import clean, phones
from app.core.forms import Form


class TrackForm(Form):
    """Two answers that must belong together."""

    number = StringField(
        _l("Order number"),
        [InputRequired(_l("Give the order number, for example SK-261123-00042-Z."))],
        [lambda value: clean.line(value, 40)],
    )
    phone = TelField(
        _l("Phone number"),
        [InputRequired(_l("Give the phone number that you ordered with."))],
        [lambda value: clean.line(value, 40)],
    )

    def e164(self) -> str | None:
        """The phone in stored form, None when it is no phone number."""
        return phones.parse(self.phone.data)
