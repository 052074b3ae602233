"""The shape of what people decide about their data."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField
from wtforms.validators import InputRequired

from app.core.forms import Form


class DeletionForm(Form):
    """The password of somebody who wants to leave."""

    password = PasswordField(_l("Password"), [InputRequired(_l("Enter your password."))])
