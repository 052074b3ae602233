"""Counts a request's SQL statements; a non-production shop tells them when asked by `X-Count-SQL: 1`."""

from contextvars import ContextVar
from typing import Any

from flask import Flask, Response, request
from sqlalchemy import event
from sqlalchemy.engine import Engine

statements: ContextVar[list[str] | None] = ContextVar("statements", default=None)
NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET LOCAL")


@event.listens_for(Engine, "before_cursor_execute")
def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    """Keep the statement's text while a count is on."""
    seen = statements.get()
    if seen is not None and not statement.startswith(NOT_COUNTED):
        seen.append(statement)


def init_app(app: Flask) -> None:
    """Answer X-SQL-Count outside production."""
    if app.config["SHOP_ENV"] == "production":
        return

    @app.before_request
    def start() -> None:
        if request.headers.get("X-Count-SQL") == "1":
            statements.set([])

    @app.after_request
    def tell(response: Response) -> Response:
        seen = statements.get()
        if seen is not None and request.headers.get("X-Count-SQL") == "1":
            response.headers["X-SQL-Count"] = str(len(seen))
            statements.set(None)
        return response
