"""Mails that lie in SHOP_DATA/outbox, as development's page shows them."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from app.core.errors import NotFound
from app.messaging import sinks

NAME = re.compile(r"[\w-]{1,120}")


@dataclass(frozen=True)
class Filed:
    """One mail in a file."""

    name: str
    subject: str
    to: str
    language: str
    at: datetime


def newest(most: int = 60) -> list[Filed]:
    """The newest mails first."""
    paths = sorted(sinks.folder().glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [_filed(path.stem) for path in paths[:most]]


def body(name: str, kind: str) -> str:
    """The `html` or `plain` part of a mail. Raises NotFound."""
    part = _read(name).get_body((kind,))
    if part is None:
        raise NotFound
    return str(part.get_content())


def _filed(name: str) -> Filed:
    message = _read(name)
    language = str(message["Content-Language"] or "en")
    return Filed(name, str(message["Subject"]), str(message["To"]), language, message["Date"].datetime)


def _read(name: str) -> EmailMessage:
    path = sinks.folder() / f"{name}.eml"
    if not NAME.fullmatch(name) or not path.is_file():
        raise NotFound
    return message_from_bytes(path.read_bytes(), policy=default)
