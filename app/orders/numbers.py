"""Order numbers: SK-YYMMDD-NNNNN-C, the Phnom Penh day, a sequence and an ISO 7064 mod 37,36 check character."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

SHOP_ZONE = ZoneInfo("Asia/Phnom_Penh")
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SHAPE = re.compile(r"SK([0-9]{6})([0-9]{5,12})([0-9A-Z])")


def number(sequence: int, placed_at: datetime) -> str:
    """The order number of the `sequence`-th order, placed at that (aware) time."""
    day = placed_at.astimezone(SHOP_ZONE).strftime("%y%m%d")
    check = check_character(f"SK{day}{sequence:05d}")
    return f"SK-{day}-{sequence:05d}-{check}"


def check_character(text: str) -> str:
    """The ISO 7064 mod 37,36 character of capitals and digits: it shows every wrong character and most swaps."""
    product = 36
    for character in text:
        total = (product + ALPHABET.index(character)) % 36 or 36
        product = total * 2 % 37
    return ALPHABET[(37 - product) % 36]


def parse(text: str) -> str | None:
    """The number as it is stored, from any case, spacing and missing hyphens; None when the check fails."""
    packed = "".join(character for character in text.upper() if character in ALPHABET)
    found = SHAPE.fullmatch(packed)
    if not found or check_character(packed[:-1]) != packed[-1]:
        return None
    day, sequence, check = found.groups()
    return f"SK-{day}-{sequence}-{check}"
