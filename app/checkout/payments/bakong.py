"""Asks the National Bank's Bakong how a KHQR payment stands. Base address and token come from settings alone.

It never raises for what a bank or a network does: whatever is not a clear answer is `unknown`.
"""

import hashlib
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from flask import current_app

TIMEOUT = 3.0
LONGEST_ANSWER = 64 * 1024
NOT_YET = 1
AWAY = (OSError, ValueError, http.client.HTTPException)


@dataclass(frozen=True)
class Answer:
    """`kind` found (with the bank's `data`), absent, or unknown (`why` says what came instead)."""

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""


class Rejected(Exception):
    """HTTP 401: the token is not valid any more."""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A bank's API that redirects is not the bank's API."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        del args, kwargs


class Bakong:
    """One Bakong server; `notes` is where a renewed token is kept."""

    def __init__(self, base_url: str, token: str, email: str, notes: Path) -> None:
        self.base = base_url.rstrip("/")
        self.given, self.email, self.notes = token, email, notes
        self.open = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect).open

    def transaction(self, md5: str) -> Answer:
        """What the bank knows about the code with this md5; one renewal of the token where it asks for that."""
        try:
            told = self._asked("/v1/check_transaction_by_md5", {"md5": md5})
        except Rejected:
            return Answer("unknown", why="HTTP 401")
        except urllib.error.HTTPError as error:
            return Answer("unknown", why=f"HTTP {error.code}")
        except AWAY as error:
            return Answer("unknown", why=type(error).__name__)
        return _understood(told)

    def pretend(self, facts: Mapping[str, str]) -> bool:
        """Let the fake server receive a payment; False when it does not answer. Only where `simulated()`."""
        try:
            self._post("/simulate/pay", facts, None)
        except (*AWAY, Rejected):
            return False
        return True

    def _asked(self, path: str, body: Mapping[str, str]) -> Any:
        try:
            return self._post(path, body, self._token())
        except Rejected:
            return self._post(path, body, self._renewed())

    def _renewed(self) -> str:
        if not self.email:
            raise Rejected
        told = self._post("/v1/renew_token", {"email": self.email}, None)
        data = told.get("data") if isinstance(told, dict) else None
        token = data.get("token") if isinstance(data, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise Rejected
        with suppress(OSError):
            self.notes.touch(mode=0o600)
            self.notes.write_text(f"{self._mark()}\n{token}\n")
        return token

    def _token(self) -> str:
        """The renewed token, as long as the one in the settings is still that which it replaced."""
        with suppress(OSError, ValueError):
            mark, token = self.notes.read_text().split()
            if mark == self._mark():
                return token
        return self.given

    def _mark(self) -> str:
        return hashlib.sha256(self.given.encode()).hexdigest()

    def _post(self, path: str, body: Mapping[str, Any], token: str | None) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(  # noqa: S310 - the address comes from the settings
            self.base + path, json.dumps(body).encode(), headers, method="POST"
        )
        try:
            with self.open(request, timeout=TIMEOUT) as answer:
                raw = _read(answer)
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 401:
                    raise Rejected from error
                raise
        return json.loads(raw, parse_float=Decimal, parse_constant=_no_number)


def _read(answer: http.client.HTTPResponse) -> bytes:
    """The body, within a time and a size. Raises TimeoutError, ValueError."""
    until, raw = time.monotonic() + TIMEOUT, b""
    while part := answer.read1(8192):
        raw += part
        if time.monotonic() > until:
            raise TimeoutError
        if len(raw) > LONGEST_ANSWER:
            raise ValueError("too long")
    return raw


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _understood(told: Any) -> Answer:
    if not isinstance(told, dict):
        return Answer("unknown", why="not an object")
    data = told.get("data")
    if told.get("responseCode") == 0 and isinstance(data, dict):
        return Answer("found", data)
    if told.get("responseCode") == 1 and told.get("errorCode") == NOT_YET:
        return Answer("absent")
    return Answer("unknown", why=f"response {told.get('responseCode')}, error {told.get('errorCode')}"[:100])


def bakong() -> Bakong:
    """The server of the settings."""
    config = current_app.config
    notes = Path(config["SHOP_DATA"]) / "bakong_token"
    return Bakong(config["BAKONG_BASE_URL"], config["BAKONG_TOKEN"], config["BAKONG_EMAIL"], notes)


def simulated() -> bool:
    """Whether payments may be pretended: in development, with a server on this very machine."""
    config = current_app.config
    host = urlsplit(config["BAKONG_BASE_URL"]).hostname
    return config["SHOP_ENV"] == "development" and host in {"127.0.0.1", "localhost", "::1"}
