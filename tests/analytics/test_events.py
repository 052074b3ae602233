"""Recording events: who is named and who is not, one write a request, nothing raised when Redis is away."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis

from app import create_app
from app.analytics import events
from app.core import redis
from app.core.stack import Stack
from tests import databases

PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/130 Mobile Safari/537.36"}


def test_without_the_visitor_cookie_an_event_names_nobody(app: Flask) -> None:
    with app.test_request_context("/en/", headers=PHONE, environ_base={"REMOTE_ADDR": "203.0.113.77"}):
        event = events.fields("product_view", product_id=7)
    assert event["session"] == event["user"] == ""
    assert not {"ip", "agent"} & set(event)
    assert json.loads(event["data"]) == {"product_id": 7}


def test_a_visitor_who_agreed_is_known_by_the_cookie_and_a_truncated_address(app: Flask) -> None:
    cookies = {**PHONE, "Cookie": "visitor=abc"}
    with app.test_request_context("/en/", headers=cookies, environ_base={"REMOTE_ADDR": "203.0.113.77"}):
        event = events.fields("product_view", product_id=7)
    assert (event["session"], event["ip"]) == ("abc", "203.0.113.0")
    assert event["agent"] == PHONE["User-Agent"]


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.77", "203.0.113.0"), ("2001:db8:1:2:3::9", "2001:db8:1::"), ("", ""), ("nonsense", "")],
)
def test_addresses_lose_their_last_part(address: str, network: str) -> None:
    assert events.truncated(address) == network


def test_a_shared_event_has_no_time_of_its_own(app: Flask) -> None:
    with app.test_request_context("/km/"):
        event = events.shared("product_view", product_id=7)
    assert "at" not in event
    assert event["session"] == ""


def test_an_unknown_kind_is_a_mistake(app: Flask) -> None:
    with app.test_request_context("/en/"), pytest.raises(ValueError, match="unknown event"):
        events.fields("sneeze")


def test_recording_outlives_redis(tmp_path: Path) -> None:
    """While Redis is away events wait in the process, in order; the first one after it is back brings them."""
    stack = Stack(tmp_path, wanted=["redis"])
    try:
        address = stack.start()["REDIS_URL"]
        settings = replace(databases.settings(databases.url("shop_template"), 14), REDIS_URL=address)
        app = create_app(settings)
        with app.test_request_context("/en/"):
            events.record("product_view", product_id=1)
            stack.halt("redis")
            for number in range(2, 30):
                events.record("product_view", product_id=number)
            stack.launch("redis")
            stack.wait("redis")
            cache = app.extensions["shop.redis"]
            while cache.breaker.is_open:
                pass
            events.record("product_view", product_id=30)
            assert not redis.is_away()
        with Redis.from_url(address) as client:
            found = [json.loads(fields[b"data"])["product_id"] for _, fields in client.xrange(events.STREAM)]  # type: ignore[union-attr]
        assert found == list(range(1, 31))
    finally:
        stack.stop()
