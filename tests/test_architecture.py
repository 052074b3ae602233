"""The house rules: file and function sizes, names, the route table, frozen URLs, one-commit rule, partials."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.core import access

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sorted((ROOT / "app").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
COMMITTERS = re.compile(r"app/(admin|api|demo)/|/(\w*routes|jobs|\w*commands|cli)\.py$|app/core/shop\.py$")
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "services_", "managers", "manager"}
VIEW_LINES, FUNCTION_LINES, FILE_LINES = 20, 40, 400


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    tree = ast.parse(path.read_text())
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def length(node: ast.FunctionDef) -> int:
    """Lines of the body without the docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_files_are_small() -> None:
    large = {name(p): n for p in PYTHON if (n := len(p.read_text().splitlines())) > FILE_LINES}
    pages = {name(p): n for p in TEMPLATES if (n := len(p.read_text().splitlines())) > 120}
    partials = {
        name(p): n
        for p in TEMPLATES
        if p.name.startswith("_") and (n := len(p.read_text().splitlines())) > 60
    }
    assert not large | pages | partials


def test_functions_are_small() -> None:
    long = {
        f"{name(p)}:{f.name}": n for p in PYTHON for f in functions(p) if (n := length(f)) > FUNCTION_LINES
    }
    assert not long


def test_views_are_leaves_of_twenty_lines() -> None:
    routes = [path for path in PYTHON if path.stem.endswith("routes")]
    long = {f"{name(p)}:{f.name}": n for p in routes for f in functions(p) if (n := length(f)) > VIEW_LINES}
    assert not long


def test_names_say_something() -> None:
    assert not [name(path) for path in PYTHON if path.stem in FORBIDDEN_NAMES]


def test_every_module_says_what_it_owns() -> None:
    silent = [
        name(path)
        for path in PYTHON
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


def test_only_the_outermost_layer_commits() -> None:
    guilty = [
        name(path)
        for path in PYTHON
        if ".commit()" in path.read_text() and not COMMITTERS.search("/" + name(path))
    ]
    assert guilty in ([], ["app/checkout/patience.py"])


def test_khmer_lives_in_catalogues() -> None:
    khmer = re.compile("[\u1780-\u17ff]")
    assert not [name(path) for path in PYTHON if khmer.search(path.read_text())]


def test_every_route_names_its_audience(app: Flask) -> None:
    assert not [
        endpoint for endpoint, audience in access.table(app).items() if audience not in access.AUDIENCES
    ]


def test_urls_are_frozen(app: Flask) -> None:
    """A URL that people may have kept does not change by accident: edit tests/urls.txt on purpose."""
    rules = sorted(
        f"{','.join(sorted((r.methods or set()) - {'HEAD', 'OPTIONS'}))} {r.rule}"
        for r in app.url_map.iter_rules()
    )
    assert "\n".join(rules) + "\n" == (ROOT / "tests" / "urls.txt").read_text()


def test_the_same_word_leads_everywhere() -> None:
    domains = {path.name for path in (ROOT / "app").iterdir() if path.is_dir() and path.name[0] != "_"}
    folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()}
    assert folders <= domains | {"ui", "errors", "email"}
    assert {p.name for p in (ROOT / "tests").iterdir() if p.is_dir() and p.name[0] != "_"} <= domains | {
        "e2e",
        "data",
        "running",
        "faults",
    }


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_templates_hold_no_script_style_or_trust(path: Path) -> None:
    text = path.read_text()
    assert not re.search(
        r"\|\s*safe\b|<script(?![^>]*(?:src=|type=\"application/(?:ld\+)?json\"))[^>]*>", text
    )
    assert not re.search(r"\shx-on|\sonclick=|javascript:", text)
    if not name(path).startswith(("templates/errors/50", "templates/email")):
        assert not re.search(r"\sstyle=|<style", text)


@pytest.mark.parametrize("path", [p for p in TEMPLATES if p.name.startswith("_")], ids=name)
def test_a_region_has_one_root_with_an_id(path: Path) -> None:
    text = re.sub(r"\{% macro.*?endmacro.*?%\}", "", path.read_text(), flags=re.DOTALL)
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", text, flags=re.DOTALL).strip()
    if not text or text.startswith("{{"):
        return
    assert re.match(r"<[a-z-]+[^>]*\sid=", text), "a region's root element carries a stable id"


def test_htmx_is_read_in_one_place() -> None:
    guilty = [
        name(path)
        for path in PYTHON
        if re.search(r"[\"']HX-(?!Request[\"'])", path.read_text())
        and path.name not in ("htmx.py", "page_cache.py")
    ]
    assert not guilty


def test_no_fetching_outside_payments_and_messaging() -> None:
    pattern = re.compile(
        r"^\s*(?:import|from) (?:requests|urllib\.request|http\.client|httpx|aiohttp)", re.MULTILINE
    )
    fetching = [name(p) for p in PYTHON if pattern.search(p.read_text())]
    assert not [
        p
        for p in fetching
        if not p.startswith(("app/checkout/payments/", "app/messaging/", "app/core/supervisor.py"))
    ]


def test_sql_is_never_formatted() -> None:
    """No f-string, % or .format inside text(...)."""
    for path in PYTHON:
        for node in ast.walk(ast.parse(path.read_text())):
            is_text = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "text" and node.args
            if is_text:
                assert not isinstance(node.args[0], ast.JoinedStr), f"{name(path)}:{node.lineno}"
