"""The worker's part in forgetting people: traces in MongoDB go, and whatever late events brought back."""

from app.accounts import pictures
from app.analytics import store
from app.core import db, mongo, uploads
from app.core.runs import Run
from app.privacy.erase import GONE

LATE_DAYS = 14


def forget(run: Run) -> dict[str, int]:
    """Forget the traces of everybody who left in the last fortnight, and sweep pictures that nobody shows.

    It may run any number of times. Raises PyMongoError.
    """
    run.step("pictures")
    swept = pictures.sweep(uploads.root())
    people = [row.id for row in db.rows(GONE, {"days": LATE_DAYS})]
    run.step("traces")
    with mongo.opened() as database:
        changed = store.forget(database, people) if people else 0
    return {"people": len(people), "documents": changed, "pictures": swept}
