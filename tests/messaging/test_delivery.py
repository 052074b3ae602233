"""The outbox delivers each message once: through refusals, servers that are away, crashes and several workers."""

import os
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.db import db
from app.messaging import composers, jobs, outbox, sinks
from app.messaging.letters import Letter, Notice
from tests.conftest import FULL
from tests.messaging.servers import Chat, PostOffice, serving

MESSAGES, WORKERS = (400, 8) if FULL else (40, 4)
DUE = text("UPDATE outbox SET next_attempt_at = now() WHERE sent_at IS NULL")
STATE = text(
    "SELECT attempts, sent_at IS NOT NULL AS sent, last_error, next_attempt_at > now() AS later FROM outbox"
)


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    """Three kinds of messages for tests alone."""
    before = dict(composers.COMPOSERS)
    composers.composes("try")(
        lambda payload: Letter(payload["to"], "en", f"Hello {payload['n']}", facts={"lines": []})
    )
    composers.composes("secret")(
        lambda _payload: Letter("a@b.example", "en", "x", facts={"lines": []}, single=True)
    )
    composers.composes("staff")(lambda _payload: Notice("New order"))
    composers.composes("nobody")(lambda _payload: None)
    composers.composes("broken")(lambda _payload: 1 / 0)  # type: ignore[arg-type,return-value]
    yield
    composers.COMPOSERS.clear()
    composers.COMPOSERS.update(before)


def put(number: int = 1, kind: str = "try", to: str = "dara@example.com") -> None:
    outbox.put(kind, {"to": to, "n": number}, f"{kind}:{number}")
    db.session.commit()


def state(session: Any) -> Any:
    return session.execute(STATE).one()


def test_a_message_is_as_true_as_its_transaction(session: Any, office: PostOffice) -> None:
    assert outbox.put("try", {"to": "a@b.example", "n": 1}, "once")
    assert not outbox.put("try", {"to": "a@b.example", "n": 2}, "once")
    session.rollback()
    assert jobs.deliver() == {"sent": 0, "failed": 0}
    assert office.mails == []


