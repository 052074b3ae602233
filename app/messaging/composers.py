"""The registry of composers: each domain's `mails` module says what its messages are when they are sent."""

from collections.abc import Callable, Mapping
from typing import Any

from app.messaging.letters import Letter, Notice

Composer = Callable[[Mapping[str, Any]], Letter | Notice | None]
COMPOSERS: dict[str, Composer] = {}


class NoComposer(Exception):
    """Nobody knows what a message of this kind says."""


def composes(kind: str) -> Callable[[Composer], Composer]:
    """Name the kind of message that a function composes from its payload; None from it: there is nobody to tell.

    It runs in the worker inside a transaction that is committed before the message leaves: tokens are made there.
    """

    def register(composer: Composer) -> Composer:
        if kind in COMPOSERS:
            raise ValueError(f"two composers of {kind!r}")
        COMPOSERS[kind] = composer
        return composer

    return register


def compose(kind: str, payload: Mapping[str, Any]) -> Letter | Notice | None:
    """The message to send. Raises NoComposer."""
    if kind not in COMPOSERS:
        raise NoComposer(kind)
    return COMPOSERS[kind](payload)
