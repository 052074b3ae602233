"""The shapes of MongoDB's collections: validators and indexes, as data; field names are the design document's."""

from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]

SKIN_TYPES = ["oily", "dry", "combination", "sensitive", "normal", "acne", "all"]
WHOLE: Schema = {"bsonType": ["int", "long"]}
MAYBE_WHOLE: Schema = {"bsonType": ["int", "long", "null"]}
NUMBER: Schema = {"bsonType": ["int", "long", "double"]}
SHARE: Schema = {"bsonType": ["int", "long", "double"], "minimum": 0, "maximum": 1}
TEXT: Schema = {"bsonType": "string"}
MAYBE_TEXT: Schema = {"bsonType": ["string", "null"]}
DATE: Schema = {"bsonType": "date"}
MAYBE_DATE: Schema = {"bsonType": ["date", "null"]}
SKIN: Schema = {"enum": [*SKIN_TYPES, None]}


def thing(required: str = "", **properties: Schema) -> Schema:
    """An object with these fields (others are allowed too); `required` names fields, separated by spaces."""
    schema: Schema = {"bsonType": "object", "properties": properties}
    return schema | ({"required": required.split()} if required else {})


def many(item: Schema, most: int | None = None) -> Schema:
    """A list."""
    return {"bsonType": "array", "items": item} | ({"maxItems": most} if most else {})


@dataclass(frozen=True)
class Index:
    """Fields with their direction; `expires`: documents go when the field's time is past."""

    fields: tuple[tuple[str, int], ...]
    unique: bool = False
    expires: bool = False
    sparse: bool = False

    @property
    def name(self) -> str:
        return "_".join(f"{name}_{direction}" for name, direction in self.fields)


@dataclass(frozen=True)
class Collection:
    """A validator and indexes."""

    schema: Schema
    indexes: tuple[Index, ...] = field(default=())


def by(*names: str, unique: bool = False, expires: bool = False, sparse: bool = False) -> Index:
    """An index over these fields; a leading minus sorts downwards."""
    pairs = tuple((name.removeprefix("-"), -1 if name.startswith("-") else 1) for name in names)
    return Index(pairs, unique, expires, sparse)


BUCKET = 200
WORDS = many(TEXT)
PRICES = thing(min=NUMBER, max=NUMBER)
PROFILE = thing(skin_type=SKIN, concerns=WORDS, age_range=MAYBE_TEXT, skin_goals=WORDS)
EVENT = thing(
    "event_type event_data",
    event_id=TEXT,
    event_type=TEXT,
    event_data=thing("timestamp", timestamp=DATE, product_id=MAYBE_WHOLE),
)
DEVICE = thing(user_agent=MAYBE_TEXT, ip_address=MAYBE_TEXT, device_type=MAYBE_TEXT)
AT_K = thing(k5=NUMBER, k10=NUMBER, k20=NUMBER)
REASON = thing("code", code=TEXT)

