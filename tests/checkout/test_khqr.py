"""KHQR codes: equal to the National Bank's, there and back, and nothing else is read."""

import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from app.checkout.payments import khqr
from app.checkout.payments.khqr import Alternate, BadCode, Code
from tests.conftest import FULL

VECTORS = Path(__file__).resolve().parents[1] / "data" / "khqr_vectors.json"
PAYLOADS = [vector["payload"] for vector in json.loads(VECTORS.read_text(encoding="utf-8"))]
OTHERS = "0123456789ABCDEFabcdef @._-&\u1780\u1781\u17d2"
GOOD: dict[str, Any] = {"account": "kesor@aba", "name": "KESOR", "city": "Phnom Penh", "currency": "USD"}
TIMES: dict[str, Any] = {"created_ms": 1795000000000, "expires_ms": 1795000900000}

words = st.text("abcXYZ 0123\u1780\u1781\u17d2\u17b6", min_size=1, max_size=15)
amounts = st.one_of(
    st.tuples(st.just("USD"), st.decimals("0.01", "99999999.99", places=2)),
    st.tuples(st.just("KHR"), st.integers(1, 10**12).map(Decimal)),
)


def test_the_command_proves_all_golden_vectors(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["khqr", "verify", "--vectors", str(VECTORS)])
    assert (result.exit_code, result.output) == (0, "equal 60/60\n")


def test_the_command_fails_for_a_wrong_vector(app: Flask, tmp_path: Path) -> None:
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))[:3]
    vectors[1]["md5"] = "0" * 32
    changed = tmp_path / "vectors.json"
    changed.write_text(json.dumps(vectors))
    result = app.test_cli_runner().invoke(args=["khqr", "verify", "--vectors", str(changed)])
    assert result.exit_code == 1
    assert result.output.endswith("equal 2/3\n")


@pytest.mark.parametrize("payload", PAYLOADS if FULL else PAYLOADS[::6])
def test_every_change_of_one_character_is_refused(payload: str) -> None:
    chance = random.Random(payload)
    for place, kept in enumerate(payload):
        for other in OTHERS if FULL else chance.sample(OTHERS, 4):
            if other != kept:
                with pytest.raises(BadCode):
                    khqr.decode(payload[:place] + other + payload[place + 1 :])


@settings(max_examples=2000 if FULL else 150, deadline=None)
@given(amounts, words, words, st.one_of(st.none(), st.builds(Alternate, st.just("km"), words, words)))
def test_what_is_encoded_is_read_again(
    asked: tuple[str, Decimal], bill: str, name: str, alternate: Alternate | None
) -> None:
    facts = {**GOOD, "currency": asked[0], "amount": asked[1], "name": name, "bill": bill}
    code = Code(**facts, alternate=alternate, **TIMES)
    assert khqr.decode(khqr.encode(code)) == code


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": Decimal("0.005")},
        {"amount": Decimal("1.005")},
        {"amount": Decimal(0)},
        {"amount": Decimal(-1)},
        {"amount": Decimal("NaN")},
        {"amount": Decimal("Infinity")},
        {"currency": "KHR", "amount": Decimal("100.5")},
        {"currency": "EUR"},
        {"account": "kesor"},
        {"name": "x" * 26},
        {"name": ""},
        {"city": "x" * 16},
        {"bill": "x" * 26},
        {"mcc": "59"},
        {"merchant_id": "1"},
        {"expires_ms": 1794999999999},
        {"created_ms": None},
        {"alternate": Alternate("khm", "x")},
    ],
)
def test_what_no_bank_would_take_is_not_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadCode):
        khqr.encode(Code(**{**GOOD, "amount": Decimal(1), **TIMES, **wrong}))


@pytest.mark.parametrize(
    "text", ["", "6304", "63041D0F", PAYLOADS[0] + " ", PAYLOADS[0].lower(), "\ud8006304FFFF"]
)
def test_other_texts_are_no_codes(text: str) -> None:
    with pytest.raises(BadCode):
        khqr.decode(text)


def signed(body: str) -> str:
    """A text with the check sum that fits it."""
    return body + "6304" + khqr.crc(body + "6304")


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("5403150", "5406150.00"),
        ("5802KH", ""),
        ("5802KH", "5802KH5802KH"),
        ("5802KH", "5802VN"),
        ("000201", "000202"),
        ("010212", "010211"),
        ("5303840", "5303978"),
    ],
)
def test_a_fitting_check_sum_is_not_enough(part: str, other: str) -> None:
    body = khqr.encode(Code(**GOOD, amount=Decimal(150), **TIMES))[:-8]
    changed = body.replace(part, other)
    assert changed != body
    with pytest.raises(BadCode):
        khqr.decode(signed(changed))
