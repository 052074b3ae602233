"""Where messages leave the shop: an SMTP server, files in SHOP_DATA/outbox, a Telegram chat of the staff."""

import json
import os
import smtplib
import ssl
import urllib.error
import urllib.request
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import current_app

TIMEOUT = 10.0
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
TELEGRAM = "https://api.telegram.org"


class Away(Exception):
    """The server cannot be reached or has no time: later messages would fail as well."""


class Undeliverable(Exception):
    """It was refused for good: trying again is useless."""


def send_mail(message: EmailMessage, name: str) -> None:
    """Hand a mail to the SMTP server of the settings, or write it to a file. Raises Away, Undeliverable."""
    if current_app.config["SMTP_URL"]:
        post(message, current_app.config["SMTP_URL"])
    else:
        write(message, folder(), name)


def post(message: EmailMessage, url: str) -> None:
    """Send through `smtp://` (STARTTLS demanded unless on this machine) or `smtps://user:password@host:port`.

    What goes wrong before the mail is the server's trouble or the settings', and never the mail's end.
    Raises Away, Undeliverable.
    """
    try:
        server = connected(url)
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        raise Away(f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip()) from error
    try:
        with server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        refused([code for code, _ in error.recipients.values()], error)
    except smtplib.SMTPResponseException as error:
        refused([error.smtp_code], error)
    except (smtplib.SMTPNotSupportedError, UnicodeError) as error:
        raise Undeliverable(type(error).__name__) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Away(type(error).__name__) from error


def refused(codes: list[int], error: smtplib.SMTPException) -> None:
    """Raise what the server's answer means: 5xx about this mail is final, all else may pass."""
    final = all(500 <= code < 600 for code in codes)
    personal = isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
    name = f"{type(error).__name__} {min(codes)}"
    raise (Undeliverable if final and personal else Away)(name) from error


def connected(url: str) -> smtplib.SMTP:
    """A greeted, encrypted and signed-in connection. Raises OSError, smtplib.SMTPException."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, parts.port or 465, timeout=TIMEOUT, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT)
    try:
        if parts.scheme == "smtp" and host not in LOOPBACK:
            server.starttls(context=ssl.create_default_context())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def folder() -> Path:
    """Where mails lie while no SMTP server is set."""
    return Path(current_app.config["SHOP_DATA"]) / "outbox"


def write(message: EmailMessage, where: Path, name: str) -> None:
    """Write `<name>.eml` at once and for the owner alone; the same name again replaces it. Raises Away."""
    unfinished = where / f".{name}.part"
    try:
        where.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(message.as_bytes())
        unfinished.replace(where / f"{name}.eml")
    except OSError as error:
        raise Away(type(error).__name__) from error


def telegram_is_on() -> bool:
    """Whether staff want notices by Telegram."""
    return bool(current_app.config["TELEGRAM_TOKEN"] and current_app.config["TELEGRAM_CHAT"])


def send_telegram(text: str) -> None:
    """Send plain text to the staff's chat. Raises Away, Undeliverable."""
    base = current_app.config["TELEGRAM_API"] or TELEGRAM
    request = urllib.request.Request(  # noqa: S310 - the base comes from the settings alone
        f"{base}/bot{current_app.config['TELEGRAM_TOKEN']}/sendMessage",
        data=json.dumps({"chat_id": current_app.config["TELEGRAM_CHAT"], "text": text[:4000]}).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            accepted = json.load(answer).get("ok") is True
    except urllib.error.HTTPError as error:
        error.close()
        final = error.code in (400, 403)
        raise (Undeliverable if final else Away)(f"Telegram {error.code}") from None
    except (OSError, ValueError) as error:
        raise Away(f"Telegram {type(error).__name__}") from None
    if not accepted:
        raise Away("Telegram refused")
