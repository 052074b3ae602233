"""Finds products by what people type: Khmer, Latin, romanised Khmer, misspelt or mixed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import text

from app.catalog import search_vocabulary
from app.catalog.search_query import Asked, gains, understand
from app.catalog.search_vocabulary import Vocabulary
from app.core import memory
from app.core.db import db
from app.core.shop import shop

Stage = Literal["exact", "similar", "skeleton", "none"]
PAGE = 24
MOST_FOUND, MOST_KEPT = 600, 200
ACCEPT, SIMILAR, NEAR_BEST = 0.55, 0.30, 0.8
DRIVING, MOST_DRIVERS, MOST_OPTIONS = 0.7, 6, 4

ALL_TERMS = text("""
    WITH asked AS MATERIALIZED (SELECT CAST(:terms AS text[]) AS terms)
    SELECT f.product_id FROM asked CROSS JOIN LATERAL (
        SELECT product_id, tokens_a, tokens_b FROM product_search WHERE popular AND tokens @> terms
        UNION ALL
        SELECT product_id, tokens_a, tokens_b FROM product_search WHERE NOT popular AND tokens @> terms
        LIMIT 300
    ) f JOIN products p ON p.id = f.product_id WHERE p.status::text = 'active'
    ORDER BY CASE WHEN f.tokens_a @> terms THEN 0 WHEN (f.tokens_a || f.tokens_b) @> terms THEN 1 ELSE 2 END,
             (NOT p.track_inventory OR p.allow_backorders OR p.stock > p.allocated) DESC, p.sold_count DESC, p.id
""")
ANY_TERMS = text("""
    WITH asked AS MATERIALIZED (
        SELECT * FROM unnest(:tokens :: text[], :units :: int[], :gains :: float4[]) AS a (token, unit, gain)
    ), found AS (
        SELECT s.product_id
        FROM (SELECT token, max(gain) AS gain FROM asked WHERE token = ANY(:drivers) GROUP BY token) d
        CROSS JOIN LATERAL (
            SELECT product_id FROM product_search WHERE popular AND tokens @> ARRAY[d.token]
            UNION ALL
            SELECT product_id FROM product_search WHERE NOT popular AND tokens @> ARRAY[d.token]
            LIMIT 800
        ) s
        GROUP BY s.product_id ORDER BY sum(d.gain) DESC, s.product_id LIMIT 200
    )
    SELECT s.product_id, m.share
    FROM found JOIN product_search s USING (product_id) JOIN products p ON p.id = found.product_id
    CROSS JOIN LATERAL (
        SELECT sum(best) AS share, sum(placed) AS placed FROM (
            SELECT max(gain) AS best, max(gain * CASE WHEN token = ANY(s.tokens_a) THEN 1
                WHEN token = ANY(s.tokens_b) THEN 0.8 WHEN token = ANY(s.tokens_c) THEN 0.5 ELSE 0.3 END) AS placed
            FROM asked WHERE token = ANY(s.tokens) GROUP BY unit
        ) met
    ) m
    WHERE p.status::text = 'active' AND m.share >= :least
    ORDER BY round((m.share + m.placed)::numeric, 2) DESC,
             (NOT p.track_inventory OR p.allow_backorders OR p.stock > p.allocated) DESC, p.sold_count DESC, p.id
""")


@dataclass(frozen=True)
class Hits:
    """The products found, best first; `total` counts all that could be listed (at most 300)."""

    ids: list[int]
    total: int
    stage: Stage
    folded: str


def find(query: str, limit: int = PAGE, after: int = 0) -> Hits:
    """The products that a query means, from place `after` on. At most two statements; never raises on any text.

    What many ask is remembered for a while, for one version of the catalogue.
    """
    kept, key = memory.brief("shop.searches", MOST_KEPT), (query, shop().catalogue_version)
    found: Hits | None = kept.find(key)
    if found is None:
        found = answer(query, search_vocabulary.current(), MOST_FOUND)
        kept.keep(key, found)
    return replace(found, ids=found.ids[after : after + limit])


def answer(query: str, vocabulary: Vocabulary, limit: int = PAGE, after: int = 0) -> Hits:
    """`find` with a given vocabulary."""
    asked = understand(query, vocabulary)
    ids, stage = _all_terms(asked)
    if not ids:
        ids, stage = weigh(asked)
    if not ids and not asked.literals:
        boned = understand(query, vocabulary, boned=True)
        ids, stage = weigh(boned, boned=True) if boned.guessed else ([], "none")
    return Hits(ids[after : after + limit], len(ids), stage, asked.folded)


def _all_terms(asked: Asked) -> tuple[list[int], Stage]:
    """Products that hold every term as typed, if they fill a page."""
    if not asked.literals:
        return [], "none"
    ids = list(db.session.scalars(ALL_TERMS, {"terms": asked.literals}))
    return (ids, "exact") if len(ids) >= PAGE else ([], "none")


def weigh(asked: Asked, boned: bool = False) -> tuple[list[int], Stage]:
    """The products that hold the greatest share of what was asked, best first (at most 200). One statement."""
    if not asked.units:
        return [], "none"
    tokens, units, shares = gains(asked)
    found = db.session.execute(
        ANY_TERMS,
        {"tokens": tokens, "units": units, "gains": shares, "least": ACCEPT if boned or not asked.certain else SIMILAR,
         "drivers": _drivers(asked)},
    ).all()  # fmt: skip
    return _accepted([(row.product_id, row.share) for row in found], boned)


def _drivers(asked: Asked) -> list[str]:
    """The rarest terms, as many as any acceptable product must hold one of: only such products are weighed."""
    drivers: list[str] = []
    weight = 0.0
    for unit in sorted(asked.units, key=lambda unit: -unit.weight):
        if weight > DRIVING * asked.total or len(drivers) >= MOST_DRIVERS:
            break
        weight += unit.weight
        drivers += sorted(unit.options, key=lambda term: -unit.options[term])[:MOST_OPTIONS]
    return drivers


def _accepted(found: Sequence[tuple[int, float]], boned: bool) -> tuple[list[int], Stage]:
    if not found:
        return [], "none"
    best = max(share for _, share in found)
    if best >= ACCEPT:
        return [number for number, share in found if share >= ACCEPT], "skeleton" if boned else "exact"
    return [number for number, share in found if share >= NEAR_BEST * best], "similar"
