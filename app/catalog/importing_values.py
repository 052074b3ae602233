"""What the cells of an export mean: amounts, sizes, yes and no, skin types, concerns, shelves."""

import re
from decimal import Decimal, InvalidOperation

MOST_DOLLARS = Decimal("99999999.99")
SKIN_TYPES = ("oily", "dry", "combination", "sensitive", "normal", "acne", "all")
SKIN_WORDS = {
    "combo": "combination", "mixed": "combination", "acne-prone": "acne", "acne prone": "acne", "blemish-prone": "acne",
    "all skin types": "all", "all types": "all", "any": "all", "very dry": "dry", "mature": "dry",
}  # fmt: skip
CONCERNS = {
    "acne": "acne", "blemishes": "acne", "breakouts": "acne", "blackheads": "blackheads", "pores": "pores",
    "large pores": "pores", "shine": "shine", "oiliness": "shine", "excess oil": "shine", "dryness": "dryness",
    "dehydration": "hydration", "hydration": "hydration", "sensitivity": "sensitivity", "irritation": "sensitivity",
    "redness": "redness", "rosacea": "redness", "dullness": "dullness", "dark spots": "dark_spots",
    "hyperpigmentation": "dark_spots", "pigmentation": "dark_spots", "melasma": "dark_spots",
    "acne marks": "acne_marks", "scars": "acne_marks", "aging": "aging", "ageing": "aging", "anti-aging": "aging",
    "fine lines": "aging", "wrinkles": "aging", "loss of firmness": "aging", "firmness": "aging",
    "uneven texture": "texture", "texture": "texture", "makeup": "makeup", "sun": "sun", "sun damage": "sun",
    "sun protection": "sun", "uv": "sun", "dark circles": "dark_circles", "puffiness": "dark_circles",
}  # fmt: skip
TRUE = {"1", "true", "yes", "y", "t", "x", "in stock", "instock", "available"}
FALSE = {"0", "false", "no", "n", "f", "", "out of stock", "outofstock", "unavailable", "sold out"}
STATUSES = {
    "active": "active",
    "published": "active",
    "draft": "draft",
    "archived": "archived",
    "inactive": "draft",
}

_MONEY = re.compile(r"(?:US)?\$?\s*(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*(?:USD|\$)?", re.IGNORECASE)
_LIST = re.compile(r"\s*[|,;/]\s*")
_PATH = re.compile(r"\s*(?:>|\u203a|\u00bb)\s*")
_AMOUNT = re.compile(
    r"(?:(?P<times>\d{1,3})\s*[x\u00d7]\s*)?(?P<amount>\d+(?:\.\d+)?|\.\d+)\s*(?P<unit>ml|l|kg|g|mg|fl\.?\s*oz|oz)\b",
    re.IGNORECASE,
)
_PIECES = re.compile(
    r"(\d{1,4})\s+(?:\w+\s+){0,2}?(masks?|capsules?|pads?|wipes|sheets|patches|pairs?|treatments?|vials|tablets|"
    r"packettes|dots|pieces|pcs|pack)\b", re.IGNORECASE,
)  # fmt: skip
_METRIC = {"ml": ("ml", "1"), "l": ("ml", "1000"), "g": ("g", "1"), "kg": ("g", "1000"), "mg": ("g", "0.001")}
FLUID_OUNCE = Decimal("29.5735")


class BadValue(ValueError):
    """A cell that says nothing usable; the text says what was expected."""


def money(text: str) -> Decimal:
    """Dollars, "$1,299.00" too, to the cent. Raises BadValue."""
    match = _MONEY.fullmatch(text.strip())
    if not match:
        raise BadValue("is not an amount of dollars")
    amount = Decimal(match[1].replace(",", "") + (match[2] or "")).quantize(Decimal("0.01"))
    if amount > MOST_DOLLARS:
        raise BadValue("is more than the shop can book")
    return amount


def price(text: str) -> Decimal:
    """Dollars above zero. Raises BadValue."""
    amount = money(text)
    if amount <= 0:
        raise BadValue("must be more than zero")
    return amount


def whole(text: str) -> int:
    """A count from 0 to a million, "12.0" too. Raises BadValue."""
    try:
        number = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        raise BadValue("is not a whole number") from None
    if not number.is_finite() or number != number.to_integral_value() or not 0 <= number <= 100_000_000:
        raise BadValue("is not a whole number from 0 on")
    return int(number)


def rating(text: str) -> Decimal:
    """An average from 0 to 5. Raises BadValue."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise BadValue("is not a rating") from None
    if not number.is_finite() or not 0 <= number <= 5:
        raise BadValue("is not a rating from 0 to 5")
    return number.quantize(Decimal("0.01"))


def yes(text: str) -> bool:
    """True or false as shops write it. Raises BadValue."""
    word = text.strip().lower()
    if word in TRUE or word in FALSE:
        return word in TRUE
    raise BadValue("is neither yes nor no")


def size(text: str) -> tuple[Decimal, str]:
    """The amount and "ml", "g" or "pcs"; metric before ounces ("1 oz/ 30 mL" is 30 ml). Raises BadValue."""
    found = list(_AMOUNT.finditer(text))
    metric = [match for match in found if match["unit"].lower() in _METRIC]
    if metric:
        unit, factor = _METRIC[metric[0]["unit"].lower()]
        amount = Decimal(metric[0]["amount"]) * Decimal(factor)
    elif found:
        unit, amount = "ml", (Decimal(found[0]["amount"]) * FLUID_OUNCE).quantize(Decimal(1))
    elif pieces := _PIECES.search(text):
        unit, amount = "pcs", Decimal(pieces[1])
    else:
        raise BadValue("holds no amount that can be compared")
    times = next((int(match["times"]) for match in found if match["times"]), 1)
    amount = (amount * times).quantize(Decimal("0.01"))
    if not 0 < amount < 1_000_000:
        raise BadValue("is no possible size")
    return amount, unit


def skin_types(text: str) -> tuple[list[str], list[str]]:
    """The known skin types in a list, in its order, and the words that are none."""
    words = [word.strip().lower().removesuffix(" skin").strip() for word in _LIST.split(text) if word.strip()]
    named = [SKIN_WORDS.get(word, word) for word in words]
    known = list(dict.fromkeys(name for name in named if name in SKIN_TYPES))
    return known, [word for word, name in zip(words, named, strict=True) if name not in SKIN_TYPES]


def concerns(text: str) -> tuple[list[str], list[str]]:
    """The codes of the concerns in a list, and the words that are none of ours."""
    words = [word.strip().lower().replace("_", " ") for word in _LIST.split(text) if word.strip()]
    known = list(dict.fromkeys(CONCERNS[word] for word in words if word in CONCERNS))
    return known, [word for word in words if word not in CONCERNS]


def status(text: str) -> str:
    """draft, active or archived. Raises BadValue."""
    word = text.strip().lower()
    if word in STATUSES:
        return STATUSES[word]
    return "active" if yes(text) else "draft"


def shelf_path(cells: list[str]) -> tuple[str, ...]:
    """The names of the shelves from the root down; a shelf that repeats the one above it counts once."""
    names = [name.strip()[:100] for cell in cells for name in _PATH.split(cell) if name.strip()]
    return tuple(name for n, name in enumerate(names) if n == 0 or name.lower() != names[n - 1].lower())
