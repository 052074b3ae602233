"""`{% kept facts... %}`: a piece of a page remembered in the process and found again by everything that it shows.

What the piece shows must be among its facts, the language, the shop's settings or the built files: tests draw every
piece again and compare.
"""

import hashlib
import sys
from collections.abc import Callable
from typing import Any, cast

from flask import Flask
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from markupsafe import Markup

from app.core.i18n import lang
from app.core.shop import shop

MOST_BYTES = 8 * 1024 * 1024
OVERHEAD = 500


class Stale(AssertionError):
    """A kept piece shows something that is not among its facts."""


class Memory:
    """Pieces by their facts, emptied when they outgrow `MOST_BYTES`; `verify` draws each again to compare."""

    def __init__(self, verify: bool) -> None:
        self.verify = verify
        self.pieces: dict[Any, Markup] = {}
        self.size = 0

    def keep(self, key: Any, piece: Markup) -> None:
        """Remember a piece."""
        size = sys.getsizeof(piece) + OVERHEAD
        self.size += size
        if self.size > MOST_BYTES:
            self.pieces, self.size = {}, size
        self.pieces[key] = piece


class Kept(Extension):
    """The tag itself; its place in the template is part of the key."""

    tags = {"kept"}  # noqa: RUF012 - as Jinja declares it
    memory: Memory

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        facts: list[nodes.Expr] = []
        while parser.stream.current.type != "block_end":
            facts.append(parser.parse_expression())
            parser.stream.skip_if("comma")
        body = parser.parse_statements(("name:endkept",), drop_needle=True)
        place = nodes.Const(f"{parser.name}:{line}")
        call = self.call_method("_piece", [place, nodes.Tuple(facts, "load")])
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _piece(self, place: str, facts: tuple[Any, ...], caller: Callable[[], str]) -> Markup:
        key = _key((place, lang(), shop().edition, *facts))
        kept = self.memory.pieces.get(key)
        if kept is None:
            kept = Markup(caller())  # noqa: S704 - a rendered template
            self.memory.keep(key, kept)
        elif self.memory.verify and kept != caller():
            raise Stale(f"{place} shows more than its facts: {facts!r}")
        return kept


def _key(facts: tuple[Any, ...]) -> Any:
    try:
        hash(facts)
    except TypeError:
        return mark(facts)
    return facts


def mark(facts: Any) -> bytes:
    """16 bytes that stand for facts of any shape that `repr` tells in full (rows, lists, dicts, dataclasses)."""
    return hashlib.blake2b(repr(facts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def init_app(app: Flask) -> None:
    """Give templates the tag, and the application its memory."""
    env = app.jinja_env
    env.add_extension(Kept)
    tag = cast(Kept, env.extensions[Kept.identifier])
    tag.memory = Memory(verify=app.config["TESTING"])
