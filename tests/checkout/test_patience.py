"""Which database troubles are waited out, how often, and what the shopper is told when they do not end."""

from typing import Any

import pytest
from psycopg2 import errors
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from app.checkout.patience import COLLISION_WAITS, RESTART_WAITS, kind, patiently
from app.core.errors import Busy, Refused


class Cause(Exception):
    def __init__(self, pgcode: str | None, words: str = "") -> None:
        super().__init__(words)
        self.pgcode = pgcode


def trouble(code: str | None) -> OperationalError:
    return OperationalError("SELECT 1", {}, Cause(code))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("40P01", "collision"),
        ("55P03", "collision"),
        ("40001", "collision"),
        ("57P01", "restart"),
        ("57P03", "restart"),
        ("08006", "restart"),
        (None, "restart"),
        ("57014", "stuck"),
        ("53100", None),
    ],
)
def test_what_to_make_of_a_trouble(code: str | None, expected: str | None) -> None:
    assert kind(trouble(code)) == expected


def test_a_key_used_by_two_at_once_is_a_collision_and_other_conflicts_are_faults() -> None:
    assert (
        kind(IntegrityError("", {}, Cause("23505", 'constraint "uq_orders_idempotency_key"'))) == "collision"
    )
    assert kind(IntegrityError("", {}, Cause("23505", 'constraint "uq_something_else"'))) is None


def attempts(db_session: Any, causes: list[Exception]) -> tuple[list[float], list[int]]:
    slept: list[float] = []
    tries: list[int] = []

    def work() -> str:
        tries.append(1)
        if causes:
            raise causes.pop(0)
        return "done"

    assert patiently(work, slept.append) == "done"
    return slept, tries


def test_collisions_are_tried_again_with_jitter(db_session: Any) -> None:
    slept, tries = attempts(db_session, [trouble("40P01"), trouble("55P03"), trouble("40001")])
    assert len(tries) == 4
    assert all(0.7 * wait <= pause <= 1.3 * wait for wait, pause in zip(COLLISION_WAITS, slept, strict=True))


def test_a_restart_is_waited_out(db_session: Any) -> None:
    slept, _ = attempts(db_session, [trouble(None) for _ in RESTART_WAITS])
    assert len(slept) == 5
    assert 0.7 * 0.4 <= slept[0] <= 1.3 * 0.4


@pytest.mark.parametrize("code", ["40P01", None, "57014"])
def test_patience_ends_with_a_polite_busy(db_session: Any, code: str | None) -> None:
    def work() -> None:
        raise trouble(code)

    with pytest.raises(Busy):
        patiently(work, lambda _: None)


def test_a_refusal_is_not_tried_again(db_session: Any) -> None:
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        raise Refused

    with pytest.raises(Refused):
        patiently(work, lambda _: None)
    assert len(tries) == 1


def test_our_own_faults_are_not_hidden(db_session: Any) -> None:
    def work() -> None:
        raise DBAPIError("SELECT", {}, errors.SyntaxError())

    with pytest.raises(DBAPIError):
        patiently(work, lambda _: None)
