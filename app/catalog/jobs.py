"""What the worker does for the catalogue: each night the search's words are counted afresh."""

from typing import Any

from app.catalog import search_index
from app.core.db import db
from app.core.runs import Run
from app.core.shop import touch_catalogue


def count_search_words(run: Run) -> dict[str, Any]:
    """In how many products each word stands, after a day of changes to single products."""
    run.step("words")
    search_index.count_tokens()
    db.session.commit()
    touch_catalogue()
    return {}
