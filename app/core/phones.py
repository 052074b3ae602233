"""Phone numbers: read in any notation (Khmer digits too), kept as E.164, shown the way people here write them."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

HOME = "KH"


def parse(text: str | None) -> str | None:
    """The number as E.164, None when it is no valid number. Without a country code it is a Cambodian one."""
    if not text or len(text) > 60:
        return None
    try:
        number = phonenumbers.parse(text, HOME)
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number) or number.extension:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def national(e164: str) -> str:
    """`+85512345678` -> `012 345 678`; numbers of other countries keep their code."""
    try:
        number = phonenumbers.parse(e164, None)
    except NumberParseException:
        return e164
    home = number.country_code == 855
    shape = PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, shape)
