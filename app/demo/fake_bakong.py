"""A stand-in for the National Bank's Bakong on the loopback: its documented paths and answers, and twelve troubles.

Standard library only: `python app/demo/fake_bakong.py PORT`, or `with FakeBakong() as bank:` in a test. No money moves.
"""

import hashlib
import json
import secrets
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

TOKEN = "demo-token"  # noqa: S105 - the fake's own, worth nothing
MOST_BODY = 10_000
Facts = dict[str, Any]
Reply = tuple[int, bytes]
NOT_FOUND = {
    "responseCode": 1,
    "responseMessage": "Transaction could not be found. Please check and try again.",
    "errorCode": 1,
    "data": None,
}


def envelope(data: Any, message: str = "Success") -> Facts:
    return {"responseCode": 0, "responseMessage": message, "errorCode": None, "data": data}


def refusal(error: int, message: str) -> Facts:
    return {"responseCode": 1, "responseMessage": message, "errorCode": error, "data": None}


def reply(status: int, body: Any) -> Reply:
    return status, json.dumps(body).encode()


class FakeBakong:
    """The bank. `pay` books a payment; `trouble` makes the next answers go wrong, `asked` counts the questions."""

    def __init__(self, port: int = 0) -> None:
        self.payments: dict[str, Facts] = {}
        self.token = TOKEN
        self.trouble: list[Callable[[], Reply]] = []
        self.asked = 0
        self.lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", port), handler(self))
        self.server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> "FakeBakong":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()

    def pay(self, md5: str, **facts: Any) -> str:
        """Book a payment of this code; its hash. `facts` say what differs from a good one."""
        made = int(time.time() * 1000)
        told: Facts = {
            "hash": hashlib.sha256(f"{md5}{secrets.token_hex(4)}".encode()).hexdigest(),
            "fromAccountId": "payer@demo",
            "currency": "USD",
            "description": "demo",
            "createdDateMs": made,
            "acknowledgedDateMs": made,
            "externalRef": secrets.token_hex(6),
            "instructionRef": None,
            "trackingStatus": None,
            "receiverBank": None,
            "receiverBankAccount": None,
            **facts,
        }
        with self.lock:
            self.payments[md5] = told
        return str(told["hash"])

    def fail(self, *replies: Callable[[], Reply]) -> None:
        """Let the next questions get these answers instead."""
        with self.lock:
            self.trouble.extend(replies)

    def answer(self, path: str, token: str, body: Facts) -> Reply:
        """What the bank says to a request."""
        if path == "/simulate/pay":
            facts = {key: str(body.get(key)) for key in ("md5", "toAccountId", "currency")}
            self.pay(facts.pop("md5"), **facts, amount=float(body["amount"]))
            return reply(200, envelope(None))
        if path == "/v1/renew_token":
            self.token = f"{TOKEN}-{secrets.token_hex(4)}"
            return reply(200, envelope({"token": self.token}, "Token has been issued"))
        with self.lock:
            self.asked += 1
            trouble = self.trouble.pop(0) if self.trouble else None
        if trouble:
            return trouble()
        if token != self.token:
            return reply(401, refusal(6, "Unauthorized, not yet requested for token or code invalid"))
        return self.transaction(path, body)

    def transaction(self, path: str, body: Facts) -> Reply:
        if path != "/v1/check_transaction_by_md5":
            return reply(404, refusal(9, "no such service"))
        if not isinstance(body.get("md5"), str):
            return reply(400, refusal(5, "Missing required fields"))
        with self.lock:
            found = self.payments.get(body["md5"])
        return reply(200, envelope(found) if found else NOT_FOUND)


def status(code: int) -> Callable[[], Reply]:
    """An answer that is only a status: 401, 403, 429, 500."""
    return lambda: reply(code, {"message": "no"})


def nonsense() -> Reply:
    """Status 200 and no JSON."""
    return 200, b"<html>gateway</html>"


def sleepy(seconds: float) -> Callable[[], Reply]:
    """An answer that comes when nobody waits any more."""

    def wait() -> Reply:
        time.sleep(seconds)
        return reply(200, NOT_FOUND)

    return wait


def handler(bank: FakeBakong) -> type[BaseHTTPRequestHandler]:
    """The HTTP side of one bank."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self) -> None:
            size = min(int(self.headers.get("Content-Length") or 0), MOST_BODY)
            try:
                body = json.loads(self.rfile.read(size) or b"{}")
                token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
                code, raw = bank.answer(self.path, token, body if isinstance(body, dict) else {})
            except (ValueError, KeyError):
                code, raw = reply(400, refusal(5, "Missing required fields"))
            try:
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is inherited
            del format, args

    return Handler


if __name__ == "__main__":
    FakeBakong(int(sys.argv[1])).server.serve_forever()
