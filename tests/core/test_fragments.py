"""Kept pieces of pages: found by their facts, drawn anew for others, and caught when they show more than that."""

from typing import Any

import pytest
from flask import Flask, render_template_string

from app.core import fragments

PIECE = "{% kept name, more %}{{ name }}/{{ more }}/{{ hidden }}{% endkept %}"


def drawn(**facts: Any) -> str:
    return render_template_string(PIECE, **facts)


@pytest.fixture
def kept(app: Flask, monkeypatch: pytest.MonkeyPatch) -> fragments.Memory:
    """A memory that trusts its templates, as in the running shop."""
    tag = app.jinja_env.extensions[fragments.Kept.identifier]
    memory = fragments.Memory(verify=False)
    monkeypatch.setattr(tag, "memory", memory)
    return memory


def test_a_piece_is_drawn_once_for_the_same_facts(app: Flask, kept: fragments.Memory) -> None:
    with app.test_request_context("/en/"):
        assert drawn(name="Sokha", more=[1], hidden="a") == "Sokha/[1]/a"
        assert drawn(name="Sokha", more=[1], hidden="b") == "Sokha/[1]/a"
        assert drawn(name="Sokha", more=[2], hidden="b") == "Sokha/[2]/b"
        assert len(kept.pieces) == 2


def test_a_piece_that_shows_more_than_its_facts_is_caught(app: Flask) -> None:
    with app.test_request_context("/en/"):
        drawn(name="Dara", more=None, hidden="a")
        with pytest.raises(fragments.Stale):
            drawn(name="Dara", more=None, hidden="b")


def test_the_memory_has_an_end(kept: fragments.Memory) -> None:
    for number in range(20):
        kept.keep(number, "x" * (fragments.MOST_BYTES // 10))
        assert kept.size <= fragments.MOST_BYTES
    assert 0 < len(kept.pieces) < 10


def test_texts_of_strangers_are_facts_like_others(app: Flask, kept: fragments.Memory) -> None:
    """A review may say anything, what looks like Python too."""
    strange = "<app.Thing object at 0x7f00> \ud800 'quoted\" \x00"
    with app.test_request_context("/en/"):
        drawn(name="Bopha", more=[strange], hidden="a")
        assert drawn(name="Bopha", more=[strange], hidden="b").endswith("/a")
        assert drawn(name="Bopha", more=[strange + "!"], hidden="b").endswith("/b")
