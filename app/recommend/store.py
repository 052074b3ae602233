"""What learning keeps in MongoDB: similarities, trending, purchase patterns, and the record of models."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pymongo import DeleteMany, ReplaceOne
from pymongo.database import Database

Document = dict[str, Any]
STRIDE = 50
WINDOW = "half-life-15d"
EVERYBODY = "everybody"


def similar(database: Database[Document], product_id: int, most: int) -> Document | None:
    """The `most` similar of one product, best first; one read."""
    wanted = {"_id": 0, "similar_products": {"$slice": most}}
    return database["product_similarities"].find_one({"product_id": product_id}, wanted)


def trending(database: Database[Document], skin_type: str | None) -> Document | None:
    """What sells now, to one skin type or to everybody; everybody's when the type has none. One read."""
    wanted = {"_id": 0, "skin_type": 1, "products.product_id": 1, "products.reason": 1}
    types = [EVERYBODY, skin_type] if skin_type else [EVERYBODY]
    found = list(database["trending"].find({"skin_type": {"$in": types}, "window": WINDOW}, wanted))
    return max(found, key=lambda each: each["skin_type"] == skin_type, default=None)


def similarity_digests(database: Database[Document]) -> dict[int, str]:
    """What is stored, by product: the digest of its similar products."""
    found = database["product_similarities"].find({}, {"_id": 0, "product_id": 1, "digest": 1})
    return {each["product_id"]: each.get("digest", "") for each in found}


def write_similarities(database: Database[Document], documents: Iterable[Document]) -> int:
    """Put documents in the place of those of the same products; how many."""
    return _replace(database, "product_similarities", documents, ("product_id",))


def drop_other_similarities(database: Database[Document], product_ids: list[int]) -> int:
    """Forget products that are no longer on sale; how many."""
    gone = database["product_similarities"].delete_many({"product_id": {"$nin": product_ids}})
    return gone.deleted_count


def count_similarities(database: Database[Document]) -> int:
    """How many products have their similar ones stored."""
    return database["product_similarities"].count_documents({})


def write_trending(database: Database[Document], documents: list[Document]) -> int:
    """Put these lists in the place of all others of their window, the new ones first; how many."""
    written = _replace(database, "trending", documents, ("skin_type", "window"))
    types = [document["skin_type"] for document in documents]
    database["trending"].bulk_write([DeleteMany({"skin_type": {"$nin": types}, "window": WINDOW})])
    return written


def write_patterns(database: Database[Document], documents: Iterable[Document]) -> int:
    """Put purchase patterns in the place of older ones; how many."""
    return _replace(database, "user_purchase_patterns", documents, ("user_id",))


def has_patterns(database: Database[Document]) -> bool:
    """Whether any purchase pattern is stored."""
    return database["user_purchase_patterns"].find_one({}, {"_id": 1}) is not None


def active_model(database: Database[Document], name: str) -> Document | None:
    """The manifest of the model that pages are served from."""
    return database["ml_models"].find_one({"name": name, "status": "active"}, sort=[("created_at", -1)])


def promote(
    database: Database[Document], manifest: Document, counts: Document, cut_off: datetime | None
) -> None:
    """Write down a finished model and what it was trained on, make it the active one and keep the last five."""
    models, now = database["ml_models"], datetime.now(UTC)
    key = {"name": manifest["name"], "version": manifest["version"]}
    models.replace_one(key, {**manifest, "status": "active", "created_at": now}, upsert=True)
    others = {"name": key["name"], "version": {"$ne": key["version"]}}
    models.update_many({**others, "status": "active"}, {"$set": {"status": "retired"}})
    old = [each["_id"] for each in models.find(others, {"_id": 1}).sort("created_at", -1).skip(5)]
    models.delete_many({"_id": {"$in": old}})
    snapshot = {
        "name": key["name"],
        "digest": manifest["training_digest"],
        "counts": counts,
        "cut_off": cut_off,
    }
    database["training_snapshots"].replace_one(
        {"name": key["name"], "digest": snapshot["digest"]}, {**snapshot, "created_at": now}, upsert=True
    )


def note(database: Database[Document], manifest: Document, **facts: object) -> None:
    """Add facts to a model's manifest."""
    database["ml_models"].update_one({"_id": manifest["_id"]}, {"$set": facts})


def _replace(
    database: Database[Document], name: str, documents: Iterable[Document], keys: tuple[str, ...]
) -> int:
    """Upserts by key, fifty a write (the embedded server is slow on large ones)."""
    written = 0
    part: list[ReplaceOne[Document]] = []
    for document in documents:
        part.append(ReplaceOne({key: document[key] for key in keys}, document, upsert=True))
        if len(part) == STRIDE:
            written += len(part)
            database[name].bulk_write(part, ordered=False)
            part = []
    if part:
        written += len(part)
        database[name].bulk_write(part, ordered=False)
    return written
