"""Purchase patterns: what the design document asks for, from rows of purchases and orders."""

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace as Row
from typing import Any

from app.recommend.patterns import CONCERNS, STEPS, pattern

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def line(product: int, category: str, count: int, brand: int, concerns: list[str]) -> Any:
    facts = {"category": category, "purchase_count": count, "brand_id": brand, "skin_concerns": concerns}
    return Row(product_id=product, skin_type="oily", **facts)


def order(total: str, discount: str, placed: datetime) -> Any:
    return Row(total=Decimal(total), discount_amount=Decimal(discount), placed_at=placed)


def test_a_customer_in_numbers() -> None:
    lines = [line(1, "serum", 3, 7, ["acne", "shine"]), line(2, "lip", 1, 8, [])]
    orders = [
        order("20.00", "0", datetime(2026, 4, 1, tzinfo=UTC)),
        order("30.00", "5", datetime(2026, 4, 21, tzinfo=UTC)),
        order("40.00", "0", datetime(2026, 10, 31, 17, 30, tzinfo=UTC)),
    ]
    found = pattern(5, lines, orders, NOW)
    assert found["purchase_vector"] == dict.fromkeys(STEPS, 0) | {"serum": 3, "lip": 1}
    assert found["concern_preferences"] == dict.fromkeys(CONCERNS, 0.0) | {"acne": 0.5, "shine": 0.5}
    assert found["behavioral_features"] == {
        "avg_order_value": 30.0,
        "purchase_frequency_days": 106.9,
        "brand_loyalty_score": 0.75,
        "price_sensitivity": 0.3333,
        "seasonal_patterns": {"cool": 1, "hot": 2, "rainy": 0},
    }
    assert found["products"] == [1, 2]


def test_a_customer_whose_orders_were_all_cancelled() -> None:
    found = pattern(5, [], [], NOW)
    assert found["skin_type"] is None
    assert set(found["purchase_vector"].values()) == {0}
    assert found["behavioral_features"]["purchase_frequency_days"] is None
