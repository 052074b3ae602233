"""A mail server that demands encryption and a login: the mail goes nowhere without both, and waits."""

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.db import db
from app.messaging import composers, jobs, outbox, sinks
from app.messaging.letters import Letter
from tests.messaging.servers import StrictOffice, serving

USER, PASSWORD = "shop@kesor.example", "p:@ss/w%rd +1"
SUBJECTS = {"en": "Hello", "kh": "សួស្តី"}
Open = Callable[..., StrictOffice]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of 127.0.0.1 and its key, made now."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl makes the certificate")
    made = tmp_path_factory.mktemp("tls") / "server.pem"
    command = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(made), "-out", f"{made}.crt"]
    subprocess.run([openssl, *command.split(), *names], check=True, capture_output=True)
    made.write_text(made.read_text() + Path(f"{made}.crt").read_text())
    return made


@pytest.fixture
def opened(app: Flask, session: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens a strict office that the shop trusts; `scheme` and `password` are what the shop's settings say."""
    monkeypatch.setattr(sinks, "LOOPBACK", set())
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    composes = composers.composes("try")
    composes(
        lambda payload: Letter(payload["to"], payload["lang"], SUBJECTS[payload["lang"]], facts={"lines": []})
    )
    with ExitStack() as doors:

        def open_(scheme: str = "smtp", password: str = PASSWORD, **facts: Any) -> StrictOffice:
            office = StrictOffice(context, f"{USER} {PASSWORD}", at_once=scheme == "smtps", **facts)
            doors.enter_context(serving(office))
            login = f"{quote(USER, safe='')}:{quote(password, safe='')}"
            address = f"{scheme}://{login}@127.0.0.1:{office.server_address[1]}"
            monkeypatch.setitem(app.config, "SMTP_URL", address)
            return office

        yield open_
    composers.COMPOSERS.pop("try")


def put(lang: str = "en") -> None:
    outbox.put("try", {"to": "dara@example.com", "lang": lang}, f"try:{lang}")
    db.session.commit()


def trouble() -> str:
    """What the outbox noted of the one message, which waits for its next try."""
    found = db.session.execute(text("SELECT last_error, attempts, sent_at FROM outbox")).one()
    assert (found.attempts, found.sent_at) == (1, None)
    return str(found.last_error)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_mails_leave_encrypted_and_signed_in(opened: Open, scheme: str) -> None:
    office = opened(scheme)
    put("en")
    put("kh")
    assert jobs.deliver() == {"sent": 2, "failed": 0}
    assert [mail["Subject"] for mail in office.mails] == list(SUBJECTS.values())
    assert office.tried == [f"{USER} {PASSWORD}"] * 2


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_that_nobody_vouches_for_learns_nothing(
    opened: Open, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = opened(scheme)
    monkeypatch.delenv("SSL_CERT_FILE")
    put()
    assert jobs.deliver() == {"sent": 0, "failed": 1}
    assert "SSLCertVerificationError" in trouble()
    assert (office.tried, office.mails) == ([], [])


def test_a_wrong_login_keeps_the_mail(opened: Open) -> None:
    office = opened(password="another")
    put()
    assert jobs.deliver() == {"sent": 0, "failed": 1}
    assert "535" in trouble()
    assert office.mails == []


def test_without_encryption_neither_login_nor_mail_are_told(opened: Open) -> None:
    office = opened(offers_tls=False)
    put()
    assert jobs.deliver() == {"sent": 0, "failed": 1}
    assert "NotSupported" in trouble()
    assert (office.tried, office.mails) == ([], [])
