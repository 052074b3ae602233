"""Small real servers for tests on the loopback: a mail server, and the one method of a chat's API."""

import json
import socketserver
import ssl
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


class PostOffice(socketserver.ThreadingTCPServer):
    """Takes mails by SMTP; `answers` replaces what it says to a command, e.g. {"RCPT": "550 unknown"}."""

    daemon_threads = True
    allow_reuse_address = True
    counter: "type[Counter]"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), self.counter)
        self.answers: dict[str, str] = {}
        self.mails: list[EmailMessage] = []

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class Counter(socketserver.StreamRequestHandler):
    """One SMTP conversation."""

    server: PostOffice

    def handle(self) -> None:
        self.say("220 post office")
        for line in iter(self.rfile.readline, b""):
            command = line[:4].decode().strip().upper()
            answer = self.server.answers.get(command)
            if answer is None and command == "DATA":
                self.say("354 go on")
                self.take()
                answer = self.server.answers.get("TAKEN", "250 taken")
            self.say(answer or ("221 bye" if command == "QUIT" else "250 fine"))
            if command == "QUIT":
                return

    def take(self) -> None:
        lines = [line[line.startswith(b".") :] for line in iter(self.rfile.readline, b".\r\n")]
        if self.server.answers.get("TAKEN", "250").startswith("2"):
            self.server.mails.append(message_from_bytes(b"".join(lines), policy=default))

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


PostOffice.counter = Counter


class StrictOffice(PostOffice):
    """Takes mails only in an encrypted conversation (by STARTTLS, or from its start) and after a login."""

    def __init__(
        self, context: ssl.SSLContext, login: str, at_once: bool = False, offers_tls: bool = True
    ) -> None:
        super().__init__()
        self.context, self.login = context, login
        self.at_once, self.offers_tls = at_once, offers_tls
        self.tried: list[str] = []

    def handle_error(self, *args: Any) -> None:
        """Quiet: a client that does not trust us leaves in the middle."""


class StrictCounter(Counter):
    """A conversation in three steps: encrypted, signed in, then the mail."""

    server: StrictOffice
    secure = known = False

    def handle(self) -> None:
        if self.server.at_once:
            self.encrypt()
        self.say("220 strict post office")
        while line := self.rfile.readline():
            command, _, rest = line.decode().strip().partition(" ")
            if not self.act(command.upper(), rest):
                return

    def act(self, command: str, rest: str) -> bool:
        """Answer one command; False when the conversation is over."""
        if command == "EHLO":
            return self.greet()
        if command == "STARTTLS" and self.server.offers_tls:
            self.say("220 go on")
            return self.encrypt()
        if command == "AUTH" and self.secure:
            return self.admit(rest)
        if command == "DATA" and self.known:
            self.say("354 go on")
            self.take()
        refused = command in ("AUTH", "MAIL", "RCPT", "DATA") and not self.known
        self.say(
            "530 not without encryption and a login"
            if refused
            else "221 bye"
            if command == "QUIT"
            else "250 ok"
        )
        return command != "QUIT"

    def greet(self) -> bool:
        self.say("250-strict post office")
        if self.secure:
            self.say("250-AUTH PLAIN")
        elif self.server.offers_tls:
            self.say("250-STARTTLS")
        self.say("250 8BITMIME")
        return True

    def encrypt(self) -> bool:
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
        self.secure = True
        return True

    def admit(self, rest: str) -> bool:
        _, user, password = b64decode(rest.removeprefix("PLAIN ")).decode().split("\0")
        self.server.tried.append(f"{user} {password}")
        self.known = self.server.tried[-1] == self.server.login
        self.say("235 welcome" if self.known else "535 wrong")
        return True

    def finish(self) -> None:
        """As every conversation ends, and the encrypted one too."""
        super().finish()
        self.connection.close()


StrictOffice.counter = StrictCounter


class Chat(HTTPServer):
    """Keeps what was sent to sendMessage; `status` is its answer."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ChatCounter)
        self.status = 200
        self.said: list[tuple[str, Any]] = []


class ChatCounter(BaseHTTPRequestHandler):
    server: Chat

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.said.append((self.path, body))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(json.dumps({"ok": self.server.status == 200}).encode())

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    """The server while it answers."""
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
