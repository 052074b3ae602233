"""The embedded servers: up on free ports, data kept over a kill, the right locale, nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import redis
from pymongo import MongoClient

from app.core import postgres, services
from app.core.processes import session_members
from app.core.stack import Stack, StackError


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that everybody may enter."""
    made = tmp_path_factory.mktemp("stack")
    made.chmod(0o755)
    return made


@pytest.fixture
def stack(folder: Path) -> Iterator[Stack]:
    made = Stack(folder)
    yield made
    made.stop()


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def test_all_three_keep_their_data_when_killed(stack: Stack) -> None:
    urls = stack.start()
    ask(urls["DATABASE_URL"], "CREATE TABLE kept AS SELECT 7 AS n")
    with redis.from_url(urls["REDIS_URL"]) as valkey:
        valkey.set("kept", "7")
        assert valkey.config_get("appendonly") == {"appendonly": "yes"}
    with MongoClient(urls["MONGODB_URI"]) as client:
        client.shop.kept.insert_one({"n": 7})
    time.sleep(1.1)
    pids = [process.pid for process in stack.processes.values()]
    for name in ("mongodb", "redis", "postgres"):
        stack.halt(name, signal.SIGKILL)
    assert [pid for leader in pids for pid in session_members(leader)] == []
    again = stack.start()
    assert again == urls
    assert ask(urls["DATABASE_URL"], "SELECT n FROM kept") == [(7,)]
    with redis.from_url(urls["REDIS_URL"]) as valkey:
        assert valkey.get("kept") == b"7"
    with MongoClient(urls["MONGODB_URI"]) as client:
        assert client.shop.kept.count_documents({"n": 7}) == 1


def test_the_locale_is_ours_whatever_the_environment_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    stack = Stack(folder, {"postgres"})
    try:
        url = stack.start()["DATABASE_URL"]
        rows = ask(
            url, "SELECT datcollate, datctype, pg_encoding_to_char(encoding), datname FROM pg_database"
        )
        assert ("C.UTF-8", "C.UTF-8", "UTF8", "shop") in rows
        assert ask(url, "SELECT chr(6016) ~ '\\w', upper(chr(233)) = chr(201)") == [(True, True)]
    finally:
        stack.stop()


def test_only_what_is_wanted_runs(folder: Path) -> None:
    stack = Stack(folder, {"redis"})
    try:
        assert list(stack.start()) == ["REDIS_URL"]
        assert list(stack.processes) == ["redis"]
    finally:
        stack.stop()


def test_killed_parent_leaves_no_server(folder: Path) -> None:
    program = (
        "import sys\nfrom app.core.stack import Stack\nstack = Stack(sys.argv[1])\nstack.start()\n"
        "print(*(p.pid for p in stack.processes.values()), flush=True)\nsys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": "."},
    )
    with parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert len(pids) == 3
        parent.kill()
    deadline = time.monotonic() + 30
    while any(services.birth(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [pid for pid in pids if services.birth(pid)]


def test_a_forgotten_server_is_ended_first(folder: Path) -> None:
    first, second = Stack(folder, {"redis"}), Stack(folder, {"redis"})
    first.start()
    try:
        second.start()
        assert first.gone() == ["redis"]
        assert second.gone() == []
    finally:
        first.stop()
        second.stop()


def test_a_pid_file_of_a_crash_does_not_stop_the_next_start(folder: Path) -> None:
    stack = Stack(folder, {"postgres"})
    try:
        stack.start()
        stack.stop()
        (folder / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{folder / 'postgres'}\n1\n")
        stack.start()
    finally:
        stack.stop()


def test_another_version_of_the_data_is_refused(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(postgres.PostgresError, match="16"):
        Stack(folder, {"postgres"}).start()


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    stack = Stack(folder, {"redis"}, ports={"redis": 1})
    (folder / "valkey").mkdir()
    (folder / "valkey" / "appendonlydir").write_text("not a folder")
    with pytest.raises(StackError, match="Valkey did not start"):
        stack.start()
    assert stack.processes == {}
