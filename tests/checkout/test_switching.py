"""A code in dollars or in riel: one order, two codes at most, one payment that counts."""

import re
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.checkout import asking, jobs, paying
from app.checkout.payments import khqr
from app.core.db import db
from app.demo.fake_bakong import FakeBakong
from tests import trade
from tests.checkout.till_people import address, kinds, let_time_pass, ordered, paid

pytestmark = pytest.mark.usefixtures("bank")
CODES = text(
    "SELECT p.*, o.order_number, o.status AS order_status, o.payment_status FROM payments p"
    " JOIN orders o ON o.id = p.order_id WHERE o.order_number = :number ORDER BY p.id"
)
RIEL = {"currency": "KHR", "amount": 57400.0}


def codes(number: str) -> list[Any]:
    found = list(db.session.execute(CODES, {"number": number}).all())
    db.session.commit()
    return found


def choose(client: FlaskClient, number: str, currency: str, lang: str = "en") -> Any:
    return client.post(address(number, "/currency", lang), data={"currency": currency})


def pressed(page: str) -> list[str]:
    return re.findall(r'value="(USD|KHR)" aria-pressed="true"', page)


@pytest.mark.parametrize(("lang", "word"), [("en", "riel"), ("km", "រៀល")])
def test_the_payer_chooses_the_currency_of_the_code(client: FlaskClient, lang: str, word: str) -> None:
    owed, _ = ordered()
    where = address(owed.order_number, lang=lang)
    page = client.get(where).get_data(as_text=True)
    assert pressed(page) == ["USD"]
    assert word in page
    answer = choose(client, owed.order_number, "KHR", lang)
    assert (answer.status_code, answer.location) == (303, where)
    page = client.get(where).get_data(as_text=True)
    assert pressed(page) == ["KHR"]
    assert "<strong>57,400\u17db</strong>" in page
    first, second = codes(owed.order_number)
    asked = khqr.decode(second.raw["text"])
    assert (asked.currency, asked.amount, asked.bill) == ("KHR", Decimal(57400), owed.order_number)
    assert (second.amount_khr, second.amount, second.rate) == (57400, Decimal("14.00"), first.rate)
    assert second.md5 == khqr.md5(second.raw["text"]) != first.md5
    assert second.expires_at == first.expires_at
    choose(client, owed.order_number, "USD", lang)
    assert pressed(client.get(where).get_data(as_text=True)) == ["USD"]
    assert [code.md5 for code in codes(owed.order_number)] == [first.md5, second.md5]


def test_the_riel_are_those_of_the_orders_own_rate(client: FlaskClient) -> None:
    owed, _ = ordered()
    newer = "UPDATE exchange_rates SET khr_per_usd = 3900"
    db.session.execute(text(newer))
    db.session.commit()
    choose(client, owed.order_number, "KHR")
    assert codes(owed.order_number)[1].amount_khr == 57400


def test_riel_pay_the_order(client: FlaskClient, bank: FakeBakong) -> None:
    owed, cream = ordered()
    choose(client, owed.order_number, "KHR")
    mark = paid(bank, codes(owed.order_number)[1], **RIEL)
    client.post(address(owed.order_number, "/check"))
    first, second = codes(owed.order_number)
    assert (second.status, second.tx_hash, first.status) == ("paid", mark, "cancelled")
    assert (second.order_status, second.payment_status) == ("confirmed", "paid")
    assert trade.figures(cream) == (5, 1)
    assert choose(client, owed.order_number, "USD").status_code == 303
    assert "Payment received" in client.get(address(owed.order_number)).get_data(as_text=True)


def test_the_code_shown_before_still_pays_and_a_second_payment_is_kept(
    client: FlaskClient, bank: FakeBakong
) -> None:
    owed, cream = ordered()
    choose(client, owed.order_number, "KHR")
    earlier = paid(bank, owed)
    done = client.post(address(owed.order_number, "/check")).get_data(as_text=True)
    assert "Payment received" in done
    first, second = codes(owed.order_number)
    assert (first.status, first.tx_hash, second.status) == ("paid", earlier, "cancelled")
    twice = paid(bank, second, **RIEL)
    db.session.execute(text("UPDATE payments SET updated_at = now() - interval '2 minutes'"))
    db.session.commit()
    assert jobs.sweep()["held"] == 1
    assert [(one.kind, one.data["transaction"]["hash"]) for one in paying.held()] == [
        ("held_duplicate", twice)
    ]
    assert "Payment received" in client.get(address(owed.order_number)).get_data(as_text=True)
    assert trade.figures(cream) == (5, 1)


@pytest.mark.parametrize("wrong", [{"amount": 57300.0}, {"amount": 14.0}, {"currency": "USD"}])
def test_riel_that_do_not_fit_are_kept(client: FlaskClient, bank: FakeBakong, wrong: dict[str, Any]) -> None:
    owed, _ = ordered()
    choose(client, owed.order_number, "KHR")
    riel = codes(owed.order_number)[1]
    paid(bank, riel, **RIEL | wrong)
    assert asking.ask(riel.id)[1] == "held"
    choose(client, owed.order_number, "USD")
    page = client.get(address(owed.order_number)).get_data(as_text=True)
    assert "does not fit" in page
    assert pressed(page) == []
    assert [code.status for code in codes(owed.order_number)] == ["pending", "pending"]


def test_both_codes_end_together_and_the_order_once(client: FlaskClient) -> None:
    owed, cream = ordered()
    choose(client, owed.order_number, "KHR")
    for code in codes(owed.order_number):
        let_time_pass(code)
    assert jobs.sweep()["expired"] == 2
    assert [(code.status, code.order_status) for code in codes(owed.order_number)] == [
        ("expired", "cancelled")
    ] * 2
    assert kinds(owed) == ["expired"]
    assert trade.figures(cream) == (5, 0)
    choose(client, owed.order_number, "USD")
    assert [code.status for code in codes(owed.order_number)] == ["expired", "expired"]


def test_only_a_khqr_payment_has_a_choice(client: FlaskClient) -> None:
    transfer, _ = ordered("bank_transfer")
    assert choose(client, transfer.order_number, "KHR").status_code == 404
    owed, _ = ordered()
    for nonsense in ("", "khr", "EUR"):
        assert choose(client, owed.order_number, nonsense).status_code == 404
    assert len(codes(owed.order_number)) == 1
