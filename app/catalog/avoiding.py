"""Ingredients that people write down by any of their names."""

import re

from sqlalchemy import text

from app.catalog.vocabulary import FREE_FROM, words
from app.core import db
from app.core.i18n import pick

MOST = 30
SEPARATORS = re.compile(r"(?:[;\n\u17d4]|,(?!\d))+")
NAMED = text(
    """
    SELECT DISTINCT ON (wanted) wanted, i.slug FROM unnest(CAST(:names AS text[])) AS wanted
    JOIN ingredients i ON lower(wanted) IN (lower(i.inci_name), lower(i.label_en), i.label_kh, i.slug)
    ORDER BY wanted, i.id
    """
)
LABELS = text(
    "SELECT slug, inci_name, coalesce(label_en, inci_name) AS name_en, label_kh AS name_kh FROM ingredients"
    " WHERE slug = ANY(:slugs)"
)


def read(written: str) -> tuple[list[str], list[str]]:
    """(slugs, names that we do not know) of a list that somebody wrote with commas; one statement."""
    names = list(dict.fromkeys(part.strip() for part in SEPARATORS.split(written) if part.strip()))[:MOST]
    if not names:
        return [], []
    known = {row.wanted: row.slug for row in db.rows(NAMED, {"names": names})}
    return list(dict.fromkeys(known[name] for name in names if name in known)), [
        name for name in names if name not in known
    ]


def told(avoided: list[str]) -> str:
    """The single ingredients among `avoided` by name, with commas; one statement, none without any."""
    slugs = [one for one in avoided if one not in FREE_FROM]
    found = db.rows(LABELS, {"slugs": slugs}) if slugs else []
    labels = {
        row.slug: row.inci_name if SEPARATORS.search(pick(row, "name")) else pick(row, "name")
        for row in found
    }
    return ", ".join(labels[slug] for slug in slugs if slug in labels)


def kinds(avoided: list[str]) -> list[str]:
    """The kinds among `avoided`."""
    return [one for one in words("FREE_FROM") if one in avoided]
