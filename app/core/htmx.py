"""The only place that reads or writes HX headers (htmx 4 through flask-htmx)."""

from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request
from flask_htmx import HTMX

client = HTMX()


def init_app(app: Flask) -> None:
    """Attach flask-htmx."""
    client.init_app(app)
    app.add_template_global(is_partial)


def is_partial() -> bool:
    """Whether htmx asks for a region (not a boosted page, not a history restore)."""
    if not client or client.history_restore_request:
        return False
    return request.headers.get("HX-Request-Type", "partial") == "partial"


def wants(target: str) -> bool:
    """Whether the answer goes into the element with that id (HX-Target is `tag#id`)."""
    return request.headers.get("HX-Target", "").rpartition("#")[2] == target


def source_url() -> str | None:
    """The address of the page from which htmx asks."""
    found = client.current_url if client else None
    return str(found) if found else None


def page_or(page: str, part: str, **context: Any) -> Response:
    """The region `part` for htmx, else the full `page` that includes it."""
    return make_response(render_template(part if is_partial() else page, **context))


def parts(main: str, *others: str, **context: Any) -> Response:
    """The region `main` followed by out-of-band regions (their templates heed `oob`)."""
    html = [render_template(main, **context)]
    html += [render_template(other, oob=True, **context) for other in others]
    return make_response("\n".join(html))


def go(url: str) -> Response:
    """Send the reader to `url`: 303, or HX-Redirect for htmx."""
    if is_partial():
        response = make_response("", 200)
        response.headers["HX-Redirect"] = url
        return response
    return make_response(redirect(url, 303))


def unchanged() -> Response:
    """Leave the page as it is: whoever asks may be on the way to another one, and would be called back from it."""
    return Response(status=204)


def push(response: Response, url: str) -> Response:
    """Put `url` into the address bar."""
    response.headers["HX-Push-Url"] = url
    return response


def toast(message: str) -> Response:
    """A message that never lands in the region that asked."""
    response = make_response(render_template("ui/_toast.html", message=message))
    response.headers["HX-Retarget"] = "#toasts"
    response.headers["HX-Reswap"] = "innerHTML"
    return response
