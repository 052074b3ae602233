"""The shop behind a real port and a headless Chromium; without a browser these tests say how to get one."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from app.core import assets
from app.core.translations import compile_all
from tests import databases
from tests.conftest import TEMPLATE, close_app, make_app

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


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
def live_app(worker: int) -> Iterator[Flask]:
    """The shop on a clone of its own that browsers may change."""
    name = databases.new_name("browser")
    databases.clone(TEMPLATE, name)
    assets.build()
    compile_all()
    app = make_app(databases.url(name), worker + 4)
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


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """`visit("/en/", width=..., dark=True, scripts=False)` opens a page; console errors fail the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(path: str, viewport: Any = None, dark: bool = False, scripts: bool = True) -> Page:
        context = browser.new_context(
            viewport=viewport or PHONE,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
            base_url=site,
            service_workers="block",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    unexpected = [error for error in errors if "status of 4" not in error]
    assert not unexpected, unexpected


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """The rules of WCAG 2.2 AA and best practice that a page breaks, with the first place."""

    def run(page: Page) -> list[str]:
        page.evaluate("() => Promise.all(document.getAnimations().map(a => a.finished.catch(() => 0)))")
        page.evaluate(AXE.read_text())
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found = page.evaluate("tags => axe.run(document, {runOnly: tags})", tags)
        return [f"{rule['id']}: {rule['nodes'][0]['html'][:160]}" for rule in found["violations"]]

    return run
