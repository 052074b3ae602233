"""By the clock: tell those who wait for what came back unnoticed, and clear lists of guests long gone."""

from app.core.db import db
from app.core.runs import Run
from app.wishlist import alerts, saved

GUEST_DAYS = 60
TOLD_DAYS = 30


def look_after(run: Run) -> dict[str, int]:
    """Catch up on back in stock messages; how many were told."""
    run.step("wishlist")
    told = alerts.catch_up()
    alerts.forget_old(TOLD_DAYS)
    saved.forget_old(GUEST_DAYS)
    db.session.commit()
    return {"told": told}
