"""How an average of stars is told: to one place, half up, the same wherever it stands."""

from decimal import ROUND_HALF_UP, Decimal

EXACT, SHORT = Decimal("0.01"), Decimal("0.1")


def average(stars: int, reviews: int) -> Decimal:
    """The average as `products.rating_avg` holds it, 0 without reviews."""
    return (Decimal(stars) / (reviews or 1)).quantize(EXACT, ROUND_HALF_UP)


def told(average: Decimal) -> str:
    """`4.6` of 4.55."""
    return str(average.quantize(SHORT, ROUND_HALF_UP))
