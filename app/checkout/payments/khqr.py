"""KHQR, the National Bank's payment code: a Code becomes its text, a text becomes a Code or is refused.

Fields lie in the text as two digits of tag, two of length (UTF-16 units), value; the last is a CRC-16 over UTF-8.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

CURRENCIES = {"USD": "840", "KHR": "116"}
COSMETICS_SHOP = "5977"
LIMITS = {"name": 25, "city": 15, "account": 32, "merchant_id": 32, "bank": 32}
EXTRAS = {"bill": "01", "mobile": "02", "store": "03", "terminal": "07", "purpose": "08"}
ACCOUNT = re.compile(r"[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+")
MOMENT = re.compile(r"[0-9]{13}")
AMOUNT = {
    "USD": re.compile(r"(0|[1-9][0-9]{0,9})(\.[0-9]{2})?"),
    "KHR": re.compile(r"[1-9][0-9]{0,12}"),
}
ORDER = ("00", "01", "29", "30", "52", "53", "54", "58", "59", "60", "62", "64", "99", "63")


class BadCode(ValueError):
    """Not a KHQR code, or one that the shop must not make; the text says what is wrong."""


@dataclass(frozen=True)
class Alternate:
    """The receiver in a second language: its two letters, the name and maybe the city."""

    language: str
    name: str
    city: str | None = None


@dataclass(frozen=True)
class Code:
    """Who receives how much. An amount needs both times (milliseconds); without one the payer types it.

    A merchant id makes it a merchant's code, else it is a person's. `amount` is whole riel or dollars and cents.
    """

    account: str
    name: str
    city: str
    currency: str
    amount: Decimal | None = None
    merchant_id: str | None = None
    bank: str | None = None
    bill: str | None = None
    mobile: str | None = None
    store: str | None = None
    terminal: str | None = None
    purpose: str | None = None
    alternate: Alternate | None = None
    created_ms: int | None = None
    expires_ms: int | None = None
    mcc: str = COSMETICS_SHOP


def encode(code: Code) -> str:
    """The text of the code. Raises BadCode for what no bank would take."""
    _check(code)
    dynamic = code.amount is not None
    receiver = {"00": code.account, "01": code.merchant_id, "02": code.bank}
    fields = {
        "00": "01",
        "01": "12" if dynamic else "11",
        "30" if code.merchant_id else "29": _join(receiver),
        "52": code.mcc,
        "53": CURRENCIES[code.currency],
        "54": _written(code.amount) if code.amount is not None else None,
        "58": "KH",
        "59": code.name,
        "60": code.city,
        "62": _join({tag: getattr(code, name) for name, tag in EXTRAS.items()}),
        "64": _join(_second_language(code.alternate)),
        "99": _join({"00": str(code.created_ms), "01": str(code.expires_ms)}) if dynamic else None,
    }
    body = _join(fields) + "6304"
    return body + crc(body)


def decode(text: str) -> Code:
    """The Code whose text this is, to the letter. Raises BadCode for every other text."""
    if len(text) < 12 or text[-8:-4] != "6304" or crc(text[:-4]) != text[-4:]:
        raise BadCode("the check sum does not fit")
    fields = dict(_split(text))
    if list(fields) != [tag for tag in ORDER if tag in fields]:
        raise BadCode("unknown, repeated or misplaced fields")
    try:
        code = _read(fields)
    except (KeyError, InvalidOperation, StopIteration) as error:
        raise BadCode(f"a field is missing or malformed: {error}") from error
    if encode(code) != text:
        raise BadCode("not written as the standard writes it")
    return code


def md5(text: str) -> str:
    """The handle by which the bank knows the code's payment."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def crc(text: str) -> str:
    """CRC-16/CCITT-FALSE over the UTF-8 bytes, four capital hex digits."""
    register = 0xFFFF
    for byte in text.encode("utf-8", "surrogatepass"):
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1) ^ (0x1021 if register & 0x8000 else 0)
        register &= 0xFFFF
    return f"{register:04X}"


