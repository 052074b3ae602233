"""Where uploaded and demo pictures lie, the view that serves public ones, and who may send large requests."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from flask import Blueprint, Flask, Response, current_app, request, send_from_directory
from werkzeug.security import safe_join

from app.core import images
from app.core.access import access
from app.core.errors import NotFound

bp = Blueprint("uploads", __name__)
PUBLIC_AREAS = {"products", "reviews", "profiles"}
SUFFIXES = {".webp": "image/webp", ".avif": "image/avif"}
View = TypeVar("View", bound=Callable[..., Any])


def takes_photos(count: int) -> Callable[[View], View]:
    """Let a view's requests carry so many photos of the largest size (beneath the route and `access`)."""

    def mark(view: View) -> View:
        view.__dict__["photos"] = count
        return view

    return mark


def root() -> Path:
    """The folder that holds all areas."""
    return Path(current_app.config["UPLOAD_DIR"])


def serve(area: str, name: str) -> Response:
    """One kept picture as an answer that can do nothing but be looked at. Raises NotFound.

    Views of private areas (slips, returns) check the owner first and add `security.no_store`.
    """
    suffix = Path(name).suffix
    if suffix not in SUFFIXES or name.startswith(".") or not safe_join(str(root()), area, name):
        raise NotFound
    response = send_from_directory(root() / area, name, mimetype=SUFFIXES[suffix], conditional=True)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Content-Disposition"] = "inline"
    return response


@bp.get("/uploads/<area>/<name>")
@access("public")
def file(area: str, name: str) -> Response:
    """One public picture, immutable because its name is never used again."""
    if area not in PUBLIC_AREAS:
        raise NotFound
    response = serve(area, name)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@contextmanager
def kept(files: Sequence[Any], area: str, widths: tuple[int, ...]) -> Iterator[list[str]]:
    """Addresses of uploaded photos, re-encoded; an error inside deletes them. Raises BadPicture, Busy."""
    addresses: list[str] = []
    try:
        for file in files:
            picture = images.accept(file)
            addresses.append(images.keep(picture, root(), area, widths))
        yield addresses
    except BaseException:
        drop(addresses)
        raise


def drop(addresses: Iterable[str]) -> None:
    """Delete the files of these pictures."""
    for address in addresses:
        images.remove(root(), address)


def make_room() -> None:
    """Raise the request's size limit for the views that take photos."""
    view = current_app.view_functions.get(request.endpoint or "")
    photos = getattr(view, "photos", 0)
    if photos:
        request.max_content_length = photos * images.MOST_BYTES + current_app.config["MAX_CONTENT_LENGTH"]


def init_app(app: Flask) -> None:
    """Serve /uploads/<area>/<name>."""
    app.before_request(make_room)
    app.register_blueprint(bp)
