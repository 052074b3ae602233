"""The shop behind a real port and a headless Chromium; without a browser these tests say how to get one."""

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    ViewportSize,
    sync_playwright,
)
from werkzeug.serving import make_server

from app.core import assets
from app.core.images import WIDTHS
from app.core.translations import compile_all
from app.demo import pictures
from tests import databases
from tests.conftest import FULL, TEMPLATE, close_app, make_app

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-software-rasterizer", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,
    "iframes": False,
}
AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
FORGET = "() => { try { sessionStorage.clear(); localStorage.clear() } catch {} }"
PATIENCE = 20_000
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1440, "height": 900}
Cell = tuple[str, ViewportSize, bool]
ALL: list[Cell] = [
    (lang, size, dark) for lang in ("en", "km") for size in (PHONE, DESK) for dark in (False, True)
]
FEW: list[Cell] = [("en", DESK, True), ("km", PHONE, False), ("en", PHONE, True), ("km", DESK, False)]


WAYS = [("km", False), ("en", True), ("km", True)]
ways = pytest.mark.parametrize(("lang", "scripts"), WAYS if FULL else WAYS[:2])


def spoken(first: str) -> pytest.MarkDecorator:
    """A journey in both languages; a small run takes it in one."""
    return pytest.mark.parametrize("lang", ["en", "km"] if FULL else [first])


def grid(cases: Iterable[str]) -> list[Any]:
    """Each case in all cells of the grid; a small run takes one cell a case, each in its turn."""
    return [
        pytest.param(case, cell, id=f"{case}-{cell[0]}-{cell[1]['width']}-{'dark' if cell[2] else 'light'}")
        for number, case in enumerate(cases)
        for cell in (ALL if FULL else [FEW[number % len(FEW)]])
    ]


def chromium() -> str:
    """The browser's program; skips outside CI when there is none."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        message = "no Chromium: install Debian's package `chromium` or set CHROMIUM to a browser's path"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.fixture(scope="session")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An upload folder in which every demo photograph is one small picture, so that no page misses any."""
    uploads = tmp_path_factory.mktemp("uploads")
    folder = uploads / pictures.AREA
    folder.mkdir()
    for kind in ("avif", "webp"):
        Image.new("RGB", (40, 50), "#d8d0c0").save(folder / f"small.{kind}")
    for source in pictures.SOURCES.rglob("*.webp"):
        stem = pictures.stem(str(source.relative_to(pictures.SOURCES)))
        (folder / f"{stem}.webp").hardlink_to(folder / "small.webp")
        for width in WIDTHS:
            for kind in ("avif", "webp"):
                (folder / f"{stem}-{width}.{kind}").hardlink_to(folder / f"small.{kind}")
    return uploads


@pytest.fixture(scope="session")
def live_app(worker: int, photographs: Path) -> Iterator[Flask]:
    """The shop on a clone of its own that browsers may change."""
    name = databases.new_name("browser")
    databases.clone(TEMPLATE, name)
    assets.build()
    compile_all()
    app = make_app(databases.url(name), worker + 4, UPLOAD_DIR=str(photographs))
    yield app
    close_app(app)
    databases.drop(name)


@pytest.fixture(scope="session")
def site(live_app: Flask) -> Iterator[str]:
    """The shop's address."""
    server = make_server("127.0.0.1", 0, live_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def rooms(browser: Browser, site: str) -> Iterator[Callable[[bool], BrowserContext]]:
    """One browser profile with scripts and one without, kept for the run so that files are fetched once."""
    kept: dict[bool, BrowserContext] = {}

    def room(scripts: bool) -> BrowserContext:
        if scripts not in kept:
            kept[scripts] = browser.new_context(
                java_script_enabled=scripts, reduced_motion="reduce", base_url=site, service_workers="block"
            )
            kept[scripts].set_default_timeout(PATIENCE)
        return kept[scripts]

    yield room
    for context in kept.values():
        context.close()


@dataclass
class Tab:
    """A page that is kept from test to test, so that none starts a process of its own; what went wrong in it."""

    page: Page
    wrong: list[str] = field(default_factory=list)

    def listen(self, site: str) -> None:
        self.page.on(
            "console", lambda message: self.wrong.append(message.text) if complaint(message) else None
        )
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("response", lambda reply: self.wrong.append(reply.url) if broken(reply, site) else None)

    def leave(self) -> list[str]:
        """Forget the visitor; what went wrong meanwhile."""
        self.page.unroute_all()
        self.page.evaluate(FORGET)
        self.page.goto("about:blank")
        self.page.context.clear_cookies()
        wrong, self.wrong = self.wrong, []
        return wrong


@pytest.fixture(scope="session")
def tabs() -> dict[bool, list[Tab]]:
    """Those that no test uses, with scripts and without."""
    return {True: [], False: []}


@pytest.fixture
def visit(
    rooms: Callable[[bool], BrowserContext], tabs: dict[bool, list[Tab]], site: str
) -> Iterator[Callable[..., Page]]:
    """`visit("/en/", DESK, dark=True, scripts=False)` opens a page; what goes wrong behind it fails the test."""
    used: list[tuple[bool, Tab]] = []

    def tab(scripts: bool) -> Tab:
        if tabs[scripts]:
            return tabs[scripts].pop()
        made = Tab(rooms(scripts).new_page())
        made.listen(site)
        return made

    def open_page(
        path: str, viewport: ViewportSize = PHONE, dark: bool = False, scripts: bool = True
    ) -> Page:
        used.append((scripts, tab(scripts)))
        page = used[-1][1].page
        page.set_viewport_size(viewport)
        page.emulate_media(media="screen", color_scheme="dark" if dark else "light")
        page.goto(path)
        return page

    yield open_page
    wrong = []
    for scripts, each in used:
        wrong += each.leave()
        tabs[scripts].append(each)
    assert not wrong, wrong


def complaint(message: ConsoleMessage) -> bool:
    """Errors and breaches of the content policy; a status of 4xx is judged by `broken`."""
    return message.type == "error" and "status of 4" not in message.text


def broken(answer: Response, site: str) -> bool:
    """Files that are missing, failures of the server, and whatever comes from elsewhere."""
    asked = answer.request.resource_type in ("document", "fetch", "xhr")
    return answer.status >= (500 if asked else 400) or not answer.url.startswith((site, "data:"))


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """The rules of WCAG 2.2 AA and best practice that a page breaks, with the first place."""

    def run(page: Page) -> list[str]:
        page.evaluate("() => Promise.all(document.getAnimations().map(a => a.finished.catch(() => 0)))")
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(AXE.read_text())
        found = page.evaluate("rules => axe.run(document, rules)", RULES)
        return [f"{rule['id']}: {rule['nodes'][0]['html'][:160]}" for rule in found["violations"]]

    return run
