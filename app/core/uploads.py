"""Where uploaded and demo pictures lie and the one view that serves them."""

from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, send_from_directory
from werkzeug.security import safe_join

from app.core.access import access
from app.core.errors import NotFound

bp = Blueprint("uploads", __name__)
PUBLIC_AREAS = {"products", "reviews", "profiles"}
SUFFIXES = {".webp": "image/webp", ".avif": "image/avif"}


def root() -> Path:
    """The folder that holds all areas."""
    return Path(current_app.config["UPLOAD_DIR"])


@bp.get("/uploads/<area>/<name>")
@access("public")
def file(area: str, name: str) -> Response:
    """One picture, immutable because its name is never used again."""
    suffix = Path(name).suffix
    if area not in PUBLIC_AREAS or suffix not in SUFFIXES or not safe_join(str(root()), area, name):
        raise NotFound
    response = send_from_directory(root() / area, name, mimetype=SUFFIXES[suffix], conditional=True)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def init_app(app: Flask) -> None:
    """Serve /uploads/<area>/<name>."""
    app.register_blueprint(bp)
