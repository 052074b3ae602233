"""What a process remembers: values by their facts, the least used forgotten first, none for longer than told."""

from collections.abc import Hashable
from threading import Lock
from typing import Any, cast

from cachetools import Cache, LRUCache, TTLCache
from flask import current_app


class Memory:
    """At most so many values by key, each for at most so many seconds (0: none at all, None: while there is room)."""

    def __init__(self, most: int, seconds: float | None = None) -> None:
        self.lock = Lock()
        self.kept: Cache[Hashable, Any] = LRUCache(most) if seconds is None else TTLCache(most, seconds)

    def find(self, key: Hashable) -> Any:
        """The value, None when it is not remembered."""
        with self.lock:
            return self.kept.get(key)

    def keep(self, key: Hashable, value: Any) -> None:
        """Remember a value."""
        with self.lock:
            self.kept[key] = value


def of(name: str, most: int, seconds: float | None = None) -> Memory:
    """This application's memory of that name."""
    found = current_app.extensions.get(name)
    if found is None:
        found = current_app.extensions.setdefault(name, Memory(most, seconds))
    return cast(Memory, found)


def brief(name: str, most: int) -> Memory:
    """A memory of what may be REMEMBER_SECONDS old: other people's votes, what goes well together."""
    return of(name, most, current_app.config["REMEMBER_SECONDS"])
