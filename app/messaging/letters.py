"""Letters to people (HTML and text in the reader's language) and notices to staff; links into the shop."""

import hashlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime
from typing import Any, cast
from urllib.parse import urlsplit

from flask import current_app, render_template
from flask_babel import force_locale

from app.core.i18n import db_to_locale
from app.core.khmer import norm
from app.core.shop import shop


@dataclass(frozen=True)
class Letter:
    """A mail. `language` as the database has it (en, kh); `template` is `email/<template>.html` and `.txt`.

    `facts` for every template: `lines`, and if wanted `heading` (else the subject), `button` (label, address) and
    `small` lines. Lazy texts are read in the reader's language.
    A letter with a token is `single`: sent once more after a crash it counts as another mail, since only its
    newest link works.
    """

    to: str
    language: str
    subject: Any
    template: str = "note"
    facts: Mapping[str, Any] = field(default_factory=dict)
    single: bool = False


@dataclass(frozen=True)
class Notice:
    """A few plain lines for staff."""

    text: str


def reading(language: str) -> AbstractContextManager[None]:
    """Texts inside are in the language of the reader (en, kh)."""
    return cast(AbstractContextManager[None], force_locale(db_to_locale(language)))


def link(endpoint: str, language: str, **values: Any) -> str:
    """The absolute address of a page of the shop, in the reader's language (en, kh); no request needed."""
    base = urlsplit(home_url())
    adapter = current_app.url_map.bind(base.netloc, url_scheme=base.scheme)
    return str(adapter.build(endpoint, {"lang": db_to_locale(language), **values}, force_external=True))


def home_url() -> str:
    """The shop's configured address; a request's Host header never reaches a mail."""
    return str(current_app.config["PUBLIC_BASE_URL"] or current_app.config["LOCAL_URL"])


def mail(letter: Letter, key: str) -> EmailMessage:
    """The letter as a multipart message whose Message-ID follows from `key`: the same key, the same mail."""
    with reading(letter.language):
        message = EmailMessage(policy=SMTP)
        message["Subject"] = one_line(str(letter.subject))
        message["From"] = Address(one_line(shop().name), addr_spec=sender())
        message["To"] = letter.to
        message["Date"] = format_datetime(localtime())
        message["Message-ID"] = message_id(key)
        message["Auto-Submitted"] = "auto-generated"
        facts = {"subject": letter.subject, "home_url": home_url(), **letter.facts}
        message.set_content(norm(render_template(f"email/{letter.template}.txt", **facts)).strip() + "\n")
        message.add_alternative(render_template(f"email/{letter.template}.html", **facts), subtype="html")
        message["Content-Language"] = db_to_locale(letter.language)
    return message


def sender() -> str:
    """The address that mails come from."""
    return str(current_app.config["MAIL_FROM"] or shop().settings.get("email") or "shop@localhost")


def message_id(key: str) -> str:
    """`<digest@host>`: always the same for one key of this shop."""
    host = sender().rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{host}>"


def one_line(text: str) -> str:
    """The text without line breaks and control characters, fit for a header."""
    return " ".join("".join(c if c.isprintable() or c == "\u200b" else " " for c in text).split())
