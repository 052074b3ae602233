"""Where we deliver, for how much and how soon: quotes and promises by province, from a snapshot of the tariff."""

import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import Row, text

from app.core.db import db, rows
from app.core.errors import Invalid
from app.core.prepared import prepared
from app.core.shop import shop

SHOP_ZONE = ZoneInfo("Asia/Phnom_Penh")
CAPITAL = "12"
TARIFF = text(
    """
    SELECT p.code, p.name_en AS place_en, p.name_kh AS place_kh, z.cod_allowed, r.method, r.name_en, r.name_kh,
        r.price, r.free_over, r.eta_days_min, r.eta_days_max
    FROM provinces p
    LEFT JOIN LATERAL (
        SELECT * FROM shipping_zones WHERE p.code = ANY(provinces) ORDER BY sort_order, id LIMIT 1
    ) z ON true
    LEFT JOIN shipping_rates r ON r.zone_id = z.id AND r.is_active
    ORDER BY p.code, r.sort_order, r.id
    """
)
DESTINATION = prepared(
    """
    SELECT p.code AS province, p.name_en AS province_en, p.name_kh AS province_kh,
        d.code AS district, d.name_en AS district_en, d.name_kh AS district_kh,
        c.code AS commune, c.name_en AS commune_en, c.name_kh AS commune_kh,
        z.cod_allowed, r.method, r.name_en, r.name_kh, r.price, r.free_over, r.eta_days_min, r.eta_days_max
    FROM (SELECT 1) AS one
    LEFT JOIN provinces p ON p.code = :province
    LEFT JOIN districts d ON d.code = :district AND d.province_code = :province
    LEFT JOIN communes c ON c.code = :commune AND c.district_code = :district AND d.code IS NOT NULL
    LEFT JOIN LATERAL (
        SELECT * FROM shipping_zones WHERE p.code = ANY(provinces) ORDER BY sort_order, id LIMIT 1
    ) z ON true
    LEFT JOIN shipping_rates r ON r.zone_id = z.id AND r.method = :method AND r.is_active
    """
)
DISTRICTS = prepared(
    "SELECT code, name_en, name_kh FROM districts WHERE province_code = :within ORDER BY code"
)
COMMUNES = prepared("SELECT code, name_en, name_kh FROM communes WHERE district_code = :within ORDER BY code")


@dataclass(frozen=True)
class Place:
    """A province, district or commune by its official code."""

    code: str
    name_en: str
    name_kh: str


@dataclass(frozen=True)
class Rate:
    """One way of delivery to one province; dollars, days from the day we send it."""

    method: str
    name_en: str
    name_kh: str | None
    price: Decimal
    free_over: Decimal | None
    eta_days_min: int
    eta_days_max: int
    cod_allowed: bool


@dataclass(frozen=True)
class Promise:
    """The first and the last day (Phnom Penh) on which a parcel ordered now arrives."""

    earliest: date
    latest: date
    ordered_on: date
    cut_off: str

    @property
    def today(self) -> bool:
        return self.earliest == self.ordered_on


@dataclass(frozen=True)
class Destination:
    """An address that exists, and the rate that serves it."""

    province: Place
    district: Place
    commune: Place
    rate: Rate


@dataclass(frozen=True)
class Tariff:
    """All provinces and their rates, by province code, as PostgreSQL had them at `read_at`."""

    provinces: dict[str, Place]
    rates: dict[str, tuple[Rate, ...]]
    read_at: float = field(default_factory=time.monotonic)


def tariff() -> Tariff:
    """This process's snapshot, at most SNAPSHOT_SECONDS old; one statement when it is read anew."""
    kept = cast(Tariff | None, current_app.extensions.get("shop.tariff"))
    if kept is None or time.monotonic() - kept.read_at > current_app.config["SNAPSHOT_SECONDS"]:
        kept = _read()
        current_app.extensions["shop.tariff"] = kept
    return kept


def forget() -> None:
    """Read the tariff anew at its next use (this process)."""
    current_app.extensions.pop("shop.tariff", None)


def provinces(khmer: bool) -> list[Place]:
    """All provinces, the capital first, then by name in the page's language."""
    found = tariff().provinces.values()
    return sorted(found, key=lambda place: (place.code != CAPITAL, place.name_kh if khmer else place.name_en))


def quotes(province: str) -> tuple[Rate, ...]:
    """The ways of delivery to a province, the usual one first; empty where we do not deliver."""
    return tariff().rates.get(province, ())


def usual(province: str) -> Rate | None:
    """The usual way of delivery to a province."""
    return next(iter(quotes(province)), None)


def promise(rate: Rate, now: datetime | None = None) -> Promise:
    """When a parcel ordered now arrives; after the cut-off the count starts tomorrow."""
    local = (now or datetime.now(UTC)).astimezone(SHOP_ZONE).replace(second=0, microsecond=0)
    return _promise(rate, local, str(shop().same_day_cut_off))


@lru_cache(maxsize=512)
def _promise(rate: Rate, local: datetime, cut_off: str) -> Promise:
    start = local.date() + timedelta(days=local.strftime("%H:%M") >= cut_off)
    days = (timedelta(days=rate.eta_days_min), timedelta(days=rate.eta_days_max))
    return Promise(start + days[0], start + days[1], local.date(), cut_off)


def districts(province: str) -> list[Place]:
    """The districts of a province; one statement, none for no province."""
    return _within(DISTRICTS, province)


def communes(district: str) -> list[Place]:
    """The communes of a district; one statement, none for no district."""
    return _within(COMMUNES, district)


def destination(province: str, district: str, commune: str, method: str) -> Destination:
    """The address's names and its rate as PostgreSQL has them now; one statement. Raises Invalid naming the fields."""
    codes = {"province": province, "district": district, "commune": commune, "method": method}
    found = db.session.execute(DESTINATION, codes).one()
    wrong = {name: text for name, text in _questions().items() if not getattr(found, name)}
    if wrong:
        wrong["shipping_method"] = wrong.pop("method", None)
        raise Invalid(fields={name: text for name, text in wrong.items() if text})
    return Destination(
        Place(found.province, found.province_en, found.province_kh),
        Place(found.district, found.district_en, found.district_kh),
        Place(found.commune, found.commune_en, found.commune_kh),
        _rate(found),
    )


def _questions() -> dict[str, Any]:
    return {
        "province": _("Choose a province."),
        "district": _("Choose a district."),
        "commune": _("Choose a commune."),
        "method": _("Choose how we deliver."),
    }


def _read() -> Tariff:
    places: dict[str, Place] = {}
    rates: dict[str, tuple[Rate, ...]] = {}
    for row in rows(TARIFF):
        places[row.code] = Place(row.code, row.place_en, row.place_kh)
        if row.method:
            rates[row.code] = (*rates.get(row.code, ()), _rate(row))
    return Tariff(places, rates)


def _rate(row: Row[Any]) -> Rate:
    return Rate(**{name: getattr(row, name) for name in Rate.__dataclass_fields__})


def _within(statement: Any, code: str) -> list[Place]:
    return (
        [Place(row.code, row.name_en, row.name_kh) for row in rows(statement, {"within": code})]
        if code
        else []
    )
