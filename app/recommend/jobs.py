"""What the worker learns: purchase patterns, what is trending, which products are alike."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.core import mongo
from app.core.runs import Run
from app.recommend import patterns, queries, store
from app.recommend import trending as sales

if TYPE_CHECKING:
    from app.recommend.content import Item, Similar

CUSTOMERS = 200
OVERLAP = timedelta(minutes=10)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
DAYS = 180
CONTENT = "content_based"
PATTERNS = "purchase_patterns"
TRENDING = "trending"
Document = dict[str, Any]


def refresh_patterns(run: Run) -> Document:
    """Write the purchase patterns of customers whose orders changed since the last time, of all when none is stored."""
    with mongo.opened() as database:
        manifest = store.active_model(database, PATTERNS) if store.has_patterns(database) else None
        since = manifest["cut_off"] - OVERLAP if manifest else LONG_AGO
        cut_off, users = queries.newest_change(), 0
        for ids in queries.changed_customers(since, CUSTOMERS):
            users += store.write_patterns(database, _patterns(ids))
            run.step(f"{users} customers")
        if cut_off:
            facts = _manifest(PATTERNS, patterns.VERSION, "counts of purchases", cut_off.isoformat())
            store.promote(database, {**facts, "cut_off": cut_off}, {"users": users}, cut_off)
    return {"users": users}


def _patterns(ids: list[int]) -> Iterator[Document]:
    lines, baskets = defaultdict(list), defaultdict(list)
    for row in queries.purchases(ids):
        lines[row.user_id].append(row)
    for row in queries.baskets(ids):
        baskets[row.user_id].append(row)
    now = datetime.now(UTC)
    return (patterns.pattern(user, lines[user], baskets[user], now) for user in ids)


def find_trending(run: Run) -> Document:
    """Write what sells now, by skin type and for everybody, from the orders themselves."""
    now = datetime.now(UTC)
    lines = [
        sales.Sale(row.product_id, row.skin_type, float(row.age_days), float(row.units), row.buyers)
        for row in queries.sales(now, DAYS)
    ]
    run.step(f"ranking {len(lines)} days of sales")
    ranked = sales.rank(lines)
    version = f"{sales.VERSION}-{now:%Y%m%dT%H%M%S}"
    facts = {"window": sales.WINDOW, "model_version": version, "computed_at": now}
    documents = [
        {"skin_type": skin_type, "products": [_trend(each, skin_type) for each in best], **facts}
        for skin_type, best in ranked.items()
    ]
    if documents:
        units = sum(line.units for line in lines)
        manifest = _manifest(
            TRENDING, version, f"sales, half-life {sales.HALF_LIFE:g} days", f"{units:g} units"
        )
        with mongo.opened() as database:
            store.write_trending(database, documents)
            store.promote(database, manifest, {"rows": len(lines), "units": units}, now)
    return {"lists": len(documents), "products": len(ranked.get(sales.EVERYBODY, [])), "version": version}


def _trend(ranked: sales.Ranked, skin_type: str) -> Document:
    args = {"skin_type": skin_type} if ranked.reason == "popular_with_skin" else {}
    return {
        "product_id": ranked.product_id,
        "score": ranked.score,
        "reason": {"code": ranked.reason, "args": args},
    }


def find_similar(run: Run, hours: float | None = None) -> Document:
    """Find out which products are alike, unless the active model was made from the same catalogue.

    `hours`: also when the active model is older than that.
    """
    with mongo.opened() as database:
        return _unchanged(database, hours) or learn_similar(run, database)


def _unchanged(database: Any, hours: float | None) -> Document | None:
    manifest, version = store.active_model(database, CONTENT), queries.catalogue_version()
    if not manifest or store.count_similarities(database) != manifest["products"]:
        return None
    if hours is not None and manifest["created_at"] < datetime.now(UTC) - timedelta(hours=hours):
        return None
    if manifest["catalogue_version"] == version:
        return {"unchanged": "version"}
    if manifest["training_digest"] != queries.digest():
        return None
    store.note(database, manifest, catalogue_version=version)
    return {"unchanged": "content"}


def learn_similar(run: Run, database: Any) -> Document:
    """Compare every product on sale, write those whose similar products changed, then name the model active."""
    from app.recommend import content

    now, known = datetime.now(UTC), store.similarity_digests(database)
    catalogue, digest = queries.catalogue_version(), queries.digest()
    items = [_item(row) for row in queries.items()]
    run.step(f"comparing {len(items)} products")
    facts = {"computed_at": now, "algorithm_version": content.VERSION}
    changed = (
        document | facts
        for document in _alike(items)
        if known.get(document["product_id"]) != document["digest"]
    )
    written = store.write_similarities(database, changed)
    gone = store.drop_other_similarities(database, [item.id for item in items])
    version = f"{content.VERSION}-{now:%Y%m%dT%H%M%S}"
    manifest = _manifest(CONTENT, version, "TF-IDF of INCI lists with shop factors", digest)
    manifest |= {"params": content.WEIGHTS, "products": len(items), "catalogue_version": catalogue}
    store.promote(database, manifest, {"products": len(items)}, now)
    return {"products": len(items), "written": written, "dropped": gone, "version": version}


def _alike(items: "list[Item]") -> Iterator[Document]:
    """A document for each product, with a digest of what it says."""
    from app.recommend import content

    labels = queries.labels(sorted({name for item in items for name in item.keys}))
    brands = {item.id: item.brand_name for item in items}
    for product_id, near in content.similarities(items):
        similar = [_similar(each, labels, brands) for each in near]
        digest = hashlib.sha256(json.dumps(similar, sort_keys=True).encode()).hexdigest()
        yield {"product_id": product_id, "similar_products": similar, "digest": digest}


def _item(row: Any) -> "Item":
    from app.recommend.content import Item

    return Item(
        id=row.id,
        category=row.category,
        shelf=row.shelf,
        brand=row.brand,
        brand_name=row.brand_name,
        price=float(row.price),
        family=row.family_id,
        concerns=frozenset(row.skin_concerns),
        suits=frozenset(row.suits or ["all"]),
        ingredients=tuple(dict.fromkeys(each["inci"] for each in row.ingredients)),
        keys=frozenset(each["inci"] for each in row.ingredients if each.get("key")),
    )


def _similar(one: "Similar", labels: dict[str, dict[str, str]], brands: dict[int, str | None]) -> Document:
    args: Document = {}
    if one.reason == "shares":
        args = {"ingredients": [labels.get(name, {"en": name, "kh": name}) for name in one.shared[:2]]}
    elif one.reason == "same_brand":
        args = {"brand": brands[one.product_id]}
    return {
        "product_id": one.product_id,
        "similarity_score": one.score,
        "similarity_factors": one.factors,
        "reason": {"code": one.reason, "args": args},
    }


def _manifest(name: str, version: str, algorithm: str, digest: str) -> Document:
    return {"name": name, "version": version, "algorithm": algorithm, "training_digest": digest}
