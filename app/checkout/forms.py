"""The shape of the checkout form: one page, eleven answers; the domain checks what is true."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length

from app.checkout.placing import Details
from app.core import clean, phones, security
from app.core.forms import Form
from app.coupons import rules

KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
MOST = Decimal("99999999.99")
Choices = Iterable[tuple[str, str]]


def line(limit: int) -> Any:
    """A filter: one clean line of at most `limit` characters."""
    return lambda value: clean.line(value, limit)


class CheckoutForm(Form):
    """Who gets the parcel, where, how it travels and how it is paid."""

    name = StringField(
        _l("Recipient name"), [InputRequired(_l("Tell us who receives the parcel."))], [line(100)]
    )
    phone = TelField(
        _l("Phone number"), [InputRequired(_l("Tell us a phone number for the rider."))], [line(40)]
    )
    email = EmailField(_l("Email"), filters=[line(254)])
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
    note = TextAreaField(_l("Note to seller"), filters=[lambda value: clean.block(value, 500)])
    keep_address = BooleanField(_l("Keep this address for next time"))
    shipping_method = RadioField(
        _l("Delivery"), [InputRequired(_l("Choose how we deliver."))], validate_choice=False
    )
    payment_method = RadioField(
        _l("Payment method"), [InputRequired(_l("Choose how you pay."))], validate_choice=False
    )
    cash = SelectField(_l("I pay with"), validate_choice=False)
    coupon_code = StringField(_l("Coupon code"), filters=[line(rules.LONGEST)])
    idempotency_key = HiddenField(filters=[line(64)])
    quoted_total = HiddenField(filters=[line(20)])

    def validate_phone(self, field: Any) -> None:
        if phones.parse(field.data) is None:
            raise ValidationError(_l("Please check the phone number, for example 012 345 678."))

    def validate_email(self, field: Any) -> None:
        if not field.data:
            return
        try:
            validate_email(field.data, check_deliverability=False)
        except EmailNotValidError as error:
            raise ValidationError(_l("Invalid email address.")) from error

    def details(self, language: str) -> Details:
        """The valid form's answers in stored form."""
        email = (
            validate_email(self.email.data, check_deliverability=False).normalized
            if self.email.data
            else None
        )
        return Details(
            name=self.name.data,
            phone=phones.parse(self.phone.data) or "",
            email=email,
            province=self.province.data,
            district=self.district.data,
            commune=self.commune.data,
            address_line=self.address_line.data,
            note=self.note.data or None,
            shipping_method=self.shipping_method.data,
            payment_method=self.payment_method.data,
            idempotency_key=self.key(),
            quoted_total=amount(self.quoted_total.data),
            language=language,
            cash=self.cash.data or "",
        )

    def key(self) -> str:
        """The form's own key, a new one where none (or nonsense) was sent."""
        if not KEY.fullmatch(self.idempotency_key.data or ""):
            self.idempotency_key.data = security.new_token()
        return str(self.idempotency_key.data)

    def choose(self, name: str, choices: Choices, otherwise: str = "") -> None:
        """Offer a field's choices; an answer that is not among them becomes `otherwise`."""
        field = self[name]
        field.choices = list(choices)
        if field.data not in {code for code, _ in field.choices}:
            field.data = otherwise

    def blame(self, fields: Mapping[str, Any]) -> None:
        """Put the domain's messages on their fields."""
        for name, message in fields.items():
            self[name].errors = [str(message)]


def amount(text: str | None) -> Decimal:
    """The total that came back with the form; -1, which equals no total, for anything that is no amount."""
    try:
        value = Decimal(text or "")
    except InvalidOperation:
        return Decimal(-1)
    return value if value.is_finite() and 0 <= value <= MOST else Decimal(-1)
