"""Finding an order: by its link, or by number and phone; nothing else opens it."""

from typing import Any

import pytest
from sqlalchemy import text

from app.checkout import placing
from app.core.errors import NotFound, TooMany
from app.orders import queries
from tests import trade

PHONE = "+85512345678"


@pytest.fixture
def number(db_session: Any) -> str:
    trade.ground()
    token = trade.cart({trade.product(): 1})
    return placing.place(trade.buyer(token), trade.details("14.00")).number


def test_the_link_opens_it_in_three_statements(number: str, counted: Any) -> None:
    token = queries.signature(number, 1)
    with counted() as statements:
        found = queries.by_token(number, token)
    assert len(statements) == 3
    assert found.order.order_number == number
    assert [step.status for step in found.steps if step.current] == ["pending"]
    assert found.fact("latest")


@pytest.mark.parametrize("token", [None, "", "0" * 32, "\u1791"])
def test_the_number_alone_opens_nothing(number: str, token: str | None) -> None:
    with pytest.raises(NotFound):
        queries.by_token(number, token)


def test_another_orders_token_opens_nothing(number: str) -> None:
    with pytest.raises(NotFound):
        queries.by_token(number, queries.signature("SK-261123-00001-X", 1))


def test_raising_the_access_version_kills_the_link(db_session: Any, number: str) -> None:
    token = queries.signature(number, 1)
    db_session.execute(text("UPDATE orders SET access_version = 2 WHERE order_number = :n"), {"n": number})
    with pytest.raises(NotFound):
        queries.by_token(number, token)
    assert queries.by_token(number, queries.signature(number, 2))


def test_number_and_phone_give_the_link(number: str) -> None:
    found = queries.track(number.lower().replace("-", " "), PHONE, None)
    assert found == (number, queries.signature(number, 1))


@pytest.mark.parametrize("phone", [None, "+85512345679"])
def test_a_wrong_phone_and_an_unknown_number_are_the_same(number: str, phone: str | None) -> None:
    assert queries.track(number, phone, None) is None
    assert queries.track("SK-261123-99999-X", PHONE, None) is None
    assert queries.track("nonsense", PHONE, None) is None


@pytest.mark.parametrize("known", [True, False])
def test_five_wrong_tries_an_hour_and_then_even_the_right_phone_waits(number: str, known: bool) -> None:
    wanted = number if known else "SK-261123-99999-X"
    for _ in range(5):
        assert queries.track(wanted, "+85599999999", "127.0.0.1") is None
    with pytest.raises(TooMany):
        queries.track(wanted, PHONE, "127.0.0.1")


def test_an_hour_later_it_opens_again(db_session: Any, number: str) -> None:
    for _ in range(5):
        queries.track(number, "+85599999999", None)
    db_session.execute(text("UPDATE login_attempts SET created_at = created_at - interval '61 minutes'"))
    assert queries.track(number, PHONE, None)
