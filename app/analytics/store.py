"""MongoDB's collections: made once and kept as `documents` says; events go into buckets of 200 a document.

Writing an event twice stores it once, so that the drain may repeat what it is not sure of.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo import IndexModel, InsertOne, UpdateOne, WriteConcern
from pymongo.collection import Collection as Documents
from pymongo.database import Database
from pymongo.errors import BulkWriteError, CollectionInvalid, WriteError

from app.analytics.documents import BUCKET, COLLECTIONS, Collection
from app.analytics.entries import Entry
from app.core.khmer import norm

Document = dict[str, Any]
Operation = InsertOne[Document] | UpdateOne
DURABLE = WriteConcern(w=1, j=True)
STRIDE = 50
ANONYMOUS = ("user_analytics", "search_analytics", "recommendation_feedback")
PERSONAL = ("product_recommendations", "user_purchase_patterns", "skin_analysis_results")
REFUSALS = {121, 2, 9, 22, 10334, 17419}


class Unsettled(RuntimeError):
    """A bucket changed under the write; reading it again settles it."""


def prepare(database: Database[Document]) -> list[str]:
    """Make or update every collection, validator and index; the names of those that were not as they should be."""
    found = {each["name"]: each.get("options", {}) for each in database.list_collections()}
    changed = [name for name, wanted in COLLECTIONS.items() if not _as_wanted(found.get(name), wanted)]
    for name in changed:
        _shape(database, name, COLLECTIONS[name], exists=name in found)
    for name, wanted in COLLECTIONS.items():
        database[name].create_indexes([_index(each) for each in wanted.indexes])
    return changed


def complete(database: Database[Document]) -> bool:
    """Whether every collection exists (one round trip)."""
    return set(COLLECTIONS) <= set(database.list_collection_names())


def _as_wanted(options: Mapping[str, Any] | None, wanted: Collection) -> bool:
    return options is not None and options.get("validator") == {"$jsonSchema": wanted.schema}


def _shape(database: Database[Document], name: str, wanted: Collection, exists: bool) -> None:
    validator = {"$jsonSchema": wanted.schema}
    if not exists:
        try:
            database.create_collection(name, validator=validator, validationLevel="moderate")
            return
        except CollectionInvalid:
            pass
    database.command("collMod", name, validator=validator, validationLevel="moderate")


def _index(index: Any) -> IndexModel:
    options: Document = {"name": index.name}
    options |= {"unique": True} if index.unique else {}
    options |= {"sparse": True} if index.sparse else {}
    options |= {"expireAfterSeconds": 0} if index.expires else {}
    return IndexModel(list(index.fields), **options)


def keep(
    database: Database[Document],
    entries: Sequence[Entry],
    profiles: Mapping[int, Document],
    again: bool = False,
) -> dict[str, str]:
    """Store events, each once; returns why, by entry id, for those that MongoDB will never take.

    `again`: some may be stored already. Raises PyMongoError when MongoDB is away: then nothing may be
    acknowledged, and the same entries come with `again` next time.
    """
    try:
        _write(database, entries, profiles, again)
    except (BulkWriteError, Unsettled):
        return _one_by_one(database, entries, profiles)
    return {}


def _one_by_one(
    database: Database[Document], entries: Sequence[Entry], profiles: Mapping[int, Document]
) -> dict[str, str]:
    refused = {}
    for entry in entries:
        try:
            _write(database, [entry], profiles, again=True)
        except BulkWriteError as error:
            codes = {fault["code"] for fault in error.details["writeErrors"]}
            if not codes <= REFUSALS:
                raise
            refused[entry.id] = str(error.details["writeErrors"][0].get("errmsg", "refused"))
        except WriteError as error:
            if error.code not in REFUSALS:
                raise
            refused[entry.id] = str(error)
    return refused


def _write(
    database: Database[Document], entries: Sequence[Entry], profiles: Mapping[int, Document], again: bool
) -> None:
    buckets = database.get_collection("user_analytics", write_concern=DURABLE)
    stored = _stored(buckets, entries) if again else set()
    fresh = [entry for entry in entries if entry.id not in stored]
    operations = plan(fresh, _open(buckets, fresh), profiles)
    for start in range(0, len(operations), STRIDE):
        part = operations[start : start + STRIDE]
        result = buckets.bulk_write(part, ordered=False)
        if result.matched_count < sum(isinstance(each, UpdateOne) for each in part):
            raise Unsettled
    keep_searches(database, entries)


def _stored(buckets: Documents[Document], entries: Iterable[Entry]) -> set[str]:
    ids = [entry.id for entry in entries]
    found = buckets.find({"events.event_id": {"$in": ids}}, {"_id": 0, "events.event_id": 1})
    return {event["event_id"] for bucket in found for event in bucket["events"]}


def _open(buckets: Documents[Document], entries: Iterable[Entry]) -> dict[str, tuple[Any, int]]:
    """The newest bucket with room by session: its _id and how many events it holds."""
    sessions = sorted({entry.session for entry in entries})
    found = buckets.find(
        {"session_id": {"$in": sessions}, "event_count": {"$lt": BUCKET}},
        {"session_id": 1, "event_count": 1},
    ).sort("created_at", 1)
    return {each["session_id"]: (each["_id"], each["event_count"]) for each in found}


def plan(
    entries: Iterable[Entry], room: Mapping[str, tuple[Any, int]], profiles: Mapping[int, Document]
) -> list[Operation]:
    """What to write: first fill the session's open bucket, then begin new ones."""
    sessions: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        sessions[entry.session].append(entry)
    operations: list[Operation] = []
    for session, events in sessions.items():
        begun = 0
        if session in room:
            bucket, held = room[session]
            begun = min(BUCKET - held, len(events))
            operations.append(_push(bucket, events[:begun], profiles))
        operations += [
            InsertOne(_bucket(session, events[start : start + BUCKET], profiles))
            for start in range(begun, len(events), BUCKET)
        ]
    return operations


