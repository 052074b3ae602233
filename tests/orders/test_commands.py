"""Staff at the terminal go the same roads."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from app.checkout import placing
from tests import trade


@pytest.fixture
def number(db_session: Any) -> str:
    trade.ground()
    token = trade.cart({trade.product(): 1})
    return placing.place(trade.buyer(token), trade.details("14.00")).number


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def say(runner: FlaskCliRunner, *words: str) -> tuple[int, str]:
    result = runner.invoke(args=["orders", *words])
    return result.exit_code, result.output.strip()


def test_the_road_by_commands(runner: FlaskCliRunner, number: str) -> None:
    assert say(runner, "confirm", number.lower()) == (0, f"{number} is confirmed")
    assert say(runner, "ship", number, "--carrier", "VET") == (0, f"{number} is shipped")
    assert say(runner, "deliver", number) == (0, f"{number} is delivered")


def test_a_refusal_is_one_line_and_exit_code_one(runner: FlaskCliRunner, number: str) -> None:
    code, words = say(runner, "deliver", number)
    assert code == 1
    assert "cannot do that" in words
    assert "pending" in words


def test_an_unknown_number_is_told(runner: FlaskCliRunner, number: str) -> None:
    code, words = say(runner, "cancel", "SK-1")
    assert code == 1
    assert "could not find" in words


def test_cancel_and_recount(runner: FlaskCliRunner, number: str) -> None:
    assert say(runner, "cancel", number, "--reason", "no answer") == (0, f"{number} is cancelled")
    assert say(runner, "recount")[0] == 0
