"""Quotes, promises and addresses by province."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from app.core.errors import Invalid
from app.shipping import rates
from tests import trade
from tests.trade import HOME


@pytest.fixture(autouse=True)
def places(db_session: Any) -> Any:
    trade.ground()
    yield db_session
    rates.forget()


def test_every_province_has_a_way_of_delivery() -> None:
    every = rates.provinces(khmer=False)
    assert len(every) == 25
    assert every[0].name_en == "Phnom Penh"
    assert all(rates.quotes(place.code) for place in every)


def test_the_tariff_is_read_once(counted: Any) -> None:
    rates.tariff()
    with counted() as statements:
        rates.quotes("12")
        rates.usual("17")
        rates.provinces(khmer=True)
    assert statements == []


def test_a_place_without_rates_has_none() -> None:
    assert rates.quotes("99") == ()
    assert rates.usual("") is None
    assert rates.districts("") == []


def test_an_order_before_the_cut_off_arrives_the_same_day() -> None:
    rate = rates.usual("12")
    assert rate
    noon = datetime(2026, 11, 3, 5, 0, tzinfo=UTC)
    evening = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
    assert rates.promise(rate, noon).today
    late = rates.promise(rate, evening)
    assert not late.today
    assert (late.earliest.day, late.latest.day) == (4, 5)


def test_an_address_is_checked_in_one_statement(counted: Any) -> None:
    with counted() as statements:
        found = rates.destination(**HOME, method="standard")
    assert len(statements) == 1
    assert (found.province.name_en, found.rate.method) == ("Phnom Penh", "standard")


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"province": "99"}, {"province", "district", "commune", "shipping_method"}),
        ({"province": "17"}, {"district", "commune"}),
        ({"commune": "010201"}, {"commune"}),
        ({"commune": ""}, {"commune"}),
        ({"method": "teleport"}, {"shipping_method"}),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, str], fields: set[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        rates.destination(**({**HOME, "method": "standard"} | change))
    assert set(refusal.value.fields) == fields


def test_a_rate_that_is_off_is_not_offered(places: Any) -> None:
    places.execute(text("UPDATE shipping_rates SET is_active = false WHERE method = 'express'"))
    rates.forget()
    assert [rate.method for rate in rates.quotes("12")] == ["standard"]
