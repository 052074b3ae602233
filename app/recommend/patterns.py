"""A customer's purchases as one document of user_purchase_patterns. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from statistics import fmean
from typing import Any

from app.core.schedule import PHNOM_PENH

VERSION = "patterns-1"
STEPS = ("cleanser", "moisturizer", "serum", "toner", "sunscreen", "treatment")
CONCERNS = ("acne", "aging", "hydration", "brightening", "sensitivity")
SEASONS = {"cool": (11, 12, 1, 2), "hot": (3, 4, 5), "rainy": (6, 7, 8, 9, 10)}


def pattern(user_id: int, lines: Sequence[Any], baskets: Sequence[Any], now: datetime) -> dict[str, Any]:
    """`lines` are the customer's rows of user_purchase_matrix, `baskets` the orders by time; either may be empty.

    purchase_vector counts purchases by category, concern_preferences are shares, money is in dollars.
    """
    return {
        "user_id": user_id,
        "skin_type": lines[0].skin_type if lines else None,
        "purchase_vector": purchase_vector(lines),
        "concern_preferences": concern_preferences(lines),
        "behavioral_features": {
            "avg_order_value": round(fmean(float(each.total) for each in baskets), 2) if baskets else 0.0,
            "purchase_frequency_days": frequency([each.placed_at for each in baskets]),
            "brand_loyalty_score": loyalty(lines),
            "price_sensitivity": bargains(baskets),
            "seasonal_patterns": seasons([each.placed_at for each in baskets]),
        },
        "products": sorted({line.product_id for line in lines}),
        "last_updated": now,
    }


def purchase_vector(lines: Sequence[Any]) -> dict[str, int]:
    """How often each category was bought; the six steps of a routine are always there."""
    counts = Counter(dict.fromkeys(STEPS, 0))
    for line in lines:
        counts[line.category] += line.purchase_count
    return dict(counts)


def concern_preferences(lines: Sequence[Any]) -> dict[str, float]:
    """The share of purchases made for each concern; the design document's five are always there."""
    counts = Counter(dict.fromkeys(CONCERNS, 0))
    for line in lines:
        for concern in line.skin_concerns or []:
            counts[concern] += line.purchase_count
    total = sum(counts.values()) or 1
    return {concern: round(count / total, 4) for concern, count in counts.items()}


def frequency(times: Sequence[datetime]) -> float | None:
    """Mean days between orders; None below two orders."""
    if len(times) < 2:
        return None
    return round((times[-1] - times[0]).total_seconds() / 86400 / (len(times) - 1), 1)


def loyalty(lines: Sequence[Any]) -> float:
    """The share of purchases that the favourite brand has, 0 without purchases."""
    counts: Counter[int] = Counter()
    for line in lines:
        counts[line.brand_id or 0] += line.purchase_count
    return round(max(counts.values()) / counts.total(), 4) if counts.total() else 0.0


def bargains(baskets: Sequence[Any]) -> float:
    """The share of orders with a discount, 0 without orders."""
    return round(fmean(each.discount_amount > 0 for each in baskets), 4) if baskets else 0.0


def seasons(times: Sequence[datetime]) -> dict[str, int]:
    """Orders by Cambodia's seasons, by the day in Phnom Penh."""
    months = Counter(time.astimezone(PHNOM_PENH).month for time in times)
    return {season: sum(months[month] for month in span) for season, span in SEASONS.items()}
