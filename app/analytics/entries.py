"""Reads an entry of the event stream into what MongoDB keeps. Pure; a bad entry is Unreadable."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.analytics.events import KINDS
from app.core.schedule import PHNOM_PENH

LARGEST = 2**31 - 1
LONGEST = 500
OWN_FIELDS: dict[str, type | tuple[type, ...]] = {
    "product_id": int,
    "category": str,
    "page_url": str,
    "search_query": str,
    "skin_type_filter": str,
    "price_range": dict,
    "duration_seconds": (int, float),
}
BROWSERS = (
    ("edg/", "Edge"),
    ("opr/", "Opera"),
    ("firefox", "Firefox"),
    ("chrome", "Chrome"),
    ("safari", "Safari"),
)
SYSTEMS = (
    ("android", "Android"),
    ("iphone", "iOS"),
    ("ipad", "iOS"),
    ("windows", "Windows"),
    ("mac os", "macOS"),
    ("linux", "Linux"),
)


class Unreadable(ValueError):
    """An entry that no document can be made of."""


@dataclass(frozen=True)
class Entry:
    """One event: the id that the stream gave it, whose session, and the event as it is stored."""

    id: str
    session: str
    user_id: int | None
    at: datetime
    event: dict[str, Any]
    device: dict[str, Any]

    @property
    def kind(self) -> str:
        return str(self.event["event_type"])

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = self.event["event_data"]
        return found


def read(entry_id: str, fields: dict[str, str]) -> Entry:
    """Raises Unreadable."""
    try:
        kind, facts = fields["kind"], json.loads(fields.get("data") or "{}")
        at = datetime.fromtimestamp(int(fields.get("at") or entry_id.partition("-")[0]) / 1000, UTC)
        user = int(fields["user"]) if fields.get("user") else None
    except (KeyError, ValueError, OverflowError, OSError, RecursionError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from None
    if kind not in KINDS or not isinstance(facts, dict):
        raise Unreadable(f"{kind[:40]!r} is no event")
    if user is not None and not 0 < user <= LARGEST:
        raise Unreadable(f"user {user}")
    session = fields.get("session", "")[:200] or f"anonymous:{at.astimezone(PHNOM_PENH):%Y-%m-%d}"
    event = {"event_id": entry_id, "event_type": kind, "event_data": _data(facts, at, fields.get("lang", ""))}
    return Entry(entry_id, session, user, at, event, device(fields.get("agent", ""), fields.get("ip", "")))


def _data(facts: dict[str, Any], at: datetime, lang: str) -> dict[str, Any]:
    """The document's own fields where the type fits, the rest as text in `metadata`."""
    data: dict[str, Any] = {"timestamp": at}
    rest: dict[str, Any] = {"lang": lang} if lang else {}
    for key, value in facts.items():
        wanted = OWN_FIELDS.get(key)
        if key == "items":
            data[key] = _lines(value)
        elif wanted and isinstance(value, wanted) and not isinstance(value, bool):
            data[key] = value[:LONGEST] if isinstance(value, str) else value
        else:
            rest[re.sub(r"[.$\0]", "_", key)[:60]] = _plain(value)
    if not 0 < data.get("product_id", 1) <= LARGEST:
        raise Unreadable("product_id out of range")
    return data | ({"metadata": rest} if rest else {})


def _lines(value: Any) -> list[dict[str, int]]:
    """The lines of a purchase; what is no pair of whole numbers is left out."""
    rows = [line for line in value if isinstance(line, dict)] if isinstance(value, list) else []
    pairs = [(line.get("product_id"), line.get("quantity")) for line in rows]
    return [
        {"product_id": product, "quantity": units}
        for product, units in pairs
        if isinstance(product, int)
        and isinstance(units, int)
        and 0 < product <= LARGEST
        and 0 < units <= LARGEST
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, bool | float) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) <= LARGEST else str(value)
    return (value if isinstance(value, str) else json.dumps(value))[:LONGEST]


def device(agent: str, ip: str) -> dict[str, Any]:
    """What a browser's name says of the device; empty without one."""
    if not agent:
        return {}
    low = agent.lower()
    tablet = "ipad" in low or ("android" in low and "mobile" not in low)
    mobile = "mobi" in low
    return {
        "user_agent": agent,
        "ip_address": ip,
        "device_type": "tablet" if tablet else "mobile" if mobile else "desktop",
        "browser": next((name for mark, name in BROWSERS if mark in low), "other"),
        "os": next((name for mark, name in SYSTEMS if mark in low), "other"),
    }
