"""Whether products are still as this process remembers them; one cheap statement for all that a page shows.

A row's version is where and by which transaction it was written (`ctid`, `xmin`): no update leaves it as it was.
"""

from collections.abc import Collection

from app.core import db
from app.core.prepared import prepared

NEW_DAYS = 45
SEEN = prepared(
    """
    SELECT p.id, p.xmin::text || p.ctid::text AS version,
        coalesce(p.published_at, p.created_at) > now() - make_interval(days => :new_days) AS is_new
    FROM products p WHERE p.id = ANY(:ids)
    """
)
Seen = dict[int, tuple[str, bool]]


def seen(ids: Collection[int]) -> Seen:
    """The version of each product that there is, and whether it counts as new."""
    found = db.rows(SEEN, {"ids": list(ids), "new_days": NEW_DAYS})
    return {row.id: (row.version, row.is_new) for row in found}
