"""MongoDB: collections made once, validators that refuse, buckets of at most 200, an event stored once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo.errors import WriteError

from app.analytics import store
from app.analytics.documents import BUCKET, COLLECTIONS
from app.analytics.entries import Entry, Unreadable, read

SEED = {
    "user_analytics",
    "product_recommendations",
    "product_similarities",
    "user_purchase_patterns",
    "search_analytics",
    "model_performance",
    "recommendation_feedback",
    "skin_analysis_results",
}
NOW = 1_790_000_000_000


def entry(number: int, session: str = "visitor", kind: str = "product_view", **more: str) -> Entry:
    fields = {
        "kind": kind,
        "at": str(NOW + number),
        "session": session,
        "data": f'{{"product_id": {number + 1}}}',
    }
    return read(f"{NOW}-{number}", fields | more)


def stored(database: Any) -> list[str]:
    return [event["event_id"] for bucket in database["user_analytics"].find() for event in bucket["events"]]


def test_every_collection_is_made_once(database: Any) -> None:
    database.client.drop_database(database.name)
    assert not store.complete(database)
    assert set(store.prepare(database)) == set(COLLECTIONS) >= SEED
    assert store.prepare(database) == []
    assert store.complete(database)
    for name, wanted in COLLECTIONS.items():
        made = database[name].index_information()
        for index in wanted.indexes:
            assert made[index.name]["key"] == list(index.fields), name
            assert bool(made[index.name].get("unique")) == index.unique
            assert ("expireAfterSeconds" in made[index.name]) == index.expires


def test_a_changed_validator_is_renewed(database: Any) -> None:
    database.command("collMod", "trending", validator={})
    assert store.prepare(database) == ["trending"]


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("user_analytics", {"session_id": 7, "events": [], "created_at": datetime.now(UTC)}),
        ("product_similarities", {"product_id": "1"}),
        ("search_analytics", {"search_query": "x"}),
        (
            "ml_models",
            {"name": "m", "version": "1", "algorithm": "a", "status": "odd", "created_at": datetime.now(UTC)},
        ),
    ],
)
def test_validators_refuse(database: Any, name: str, document: dict[str, Any]) -> None:
    with pytest.raises(WriteError):
        database[name].insert_one(document)


def test_buckets_hold_200_and_the_next_one_begins(database: Any) -> None:
    store.keep(database, [entry(n) for n in range(150)], {})
    store.keep(database, [entry(n) for n in range(150, 650)], {})
    sizes = sorted(bucket["event_count"] for bucket in database["user_analytics"].find())
    assert sizes == [50, BUCKET, BUCKET, BUCKET]
    assert sorted(stored(database)) == sorted(entry(n).id for n in range(650))


def test_writing_twice_stores_once(database: Any) -> None:
    """Again as a whole, in part, in another grouping, and by two writers at the same time."""
    events = [entry(n, session=f"s{n % 3}") for n in range(120)]
    store.keep(database, events[:70], {})
    store.keep(database, events, {}, again=True)
    store.keep(database, events[30:90], {}, again=True)
    store.keep(database, events, {})
    more = [entry(n, session="s1") for n in range(200, 260)]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda _: store.keep(database, more, {}, again=True), range(2))) == [{}, {}]
    assert sorted(stored(database)) == sorted(each.id for each in [*events, *more])


def test_a_profile_and_a_device_stand_beside_the_events_of_a_person(database: Any) -> None:
    profile = {"skin_type": "oily", "concerns": ["acne"], "age_range": "26-35", "skin_goals": []}
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile Safari/605"
    store.keep(database, [entry(1, user="5", agent=agent, ip="203.0.113.0")], {5: profile})
    store.keep(database, [entry(2, session="", user="5")], {5: profile})
    known = database["user_analytics"].find_one({"session_id": "visitor"}) or {}
    nobody = database["user_analytics"].find_one({"session_id": {"$regex": "^anonymous:"}}) or {}
    assert (known["user_id"], known["skin_profile"]) == (5, profile)
    assert known["device_info"]["device_type"] == "mobile"
    assert known["device_info"]["ip_address"] == "203.0.113.0"
    assert nobody["user_id"] is None
    assert not {"device_info", "skin_profile"} & set(nobody)


def test_a_search_is_kept_for_itself_once(database: Any) -> None:
    fields = {
        "kind": "search",
        "session": "v",
        "data": '{"search_query": " Niacinamide ", "results_count": 4}',
    }
    for again in (False, True):
        store.keep(database, [read(f"{NOW}-1", fields)], {}, again)
    found = list(database["search_analytics"].find())
    assert [(each["normalized_query"], each["results_count"]) for each in found] == [("niacinamide", 4)]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"kind": "sneeze"},
        {"kind": "product_view", "data": "[1]"},
        {"kind": "product_view", "data": "{"},
        {"kind": "product_view", "data": '{"product_id": 99999999999}'},
        {"kind": "product_view", "data": '{"product_id": -1}'},
        {"kind": "product_view", "at": "soon"},
        {"kind": "product_view", "at": "9" * 30},
        {"kind": "product_view", "user": "me"},
        {"kind": "product_view", "data": "[" * 100_000},
    ],
)
def test_what_cannot_be_read_says_so(fields: dict[str, str]) -> None:
    with pytest.raises(Unreadable):
        read("1790000000000-0", fields)


def test_odd_facts_are_stored_as_plain_ones(database: Any) -> None:
    odd = '{"$where": 1, "a.b": {"x": [1, 2]}, "category": 7, "n": 1e999, "big": 12345678901234567890, "t": "\\u0000"}'
    assert (
        store.keep(database, [read(f"{NOW}-1", {"kind": "page_view", "session": "s", "data": odd})], {}) == {}
    )
    assert stored(database) == [f"{NOW}-1"]


def test_a_purchase_keeps_its_lines() -> None:
    data = '{"order_id": 9, "total": "25.00", "items": [{"product_id": 3, "quantity": 2}, {"product_id": "x"}, 7]}'
    bought = read(f"{NOW}-1", {"kind": "purchase", "session": "s", "data": data}).data
    assert bought["items"] == [{"product_id": 3, "quantity": 2}]
    assert bought["metadata"] == {"order_id": 9, "total": "25.00"}