def test_it_leaves_once_as_html_and_text(session: Any, office: PostOffice) -> None:
    put()
    assert jobs.deliver() == {"sent": 1, "failed": 0}
    assert jobs.deliver() == {"sent": 0, "failed": 0}
    (mail,) = office.mails
    assert (mail["To"], mail["Subject"], mail["Content-Language"]) == ("dara@example.com", "Hello 1", "en")
    assert str(mail["From"]).endswith("<hello@kesor.example>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_a_header_holds_one_line(session: Any, office: PostOffice) -> None:
    outbox.put("try", {"to": "dara@example.com", "n": "1\r\nBcc: all@example.com"}, "lines")
    session.commit()
    jobs.deliver()
    assert office.mails[0]["Subject"] == "Hello 1 Bcc: all@example.com"
    assert office.mails[0]["Bcc"] is None


def test_waits_grow_and_end(session: Any, office: PostOffice) -> None:
    office.answers["MAIL"] = "451 later"
    put()
    for tries in range(1, outbox.MOST_TRIES + 1):
        assert jobs.deliver() == {"sent": 0, "failed": 1}
        found = state(session)
        assert (found.attempts, found.sent, found.later) == (tries, False, True)
        assert jobs.deliver() == {"sent": 0, "failed": 0}
        session.execute(DUE)
        session.commit()
    assert jobs.deliver() == {"sent": 0, "failed": 0}
    office.answers.clear()
    assert outbox.again() == 1
    session.commit()
    assert jobs.deliver() == {"sent": 1, "failed": 0}
    assert len(office.mails) == 1
    assert list(outbox.WAITS) == sorted(outbox.WAITS)


@pytest.mark.parametrize("command", ["RCPT", "TAKEN"])
def test_a_final_refusal_is_not_repeated(session: Any, office: PostOffice, command: str) -> None:
    office.answers[command] = "550 no such person"
    put(1)
    put(2)
    assert jobs.deliver() == {"sent": 0, "failed": 2}
    session.execute(DUE)
    session.commit()
    assert jobs.deliver() == {"sent": 0, "failed": 0}
    error = session.execute(text("SELECT last_error FROM outbox LIMIT 1")).scalar()
    assert "550" in error
    assert "dara" not in error


def test_a_server_that_is_away_stops_the_round(
    app: Flask, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SMTP_URL", "smtp://127.0.0.1:1")
    for number in range(3):
        put(number)
    assert jobs.deliver() == {"sent": 0, "failed": 1}
    assert sorted(session.execute(text("SELECT attempts FROM outbox")).scalars()) == [0, 0, 1]


def test_one_broken_message_holds_up_no_other(session: Any, office: PostOffice) -> None:
    put(1, "broken")
    put(2)
    put(3, "unknown kind")
    put(4, "nobody")
    assert jobs.deliver() == {"sent": 2, "failed": 2}
    assert len(office.mails) == 1


def test_a_crash_before_the_note_sends_the_same_mail_again(session: Any, office: PostOffice) -> None:
    put()
    message = outbox.take()
    session.commit()
    assert message is not None
    jobs.send(composers.compose(message.kind, message.payload), message)
    assert jobs.deliver() == {"sent": 0, "failed": 0}
    session.execute(DUE)
    session.commit()
    assert jobs.deliver() == {"sent": 1, "failed": 0}
    assert len({mail["Message-ID"] for mail in office.mails}) == 1
    assert len(office.mails) == 2


def test_a_letter_with_a_token_is_another_mail_each_time(session: Any, office: PostOffice) -> None:
    put(1, "secret")
    message = outbox.take()
    assert message is not None
    jobs.send(composers.compose(message.kind, message.payload), message)
    session.execute(DUE)
    jobs.deliver()
    assert len({mail["Message-ID"] for mail in office.mails}) == 2


def test_several_workers_send_each_message_once(
    shop_app: Flask, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(shop_app.config, "SMTP_URL", office.url)
    with shop_app.app_context():
        db.session.execute(text("DELETE FROM outbox"))
        for number in range(MESSAGES):
            outbox.put("try", {"to": "dara@example.com", "n": number}, f"try:{number}")
        db.session.commit()

    def work() -> None:
        with shop_app.app_context():
            while jobs.deliver()["sent"]:
                pass

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = Counter(mail["Message-ID"] for mail in office.mails)
    assert len(counted) == MESSAGES
    assert set(counted.values()) == {1}


def test_without_a_server_mails_are_files(
    app: Flask, session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SMTP_URL", "")
    put()
    jobs.deliver()
    (path,) = (tmp_path / "outbox").iterdir()
    assert path.suffix == ".eml"
    assert path.stat().st_mode & 0o777 == 0o600
    client = app.test_client()
    assert client.get("/dev/outbox/").status_code == 404
    assert client.get(f"/dev/outbox/{path.stem}.html").status_code == 404
    monkeypatch.setitem(app.config, "SHOP_ENV", "development")
    assert "Hello 1" in client.get("/dev/outbox/").text
    shown = client.get(f"/dev/outbox/{path.stem}.html")
    assert shown.status_code == 200
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert client.get("/dev/outbox/..%2fsecret_key.html").status_code == 404


def test_staff_hear_by_telegram_where_it_is_on(
    app: Flask, session: Any, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(1, "staff")
    assert jobs.deliver() == {"sent": 1, "failed": 0}
    with serving(Chat()) as chat:
        port = chat.server_address[1]
        settings = {"TOKEN": "1:abc", "CHAT": "-77", "API": f"http://127.0.0.1:{port}"}
        for name, value in settings.items():
            monkeypatch.setitem(app.config, f"TELEGRAM_{name}", value)
        chat.status = 500
        put(2, "staff")
        assert jobs.deliver() == {"sent": 0, "failed": 1}
        chat.status = 200
        session.execute(DUE)
        assert jobs.deliver() == {"sent": 1, "failed": 0}
    assert chat.said[-1] == ("/bot1:abc/sendMessage", {"chat_id": "-77", "text": "New order"})
    errors = session.execute(text("SELECT string_agg(last_error, ' ') FROM outbox")).scalar()
    assert "abc" not in (errors or "")
    assert office.mails == []
    assert sinks.telegram_is_on()


def test_what_was_sent_long_ago_is_forgotten_but_not_sent_again(
    app: Flask, session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SMTP_URL", "")
    put(1)
    put(2)
    jobs.deliver()
    session.execute(text("UPDATE outbox SET sent_at = now() - interval '31 days' WHERE dedupe_key = 'try:1'"))
    session.commit()
    (first, _) = sorted((tmp_path / "outbox").iterdir())
    os.utime(first, (0, 0))
    assert jobs.tidy() == {"emptied": 1, "files": 1}
    assert jobs.tidy() == {"emptied": 0, "files": 0}
    assert not outbox.put("try", {"to": "dara@example.com", "n": 1}, "try:1")
