"""Small real servers for tests on the loopback: a mail server, and the one method of a chat's API."""

import json
import socketserver
import threading
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

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Counter)
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