def _push(bucket: Any, events: Sequence[Entry], profiles: Mapping[int, Document]) -> UpdateOne:
    ids = [entry.id for entry in events]
    room = {"_id": bucket, "event_count": {"$lte": BUCKET - len(events)}, "events.event_id": {"$nin": ids}}
    change = {
        "$push": {"events": {"$each": [entry.event for entry in events]}},
        "$inc": {"event_count": len(events)},
        "$set": {"updated_at": datetime.now(UTC), **_about(events, profiles)},
    }
    return UpdateOne(room, change)


def _bucket(session: str, events: Sequence[Entry], profiles: Mapping[int, Document]) -> Document:
    return {
        "session_id": session,
        "user_id": None,
        "first_event_id": events[0].id,
        "event_count": len(events),
        "events": [entry.event for entry in events],
        "created_at": events[0].at,
        "updated_at": datetime.now(UTC),
        **_about(events, profiles),
    }


def _about(events: Sequence[Entry], profiles: Mapping[int, Document]) -> Document:
    """Who and with what, as far as the newest of these events knows; a bucket of nobody knows nothing."""
    about: Document = {}
    user = next((entry.user_id for entry in reversed(events) if entry.user_id), None)
    if events[0].session.startswith("anonymous:"):
        return about
    if user:
        about["user_id"] = user
        if user in profiles:
            about["skin_profile"] = profiles[user]
    device = next((entry.device for entry in reversed(events) if entry.device), None)
    return about | ({"device_info": device} if device else {})


def keep_searches(database: Database[Document], entries: Iterable[Entry]) -> None:
    """A document of search_analytics for each search, once."""
    operations = [
        UpdateOne({"event_id": entry.id}, {"$setOnInsert": _search(entry)}, upsert=True)
        for entry in entries
        if entry.kind == "search" and entry.data.get("search_query")
    ]
    for start in range(0, len(operations), STRIDE):
        database["search_analytics"].bulk_write(operations[start : start + STRIDE], ordered=False)


def _search(entry: Entry) -> Document:
    query = str(entry.data["search_query"])
    count = entry.data.get("metadata", {}).get("results_count")
    return {
        "user_id": entry.user_id,
        "search_query": query,
        "normalized_query": norm(query).strip().lower(),
        "results_count": count if isinstance(count, int) else None,
        "clicked_products": [],
        "session_id": entry.session,
        "timestamp": entry.at,
        "device_info": entry.device,
    }


def theirs(database: Database[Document], name: str, user_id: int) -> Iterable[Document]:
    """A cursor over what a collection holds about one person, oldest first."""
    return database[name].find({"user_id": user_id}, {"_id": 0}).sort("_id", 1)


def forget(database: Database[Document], user_ids: Sequence[int]) -> int:
    """Cut every tie between events and these people and delete what was computed for them; how many documents."""
    about = {"user_id": {"$in": list(user_ids)}}
    cut = {"$set": {"user_id": None}, "$unset": {"skin_profile": "", "device_info": ""}}
    changed = sum(database[name].update_many(about, cut).modified_count for name in ANONYMOUS)
    return changed + sum(database[name].delete_many(about).deleted_count for name in PERSONAL)
