"""The shape of the slip form: a photo, and the number that the bank gave the transfer."""

from flask_babel import lazy_gettext as _l
from wtforms import FileField, StringField

from app.core import clean
from app.core.forms import Form


class SlipForm(Form):
    """What a shopper shows us of a transfer."""

    slip = FileField(_l("Photo of the slip"))
    reference = StringField(_l("Transfer number"), filters=[lambda value: clean.line(value, 100)])
