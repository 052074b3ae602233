"""A page out of the cache records its event too: of nobody, or of the visitor who agreed to be known."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask, Response

from app import create_app
from app.analytics import events
from app.core import page_cache, redis
from app.core.access import access
from tests import databases


@pytest.fixture
def cached(quiet: Flask) -> Iterator[Flask]:
    """A shop with the page cache on and one page that records a view."""
    settings = databases.settings(str(quiet.config["DATABASE_URL"]), 0)
    made = create_app(replace(settings, REDIS_URL=str(quiet.config["REDIS_URL"])), PAGE_CACHE_SECONDS=60)

    @made.get("/<any(en,km):lang>/try")
    @access("public")
    def look() -> Response:
        page_cache.cacheable(events.shared("product_view", product_id=7))
        events.record("product_view", product_id=7)
        return Response("seen")

    with made.app_context():
        yield made


def test_each_visit_is_one_event(cached: Flask) -> None:
    from app.core.shop import shop

    shop()
    visitors = ["", "anna", "", "anna", "boris"]
    for visitor in visitors:
        browser = cached.test_client()
        if visitor:
            browser.set_cookie("visitor", visitor)
        assert browser.get("/en/try").text == "seen"
    with redis.connection() as client:
        found = [fields for _, fields in client.xrange(events.STREAM)]  # type: ignore[union-attr]
        assert len(client.keys("shop:page:*")) == 1
    assert [fields[b"session"].decode() for fields in found] == visitors
    assert {json.loads(fields[b"data"])["product_id"] for fields in found} == {7}
    assert sum(b"at" in fields for fields in found) == 1
