"""The factory: settings, extensions, blueprints and commands come together here, and nothing imports it."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import cli
from app.config import ROOT, Settings, load
from app.core import (
    access,
    assets,
    db,
    errors,
    fragments,
    htmx,
    i18n,
    intake,
    limits,
    mongo,
    page_cache,
    redis,
    security,
    shop,
    sqlcount,
    templating,
    uploads,
)

EXTENSIONS = (
    db,
    page_cache,
    sqlcount,
    errors,
    i18n,
    intake,
    uploads,
    security,
    htmx,
    redis,
    mongo,
    limits,
    assets,
    shop,
    templating,
    fragments,
)


class Storefront(Flask):
    """A Flask without coroutines: it need not look for them at every call."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(settings: Settings | None = None, **overrides: object) -> Flask:
    """The shop as a Flask application. Raises BadSettings."""
    settings = settings or load()
    app = Storefront(
        "app", root_path=str(ROOT / "app"), template_folder=str(ROOT / "templates"), static_folder=None
    )
    app.request_class = intake.Request
    app.url_map.converters["int"] = intake.RowNumber
    app.config.update(settings.flask() | overrides)
    if settings.PROXY_HOPS:
        hops = settings.PROXY_HOPS
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    for extension in EXTENSIONS:
        extension.init_app(app)
    for module in domain_modules("models", "mails", "routes"):
        blueprint = getattr(module, "bp", None)
        if isinstance(blueprint, Blueprint):
            app.register_blueprint(blueprint, url_prefix=getattr(module, "PREFIX", "/<any(en,km):lang>"))
    cli.init_app(app)
    access.require_complete(app)
    return app


def domain_modules(*names: str) -> list[object]:
    """The domains' modules whose file names end in these names, in alphabetical order."""
    paths = [path for name in names for path in sorted(Path(__file__).parent.glob(f"*/*{name}.py"))]
    return [importlib.import_module(f"app.{path.parent.name}.{path.stem}") for path in paths]
