"""The home page and the page for travellers without a connection."""

from flask import Blueprint, Response, make_response, render_template

from app.catalog.vocabulary import GROUPS, words
from app.core import page_cache
from app.core.access import access
from app.pages.home import home as gather

bp = Blueprint("pages", __name__)


@bp.get("/")
@access("public")
def home() -> Response:
    page_cache.cacheable()
    page = render_template("pages/home.html", home=gather(), groups=GROUPS, skin_types=words("SKIN_TYPES"))
    return make_response(page)


@bp.get("/offline")
@access("public")
def offline() -> Response:
    page_cache.cacheable()
    return make_response(render_template("pages/offline.html"))
