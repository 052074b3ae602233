"""The bank answers well, wrongly, late, twice or not at all: every order ends where it should and no money is lost."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.checkout import asking, jobs, paying
from app.checkout.payments import bakong as client
from app.core.db import db
from app.demo.fake_bakong import FakeBakong, nonsense, sleepy, status
from app.inventory import stock
from tests import trade
from tests.checkout.till_people import kinds, let_time_pass, ordered, paid, payment


@pytest.fixture(autouse=True)
def bank(
    app: Flask, db_session: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[FakeBakong]:
    trade.ground()
    with FakeBakong() as made:
        for key, value in {
            "BAKONG_BASE_URL": made.url,
            "BAKONG_TOKEN": made.token,
            "BAKONG_EMAIL": "shop@example.com",
            "SHOP_DATA": str(tmp_path),
        }.items():
            monkeypatch.setitem(app.config, key, value)
        monkeypatch.setattr(client, "TIMEOUT", 20.0)
        yield made


def test_a_good_payment_confirms_the_order_once(bank: FakeBakong) -> None:
    owed, cream = ordered()
    assert asking.ask(owed.id)[0].state == "pending"
    mark = paid(bank, owed)
    assert [asking.ask(owed.id)[1] for _ in range(3)] == ["paid", "nothing", "nothing"]
    now = payment(owed.order_number)
    assert (now.status, now.tx_hash, now.order_status, now.payment_status) == (
        "paid",
        mark,
        "confirmed",
        "paid",
    )
    assert kinds(owed) == ["paid"]
    assert trade.figures(cream) == (5, 1)
    let_time_pass(owed)
    jobs.sweep()
    assert payment(owed.order_number).order_status == "confirmed"


@pytest.mark.parametrize(
    ("problem", "wrong"),
    [
        ("amount", {"amount": 13.99}),
        ("amount", {"amount": 1400}),
        ("amount", {"amount": "14.00 or so"}),
        ("account", {"toAccountId": "thief@aba"}),
        ("currency", {"currency": "KHR"}),
        ("late", {"createdDateMs": int(time.time() * 1000) + 3_600_000}),
    ],
)
def test_money_that_does_not_fit_is_kept_and_pays_nothing(
    bank: FakeBakong, problem: str, wrong: dict[str, Any]
) -> None:
    owed, cream = ordered()
    mark = paid(bank, owed, **wrong)
    assert [asking.ask(owed.id)[1] for _ in range(2)] == ["held", "nothing"]
    now = payment(owed.order_number)
    assert (now.status, now.tx_hash, now.order_status) == ("pending", mark, "pending")
    assert now.evidence["transaction"]["hash"] == mark
    assert [(one.kind, one.order_number) for one in paying.held()] == [(f"held_{problem}", owed.order_number)]
    let_time_pass(owed)
    jobs.sweep()
    assert payment(owed.order_number).order_status == "cancelled"
    assert trade.figures(cream) == (5, 0)
    assert len(paying.held()) == 1


def test_one_transaction_pays_one_order(bank: FakeBakong) -> None:
    (first, _), (second, _) = ordered(), ordered()
    mark = paid(bank, first)
    paid(bank, second, hash=mark)
    assert asking.ask(first.id)[1] == "paid"
    assert asking.ask(second.id)[1] == "held"
    assert payment(second.order_number).order_status == "pending"
    assert kinds(second) == ["held_duplicate"]


def test_a_second_transaction_for_a_paid_order_is_kept(bank: FakeBakong) -> None:
    owed, _ = ordered()
    first = paid(bank, owed)
    asking.ask(owed.id)
    paid(bank, owed)
    assert asking.ask(owed.id)[1] == "held"
    assert payment(owed.order_number).tx_hash == first
    assert kinds(owed) == ["paid", "held_duplicate"]


@pytest.mark.parametrize("answer", [status(403), status(429), status(500), nonsense, sleepy(2.0)])
def test_an_answer_that_says_nothing_changes_nothing(
    bank: FakeBakong, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    owed, _ = ordered()
    paid(bank, owed)
    bank.fail(answer)
    with monkeypatch.context() as hasty:
        hasty.setattr(client, "TIMEOUT", 1.0)
        assert asking.ask(owed.id)[0].state == "unknown"
    assert payment(owed.order_number).status == "pending"
    assert kinds(owed) == []
    assert asking.ask(owed.id)[1] == "paid"


def test_a_dead_token_is_renewed_once_and_kept(bank: FakeBakong, app: Flask) -> None:
    owed, _ = ordered()
    bank.token = "another"
    assert asking.ask(owed.id)[0].state == "pending"
    kept = Path(app.config["SHOP_DATA"]) / "bakong_token"
    assert kept.stat().st_mode & 0o777 == 0o600
    asked = bank.asked
    asking.ask(owed.id)
    assert bank.asked == asked + 1
    bank.fail(status(401), status(401), status(401))
    assert asking.ask(owed.id)[0].state == "unknown"


def test_a_silent_bank_delays_the_end_and_the_last_look_finds_the_payment(bank: FakeBakong) -> None:
    owed, _ = ordered()
    mark = paid(bank, owed)
    let_time_pass(owed)
    bank.fail(status(500))
    assert jobs.sweep()["expired"] == 0
    assert jobs.sweep()["paid"] == 1
    assert payment(owed.order_number).tx_hash == mark


def test_money_for_a_cancelled_order_is_found_and_kept(bank: FakeBakong) -> None:
    owed, cream = ordered()
    let_time_pass(owed)
    assert jobs.sweep()["expired"] == 1
    now = payment(owed.order_number)
    assert (now.status, now.order_status, now.payment_status) == ("expired", "cancelled", "failed")
    paid(bank, owed)
    db.session.execute(text("UPDATE payments SET updated_at = now() - interval '2 minutes'"))
    db.session.commit()
    assert jobs.sweep()["held"] == 1
    assert [one.kind for one in paying.held()] == ["held_late"]
    assert payment(owed.order_number).order_status == "cancelled"
    assert trade.figures(cream) == (5, 0)
    assert stock.prove() == []


def test_riel_codes_ask_for_whole_hundreds_at_the_order_s_rate(
    bank: FakeBakong, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "app.checkout.payments.khqr_payment.receiver",
        lambda: {"account": "kesor@aba", "name": "KESOR", "city": "Phnom Penh", "currency": "KHR"},
    )
    owed, _ = ordered()
    assert (owed.currency, owed.amount_khr, owed.amount) == ("KHR", 57400, 14)
    paid(bank, owed, currency="KHR", amount=57400)
    assert asking.ask(owed.id)[1] == "paid"
    assert payment(owed.order_number).payment_status == "paid"
