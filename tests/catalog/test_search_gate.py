"""The search gate: hit rates on the query files, whatever the locale of the database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app import create_app
from app.catalog import search_trial
from app.core.db import db
from tests import databases

FILES = Path(__file__).parent.parent / "data" / "search"
QUERIES = [FILES / f"queries_{number}.tsv" for number in (1, 2, 3, 4)]


@pytest.fixture(params=["C.UTF-8", "C"])
def empty_shop(request: pytest.FixtureRequest, worker: int) -> Iterator[Flask]:
    """A shop on a new database without a single table, of either locale."""
    name = databases.new_name("gate")
    databases.create(name, request.param)
    app = create_app(databases.settings(databases.url(name), worker))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    databases.drop(name)


def test_search_meets_its_gate(empty_shop: Flask) -> None:
    scores = search_trial.evaluate(FILES / "products.tsv", FILES / "aliases.tsv", QUERIES)
    first, second, *own = (score.hits / score.asked for score in scores)
    assert first >= 0.97
    assert second >= 0.93
    assert min(own) >= 0.90
    assert [score.false for score in scores[:2]] == [0, 0]
    assert sum(score.false for score in scores[2:]) <= 1


@pytest.mark.parametrize("empty_shop", ["C"], indirect=True)
def test_an_evaluation_leaves_nothing_behind(empty_shop: Flask) -> None:
    count = text("SELECT (SELECT count(*) FROM pg_namespace), (SELECT count(*) FROM pg_class)")
    before = db.session.execute(count).one()
    search_trial.evaluate(FILES / "products.tsv", FILES / "aliases.tsv", QUERIES[1:2], pad=100)
    assert db.session.execute(count).one() == before


@pytest.mark.parametrize("empty_shop", ["C"], indirect=True)
def test_the_command_prints_a_line_for_each_file(empty_shop: Flask) -> None:
    told = [
        "search",
        "evaluate",
        "--products",
        str(FILES / "products.tsv"),
        "--aliases",
        str(FILES / "aliases.tsv"),
    ]
    queries = ["--queries", str(QUERIES[0]), "--queries", str(QUERIES[1])]
    answer = empty_shop.test_cli_runner().invoke(args=[*told, *queries])
    assert answer.exit_code == 0, answer.output
    lines = answer.output.splitlines()
    assert [line.split(":")[0] for line in lines] == ["queries_1.tsv", "queries_2.tsv"]
    assert "hit@5 1.000  false 0/8  p95 " in lines[0]
