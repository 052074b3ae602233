"""The shape of what people type to come in: names, e-mail addresses, passwords."""

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, Field, PasswordField, StringField, TelField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from app.accounts import passwords
from app.core import clean, phones
from app.core.forms import Form

NEEDS_PASSWORD = _l("Enter your password.")
NO_MATCH = _l("We do not know this name with this password. If you are new here, confirm your email first.")
NEEDS_EMAIL = _l("Enter your email address.")


def one_line(value: str | None) -> str:
    return clean.line(value, 254)


def an_email(_form: Form, field: Field) -> None:
    """An address that mail can reach in principle; nothing is looked up."""
    try:
        field.data = validate_email(field.data, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValidationError(_l("This email address does not look right. Please check it.")) from error
    if not field.data.isascii() or len(field.data) > 254:
        raise ValidationError(_l("This email address does not look right. Please check it."))


def a_phone(_form: Form, field: Field) -> None:
    if phones.parse(field.data) is None:
        raise ValidationError(_l("This phone number does not look right, for example 012 345 678."))


def a_password(form: Form, field: Field) -> None:
    """Long enough, not known to everybody."""
    length = len(field.data)
    if not passwords.SHORTEST <= length <= passwords.LONGEST:
        raise ValidationError(_l("Use 8 to 128 characters."))
    own = [form[name].data for name in ("email", "first_name", "phone") if name in form]
    if passwords.is_common(field.data, *own):
        raise ValidationError(_l("Many people use this password. Please choose one that is your own."))


class SignInForm(Form):
    """E-mail or phone, and the password."""

    name = StringField(
        _l("Email or phone number"),
        [InputRequired(_l("Enter your email address or phone number."))],
        [one_line],
    )
    password = PasswordField(_l("Password"), [InputRequired(NEEDS_PASSWORD)])
    remember = BooleanField(_l("Keep me signed in on this device"))


class EmailForm(Form):
    """Only an address."""

    email = EmailField(_l("Email"), [InputRequired(NEEDS_EMAIL), an_email], [one_line])


class RegisterForm(Form):
    """A new account."""

    first_name = StringField(
        _l("Your name"), [Optional(), Length(max=100)], [lambda value: clean.line(value, 100)]
    )
    email = EmailField(_l("Email"), [InputRequired(NEEDS_EMAIL), an_email], [one_line])
    phone = TelField(_l("Phone number"), [Optional(), a_phone], [lambda value: clean.line(value, 40)])
    password = PasswordField(_l("Password"), [InputRequired(_l("Choose a password.")), a_password])


class NewPasswordForm(Form):
    """A new password for somebody who followed the mail's link."""

    password = PasswordField(_l("New password"), [InputRequired(_l("Choose a password.")), a_password])


class ConfirmForm(Form):
    """The password of somebody who followed the mail's link."""

    password = PasswordField(_l("Password"), [InputRequired(NEEDS_PASSWORD)])


class ChangePasswordForm(Form):
    """The present password and the one that follows it."""

    current = PasswordField(_l("Present password"), [InputRequired(NEEDS_PASSWORD)])
    password = PasswordField(_l("New password"), [InputRequired(_l("Choose a password.")), a_password])


class ChangeEmailForm(Form):
    """A new address, proven by the password."""

    email = EmailField(_l("New email"), [InputRequired(NEEDS_EMAIL), an_email], [one_line])
    current = PasswordField(_l("Present password"), [InputRequired(NEEDS_PASSWORD)])