COLLECTIONS = {
    "user_analytics": Collection(
        thing(
            "session_id events created_at",
            session_id=TEXT,
            user_id=MAYBE_WHOLE,
            skin_profile=PROFILE,
            events=many(EVENT, BUCKET),
            device_info=DEVICE,
            created_at=DATE,
            updated_at=DATE,
        ),
        (
            by("session_id", "first_event_id", unique=True),
            by("session_id", "event_count"),
            by("events.event_id"),
            by("user_id", "-updated_at"),
        ),
    ),
    "product_recommendations": Collection(
        thing(
            "user_id recommendation_type recommended_products expires_at",
            user_id=WHOLE,
            recommendation_type={"enum": ["collaborative", "content_based", "skin_based", "hybrid"]},
            recommended_products=many(thing("product_id score", product_id=WHOLE, score=SHARE)),
            user_profile=thing(skin_type=SKIN, budget_range=PRICES),
            model_version=TEXT,
            created_at=DATE,
            expires_at=DATE,
        ),
        (by("user_id", "recommendation_type", unique=True), by("expires_at", expires=True)),
    ),
    "product_similarities": Collection(
        thing(
            "product_id similar_products computed_at algorithm_version",
            product_id=WHOLE,
            similar_products=many(
                thing(
                    "product_id similarity_score similarity_factors",
                    product_id=WHOLE,
                    similarity_score=SHARE,
                    similarity_factors=thing(
                        category_match=SHARE,
                        skin_type_match=SHARE,
                        concern_overlap=SHARE,
                        ingredient_similarity=SHARE,
                        price_similarity=SHARE,
                    ),
                    reason=REASON,
                )
            ),
            computed_at=DATE,
            algorithm_version=TEXT,
        ),
        (by("product_id", unique=True),),
    ),
    "user_purchase_patterns": Collection(
        thing(
            "user_id purchase_vector last_updated",
            user_id=WHOLE,
            skin_type=SKIN,
            purchase_vector={"bsonType": "object"},
            concern_preferences={"bsonType": "object"},
            behavioral_features=thing(
                avg_order_value=NUMBER,
                brand_loyalty_score=SHARE,
                price_sensitivity=SHARE,
                seasonal_patterns={"bsonType": "object"},
            ),
            last_updated=DATE,
        ),
        (by("user_id", unique=True),),
    ),
    "search_analytics": Collection(
        thing(
            "search_query normalized_query timestamp",
            user_id=MAYBE_WHOLE,
            search_query=TEXT,
            normalized_query=TEXT,
            results_count=MAYBE_WHOLE,
            clicked_products=many(thing("product_id", product_id=WHOLE, position=WHOLE, clicked_at=DATE)),
            session_id=TEXT,
            timestamp=DATE,
        ),
        (by("-timestamp"), by("normalized_query"), by("event_id", unique=True, sparse=True)),
    ),
    "model_performance": Collection(
        thing(
            "model_name model_version evaluation_date metrics",
            model_name=TEXT,
            model_version=TEXT,
            evaluation_date=DATE,
            metrics=thing(
                precision_at_k=AT_K,
                recall_at_k=AT_K,
                ndcg_at_k=AT_K,
                auc_score=NUMBER,
                coverage=NUMBER,
                diversity=NUMBER,
            ),
            created_at=DATE,
        ),
        (by("model_name", "-evaluation_date"),),
    ),
    "recommendation_feedback": Collection(
        thing(
            "product_id interaction_type timestamp",
            user_id=MAYBE_WHOLE,
            product_id=WHOLE,
            interaction_type={"enum": ["view", "click", "cart_add", "purchase", "ignore"]},
            feedback_score=NUMBER,
            context=thing(recommendation_position=MAYBE_WHOLE, page_type=MAYBE_TEXT),
            timestamp=DATE,
        ),
        (by("product_id", "-timestamp"), by("user_id", "-timestamp")),
    ),
    "skin_analysis_results": Collection(
        thing(
            "analysis_id created_at",
            user_id=MAYBE_WHOLE,
            analysis_id=TEXT,
            analysis_results=thing(detected_skin_type=SKIN, confidence_score=SHARE),
            recommended_products=many(thing("product_id", product_id=WHOLE, priority=WHOLE)),
            analysis_version=TEXT,
            created_at=DATE,
        ),
        (by("user_id", "-created_at"), by("analysis_id", unique=True)),
    ),
    "ml_models": Collection(
        thing(
            "name version algorithm status created_at",
            name=TEXT,
            version=TEXT,
            algorithm=TEXT,
            status={"enum": ["candidate", "active", "retired", "rejected"]},
            created_at=DATE,
        ),
        (by("name", "version", unique=True), by("name", "status", "-created_at")),
    ),
    "training_snapshots": Collection(
        thing("name digest counts created_at", name=TEXT, digest=TEXT, cut_off=MAYBE_DATE, created_at=DATE),
        (by("name", "-created_at"),),
    ),
    "trending": Collection(
        thing(
            "skin_type window products computed_at model_version",
            skin_type={"enum": [*SKIN_TYPES, "everybody"]},
            window=TEXT,
            products=many(thing("product_id score", product_id=WHOLE, score=SHARE, reason=REASON)),
            computed_at=DATE,
            model_version=TEXT,
        ),
        (by("skin_type", "window", unique=True),),
    ),
}
