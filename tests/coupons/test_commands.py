"""`flask coupons`: a live example, switching, and proving the counts."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.coupons.models import Coupon


@pytest.fixture(autouse=True)
def lotus(db_session: Any) -> Any:
    db_session.add(Coupon(code="LOTUS", name_en="Ten off", type="percentage", value=10, min_order_value=20))
    db_session.commit()
    return db_session


@pytest.mark.parametrize(
    ("argv", "code", "told"),
    [
        (["try", "lotus", "56"], 0, "on $56.00 saves $5.60"),
        (["try", "LOTUS", "19.99"], 1, "$0.01 more and it counts"),
        (["try", "nothing", "56"], 1, "We do not know this code"),
        (["try", "lotus", "much"], 2, "is no amount"),
        (["switch", "lotus", "inactive"], 0, "LOTUS is inactive"),
        (["switch", "nothing", "inactive"], 1, "no coupon"),
        (["list"], 0, "LOTUS"),
        (["prove"], 0, "every count is right"),
    ],
)
def test_commands(app: Flask, argv: list[str], code: int, told: str) -> None:
    result = app.test_cli_runner().invoke(args=["coupons", *argv])
    assert (result.exit_code, told in result.output) == (code, True), result.output


def test_a_wrong_count_is_put_right(app: Flask, lotus: Any) -> None:
    lotus.execute(text("UPDATE coupons SET used_count = 3 WHERE code = 'LOTUS'"))
    lotus.commit()
    result = app.test_cli_runner().invoke(args=["coupons", "prove"])
    assert (result.exit_code, result.output) == (1, "LOTUS: 3 noted, 0 live\n")
    assert lotus.execute(text("SELECT used_count FROM coupons WHERE code = 'LOTUS'")).scalar() == 0