def units(text: str) -> int:
    """The length of a text in UTF-16 units, which is what KHQR counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _check(code: Code) -> None:
    facts = {
        "account": ACCOUNT.fullmatch(code.account) is not None,
        "currency": code.currency in CURRENCIES,
        "name": bool(code.name),
        "city": bool(code.city),
        "mcc": re.fullmatch("[0-9]{4}", code.mcc) is not None,
        "bank": bool(code.bank) or not code.merchant_id,
        "times": _times_fit(code),
    }
    facts |= {f"{name} too long": units(getattr(code, name) or "") <= most for name, most in LIMITS.items()}
    facts |= {f"{name} too long": units(getattr(code, name) or "") <= 25 for name in EXTRAS}
    facts["amount"] = code.amount is None or (facts["currency"] and _payable(code.amount, code.currency))
    wrong = [name for name, holds in facts.items() if not holds]
    if wrong:
        raise BadCode(f"wrong: {', '.join(wrong)}")


def _times_fit(code: Code) -> bool:
    if code.amount is None:
        return code.created_ms is None and code.expires_ms is None
    times = (str(code.created_ms), str(code.expires_ms))
    return all(MOMENT.fullmatch(time) for time in times) and times[0] < times[1]


def _payable(amount: Decimal, currency: str) -> bool:
    if not amount.is_finite() or amount <= 0:
        return False
    smallest = Decimal("0.01") if currency == "USD" else Decimal(1)
    whole = amount % smallest == 0
    return whole and AMOUNT[currency].fullmatch(_written(amount)) is not None


def _written(amount: Decimal) -> str:
    return f"{amount:.0f}" if amount == amount.to_integral_value() else f"{amount:.2f}"


def _second_language(alternate: Alternate | None) -> dict[str, str | None]:
    if alternate is None:
        return {}
    if len(alternate.language) != 2 or not alternate.name:
        raise BadCode("wrong: alternate")
    return {"00": alternate.language, "01": alternate.name, "02": alternate.city}


def _join(fields: Mapping[str, str | None]) -> str:
    parts = []
    for tag, value in fields.items():
        if value:
            if units(value) > 99:
                raise BadCode(f"field {tag} is too long")
            parts.append(f"{tag}{units(value):02}{value}")
    return "".join(parts)


def _split(text: str) -> Iterator[tuple[str, str]]:
    """The fields of a text in their order. Raises BadCode where lengths do not add up."""
    raw = text.encode("utf-16-le", "surrogatepass")
    seen: set[str] = set()
    while raw:
        head = raw[:8].decode("utf-16-le", "replace")
        if not re.fullmatch("[0-9]{4}", head, re.ASCII) or head[:2] in seen:
            raise BadCode("a field begins wrongly or comes twice")
        size = 2 * int(head[2:])
        value, raw = raw[8 : 8 + size], raw[8 + size :]
        if len(value) != size or not size:
            raise BadCode("a field is cut off or empty")
        seen.add(head[:2])
        yield head[:2], value.decode("utf-16-le", "replace")


def _read(fields: Mapping[str, str]) -> Code:
    receiver = dict(_split(fields["30"] if "30" in fields else fields["29"]))
    extras = dict(_split(fields.get("62", "")))
    second = dict(_split(fields.get("64", "")))
    times = dict(_split(fields.get("99", "")))
    return Code(
        account=receiver["00"],
        name=fields["59"],
        city=fields["60"],
        currency=next(name for name, number in CURRENCIES.items() if number == fields["53"]),
        amount=Decimal(fields["54"]) if "54" in fields else None,
        merchant_id=receiver.get("01"),
        bank=receiver.get("02"),
        alternate=Alternate(second["00"], second["01"], second.get("02")) if second else None,
        created_ms=int(times["00"]) if times else None,
        expires_ms=int(times["01"]) if times else None,
        mcc=fields["52"],
        **{name: extras.get(tag) for name, tag in EXTRAS.items()},
    )
