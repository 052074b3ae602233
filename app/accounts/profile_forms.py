"""The shape of a person's own facts: name, birthday, language, address, skin, consent."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts.addresses import Details
from app.accounts.forms import a_phone
from app.accounts.profile import About
from app.core import clean, phones
from app.core.forms import Form
from app.core.i18n import locale_to_db
from app.core.schedule import PHNOM_PENH

EARLIEST = date(1900, 1, 1)
THEMES = {"auto": _l("Auto"), "light": _l("Light"), "dark": _l("Dark")}


def line(limit: int) -> Any:
    """A filter: one clean line of at most `limit` characters."""
    return lambda value: clean.line(value, limit)


def today() -> date:
    """The day in Phnom Penh."""
    return datetime.now(PHNOM_PENH).date()


class TickField(SelectMultipleField):  # type: ignore[misc]
    """Any number of choices as tick boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ProfileForm(Form):
    """Who somebody is, and how they want the shop to look."""

    first_name = StringField(_l("First name"), filters=[line(100)])
    last_name = StringField(_l("Last name"), filters=[line(100)])
    phone = TelField(_l("Phone number"), [Optional(), a_phone], [line(40)])
    date_of_birth = DateField(_l("Date of birth"), [Optional()])
    gender = SelectField(
        _l("Gender"),
        choices=[
            SelectChoice("", _l("I would rather not say")),
            SelectChoice("female", _l("Female")),
            SelectChoice("male", _l("Male")),
            SelectChoice("other", _l("Other")),
        ],
    )
    language = RadioField(
        _l("Language"), choices=[SelectChoice("km", _l("Khmer")), SelectChoice("en", _l("English"))]
    )
    theme = RadioField(_l("Colours"), choices=[SelectChoice(code, label) for code, label in THEMES.items()])

    def validate_date_of_birth(self, field: Any) -> None:
        if field.data and not EARLIEST <= field.data <= today():
            raise ValidationError(_l("Please check the date of birth."))

    def about(self) -> About:
        """The valid form's answers in stored form."""
        return About(
            first_name=self.first_name.data or None,
            last_name=self.last_name.data or None,
            phone=phones.parse(self.phone.data),
            date_of_birth=self.date_of_birth.data,
            gender=self.gender.data or None,
            language=locale_to_db(self.language.data),
        )


class AddressForm(Form):
    """Where parcels go; the places are choices that depend on each other."""

    name = StringField(
        _l("Recipient name"), [InputRequired(_l("Tell us who receives the parcel."))], [line(100)]
    )
    phone = TelField(
        _l("Phone number"), [InputRequired(_l("Tell us a phone number for the rider.")), a_phone], [line(40)]
    )
    province = SelectField(
        _l("Province / Capital"), [InputRequired(_l("Choose a province."))], validate_choice=False
    )
    district = SelectField(_l("District"), [InputRequired(_l("Choose a district."))], validate_choice=False)
    commune = SelectField(_l("Commune"), [InputRequired(_l("Choose a commune."))], validate_choice=False)
    address_line = StringField(
        _l("House, street or landmark"),
        [
            InputRequired(_l("Tell the rider how to find you.")),
            Length(min=3, message=_l("Tell the rider how to find you.")),
        ],
        [line(255)],
    )
    note = TextAreaField(_l("Note for the rider"), filters=[lambda value: clean.block(value, 500)])
    usual = BooleanField(_l("My usual address"))

    def details(self) -> Details:
        """The valid form's answers in stored form."""
        return Details(
            name=self.name.data,
            phone=phones.parse(self.phone.data) or "",
            province=self.province.data,
            district=self.district.data,
            commune=self.commune.data,
            address_line=self.address_line.data,
            note=self.note.data or None,
        )

    def fill(self, address: Any) -> None:
        """Show a kept address."""
        self.name.data = address.full_name
        self.phone.data = phones.national(address.phone or "")
        self.province.data = address.province_code
        self.district.data = address.district_code
        self.commune.data = address.commune_code
        self.address_line.data = address.address_line1
        self.note.data = address.note
        self.usual.data = address.is_default


class SkinForm(Form):
    """Skin type, what bothers, what is wished for, what to keep away from; the choices come with the vocabulary."""

    skin_type = RadioField(_l("Skin type"), validate_choice=False)
    concerns = TickField(_l("What bothers you"), validate_choice=False)
    goals = TickField(_l("What you wish for"), validate_choice=False)
    kinds = TickField(_l("Leave these out"), validate_choice=False)
    others = StringField(_l("Other ingredients to avoid"), filters=[line(500)])

    def chosen(self, name: str) -> list[str]:
        """The ticked values that are really offered."""
        return [value for value, _ in self[name].choices if value in (self[name].data or [])]
