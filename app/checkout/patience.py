"""Runs one transaction to its commit, again after a deadlock, a lock wait or a restart of PostgreSQL."""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from app.core.db import db
from app.core.errors import Busy

T = TypeVar("T")
COLLISIONS = {"40P01", "55P03", "40001"}
RESTARTS = {None, "57P01", "57P02", "57P03"}
STUCK = "57014"
ONCE = "uq_orders_idempotency_key"
COLLISION_WAITS = (0.02, 0.06, 0.2)
RESTART_WAITS = (0.4, 0.8, 1.2, 1.6, 2.0)


def patiently(work: Callable[[], T], sleep: Callable[[float], None] = time.sleep) -> T:
    """The work's answer, committed. `work` must be safe to repeat. Raises Busy when patience ends."""
    waits = {"collision": list(COLLISION_WAITS), "restart": list(RESTART_WAITS)}
    while True:
        try:
            answer = work()
            db.session.commit()
        except DBAPIError as error:
            trouble = kind(error)
            _abandon()
            if trouble is None:
                raise
            if not waits.get(trouble):
                raise Busy from error
            sleep(waits[trouble].pop(0) * random.uniform(0.7, 1.3))
        except BaseException:
            _abandon()
            raise
        else:
            return answer


def kind(error: DBAPIError) -> str | None:
    """What to make of a database error: collision, restart or stuck; None is a fault of ours."""
    code = getattr(error.orig, "pgcode", None)
    if code in COLLISIONS or (isinstance(error, IntegrityError) and ONCE in str(error.orig)):
        return "collision"
    if code == STUCK:
        return "stuck"
    away = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
    return "restart" if away and (code in RESTARTS or str(code).startswith("08")) else None


def _abandon() -> None:
    with suppress(DBAPIError):
        db.session.rollback()
        return
    db.session().invalidate()
