"""Places and tariff load once, whatever is there already."""

from typing import Any

from sqlalchemy import text

from app.shipping import loading


def count(db_session: Any, table: str) -> int:
    return int(db_session.execute(text(f"SELECT count(*) FROM {table}")).scalar())


def test_all_of_cambodia_is_loaded_and_loading_again_changes_nothing(db_session: Any) -> None:
    loading.load_places()
    assert loading.load_places() == {"provinces": 25, "districts": 210, "communes": 1661}
    assert [count(db_session, name) for name in ("provinces", "districts", "communes")] == [25, 210, 1661]


def test_provinces_are_named_the_way_people_name_them(db_session: Any) -> None:
    loading.load_places()
    names = dict(db_session.execute(text("SELECT code, name_en FROM provinces")).all())
    assert (names["17"], names["22"], names["12"]) == ("Siem Reap", "Oddar Meanchey", "Phnom Penh")
    khmer = db_session.execute(text("SELECT name_kh FROM provinces WHERE code = '12'")).scalar()
    assert len(khmer) == 7


def test_a_shop_with_zones_keeps_them(db_session: Any) -> None:
    loading.load_places()
    loading.load_tariff()
    db_session.execute(text("UPDATE shipping_rates SET price = 9.99"))
    assert loading.load_tariff() is False
    assert db_session.execute(text("SELECT min(price) FROM shipping_rates")).scalar() > 9
