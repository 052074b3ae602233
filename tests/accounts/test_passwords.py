"""Passwords (S7): Argon2id as measured, 8 to 128 characters, the same however typed, none well known."""

import threading
import unicodedata
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.accounts import passwords
from app.core import db
from app.demo import staff
from tests.accounts.people import PASSWORD, make_user, send
from tests.accounts.test_signin import enter
from tests.conftest import FULL


def test_the_costs() -> None:
    assert passwords.make("rice and mango").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@settings(max_examples=200 if FULL else 8, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=60))
def test_composed_and_decomposed_letters_are_one_password(password: str) -> None:
    stored = passwords.make(unicodedata.normalize("NFD", password))
    assert passwords.matches(stored, unicodedata.normalize("NFC", password))
    assert not passwords.matches(stored, password + "x")


@pytest.mark.parametrize(
    "password", ["ម្ហូបខ្មែរឆ្ងាញ់", "ភ្នំពេញ២០២៦", "été à Kep", "🌸🌸🌸 lotus", "sabay sabay é"]
)
def test_letters_of_any_script(client: FlaskClient, password: str) -> None:
    form = {"email": "k@kesor.example", "password": password}
    assert client.post("/en/account/register", data=form).status_code == 303


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "1234567",
        "password1",
        "PASSWORD1",
        "qwertyuiop",
        "aaaaaaaaaaaa",
        "a" * 129,
        "k@kesor.example",
        "12345678",
    ],
)
def test_refused_passwords(client: FlaskClient, password: str) -> None:
    form = {"email": "k@kesor.example", "password": password}
    assert client.post("/en/account/register", data=form).status_code == 422


@pytest.mark.parametrize("length", [129, 1_000_000])
def test_a_huge_password_is_not_hashed(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    user = make_user()
    passwords.matches(None, "warm")
    monkeypatch.setattr(passwords, "HASHER", None)
    assert enter(client, user.email, "x" * length).status_code in (413, 422)


def test_two_hashes_at_once_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """The third waits: each takes 19 MiB and a core."""
    busy, most = [0], [0]
    lock, turn = threading.Lock(), threading.Barrier(2, timeout=20)

    class Slow:
        def hash(self, _secret: Any) -> str:
            with lock:
                busy[0] += 1
                most[0] = max(most[0], busy[0])
            turn.wait()
            with lock:
                busy[0] -= 1
            return ""

    monkeypatch.setattr(passwords, "HASHER", Slow())
    threads = [threading.Thread(target=passwords.make, args=("x",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 2


def test_ten_thousand_known_passwords() -> None:
    assert len(passwords.common()) >= 10_000
    assert {"password", "12345678", "trustno1"} <= passwords.common()
    assert min(map(len, passwords.common())) >= passwords.SHORTEST


def test_demo_accounts_come_in(client: FlaskClient) -> None:
    for email, role in staff.ACCOUNTS.items():
        assert enter(client, email, staff.PASSWORD).status_code == 303
        assert db.scalar(text("SELECT role FROM users WHERE email = :email"), {"email": email}) == role
        send(client, "/en/account/signout")


def test_old_hashes_are_made_anew(client: FlaskClient) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    user = make_user(password_hash=old)
    assert enter(client, user.email).status_code == 303
    stored = db.scalar(text("SELECT password_hash FROM users WHERE id = :id"), {"id": user.id})
    assert not passwords.outdated(stored)
    assert passwords.matches(stored, PASSWORD)
