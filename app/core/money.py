"""Dollars and riel as texts; riel is presentation, computed once from a dollar amount and rounded to 100."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """The amount rounded half up to whole cents."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def usd(amount: Decimal | int) -> str:
    """`$1,234.50`, the same in both languages."""
    sign = "-" if amount < 0 else ""
    return f"{sign}${abs(Decimal(amount)):,.2f}"


def riel(amount: Decimal, rate: Decimal) -> int:
    """The dollar amount in riel at `rate` riel a dollar, half up to 100."""
    return int((amount * rate / 100).quantize(Decimal(1), ROUND_HALF_UP)) * 100


def khr(amount: Decimal, rate: Decimal) -> str:
    """`51,300` and the riel sign."""
    return f"{riel(amount, rate):,}\u17db"
