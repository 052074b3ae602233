"""Routes without a language: health, the way in, robots, sitemap, old spellings of Khmer."""

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from app.catalog import queries
from app.core.access import access
from app.core.assets import service_worker
from app.core.i18n import LANGUAGES, choose
from app.pages.health import readiness

bp = Blueprint("site", __name__)
PREFIX = ""


@bp.get("/healthz")
@access("public")
def healthz() -> Response:
    return Response("ok\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})


@bp.get("/readyz")
@access("public")
def readyz() -> Response:
    facts = readiness()
    response = jsonify(facts)
    response.headers["Cache-Control"] = "no-store"
    response.status_code = 200 if facts["postgres"] == "up" else 503
    return response


@bp.get("/")
@access("public")
def enter() -> Redirect:
    response = redirect(url_for("pages.home", lang=choose()), 302)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response


@bp.get("/kh/")
@bp.get("/kh/<path:rest>")
@access("public")
def old_khmer(rest: str = "") -> Redirect:
    query = request.query_string.decode("ascii", "ignore")
    return redirect(f"/km/{rest}" + (f"?{query}" if query else ""), 301)


@bp.get("/<any(en,km):lang>")
@access("public")
def without_slash() -> Redirect:
    return redirect(url_for("pages.home"), 301)


@bp.get("/robots.txt")
@access("public")
def robots() -> Response:
    return Response(render_template("pages/robots.txt"), mimetype="text/plain")


@bp.get("/sitemap.xml")
@access("public")
def sitemap() -> Response:
    page = render_template("pages/sitemap.xml", entries=queries.sitemap(), languages=LANGUAGES)
    return Response(page, mimetype="application/xml")


@bp.get("/sw.js")
@access("public")
def worker() -> Response:
    return Response(service_worker(), mimetype="text/javascript", headers={"Cache-Control": "no-cache"})
