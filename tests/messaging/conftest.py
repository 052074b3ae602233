"""A mail server for each test, an empty outbox, a folder for mails that no server takes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.messaging.servers import PostOffice, serving


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with serving(PostOffice()) as server:
        yield server


@pytest.fixture
def session(
    app: Flask, db_session: Any, office: PostOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """A session in a shop whose mails go to `office` and whose outbox is empty."""
    for name, value in {"SMTP_URL": office.url, "MAIL_FROM": "hello@kesor.example"}.items():
        monkeypatch.setitem(app.config, name, value)
    monkeypatch.setitem(app.config, "PUBLIC_BASE_URL", "https://kesor.example")
    monkeypatch.setitem(app.config, "SHOP_DATA", str(tmp_path))
    db_session.execute(text("DELETE FROM outbox"))
    db_session.commit()
    return db_session
